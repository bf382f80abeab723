/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * pool.h: the places in which the BPF programs keep the records of TIME_WAITs (bpf/tw_pool.h), as many as there is use for.
 *
 * It grows and shrinks by segments of TW_SEGMENT places, an array map each. What finds no place, because the pool could not grow, or
 * not yet, goes to a hash table of the BPF programs'; where fewer records are allowed than a segment has places, all of them do.
 */
#ifndef TWTRACE_POOL_H
#define TWTRACE_POOL_H

#include <linux/types.h>

struct tracer_bpf;

struct pool {
	struct tracer_bpf *skel;
	__u32 places;      /* in a segment */
	__u32 place_size;  /* bytes */
	unsigned most;     /* segments */
	unsigned segments; /* ... there are: the first ones */
	unsigned keep;     /* ... less those on their way out: the last ones */
	int *fds;          /* of each */
	__u32 home;        /* places of those on their way out that are out of the BPF programs' reach */
	int idle;          /* how often in a row there were far too many */
};

/* Before the BPF object is loaded: sizes its maps for `records`. */
void pool_configure(struct pool *p, struct tracer_bpf *skel, unsigned records);
/* After: the first segment. 0 or -errno; nothing is said. */
int pool_open(struct pool *p);
/*
 * For `live` records, or somewhat fewer; call it some times a second. To add or take away a segment it waits for an RCU grace
 * period, some milliseconds.
 */
void pool_tend(struct pool *p, __u64 live);
void pool_close(struct pool *p);

#endif
