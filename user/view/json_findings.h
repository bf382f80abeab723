/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * json_findings.h: what is wrong, as JSON lines of the schema of json_lines.h: a line for each finding, the worst first, and one
 * of type diagnosis behind them.
 *
 * finding    v, type, ts, rank (from 1 on), id, severity (critical, warning, notice), title, role, pid, comm, processes, raddr,
 * rport (client), lport (server), netns: null where the finding is about nobody; evidence_<name>: numbers, the unit at its end
 * where it is one (_per_second, _percent, _ns), or strings; why; change: an array of strings, the best first diagnosis  v, type,
 * ts, watched_ns, findings, more (findings only counted), not_looked_at: an array of strings
 */
#ifndef TWTRACE_JSON_FINDINGS_H
#define TWTRACE_JSON_FINDINGS_H

#include "json.h"
#include "model/rules.h"

/* seconds: how long was watched; unix_ns: when, in ns since 1970. */
void json_findings(struct json *j, const struct diagnosis *d, double seconds, __u64 unix_ns);

#endif
