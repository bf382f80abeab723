/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* histogram.c: a sorted array of the buckets in use. See histogram.h. */
#include "histogram.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { SUB_BITS = 5, BUCKETS_MAX = 64 };

/*
 * A power of two has 2^bits buckets. Values below twice that have one of their own; above, the top bits + 1 bits choose it. The
 * largest index is 1919.
 */
static unsigned index_of(__u64 value, unsigned bits)
{
	unsigned shift;

	if (value >> bits == 0)
		return (unsigned)value;
	shift = 63 - (unsigned)__builtin_clzll(value) - bits;
	return (shift << bits) + (unsigned)(value >> shift);
}

static __u64 middle_of(unsigned index, unsigned bits)
{
	unsigned shift;

	if (index >> (bits + 1) == 0)
		return index;
	shift = (index >> bits) - 1;
	return ((__u64)(index - (shift << bits)) << shift) + ((1ULL << shift) >> 1);
}

static unsigned bits_of(const struct histogram *h)
{
	return SUB_BITS - h->coarse;
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

/* Two neighbours become one: those whose index at one bit less is the same. */
static void coarsen(struct histogram *h)
{
	unsigned bits = bits_of(h), used = 0;

	for (unsigned i = 0; i < h->used; i++) {
		unsigned index = index_of(middle_of(h->buckets[i].index, bits), bits - 1);

		if (used && h->buckets[used - 1].index == index)
			h->buckets[used - 1].count += h->buckets[i].count;
		else
			h->buckets[used++] = (struct bucket){.index = index, .count = h->buckets[i].count};
	}
	h->used = (__u16)used;
	h->coarse++;
}

static int insert_at(struct histogram *h, unsigned position, unsigned index)
{
	if (h->used == h->size) {
		__u16 size = (__u16)(h->size ? h->size * 2 : 2);
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

static int add_to_bucket(struct histogram *h, __u64 value, __u64 count)
{
	unsigned index = index_of(value, bits_of(h)), position = position_of(h, index);

	if (position == h->used || h->buckets[position].index != index) {
		int r = insert_at(h, position, index);

		if (r)
			return r;
	}
	h->buckets[position].count += count;
	h->count += count;
	while (h->used >= BUCKETS_MAX && h->coarse < SUB_BITS)
		coarsen(h);
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
	int r = add_to_bucket(h, value, 1);

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
		int r = add_to_bucket(h, middle_of(other->buckets[i].index, bits_of(other)), other->buckets[i].count);

		if (r)
			return r;
	}
	return 0;
}

/* What stands for all values of a bucket. */
static __u64 value_of(const struct histogram *h, unsigned i)
{
	__u64 value = middle_of(h->buckets[i].index, bits_of(h));

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
			return value_of(h, i);
	}
	return h->max;
}

/* Buckets are aligned to powers of two, and never wider: each is within one bin. */
void histogram_bins(const struct histogram *h, __u64 bins[HISTOGRAM_BINS])
{
	memset(bins, 0, HISTOGRAM_BINS * sizeof(*bins));
	for (unsigned i = 0; i < h->used; i++) {
		__u64 value = value_of(h, i);

		bins[value ? 63 - __builtin_clzll(value) : 0] += h->buckets[i].count;
	}
}

void histogram_clear(struct histogram *h)
{
	free(h->buckets);
	*h = (struct histogram){0};
}
