/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* test_json.c: the writer: syntax, escaping, numbers. */
#include "unit.h"

#include <math.h>

#include "view/json.h"

struct writer {
	struct caught c;
	struct json j;
};

static void begin(struct writer *w)
{
	catch_begin(&w->c);
	json_init(&w->j, w->c.out);
	json_begin(&w->j);
}

static void assert_writes(struct writer *w, const char *expected)
{
	json_end(&w->j);
	assert_string_equal(caught_text(&w->c), expected);
	catch_end(&w->c);
}

static void test_members(void **state)
{
	struct writer w;

	(void)state;
	begin(&w);
	json_u64(&w.j, "a", 0);
	json_u64(&w.j, "b", ~0ULL);
	json_null(&w.j, "c");
	json_bool(&w.j, "d", true);
	json_bool(&w.j, "e", false);
	json_word(&w.j, "f", "fin");
	json_word(&w.j, "g", NULL);
	assert_writes(&w, "{\"a\":0,\"b\":18446744073709551615,\"c\":null,\"d\":true,\"e\":false,\"f\":\"fin\",\"g\":null}\n");
}

static void test_empty_and_several_lines(void **state)
{
	struct writer w;

	(void)state;
	begin(&w);
	json_end(&w.j);
	json_begin(&w.j);
	json_u64(&w.j, "a", 1);
	assert_writes(&w, "{}\n{\"a\":1}\n");
}

static void assert_string_becomes(const char *bytes, size_t len, const char *expected)
{
	char line[512];
	struct writer w;

	begin(&w);
	json_string(&w.j, "s", bytes, len);
	snprintf(line, sizeof(line), "{\"s\":\"%s\"}\n", expected);
	assert_writes(&w, line);
}

#define BECOMES(bytes, expected) assert_string_becomes(bytes, sizeof(bytes) - 1, expected)

static void test_strings(void **state)
{
	(void)state;
	BECOMES("", "");
	BECOMES("curl", "curl");
	BECOMES("a\"b\\c/", "a\\\"b\\\\c/");
	BECOMES("\b\t\n\v\f\r", "\\b\\t\\n\\u000b\\f\\r");
	BECOMES("\0\x01\x1f", "\\u0000\\u0001\\u001f");
	BECOMES("\033[31m\x7f", "\\u001b[31m\\u007f");
	BECOMES("\xc2\x9b", "\\u009b"); /* CSI as C1 */
	BECOMES("\xe2\x80\xa8\xe2\x80\xa9", "\\u2028\\u2029");
	BECOMES("caf\xc3\xa9 \xf0\x9f\x98\x80", "caf\xc3\xa9 \xf0\x9f\x98\x80");
}

static void test_invalid_utf8(void **state)
{
	(void)state;
	BECOMES("a\xff\xfe"
		"b",
		"a\\ufffd\\ufffdb");
	BECOMES("\xc0\x80", "\\ufffd\\ufffd");
	BECOMES("\xed\xa0\x80", "\\ufffd\\ufffd\\ufffd");
	BECOMES("cut\xe2\x82", "cut\\ufffd\\ufffd");
	BECOMES("\xe2\"", "\\ufffd\\\"");
}

static void test_double(void **state)
{
	struct writer w;

	(void)state;
	begin(&w);
	json_double(&w.j, "a", 0);
	json_double(&w.j, "b", 33.333333333);
	json_double(&w.j, "c", 1e12);
	json_double(&w.j, "d", NAN);
	json_double(&w.j, "e", INFINITY);
	assert_writes(&w, "{\"a\":0,\"b\":33.3333,\"c\":1e+12,\"d\":null,\"e\":null}\n");
}

static void test_time(void **state)
{
	struct writer w;

	(void)state;
	begin(&w);
	json_time(&w.j, "a", 0);
	json_time(&w.j, "b", 1709210096000000999);
	json_time(&w.j, "c", 1709210096123456789);
	json_time(&w.j, "d", 1709210097999999999);
	assert_writes(&w, "{\"a\":\"1970-01-01T00:00:00.000000Z\",\"b\":\"2024-02-29T12:34:56.000000Z\","
			  "\"c\":\"2024-02-29T12:34:56.123456Z\",\"d\":\"2024-02-29T12:34:57.999999Z\"}\n");
}

/* Longer than the writer's buffer, in one piece and in many. */
static void test_long_lines(void **state)
{
	size_t len = 3 * sizeof(((struct json *)0)->buf);
	char *word = malloc(len + 1);
	struct writer w;

	(void)state;
	memset(word, 'x', len);
	word[len] = '\0';
	begin(&w);
	json_word(&w.j, "w", word);
	json_string(&w.j, "s", word, len);
	json_end(&w.j);
	assert_int_equal(strlen(caught_text(&w.c)), 2 * len + strlen("{\"w\":\"\",\"s\":\"\"}\n"));
	assert_int_equal(strspn(w.c.text + 6, "x"), len);
	assert_int_equal(strspn(w.c.text + 6 + len + strlen("\",\"s\":\""), "x"), len);
	catch_end(&w.c);
	free(word);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_members),    cmocka_unit_test(test_empty_and_several_lines),
		cmocka_unit_test(test_strings),    cmocka_unit_test(test_invalid_utf8),
		cmocka_unit_test(test_double),     cmocka_unit_test(test_time),
		cmocka_unit_test(test_long_lines),
	};

	return RUN_TESTS(tests);
}
