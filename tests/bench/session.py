# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""session.py: the two things that run during a measurement: a tracer, and traffic in a network namespace of its own."""
import fcntl
import json
import os
import pty
import select
import signal
import struct
import subprocess
import termios
import threading
import time

import measure
from measure import Failure

READY_SECONDS = 180
STOP_SECONDS = 180
TRAFFIC_SECONDS = 900

TRANSITION = "inet_sock_set_state"

# The namespace is left only when we say so, as its TIME_WAITs go with it, and they are part of what is measured. Its end is
# seen by the limit of a user namespace that has room for one network namespace: the next fits in once the kernel is through
# with the last one, TIME_WAITs and all.
STAGE = r"""
echo 1 > /proc/sys/user/max_net_namespaces || exit
unshare -n sh -c '
	ip link set lo up && echo 4000000 > /proc/sys/net/ipv4/tcp_max_tw_buckets && "$@" < /dev/null && read -r _
' sh "$@" || exit
until unshare -n true 2> /dev/null; do sleep 0.01; done
"""


def last_line(path):
    with open(path, "rb") as f:
        lines = [line for line in f.read()[-4096:].decode("utf-8", "replace").splitlines() if line.strip()]
    return lines[-1] if lines else ""


class Traffic:
    """Connections made, their TIME_WAITs still there until the block ends; then they have been purged."""

    def __init__(self, scratch, connections, mode, endpoints=1):
        self.errors = os.path.join(scratch, "traffic.err")
        self.argv = [os.environ["TRAFFIC"], "-n", str(connections), "-m", mode, "-e", str(endpoints)]
        self.result = None

    def __enter__(self):
        with open(self.errors, "wb") as errors:
            self.proc = subprocess.Popen(
                ["unshare", "--user", "--map-root-user", "sh", "-c", STAGE, "sh", *self.argv],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                start_new_session=True,
            )
        try:
            if not select.select([self.proc.stdout], [], [], TRAFFIC_SECONDS)[0]:
                raise Failure("traffic: no end")
            line = self.proc.stdout.readline()
            if not line:
                self.proc.wait()
                raise Failure("traffic: " + (last_line(self.errors) or f"exit status {self.proc.returncode}"))
            self.result = json.loads(line)
            if not self.result["connections"] or self.result["seconds"] <= 0:
                raise Failure("traffic: no connections")
        except ValueError as e:
            self._kill()
            raise Failure("traffic: its JSON line does not parse") from e
        except BaseException:
            self._kill()
            raise
        return self

    def __exit__(self, kind, *_):
        if kind:
            self._kill()
            return
        try:
            self.proc.communicate(b"\n", timeout=TRAFFIC_SECONDS)
        except BaseException as e:
            self._kill()
            raise Failure("traffic: its namespace does not end") from e
        if self.proc.returncode:
            raise Failure("traffic: " + last_line(self.errors))

    def _kill(self):
        """The session that it leads is its own, so nothing else is in the group."""
        if self.proc.returncode is None:
            os.killpg(self.proc.pid, signal.SIGKILL)
            self.proc.wait()
        self.proc.stdin.close()
        self.proc.stdout.close()

    @property
    def connections(self):
        return self.result["connections"]

    @property
    def rate(self):
        return self.result["connections"] / self.result["seconds"]


class Terminal:
    """A wide one, of which somebody reads, whatever it shows."""

    def __init__(self):
        self.ours, self.theirs = pty.openpty()
        fcntl.ioctl(self.theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 50, 200, 0, 0))
        threading.Thread(target=self._drain, daemon=True).start()

    def _drain(self):
        try:
            while os.read(self.ours, 65536):
                pass
        except OSError:  # nobody has it open any more
            os.close(self.ours)


class Tracer:
    """A contender that runs, its stdout in a file. No tracer at all is one too: everything about it is nothing."""

    def __init__(self, contender, scratch):
        self.contender = contender
        self.out = os.path.join(scratch, "tracer.out")
        self.err = os.path.join(scratch, "tracer.err")
        self.proc = None
        self.cpu = None

    def __enter__(self):
        if self.contender.argv is None:
            return self
        started = time.monotonic()
        self.proc = self._popen()
        try:
            self._wait_ready()
            self.ready_seconds = time.monotonic() - started
            self.hooks = measure.attached(self.proc.pid)
            self.cpu_ready = measure.cpu_seconds(self.proc.pid)
        except BaseException:
            self._kill()
            raise
        return self

    def _popen(self):
        argv = self.contender.argv
        with open(self.out, "wb") as out, open(self.err, "wb") as err:
            if not self.contender.on_terminal:
                return subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=out, stderr=err)
            terminal = Terminal()
            try:
                return subprocess.Popen(argv, stdin=terminal.theirs, stdout=terminal.theirs, stderr=err, env={**os.environ, "TERM": "xterm-256color"},
                                        start_new_session=True)
            finally:
                os.close(terminal.theirs)

    def _wait_ready(self):
        until = time.monotonic() + READY_SECONDS
        while time.monotonic() < until:
            if self.proc.poll() is not None:
                raise Failure(last_line(self.err) or f"exit status {self.proc.returncode}")
            if self._is_ready():
                return
            time.sleep(0.001 if self.contender.says_ready else 0.02)  # a start takes some tens of ms, or hundreds
        raise Failure("not ready")

    def _is_ready(self):
        if self.contender.says_ready:
            with open(self.err, "rb") as f:
                return self.contender.says_ready in f.read()
        # Attached, and waiting for events to come
        return TRANSITION in measure.attached(self.proc.pid).values() and measure.is_asleep(self.proc.pid)

    def check(self):
        if self.proc and self.proc.poll() is not None:
            raise Failure(last_line(self.err) or f"exit status {self.proc.returncode}")

    def programs(self):
        return measure.programs(self.proc.pid) if self.proc else {}

    def transition_programs(self):
        return [i for i, hook in self.hooks.items() if hook == TRANSITION]

    def stop(self):
        """On Ctrl-C it says what it has left to say. Its CPU time up to its very end, without that of its start."""
        if not self.proc or self.proc.returncode is not None:
            return
        self.proc.send_signal(signal.SIGINT)
        until = time.monotonic() + STOP_SECONDS
        while time.monotonic() < until:
            pid, status, usage = os.wait4(self.proc.pid, os.WNOHANG)
            if pid:
                self.proc.returncode = os.waitstatus_to_exitcode(status)
                self.cpu = max(0.0, usage.ru_utime + usage.ru_stime - self.cpu_ready)
                return
            time.sleep(0.01)
        self._kill()
        raise Failure("does not stop")

    def reported(self):
        count = self.contender.count
        return count(self.out) if count else None

    def _kill(self):
        if self.proc.returncode is None:
            self.proc.kill()
            self.proc.wait()

    def __exit__(self, kind, *_):
        if self.proc and self.proc.returncode is None:
            if kind:
                self._kill()
            else:
                self.stop()
