/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * csv.h: comma-separated values (RFC 4180): fields as in JSON, raw numbers and ns, true and false; what is unknown is empty. Text
 * that is not ours has been through sanitize(). Writes to a stream; its errors are those of the stream.
 */
#ifndef TWTRACE_CSV_H
#define TWTRACE_CSV_H

#include <stdio.h>

#include "fields.h"

/* One value, behind a comma unless it is the first of its record. */
void csv_text(FILE *out, bool first, const char *text, size_t len);
void csv_value(FILE *out, bool first, const struct value *v);
void csv_end(FILE *out);

/* ts and the names of the fields, then a record for each row. unix_ns: ns since 1970, when it was so. */
void csv_header(FILE *out, const struct columns *columns);
void csv_row(FILE *out, const struct columns *columns, const struct row *row, __u64 unix_ns);

#endif
