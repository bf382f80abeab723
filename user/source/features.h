/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* features.h: what this kernel offers, and what twtrace would use of it. Asked before anything is loaded. */
#ifndef TWTRACE_FEATURES_H
#define TWTRACE_FEATURES_H

#include <stdbool.h>
#include <stddef.h>

#include "source/tracer.h"

struct feature {
	const char *name;
	int state;          /* 1 there, 0 not there, <0 not known: -errno */
	const char *detail; /* what it is for */
	const char *since;  /* kernel version, and commit where one decides */
};

/* The list lives as long as the program. Returns 0 or -errno. */
int features_list(const struct feature **out, size_t *n);
/* Which backend `auto` takes here: its name, and in *why one clause that says why. NULL if none can run. */
const char *features_backend(const char **why);

/* What tracer_new() cannot do without. 0, or -EPERM, -ENOTSUP, -EINVAL with one line said. */
int features_require(enum backend backend);
/* Whether the kernel's BTF has a struct of this name. */
bool features_has_type(const char *name);
/* Whether tcp_send_reset fires for inet_timewait_socks: since 6.10, which also gave it a third argument. */
bool features_send_reset_has_tw(void);

#endif
