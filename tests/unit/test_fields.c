/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* test_fields.c: the table of fields is sound, and what it says of a row is right. */
#include "unit.h"

#include <ctype.h>
#include <errno.h>

#include "view/fields.h"

static struct row sample_row(void)
{
	struct row row = {
		.key = {.process = {100, "curl"},
			.endpoint = {.addr = {10, 0, 0, 2}, .port = 80, .family = 4, .role = ROLE_CLIENT}},
		.closed = {[CLOSER_LOCAL] = {5, 1}, [CLOSER_REMOTE] = {0, 2}, [CLOSER_NONE] = {[HOW_TIMEOUT] = 1}},
		.causes = {[CAUSE_CLOSE] = 4, [CAUSE_LINGER0] = 1},
		.close_rate = 7,
		.failed_rate = 8,
		.connect_failed = {[REASON_REFUSED] = 3, [REASON_NO_PORT] = 1},
		.tw_entered = 5,
		.tw_skipped = 1,
		.tw_ended = {[END_EXPIRED] = 2, [END_REUSED_CONNECT] = 1},
		.tw_now = 2,
		.tw_rate = 2.5,
	};

	return row;
}

static void assert_field(const struct row *row, const char *name, const char *expected)
{
	const struct field *field = field_find(name, strlen(name));
	char buf[FIELD_TEXT_MAX];

	assert_non_null(field);
	assert_int_equal(field_format(buf, field, row), strlen(expected));
	assert_string_equal(buf, expected);
}

static void test_values(void **state)
{
	struct row row = sample_row();

	(void)state;
	assert_field(&row, "pid", "100");
	assert_field(&row, "comm", "curl");
	assert_field(&row, "role", "client");
	assert_field(&row, "endpoint", "10.0.0.2:80");
	assert_field(&row, "closes", "9");
	assert_field(&row, "local_share", "67%");
	assert_field(&row, "remote_share", "22%");
	assert_field(&row, "tw", "2");
	assert_field(&row, "tw_rate", "2.50");
	assert_field(&row, "rst_sent", "1");
	assert_field(&row, "rst_rcvd", "2");
	assert_field(&row, "timeouts", "1");
	assert_field(&row, "failed", "4");
	assert_field(&row, "no_port", "1");
	assert_field(&row, "tw_skipped", "1");
	assert_field(&row, "tw_begun", "5");
	assert_field(&row, "ends", "expired 2, reused_connect 1");
	assert_field(&row, "end_reused_connect", "1");
	assert_field(&row, "by_local", "6");
	assert_field(&row, "by_none", "1");
	assert_field(&row, "cause_close", "4");
	assert_field(&row, "cause_linger0", "1");
	assert_field(&row, "close_rate", "7.00");
	assert_field(&row, "failed_rate", "8.00");
	assert_field(&row, "partial", "no");
}

static void test_lengths(void **state)
{
	struct row row = sample_row();

	(void)state;
	assert_field(&row, "tw_p50", "-");
	assert_int_equal(histogram_add(&row.tw_length, 60000000000), 0);
	assert_field(&row, "tw_p50", "60.0s");
	assert_field(&row, "tw_p99", "60.0s");
	histogram_clear(&row.tw_length);
	assert_field(&row, "lifetime_p50", "-");
	assert_int_equal(histogram_add(&row.lifetime, 1500000), 0);
	assert_field(&row, "lifetime_p50", "1.50ms");
	histogram_clear(&row.lifetime);
	assert_int_equal(histogram_add(&row.fin_wait2, 2000), 0);
	assert_field(&row, "fin_wait2_p99", "2.00us");
	histogram_clear(&row.fin_wait2);
}

static void test_unknown(void **state)
{
	struct row row = {.key.endpoint.family = 4};

	(void)state;
	assert_field(&row, "pid", "-");
	assert_field(&row, "comm", "-");
	assert_field(&row, "local_share", "-");
	assert_field(&row, "ends", "-");
	assert_field(&row, "closes", "0");
}

