/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* sysctl_files.h: what the files that are read at boot set of TCP (net.ipv4.tcp_*). */
#ifndef TWTRACE_SYSCTL_FILES_H
#define TWTRACE_SYSCTL_FILES_H

#include <stddef.h>

#include "model/sysctl_settings.h"

/*
 * Those of /etc/sysctl.conf and of the *.conf in the directories of sysctl.d(5), each file once; as there, a file hides those of
 * the same name in directories further down. root: put before each path; "" for this host. *out is freed with free(3), and not
 * NULL even if *n is 0. A file that cannot be read has no settings. -ENOMEM; nothing said.
 */
int sysctl_files_read(struct sysctl_setting **out, size_t *n, const char *root);

#endif
