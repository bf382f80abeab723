/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* test_histogram.c: quantiles against sorted values, and how little memory it takes. */
#include "unit.h"

#include "model/histogram.h"

static void assert_near(__u64 value, __u64 exact)
{
	double off = (double)value - (double)exact;

	if (off < 0)
		off = -off;
	assert_true(off <= (double)exact / 64 + 0.5);
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

/* 1 to 10000 in an order that is not sorted. */
static void test_quantiles(void **state)
{
	struct histogram h = {0};

	(void)state;
	for (__u64 i = 0; i < 10000; i++)
		assert_int_equal(histogram_add(&h, i * 7919 % 10000 + 1), 0);
	assert_int_equal(h.count, 10000);
	assert_near(histogram_quantile(&h, 0.01), 100);
	assert_near(histogram_quantile(&h, 0.50), 5000);
	assert_near(histogram_quantile(&h, 0.99), 9900);
	assert_int_equal(histogram_quantile(&h, 1), 10000);
	assert_int_equal(h.min, 1);
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

static void test_small(void **state)
{
	struct histogram h = {0};

	(void)state;
	for (__u64 ms = 59900; ms < 60200; ms++) /* natural expiries */
		histogram_add(&h, ms * 1000000);
	assert_true(h.size * sizeof(*h.buckets) <= 32);
	histogram_clear(&h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_empty),     cmocka_unit_test(test_one_value_is_exact),
		cmocka_unit_test(test_quantiles), cmocka_unit_test(test_error_is_bounded_on_every_scale),
		cmocka_unit_test(test_two_humps), cmocka_unit_test(test_merge),
		cmocka_unit_test(test_small),
	};

	return RUN_TESTS(tests);
}
