/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* text_summary.c: see text_summary.h. */
#include "text_summary.h"

#include <stdlib.h>
#include <string.h>

#include "format.h"
#include "model/names.h"
#include "sanitize.h"

void text_parts(FILE *out, const __u64 *counts, unsigned n, const char *(*name)(unsigned))
{
	const char *separator = " (";

	for (unsigned i = 0; i < n; i++) {
		if (!counts[i])
			continue;
		fprintf(out, "%s%s %llu", separator, name(i), (unsigned long long)counts[i]);
		separator = ", ";
	}
	if (separator[0] == ',')
		putc(')', out);
}

static void put_run(FILE *out, const struct run *run)
{
	char duration[FORMAT_DURATION_MAX], why[160];

	sanitize(why, sizeof(why), run->backend_why, strlen(run->backend_why));
	fprintf(out, "Traced       %s%s, Linux %s, backend %s (%s)\n", format_duration(duration, run->duration_ns),
		run->filtered ? ", filtered" : "", run->kernel, run->backend, why);
}

static void put_connections(FILE *out, const struct summary *s)
{
	if (s->known_open)
		fprintf(out, "Connections  present %llu, opened %llu, closed %llu, open %llu\n",
			(unsigned long long)s->totals.present, (unsigned long long)s->totals.opened,
			(unsigned long long)s->closed, (unsigned long long)s->open);
	else
		fprintf(out, "Connections  closed %llu\n", (unsigned long long)s->closed);
}

static void put_closers(FILE *out, const struct summary *s)
{
	static const enum closer order[] = {CLOSER_LOCAL, CLOSER_REMOTE, CLOSER_BOTH, CLOSER_NONE};

	fputs("Closed by   ", out);
	for (unsigned i = 0; i < CLOSER_MAX; i++) {
		enum closer closer = order[i];

		fprintf(out, "%s %s %llu", i ? "," : "", closer_name(closer), (unsigned long long)s->closed_by[closer]);
		text_parts(out, s->totals.closed[closer], HOW_MAX, how_name);
	}
	putc('\n', out);
}

static void put_time_wait(FILE *out, const struct summary *s)
{
	const struct totals *t = &s->totals;

	fprintf(out, "TIME_WAIT    present %llu, begun %llu, ended %llu", (unsigned long long)t->tw_present,
		(unsigned long long)t->tw_begun, (unsigned long long)s->tw_ended);
	text_parts(out, t->tw_ended, END_MAX, end_name);
	fprintf(out, ", now %llu; skipped %llu\n", (unsigned long long)s->tw_now, (unsigned long long)t->tw_skipped);
}

static void put_fin_wait2(FILE *out, const struct summary *s)
{
	const struct totals *t = &s->totals;

	fprintf(out, "FIN_WAIT2    present %llu, begun %llu, turned TIME_WAIT %llu, ended %llu",
		(unsigned long long)t->fin_wait2_present, (unsigned long long)t->fin_wait2_begun,
		(unsigned long long)t->fin_wait2_turned, (unsigned long long)s->fin_wait2_ended);
	text_parts(out, t->fin_wait2_ended, END_MAX, end_name);
	fprintf(out, ", now %llu\n", (unsigned long long)s->fin_wait2_now);
}

static void put_failed(FILE *out, const struct summary *s)
{
	fprintf(out, "Failed       connects %llu", (unsigned long long)s->connect_failed);
	text_parts(out, s->totals.connect_failed, REASON_MAX, reason_name);
	putc('\n', out);
}

void text_lost(FILE *out, const struct summary *s)
{
	fprintf(out, "%llu", (unsigned long long)s->lost);
	text_parts(out, s->totals.lost, LOST_MAX, lost_name);
}

void text_summary(FILE *out, const struct summary *s)
{
	put_run(out, &s->run);
	put_connections(out, s);
	put_closers(out, s);
	put_time_wait(out, s);
	put_fin_wait2(out, s);
	put_failed(out, s);
	fputs("Lost         ", out);
	text_lost(out, s);
	if (s->run.missed)
		fprintf(out, "; missed %llu hooks, made up for", (unsigned long long)s->run.missed);
	putc('\n', out);
}

void text_counted(FILE *out, const struct summary *s, __u64 passed, __u64 events, const struct summary *lost)
{
	char duration[FORMAT_DURATION_MAX];

	fprintf(out, "Recorded     %s, events %llu", format_duration(duration, s->run.duration_ns), (unsigned long long)passed);
	if (passed != events)
		fprintf(out, " of %llu", (unsigned long long)events);
	fprintf(out, "\nConnections  closed %llu\n", (unsigned long long)s->closed);
	put_closers(out, s);
	fprintf(out, "TIME_WAIT    entered %llu, ended %llu", (unsigned long long)s->totals.tw_entered,
		(unsigned long long)s->tw_ended);
	text_parts(out, s->totals.tw_ended, END_MAX, end_name);
	fprintf(out, "; skipped %llu\n", (unsigned long long)s->totals.tw_skipped);
	put_failed(out, s);
	fputs("Lost         ", out);
	if (lost)
		text_lost(out, lost);
	else
		fputs("unknown", out);
	putc('\n', out);
}

static void put_status(FILE *out, const struct summary *s, __u64 unix_ns, double tw_rate)
{
	char clock[FORMAT_CLOCK_MAX], rate[FORMAT_RATE_MAX];

	/* The most telling first: a narrow terminal cuts the rest. */
	fprintf(out, "%.8s  TIME_WAIT %llu (%s/s, skipped %llu)  ", format_clock(clock, unix_ns), (unsigned long long)s->tw_now,
		format_rate(rate, tw_rate), (unsigned long long)s->totals.tw_skipped);
	fputs("lost ", out);
	text_lost(out, s);
	if (s->known_open)
		fprintf(out, "  open %llu", (unsigned long long)s->open);
	fprintf(out, "  closed %llu  failed %llu  FIN_WAIT2 %llu", (unsigned long long)s->closed,
		(unsigned long long)s->connect_failed, (unsigned long long)s->fin_wait2_now);
}

void text_status(FILE *out, const struct summary *s, __u64 unix_ns, double tw_rate, size_t width)
{
	char line[512] = "";
	FILE *memory = fmemopen(line, sizeof(line), "w");

	if (!memory) /* no memory: a line that wraps is the lesser evil */
		put_status(out, s, unix_ns, tw_rate);
	else
		put_status(memory, s, unix_ns, tw_rate);
	if (memory)
		fclose(memory);
	fprintf(out, "%.*s\n", width ? (int)width : (int)sizeof(line), line);
}
