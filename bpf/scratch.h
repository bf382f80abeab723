/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * scratch.h: where an event is made, and the record of the connection that it tells of.
 *
 * Not on the stack: there the verifier keeps every constant apart, and walks all that follows once for each. What is in a map it
 * forgets. A record is copied here, and its place freed, before it is read: else all is walked once for each table it may be in.
 */
#ifndef TWTRACE_SCRATCH_H
#define TWTRACE_SCRATCH_H

#include "record.h"

struct scratch {
	u32 claims;
	u32 pad;
	struct record r; /* what was known of the connection; sk 0: it had no record */
	struct event e;
};

/*
 * As many as can be in use on one CPU at a time. A program does not run on top of itself there (6.1, 05b24ff9b2cf), and four take a
 * slot: state_change, state_change_again, destroy, and an iterator, of which the loader runs one at a time. Before 6.1 a program can, but
 * only in softirq on top of a process: two and two.
 */
#define SCRATCHES 4

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, SCRATCHES);
	__type(key, u32);
	__type(value, struct scratch);
} scratches SEC(".maps");

/*
 * Where tracepoints cannot be preempted, whatever comes between on this CPU is over before we go on, and has left the slots as they were:
 * then plain writes do.
 */
static __always_inline bool scratch_claim(struct scratch *s)
{
	if (watched_twice)
		return claim(&s->claims);
	if (s->claims)
		return false;
	*(volatile u32 *)&s->claims = 1;
	return true;
}

static __always_inline struct scratch *scratch_at(u32 slot)
{
	return bpf_map_lookup_elem(&scratches, &slot);
}

/* One for the caller alone, until scratch_leave(). NULL, counted as lost: there is none. */
static __always_inline struct scratch *scratch_take(void)
{
	struct scratch *s;

	for (u32 slot = 0; slot < SCRATCHES; slot++) {
		s = scratch_at(slot);
		if (s && scratch_claim(s))
			return s;
	}
	count_lost(LOST_CONNECTION_MAP);
	return NULL;
}

static __always_inline void scratch_leave(struct scratch *s)
{
	if (watched_twice)
		__sync_fetch_and_add(&s->claims, -1);
	else
		*(volatile u32 *)&s->claims = 0;
}

#endif
