/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * table.c: `twtrace`: the table per process and endpoint. The live screen on a terminal (live.h); plain text or JSON elsewhere:
 * one table below the other with an interval, else one at the end.
 */
#include "model/table.h"

#include <string.h>
#include <unistd.h>

#include "commands.h"
#include "counting.h"
#include "exit_codes.h"
#include "live.h"
#include "loop.h"
#include "source/say.h"
#include "view/csv.h"
#include "view/json_lines.h"
#include "view/text_summary.h"
#include "view/text_table.h"

struct show {
	struct counting counting;
	struct json json;
};

static void on_event(const struct event *e, void *ctx)
{
	struct show *show = ctx;

	counting_event(&show->counting, e);
}

static bool is_text(const struct options *options)
{
	return !options->json && !options->csv;
}

static int put_rows(struct show *show)
{
	struct counting *c = &show->counting;
	const struct options *options = c->session.options;
	const struct row *const *rows;
	size_t n;
	int r;

	table_sort(c->table, field_compare, options->sort);
	r = table_top(c->table, options->max_rows, &rows, &n);
	if (r)
		return say_err(r, "cannot sum up rows: %s", strerror(-r));
	for (size_t i = 0; options->json && i < n; i++)
		json_row(&show->json, rows[i], counting_unix_ns(c));
	for (size_t i = 0; options->csv && i < n; i++)
		csv_row(c->session.output.file, &options->columns, rows[i], counting_unix_ns(c));
	if (is_text(options))
		text_table(c->session.output.file, &options->columns, rows, n, 0);
	return 0;
}

static int draw(struct show *show, bool last)
{
	struct counting *c = &show->counting;
	const struct options *options = c->session.options;
	FILE *out = c->session.output.file;
	int r;

	if (options->interval_ns && is_text(options))
		text_status(out, &c->summary, counting_unix_ns(c), c->tw_rate, 0);
	r = put_rows(show);
	if (!last && is_text(options))
		putc('\n', out);
	return r;
}

static int on_interval(void *ctx)
{
	struct show *show = ctx;
	int r = counting_look(&show->counting, true);

	return r ? r : draw(show, false);
}

static int run_plain(struct show *show)
{
	struct handlers handlers = {
		.event = on_event,
		.interval = on_interval,
		.interval_ns = show->counting.session.options->interval_ns,
		.ctx = show,
	};

	return loop_run_and_stop(&show->counting.session, &handlers);
}

/* Too short a rest of an interval says nothing about rates: those of the last whole one stay. */
static bool is_worth_a_tick(const struct counting *c)
{
	__u64 interval = c->session.options->interval_ns;

	return !interval || session_now() - table_last_tick(c->table) >= interval / 2;
}

/* The summary is no record of the table. */
static void say_lost(const struct summary *s)
{
	if (!s->lost)
		return;
	fputs("twtrace: lost in detail: ", stderr);
	text_lost(stderr, s);
	putc('\n', stderr);
}

static int sum_up(struct show *show, struct live *live)
{
	struct counting *c = &show->counting;
	FILE *out = c->session.output.file;
	int r = counting_look(c, !live && is_worth_a_tick(c));

	if (!r)
		r = live ? live_put_last(live) : draw(show, true);
	if (r)
		return r;
	if (c->session.options->json) {
		json_summary(&show->json, &c->summary, c->session.clock_offset);
		return 0;
	}
	if (c->session.options->csv) {
		say_lost(&c->summary);
		return 0;
	}
	putc('\n', out);
	text_summary(out, &c->summary);
	return 0;
}

static bool wants_screen(const struct options *options)
{
	return is_text(options) && !options->batch && isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
}

int cmd_table(const struct options *options)
{
	bool screen = wants_screen(options);
	struct live *live = NULL;
	struct show show;
	/* What the screen groups by can change, so it starts from the finest. */
	int r = counting_begin(&show.counting, options, options->by | (screen ? GROUP_DEFAULT : 0));

	if (r)
		return exit_code_of(r);
	json_init(&show.json, show.counting.session.output.file);
	if (options->csv)
		csv_header(show.counting.session.output.file, &options->columns);
	if (screen)
		r = live_open(&live, &show.counting);
	if (!r)
		r = live ? live_run(live) : run_plain(&show);
	if (!r)
		r = sum_up(&show, live);
	live_close(live);
	return counting_end(&show.counting, r);
}
