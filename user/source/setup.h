/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * setup.h: the way from nothing to every hook attached; tracer_new() is what to call. Not for other rooms.
 *
 * Functions return 0 or -errno, and a failed one has said one line on stderr. What they leave half done tracer_free() takes down.
 */
#ifndef TWTRACE_SETUP_H
#define TWTRACE_SETUP_H

#include "source/pool.h"
#include "source/tracer.h"

struct tracer {
	struct tracer_bpf *skel;
	struct ring_buffer *ring;
	struct counters *percpu; /* room for one look-up of the totals */
	int ncpus;
	enum backend backend;
	const char *why;
	bool refused; /* the kernel would not have the backend's programs */
	bool attached;
	bool can_walk;
	__u64 since; /* CLOCK_MONOTONIC: every hook is on */
	__u64 next_settle; /* CLOCK_MONOTONIC */
	__u64 next_tend;   /* ... of the pool */
	struct pool pool;  /* of TIME_WAITs' records */
	bool untracked;    /* the last walk found inet_timewait_socks without a record */
	tracer_event_fn fn;
	void *ctx;
	int delivered;
};

struct counters {
	struct totals t[TOTALS_MAX];
};

/* Whether what libbpf says goes to stderr or nowhere. The first thing to do. */
void setup_verbose(bool verbose);
/* Needs t->backend. Chooses and sizes the programs and maps. */
int setup_open(struct tracer *t, const struct tracer_options *opts);
/* Loads them; nothing runs yet. */
int setup_load(struct tracer *t);
int setup_attach(struct tracer *t);
/* What was there before the hooks; they are on. */
int setup_seed(struct tracer *t);

#endif
