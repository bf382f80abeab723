/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* snapshot.c: see snapshot.h. */
#include "snapshot.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "loop.h"
#include "model/table.h"
#include "source/say.h"
#include "view/format.h"

struct taking {
	struct session *session;
	const struct snapshot *snapshot;
};

static void on_event(const struct event *e, void *ctx)
{
	const struct taking *t = ctx;

	t->snapshot->event(e, t->snapshot->ctx);
}

static int show(struct session *s, const struct snapshot *snapshot)
{
	bool titled = s->options->interval_ns && !s->options->json;
	char clock[FORMAT_CLOCK_MAX];
	int r;

	if (titled)
		fprintf(s->output.file, "%.8s\n", format_clock(clock, session_now() + (__u64)s->clock_offset));
	r = snapshot->take(snapshot->ctx);
	if (titled)
		putc('\n', s->output.file);
	return r ? r : session_flush(s);
}

/* What ended a moment ago may wait for its owner or its cause. One read takes all that the ring holds. */
static int take(void *ctx)
{
	struct taking *t = ctx;
	struct session *s = t->session;
	int r = tracer_settle(s->tracer);

	if (r >= 0)
		r = tracer_read(s->tracer, on_event, t);
	if (r < 0)
		return say_err(r, "cannot read events: %s", strerror(-r));
	if (s->failed)
		return s->failed;
	return show(s, t->snapshot);
}

int snapshot_run(struct session *s, const struct snapshot *snapshot)
{
	struct taking taking = {s, snapshot};
	struct handlers handlers = {
		.event = on_event,
		.interval = take,
		.interval_ns = s->options->interval_ns,
		.ctx = &taking,
	};
	int r = 0;

	if (s->options->duration_ns || s->options->interval_ns)
		r = loop_run(s, &handlers);
	signals_let_kill(); /* the last one may take a while: whoever does not want to wait for it loses nothing else */
	return r ? r : take(&taking);
}

size_t snapshot_rows(const struct options *options)
{
	enum { SCREENFUL = 20 };
	bool asked = options->max_rows != TABLE_ROWS;

	return asked || options->json || !isatty(STDOUT_FILENO) ? options->max_rows : SCREENFUL;
}
