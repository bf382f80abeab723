/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* report.c: `twtrace report`: the table out of recorded events, or what changed between two recordings. Needs neither root nor
 * BPF. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "exit_codes.h"
#include "output.h"
#include "recorded.h"
#include "source/say.h"
#include "streams.h"
#include "view/changes.h"
#include "view/csv.h"
#include "view/format.h"
#include "view/json_histogram.h"
#include "view/json_lines.h"
#include "view/text_histogram.h"
#include "view/text_summary.h"
#include "view/text_table.h"

struct report {
	const struct options *options;
	struct signals signals;
	struct output output;
};

/* What the events say, as far as totals go by them. */
static void count_events(const struct recorded_table *t, const struct row *all, struct summary *out)
{
	struct run run = {
		.ts = t->last_ts,
		.duration_ns = recording_state(t->recording)->duration_ns,
		.filtered = true, /* not all that there was */
	};
	struct totals totals[TOTALS_MAX] = {0};
	struct totals *matched = &totals[TOTALS_MATCHED];

	memcpy(matched->closed, all->closed, sizeof(matched->closed));
	memcpy(matched->tw_ended, all->tw_ended, sizeof(matched->tw_ended));
	memcpy(matched->connect_failed, all->connect_failed, sizeof(matched->connect_failed));
	matched->tw_entered = all->tw_entered;
	matched->tw_skipped = all->tw_skipped;
	summary_make(out, &run, totals, &(struct in_place){0});
}

/* The summary that the tracer wrote, where it speaks of the same as the table; NULL where it does not. */
static const struct summary *summary_of_table(const struct report *report, const struct recorded_table *t)
{
	if (report->options->filtered || recording_state(t->recording)->unfinished || report->signals.stop)
		return NULL;
	return recording_summary(t->recording);
}

static void print_histograms_json(struct json *j, const struct row *all, __u64 unix_ns)
{
	json_histogram(j, "lifetime", &all->lifetime, unix_ns);
	json_histogram(j, "fin_wait2", &all->fin_wait2, unix_ns);
	json_histogram(j, "time_wait", &all->tw_length, unix_ns);
}

static void print_histograms(FILE *out, const struct row *all)
{
	text_histogram(out, "Lifetime", &all->lifetime, 0);
	putc('\n', out);
	text_histogram(out, "FIN_WAIT2", &all->fin_wait2, 0);
	putc('\n', out);
	text_histogram(out, "TIME_WAIT", &all->tw_length, 0);
	putc('\n', out);
}

static void print_totals(const struct report *report, const struct recorded_table *t, const struct row *all)
{
	const struct summary *summary = summary_of_table(report, t);
	struct summary counted;

	if (summary) {
		text_summary(report->output.file, summary);
		return;
	}
	count_events(t, all, &counted);
	/* Lost is said of the host, whatever the filter; of a recording without an end it is not known. */
	text_counted(report->output.file, &counted, t->passed, recording_state(t->recording)->events,
		     recording_state(t->recording)->unfinished ? NULL : recording_summary(t->recording));
}

static void print_text(struct report *report, struct recorded_table *t, const struct row *const *rows, size_t n,
		       const struct row *all)
{
	FILE *out = report->output.file;

	text_table(out, &report->options->columns, rows, n, 0);
	putc('\n', out);
	if (report->options->histograms)
		print_histograms(out, all);
	print_totals(report, t, all);
}

/* When it was as the rows say. */
static __u64 end_of(const struct recorded_table *t)
{
	const struct summary *summary = recording_summary(t->recording);

	return summary ? summary->run.ts : t->last_ts;
}

static void print_json(struct report *report, const struct recorded_table *t, const struct row *const *rows, size_t n,
		       const struct row *all)
{
	const struct summary *summary = summary_of_table(report, t);
	struct json json;

	json_init(&json, report->output.file);
	for (size_t i = 0; i < n; i++)
		json_row(&json, rows[i], end_of(t));
	if (report->options->histograms)
		print_histograms_json(&json, all, end_of(t));
	if (summary)
		json_summary(&json, summary, 0);
}

static void print_csv(struct report *report, const struct recorded_table *t, const struct row *const *rows, size_t n)
{
	csv_header(report->output.file, &report->options->columns);
	for (size_t i = 0; i < n; i++)
		csv_row(report->output.file, &report->options->columns, rows[i], end_of(t));
}

