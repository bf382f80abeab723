/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* text_histogram.h: a histogram of durations for people. Writes to a stream; its errors are those of the stream. */
#ifndef TWTRACE_TEXT_HISTOGRAM_H
#define TWTRACE_TEXT_HISTOGRAM_H

#include <stdio.h>

#include "model/histogram.h"

/*
 * title, how many values, percentiles; then, unless there are none, the bars by powers of two in the layout of bcc's
 * print_log2_hist(), from the first bin that holds something on. In secs, msecs or usecs: the largest unit that the smallest
 * value has one of, or a larger one where the numbers would grow too long.
 *
 * h: of ns. A value within 1.6 % of a bin's edge may be counted in the bin beyond it (histogram.h); minimum and maximum are
 * exact. width: terminal columns there are, 0: no limit. The bars shrink to fit; below 48 columns lines are longer than that.
 */
void text_histogram(FILE *out, const char *title, const struct histogram *h, size_t width);

#endif
