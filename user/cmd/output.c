/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* output.c: see output.h. */
#include "output.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BUFFER_BYTES = 256 << 10, GRACE_MS = 2000 };

/* Until there is room to write; 0 or -errno. */
static int wait_for_room(struct output *o)
{
	struct pollfd fds[] = {{.fd = o->fd, .events = POLLOUT}, {.fd = o->signals->fd, .events = POLLIN}};

	for (;;) {
		bool stop = o->signals->stop;
		int n = poll(fds, stop ? 1 : 2, stop ? GRACE_MS : -1);

		if (n < 0 && errno != EINTR)
			return -errno;
		if (!n)
			return -ETIMEDOUT;
		if (n > 0 && fds[0].revents)
			return 0; /* or an error that write() will tell */
		signals_read(o->signals);
	}
}

/* A pipe that has room at all takes PIPE_BUF bytes without blocking (fs/pipe.c: a free slot is a page). */
static ssize_t write_some(struct output *o, const char *data, size_t size)
{
	ssize_t n;
	int r;

	if (o->is_file)
		return write(o->fd, data, size);
	r = wait_for_room(o);
	if (r) {
		errno = -r;
		return -1;
	}
	n = write(o->fd, data, size < PIPE_BUF ? size : PIPE_BUF);
	return n < 0 && (errno == EAGAIN || errno == EINTR) ? 0 : n;
}

/* For fopencookie(3), which takes anything but size for an error. */
static ssize_t write_all(void *cookie, const char *data, size_t size)
{
	struct output *o = cookie;
	size_t done = 0;

	while (!o->error && done < size) {
		ssize_t n = write_some(o, data + done, size - done);

		if (n < 0)
			o->error = -errno;
		else
			done += (size_t)n;
	}
	return o->error ? 0 : (ssize_t)size;
}

int output_open(struct output *o, int fd, struct signals *signals)
{
	struct stat st;

	if (fstat(fd, &st))
		return -errno;
	*o = (struct output){.fd = fd, .is_file = S_ISREG(st.st_mode), .signals = signals};
	o->buffer = malloc(BUFFER_BYTES);
	o->file = fopencookie(o, "w", (cookie_io_functions_t){.write = write_all});
	if (!o->buffer || !o->file) {
		output_close(o);
		return -ENOMEM;
	}
	setvbuf(o->file, o->buffer, _IOFBF, BUFFER_BYTES);
	return 0;
}

int output_flush(struct output *o)
{
	if (fflush(o->file) && !o->error)
		o->error = -errno;
	return o->error;
}

void output_close(struct output *o)
{
	if (!o->error)
		o->error = -EPIPE; /* fclose() would flush */
	if (o->file)
		fclose(o->file);
	free(o->buffer);
	o->file = NULL;
	o->buffer = NULL;
}
