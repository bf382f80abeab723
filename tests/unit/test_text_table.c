/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* test_text_table.c: columns fit what is in them, and the table fits the terminal. */
#include "unit.h"

#include "view/text_table.h"

static struct row row_of(__u32 pid, const char *comm, __u16 port)
{
	struct row row = {.key = {.process.pid = pid, .endpoint = {.addr = {10, 0, 0, 2}, .port = port, .family = 4}}};

	memcpy(row.key.process.comm, comm, strlen(comm));
	return row;
}

static void columns_of(struct columns *columns, const char *list)
{
	const char *bad;
	size_t len;

	assert_int_equal(columns_parse(columns, list, &bad, &len), 0);
}

static void test_aligned(void **state)
{
	struct row a = row_of(7, "curl", 80), b = row_of(123456, "a-long-name", 8080);
	const struct row *rows[] = {&a, &b};
	struct columns columns;
	struct caught c;

	(void)state;
	columns_of(&columns, "pid,comm,tw,endpoint");
	catch_begin(&c);
	text_table(c.out, &columns, rows, 2, 0);
	assert_string_equal(caught_text(&c), "   PID COMM        TW ENDPOINT\n"
					     "     7 curl         0 10.0.0.2:80\n"
					     "123456 a-long-name  0 10.0.0.2:8080\n");
	catch_end(&c);
}

static void test_empty(void **state)
{
	struct columns columns;
	struct caught c;

	(void)state;
	columns_of(&columns, "pid,comm");
	catch_begin(&c);
	text_table(c.out, &columns, NULL, 0, 0);
	assert_string_equal(caught_text(&c), "PID COMM\n");
	catch_end(&c);
}

static size_t widest_line(const char *text)
{
	size_t widest = 0;

	while (*text) {
		size_t len = strcspn(text, "\n");

		if (len > widest)
			widest = len;
		text += len + (text[len] == '\n');
	}
	return widest;
}

/* At every width the table fits, down to the one column that always stays. */
static void test_fits_any_width(void **state)
{
	struct row a = row_of(4194304, "a-name-of-15-by", 65535);
	const struct row *rows[] = {&a};
	struct columns columns;
	size_t before = 0;

	(void)state;
	memset(a.key.endpoint.addr, 0xff, 16);
	a.key.endpoint.family = 6;
	a.key.endpoint.role = ROLE_SERVER;
	for (int end = 0; end < END_MAX; end++)
		a.tw_ended[end] = 1000000;
	columns_default(&columns, GROUP_DEFAULT);
	for (size_t width = 50; width < 400; width++) {
		struct caught c;
		size_t widest;

		catch_begin(&c);
		text_table(c.out, &columns, rows, 1, width);
		widest = widest_line(caught_text(&c));
		assert_true(widest <= width);
		assert_true(widest >= before);
		assert_non_null(strstr(c.text, "[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]->:65535"));
		before = widest;
		catch_end(&c);
	}
	assert_true(before > 300);
}

static void test_eighty_columns_show_what_matters(void **state)
{
	struct row a = row_of(1234567, "nginx", 8080);
	const struct row *rows[] = {&a};
	struct columns columns;
	struct caught c;

	(void)state;
	columns_default(&columns, GROUP_DEFAULT);
	catch_begin(&c);
	text_table(c.out, &columns, rows, 1, 80);
	assert_non_null(strstr(caught_text(&c), "PID COMM"));
	assert_non_null(strstr(c.text, "ENDPOINT"));
	assert_non_null(strstr(c.text, "CLOSES LOCAL% REMOTE%"));
	assert_non_null(strstr(c.text, " TW TW/s"));
	assert_null(strstr(c.text, "TW ENDED"));
	catch_end(&c);
}

static void test_hostile_comm_keeps_alignment(void **state)
{
	struct row a = row_of(7, "\033]0;x\007", 80), b = row_of(8, "\xe6\x97\xa5\xe6\x9c\xac", 80);
	const struct row *rows[] = {&a, &b};
	struct columns columns;
	struct caught c;

	(void)state;
	columns_of(&columns, "comm,tw");
	catch_begin(&c);
	text_table(c.out, &columns, rows, 2, 0);
	assert_string_equal(caught_text(&c), "COMM   TW\n"
					     "?]0;x?  0\n"
					     "\xe6\x97\xa5\xe6\x9c\xac    0\n");
	catch_end(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_aligned),
		cmocka_unit_test(test_empty),
		cmocka_unit_test(test_fits_any_width),
		cmocka_unit_test(test_eighty_columns_show_what_matters),
		cmocka_unit_test(test_hostile_comm_keeps_alignment),
	};

	return RUN_TESTS(tests);
}
