/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* test_text_event.c: event lines for people. */
#include "unit.h"

#include <errno.h>
#include <time.h>

#include "view/text_event.h"

static void assert_line(const struct event *e, const char *expected)
{
	struct text_events state = {0};
	struct caught c;

	catch_begin(&c);
	text_event(&state, c.out, e, 45290000000000); /* 12:34:50 */
	assert_string_equal(caught_text(&c), expected);
	catch_end(&c);
}

static void test_close(void **state)
{
	struct event e = sample_event(EVENT_CLOSE);

	(void)state;
	e.close.lifetime_ns = 1500000;
	e.close.closing_ns = 200000;
	e.close.close_wait_ns = UNKNOWN_NS;
	e.close.tx_bytes = 100;
	e.close.rx_bytes = 2000;
	e.close.retrans = 2;
	e.close.error = ECONNRESET;
	assert_line(&e,
		    "12:34:55.000000 close              100 curl            client 10.0.0.1:40000        10.0.0.2:80          "
		    " local  fin/close      1.50ms timewait=entered closing=200us tx=100 rx=2000 retrans=2 error=ECONNRESET\n");
}

static void test_timewait(void **state)
{
	struct event e = sample_event(EVENT_TIMEWAIT);

	(void)state;
	e.flags = EVENT_PREEXISTING;
	e.tw.restarts = 1;
	e.tw.fin_wait2_ns = 3000;
	assert_line(&e,
		    "12:34:55.000000 timewait           100 curl            client 10.0.0.1:40000        10.0.0.2:80          "
		    " local  fin/close       60.0s end=expired fin_wait2=3.00us restarts=1 preexisting\n");
}

static void test_connect_failed(void **state)
{
	struct event e = sample_event(EVENT_CONNECT_FAILED);

	(void)state;
	e.closer = CLOSER_NONE;
	e.reason = REASON_REFUSED;
	e.closer_process.pid = 0;
	e.connect_failed.duration_ns = 20000;
	e.connect_failed.error = ECONNREFUSED;
	assert_line(&e,
		    "12:34:55.000000 connect_failed     100 curl            client 10.0.0.1:40000        10.0.0.2:80          "
		    " -      refused        20.0us error=ECONNREFUSED\n");
}

static void test_guess_is_not_sold_as_fact(void **state)
{
	struct event e = sample_event(EVENT_CLOSE);
	struct text_events text = {0};
	struct caught c;

	(void)state;
	e.closer = CLOSER_REMOTE;
	e.owner_source = OWNER_LISTENER;
	catch_begin(&c);
	text_event(&text, c.out, &e, 0);
	assert_non_null(strstr(caught_text(&c), " owner=listener\n"));
	catch_end(&c);
}

static void test_unknown_and_hostile(void **state)
{
	struct event e = sample_event(EVENT_CLOSE);
	struct text_events text = {0};
	struct caught c;

	(void)state;
	memcpy(e.closer_process.comm, "\033[2J\xff\n\xc2\x9b", 9);
	catch_begin(&c);
	text_event(&text, c.out, &e, 0);
	assert_non_null(strstr(caught_text(&c), " ?[2J???  "));
	e.owner.pid = e.closer_process.pid = 0;
	text_event(&text, c.out, &e, 0);
	assert_non_null(strstr(caught_text(&c), "      - -               client"));
	assert_null(strchr(c.text, '\033'));
	catch_end(&c);
}

/* IPv6 needs more room than the columns begin with; then they keep it. */
static void test_columns_grow(void **state)
{
	struct event e = sample_event(EVENT_CLOSE), small = e;
	struct text_events text = {0};
	const char *first, *second;
	struct caught c;

	(void)state;
	set_remote6(&e, "2001:db8:1111:2222:3333:4444:5555:6666");
	catch_begin(&c);
	text_events_header(&text, c.out);
	text_event(&text, c.out, &e, 0);
	text_event(&text, c.out, &small, 0);
	first = strchr(caught_text(&c), '\n') + 1;
	second = strchr(first, '\n') + 1;
	assert_non_null(strstr(first, "[2001:db8:1111:2222:3333:4444:5555:6666]:80 local"));
	assert_int_equal(strstr(first, "local ") - first, strstr(second, "local ") - second);
	catch_end(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_close),
		cmocka_unit_test(test_timewait),
		cmocka_unit_test(test_connect_failed),
		cmocka_unit_test(test_guess_is_not_sold_as_fact),
		cmocka_unit_test(test_unknown_and_hostile),
		cmocka_unit_test(test_columns_grow),
	};

	setenv("TZ", "UTC", 1);
	tzset();
	return RUN_TESTS(tests);
}
