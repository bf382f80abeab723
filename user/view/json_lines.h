/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * json_lines.h: the JSON lines, schema version 1: one flat object a line, keys always the same and in the same order for a type,
 * what is unknown is null, times are ns unless said.
 *
 * every event     v, type, ts (RFC 3339, UTC, us), family (4, 6), laddr, lport, raddr, rport, netns, cgroup, role, pid, comm
 * (whom it is accounted to), owner_source, opener_pid, opener_comm, closer_pid, closer_comm, closer, how, cause, preexisting
 * close           lifetime_ns, closing_ns, close_wait_ns, fin_wait2_ns, tx_bytes, rx_bytes, retrans, timewait, error
 * timewait        fin_wait2_ns, time_wait_ns, end, restarts
 * connect_failed  reason, error, duration_ns
 * row             v, type, ts, then every field of fields.h that is not made up of others; what rows are not grouped by is null.
 *                 other: true marks the row that sums up those there is no room for
 * change          v, type, ts, then the same fields, and <field>_was for those that rows are not grouped by (report --diff)
 * summary         v, type, ts, duration_ns, backend, backend_why, kernel, present, opened, closed, open, closed_<closer>_<how>,
 *                 tw_present, tw_begun, tw_ended, tw_now, tw_skipped, tw_end_<end>, fin_wait2_present, fin_wait2_begun,
 *                 fin_wait2_turned, fin_wait2_ended, fin_wait2_now, fin_wait2_end_<end>, connect_failed,
 *                 connect_failed_<reason>, lost, lost_<kind>, missed (null: not known)
 * source/schema.c has what a reader of events and summaries expects of each key.
 * histogram       see json_histogram.h (report --histograms)
 * census, census_row, ports, no_port    see json_census.h, json_ports.h
 */
#ifndef TWTRACE_JSON_LINES_H
#define TWTRACE_JSON_LINES_H

#include "event.h"
#include "fields.h"
#include "json_part.h"
#include "model/row.h"
#include "model/summary.h"

/* clock_offset: what to add to CLOCK_MONOTONIC ns to get ns since 1970. */
void json_event(struct json *j, const struct event *e, __s64 clock_offset);
/* A member of the kind that v is; null if it is unknown. */
void json_value(struct json *j, const char *key, const struct value *v);
void json_row(struct json *j, const struct row *row, __u64 unix_ns);
void json_summary(struct json *j, const struct summary *s, __s64 clock_offset);

#endif
