/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * notes.h: a second program at the same tracepoint, for transitions that the first one missed, where that may be many.
 *
 * BPF skips a program that is on this CPU already (recursion_misses). A softirq that comes while state_change() runs in process
 * context loses its transitions, a whole batch of packets' perhaps. That is rare, and costs no more than durations: processes open
 * and close outside of softirq, and what the record lacks is read off the next state, at the latest when the socket is destroyed
 * (connection_destroyed()). But where tracepoints can be preempted (7.0 on), whatever runs on the CPU while a task is preempted
 * inside state_change() is lost, other processes' transitions, too. There, it leaves a note of what it handled, and
 * state_change_again(), next at the same tracepoint, takes the note away or, finding none, handles the transition itself. The note
 * is found by the socket, since a task may move to another CPU in between; CPUs write to different places.
 */
#ifndef TWTRACE_NOTES_H
#define TWTRACE_NOTES_H

#include "record.h"

#define NOTES 4
#define NOTE_PAGES 4096

struct note {
	u64 sk; /* its number; 0: none */
	u32 old;
	u32 new;
};

struct notes {
	struct note note[NOTES];
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, NOTE_PAGES);
	__type(key, u32);
	__type(value, struct notes);
} notes SEC(".maps");

static __always_inline struct notes *notes_of(const struct sock *sk)
{
	u32 page = spread(number_of(sk)) >> 52;

	return bpf_map_lookup_elem(&notes, &page);
}

/* One of the same socket that is still there was never taken: the second program was skipped then. It goes. */
static __always_inline void note_leave(const struct sock *sk, u32 old, u32 new)
{
	struct notes *n = notes_of(sk);
	u64 number = number_of(sk);

	if (!n)
		return;
	for (int i = 0; i < NOTES; i++)
		if (n->note[i].sk == number)
			n->note[i].sk = 0;
	n->note[bpf_get_smp_processor_id() & (NOTES - 1)] = (struct note){number, old, new};
}

static __always_inline bool note_take(const struct sock *sk, u32 old, u32 new)
{
	struct notes *n = notes_of(sk);
	u64 number = number_of(sk);

	for (int i = 0; n && i < NOTES; i++) {
		struct note *note = &n->note[i];

		if (note->sk == number && note->old == old && note->new == new) {
			note->sk = 0;
			return true;
		}
	}
	return false;
}

#endif
