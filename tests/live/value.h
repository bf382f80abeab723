/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* value.h: compares a JSON value with a written expectation (the syntax is in scenario.h). */
#ifndef LIVE_VALUE_H
#define LIVE_VALUE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

enum { VALUE_TEXT = 64 };

/* A scalar as text: "fin", "80", "true", "null". A key that is not there reads "(missing)". Returns buf. */
const char *value_text(const json_t *value, char buf[VALUE_TEXT]);
/* Whether object's key reads so. */
bool value_is(const json_t *object, const char *key, const char *text);
/* Where `want` is a range of times, its end is that much later. */
bool value_matches(const char *want, const json_t *got, long long late_ns);

#endif