static void test_row_that_sums_up(void **state)
{
	struct row row = {.folded = 1234, .closed = {[CLOSER_LOCAL] = {5}}};

	(void)state;
	assert_field(&row, "pid", "-");
	assert_field(&row, "comm", "other");
	assert_field(&row, "role", "-");
	assert_field(&row, "endpoint", "(1234 more)");
	assert_field(&row, "remote", "(1234 more)");
	assert_field(&row, "closes", "5");
	assert_field(&row, "other", "yes");
	assert_field(&row, "folded", "1234");
}

static void test_groups(void **state)
{
	struct row row = {0};
	struct event e = sample_event(EVENT_CLOSE);

	(void)state;
	group_key(&row.key, &e, GROUP_COMM);
	assert_field(&row, "pid", "-");
	assert_field(&row, "comm", "curl");
	assert_field(&row, "endpoint", "-");
	assert_field(&row, "role", "-");
	assert_field(&row, "remote", "-");
	group_key(&row.key, &e, GROUP_REMOTE | GROUP_CGROUP);
	assert_field(&row, "comm", "-");
	assert_field(&row, "endpoint", "-");
	assert_field(&row, "role", "-");
	assert_field(&row, "remote", "10.0.0.0/24");
	assert_field(&row, "cgroup", "77");
	assert_field(&row, "other", "no");
	set_remote6(&e, "2001:db8::7");
	group_key(&row.key, &e, GROUP_ENDPOINT);
	assert_field(&row, "endpoint", "[2001:db8::7]:80");
	assert_field(&row, "remote", "2001:db8::/64"); /* known from the endpoint, too */
}

static bool has_column(unsigned by, const char *name)
{
	struct columns columns;

	columns_default(&columns, by);
	for (unsigned i = 0; i < columns.n; i++)
		if (!strcmp(columns.fields[i]->name, name))
			return true;
	return false;
}

static void test_columns_follow_groups(void **state)
{
	(void)state;
	assert_true(has_column(GROUP_DEFAULT, "pid") && has_column(GROUP_DEFAULT, "comm") && has_column(GROUP_DEFAULT, "endpoint"));
	assert_false(has_column(GROUP_DEFAULT, "netns") || has_column(GROUP_DEFAULT, "remote"));
	assert_true(has_column(GROUP_COMM, "comm") && has_column(GROUP_COMM, "tw"));
	assert_false(has_column(GROUP_COMM, "pid") || has_column(GROUP_COMM, "endpoint") || has_column(GROUP_COMM, "role"));
	assert_true(has_column(GROUP_REMOTE | GROUP_NETNS, "remote") && has_column(GROUP_REMOTE | GROUP_NETNS, "netns"));
	assert_false(has_column(GROUP_REMOTE, "comm") || has_column(GROUP_REMOTE, "cgroup"));
	assert_true(has_column(GROUP_CGROUP, "cgroup"));
}

static void test_hostile_comm(void **state)
{
	struct row row = sample_row();

	(void)state;
	memcpy(row.key.process.comm, "\033[2J\xe2\x80\xae\xff\n789012", 16); /* no NUL within the field is fine, too */
	assert_field(&row, "comm", "?[2J???789012");
}

static void test_all_ends_fit(void **state)
{
	struct row row = sample_row();
	char buf[FIELD_TEXT_MAX];

	(void)state;
	for (int end = 0; end < END_MAX; end++)
		row.tw_ended[end] = 99999999999;
	field_format(buf, field_find("ends", 4), &row);
	assert_non_null(strstr(buf, "fin_wait2_timeout 99999999999"));
}

/* Names can be typed and are JSON keys; nothing is there twice; every field says what it is. */
static void test_table_is_sound(void **state)
{
	(void)state;
	for (const struct field *f = fields; f->name; f++) {
		for (const char *p = f->name; *p; p++)
			assert_true(islower((unsigned char)*p) || isdigit((unsigned char)*p) || *p == '_');
		assert_ptr_equal(field_find(f->name, strlen(f->name)), f);
		assert_non_null(f->header);
		assert_non_null(f->unit);
		assert_non_null(f->help);
		assert_non_null(f->get);
		for (const struct field *other = f + 1; other->name; other++) {
			assert_string_not_equal(f->header, other->header);
			if (!f->hidden && !other->hidden)
				assert_int_not_equal(f->rank, other->rank);
		}
	}
}

