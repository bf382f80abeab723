/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* text_census.c: see text_census.h. */
#include "text_census.h"

#include <stdbool.h>
#include <string.h>

#include "format.h"
#include "grid.h"
#include "model/names.h"
#include "sanitize.h"

/* As a connection passes through them. */
static const enum tcp_state order[] = {
	STATE_LISTEN,    STATE_SYN_SENT, STATE_SYN_RECV,  STATE_ESTABLISHED, STATE_CLOSE_WAIT, STATE_LAST_ACK,
	STATE_FIN_WAIT1, STATE_CLOSING,  STATE_FIN_WAIT2, STATE_TIME_WAIT,   STATE_CLOSE,
};

/* Those in which a socket can outlive its process; TIME_WAIT always does. */
static const enum tcp_state orphaned[] = {STATE_FIN_WAIT1, STATE_FIN_WAIT2, STATE_CLOSING, STATE_LAST_ACK};

enum { STATES = sizeof(order) / sizeof(order[0]), ORPHANED = sizeof(orphaned) / sizeof(orphaned[0]) };

/* What to print of which rows. */
struct print {
	FILE *out;
	const struct census_row *total;
	const struct census_row *const *rows;
	size_t n, most;
	unsigned by;
};

/* "2h13m", "2h13m+" for at least so long. */
static char *format_longest(char buf[FORMAT_DURATION_MAX + 1], const struct census_count *count)
{
	format_duration(buf, count->oldest_ns);
	return count->at_least && count->oldest_ns != UNKNOWN_NS ? strcat(buf, "+") : buf;
}

static void put_count(struct grid *g, __u64 count)
{
	grid_put(g, "%llu", (unsigned long long)count);
}

static void put_id(struct grid *g, __u64 id)
{
	if (id)
		put_count(g, id);
	else
		grid_put(g, "-");
}

/* ---- whose a row is ---- */

static void begin(struct grid *g, unsigned by)
{
	grid_init(g, NULL, 0);
	if (by & GROUP_PROCESS)
		grid_column(g, "PID", false);
	if (by & (GROUP_PROCESS | GROUP_COMM))
		grid_column(g, "COMM", true);
	if (by & GROUP_ENDPOINT)
		grid_column(g, "ROLE", true);
	if (by & (GROUP_ENDPOINT | GROUP_REMOTE))
		grid_column(g, by & GROUP_ENDPOINT ? "ENDPOINT" : "REMOTE-NET", true);
	if (by & GROUP_CGROUP)
		grid_column(g, "CGROUP", false);
	if (by & GROUP_NETNS)
		grid_column(g, "NETNS", false);
}

/* "~123": a guess, at least for some. */
static void put_pid(struct grid *g, const struct census_row *row)
{
	if (row->guessed && row->key.process.pid)
		grid_put(g, "~%u", row->key.process.pid);
	else
		put_id(g, row->key.process.pid);
}

static void put_comm(struct grid *g, const struct census_row *row)
{
	char comm[COMM_LEN + 1];

	sanitize(comm, sizeof(comm), row->key.process.comm, sizeof(row->key.process.comm));
	grid_put(g, "%s", row->folded ? "other" : *comm ? comm : "-");
}

static void put_endpoint(struct grid *g, const struct census_row *row)
{
	const struct endpoint *endpoint = &row->key.endpoint;
	char text[FORMAT_ENDPOINT_MAX];

	if (row->folded)
		grid_put(g, "(%llu more)", (unsigned long long)row->folded);
	else if (row->key.prefix)
		grid_put(g, "%s", format_network(text, endpoint->family, endpoint->addr, row->key.prefix));
	else
		grid_put(g, "%s", format_endpoint(text, endpoint));
}

static void put_who(struct grid *g, const struct census_row *row, unsigned by)
{
	if (by & GROUP_PROCESS)
		put_pid(g, row);
	if (by & (GROUP_PROCESS | GROUP_COMM))
		put_comm(g, row);
	if (by & GROUP_ENDPOINT)
		grid_put(g, "%s", row->folded ? "-" : role_name(row->key.endpoint.role));
	if (by & (GROUP_ENDPOINT | GROUP_REMOTE))
		put_endpoint(g, row);
	if (by & GROUP_CGROUP)
		put_id(g, row->key.cgroup);
	if (by & GROUP_NETNS)
		put_id(g, row->key.netns);
}

static int end(struct grid *g, FILE *out)
{
	int r = grid_print(g, out);

	grid_free(g);
	return r;
}

/* ---- the tables ---- */

