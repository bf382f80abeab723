/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* text_event.c: one table of columns for event lines; the last one, DETAIL, has what only some events have, as key=value. */
#include "text_event.h"

#include <assert.h>
#include <stdarg.h>
#include <string.h>

#include "format.h"
#include "model/meaning.h"
#include "model/names.h"
#include "sanitize.h"

enum { CELL_MAX = 320 };

struct line {
	const struct event *e;
	__s64 clock_offset;
};

struct column {
	const char *header;
	unsigned width; /* to begin with */
	bool left;
	void (*format)(char cell[CELL_MAX], const struct line *line);
};

static void format_time(char cell[CELL_MAX], const struct line *line)
{
	format_clock(cell, line->e->ts + (__u64)line->clock_offset);
}

static void format_type(char cell[CELL_MAX], const struct line *line)
{
	strcpy(cell, event_type_name(line->e->type));
}

static void format_pid(char cell[CELL_MAX], const struct line *line)
{
	__u32 pid = event_process(line->e)->pid;

	if (pid)
		snprintf(cell, CELL_MAX, "%u", pid);
	else
		strcpy(cell, "-");
}

static void format_comm(char cell[CELL_MAX], const struct line *line)
{
	const struct process *process = event_process(line->e);

	if (process->pid)
		sanitize(cell, CELL_MAX, process->comm, sizeof(process->comm));
	else
		strcpy(cell, "-");
}

static void format_role(char cell[CELL_MAX], const struct line *line)
{
	strcpy(cell, role_name(line->e->role));
}

static void format_local(char cell[CELL_MAX], const struct line *line)
{
	format_address_port(cell, line->e->family, line->e->laddr, line->e->lport);
}

static void format_remote(char cell[CELL_MAX], const struct line *line)
{
	format_address_port(cell, line->e->family, line->e->raddr, line->e->rport);
}

static void format_closer(char cell[CELL_MAX], const struct line *line)
{
	strcpy(cell, line->e->type == EVENT_CONNECT_FAILED ? "-" : closer_name(line->e->closer));
}

/* How, and why where it is known: rst/linger0. */
static void format_how(char cell[CELL_MAX], const struct line *line)
{
	const struct event *e = line->e;

	if (e->type == EVENT_CONNECT_FAILED)
		strcpy(cell, reason_name(e->reason));
	else if (e->cause == CAUSE_NONE)
		strcpy(cell, how_name(e->how));
	else
		snprintf(cell, CELL_MAX, "%s/%s", how_name(e->how), cause_name(e->cause));
}

/* The connection's life, the TIME_WAIT's length or the attempt's: what just ended. */
static void format_lasted(char cell[CELL_MAX], const struct line *line)
{
	const struct event *e = line->e;

	switch (e->type) {
	case EVENT_CLOSE:
		format_duration(cell, e->close.lifetime_ns);
		break;
	case EVENT_TIMEWAIT:
		format_duration(cell, e->tw.time_wait_ns);
		break;
	default:
		format_duration(cell, e->connect_failed.duration_ns);
	}
}

struct details {
	char *cell;
	size_t used;
};

__attribute__((format(printf, 2, 3))) static void add(struct details *d, const char *format, ...)
{
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(d->cell + d->used, CELL_MAX - d->used, format, args);
	va_end(args);
	d->used += (size_t)n;
	if (d->used >= CELL_MAX)
		d->used = CELL_MAX - 1;
}

static void add_duration(struct details *d, const char *key, __u64 ns)
{
	char text[FORMAT_DURATION_MAX];

	if (ns && ns != UNKNOWN_NS)
		add(d, " %s=%s", key, format_duration(text, ns));
}

static void add_error(struct details *d, __u32 error)
{
	if (error)
		add(d, " error=%s", errno_name(error));
}

static void add_close(struct details *d, const struct event *e)
{
	add(d, " timewait=%s", timewait_name(e->timewait));
	add_duration(d, "closing", e->close.closing_ns);
	add_duration(d, "close_wait", e->close.close_wait_ns);
	add_duration(d, "fin_wait2", e->close.fin_wait2_ns);
	add(d, " tx=%llu rx=%llu", (unsigned long long)e->close.tx_bytes, (unsigned long long)e->close.rx_bytes);
	if (e->close.retrans)
		add(d, " retrans=%u", e->close.retrans);
	add_error(d, e->close.error);
}

static void add_timewait(struct details *d, const struct event *e)
{
	add(d, " end=%s", end_name(e->end));
	add_duration(d, "fin_wait2", e->tw.fin_wait2_ns);
	if (e->tw.restarts)
		add(d, " restarts=%u", e->tw.restarts);
}

static void format_detail(char cell[CELL_MAX], const struct line *line)
{
	const struct event *e = line->e;
	struct details d = {cell, 0};

	cell[0] = '\0';
	if (e->type == EVENT_CLOSE)
		add_close(&d, e);
	else if (e->type == EVENT_TIMEWAIT)
		add_timewait(&d, e);
	else
		add_error(&d, e->connect_failed.error);
	if (event_process(e) == &e->owner && e->owner_source == OWNER_LISTENER)
		add(&d, " owner=listener");
	if (event_preexisting(e))
		add(&d, " preexisting");
	if (cell[0] == ' ')
		memmove(cell, cell + 1, strlen(cell));
}

static const struct column columns[] = {
	{"TIME", 15, true, format_time},     {"EVENT", 14, true, format_type},   {"PID", 7, false, format_pid},
	{"COMM", 15, true, format_comm},     {"ROLE", 6, true, format_role},     {"LOCAL", 21, true, format_local},
	{"REMOTE", 21, true, format_remote}, {"CLOSER", 6, true, format_closer}, {"HOW", 14, true, format_how},
	{"LASTED", 6, false, format_lasted}, {"DETAIL", 0, true, format_detail},
};

static_assert(sizeof(columns) / sizeof(columns[0]) == TEXT_EVENT_COLUMNS, "text_events has a width for each column");

static void put_cell(struct text_events *state, FILE *out, unsigned c, const char *text)
{
	bool last = c + 1 == TEXT_EVENT_COLUMNS;
	unsigned width = (unsigned)text_columns(text);
	unsigned wanted = state->widths[c] > columns[c].width ? state->widths[c] : columns[c].width;
	int padding;

	if (width > wanted)
		wanted = width;
	state->widths[c] = wanted;
	padding = last ? 0 : (int)(wanted - width);
	if (columns[c].left)
		fprintf(out, "%s%*s%c", text, padding, "", last ? '\n' : ' ');
	else
		fprintf(out, "%*s%s%c", padding, "", text, last ? '\n' : ' ');
}

void text_events_header(struct text_events *state, FILE *out)
{
	for (unsigned c = 0; c < TEXT_EVENT_COLUMNS; c++)
		put_cell(state, out, c, columns[c].header);
}

void text_event(struct text_events *state, FILE *out, const struct event *e, __s64 clock_offset)
{
	struct line line = {e, clock_offset};
	char cell[CELL_MAX];

	for (unsigned c = 0; c < TEXT_EVENT_COLUMNS; c++) {
		columns[c].format(cell, &line);
		put_cell(state, out, c, cell);
	}
}
