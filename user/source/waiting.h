/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * waiting.h: what the user is kept waiting for, on stderr, once it takes longer than a second. A line for each phase, and none at
 * all where it is fast, as it mostly is.
 */
#ifndef TWTRACE_WAITING_H
#define TWTRACE_WAITING_H

void waiting_begin(void);
/* From now on: "the kernel to verify 12 BPF programs". Nothing is ever said of it outside of waiting_begin() and waiting_end(). */
void waiting_for(const char *format, ...) __attribute__((format(printf, 1, 2)));
void waiting_end(void);

#endif
