/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* loop.c: see loop.h. */
#include "loop.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "source/say.h"

/* The ring wakes us only when it fills up (tracer_fd()); what trickles in waits no longer than this. */
#define ROUND_NS 100000000ULL
#define NEVER (~0ULL)

struct timing {
	__u64 end;  /* of the run */
	__u64 next; /* end of the interval */
	__u64 interval;
};

static __u64 earlier(__u64 a, __u64 b)
{
	return a < b ? a : b;
}

static void timing_init(struct timing *t, const struct session *s, __u64 interval)
{
	const struct options *o = s->options;

	t->interval = interval;
	t->next = interval ? s->start + interval : NEVER;
	t->end = o->duration_ns ? s->start + o->duration_ns : NEVER;
	if (o->count)
		t->end = earlier(t->end, s->start + o->count * interval);
}

/* *keys: there is something to read on standard input. */
static int wait_round(struct session *s, const struct handlers *h, const struct timing *t, bool *keys)
{
	enum { RING, SIGNALS, OUTPUT, KEYS };
	struct pollfd fds[] = {
		[RING] = {.fd = tracer_fd(s->tracer), .events = POLLIN},
		[SIGNALS] = {.fd = s->signals.fd, .events = POLLIN},
		[OUTPUT] = {.fd = s->output.fd}, /* errors only: the reader of a pipe left */
		[KEYS] = {.fd = h->keys ? STDIN_FILENO : -1, .events = POLLIN},
	};
	__u64 now = session_now(), until = earlier(now + ROUND_NS, earlier(t->next, t->end));
	__u64 left = until > now ? until - now : 0;
	struct timespec timeout = {(time_t)(left / 1000000000), (long)(left % 1000000000)};

	if (ppoll(fds, 4, &timeout, NULL) < 0 && errno != EINTR)
		return say_err(-errno, "cannot poll: %s", strerror(errno));
	if ((fds[OUTPUT].revents | fds[KEYS].revents) & (POLLERR | POLLHUP | POLLNVAL))
		return -EPIPE;
	*keys = fds[KEYS].revents;
	if (fds[SIGNALS].revents)
		signals_read(&s->signals);
	return 0;
}

static int read_events(struct session *s, const struct handlers *h)
{
	int n = tracer_read(s->tracer, h->event, h->ctx);

	return n < 0 ? n : s->failed;
}

static int suspend(struct session *s, const struct handlers *h)
{
	bool asked = s->signals.suspend;

	s->signals.suspend = false;
	return asked && h->suspend ? h->suspend(h->ctx) : 0;
}

/* What is due by now: a refresh at the interval's end, or for a new window size. */
static int refresh(struct session *s, const struct handlers *h, struct timing *t, __u64 now)
{
	bool resized = s->signals.resized;

	s->signals.resized = false;
	if (now >= t->next) {
		t->next += t->interval * ((now - t->next) / t->interval + 1); /* skips those we are too late for */
		return h->interval ? h->interval(h->ctx) : 0;
	}
	return resized && h->resized ? h->resized(h->ctx) : 0;
}

/* *more: there is reason to go on. */
static int run_round(struct session *s, const struct handlers *h, struct timing *t, bool *more)
{
	bool keys = false;
	__u64 now;
	int r = wait_round(s, h, t, &keys);

	if (!r)
		r = read_events(s, h);
	if (!r)
		r = suspend(s, h);
	if (!r && keys)
		r = h->keys(h->ctx);
	if (r)
		return r;
	now = session_now();
	*more = !s->signals.stop && now < t->end;
	r = *more ? refresh(s, h, t, now) : 0;
	return r ? r : session_flush(s);
}

int loop_run(struct session *s, const struct handlers *handlers)
{
	struct timing t;
	bool more = true;
	int r = 0;

	timing_init(&t, s, handlers->interval_ns);
	while (!r && more)
		r = run_round(s, handlers, &t, &more);
	return r;
}

int loop_run_and_stop(struct session *s, const struct handlers *handlers)
{
	int r = loop_run(s, handlers);

	if (!r && handlers->ending)
		r = handlers->ending(handlers->ctx);
	if (!r)
		r = tracer_stop(s->tracer);
	if (r)
		return r;
	s->stopped = true;
	do /* no more than the ring holds, now that no hook is on */
		r = tracer_read(s->tracer, handlers->event, handlers->ctx);
	while (r > 0);
	return r ? r : s->failed;
}
