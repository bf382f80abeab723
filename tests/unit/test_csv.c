/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* test_csv.c: what RFC 4180 asks for, and names that try to break out of it. */
#include "unit.h"

#include "view/csv.h"

static void assert_quoted(const char *text, const char *expected)
{
	struct caught c;

	catch_begin(&c);
	csv_text(c.out, true, text, strlen(text));
	assert_string_equal(caught_text(&c), expected);
	catch_end(&c);
}

static void test_quotes(void **state)
{
	(void)state;
	assert_quoted("nginx", "nginx");
	assert_quoted("", "\"\"");
	assert_quoted("a,b", "\"a,b\"");
	assert_quoted("a\"b", "\"a\"\"b\"");
	assert_quoted("\"", "\"\"\"\"");
	assert_quoted(" a", "\" a\"");
	assert_quoted("a b", "a b");
	/* no record ends within a name, no terminal is told anything */
	assert_quoted("a\r\nb\033[m\xff", "a??b?[m?");
}

static void test_rows(void **state)
{
	struct row row = {
		.key = {.process = {7, "x,y"}, .endpoint = {.family = 4, .addr = {10, 0, 0, 1}, .port = 80, .role = ROLE_SERVER}},
		.closed = {[CLOSER_LOCAL] = {1}, [CLOSER_REMOTE] = {2}},
		.tw_rate = 0.125,
		.tw_ended = {[END_EXPIRED] = 1, [END_RESET] = 2},
	};
	struct columns columns;
	struct caught c;
	const char *bad;
	size_t len;

	(void)state;
	assert_int_equal(columns_parse(&columns, "pid,comm,endpoint,closes,local_share,tw_rate,tw_p99,other,ends", &bad, &len),
			 0);
	catch_begin(&c);
	csv_header(c.out, &columns);
	csv_row(c.out, &columns, &row, 1709210096123456789);
	row.folded = 2;
	csv_row(c.out, &columns, &row, 0);
	assert_string_equal(
		caught_text(&c),
		"ts,pid,comm,endpoint,closes,local_share,tw_rate,tw_p99_ns,other,ends\r\n"
		"2024-02-29T12:34:56.123456Z,7,\"x,y\",10.0.0.1->:80,3,33.3333,0.125,,false,\"expired 1, reset 2\"\r\n"
		"1970-01-01T00:00:00.000000Z,,,,3,33.3333,0.125,,true,\"expired 1, reset 2\"\r\n");
	catch_end(&c);
}

/* As many values as names, whatever the row. */
static void test_all_columns(void **state)
{
	struct row row = {0};
	struct columns columns;
	struct caught c;
	unsigned commas[2] = {0, 0}, line = 0;

	(void)state;
	columns_all(&columns);
	for (const struct field *f = fields; f->name; f++)
		columns.n -= !f->text_only;
	assert_int_equal(columns.n, 0); /* none was left out for want of room */
	columns_all(&columns);
	catch_begin(&c);
	csv_header(c.out, &columns);
	csv_row(c.out, &columns, &row, 0);
	for (const char *p = caught_text(&c); *p; p++) {
		line += *p == '\n';
		if (*p == ',')
			commas[line]++;
	}
	assert_int_equal(line, 2);
	assert_int_equal(commas[0], columns.n);
	assert_int_equal(commas[1], columns.n);
	catch_end(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_quotes),
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_all_columns),
	};

	return RUN_TESTS(tests);
}
