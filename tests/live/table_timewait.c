/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* table_timewait.c: scenarios in which a TIME_WAIT ends early, late, elsewhere, or never comes into being. */
#include <stddef.h>
#include <stdio.h>
#include <sys/utsname.h>

#include "scenario.h"

/* Client closes first and is in TIME_WAIT. */
#define TIME_WAIT_LEFT "cli close; until cli FIN_WAIT2; srv close; until cli TIME_WAIT; "
/* The same with a hand-written peer. */
#define PEER_TIME_WAIT "cli close; peer hear FIN; peer send ACK; until cli FIN_WAIT2; peer send FIN ACK; until cli TIME_WAIT; "
#define FIRST_CLOSED   "client close closer=local how=fin cause=close timewait=entered;"
/* How the second connection of a scenario ends: at once, without a TIME_WAIT. */
#define RESET          "cli linger 0; cli close; until srv gone; srv close"
#define RESET_EVENTS   "client close closer=local how=rst cause=linger0; server close closer=remote how=rst error=ECONNRESET"

/* tcp_abort() returned -EOPNOTSUPP for anything but a full socket; the first release tested with the change is 6.1. */
static const char *no_timewait_abort(void)
{
	struct utsname u;
	int major = 0;

	return !uname(&u) && sscanf(u.release, "%d.", &major) == 1 && major < 6 ? "SOCK_DESTROY passes TIME_WAIT by before 6.1" : NULL;
}

