/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* counting.c: see counting.h. */
#include "counting.h"

#include <string.h>

#include "exit_codes.h"
#include "source/say.h"

/* Seconds. The first picture is drawn right after the start: too soon to tell a rate. */
#define LEAST_TICK 0.05

int counting_begin(struct counting *c, const struct options *options, unsigned by)
{
	struct table_options kept = options_table(options, by);
	int r;

	memset(c, 0, sizeof(*c));
	c->by = by;
	r = session_begin(&c->session, options);
	if (r)
		return r;
	r = table_new(&c->table, &kept, c->session.start);
	if (!r)
		return 0;
	session_end(&c->session, r);
	return say_err(r, "out of memory");
}

void counting_event(struct counting *c, const struct event *e)
{
	int r = table_add(c->table, e);

	if (r && !c->session.failed)
		c->session.failed = say_err(r, "cannot count an event: %s", strerror(-r));
}

static void tick(struct counting *c, __u64 now)
{
	double seconds = (double)(now - table_last_tick(c->table)) / 1e9;
	__u64 begun = c->summary.totals.tw_begun;

	if (seconds < LEAST_TICK)
		return;
	c->tw_rate = (double)(begun - c->tw_begun) / seconds;
	c->tw_begun = begun;
	table_tick(c->table, now);
}

int counting_look(struct counting *c, bool ticks)
{
	int r = session_summary(&c->session, &c->summary);

	if (!r && ticks)
		tick(c, c->summary.run.ts);
	return r;
}

__u64 counting_unix_ns(const struct counting *c)
{
	return c->summary.run.ts + (__u64)c->session.clock_offset;
}

int counting_end(struct counting *c, int r)
{
	table_free(c->table);
	return session_end(&c->session, r);
}
