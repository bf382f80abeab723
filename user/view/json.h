/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * json.h: the one place that writes JSON: flat objects, one a line, as they come.
 *
 *	json_begin(j); json_u64(j, "v", 1); json_word(j, "type", "close"); json_end(j);
 *
 * Keys and words are our own and need no escaping; only json_string() takes text from elsewhere. Errors are those of the stream:
 * ask ferror() when it is flushed.
 */
#ifndef TWTRACE_JSON_H
#define TWTRACE_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <linux/types.h>

struct json {
	FILE *out; /* borrowed */
	size_t used;
	bool first;         /* no member yet: no comma */
	__s64 time_second;  /* the second that time_text is of */
	char time_text[24]; /* 2024-01-31T12:34:56, the costly part of a time */
	char buf[4096];     /* handed to out at the end of a line, or when full */
};

void json_init(struct json *j, FILE *out);
void json_begin(struct json *j);
/* Ends the object and its line. */
void json_end(struct json *j);

void json_null(struct json *j, const char *key);
void json_bool(struct json *j, const char *key, bool value);
void json_u64(struct json *j, const char *key, __u64 value);
/* Six significant digits; not a number and infinite become null. */
void json_double(struct json *j, const char *key, double value);
/* RFC 3339, UTC, microseconds. unix_ns: ns since 1970. */
void json_time(struct json *j, const char *key, __u64 unix_ns);
/* A string that needs no escaping; NULL becomes null. */
void json_word(struct json *j, const char *key, const char *word);
/* Any len bytes: what JSON must escape is escaped, bytes that are not UTF-8 become U+FFFD, one each. */
void json_string(struct json *j, const char *key, const char *s, size_t len);
/* An array of n strings that end with a NUL, escaped as json_string() does. */
void json_strings(struct json *j, const char *key, const char *const *strings, size_t n);

#endif