const struct scenario timewait_scenarios[] = {
	{
		.name = "killed_timewait",
		.families = V4 | V6,
		.script = OPEN TIME_WAIT_LEFT "sleep 300; aux destroy cli; until cli gone",
		.events = FIRST_CLOSED "client timewait end=killed time_wait_ns=100ms..4s; server close closer=remote how=fin",
		.counters = OPENED "TW=1",
		.missing = no_timewait_abort,
	},
	{
		/* The orphan's FIN_WAIT2 finds no bucket; the peer's FIN then meets nobody and is answered with a RST. */
		.name = "overflow_in_fin_wait2",
		.families = V4 | V6,
		.sysctls = "ipv4/tcp_max_tw_buckets=0",
		.script = OPEN "cli close; until cli gone; srv close; until srv gone",
		.events = "client close closer=local how=fin cause=close timewait=skipped;"
			  "server close closer=remote how=fin error=ECONNRESET closed_by=srv",
		.counters = OPENED "TCPTimeWaitOverflow=1 OutRsts=1",
	},
	{
		.name = "overflow_in_time_wait",
		.families = V4 | V6,
		.sysctls = "ipv4/tcp_max_tw_buckets=0",
		.script = OPEN "cli shutdown; until cli FIN_WAIT2; srv close; until cli gone; cli close",
		.events = "client close closer=local how=fin cause=shutdown timewait=skipped; server close closer=remote how=fin",
		.counters = OPENED "TCPTimeWaitOverflow=1",
	},
	{
		/* A range of one port: connect() must take the one in TIME_WAIT, and may, once its timestamps are a second old. */
		.name = "reuse_by_connect_autobind",
		.families = V4 | V6,
		.sysctls = ONE_PORT "; ipv4/tcp_tw_reuse=1",
		.script = OPEN TIME_WAIT_LEFT "sleep 2100; cli connect; srv accept; " RESET,
		.events = FIRST_CLOSED "client timewait end=reused_connect time_wait_ns=2s..5s; server close closer=remote how=fin;" RESET_EVENTS,
		.counters = "ActiveOpens=2 PassiveOpens=2 TW=1 TWRecycled=1 TCPAbortOnData=1 EstabResets=2 OutRsts=1",
	},
	{
		/* A port the process binds itself is free at once, whatever tcp_tw_reuse says. */
		.name = "reuse_by_connect_bound",
		.families = V4 | V6,
		.sysctls = "ipv4/tcp_tw_reuse=0",
		.script = "srv listen; cli connect 4001; srv accept; " TIME_WAIT_LEFT "sleep 300; cli connect 4001; srv accept; " RESET,
		.events = FIRST_CLOSED "client timewait end=reused_connect time_wait_ns=100ms..3s; server close closer=remote how=fin;" RESET_EVENTS,
		.counters = "ActiveOpens=2 PassiveOpens=2 TW=1 TWRecycled=1 TCPAbortOnData=1 EstabResets=2 OutRsts=1",
	},
	{
		/* As above, but still in FIN_WAIT2: the old server end is reset by the new client (SYN, challenge ACK, RST), then its SYN comes again. */
		.name = "reuse_by_connect_in_fin_wait2",
		.families = V4 | V6,
		.script = "srv listen; cli connect 4001; srv accept; cli close; until cli FIN_WAIT2; sleep 300;"
			  "cli connect 4001; srv close; srv accept; " RESET,
		.events = FIRST_CLOSED "client timewait end=reused_connect time_wait_ns=null;"
				       "server close closer=remote how=fin error=EPIPE closed_by=-;" RESET_EVENTS,
		.counters = "ActiveOpens=2 PassiveOpens=2 TW=1 TWRecycled=1 TCPAbortOnData=1 EstabResets=3 OutRsts=2",
	},
	{
		.name = "reuse_by_syn",
		.families = V4 | V6,
		.script = "srv listen; cli connect 4001; srv accept; srv close; until srv FIN_WAIT2; cli close; until srv TIME_WAIT;"
			  "sleep 300; cli connect 4001; srv accept; " RESET,
		.events = "server close closer=local how=fin cause=close timewait=entered;"
			  "server timewait end=reused_syn time_wait_ns=100ms..3s;"
			  "client close closer=remote how=fin;" RESET_EVENTS,
		.counters = "ActiveOpens=2 PassiveOpens=2 TW=1 TCPAbortOnData=1 EstabResets=2 OutRsts=1",
	},
	{
		.name = "rst_in_time_wait",
		.families = V4 | V6,
		.script = PEER_OPEN PEER_TIME_WAIT "sleep 300; peer send RST; until cli gone",
		.events = FIRST_CLOSED "client timewait end=reset time_wait_ns=100ms..3s",
		.counters = "ActiveOpens=1 TW=1",
	},
	{
		.name = "rst_in_time_wait_rfc1337",
		.families = V4 | V6,
		.sysctls = "ipv4/tcp_rfc1337=1",
		.script = PEER_OPEN PEER_TIME_WAIT "sleep 300; peer send RST; sleep 300; until cli TIME_WAIT",
		.events = FIRST_CLOSED "client timewait end=expired",
		.counters = "ActiveOpens=1 TW=1",
	},
	{
		.name = "rst_in_fin_wait2",
		.families = V4 | V6,
		.script = PEER_OPEN "cli close; peer hear FIN; peer send ACK; until cli FIN_WAIT2; sleep 300; peer send RST; until cli gone",
		.events = FIRST_CLOSED "client timewait end=reset time_wait_ns=null fin_wait2_ns=100ms..3s",
		.counters = "ActiveOpens=1 TW=1",
	},
	{
		/* The peer's close() meets unread data: its RST takes the orphan along. */
		.name = "unread_data_answers_fin",
		.families = V4,
		.script = OPEN "cli send 10; cli close; until cli FIN_WAIT2; srv close; until cli gone",
		.events = "client close closer=local how=fin cause=close timewait=entered tx_bytes=10;"
			  "client timewait end=reset time_wait_ns=null;"
			  "server close closer=remote how=fin closed_by=srv rx_bytes=10",
		.counters = OPENED "TW=1 TCPAbortOnClose=1 EstabResets=1 OutRsts=1",
	},
	{
		.name = "data_after_close",
		.families = V4 | V6,
		.script = OPEN "cli close; until cli FIN_WAIT2; sleep 300; srv send 10; until cli gone; until srv gone; srv close",
		.events = FIRST_CLOSED "client timewait end=data_reset time_wait_ns=null fin_wait2_ns=100ms..3s;"
				       "server close closer=remote how=fin error=EPIPE closed_by=- tx_bytes=10",
		.counters = OPENED "TW=1 EstabResets=1 OutRsts=1",
	},
	{
		/* The thread whose last connect() this was, though long over, carries the data that kills its orphan: not a reuse. */
		.name = "data_after_close_to_oneself",
		.families = V4 | V6,
		.script = "cli listen; cli connect; cli swap; cli accept; cli swap; cli close; cli swap; until cli CLOSE_WAIT; sleep 300;"
			  "cli send 10; until cli gone; cli close",
		.events = FIRST_CLOSED "client timewait end=data_reset time_wait_ns=null fin_wait2_ns=100ms..4s;"
				       "server close opener=cli closer=remote how=fin error=EPIPE closed_by=- tx_bytes=10",
		.counters = OPENED "TW=1 EstabResets=1 OutRsts=1",
	},
	{
		.name = "namespace_deleted",
		.families = V4 | V6,
		.script = OPEN TIME_WAIT_LEFT,
		.events = FIRST_CLOSED "client timewait end=purged time_wait_ns=0s..30s; server close closer=remote how=fin",
		.counters = OPENED "TW=1",
		.vanish = true,
	},
	{
		.name = "namespace_deleted_in_fin_wait2",
		.families = V4,
		.script = PEER_OPEN "cli close; peer hear FIN; peer send ACK; until cli FIN_WAIT2",
		.events = FIRST_CLOSED "client timewait end=purged time_wait_ns=null fin_wait2_ns=0s..30s",
		.counters = "ActiveOpens=1 TW=1",
		.vanish = true,
	},
	{
		/*
		 * The peer lost our last ACK: its FIN comes again and 2MSL starts again. 3 s, for the timer wheel is that coarse. And
		 * 20 ms of FIN_WAIT2: where that is over within a jiffy, and nobody counts what is there before the restart, the timer backend
		 * takes the second FIN for the first.
		 */
		.name = "restarted_by_fin",
		.families = V4 | V6,
		.script = PEER_OPEN "cli close; peer hear FIN; peer send ACK; until cli FIN_WAIT2; sleep 20; peer send FIN ACK;"
				    "until cli TIME_WAIT; sleep 3000; peer resend; peer hear ACK",
		.events = FIRST_CLOSED "client timewait end=expired restarts=1..2 time_wait_ns=63s..66500ms",
		.counters = "ActiveOpens=1 TW=1",
	},
	{
		/* tcp_fin_timeout is about FIN_WAIT2 only: no TIME_WAIT ever was. */
		.name = "fin_timeout_of_2s",
		.families = V4 | V6,
		.sysctls = "ipv4/tcp_fin_timeout=2",
		.script = PEER_OPEN "cli close; peer hear FIN; peer send ACK; until cli FIN_WAIT2; until cli gone",
		.events = FIRST_CLOSED "client timewait end=fin_wait2_timeout time_wait_ns=null fin_wait2_ns=1996ms..5s",
		.counters = "ActiveOpens=1 TWKilled=1",
	},
	{
		/* ... and does not shorten one. */
		.name = "fin_timeout_of_2s_in_time",
		.families = V4,
		.sysctls = "ipv4/tcp_fin_timeout=2",
		.script = PEER_OPEN PEER_TIME_WAIT,
		.events = FIRST_CLOSED "client timewait end=expired",
		.counters = "ActiveOpens=1 TWKilled=1",
	},
	{ .name = NULL },
};
