/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * options.h: the command line. All that is wrong with it is found here, before anything is loaded into the kernel.
 */
#ifndef TWTRACE_OPTIONS_H
#define TWTRACE_OPTIONS_H

#include <stdbool.h>
#include <stdio.h>

#include "model/table.h"
#include "source/tracer.h"
#include "view/fields.h"

struct options;

/* Bits to tell which commands an option goes with. */
enum {
	FOR_TABLE = 1,
	FOR_EVENTS = 2,
	FOR_PROBE = 4,
	FOR_DOCTOR = 8,
	FOR_CENSUS = 16,
	FOR_PORTS = 32,
	FOR_REPORT = 64,
	FOR_FILES = FOR_REPORT | FOR_DOCTOR, /* they take the names of recordings */
	FOR_TABLES = FOR_TABLE | FOR_REPORT,
	FOR_SOCKETS = FOR_DOCTOR | FOR_CENSUS | FOR_PORTS, /* they call tracer_sockets() */
	FOR_ROWS = FOR_TABLE | FOR_CENSUS | FOR_PORTS, /* they take an interval and a count as well */
	FOR_TRACING = FOR_ROWS | FOR_EVENTS | FOR_DOCTOR,
	FOR_FILTERS = FOR_TRACING | FOR_FILES,
	FOR_ALL = FOR_TRACING | FOR_FILES | FOR_PROBE,
};

struct command {
	const char *name;                          /* "" for what runs when no command is named; NULL ends a list */
	int (*run)(const struct options *options); /* returns an enum exit_code */
	const char *help;
	unsigned bit; /* FOR_TABLE, … */
};

enum action { ACTION_RUN, ACTION_HELP, ACTION_VERSION, ACTION_LIST_COLUMNS };

struct options {
	enum action action;
	const struct command *command; /* ACTION_HELP: what help is wanted for, NULL: for all of them */
	struct tracer_options tracer;
	bool filtered;     /* tracer.filter is not empty */
	__u64 duration_ns; /* 0: until interrupted */
	__u64 interval_ns; /* 0: none given */
	unsigned count;    /* intervals; 0: no limit */
	unsigned by;       /* what rows are grouped by: a set of enum group */
	unsigned max_rows; /* rows to show, besides the one that sums up the others */
	struct columns columns;
	bool columns_chosen;      /* not just the default ones */
	const struct field *sort; /* NULL: by how much rows changed (diff) */
	bool batch;               /* plain text on a terminal, too */
	bool json;
	__u64 close_wait_ns; /* from when on a CLOSE_WAIT counts as leaked */
	bool csv;
	bool histograms;
	bool diff;                /* two recordings against each other */
	const char *const *files; /* recordings, in argv; "-" is standard input */
	unsigned nfiles;
};

/* 0, or -EINVAL after one line on err that says what is wrong. commands: the first is what runs when none is named. */
int options_parse(struct options *o, const struct command *commands, int argc, char **argv, FILE *err);
/* A table for these options: more rows than are shown, so that those shown are well chosen. by: a set of enum group. */
struct table_options options_table(const struct options *o, unsigned by);
/* command: one of commands, whose options to tell; NULL: all of them. */
void options_help(const struct command *commands, const struct command *command, FILE *out);

#endif
