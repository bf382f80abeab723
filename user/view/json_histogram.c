/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* json_histogram.c: see json_histogram.h. */
#include "json_histogram.h"

#include "json_part.h"

static void put(struct json *j, const char *key, const struct histogram *h, __u64 ns)
{
	json_duration(j, key, h->count ? ns : UNKNOWN_NS);
}

void json_histogram(struct json *j, const char *of, const struct histogram *h, __u64 unix_ns)
{
	__u64 bins[HISTOGRAM_BINS];

	json_lines_begin(j, "histogram", unix_ns);
	json_word(j, "of", of);
	json_u64(j, "count", h->count);
	put(j, "min_ns", h, h->min);
	put(j, "p50_ns", h, histogram_quantile(h, 0.5));
	put(j, "p90_ns", h, histogram_quantile(h, 0.9));
	put(j, "p99_ns", h, histogram_quantile(h, 0.99));
	put(j, "p999_ns", h, histogram_quantile(h, 0.999));
	put(j, "max_ns", h, h->max);
	histogram_bins(h, bins);
	for (unsigned bin = 0; bin < HISTOGRAM_BINS; bin++) {
		char key[16];

		snprintf(key, sizeof(key), "bin_%u", bin);
		json_u64(j, key, bins[bin]);
	}
	json_end(j);
}
