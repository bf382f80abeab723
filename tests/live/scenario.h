/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * scenario.h: what a scenario is. Each is one row of a table: a script that provokes exactly one situation in a network
 * namespace of its own, the events which that must give, and how far the kernel's own counters must move.
 *
 * Script: steps separated by ';', each "who verb [argument…] [= ERRNO]". `= ERRNO` says the step must fail that way.
 *   cli srv kid aux   processes of these names; their verbs are in actor.c (listen, connect, accept, send, close, …)
 *   peer              a TCP made of hand-written packets at the other end of a TUN device; its verbs are in peer.c
 *   until WHO STATE   wait until the kernel says that WHO's connection is in STATE (`gone`: there is none). Before the
 *                     other end closes, wait for FIN_WAIT2 at the first: in CLOSE_WAIT its ACK may still be on its way, and
 *                     be overtaken by the next FIN on another CPU; then it meets a TIME_WAIT, which answers, and a RST ends it
 *   kill WHO          kill -9, and wait until it is dead
 *   sleep MS
 *
 * Events: separated by ';', each "side type key=value…". Side is `client` or `server`, the end of the connection that is
 * meant (port 80 is the server's). Keys are those of the JSON line, plus two short ones which stand for several:
 *   opener=WHO      who called connect() or accept()
 *   closed_by=WHO   in whose context our FIN or RST was decided (`-`: nobody's)
 * Values: text, number, `null`, `true`, `*` (anything), `a|b` (either), `1s..2500ms` (a range, both ends included), `2msl`
 * (60 s plus what the timer wheel adds). What a row does not say has the default that expect.c gives it; a `timewait` says of
 * its connection what the `close` of the same side before it said.
 *
 * Counters: "NAME=N…". A counter that is not named must not move.
 */
#ifndef LIVE_SCENARIO_H
#define LIVE_SCENARIO_H

#include <stdbool.h>

enum family { V4 = 1, V6 = 2, MAPPED = 4 /* IPv6 sockets that speak IPv4 */ };

enum { SERVER_PORT = 80, PEER_PORT = 5000 /* the peer's when it connects */ };

struct scenario {
	const char *name;     /* NULL ends a table */
	unsigned families;    /* run once for each */
	const char *sysctls;  /* "ipv4/name=value; …", below /proc/sys/net */
	const char *before;   /* the part of the script that runs before the tracer starts */
	const char *script;
	const char *events;
	const char *counters; /* by how much, from the end of `before` on */
	bool vanish;          /* the namespace goes at the end of the script; otherwise it stays until no connection is left */
	const char *(*missing)(void); /* names what this kernel lacks for it, or NULL: nothing */
};

/* Common beginnings, and what they do to the counters. */
#define OPEN      "srv listen; cli connect; srv accept; "
#define OPENED    "ActiveOpens=1 PassiveOpens=1 "
#define PEER_OPEN "cli dial; peer hear SYN; peer send SYN ACK; cli await; peer hear ACK; "
/* A local port range of one. (The kernel warns of a range of odd length.) */
#define ONE_PORT "ipv4/ip_local_port_range=40000 40001; ipv4/ip_local_reserved_ports=40001"

extern const struct scenario orderly_scenarios[], abort_scenarios[], timewait_scenarios[], connect_scenarios[],
	owner_scenarios[];

#endif
