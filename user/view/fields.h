/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * fields.h: the one table of what can be shown of a row. Headers, --sort, --columns, --list-columns and JSON come from it.
 */
#ifndef TWTRACE_FIELDS_H
#define TWTRACE_FIELDS_H

#include <stdbool.h>
#include <stdio.h>

#include "model/row.h"

enum value_kind {
	VALUE_UNKNOWN,
	VALUE_WORD,  /* text: ours, static */
	VALUE_BYTES, /* text, len: somebody else's, not to be trusted */
	VALUE_BOOL,  /* count: 0 or 1 */
	VALUE_COUNT,
	VALUE_PERCENT,
	VALUE_RATE,
	VALUE_DURATION, /* ns */
};

enum { FIELD_TEXT_MAX = 288 }; /* the longest cell: all ends of TIME_WAIT with their counts */

struct value {
	enum value_kind kind;
	union {
		const char *text; /* static, or in the row, or buf */
		__u64 count;
		double x;
	};
	size_t len;
	char buf[FIELD_TEXT_MAX];
};

struct field {
	const char *name; /* on the command line, and as JSON key unless key says otherwise */
	const char *header;
	const char *unit;
	const char *help;
	const char *key;
	bool left;          /* aligned left */
	bool hidden;        /* shown only when asked for */
	unsigned by;        /* not 0: shown where rows are grouped by one of these (enum group), no matter whether hidden */
	bool text_only;     /* made up of other fields: JSON has those instead */
	unsigned char rank; /* when columns must go for lack of room, the highest goes first */
	void (*get)(struct value *v, const struct row *row, int arg);
	int arg;                                                  /* passed to get */
	int (*compare)(const struct row *a, const struct row *b); /* NULL: by value, largest first, unknown last */
};

/* The end of the table has no name. */
extern const struct field fields[];

enum { COLUMNS_MAX = 64 };

/* Which fields to show, in which order. */
struct columns {
	const struct field *fields[COLUMNS_MAX];
	unsigned n;
};

/* NULL if there is none. name need not end after len bytes. */
const struct field *field_find(const char *name, size_t len);
/* What it is called in JSON and CSV. */
const char *field_key(const struct field *field);
/* Of a row that sums up others, keys are unknown. v->text may point into row and v. */
void field_value(struct value *v, const struct field *field, const struct row *row);
/* A number to sort by; below 0: there is none. */
double field_magnitude(const struct field *field, const struct row *row);
/* The field's text for a row, fit for a terminal, into buf; returns the columns it takes there. */
size_t field_format(char buf[FIELD_TEXT_MAX], const struct field *field, const struct row *row);
/* For table_sort() with the field as ctx. Equal rows are told apart by closes, then by their keys. */
int field_compare(const struct row *a, const struct row *b, const void *field);

/* by: what rows are grouped by, a set of enum group. */
void columns_default(struct columns *columns, unsigned by);
/* All that are not made up of others. */
void columns_all(struct columns *columns);
/* "pid,comm,tw". -EINVAL: *bad and *bad_len are what is no field's name; -E2BIG: too many. */
int columns_parse(struct columns *columns, const char *list, const char **bad, size_t *bad_len);
/* For people: every field with its header, unit and meaning. */
void fields_list(FILE *out);

#endif
