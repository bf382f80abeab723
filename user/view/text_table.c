/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * text_table.c: see text_table.h. Every cell is made twice by the same code, once to be measured and once to be printed, so that
 * no table need be kept in memory.
 */
#include "text_table.h"

#include <string.h>

struct layout {
	struct columns columns;
	size_t widths[COLUMNS_MAX];
};

static void measure(struct layout *layout, const struct row *const *rows, size_t n)
{
	char cell[FIELD_TEXT_MAX];

	for (unsigned c = 0; c < layout->columns.n; c++) {
		const struct field *field = layout->columns.fields[c];
		size_t widest = strlen(field->header);

		for (size_t i = 0; i < n; i++) {
			size_t width = field_format(cell, field, rows[i]);

			if (width > widest)
				widest = width;
		}
		layout->widths[c] = widest;
	}
}

static size_t line_width(const struct layout *layout)
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

static void put_cell(FILE *out, const struct layout *layout, unsigned c, const char *text, size_t width)
{
	const struct field *field = layout->columns.fields[c];
	int padding = (int)(layout->widths[c] - width);
	bool last = c + 1 == layout->columns.n;

	if (field->left)
		fprintf(out, "%s%*s", text, last ? 0 : padding, "");
	else
		fprintf(out, "%*s%s", padding, "", text);
	putc(last ? '\n' : ' ', out);
}

static void put_header(FILE *out, const struct layout *layout)
{
	for (unsigned c = 0; c < layout->columns.n; c++) {
		const char *header = layout->columns.fields[c]->header;

		put_cell(out, layout, c, header, strlen(header));
	}
}

static void put_row(FILE *out, const struct layout *layout, const struct row *row)
{
	char cell[FIELD_TEXT_MAX];

	for (unsigned c = 0; c < layout->columns.n; c++) {
		size_t width = field_format(cell, layout->columns.fields[c], row);

		put_cell(out, layout, c, cell, width);
	}
}

void text_table(FILE *out, const struct columns *columns, const struct row *const *rows, size_t n, size_t width)
{
	struct layout layout = {.columns = *columns};

	measure(&layout, rows, n);
	while (width && layout.columns.n > 1 && line_width(&layout) > width)
		drop_column(&layout);
	put_header(out, &layout);
	for (size_t i = 0; i < n; i++)
		put_row(out, &layout, rows[i]);
}
