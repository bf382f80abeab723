/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* recorded.c: see recorded.h. */
#include "recorded.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "model/filter.h"
#include "session.h"
#include "source/say.h"
#include "view/sanitize.h"
#include "view/text_summary.h"

#define PROGRESS_NS 500000000ULL

struct progress {
	bool wanted;
	bool shown;
	__u64 next; /* CLOCK_MONOTONIC ns */
};

const char *recorded_name(char buf[RECORDED_NAME_MAX], const char *path)
{
	if (!strcmp(path, "-"))
		return "standard input";
	sanitize(buf, RECORDED_NAME_MAX, path, strlen(path));
	return buf;
}

static void progress_show(struct progress *p, const struct recording_state *s)
{
	char name[RECORDED_NAME_MAX];
	__u64 now;

	if (!p->wanted)
		return;
	now = session_now();
	if (now < p->next)
		return;
	p->next = now + PROGRESS_NS;
	p->shown = true;
	fprintf(stderr, "\rtwtrace: %s: %llu MB", recorded_name(name, s->path), (unsigned long long)s->bytes / 1000000);
	if (s->size)
		fprintf(stderr, " of %llu (%.0f%%)", (unsigned long long)s->size / 1000000,
			100.0 * (double)s->bytes / (double)s->size);
	fprintf(stderr, ", %llu events\033[K", (unsigned long long)s->events);
	fflush(stderr);
}

static void progress_clear(const struct progress *p)
{
	if (p->shown)
		fputs("\r\033[K", stderr);
}

/* A pipe has nothing for a while, and a FIFO no writer yet; a signal must end the wait. 1: there is something to read. */
static int wait_for_more(const struct recording *r, struct signals *signals)
{
	struct pollfd fds[] = {{.fd = recording_fd(r), .events = POLLIN}, {.fd = signals->fd, .events = POLLIN}};

	if (poll(fds, 2, -1) < 0)
		return errno == EINTR ? 0 : -errno;
	if (fds[1].revents)
		signals_read(signals);
	return fds[0].revents != 0;
}

static int read_all(struct recording *recording, struct signals *signals, recording_event_fn fn, void *ctx)
{
	struct progress progress = {.wanted = isatty(STDERR_FILENO), .next = session_now() + PROGRESS_NS};
	bool more = true;
	int r = 0;

	while (r >= 0 && more && !signals->stop) {
		r = wait_for_more(recording, signals);
		if (r > 0 && !signals->stop) {
			r = recording_read(recording, fn, ctx);
			more = r > 0;
		}
		progress_show(&progress, recording_state(recording));
	}
	progress_clear(&progress);
	return r < 0 ? r : 0;
}

static const char *what_is_wrong(enum bad_line kind)
{
	switch (kind) {
	case BAD_JSON:
		return "not a JSON object";
	case BAD_VERSION:
		return "not of schema version 1";
	case BAD_TYPE:
		return "neither an event nor a summary";
	case BAD_VALUE:
		return "with a key that is missing or doubled, or a value that cannot be";
	case BAD_LONG:
		return "longer than 16384 bytes";
	case BAD_CUT:
		return "cut off at the end of the file";
	case BAD_MAX:
		break;
	}
	return "bad";
}

static void say_bad(enum bad_line kind, const struct bad_lines *bad)
{
	char name[RECORDED_NAME_MAX];

	fprintf(stderr, "twtrace: %llu line%s skipped, %s:", (unsigned long long)bad->count, bad->count > 1 ? "s" : "",
		what_is_wrong(kind));
	for (unsigned i = 0; i < BAD_PLACES && i < bad->count; i++)
		fprintf(stderr, "%s %s:%llu", i ? "," : "", recorded_name(name, bad->places[i].path),
			(unsigned long long)bad->places[i].line);
	fputs(bad->count > BAD_PLACES ? ", ...\n" : "\n", stderr);
}

/* Not all forms of output have room for it. */
static void say_lost(const struct summary *summary)
{
	if (!summary || !summary->lost)
		return;
	fputs("twtrace: lost in detail while it was recorded: ", stderr);
	text_lost(stderr, summary);
	putc('\n', stderr);
}

static void say_what_is_wrong(const struct recording_state *s)
{
	char name[RECORDED_NAME_MAX];

	for (unsigned kind = 0; kind < BAD_MAX; kind++)
		if (s->bad[kind].count)
			say_bad((enum bad_line)kind, &s->bad[kind]);
	if (s->unfinished && s->events)
		fprintf(stderr,
			"twtrace: no summary at the end of %s%s (cut off, or still being written): totals are what the events "
			"say\n",
			recorded_name(name, s->unfinished_path), s->unfinished > 1 ? " and others" : "");
}

int recorded_read(struct recording **out, const char *const *paths, unsigned n, struct signals *signals, recording_event_fn fn,
		  void *ctx)
{
	char name[RECORDED_NAME_MAX];
	const struct recording_state *s;
	const char *bad;
	int r = recording_open(out, paths, n, &bad);

	if (r)
		return say_err(r, "cannot read %s: %s", recorded_name(name, bad), strerror(-r));
	s = recording_state(*out);
	r = read_all(*out, signals, fn, ctx);
	say_what_is_wrong(s);
	say_lost(recording_summary(*out));
	if (signals->stop)
		fprintf(stderr, "twtrace: stopped in %s after %llu bytes: what comes behind them is left out\n",
			recorded_name(name, s->path), (unsigned long long)s->bytes);
	if (r)
		say_err(r, "cannot read %s: %s", recorded_name(name, s->path), strerror(-r));
	if (s->events || s->summaries || signals->stop)
		return 0;
	return r ? r : say_err(-ENODATA, "nothing to report: that is no recording of 'twtrace events --json'");
}

static void on_event(const struct event *e, void *ctx)
{
	struct recorded_table *t = ctx;
	int r;

	if (e->ts > t->last_ts)
		t->last_ts = e->ts;
	if (!filter_passes(t->filter, e))
		return;
	t->passed++;
	r = t->add ? t->add(t->table, e) : table_add(t->table, e);
	if (r && !t->failed)
		t->failed = say_err(r, "cannot count an event: %s", strerror(-r));
}

int recorded_table_read(struct recorded_table *t, const struct options *options, const char *const *paths, unsigned n,
			struct signals *signals)
{
	struct table_options kept = options_table(options, options->by);
	int r = t->table ? 0 : table_new(&t->table, &kept, 0);

	if (r)
		return say_err(r, "cannot begin: %s", strerror(-r));
	t->filter = &options->tracer.filter;
	r = recorded_read(&t->recording, paths, n, signals, on_event, t);
	if (!r)
		r = t->failed;
	if (!r) /* one interval, as long as the recording */
		table_tick(t->table, recording_state(t->recording)->duration_ns);
	return r;
}

void recorded_table_free(struct recorded_table *t)
{
	table_free(t->table);
	recording_close(t->recording);
}
