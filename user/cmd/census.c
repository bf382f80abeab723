/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* census.c: `twtrace census`: the sockets that are there now, by state, process and endpoint. */
#include "model/census.h"

#include <string.h>

#include "commands.h"
#include "exit_codes.h"
#include "snapshot.h"
#include "source/say.h"
#include "view/json_census.h"
#include "view/text_census.h"

struct look {
	struct session session;
	struct census *census;
	struct json json;
};

/* The owners come with the records; the events themselves are not needed. */
static void on_event(const struct event *e, void *ctx)
{
	(void)e;
	(void)ctx;
}

static int on_socket(const struct live_socket *s, void *ctx)
{
	struct look *look = ctx;

	return filter_passes(&look->session.options->tracer.filter, &s->id) ? census_add(look->census, s) : 0;
}

static int print(struct look *look)
{
	const struct options *o = look->session.options;
	FILE *out = look->session.output.file;

	if (o->json) {
		json_census(&look->json, look->census, o->close_wait_ns, o->max_rows,
			    session_now() + (__u64)look->session.clock_offset);
		return 0;
	}
	return text_census(out, look->census, o->by, o->close_wait_ns, snapshot_rows(o));
}

static int take(void *ctx)
{
	struct look *look = ctx;
	const struct options *o = look->session.options;
	int r = census_new(&look->census, o->by, o->close_wait_ns);

	if (!r)
		r = tracer_sockets(look->session.tracer, on_socket, look);
	if (!r)
		r = print(look);
	census_free(look->census);
	look->census = NULL;
	return r ? say_err(r, "cannot list the sockets: %s", strerror(-r)) : 0;
}

int cmd_census(const struct options *options)
{
	struct look look = {0};
	struct snapshot snapshot = {.event = on_event, .take = take, .ctx = &look};
	int r = session_begin(&look.session, options);

	if (r)
		return exit_code_of(r);
	json_init(&look.json, look.session.output.file);
	return session_end(&look.session, snapshot_run(&look.session, &snapshot));
}
