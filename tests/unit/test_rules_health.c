/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* test_rules_health.c: connections nobody closes, peers that vanish, and what the doctor has not seen. */
#include "facts.h"

static struct leak *add_leak(struct host *h, const char *comm, __u64 n)
{
	struct leak *leak = &h->leaks[h->facts.nleaks++];

	*leak = (struct leak){.name = {.pid = 100, .processes = 1}, .count = {.n = n, .oldest_ns = 9000000000, .at_least = true}};
	snprintf(leak->name.comm, COMM_LEN, "%s", comm);
	return leak;
}

static void test_close_wait(void **state)
{
	struct host h;
	const struct finding *f;
	struct leak *leak;

	(void)state;
	host_init(&h);
	leak = add_leak(&h, "leaker", 9);
	assert_null(found(&h, "close_wait"));
	leak->count.n = 10;
	f = found(&h, "close_wait");
	assert_non_null(f);
	assert_int_equal(f->severity, SEVERITY_WARNING);
	assert_string_equal(f->subject.comm, "leaker");
	assert_evidence(f, "stuck_in_close_wait", 10);
	assert_true(evidence(f, "oldest_at_least", UNIT_NS)->value == 9e9);
	leak->count.at_least = false;
	assert_true(evidence(found(&h, "close_wait"), "oldest", UNIT_NS)->value == 9e9);
	leak->count.n = 900;
	leak->count.oldest_ns = UNKNOWN_NS;
	f = found(&h, "close_wait");
	assert_int_equal(f->severity, SEVERITY_CRITICAL);
	assert_int_equal(f->nevidence, 1);
	h.facts.leaks = NULL;
	assert_null(found(&h, "close_wait"));
	host_end(&h);
}

static void test_keepalive_unanswered(void **state)
{
	struct host h;
	const struct finding *f;
	struct row *sum;

	(void)state;
	host_init(&h);
	sum = add_subject(&h, "app", ROLE_CLIENT);
	sum->closed[CLOSER_NONE][HOW_TIMEOUT] = sum->unanswered = 10;
	sum->closed[CLOSER_REMOTE][HOW_FIN] = 90;
	f = found(&h, "keepalive_unanswered");
	assert_non_null(f);
	assert_evidence(f, "died_idle", 10);
	assert_evidence(f, "tcp_keepalive_time", 7200);
	assert_null(found(&h, "timeouts")); /* none but these */
	sum->closed[CLOSER_REMOTE][HOW_FIN]++;
	assert_null(found(&h, "keepalive_unanswered"));
	sum->closed[CLOSER_REMOTE][HOW_FIN] = 0;
	sum->unanswered = 9;
	assert_null(found(&h, "keepalive_unanswered"));
	host_end(&h);
}

static void test_timeouts(void **state)
{
	struct host h;
	struct row *sum;

	(void)state;
	host_init(&h);
	sum = add_subject(&h, "app", ROLE_SERVER);
	sum->closed[CLOSER_NONE][HOW_TIMEOUT] = 10;
	assert_evidence(found(&h, "timeouts"), "died_unacknowledged", 10);
	assert_null(found(&h, "keepalive_unanswered"));
	sum->unanswered = 1;
	assert_null(found(&h, "timeouts"));
	sum->unanswered = 0;
	sum->closed[CLOSER_REMOTE][HOW_FIN] = 91;
	assert_null(found(&h, "timeouts"));
	host_end(&h);
}

static void test_lost(void **state)
{
	struct host h;

	(void)state;
	host_init(&h);
	h.summary.host_ends = 9990;
	h.summary.lost = h.summary.totals.lost[LOST_RING_CLOSE] = 10;
	assert_int_equal(found(&h, "lost")->severity, SEVERITY_NOTICE);
	assert_changes(found(&h, "lost"), "--ring-size");
	h.summary.host_ends = 9991;
	assert_null(found(&h, "lost"));
	h.summary.host_ends = 990;
	assert_int_equal(found(&h, "lost")->severity, SEVERITY_WARNING);
	h.summary.totals.lost[LOST_RING_CLOSE] = 0;
	h.summary.totals.lost[LOST_TIMEWAIT_MAP] = 10;
	assert_changes(found(&h, "lost"), "--max-connections");
	h.summary.lost = 9; /* a few are missed on any busy host */
	h.summary.host_ends = 1;
	assert_null(found(&h, "lost"));
	h.summary.lost = 10;
	h.summary.host_ends = 0; /* a filtered recording does not tell of how many */
	h.summary.run.filtered = true;
	assert_null(found(&h, "lost"));
	h.summary.run.filtered = false;
	h.summary.closed = 9990;
	assert_int_equal(found(&h, "lost")->severity, SEVERITY_NOTICE);
	h.summary.host_ends = 1;
	assert_non_null(found(&h, "lost"));
	h.facts.summary = NULL;
	assert_null(found(&h, "lost"));
	host_end(&h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_close_wait),
		cmocka_unit_test(test_keepalive_unanswered),
		cmocka_unit_test(test_timeouts),
		cmocka_unit_test(test_lost),
	};

	return RUN_TESTS(tests);
}
