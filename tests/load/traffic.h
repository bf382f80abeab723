/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * traffic.h: what the load generator's processes share: its parameters, the kinds of connection, and counters in one mapping.
 */
#ifndef TWTRACE_LOAD_TRAFFIC_H
#define TWTRACE_LOAD_TRAFFIC_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <netinet/in.h>

/* The first byte a client sends tells the server how this connection is to end. */
enum kind {
	KIND_CLIENT,     /* the client's FIN comes first */
	KIND_SERVER,     /* the server's FIN comes first */
	KIND_BOTH,       /* both are in FIN_WAIT1 before either's FIN arrives at the server: FINs cross */
	KIND_SHUTDOWN,   /* the client shuts down, and closes when the server has */
	KIND_RST_CLIENT, /* SO_LINGER 0 */
	KIND_RST_SERVER,
	KIND_MAX,
};

extern const char *const kind_names[KIND_MAX];

enum { FIRST_PORT = 7000, PORTS_MAX = 25000 }; /* below the ephemeral ports */

struct plan {
	unsigned long connections;
	unsigned clients;
	const enum kind *mix;
	unsigned mix_len;
	unsigned long endpoints;
	unsigned ports4, ports6; /* so many listeners for each family; 0: the family is not used */
	bool any6;               /* every address of prefix6 is local, not only ::1 */
	struct in6_addr prefix6;
	unsigned bind_first, bind_count; /* the client's ports; 0: the kernel chooses */
};

/* In shared memory. */
struct shared {
	atomic_ulong started; /* by clients, as told to the server */
	atomic_uint done;     /* closed by the server. Clients sleep on it as a futex, when too many are under way */
	atomic_uint sleepers;
	atomic_ulong of_kind[KIND_MAX];
	atomic_ulong of_family[2]; /* IPv4, IPv6 */
	atomic_ulong failed;       /* connections that came to nothing, or ended in a way they should not have */
	atomic_ulong no_port;      /* EADDRNOTAVAIL, tried again elsewhere */
};

/* Where connection number n goes to. */
struct sockaddr_storage;
socklen_t endpoint_address(const struct plan *plan, unsigned long n, bool ipv6, struct sockaddr_storage *out);

void complain(const char *what); /* with errno, on stderr; a few times, then no more */

int server_listen(const struct plan *plan); /* returns an epoll descriptor, or -1 */
void server_run(int epoll, struct shared *shared) __attribute__((noreturn));
int client_run(const struct plan *plan, struct shared *shared, unsigned self);

#endif
