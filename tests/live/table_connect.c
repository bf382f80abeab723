/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* table_connect.c: scenarios in which connect() comes to nothing. */
#include <stddef.h>

#include "scenario.h"

const struct scenario connect_scenarios[] = {
	{
		.name = "refused",
		.families = V4 | V6 | MAPPED,
		.script = "cli connect = ECONNREFUSED; cli close",
		.events = "client connect_failed reason=refused error=ECONNREFUSED duration_ns=0s..2s",
		.counters = "ActiveOpens=1 AttemptFails=1 OutRsts=1",
	},
	{
		.name = "refused_in_thread",
		.families = V4,
		.script = "cli thread connect = ECONNREFUSED; cli close",
		.events = "client connect_failed reason=refused error=ECONNREFUSED",
		.counters = "ActiveOpens=1 AttemptFails=1 OutRsts=1",
	},
	{
		/* Nobody answers: one SYN and one retransmission, a second or two each. */
		.name = "connect_timeout",
		.families = V4 | V6,
		.sysctls = "ipv4/tcp_syn_retries=1",
		.script = "cli dial; peer hear SYN; cli await = ETIMEDOUT; cli close",
		.events = "client connect_failed reason=timeout error=ETIMEDOUT duration_ns=1900ms..8s",
		.counters = "ActiveOpens=1 AttemptFails=1 TCPAbortOnTimeout=1",
	},
	{
		.name = "aborted",
		.families = V4 | V6,
		.script = "cli dial; peer hear SYN; sleep 100; cli close; until cli gone",
		.events = "client connect_failed reason=aborted error=null duration_ns=100ms..3s",
		.counters = "ActiveOpens=1",
	},
	{
		.name = "aborted_by_kill9",
		.families = V4,
		.script = "cli dial; peer hear SYN; kill cli; until cli gone",
		.events = "client connect_failed reason=aborted error=null",
		.counters = "ActiveOpens=1",
	},
	{
		/* The only port of the range is taken towards this endpoint. It fails before a SYN is sent. */
		.name = "no_port",
		.families = V4 | V6,
		.sysctls = ONE_PORT,
		.script = OPEN "aux dial = EADDRNOTAVAIL; cli linger 0; cli close; until srv gone; srv close",
		.events = "client connect_failed opener=aux reason=no_port error=EADDRNOTAVAIL|null lport=0 laddr=*;"
			  "client close closer=local how=rst cause=linger0; server close closer=remote how=rst error=ECONNRESET",
		.counters = OPENED "TCPAbortOnData=1 EstabResets=2 OutRsts=1",
	},
	{
		.name = "unreachable",
		.families = V4 | V6,
		.script = "cli dial; peer hear SYN; peer unreachable; cli await = EHOSTUNREACH; cli close",
		.events = "client connect_failed reason=unreachable error=EHOSTUNREACH",
		.counters = "ActiveOpens=1 AttemptFails=1",
	},
	{ .name = NULL },
};
