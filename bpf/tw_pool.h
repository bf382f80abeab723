/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * tw_pool.h: where the records of inet_timewait_socks are kept. There may be a hundred, there may be a hundred thousand, and each
 * comes and goes once: a hash table that allocates costs more for that than all the rest of a TIME_WAIT.
 *
 * Records live in places of a pool, which the loader lets grow and shrink by segments (user/source/pool.h). `tw_free` has the
 * places that are free, the one freed last on top: it is still in the cache. A record is found by its key's hash: that names a line
 * of the index, one cache line with a few slots, each for one place. Who finds the line full, or no place free, goes to
 * `timewaits`, a hash table that grows with what is in it.
 *
 * To take a slot is to be the only one in it after counting oneself in, as in record.h. A record is removed once: by the one hook
 * that ends its inet_timewait_sock, or, if that came before the socket's CLOSE, by whoever takes the end out of `early`.
 *
 * The key is what sk and tw share (inet_twsk_alloc()), so that the socket's way to CLOSE finds what was born a moment before.
 */
#ifndef TWTRACE_TW_POOL_H
#define TWTRACE_TW_POOL_H

#include "record.h"

/* How far its end has come. */
enum ending {
	ENDING_NOT,
	ENDING_MAYBE, /* it ends, or is re-armed: see timer_backend.h */
	ENDING_DONE,  /* it ended before its socket reached CLOSE: that one reports it, from `early`, and forgets the record */
};

struct tw_record {
	u64 tw;      /* its address; 0: no record. Never dereferenced but by probe reads while it lives */
	u64 second;  /* FIN_WAIT2 entered, by the socket or else by this; 0: never, or not seen */
	u64 began;   /* TIME_WAIT entered; 0: not yet, or not seen */
	u64 expires; /* its timer, as last seen armed (jiffies) */
	u64 cgroup;
	u8 born;     /* TCP_FIN_WAIT2 or TCP_TIME_WAIT: what it was counted as */
	u8 substate; /* ... as last seen */
	u8 restarts;
	/* A byte each, as they are written by different sides, perhaps at the same time */
	u8 closed;  /* its socket reached CLOSE and was reported */
	u8 matched; /* ... and passed the filter */
	u8 rst_sent;
	u8 ending;          /* enum ending */
	u8 turn_seen;       /* found in TIME_WAIT by a walk, though its turn from FIN_WAIT2 was not seen */
	struct identity id; /* set when the socket reaches CLOSE */
	u32 place;          /* where this is; 0: in `timewaits` */
	u32 slot;           /* ... and where the index says so */
};

/* Up to the names, all 0. */
#define TW_RECORD_CLEAR(r) __builtin_memset((r), 0, __builtin_offsetof(struct tw_record, id.owner_comm))

struct tw_place {
	struct conn_key key;
	struct tw_record r;
	u64 pad;
};

_Static_assert(sizeof(struct tw_place) == 128, "places keep to cache lines");

#define TW_SEGMENT 8192 /* places */
#define TW_SLOTS 5

__u32 tw_keep = ~0u; /* places from here on go out of use once they are free; set by the loader */
__u64 tw_home;       /* how many of them did */
__u32 tw_first;      /* of the segment that is being handed out; set by the loader */

struct tw_line {
	u32 claims[TW_SLOTS];
	u32 hash[TW_SLOTS];
	u32 place[TW_SLOTS]; /* 0: none */
	u32 spilled;         /* records in `timewaits` whose line this is */
};

_Static_assert(sizeof(struct tw_line) == 64, "a line of the index is a cache line");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 65536);
	__type(key, u32);
	__type(value, struct tw_line);
} tw_index SEC(".maps");

const volatile __u32 tw_index_mask; /* lines - 1; set by the loader before load */

struct tw_segment {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, TW_SEGMENT);
	__uint(key_size, sizeof(u32));
	__uint(value_size, sizeof(struct tw_place)); /* clang 14 leaves that type out of the BTF */
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, 32);
	__type(key, u32);
	__array(values, struct tw_segment);
} tw_segments SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_STACK);
	__uint(max_entries, 262144);
	__type(value, u32);
} tw_free SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 65536);
	__type(key, struct conn_key);
	__type(value, struct tw_record);
} timewaits SEC(".maps");

/*
 * Since 6.15 (9544d60a2605) the ports of one endpoint have hashes in a row, and connect() takes every other port while there are any:
 * so what it takes one after the other lies side by side.
 */
static __always_inline struct tw_line *tw_line_of(const struct conn_key *key)
{
	u32 at = key->hash >> 1 & tw_index_mask;

	return bpf_map_lookup_elem(&tw_index, &at);
}

static __always_inline struct tw_place *tw_place_at(u32 place)
{
	u32 segment = place / TW_SEGMENT, at = place % TW_SEGMENT;
	void *places = bpf_map_lookup_elem(&tw_segments, &segment);

	return places ? bpf_map_lookup_elem(places, &at) : NULL;
}

#define TW_SPILLED (~0u) /* in `timewaits` */