static void test_find(void **state)
{
	(void)state;
	assert_null(field_find("nope", 4));
	assert_null(field_find("", 0));
	assert_null(field_find("pi", 2));
	assert_null(field_find("pidx", 4));
	assert_string_equal(field_find("pid,comm", 3)->name, "pid");
}

static void assert_sorts_before(const char *name, const struct row *a, const struct row *b)
{
	const struct field *field = field_find(name, strlen(name));

	assert_true(field_compare(a, b, field) < 0);
	assert_true(field_compare(b, a, field) > 0);
	assert_int_equal(field_compare(a, a, field), 0);
}

static void test_sort_numbers_falling(void **state)
{
	struct row big = sample_row(), small = sample_row();

	(void)state;
	big.closed[CLOSER_LOCAL][HOW_FIN] = 1ULL << 40; /* must not be cut to an int */
	assert_sorts_before("closes", &big, &small);
	small.tw_rate = 0;
	assert_sorts_before("tw_rate", &big, &small);
	assert_int_equal(histogram_add(&small.tw_length, 5), 0);
	assert_sorts_before("tw_p50", &small, &big); /* unknown last */
	histogram_clear(&small.tw_length);
}

static void test_sort_words_rising(void **state)
{
	struct row a = sample_row(), b = sample_row();

	(void)state;
	strcpy(b.key.process.comm, "wget");
	assert_sorts_before("comm", &a, &b);
	a.key.process.pid = 99;
	assert_sorts_before("pid", &a, &b);
	b.key.endpoint.addr[0] = 200;
	assert_sorts_before("endpoint", &a, &b);
	b = a;
	b.key.endpoint.port = 81;
	assert_sorts_before("endpoint", &a, &b);
	assert_sorts_before("tw", &a, &b); /* equal: told apart by endpoint at last */
}

static void test_columns(void **state)
{
	struct columns columns;
	const char *bad = NULL;
	size_t len = 0;

	(void)state;
	columns_default(&columns, GROUP_DEFAULT);
	assert_true(columns.n > 10);
	assert_string_equal(columns.fields[0]->name, "pid");
	assert_int_equal(columns_parse(&columns, "tw,end_reset,pid", &bad, &len), 0);
	assert_int_equal(columns.n, 3);
	assert_string_equal(columns.fields[1]->name, "end_reset");
	assert_int_equal(columns_parse(&columns, "tw,nope,pid", &bad, &len), -EINVAL);
	assert_int_equal(len, 4);
	assert_memory_equal(bad, "nope", 4);
	assert_int_equal(columns_parse(&columns, "tw,", &bad, &len), -EINVAL);
	assert_int_equal(columns_parse(&columns, "", &bad, &len), -EINVAL);
}

static void test_too_many_columns(void **state)
{
	char list[3 * (COLUMNS_MAX + 1) + 1] = "";
	struct columns columns;
	const char *bad;
	size_t len;

	(void)state;
	for (int i = 0; i < COLUMNS_MAX; i++)
		strcat(list, i ? ",tw" : "tw");
	assert_int_equal(columns_parse(&columns, list, &bad, &len), 0);
	strcat(list, ",tw");
	assert_int_equal(columns_parse(&columns, list, &bad, &len), -E2BIG);
}

static void test_list_names_all(void **state)
{
	struct caught c;

	(void)state;
	catch_begin(&c);
	fields_list(c.out);
	for (const struct field *f = fields; f->name; f++)
		assert_non_null(strstr(caught_text(&c), f->name));
	catch_end(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_lengths),
		cmocka_unit_test(test_unknown),
		cmocka_unit_test(test_row_that_sums_up),
		cmocka_unit_test(test_groups),
		cmocka_unit_test(test_columns_follow_groups),
		cmocka_unit_test(test_hostile_comm),
		cmocka_unit_test(test_all_ends_fit),
		cmocka_unit_test(test_table_is_sound),
		cmocka_unit_test(test_find),
		cmocka_unit_test(test_sort_numbers_falling),
		cmocka_unit_test(test_sort_words_rising),
		cmocka_unit_test(test_columns),
		cmocka_unit_test(test_too_many_columns),
		cmocka_unit_test(test_list_names_all),
	};

	return RUN_TESTS(tests);
}
