/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* symbols.h: where kernel functions are, by /proc/kallsyms. */
#ifndef TWTRACE_SYMBOLS_H
#define TWTRACE_SYMBOLS_H

#include <stddef.h>
#include <linux/types.h>

struct symbol {
	const char *name;
	__u64 address; /* 0: not found, or hidden */
	int state;     /* 1 found, 0 this kernel has none of that name, -EPERM its address is hidden (kernel.kptr_restrict) */
};

/*
 * Looks up the names of all n symbols in one pass, which ends with the last of them: the kernel writes some hundred thousand lines,
 * and takes longer for that than for anything else at start-up. 0, or -errno: the file cannot be read.
 */
int symbols_find(struct symbol *symbols, size_t n);
/* The same from a descriptor; what symbols_find() does with that file's. */
int symbols_read(int fd, struct symbol *symbols, size_t n);

#endif
