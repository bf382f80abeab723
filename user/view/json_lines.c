/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* json_lines.c: see json_lines.h. */
#include "json_lines.h"

#include <string.h>

#include "fields.h"
#include "format.h"
#include "model/meaning.h"
#include "model/names.h"

typedef const char *(*name_fn)(unsigned);

static void put_error(struct json *j, __u32 error)
{
	json_word(j, "error", error ? errno_name(error) : NULL);
}

static void put_identity(struct json *j, const struct event *e)
{
	char address[FORMAT_ADDRESS_MAX];

	json_u64(j, "family", e->family);
	json_word(j, "laddr", format_address(address, e->family, e->laddr));
	json_u64(j, "lport", e->lport);
	json_word(j, "raddr", format_address(address, e->family, e->raddr));
	json_u64(j, "rport", e->rport);
	json_id(j, "netns", e->netns);
	json_id(j, "cgroup", e->cgroup);
	json_word(j, "role", role_name(e->role));
	json_process(j, "pid", "comm", event_process(e));
	json_word(j, "owner_source", owner_source_name(e->owner_source));
	json_process(j, "opener_pid", "opener_comm", event_opener(e));
	json_process(j, "closer_pid", "closer_comm", event_closer(e));
	json_word(j, "closer", closer_name(e->closer));
	json_word(j, "how", how_name(e->how));
	json_word(j, "cause", e->cause == CAUSE_NONE ? NULL : cause_name(e->cause));
	json_bool(j, "preexisting", event_preexisting(e));
}

static void put_close(struct json *j, const struct event *e)
{
	json_duration(j, "lifetime_ns", e->close.lifetime_ns);
	json_duration(j, "closing_ns", e->close.closing_ns);
	json_duration(j, "close_wait_ns", e->close.close_wait_ns);
	json_duration(j, "fin_wait2_ns", e->close.fin_wait2_ns);
	json_u64(j, "tx_bytes", e->close.tx_bytes);
	json_u64(j, "rx_bytes", e->close.rx_bytes);
	json_u64(j, "retrans", e->close.retrans);
	json_word(j, "timewait", timewait_name(e->timewait));
	put_error(j, e->close.error);
}

static void put_timewait(struct json *j, const struct event *e)
{
	json_duration(j, "fin_wait2_ns", e->tw.fin_wait2_ns);
	json_duration(j, "time_wait_ns", e->tw.time_wait_ns);
	json_word(j, "end", end_name(e->end));
	json_u64(j, "restarts", e->tw.restarts);
}

static void put_connect_failed(struct json *j, const struct event *e)
{
	json_word(j, "reason", reason_name(e->reason));
	put_error(j, e->connect_failed.error);
	json_duration(j, "duration_ns", e->connect_failed.duration_ns);
}

void json_event(struct json *j, const struct event *e, __s64 clock_offset)
{
	json_lines_begin(j, event_type_name(e->type), e->ts + (__u64)clock_offset);
	put_identity(j, e);
	switch (e->type) {
	case EVENT_CLOSE:
		put_close(j, e);
		break;
	case EVENT_TIMEWAIT:
		put_timewait(j, e);
		break;
	case EVENT_CONNECT_FAILED:
		put_connect_failed(j, e);
		break;
	}
	json_end(j);
}

void json_value(struct json *j, const char *key, const struct value *v)
{
	switch (v->kind) {
	case VALUE_WORD:
		json_word(j, key, v->text);
		break;
	case VALUE_BYTES:
		json_string(j, key, v->text, v->len);
		break;
	case VALUE_BOOL:
		json_bool(j, key, v->count);
		break;
	case VALUE_COUNT:
	case VALUE_DURATION:
		json_u64(j, key, v->count);
		break;
	case VALUE_PERCENT:
	case VALUE_RATE:
		json_double(j, key, v->x);
		break;
	case VALUE_UNKNOWN:
		json_null(j, key);
		break;
	}
}

void json_row(struct json *j, const struct row *row, __u64 unix_ns)
{
	json_lines_begin(j, "row", unix_ns);
	for (const struct field *f = fields; f->name; f++) {
		struct value v;

		if (f->text_only)
			continue;
		field_value(&v, f, row);
		json_value(j, field_key(f), &v);
	}
	json_end(j);
}

/* One member for each of n counts, its key the prefix and the count's name. */
static void put_parts(struct json *j, const char *prefix, const __u64 *counts, unsigned n, name_fn name)
{
	for (unsigned i = 0; i < n; i++) {
		char key[64];

		snprintf(key, sizeof(key), "%s%s", prefix, name(i));
		json_u64(j, key, counts[i]);
	}
}

static void put_known(struct json *j, const char *key, __u64 count, bool known)
{
	if (known)
		json_u64(j, key, count);
	else
		json_null(j, key);
}

static void put_connections(struct json *j, const struct summary *s)
{
	put_known(j, "present", s->totals.present, s->known_open);
	put_known(j, "opened", s->totals.opened, s->known_open);
	json_u64(j, "closed", s->closed);
	put_known(j, "open", s->open, s->known_open);
	for (unsigned closer = 0; closer < CLOSER_MAX; closer++) {
		char prefix[32];

		snprintf(prefix, sizeof(prefix), "closed_%s_", closer_name(closer));
		put_parts(j, prefix, s->totals.closed[closer], HOW_MAX, how_name);
	}
}

static void put_time_waits(struct json *j, const struct summary *s)
{
	const struct totals *t = &s->totals;

	json_u64(j, "tw_present", t->tw_present);
	json_u64(j, "tw_begun", t->tw_begun);
	json_u64(j, "tw_ended", s->tw_ended);
	json_u64(j, "tw_now", s->tw_now);
	json_u64(j, "tw_skipped", t->tw_skipped);
	put_parts(j, "tw_end_", t->tw_ended, END_MAX, end_name);
	json_u64(j, "fin_wait2_present", t->fin_wait2_present);
	json_u64(j, "fin_wait2_begun", t->fin_wait2_begun);
	json_u64(j, "fin_wait2_turned", t->fin_wait2_turned);
	json_u64(j, "fin_wait2_ended", s->fin_wait2_ended);
	json_u64(j, "fin_wait2_now", s->fin_wait2_now);
	put_parts(j, "fin_wait2_end_", t->fin_wait2_ended, END_MAX, end_name);
}

static void put_run(struct json *j, const struct run *run)
{
	json_u64(j, "duration_ns", run->duration_ns);
	json_word(j, "backend", run->backend);
	json_string(j, "backend_why", run->backend_why, strlen(run->backend_why));
	json_string(j, "kernel", run->kernel, strlen(run->kernel));
}

void json_summary(struct json *j, const struct summary *s, __s64 clock_offset)
{
	json_lines_begin(j, "summary", s->run.ts + (__u64)clock_offset);
	put_run(j, &s->run);
	put_connections(j, s);
	put_time_waits(j, s);
	json_u64(j, "connect_failed", s->connect_failed);
	put_parts(j, "connect_failed_", s->totals.connect_failed, REASON_MAX, reason_name);
	json_u64(j, "lost", s->lost);
	put_parts(j, "lost_", s->totals.lost, LOST_MAX, lost_name);
	put_known(j, "missed", s->run.missed, s->run.known_missed);
	json_end(j);
}
