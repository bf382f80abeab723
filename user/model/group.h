/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * group.h: what events are added up by: process, endpoint, and whatever else tells one row of a table from another.
 */
#ifndef TWTRACE_GROUP_H
#define TWTRACE_GROUP_H

#include <stddef.h>

#include "event.h"
#include "meaning.h"

/* Bits of a set. Where a finer one is in the set, a coarser one of the same thing adds nothing. */
enum group {
	GROUP_PROCESS = 1,
	GROUP_ENDPOINT = 2,
	GROUP_COMM = 4,
	GROUP_REMOTE = 8, /* the remote network: /24 of an IPv4 address, /64 of an IPv6 one */
	GROUP_CGROUP = 16,
	GROUP_NETNS = 32,
	GROUP_ALL = 63,
	GROUP_DEFAULT = GROUP_PROCESS | GROUP_ENDPOINT,
};

enum { GROUP_PREFIX4 = 24, GROUP_PREFIX6 = 64, GROUP_LIST_MAX = 48 };

/* Compared and hashed as bytes: no padding; what is unknown, or not grouped by, is zero. */
struct row_key {
	__u64 cgroup;
	struct process process;   /* pid 0 with a name: grouped by comm */
	struct endpoint endpoint; /* family 0: not grouped by */
	__u32 netns;
	__u32 prefix; /* not 0: endpoint is a network with so long a prefix, without port and role */
};

/* by: a set of enum group. */
void group_key(struct row_key *key, const struct event *e, unsigned by);

/* The key that from would have, were it made by less: what by asks for and from lacks is zero. */
void group_coarser(struct row_key *key, const struct row_key *from, unsigned by);

/* The network that an address is in, by the prefixes above; returns the prefix. */
unsigned group_network(__u8 out[16], unsigned family, const __u8 addr[16]);

/* "process,endpoint". -EINVAL: *bad and *bad_len are what is no name of a group. */
int group_parse(unsigned *by, const char *list, const char **bad, size_t *bad_len);
/* The same backwards; returns buf. */
char *group_list(char buf[GROUP_LIST_MAX], unsigned by);

#endif