static int print(struct report *report, struct recorded_table *t)
{
	const struct options *o = report->options;
	const struct row *const *rows;
	struct row all = {0};
	size_t n;
	int r;

	table_sort(t->table, field_compare, o->sort);
	r = table_top(t->table, o->max_rows, &rows, &n);
	for (size_t i = 0; !r && i < n; i++)
		r = row_fold(&all, rows[i]);
	if (!r && o->json)
		print_json(report, t, rows, n, &all);
	else if (!r && o->csv)
		print_csv(report, t, rows, n);
	else if (!r)
		print_text(report, t, rows, n, &all);
	row_clear(&all);
	return r ? say_err(r, "cannot sum up rows: %s", strerror(-r)) : 0;
}

static int report_one(struct report *report)
{
	const struct options *o = report->options;
	struct recorded_table t = {0};
	int r = recorded_table_read(&t, o, o->files, o->nfiles, &report->signals);

	if (!r)
		r = print(report, &t);
	recorded_table_free(&t);
	return r;
}

/* Rows that were folded into one are not told apart any more, and may be in the one recording's table and not in the other's. */
static void warn_side(const struct side *side, const char *path)
{
	char name[RECORDED_NAME_MAX];

	if (side->n && side->rows[side->n - 1]->folded)
		fprintf(stderr, "twtrace: too many rows in %s: the least of them are one, other (--max-rows, --by, a filter)\n",
			recorded_name(name, path));
	if (side->n && side->seconds <= 0)
		fprintf(stderr, "twtrace: how long %s was recorded is not known: what it has per second is 0\n",
			recorded_name(name, path));
}

static void side_of(struct side *side, const struct recorded_table *t, const char *path)
{
	side->rows = table_rows(t->table, &side->n);
	side->seconds = (double)recording_state(t->recording)->duration_ns / 1e9;
	warn_side(side, path);
}

/* "Was  10.0s, closes 480, failed connects 7: a.jsonl" */
static void print_side(FILE *out, const char *label, const struct side *side, const char *path)
{
	char duration[FORMAT_DURATION_MAX], name[RECORDED_NAME_MAX];
	__u64 closes = 0, failed = 0;

	for (size_t i = 0; i < side->n; i++) {
		closes += row_closes(side->rows[i]);
		failed += row_connect_failed(side->rows[i]);
	}
	fprintf(out, "%s  %s, closes %llu, failed connects %llu: %s\n", label,
		format_duration(duration, (__u64)(side->seconds * 1e9)), (unsigned long long)closes, (unsigned long long)failed,
		recorded_name(name, path));
}

static void print_changes(struct report *report, const struct change *changes, size_t n, __u64 unix_ns)
{
	const struct options *o = report->options;
	FILE *out = report->output.file;
	size_t shown = n < o->max_rows ? n : o->max_rows;
	struct json json;

	json_init(&json, out);
	for (size_t i = 0; o->json && i < shown; i++)
		json_change(&json, &changes[i], unix_ns);
	if (o->csv)
		csv_changes(out, &o->columns, changes, shown);
	else if (!o->json)
		text_changes(out, &o->columns, changes, shown);
	if (shown < n)
		fprintf(stderr, "twtrace: %zu more rows, changed less\n", n - shown);
}

static int compare_tables(struct report *report, struct recorded_table t[2])
{
	struct side was, is;
	struct change *changes;
	size_t n;
	int r;

	side_of(&was, &t[0], report->options->files[0]);
	side_of(&is, &t[1], report->options->files[1]);
	r = diff_make(&changes, &n, &was, &is);
	if (r)
		return say_err(r, "cannot compare: %s", strerror(-r));
	if (report->options->sort)
		changes_sort(changes, n, report->options->sort);
	print_changes(report, changes, n, end_of(&t[1]));
	free(changes);
	if (!report->options->json && !report->options->csv) {
		putc('\n', report->output.file);
		print_side(report->output.file, "Was", &was, report->options->files[0]);
		print_side(report->output.file, "Is ", &is, report->options->files[1]);
	}
	return 0;
}

static int report_two(struct report *report)
{
	const struct options *o = report->options;
	struct recorded_table t[2] = {0};
	int r = recorded_table_read(&t[0], o, o->files, 1, &report->signals);

	if (!r)
		r = recorded_table_read(&t[1], o, o->files + 1, 1, &report->signals);
	if (!r && report->signals.stop) /* nothing to compare with */
		r = -EINTR;
	if (!r)
		r = compare_tables(report, t);
	recorded_table_free(&t[0]);
	recorded_table_free(&t[1]);
	return r;
}

int cmd_report(const struct options *options)
{
	struct report report = {.options = options};
	int r = streams_open(&report.signals, &report.output);

	if (r)
		return exit_code_of(r);
	r = streams_heed(&report.signals);
	if (!r)
		r = options->diff ? report_two(&report) : report_one(&report);
	if (!r)
		r = streams_flush(&report.output);
	streams_close(&report.signals, &report.output);
	return r == -EPIPE ? EXIT_CODE_OK : exit_code_of(r);
}
