/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * table.c: `twtrace`: the table per process and endpoint. In place on a terminal, one below the other with an interval and no
 * terminal, else once at the end.
 */
#include "model/table.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "commands.h"
#include "exit_codes.h"
#include "session.h"
#include "source/say.h"
#include "view/json_lines.h"
#include "view/text_summary.h"
#include "view/text_table.h"

#define DEFAULT_INTERVAL_NS 1000000000ULL
#define CLEAR "\033[H\033[J" /* cursor home, erase what is below */

enum { STATUS_LINES = 2, HEADER_LINES = 1, MORE_LINES = 1 };

struct show {
	struct session session;
	struct table *table;
	struct json json;
	struct summary summary; /* as of the last interval */
	bool in_place;          /* on a terminal that knows how to clear itself */
	__u64 interval_ns;      /* 0: only at the end */
	__u64 tw_begun;         /* at the last tick */
	double tw_rate;         /* of the host, over the last interval */
};

static bool is_screen(void)
{
	const char *term = getenv("TERM");

	return isatty(STDOUT_FILENO) && term && *term && strcmp(term, "dumb") != 0;
}

static struct winsize window_size(void)
{
	struct winsize size = {0};

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) || !size.ws_row || !size.ws_col)
		size = (struct winsize){.ws_row = 24, .ws_col = 80};
	return size;
}

static void on_event(const struct event *e, void *ctx)
{
	struct show *show = ctx;
	int r = table_add(show->table, e);

	if (r && !show->session.failed)
		show->session.failed = say_err(r, "cannot count an event: %s", strerror(-r));
}

static void tick(struct show *show, __u64 now)
{
	double seconds = (double)(now - table_last_tick(show->table)) / 1e9;
	__u64 begun = show->summary.totals.tw_begun;

	if (seconds > 0)
		show->tw_rate = (double)(begun - show->tw_begun) / seconds;
	show->tw_begun = begun;
	table_tick(show->table, now);
}

static void put_status(struct show *show, size_t width)
{
	__u64 unix_ns = show->summary.run.ts + (__u64)show->session.clock_offset;

	text_status(show->session.output.file, &show->summary, unix_ns, show->tw_rate, width);
}

/* Home, and as much as fits; room: lines to leave free below. */
static void draw_in_place(struct show *show, const struct row *const *rows, size_t n, unsigned room)
{
	FILE *out = show->session.output.file;
	struct winsize window = window_size();
	unsigned taken = STATUS_LINES + HEADER_LINES + MORE_LINES + room;
	size_t fit = window.ws_row > taken ? window.ws_row - taken : 0;

	fputs(CLEAR, out);
	put_status(show, window.ws_col);
	putc('\n', out);
	text_table(out, &show->session.options->columns, rows, n < fit ? n : fit, window.ws_col);
	if (n > fit)
		fprintf(out, "%zu more rows", n - fit); /* no newline: the last line would scroll */
}

static int draw(struct show *show, bool last)
{
	const struct options *options = show->session.options;
	FILE *out = show->session.output.file;
	const struct row *const *rows;
	size_t n;
	int r;

	table_sort(show->table, field_compare, options->sort);
	r = table_top(show->table, options->max_rows, &rows, &n);
	if (r)
		return say_err(r, "cannot sum up rows: %s", strerror(-r));
	if (options->json) {
		for (size_t i = 0; i < n; i++)
			json_row(&show->json, rows[i], show->summary.run.ts + (__u64)show->session.clock_offset);
		return 0;
	}
	if (show->in_place) {
		draw_in_place(show, rows, n, last ? TEXT_SUMMARY_LINES + 2 : 0);
		return 0;
	}
	if (show->interval_ns)
		put_status(show, 0);
	text_table(out, &options->columns, rows, n, 0);
	if (!last)
		putc('\n', out);
	return 0;
}

static int on_interval(void *ctx)
{
	struct show *show = ctx;
	int r = session_summary(&show->session, &show->summary);

	if (r)
		return r;
	tick(show, show->summary.run.ts);
	return draw(show, false);
}

static int on_resized(void *ctx)
{
	struct show *show = ctx;

	return show->in_place ? draw(show, false) : 0;
}

static int run(struct show *show)
{
	struct handlers handlers = {
		.event = on_event,
		.interval = on_interval,
		.resized = on_resized,
		.interval_ns = show->interval_ns,
		.ctx = show,
	};
	int r = 0;

	if (show->in_place) /* something to look at until the first interval is over */
		r = on_interval(show);
	return r ? r : session_run(&show->session, &handlers);
}

/* Too short a rest of an interval says nothing about rates: those of the last whole one stay. */
static bool is_worth_a_tick(const struct show *show, __u64 now)
{
	return !show->interval_ns || now - table_last_tick(show->table) >= show->interval_ns / 2;
}

static int sum_up(struct show *show)
{
	FILE *out = show->session.output.file;
	int r = session_summary(&show->session, &show->summary);

	if (r)
		return r;
	if (is_worth_a_tick(show, show->summary.run.ts))
		tick(show, show->summary.run.ts);
	r = draw(show, true);
	if (r)
		return r;
	if (show->session.options->json) {
		json_summary(&show->json, &show->summary, show->session.clock_offset);
		return 0;
	}
	fputs(show->in_place ? "\n\n" : "\n", out);
	text_summary(out, &show->summary);
	return 0;
}

int cmd_table(const struct options *options)
{
	struct show show = {.in_place = !options->json && is_screen()};
	/* More than are shown, so that those shown are well chosen */
	struct table_options kept = {
		.by = options->by,
		.rows = options->max_rows > TABLE_ROWS ? options->max_rows : TABLE_ROWS,
	};
	int r = session_begin(&show.session, options);

	if (r)
		return exit_code_of(r);
	show.interval_ns = options->interval_ns ? options->interval_ns : show.in_place ? DEFAULT_INTERVAL_NS : 0;
	json_init(&show.json, show.session.output.file);
	r = table_new(&show.table, &kept, show.session.start);
	if (!r)
		r = run(&show);
	if (!r)
		r = sum_up(&show);
	table_free(show.table);
	return session_end(&show.session, r);
}
