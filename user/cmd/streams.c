/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* streams.c: see streams.h. */
#include "streams.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "source/say.h"

int streams_open(struct signals *signals, struct output *output)
{
	int r;

	/* Before anything is opened that could be taken for it. */
	if (fcntl(STDOUT_FILENO, F_GETFD) < 0)
		return say_err(-errno, "standard output is closed");
	if (fcntl(STDIN_FILENO, F_GETFD) < 0 && open("/dev/null", O_RDONLY | O_CLOEXEC) < 0)
		return say_err(-errno, "cannot open /dev/null: %s", strerror(errno));
	*signals = (struct signals){.fd = -1};
	r = output_open(output, STDOUT_FILENO, signals);
	return r ? say_err(r, "cannot write to standard output: %s", strerror(-r)) : 0;
}

int streams_heed(struct signals *signals)
{
	int r = signals_open(signals);

	return r ? say_err(r, "cannot set up signals: %s", strerror(-r)) : 0;
}

int streams_flush(struct output *output)
{
	int r = output_flush(output);

	if (!r || r == -EPIPE)
		return r;
	return say_err(r, "cannot write: %s", r == -ETIMEDOUT ? "nobody reads the output" : strerror(-r));
}

void streams_close(struct signals *signals, struct output *output)
{
	output_close(output);
	signals_close(signals);
}
