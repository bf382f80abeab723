/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * tracer.h: events from the running kernel. The only room that knows libbpf.
 *
 * Errors: functions return 0 or -errno, and a failed one has already said one clear line on stderr.
 */
#ifndef TWTRACE_TRACER_H
#define TWTRACE_TRACER_H

#include <stdbool.h>
#include <stddef.h>

#include "event.h"
#include "model/filter.h"
#include "model/live_socket.h"

enum backend { BACKEND_AUTO, BACKEND_FENTRY, BACKEND_TIMER };

struct tracer_options {
	enum backend backend;
	size_t ring_bytes;        /* 0: default; a power of two and a multiple of the page size */
	unsigned max_connections; /* 0: default; most connections, and as many TIME_WAITs, to keep a record of */
	bool verbose;             /* pass on what libbpf says, to stderr */
	bool sockets;             /* tracer_sockets() will be called: load what it takes */
	struct filter filter;
};

/* What is in place now, counted by walking the records. */
struct tracer_now {
	__u64 open;      /* connections */
	__u64 time_wait; /* inet_timewait_socks in TIME_WAIT */
	__u64 fin_wait2; /* inet_timewait_socks still in FIN_WAIT2 */
};

struct tracer;

typedef void (*tracer_event_fn)(const struct event *e, void *ctx);

/*
 * Load, attach, then register what already exists. On return every hook is on. *out is untouched on failure.
 * -EPERM: lacks privilege; -ENOTSUP: the kernel lacks something twtrace cannot do without; others as the kernel said.
 */
int tracer_new(struct tracer **out, const struct tracer_options *opts);
/* Detaches everything. NULL is fine. */
void tracer_free(struct tracer *t);

/* A descriptor that becomes readable when the ring buffer fills up; poll it, but call tracer_read() at least every 100 ms as
 * well. */
int tracer_fd(const struct tracer *t);
/* Hand every event there is to fn; returns how many, or -errno. */
int tracer_read(struct tracer *t, tracer_event_fn fn, void *ctx);
/* Let the kernel finish what it holds back: ends and owners not yet decided. tracer_read() does so by itself once a second. */
int tracer_settle(struct tracer *t);
/* Settle, then detach every hook; what is left can be read and counted, and the identities of struct totals hold exactly. */
int tracer_stop(struct tracer *t);
/* Count what is there, and bring totals that depend on it up to date. A walk over all records: once a refresh, not once an event.
 */
int tracer_count(struct tracer *t, struct tracer_now *now);
int tracer_totals(const struct tracer *t, struct totals totals[TOTALS_MAX]);
/* How often a hook was left out since its program was busy on that CPU: see struct run. -ENOTSUP: this kernel does not count it. */
int tracer_missed(const struct tracer *t, __u64 *missed);

/* 0, or -errno, which ends the walk. */
typedef int (*socket_fn)(const struct live_socket *s, void *ctx);

/*
 * Hands on every TCP socket there is, those as well that the filter hides: in every network namespace that a process is in or that
 * has a name under /run/netns. Not one instant: sockets come and go meanwhile. Before tracer_stop() only, as records go stale then, and with
 * tracer_options.sockets only.
 * -ENOTSUP: this kernel cannot list sockets (before 5.9). What fn returned is handed on, and nothing said of it.
 */
int tracer_sockets(struct tracer *t, socket_fn fn, void *ctx);

const char *backend_name(enum backend backend); /* "auto", "fentry", "timer" */
const char *tracer_backend_name(const struct tracer *t);
const char *tracer_backend_why(const struct tracer *t); /* one clause: why this one was chosen */

#endif
