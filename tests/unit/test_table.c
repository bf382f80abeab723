/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* test_table.c: events become rows, and rows stay right. Covers row.c too. */
#include "unit.h"

#include <errno.h>

#include "model/table.h"

static struct table *new_table(void)
{
	struct table *table = NULL;

	assert_int_equal(table_new(&table, NULL, 1000000000), 0);
	return table;
}

static struct table *new_small_table(size_t rows)
{
	struct table_options options = {.rows = rows};
	struct table *table = NULL;

	assert_int_equal(table_new(&table, &options, 1000000000), 0);
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

static void test_brief_by_what_the_client_sent(void **state)
{
	struct table *table = new_table();
	struct event e = sample_event(EVENT_CLOSE);

	(void)state;
	e.close.tx_bytes = ROW_BRIEF_BYTES;
	e.close.rx_bytes = 1000000;
	add(table, &e);
	assert_int_equal(row_at(table, 0)->brief, 1);
	e.close.tx_bytes++;
	add(table, &e);
	assert_int_equal(row_at(table, 0)->brief, 1);
	e.role = ROLE_SERVER; /* it receives what the client sends */
	add(table, &e);
	e.close.rx_bytes = 100;
	add(table, &e);
	assert_int_equal(row_at(table, 1)->brief, 1);
	e.role = ROLE_UNKNOWN;
	e.close.tx_bytes = 0;
	add(table, &e);
	assert_int_equal(row_at(table, 2)->brief, 0);
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
	assert_int_equal(__builtin_popcountll(row_at(table, 0)->busy), 1);
	assert_int_equal(row_at(table, 0)->busy_rst, 0);
	e.how = HOW_RST;
	add(table, &e);
	e.closer = CLOSER_REMOTE;
	add(table, &e);
	assert_int_equal(row_at(table, 0)->busy_rst, 1 << 7);
	e = sample_event(EVENT_CLOSE);
	e.ts = 8000000000;
	add(table, &e);
	failed.ts = 9000000000;
	add(table, &failed);
	assert_int_equal(__builtin_popcountll(row_at(table, 0)->busy), 3);
	for (__u64 s = 100; s < 300; s++) {
		e.ts = s * 1000000000;
		add(table, &e);
	}
	assert_int_equal(__builtin_popcountll(row_at(table, 0)->busy), 64);
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

/* A RST may also end what still was in FIN_WAIT2. */
static void test_reset_in_time_wait(void **state)
{
	struct table *table = new_table();
	struct event end = sample_event(EVENT_TIMEWAIT);

	(void)state;
	add(table, &end);
	end.end = END_RESET;
	add(table, &end);
	end.tw.time_wait_ns = UNKNOWN_NS;
	add(table, &end);
	assert_int_equal(row_at(table, 0)->tw_ended[END_RESET], 2);
	assert_int_equal(row_at(table, 0)->tw_reset, 1);
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
	table_free(table);
	table = new_small_table(20000);
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

static void test_durations(void **state)
{
	struct table *table = new_table();
	struct event close = sample_event(EVENT_CLOSE), end = sample_event(EVENT_TIMEWAIT);
	const struct row *row;

	(void)state;
	close.close.lifetime_ns = 7000;
	close.close.fin_wait2_ns = 300; /* of the socket: its orphan's comes with the end */
	add(table, &close);
	end.tw.fin_wait2_ns = 500;
	add(table, &end);
	row = row_at(table, 0);
	assert_int_equal(row->lifetime.count, 1);
	assert_int_equal(row->lifetime.max, 7000);
	assert_int_equal(row->fin_wait2.count, 1);
	assert_int_equal(row->fin_wait2.max, 500);
	close.timewait = TIMEWAIT_SKIPPED; /* no end will tell */
	add(table, &close);
	assert_int_equal(row->fin_wait2.count, 2);
	assert_int_equal(row->fin_wait2.min, 300);
	close.close.lifetime_ns = close.close.fin_wait2_ns = UNKNOWN_NS;
	add(table, &close);
	assert_int_equal(row->lifetime.count, 2);
	assert_int_equal(row->fin_wait2.count, 2);
	table_free(table);
}

static void test_history(void **state)
{
	struct table *table = new_table();
	struct event e = sample_event(EVENT_CLOSE);
	__u64 now = 1000000000;

	(void)state;
	add(table, &e);
	for (unsigned interval = 0; interval < ROW_HISTORY + 3; interval++) {
		for (unsigned i = 0; i < interval; i++)
			add(table, &e);
		table_tick(table, now += 1000000000);
	}
	for (unsigned ago = 0; ago < ROW_HISTORY; ago++)
		assert_int_equal(row_history(row_at(table, 0), ago), ROW_HISTORY + 2 - ago);
	assert_true(row_at(table, 0)->close_rate == ROW_HISTORY + 2);
	table_free(table);
}

/* --- bounded */

/* All rows together. */
static struct row sum_of(const struct table *table)
{
	size_t n;
	const struct row *const *rows = table_rows(table, &n);
	struct row all = {0};

	for (size_t i = 0; i < n; i++)
		assert_int_equal(row_fold(&all, rows[i]), 0);
	return all;
}

static const struct row *other_of(const struct table *table)
{
	size_t n;
	const struct row *const *rows = table_rows(table, &n);

	for (size_t i = 0; i + 1 < n; i++)
		assert_int_equal(rows[i]->folded, 0);
	return n && rows[n - 1]->folded ? rows[n - 1] : NULL;
}

static void set_endpoint(struct event *e, unsigned n)
{
	e->raddr[1] = (__u8)(n >> 16);
	e->raddr[2] = (__u8)(n >> 8);
	e->raddr[3] = (__u8)n;
}

static const struct row *find_endpoint(const struct table *table, unsigned endpoint)
{
	size_t n;
	const struct row *const *rows = table_rows(table, &n);
	struct event e = sample_event(EVENT_CLOSE);

	set_endpoint(&e, endpoint);
	for (size_t i = 0; i < n; i++)
		if (!rows[i]->folded && !memcmp(rows[i]->key.endpoint.addr, e.raddr, 16))
			return rows[i];
	return NULL;
}

static void test_nothing_is_folded_that_fits(void **state)
{
	struct table *table = new_small_table(100);
	struct event e = sample_event(EVENT_CLOSE);

	(void)state;
	for (unsigned i = 0; i < 200; i++) {
		set_endpoint(&e, i % 100);
		add(table, &e);
	}
	assert_int_equal(count_rows(table), 100);
	assert_null(other_of(table));
	assert_int_equal(row_at(table, 0)->since, 0);
	set_endpoint(&e, 100);
	add(table, &e);
	assert_int_equal(count_rows(table), 100 - 25 + 1 + 1);
	assert_int_equal(other_of(table)->folded, 25);
	assert_int_equal(row_closes(other_of(table)), 50);
	assert_int_equal(other_of(table)->key.process.pid, 0);
	assert_int_equal(find_endpoint(table, 100)->since, e.ts);
	table_free(table);
}

/* Whatever comes in whatever order: rows and other together have seen all of it, and there never are too many. */
static void test_sums_stay_exact(void **state)
{
	struct table *table = new_small_table(50);
	struct row expected = {0}, got;
	unsigned seed = 1;
	__u64 now = 1000000000;

	(void)state;
	for (unsigned i = 0; i < 20000; i++) {
		struct event e = sample_event((enum event_type)(EVENT_CLOSE + rand_r(&seed) % 3));
		unsigned n = (unsigned)rand_r(&seed) % 1000;

		set_endpoint(&e, n * n / 1000); /* some much more often than others */
		e.ts = now += 1000000;
		e.closer = (__u8)(rand_r(&seed) % CLOSER_MAX);
		e.how = (__u8)(rand_r(&seed) % HOW_MAX);
		e.reason = (__u8)(e.type == EVENT_CONNECT_FAILED ? rand_r(&seed) % REASON_MAX : 0);
		e.end = (__u8)(e.type == EVENT_TIMEWAIT ? rand_r(&seed) % END_MAX : 0);
		if (e.type == EVENT_CLOSE)
			e.close.lifetime_ns = (__u64)rand_r(&seed);
		if (e.type == EVENT_TIMEWAIT)
			e.tw.time_wait_ns = (__u64)rand_r(&seed) % 60000 * 1000000;
		add(table, &e);
		assert_int_equal(row_add(&expected, &e), 0);
		assert_true(count_rows(table) <= 51);
		if (i % 1000 == 999) {
			table_tick(table, now);
			row_tick(&expected, 1);
		}
	}
	got = sum_of(table);
	assert_memory_equal(got.closed, expected.closed, sizeof(got.closed));
	assert_memory_equal(got.causes, expected.causes, sizeof(got.causes));
	assert_memory_equal(got.connect_failed, expected.connect_failed, sizeof(got.connect_failed));
	assert_memory_equal(got.tw_ended, expected.tw_ended, sizeof(got.tw_ended));
	assert_int_equal(got.tw_entered, expected.tw_entered);
	assert_int_equal(got.tw_now, expected.tw_now);
	assert_int_equal(got.tw_skipped, expected.tw_skipped);
	assert_int_equal(got.unanswered, expected.unanswered);
	assert_int_equal(got.lifetime.count, expected.lifetime.count);
	assert_int_equal(got.lifetime.max, expected.lifetime.max);
	assert_int_equal(got.tw_length.count, expected.tw_length.count);
	for (unsigned ago = 0; ago < ROW_HISTORY; ago++)
		assert_int_equal(row_history(&got, ago), row_history(&expected, ago));
	assert_true(got.folded > 1000);
	row_clear(&got);
	row_clear(&expected);
	table_free(table);
}

/* What matters stays through any number of keys that come once, also when it comes late. */
static void test_busy_rows_stay(void **state)
{
	struct table *table = new_small_table(100);
	struct event e = sample_event(EVENT_CLOSE);

	(void)state;
	for (unsigned i = 0; i < 10000; i++) {
		set_endpoint(&e, 1000 + i);
		add(table, &e);
		set_endpoint(&e, 7);
		if (i % 10 == 0)
			add(table, &e);
		set_endpoint(&e, 8);
		if (i > 5000)
			add(table, &e);
	}
	assert_int_equal(row_closes(find_endpoint(table, 7)), 1000);
	assert_int_equal(find_endpoint(table, 7)->since, 0);
	assert_int_equal(row_closes(find_endpoint(table, 8)), 4999);
	assert_true(find_endpoint(table, 8)->since);
	table_free(table);
}

/* Two TIME_WAITs of one key: the first is folded, the key comes back with the second. Each ends where it began. */
static void test_end_goes_where_its_beginning_is(void **state)
{
	struct table *table = new_small_table(1);
	struct event first = sample_event(EVENT_CLOSE), end = sample_event(EVENT_TIMEWAIT), filler = first;

	(void)state;
	first.ts = 10 * 1000000000ULL;
	add(table, &first);
	set_endpoint(&filler, 99);
	filler.timewait = TIMEWAIT_NONE;
	add(table, &filler); /* folds it */
	assert_int_equal(row_tw_now(other_of(table)), 1);
	first.ts = 20 * 1000000000ULL;
	add(table, &first); /* folds filler */
	assert_int_equal(row_tw_now(row_at(table, 0)), 1);
	end.ts = 70 * 1000000000ULL; /* 60 s: of the first */
	add(table, &end);
	assert_int_equal(row_tw_now(row_at(table, 0)), 1);
	assert_int_equal(row_tw_now(other_of(table)), 0);
	assert_int_equal(other_of(table)->tw_ended[END_EXPIRED], 1);
	end.ts = 80 * 1000000000ULL + 1000; /* it began right before its close was told */
	end.tw.time_wait_ns += 2000;
	add(table, &end);
	assert_int_equal(row_tw_now(row_at(table, 0)), 0);
	assert_int_equal(row_at(table, 0)->tw_ended[END_EXPIRED], 1);
	assert_int_equal(other_of(table)->tw_now, 0);
	table_free(table);
}

static void test_end_without_row_goes_to_other(void **state)
{
	struct table *table = new_small_table(2);
	struct event e = sample_event(EVENT_CLOSE), end = sample_event(EVENT_TIMEWAIT);

	(void)state;
	for (unsigned i = 0; i < 20; i++) {
		set_endpoint(&e, i);
		add(table, &e);
	}
	for (unsigned i = 0; i < 20; i++) {
		set_endpoint(&end, i);
		end.ts = e.ts + 60000000000;
		add(table, &end);
	}
	assert_true(count_rows(table) <= 3);
	assert_int_equal(row_tw_now(row_at(table, 0)), 0);
	assert_int_equal(other_of(table)->tw_now, 0);
	table_free(table);
}

static void test_top(void **state)
{
	struct table *table = new_small_table(100);
	const struct row *const *rows;
	struct event e = sample_event(EVENT_CLOSE);
	__u64 closes = 0;
	size_t n;

	(void)state;
	for (unsigned i = 1; i <= 120; i++) {
		e.rport = (__u16)i;
		add(table, &e);
	}
	table_sort(table, by_falling_port, "ctx");
	for (unsigned max = 1; max < 150; max += 7) {
		assert_int_equal(table_top(table, max, &rows, &n), 0);
		closes = 0;
		for (size_t i = 0; i < n; i++)
			closes += row_closes(rows[i]);
		assert_int_equal(closes, 120);
		assert_true(n <= max + 1);
		assert_int_equal(rows[0]->key.endpoint.port, 120);
		assert_int_equal(rows[n - 1]->folded, 120 - (n - 1));
	}
	table_free(table);
}

static void test_group_by(void **state)
{
	struct table_options options = {.by = GROUP_COMM};
	struct table *table = NULL;
	struct event e = sample_event(EVENT_CLOSE);

	(void)state;
	assert_int_equal(table_new(&table, &options, 0), 0);
	add(table, &e);
	e.closer_process.pid++;
	e.rport++;
	add(table, &e);
	assert_int_equal(count_rows(table), 1);
	assert_int_equal(row_closes(row_at(table, 0)), 2);
	table_free(table);
}

/* A table made of rows is the one that the events themselves would have made. */
static void test_rows_of_another_table(void **state)
{
	struct table_options coarse = {.by = GROUP_COMM | GROUP_NETNS | GROUP_REMOTE};
	struct table *fine = new_table(), *direct = NULL, *derived = NULL;
	struct event e = sample_event(EVENT_CLOSE);

	(void)state;
	assert_int_equal(table_new(&direct, &coarse, 1000000000), 0);
	assert_int_equal(table_new(&derived, &coarse, 0), 0);
	for (unsigned i = 0; i < 300; i++) {
		e.closer_process.pid = 100 + i % 7;
		e.closer_process.comm[0] = (char)('a' + i % 2);
		e.netns = 4026531840u + i % 7 % 3; /* one for each process */
		e.rport = (__u16)(80 + i % 5);
		set_endpoint(&e, i % 11 << 8);
		add(fine, &e);
		add(direct, &e);
		if (i == 200) {
			table_tick(fine, 3000000000);
			table_tick(direct, 3000000000);
		}
	}
	assert_int_equal(table_add_rows(derived, fine), 0);
	assert_int_equal(count_rows(derived), count_rows(direct));
	for (size_t i = 0; i < count_rows(direct); i++) {
		const struct row *want = row_at(direct, i), *got = NULL;

		for (size_t k = 0; k < count_rows(derived); k++)
			if (!memcmp(&row_at(derived, k)->key, &want->key, sizeof(want->key)))
				got = row_at(derived, k);
		assert_non_null(got);
		assert_int_equal(row_closes(got), row_closes(want));
		assert_int_equal(row_tw_now(got), row_tw_now(want));
		assert_int_equal(got->netns, want->netns);
		assert_int_equal(got->folded, 0);
		assert_true(got->tw_rate == want->tw_rate);
		assert_int_equal(row_history(got, 0), row_history(want, 0));
	}
	table_free(fine);
	table_free(direct);
	table_free(derived);
}

static void test_other_stays_other(void **state)
{
	struct table_options coarse = {.by = GROUP_COMM};
	struct table *fine = new_small_table(10), *derived = NULL;
	struct event e = sample_event(EVENT_CLOSE);

	(void)state;
	for (unsigned i = 0; i < 30; i++) {
		set_endpoint(&e, i);
		add(fine, &e);
	}
	assert_int_equal(table_new(&derived, &coarse, 0), 0);
	assert_int_equal(table_add_rows(derived, fine), 0);
	assert_int_equal(count_rows(derived), 2);
	assert_int_equal(row_closes(row_at(derived, 0)) + row_closes(other_of(derived)), 30);
	assert_int_equal(other_of(derived)->folded, other_of(fine)->folded);
	table_free(fine);
	table_free(derived);
}

/* Nothing but other: there must be room for it. */
static void test_only_other(void **state)
{
	struct table *empty = new_table(), *derived = new_table();
	struct table *small = new_small_table(1);
	struct event e = sample_event(EVENT_CLOSE);

	(void)state;
	assert_int_equal(table_add_rows(derived, empty), 0);
	assert_int_equal(count_rows(derived), 0);
	add(small, &e);
	e.rport++;
	add(small, &e);
	assert_int_equal(table_add_rows(derived, small), 0);
	assert_int_equal(count_rows(derived), 2);
	table_free(empty);
	table_free(derived);
	table_free(small);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_closes_by_closer_and_how),
		cmocka_unit_test(test_causes_of_local_closes),
		cmocka_unit_test(test_unanswered_timeouts),
		cmocka_unit_test(test_brief_by_what_the_client_sent),
		cmocka_unit_test(test_busy_seconds),
		cmocka_unit_test(test_netns_if_it_is_one),
		cmocka_unit_test(test_time_waits_now),
		cmocka_unit_test(test_older_time_wait_leaves_now_alone),
		cmocka_unit_test(test_time_wait_of_older_connection),
		cmocka_unit_test(test_end_without_beginning_is_not_negative),
		cmocka_unit_test(test_reset_in_time_wait),
		cmocka_unit_test(test_never_was_a_time_wait),
		cmocka_unit_test(test_connect_failed),
		cmocka_unit_test(test_what_makes_a_row),
		cmocka_unit_test(test_unknown_process_has_no_name),
		cmocka_unit_test(test_refuses_invalid),
		cmocka_unit_test(test_rates_are_of_the_interval),
		cmocka_unit_test(test_many_rows_and_sort),
		cmocka_unit_test(test_durations),
		cmocka_unit_test(test_history),
		cmocka_unit_test(test_nothing_is_folded_that_fits),
		cmocka_unit_test(test_sums_stay_exact),
		cmocka_unit_test(test_busy_rows_stay),
		cmocka_unit_test(test_end_goes_where_its_beginning_is),
		cmocka_unit_test(test_end_without_row_goes_to_other),
		cmocka_unit_test(test_top),
		cmocka_unit_test(test_group_by),
		cmocka_unit_test(test_rows_of_another_table),
		cmocka_unit_test(test_other_stays_other),
		cmocka_unit_test(test_only_other),
	};

	return RUN_TESTS(tests);
}
