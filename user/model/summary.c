/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* summary.c: see summary.h. */
#include "summary.h"

#include <assert.h>
#include <string.h>

#include "sum.h"

static void add_up(struct summary *s)
{
	const struct totals *t = &s->totals;

	for (int closer = 0; closer < CLOSER_MAX; closer++) {
		s->closed_by[closer] = sum(t->closed[closer], HOW_MAX);
		s->closed += s->closed_by[closer];
	}
	s->tw_ended = sum(t->tw_ended, END_MAX);
	s->fin_wait2_ended = sum(t->fin_wait2_ended, END_MAX);
	s->connect_failed = sum(t->connect_failed, REASON_MAX);
	s->lost = sum(t->lost, LOST_MAX);
}

static void derive_now(struct summary *s)
{
	const struct totals *t = &s->totals;

	s->open = minus(t->present + t->opened, s->closed);
	s->tw_now = minus(t->tw_present + t->tw_begun, s->tw_ended);
	s->fin_wait2_now = minus(t->fin_wait2_present + t->fin_wait2_begun, t->fin_wait2_turned + s->fin_wait2_ended);
}

static __u64 all_ends(const struct totals *t)
{
	return sum(&t->closed[0][0], CLOSER_MAX * HOW_MAX) + sum(t->tw_ended, END_MAX) + sum(t->fin_wait2_ended, END_MAX) +
	       sum(t->connect_failed, REASON_MAX);
}

void summary_make(struct summary *s, const struct run *run, const struct totals totals[TOTALS_MAX], const struct in_place *in_place)
{
	memset(s, 0, sizeof(*s));
	s->run = *run;
	s->totals = totals[run->filtered ? TOTALS_MATCHED : TOTALS_HOST];
	memcpy(s->totals.lost, totals[TOTALS_HOST].lost, sizeof(s->totals.lost));
	s->known_open = !run->filtered;
	s->host_ends = all_ends(&totals[TOTALS_HOST]);
	add_up(s);
	if (!in_place) {
		derive_now(s);
		return;
	}
	s->open = in_place->open;
	s->tw_now = in_place->time_wait;
	s->fin_wait2_now = in_place->fin_wait2;
}

static void add_counts(__u64 *to, const __u64 *from, size_t n)
{
	for (size_t i = 0; i < n; i++)
		to[i] += from[i];
}

void summary_add(struct summary *s, const struct summary *other)
{
	static_assert(sizeof(struct totals) % sizeof(__u64) == 0, "totals are nothing but counts");
	add_counts((__u64 *)&s->totals, (const __u64 *)&other->totals, sizeof(s->totals) / sizeof(__u64));
	add_counts(s->closed_by, other->closed_by, CLOSER_MAX);
	s->open += other->open;
	s->tw_now += other->tw_now;
	s->fin_wait2_now += other->fin_wait2_now;
	s->closed += other->closed;
	s->tw_ended += other->tw_ended;
	s->fin_wait2_ended += other->fin_wait2_ended;
	s->connect_failed += other->connect_failed;
	s->lost += other->lost;
	s->known_open &= other->known_open;
	s->run.filtered |= other->run.filtered;
	s->run.duration_ns += other->run.duration_ns;
	s->run.missed += other->run.missed;
	s->run.known_missed &= other->run.known_missed;
	if (other->run.ts > s->run.ts)
		s->run.ts = other->run.ts;
}

void summary_imbalance(const struct summary *s, struct imbalance *out)
{
	const struct totals *t = &s->totals;

	*out = (struct imbalance){0};
	if (s->known_open)
		out->connections = (__s64)(t->present + t->opened - s->closed - s->open);
	out->time_wait = (__s64)(t->tw_present + t->tw_begun - s->tw_ended - s->tw_now);
	out->fin_wait2 =
		(__s64)(t->fin_wait2_present + t->fin_wait2_begun - t->fin_wait2_turned - s->fin_wait2_ended - s->fin_wait2_now);
}
