/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* recent.c: see recent.h. */
#include "recent.h"

#include <stdlib.h>
#include <string.h>

static struct recent_bucket *bucket_of(struct recent *r, const struct event *e)
{
	struct row_key key;
	__u64 hash = 14695981039346656037ULL; /* FNV-1a */

	group_key(&key, e, GROUP_DEFAULT);
	for (size_t i = 0; i < sizeof(key); i++)
		hash = (hash ^ ((const __u8 *)&key)[i]) * 1099511628211ULL;
	return &r->buckets[(hash ^ hash >> 32) % RECENT_BUCKETS];
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
	struct recent_bucket *bucket;

	if (e->type == EVENT_TIMEWAIT)
		return;
	bucket = bucket_of(r, e);
	bucket->events[bucket->count++ % RECENT_EACH] = *e;
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
		for (unsigned i = 0; i < r->buckets[b].count && i < RECENT_EACH; i++)
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
