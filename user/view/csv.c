/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* csv.c: see csv.h. */
#include "csv.h"

#include <string.h>

#include "format.h"
#include "sanitize.h"

static void put_quoted(FILE *out, const char *text)
{
	putc('"', out);
	for (; *text; text++) {
		if (*text == '"')
			putc('"', out);
		putc(*text, out);
	}
	putc('"', out);
}

void csv_text(FILE *out, bool first, const char *text, size_t len)
{
	char clean[FIELD_TEXT_MAX];

	if (!first)
		putc(',', out);
	sanitize(clean, sizeof(clean), text, len);
	if (strpbrk(clean, ",\"") || clean[0] == ' ' || !clean[0]) /* an empty text is not an unknown one */
		put_quoted(out, clean);
	else
		fputs(clean, out);
}

void csv_value(FILE *out, bool first, const struct value *v)
{
	if (v->kind == VALUE_WORD || v->kind == VALUE_BYTES) {
		csv_text(out, first, v->text, v->kind == VALUE_WORD ? strlen(v->text) : v->len);
		return;
	}
	if (!first)
		putc(',', out);
	if (v->kind == VALUE_BOOL)
		fputs(v->count ? "true" : "false", out);
	else if (v->kind == VALUE_COUNT || v->kind == VALUE_DURATION)
		fprintf(out, "%llu", (unsigned long long)v->count);
	else if (v->kind == VALUE_PERCENT || v->kind == VALUE_RATE)
		fprintf(out, "%.6g", v->x);
}

void csv_end(FILE *out)
{
	fputs("\r\n", out);
}

void csv_header(FILE *out, const struct columns *columns)
{
	fputs("ts", out);
	for (unsigned c = 0; c < columns->n; c++) {
		const char *key = field_key(columns->fields[c]);

		csv_text(out, false, key, strlen(key));
	}
	csv_end(out);
}

void csv_row(FILE *out, const struct columns *columns, const struct row *row, __u64 unix_ns)
{
	char time[FORMAT_TIMESTAMP_MAX];

	fputs(format_timestamp(time, unix_ns), out);
	for (unsigned c = 0; c < columns->n; c++) {
		struct value v;

		field_value(&v, columns->fields[c], row);
		csv_value(out, false, &v);
	}
	csv_end(out);
}
