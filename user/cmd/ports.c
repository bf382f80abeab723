/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* ports.c: `twtrace ports`: how far clients are from running out of local ports, and who was refused one. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "exit_codes.h"
#include "model/port_budget.h"
#include "snapshot.h"
#include "source/say.h"
#include "source/sysctls.h"
#include "view/json_ports.h"
#include "view/text_ports.h"

struct look {
	struct session session;
	struct options options; /* the user's, but nothing is filtered in the kernel: whoever holds a port counts */
	const struct filter *filter;
	struct port_budget *budget;
	struct sysctls *settings;
	size_t nsettings;
	const struct port_pair **shown; /* those the filter lets through */
	struct json json;
};

static void on_event(const struct event *e, void *ctx)
{
	struct look *look = ctx;
	int r = port_budget_event(look->budget, e);

	if (r && !look->session.failed)
		look->session.failed = say_err(r, "cannot count an event: %s", strerror(-r));
}

static int on_socket(const struct live_socket *s, void *ctx)
{
	struct look *look = ctx;

	return port_budget_socket(look->budget, s);
}

static int walk(struct look *look)
{
	int r;

	free(look->settings);
	look->settings = NULL;
	r = sysctls_read(&look->settings, &look->nsettings);
	if (r)
		return r;
	port_budget_begin(look->budget, look->settings, look->nsettings);
	r = tracer_sockets(look->session.tracer, on_socket, look);
	return r ? r : port_budget_end(look->budget, session_now() - look->session.start);
}

static int print(struct look *look, size_t n)
{
	const struct options *o = &look->options;
	__u64 unix_ns = session_now() + (__u64)look->session.clock_offset;

	if (!o->json)
		return text_ports(look->session.output.file, look->shown, n, snapshot_rows(o), look->settings, look->nsettings);
	for (size_t i = 0; i < n && i < o->max_rows; i++)
		json_ports(&look->json, look->shown[i], unix_ns);
	return 0;
}

static int select_and_print(struct look *look)
{
	const struct port_pair *const *pairs;
	size_t n, kept = 0;
	int r;

	pairs = port_budget_pairs(look->budget, &n);
	look->shown = malloc((n + 1) * sizeof(*look->shown));
	if (!look->shown)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++)
		if (port_pair_passes(pairs[i], look->filter))
			look->shown[kept++] = pairs[i];
	r = print(look, kept);
	free(look->shown);
	return r;
}

static int take(void *ctx)
{
	struct look *look = ctx;
	int r = walk(look);

	if (!r)
		r = select_and_print(look);
	return r ? say_err(r, "cannot work out the port budget: %s", strerror(-r)) : 0;
}

int cmd_ports(const struct options *options)
{
	struct look look = {.options = *options, .filter = &options->tracer.filter};
	struct snapshot snapshot = {.event = on_event, .take = take, .ctx = &look};
	int r;

	memset(&look.options.tracer.filter, 0, sizeof(look.options.tracer.filter));
	r = session_begin(&look.session, &look.options);
	if (r)
		return exit_code_of(r);
	if (!options->duration_ns && !options->interval_ns)
		fputs("twtrace: not traced: rates are those of TIME_WAITs by their age, connects without a port are not seen (see -d)\n", stderr);
	json_init(&look.json, look.session.output.file);
	r = port_budget_new(&look.budget);
	if (!r)
		r = snapshot_run(&look.session, &snapshot);
	port_budget_free(look.budget);
	free(look.settings);
	return session_end(&look.session, r);
}
