/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* signals.c: see signals.h. */
#include "signals.h"

#include <errno.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

static void stop_signals(sigset_t *set)
{
	sigemptyset(set);
	sigaddset(set, SIGINT);
	sigaddset(set, SIGTERM);
}

int signals_open(struct signals *s)
{
	sigset_t set;

	stop_signals(&set);
	sigaddset(&set, SIGWINCH);
	if (sigprocmask(SIG_BLOCK, &set, NULL))
		return -errno;
	signal(SIGPIPE, SIG_IGN);
	*s = (struct signals){.fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC)};
	return s->fd < 0 ? -errno : 0;
}

static void set_stop(struct signals *s)
{
	sigset_t set;

	s->stop = true;
	/* A shell starts background jobs with SIGINT ignored. */
	signal(SIGINT, SIG_DFL);
	signal(SIGTERM, SIG_DFL);
	stop_signals(&set);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
}

void signals_read(struct signals *s)
{
	struct signalfd_siginfo info;

	while (read(s->fd, &info, sizeof(info)) == sizeof(info)) {
		if (info.ssi_signo == SIGWINCH)
			s->resized = true;
		else
			set_stop(s);
	}
}

void signals_close(struct signals *s)
{
	close(s->fd);
	s->fd = -1;
}
