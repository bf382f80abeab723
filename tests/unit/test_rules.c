/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* test_rules.c: how findings become one list, and what it says it has not seen. */
#include "facts.h"

static void test_nothing_wrong(void **state)
{
	struct host h;

	(void)state;
	host_init(&h);
	add_subject(&h, "nginx", ROLE_SERVER)->closed[CLOSER_REMOTE][HOW_FIN] = 100000;
	found(&h, "");
	assert_int_equal(h.diagnosis.n, 0);
	assert_int_equal(h.diagnosis.more, 0);
	assert_int_equal(h.diagnosis.nunseen, 0);
	host_end(&h);
}

static void test_severity_then_rule_then_weight(void **state)
{
	static const char *const order[] = {"no_port",  "close_wait",          "tw_overflow",
					    "tw_reuse", "server_closes_first", "server_closes_first"};
	struct host h;

	(void)state;
	host_init(&h);
	close_first(add_subject(&h, "small", ROLE_SERVER), 1000);
	close_first(add_subject(&h, "large", ROLE_SERVER), 2000);
	add_subject(&h, "app", ROLE_SERVER)->tw_skipped = 10;
	add_subject(&h, "app", ROLE_CLIENT)->connect_failed[REASON_NO_PORT] = 1;
	h.leaks[0].count.n = 10;
	h.facts.nleaks = 1;
	found(&h, "");
	assert_int_equal(h.diagnosis.n, 6);
	for (size_t i = 0; i < 6; i++)
		assert_string_equal(h.diagnosis.findings[i].id, order[i]);
	assert_string_equal(h.diagnosis.findings[4].subject.comm, "large");
	assert_string_equal(h.diagnosis.findings[5].subject.comm, "small");
	host_end(&h);
}

static void test_the_worst_of_many(void **state)
{
	struct host h;

	(void)state;
	host_init(&h);
	for (unsigned i = 0; i < FINDINGS_PER_RULE + 2; i++)
		h.leaks[i].count.n = 10 + i * 7 % 8; /* in no order */
	h.facts.nleaks = FINDINGS_PER_RULE + 2;
	found(&h, "");
	assert_int_equal(h.diagnosis.n, FINDINGS_PER_RULE);
	assert_int_equal(h.diagnosis.more, 2);
	for (unsigned i = 0; i + 1 < FINDINGS_PER_RULE; i++)
		assert_true(h.diagnosis.findings[i].weight > h.diagnosis.findings[i + 1].weight);
	assert_true(h.diagnosis.findings[0].weight == 17);
	assert_true(h.diagnosis.findings[FINDINGS_PER_RULE - 1].weight == 13);
	host_end(&h);
}

/* What every finding must have to be of use. */
static void test_findings_are_whole(void **state)
{
	struct host h;

	(void)state;
	host_init(&h);
	close_first(add_subject(&h, "app", ROLE_CLIENT), 50000);
	close_first(add_subject(&h, "app", ROLE_SERVER), 50000);
	h.subjects[0].sum.connect_failed[REASON_NO_PORT] = 5;
	h.subjects[0].sum.tw_skipped = 50;
	h.subjects[0].sum.tw_reset = 10000;
	h.subjects[0].sum.causes[CAUSE_LINGER0] = h.subjects[0].sum.causes[CAUSE_UNREAD_DATA] = 10000;
	h.subjects[0].sum.closed[CLOSER_NONE][HOW_TIMEOUT] = 20000;
	h.subjects[0].sum.unanswered = 10000;
	h.subjects[0].sum.busy_rst = 7;
	h.leaks[0].count.n = 1000;
	h.facts.nleaks = 1;
	set(&h, SYSCTL_PORT_LOW, 60000);
	set(&h, SYSCTL_FIN_TIMEOUT, 10);
	h.summary.lost = 100;
	h.summary.host_ends = 1;
	found(&h, "");
	assert_int_equal(h.diagnosis.n, 14);
	for (size_t i = 0; i < h.diagnosis.n; i++) {
		const struct finding *f = &h.diagnosis.findings[i];

		assert_true(f->nevidence > 0);
		assert_true(f->nchanges > 0);
		assert_non_null(f->why);
		assert_non_null(f->title);
		assert_true(i + 1 == h.diagnosis.n || f->severity >= h.diagnosis.findings[i + 1].severity);
		for (unsigned k = 0; k < f->nevidence; k++)
			assert_true(strspn(f->evidence[k].name, "abcdefghijklmnopqrstuvwxyz_0123456789") ==
				    strlen(f->evidence[k].name));
	}
	host_end(&h);
}

static bool says_unseen(const struct diagnosis *d, const char *words)
{
	for (unsigned i = 0; i < d->nunseen; i++)
		if (strstr(d->unseen[i].what, words))
			return true;
	return false;
}

static void test_unseen(void **state)
{
	struct host h;
	struct row *sum;

	(void)state;
	host_init(&h);
	h.facts.summary = NULL;
	h.facts.sysctls = NULL;
	h.facts.nsysctls = 0;
	h.facts.pairs = NULL;
	h.facts.leaks = NULL;
	h.facts.settings = NULL;
	h.facts.why_unknown[PART_SYSCTLS] = "nobody knows";
	h.facts.seconds = 2.9;
	h.facts.summed_up = 112; /* just more than a tenth of all */
	sum = add_subject(&h, "old", ROLE_UNKNOWN);
	sum->closed[CLOSER_LOCAL][HOW_FIN] = 110;
	add_subject(&h, "new", ROLE_CLIENT)->closed[CLOSER_LOCAL][HOW_FIN] = 890;
	found(&h, "");
	assert_int_equal(h.diagnosis.nunseen, 8);
	assert_true(says_unseen(&h.diagnosis, "few closes each"));
	assert_true(says_unseen(&h.diagnosis, "totals"));
	assert_true(says_unseen(&h.diagnosis, "sysctls"));
	assert_true(says_unseen(&h.diagnosis, "sysctl.d"));
	assert_true(says_unseen(&h.diagnosis, "local ports"));
	assert_true(says_unseen(&h.diagnosis, "CLOSE_WAIT"));
	assert_true(says_unseen(&h.diagnosis, "burst"));
	assert_true(says_unseen(&h.diagnosis, "opened"));
	assert_string_equal(h.diagnosis.unseen[PART_SYSCTLS].why, "nobody knows");
	h.facts.seconds = 3;
	h.facts.summed_up = 11;
	sum->closed[CLOSER_LOCAL][HOW_FIN] = 99; /* more than a tenth, but few */
	h.subjects[1].sum.closed[CLOSER_LOCAL][HOW_FIN] = 0;
	found(&h, "");
	assert_int_equal(h.diagnosis.nunseen, 5);
	host_end(&h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nothing_wrong),
		cmocka_unit_test(test_severity_then_rule_then_weight),
		cmocka_unit_test(test_the_worst_of_many),
		cmocka_unit_test(test_findings_are_whole),
		cmocka_unit_test(test_unseen),
	};

	return RUN_TESTS(tests);
}
