/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* test_diff.c: rows of two recordings: which belong together, how much changed, and how that is shown. Covers changes.c too. */
#include "unit.h"

#include "model/diff.h"
#include "model/table.h"
#include "view/changes.h"

#define BY (GROUP_COMM | GROUP_ENDPOINT)

struct recorded {
	struct table *table;
	struct side side;
};

static void begin(struct recorded *r)
{
	static const struct table_options options = {.by = BY};

	assert_int_equal(table_new(&r->table, &options, 0), 0);
}

static void add(struct recorded *r, const char *comm, __u8 last_byte, enum closer closer, unsigned times)
{
	struct event e = sample_event(EVENT_CLOSE);

	snprintf(e.owner.comm, COMM_LEN, "%s", comm);
	e.closer_process = e.owner;
	e.owner.pid = e.closer_process.pid = 1 + (__u32)random() % 1000; /* no matter */
	e.raddr[3] = last_byte;
	e.closer = (__u8)closer;
	e.timewait = closer == CLOSER_LOCAL ? TIMEWAIT_ENTERED : TIMEWAIT_NONE;
	while (times--)
		assert_int_equal(table_add(r->table, &e), 0);
}

static void add_failed(struct recorded *r, const char *comm, unsigned times)
{
	struct event e = sample_event(EVENT_CONNECT_FAILED);

	snprintf(e.owner.comm, COMM_LEN, "%s", comm);
	e.closer = CLOSER_NONE;
	while (times--)
		assert_int_equal(table_add(r->table, &e), 0);
}

static const struct side *end(struct recorded *r, unsigned seconds)
{
	table_tick(r->table, seconds * 1000000000ULL);
	r->side.rows = table_rows(r->table, &r->side.n);
	r->side.seconds = seconds;
	return &r->side;
}

static void assert_change(const struct change *c, const char *comm, double size, __u64 was, __u64 is)
{
	assert_string_equal(change_key(c)->key.process.comm, comm);
	assert_true(c->size > size - 1e-9 && c->size < size + 1e-9);
	assert_int_equal(row_closes(c->was), was);
	assert_int_equal(row_closes(c->is), is);
}

static void test_pairs(void **state)
{
	struct recorded was, is;
	struct change *changes;
	size_t n;

	(void)state;
	begin(&was);
	begin(&is);
	add(&was, "same", 1, CLOSER_LOCAL, 10);
	add(&is, "same", 1, CLOSER_LOCAL, 20); /* in twice the time */
	add(&was, "gone", 1, CLOSER_LOCAL, 5);
	add(&is, "new", 1, CLOSER_REMOTE, 60);
	add(&was, "cured", 1, CLOSER_LOCAL, 100);
	add(&is, "cured", 1, CLOSER_REMOTE, 200);
	add(&was, "cured", 2, CLOSER_LOCAL, 1);
	add_failed(&is, "failing", 8);
	assert_int_equal(diff_make(&changes, &n, end(&was, 10), end(&is, 20)), 0);
	assert_int_equal(n, 6);
	assert_change(&changes[0], "cured", 20, 100, 200); /* 10 per second less by us, 10 more by them */
	assert_change(&changes[1], "new", 3, 0, 60);
	assert_change(&changes[2], "gone", 0.5, 5, 0);
	assert_change(&changes[3], "failing", 0.4, 0, 0);
	assert_change(&changes[4], "cured", 0.1, 1, 0);
	assert_change(&changes[5], "same", 0, 10, 20);
	free(changes);
	table_free(was.table);
	table_free(is.table);
}

static void test_nothing(void **state)
{
	struct recorded was, is;
	struct change *changes;
	size_t n = 9;

	(void)state;
	begin(&was);
	begin(&is);
	assert_int_equal(diff_make(&changes, &n, end(&was, 0), end(&is, 0)), 0);
	assert_int_equal(n, 0);
	free(changes);
	add(&is, "new", 1, CLOSER_LOCAL, 1);
	assert_int_equal(diff_make(&changes, &n, end(&was, 0), end(&is, 0)), 0);
	assert_int_equal(n, 1);
	assert_change(&changes[0], "new", 0, 0, 1); /* how long is not known */
	free(changes);
	table_free(was.table);
	table_free(is.table);
}

/* The row that sums up others is compared with that of the other side only, even where a key is all zero. */
static void test_folded(void **state)
{
	struct row sum = {.folded = 3, .closed = {[CLOSER_LOCAL] = {6}}}, zero = {.closed = {[CLOSER_LOCAL] = {1}}};
	const struct row *a[] = {&zero, &sum}, *b[] = {&sum};
	struct side was = {a, 2, 1}, is = {b, 1, 1};
	struct change *changes;
	size_t n;

	(void)state;
	assert_int_equal(diff_make(&changes, &n, &was, &is), 0);
	assert_int_equal(n, 2);
	assert_ptr_equal(changes[0].was, &zero);
	assert_int_equal(row_closes(changes[0].is), 0);
	assert_ptr_equal(changes[1].was, &sum);
	assert_ptr_equal(changes[1].is, &sum);
	free(changes);
}

