/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* text_histogram.h: a histogram of durations for people. Writes to a stream; its errors are those of the stream. */
#ifndef TWTRACE_TEXT_HISTOGRAM_H
#define TWTRACE_TEXT_HISTOGRAM_H

#include <stdio.h>

#include "model/histogram.h"

/*
 * title, how many values, percentiles; then, unless there are none, a bar for each power of two of ns, laid out as bcc's tools do
 * it, from the first that holds something to the last. The counts are exact, percentiles as exact as histogram.h says.
 *
 * h: of ns. width: terminal columns there are, 0: no limit. The bars shrink to fit; below 48 columns lines are longer than that.
 */
void text_histogram(FILE *out, const char *title, const struct histogram *h, size_t width);

#endif
