/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* histogram.c: a sorted array of the buckets in use. See histogram.h. */
#include "histogram.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { SUB_BITS = 5, SUBS = 1 << SUB_BITS };

/* Values below 2 * SUBS have a bucket of their own; above, the top SUB_BITS + 1 bits choose it. The largest index is 1919. */
static unsigned index_of(__u64 value)
{
	unsigned shift;

	if (value < SUBS)
		return (unsigned)value;
	shift = 63 - (unsigned)__builtin_clzll(value) - SUB_BITS;
	return shift * SUBS + (unsigned)(value >> shift);
}

static __u64 middle_of(unsigned index)
{
	unsigned shift;

	if (index < 2 * SUBS)
		return index;
	shift = index / SUBS - 1;
	return ((__u64)(index % SUBS + SUBS) << shift) + ((1ULL << shift) >> 1);
}

/* Where the bucket is, or belongs. */
static unsigned position_of(const struct histogram *h, unsigned index)
{
	unsigned low = 0, high = h->used;

	while (low < high) {
		unsigned middle = (low + high) / 2;

		if (h->buckets[middle].index < index)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static int insert_at(struct histogram *h, unsigned position, unsigned index)
{
	if (h->used == h->size) {
		__u32 size = h->size ? h->size * 2 : 2;
		struct bucket *grown = realloc(h->buckets, size * sizeof(*grown));

		if (!grown)
			return -ENOMEM;
		h->buckets = grown;
		h->size = size;
	}
	memmove(&h->buckets[position + 1], &h->buckets[position], (h->used - position) * sizeof(*h->buckets));
	h->buckets[position] = (struct bucket){.index = index};
	h->used++;
	return 0;
}

static int add_to_bucket(struct histogram *h, unsigned index, __u64 count)
{
	unsigned position = position_of(h, index);

	if (position == h->used || h->buckets[position].index != index) {
		int r = insert_at(h, position, index);

		if (r)
			return r;
	}
	h->buckets[position].count += count;
	h->count += count;
	return 0;
}

static void widen(struct histogram *h, __u64 min, __u64 max, bool first)
{
	if (first || min < h->min)
		h->min = min;
	if (first || max > h->max)
		h->max = max;
}

int histogram_add(struct histogram *h, __u64 value)
{
	bool first = !h->count;
	int r = add_to_bucket(h, index_of(value), 1);

	if (!r)
		widen(h, value, value, first);
	return r;
}

int histogram_merge(struct histogram *h, const struct histogram *other)
{
	if (!other->count)
		return 0;
	/* First, so that a merge cut short by -ENOMEM still has bounds that hold what it has. */
	widen(h, other->min, other->max, !h->count);
	for (unsigned i = 0; i < other->used; i++) {
		int r = add_to_bucket(h, other->buckets[i].index, other->buckets[i].count);

		if (r)
			return r;
	}
	return 0;
}

__u64 histogram_value(const struct histogram *h, unsigned i)
{
	__u64 value = middle_of(h->buckets[i].index);

	return value < h->min ? h->min : value > h->max ? h->max : value;
}

__u64 histogram_quantile(const struct histogram *h, double q)
{
	double exact = q * (double)h->count;
	__u64 rank = (__u64)exact, seen = 0;

	if ((double)rank < exact || !rank)
		rank++;
	for (unsigned i = 0; i < h->used; i++) {
		seen += h->buckets[i].count;
		if (seen >= rank)
			return histogram_value(h, i);
	}
	return h->max;
}

void histogram_clear(struct histogram *h)
{
	free(h->buckets);
	*h = (struct histogram){0};
}
