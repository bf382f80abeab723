// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* test_features.c: which backend is chosen, and what the kernel's BTF says of a function. Needs no root: what it refuses is an answer. */
#include <unistd.h>

#include "unit.h"
#include "source/features.h"

static void test_parameters(void **state)
{
	(void)state;
	if (access("/sys/kernel/btf/vmlinux", R_OK))
		skip();
	/* include/net/tcp.h and net/ipv4/tcp_ipv4.c: as many on all kernels from 5.8 to 7.3 */
	assert_int_equal(features_parameters("tcp_time_wait"), 3);
	assert_int_equal(features_parameters("tcp_twsk_unique"), 3);
	assert_int_equal(features_parameters("tcp_no_such_function"), 0);
	assert_int_equal(features_parameters("tcp_sock"), 0); /* a struct */
	features_release();
}

static void test_choice_is_consistent(void **state)
{
	const char *why = NULL, *why_not = NULL;
	enum backend best = features_backend(BACKEND_AUTO, &why);
	enum backend fentry = features_backend(BACKEND_FENTRY, &why_not);

	(void)state;
	assert_non_null(why);
	assert_non_null(why_not);
	if (fentry == BACKEND_FENTRY) {
		assert_int_equal(best, BACKEND_FENTRY);
		assert_string_equal(why_not, "asked for");
	} else {
		assert_int_equal(fentry, BACKEND_AUTO);
		assert_int_not_equal(best, BACKEND_FENTRY);
		assert_true(*why_not);
	}
	if (best == BACKEND_TIMER)
		assert_string_equal(why, why_not); /* why not fentry */
}

static void test_names(void **state)
{
	(void)state;
	assert_string_equal(backend_name(BACKEND_AUTO), "auto");
	assert_string_equal(backend_name(BACKEND_FENTRY), "fentry");
	assert_string_equal(backend_name(BACKEND_TIMER), "timer");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parameters),
		cmocka_unit_test(test_choice_is_consistent),
		cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
