# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""report.py: medians and ratios over the rounds, and how they look."""
import statistics

from contenders import OTHER

MIB = 1 << 20


def median(values):
    values = [v for v in values if v is not None]
    return statistics.median(values) if values else None


def paired(played, name, other, key):
    """name's figure over another's in the same round, as both had the same machine then."""
    pairs = [(results.get(name, {}), results.get(other, {})) for results in played]
    return [a[key] / b[key] for a, b in pairs if a.get(key) and b.get(key)]


def ratio(played, name, other):
    """BPF ns of two in the rounds where nobody disturbed either; (ratio, by how many rounds)."""
    calm = [{n: r for n, r in results.items() if not r["disturbed"]} for results in played]
    ratios = paired(calm, name, other, "ns")
    return median(ratios), len(ratios)


def least_ratio(rows, name, other):
    """By the least that was seen of each: what a busy machine adds is never negative."""
    least = {r["name"]: r["ns_least"] for r in rows if r.get("ns_least") and r["disturbed"] < r["runs_made"]}
    return least[name] / least[other] if name in least and other in least else None


def summarise(played, name):
    all_runs = [results[name] for results in played]
    good = [r for r in all_runs if "failed" not in r]
    quiet = [r for r in good if not r["disturbed"]] or good
    row = {"name": name, "runs_made": len(good), "disturbed": sum(r["disturbed"] for r in good)}
    if len(good) < len(all_runs):
        row["failed"] = next(r["failed"] for r in all_runs if "failed" in r)
        row["failures"] = len(all_runs) - len(good)
    if not good:
        return row
    row["rate"] = median(r["rate"] for r in good)
    row["slower"] = median(1 - r for r in paired(played, name, "no tracer", "rate"))
    for key in ("ns", "runs", "missed", "cpu", "rss"):
        row[key] = median(r.get(key) for r in quiet)
    if row["ns"] is not None:
        row["ns_least"], row["ns_most"] = min(r["ns"] for r in quiet), max(r["ns"] for r in quiet)
        row["to_null"], row["to_null_rounds"] = ratio(played, name, "null")
        row["to_tcplife"], row["to_tcplife_rounds"] = ratio(played, name, "tcplife")
        row["to_other"], row["to_other_rounds"] = ratio(played, name, OTHER)
        row["programs"] = {
            p: median(r["programs"][p]["ns"] for r in quiet if p in r["programs"])
            for p in sorted({p for r in quiet for p in r["programs"]})
        }
    # More ends than there were: others' connections are among them, and nothing can be said.
    told = [r for r in quiet if r.get("lost") is not None and r["lost"] >= 0]
    if told:
        row["lost"], row["ends"] = sum(r["lost"] for r in told), sum(r["ends"] for r in told)
    elif any(r.get("lost") is not None for r in quiet):
        row["lost_failed"] = "disturbed"
    return row


def least(rows):
    """Both ratios once more; None where there is nothing to compare."""
    return {r["name"]: {o: least_ratio(rows, r["name"], o) for o in ("null", "tcplife")} for r in rows if r.get("ns_least")}


def cell(value, form="{:.0f}", scale=1):
    return "-" if value is None else form.format(value / scale)


def lost_cell(row):
    return row.get("lost_failed") or ("-" if "lost" not in row else f"{row['lost']} of {row['ends']}")


COLUMNS = (
    ("TRACER", lambda r: r["name"]),
    ("CONN/s", lambda r: cell(r.get("rate"))),
    ("SLOWER", lambda r: cell(r.get("slower"), "{:.1%}") if r["name"] != "no tracer" else "-"),
    ("BPF-ns", lambda r: cell(r.get("ns"))),
    ("MIN-MAX", lambda r: "-" if r.get("ns") is None else f"{r['ns_least']:.0f}-{r['ns_most']:.0f}"),
    ("/NULL", lambda r: cell(r.get("to_null"), "{:.2f}")),
    ("/TCPLIFE", lambda r: cell(r.get("to_tcplife"), "{:.2f}")),
    ("RUNS", lambda r: cell(r.get("runs"), "{:.1f}")),
    ("MISSED", lambda r: cell(r.get("missed"))),
    ("CPU-s/M", lambda r: cell(r.get("cpu"), "{:.2f}")),
    ("RSS-MiB", lambda r: cell(r.get("rss"), "{:.1f}", MIB)),
    ("LOST", lost_cell),
)


def table(columns, rows):
    cells = [[head for head, _ in columns]]
    for r in rows:
        # A row that has no figure at all says why after its name.
        broken = "failed" in r and not r.keys() & {"rate", "twtrace", "median_ms"}
        cells.append([columns[0][1](r), r["failed"]] if broken else [get(r) for _, get in columns])
    whole = [line for line in cells if len(line) == len(columns)]
    widths = [max([len(line[i]) for line in whole] + ([len(line[0]) for line in cells] if i == 0 else [])) for i in range(len(columns))]
    for line in cells:
        padded = [c.ljust(w) if i == 0 or len(line) != len(columns) else c.rjust(w) for i, (c, w) in enumerate(zip(line, widths))]
        yield "  ".join(padded).rstrip()


