/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* text_census.c: see text_census.h. */
#include "text_census.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "format.h"
#include "grid.h"
#include "model/names.h"

/* As a connection passes through them. */
static const enum tcp_state order[] = {
	STATE_LISTEN,    STATE_SYN_SENT, STATE_SYN_RECV,  STATE_ESTABLISHED, STATE_CLOSE_WAIT, STATE_LAST_ACK,
	STATE_FIN_WAIT1, STATE_CLOSING,  STATE_FIN_WAIT2, STATE_TIME_WAIT,   STATE_CLOSE,
};

/* Those in which a socket can outlive its process; TIME_WAIT always does. */
static const enum tcp_state orphaned[] = {STATE_FIN_WAIT1, STATE_FIN_WAIT2, STATE_CLOSING, STATE_LAST_ACK};

enum { STATES = sizeof(order) / sizeof(order[0]), ORPHANED = sizeof(orphaned) / sizeof(orphaned[0]) };

static const struct grid_column who[] = {{"PID", false}, {"COMM", true}, {"ROLE", true}, {"ENDPOINT", true}};

enum { WHO = sizeof(who) / sizeof(who[0]) };

/* "2h13m", "2h13m+" for at least so long. */
static char *format_oldest(char buf[FORMAT_DURATION_MAX + 1], const struct census_count *count)
{
	format_duration(buf, count->oldest_ns);
	return count->at_least && count->oldest_ns != UNKNOWN_NS ? strcat(buf, "+") : buf;
}

static void put_who(struct grid *g, const struct census_key *key)
{
	char endpoint[FORMAT_ENDPOINT_MAX];

	grid_put_process(g, &key->process);
	grid_put(g, "%s", role_name(key->endpoint.role));
	grid_put(g, "%s", format_endpoint(endpoint, &key->endpoint));
}

static int print(struct grid *g, FILE *out, size_t rows, size_t most)
{
	int r = grid_print(g, out);

	if (!r && most && rows > most)
		fprintf(out, "%zu more rows\n", rows - most);
	grid_free(g);
	return r;
}

static int put_states(FILE *out, const struct census_row *total, __u64 close_wait_ns)
{
	char oldest[FORMAT_DURATION_MAX + 1], threshold[FORMAT_DURATION_MAX];
	struct grid g;
	int r;

	grid_init(&g, (const struct grid_column[]){{"STATE", true}, {"SOCKETS", false}}, 2);
	for (size_t i = 0; i < STATES; i++) {
		if (!total->states[order[i]])
			continue;
		grid_put(&g, "%s", tcp_state_name(order[i]));
		grid_put(&g, "%llu", (unsigned long long)total->states[order[i]]);
	}
	grid_put(&g, "all");
	grid_put(&g, "%llu", (unsigned long long)total->total);
	r = print(&g, out, 0, 0);
	fprintf(out, "\nLeaked       %llu in CLOSE_WAIT for %s or longer", (unsigned long long)total->leaked.n,
		format_duration(threshold, close_wait_ns));
	if (total->leaked.n)
		fprintf(out, ", the longest %s", format_oldest(oldest, &total->leaked));
	fprintf(out, "\nOrphans      %llu closed by a process and not through yet\n", (unsigned long long)census_orphans(total));
	return r;
}

static int put_rows(FILE *out, const struct census_row *total, const struct census_row *const *rows, size_t n, size_t most)
{
	struct grid g;

	grid_init(&g, who, WHO);
	grid_column(&g, "SOCKETS", false);
	for (size_t i = 0; i < STATES; i++)
		if (total->states[order[i]])
			grid_column(&g, tcp_state_name(order[i]), false);
	for (size_t row = 0; row < n && (!most || row < most); row++) {
		put_who(&g, &rows[row]->key);
		grid_put(&g, "%llu", (unsigned long long)rows[row]->total);
		for (size_t i = 0; i < STATES; i++)
			if (total->states[order[i]])
				grid_put(&g, "%llu", (unsigned long long)rows[row]->states[order[i]]);
	}
	return print(&g, out, n, most);
}

static int put_leaks(FILE *out, const struct census_row *const *rows, size_t n, size_t most)
{
	char oldest[FORMAT_DURATION_MAX + 1];
	struct grid g;
	size_t leaking = 0;

	grid_init(&g, who, WHO);
	grid_column(&g, "LEAKED", false);
	grid_column(&g, "LONGEST", false);
	for (size_t row = 0; row < n; row++) {
		if (!rows[row]->leaked.n || (most && leaking++ >= most))
			continue;
		put_who(&g, &rows[row]->key);
		grid_put(&g, "%llu", (unsigned long long)rows[row]->leaked.n);
		grid_put(&g, "%s", format_oldest(oldest, &rows[row]->leaked));
	}
	fputs("\nThe peer closed, the process did not: CLOSE_WAIT\n", out);
	return print(&g, out, leaking, most);
}

static struct census_count oldest_orphan(const struct census_row *row)
{
	struct census_count all = {.oldest_ns = UNKNOWN_NS};

	for (size_t i = 0; i < ORPHANED; i++) {
		const struct census_count *one = &row->orphans[orphaned[i]];

		if (one->oldest_ns != UNKNOWN_NS && (all.oldest_ns == UNKNOWN_NS || one->oldest_ns > all.oldest_ns))
			all = *one;
	}
	return all;
}

static int put_orphans(FILE *out, const struct census_row *const *rows, size_t n, size_t most)
{
	char text[FORMAT_DURATION_MAX + 1];
	struct grid g;
	size_t with = 0;

	grid_init(&g, who, WHO);
	for (size_t i = 0; i < ORPHANED; i++)
		grid_column(&g, tcp_state_name(orphaned[i]), false);
	grid_column(&g, "LONGEST", false);
	for (size_t row = 0; row < n; row++) {
		struct census_count oldest = oldest_orphan(rows[row]);

		if (!census_orphans(rows[row]) || (most && with++ >= most))
			continue;
		put_who(&g, &rows[row]->key);
		for (size_t i = 0; i < ORPHANED; i++)
			grid_put(&g, "%llu", (unsigned long long)rows[row]->orphans[orphaned[i]].n);
		grid_put(&g, "%s", format_oldest(text, &oldest));
	}
	fputs("\nThe process closed and is through with it, the peer is not: orphans\n", out);
	return print(&g, out, with, most);
}

int text_census(FILE *out, struct census *census, __u64 close_wait_ns, size_t most)
{
	const struct census_row *total = census_total(census);
	const struct census_row *const *rows;
	size_t n;
	int r = put_states(out, total, close_wait_ns);

	rows = census_rows(census, &n);
	if (!r && n) {
		putc('\n', out);
		r = put_rows(out, total, rows, n, most);
	}
	if (!r && total->leaked.n)
		r = put_leaks(out, rows, n, most);
	if (!r && census_orphans(total))
		r = put_orphans(out, rows, n, most);
	return r;
}
