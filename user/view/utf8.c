/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* utf8.c: see utf8.h. */
#include "utf8.h"

#include <stdbool.h>

/* How many bytes a first byte announces, and the bits of the character it carries; 0 if it can't be a first byte. */
static size_t announced(unsigned char first, unsigned *bits)
{
	if (first < 0x80) {
		*bits = first;
		return 1;
	}
	if (first >= 0xc2 && first < 0xe0) {
		*bits = first & 0x1f;
		return 2;
	}
	if (first >= 0xe0 && first < 0xf0) {
		*bits = first & 0x0f;
		return 3;
	}
	if (first >= 0xf0 && first < 0xf5) {
		*bits = first & 0x07;
		return 4;
	}
	return 0;
}

static bool is_valid(unsigned c, size_t bytes)
{
	static const unsigned smallest[] = {0, 0, 0x80, 0x800, 0x10000};

	return c >= smallest[bytes] && c <= 0x10ffff && !(c >= 0xd800 && c <= 0xdfff);
}

size_t utf8_next(const char *s, size_t len, unsigned *c)
{
	unsigned bits = 0;
	size_t bytes = announced((unsigned char)s[0], &bits);

	*c = UTF8_INVALID;
	if (!bytes || bytes > len)
		return 1;
	for (size_t i = 1; i < bytes; i++) {
		unsigned char next = (unsigned char)s[i];

		if ((next & 0xc0) != 0x80)
			return 1;
		bits = bits << 6 | (next & 0x3f);
	}
	if (!is_valid(bits, bytes))
		return 1;
	*c = bits;
	return bytes;
}

size_t utf8_put(char out[4], unsigned c)
{
	size_t bytes = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
	static const unsigned char first[] = {0, 0, 0xc0, 0xe0, 0xf0};

	if (!is_valid(c, bytes))
		return 0;
	for (size_t i = bytes - 1; i; i--) {
		out[i] = (char)(0x80 | (c & 0x3f));
		c >>= 6;
	}
	out[0] = (char)(first[bytes] | c);
	return bytes;
}
