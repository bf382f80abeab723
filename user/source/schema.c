/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* schema.c: see schema.h. */
#include "schema.h"

#include <assert.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "model/names.h"

enum {
	CLOSES = 1 << EVENT_CLOSE,
	TIMEWAITS = 1 << EVENT_TIMEWAIT,
	FAILURES = 1 << EVENT_CONNECT_FAILED,
	SUMMARIES = 1 << TYPE_SUMMARY,
	EVENTS = CLOSES | TIMEWAITS | FAILURES,
	ALL = EVENTS | SUMMARIES,
};

static const struct key fixed_keys[K_PARTS] = {
	[K_V] = {"v", VALUE_NUMBER, ALL, ~0ULL, NULL},
	[K_TYPE] = {"type", VALUE_TYPE, ALL, EVENT_TYPE_MAX, event_type_name},
	[K_TS] = {"ts", VALUE_TIME, ALL, 0, NULL},
	[K_FAMILY] = {"family", VALUE_NUMBER, EVENTS, 6, NULL},
	[K_LADDR] = {"laddr", VALUE_ADDRESS, EVENTS, 0, NULL},
	[K_LPORT] = {"lport", VALUE_NUMBER, EVENTS, USHRT_MAX, NULL},
	[K_RADDR] = {"raddr", VALUE_ADDRESS, EVENTS, 0, NULL},
	[K_RPORT] = {"rport", VALUE_NUMBER, EVENTS, USHRT_MAX, NULL},
	[K_NETNS] = {"netns", VALUE_ID, EVENTS, UINT_MAX, NULL},
	[K_CGROUP] = {"cgroup", VALUE_ID, EVENTS, ~0ULL, NULL},
	[K_ROLE] = {"role", VALUE_WORD, EVENTS, ROLE_MAX, role_name},
	[K_PID] = {"pid", VALUE_ID, EVENTS, UINT_MAX, NULL},
	[K_COMM] = {"comm", VALUE_COMM, EVENTS, 0, NULL},
	[K_OWNER_SOURCE] = {"owner_source", VALUE_WORD, EVENTS, OWNER_SOURCE_MAX, owner_source_name},
	[K_OPENER_PID] = {"opener_pid", VALUE_ID, EVENTS, UINT_MAX, NULL},
	[K_OPENER_COMM] = {"opener_comm", VALUE_COMM, EVENTS, 0, NULL},
	[K_CLOSER_PID] = {"closer_pid", VALUE_ID, EVENTS, UINT_MAX, NULL},
	[K_CLOSER_COMM] = {"closer_comm", VALUE_COMM, EVENTS, 0, NULL},
	[K_CLOSER] = {"closer", VALUE_WORD, EVENTS, CLOSER_MAX, closer_name},
	[K_HOW] = {"how", VALUE_WORD, EVENTS, HOW_MAX, how_name},
	[K_CAUSE] = {"cause", VALUE_WORD_OR_NONE, EVENTS, CAUSE_MAX, cause_name},
	[K_PREEXISTING] = {"preexisting", VALUE_FLAG, EVENTS, 0, NULL},
	[K_LIFETIME] = {"lifetime_ns", VALUE_DURATION, CLOSES, ~0ULL, NULL},
	[K_CLOSING] = {"closing_ns", VALUE_DURATION, CLOSES, ~0ULL, NULL},
	[K_CLOSE_WAIT] = {"close_wait_ns", VALUE_DURATION, CLOSES, ~0ULL, NULL},
	[K_FIN_WAIT2] = {"fin_wait2_ns", VALUE_DURATION, CLOSES | TIMEWAITS, ~0ULL, NULL},
	[K_TX_BYTES] = {"tx_bytes", VALUE_NUMBER, CLOSES, ~0ULL, NULL},
	[K_RX_BYTES] = {"rx_bytes", VALUE_NUMBER, CLOSES, ~0ULL, NULL},
	[K_RETRANS] = {"retrans", VALUE_NUMBER, CLOSES, UINT_MAX, NULL},
	[K_TIMEWAIT] = {"timewait", VALUE_WORD, CLOSES, TIMEWAIT_MAX, timewait_name},
	[K_ERROR] = {"error", VALUE_ERROR, CLOSES | FAILURES, 0, NULL},
	[K_TIME_WAIT] = {"time_wait_ns", VALUE_DURATION, TIMEWAITS, ~0ULL, NULL},
	[K_END] = {"end", VALUE_WORD, TIMEWAITS, END_MAX, end_name},
	[K_RESTARTS] = {"restarts", VALUE_NUMBER, TIMEWAITS, UINT_MAX, NULL},
	[K_REASON] = {"reason", VALUE_WORD, FAILURES, REASON_MAX, reason_name},
	[K_DURATION] = {"duration_ns", VALUE_DURATION, FAILURES | SUMMARIES, ~0ULL, NULL},
	[K_BACKEND] = {"backend", VALUE_TEXT, SUMMARIES, 0, NULL},
	[K_BACKEND_WHY] = {"backend_why", VALUE_TEXT, SUMMARIES, 0, NULL},
	[K_KERNEL] = {"kernel", VALUE_TEXT, SUMMARIES, 0, NULL},
	[K_PRESENT] = {"present", VALUE_COUNT, SUMMARIES, ~0ULL, NULL},
	[K_OPENED] = {"opened", VALUE_COUNT, SUMMARIES, ~0ULL, NULL},
	[K_CLOSED] = {"closed", VALUE_NUMBER, SUMMARIES, ~0ULL, NULL},
	[K_OPEN] = {"open", VALUE_COUNT, SUMMARIES, ~0ULL, NULL},
	[K_TW_PRESENT] = {"tw_present", VALUE_NUMBER, SUMMARIES, ~0ULL, NULL},
	[K_TW_BEGUN] = {"tw_begun", VALUE_NUMBER, SUMMARIES, ~0ULL, NULL},
	[K_TW_ENDED] = {"tw_ended", VALUE_NUMBER, SUMMARIES, ~0ULL, NULL},
	[K_TW_NOW] = {"tw_now", VALUE_NUMBER, SUMMARIES, ~0ULL, NULL},
	[K_TW_SKIPPED] = {"tw_skipped", VALUE_NUMBER, SUMMARIES, ~0ULL, NULL},
	[K_FIN_WAIT2_PRESENT] = {"fin_wait2_present", VALUE_NUMBER, SUMMARIES, ~0ULL, NULL},
	[K_FIN_WAIT2_BEGUN] = {"fin_wait2_begun", VALUE_NUMBER, SUMMARIES, ~0ULL, NULL},
	[K_FIN_WAIT2_TURNED] = {"fin_wait2_turned", VALUE_NUMBER, SUMMARIES, ~0ULL, NULL},
	[K_FIN_WAIT2_ENDED] = {"fin_wait2_ended", VALUE_NUMBER, SUMMARIES, ~0ULL, NULL},
	[K_FIN_WAIT2_NOW] = {"fin_wait2_now", VALUE_NUMBER, SUMMARIES, ~0ULL, NULL},
	[K_CONNECT_FAILED] = {"connect_failed", VALUE_NUMBER, SUMMARIES, ~0ULL, NULL},
	[K_LOST] = {"lost", VALUE_NUMBER, SUMMARIES, ~0ULL, NULL},
	[K_MISSED] = {"missed", VALUE_COUNT, SUMMARIES, ~0ULL, NULL},
};

