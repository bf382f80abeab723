/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * live_facts.h: what the doctor knows of a running host beside its events: open sockets, port budget, sysctls and the files that
 * set them. The user's filter holds for all of it.
 *
 * Functions return 0 or -errno, and nothing is said on stderr.
 */
#ifndef TWTRACE_LIVE_FACTS_H
#define TWTRACE_LIVE_FACTS_H

#include "model/census.h"
#include "model/rules.h"
#include "session.h"

struct live_facts {
	struct port_budget *ports;
	const struct port_pair **pairs;
	struct leak *leaks;
	struct sysctls *all, *wanted; /* in every namespace; in those that the filter lets through */
	size_t nall;
	struct sysctl_setting *settings;
	bool looked;
};

/* Reads the settings, into facts. l: zero. */
int live_facts_begin(struct live_facts *l, const struct filter *filter, struct facts *facts);
/* -ENOMEM. Those that come after the look are too late for the port budget. */
int live_facts_event(struct live_facts *l, const struct event *e);

/* Reads what the tracer has: a look takes long enough on a busy host for its ring to run over. 0 or -errno. */
typedef int (*drain_fn)(void *ctx);

/* Looks at the sockets, while the tracer's hooks are on, and fills in the rest of facts that is not made of events. */
int live_facts_look(struct live_facts *l, const struct session *session, struct facts *facts, drain_fn drain, void *ctx);
void live_facts_free(struct live_facts *l);

#endif
