/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* sysctls.h: the settings of network namespaces, as /proc/sys shows them to who is inside. */
#ifndef TWTRACE_SOURCE_SYSCTLS_H
#define TWTRACE_SOURCE_SYSCTLS_H

#include "model/sysctls.h"

/*
 * Of every namespace that a process is in or that has a name under /run/netns, in order of netns; *all is freed with free(3).
 * What one cannot have, or shows no number, is left unknown: no error. -ENOMEM, -EPERM; nothing said.
 */
int sysctls_read(struct sysctls **all, size_t *n);

#endif
