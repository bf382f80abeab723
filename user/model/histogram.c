/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* histogram.c: sorted arrays of the buckets in use. See histogram.h. */
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

/* --- the arrays */

static __u16 *indices_of(const struct histogram *h)
{
	return (__u16 *)((char *)h->buckets + (size_t)h->size * h->width);
}

static __u64 count_of(const struct histogram *h, unsigned i)
{
	switch (h->width) {
	case 2:
		return ((const __u16 *)h->buckets)[i];
	case 4:
		return ((const __u32 *)h->buckets)[i];
	default:
		return ((const __u64 *)h->buckets)[i];
	}
}

static void set_count(struct histogram *h, unsigned i, __u64 count)
{
	switch (h->width) {
	case 2:
		((__u16 *)h->buckets)[i] = (__u16)count;
		break;
	case 4:
		((__u32 *)h->buckets)[i] = (__u32)count;
		break;
	default:
		((__u64 *)h->buckets)[i] = count;
	}
}

/* How wide counts must be to hold this one. */
static unsigned width_for(__u64 count)
{
	return count <= 0xffff ? 2 : count <= 0xffffffff ? 4 : 8;
}

static int resize(struct histogram *h, unsigned size, unsigned width)
{
	struct histogram resized = *h;

	resized.size = (__u8)size;
	resized.width = (__u8)width;
	resized.buckets = malloc(size * (width + sizeof(__u16)));
	if (!resized.buckets)
		return -ENOMEM;
	for (unsigned i = 0; i < h->used; i++)
		set_count(&resized, i, count_of(h, i));
	if (h->used)
		memcpy(indices_of(&resized), indices_of(h), h->used * sizeof(__u16));
	free(h->buckets);
	*h = resized;
	return 0;
}

/* Where the bucket is, or belongs. */
static unsigned position_of(const struct histogram *h, unsigned index)
{
	const __u16 *indices = indices_of(h);
	unsigned low = 0, high = h->used;

	while (low < high) {
		unsigned middle = (low + high) / 2;

		if (indices[middle] < index)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static int insert_at(struct histogram *h, unsigned position, unsigned index)
{
	int r = h->used < h->size ? 0 : resize(h, h->size ? h->size * 2 : 4, h->size ? h->width : 2);
	char *counts;
	__u16 *indices;

	if (r)
		return r;
	counts = (char *)h->buckets + (size_t)position * h->width;
	memmove(counts + h->width, counts, (size_t)(h->used - position) * h->width);
	indices = indices_of(h) + position;
	memmove(indices + 1, indices, (h->used - position) * sizeof(*indices));
	*indices = (__u16)index;
	set_count(h, position, 0);
	h->used++;
	return 0;
}

/* Two neighbours become one: those whose index at one bit less is the same. */
static int coarsen(struct histogram *h)
{
	unsigned bits = bits_of(h), used = 0;
	__u16 *indices;

	if (width_for(h->count) > h->width && resize(h, h->size, width_for(h->count)))
		return -ENOMEM;
	indices = indices_of(h);
	for (unsigned i = 0; i < h->used; i++) {
		unsigned index = index_of(middle_of(indices[i], bits), bits - 1);
		bool same = used && indices[used - 1] == index;
		__u64 before = same ? count_of(h, used - 1) : 0;

		used += !same;
		indices[used - 1] = (__u16)index;
		set_count(h, used - 1, before + count_of(h, i));
	}
	h->used = (__u8)used;
	h->coarse++;
	return 0;
}

static int add_to_bucket(struct histogram *h, __u64 value, __u64 count)
{
	unsigned index = index_of(value, bits_of(h)), position = position_of(h, index);
	__u64 sum;

	if (position == h->used || indices_of(h)[position] != index) {
		int r = insert_at(h, position, index);

		if (r)
			return r;
	}
	sum = count_of(h, position) + count;
	if (width_for(sum) > h->width && resize(h, h->size, width_for(sum)))
		return -ENOMEM;
	set_count(h, position, sum);
	h->count += count;
	while (h->used >= BUCKETS_MAX && h->coarse < SUB_BITS && !coarsen(h))
		;
	return 0;
}

/* --- */

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
		int r = add_to_bucket(h, middle_of(indices_of(other)[i], bits_of(other)), count_of(other, i));

		if (r)
			return r;
	}
	return 0;
}

/* What stands for all values of a bucket. */
static __u64 value_of(const struct histogram *h, unsigned i)
{
	__u64 value = middle_of(indices_of(h)[i], bits_of(h));

	return value < h->min ? h->min : value > h->max ? h->max : value;
}

__u64 histogram_quantile(const struct histogram *h, double q)
{
	double exact = q * (double)h->count;
	__u64 rank = (__u64)exact, seen = 0;

	if ((double)rank < exact || !rank)
		rank++;
	for (unsigned i = 0; i < h->used; i++) {
		seen += count_of(h, i);
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

		bins[value ? 63 - __builtin_clzll(value) : 0] += count_of(h, i);
	}
}

void histogram_clear(struct histogram *h)
{
	free(h->buckets);
	*h = (struct histogram){0};
}
