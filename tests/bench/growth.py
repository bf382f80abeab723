# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""growth.py: how twtrace's cost grows with connections and endpoints, and what it takes in user space and memory."""
import contextlib
import os
import statistics

import measure
from contenders import null_contender, screen_contender, table_contender
from measure import Failure
from rounds import bpf_cost, is_disturbed
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


def run(contender, scratch, connections, mode, endpoints):
    with Tracer(contender, scratch) as tracer:
        return bpf_cost(tracer, scratch, connections, mode, endpoints)


def repeat(scratch, limit, mode, row):
    """Null and twtrace in turn: what they are compared by is the same machine at the same time."""
    got = {"null": [], "twtrace": []}
    for _ in range(REPEATS if row["connections"] <= REPEAT_UP_TO else 1):
        for c in (null_contender(), table_contender(*room(limit))):
            got[c.name].append(run(c, scratch, row["connections"], mode, row["endpoints"]))
    return got


def settle(row, quietest):
    """Medians of the runs that nobody disturbed, as far as there are any."""
    runs = row.pop("runs")
    row["disturbed"] = sum(is_disturbed(r, quietest) for of_one in runs.values() for r in of_one)
    row["runs_made"] = sum(map(len, runs.values()))
    for name, of_one in runs.items():
        calm = [r["ns"] for r in of_one if not is_disturbed(r, quietest)]
        row[name] = statistics.median(calm or [r["ns"] for r in of_one])
    row["to_null"] = row["twtrace"] / row["null"]


def grow(scratch, limit, mode, say):
    rows = []
    for connections, endpoints in points(limit):
        row = {"connections": connections, "endpoints": endpoints}
        try:
            row["runs"] = repeat(scratch, limit, mode, row)
        except (Failure, OSError) as e:
            row["failed"] = str(e)
        say(f"growth: {connections} connections, {endpoints} endpoints" + (": " + row["failed"] if "failed" in row else ""))
        rows.append(row)
    whole = [row for row in rows if "failed" not in row]
    quietest = min((r["transitions"] for row in whole for of_one in row["runs"].values() for r in of_one), default=0)
    for row in whole:
        settle(row, quietest)
    return rows


def live(scratch, limit, mode):
    """
    One run with its TIME_WAITs still there. The kernel's own memory for them is in Slab as well, so a run without a tracer tells
    how much of it is not ours. Another one for the live screen.
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
        with Tracer(screen_contender(), scratch) as tracer:
            with Traffic(scratch, connections, mode, endpoints) as traffic:
                tracer.check()
            tracer.stop()
            got["cpu_screen"] = tracer.cpu / (2 * traffic.connections) * 1e6
    except (Failure, OSError) as e:
        got["failed"] = str(e)
    return got
