/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * histogram.h: how a quantity is distributed, in little memory.
 *
 * Log-linear: every power of two is cut in 32 equal buckets, so a quantile is off by at most 1/64 (1.6 %) of its value, whatever
 * the scale; minimum and maximum are exact and bound it. Only buckets that hold something take memory, none before the first
 * value: there are three histograms for each row of a table that may have 10,000s. A bucket takes 4 bytes, or 6 or 10 in
 * histograms that have counted more than 65535 or 4294967295 in one.
 *
 * Values so spread that they fill 64 buckets are kept in buckets twice as wide, and again if need be: no histogram of few values
 * takes more than 256 bytes. Spread over two powers of ten, quantiles are off by at most 1/16, over four by 1/8.
 *
 * A zeroed struct is an empty histogram. Errors: -ENOMEM, and the value is not counted.
 */
#ifndef TWTRACE_HISTOGRAM_H
#define TWTRACE_HISTOGRAM_H

#include <linux/types.h>

enum { HISTOGRAM_BINS = 64 };

struct histogram {
	void *buckets; /* by rising index: first their counts, of so many bytes each, then their indices, of 2 bytes; owned */
	__u8 used, size, width;
	__u8 coarse; /* how often buckets were made twice as wide */
	__u64 count, min, max;
};

int histogram_add(struct histogram *h, __u64 value);
/* Adds all that is in other to h. */
int histogram_merge(struct histogram *h, const struct histogram *other);
/* The value that a share q (0 to 1) of all values does not exceed; 0 when empty. */
__u64 histogram_quantile(const struct histogram *h, double q);
/* How many values are 2^n and more, below 2^(n+1), into bins[n]; 0 is in the first. Exact, however wide buckets have become. */
void histogram_bins(const struct histogram *h, __u64 bins[HISTOGRAM_BINS]);
/* Back to empty; frees what it owns. */
void histogram_clear(struct histogram *h);

#endif
