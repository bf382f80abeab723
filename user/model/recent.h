/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * recent.h: the last closes and failed connects of every row, as far as memory goes, and all the last ones of one row.
 *
 * Whose row is opened wants to see its last ones, though thousands of others may have come since. So a few are kept for each
 * process and endpoint, in buckets that several of them may have to share: who has most there makes room. Those of the row
 * watched are kept apart from then on.
 */
#ifndef TWTRACE_RECENT_H
#define TWTRACE_RECENT_H

#include <stdbool.h>

#include "group.h"

enum { RECENT_BUCKETS = 512, RECENT_EACH = 8, RECENT_WATCHED = 64 };

struct recent_bucket {
	struct event events[RECENT_EACH]; /* in no order */
	__u32 whose[RECENT_EACH];         /* a hash of each one's process and endpoint */
	unsigned used;
};

/* 0.8 MB. Zero it to begin with. */
struct recent {
	struct recent_bucket buckets[RECENT_BUCKETS];
	struct event watched[RECENT_WATCHED]; /* a ring */
	__u64 watched_count;
	struct row_key key;
	unsigned by; /* 0: nothing is watched */
};

void recent_add(struct recent *r, const struct event *e);
/* From now on the row with this key is watched, of a table grouped by. */
void recent_watch(struct recent *r, const struct row_key *key, unsigned by);
/* The one of the row watched that came ago others before the last one; NULL: none is known. */
const struct event *recent_watched(const struct recent *r, unsigned ago);

#endif
