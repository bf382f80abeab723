/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* schema.h: whether a line is one of schema version 1, whatever it is about. Knows the words of the documentation, and no code of twtrace. */
#ifndef LIVE_SCHEMA_H
#define LIVE_SCHEMA_H

#include <jansson.h>

#include "complaint.h"

/* Keys, types, enums, and what must hold within any one line. */
void schema_check(const json_t *line, struct complaint *c);
/* The identities of a summary, and that its totals are what the other lines add up to (a run without filters). */
void schema_check_summary(const json_t *summary, const json_t *lines, struct complaint *c);

#endif
