/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* leak.c: see leak.h. */
#include "leak.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "subject.h"

static int compare_rows(const void *a, const void *b)
{
	const struct row_key *ka = &(*(const struct census_row *const *)a)->key,
			     *kb = &(*(const struct census_row *const *)b)->key;
	int r = service_compare(&ka->process, &ka->endpoint, &kb->process, &kb->endpoint);

	return r ? r : (ka->process.pid > kb->process.pid) - (ka->process.pid < kb->process.pid);
}

static int compare_leaks(const void *a, const void *b)
{
	const struct leak *la = a, *lb = b;

	return (la->count.n < lb->count.n) - (la->count.n > lb->count.n);
}

static void add_age(struct census_count *sum, const struct census_count *c)
{
	if (c->oldest_ns == UNKNOWN_NS || (sum->oldest_ns != UNKNOWN_NS && sum->oldest_ns >= c->oldest_ns))
		return;
	sum->oldest_ns = c->oldest_ns;
	sum->at_least = c->at_least;
}

/* How many of the rows, sorted, are of the service of the first one. */
static size_t make_leak(struct leak *leak, const struct census_row *const *rows, size_t n)
{
	const struct census_row *worst = rows[0];
	size_t i = 0;

	memset(leak, 0, sizeof(*leak));
	leak->count.oldest_ns = UNKNOWN_NS;
	do {
		leak->count.n += rows[i]->leaked.n;
		add_age(&leak->count, &rows[i]->leaked);
		if (rows[i]->leaked.n > worst->leaked.n)
			worst = rows[i];
		leak->name.processes += !i || rows[i]->key.process.pid != rows[i - 1]->key.process.pid;
		i++;
	} while (i < n &&
		 !service_compare(&rows[0]->key.process, &rows[0]->key.endpoint, &rows[i]->key.process, &rows[i]->key.endpoint));
	leak->name.pid = worst->key.process.pid;
	memcpy(leak->name.comm, worst->key.process.comm, COMM_LEN);
	leak->name.endpoint = worst->key.endpoint;
	return i;
}

/* The largest one of the same name that is known to be a client's or a server's; NULL: there is none. */
static struct leak *known_leak(struct leak *leaks, size_t n, const struct leak *unknown)
{
	for (size_t i = 0; i < n; i++)
		if (leaks[i].name.endpoint.role != ROLE_UNKNOWN && !memcmp(leaks[i].name.comm, unknown->name.comm, COMM_LEN))
			return &leaks[i];
	return NULL;
}

/* Those that went with another are left with 0. */
static void join_unknown(struct leak *leaks, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct leak *known = leaks[i].name.endpoint.role == ROLE_UNKNOWN ? known_leak(leaks, n, &leaks[i]) : NULL;

		if (!known)
			continue;
		known->count.n += leaks[i].count.n;
		add_age(&known->count, &leaks[i].count);
		leaks[i].count.n = 0;
	}
}

int leaks_make(struct leak **out, size_t *n, const struct census_row *const *rows, size_t nrows)
{
	/* One more, as malloc(0) may be NULL. */
	const struct census_row **leaky = calloc(nrows + 1, sizeof(*leaky));
	struct leak *leaks = calloc(nrows + 1, sizeof(*leaks));
	size_t nleaky = 0, used = 0;

	if (!leaky || !leaks) {
		free(leaky);
		free(leaks);
		return -ENOMEM;
	}
	for (size_t i = 0; i < nrows; i++)
		if (rows[i]->leaked.n)
			leaky[nleaky++] = rows[i];
	qsort(leaky, nleaky, sizeof(*leaky), compare_rows);
	for (size_t i = 0; i < nleaky;)
		i += make_leak(&leaks[used++], leaky + i, nleaky - i);
	qsort(leaks, used, sizeof(*leaks), compare_leaks);
	join_unknown(leaks, used);
	qsort(leaks, used, sizeof(*leaks), compare_leaks);
	while (used && !leaks[used - 1].count.n)
		used--;
	free(leaky);
	*out = leaks;
	*n = used;
	return 0;
}
