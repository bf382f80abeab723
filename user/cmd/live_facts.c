/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* live_facts.c: see live_facts.h. */
#include "live_facts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "source/sysctl_files.h"
#include "source/sysctls.h"

/*
 * So long in CLOSE_WAIT is a leak; or half of what was watched, as of what is older than twtrace it is only known that it is as
 * old as the watching. A process that heeds the peer's FIN answers within milliseconds.
 */
#define CLOSE_WAIT_NS 30000000000ULL

/* One walk over the sockets. */
struct walk {
	struct live_facts *l;
	const struct filter *filter;
	struct census *census;
	drain_fn drain;
	void *ctx;
	unsigned sockets;
};

enum { DRAIN_EVERY = 256 }; /* sockets: a fraction of a millisecond */

int live_facts_event(struct live_facts *l, const struct event *e)
{
	return l->looked ? 0 : port_budget_event(l->ports, e);
}

static int on_socket(const struct live_socket *socket, void *ctx)
{
	struct walk *walk = ctx;
	int r = port_budget_socket(walk->l->ports, socket);

	if (!r && filter_passes(walk->filter, &socket->id))
		r = census_add(walk->census, socket);
	return r || ++walk->sockets % DRAIN_EVERY ? r : walk->drain(walk->ctx);
}

static int keep_pairs(struct live_facts *l, const struct filter *filter, struct facts *facts)
{
	size_t n;
	const struct port_pair *const *pairs = port_budget_pairs(l->ports, &n);

	l->pairs = calloc(n + 1, sizeof(*l->pairs)); /* one more, as calloc(0) may be NULL */
	if (!l->pairs)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++)
		if (port_pair_passes(pairs[i], filter))
			l->pairs[facts->npairs++] = pairs[i];
	facts->pairs = l->pairs;
	return 0;
}

static int keep_leaks(struct live_facts *l, struct census *census, struct facts *facts)
{
	size_t n;
	const struct census_row *const *rows = census_rows(census, &n);
	int r = leaks_make(&l->leaks, &facts->nleaks, rows, n);

	facts->leaks = l->leaks;
	return r;
}

static int walk_sockets(struct walk *walk, const struct session *session, struct facts *facts)
{
	int r = tracer_sockets(session->tracer, on_socket, walk);

	if (r == -ENOTSUP) {
		facts->why_unknown[PART_PORTS] = facts->why_unknown[PART_LEAKS] = "this kernel cannot list sockets (before 5.9)";
		return 0;
	}
	if (!r)
		r = port_budget_end(walk->l->ports, session_now() - session->start);
	if (!r)
		r = keep_pairs(walk->l, walk->filter, facts);
	return r ? r : keep_leaks(walk->l, walk->census, facts);
}

int live_facts_look(struct live_facts *l, const struct session *session, struct facts *facts, drain_fn drain, void *ctx)
{
	struct walk walk = {.l = l, .filter = &session->options->tracer.filter, .drain = drain, .ctx = ctx};
	__u64 half = (session_now() - session->start) / 2;
	int r = census_new(&walk.census, GROUP_DEFAULT, half < CLOSE_WAIT_NS ? half : CLOSE_WAIT_NS);

	if (r)
		return r;
	port_budget_begin(l->ports, l->all, l->nall);
	l->looked = true;
	r = walk_sockets(&walk, session, facts);
	census_free(walk.census);
	return r;
}

static bool is_wanted(const struct filter *filter, __u32 netns)
{
	struct filter only_netns = {.nnetns = filter->nnetns};
	struct event e = {.netns = netns};

	memcpy(only_netns.netns, filter->netns, sizeof(only_netns.netns));
	return filter_passes(&only_netns, &e);
}

static int keep_sysctls(struct live_facts *l, const struct filter *filter, struct facts *facts)
{
	l->wanted = calloc(l->nall + 1, sizeof(*l->wanted));
	if (!l->wanted)
		return -ENOMEM;
	for (size_t i = 0; i < l->nall; i++)
		if (is_wanted(filter, l->all[i].netns))
			l->wanted[facts->nsysctls++] = l->all[i];
	facts->sysctls = l->wanted;
	return 0;
}

int live_facts_begin(struct live_facts *l, const struct filter *filter, struct facts *facts)
{
	int r = port_budget_new(&l->ports);

	if (!r)
		r = sysctls_read(&l->all, &l->nall);
	if (!r)
		r = keep_sysctls(l, filter, facts);
	if (!r)
		r = sysctl_files_read(&l->settings, &facts->nsettings, "");
	facts->settings = l->settings;
	return r;
}

void live_facts_free(struct live_facts *l)
{
	port_budget_free(l->ports);
	free(l->pairs);
	free(l->leaks);
	free(l->all);
	free(l->wanted);
	free(l->settings);
}
