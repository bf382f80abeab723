/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* diagnosis.c: see diagnosis.h. */
#include "diagnosis.h"

#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "source/say.h"
#include "view/json_findings.h"
#include "view/json_lines.h"
#include "view/text_findings.h"
#include "view/text_summary.h"

enum { WIDTH_MIN = 60, WIDTH_DEFAULT = 100, WIDTH_MAX = 120 };

int diagnosis_table(struct table **out, __u64 now)
{
	struct table_options options = {.by = SUBJECT_GROUP};

	return table_new(out, &options, now);
}

int diagnosis_add(struct table *table, const struct event *e)
{
	struct event kept = subject_event(e);

	return table_add(table, &kept);
}

int diagnosis_subjects(struct subject **out, const struct table *table, struct facts *facts)
{
	size_t n;
	const struct row *const *rows = table_rows(table, &n);
	int r = subjects_make(out, &facts->nsubjects, rows, n);

	if (r)
		return say_err(r, "cannot sum up: %s", strerror(-r));
	facts->subjects = *out;
	for (size_t i = 0; i < n; i++)
		facts->summed_up += rows[i]->folded ? row_closes(rows[i]) : 0;
	return 0;
}

static unsigned text_width(void)
{
	struct winsize size;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) || !size.ws_col)
		return WIDTH_DEFAULT;
	return size.ws_col < WIDTH_MIN ? WIDTH_MIN : size.ws_col > WIDTH_MAX ? WIDTH_MAX : size.ws_col;
}

static void print_text(FILE *out, const struct diagnosis *d, const struct facts *facts)
{
	text_findings(out, d, facts->seconds, text_width());
	if (!facts->summary)
		return;
	putc('\n', out);
	text_summary(out, facts->summary);
}

static void print_json(FILE *out, const struct diagnosis *d, const struct facts *facts, __u64 ts, __s64 clock_offset)
{
	struct json json;

	json_init(&json, out);
	json_findings(&json, d, facts->seconds, ts + (__u64)clock_offset);
	if (facts->summary)
		json_summary(&json, facts->summary, clock_offset);
}

int diagnosis_print(FILE *out, const struct facts *facts, bool json, __u64 ts, __s64 clock_offset)
{
	struct diagnosis d;
	int r = diagnose(&d, facts);

	if (r)
		return say_err(r, "cannot judge: %s", strerror(-r));
	if (json)
		print_json(out, &d, facts, ts, clock_offset);
	else
		print_text(out, &d, facts);
	diagnosis_clear(&d);
	return 0;
}
