/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* json_part.h: what the JSON lines have in common, whatever their type. */
#ifndef TWTRACE_JSON_PART_H
#define TWTRACE_JSON_PART_H

#include "event.h"
#include "json.h"

enum { JSON_SCHEMA = 1 };

/* Begins a line: v, type, ts. unix_ns: ns since 1970. */
void json_lines_begin(struct json *j, const char *type, __u64 unix_ns);
/* A number of which 0 means unknown. */
void json_id(struct json *j, const char *key, __u64 id);
/* UNKNOWN_NS becomes null. */
void json_duration(struct json *j, const char *key, __u64 ns);
/* process: NULL or pid 0 if unknown. */
void json_process(struct json *j, const char *pid_key, const char *comm_key, const struct process *process);

#endif
