/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * summary.h: the whole run in numbers, from the kernel's totals, which count everything, also what got lost on the way.
 */
#ifndef TWTRACE_SUMMARY_H
#define TWTRACE_SUMMARY_H

#include <stdbool.h>

#include "event.h"

/* What is in place at the end, as counted by walking the records. TIME_WAIT and FIN_WAIT2 count what the filter let through. */
struct in_place {
	__u64 open, time_wait, fin_wait2;
};

/* About the run. Strings are borrowed. */
struct run {
	__u64 ts;          /* CLOCK_MONOTONIC ns, the end of the run */
	__u64 duration_ns; /* since every hook was on */
	const char *backend;
	const char *backend_why; /* one clause */
	const char *kernel;      /* its release */
	bool filtered;           /* a filter is active in the kernel */
	/*
	 * Runs of our programs that BPF left out, as they interrupted themselves (bpf_prog_info.recursion_misses, 5.12
	 * 9ed9e9ba2337). What they would have seen is made up for, but for durations: no loss, but a sign of load.
	 */
	bool known_missed;
	__u64 missed;
};

struct summary {
	struct run run;
	/*
	 * Of the host, or of what the filter let through; lost always of the host: what was lost was not looked at. A filter
	 * decides when a connection ends, so with one present, opened and open say nothing (known_open is false).
	 */
	struct totals totals;
	bool known_open;
	__u64 open, tw_now, fin_wait2_now;
	__u64 host_ends; /* of the whole host, as lost is: closes, ends of TIME_WAIT and failed connects; 0: unknown */
	/* sums over the arrays in totals */
	__u64 closed, closed_by[CLOSER_MAX], tw_ended, fin_wait2_ended, connect_failed, lost;
};

/*
 * How far the three identities are from holding (0: they hold). Not quite zero may also be a busy host: counters and records
 * are not read at one instant. With a filter connections is 0, as there is nothing to compare.
 */
struct imbalance {
	__s64 connections; /* present + opened - closed - open */
	__s64 time_wait;   /* tw_present + tw_begun - tw_ended - tw_now */
	__s64 fin_wait2;   /* the same, less fin_wait2_turned */
};

/* in_place: NULL where the records cannot be walked; what is in place then follows from the identities, which say nothing any more.
 */
void summary_make(struct summary *s, const struct run *run, const struct totals totals[TOTALS_MAX], const struct in_place *in_place);
/* Adds another run: numbers and durations add up, ts is the later one's. What is known only of one of them is unknown of both. */
void summary_add(struct summary *s, const struct summary *other);
void summary_imbalance(const struct summary *s, struct imbalance *out);

#endif
