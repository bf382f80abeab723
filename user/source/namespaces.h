/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* namespaces.h: open and go through network namespaces. Errors: -errno, nothing said. */
#ifndef TWTRACE_NAMESPACES_H
#define TWTRACE_NAMESPACES_H

#include <linux/types.h>

/*
 * A descriptor of the network namespace that path is the file of, and its inode number; never waits, whatever path is. -EINVAL: it
 * is something else; others as open(2).
 */
int namespace_open(const char *path, __u32 *inode);

/* Called inside the namespace. 0, or -errno, which ends the tour. */
typedef int (*namespace_fn)(__u32 netns, void *ctx);

/*
 * Once in every network namespace that a process is in or that has a name under /run/netns, and back home. One that vanishes
 * meanwhile is left out.
 */
int namespaces_visit(namespace_fn fn, void *ctx);

#endif
