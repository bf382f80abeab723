/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* tracer.h: twtrace as a user runs it: a process with its output in files. */
#ifndef LIVE_TRACER_H
#define LIVE_TRACER_H

#include <jansson.h>
#include <stdbool.h>
#include <sys/types.h>

#include "complaint.h"

struct tracer {
	pid_t pid;
	char dir[64], out[80], err[80]; /* a directory of its own, stdout, stderr */
};

/*
 * Start `program events --json` and wait until it says that it is ready. false, with the reason, and nothing left running.
 * backend NULL: its own choice; otherwise it is also in the environment as BACKEND.
 */
bool tracer_start(struct tracer *t, const char *program, const char *backend, struct complaint *c);
/* SIGINT, then wait for it. It must exit with 0. */
void tracer_stop(struct tracer *t, struct complaint *c);
/*
 * Every line so far as a JSON array; a line that is none of schema version 1 is complained about (c NULL: left out). A last
 * line without its newline is still being written.
 */
json_t *tracer_lines(const struct tracer *t, struct complaint *c);
/* Delete the output files. */
void tracer_forget(const struct tracer *t);

#endif
