# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""growth.py: how twtrace's cost grows with connections and endpoints, and what it takes in user space and memory."""
import contextlib
import os
import statistics

import measure
from contenders import null_contender, table_contender
from measure import Failure
from rounds import bpf_cost
from session import Tracer, Traffic

CONNECTIONS = (1_000, 10_000, 100_000, 1_000_000)
ENDPOINTS = (1, 100, 10_000, 100_000)
WITH_ENDPOINTS = 100_000  # connections to spread over the endpoints
REPEAT_UP_TO = 100_000  # a bigger run is its own average
REPEATS = 3

LIVE = 100_000
LIVE_ENDPOINTS = 10_000


def points(limit):
    """(connections, endpoints) as far as the limit goes, each once."""
    wanted = [(n, 1) for n in CONNECTIONS] + [(WITH_ENDPOINTS, e) for e in ENDPOINTS]
    return list(dict.fromkeys((min(n, limit), e) for n, e in wanted if e <= limit))


def room(limit):
    """As many records as the biggest run has connections and TIME_WAITs, for all runs, so that only the load differs."""
    return ("--max-connections", str(max(262144, 2 * limit)))


def ns_per_connection(contender, scratch, connections, mode, endpoints):
    with Tracer(contender, scratch) as tracer:
        return bpf_cost(tracer, scratch, connections, mode, endpoints)["ns"]


def grow(scratch, limit, mode, say):
    rows = []
    for connections, endpoints in points(limit):
        row = {"connections": connections, "endpoints": endpoints}
        repeats = REPEATS if connections <= REPEAT_UP_TO else 1
        got = {"null": [], "twtrace": []}
        try:
            for _ in range(repeats):
                for c in (null_contender(), table_contender(*room(limit))):
                    got[c.name].append(ns_per_connection(c, scratch, connections, mode, endpoints))
            row |= {name: statistics.median(ns) for name, ns in got.items()}
            row["to_null"] = statistics.median(t / n for t, n in zip(got["twtrace"], got["null"]))
        except (Failure, OSError) as e:
            row["failed"] = str(e)
        say(f"growth: {connections} connections, {endpoints} endpoints: " + (row.get("failed") or f"{row['twtrace']:.0f} ns"))
        rows.append(row)
    return rows


def live(scratch, limit, mode):
    """
    One run with its TIME_WAITs still there. The kernel's own memory for them is in Slab as well, so a run without a tracer tells
    how much of it is not ours.
    """
    connections, endpoints = min(LIVE, limit), min(LIVE_ENDPOINTS, limit)
    got = {"connections": connections, "endpoints": endpoints}
    try:
        before = measure.kernel_bytes()
        with Traffic(scratch, connections, mode, endpoints):
            kernel_alone = measure.kernel_bytes() - before
        with Tracer(table_contender(), scratch) as tracer:
            pid = tracer.proc.pid
            got["maps_idle"], slab, got["rss_idle"] = measure.map_bytes(pid), measure.kernel_bytes(), measure.rss_bytes(pid)
            with Traffic(scratch, connections, mode, endpoints) as traffic:
                tracer.check()
                got["rss"] = measure.rss_bytes(pid)
                got["maps"] = measure.map_bytes(pid)
                got["slab"] = measure.kernel_bytes() - slab - kernel_alone
            tracer.stop()
            got["made"] = traffic.connections
            got["cpu"] = tracer.cpu / (2 * traffic.connections) * 1e6
            with contextlib.suppress(OSError):
                got["output"] = os.path.getsize(tracer.out)
    except (Failure, OSError) as e:
        got["failed"] = str(e)
    return got
