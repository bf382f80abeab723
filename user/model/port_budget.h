/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * port_budget.h: how far each pair of local address and remote endpoint is from running out of local ports.
 *
 * A connect() without a bind() before takes a port of ip_local_port_range that is not in ip_local_reserved_ports, whose bind bucket
 * no bind() or listen() made (for whatever address), and which no other connection of the same pair holds: only the four addresses
 * together must be unique (__inet_hash_connect(), net/ipv4/inet_hashtables.c). It tries the ports of one parity first and then the
 * others, so all of the range can be used, but for one port in each attempt if their number is odd. A TIME_WAIT holds its port until its 60 s are over, or, where tcp_tw_reuse applies and the
 * peer sent timestamps, for about a second (tcp_twsk_unique(), net/ipv4/tcp_ipv4.c); one still in FIN_WAIT2 does, too.
 *
 * A bind() to an address and port 0 (without IP_BIND_ADDRESS_NO_PORT) does not know the remote endpoint yet: it takes a port that
 * nobody uses at that local address at all, whatever the remote one (inet_csk_find_open_port(), without SO_REUSEADDR). Such sockets
 * share one budget per local address, the row with `any_remote`.
 *
 * At a rate r, each port being held for H seconds after the close, r * H ports are held: it runs out above (usable - connections) / H.
 * When, at today's rate: the first t at which r * t is more than what is free now and what the TIME_WAITs in place set free until t.
 * None that begins from now on ends before t = H, so t is H at most, or never comes.
 *
 * Pure: everything is given in. The kernel's rules are those of 5.8 to 7.x.
 */
#ifndef TWTRACE_PORT_BUDGET_H
#define TWTRACE_PORT_BUDGET_H

#include <stdbool.h>
#include <stddef.h>

#include "event.h"
#include "filter.h"
#include "live_socket.h"
#include "sysctls.h"

struct port_budget;

struct port_pair_key {
	__u32 netns;
	__u16 rport; /* host byte order; 0 with any_remote */
	__u8 family; /* 4 or 6 */
	__u8 any_remote;
	__u8 laddr[16]; /* as in struct event */
	__u8 raddr[16];
};

/* A process that has to do with a pair. */
struct port_process {
	struct process process; /* pid 0: unknown */
	__u32 held;             /* ports its connections and TIME_WAITs have, reusable ones as well */
	__u64 no_port;          /* its connect()s that found no port */
};

struct port_pair {
	struct port_pair_key key;
	bool known; /* the namespace's range was read; otherwise all that follows from it is 0 */
	/* Ports: usable = range - reserved - bound; held = connections + time_wait; free = usable - held. */
	__u32 range;    /* ip_local_port_range, both ends included */
	__u32 reserved; /* of these, in ip_local_reserved_ports */
	__u32 bound;    /* of the rest, taken by bind() or listen(); always 0 with any_remote */
	__u32 usable;
	__u32 connections; /* not TIME_WAITs, or still in FIN_WAIT2; with any_remote also what else holds ports at the address */
	__u32 time_wait;   /* TIME_WAITs that hold their port */
	__u32 reusable;    /* TIME_WAITs whose port the next connect() may have: not held */
	__u32 held;
	__u32 free;
	double share;     /* held / usable, 0 to 1; 1 where nothing is usable */
	double rate;      /* TIME_WAITs begun a second: since the walk before, or the trace began; see port_budget_end() */
	double max_rate;  /* above it ports run out; HUGE_VAL: at no rate, tcp_max_tw_buckets comes first */
	__u64 hold_ns;    /* how long a new TIME_WAIT will hold its port */
	__u64 left_ns;    /* until they run out at that rate; UNKNOWN_NS: they do not */
	__u64 no_port;    /* connect()s that found none (EADDRNOTAVAIL) since the trace began */
	const struct port_process *processes; /* those that hold most, or were hit most, first */
	size_t nprocesses;
};

/* -ENOMEM. */
int port_budget_new(struct port_budget **out);
/* NULL is fine. */
void port_budget_free(struct port_budget *pb);

/* Of events that are valid (event_valid()) counts the clients' closes that enter TIME_WAIT and the connects without a port. -ENOMEM. */
int port_budget_event(struct port_budget *pb, const struct event *e);

/*
 * A new walk over the sockets begins: forgets the one before. all: n namespaces' settings in order of netns, borrowed until the next
 * port_budget_begin() or port_budget_free().
 */
void port_budget_begin(struct port_budget *pb, const struct sysctls *all, size_t n);
/* Every socket of that walk, whatever a filter says of it. -ENOMEM; -EINVAL for one that live_socket_valid() refuses. */
int port_budget_socket(struct port_budget *pb, const struct live_socket *s);
/*
 * The walk is over: works the rows out. traced_ns: how long events have been counted, all in all. Less than a second of them since the
 * walk before says nothing: then the rate is that of the last 10 s by the ages of the TIME_WAITs. -ENOMEM.
 */
int port_budget_end(struct port_budget *pb, __u64 traced_ns);
/* The rows, nearest to running out first: by no_port, then left_ns, then share. Valid until something is counted again. */
const struct port_pair *const *port_budget_pairs(struct port_budget *pb, size_t *n);
/* Has one of its processes, at its remote end, to do with what the user asked for? */
bool port_pair_passes(const struct port_pair *pair, const struct filter *f);

#endif
