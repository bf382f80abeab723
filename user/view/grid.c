/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* grid.c: see grid.h. */
#include "grid.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "sanitize.h"

void grid_init(struct grid *g, const struct grid_column *columns, unsigned n)
{
	memset(g, 0, sizeof(*g));
	for (unsigned i = 0; i < n; i++)
		grid_column(g, columns[i].header, columns[i].left);
}

void grid_column(struct grid *g, const char *header, bool left)
{
	if (g->ncolumns < GRID_COLUMNS_MAX)
		g->columns[g->ncolumns++] = (struct grid_column){header, left};
}

static bool make_room(struct grid *g)
{
	size_t size = g->size ? g->size * 2 : 256;
	char **grown;

	if (g->used < g->size)
		return true;
	grown = realloc(g->cells, size * sizeof(*grown));
	if (!grown)
		return false;
	g->cells = grown;
	g->size = size;
	return true;
}

void grid_put(struct grid *g, const char *format, ...)
{
	char *text = NULL;
	va_list args;

	va_start(args, format);
	if (vasprintf(&text, format, args) < 0)
		text = NULL;
	va_end(args);
	if (text && make_room(g)) {
		g->cells[g->used++] = text;
		return;
	}
	free(text);
	g->failed = true;
}

void grid_put_process(struct grid *g, const struct process *process)
{
	char comm[COMM_LEN + 1];

	if (!process->pid) {
		grid_put(g, "-");
		grid_put(g, "-");
		return;
	}
	sanitize(comm, sizeof(comm), process->comm, sizeof(process->comm));
	grid_put(g, "%u", process->pid);
	grid_put(g, "%s", comm);
}

static void measure(const struct grid *g, size_t widths[GRID_COLUMNS_MAX])
{
	for (unsigned c = 0; c < g->ncolumns; c++)
		widths[c] = text_columns(g->columns[c].header);
	for (size_t i = 0; i < g->used; i++) {
		size_t width = text_columns(g->cells[i]);

		if (width > widths[i % g->ncolumns])
			widths[i % g->ncolumns] = width;
	}
}

static void print_cell(const struct grid *g, unsigned c, const char *text, size_t width, FILE *out)
{
	int padding = (int)(width - text_columns(text));
	bool last = c + 1 == g->ncolumns;

	if (g->columns[c].left)
		fprintf(out, "%s%*s", text, last ? 0 : padding, "");
	else
		fprintf(out, "%*s%s", padding, "", text);
	putc(last ? '\n' : ' ', out);
}

int grid_print(const struct grid *g, FILE *out)
{
	size_t widths[GRID_COLUMNS_MAX];

	if (g->failed)
		return -ENOMEM;
	measure(g, widths);
	for (unsigned c = 0; c < g->ncolumns; c++)
		print_cell(g, c, g->columns[c].header, widths[c], out);
	for (size_t i = 0; i < g->used; i++)
		print_cell(g, (unsigned)(i % g->ncolumns), g->cells[i], widths[i % g->ncolumns], out);
	return 0;
}

void grid_free(struct grid *g)
{
	for (size_t i = 0; i < g->used; i++)
		free(g->cells[i]);
	free(g->cells);
	memset(g, 0, sizeof(*g));
}
