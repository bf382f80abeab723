/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* text_table.c: see text_table.h. */
#include "text_table.h"

#include "layout.h"

void text_table(FILE *out, const struct columns *columns, const struct row *const *rows, size_t n, size_t width)
{
	struct layout layout;

	layout_init(&layout, columns);
	layout_measure(&layout, rows, n);
	if (width)
		layout_fit(&layout, width);
	layout_header(out, &layout, false);
	putc('\n', out);
	for (size_t i = 0; i < n; i++) {
		layout_row(out, &layout, rows[i], false);
		putc('\n', out);
	}
}
