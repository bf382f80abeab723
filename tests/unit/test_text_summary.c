/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* test_text_summary.c: the summary for people. */
#include "unit.h"

#include <time.h>

#include "view/text_summary.h"

static struct summary sample(void)
{
	struct summary s = {
		.run = {.duration_ns = 12300000000, .backend = "timer", .backend_why = "why so", .kernel = "6.1"},
		.known_open = true,
		.totals = {.present = 1,
			   .opened = 9,
			   .closed = {[CLOSER_LOCAL] = {5, 1}, [CLOSER_NONE] = {[HOW_TIMEOUT] = 1}},
			   .tw_begun = 5,
			   .tw_skipped = 2,
			   .tw_ended = {[END_EXPIRED] = 3, [END_RESET] = 1},
			   .fin_wait2_begun = 4,
			   .fin_wait2_turned = 4,
			   .connect_failed = {[REASON_REFUSED] = 2}},
		.open = 3,
		.closed = 7,
		.closed_by = {[CLOSER_LOCAL] = 6, [CLOSER_NONE] = 1},
		.tw_now = 1,
		.tw_ended = 4,
		.connect_failed = 2,
	};

	return s;
}

static void test_summary(void **state)
{
	struct summary s = sample();
	struct caught c;

	(void)state;
	catch_begin(&c);
	text_summary(c.out, &s);
	assert_string_equal(caught_text(&c), "Traced       12.3s, Linux 6.1, backend timer (why so)\n"
					     "Connections  present 1, opened 9, closed 7, open 3\n"
					     "Closed by    local 6 (fin 5, rst 1), remote 0, both 0, none 1 (timeout 1)\n"
					     "TIME_WAIT    present 0, begun 5, ended 4 (expired 3, reset 1), now 1; skipped 2\n"
					     "FIN_WAIT2    present 0, begun 4, turned TIME_WAIT 4, ended 0, now 0\n"
					     "Failed       connects 2 (refused 2)\n"
					     "Lost         0\n");
	catch_end(&c);
}

static void test_lost_by_kind(void **state)
{
	struct summary s = sample();
	struct caught c;

	(void)state;
	s.lost = 5;
	s.totals.lost[LOST_RING_CLOSE] = 4;
	s.totals.lost[LOST_PENDING_MAP] = 1;
	catch_begin(&c);
	text_summary(c.out, &s);
	assert_non_null(strstr(caught_text(&c), "\nLost         5 (ring_close 4, pending_map 1)\n"));
	catch_end(&c);
	s.run.missed = 3;
	catch_begin(&c);
	text_summary(c.out, &s);
	assert_non_null(strstr(caught_text(&c), "\nLost         5 (ring_close 4, pending_map 1); missed 3 hooks, made up for\n"));
	catch_end(&c);
}

static void test_filtered_does_not_claim_what_is_open(void **state)
{
	struct summary s = sample();
	struct caught c;

	(void)state;
	s.run.filtered = true;
	s.known_open = false;
	catch_begin(&c);
	text_summary(c.out, &s);
	assert_non_null(strstr(caught_text(&c), "12.3s, filtered, Linux"));
	assert_non_null(strstr(c.text, "\nConnections  closed 7\n"));
	catch_end(&c);
}

static void test_lines_are_as_many_as_promised(void **state)
{
	struct summary s = sample();
	struct caught c;
	int lines = 0;

	(void)state;
	catch_begin(&c);
	text_summary(c.out, &s);
	for (const char *p = caught_text(&c); *p; p++)
		lines += *p == '\n';
	assert_int_equal(lines, TEXT_SUMMARY_LINES);
	catch_end(&c);
}

static void test_counted(void **state)
{
	struct summary s = sample(), lost = {.lost = 3, .totals = {.lost = {[LOST_OVERWRITTEN] = 3}}};
	struct caught c;

	(void)state;
	s.run.duration_ns = 5000000000;
	s.totals.tw_entered = 9;
	catch_begin(&c);
	text_counted(c.out, &s, 20, 20, &lost);
	assert_non_null(strstr(caught_text(&c), "Recorded     5.00s, events 20\nConnections  closed 7\nClosed by    local "));
	assert_non_null(strstr(c.text, "\nTIME_WAIT    entered 9, ended "));
	assert_non_null(strstr(c.text, "; skipped 2\nFailed       connects 2"));
	assert_non_null(strstr(c.text, "\nLost         3 (overwritten 3)\n"));
	assert_null(strstr(c.text, "begun"));
	catch_end(&c);
	catch_begin(&c);
	text_counted(c.out, &s, 20, 30, NULL);
	assert_non_null(strstr(caught_text(&c), "events 20 of 30\n"));
	assert_non_null(strstr(c.text, "\nLost         unknown\n"));
	catch_end(&c);
}

static void test_status(void **state)
{
	struct summary s = sample();
	struct caught c;

	(void)state;
	catch_begin(&c);
	text_status(c.out, &s, 45296000000000, 12.5, 0);
	assert_string_equal(caught_text(&c),
			    "12:34:56  TIME_WAIT 1 (12.5/s, skipped 2)  lost 0  open 3  closed 7  failed 2  FIN_WAIT2 0\n");
	catch_end(&c);
	catch_begin(&c);
	text_status(c.out, &s, 45296000000000, 12.5, 20);
	assert_string_equal(caught_text(&c), "12:34:56  TIME_WAIT \n");
	catch_end(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_summary),
		cmocka_unit_test(test_lost_by_kind),
		cmocka_unit_test(test_filtered_does_not_claim_what_is_open),
		cmocka_unit_test(test_lines_are_as_many_as_promised),
		cmocka_unit_test(test_counted),
		cmocka_unit_test(test_status),
	};

	setenv("TZ", "UTC", 1);
	tzset();
	return RUN_TESTS(tests);
}
