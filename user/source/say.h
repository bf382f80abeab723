/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* say.h: one clear line on stderr. */
#ifndef TWTRACE_SAY_H
#define TWTRACE_SAY_H

/* Writes "twtrace: " and the line; returns err, so that a failure is said and handed on in one statement. */
int say_err(int err, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
