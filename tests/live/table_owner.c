/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* table_owner.c: scenarios about who did it: descriptors that travel, threads, workers, and what is older than the tracer. */
#include <stddef.h>

#include "scenario.h"

/* A connection that the tracer found: nobody saw who opened it, but somebody holds it. */
#define FOUND(who) "preexisting=true opener=- owner=" who " owner_source=iterator "

const struct scenario owner_scenarios[] = {
	{
		.name = "forked_child_closes",
		.families = V4 | V6,
		.script = OPEN "cli fork kid; cli close; sleep 100; until srv ESTABLISHED; kid close; until cli FIN_WAIT2; srv close; until cli TIME_WAIT",
		.events = "client close closer=local how=fin cause=close closed_by=kid timewait=entered;"
			  "client timewait end=expired;"
			  "server close closer=remote how=fin",
		.counters = OPENED "TW=1",
	},
	{
		/* inetd: one process accepts, its child serves and closes. */
		.name = "forked_server_closes",
		.families = V4,
		.script = OPEN "srv fork kid; srv close; kid close; until srv FIN_WAIT2; cli close; until srv TIME_WAIT",
		.events = "server close closer=local how=fin cause=close closed_by=kid timewait=entered;"
			  "server timewait end=expired;"
			  "client close closer=remote how=fin",
		.counters = OPENED "TW=1",
	},
	{
		.name = "forked_child_exits_last",
		.families = V4,
		.script = OPEN "cli fork kid; cli exit; until srv ESTABLISHED; kid exit; until cli FIN_WAIT2; srv close; until cli TIME_WAIT",
		.events = "client close closer=local how=fin cause=exit closed_by=kid timewait=entered;"
			  "client timewait end=expired;"
			  "server close closer=remote how=fin",
		.counters = OPENED "TW=1",
	},
	{
		.name = "passed_descriptor",
		.families = V4 | V6,
		.script = OPEN "cli give; aux take; cli close; sleep 100; until srv ESTABLISHED; aux close; until cli FIN_WAIT2; srv close;"
			       "until cli TIME_WAIT",
		.events = "client close closer=local how=fin cause=close closed_by=aux timewait=entered;"
			  "client timewait end=expired;"
			  "server close closer=remote how=fin",
		.counters = OPENED "TW=1",
	},
	{
		/* nginx: the master listens, a worker accepts and closes. */
		.name = "prefork",
		.families = V4 | V6,
		.script = "srv listen; srv fork kid; cli connect; kid accept; kid close; until kid FIN_WAIT2; cli close; until kid TIME_WAIT",
		.events = "server close closer=local how=fin cause=close opener=kid closed_by=kid timewait=entered;"
			  "server timewait end=expired;"
			  "client close closer=remote how=fin",
		.counters = OPENED "TW=1",
	},
	{
		/* The worker never gets to close anything itself: it still is the worker's connection, not the master's. */
		.name = "prefork_reset_by_peer",
		.families = V4 | V6,
		.script = "srv listen; srv fork kid; cli connect; kid accept; sleep 100; cli linger 0; cli close; until kid gone; sleep 3000; kid close",
		.events = "client close closer=local how=rst cause=linger0;"
			  "server close closer=remote how=rst error=ECONNRESET opener=kid lifetime_ns=0s..2500ms",
		.counters = OPENED "TCPAbortOnData=1 EstabResets=2 OutRsts=1",
	},
	{
		.name = "reset_and_held",
		.families = V4 | V6,
		.script = OPEN "sleep 100; cli linger 0; cli close; until srv gone; sleep 3000; srv close",
		.events = "client close closer=local how=rst cause=linger0;"
			  "server close closer=remote how=rst error=ECONNRESET lifetime_ns=0s..2500ms",
		.counters = OPENED "TCPAbortOnData=1 EstabResets=2 OutRsts=1",
	},
	{
		/* Reset while it waits to be accepted: there is nobody yet but the one who listens. */
		.name = "reset_before_accept",
		.families = V4,
		.script = "srv listen; cli connect; cli linger 0; cli close; sleep 3000; srv accept; srv close",
		.events = "client close closer=local how=rst cause=linger0;"
			  "server close closer=remote how=rst error=ECONNRESET opener=- owner=srv owner_source=listener|close",
		.counters = OPENED "TCPAbortOnData=1 EstabResets=2 OutRsts=1",
	},
	{
		/* comm is the process' name, never the thread's. */
		.name = "threads",
		.families = V4 | V6,
		.script = "srv thread listen; cli thread connect; srv thread accept; cli thread close; until cli FIN_WAIT2; srv thread close;"
			  "until cli TIME_WAIT",
		.events = "client close closer=local how=fin cause=close timewait=entered;"
			  "client timewait end=expired;"
			  "server close closer=remote how=fin",
		.counters = OPENED "TW=1",
	},
	{
		.name = "threads_server_first",
		.families = V4,
		.script = "srv listen; cli thread connect; srv thread accept; srv thread close; until srv FIN_WAIT2; cli thread close;"
			  "until srv TIME_WAIT",
		.events = "server close closer=local how=fin cause=close timewait=entered;"
			  "server timewait end=expired;"
			  "client close closer=remote how=fin",
		.counters = OPENED "TW=1",
	},
	{
		.name = "older_client_first",
		.families = V4 | V6,
		.before = OPEN "cli send 100; srv recv 100",
		.script = "cli close; until cli FIN_WAIT2; srv close; until cli TIME_WAIT",
		.events = "client close closer=local how=fin cause=close timewait=entered role=unknown tx_bytes=100 " FOUND("cli") ";"
			  "client timewait end=expired;"
			  "server close closer=remote how=fin rx_bytes=100 " FOUND("srv"),
		.counters = "TW=1",
	},
	{
		.name = "older_server_first",
		.families = V4 | V6,
		.before = OPEN,
		.script = "srv close; until srv FIN_WAIT2; cli close; until srv TIME_WAIT",
		.events = "server close closer=local how=fin cause=close timewait=entered " FOUND("srv") ";"
			  "server timewait end=expired;"
			  "client close closer=remote how=fin role=unknown " FOUND("cli"),
		.counters = "TW=1",
	},
	{
		/* Neither process gets to close: the one that holds the socket is known all the same. */
		.name = "older_reset_by_peer",
		.families = V4,
		.before = "srv listen; srv fork kid; cli connect; kid accept",
		.script = "cli linger 0; cli close; until kid gone; sleep 500; kid close",
		.events = "client close closer=local how=rst cause=linger0 role=unknown " FOUND("cli") ";"
			  "server close closer=remote how=rst error=ECONNRESET " FOUND("kid"),
		.counters = "TCPAbortOnData=1 EstabResets=2 OutRsts=1",
	},
	{
		/* Without its listener, nothing tells a server's connection from a client's. */
		.name = "older_listener_gone",
		.families = V4,
		.before = OPEN "srv unlisten",
		.script = "srv close; until srv FIN_WAIT2; cli close; until srv TIME_WAIT",
		.events = "server close closer=local how=fin cause=close timewait=entered role=unknown " FOUND("srv") ";"
			  "server timewait end=expired;"
			  "client close closer=remote how=fin role=unknown " FOUND("cli"),
		.counters = "TW=1",
	},
	{
		.name = "older_half_closed",
		.families = V4,
		.before = OPEN "cli shutdown; until cli FIN_WAIT2",
		.script = "srv close; until cli TIME_WAIT; cli close",
		.events = "client close closer=local how=fin cause=* closed_by=* pid=* comm=* timewait=entered role=unknown " FOUND("cli") ";"
			  "client timewait end=expired fin_wait2_ns=*;"
			  "server close closer=remote how=fin " FOUND("srv"),
		.counters = "TW=1",
	},
	{
		/* Whose it was, no kernel structure tells any more. */
		.name = "older_time_wait",
		.families = V4 | V6,
		.before = OPEN "cli close; until cli FIN_WAIT2; srv close; until cli TIME_WAIT; sleep 100",
		.script = "",
		.events = "client timewait end=expired time_wait_ns=null|2msl preexisting=true role=unknown opener=- closed_by=-"
			  " owner_source=unknown|null closer=* how=* cause=* fin_wait2_ns=*",
		.counters = "",
	},
	{
		/* An orphan's FIN_WAIT2 is older, but its TIME_WAIT begins before our eyes. */
		/* Closed in FIN_WAIT2, for sure: an ACK that comes while close() runs would leave the full socket there. */
		.name = "older_fin_wait2",
		.families = V4 | V6,
		.before = OPEN "cli shutdown; until cli FIN_WAIT2; cli close; sleep 100",
		.script = "srv close; until cli TIME_WAIT",
		.events = "client timewait end=expired preexisting=true role=unknown opener=- closed_by=-"
			  " owner_source=unknown|null closer=* how=* cause=* fin_wait2_ns=*;"
			  "server close closer=remote how=fin " FOUND("srv"),
		.counters = "",
	},
	{ .name = NULL },
};