static int print_states(const struct print *p, __u64 close_wait_ns)
{
	char text[FORMAT_DURATION_MAX + 1];
	struct grid g;
	int r;

	grid_init(&g, (const struct grid_column[]){{"STATE", true}, {"SOCKETS", false}}, 2);
	for (size_t i = 0; i < STATES; i++) {
		if (!p->total->states[order[i]])
			continue;
		grid_put(&g, "%s", tcp_state_name(order[i]));
		put_count(&g, p->total->states[order[i]]);
	}
	grid_put(&g, "all");
	put_count(&g, p->total->total);
	r = end(&g, p->out);
	fprintf(p->out, "\nLeaked   %llu in CLOSE_WAIT for %s or longer", (unsigned long long)p->total->leaked.n,
		format_duration(text, close_wait_ns));
	if (p->total->leaked.n)
		fprintf(p->out, ", the longest %s", format_longest(text, &p->total->leaked));
	fprintf(p->out, "\nOrphans  %llu closed by their process, waiting for the peer\n",
		(unsigned long long)census_orphans(p->total));
	return r;
}

static void put_row(struct grid *g, const struct print *p, const struct census_row *row)
{
	put_who(g, row, p->by);
	put_count(g, row->total);
	for (size_t i = 0; i < STATES; i++)
		if (p->total->states[order[i]])
			put_count(g, row->states[order[i]]);
}

static int print_rows(const struct print *p, const struct census_row *rest)
{
	struct grid g;
	int r;

	begin(&g, p->by);
	grid_column(&g, "SOCKETS", false);
	for (size_t i = 0; i < STATES; i++)
		if (p->total->states[order[i]])
			grid_column(&g, tcp_state_name(order[i]), false);
	for (size_t i = 0; i < p->n && i < p->most; i++)
		put_row(&g, p, p->rows[i]);
	if (rest->folded)
		put_row(&g, p, rest);
	putc('\n', p->out);
	r = end(&g, p->out);
	if (p->total->guessed && p->by & GROUP_PROCESS)
		fputs("~ a guess for some of them: it listened, and nobody saw who got them\n", p->out);
	return r;
}

static void put_leak(struct grid *g, const struct print *p, const struct census_row *row)
{
	char text[FORMAT_DURATION_MAX + 1];

	if (!row->leaked.n)
		return;
	put_who(g, row, p->by);
	put_count(g, row->leaked.n);
	grid_put(g, "%s", format_longest(text, &row->leaked));
}

static int print_leaks(const struct print *p, const struct census_row *rest)
{
	struct grid g;

	begin(&g, p->by);
	grid_column(&g, "LEAKED", false);
	grid_column(&g, "LONGEST", false);
	for (size_t i = 0; i < p->n && i < p->most; i++)
		put_leak(&g, p, p->rows[i]);
	put_leak(&g, p, rest);
	fputs("\nLeaked: the peer closed, the process did not\n", p->out);
	return end(&g, p->out);
}

static void longest_orphan(struct census_count *out, const struct census_row *row)
{
	*out = (struct census_count){.oldest_ns = UNKNOWN_NS};
	for (size_t i = 0; i < ORPHANED; i++) {
		const struct census_count *one = &row->orphans[orphaned[i]];

		if (one->oldest_ns != UNKNOWN_NS && (out->oldest_ns == UNKNOWN_NS || one->oldest_ns > out->oldest_ns))
			*out = *one;
	}
}

static void put_orphans(struct grid *g, const struct print *p, const struct census_row *row)
{
	char text[FORMAT_DURATION_MAX + 1];
	struct census_count longest;

	if (!census_orphans(row))
		return;
	longest_orphan(&longest, row);
	put_who(g, row, p->by);
	for (size_t i = 0; i < ORPHANED; i++)
		put_count(g, row->orphans[orphaned[i]].n);
	grid_put(g, "%s", format_longest(text, &longest));
}

static int print_orphans(const struct print *p, const struct census_row *rest)
{
	struct grid g;

	begin(&g, p->by);
	for (size_t i = 0; i < ORPHANED; i++)
		grid_column(&g, tcp_state_name(orphaned[i]), false);
	grid_column(&g, "LONGEST", false);
	for (size_t i = 0; i < p->n && i < p->most; i++)
		put_orphans(&g, p, p->rows[i]);
	put_orphans(&g, p, rest);
	fputs("\nOrphans: the process closed, the peer is not through\n", p->out);
	return end(&g, p->out);
}

int text_census(FILE *out, struct census *census, unsigned by, __u64 close_wait_ns, size_t most)
{
	struct print p = {.out = out, .total = census_total(census), .most = most, .by = by};
	struct census_row rest;
	int r = print_states(&p, close_wait_ns);

	p.rows = census_rows(census, &p.n);
	census_rest(census, most, &rest);
	if (!r && p.n)
		r = print_rows(&p, &rest);
	if (!r && p.total->leaked.n)
		r = print_leaks(&p, &rest);
	if (!r && census_orphans(p.total))
		r = print_orphans(&p, &rest);
	return r;
}
