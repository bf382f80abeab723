/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* table.c: a hash of rows to find them by, and an array of them to sort. See table.h. */
#define HASH_NONFATAL_OOM 1
#define HASH_BKT_CAPACITY_THRESH 2U /* short chains: every row looked at on the way is a cache miss */
#include "table.h"

#include <errno.h>
#include <stdlib.h>

/* How far a TIME_WAIT's beginning, as its end tells it, may be before the close that began it: a jiffy at HZ=100 and a bit. */
#define SLACK_NS 20000000

struct table {
	struct table_options options;
	struct row *by_key;
	struct row **rows; /* behind those used comes other */
	__u8 *ranks;       /* as many: how much each row has seen, for fold_some() */
	size_t used, size;
	struct row *other; /* NULL as long as nothing was folded */
	struct row rest;   /* table_top() */
	const struct row **top;
	__u64 tick;
};

int table_new(struct table **out, const struct table_options *options, __u64 now)
{
	struct table *table = calloc(1, sizeof(*table));

	if (!table)
		return -ENOMEM;
	if (options)
		table->options = *options;
	if (!table->options.by)
		table->options.by = GROUP_DEFAULT;
	if (!table->options.rows)
		table->options.rows = TABLE_ROWS;
	table->tick = now;
	*out = table;
	return 0;
}

static void row_free(struct row *row)
{
	row_clear(row);
	free(row);
}

void table_free(struct table *table)
{
	if (!table)
		return;
	HASH_CLEAR(hh, table->by_key);
	for (size_t i = 0; i < table->used; i++)
		row_free(table->rows[i]);
	if (table->other)
		row_free(table->other);
	row_clear(&table->rest);
	free(table->top);
	free(table->rows);
	free(table->ranks);
	free(table);
}

/* --- folding */

enum { RANKS = 2 * 64 + 2 };

/* How much a row has seen, by powers of two; of two alike the one with nothing in TIME_WAIT goes first. */
static unsigned rank_of(const struct row *row)
{
	__u64 seen = row_closes(row) + row_connect_failed(row);
	unsigned bits = seen ? 64 - (unsigned)__builtin_clzll(seen) : 0;

	return 2 * bits + (row->tw_now > 0);
}

/* How many rows of each rank are to go, so that a quarter of all do. */
static void choose(struct table *table, size_t going[RANKS])
{
	size_t left = (table->used + 3) / 4;

	for (size_t i = 0; i < table->used; i++) {
		table->ranks[i] = (__u8)rank_of(table->rows[i]);
		going[table->ranks[i]]++;
	}
	for (unsigned rank = 0; rank < RANKS; rank++) {
		if (going[rank] > left)
			going[rank] = left;
		left -= going[rank];
	}
}

/* A pass over all rows makes room for a quarter as many: a constant for each row made. */
static int fold_some(struct table *table)
{
	size_t going[RANKS] = {0}, kept = 0;
	int r = 0;

	if (!table->other)
		table->other = calloc(1, sizeof(*table->other));
	if (!table->other)
		return -ENOMEM;
	choose(table, going);
	for (size_t i = 0; i < table->used; i++) {
		struct row *row = table->rows[i];
		size_t *goes = &going[table->ranks[i]];

		if (r || !*goes) {
			table->rows[kept++] = row;
			continue;
		}
		--*goes;
		r = row_fold(table->other, row);
		HASH_DEL(table->by_key, row);
		row_free(row);
	}
	table->used = kept;
	table->rows[kept] = table->other;
	return r;
}

/* --- adding */

/* For one more, and other behind it. */
static int make_room(struct table *table)
{
	size_t size = table->size ? table->size * 2 : 64;
	struct row **rows;
	__u8 *ranks;

	if (table->used >= table->options.rows) {
		int r = fold_some(table);

		if (r)
			return r;
	}
	if (table->used + 1 < table->size)
		return 0;
	rows = realloc(table->rows, size * sizeof(*rows));
	if (!rows)
		return -ENOMEM;
	table->rows = rows;
	ranks = realloc(table->ranks, size);
	if (!ranks)
		return -ENOMEM;
	table->ranks = ranks;
	table->size = size;
	return 0;
}

static int row_new(struct row **out, struct table *table, const struct row_key *key)
{
	struct row *row;
	int r = make_room(table);

	if (r)
		return r;
	row = calloc(1, sizeof(*row));
	if (!row)
		return -ENOMEM;
	row->key = *key;
	HASH_ADD(hh, table->by_key, key, sizeof(row->key), row);
	if (!row->hh.tbl) { /* HASH_NONFATAL_OOM */
		free(row);
		return -ENOMEM;
	}
	table->rows[table->used++] = row;
	table->rows[table->used] = table->other;
	*out = row;
	return 0;
}

