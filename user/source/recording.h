/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * recording.h: events out of files that `twtrace events --json` wrote. Files of any size, in bounded memory.
 *
 *	r = recording_open(&recording, paths, n);
 *	while (!r && (r = recording_read(recording, on_event, ctx)) > 0)
 *		r = 0; // time for a look at the clock, at signals
 *	summary = recording_summary(recording);
 *	recording_close(recording);
 *
 * A line that is of no use is counted and skipped (struct bad_lines). The ts of events and summary are ns since 1970: the offset
 * from CLOCK_MONOTONIC is 0.
 */
#ifndef TWTRACE_RECORDING_H
#define TWTRACE_RECORDING_H

#include "event.h"
#include "model/summary.h"

enum bad_line {
	BAD_JSON,    /* no JSON object */
	BAD_VERSION, /* of another schema */
	BAD_TYPE,    /* an object that is neither event nor summary */
	BAD_VALUE,   /* a key is missing or there twice, or its value cannot be */
	BAD_LONG,    /* more than RECORDING_LINE_MAX bytes */
	BAD_CUT,     /* the last line of a file, not whole */
	BAD_MAX,
};

enum { RECORDING_LINE_MAX = 16384, BAD_PLACES = 3 };

/* Where a line is. */
struct place {
	const char *path; /* as given to recording_open() */
	__u64 line;       /* from 1 */
};

/* Lines that are bad in the same way. */
struct bad_lines {
	__u64 count;
	struct place places[BAD_PLACES]; /* of the first ones */
};

/* How far reading has come. */
struct recording_state {
	const char *path; /* what is being read */
	__u64 bytes;      /* of it, so far */
	__u64 size;       /* of it; 0: unknown, a pipe */
	__u64 events, summaries;
	/* Of the files read to their end: how long they were recorded, added up. By their summary, else by their first and last
	 * event */
	__u64 duration_ns;
	unsigned files, unfinished;  /* read to their end; those of them that have no summary */
	const char *unfinished_path; /* the first of those; NULL if there is none */
	struct bad_lines bad[BAD_MAX];
};

struct recording;

typedef void (*recording_event_fn)(const struct event *e, void *ctx);

/*
 * The n files, one behind the other; "-" is standard input. paths are borrowed. 0, or -errno with *bad, the path that cannot be
 * opened: then none is read.
 */
int recording_open(struct recording **out, const char *const *paths, unsigned n, const char **bad);
/* Hands on the events of the next piece. 1: there is more, 0: that was all, or -errno: the file at hand cannot be read. */
int recording_read(struct recording *r, recording_event_fn fn, void *ctx);
/* To wait for before each recording_read(), which takes a FIFO that nobody writes to, yet or any more, for one that has ended. */
int recording_fd(const struct recording *r);
const struct recording_state *recording_state(const struct recording *r);
/* All summaries read so far, added up; NULL if there was none. Its strings are those of the last one, and live as long as r. */
const struct summary *recording_summary(const struct recording *r);
/* NULL is fine. */
void recording_close(struct recording *r);

#endif
