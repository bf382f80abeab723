/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * screen.h: the live screen, apart from any terminal: what keys do, which rows are to be seen, and the picture of it all.
 *
 * One turn: screen_key() for each key, then screen_rows() with the rows there are now, in the order of screen_compare(), then
 * screen_picture(). Rows are looked at only between the latter two; nothing is kept of them but keys.
 */
#ifndef TWTRACE_SCREEN_H
#define TWTRACE_SCREEN_H

#include <stdbool.h>

#include "frame.h"
#include "layout.h"
#include "model/recent.h"
#include "model/summary.h"

/* Keys that are no characters; those that are come as their code points. */
enum {
	KEY_CODES = 0x200000,
	SCREEN_KEY_UP = KEY_CODES,
	SCREEN_KEY_DOWN,
	SCREEN_KEY_LEFT,
	SCREEN_KEY_RIGHT,
	SCREEN_KEY_PAGE_UP,
	SCREEN_KEY_PAGE_DOWN,
	SCREEN_KEY_HOME,
	SCREEN_KEY_END,
	SCREEN_KEY_ENTER,
	SCREEN_KEY_ESCAPE,
	SCREEN_KEY_BACKSPACE,
};

enum screen_page { PAGE_TABLE, PAGE_ROW, PAGE_HELP };
enum screen_prompt { PROMPT_NONE, PROMPT_FILTER, PROMPT_GROUP };
enum { SCREEN_FILTER_MAX = 64 };

/* Which row, also after the table has changed. */
struct row_id {
	struct row_key key;
	bool other; /* the one that sums up others; key is zero */
};

struct screen {
	enum screen_page page;
	enum screen_prompt prompt;
	bool quit;   /* asked for */
	bool paused; /* what is shown is to stay as it is; whoever gives the rows sees to it */
	unsigned by; /* what rows are to be grouped by, a set of enum group */
	const struct field *sort;
	bool reversed;
	char filter[SCREEN_FILTER_MAX]; /* part of a cell that says which row it is, in any case; "" lets all through */
	bool own_columns;
	struct columns columns;
	size_t widest[COLUMNS_MAX]; /* so far, for columns not to jump */
	struct layout layout;       /* as last shown */

	const struct row **rows; /* those to be seen; owned, but not what they point to */
	size_t used, size;
	const struct row *opened_row; /* NULL: it is not there any more */

	size_t cursor, top; /* indices into rows: where the cursor is, which is the first on the screen */
	size_t lines;       /* for rows, or of text, as last shown */
	bool moved;         /* the cursor, by a key: it goes with the row there from now on */
	bool follows;
	struct row_id at;
	bool opening; /* the row at the cursor */
	struct row_id opened;
	size_t scroll, scroll_max; /* lines of PAGE_ROW, PAGE_HELP */
};

/* What a picture shows besides rows. Borrowed. */
struct screen_view {
	const struct summary *summary;
	__u64 unix_ns;      /* when that was, ns since 1970 */
	double tw_rate;     /* of all */
	__s64 clock_offset; /* what to add to an event's ts to get ns since 1970 */
	const struct recent *recent;
};

/* columns: NULL: the default of by. */
void screen_init(struct screen *s, unsigned by, const struct field *sort, const struct columns *columns);
void screen_clear(struct screen *s);
void screen_key(struct screen *s, unsigned key);
/* Widths are measured anew, as the terminal has another size. */
void screen_resized(struct screen *s);
/* For table_sort() with the screen as ctx. */
int screen_compare(const struct row *a, const struct row *b, const void *screen);
/* -ENOMEM. */
int screen_rows(struct screen *s, const struct row *const *rows, size_t n);
void screen_picture(struct screen *s, const struct screen_view *view, struct frame *f, unsigned width, unsigned height);

#endif
