/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* test_sysctls.c: lists of ports, and settings that are known or not. */
#include "unit.h"

#include <errno.h>

#include "model/sysctls.h"

static long long parsed(const char *list, struct port_set *set)
{
	long long n;

	assert_int_equal(port_list_parse(set, &n, list), 0);
	return n;
}

static void test_port_lists(void **state)
{
	struct port_set set;

	(void)state;
	assert_int_equal(parsed("", &set), 0);
	assert_int_equal(parsed("\n", &set), 0);
	assert_int_equal(parsed("8080\n", &set), 1);
	assert_true(port_set_has(&set, 8080));
	assert_false(port_set_has(&set, 8081));
	assert_int_equal(parsed("1,3,10-12,65535\n", &set), 6);
	assert_true(port_set_has(&set, 1) && port_set_has(&set, 3) && port_set_has(&set, 65535));
	assert_true(port_set_has(&set, 10) && port_set_has(&set, 11) && port_set_has(&set, 12));
	assert_false(port_set_has(&set, 0) || port_set_has(&set, 2) || port_set_has(&set, 9) || port_set_has(&set, 13));
	assert_int_equal(parsed("5-7,6-8", &set), 4); /* each counts once */
	assert_int_equal(parsed("0-65535", &set), 65536);
	assert_true(port_set_has(&set, 0));
}

static void test_no_port_lists(void **state)
{
	static const char *const bad[] = {"x", "1,", ",1", "7-5", "65536", "1-", "-1", "1-65536", "1 2", "1;2", "99999999999999999999"};
	struct port_set set;
	long long n;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(port_list_parse(&set, &n, bad[i]), -EINVAL);
}

static void test_known_or_not(void **state)
{
	struct sysctls s = {.known = 1u << SYSCTL_TW_REUSE, .value = {[SYSCTL_TW_REUSE] = 2, [SYSCTL_TIMESTAMPS] = 1}};
	long long value = 7;

	(void)state;
	assert_false(sysctl_get(&s, SYSCTL_TIMESTAMPS, &value));
	assert_false(sysctl_get(NULL, SYSCTL_TW_REUSE, &value));
	assert_int_equal(value, 7);
	assert_true(sysctl_get(&s, SYSCTL_TW_REUSE, &value));
	assert_int_equal(value, 2);
	assert_string_equal(sysctl_name(SYSCTL_TW_REUSE), "net.ipv4.tcp_tw_reuse");
}

static void test_find(void **state)
{
	struct sysctls *all = calloc(3, sizeof(*all));

	(void)state;
	assert_non_null(all);
	all[0].netns = 3;
	all[1].netns = 4026531840u; /* above what an int holds */
	all[2].netns = 4026532000u;
	assert_ptr_equal(sysctls_find(all, 3, 3), &all[0]);
	assert_ptr_equal(sysctls_find(all, 3, 4026531840u), &all[1]);
	assert_ptr_equal(sysctls_find(all, 3, 4026532000u), &all[2]);
	assert_null(sysctls_find(all, 3, 4));
	assert_null(sysctls_find(NULL, 0, 4));
	free(all);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_port_lists),
		cmocka_unit_test(test_no_port_lists),
		cmocka_unit_test(test_known_or_not),
		cmocka_unit_test(test_find),
	};

	return RUN_TESTS(tests);
}
