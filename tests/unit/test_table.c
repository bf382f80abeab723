/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* test_table.c: events become rows, and rows stay right. Covers row.c too. */
#include "unit.h"

#include <errno.h>

#include "model/table.h"

static struct table *new_table(void)
{
	struct table *table = NULL;

	assert_int_equal(table_new(&table, 1000000000), 0);
	return table;
}

static void add(struct table *table, const struct event *e)
{
	assert_int_equal(table_add(table, e), 0);
}

static const struct row *row_at(const struct table *table, size_t i)
{
	size_t n;
	const struct row *const *rows = table_rows(table, &n);

	assert_true(i < n);
	return rows[i];
}

static size_t count_rows(const struct table *table)
{
	size_t n;

	table_rows(table, &n);
	return n;
}

static void test_closes_by_closer_and_how(void **state)
{
	struct table *table = new_table();
	struct event e = sample_event(EVENT_CLOSE);
	const struct row *row;

	(void)state;
	add(table, &e);
	e.how = HOW_RST;
	add(table, &e);
	e.closer = CLOSER_REMOTE;
	add(table, &e);
	add(table, &e);
	e.closer = CLOSER_NONE;
	e.how = HOW_TIMEOUT;
	add(table, &e);
	assert_int_equal(count_rows(table), 1);
	row = row_at(table, 0);
	assert_int_equal(row_closes(row), 5);
	assert_int_equal(row_closed_by(row, CLOSER_LOCAL), 2);
	assert_int_equal(row_closed_by(row, CLOSER_REMOTE), 2);
	assert_int_equal(row_closed_by(row, CLOSER_BOTH), 0);
	assert_int_equal(row->closed[CLOSER_LOCAL][HOW_RST], 1);
	assert_int_equal(row->closed[CLOSER_REMOTE][HOW_RST], 2);
	assert_int_equal(row_timeouts(row), 1);
	table_free(table);
}

static void test_causes_of_local_closes(void **state)
{
	struct table *table = new_table();
	struct event e = sample_event(EVENT_CLOSE);

	(void)state;
	add(table, &e);
	e.how = HOW_RST;
	e.cause = CAUSE_LINGER0;
	add(table, &e);
	add(table, &e);
	e.closer = CLOSER_REMOTE;
	e.cause = CAUSE_NONE;
	add(table, &e);
	assert_int_equal(row_at(table, 0)->causes[CAUSE_CLOSE], 1);
	assert_int_equal(row_at(table, 0)->causes[CAUSE_LINGER0], 2);
	assert_int_equal(row_at(table, 0)->causes[CAUSE_NONE], 0);
	table_free(table);
}

static void test_unanswered_timeouts(void **state)
{
	struct table *table = new_table();
	struct event e = sample_event(EVENT_CLOSE);

	(void)state;
	add(table, &e);
	e.closer = CLOSER_NONE;
	e.how = HOW_TIMEOUT;
	add(table, &e);
	e.close.retrans = 3; /* data was lost: no keepalive */
	add(table, &e);
	assert_int_equal(row_at(table, 0)->unanswered, 1);
	table_free(table);
}

static void test_busy_seconds(void **state)
{
	struct table *table = new_table();
	struct event e = sample_event(EVENT_CLOSE), failed = sample_event(EVENT_CONNECT_FAILED);

	(void)state;
	for (int i = 0; i < 3; i++) { /* all in one second */
		e.ts = 7000000000 + (__u64)i * 100000000;
		add(table, &e);
	}
	assert_int_equal(row_busy_seconds(row_at(table, 0)), 1);
	e.ts = 8000000000;
	add(table, &e);
	failed.ts = 9000000000;
	add(table, &failed);
	assert_int_equal(row_busy_seconds(row_at(table, 0)), 3);
	for (__u64 s = 100; s < 300; s++) {
		e.ts = s * 1000000000;
		add(table, &e);
	}
	assert_int_equal(row_busy_seconds(row_at(table, 0)), 64);
	table_free(table);
}

static void test_netns_if_it_is_one(void **state)
{
	struct table *table = new_table();
	struct event e = sample_event(EVENT_CLOSE);

	(void)state;
	add(table, &e);
	add(table, &e);
	assert_int_equal(row_at(table, 0)->netns, e.netns);
	e.netns++;
	add(table, &e);
	assert_int_equal(row_at(table, 0)->netns, 0);
	add(table, &e);
	assert_int_equal(row_at(table, 0)->netns, 0);
	table_free(table);
}

