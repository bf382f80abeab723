/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* test_text_histogram.c: units, bins, bars and percentiles, as whole texts. */
#include "unit.h"

#include "view/text_histogram.h"

#define US 1000ULL
#define MS 1000000ULL
#define S 1000000000ULL

static void assert_text(const struct histogram *h, size_t width, const char *expected)
{
	struct caught c;

	catch_begin(&c);
	text_histogram(c.out, "lifetime", h, width);
	assert_string_equal(caught_text(&c), expected);
	catch_end(&c);
}

static void add(struct histogram *h, __u64 value, unsigned times)
{
	while (times--)
		assert_int_equal(histogram_add(h, value), 0);
}

static void test_empty(void **state)
{
	struct histogram h = {0};

	(void)state;
	assert_text(&h, 0, "lifetime: 0\n");
}

static void test_bins(void **state)
{
	struct histogram h = {0};

	(void)state;
	add(&h, 0, 1);
	add(&h, 1 * US, 1);
	add(&h, 3 * US, 4);
	add(&h, 17 * US, 2);
	assert_text(&h, 0,
		    "lifetime: 8, min 0ns, p50 2.98us, p90 17.0us, p99 17.0us, p99.9 17.0us, max 17.0us\n"
		    "     usecs               : count     distribution\n"
		    "         0 -> 1          : 2        |********************                    |\n"
		    "         2 -> 3          : 4        |****************************************|\n"
		    "         4 -> 7          : 0        |                                        |\n"
		    "         8 -> 15         : 0        |                                        |\n"
		    "        16 -> 31         : 2        |********************                    |\n");
	histogram_clear(&h);
}

static void test_leading_bins_are_left_out(void **state)
{
	struct histogram h = {0};

	(void)state;
	add(&h, 60 * S, 3);
	add(&h, 70 * S, 1);
	assert_text(&h, 0,
		    "lifetime: 4, min 60.0s, p50 60.0s, p90 69.8s, p99 69.8s, p99.9 69.8s, max 70.0s\n"
		    "     secs                : count     distribution\n"
		    "        32 -> 63         : 3        |****************************************|\n"
		    "        64 -> 127        : 1        |*************                           |\n");
	histogram_clear(&h);
}

static void test_units(void **state)
{
	struct histogram h = {0};

	(void)state;
	add(&h, 5 * MS, 1);
	assert_text(&h, 0,
		    "lifetime: 1, min 5.00ms, p50 5.00ms, p90 5.00ms, p99 5.00ms, p99.9 5.00ms, max 5.00ms\n"
		    "     msecs               : count     distribution\n"
		    "         4 -> 7          : 1        |****************************************|\n");
	histogram_clear(&h);
}

/* What is smallest would have it in usecs, what is largest would not fit. */
static void test_long_ranges(void **state)
{
	struct histogram h = {0};
	struct caught c;

	(void)state;
	add(&h, 5 * US, 1);
	add(&h, 80 * 86400 * S, 1);
	catch_begin(&c);
	text_histogram(c.out, "lifetime", &h, 0);
	assert_non_null(
		strstr(caught_text(&c), "     secs                : count     distribution\n         0 -> 1          : 1  "));
	assert_non_null(strstr(caught_text(&c), "   4194304 -> 8388607    : 1 "));
	catch_end(&c);
	histogram_clear(&h);
	add(&h, ~0ULL - 1, 1);
	assert_text(
		&h, 0,
		"lifetime: 1, min 213503d23h, p50 213503d23h, p90 213503d23h, p99 213503d23h, p99.9 213503d23h, max 213503d23h\n"
		"     secs                : count     distribution\n"
		"17179869184 -> 34359738367 : 1        |****************************************|\n");
	histogram_clear(&h);
}

static void test_width(void **state)
{
	struct histogram h = {0};
	struct caught c;

	(void)state;
	add(&h, 1 * US, 1);
	for (size_t width = 48; width < 100; width++) {
		char *line;

		catch_begin(&c);
		text_histogram(c.out, "lifetime", &h, width);
		line = strrchr(caught_text(&c), ':') - 25;
		assert_int_equal(strlen(line), (width < 78 ? width : 78) + 1);
		catch_end(&c);
	}
	assert_text(&h, 20,
		    "lifetime: 1, min 1.00us, p50 1.00us, p90 1.00us, p99 1.00us, p99.9 1.00us, max 1.00us\n"
		    "     usecs               : count     distribution\n"
		    "         0 -> 1          : 1        |**********|\n");
	histogram_clear(&h);
}

/* Whatever is in it, no value is lost between the bins. */
static void test_bins_hold_all(void **state)
{
	struct histogram h = {0};
	unsigned long long total = 0, low, high, count;
	struct caught c;
	char *line, *at;

	(void)state;
	for (unsigned shift = 0; shift < 64; shift++)
		for (__u64 value = 1ULL << shift; value < 2ULL << shift && value >= 1ULL << shift;
		     value += (1ULL << shift) / 3 + 1)
			add(&h, value, 1);
	catch_begin(&c);
	text_histogram(c.out, "lifetime", &h, 0);
	caught_text(&c);
	for (line = strtok_r(c.text, "\n", &at); line; line = strtok_r(NULL, "\n", &at))
		if (sscanf(line, "%llu -> %llu : %llu |", &low, &high, &count) == 3)
			total += count;
	assert_int_equal(total, h.count);
	catch_end(&c);
	histogram_clear(&h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_empty),         cmocka_unit_test(test_bins),
		cmocka_unit_test(test_units),         cmocka_unit_test(test_leading_bins_are_left_out),
		cmocka_unit_test(test_long_ranges),   cmocka_unit_test(test_width),
		cmocka_unit_test(test_bins_hold_all),
	};

	return RUN_TESTS(tests);
}
