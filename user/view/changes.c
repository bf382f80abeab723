/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* changes.c: see changes.h. As in text_table.c, cells are made twice, to be measured and to be printed. */
#include "changes.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "csv.h"
#include "json_lines.h"

void columns_changes(struct columns *columns, unsigned by)
{
	static const char *const names[] = {"close_rate", "local_share", "tw_rate", "failed_rate", "lifetime_p50"};

	columns->n = 0;
	for (const struct field *f = fields; f->name; f++)
		if (f->by & by)
			columns->fields[columns->n++] = f;
	for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		columns->fields[columns->n++] = field_find(names[i], strlen(names[i]));
}

static double distance(const struct field *field, const struct change *change)
{
	double was = field_magnitude(field, change->was), is = field_magnitude(field, change->is);

	return fabs((is > 0 ? is : 0) - (was > 0 ? was : 0));
}

static int compare_distances(const void *a, const void *b, void *field)
{
	double x = distance(field, a), y = distance(field, b);

	if (x != y)
		return x < y ? 1 : -1;
	return field_compare(change_key(a), change_key(b), field);
}

void changes_sort(struct change *changes, size_t n, const struct field *field)
{
	qsort_r(changes, n, sizeof(*changes), compare_distances, (void *)field);
}

/* Which row a column shows: that of a field which rows are grouped by is one column, of all others two. */
enum show { SHOW_KEY, SHOW_IS, SHOW_WAS };

struct cells {
	const struct field *fields[2 * COLUMNS_MAX];
	enum show show[2 * COLUMNS_MAX];
	size_t widths[2 * COLUMNS_MAX];
	unsigned n;
};

static void add_cell(struct cells *cells, const struct field *field, enum show show)
{
	cells->fields[cells->n] = field;
	cells->show[cells->n++] = show;
}

static void cells_init(struct cells *cells, const struct columns *columns)
{
	cells->n = 0;
	for (unsigned c = 0; c < columns->n; c++) {
		const struct field *field = columns->fields[c];

		add_cell(cells, field, field->by ? SHOW_KEY : SHOW_IS);
		if (!field->by)
			add_cell(cells, field, SHOW_WAS);
	}
}

static const struct row *row_of(const struct change *change, enum show show)
{
	return show == SHOW_KEY ? change_key(change) : show == SHOW_IS ? change->is : change->was;
}

static const char *header_of(const struct cells *cells, unsigned c)
{
	return cells->show[c] == SHOW_WAS ? "WAS" : cells->fields[c]->header;
}

static void measure(struct cells *cells, const struct change *changes, size_t n)
{
	char text[FIELD_TEXT_MAX];

	for (unsigned c = 0; c < cells->n; c++) {
		cells->widths[c] = strlen(header_of(cells, c));
		for (size_t i = 0; i < n; i++) {
			size_t width = field_format(text, cells->fields[c], row_of(&changes[i], cells->show[c]));

			if (width > cells->widths[c])
				cells->widths[c] = width;
		}
	}
}

static void put_cell(FILE *out, const struct cells *cells, unsigned c, const char *text, size_t width)
{
	int padding = (int)(cells->widths[c] - width);
	bool last = c + 1 == cells->n;

	if (cells->fields[c]->left)
		fprintf(out, "%s%*s", text, last ? 0 : padding, "");
	else
		fprintf(out, "%*s%s", padding, "", text);
	putc(last ? '\n' : ' ', out);
}

void text_changes(FILE *out, const struct columns *columns, const struct change *changes, size_t n)
{
	char text[FIELD_TEXT_MAX];
	struct cells cells;

	cells_init(&cells, columns);
	measure(&cells, changes, n);
	for (unsigned c = 0; c < cells.n; c++)
		put_cell(out, &cells, c, header_of(&cells, c), strlen(header_of(&cells, c)));
	for (size_t i = 0; i < n; i++)
		for (unsigned c = 0; c < cells.n; c++) {
			size_t width = field_format(text, cells.fields[c], row_of(&changes[i], cells.show[c]));

			put_cell(out, &cells, c, text, width);
		}
}

/* tw_p50_ns_was */
static const char *key_of(char buf[64], const struct field *field, enum show show)
{
	snprintf(buf, 64, "%s%s", field_key(field), show == SHOW_WAS ? "_was" : "");
	return buf;
}

void csv_changes(FILE *out, const struct columns *columns, const struct change *changes, size_t n)
{
	struct cells cells;
	struct value v;
	char key[64];

	cells_init(&cells, columns);
	for (unsigned c = 0; c < cells.n; c++) {
		key_of(key, cells.fields[c], cells.show[c]);
		csv_text(out, !c, key, strlen(key));
	}
	csv_end(out);
	for (size_t i = 0; i < n; i++) {
		for (unsigned c = 0; c < cells.n; c++) {
			field_value(&v, cells.fields[c], row_of(&changes[i], cells.show[c]));
			csv_value(out, !c, &v);
		}
		csv_end(out);
	}
}

static void put_member(struct json *j, const struct change *change, const struct field *field, enum show show)
{
	struct value v;
	char key[64];

	field_value(&v, field, row_of(change, show));
	json_value(j, key_of(key, field, show), &v);
}

void json_change(struct json *j, const struct change *change, __u64 unix_ns)
{
	json_lines_begin(j, "change", unix_ns);
	for (const struct field *f = fields; f->name; f++) {
		if (f->text_only)
			continue;
		put_member(j, change, f, f->by ? SHOW_KEY : SHOW_IS);
		if (!f->by)
			put_member(j, change, f, SHOW_WAS);
	}
	json_end(j);
}
