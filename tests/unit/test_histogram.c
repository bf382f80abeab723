/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* test_histogram.c: quantiles against sorted values, and how little memory it takes. */
#include "unit.h"

#include <math.h>

#include "model/histogram.h"

static void assert_within(__u64 value, __u64 exact, double share)
{
	double off = (double)value - (double)exact;

	if (off < 0)
		off = -off;
	assert_true(off <= (double)exact * share + 0.5);
}

static void assert_near(__u64 value, __u64 exact)
{
	assert_within(value, exact, 1.0 / 64);
}

static void test_empty(void **state)
{
	struct histogram h = {0};

	(void)state;
	assert_int_equal(histogram_quantile(&h, 0.5), 0);
	assert_null(h.buckets);
	histogram_clear(&h);
}

static void test_one_value_is_exact(void **state)
{
	static const __u64 values[] = {0, 1, 31, 32, 63, 64, 1000, 60012345678, ~0ULL};

	(void)state;
	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		struct histogram h = {0};

		assert_int_equal(histogram_add(&h, values[i]), 0);
		assert_int_equal(histogram_quantile(&h, 0), values[i]);
		assert_int_equal(histogram_quantile(&h, 0.5), values[i]);
		assert_int_equal(histogram_quantile(&h, 1), values[i]);
		histogram_clear(&h);
	}
}

/* 1000 values that share one power of two, in an order that is not sorted. */
static void test_quantiles(void **state)
{
	struct histogram h = {0};

	(void)state;
	for (__u64 i = 0; i < 1000; i++)
		assert_int_equal(histogram_add(&h, 1024 + i * 619 % 1000), 0);
	assert_int_equal(h.count, 1000);
	assert_near(histogram_quantile(&h, 0.01), 1033);
	assert_near(histogram_quantile(&h, 0.50), 1523);
	assert_near(histogram_quantile(&h, 0.99), 2013);
	assert_int_equal(histogram_quantile(&h, 1), 2023);
	assert_int_equal(h.min, 1024);
	histogram_clear(&h);
}

/* As many values in each power of ten, lowest first or mixed: memory stays small, quantiles get coarser as promised. */
static void assert_spread(unsigned decades, double share, unsigned step)
{
	struct histogram h = {0};
	unsigned n = 1000 * decades;

	for (unsigned i = 0; i < n; i++)
		assert_int_equal(histogram_add(&h, (__u64)(1e6 * pow(10, i * step % n / 1000.0))), 0);
	assert_int_equal(h.count, n);
	assert_true(h.size * (h.width + 2u) <= 256);
	for (unsigned percent = 1; percent < 100; percent++)
		assert_within(histogram_quantile(&h, percent / 100.0), (__u64)(1e6 * pow(10, n * percent / 100.0 / 1000)),
			      share + 0.003 /* from one value to the next */);
	assert_int_equal(h.min, 1000000);
	histogram_clear(&h);
}

static void test_spread_values_take_little_memory(void **state)
{
	(void)state;
	for (unsigned step = 1; step < 1000; step += 996) { /* 1, and a prime */
		assert_spread(1, 1.0 / 32, step);
		assert_spread(2, 1.0 / 16, step);
		assert_spread(4, 1.0 / 8, step);
	}
}

/* The widest there is: 0 and every power of two. */
static void test_all_scales(void **state)
{
	struct histogram h = {0};
	__u64 seen = 0, bins[HISTOGRAM_BINS];

	(void)state;
	histogram_add(&h, 0);
	for (unsigned bit = 0; bit < 64; bit++)
		for (__u64 part = 0; part < 4; part++)
			assert_int_equal(histogram_add(&h, (1ULL << bit) + (part << bit) / 4), 0);
	assert_int_equal(h.count, 257);
	assert_true(h.used <= 65);
	histogram_bins(&h, bins);
	assert_int_equal(bins[0], 5); /* 0, and four times 1 */
	for (unsigned bit = 0; bit < 64; bit++)
		seen += bins[bit];
	assert_int_equal(seen, 257);
	assert_true(histogram_quantile(&h, 0.5) > 1ULL << 30 && histogram_quantile(&h, 0.5) < 1ULL << 34);
	histogram_clear(&h);
}

/* Every power of two and its neighbours: the largest errors are at the buckets' edges. */
static void test_error_is_bounded_on_every_scale(void **state)
{
	(void)state;
	for (unsigned bit = 6; bit < 63; bit++) {
		for (__u64 step = 0; step < 64; step++) {
			__u64 value = (1ULL << bit) + (step << bit) / 64;
			struct histogram h = {0};

			assert_int_equal(histogram_add(&h, 0), 0);
			assert_int_equal(histogram_add(&h, value), 0);
			assert_int_equal(histogram_add(&h, ~0ULL), 0);
			assert_near(histogram_quantile(&h, 0.5), value);
			histogram_clear(&h);
		}
	}
}

