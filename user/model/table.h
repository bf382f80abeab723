/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * table.h: events added up per process, role and endpoint.
 *
 * Rows are made by the first event that needs one and stay until table_free(). Time is given in, never read.
 */
#ifndef TWTRACE_TABLE_H
#define TWTRACE_TABLE_H

#include <stddef.h>

#include "row.h"

struct table;

/* Orders two rows: below, at or above 0. */
typedef int (*row_compare_fn)(const struct row *a, const struct row *b, const void *ctx);

/* now: CLOCK_MONOTONIC ns, the start of the first interval. -ENOMEM. */
int table_new(struct table **out, __u64 now);
/* NULL is fine. */
void table_free(struct table *table);

/* -ENOMEM; -EINVAL for an event that event_valid() refuses. On failure nothing has been counted. */
int table_add(struct table *table, const struct event *e);

/* Ends an interval: every row's rate becomes that of the time since the last tick. */
void table_tick(struct table *table, __u64 now);
/* When the last interval ended. */
__u64 table_last_tick(const struct table *table);

void table_sort(struct table *table, row_compare_fn compare, const void *ctx);
/* All rows, in the order of the last table_sort(), newer ones behind. Valid until the next table_add() or table_sort(). */
const struct row *const *table_rows(const struct table *table, size_t *n);

#endif
