/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * meaning.h: what an event means: whom it is accounted to, who opened the connection, which endpoint it belongs to.
 *
 * Pure functions of one event. Pointers they return point into that event and live as long as it does.
 */
#ifndef TWTRACE_MEANING_H
#define TWTRACE_MEANING_H

#include <stdbool.h>

#include "event.h"

/*
 * Whom something is counted for. Client and unknown role: the remote address and port. Server: the remote address and our
 * own port, as the remote one is ephemeral.
 */
struct endpoint {
	__u8 addr[16]; /* as in struct event */
	__u16 port;    /* host byte order */
	__u8 family;   /* 4 or 6 */
	__u8 role;     /* enum role: says whose port it is */
};

/* Is every field in range, and of the version that this program knows? The functions below, and the views, rely on it. */
bool event_valid(const struct event *e);

/* The process the event is accounted to: the closer process if we ended it (or both did), else, or if that is unknown, the
 * owner. Never NULL; pid 0 says unknown. */
const struct process *event_process(const struct event *e);

/* The process that called connect() or accept(); NULL if nobody saw it do so. */
const struct process *event_opener(const struct event *e);

/* The process in whose context our FIN or RST was decided; NULL if unknown. */
const struct process *event_closer(const struct event *e);

static inline bool event_preexisting(const struct event *e)
{
	return e->flags & EVENT_PREEXISTING;
}

/*
 * May this event's TIME_WAIT be older than the tracer? An older connection has a closer process if its TIME_WAIT began under our
 * eyes; but for orphans, of which the question stays open, and which are taken for older both when they close and when they end.
 */
static inline bool event_tw_older(const struct event *e)
{
	return event_preexisting(e) && !e->closer_process.pid;
}

void event_endpoint(const struct event *e, struct endpoint *out);

/* 127.0.0.0/8, ::1. family: 4 or 6 */
bool address_is_loopback(unsigned family, const __u8 addr[16]);

#endif
