/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* test_rules_time_wait.c: TIME_WAITs that do not come to be, do not last, or wait for a FIN that does not come. */
#include "facts.h"

static void test_overflow_by_whom(void **state)
{
	struct host h;
	const struct finding *f;

	(void)state;
	host_init(&h);
	close_first(add_subject(&h, "quiet", ROLE_SERVER), 10);
	assert_null(found(&h, "tw_overflow"));
	h.subjects[0].sum.tw_skipped = 9;
	assert_null(found(&h, "tw_overflow"));
	h.subjects[0].sum.tw_skipped = 0;
	add_subject(&h, "small", ROLE_SERVER)->tw_skipped = 100;
	add_subject(&h, "large", ROLE_SERVER)->tw_skipped = 300;
	set(&h, SYSCTL_MAX_TW_BUCKETS, 50);
	f = found(&h, "tw_overflow");
	assert_non_null(f);
	assert_int_equal(f->severity, SEVERITY_WARNING);
	assert_string_equal(f->subject.comm, "large");
	assert_evidence(f, "time_waits_left_out", 300);
	assert_evidence(f, "tcp_max_tw_buckets", 50);
	assert_true(evidence(f, "time_waits_left_out", UNIT_PERCENT)->value == 75);
	assert_string_equal(h.diagnosis.findings[1].subject.comm, "small");
	host_end(&h);
}

static void test_overflow_with_unknown_sysctls(void **state)
{
	struct host h;

	(void)state;
	host_init(&h);
	add_subject(&h, "app", ROLE_CLIENT)->tw_skipped = 10;
	h.facts.sysctls = NULL;
	h.facts.nsysctls = 0;
	assert_non_null(found(&h, "tw_overflow"));
	host_end(&h);
}

static void test_reset(void **state)
{
	struct host h;
	struct row *sum;

	(void)state;
	host_init(&h);
	sum = add_subject(&h, "app", ROLE_SERVER);
	close_first(sum, 100);
	sum->tw_ended[END_RESET] = 100; /* most of them still in FIN_WAIT2 */
	sum->tw_reset = 10;
	assert_evidence(found(&h, "tw_reset"), "time_waits_ended_by_rst", 10);
	assert_int_equal(found(&h, "tw_reset")->severity, SEVERITY_NOTICE);
	sum->busy = 3;
	assert_null(found(&h, "tw_reset"));
	sum->busy = 7;
	sum->tw_reset = 9;
	assert_null(found(&h, "tw_reset"));
	sum->tw_reset = 10;
	close_first(sum, 1); /* not a tenth */
	assert_null(found(&h, "tw_reset"));
	host_end(&h);
}

static void test_other_ends_are_fine(void **state)
{
	struct host h;
	struct row *sum;

	(void)state;
	host_init(&h);
	sum = add_subject(&h, "app", ROLE_SERVER);
	close_first(sum, 100);
	sum->tw_ended[END_EXPIRED] = sum->tw_ended[END_REUSED_SYN] = sum->tw_ended[END_REUSED_CONNECT] =
		sum->tw_ended[END_PURGED] = 100;
	found(&h, "");
	assert_int_equal(h.diagnosis.n, 0);
	host_end(&h);
}

static void test_fin_wait2_that_run_out(void **state)
{
	struct host h;
	const struct finding *f;

	(void)state;
	host_init(&h);
	h.summary.totals.fin_wait2_ended[END_FIN_WAIT2_TIMEOUT] = 9;
	assert_null(found(&h, "fin_wait2"));
	h.summary.totals.fin_wait2_ended[END_FIN_WAIT2_TIMEOUT] = 10;
	f = found(&h, "fin_wait2");
	assert_non_null(f);
	assert_false(f->named); /* nobody is known to have them */
	assert_int_equal(f->severity, SEVERITY_NOTICE);
	assert_evidence(f, "expired_in_fin_wait2", 10);
	h.summary.totals.fin_wait2_begun = 101; /* not a tenth */
	assert_null(found(&h, "fin_wait2"));
	h.summary.totals.fin_wait2_begun = 100;
	add_subject(&h, "some", ROLE_SERVER)->tw_ended[END_FIN_WAIT2_TIMEOUT] = 2;
	add_subject(&h, "most", ROLE_SERVER)->tw_ended[END_FIN_WAIT2_TIMEOUT] = 5;
	assert_string_equal(found(&h, "fin_wait2")->subject.comm, "most");
	h.facts.summary = NULL;
	assert_null(found(&h, "fin_wait2"));
	host_end(&h);
}

/* Many at a time are a pile only if they stay: a busy server always has some on their way through. */
static void test_fin_wait2_that_pile_up(void **state)
{
	struct host h;

	(void)state;
	host_init(&h);
	h.summary.fin_wait2_now = 1000;
	h.summary.totals.fin_wait2_begun = 1000; /* 100 a second: each stays 10 s */
	assert_int_equal(found(&h, "fin_wait2")->severity, SEVERITY_WARNING);
	h.summary.totals.fin_wait2_begun = 1001;
	assert_null(found(&h, "fin_wait2"));
	h.summary.totals.fin_wait2_begun = 0;
	h.summary.fin_wait2_now = 999;
	assert_null(found(&h, "fin_wait2"));
	host_end(&h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_overflow_by_whom),
		cmocka_unit_test(test_overflow_with_unknown_sysctls),
		cmocka_unit_test(test_reset),
		cmocka_unit_test(test_other_ends_are_fine),
		cmocka_unit_test(test_fin_wait2_that_run_out),
		cmocka_unit_test(test_fin_wait2_that_pile_up),
	};

	return RUN_TESTS(tests);
}
