/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* census.c: a hash of rows to find them by, and an array of them to sort. See census.h. */
#define HASH_NONFATAL_OOM 1
#include "census.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct census {
	unsigned by;
	__u64 close_wait_ns;
	struct census_row total;
	struct census_row *by_key;
	struct census_row **rows;
	size_t used, size;
};

static void row_init(struct census_row *row)
{
	memset(row, 0, sizeof(*row));
	row->leaked.oldest_ns = UNKNOWN_NS;
	for (int i = 0; i < STATE_MAX; i++)
		row->orphans[i].oldest_ns = UNKNOWN_NS;
}

int census_new(struct census **out, unsigned by, __u64 close_wait_ns)
{
	struct census *census = calloc(1, sizeof(*census));

	if (!census)
		return -ENOMEM;
	census->by = by;
	census->close_wait_ns = close_wait_ns;
	row_init(&census->total);
	*out = census;
	return 0;
}

void census_free(struct census *census)
{
	if (!census)
		return;
	HASH_CLEAR(hh, census->by_key);
	for (size_t i = 0; i < census->used; i++)
		free(census->rows[i]);
	free(census->rows);
	free(census);
}

static int make_room(struct census *census)
{
	size_t size = census->size ? census->size * 2 : 64;
	struct census_row **grown;

	if (census->used < census->size)
		return 0;
	grown = realloc(census->rows, size * sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	census->rows = grown;
	census->size = size;
	return 0;
}

static struct census_row *row_get(struct census *census, const struct row_key *key)
{
	struct census_row *row;

	HASH_FIND(hh, census->by_key, key, sizeof(*key), row);
	if (row)
		return row;
	row = make_room(census) ? NULL : malloc(sizeof(*row));
	if (!row)
		return NULL;
	row_init(row);
	row->key = *key;
	HASH_ADD(hh, census->by_key, key, sizeof(row->key), row);
	if (!row->hh.tbl) {
		free(row);
		return NULL;
	}
	census->rows[census->used++] = row;
	return row;
}

static void count_age(struct census_count *c, __u64 age_ns, bool at_least)
{
	if (age_ns == UNKNOWN_NS || (c->oldest_ns != UNKNOWN_NS && age_ns <= c->oldest_ns))
		return;
	c->oldest_ns = age_ns;
	c->at_least = at_least;
}

static void count(struct census_count *c, const struct live_socket *s)
{
	c->n++;
	count_age(c, s->age_ns, s->flags & SOCKET_AT_LEAST);
}

/* A connection request is its listener's for certain. */
static bool is_guessed(const struct live_socket *s)
{
	return s->id.owner_source == OWNER_LISTENER && event_process(&s->id) == &s->id.owner && s->state != STATE_SYN_RECV;
}

static void row_add(struct census_row *row, const struct live_socket *s, __u64 close_wait_ns)
{
	row->total++;
	row->guessed += is_guessed(s);
	row->states[s->state]++;
	if (s->flags & SOCKET_ORPHAN && s->state != STATE_TIME_WAIT)
		count(&row->orphans[s->state], s);
	if (s->state == STATE_CLOSE_WAIT && s->age_ns != UNKNOWN_NS && s->age_ns >= close_wait_ns)
		count(&row->leaked, s);
}

int census_add(struct census *census, const struct live_socket *s)
{
	struct census_row *row;
	struct row_key key;

	if (!live_socket_valid(s))
		return -EINVAL;
	group_key(&key, &s->id, census->by);
	row = row_get(census, &key);
	if (!row)
		return -ENOMEM;
	row_add(row, s, census->close_wait_ns);
	row_add(&census->total, s, census->close_wait_ns);
	return 0;
}

const struct census_row *census_total(const struct census *census)
{
	return &census->total;
}

static int compare(__u64 a, __u64 b)
{
	return a > b ? -1 : a < b;
}

/* Equal ones by their keys, so that the order is always the same. */
static int compare_rows(const void *x, const void *y)
{
	const struct census_row *a = *(const struct census_row *const *)x, *b = *(const struct census_row *const *)y;
	int r = compare(a->leaked.n, b->leaked.n);

	if (!r)
		r = compare(a->states[STATE_TIME_WAIT], b->states[STATE_TIME_WAIT]);
	if (!r)
		r = compare(a->total, b->total);
	return r ? r : memcmp(&a->key, &b->key, sizeof(a->key));
}

const struct census_row *const *census_rows(struct census *census, size_t *n)
{
	if (census->used)
		qsort(census->rows, census->used, sizeof(*census->rows), compare_rows);
	*n = census->used;
	return (const struct census_row *const *)census->rows;
}

static void count_all(struct census_count *to, const struct census_count *from)
{
	to->n += from->n;
	count_age(to, from->oldest_ns, from->at_least);
}

void census_rest(const struct census *census, size_t from, struct census_row *out)
{
	row_init(out);
	for (size_t i = from; i < census->used; i++) {
		const struct census_row *row = census->rows[i];

		out->folded++;
		out->total += row->total;
		out->guessed += row->guessed;
		count_all(&out->leaked, &row->leaked);
		for (int state = 0; state < STATE_MAX; state++) {
			out->states[state] += row->states[state];
			count_all(&out->orphans[state], &row->orphans[state]);
		}
	}
}

__u64 census_orphans(const struct census_row *row)
{
	return row->orphans[STATE_FIN_WAIT1].n + row->orphans[STATE_FIN_WAIT2].n + row->orphans[STATE_CLOSING].n +
	       row->orphans[STATE_LAST_ACK].n;
}
