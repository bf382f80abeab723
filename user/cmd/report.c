/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* report.c: `twtrace report`: the table out of recorded events. Needs neither root nor BPF. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "commands.h"
#include "exit_codes.h"
#include "model/filter.h"
#include "model/table.h"
#include "output.h"
#include "recorded.h"
#include "source/say.h"
#include "streams.h"
#include "view/json_lines.h"
#include "view/text_histogram.h"
#include "view/text_summary.h"
#include "view/text_table.h"

struct report {
	const struct options *options;
	struct signals signals;
	struct output output;
	struct recording *recording;
	struct table *table;
	__u64 passed; /* events that passed the filter */
	__u64 last_ts;
	int failed;
};

static void on_event(const struct event *e, void *ctx)
{
	struct report *report = ctx;
	int r;

	if (e->ts > report->last_ts)
		report->last_ts = e->ts;
	if (!filter_passes(&report->options->tracer.filter, e))
		return;
	report->passed++;
	r = table_add(report->table, e);
	if (r && !report->failed)
		report->failed = say_err(r, "cannot count an event: %s", strerror(-r));
}

static int read_table(struct report *report)
{
	const struct options *o = report->options;
	struct table_options kept = {
		.by = o->by,
		.rows = o->max_rows > TABLE_ROWS ? o->max_rows : TABLE_ROWS,
	};
	int r = table_new(&report->table, &kept, 0);

	if (r)
		return say_err(r, "cannot begin: %s", strerror(-r));
	r = recorded_read(&report->recording, o->files, o->nfiles, &report->signals, on_event, report);
	if (!r)
		r = report->failed;
	/* One interval, as long as the recording. */
	if (!r)
		table_tick(report->table, recording_state(report->recording)->duration_ns);
	return r;
}

/* What the events say, as far as totals go by them. */
static void count_events(const struct report *report, const struct row *all, struct summary *out)
{
	const struct recording_state *state = recording_state(report->recording);
	struct run run = {.ts = report->last_ts, .duration_ns = state->duration_ns, .filtered = true};
	struct totals totals[TOTALS_MAX] = {0};
	struct totals *t = &totals[TOTALS_MATCHED];

	memcpy(t->closed, all->closed, sizeof(t->closed));
	memcpy(t->tw_ended, all->tw_ended, sizeof(t->tw_ended));
	memcpy(t->connect_failed, all->connect_failed, sizeof(t->connect_failed));
	t->tw_entered = all->tw_entered;
	t->tw_skipped = all->tw_skipped;
	summary_make(out, &run, totals, &(struct in_place){0});
}

/* The summary that the tracer wrote, where it speaks of the same as the table; NULL where it does not. */
static const struct summary *summary_of_table(const struct report *report)
{
	if (report->options->filtered || recording_state(report->recording)->unfinished || report->signals.stop)
		return NULL;
	return recording_summary(report->recording);
}

static void print_text(struct report *report, const struct row *const *rows, size_t n, const struct row *all)
{
	const struct summary *summary = summary_of_table(report);
	FILE *out = report->output.file;

	text_table(out, &report->options->columns, rows, n, 0);
	putc('\n', out);
	if (report->options->histograms) {
		text_histogram(out, "Lifetime", &all->lifetime, 0);
		putc('\n', out);
		text_histogram(out, "FIN_WAIT2", &all->fin_wait2, 0);
		putc('\n', out);
		text_histogram(out, "TIME_WAIT", &all->tw_length, 0);
		putc('\n', out);
	}
	if (summary) {
		text_summary(out, summary);
	} else {
		struct summary counted;

		count_events(report, all, &counted);
		text_counted(out, &counted, report->passed, recording_state(report->recording)->events);
	}
}

static void print_json(struct report *report, const struct row *const *rows, size_t n)
{
	const struct summary *summary = summary_of_table(report);
	struct json json;

	json_init(&json, report->output.file);
	for (size_t i = 0; i < n; i++)
		json_row(&json, rows[i], summary ? summary->run.ts : report->last_ts);
	if (summary)
		json_summary(&json, summary, 0);
}

static int sum_all(struct row *all, struct table *table)
{
	const struct row *const *rows;
	size_t n;
	int r = 0;

	rows = table_rows(table, &n);
	for (size_t i = 0; i < n && !r; i++)
		r = row_fold(all, rows[i]);
	return r;
}

static int print(struct report *report)
{
	const struct row *const *rows;
	struct row all = {0};
	size_t n;
	int r = sum_all(&all, report->table);

	table_sort(report->table, field_compare, report->options->sort);
	if (!r)
		r = table_top(report->table, report->options->max_rows, &rows, &n);
	if (r)
		say_err(r, "cannot sum up rows: %s", strerror(-r));
	else if (report->options->json)
		print_json(report, rows, n);
	else
		print_text(report, rows, n, &all);
	row_clear(&all);
	return r;
}

int cmd_report(const struct options *options)
{
	struct report report = {.options = options};
	int r = streams_open(&report.signals, &report.output);

	if (r)
		return exit_code_of(r);
	r = read_table(&report);
	if (!r)
		r = print(&report);
	if (!r)
		r = streams_flush(&report.output);
	streams_close(&report.signals, &report.output);
	table_free(report.table);
	recording_close(report.recording);
	return r == -EPIPE ? EXIT_CODE_OK : exit_code_of(r);
}
