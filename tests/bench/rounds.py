# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""rounds.py: every contender once a round, in a shuffled order, and what a round says about each of them."""
import random

import measure
from measure import BpfStats, Failure
from session import Tracer, Traffic


def bpf_cost(tracer, scratch, connections, mode, endpoints=1, while_alive=None):
    """What the tracer's programs take for these connections, to the end of their TIME_WAITs."""
    with BpfStats():
        before = tracer.programs()
        with Traffic(scratch, connections, mode, endpoints) as traffic:
            extra = while_alive(tracer) if while_alive else {}
        tracer.check()
        after = tracer.programs()
    made = traffic.connections
    done = {i: p._replace(ns=p.ns - b.ns, runs=p.runs - b.runs, missed=p.missed - b.missed)
            for i, p in after.items() for b in [before.get(i, p._replace(ns=0, runs=0, missed=0))]}
    return extra | {
        "made": made,
        "ns": sum(p.ns for p in done.values()) / made,
        "runs": sum(p.runs for p in done.values()) / made,
        "missed": sum(p.missed for p in done.values()),
        # Of two programs at the tracepoint, one is enough to tell how many transitions there were.
        "transitions": max((done[i].runs + done[i].missed for i in tracer.transition_programs() if i in done), default=0) / made,
        "programs": {p.name: {"ns": p.ns / made, "runs": p.runs / made} for p in done.values() if p.runs},
    }


def lost_ends(tracer, made):
    """Every connection has two ends here, and each of them is one to report."""
    reported = tracer.reported()
    return None if reported is None else 2 * made - reported


def one(contender, scratch, connections, mode):
    """
    Twice the connections: without BPF statistics for the rate, as they cost time themselves, then with them for the rest.
    """
    if contender.missing():
        return {"failed": "not installed"}
    try:
        with Tracer(contender, scratch) as tracer:
            with Traffic(scratch, connections, mode) as traffic:
                tracer.check()
                rss = measure.rss_bytes(tracer.proc.pid) if tracer.proc else None
            got = {"rate": traffic.rate}
            if tracer.proc:
                got |= bpf_cost(tracer, scratch, connections, mode)
                made = traffic.connections + got["made"]
                tracer.stop()
                got |= {"rss": rss, "cpu": tracer.cpu / made * 1e6, "lost": lost_ends(tracer, made), "ends": 2 * made}
            return got
    except (Failure, OSError) as e:
        return {"failed": str(e)}


def play(contenders, scratch, rounds, connections, mode, say):
    played = []
    for number in range(1, rounds + 1):
        order = random.sample(contenders, len(contenders))
        results = {}
        played.append(results)
        for c in order:
            for _ in range(TRIES):
                r = one(c, scratch, connections, mode)
                # Of tries that were all disturbed, the one that was least
                before = results.get(c.name)
                if not before or r.get("transitions", before["transitions"]) < before["transitions"]:
                    results[c.name] = r
                mark_disturbed(played, r)
                say(f"round {number}/{rounds}: {c.name}: " + in_short(r))
                if not r["disturbed"]:
                    break
    return played


def in_short(r):
    if "failed" in r:
        return r["failed"]
    ns = f", {r['ns']:.0f} ns" if "ns" in r else ""
    return f"{r['rate']:.0f}/s{ns}" + (", disturbed" if r["disturbed"] else "")


# More transitions per connection than in the quietest run: others had connections too, and the tracers took them for ours.
DISTURBED = 0.01
TRIES = 3


def is_disturbed(r, quietest):
    return bool(r.get("transitions")) and r["transitions"] / quietest - 1 > DISTURBED


def mark_disturbed(played, latest):
    runs = [r for results in played for r in results.values()] + [latest]
    quietest = min((r["transitions"] for r in runs if r.get("transitions")), default=0)
    for r in runs:
        r["disturbed"] = is_disturbed(r, quietest)
