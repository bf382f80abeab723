/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * expect.h: from a scenario's `events` to a verdict on the events there were. Expectations are JSON objects whose values are
 * written expectations (value.h); lists of events and of expectations are JSON arrays.
 */
#ifndef LIVE_EXPECT_H
#define LIVE_EXPECT_H

#include <jansson.h>

#include "complaint.h"
#include "stage.h"

/* What a tracer can know, besides what all do. Where it cannot, `unknown` or null is expected, and nothing else will do. */
struct knowledge {
	bool accept;          /* who accepted a connection: backend fentry */
	bool fin_wait2_reset; /* which side's RST ended a FIN_WAIT2: backend fentry, or tcp_send_reset telling of TIME_WAITs (6.10) */
};

/*
 * Everything a scenario expects, key by key, with the processes, ports and addresses there were. NULL: the scenario's text is
 * malformed. The caller owns the result.
 */
json_t *expect_all(const char *events, const struct stage *st, const struct knowledge *k);
/* Each expectation must find its event, and no event may be left over. late_ns: how late an event may be, on top. */
void expect_compare(const json_t *expected, const json_t *events, long long late_ns, struct complaint *c);
/*
 * What must hold between any list of a namespace's events and the counters of that namespace; `list` may as well be what is
 * expected, and then says whether the expectations can be right at all.
 */
void expect_referee(const json_t *list, const struct counters *moved, struct complaint *c);

#endif
