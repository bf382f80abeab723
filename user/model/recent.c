/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* recent.c: see recent.h. */
#include "recent.h"

#include <stdlib.h>
#include <string.h>

static __u32 hash_of(const struct event *e)
{
	struct row_key key;
	__u64 hash = 14695981039346656037ULL; /* FNV-1a */

	group_key(&key, e, GROUP_DEFAULT);
	for (size_t i = 0; i < sizeof(key); i++)
		hash = (hash ^ ((const __u8 *)&key)[i]) * 1099511628211ULL;
	return (__u32)(hash ^ hash >> 32);
}

static unsigned share_of(const struct recent_bucket *bucket, __u32 whose)
{
	unsigned share = 0;

	for (unsigned i = 0; i < bucket->used; i++)
		share += bucket->whose[i] == whose;
	return share;
}

/* The oldest of whoever has most in a full bucket; of the new one's own, if nobody has more. */
static unsigned choose_victim(const struct recent_bucket *bucket, __u32 whose)
{
	unsigned victim = 0, most = 0;

	for (unsigned i = 0; i < bucket->used; i++) {
		unsigned share = 2 * share_of(bucket, bucket->whose[i]) + (bucket->whose[i] == whose);
		bool older = bucket->events[i].ts < bucket->events[victim].ts;

		if (share > most || (share == most && older))
			victim = i;
		if (share > most)
			most = share;
	}
	return victim;
}

static void keep(struct recent *r, const struct event *e)
{
	__u32 whose = hash_of(e);
	struct recent_bucket *bucket = &r->buckets[whose % RECENT_BUCKETS];
	unsigned i = bucket->used < RECENT_EACH ? bucket->used++ : choose_victim(bucket, whose);

	bucket->events[i] = *e;
	bucket->whose[i] = whose;
}

static bool is_watched(const struct recent *r, const struct event *e)
{
	struct row_key key;

	group_key(&key, e, r->by);
	return !memcmp(&key, &r->key, sizeof(key));
}

static void watch(struct recent *r, const struct event *e)
{
	r->watched[r->watched_count++ % RECENT_WATCHED] = *e;
}

void recent_add(struct recent *r, const struct event *e)
{
	if (e->type == EVENT_TIMEWAIT)
		return;
	keep(r, e);
	if (r->by && is_watched(r, e))
		watch(r, e);
}

static int by_time(const void *a, const void *b)
{
	const struct event *x = *(const struct event *const *)a, *y = *(const struct event *const *)b;

	return (x->ts > y->ts) - (x->ts < y->ts);
}

void recent_watch(struct recent *r, const struct row_key *key, unsigned by)
{
	const struct event *found[RECENT_BUCKETS * RECENT_EACH];
	size_t n = 0;

	r->key = *key;
	r->by = by;
	r->watched_count = 0;
	for (unsigned b = 0; b < RECENT_BUCKETS; b++)
		for (unsigned i = 0; i < r->buckets[b].used; i++)
			if (is_watched(r, &r->buckets[b].events[i]))
				found[n++] = &r->buckets[b].events[i];
	qsort(found, n, sizeof(found[0]), by_time);
	for (size_t i = 0; i < n; i++)
		watch(r, found[i]);
}

const struct event *recent_watched(const struct recent *r, unsigned ago)
{
	if (ago >= RECENT_WATCHED || ago >= r->watched_count)
		return NULL;
	return &r->watched[(r->watched_count - 1 - ago) % RECENT_WATCHED];
}
