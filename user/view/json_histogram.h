/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * json_histogram.h: a histogram of durations as a JSON line.
 *
 * histogram  v, type, ts, of (lifetime, fin_wait2, time_wait), count, min_ns, p50_ns, p90_ns, p99_ns, p999_ns, max_ns (null
 * without values), bin_0 to bin_63: how many lasted 2^n ns and more, below 2^(n+1); 0 ns is in bin_0
 */
#ifndef TWTRACE_JSON_HISTOGRAM_H
#define TWTRACE_JSON_HISTOGRAM_H

#include "json.h"
#include "model/histogram.h"

/* h: of ns. unix_ns: ns since 1970. */
void json_histogram(struct json *j, const char *of, const struct histogram *h, __u64 unix_ns);

#endif
