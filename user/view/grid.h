/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * grid.h: a table of text put together cell by cell, printed with every column as wide as what is in it.
 *
 *	grid_init(g, columns, n); grid_put(g, "%u", pid); …; grid_print(g, out); grid_free(g);
 */
#ifndef TWTRACE_GRID_H
#define TWTRACE_GRID_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "event.h"

enum { GRID_COLUMNS_MAX = 24 };

struct grid_column {
	const char *header;
	bool left; /* aligned left */
};

struct grid {
	struct grid_column columns[GRID_COLUMNS_MAX];
	unsigned ncolumns;
	char **cells; /* row after row */
	size_t used, size;
	bool failed; /* no memory: cells are missing */
};

void grid_init(struct grid *g, const struct grid_column *columns, unsigned n);
/* Adds a column at the right. Only while there are no cells; more than GRID_COLUMNS_MAX are left out. */
void grid_column(struct grid *g, const char *header, bool left);
/* The next cell. Text that is not ours must have been through sanitize(). */
void grid_put(struct grid *g, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Two cells: process ID and name, "-" for an unknown one. */
void grid_put_process(struct grid *g, const struct process *process);
/* The header, then all rows. 0, or -ENOMEM if a cell got lost; then nothing is written. */
int grid_print(const struct grid *g, FILE *out);
void grid_free(struct grid *g);

#endif
