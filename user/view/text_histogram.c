/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* text_histogram.c: see text_histogram.h. */
#include "text_histogram.h"

#include <string.h>

#include "event.h"
#include "format.h"

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

enum {
	BAR_MAX = 40,
	BAR_MIN = 10,
	BAR_BEGINS = 38, /* columns of the range, the count and the bar's two rules */
};

struct bins {
	__u64 counts[HISTOGRAM_BINS];
	unsigned first, last; /* those that are not empty */
	__u64 highest;
};

/* h: not empty. */
static void bins_fill(struct bins *bins, const struct histogram *h)
{
	*bins = (struct bins){.first = HISTOGRAM_BINS};
	histogram_bins(h, bins->counts);
	for (unsigned bin = 0; bin < HISTOGRAM_BINS; bin++) {
		if (!bins->counts[bin])
			continue;
		bins->last = bin;
		if (bins->first == HISTOGRAM_BINS)
			bins->first = bin;
		if (bins->counts[bin] > bins->highest)
			bins->highest = bins->counts[bin];
	}
}

static void put_percentiles(FILE *out, const struct histogram *h)
{
	static const struct {
		const char *name;
		double q;
	} percentiles[] = {{"p50", 0.5}, {"p90", 0.9}, {"p99", 0.99}, {"p99.9", 0.999}};
	char text[FORMAT_DURATION_MAX];

	fprintf(out, ", min %s", format_duration(text, h->min));
	for (unsigned i = 0; i < COUNT_OF(percentiles); i++)
		fprintf(out, ", %s %s", percentiles[i].name, format_duration(text, histogram_quantile(h, percentiles[i].q)));
	fprintf(out, ", max %s\n", format_duration(text, h->max));
}

static int bar_width(size_t width)
{
	if (!width || width >= BAR_BEGINS + BAR_MAX)
		return BAR_MAX;
	return width < BAR_BEGINS + BAR_MIN ? BAR_MIN : (int)width - BAR_BEGINS;
}

static void put_bin(FILE *out, const struct bins *bins, unsigned bin, int width)
{
	static const char stars[] = "****************************************";
	char from[FORMAT_DURATION_MAX], to[FORMAT_DURATION_MAX];
	int length = (int)((double)bins->counts[bin] / (double)bins->highest * width);

	format_duration(from, bin ? 1ULL << bin : 0);
	format_duration(to, bin < HISTOGRAM_BINS - 1 ? 2ULL << bin : UNKNOWN_NS - 1);
	fprintf(out, "%10s -> %-10s : %-8llu |%-*.*s|\n", from, to, (unsigned long long)bins->counts[bin], width, length, stars);
}

void text_histogram(FILE *out, const char *title, const struct histogram *h, size_t width)
{
	struct bins bins;

	fprintf(out, "%s: %llu", title, (unsigned long long)h->count);
	if (!h->count) {
		putc('\n', out);
		return;
	}
	put_percentiles(out, h);
	bins_fill(&bins, h);
	fprintf(out, "     %-19s : count     distribution\n", "time");
	for (unsigned bin = bins.first; bin <= bins.last; bin++)
		put_bin(out, &bins, bin, bar_width(width));
}
