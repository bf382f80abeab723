/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* recent.c: see recent.h. */
#include "recent.h"

#include <string.h>

static void look(struct recent *r, const struct event *e)
{
	struct row_key key;

	group_key(&key, e, r->by);
	if (!memcmp(&key, &r->key, sizeof(key)))
		r->watched[r->watched_count++ % RECENT_WATCHED] = *e;
}

void recent_add(struct recent *r, const struct event *e)
{
	if (e->type == EVENT_TIMEWAIT)
		return;
	r->all[r->count++ % RECENT_ALL] = *e;
	if (r->by)
		look(r, e);
}

void recent_watch(struct recent *r, const struct row_key *key, unsigned by)
{
	__u64 first = r->count > RECENT_ALL ? r->count - RECENT_ALL : 0;

	r->key = *key;
	r->by = by;
	r->watched_count = 0;
	for (__u64 i = first; i < r->count; i++)
		look(r, &r->all[i % RECENT_ALL]);
}

const struct event *recent_watched(const struct recent *r, unsigned ago)
{
	if (ago >= RECENT_WATCHED || ago >= r->watched_count)
		return NULL;
	return &r->watched[(r->watched_count - 1 - ago) % RECENT_WATCHED];
}
