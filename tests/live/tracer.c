/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* tracer.c: starts twtrace, stops it, reads what it wrote. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "patience.h"
#include "schema.h"
#include "tracer.h"

enum { LOOK_MS = 10, LINE_ROOM = 512 };

static void run(const struct tracer *t, const char *program, const char *backend)
{
	int out = open(t->out, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	int err = open(t->err, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (dup2(out, STDOUT_FILENO) < 0 || dup2(err, STDERR_FILENO) < 0)
		_exit(127);
	if (backend) {
		setenv("BACKEND", backend, 1);
		execl(program, program, "events", "--json", "--backend", backend, (char *)NULL);
	} else {
		execl(program, program, "events", "--json", (char *)NULL);
	}
	dprintf(STDERR_FILENO, "%s: %s\n", program, strerror(errno));
	_exit(127);
}

/* Whether stderr has a line that begins so; the first line is copied out in any case. */
static bool has_said(const struct tracer *t, const char *words, char first[LINE_ROOM])
{
	FILE *f = fopen(t->err, "re");
	char line[LINE_ROOM];
	bool said = false;

	*first = '\0';
	while (f && !said && fgets(line, sizeof(line), f)) {
		line[strcspn(line, "\n")] = '\0';
		if (!*first)
			strcpy(first, line);
		said = !strncmp(line, words, strlen(words));
	}
	if (f)
		fclose(f);
	return said;
}

/* Wait for its end; the exit code, 128 + signal, or -1 if it does not come. */
static int await_exit(pid_t pid, int patience_ms)
{
	int status;

	for (int ms = 0; ms < patience_ms; ms += LOOK_MS) {
		if (waitpid(pid, &status, WNOHANG) == pid)
			return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
		poll(NULL, 0, LOOK_MS);
	}
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	return -1;
}

bool tracer_start(struct tracer *t, const char *program, const char *backend, struct complaint *c)
{
	char first[LINE_ROOM] = "";

	strcpy(t->dir, "/tmp/twtrace-live.XXXXXX");
	if (!mkdtemp(t->dir)) {
		complain(c, "mkdtemp: %s", strerror(errno));
		return false;
	}
	snprintf(t->out, sizeof(t->out), "%s/events.jsonl", t->dir);
	snprintf(t->err, sizeof(t->err), "%s/stderr", t->dir);
	t->pid = fork();
	if (!t->pid)
		run(t, program, backend);
	for (int ms = 0; ms < START_MS; ms += LOOK_MS) {
		int status;

		if (has_said(t, "twtrace: ready", first))
			return true;
		if (waitpid(t->pid, &status, WNOHANG) == t->pid) {
			has_said(t, "", first);
			complain(c, "the tracer ended before it was ready: %s", first);
			return false;
		}
		poll(NULL, 0, LOOK_MS);
	}
	complain(c, "the tracer was not ready after %d ms: %s", START_MS, first);
	await_exit(t->pid, 0);
	return false;
}

void tracer_stop(struct tracer *t, struct complaint *c)
{
	int code;

	kill(t->pid, SIGINT);
	code = await_exit(t->pid, STEP_MS);
	if (code)
		complain(c, code < 0 ? "the tracer ignored SIGINT for %d ms" : "the tracer's exit code is %d", code < 0 ? STEP_MS : code);
}

json_t *tracer_lines(const struct tracer *t, struct complaint *c)
{
	FILE *f = fopen(t->out, "re");
	json_t *lines = json_array();
	char *text = NULL;
	size_t room = 0;
	ssize_t len;

	for (int n = 1; f && (len = getline(&text, &room, f)) > 0; n++) {
		struct complaint one = { .len = 0 };
		json_error_t error;
		json_t *line;

		if (text[len - 1] != '\n')
			break;
		line = json_loadb(text, len - 1, JSON_REJECT_DUPLICATES, &error);
		if (line)
			schema_check(line, &one);
		else
			complain(&one, "%s", error.text);
		if (one.len && c)
			complain(c, "line %d: %s", n, one.text);
		if (line)
			json_array_append_new(lines, line);
	}
	free(text);
	if (f)
		fclose(f);
	return lines;
}

void tracer_forget(const struct tracer *t)
{
	unlink(t->out);
	unlink(t->err);
	rmdir(t->dir);
}