static void test_time_waits_now(void **state)
{
	struct table *table = new_table();
	struct event close = sample_event(EVENT_CLOSE), end = sample_event(EVENT_TIMEWAIT);
	const struct row *row;

	(void)state;
	for (int i = 0; i < 3; i++)
		add(table, &close);
	close.timewait = TIMEWAIT_SKIPPED;
	add(table, &close);
	close.timewait = TIMEWAIT_NONE;
	add(table, &close);
	add(table, &end);
	row = row_at(table, 0);
	assert_int_equal(row_tw_now(row), 2);
	assert_int_equal(row->tw_entered, 3);
	assert_int_equal(row->tw_skipped, 1);
	assert_int_equal(row->tw_ended[END_EXPIRED], 1);
	assert_int_equal(histogram_quantile(&row->tw_length, 0.5), 60000000000);
	table_free(table);
}

static void test_older_time_wait_leaves_now_alone(void **state)
{
	struct table *table = new_table();
	struct event close = sample_event(EVENT_CLOSE), end = sample_event(EVENT_TIMEWAIT);

	(void)state;
	add(table, &close);
	end.flags = EVENT_PREEXISTING;
	end.closer_process.pid = 0;
	add(table, &end);
	assert_int_equal(row_tw_now(row_at(table, 0)), 1);
	assert_int_equal(row_at(table, 0)->tw_ended[END_EXPIRED], 1);
	table_free(table);
}

/* The connection is older than the tracer, its TIME_WAIT is not: it counts like any other. */
static void test_time_wait_of_older_connection(void **state)
{
	struct table *table = new_table();
	struct event close = sample_event(EVENT_CLOSE), end = sample_event(EVENT_TIMEWAIT);

	(void)state;
	close.flags = end.flags = EVENT_PREEXISTING;
	add(table, &close);
	assert_int_equal(row_tw_now(row_at(table, 0)), 1);
	add(table, &end);
	assert_int_equal(row_tw_now(row_at(table, 0)), 0);
	table_free(table);
}

static void test_end_without_beginning_is_not_negative(void **state)
{
	struct table *table = new_table();
	struct event close = sample_event(EVENT_CLOSE), end = sample_event(EVENT_TIMEWAIT);

	(void)state;
	add(table, &end); /* the close is still held back, or was lost */
	assert_int_equal(row_tw_now(row_at(table, 0)), 0);
	add(table, &close);
	assert_int_equal(row_tw_now(row_at(table, 0)), 0);
	table_free(table);
}

static void test_never_was_a_time_wait(void **state)
{
	struct table *table = new_table();
	struct event end = sample_event(EVENT_TIMEWAIT);

	(void)state;
	end.end = END_FIN_WAIT2_TIMEOUT;
	end.tw.time_wait_ns = UNKNOWN_NS;
	add(table, &end);
	assert_int_equal(row_at(table, 0)->tw_ended[END_FIN_WAIT2_TIMEOUT], 1);
	assert_int_equal(row_at(table, 0)->tw_length.count, 0);
	table_free(table);
}

static void test_connect_failed(void **state)
{
	struct table *table = new_table();
	struct event e = sample_event(EVENT_CONNECT_FAILED);

	(void)state;
	e.closer = CLOSER_NONE;
	e.reason = REASON_NO_PORT;
	add(table, &e);
	e.reason = REASON_REFUSED;
	add(table, &e);
	assert_int_equal(row_connect_failed(row_at(table, 0)), 2);
	assert_int_equal(row_at(table, 0)->connect_failed[REASON_NO_PORT], 1);
	assert_int_equal(row_closes(row_at(table, 0)), 0);
	table_free(table);
}

static void test_what_makes_a_row(void **state)
{
	struct table *table = new_table();
	struct event e = sample_event(EVENT_CLOSE);

	(void)state;
	add(table, &e);
	e.lport = 40001; /* a client's own port is ephemeral */
	add(table, &e);
	memcpy(e.closer_process.comm, "curl\0XYZ", 8); /* rubbish behind the name */
	add(table, &e);
	assert_int_equal(count_rows(table), 1);
	e.rport = 81;
	add(table, &e);
	assert_int_equal(count_rows(table), 2);
	e.closer_process.pid = 101;
	add(table, &e);
	assert_int_equal(count_rows(table), 3);
	strcpy(e.closer_process.comm, "wget");
	add(table, &e);
	assert_int_equal(count_rows(table), 4);
	e.raddr[3]++;
	add(table, &e);
	assert_int_equal(count_rows(table), 5);
	e.role = ROLE_SERVER;
	add(table, &e);
	assert_int_equal(count_rows(table), 6);
	e.rport = 12345; /* a server's peer's port is ephemeral */
	add(table, &e);
	assert_int_equal(count_rows(table), 6);
	table_free(table);
}

