/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* table_orderly.c: scenarios in which both sides send a FIN. */
#include <stddef.h>

#include "scenario.h"

const struct scenario orderly_scenarios[] = {
	{
		.name = "client_first",
		.families = V4 | V6 | MAPPED,
		.script = OPEN "cli send 100; srv recv 100; srv send 200; cli recv 200;"
			       "cli close; until cli FIN_WAIT2; srv eof; srv close; until cli TIME_WAIT",
		.events = "client close closer=local how=fin cause=close timewait=entered tx_bytes=100 rx_bytes=200;"
			  "client timewait end=expired;"
			  "server close closer=remote how=fin tx_bytes=200 rx_bytes=100",
		.counters = OPENED "TW=1",
	},
	{
		.name = "server_first",
		.families = V4 | V6 | MAPPED,
		.script = OPEN "cli send 100; srv recv 100; srv send 200; cli recv 200;"
			       "srv close; until srv FIN_WAIT2; cli eof; cli close; until srv TIME_WAIT",
		.events = "server close closer=local how=fin cause=close timewait=entered tx_bytes=200 rx_bytes=100;"
			  "server timewait end=expired;"
			  "client close closer=remote how=fin tx_bytes=100 rx_bytes=200",
		.counters = OPENED "TW=1",
	},
	{
		/* The socket itself waits in FIN_WAIT2, so that its TIME_WAIT is born as one. */
		.name = "shutdown_then_close",
		.families = V4 | V6,
		.script = OPEN "cli shutdown; until cli FIN_WAIT2; sleep 200; srv eof; srv close; until cli TIME_WAIT; cli eof; cli close",
		.events = "client close closer=local how=fin cause=shutdown timewait=entered fin_wait2_ns=200ms..3s;"
			  "client timewait end=expired fin_wait2_ns=200ms..3s;"
			  "server close closer=remote how=fin close_wait_ns=200ms..3s",
		.counters = OPENED "TW=1",
	},
	{
		/* FIN_WAIT2 first in the socket, then in what it leaves behind: one length. */
		.name = "shutdown_close_in_fin_wait2",
		.families = V4,
		.script = OPEN "cli shutdown; until cli FIN_WAIT2; sleep 200; cli close; sleep 300; srv close; until cli TIME_WAIT",
		.events = "client close closer=local how=fin cause=shutdown timewait=entered fin_wait2_ns=200ms..3s;"
			  "client timewait end=expired fin_wait2_ns=500ms..4s;"
			  "server close closer=remote how=fin close_wait_ns=500ms..4s",
		.counters = OPENED "TW=1",
	},
	{
		.name = "half_close",
		.families = V4 | V6,
		.script = OPEN "sleep 200; cli shutdown; until cli FIN_WAIT2; srv eof; srv send 5000; cli recv 5000; sleep 300;"
			       "srv close; until cli TIME_WAIT; cli close",
		.events = "client close closer=local how=fin cause=shutdown timewait=entered rx_bytes=5000"
			  " lifetime_ns=500ms..5s closing_ns=300ms..4s fin_wait2_ns=300ms..4s;"
			  "client timewait end=expired;"
			  "server close closer=remote how=fin tx_bytes=5000"
			  " lifetime_ns=500ms..5s closing_ns=300ms..4s close_wait_ns=300ms..4s",
		.counters = OPENED "TW=1",
	},
	{
		.name = "kill9",
		.families = V4 | V6,
		.script = OPEN "kill cli; until cli FIN_WAIT2; srv close; until cli TIME_WAIT",
		.events = "client close closer=local how=fin cause=exit timewait=entered;"
			  "client timewait end=expired;"
			  "server close closer=remote how=fin",
		.counters = OPENED "TW=1",
	},
	{
		.name = "exit_with_open_socket",
		.families = V4 | V6,
		.script = OPEN "srv exit; until srv FIN_WAIT2; cli close; until srv TIME_WAIT",
		.events = "server close closer=local how=fin cause=exit timewait=entered;"
			  "server timewait end=expired;"
			  "client close closer=remote how=fin",
		.counters = OPENED "TW=1",
	},
	{
		/* Second to close, and by dying. */
		.name = "kill9_in_close_wait",
		.families = V4,
		.script = OPEN "srv close; until srv FIN_WAIT2; kill cli; until srv TIME_WAIT",
		.events = "server close closer=local how=fin cause=close timewait=entered;"
			  "server timewait end=expired;"
			  "client close closer=remote how=fin",
		.counters = OPENED "TW=1",
	},
	{
		/*
		 * Both FINs are on the wire when the first one arrives: FIN_WAIT1 -> CLOSING -> TIME_WAIT on both ends, none of them
		 * ever in FIN_WAIT2. A FIN retransmitted meanwhile starts 2MSL again.
		 */
		.name = "simultaneous_close",
		.families = V4 | V6,
		.script = "srv listen; cli dial; peer relay; cli await; srv accept; peer relay;"
			  "cli close; srv close; peer relay; until cli TIME_WAIT; until srv TIME_WAIT",
		.events = "client close closer=both how=fin timewait=entered;"
			  "client timewait end=expired fin_wait2_ns=null|0 restarts=0..2;"
			  "server close closer=both how=fin timewait=entered;"
			  "server timewait end=expired fin_wait2_ns=null|0 restarts=0..2",
		.counters = OPENED "TW=2",
	},
	{
		.name = "closed_before_accept",
		.families = V4 | V6,
		.script = "srv listen; cli connect; cli send 10; cli close; until cli FIN_WAIT2;"
			  "srv accept; srv recv 10; srv eof; srv close; until cli TIME_WAIT",
		.events = "client close closer=local how=fin cause=close timewait=entered tx_bytes=10;"
			  "client timewait end=expired;"
			  "server close closer=remote how=fin rx_bytes=10",
		.counters = OPENED "TW=1",
	},
	{
		/* tcp_fin_timeout beyond 60 s: the orphan stays a full socket for the excess, then becomes a tw object. */
		.name = "long_fin_wait2",
		.families = V4 | V6,
		.sysctls = "ipv4/tcp_fin_timeout=63",
		.script = OPEN "cli close; until cli FIN_WAIT2; sleep 4000; srv close; until cli TIME_WAIT",
		.events = "client close closer=local how=fin cause=close timewait=entered fin_wait2_ns=2900ms..4s;"
			  "client timewait end=expired fin_wait2_ns=4s..5500ms;"
			  "server close closer=remote how=fin close_wait_ns=4s..5500ms",
		.counters = OPENED "TW=1",
	},
	{ .name = NULL },
};
