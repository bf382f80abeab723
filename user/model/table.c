/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* table.c: a hash of rows to find them by, and an array of them to sort. See table.h. */
#define HASH_NONFATAL_OOM 1
#include "table.h"

#include <assert.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static_assert(sizeof(struct row_key) == sizeof(struct process) + 16 + sizeof(__u16) + 2, "row_key must not be padded");

struct table {
	struct row *by_key;
	struct row **rows;
	size_t used, size;
	__u64 tick;
};

int table_new(struct table **out, __u64 now)
{
	struct table *table = calloc(1, sizeof(*table));

	if (!table)
		return -ENOMEM;
	table->tick = now;
	*out = table;
	return 0;
}

void table_free(struct table *table)
{
	if (!table)
		return;
	HASH_CLEAR(hh, table->by_key);
	for (size_t i = 0; i < table->used; i++) {
		histogram_clear(&table->rows[i]->tw_length);
		free(table->rows[i]);
	}
	free(table->rows);
	free(table);
}

static void key_make(struct row_key *key, const struct event *e)
{
	const struct process *process = event_process(e);

	memset(key, 0, sizeof(*key));
	key->process.pid = process->pid;
	if (process->pid) /* what follows the NUL is not part of the name */
		memcpy(key->process.comm, process->comm, strnlen(process->comm, sizeof(process->comm)));
	event_endpoint(e, &key->endpoint);
}

static int make_room(struct table *table)
{
	size_t size = table->size ? table->size * 2 : 64;
	struct row **grown;

	if (table->used < table->size)
		return 0;
	grown = realloc(table->rows, size * sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	table->rows = grown;
	table->size = size;
	return 0;
}

static int row_new(struct row **out, struct table *table, const struct row_key *key, __u32 netns)
{
	struct row *row;

	if (make_room(table))
		return -ENOMEM;
	row = calloc(1, sizeof(*row));
	if (!row)
		return -ENOMEM;
	row->key = *key;
	row->netns = netns;
	HASH_ADD(hh, table->by_key, key, sizeof(row->key), row);
	if (!row->hh.tbl) { /* HASH_NONFATAL_OOM */
		free(row);
		return -ENOMEM;
	}
	table->rows[table->used++] = row;
	*out = row;
	return 0;
}

static int row_get(struct row **out, struct table *table, const struct event *e)
{
	struct row_key key;
	struct row *row;

	key_make(&key, e);
	HASH_FIND(hh, table->by_key, &key, sizeof(key), row);
	if (!row)
		return row_new(out, table, &key, e->netns);
	*out = row;
	return 0;
}

static void note_second(struct row *row, const struct event *e)
{
	row->busy |= 1ULL << (e->ts / 1000000000 % 64);
}

static void add_close(struct row *row, const struct event *e)
{
	note_second(row, e);
	row->closed[e->closer][e->how]++;
	if (e->closer == CLOSER_LOCAL)
		row->causes[e->cause]++;
	row->unanswered += e->how == HOW_TIMEOUT && !e->close.retrans;
	row->tw_skipped += e->timewait == TIMEWAIT_SKIPPED;
	if (e->timewait != TIMEWAIT_ENTERED)
		return;
	row->tw_entered++;
	row->tw_now += !event_tw_older(e);
}

static int add_timewait(struct row *row, const struct event *e)
{
	if (e->tw.time_wait_ns != UNKNOWN_NS && histogram_add(&row->tw_length, e->tw.time_wait_ns))
		return -ENOMEM;
	row->tw_ended[e->end]++;
	row->tw_now -= !event_tw_older(e);
	return 0;
}

int table_add(struct table *table, const struct event *e)
{
	struct row *row;
	int r;

	if (!event_valid(e))
		return -EINVAL;
	r = row_get(&row, table, e);
	if (r)
		return r;
	if (row->netns != e->netns)
		row->netns = 0;
	switch (e->type) {
	case EVENT_CLOSE:
		add_close(row, e);
		break;
	case EVENT_TIMEWAIT:
		return add_timewait(row, e);
	case EVENT_CONNECT_FAILED:
		note_second(row, e);
		row->connect_failed[e->reason]++;
		break;
	}
	return 0;
}

void table_tick(struct table *table, __u64 now)
{
	double seconds = (double)(__s64)(now - table->tick) / 1e9;

	if (seconds <= 0)
		return;
	for (size_t i = 0; i < table->used; i++) {
		struct row *row = table->rows[i];

		row->tw_rate = (double)(row->tw_entered - row->tw_entered_at_tick) / seconds;
		row->tw_entered_at_tick = row->tw_entered;
	}
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
	*n = table->used;
	return (const struct row *const *)table->rows;
}
