/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* text_ports.c: see text_ports.h. */
#include "text_ports.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "format.h"
#include "grid.h"
#include "sanitize.h"

static const struct grid_column columns[] = {
	{"PID", false},   {"COMM", true},  {"LOCAL", true},      {"REMOTE", true}, {"HELD", false}, {"USABLE", false},
	{"HELD%", false}, {"CONN", false}, {"TIME_WAIT", false}, {"FREE", false},  {"TW/s", false}, {"MAX/s", false},
	{"OUT IN", false}, {"NO PORT", false},
};

enum { COLUMNS = sizeof(columns) / sizeof(columns[0]) };

static const char *reuse_word(long long reuse)
{
	return reuse == 0 ? "off" : reuse == 2 ? "loopback only" : "on";
}

static void put_settings(FILE *out, const struct port_pair *pair, const struct sysctls *s)
{
	long long low, high, reuse, reserved = 0;

	fprintf(out, "netns %u: ", pair->key.netns);
	if (!sysctl_get(s, SYSCTL_PORT_LOW, &low) || !sysctl_get(s, SYSCTL_PORT_HIGH, &high)) {
		fputs("settings not known\n", out);
		return;
	}
	sysctl_get(s, SYSCTL_RESERVED_PORTS, &reserved);
	fprintf(out, "ip_local_port_range %lld-%lld, %u ports, %u reserved", low, high, pair->range, pair->reserved);
	if (sysctl_get(s, SYSCTL_TW_REUSE, &reuse))
		fprintf(out, "; tcp_tw_reuse %lld (%s)", reuse, reuse_word(reuse));
	if (!pair->key.any_remote && pair->bound)
		fprintf(out, "; %u taken by bind() or listen()", pair->bound);
	putc('\n', out);
}

/* Once for each namespace, for its first row. */
static bool is_first_of_namespace(const struct port_pair *const *pairs, size_t i)
{
	for (size_t before = 0; before < i; before++)
		if (pairs[before]->key.netns == pairs[i]->key.netns)
			return false;
	return true;
}

/* The first, and how many more. */
static void put_process(struct grid *g, const struct port_pair *pair)
{
	const struct process *first = pair->nprocesses ? &pair->processes[0].process : NULL;
	char comm[COMM_LEN + 1] = "-";

	if (first && first->pid) {
		sanitize(comm, sizeof(comm), first->comm, sizeof(first->comm));
		grid_put(g, "%u", first->pid);
	} else {
		grid_put(g, "-");
	}
	if (pair->nprocesses > 1)
		grid_put(g, "%s +%zu", comm, pair->nprocesses - 1);
	else
		grid_put(g, "%s", comm);
}

static void put_remote(struct grid *g, const struct port_pair_key *key)
{
	char text[FORMAT_ENDPOINT_MAX];

	if (key->any_remote)
		grid_put(g, "any, after bind()");
	else
		grid_put(g, "%s", format_address_port(text, key->family, key->raddr, key->rport));
}

static void put_budget(struct grid *g, const struct port_pair *p)
{
	char rate[FORMAT_RATE_MAX], share[FORMAT_PERCENT_MAX], left[FORMAT_DURATION_MAX];

	grid_put(g, "%u", p->held);
	grid_put(g, "%u", p->usable);
	grid_put(g, "%s", format_percent(share, 100 * p->share));
	grid_put(g, "%u", p->connections);
	grid_put(g, "%u", p->time_wait);
	grid_put(g, "%u", p->free);
	grid_put(g, "%s", format_rate(rate, p->rate));
	grid_put(g, "%s", isfinite(p->max_rate) ? format_rate(rate, p->max_rate) : "-");
	grid_put(g, "%s", format_duration(left, p->left_ns));
}

static void put_unknown(struct grid *g)
{
	for (unsigned i = 4; i < COLUMNS - 1; i++)
		grid_put(g, "-");
}

static void put_ends(struct grid *g, const struct port_pair_key *key)
{
	char local[FORMAT_ADDRESS_MAX];

	grid_put(g, "%s", format_address(local, key->family, key->laddr));
	put_remote(g, key);
}

static void put_pair(struct grid *g, const struct port_pair *pair)
{
	put_process(g, pair);
	put_ends(g, &pair->key);
	if (pair->known)
		put_budget(g, pair);
	else
		put_unknown(g);
	grid_put(g, "%llu", (unsigned long long)pair->no_port);
}

/* Each process that was refused a port, where, and how often. */
static int print_refused(FILE *out, const struct port_pair *const *pairs, size_t n)
{
	struct grid g;
	int r = 0;

	grid_init(&g, (const struct grid_column[]){{"PID", false}, {"COMM", true}, {"LOCAL", true}, {"REMOTE", true}, {"NO PORT", false}},
		  5);
	for (size_t i = 0; i < n; i++)
		for (size_t p = 0; p < pairs[i]->nprocesses; p++) {
			const struct port_process *process = &pairs[i]->processes[p];

			if (!process->no_port)
				continue;
			grid_put_process(&g, &process->process);
			put_ends(&g, &pairs[i]->key);
			grid_put(&g, "%llu", (unsigned long long)process->no_port);
		}
	if (g.used || g.failed) {
		fputs("\nconnect() found no port left: EADDRNOTAVAIL\n", out);
		r = grid_print(&g, out);
	}
	grid_free(&g);
	return r;
}

int text_ports(FILE *out, const struct port_pair *const *pairs, size_t n, size_t most, const struct sysctls *settings,
	       size_t nsettings)
{
	size_t shown = most && n > most ? most : n;
	struct grid g;
	int r;

	grid_init(&g, columns, COLUMNS);
	for (size_t i = 0; i < shown; i++) {
		if (is_first_of_namespace(pairs, i))
			put_settings(out, pairs[i], sysctls_find(settings, nsettings, pairs[i]->key.netns));
		put_pair(&g, pairs[i]);
	}
	r = grid_print(&g, out);
	grid_free(&g);
	if (!r && shown < n)
		fprintf(out, "%zu more rows\n", n - shown);
	return r ? r : print_refused(out, pairs, n);
}
