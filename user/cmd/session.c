/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* session.c: see session.h. */
#include "session.h"

#include <errno.h>
#include <string.h>
#include <time.h>

#include "exit_codes.h"
#include "source/say.h"
#include "source/waiting.h"
#include "streams.h"

static __u64 clock_ns(clockid_t clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return (__u64)ts.tv_sec * 1000000000 + (__u64)ts.tv_nsec;
}

__u64 session_now(void)
{
	return clock_ns(CLOCK_MONOTONIC);
}

/* The kernel may take its time. Signals are opened only then: until there is something to save, one of them ends it all. */
static int start(struct session *s)
{
	int r;

	waiting_begin();
	r = tracer_new(&s->tracer, &s->options->tracer);
	waiting_end();
	return r ? r : streams_heed(&s->signals);
}

int session_begin(struct session *s, const struct options *options)
{
	int r;

	memset(s, 0, sizeof(*s));
	s->options = options;
	r = streams_open(&s->signals, &s->output);
	if (r)
		return r;
	r = start(s);
	if (r) {
		tracer_free(s->tracer);
		streams_close(&s->signals, &s->output);
		return r;
	}
	uname(&s->kernel);
	s->start = session_now();
	s->clock_offset = (__s64)(clock_ns(CLOCK_REALTIME) - s->start);
	fprintf(stderr, "twtrace: ready backend=%s (%s)\n", tracer_backend_name(s->tracer), tracer_backend_why(s->tracer));
	return 0;
}

int session_flush(struct session *s)
{
	return streams_flush(&s->output);
}

static void warn_imbalance(const struct summary *summary)
{
	struct imbalance off;

	summary_imbalance(summary, &off);
	if (off.connections || off.time_wait || off.fin_wait2)
		fprintf(stderr, "twtrace: the totals do not add up: off by %lld connections, %lld TIME_WAIT, %lld FIN_WAIT2\n",
			(long long)off.connections, (long long)off.time_wait, (long long)off.fin_wait2);
}

int session_summary(struct session *s, struct summary *out)
{
	struct run run = {
		.ts = session_now(),
		.backend = tracer_backend_name(s->tracer),
		.backend_why = tracer_backend_why(s->tracer),
		.kernel = s->kernel.release,
		.filtered = s->options->filtered,
	};
	struct totals totals[TOTALS_MAX];
	struct tracer_now now;
	struct in_place in_place;
	int walked = tracer_count(s->tracer, &now), r;

	if (walked && walked != -EOPNOTSUPP)
		return walked;
	r = tracer_totals(s->tracer, totals);
	if (r)
		return r;
	run.known_missed = !tracer_missed(s->tracer, &run.missed);
	run.duration_ns = run.ts - s->start;
	in_place = (struct in_place){now.open, now.time_wait, now.fin_wait2};
	summary_make(out, &run, totals, walked ? NULL : &in_place);
	if (s->stopped || s->options->tracer.verbose)
		warn_imbalance(out);
	return 0;
}

int session_end(struct session *s, int r)
{
	if (!r)
		r = session_flush(s);
	streams_close(&s->signals, &s->output);
	tracer_free(s->tracer);
	return r == -EPIPE ? EXIT_CODE_OK : exit_code_of(r);
}
