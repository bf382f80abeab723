/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* features.h: what this kernel offers, and what twtrace would use of it. Asked before anything is loaded. */
#ifndef TWTRACE_FEATURES_H
#define TWTRACE_FEATURES_H

#include <stdbool.h>
#include <stddef.h>

#include "source/tracer.h"

enum feature_id {
	FEATURE_CAPABILITIES,
	FEATURE_BTF,
	FEATURE_RINGBUF,
	FEATURE_SET_STATE,
	FEATURE_DESTROY_SOCK,
	FEATURE_SEND_RESET,
	FEATURE_SEND_RESET_TW,
	FEATURE_TIMER_TRACEPOINTS,
	FEATURE_TW_TIMER_HANDLER,
	FEATURE_REQSK_TIMER_HANDLER,
	FEATURE_RDONLY_CAST,
	FEATURE_PREEMPTIBLE,
	FEATURE_FENTRY,
	FEATURE_TRACE_HASHDANCE,
	FEATURE_TRACE_SCHEDULE,
	FEATURE_TRACE_KILL,
	FEATURE_TRACE_TIMER_HANDLER,
	FEATURE_TRACE_STATE_PROCESS,
	FEATURE_TRACE_UNIQUE,
	FEATURE_TRACE_ABORT,
	FEATURE_TRACE_ALLOC,
	FEATURE_TRACE_ACCEPT,
	FEATURE_ITER_TASK_FILE,
	FEATURE_ITER_TCP,
	FEATURE_ITER_MAP_ELEM,
	FEATURE_MAX,
};

struct feature {
	const char *name;
	int state;          /* 1 there, 0 not there, <0 not known: -errno */
	const char *detail; /* what it is for */
	const char *since;  /* kernel version, and commit where one decides */
};

/* All of them. The list lives as long as the program. Returns 0 or -errno. */
int features_list(const struct feature **out, size_t *n);
/* One of them, asked only if it has not been. */
bool features_has(enum feature_id id);
/*
 * Which backend to take here if `asked` is what the user said, and in *why one clause that says why. BACKEND_AUTO: it cannot run,
 * or none can; *why says what is missing.
 */
enum backend features_backend(enum backend asked, const char **why);
/* Where the timer handlers of inet_timewait_socks and request_socks are; 0: not known (FEATURE_TW_TIMER_HANDLER says why). */
__u64 features_tw_handler(void);
__u64 features_reqsk_handler(void);
#define NO_TW_HANDLER "the address of tw_timer_handler is not in /proc/kallsyms: see kernel.kptr_restrict"
/* How many parameters a kernel function has here; 0: there is no such function. */
unsigned features_parameters(const char *function);
/* What tracer_new() cannot do without, whatever the backend. 0, or -EPERM, -ENOTSUP with one line said. */
int features_require(void);
/* Forget the kernel's BTF, some megabytes. Asking again loads it again. */
void features_release(void);

#endif
