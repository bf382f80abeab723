/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* value.c: alternatives, ranges, text. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "value.h"

const char *value_text(const json_t *value, char buf[VALUE_TEXT])
{
	switch (value ? json_typeof(value) : JSON_OBJECT) {
	case JSON_STRING:
		snprintf(buf, VALUE_TEXT, "%s", json_string_value(value));
		break;
	case JSON_INTEGER:
		snprintf(buf, VALUE_TEXT, "%lld", (long long)json_integer_value(value));
		break;
	case JSON_TRUE:
		return strcpy(buf, "true");
	case JSON_FALSE:
		return strcpy(buf, "false");
	case JSON_NULL:
		return strcpy(buf, "null");
	default:
		return strcpy(buf, value ? "(not a scalar)" : "(missing)");
	}
	return buf;
}

bool value_is(const json_t *object, const char *key, const char *text)
{
	char buf[VALUE_TEXT];

	return !strcmp(value_text(json_object_get(object, key), buf), text);
}

/* A count, or a time: "3s" and "3000ms" in nanoseconds. */
static long long number(const char *text, char **end)
{
	long long n = strtoll(text, end, 10);

	if (!strncmp(*end, "ms", 2)) {
		*end += 2;
		return n * 1000000;
	}
	if (**end == 's') {
		++*end;
		return n * 1000000000;
	}
	return n;
}

/* Some times are told by the kernel's timers, which count in jiffies of up to 10 ms: be content with that much less. */
#define JIFFY 10000000

static bool in_range(const char *range, const json_t *got, long long late_ns)
{
	long long low, high, n = json_integer_value(got);
	char *end;

	low = number(range, &end);
	if (strncmp(end, "..", 2) || !json_is_integer(got))
		return false;
	high = number(end + 2, &end);
	if (end[-1] == 's')
		high += late_ns;
	return !*end && low - (low >= JIFFY ? JIFFY : 0) <= n && n <= high;
}

static bool one_matches(const char *want, const json_t *got, long long late_ns)
{
	char buf[VALUE_TEXT];

	if (!strcmp(want, "*"))
		return got;
	/* 15000 jiffies at HZ=250 fall in that level of the timer wheel whose steps are 512 jiffies, and are rounded up. */
	if (!strcmp(want, "2msl"))
		want = "60000ms..62500ms";
	return strstr(want, "..") ? in_range(want, got, late_ns) : !strcmp(want, value_text(got, buf));
}

bool value_matches(const char *want, const json_t *got, long long late_ns)
{
	char copy[256], *at, *one;

	snprintf(copy, sizeof(copy), "%s", want);
	for (one = strtok_r(copy, "|", &at); one; one = strtok_r(NULL, "|", &at))
		if (one_matches(one, got, late_ns))
			return true;
	return false;
}