static int row_begin(struct row **out, struct table *table, const struct row_key *key, const struct event *e)
{
	int r = row_new(out, table, key);

	if (r)
		return r;
	(*out)->netns = e->netns;
	(*out)->cgroup = e->cgroup;
	(*out)->since = table->other ? e->ts : 0;
	return 0;
}

/* Whether a TIME_WAIT that ended had begun before its row did, and so is counted in other. Events may be out of order. */
static bool is_older(const struct row *row, const struct event *e)
{
	if (!row->since)
		return false;
	if (e->tw.time_wait_ns == UNKNOWN_NS)
		return row->tw_now <= 0;
	return (__s64)(e->ts - e->tw.time_wait_ns + SLACK_NS - row->since) < 0;
}

static int row_get(struct row **out, struct table *table, const struct event *e)
{
	struct row_key key;
	struct row *row;

	group_key(&key, e, table->options.by);
	HASH_FIND(hh, table->by_key, &key, sizeof(key), row);
	if (e->type == EVENT_TIMEWAIT && table->other && (!row || is_older(row, e)))
		row = table->other;
	if (!row)
		return row_begin(out, table, &key, e);
	if (e->ts < row->since)
		row->since = e->ts;
	*out = row;
	return 0;
}

int table_add(struct table *table, const struct event *e)
{
	struct row *row;
	int r;

	if (!event_valid(e))
		return -EINVAL;
	r = row_get(&row, table, e);
	return r ? r : row_add(row, e);
}

static int add_row(struct table *table, const struct row *from)
{
	struct row_key key, complete = from->key;
	struct row *row;
	int r = 0;

	if (!complete.cgroup)
		complete.cgroup = from->cgroup;
	if (!complete.netns)
		complete.netns = from->netns;
	group_coarser(&key, &complete, table->options.by);
	HASH_FIND(hh, table->by_key, &key, sizeof(key), row);
	if (!row)
		r = row_new(&row, table, &key);
	return r ? r : row_merge(row, from);
}

static int add_other(struct table *table, const struct row *from)
{
	int r = make_room(table); /* it is among the rows, too */

	if (!r && !table->other)
		table->other = calloc(1, sizeof(*table->other));
	if (r || !table->other)
		return -ENOMEM;
	table->rows[table->used] = table->other;
	return row_fold(table->other, from);
}

int table_add_rows(struct table *table, const struct table *from)
{
	int r = 0;

	for (size_t i = 0; !r && i < from->used; i++)
		r = add_row(table, from->rows[i]);
	if (!r && from->other)
		r = add_other(table, from->other);
	return r;
}

/* --- intervals, order */

void table_tick(struct table *table, __u64 now)
{
	double seconds = (double)(__s64)(now - table->tick) / 1e9;

	if (seconds <= 0)
		return;
	for (size_t i = 0; i < table->used; i++)
		row_tick(table->rows[i], seconds);
	if (table->other)
		row_tick(table->other, seconds);
	table->tick = now;
}

__u64 table_last_tick(const struct table *table)
{
	return table->tick;
}

struct order {
	row_compare_fn compare;
	const void *ctx;
};

static int compare_pointers(const void *a, const void *b, void *ctx)
{
	const struct order *order = ctx;

	return order->compare(*(struct row *const *)a, *(struct row *const *)b, order->ctx);
}

void table_sort(struct table *table, row_compare_fn compare, const void *ctx)
{
	struct order order = {compare, ctx};

	if (table->used)
		qsort_r(table->rows, table->used, sizeof(*table->rows), compare_pointers, &order);
}

const struct row *const *table_rows(const struct table *table, size_t *n)
{
	*n = table->used + (table->other != NULL);
	return (const struct row *const *)table->rows;
}

static int fold_rest(struct table *table, size_t from, size_t n)
{
	const struct row *const *rows = (const struct row *const *)table->rows;
	int r = 0;

	row_clear(&table->rest);
	for (size_t i = from; !r && i < n; i++)
		r = row_fold(&table->rest, rows[i]);
	return r;
}

int table_top(struct table *table, size_t max, const struct row *const **rows, size_t *n)
{
	const struct row *const *all = table_rows(table, n);
	const struct row **top;
	int r;

	*rows = all;
	if (table->used <= max)
		return 0;
	top = realloc(table->top, (max + 1) * sizeof(*top));
	if (!top)
		return -ENOMEM;
	table->top = top;
	r = fold_rest(table, max, *n);
	for (size_t i = 0; i < max; i++)
		top[i] = all[i];
	top[max] = &table->rest;
	*rows = top;
	*n = max + 1;
	return r;
}
