/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * table.h: events added up per process and endpoint, or whatever they are to be grouped by, in bounded memory.
 *
 * A row is made by the first event that needs one. When the table is full, the quarter of the rows that have seen least is
 * summed up in one other row, so that all rows together always have seen everything. A key that was folded and comes back gets a
 * row again (row->since says so); the end of a TIME_WAIT that began before that stays with the row that sums up.
 *
 * Time is given in, never read.
 */
#ifndef TWTRACE_TABLE_H
#define TWTRACE_TABLE_H

#include <stddef.h>

#include "row.h"

enum { TABLE_ROWS = 10000 }; /* about 1 KB each */

struct table_options {
	unsigned by; /* a set of enum group; 0: GROUP_DEFAULT */
	size_t rows; /* most rows to keep; 0: TABLE_ROWS */
};

struct table;

/* Orders two rows: below, at or above 0. */
typedef int (*row_compare_fn)(const struct row *a, const struct row *b, const void *ctx);

/* options: NULL: all default. now: CLOCK_MONOTONIC ns, the start of the first interval. -ENOMEM. */
int table_new(struct table **out, const struct table_options *options, __u64 now);
/* NULL is fine. */
void table_free(struct table *table);

/* -EINVAL for an event that event_valid() refuses: nothing has been counted. -ENOMEM: give up, it may be counted in part. */
int table_add(struct table *table, const struct event *e);

/*
 * Adds all rows of another table, which is grouped by the same or by more; what the other does not group by, process and endpoint
 * but for cgroup and netns, is that of rows that have but one. Rates and history add up, too. -ENOMEM.
 */
int table_add_rows(struct table *table, const struct table *from);

/* Ends an interval: every row's rate becomes that of the time since the last tick. */
void table_tick(struct table *table, __u64 now);
/* When the last interval ended. */
__u64 table_last_tick(const struct table *table);

void table_sort(struct table *table, row_compare_fn compare, const void *ctx);
/*
 * All rows, in the order of the last table_sort(), newer ones behind; then, if there is one, the row that sums up others
 * (row->folded). Valid until the next table_add() or table_sort().
 */
const struct row *const *table_rows(const struct table *table, size_t *n);
/*
 * The first max of them, and all that is left summed up in one more. Into *rows and *n; valid until the next call of any function
 * that changes the table. -ENOMEM.
 */
int table_top(struct table *table, size_t max, const struct row *const **rows, size_t *n);

#endif