def side_by_side(rows, setup):
    yield f"{setup['kernel']}, {setup['cpus']} CPUs; {setup['connections']} connections a run, -m {setup['mode']}; medians of {setup['rounds']} rounds"
    yield ""
    yield from table(COLUMNS, rows)
    yield ""
    yield "BPF-ns, RUNS: per connection, both of its ends and its TIME_WAIT; /NULL and /TCPLIFE: BPF-ns, paired by round."
    yield "SLOWER: the rate against no tracer's in the same round. MISSED: runs skipped, a run. CPU-s/M: of the tracer, a million connections."
    yield "LOST: ends of connections that it did not report, over all rounds."
    for name, to in least(rows).items():
        if name.startswith("twtrace"):
            yield f"By the least seen of each: {name} takes {cell(to['null'], '{:.2f}')} times null's ns, {cell(to['tcplife'], '{:.2f}')} times tcplife's."
    for r in rows:
        if r["name"] == "twtrace" and r.get("to_other"):
            yield f"twtrace takes {r['to_other']:.3f} times the other build's BPF-ns, paired by {r['to_other_rounds']} rounds."
        if r.get("failures") and r["runs_made"]:
            yield f"{r['name']}: {r['failures']} runs failed: {r['failed']}"
        if r["disturbed"]:
            kept = "left out of its BPF figures" if r["disturbed"] < r["runs_made"] else "no other to go by"
            yield f"{r['name']}: others' connections came into {r['disturbed']} of {r['runs_made']} runs: {kept}"
    if setup["stats_were_on"]:
        yield "kernel.bpf_stats_enabled is on: the rates include what it costs."


GROWTH = (
    ("CONNECTIONS", lambda r: str(r["connections"])),
    ("ENDPOINTS", lambda r: str(r["endpoints"])),
    ("NULL", lambda r: cell(r.get("null"))),
    ("TWTRACE", lambda r: cell(r.get("twtrace"))),
    ("/NULL", lambda r: cell(r.get("to_null"), "{:.2f}")),
    ("DISTURBED", lambda r: f"{r['disturbed']} of {r['runs_made']} runs"),
)


def growth(rows):
    yield "BPF ns per connection as connections and endpoints grow; runs that others' connections came into count where there is no other"
    yield ""
    yield from table(GROWTH, rows)


STARTUP = (
    ("TRACER", lambda r: r["name"]),
    ("READY-ms", lambda r: cell(r.get("median_ms"))),
    ("MIN-MAX", lambda r: f"{min(r['ms']):.0f}-{max(r['ms']):.0f}" if r["ms"] else "-"),
    ("/NULL", lambda r: cell(r.get("median_ms_to_first"), "{:.2f}")),
    ("VERIFIED", lambda r: cell(r.get("instructions"))),
    ("/NULL", lambda r: cell(r.get("instructions_to_first"))),
)


def startup(rows, times):
    yield f"Start-up: ms to ready, median of {times} in turn, and instructions that the kernel's verifier processed for that"
    yield ""
    yield from table(STARTUP, rows)
    ms = {r["name"]: r["median_ms"] for r in rows if r["ms"]}
    if OTHER in ms and "twtrace" in ms:
        yield f"twtrace takes {ms['twtrace'] / ms[OTHER]:.2f} times the other build's time to ready."
    for r in rows:
        if "failed" in r and r["ms"]:
            yield f"{r['name']}: {times - len(r['ms'])} of {times} failed: {r['failed']}"


def live(got):
    if "failed" in got:
        yield f"twtrace with {got['connections']} live TIME_WAITs: {got['failed']}"
        return
    made = got["made"]
    yield f"twtrace, table mode, {made} connections to {got['endpoints']} endpoints, their TIME_WAITs alive"
    yield ""
    yield f"user space    {got['cpu']:.2f} CPU seconds per million closes; RSS {got['rss'] / MIB:.1f} MiB, {got['rss_idle'] / MIB:.1f} MiB before"
    yield (f"live screen   {got['cpu_screen']:.2f} CPU seconds per million closes, {got['cpu_screen'] / got['cpu']:.2f} times the table's; "
           "redrawn each second, on 200 columns")
    slab = f"{got['slab'] / made:.0f} by Slab and Percpu" if got["slab"] > 0 else "Slab and Percpu shrank meanwhile, for others' reasons"
    yield (f"kernel maps   {(got['maps'] - got['maps_idle']) / made:.0f} bytes per live connection by bytes_memlock "
           f"({got['maps'] / MIB:.1f} MiB, {got['maps_idle'] / MIB:.1f} MiB before); {slab}")
