/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* port_space.h: which local ports are in use in one network namespace, and which of its range can be had at all. */
#ifndef TWTRACE_PORT_SPACE_H
#define TWTRACE_PORT_SPACE_H

#include <uthash.h>

#include "live_socket.h"
#include "port_set.h"
#include "sysctls.h"

struct port_local; /* the ports in use at one address */

struct port_space {
	__u32 netns;
	const struct sysctls *sysctls; /* borrowed; NULL: its range is not known, or makes no sense; then no port is usable */
	long long low, high;           /* ip_local_port_range */
	__u32 range, reserved, nbound; /* how many; the last two, of the range, as of port_space_count() */
	struct port_set bound;         /* of all ports: bind() or listen() made their bind bucket */
	struct port_local *locals;
	UT_hash_handle hh;
};

/* The namespace's among *all, a new one if it is not there yet; settings: n of them, in order of netns. NULL: no memory. */
struct port_space *port_space_get(struct port_space **all, __u32 netns, const struct sysctls *settings, size_t n);
/* Forgets them all. */
void port_spaces_free(struct port_space **all);

/* Is it of the range, and not reserved? */
bool port_space_usable(const struct port_space *space, __u16 port);
/* A socket has its local port. -ENOMEM. */
int port_space_use(struct port_space *space, const struct live_socket *s);
void port_space_count(struct port_space *space);
/* Usable ports that a bind() to this address cannot have: in use there, or at a wildcard; IPv6's is one for IPv4 as well. */
__u32 port_space_used_at(const struct port_space *space, unsigned family, const __u8 addr[16]);

#endif
