/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * filter.h: which connections a user asked for. Filled in by the command line, applied in the kernel (bpf/match.h), and to what
 * does not come from there by filter_passes().
 * Criteria of different kinds must all match; within a kind one match is enough; an empty kind matches everything.
 */
#ifndef TWTRACE_FILTER_H
#define TWTRACE_FILTER_H

#include <linux/types.h>

#include "event.h"

enum { FILTER_PIDS_MAX = 64, FILTER_COMMS_MAX = 16, FILTER_PORTS_MAX = 32, FILTER_REMOTES_MAX = 16, FILTER_NETNS_MAX = 16 };

struct filter_remote {
	__u8 addr[16] __attribute__((aligned(4))); /* network byte order, host bits zero, IPv4 in the first four bytes */
	__u8 family;                               /* 4 or 6 */
	__u8 prefix;                               /* 0 to 32, 0 to 128 */
};

struct filter {
	__u32 npids, ncomms, nports, nremotes, nnetns;
	__u32 pids[FILTER_PIDS_MAX];            /* thread groups: owner or closer */
	char comms[FILTER_COMMS_MAX][COMM_LEN]; /* whole names, owner or closer; NUL-padded */
	__u16 ports[FILTER_PORTS_MAX];          /* local or remote, host byte order */
	struct filter_remote remotes[FILTER_REMOTES_MAX];
	__u32 netns[FILTER_NETNS_MAX]; /* inode numbers */
	__u8 family;                   /* 0 both, 4, 6 */
};
#ifndef __bpf__
#include <stdbool.h>

/* Does an event, or what looks like one, pass? */
bool filter_passes(const struct filter *f, const struct event *e);
#endif

#endif