/*
 * Where the record of a key is: its place, TW_SPILLED, or 0: there is none. rest: all of the key but `addrs`, see tw_find(). A global
 * function, so that the verifier walks it once a program and not once a path.
 */
__noinline u32 tw_where(u64 addrs, u64 rest)
{
	const struct conn_key key = {.addrs = addrs, .hash = rest >> 32, .lport = rest >> 16, .rport = rest};
	const struct tw_line *line = tw_line_of(&key);

	if (!line)
		return 0;
	for (int i = 0; i < TW_SLOTS; i++) {
		u32 place = line->hash[i] == key.hash ? line->place[i] : 0;
		struct tw_place *p = place ? tw_place_at(place) : NULL;

		if (p && key_equal(&p->key, &key))
			return place;
	}
	return line->spilled ? TW_SPILLED : 0;
}

/* A place of a new segment, by its index there: free from now on. The lowest comes last, and so is taken first; 0 is none. */
static __always_inline int tw_hand_out(u32 at)
{
	u32 place = tw_first + TW_SEGMENT - 1 - at;

	if (place)
		bpf_map_push_elem(&tw_free, &place, 0);
	return 0;
}

static __always_inline struct tw_record *tw_find(const struct conn_key *key)
{
	u32 place = tw_where(key->addrs, (u64)key->hash << 32 | (u32)key->lport << 16 | key->rport);
	struct tw_place *p;

	if (place == TW_SPILLED)
		return bpf_map_lookup_elem(&timewaits, key);
	p = place ? tw_place_at(place) : NULL;
	if (!p)
		return NULL;
	barrier_var(p); /* or the compiler adds to it before it asks */
	return &p->r;
}

static __always_inline void tw_record_begin(struct tw_record *r, u64 tw, u8 substate, u64 expires)
{
	TW_RECORD_CLEAR(r);
	r->expires = expires;
	r->born = r->substate = substate;
	barrier();
	r->tw = tw; /* last: now a walk counts it */
}

/* To the table that grows; a deletion there tells whether there was something to delete. */
static __always_inline int tw_spill(const struct conn_key *key, const struct tw_record *r)
{
	struct tw_line *line = tw_line_of(key);
	int err = line ? bpf_map_update_elem(&timewaits, key, r, BPF_NOEXIST) : -1;

	if (!err)
		__sync_fetch_and_add(&line->spilled, 1);
	return err;
}

static __noinline int tw_spill_new(const struct conn_key *key, u64 tw, u8 substate, u64 expires)
{
	struct tw_record r = {.tw = tw, .born = substate, .substate = substate, .expires = expires};

	return tw_spill(key, &r);
}

static __always_inline bool tw_unspill(const struct conn_key *key)
{
	struct tw_line *line = tw_line_of(key);

	if (!line || bpf_map_delete_elem(&timewaits, key))
		return false;
	__sync_fetch_and_add(&line->spilled, -1);
	return true;
}

/* A slot of the line for this caller alone, or TW_SLOTS. */
static __always_inline u32 tw_claim(struct tw_line *line)
{
	for (u32 i = 0; i < TW_SLOTS; i++)
		if (claim(&line->claims[i]))
			return i;
	return TW_SLOTS;
}

/* A record for what has none; the line is its key's. Not 0: there is no room. */
static __always_inline int tw_add(struct tw_line *line, const struct conn_key *key, u64 tw, u8 substate, u64 expires)
{
	u32 slot = tw_claim(line), place;
	struct tw_place *p = NULL;

	if (slot >= TW_SLOTS)
		return tw_spill_new(key, tw, substate, expires);
	if (!bpf_map_pop_elem(&tw_free, &place))
		p = tw_place_at(place);
	if (!p) {
		__sync_fetch_and_add(&line->claims[slot], -1);
		return tw_spill_new(key, tw, substate, expires);
	}
	p->key = *key;
	p->r.place = place;
	p->r.slot = slot;
	tw_record_begin(&p->r, tw, substate, expires);
	line->hash[slot] = key->hash;
	line->place[slot] = place;
	return 0;
}

/* The record `tw` had at that place, if it still does. */
static __always_inline struct tw_record *tw_look(u32 place, const struct conn_key *key, u64 tw)
{
	struct tw_place *p = place ? tw_place_at(place) : NULL;
	struct tw_record *r = NULL;

	if (p)
		r = &p->r;
	else if (!place)
		r = tw_find(key);
	return r && r->tw == tw ? r : NULL;
}

static __always_inline int tw_remove(const struct conn_key *key, struct tw_record *r)
{
	struct tw_line *line = tw_line_of(key);
	u32 place = r->place, slot = r->slot;

	if (!place) {
		tw_unspill(key);
		return 0;
	}
	if (!line || slot >= TW_SLOTS)
		return 0;
	r->tw = 0;
	line->place[slot] = 0;
	__sync_fetch_and_add(&line->claims[slot], -1);
	if (place < tw_keep)
		bpf_map_push_elem(&tw_free, &place, 0);
	else
		__sync_fetch_and_add(&tw_home, 1);
	return 0;
}

#endif
