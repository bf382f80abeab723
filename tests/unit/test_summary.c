/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* test_summary.c: sums and identities. */
#include "unit.h"

#include "model/summary.h"

static void sample_totals(struct totals totals[TOTALS_MAX])
{
	struct totals host = {
		.present = 10,
		.opened = 20,
		.closed = {[CLOSER_LOCAL] = {5, 2}, [CLOSER_REMOTE] = {4}, [CLOSER_NONE] = {[HOW_TIMEOUT] = 1}},
		.tw_present = 3,
		.tw_begun = 6,
		.tw_skipped = 1,
		.tw_ended = {[END_EXPIRED] = 2, [END_RESET] = 1},
		.fin_wait2_present = 1,
		.fin_wait2_begun = 5,
		.fin_wait2_turned = 3,
		.fin_wait2_ended = {[END_FIN_WAIT2_TIMEOUT] = 1},
		.connect_failed = {[REASON_REFUSED] = 2, [REASON_ABORTED] = 1},
		.lost = {[LOST_RING_CLOSE] = 4, [LOST_OVERWRITTEN] = 1},
	};
	struct totals matched = {
		.closed = {[CLOSER_LOCAL] = {3}},
		.tw_begun = 3,
		.tw_ended = {[END_EXPIRED] = 1},
	};

	totals[TOTALS_HOST] = host;
	totals[TOTALS_MATCHED] = matched;
}

static void test_host(void **state)
{
	struct totals totals[TOTALS_MAX];
	struct run run = {.backend = "timer"};
	struct in_place in_place = {18, 6, 2};
	struct summary s;
	struct imbalance off;

	(void)state;
	sample_totals(totals);
	summary_make(&s, &run, totals, &in_place);
	assert_int_equal(s.closed, 12);
	assert_int_equal(s.closed_by[CLOSER_LOCAL], 7);
	assert_int_equal(s.closed_by[CLOSER_REMOTE], 4);
	assert_int_equal(s.closed_by[CLOSER_NONE], 1);
	assert_int_equal(s.tw_ended, 3);
	assert_int_equal(s.fin_wait2_ended, 1);
	assert_int_equal(s.connect_failed, 3);
	assert_int_equal(s.lost, 5);
	assert_true(s.known_open);
	assert_int_equal(s.open, 18);
	assert_int_equal(s.tw_now, 6);
	assert_int_equal(s.fin_wait2_now, 2);
	assert_string_equal(s.run.backend, "timer");
	summary_imbalance(&s, &off);
	assert_int_equal(off.connections, 0);
	assert_int_equal(off.time_wait, 0);
	assert_int_equal(off.fin_wait2, 0);
}

static void test_imbalance_is_seen(void **state)
{
	struct totals totals[TOTALS_MAX];
	struct run run = {0};
	struct in_place in_place = {19, 4, 2};
	struct summary s;
	struct imbalance off;

	(void)state;
	sample_totals(totals);
	totals[TOTALS_HOST].fin_wait2_begun++;
	summary_make(&s, &run, totals, &in_place);
	summary_imbalance(&s, &off);
	assert_int_equal(off.connections, -1);
	assert_int_equal(off.time_wait, 2);
	assert_int_equal(off.fin_wait2, 1);
}

static void test_filtered(void **state)
{
	struct totals totals[TOTALS_MAX];
	struct run run = {.filtered = true};
	struct in_place in_place = {18, 2, 0};
	struct summary s;
	struct imbalance off;

	(void)state;
	sample_totals(totals);
	summary_make(&s, &run, totals, &in_place);
	assert_int_equal(s.closed, 3);
	assert_int_equal(s.tw_now, 2);
	assert_false(s.known_open);
	assert_int_equal(s.lost, 5); /* the host's */
	assert_int_equal(s.connect_failed, 0);
	summary_imbalance(&s, &off);
	assert_int_equal(off.connections, 0);
	assert_int_equal(off.time_wait, 0);
	in_place.time_wait = 1;
	summary_make(&s, &run, totals, &in_place);
	summary_imbalance(&s, &off);
	assert_int_equal(off.time_wait, 1);
}

static void test_without_census(void **state)
{
	struct totals totals[TOTALS_MAX];
	struct run run = {0};
	struct summary s;

	(void)state;
	sample_totals(totals);
	summary_make(&s, &run, totals, NULL);
	assert_int_equal(s.open, 18);
	assert_int_equal(s.tw_now, 6);
	assert_int_equal(s.fin_wait2_now, 2);
	totals[TOTALS_HOST].tw_ended[END_EXPIRED] = 100; /* read a moment later than what began */
	summary_make(&s, &run, totals, NULL);
	assert_int_equal(s.tw_now, 0);
}

/* Two runs one after the other: every number adds up, and so do the identities. */
static void test_add(void **state)
{
	struct totals totals[TOTALS_MAX];
	struct run run = {.ts = 5, .duration_ns = 10, .known_missed = true, .missed = 2};
	struct in_place in_place = {18, 6, 2};
	struct summary s, other;
	struct imbalance off;

	(void)state;
	sample_totals(totals);
	summary_make(&s, &run, totals, &in_place);
	run = (struct run){.ts = 4, .duration_ns = 1, .known_missed = true, .missed = 1};
	summary_make(&other, &run, totals, &in_place);
	summary_add(&s, &other);
	assert_int_equal(s.closed, 24);
	assert_int_equal(s.closed_by[CLOSER_LOCAL], 14);
	assert_int_equal(s.totals.closed[CLOSER_LOCAL][HOW_RST], 4);
	assert_int_equal(s.lost, 10);
	assert_int_equal(s.run.duration_ns, 11);
	assert_int_equal(s.run.ts, 5);
	assert_int_equal(s.run.missed, 3);
	assert_true(s.known_open && s.run.known_missed);
	summary_imbalance(&s, &off);
	assert_int_equal(off.connections, 0);
	assert_int_equal(off.time_wait, 0);
	assert_int_equal(off.fin_wait2, 0);
	run.filtered = true;
	run.known_missed = false;
	summary_make(&other, &run, totals, &in_place);
	summary_add(&s, &other);
	assert_true(!s.known_open && !s.run.known_missed && s.run.filtered);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_host),     cmocka_unit_test(test_imbalance_is_seen),
		cmocka_unit_test(test_filtered), cmocka_unit_test(test_without_census),
		cmocka_unit_test(test_add),
	};

	return RUN_TESTS(tests);
}
