/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* sysctl_settings.c: see sysctl_settings.h. */
#include "sysctl_settings.h"

#include <stdio.h>
#include <string.h>

static const char blanks[] = " \t\r\n";

/* Without blanks at either end. */
static void copy_trimmed(char *out, size_t size, const char *from, size_t len)
{
	size_t skip = 0;

	while (skip < len && strchr(blanks, from[skip]))
		skip++;
	while (len > skip && strchr(blanks, from[len - 1]))
		len--;
	snprintf(out, size, "%.*s", (int)(len - skip), from + skip);
}

/* As sysctl.d(5) has it: if a slash is the first separator, slashes separate and dots are part of names. */
static void dot_separators(char *key)
{
	char *first = strpbrk(key, "./");

	if (!first || *first == '.')
		return;
	for (char *p = key; *p; p++) {
		if (*p == '/')
			*p = '.';
		else if (*p == '.')
			*p = '/';
	}
}

bool sysctl_setting_parse(struct sysctl_setting *out, const char *line)
{
	const char *equals;

	line += strspn(line, blanks);
	equals = strchr(line, '=');
	if (*line == '#' || *line == ';' || !equals)
		return false;
	line += *line == '-';
	copy_trimmed(out->key, sizeof(out->key), line, (size_t)(equals - line));
	copy_trimmed(out->value, sizeof(out->value), equals + 1, strlen(equals + 1));
	dot_separators(out->key);
	return out->key[0];
}
