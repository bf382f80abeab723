/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* diff.h: the rows of two recordings against each other. */
#ifndef TWTRACE_DIFF_H
#define TWTRACE_DIFF_H

#include <stddef.h>

#include "row.h"

/* What was recorded once. Borrowed, ticked (row.h) over all of its time. */
struct side {
	const struct row *const *rows;
	size_t n;
	double seconds; /* how long; 0: not known, then nothing happened per second */
};

/* What has the same key in both. Of a key that is in one only, the other row is empty, and its key zero. Neither is NULL. */
struct change {
	const struct row *was, *is;
	/*
	 * How much is different, per second: closes by each of those who may have closed first, and failed connects. A service of
	 * which the peers close 100 per second where it was the service itself has changed by 200.
	 */
	double size;
};

/* All rows of both in *out, to free(), by falling size. -ENOMEM. */
int diff_make(struct change **out, size_t *n, const struct side *was, const struct side *is);
/* The row that has the key. */
const struct row *change_key(const struct change *change);

#endif
