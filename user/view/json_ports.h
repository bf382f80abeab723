/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * json_ports.h: the port budget as JSON lines, one for each pair of local address and remote endpoint; see json_lines.h.
 *
 * ports  v, type, ts, netns, family, laddr, raddr, rport (both null: those that bind() before they connect(), whatever the remote
 *        end), range, reserved, bound, usable, connections, time_wait, reusable, held, free, share (0 to 1), rate, max_rate (TIME_WAITs
 *        a second; null: no rate is too high), hold_ns, left_ns (null: they do not run out at this rate), no_port, processes (how
 *        many), pid, comm (the one that holds most or was hit most), pid_held, pid_no_port
 *
 * no_port  v, type, ts, netns, family, laddr, raddr, rport, pid, comm, no_port: behind the line of its pair, one for each process whose
 *          connect() found no port
 *
 * Numbers are null where the namespace's settings are not known. See model/port_budget.h for what they mean.
 */
#ifndef TWTRACE_JSON_PORTS_H
#define TWTRACE_JSON_PORTS_H

#include "json.h"
#include "model/port_budget.h"

/* The pair's line, and those that follow it. */
void json_ports(struct json *j, const struct port_pair *pair, __u64 unix_ns);

#endif
