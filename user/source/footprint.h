/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* footprint.h: what tracing takes of the kernel: memory, and the verifier's work at the start. */
#ifndef TWTRACE_FOOTPRINT_H
#define TWTRACE_FOOTPRINT_H

#include "source/tracer.h"

/* Bytes, but for `verified`. */
struct footprint {
	__u64 ring;           /* the ring buffer */
	__u64 tables;         /* all else that is there from the start */
	__u64 per_connection; /* for each one open beyond those the small table holds */
	__u64 per_time_wait;
	__u64 verified; /* instructions that the verifier walks at each start; 0: it does not say */
};

/* Loads the programs and maps and takes them down again; attaches nothing. 0, or -errno after one line on stderr. */
int footprint_measure(struct footprint *f, enum backend backend, const struct tracer_options *opts);

#endif
