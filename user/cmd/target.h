/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* target.h: do the process and the network namespace that the user named exist here? */
#ifndef TWTRACE_TARGET_H
#define TWTRACE_TARGET_H

#include <linux/types.h>

/* The process (thread group) that pid belongs to, into *tgid: pid itself unless it is a thread's. -ESRCH: there is none. */
int target_process(__u32 pid, __u32 *tgid);

/*
 * The inode number of a network namespace, given as that number, as "self", as a name under /run/netns or as a path (anything
 * with a slash). -ENOENT and others as open(2) says; -EINVAL: it is there, but is no network namespace.
 */
int target_netns(const char *name, __u32 *inode);

#endif
