/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * names.h: the word for every enumerator of event.h, the same in text, in JSON and in recordings.
 *
 * Values arrive as numbers from the kernel or from a file: one that has no word reads "unknown". Never NULL, never freed.
 */
#ifndef TWTRACE_NAMES_H
#define TWTRACE_NAMES_H

const char *event_type_name(unsigned type);
const char *role_name(unsigned role);
const char *closer_name(unsigned closer);
const char *how_name(unsigned how);
const char *cause_name(unsigned cause);
const char *owner_source_name(unsigned source);
const char *timewait_name(unsigned timewait);
const char *end_name(unsigned end);
const char *reason_name(unsigned reason);
const char *lost_name(unsigned kind);

/* ECONNRESET for 104; "unknown" for a number that libc has no name for. */
const char *errno_name(unsigned error);

#endif
