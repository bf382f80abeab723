/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* json_part.c: see json_part.h. */
#include "json_part.h"

#include <string.h>

void json_lines_begin(struct json *j, const char *type, __u64 unix_ns)
{
	json_begin(j);
	json_u64(j, "v", JSON_SCHEMA);
	json_word(j, "type", type);
	json_time(j, "ts", unix_ns);
}

void json_id(struct json *j, const char *key, __u64 id)
{
	if (id)
		json_u64(j, key, id);
	else
		json_null(j, key);
}

void json_duration(struct json *j, const char *key, __u64 ns)
{
	if (ns == UNKNOWN_NS)
		json_null(j, key);
	else
		json_u64(j, key, ns);
}

void json_process(struct json *j, const char *pid_key, const char *comm_key, const struct process *process)
{
	if (!process || !process->pid) {
		json_null(j, pid_key);
		json_null(j, comm_key);
		return;
	}
	json_u64(j, pid_key, process->pid);
	json_string(j, comm_key, process->comm, strnlen(process->comm, sizeof(process->comm)));
}
