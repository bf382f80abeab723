/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* test_parse.c: what is a number, and what only looks like one. */
#include "unit.h"

#include <errno.h>

#include "cmd/parse.h"

typedef int (*parse_fn)(const char *s, __u64 *out);

static void assert_parses(parse_fn parse, const char *s, __u64 expected)
{
	__u64 value = 42;

	errno = ERANGE; /* left over from somewhere: must not matter */
	assert_int_equal(parse(s, &value), 0);
	assert_int_equal(value, expected);
}

static void assert_refuses(parse_fn parse, const char *s, int error)
{
	__u64 value = 42;

	assert_int_equal(parse(s, &value), error);
	assert_int_equal(value, 42);
}

static int parse_port(const char *s, __u64 *out)
{
	return parse_number(s, 1, 65535, out);
}

static int parse_any(const char *s, __u64 *out)
{
	return parse_number(s, 0, ~0ULL, out);
}

static void test_number(void **state)
{
	static const char *const not_numbers[] = {"", " 1", "1 ", "+1", "-1", "0x10", "1e3", "1.0", "12a", "a", "\n"};

	(void)state;
	assert_parses(parse_port, "1", 1);
	assert_parses(parse_port, "65535", 65535);
	assert_parses(parse_port, "0080", 80);
	assert_refuses(parse_port, "0", -ERANGE);
	assert_refuses(parse_port, "65536", -ERANGE);
	assert_refuses(parse_port, "4294967376", -ERANGE);           /* 80 in 32 bits */
	assert_refuses(parse_port, "18446744073709551696", -ERANGE); /* 80 in 64 bits */
	assert_parses(parse_any, "18446744073709551615", ~0ULL);
	assert_refuses(parse_any, "18446744073709551616", -ERANGE);
	for (size_t i = 0; i < sizeof(not_numbers) / sizeof(not_numbers[0]); i++)
		assert_refuses(parse_port, not_numbers[i], -EINVAL);
}

static void test_seconds(void **state)
{
	static const char *const not_seconds[] = {"", ".", ".5", "1.", "1.2.3", "1s", "-1", "1.0000000001", "1,5", "1. 5"};

	(void)state;
	assert_parses(parse_seconds, "1", 1000000000);
	assert_parses(parse_seconds, "0.5", 500000000);
	assert_parses(parse_seconds, "1.25", 1250000000);
	assert_parses(parse_seconds, "0.000000001", 1);
	assert_parses(parse_seconds, "86400", 86400000000000);
	assert_refuses(parse_seconds, "0", -ERANGE);
	assert_refuses(parse_seconds, "0.0", -ERANGE);
	assert_refuses(parse_seconds, "18446744074", -ERANGE); /* wraps as ns */
	assert_refuses(parse_seconds, "99999999999999999999", -ERANGE);
	for (size_t i = 0; i < sizeof(not_seconds) / sizeof(not_seconds[0]); i++)
		assert_refuses(parse_seconds, not_seconds[i], -EINVAL);
}

static void test_size(void **state)
{
	(void)state;
	assert_parses(parse_size, "4096", 4096);
	assert_parses(parse_size, "256K", 256 << 10);
	assert_parses(parse_size, "4M", 4 << 20);
	assert_parses(parse_size, "1G", 1 << 30);
	assert_refuses(parse_size, "4m", -EINVAL);
	assert_refuses(parse_size, "4MB", -EINVAL);
	assert_refuses(parse_size, "M", -EINVAL);
	assert_refuses(parse_size, "", -EINVAL);
	assert_refuses(parse_size, "99999999999G", -ERANGE);
}

static void assert_remote(const char *s, unsigned family, unsigned prefix, const char *address)
{
	struct filter_remote remote;
	__u8 expected[16] = {0};

	assert_int_equal(parse_remote(s, &remote), 0);
	assert_int_equal(inet_pton(family == 4 ? AF_INET : AF_INET6, address, expected), 1);
	assert_int_equal(remote.family, family);
	assert_int_equal(remote.prefix, prefix);
	assert_memory_equal(remote.addr, expected, 16);
}

static void test_remote(void **state)
{
	(void)state;
	assert_remote("10.1.2.3", 4, 32, "10.1.2.3");
	assert_remote("10.1.2.3/32", 4, 32, "10.1.2.3");
	assert_remote("10.1.2.3/8", 4, 8, "10.0.0.0");
	assert_remote("10.255.255.255/9", 4, 9, "10.128.0.0");
	assert_remote("10.1.2.3/0", 4, 0, "0.0.0.0");
	assert_remote("::1", 6, 128, "::1");
	assert_remote("2001:db8:ffff::1/33", 6, 33, "2001:db8:8000::");
	assert_remote("::/0", 6, 0, "::");
}

static void test_v4_mapped_is_v4(void **state)
{
	(void)state;
	assert_remote("::ffff:10.1.2.3", 4, 32, "10.1.2.3");
	assert_remote("::ffff:10.1.2.3/104", 4, 8, "10.0.0.0");
	assert_remote("::ffff:0:0/96", 4, 0, "0.0.0.0");
	assert_remote("::ffff:0:0/95", 6, 95, "::fffe:0:0");
}

static void assert_refuses_remote(const char *s, int error)
{
	struct filter_remote remote = {.prefix = 99};

	assert_int_equal(parse_remote(s, &remote), error);
	assert_int_equal(remote.prefix, 99);
}

static void test_bad_remote(void **state)
{
	static const char *const bad[] = {"",
					  "/",
					  "10.0.0",
					  "10.0.0.0.1",
					  "10.0.0.256",
					  "010.0.0.1/8x",
					  "10.0.0.0/",
					  "10.0.0.0/-1",
					  "10.0.0.0/ 8",
					  "10.0.0.0/8/8",
					  "localhost",
					  "[::1]",
					  ":::",
					  "::1%lo",
					  " ::1",
					  "1111:2222:3333:4444:5555:6666:7777:8888:9999:aaaa:bbbb"};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_refuses_remote(bad[i], -EINVAL);
	assert_refuses_remote("10.0.0.0/33", -ERANGE);
	assert_refuses_remote("::/129", -ERANGE);
	assert_refuses_remote("::/18446744073709551744", -ERANGE); /* 128 in 64 bits */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_number), cmocka_unit_test(test_seconds),         cmocka_unit_test(test_size),
		cmocka_unit_test(test_remote), cmocka_unit_test(test_v4_mapped_is_v4), cmocka_unit_test(test_bad_remote),
	};

	return RUN_TESTS(tests);
}
