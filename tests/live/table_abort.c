/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * table_abort.c: scenarios in which a connection ends by a RST or by silence.
 *
 * `how` says how the first closer ended it. What came after a first FIN is in `error`, as the socket had it: a RST received in
 * CLOSE_WAIT is EPIPE (tcp_reset()).
 */
#include <stddef.h>

#include "scenario.h"

const struct scenario abort_scenarios[] = {
	{
		.name = "linger0",
		.families = V4 | V6 | MAPPED,
		.script = OPEN "cli linger 0; cli close; until srv gone; srv recv 1 = ECONNRESET; srv close",
		.events = "client close closer=local how=rst cause=linger0;"
			  "server close closer=remote how=rst error=ECONNRESET",
		.counters = OPENED "TCPAbortOnData=1 EstabResets=2 OutRsts=1",
	},
	{
		.name = "linger0_by_server",
		.families = V4 | V6,
		.script = OPEN "srv linger 0; srv close; until cli gone; cli close",
		.events = "server close closer=local how=rst cause=linger0;"
			  "client close closer=remote how=rst error=ECONNRESET",
		.counters = OPENED "TCPAbortOnData=1 EstabResets=2 OutRsts=1",
	},
	{
		.name = "linger0_in_close_wait",
		.families = V4,
		.script = OPEN "srv shutdown; until srv FIN_WAIT2; cli linger 0; cli close; until srv gone; srv close",
		.events = "client close closer=remote how=fin closed_by=cli;"
			  "server close closer=local how=fin cause=shutdown error=ECONNRESET",
		.counters = OPENED "TCPAbortOnData=1 EstabResets=1 OutRsts=1",
	},
	{
		.name = "unread_data",
		.families = V4 | V6,
		.script = OPEN "srv send 10; cli recv 1; cli close; until srv gone; srv close",
		.events = "client close closer=local how=rst cause=unread_data rx_bytes=10;"
			  "server close closer=remote how=rst error=ECONNRESET tx_bytes=10",
		.counters = OPENED "TCPAbortOnClose=1 EstabResets=2 OutRsts=1",
	},
	{
		.name = "disconnect",
		.families = V4 | V6,
		.script = OPEN "cli disconnect; until srv gone; cli close; srv close",
		.events = "client close closer=local how=rst cause=disconnect;"
			  "server close closer=remote how=rst error=ECONNRESET",
		.counters = OPENED "EstabResets=2 OutRsts=1",
	},
	{
		.name = "listener_closed",
		.families = V4 | V6,
		.script = "srv listen; cli connect; srv unlisten; until cli gone; cli close",
		.events = "server close closer=local how=rst cause=listener_closed opener=- owner=srv owner_source=listener|close;"
			  "client close closer=remote how=rst error=ECONNRESET",
		.counters = OPENED "EstabResets=2 OutRsts=1",
	},
	{
		.name = "killed_established",
		.families = V4 | V6 | MAPPED,
		.script = OPEN "aux destroy cli; until srv gone; cli close; srv close",
		.events = "client close closer=local how=rst cause=killed closed_by=aux error=ECONNABORTED;"
			  "server close closer=remote how=rst error=ECONNRESET",
		.counters = OPENED "EstabResets=2 OutRsts=1",
	},
	{
		.name = "killed_established_server",
		.families = V4,
		.script = OPEN "aux destroy srv; until cli gone; cli close; srv close",
		.events = "server close closer=local how=rst cause=killed closed_by=aux error=ECONNABORTED owner_source=close|iterator;"
			  "client close closer=remote how=rst error=ECONNRESET",
		.counters = OPENED "EstabResets=2 OutRsts=1",
	},
	{
		.name = "rst_in_established",
		.families = V4 | V6,
		.script = PEER_OPEN "peer send RST; until cli gone; cli recv 1 = ECONNRESET; cli close",
		.events = "client close closer=remote how=rst error=ECONNRESET",
		.counters = "ActiveOpens=1 EstabResets=1",
	},
	{
		.name = "rst_in_close_wait",
		.families = V4 | V6,
		.script = PEER_OPEN "peer send FIN ACK; until cli CLOSE_WAIT; sleep 100; peer send RST; until cli gone; cli close",
		.events = "client close closer=remote how=fin error=EPIPE closed_by=-",
		.counters = "ActiveOpens=1 EstabResets=1",
	},
	{
		.name = "rst_in_fin_wait1",
		.families = V4,
		.script = PEER_OPEN "cli close; peer hear FIN; peer send RST; until cli gone",
		.events = "client close closer=local how=fin cause=close error=ECONNRESET",
		.counters = "ActiveOpens=1",
	},
	{
		/* The orphan waits as a full socket because tcp_fin_timeout is beyond 60 s; tcp_receive_reset fires though none came. */
		.name = "data_after_close_full_socket",
		.families = V4 | V6,
		.sysctls = "ipv4/tcp_fin_timeout=120",
		.script = OPEN "cli close; until cli FIN_WAIT2; srv send 10; until cli gone; until srv gone; srv close",
		.events = "client close closer=local how=fin cause=close error=ECONNRESET rx_bytes=*;"
			  "server close closer=remote how=fin error=EPIPE closed_by=- tx_bytes=10",
		.counters = OPENED "TCPAbortOnData=1 EstabResets=1 OutRsts=1",
	},
	{
		/* tcp_done() right in FIN_WAIT2, and the RST behind it: as quiet as an overflow, which it is not. */
		.name = "data_with_the_ack_of_our_fin",
		.families = V4 | V6,
		.script = PEER_OPEN "cli close; peer hear FIN; peer send ACK DATA; until cli gone",
		.events = "client close closer=local how=fin cause=close rx_bytes=*",
		.counters = "ActiveOpens=1 TCPAbortOnData=1 OutRsts=1",
	},
	/* Dropped in FIN_WAIT2 by the process itself: no TIME_WAIT was due, so none was skipped. */
	{
		.name = "unread_data_in_fin_wait2",
		.families = V4 | V6,
		.script = OPEN "cli shutdown; until cli FIN_WAIT2; srv send 10; sleep 100; cli close; until cli gone; until srv gone; srv close",
		.events = "client close closer=local how=fin cause=shutdown rx_bytes=10;"
			  "server close closer=remote how=fin error=EPIPE closed_by=- tx_bytes=10",
		.counters = OPENED "TCPAbortOnClose=1 EstabResets=1 OutRsts=1",
	},
	{
		.name = "linger0_in_fin_wait2",
		.families = V4,
		.script = OPEN "cli shutdown; until cli FIN_WAIT2; cli linger 0; cli close; until srv gone; srv close",
		.events = "client close closer=local how=fin cause=shutdown;"
			  "server close closer=remote how=fin error=EPIPE closed_by=-",
		.counters = OPENED "TCPAbortOnData=1 EstabResets=1 OutRsts=1",
	},
	{
		.name = "disconnect_in_fin_wait2",
		.families = V4,
		.script = OPEN "cli shutdown; until cli FIN_WAIT2; cli disconnect; until srv gone; cli close; srv close",
		.events = "client close closer=local how=fin cause=shutdown;"
			  "server close closer=remote how=fin error=EPIPE closed_by=-",
		.counters = OPENED "EstabResets=1 OutRsts=1",
	},
	{
		.name = "keepalive_death",
		.families = V4 | V6,
		.script = PEER_OPEN "cli set keepidle 1; cli set keepintvl 1; cli set keepcnt 2; cli set keepalive 1;"
				    "until cli gone; cli recv 1 = ETIMEDOUT; cli close",
		.events = "client close closer=none how=timeout error=ETIMEDOUT",
		.counters = "ActiveOpens=1 TCPAbortOnTimeout=1 EstabResets=1 OutRsts=1",
	},
	{
		/* Nobody closes, and a server that holds on must still be named. */
		.name = "keepalive_death_server",
		.families = V4,
		.script = "srv listen; peer send SYN; peer hear SYN ACK; peer send ACK; srv accept;"
			  "srv set keepidle 1; srv set keepintvl 1; srv set keepcnt 2; srv set keepalive 1;"
			  "until srv gone; srv recv 1 = ETIMEDOUT; srv close",
		.events = "server close closer=none how=timeout error=ETIMEDOUT",
		.counters = "PassiveOpens=1 TCPAbortOnTimeout=1 EstabResets=1 OutRsts=1",
	},
	{
		.name = "user_timeout",
		.families = V4 | V6,
		.script = PEER_OPEN "cli set user_timeout 500; cli send 10; until cli gone; cli close",
		.events = "client close closer=none how=timeout error=ETIMEDOUT tx_bytes=10 retrans=1..9",
		.counters = "ActiveOpens=1 TCPAbortOnTimeout=1 EstabResets=1",
	},
	{
		.name = "retransmission_timeout",
		.families = V4 | V6,
		.sysctls = "ipv4/tcp_retries2=2",
		.script = PEER_OPEN "cli send 10; until cli gone; cli close",
		.events = "client close closer=none how=timeout error=ETIMEDOUT tx_bytes=10 retrans=1..9",
		.counters = "ActiveOpens=1 TCPAbortOnTimeout=1 EstabResets=1",
	},
	{
		/* A router says why nobody answers; the socket gives up when its patience ends, with that error. */
		.name = "retransmission_unreachable",
		.families = V4 | V6,
		.sysctls = "ipv4/tcp_retries2=2",
		.script = PEER_OPEN "cli send 10; peer hear DATA; peer unreachable; until cli gone; cli recv 1 = EHOSTUNREACH; cli close",
		.events = "client close closer=none how=error error=EHOSTUNREACH tx_bytes=10",
		.counters = "ActiveOpens=1 TCPAbortOnTimeout=1 EstabResets=1",
	},
	{
		/* Our FIN came first; that nobody acknowledged it is the error. */
		.name = "orphan_retries",
		.families = V4 | V6,
		.sysctls = "ipv4/tcp_orphan_retries=1",
		.script = PEER_OPEN "cli close; until cli gone",
		.events = "client close closer=local how=fin cause=close error=ETIMEDOUT",
		.counters = "ActiveOpens=1 TCPAbortOnTimeout=1",
	},
	{
		.name = "fin_timed_out_in_last_ack",
		.families = V4,
		.sysctls = "ipv4/tcp_orphan_retries=1",
		.script = PEER_OPEN "peer send FIN ACK; until cli CLOSE_WAIT; cli close; until cli gone",
		.events = "client close closer=remote how=fin error=ETIMEDOUT closed_by=cli",
		.counters = "ActiveOpens=1 TCPAbortOnTimeout=1",
	},
	{
		/* close() decides on the spot, in the process' own context. */
		.name = "linger2_in_fin_wait2",
		.families = V4 | V6,
		.script = OPEN "cli set linger2 -1; cli shutdown; until cli FIN_WAIT2; cli close; until srv gone; srv close",
		.events = "client close closer=local how=fin cause=shutdown;"
			  "server close closer=remote how=fin error=EPIPE closed_by=-",
		.counters = OPENED "TCPAbortOnLinger=1 EstabResets=1 OutRsts=1",
	},
	{
		/* The decision falls when the FIN is acknowledged, in softirq. */
		.name = "linger2_in_established",
		.families = V4 | V6,
		.script = OPEN "cli set linger2 -1; cli close; until cli gone; until srv gone; srv close",
		.events = "client close closer=local how=fin cause=close;"
			  "server close closer=remote how=fin error=EPIPE closed_by=-",
		.counters = OPENED "TCPAbortOnData=1 EstabResets=1 OutRsts=1",
	},
	{ .name = NULL },
};
