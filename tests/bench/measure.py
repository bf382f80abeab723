# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""measure.py: read what the kernel knows about a tracer: its BPF programs and maps, its CPU time, its memory."""
import ctypes
import json
import os
import subprocess
import sys
from collections import namedtuple

Program = namedtuple("Program", "name ns runs missed")


class Failure(Exception):
    """A measurement that could not be made; its text goes where the number would be."""


def bpftool(*args):
    done = subprocess.run(["bpftool", "-j", *args], capture_output=True, text=True, check=False)
    if done.returncode:
        raise Failure("bpftool: " + (done.stdout or done.stderr).strip()[:80])
    return json.loads(done.stdout or "[]")


def _ids(pid, key):
    """The BPF objects that a process holds open. bpftool names owners only where it was built with a skeleton of its own."""
    found = set()
    try:
        names = os.listdir(f"/proc/{pid}/fdinfo")
    except OSError as e:
        raise Failure("it has gone") from e
    for name in names:
        try:
            with open(f"/proc/{pid}/fdinfo/{name}", encoding="ascii") as f:
                info = dict(line.split(":\t", 1) for line in f if ":\t" in line)
        except (OSError, ValueError):
            continue
        if key in info:
            found.add(int(info[key]))
    return found


def programs(pid):
    """{id: Program} of all that the process has loaded, iterators included, as far as they have run by now."""
    mine = _ids(pid, "prog_id")
    return {
        p["id"]: Program(p.get("name", "?"), p.get("run_time_ns", 0), p.get("run_cnt", 0), p.get("recursion_misses", 0))
        for p in bpftool("prog", "show")
        if p["id"] in mine
    }


def attached(pid):
    """{program id: tracepoint or function} of what is attached by links and by perf events alike."""
    mine = _ids(pid, "prog_id")
    links = {p["prog_id"]: p.get("tp_name") or p["type"] for p in bpftool("link", "show") if p.get("prog_id") in mine}
    # Knows what a perf event is of, which a link to one does not.
    perf = [p for p in bpftool("perf", "show") if p["pid"] == pid]
    events = {p["prog_id"]: p.get("tracepoint") or p.get("func") or p.get("fd_type") for p in perf}
    return links | events


def map_bytes(pid):
    mine = _ids(pid, "map_id")
    return sum(int(m.get("bytes_memlock", 0)) for m in bpftool("map", "show") if m["id"] in mine)


def cpu_seconds(pid):
    """utime + stime of all threads, to the ns where the kernel says so (schedstat) and to 10 ms elsewhere."""
    try:
        total = 0
        for tid in os.listdir(f"/proc/{pid}/task"):
            with open(f"/proc/{pid}/task/{tid}/schedstat", encoding="ascii") as f:
                total += int(f.read().split()[0])
        return total / 1e9
    except OSError:
        return sum(map(int, _stat(pid)[11:13])) / os.sysconf("SC_CLK_TCK")


def _stat(pid):
    """The fields of /proc/PID/stat from the third on: the second may hold anything."""
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as f:
            return f.read().rpartition(")")[2].split()
    except OSError as e:
        raise Failure("it has gone") from e


def is_asleep(pid):
    return _stat(pid)[0] == "S"


def rss_bytes(pid):
    with open(f"/proc/{pid}/status", encoding="utf-8", errors="replace") as f:
        for line in f:
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) * 1024
    raise Failure("no VmRSS")


def kernel_bytes():
    """What BPF maps are made of, whoever asked for it."""
    with open("/proc/meminfo", encoding="ascii") as f:
        return sum(int(line.split()[1]) * 1024 for line in f if line.startswith(("Slab:", "Percpu:")))


def stats_are_on():
    with open("/proc/sys/kernel/bpf_stats_enabled", encoding="ascii") as f:
        return f.read().strip() != "0"


def _libbpf():
    try:
        return ctypes.CDLL("libbpf.so.1", use_errno=True)
    except OSError as e:
        raise Failure("no libbpf.so.1") from e


# struct bpf_prog_info, include/uapi/linux/bpf.h: its size when verified_insns came (5.16), and where that is. bpftool does not show it.
PROG_INFO_BYTES = 224
VERIFIED_INSNS = 216


def verified_instructions(pid):
    """How many instructions the verifier processed for the programs that the process holds; None: the kernel does not tell."""
    libbpf = _libbpf()
    total = 0
    for number in _ids(pid, "prog_id"):
        info, size = ctypes.create_string_buffer(PROG_INFO_BYTES), ctypes.c_uint32(PROG_INFO_BYTES)
        fd = libbpf.bpf_prog_get_fd_by_id(number)
        if fd < 0:
            raise Failure("bpf_prog_get_fd_by_id: " + os.strerror(ctypes.get_errno()))
        failed = libbpf.bpf_obj_get_info_by_fd(fd, info, ctypes.byref(size))
        os.close(fd)
        if failed or size.value < PROG_INFO_BYTES:
            return None
        total += int.from_bytes(info[VERIFIED_INSNS : VERIFIED_INSNS + 4], sys.byteorder)
    return total or None


class BpfStats:
    """run_time_ns and run_cnt count while this is open. A descriptor, not the sysctl: it ends with us, however we end."""

    def __enter__(self):
        self.fd = _libbpf().bpf_enable_stats(0)  # BPF_STATS_RUN_TIME
        if self.fd < 0:
            raise Failure("BPF_ENABLE_STATS: " + os.strerror(ctypes.get_errno()))
        return self

    def __exit__(self, *_):
        os.close(self.fd)
