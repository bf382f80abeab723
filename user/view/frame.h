/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* frame.h: one picture of the live screen: lines of text and how they are to look. Knows no terminal. */
#ifndef TWTRACE_FRAME_H
#define TWTRACE_FRAME_H

#include <stddef.h>

enum style {
	STYLE_PLAIN,
	STYLE_STRONG,
	STYLE_HEADER,
	STYLE_SORTED,   /* the header of the column that rows are sorted by */
	STYLE_SELECTED, /* the row that the cursor is on */
	STYLE_FAINT,
	STYLE_SPARK,
	STYLE_ALARM,
	STYLE_MAX,
};

enum { FRAME_LINES = 256, FRAME_BYTES = 1024 };

struct frame_line {
	char text[FRAME_BYTES]; /* UTF-8, fit for a terminal */
	enum style style;
	unsigned mark_at, mark_columns; /* this part has a style of its own */
	enum style mark;
};

struct frame {
	unsigned width, height; /* of the terminal, but no more than fits here */
	unsigned used;          /* lines; what is below is blank */
	struct frame_line lines[FRAME_LINES];
	int cursor_line, cursor_column; /* where text is being typed; -1: nowhere */
};

/* Empty, for a terminal of that size. */
void frame_begin(struct frame *f, unsigned width, unsigned height);
/* The next line, cut where it is too wide; NULL and no line if there is no room for one. */
struct frame_line *frame_add(struct frame *f, enum style style, const char *text);
/* This part of the line, in terminal columns, looks different. line: NULL is fine. */
void frame_mark(struct frame_line *line, unsigned at, unsigned columns, enum style style);
/* Blank lines until so many are used. */
void frame_fill(struct frame *f, unsigned lines);

#endif
