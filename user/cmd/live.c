/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* live.c: wires events and keys to the screen, and the screen to the terminal. See live.h. */
#include "live.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "loop.h"
#include "source/say.h"
#include "view/screen.h"
#include "view/screen_curses.h"
#include "view/text_summary.h"
#include "view/text_table.h"

#define DEFAULT_INTERVAL_NS 1000000000ULL

struct live {
	struct counting *counting;
	struct screen screen;
	struct recent recent;
	struct frame frame;
	struct table *grouped; /* by what the screen wants, made of the one that counts or of frozen; NULL: that one itself */
	struct table *frozen;  /* while paused: a copy */
	struct summary frozen_summary;
	double frozen_rate;
	unsigned width, height; /* of the terminal, as last seen */
};

static int no_memory(int r)
{
	return r ? say_err(r, "cannot show rows: %s", strerror(-r)) : 0;
}

/* --- what is to be shown */

static int copy_table(struct table **out, const struct table *from, unsigned by, const struct options *options)
{
	struct table_options kept = options_table(options, by);
	struct table *copy;
	int r = table_new(&copy, &kept, 0);

	if (r)
		return r;
	r = table_add_rows(copy, from);
	if (r) {
		table_free(copy);
		return r;
	}
	*out = copy;
	return 0;
}

/* Pausing takes a copy of how things are, and ends with it. */
static int freeze(struct live *live)
{
	struct counting *c = live->counting;

	if (!live->screen.paused) {
		table_free(live->frozen);
		live->frozen = NULL;
		return 0;
	}
	if (live->frozen)
		return 0;
	live->frozen_summary = c->summary;
	live->frozen_rate = c->tw_rate;
	return copy_table(&live->frozen, c->table, c->by, c->session.options);
}

/* The rows of now, or of when it was paused, as they are to be grouped and sorted. */
static int take_rows(struct live *live)
{
	const struct options *options = live->counting->session.options;
	struct table *table = live->frozen ? live->frozen : live->counting->table;
	const struct row *const *rows;
	size_t n;
	int r = 0;

	table_free(live->grouped);
	live->grouped = NULL;
	if (live->screen.by != live->counting->by) {
		r = copy_table(&live->grouped, table, live->screen.by, options);
		table = live->grouped;
	}
	if (r)
		return r;
	table_sort(table, screen_compare, &live->screen);
	r = table_top(table, options->max_rows, &rows, &n);
	return r ? r : screen_rows(&live->screen, rows, n);
}

static void watch_opened(struct live *live)
{
	const struct screen *s = &live->screen;

	if (s->page != PAGE_ROW ||
	    (live->recent.by == s->by && !memcmp(&live->recent.key, &s->opened.key, sizeof(s->opened.key))))
		return;
	recent_watch(&live->recent, &s->opened.key, s->by);
}

static int show(struct live *live)
{
	struct counting *c = live->counting;
	struct screen_view view = {
		.clock_offset = c->session.clock_offset,
		.recent = &live->recent,
	};
	int r = freeze(live);

	if (!r)
		r = take_rows(live);
	if (r)
		return no_memory(r);
	watch_opened(live);
	view.summary = live->frozen ? &live->frozen_summary : &c->summary;
	view.tw_rate = live->frozen ? live->frozen_rate : c->tw_rate;
	view.unix_ns = view.summary->run.ts + (__u64)c->session.clock_offset;
	screen_picture(&live->screen, &view, &live->frame, live->width, live->height);
	curses_draw(&live->frame);
	return 0;
}

/* --- what comes up */

static void on_event(const struct event *e, void *ctx)
{
	struct live *live = ctx;

	counting_event(live->counting, e);
	recent_add(&live->recent, e);
}

static int on_interval(void *ctx)
{
	struct live *live = ctx;
	int r = counting_look(live->counting, true);

	return r ? r : show(live);
}

static int on_resized(void *ctx)
{
	struct live *live = ctx;

	curses_resume();
	curses_size(&live->width, &live->height);
	screen_resized(&live->screen);
	return show(live);
}

static int on_keys(void *ctx)
{
	enum { CTRL_L = 12 }; /* somebody else has written on the terminal */
	struct live *live = ctx;
	bool anew = false;
	unsigned key;

	while (curses_key(&key)) {
		anew |= key == CTRL_L;
		screen_key(&live->screen, key);
	}
	if (live->screen.quit) {
		live->counting->session.signals.stop = true;
		return 0;
	}
	return anew ? on_resized(live) : show(live);
}

static int on_suspend(void *ctx)
{
	curses_suspend();
	raise(SIGSTOP);
	return on_resized(ctx);
}

static int on_ending(void *ctx)
{
	(void)ctx;
	curses_close();
	return 0;
}

/* --- */

static void say_no_screen(int r)
{
	const char *term = getenv("TERM");

	if (r == -ENOSYS)
		say_err(r, "built without ncurses, so without the live screen: plain text");
	else
		say_err(r, "the live screen cannot run on this terminal (TERM=%s): plain text", term ? term : "");
}

int live_open(struct live **out, struct counting *counting)
{
	struct live *live = calloc(1, sizeof(*live));
	const struct options *options = counting->session.options;
	int r;

	if (!live)
		return say_err(-ENOMEM, "out of memory");
	r = curses_open();
	if (r) {
		free(live);
		say_no_screen(r);
		return 0;
	}
	live->counting = counting;
	screen_init(&live->screen, options->by, options->sort, options->columns_chosen ? &options->columns : NULL);
	curses_size(&live->width, &live->height);
	*out = live;
	r = signals_of_terminal(&counting->session.signals);
	if (!r)
		return 0;
	curses_close();
	return say_err(r, "cannot set up signals: %s", strerror(-r));
}

int live_run(struct live *live)
{
	const struct options *options = live->counting->session.options;
	struct handlers handlers = {
		.event = on_event,
		.interval = on_interval,
		.resized = on_resized,
		.suspend = on_suspend,
		.keys = on_keys,
		.ending = on_ending,
		.interval_ns = options->interval_ns ? options->interval_ns : DEFAULT_INTERVAL_NS,
		.ctx = live,
	};
	int r = on_interval(live); /* something to look at until the first interval is over */

	if (!r)
		r = loop_run_and_stop(&live->counting->session, &handlers);
	curses_close(); /* unless on_ending() has */
	return r;
}

int live_put_last(struct live *live)
{
	enum { BELOW = TEXT_SUMMARY_LINES + 3 }; /* a header, a blank line, and the prompt's */
	FILE *out = live->counting->session.output.file;
	const struct screen *s = &live->screen;
	size_t room = live->height > BELOW ? live->height - BELOW : 0;
	int r;

	live->screen.paused = false;
	r = freeze(live);
	if (!r)
		r = take_rows(live);
	if (r)
		return no_memory(r);
	text_table(out, &s->columns, (const struct row *const *)s->rows, s->used < room ? s->used : room, live->width);
	return 0;
}

void live_close(struct live *live)
{
	if (!live)
		return;
	curses_close();
	table_free(live->grouped);
	table_free(live->frozen);
	screen_clear(&live->screen);
	free(live);
}
