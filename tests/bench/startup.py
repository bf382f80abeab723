# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""startup.py: how long it takes to be ready, and how far the verifier walks for that: twtrace beside null, which attaches the same hooks."""
import json
import statistics
import subprocess

import measure
from measure import Failure
from session import Tracer


def verified_by_probe(contender):
    """What twtrace says of itself; None: it does not say, or the kernel does not tell."""
    done = subprocess.run([contender.argv[0], "probe", "--json"], capture_output=True, text=True, check=False)
    for line in done.stdout.splitlines():
        n = json.loads(line).get("verified_instructions")
        if n is not None:
            return n
    return None


def start_once(contender, scratch, row):
    with Tracer(contender, scratch) as tracer:
        row["ms"].append(tracer.ready_seconds * 1e3)
        row["instructions"] = measure.verified_instructions(tracer.proc.pid)
        tracer.stop()


def start(contenders, scratch, times, say):
    """Each in turn, so that all of them have the same machine at the same time. The first of the contenders is what the others are compared with."""
    rows = [{"name": c.name, "ms": []} for c in contenders]
    for _ in range(times):
        for contender, row in zip(contenders, rows):
            try:
                start_once(contender, scratch, row)
            except (Failure, OSError) as e:
                row["failed"] = str(e)
    for contender, row in zip(contenders, rows):
        if row["ms"]:
            row["median_ms"] = statistics.median(row["ms"])
            if contender.name != "null":
                row["instructions"] = verified_by_probe(contender) or row["instructions"]
        say(f"start: {row['name']}: " + (f"{row['median_ms']:.0f} ms" if row["ms"] else row["failed"]))
    for row in rows:
        for key in ("median_ms", "instructions"):
            row[key + "_to_first"] = row[key] / rows[0][key] if row.get(key) and rows[0].get(key) else None
    return rows
