/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * layout.c: see layout.h. Every cell is made twice by the same code, once to be measured and once to be printed, so that no table
 * need be kept in memory.
 */
#include "layout.h"

#include <string.h>

void layout_init(struct layout *layout, const struct columns *columns)
{
	layout->columns = *columns;
	for (unsigned c = 0; c < columns->n; c++)
		layout->widths[c] = strlen(columns->fields[c]->header);
}

void layout_measure(struct layout *layout, const struct row *const *rows, size_t n)
{
	char cell[FIELD_TEXT_MAX];

	for (unsigned c = 0; c < layout->columns.n; c++) {
		for (size_t i = 0; i < n; i++) {
			size_t width = field_format(cell, layout->columns.fields[c], rows[i]);

			if (width > layout->widths[c])
				layout->widths[c] = width;
		}
	}
}

size_t layout_width(const struct layout *layout)
{
	size_t width = 0;

	for (unsigned c = 0; c < layout->columns.n; c++)
		width += layout->widths[c] + (c > 0);
	return width;
}

static void drop_column(struct layout *layout)
{
	struct columns *columns = &layout->columns;
	unsigned least = 0;

	for (unsigned c = 1; c < columns->n; c++)
		if (columns->fields[c]->rank >= columns->fields[least]->rank)
			least = c;
	columns->n--;
	for (unsigned c = least; c < columns->n; c++) {
		columns->fields[c] = columns->fields[c + 1];
		layout->widths[c] = layout->widths[c + 1];
	}
}

void layout_fit(struct layout *layout, size_t width)
{
	while (layout->columns.n > 1 && layout_width(layout) > width)
		drop_column(layout);
}

static void put_cell(FILE *out, const struct layout *layout, unsigned c, const char *text, size_t width, bool pad)
{
	const struct field *field = layout->columns.fields[c];
	int padding = (int)(layout->widths[c] - width);
	bool last = c + 1 == layout->columns.n;

	if (field->left)
		fprintf(out, "%s%*s", text, last && !pad ? 0 : padding, "");
	else
		fprintf(out, "%*s%s", padding, "", text);
	if (!last)
		putc(' ', out);
}

void layout_header(FILE *out, const struct layout *layout, bool pad)
{
	for (unsigned c = 0; c < layout->columns.n; c++) {
		const char *header = layout->columns.fields[c]->header;

		put_cell(out, layout, c, header, strlen(header), pad);
	}
}

void layout_row(FILE *out, const struct layout *layout, const struct row *row, bool pad)
{
	char cell[FIELD_TEXT_MAX];

	for (unsigned c = 0; c < layout->columns.n; c++) {
		size_t width = field_format(cell, layout->columns.fields[c], row);

		put_cell(out, layout, c, cell, width, pad);
	}
}
