/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* frame.c: see frame.h. */
#include "frame.h"

#include <string.h>

#include "sanitize.h"

void frame_begin(struct frame *f, unsigned width, unsigned height)
{
	f->width = width < FRAME_BYTES - 1 ? width : FRAME_BYTES - 1;
	f->height = height < FRAME_LINES ? height : FRAME_LINES;
	f->used = 0;
	f->cursor_line = f->cursor_column = -1;
}

struct frame_line *frame_add(struct frame *f, enum style style, const char *text)
{
	struct frame_line *line;
	size_t bytes;

	if (f->used >= f->height)
		return NULL;
	line = &f->lines[f->used++];
	*line = (struct frame_line){.style = style};
	bytes = text_fit(text, f->width);
	if (bytes >= FRAME_BYTES)
		for (bytes = FRAME_BYTES - 1; bytes && (text[bytes] & 0xc0) == 0x80;)
			bytes--; /* not within a character */
	memcpy(line->text, text, bytes);
	return line;
}

void frame_mark(struct frame_line *line, unsigned at, unsigned columns, enum style style)
{
	if (!line)
		return;
	line->mark_at = at;
	line->mark_columns = columns;
	line->mark = style;
}

void frame_fill(struct frame *f, unsigned lines)
{
	while (f->used < lines && frame_add(f, STYLE_PLAIN, ""))
		;
}
