/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * recent.h: the last closes and failed connects, of all and of one row.
 *
 * Whose row is opened wants to see its last ones, though thousands of others may have come since. So those of the row watched are
 * kept apart from the moment it is watched on; what is still among the last of all is taken along.
 */
#ifndef TWTRACE_RECENT_H
#define TWTRACE_RECENT_H

#include <stdbool.h>

#include "group.h"

enum { RECENT_ALL = 512, RECENT_WATCHED = 64 };

/* Zero it to begin with. */
struct recent {
	struct event all[RECENT_ALL]; /* rings: the next one goes to count % size */
	struct event watched[RECENT_WATCHED];
	__u64 count, watched_count;
	struct row_key key;
	unsigned by; /* 0: nothing is watched */
};

void recent_add(struct recent *r, const struct event *e);
/* From now on the row with this key is watched, of a table grouped by. */
void recent_watch(struct recent *r, const struct row_key *key, unsigned by);
/* The one of the row watched that came ago others before the last one; NULL: none is known. */
const struct event *recent_watched(const struct recent *r, unsigned ago);

#endif
