/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* recording.c: files to lines; decode.c has what is in a line. See recording.h. */
#include "recording.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "decode.h"

enum { BUFFER_BYTES = 256 << 10, TEXT_MAX = 256 };

struct recording {
	const char *const *paths; /* borrowed */
	unsigned n, next;         /* next: the path behind the one at hand */
	int fd;
	struct decoder *decoder;
	struct recording_state state;
	struct summary summary;
	char backend[TEXT_MAX], backend_why[TEXT_MAX], kernel[TEXT_MAX]; /* its strings */

	/* Of the file at hand. */
	__u64 line;
	__u64 first_ts, last_ts; /* of its events; 0: there was none */
	__u64 summarized_ns;
	bool has_summary, skipping; /* skipping: within a line that is too long */
	size_t used;
	char buffer[BUFFER_BYTES + 1]; /* the last line may need a newline */
};

/* Does not wait for a FIFO's writer: that is for who waits for recording_fd(), and for signals as well. */
static int open_path(const char *path)
{
	int fd = strcmp(path, "-") ? open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK) : STDIN_FILENO;

	return fd < 0 ? -errno : fd;
}

static void close_fd(int fd)
{
	if (fd > STDIN_FILENO)
		close(fd);
}

static int open_next(struct recording *r)
{
	struct stat st;

	r->state.path = r->paths[r->next];
	r->fd = open_path(r->state.path);
	if (r->fd < 0)
		return r->fd;
	r->next++;
	r->state.bytes = 0;
	r->state.size = !fstat(r->fd, &st) && S_ISREG(st.st_mode) ? (__u64)st.st_size : 0;
	r->line = r->first_ts = r->last_ts = r->summarized_ns = 0;
	r->has_summary = r->skipping = false;
	r->used = 0;
	return 0;
}

/* Better to say at once that there is no such file than after minutes with another one. */
static int try_paths(const char *const *paths, unsigned n, const char **bad)
{
	for (unsigned i = 0; i < n; i++) {
		struct stat st;
		int r = strcmp(paths[i], "-") && (stat(paths[i], &st) || access(paths[i], R_OK)) ? -errno : 0;

		if (!r && strcmp(paths[i], "-") && S_ISDIR(st.st_mode))
			r = -EISDIR;
		if (!r)
			continue;
		*bad = paths[i];
		return r;
	}
	return 0;
}

int recording_open(struct recording **out, const char *const *paths, unsigned n, const char **bad)
{
	struct recording *recording;
	int r = try_paths(paths, n, bad);

	if (r)
		return r;
	*bad = paths[0];
	recording = malloc(sizeof(*recording));
	if (!recording)
		return -ENOMEM;
	memset(recording, 0, offsetof(struct recording, buffer));
	recording->paths = paths;
	recording->n = n;
	r = decoder_new(&recording->decoder);
	if (!r)
		r = open_next(recording);
	if (r) {
		decoder_free(recording->decoder);
		free(recording);
		return r;
	}
	*out = recording;
	return 0;
}

static void add_bad(struct recording *r, enum bad_line kind)
{
	struct bad_lines *bad = &r->state.bad[kind];

	if (bad->count < BAD_PLACES)
		bad->places[bad->count] = (struct place){r->state.path, r->line};
	bad->count++;
}

static void add_event(struct recording *r, const struct event *e, recording_event_fn fn, void *ctx)
{
	r->state.events++;
	if (!r->first_ts || e->ts < r->first_ts)
		r->first_ts = e->ts;
	if (e->ts > r->last_ts)
		r->last_ts = e->ts;
	fn(e, ctx);
}

static const char *keep(char text[TEXT_MAX], const char *from)
{
	snprintf(text, TEXT_MAX, "%s", from);
	return text;
}

static void add_summary(struct recording *r, const struct summary *s)
{
	if (r->state.summaries++)
		summary_add(&r->summary, s);
	else
		r->summary = *s;
	r->summary.run.backend = keep(r->backend, s->run.backend);
	r->summary.run.backend_why = keep(r->backend_why, s->run.backend_why);
	r->summary.run.kernel = keep(r->kernel, s->run.kernel);
	r->has_summary = true;
	r->summarized_ns += s->run.duration_ns;
}

static void add_line(struct recording *r, const char *line, size_t len, bool cut, recording_event_fn fn, void *ctx)
{
	struct summary summary;
	struct event event;

	r->line++;
	if (r->skipping || len > RECORDING_LINE_MAX) {
		r->skipping = false;
		add_bad(r, BAD_LONG);
		return;
	}
	switch (decode_line(r->decoder, line, len, &event, &summary)) {
	case DECODED_EVENT:
		add_event(r, &event, fn, ctx);
		break;
	case DECODED_SUMMARY:
		add_summary(r, &summary);
		break;
	case DECODED_BLANK:
		break;
	case DECODED_NO_JSON:
		add_bad(r, cut ? BAD_CUT : BAD_JSON);
		break;
	case DECODED_VERSION:
		add_bad(r, BAD_VERSION);
		break;
	case DECODED_TYPE:
		add_bad(r, BAD_TYPE);
		break;
	case DECODED_VALUE:
		add_bad(r, BAD_VALUE);
		break;
	}
}

/* All whole lines of the buffer; what begins another one moves to its front. */
static void add_lines(struct recording *r, recording_event_fn fn, void *ctx)
{
	const char *at = r->buffer, *newline;
	size_t left = r->used;

	while ((newline = memchr(at, '\n', left))) {
		size_t len = (size_t)(newline - at) + 1;

		add_line(r, at, len, false, fn, ctx);
		at += len;
		left -= len;
	}
	if (left > RECORDING_LINE_MAX)
		r->skipping = true;
	r->used = r->skipping ? 0 : left;
	memmove(r->buffer, at, r->used);
}

static void end_file(struct recording *r, recording_event_fn fn, void *ctx)
{
	if (r->used || r->skipping) {
		r->buffer[r->used++] = '\n';
		add_line(r, r->buffer, r->used, true, fn, ctx);
	}
	r->state.files++;
	if (!r->has_summary && !r->state.unfinished++)
		r->state.unfinished_path = r->state.path;
	r->state.duration_ns += r->has_summary ? r->summarized_ns : r->last_ts - r->first_ts;
	close_fd(r->fd);
	r->fd = -1;
}

int recording_read(struct recording *r, recording_event_fn fn, void *ctx)
{
	ssize_t n;

	if (r->fd < 0)
		return 0;
	n = read(r->fd, r->buffer + r->used, BUFFER_BYTES - r->used);
	if (n < 0)
		return errno == EINTR || errno == EAGAIN ? 1 : -errno;
	if (n > 0) {
		r->state.bytes += (__u64)n;
		r->used += (size_t)n;
		add_lines(r, fn, ctx);
		return 1;
	}
	end_file(r, fn, ctx);
	if (r->next == r->n)
		return 0;
	n = open_next(r);
	return n ? (int)n : 1;
}

int recording_fd(const struct recording *r)
{
	return r->fd;
}

const struct recording_state *recording_state(const struct recording *r)
{
	return &r->state;
}

const struct summary *recording_summary(const struct recording *r)
{
	return r->state.summaries ? &r->summary : NULL;
}

void recording_close(struct recording *r)
{
	if (!r)
		return;
	close_fd(r->fd);
	decoder_free(r->decoder);
	free(r);
}
