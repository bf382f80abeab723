/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* json.c: see json.h. */
#include "json.h"

#include <math.h>
#include <string.h>
#include <time.h>

#include "utf8.h"

void json_init(struct json *j, FILE *out)
{
	j->out = out;
	j->used = 0;
	j->first = true;
	j->time_second = -1;
}

static void flush(struct json *j)
{
	fwrite(j->buf, 1, j->used, j->out);
	j->used = 0;
}

static void put(struct json *j, const char *s, size_t len)
{
	if (j->used + len > sizeof(j->buf))
		flush(j);
	if (len > sizeof(j->buf)) {
		fwrite(s, 1, len, j->out);
		return;
	}
	memcpy(j->buf + j->used, s, len);
	j->used += len;
}

static void put_text(struct json *j, const char *text)
{
	put(j, text, strlen(text));
}

static void put_key(struct json *j, const char *key)
{
	if (!j->first)
		put(j, ",", 1);
	j->first = false;
	put(j, "\"", 1);
	put_text(j, key);
	put(j, "\":", 2);
}

void json_begin(struct json *j)
{
	put(j, "{", 1);
	j->first = true;
}

void json_end(struct json *j)
{
	put(j, "}\n", 2);
	flush(j);
}

void json_null(struct json *j, const char *key)
{
	put_key(j, key);
	put(j, "null", 4);
}

void json_bool(struct json *j, const char *key, bool value)
{
	put_key(j, key);
	put_text(j, value ? "true" : "false");
}

void json_u64(struct json *j, const char *key, __u64 value)
{
	char digits[20], *p = digits + sizeof(digits);

	put_key(j, key);
	do
		*--p = (char)('0' + value % 10);
	while (value /= 10);
	put(j, p, (size_t)(digits + sizeof(digits) - p));
}

void json_double(struct json *j, const char *key, double value)
{
	char text[32];

	if (!isfinite(value)) {
		json_null(j, key);
		return;
	}
	put_key(j, key);
	snprintf(text, sizeof(text), "%.6g", value); /* the locale is never set: the point is a point */
	put_text(j, text);
}

/* digits decimal places of value, at p. */
static void fill_digits(char *p, unsigned digits, unsigned value)
{
	while (digits--) {
		p[digits] = (char)('0' + value % 10);
		value /= 10;
	}
}

static void set_second(struct json *j, time_t second)
{
	struct tm tm;

	gmtime_r(&second, &tm);
	strftime(j->time_text, sizeof(j->time_text), "%Y-%m-%dT%H:%M:%S", &tm);
	j->time_second = second;
}

void json_time(struct json *j, const char *key, __u64 unix_ns)
{
	__s64 second = (__s64)(unix_ns / 1000000000);
	char fraction[] = ".000000Z\"";

	if (second != j->time_second)
		set_second(j, (time_t)second);
	fill_digits(fraction + 1, 6, (unsigned)(unix_ns % 1000000000 / 1000));
	put_key(j, key);
	put(j, "\"", 1);
	put_text(j, j->time_text);
	put(j, fraction, sizeof(fraction) - 1);
}

void json_word(struct json *j, const char *key, const char *word)
{
	if (!word) {
		json_null(j, key);
		return;
	}
	put_key(j, key);
	put(j, "\"", 1);
	put_text(j, word);
	put(j, "\"", 1);
}

static void put_escaped(struct json *j, unsigned c)
{
	static const char letters[] = "btn\0fr"; /* for 0x08 to 0x0d; 0x0b has none */
	char text[8];

	if (c == '"' || c == '\\')
		snprintf(text, sizeof(text), "\\%c", (int)c);
	else if (c >= 0x08 && c <= 0x0d && c != 0x0b)
		snprintf(text, sizeof(text), "\\%c", letters[c - 0x08]);
	else
		snprintf(text, sizeof(text), "\\u%04x", c & 0xffff);
	put_text(j, text);
}

/*
 * Escapes also DEL, C1 and the line separators, which JSON would allow: a JSON line may be looked at on a terminal, and they
 * break lines or start an escape sequence there.
 */
static bool needs_escape(unsigned c)
{
	return c < 0x20 || c == '"' || c == '\\' || (c >= 0x7f && c < 0xa0) || c == 0x2028 || c == 0x2029;
}

static void put_string(struct json *j, const char *s, size_t len)
{
	put(j, "\"", 1);
	while (len) {
		unsigned c;
		size_t bytes = utf8_next(s, len, &c);

		if (c == UTF8_INVALID)
			put(j, "\\ufffd", 6);
		else if (needs_escape(c))
			put_escaped(j, c);
		else
			put(j, s, bytes);
		s += bytes;
		len -= bytes;
	}
	put(j, "\"", 1);
}

void json_string(struct json *j, const char *key, const char *s, size_t len)
{
	put_key(j, key);
	put_string(j, s, len);
}

void json_strings(struct json *j, const char *key, const char *const *strings, size_t n)
{
	put_key(j, key);
	put(j, "[", 1);
	for (size_t i = 0; i < n; i++) {
		if (i)
			put(j, ",", 1);
		put_string(j, strings[i], strlen(strings[i]));
	}
	put(j, "]", 1);
}
