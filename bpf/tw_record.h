/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* tw_record.h: the record of an inet_timewait_sock, and word of those there was no room for. */
#ifndef TWTRACE_TW_RECORD_H
#define TWTRACE_TW_RECORD_H

#include "tw_pool.h"

/*
 * There was no room for their records: inet_timewait_socks by the substate they were born in, so that they are counted to their
 * end. The last ones born, for their sockets, which reach CLOSE next and find no record to say so.
 */
__u64 untracked_time_wait;
__u64 untracked_fin_wait2;

/* By CPU and hash: socket and inet_timewait_sock mostly are on the same CPU, where nothing comes between them. */
#define BORN 4096

static __always_inline u32 born_slot(u32 hash, u32 cpu)
{
	return (cpu & 3) << 10 | (hash & 1023);
}

struct born {
	struct conn_key key;
	u64 substate;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, BORN);
	__type(key, u32);
	__type(value, struct born);
} born_untracked SEC(".maps");

static __always_inline struct tw_record *record_of_tw(struct conn_key *key, const struct inet_timewait_sock *tw)
{
	struct tw_record *r;

	key_of_tw(key, tw);
	r = tw_find(key);
	return r && r->tw == (u64)tw ? r : NULL;
}

static __always_inline void count_tw_begin(struct totals *m, u8 substate)
{
	if (substate == TCP_TIME_WAIT)
		COUNT(m->tw_begun);
	else
		COUNT(m->fin_wait2_begun);
}

/* No room for a record: leave word for its socket. */
static __noinline int tw_born_untracked(const struct inet_timewait_sock *tw, const struct conn_key *key)
{
	u32 slot = born_slot(key->hash, bpf_get_smp_processor_id());
	struct born *word = bpf_map_lookup_elem(&born_untracked, &slot);
	u8 substate = PEEK(tw, tw_substate);

	count_lost(LOST_TIMEWAIT_MAP);
	if (word) {
		word->key = *key;
		word->substate = substate;
	}
	if (substate == TCP_TIME_WAIT)
		__sync_fetch_and_add(&untracked_time_wait, 1);
	else
		__sync_fetch_and_add(&untracked_fin_wait2, 1);
	return 0;
}

/* The word that tw_born_untracked() left of one of this key, or NULL. */
static __noinline struct born *born_find(const struct conn_key *key)
{
	u32 cpu = bpf_get_smp_processor_id();

	for (u32 i = 0; i < 4; i++) {
		u32 slot = born_slot(key->hash, cpu + i);
		struct born *word = bpf_map_lookup_elem(&born_untracked, &slot);

		if (word && key_equal(&word->key, key))
			return word;
	}
	return NULL;
}

/* The substate it was born in, or 0: there is no word of it. */
static __always_inline u8 timewait_untracked(const struct conn_key *key)
{
	struct born *word = born_find(key);

	if (!word)
		return 0;
	__builtin_memset(&word->key, 0, sizeof(word->key));
	return word->substate;
}

/*
 * One without a record ends. Which substate it was born in is not known any more; taking those born in TIME_WAIT first makes the
 * totals come out right when all have ended. Returns whether it counts as turned, or a negative number if there is none.
 */
static __always_inline int tw_end_untracked(u8 substate)
{
	if (substate == TCP_TIME_WAIT && untracked_time_wait) {
		__sync_fetch_and_add(&untracked_time_wait, -1);
		return 0;
	}
	if (!untracked_fin_wait2)
		return -1;
	__sync_fetch_and_add(&untracked_fin_wait2, -1);
	return substate == TCP_TIME_WAIT;
}

#endif
