/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* layout.h: which columns of a table there is room for, how wide each is, and its lines. */
#ifndef TWTRACE_LAYOUT_H
#define TWTRACE_LAYOUT_H

#include "fields.h"

struct layout {
	struct columns columns;
	size_t widths[COLUMNS_MAX]; /* terminal columns of each */
};

/* Each column as wide as its header. */
void layout_init(struct layout *layout, const struct columns *columns);
/* Wider where these rows need it. */
void layout_measure(struct layout *layout, const struct row *const *rows, size_t n);
/* Columns with a blank between them. */
size_t layout_width(const struct layout *layout);
/* Drops the least important columns until the rest fits width, or but one is left. */
void layout_fit(struct layout *layout, size_t width);
/* Without an end of line, but padded to it if pad. */
void layout_header(FILE *out, const struct layout *layout, bool pad);
void layout_row(FILE *out, const struct layout *layout, const struct row *row, bool pad);

#endif