static void make_sample(struct recorded *was, struct recorded *is, struct change **changes, size_t *n)
{
	begin(was);
	begin(is);
	add(was, "ng,inx", 1, CLOSER_LOCAL, 100);
	add(is, "ng,inx", 1, CLOSER_REMOTE, 30);
	add(is, "cu\"rl", 2, CLOSER_LOCAL, 10);
	assert_int_equal(diff_make(changes, n, end(was, 10), end(is, 20)), 0);
}

static void test_text(void **state)
{
	struct recorded was, is;
	struct columns columns;
	struct change *changes;
	struct caught c;
	size_t n;

	(void)state;
	make_sample(&was, &is, &changes, &n);
	columns_changes(&columns, BY);
	catch_begin(&c);
	text_changes(c.out, &columns, changes, n);
	assert_string_equal(caught_text(&c),
			    "COMM   ROLE   ENDPOINT    CLOSES/s  WAS LOCAL%  WAS TW/s  WAS FAILED/s WAS LIFE-P50 WAS\n"
			    "ng,inx client 10.0.0.1:80     1.50 10.0     0% 100%    0 10.0        0   0      0ns 0ns\n"
			    "cu\"rl  client 10.0.0.2:80     0.50    0   100%    - 0.50    0        0   0      0ns   -\n");
	catch_end(&c);
	free(changes);
	table_free(was.table);
	table_free(is.table);
}

static void test_csv(void **state)
{
	struct recorded was, is;
	struct columns columns;
	struct change *changes;
	struct caught c;
	const char *bad;
	size_t n, len;

	(void)state;
	make_sample(&was, &is, &changes, &n);
	assert_int_equal(columns_parse(&columns, "comm,closes,local_share,tw_p50", &bad, &len), 0);
	catch_begin(&c);
	csv_changes(c.out, &columns, changes, n);
	assert_string_equal(caught_text(&c), "comm,closes,closes_was,local_share,local_share_was,tw_p50_ns,tw_p50_ns_was\r\n"
					     "\"ng,inx\",30,100,0,100,,\r\n"
					     "\"cu\"\"rl\",10,0,100,,,\r\n");
	catch_end(&c);
	free(changes);
	table_free(was.table);
	table_free(is.table);
}

static void test_json(void **state)
{
	struct recorded was, is;
	struct change *changes;
	struct caught c;
	struct json j;
	size_t n;

	(void)state;
	make_sample(&was, &is, &changes, &n);
	catch_begin(&c);
	json_init(&j, c.out);
	json_change(&j, &changes[0], 1709210096000000000);
	caught_text(&c);
	assert_ptr_equal(strstr(c.text, "{\"v\":1,\"type\":\"change\",\"ts\":\"2024-02-29T12:34:56.000000Z\",\"pid\":null,"
					"\"comm\":\"ng,inx\",\"role\":\"client\",\"endpoint\":\"10.0.0.1:80\","),
			 c.text);
	assert_non_null(strstr(c.text, ",\"closes\":30,\"closes_was\":100,\"local_share\":0,\"local_share_was\":100,"));
	assert_non_null(strstr(c.text, ",\"tw_rate\":0,\"tw_rate_was\":10,"));
	assert_null(strstr(c.text, "\"comm_was\""));
	catch_end(&c);
	free(changes);
	table_free(was.table);
	table_free(is.table);
}

static void test_sort(void **state)
{
	struct recorded was, is;
	struct change *changes;
	size_t n;

	(void)state;
	begin(&was);
	begin(&is);
	add(&was, "fewer", 1, CLOSER_REMOTE, 50);
	add(&is, "tw", 1, CLOSER_LOCAL, 10);
	add(&is, "more", 1, CLOSER_REMOTE, 20);
	assert_int_equal(diff_make(&changes, &n, end(&was, 1), end(&is, 1)), 0);
	changes_sort(changes, n, field_find("closes", 6));
	assert_change(&changes[0], "fewer", 50, 50, 0);
	assert_change(&changes[1], "more", 20, 0, 20);
	changes_sort(changes, n, field_find("tw_begun", 8));
	assert_change(&changes[0], "tw", 10, 0, 10);
	free(changes);
	table_free(was.table);
	table_free(is.table);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pairs), cmocka_unit_test(test_nothing), cmocka_unit_test(test_folded),
		cmocka_unit_test(test_text),  cmocka_unit_test(test_csv),     cmocka_unit_test(test_json),
		cmocka_unit_test(test_sort),
	};

	return RUN_TESTS(tests);
}
