/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* text_histogram.c: see text_histogram.h. */
#include "text_histogram.h"

#include <string.h>

#include "format.h"

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

enum {
	BINS = 64,
	BAR_MAX = 40,
	BAR_MIN = 10,
	BAR_BEGINS = 38, /* columns before a bar and its two rules: range, count */
};

struct unit {
	const char *name;
	__u64 ns;
};

static const struct unit units[] = {{"secs", 1000000000}, {"msecs", 1000000}, {"usecs", 1000}};

struct bins {
	const struct unit *unit;
	__u64 counts[BINS]; /* 0: values 0 and 1; n: 2^n to 2^(n+1) - 1 */
	unsigned first, last;
	__u64 highest;
};

/* The ranges of bcc's layout have ten digits, room for 300 years in secs. */
static const struct unit *choose_unit(const struct histogram *h)
{
	const struct unit *unit = units;

	while (unit < &units[COUNT_OF(units) - 1] && h->min < unit->ns && h->max / unit[1].ns <= 0xffffffff)
		unit++;
	return unit;
}

static unsigned bin_of(__u64 value)
{
	return value ? 63 - (unsigned)__builtin_clzll(value) : 0;
}

static void bins_fill(struct bins *bins, const struct histogram *h)
{
	*bins = (struct bins){.unit = choose_unit(h)};
	bins->first = bin_of(histogram_value(h, 0) / bins->unit->ns);
	for (unsigned i = 0; i < h->used; i++) {
		bins->last = bin_of(histogram_value(h, i) / bins->unit->ns);
		bins->counts[bins->last] += h->buckets[i].count;
		if (bins->counts[bins->last] > bins->highest)
			bins->highest = bins->counts[bins->last];
	}
}

static void put_percentiles(FILE *out, const char *title, const struct histogram *h)
{
	static const struct {
		const char *name;
		double q;
	} percentiles[] = {{"p50", 0.5}, {"p90", 0.9}, {"p99", 0.99}, {"p99.9", 0.999}};
	char text[FORMAT_DURATION_MAX];

	fprintf(out, "%s: %llu", title, (unsigned long long)h->count);
	if (h->count)
		fprintf(out, ", min %s", format_duration(text, h->min));
	for (unsigned i = 0; h->count && i < COUNT_OF(percentiles); i++)
		fprintf(out, ", %s %s", percentiles[i].name, format_duration(text, histogram_quantile(h, percentiles[i].q)));
	if (h->count)
		fprintf(out, ", max %s", format_duration(text, h->max));
	putc('\n', out);
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
	unsigned long long low = bin ? 1ULL << bin : 0, high = (2ULL << bin) - 1;
	int length = (int)((double)bins->counts[bin] / (double)bins->highest * width);

	fprintf(out, "%10llu -> %-10llu : %-8llu |%-*.*s|\n", low, high, (unsigned long long)bins->counts[bin], width, length,
		stars);
}

void text_histogram(FILE *out, const char *title, const struct histogram *h, size_t width)
{
	struct bins bins;

	put_percentiles(out, title, h);
	if (!h->count)
		return;
	bins_fill(&bins, h);
	fprintf(out, "     %-19s : count     distribution\n", bins.unit->name);
	for (unsigned bin = bins.first; bin <= bins.last; bin++)
		put_bin(out, &bins, bin, bar_width(width));
}
