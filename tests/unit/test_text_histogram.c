/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* test_text_histogram.c: bins, bars and percentiles, as whole texts. */
#include "unit.h"

#include "view/json_histogram.h"
#include "view/text_histogram.h"

#define US 1000ULL
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
	add(&h, 1, 1);
	add(&h, 2, 1);
	add(&h, 3, 3);
	add(&h, 17, 2);
	assert_text(&h, 0,
		    "lifetime: 8, min 0ns, p50 3ns, p90 17ns, p99 17ns, p99.9 17ns, max 17ns\n"
		    "     time                : count     distribution\n"
		    "       0ns -> 2ns        : 2        |********************                    |\n"
		    "       2ns -> 4ns        : 4        |****************************************|\n"
		    "       4ns -> 8ns        : 0        |                                        |\n"
		    "       8ns -> 16ns       : 0        |                                        |\n"
		    "      16ns -> 32ns       : 2        |********************                    |\n");
	histogram_clear(&h);
}

static void test_begins_and_ends_with_what_there_is(void **state)
{
	struct histogram h = {0};

	(void)state;
	add(&h, 60 * S, 3);
	add(&h, 70 * S, 1);
	assert_text(&h, 0,
		    "lifetime: 4, min 60.0s, p50 60.0s, p90 69.8s, p99 69.8s, p99.9 69.8s, max 70.0s\n"
		    "     time                : count     distribution\n"
		    "     34.4s -> 68.7s      : 3        |****************************************|\n"
		    "     68.7s -> 137s       : 1        |*************                           |\n");
	histogram_clear(&h);
	add(&h, ~0ULL - 1, 1);
	assert_text(
		&h, 0,
		"lifetime: 1, min 213503d23h, p50 213503d23h, p90 213503d23h, p99 213503d23h, p99.9 213503d23h, max 213503d23h\n"
		"     time                : count     distribution\n"
		"106751d23h -> 213503d23h : 1        |****************************************|\n");
	histogram_clear(&h);
}

/* However coarse its buckets have become, bins are exact. */
static void test_counts_are_exact(void **state)
{
	struct histogram h = {0};
	struct caught c;

	(void)state;
	for (unsigned bin = 10; bin < 40; bin++) {
		add(&h, 1ULL << bin, bin);
		for (unsigned i = 0; i < 100; i++)
			add(&h, (1ULL << bin) + (1ULL << bin) / 100 * i, 1);
		add(&h, (2ULL << bin) - 1, 2);
	}
	assert_true(h.coarse > 0);
	catch_begin(&c);
	text_histogram(c.out, "lifetime", &h, 0);
	caught_text(&c);
	for (unsigned bin = 10; bin < 40; bin++) {
		char expected[32];
		const char *line = c.text;

		for (unsigned i = 0; i < bin - 10 + 2; i++)
			line = strchr(line, '\n') + 1;
		snprintf(expected, sizeof(expected), " : %-8u |", bin + 102);
		if (strncmp(line + 24, expected, strlen(expected)) != 0)
			fail_msg("not %s in %.60s", expected, line);
	}
	catch_end(&c);
	histogram_clear(&h);
}

static void test_width(void **state)
{
	struct histogram h = {0};
	struct caught c;

	(void)state;
	add(&h, 1 * US, 1);
	for (size_t width = 48; width < 100; width++) {
		const char *line;

		catch_begin(&c);
		text_histogram(c.out, "lifetime", &h, width);
		line = strrchr(caught_text(&c), ':') - 25;
		assert_int_equal(strlen(line), (width < 78 ? width : 78) + 1);
		catch_end(&c);
	}
	assert_text(&h, 20,
		    "lifetime: 1, min 1.00us, p50 1.00us, p90 1.00us, p99 1.00us, p99.9 1.00us, max 1.00us\n"
		    "     time                : count     distribution\n"
		    "     512ns -> 1.02us     : 1        |**********|\n");
	histogram_clear(&h);
}

static void test_json(void **state)
{
	struct histogram h = {0};
	struct caught c;
	struct json j;

	(void)state;
	add(&h, 1, 2);
	add(&h, 5, 3);
	catch_begin(&c);
	json_init(&j, c.out);
	json_histogram(&j, "lifetime", &h, 1709210096000000000);
	assert_non_null(
		strstr(caught_text(&c),
		       "{\"v\":1,\"type\":\"histogram\",\"ts\":\"2024-02-29T12:34:56.000000Z\",\"of\":\"lifetime\",\"count\":5,"
		       "\"min_ns\":1,\"p50_ns\":5,\"p90_ns\":5,\"p99_ns\":5,\"p999_ns\":5,\"max_ns\":5,"
		       "\"bin_0\":2,\"bin_1\":0,\"bin_2\":3,\"bin_3\":0,"));
	assert_non_null(strstr(c.text, ",\"bin_63\":0}\n"));
	catch_end(&c);
	histogram_clear(&h);
	catch_begin(&c);
	json_init(&j, c.out);
	json_histogram(&j, "lifetime", &h, 0);
	assert_non_null(strstr(caught_text(&c), "\"count\":0,\"min_ns\":null,\"p50_ns\":null,"));
	catch_end(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_empty),
		cmocka_unit_test(test_bins),
		cmocka_unit_test(test_begins_and_ends_with_what_there_is),
		cmocka_unit_test(test_counts_are_exact),
		cmocka_unit_test(test_width),
		cmocka_unit_test(test_json),
	};

	return RUN_TESTS(tests);
}
