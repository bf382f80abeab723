/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* screen_row.c: see screen_row.h. */
#include "screen_row.h"

#include "fields.h"
#include "format.h"
#include "model/names.h"
#include "model/sum.h"
#include "sparkline.h"
#include "text_histogram.h"
#include "text_summary.h"

enum { LAST_CLOSES = 8 };

void screen_row_title(FILE *out, const struct row *row, unsigned by)
{
	const char *separator = "";
	char cell[FIELD_TEXT_MAX];

	for (const struct field *f = fields; f->name; f++) {
		if (!(f->by & by))
			continue;
		field_format(cell, f, row);
		fprintf(out, "%s%s %s", separator, f->header, cell);
		separator = "  ";
	}
}

static void put_counts(FILE *out, const __u64 *counts, unsigned n, const char *(*name)(unsigned))
{
	if (sum(counts, n))
		text_parts(out, counts, n, name);
	else
		fputs(" -", out);
	putc('\n', out);
}

static void put_closes(FILE *out, const struct row *row)
{
	static const enum closer order[] = {CLOSER_LOCAL, CLOSER_REMOTE, CLOSER_BOTH, CLOSER_NONE};
	char rate[FORMAT_RATE_MAX];

	fprintf(out, "Closes       %llu, %s/s\n", (unsigned long long)row_closes(row), format_rate(rate, row->close_rate));
	fputs("Closed by   ", out);
	for (unsigned i = 0; i < CLOSER_MAX; i++) {
		fprintf(out, "%s %s %llu", i ? "," : "", closer_name(order[i]), (unsigned long long)row_closed_by(row, order[i]));
		text_parts(out, row->closed[order[i]], HOW_MAX, how_name);
	}
	fputs("\nCauses      ", out);
	put_counts(out, row->causes, CAUSE_MAX, cause_name);
	fprintf(out, "Failed       connects %llu", (unsigned long long)row_connect_failed(row));
	text_parts(out, row->connect_failed, REASON_MAX, reason_name);
	putc('\n', out);
}

static void put_time_wait(FILE *out, const struct row *row)
{
	char rate[FORMAT_RATE_MAX], bars[SPARKLINE_MAX];

	fprintf(out, "TIME_WAIT    now %llu, begun %llu, %s/s; skipped %llu\n", (unsigned long long)row_tw_now(row),
		(unsigned long long)row->tw_entered, format_rate(rate, row->tw_rate), (unsigned long long)row->tw_skipped);
	fputs("Ended       ", out);
	put_counts(out, row->tw_ended, END_MAX, end_name);
	fprintf(out, "Begun        %s (the last %d intervals)\n", sparkline(bars, row, ROW_HISTORY), ROW_HISTORY);
}

static void put_how(char *buf, size_t size, const struct event *e)
{
	if (e->type == EVENT_CONNECT_FAILED)
		snprintf(buf, size, "failed %s", reason_name(e->reason));
	else if (e->cause == CAUSE_NONE)
		snprintf(buf, size, "%s %s", closer_name(e->closer), how_name(e->how));
	else
		snprintf(buf, size, "%s %s/%s", closer_name(e->closer), how_name(e->how), cause_name(e->cause));
}

static void put_event(FILE *out, const struct event *e, __s64 clock_offset)
{
	__u64 lasted = e->type == EVENT_CONNECT_FAILED ? e->connect_failed.duration_ns : e->close.lifetime_ns;
	char clock[FORMAT_CLOCK_MAX], how[48], duration[FORMAT_DURATION_MAX], address[FORMAT_ENDPOINT_MAX];

	put_how(how, sizeof(how), e);
	fprintf(out, "  %.12s %-22s %7s", format_clock(clock, e->ts + (__u64)clock_offset), how,
		format_duration(duration, lasted));
	fprintf(out, " %s ->", format_address_port(address, e->family, e->laddr, e->lport));
	fprintf(out, " %s", format_address_port(address, e->family, e->raddr, e->rport));
	if (e->type == EVENT_CLOSE && e->timewait != TIMEWAIT_NONE)
		fprintf(out, "  TIME_WAIT %s", timewait_name(e->timewait));
	putc('\n', out);
}

static void put_recent(FILE *out, const struct recent *recent, __s64 clock_offset)
{
	const struct event *e = recent ? recent_watched(recent, 0) : NULL;

	fprintf(out, "Last closes%s\n", e ? "" : ": none is known");
	for (unsigned ago = 0; e && ago < LAST_CLOSES; e = recent_watched(recent, ++ago))
		put_event(out, e, clock_offset);
}

void screen_row(FILE *out, const struct row *row, const struct recent *recent, __s64 clock_offset, size_t width)
{
	put_closes(out, row);
	put_time_wait(out, row);
	putc('\n', out);
	put_recent(out, recent, clock_offset);
	putc('\n', out);
	text_histogram(out, "Lifetime", &row->lifetime, width);
	putc('\n', out);
	text_histogram(out, "FIN_WAIT2", &row->fin_wait2, width);
	putc('\n', out);
	text_histogram(out, "TIME_WAIT", &row->tw_length, width);
}