static_assert(K_LOST_PARTS + LOST_MAX == K_MAX, "a key for every part");

static void parts(struct key *keys, const char *prefix, unsigned n, const char *(*name)(unsigned))
{
	for (unsigned i = 0; i < n; i++) {
		keys[i] = (struct key){.value = VALUE_NUMBER, .max = ~0ULL};
		snprintf(keys[i].name, sizeof(keys[i].name), "%s%s", prefix, name(i));
	}
}

void schema_keys(struct key keys[K_MAX])
{
	memcpy(keys, fixed_keys, sizeof(fixed_keys));
	for (unsigned closer = 0; closer < CLOSER_MAX; closer++) {
		char prefix[24];

		snprintf(prefix, sizeof(prefix), "closed_%s_", closer_name(closer));
		parts(&keys[K_CLOSED_PARTS + closer * HOW_MAX], prefix, HOW_MAX, how_name);
	}
	parts(&keys[K_TW_END_PARTS], "tw_end_", END_MAX, end_name);
	parts(&keys[K_FIN_WAIT2_END_PARTS], "fin_wait2_end_", END_MAX, end_name);
	parts(&keys[K_FAILED_PARTS], "connect_failed_", REASON_MAX, reason_name);
	parts(&keys[K_LOST_PARTS], "lost_", LOST_MAX, lost_name);
}
