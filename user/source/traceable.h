/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* traceable.h: does the kernel let a function be traced? Only trying tells: load and attach may each be refused. */
#ifndef TWTRACE_TRACEABLE_H
#define TWTRACE_TRACEABLE_H

#include <stdbool.h>
#include <bpf/btf.h>

/*
 * 1: it can; 0: bpf/probe.bpf.c has no program for it, or btf (the kernel's) does not have the function; -errno: the kernel
 * refuses. All functions are tried at the first call: loaded, and if `attach` says so attached as well, which is the whole truth.
 * But taking them off again may take the kernel a tenth of a second each (ftrace_shutdown() waits for all tasks).
 */
int traceable(const struct btf *btf, const char *function, bool attach);

#endif
