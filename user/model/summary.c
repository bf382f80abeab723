/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* summary.c: see summary.h. */
#include "summary.h"

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

void summary_make(struct summary *s, const struct run *run, const struct totals totals[TOTALS_MAX], const struct in_place *in_place)
{
	memset(s, 0, sizeof(*s));
	s->run = *run;
	s->totals = totals[run->filtered ? TOTALS_MATCHED : TOTALS_HOST];
	memcpy(s->totals.lost, totals[TOTALS_HOST].lost, sizeof(s->totals.lost));
	s->known_open = !run->filtered;
	add_up(s);
	if (!in_place) {
		derive_now(s);
		return;
	}
	s->open = in_place->open;
	s->tw_now = in_place->time_wait;
	s->fin_wait2_now = in_place->fin_wait2;
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
