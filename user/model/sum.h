/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* sum.h: arithmetic on counters. */
#ifndef TWTRACE_SUM_H
#define TWTRACE_SUM_H

#include <stddef.h>
#include <linux/types.h>

static inline __u64 sum(const __u64 *counts, size_t n)
{
	__u64 total = 0;

	for (size_t i = 0; i < n; i++)
		total += counts[i];
	return total;
}

/* a - b, and 0 where that would be negative: counters of several CPUs are not read at one instant. */
static inline __u64 minus(__u64 a, __u64 b)
{
	return a > b ? a - b : 0;
}

/* The least that is not less than n. */
static inline __u64 power_of_two(__u64 n)
{
	__u64 power = 1;

	while (power < n)
		power *= 2;
	return power;
}

#endif
