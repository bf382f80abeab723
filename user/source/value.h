/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * value.h: single values of the JSON lines, from their text to what it stands for: the inverse of what view/json_lines.c writes.
 *
 * s, len: the text, without quotes and escapes; it may hold anything. They return false for what cannot be; *out is then
 * undefined.
 */
#ifndef TWTRACE_VALUE_H
#define TWTRACE_VALUE_H

#include <stdbool.h>
#include <stddef.h>

#include "event.h"

enum { SECOND_CHARS = 19 };

/* 2024-01-31T12:34:56, the costly part of a time, and what it means. Zero it to begin with. */
struct last_second {
	char text[SECOND_CHARS];
	__u64 seconds; /* since 1970 */
};

bool value_is(const char *word, const char *s, size_t len);
/* Digits, no sign, no point, no exponent. */
bool value_number(const char *s, size_t len, __u64 *out);
/* The first of max values whose name that is. *out comes in as a guess, which saves time if it is right. */
bool value_word(const char *(*name)(unsigned), __u64 max, const char *s, size_t len, __u64 *out);
/* ECONNRESET. "unknown" becomes a number that has no name. *out comes in as a guess. */
bool value_error(const char *s, size_t len, __u64 *out);
bool value_address(const char *s, size_t len, __u64 *family, __u8 addr[16]);
/* 2024-01-31T12:34:56.123456Z, and nothing else, to ns since 1970. */
bool value_time(struct last_second *last, const char *s, size_t len, __u64 *out);
/* U+FFFD stands for one byte that was not UTF-8, and becomes 0xff, which never is. */
bool value_comm(const char *s, size_t len, char comm[COMM_LEN]);
/* What does not fit is cut off: it is for people. */
bool value_text(const char *s, size_t len, char *text, size_t size);

#endif
