/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* schema.h: the keys of the JSON lines (view/json_lines.h) for their reader: what value each has, which types of line need it. */
#ifndef TWTRACE_SCHEMA_H
#define TWTRACE_SCHEMA_H

#include "event.h"

enum { SCHEMA_VERSION = 1, SCHEMA_KEY_MAX = 40 };

/* Types of line that are no events, behind those that are. */
enum { TYPE_SUMMARY = EVENT_TYPE_MAX, TYPE_OTHER, TYPE_MAX };

enum value_is {
	VALUE_NUMBER,
	VALUE_ID,       /* number; null is 0 */
	VALUE_DURATION, /* number; null is UNKNOWN_NS */
	VALUE_WORD,     /* one of the names of an enum */
	VALUE_WORD_OR_NONE,
	VALUE_TYPE,
	VALUE_FLAG,
	VALUE_ADDRESS, /* the number is the family */
	VALUE_TIME,
	VALUE_COMM,
	VALUE_ERROR,
	VALUE_TEXT,
	VALUE_COUNT, /* number; null is unknown */
};

/* Keys of events, then those of the summary that have no table of names. */
enum {
	K_V,
	K_TYPE,
	K_TS,
	K_FAMILY,
	K_LADDR,
	K_LPORT,
	K_RADDR,
	K_RPORT,
	K_NETNS,
	K_CGROUP,
	K_ROLE,
	K_PID,
	K_COMM,
	K_OWNER_SOURCE,
	K_OPENER_PID,
	K_OPENER_COMM,
	K_CLOSER_PID,
	K_CLOSER_COMM,
	K_CLOSER,
	K_HOW,
	K_CAUSE,
	K_PREEXISTING,
	K_LIFETIME,
	K_CLOSING,
	K_CLOSE_WAIT,
	K_FIN_WAIT2,
	K_TX_BYTES,
	K_RX_BYTES,
	K_RETRANS,
	K_TIMEWAIT,
	K_ERROR,
	K_TIME_WAIT,
	K_END,
	K_RESTARTS,
	K_REASON,
	K_DURATION,
	K_BACKEND,
	K_BACKEND_WHY,
	K_KERNEL,
	K_PRESENT,
	K_OPENED,
	K_CLOSED,
	K_OPEN,
	K_TW_PRESENT,
	K_TW_BEGUN,
	K_TW_ENDED,
	K_TW_NOW,
	K_TW_SKIPPED,
	K_FIN_WAIT2_PRESENT,
	K_FIN_WAIT2_BEGUN,
	K_FIN_WAIT2_TURNED,
	K_FIN_WAIT2_ENDED,
	K_FIN_WAIT2_NOW,
	K_CONNECT_FAILED,
	K_LOST,
	K_MISSED,
	K_PARTS, /* the first of those that have */
	K_MAX = K_PARTS + CLOSER_MAX * HOW_MAX + 2 * END_MAX + REASON_MAX + LOST_MAX,
};

struct key {
	char name[SCHEMA_KEY_MAX];
	unsigned char value; /* enum value_is */
	unsigned types;      /* bits: the types of line that must have it */
	__u64 max;           /* the largest number; how many words there are */
	const char *(*word)(unsigned);
};

/* The keys of the summary's parts are made of the names of what they count. */
void schema_keys(struct key keys[K_MAX]);

/* Where the keys of an array of counts begin; they are in the order of its enum. */
enum {
	K_CLOSED_PARTS = K_PARTS, /* [CLOSER_MAX][HOW_MAX] */
	K_TW_END_PARTS = K_CLOSED_PARTS + CLOSER_MAX * HOW_MAX,
	K_FIN_WAIT2_END_PARTS = K_TW_END_PARTS + END_MAX,
	K_FAILED_PARTS = K_FIN_WAIT2_END_PARTS + END_MAX,
	K_LOST_PARTS = K_FAILED_PARTS + REASON_MAX,
};

#endif
