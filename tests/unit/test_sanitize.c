/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* test_sanitize.c: nothing that a process calls itself may steer a terminal. */
#include "unit.h"

#include "view/sanitize.h"

static void assert_becomes(const char *in, const char *expected, size_t columns)
{
	char out[64];

	assert_int_equal(sanitize(out, sizeof(out), in, strlen(in)), columns);
	assert_string_equal(out, expected);
	assert_int_equal(text_columns(out), columns);
}

static void test_plain(void **state)
{
	(void)state;
	assert_becomes("", "", 0);
	assert_becomes("nginx: worker p", "nginx: worker p", 15);
	assert_becomes("caf\xc3\xa9", "caf\xc3\xa9", 4);
	assert_becomes("\xe6\x97\xa5\xe6\x9c\xac", "\xe6\x97\xa5\xe6\x9c\xac", 4); /* wide */
}

static void test_escape_sequences(void **state)
{
	(void)state;
	assert_becomes("\033[31mred", "?[31mred", 8);
	assert_becomes("a\nb\rc\td\be\a", "a?b?c?d?e?", 10);
	assert_becomes("\x7f", "?", 1);
	assert_becomes("\xc2\x9b"
		       "31m",
		       "?31m", 4); /* CSI as C1 */
	assert_becomes("\x9b"
		       "31m",
		       "?31m", 4); /* the same as one byte, which is not UTF-8 */
}

static void test_invalid_utf8(void **state)
{
	(void)state;
	assert_becomes("a\xff\xfe"
		       "b",
		       "a??b", 4);
	assert_becomes("\xe2\x82", "??", 2);
	assert_becomes("\xed\xa0\x80", "???", 3);
}

static void test_invisible_and_bidi(void **state)
{
	(void)state;
	assert_becomes("a\xe2\x80\xae"
		       "b",
		       "a?b", 3); /* U+202E right-to-left override */
	assert_becomes("a\xe2\x81\xa6"
		       "b",
		       "a?b", 3); /* U+2066 isolate */
	assert_becomes("a\xe2\x80\x8b"
		       "b",
		       "a?b", 3);                   /* U+200B zero width space */
	assert_becomes("\xef\xbb\xbf", "?", 1);     /* U+FEFF */
	assert_becomes("e\xcc\x81", "e?", 2);       /* combining acute */
	assert_becomes("\xe2\x80\xa8", "?", 1);     /* U+2028 line separator */
	assert_becomes("\xc2\xad", "?", 1);         /* soft hyphen */
	assert_becomes("\xf3\xa0\x81\x81", "?", 1); /* U+E0041 tag */
}

static void test_length(void **state)
{
	char out[6];

	(void)state;
	assert_int_equal(sanitize(out, sizeof(out), "abcdefgh", 8), 5);
	assert_string_equal(out, "abcde");
	assert_int_equal(sanitize(out, sizeof(out), "abcdefgh", 3), 3);
	assert_string_equal(out, "abc");
	assert_int_equal(sanitize(out, sizeof(out), "ab\0cd", 5), 2);
	assert_string_equal(out, "ab");
	assert_int_equal(sanitize(out, 4, "ab\xe6\x97\xa5", 5), 2); /* not half of it */
	assert_string_equal(out, "ab");
	assert_int_equal(sanitize(out, 1, "x", 1), 0);
	assert_string_equal(out, "");
}

/* Whatever 15 bytes come, what leaves has no control character and fits. */
static void test_any_bytes(void **state)
{
	unsigned seed = 1;

	(void)state;
	for (int round = 0; round < 20000; round++) {
		char in[15], out[16];

		for (size_t i = 0; i < sizeof(in); i++) {
			seed = seed * 1103515245 + 12345;
			in[i] = (char)(seed >> 16);
		}
		sanitize(out, sizeof(out), in, sizeof(in));
		assert_true(strlen(out) <= sizeof(in));
		for (const char *p = out; *p; p++)
			assert_true((unsigned char)*p >= 0x20 && *p != 0x7f);
	}
}

static void test_fit(void **state)
{
	static const char text[] = "a\xe6\x97\xa5\xe2\x96\x81z"; /* 1 + 2 + 1 + 1 columns */

	(void)state;
	assert_int_equal(text_fit(text, 0), 0);
	assert_int_equal(text_fit(text, 1), 1);
	assert_int_equal(text_fit(text, 2), 1); /* half a character is none */
	assert_int_equal(text_fit(text, 3), 4);
	assert_int_equal(text_fit(text, 4), 7);
	assert_int_equal(text_fit(text, 5), 8);
	assert_int_equal(text_fit(text, 100), 8);
	assert_int_equal(text_columns(text), 5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_plain),        cmocka_unit_test(test_escape_sequences),
		cmocka_unit_test(test_invalid_utf8), cmocka_unit_test(test_invisible_and_bidi),
		cmocka_unit_test(test_length),       cmocka_unit_test(test_any_bytes),
		cmocka_unit_test(test_fit),
	};

	return RUN_TESTS(tests);
}
