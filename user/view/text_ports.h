/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* text_ports.h: the port budget for people. Writes to a stream; its errors are those of the stream. */
#ifndef TWTRACE_TEXT_PORTS_H
#define TWTRACE_TEXT_PORTS_H

#include <stdio.h>

#include "model/port_budget.h"

/*
 * What bears on it in each network namespace there is a row of, then the rows, then the processes whose connect() found no port. n pairs; most: rows at most, 0: all.
 * settings: nsettings in order of netns. 0 or -ENOMEM.
 */
int text_ports(FILE *out, const struct port_pair *const *pairs, size_t n, size_t most, const struct sysctls *settings,
	       size_t nsettings);

#endif
