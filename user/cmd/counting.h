/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * counting.h: a session whose events are added up in a table, interval by interval. Errors as in session.h: said already.
 */
#ifndef TWTRACE_COUNTING_H
#define TWTRACE_COUNTING_H

#include "model/table.h"
#include "session.h"

struct counting {
	struct session session;
	struct table *table;
	unsigned by; /* what its rows are grouped by: what was asked for, and with a screen process and endpoint as well */
	struct summary summary; /* as of the last interval */
	__u64 tw_begun;         /* at the last tick */
	double tw_rate;         /* of the host, over the last interval */
};

/* by: a set of enum group. After a failure there is nothing to end. */
int counting_begin(struct counting *c, const struct options *options, unsigned by);
void counting_event(struct counting *c, const struct event *e);
/* The summary of now; and, if tick, the end of an interval. */
int counting_look(struct counting *c, bool tick);
/* When the summary was made, ns since 1970. */
__u64 counting_unix_ns(const struct counting *c);
/* Returns an enum exit_code for r. */
int counting_end(struct counting *c, int r);

#endif
