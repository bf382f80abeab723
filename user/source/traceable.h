/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* traceable.h: does the kernel let a function be traced? Only trying tells: load and attach may each be refused. */
#ifndef TWTRACE_TRACEABLE_H
#define TWTRACE_TRACEABLE_H

#include <bpf/btf.h>

/*
 * 1: a program was attached to it, and is off again; 0: bpf/probe.bpf.c has none for it, or btf (the kernel's) does not have the
 * function; -errno: the kernel refuses. All functions are tried at the first call.
 */
int traceable(const struct btf *btf, const char *function);

#endif
