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
	FEATURE_PREEMPTIBLE_TRACEPOINTS,
	FEATURE_RDONLY_CAST,
	FEATURE_FENTRY,
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
/* Which backend `auto` takes here: its name, and in *why one clause that says why. NULL if none can run. */
const char *features_backend(const char **why);
/* What tracer_new() cannot do without. 0, or -EPERM, -ENOTSUP with one line said. */
int features_require(enum backend backend);
/* Forget the kernel's BTF, some megabytes. Asking again loads it again. */
void features_release(void);

#endif
