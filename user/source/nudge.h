/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * nudge.h: bring about a timer event on a CPU that has none of its own.
 *
 * The timer backend leaves the end of a TIME_WAIT in limbo until the next timer event on the same CPU (bpf/timer_backend.h).
 * An idle CPU may have none for long. A receive with a timeout starts a timer_list on the CPU it sleeps on.
 */
#ifndef TWTRACE_NUDGE_H
#define TWTRACE_NUDGE_H

#include <stddef.h>

/* For every CPU whose slot in the per-CPU map (value_size bytes, last eight: in use or not) is in use. Best effort. */
void nudge_cpus(int limbo_fd, size_t value_size, int ncpus);

#endif