static void test_two_humps(void **state)
{
	struct histogram h = {0};

	(void)state;
	for (int i = 0; i < 98; i++)
		histogram_add(&h, 2000000);
	for (int i = 0; i < 2; i++)
		histogram_add(&h, 60000000000);
	assert_near(histogram_quantile(&h, 0.50), 2000000);
	assert_near(histogram_quantile(&h, 0.98), 2000000);
	assert_near(histogram_quantile(&h, 0.99), 60000000000);
	assert_int_equal(h.used, 2);
	histogram_clear(&h);
}

static void test_merge(void **state)
{
	struct histogram a = {0}, b = {0}, all = {0}, none = {0};

	(void)state;
	for (__u64 i = 1; i <= 1000; i++) {
		histogram_add(i % 3 ? &a : &b, i * 1000);
		histogram_add(&all, i * 1000);
	}
	assert_int_equal(histogram_merge(&a, &b), 0);
	assert_int_equal(histogram_merge(&a, &none), 0);
	assert_int_equal(a.count, 1000);
	assert_int_equal(a.used, all.used);
	for (double q = 0; q <= 1; q += 0.01)
		assert_int_equal(histogram_quantile(&a, q), histogram_quantile(&all, q));
	assert_int_equal(histogram_merge(&none, &all), 0);
	assert_int_equal(none.min, 1000);
	assert_int_equal(none.max, 1000000);
	histogram_clear(&a);
	histogram_clear(&b);
	histogram_clear(&all);
	histogram_clear(&none);
	assert_int_equal(a.count, 0);
}

/* Whichever is the coarser, the sum holds all that either held. */
static void test_merge_of_coarse(void **state)
{
	(void)state;
	for (int turn = 0; turn < 2; turn++) {
		struct histogram wide = {0}, narrow = {0}, *into = turn ? &wide : &narrow, *from = turn ? &narrow : &wide;

		for (unsigned i = 0; i < 1000; i++) {
			histogram_add(&wide, (__u64)pow(10, i / 100.0));
			histogram_add(&narrow, 5000000 + i);
		}
		assert_true(wide.coarse > 2 && !narrow.coarse);
		assert_int_equal(histogram_merge(into, from), 0);
		assert_int_equal(into->count, 2000);
		assert_int_equal(into->min, 1);
		assert_true(into->max > 9000000000);
		assert_within(histogram_quantile(into, 0.5), 5000000, 1.0 / 2);
		assert_within(histogram_quantile(into, 0.1), 100, 1.0 / 2);
		histogram_clear(&wide);
		histogram_clear(&narrow);
	}
}

static void test_small(void **state)
{
	struct histogram h = {0};

	(void)state;
	for (__u64 ms = 59900; ms < 60200; ms++) /* natural expiries */
		histogram_add(&h, ms * 1000000);
	assert_true(h.size * (h.width + 2u) <= 16);
	histogram_clear(&h);
}

/* Counts beyond 16 and 32 bits, by values one by one and by a merge, in one bucket and by making buckets wider. */
static void test_large_counts(void **state)
{
	struct histogram h = {0}, doubled = {0}, spread = {0};
	__u64 count = 70000;

	(void)state;
	for (__u64 i = 0; i < count; i++)
		assert_int_equal(histogram_add(&h, 5), 0);
	assert_int_equal(histogram_add(&h, 9), 0);
	assert_int_equal(h.count, count + 1);
	assert_int_equal(histogram_quantile(&h, 0.5), 5);
	assert_int_equal(histogram_quantile(&h, 1), 9);
	for (int i = 0; i < 17; i++) {
		assert_int_equal(histogram_merge(&doubled, &h), 0);
		assert_int_equal(histogram_merge(&h, &doubled), 0);
	}
	assert_true(h.count > 1ULL << 32);
	assert_int_equal(h.count % (count + 1), 0);
	assert_int_equal(histogram_quantile(&h, (double)count / (double)(count + 1)), 5);
	assert_int_equal(histogram_quantile(&h, 0.99999), 9);
	for (__u64 value = 1 << 20; value < 1 << 22; value += 1 << 4) /* below 65536 in each, but not in their sums */
		assert_int_equal(histogram_add(&spread, value), 0);
	for (__u64 value = 1 << 22; value < 1ULL << 40; value *= 2)
		assert_int_equal(histogram_add(&spread, value), 0);
	assert_true(spread.coarse > 0);
	assert_within(histogram_quantile(&spread, 0.5), 5 << 19, 1.0 / 8);
	histogram_clear(&h);
	histogram_clear(&doubled);
	histogram_clear(&spread);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_empty),           cmocka_unit_test(test_one_value_is_exact),
		cmocka_unit_test(test_quantiles),       cmocka_unit_test(test_error_is_bounded_on_every_scale),
		cmocka_unit_test(test_two_humps),       cmocka_unit_test(test_merge),
		cmocka_unit_test(test_small),           cmocka_unit_test(test_spread_values_take_little_memory),
		cmocka_unit_test(test_all_scales),      cmocka_unit_test(test_large_counts),
		cmocka_unit_test(test_merge_of_coarse),
	};

	return RUN_TESTS(tests);
}
