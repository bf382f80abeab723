/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* diff.c: both sides by their keys, then merged as two sorted lists are. See diff.h. */
#include "diff.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static const struct row empty;

const struct row *change_key(const struct change *change)
{
	return change->is == &empty ? change->was : change->is;
}

/* The row that sums up others is like no other. */
static int compare_keys(const struct row *a, const struct row *b)
{
	bool folded_a = a->folded, folded_b = b->folded;

	return folded_a != folded_b ? folded_a - folded_b : memcmp(&a->key, &b->key, sizeof(a->key));
}

static int compare_pointers(const void *a, const void *b)
{
	return compare_keys(*(const struct row *const *)a, *(const struct row *const *)b);
}

static const struct row **sorted(const struct side *side)
{
	const struct row **rows = malloc((side->n + 1) * sizeof(*rows));

	if (!rows)
		return NULL;
	for (size_t i = 0; i < side->n; i++)
		rows[i] = side->rows[i];
	qsort(rows, side->n, sizeof(*rows), compare_pointers);
	return rows;
}

static double per_second(__u64 count, const struct side *side)
{
	return side->seconds > 0 ? (double)count / side->seconds : 0;
}

static double size_of(const struct change *c, const struct side *was, const struct side *is)
{
	double size = fabs(per_second(row_connect_failed(c->is), is) - per_second(row_connect_failed(c->was), was));

	for (int closer = 0; closer < CLOSER_MAX; closer++)
		size += fabs(per_second(row_closed_by(c->is, (enum closer)closer), is) -
			     per_second(row_closed_by(c->was, (enum closer)closer), was));
	return size;
}

static size_t merge(struct change *changes, const struct row **was, size_t nwas, const struct row **is, size_t nis)
{
	size_t n = 0;

	for (size_t i = 0, j = 0; i < nwas || j < nis; n++) {
		int order = i == nwas ? 1 : j == nis ? -1 : compare_keys(was[i], is[j]);

		changes[n].was = order <= 0 ? was[i++] : &empty;
		changes[n].is = order >= 0 ? is[j++] : &empty;
	}
	return n;
}

static int compare_sizes(const void *a, const void *b)
{
	const struct change *x = a, *y = b;

	if (x->size != y->size)
		return x->size < y->size ? 1 : -1;
	return compare_keys(change_key(x), change_key(y));
}

int diff_make(struct change **out, size_t *n, const struct side *was, const struct side *is)
{
	const struct row **old = sorted(was), **new = sorted(is);
	struct change *changes = calloc(was->n + is->n + 1, sizeof(*changes));
	int r = old && new &&changes ? 0 : -ENOMEM;

	if (!r) {
		*n = merge(changes, old, was->n, new, is->n);
		for (size_t i = 0; i < *n; i++)
			changes[i].size = size_of(&changes[i], was, is);
		qsort(changes, *n, sizeof(*changes), compare_sizes);
		*out = changes;
	} else {
		free(changes);
	}
	free(old);
	free(new);
	return r;
}