static void test_unknown_process_has_no_name(void **state)
{
	struct table *table = new_table();
	struct event e = sample_event(EVENT_CLOSE);

	(void)state;
	e.owner.pid = e.closer_process.pid = 0;
	add(table, &e);
	strcpy(e.owner.comm, "stale");
	add(table, &e);
	assert_int_equal(count_rows(table), 1);
	assert_string_equal(row_at(table, 0)->key.process.comm, "");
	table_free(table);
}

static void test_refuses_invalid(void **state)
{
	struct table *table = new_table();
	struct event e = sample_event(EVENT_CLOSE);

	(void)state;
	e.closer = CLOSER_MAX;
	assert_int_equal(table_add(table, &e), -EINVAL);
	assert_int_equal(count_rows(table), 0);
	table_free(table);
}

static void test_rates_are_of_the_interval(void **state)
{
	struct table *table = new_table();
	struct event e = sample_event(EVENT_CLOSE);

	(void)state;
	for (int i = 0; i < 6; i++)
		add(table, &e);
	table_tick(table, 3000000000); /* 2 s */
	assert_true(row_at(table, 0)->tw_rate == 3.0);
	add(table, &e);
	table_tick(table, 3500000000);
	assert_true(row_at(table, 0)->tw_rate == 2.0);
	table_tick(table, 3500000000); /* no time, no change */
	assert_true(row_at(table, 0)->tw_rate == 2.0);
	table_tick(table, 4500000000);
	assert_true(row_at(table, 0)->tw_rate == 0.0);
	assert_int_equal(row_at(table, 0)->tw_entered, 7);
	assert_int_equal(table_last_tick(table), 4500000000);
	table_free(table);
}

static int by_falling_port(const struct row *a, const struct row *b, const void *ctx)
{
	assert_string_equal(ctx, "ctx");
	return (a->key.endpoint.port < b->key.endpoint.port) - (a->key.endpoint.port > b->key.endpoint.port);
}

static void test_many_rows_and_sort(void **state)
{
	struct table *table = new_table();
	struct event e = sample_event(EVENT_CLOSE);

	(void)state;
	table_sort(table, by_falling_port, "ctx"); /* of nothing */
	for (int round = 0; round < 2; round++) {
		for (unsigned port = 1; port <= 20000; port++) {
			e.rport = (__u16)port;
			add(table, &e);
		}
	}
	assert_int_equal(count_rows(table), 20000);
	table_sort(table, by_falling_port, "ctx");
	for (unsigned i = 0; i < 20000; i++) {
		assert_int_equal(row_at(table, i)->key.endpoint.port, 20000 - i);
		assert_int_equal(row_closes(row_at(table, i)), 2);
	}
	e.rport = 300;
	add(table, &e);
	assert_int_equal(row_closes(row_at(table, 20000 - 300)), 3); /* found again after sorting */
	table_free(table);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_closes_by_closer_and_how),
		cmocka_unit_test(test_causes_of_local_closes),
		cmocka_unit_test(test_unanswered_timeouts),
		cmocka_unit_test(test_busy_seconds),
		cmocka_unit_test(test_netns_if_it_is_one),
		cmocka_unit_test(test_time_waits_now),
		cmocka_unit_test(test_older_time_wait_leaves_now_alone),
		cmocka_unit_test(test_time_wait_of_older_connection),
		cmocka_unit_test(test_end_without_beginning_is_not_negative),
		cmocka_unit_test(test_never_was_a_time_wait),
		cmocka_unit_test(test_connect_failed),
		cmocka_unit_test(test_what_makes_a_row),
		cmocka_unit_test(test_unknown_process_has_no_name),
		cmocka_unit_test(test_refuses_invalid),
		cmocka_unit_test(test_rates_are_of_the_interval),
		cmocka_unit_test(test_many_rows_and_sort),
	};

	return RUN_TESTS(tests);
}
