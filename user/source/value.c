/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* value.c: see value.h. */
#include "value.h"

#include <arpa/inet.h>
#include <string.h>
#include <time.h>

#include "model/names.h"

enum { ERRNO_LIMIT = 4096 }; /* MAX_ERRNO is 4095, include/linux/err.h */

bool value_is(const char *word, const char *s, size_t len)
{
	return strlen(word) == len && !memcmp(word, s, len);
}

bool value_number(const char *s, size_t len, __u64 *out)
{
	__u64 value = 0;

	for (size_t i = 0; i < len; i++) {
		if (s[i] < '0' || s[i] > '9')
			return false;
		if (__builtin_mul_overflow(value, 10, &value) || __builtin_add_overflow(value, (__u64)(s[i] - '0'), &value))
			return false;
	}
	*out = value;
	return len > 0;
}

bool value_word(const char *(*name)(unsigned), __u64 max, const char *s, size_t len, __u64 *out)
{
	if (*out < max && value_is(name((unsigned)*out), s, len))
		return true;
	for (unsigned i = 0; i < max; i++) {
		if (!value_is(name(i), s, len))
			continue;
		*out = i;
		return true;
	}
	return false;
}

bool value_error(const char *s, size_t len, __u64 *out)
{
	if (!*out) /* 0 is written null */
		*out = 1;
	return value_word(errno_name, ERRNO_LIMIT, s, len, out) && *out;
}

bool value_address(const char *s, size_t len, __u64 *family, __u8 addr[16])
{
	char text[INET6_ADDRSTRLEN];

	if (len >= sizeof(text) || memchr(s, '\0', len))
		return false;
	*(char *)mempcpy(text, s, len) = '\0';
	*family = memchr(text, ':', len) ? 6 : 4;
	memset(addr, 0, 16);
	return inet_pton(*family == 6 ? AF_INET6 : AF_INET, text, addr) == 1;
}

static bool set_second(struct last_second *last, const char *s)
{
	static const char format[] = "%Y-%m-%dT%H:%M:%S";
	char text[SECOND_CHARS + 1], again[SECOND_CHARS + 1];
	struct tm tm = {0};
	time_t seconds;

	*(char *)mempcpy(text, s, SECOND_CHARS) = '\0';
	if (!strptime(text, format, &tm))
		return false;
	seconds = timegm(&tm); /* strptime() takes blanks and February 30, too */
	if (seconds < 0 || strftime(again, sizeof(again), format, &tm) != SECOND_CHARS || strcmp(text, again) != 0)
		return false;
	memcpy(last->text, s, SECOND_CHARS);
	last->seconds = (__u64)seconds;
	return true;
}

bool value_time(struct last_second *last, const char *s, size_t len, __u64 *out)
{
	__u64 us;

	if (len != SECOND_CHARS + 8 || s[SECOND_CHARS] != '.' || s[len - 1] != 'Z' || !value_number(s + SECOND_CHARS + 1, 6, &us))
		return false;
	if (memcmp(s, last->text, SECOND_CHARS) != 0 && !set_second(last, s))
		return false;
	return !__builtin_mul_overflow(last->seconds, 1000000000ULL, out) && !__builtin_add_overflow(*out, us * 1000, out);
}

bool value_comm(const char *s, size_t len, char comm[COMM_LEN])
{
	size_t used = 0;

	memset(comm, 0, COMM_LEN);
	for (size_t i = 0; i < len; i++) {
		bool replaced = len - i >= 3 && !memcmp(s + i, "\xef\xbf\xbd", 3);

		if (!s[i] || used == COMM_LEN)
			return false;
		comm[used++] = replaced ? '\xff' : s[i];
		i += replaced ? 2 : 0;
	}
	return true;
}

bool value_text(const char *s, size_t len, char *text, size_t size)
{
	if (memchr(s, '\0', len))
		return false;
	*(char *)mempcpy(text, s, len < size ? len : size - 1) = '\0';
	return true;
}
