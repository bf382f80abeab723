/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * changes.h: what changed between two recordings (model/diff.h), in the fields of fields.h: what rows are grouped by once, all
 * else as it is in the new recording and, behind it, as it was in the old one. Writes to a stream; its errors are those of the
 * stream.
 */
#ifndef TWTRACE_CHANGES_H
#define TWTRACE_CHANGES_H

#include <stdio.h>

#include "fields.h"
#include "json.h"
#include "model/diff.h"

/* Rates and shares, which compare whatever the length of the recordings. by: what rows are grouped by, a set of enum group. */
void columns_changes(struct columns *columns, unsigned by);
/* By how much that field changed, largest change first, whichever its direction. */
void changes_sort(struct change *changes, size_t n, const struct field *field);

void text_changes(FILE *out, const struct columns *columns, const struct change *changes, size_t n);
void csv_changes(FILE *out, const struct columns *columns, const struct change *changes, size_t n);
/* type: change; every field of a row, and <field>_was. */
void json_change(struct json *j, const struct change *change, __u64 unix_ns);

#endif
