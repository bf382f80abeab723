/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* option_rows.h: the one table of options. getopt_long() and --help are fed from it, by options.c. */
#ifndef TWTRACE_OPTION_ROWS_H
#define TWTRACE_OPTION_ROWS_H

#include "options.h"

struct option_row;

/* A command line being read. */
struct parser {
	struct options *o;
	FILE *err;
	const struct option_row *row; /* the option at hand */
};

struct option_row {
	const char *group; /* title in --help, before this one; NULL: none */
	const char *name;
	char letter;       /* 0: none */
	const char *arg;   /* what its argument is called; NULL: it takes none */
	unsigned commands; /* FOR_…: it goes with these */
	const char *help;
	int (*set)(struct parser *p, const char *arg); /* 0, or -EINVAL after usage_error() */
};

enum { OPTIONS_MAX = 32 };

/* The end of the table has no name. */
extern const struct option_row option_rows[];

/* One line on p->err; returns -EINVAL. */
int usage_error(const struct parser *p, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
