/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * json_census.h: a census as JSON lines, one for each row and one for all of them; see json_lines.h.
 *
 * census_row  v, type, ts, pid, comm, role, endpoint, remote, cgroup, netns (null: unknown, or not grouped by), other (how many rows
 *             this one sums up; 0: none), then the counts
 * census      v, type, ts, close_wait_older_ns (the threshold), then the counts
 *
 * The counts: sockets, established, syn_sent, syn_recv, fin_wait1, fin_wait2, time_wait, close, close_wait, last_ack, listen,
 * closing (as ss counts them); guessed (of all these: their process is a guess, the one that listened); orphans, of them orphan_fin_wait1, orphan_fin_wait2, orphan_closing, orphan_last_ack; leaked (in
 * CLOSE_WAIT for the threshold or longer), leaked_longest_ns, leaked_at_least (the longest is older than the trace).
 */
#ifndef TWTRACE_JSON_CENSUS_H
#define TWTRACE_JSON_CENSUS_H

#include "json.h"
#include "model/census.h"

/* The rows, then all of them. most: rows, the rest is summed up in one more. close_wait_ns: as in census_new(). */
void json_census(struct json *j, struct census *census, __u64 close_wait_ns, size_t most, __u64 unix_ns);

#endif
