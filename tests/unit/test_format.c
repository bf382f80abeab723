/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* test_format.c: values as people read them. */
#include "unit.h"

#include <time.h>

#include "view/format.h"

static void assert_duration(__u64 ns, const char *expected)
{
	char buf[FORMAT_DURATION_MAX];

	assert_string_equal(format_duration(buf, ns), expected);
}

static void test_duration(void **state)
{
	(void)state;
	assert_duration(UNKNOWN_NS, "-");
	assert_duration(0, "0ns");
	assert_duration(999, "999ns");
	assert_duration(1000, "1.00us");
	assert_duration(12345, "12.3us");
	assert_duration(999499, "999us");
	assert_duration(999500, "1.00ms");
	assert_duration(4000000, "4.00ms");
	assert_duration(999499999, "999ms");
	assert_duration(999500000, "1.00s");
	assert_duration(60012000000, "60.0s");
	assert_duration(120000000000, "120s");
	assert_duration(600000000000, "10m00s");
	assert_duration(11520000000000, "3h12m");
	assert_duration(183600000000000, "2d03h");
	assert_duration(UNKNOWN_NS - 1, "213503d23h");
}

static void test_rate(void **state)
{
	char buf[FORMAT_RATE_MAX];

	(void)state;
	assert_string_equal(format_rate(buf, 0), "0");
	assert_string_equal(format_rate(buf, 0.25), "0.25");
	assert_string_equal(format_rate(buf, 9.999), "10.0");
	assert_string_equal(format_rate(buf, 12.5), "12.5");
	assert_string_equal(format_rate(buf, 812.4), "812");
	assert_string_equal(format_rate(buf, 1e300), "1000000000000000");
}

static void test_percent(void **state)
{
	char buf[FORMAT_PERCENT_MAX];

	(void)state;
	assert_string_equal(format_percent(buf, 0), "0%");
	assert_string_equal(format_percent(buf, 0.01), "<1%");
	assert_string_equal(format_percent(buf, 33.4), "33%");
	assert_string_equal(format_percent(buf, 99.99), ">99%");
	assert_string_equal(format_percent(buf, 100), "100%");
}

static void test_endpoints(void **state)
{
	char buf[FORMAT_ENDPOINT_MAX];
	struct endpoint endpoint = {.addr = {10, 0, 0, 2}, .port = 80, .family = 4, .role = ROLE_CLIENT};

	(void)state;
	assert_string_equal(format_endpoint(buf, &endpoint), "10.0.0.2:80");
	endpoint.role = ROLE_UNKNOWN;
	assert_string_equal(format_endpoint(buf, &endpoint), "10.0.0.2:80");
	endpoint.role = ROLE_SERVER;
	assert_string_equal(format_endpoint(buf, &endpoint), "10.0.0.2->:80");
	memset(endpoint.addr, 0xff, 16);
	endpoint.family = 6;
	endpoint.port = 65535;
	assert_string_equal(format_endpoint(buf, &endpoint), "[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]->:65535");
	assert_string_equal(format_address_port(buf, 6, endpoint.addr, 1), "[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]:1");
}

static void test_clock(void **state)
{
	char buf[FORMAT_CLOCK_MAX];

	(void)state;
	setenv("TZ", "UTC", 1);
	tzset();
	assert_string_equal(format_clock(buf, 45296000007000), "12:34:56.000007");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_duration),  cmocka_unit_test(test_rate),  cmocka_unit_test(test_percent),
		cmocka_unit_test(test_endpoints), cmocka_unit_test(test_clock),
	};

	return RUN_TESTS(tests);
}
