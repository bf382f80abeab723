/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* sanitize.c: see sanitize.h. */
#include "sanitize.h"

#include <stdbool.h>
#include <string.h>

#include "utf8.h"

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

struct range {
	unsigned first, last;
};

/* Shown as nothing, or changing how their neighbours are shown (Unicode 15: Cc, Cf, Zl, Zp, Mn, fillers, selectors, tags). */
static const struct range unfit[] = {
	{0x0000, 0x001f},   {0x007f, 0x009f},    {0x00ad, 0x00ad}, {0x0300, 0x036f}, {0x0483, 0x0489},   {0x0591, 0x05c7},
	{0x0600, 0x0605},   {0x0610, 0x061c},    {0x064b, 0x065f}, {0x0670, 0x0670}, {0x06d6, 0x06ed},   {0x070f, 0x0711},
	{0x0730, 0x074a},   {0x0e31, 0x0e31},    {0x0e34, 0x0e3a}, {0x0e47, 0x0e4e}, {0x115f, 0x1160},   {0x17b4, 0x17b5},
	{0x180b, 0x180f},   {0x1ab0, 0x1aff},    {0x1dc0, 0x1dff}, {0x200b, 0x200f}, {0x2028, 0x202e},   {0x2060, 0x206f},
	{0x20d0, 0x20ff},   {0x302a, 0x302f},    {0x3099, 0x309a}, {0x3164, 0x3164}, {0xfe00, 0xfe0f},   {0xfe20, 0xfe2f},
	{0xfeff, 0xfeff},   {0xffa0, 0xffa0},    {0xfff0, 0xfffb}, {0xfffe, 0xffff}, {0x110bd, 0x110bd}, {0x1bca0, 0x1bca3},
	{0x1d165, 0x1d1ad}, {0xe0000, 0x10ffff},
};

/* East Asian Width W and F, roughly. */
static const struct range wide[] = {
	{0x1100, 0x115f}, {0x2e80, 0xa4cf},   {0xac00, 0xd7a3},   {0xf900, 0xfaff},   {0xfe30, 0xfe6f},   {0xff00, 0xff60},
	{0xffe0, 0xffe6}, {0x1f300, 0x1f64f}, {0x1f680, 0x1f6ff}, {0x1f900, 0x1faff}, {0x20000, 0x3fffd},
};

static bool is_in(const struct range *ranges, size_t n, unsigned c)
{
	for (size_t i = 0; i < n; i++)
		if (c >= ranges[i].first && c <= ranges[i].last)
			return true;
	return false;
}

static bool is_fit(unsigned c)
{
	if (c >= 0x20 && c < 0x7f)
		return true;
	return c != UTF8_INVALID && !is_in(unfit, COUNT_OF(unfit), c);
}

static size_t columns_of(unsigned c)
{
	return c > 0x7f && is_in(wide, COUNT_OF(wide), c) ? 2 : 1;
}

size_t sanitize(char *out, size_t size, const char *in, size_t len)
{
	size_t columns = 0, used = 0;

	len = strnlen(in, len);
	while (len) {
		unsigned c;
		size_t bytes = utf8_next(in, len, &c);
		bool fit = is_fit(c);
		size_t needed = fit ? bytes : 1;

		if (used + needed >= size)
			break;
		if (fit)
			memcpy(out + used, in, bytes);
		else
			out[used] = '?';
		columns += fit ? columns_of(c) : 1;
		used += needed;
		in += bytes;
		len -= bytes;
	}
	out[used] = '\0';
	return columns;
}

/* The bytes that fit max columns, into *columns how many they take. */
static size_t fit(const char *text, size_t max, size_t *columns)
{
	size_t done = 0, len = strlen(text);

	*columns = 0;
	while (done < len) {
		unsigned c;
		size_t bytes = utf8_next(text + done, len - done, &c), more = columns_of(c);

		if (more > max - *columns)
			break;
		*columns += more;
		done += bytes;
	}
	return done;
}

size_t text_columns(const char *text)
{
	size_t columns;

	fit(text, (size_t)-1, &columns);
	return columns;
}

size_t text_fit(const char *text, size_t columns)
{
	size_t taken;

	return fit(text, columns, &taken);
}
