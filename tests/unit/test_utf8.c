/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* test_utf8.c: what RFC 3629 allows, and nothing else. */
#include "unit.h"

#include "view/utf8.h"

static void assert_next(const char *bytes, size_t len, size_t taken, unsigned expected)
{
	unsigned c;

	assert_int_equal(utf8_next(bytes, len, &c), taken);
	assert_int_equal(c, expected);
}

#define VALID(bytes, c) assert_next(bytes, sizeof(bytes) - 1, sizeof(bytes) - 1, c)
#define INVALID(bytes) assert_next(bytes, sizeof(bytes) - 1, 1, UTF8_INVALID)

static void test_valid(void **state)
{
	(void)state;
	assert_next("ab", 2, 1, 'a');
	assert_next("\0b", 2, 1, 0);
	VALID("\x7f", 0x7f);
	VALID("\xc2\x80", 0x80);
	VALID("\xdf\xbf", 0x7ff);
	VALID("\xe0\xa0\x80", 0x800);
	VALID("\xed\x9f\xbf", 0xd7ff);
	VALID("\xee\x80\x80", 0xe000);
	VALID("\xef\xbf\xbf", 0xffff);
	VALID("\xf0\x90\x80\x80", 0x10000);
	VALID("\xf4\x8f\xbf\xbf", 0x10ffff);
}

static void test_invalid(void **state)
{
	(void)state;
	INVALID("\x80"); /* a continuation */
	INVALID("\xbf");
	INVALID("\xc0\x80"); /* overlong */
	INVALID("\xc1\xbf");
	INVALID("\xe0\x9f\xbf");
	INVALID("\xf0\x8f\xbf\xbf");
	INVALID("\xed\xa0\x80"); /* surrogates */
	INVALID("\xed\xbf\xbf");
	INVALID("\xf4\x90\x80\x80"); /* above U+10FFFF */
	INVALID("\xf5\x80\x80\x80");
	INVALID("\xff");
	INVALID("\xc3"); /* cut off */
	INVALID("\xe2\x82");
	INVALID("\xf0\x9f\x98");
	INVALID("\xc3("); /* cut short by another */
	INVALID("\xe2\x82(");
}

static void test_never_reads_beyond(void **state)
{
	unsigned c;

	(void)state;
	assert_int_equal(utf8_next("\xe2\x82\xac", 2, &c), 1);
	assert_int_equal(c, UTF8_INVALID);
}

static void test_put(void **state)
{
	char out[4];

	(void)state;
	for (unsigned c = 1; c < 0x110000; c += c < 0x900 || (c > 0xd7f0 && c < 0xe010) || c > 0x10fff0 ? 1 : 251) {
		size_t bytes = utf8_put(out, c);
		unsigned again;

		if (c >= 0xd800 && c < 0xe000) {
			assert_int_equal(bytes, 0);
			continue;
		}
		assert_int_equal(utf8_next(out, bytes, &again), bytes);
		assert_int_equal(again, c);
	}
	assert_int_equal(utf8_put(out, 0x110000), 0);
	assert_int_equal(utf8_put(out, UTF8_INVALID), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_valid),
		cmocka_unit_test(test_invalid),
		cmocka_unit_test(test_never_reads_beyond),
		cmocka_unit_test(test_put),
	};

	return RUN_TESTS(tests);
}
