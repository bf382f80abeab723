/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* row.c: events counted in one row, and sums over it. See row.h. */
#include "row.h"

#include <stdbool.h>
#include <string.h>

#include "sum.h"

__u64 row_closed_by(const struct row *row, enum closer closer)
{
	return sum(row->closed[closer], HOW_MAX);
}

__u64 row_closes(const struct row *row)
{
	return sum(&row->closed[0][0], CLOSER_MAX * HOW_MAX);
}

__u64 row_timeouts(const struct row *row)
{
	__u64 timeouts = 0;

	for (int closer = 0; closer < CLOSER_MAX; closer++)
		timeouts += row->closed[closer][HOW_TIMEOUT];
	return timeouts;
}

__u64 row_connect_failed(const struct row *row)
{
	return sum(row->connect_failed, REASON_MAX);
}

__u64 row_tw_now(const struct row *row)
{
	/* A close that the ring had no room for leaves an end without its beginning. */
	return row->tw_now > 0 ? (__u64)row->tw_now : 0;
}

static unsigned history_index(const struct row *row, unsigned ago)
{
	return (row->history_at + ROW_HISTORY - ago) % ROW_HISTORY;
}

unsigned row_history(const struct row *row, unsigned ago)
{
	return row->history[history_index(row, ago)];
}

static void set_history(struct row *row, unsigned ago, __u64 begun)
{
	row->history[history_index(row, ago)] = (__u16)(begun < 0xffff ? begun : 0xffff);
}

static __u64 second_of(const struct event *e)
{
	return 1ULL << (e->ts / 1000000000 % 64);
}

static int note_duration(struct histogram *h, __u64 ns)
{
	return ns == UNKNOWN_NS ? 0 : histogram_add(h, ns);
}

static bool is_brief(const struct event *e)
{
	if (e->role == ROLE_UNKNOWN)
		return false;
	return (e->role == ROLE_CLIENT ? e->close.tx_bytes : e->close.rx_bytes) <= ROW_BRIEF_BYTES;
}

static int add_close(struct row *row, const struct event *e)
{
	int r;

	row->busy |= second_of(e);
	row->closed[e->closer][e->how]++;
	if (e->closer == CLOSER_LOCAL)
		row->causes[e->cause]++;
	row->unanswered += e->how == HOW_TIMEOUT && !e->close.retrans;
	row->brief += is_brief(e);
	if (e->closer == CLOSER_LOCAL && e->how == HOW_RST)
		row->busy_rst |= second_of(e);
	row->tw_skipped += e->timewait == TIMEWAIT_SKIPPED;
	r = note_duration(&row->lifetime, e->close.lifetime_ns);
	if (e->timewait != TIMEWAIT_ENTERED)
		return r ? r : note_duration(&row->fin_wait2, e->close.fin_wait2_ns);
	row->tw_entered++;
	row->tw_now += !event_tw_older(e);
	return r; /* the end will tell all of FIN_WAIT2 */
}

static int add_timewait(struct row *row, const struct event *e)
{
	int r = note_duration(&row->tw_length, e->tw.time_wait_ns);

	row->tw_ended[e->end]++;
	row->tw_reset += e->end == END_RESET && e->tw.time_wait_ns != UNKNOWN_NS;
	row->tw_now -= !event_tw_older(e);
	return r ? r : note_duration(&row->fin_wait2, e->tw.fin_wait2_ns);
}

int row_add(struct row *row, const struct event *e)
{
	if (row->netns != e->netns)
		row->netns = 0;
	if (row->cgroup != e->cgroup)
		row->cgroup = 0;
	switch (e->type) {
	case EVENT_CLOSE:
		return add_close(row, e);
	case EVENT_TIMEWAIT:
		return add_timewait(row, e);
	case EVENT_CONNECT_FAILED:
		row->busy |= second_of(e);
		row->connect_failed[e->reason]++;
		break;
	}
	return 0;
}

static void add_counts(__u64 *counts, const __u64 *more, size_t n)
{
	for (size_t i = 0; i < n; i++)
		counts[i] += more[i];
}

static void merge_counts(struct row *row, const struct row *other)
{
	add_counts(&row->closed[0][0], &other->closed[0][0], CLOSER_MAX * HOW_MAX);
	add_counts(row->causes, other->causes, CAUSE_MAX);
	add_counts(row->connect_failed, other->connect_failed, REASON_MAX);
	add_counts(row->tw_ended, other->tw_ended, END_MAX);
	row->unanswered += other->unanswered;
	row->brief += other->brief;
	row->busy |= other->busy;
	row->busy_rst |= other->busy_rst;
	row->tw_entered += other->tw_entered;
	row->tw_skipped += other->tw_skipped;
	row->tw_reset += other->tw_reset;
	row->tw_now += other->tw_now;
}

static void merge_rates(struct row *row, const struct row *other)
{
	row->tw_rate += other->tw_rate;
	row->close_rate += other->close_rate;
	row->failed_rate += other->failed_rate;
	row->tw_entered_at_tick += other->tw_entered_at_tick;
	row->closes_at_tick += other->closes_at_tick;
	row->failed_at_tick += other->failed_at_tick;
	for (unsigned ago = 0; ago < ROW_HISTORY; ago++)
		set_history(row, ago, (__u64)row_history(row, ago) + row_history(other, ago));
}

static bool is_empty(const struct row *row)
{
	return !row_closes(row) && !row_connect_failed(row) && !sum(row->tw_ended, END_MAX);
}

int row_merge(struct row *row, const struct row *other)
{
	bool first = is_empty(row);
	int r;

	row->netns = first || row->netns == other->netns ? other->netns : 0;
	row->cgroup = first || row->cgroup == other->cgroup ? other->cgroup : 0;
	if (other->since && (!row->since || other->since < row->since))
		row->since = other->since;
	merge_counts(row, other);
	merge_rates(row, other);
	r = histogram_merge(&row->lifetime, &other->lifetime);
	if (!r)
		r = histogram_merge(&row->fin_wait2, &other->fin_wait2);
	return r ? r : histogram_merge(&row->tw_length, &other->tw_length);
}

int row_fold(struct row *row, const struct row *other)
{
	row->folded += other->folded ? other->folded : 1;
	return row_merge(row, other);
}

void row_tick(struct row *row, double seconds)
{
	__u64 closes = row_closes(row), failed = row_connect_failed(row), begun = row->tw_entered - row->tw_entered_at_tick;

	row->tw_rate = (double)begun / seconds;
	row->close_rate = (double)(closes - row->closes_at_tick) / seconds;
	row->failed_rate = (double)(failed - row->failed_at_tick) / seconds;
	row->tw_entered_at_tick = row->tw_entered;
	row->closes_at_tick = closes;
	row->failed_at_tick = failed;
	row->history_at = (row->history_at + 1) % ROW_HISTORY;
	set_history(row, 0, begun);
}

void row_clear(struct row *row)
{
	histogram_clear(&row->lifetime);
	histogram_clear(&row->fin_wait2);
	histogram_clear(&row->tw_length);
	memset(row, 0, sizeof(*row));
}
