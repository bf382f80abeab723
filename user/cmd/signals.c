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

int signals_of_terminal(struct signals *s)
{
	sigset_t set;

	stop_signals(&set);
	sigaddset(&set, SIGWINCH);
	sigaddset(&set, SIGTSTP);
	sigaddset(&set, SIGCONT);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGQUIT);
	if (sigprocmask(SIG_BLOCK, &set, NULL))
		return -errno;
	return signalfd(s->fd, &set, 0) < 0 ? -errno : 0;
}

int signals_open(struct signals *s)
{
	sigset_t set;

	stop_signals(&set);
	sigaddset(&set, SIGWINCH);
	if (sigprocmask(SIG_BLOCK, &set, NULL))
		return -errno;
	*s = (struct signals){.fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC)};
	return s->fd < 0 ? -errno : 0;
}

/* A shell starts background jobs with SIGINT ignored. */
static void heed(int number)
{
	struct sigaction action;

	if (!sigaction(number, NULL, &action) && action.sa_handler == SIG_IGN)
		signal(number, SIG_DFL);
}

void signals_let_kill(void)
{
	sigset_t set;

	heed(SIGINT);
	heed(SIGTERM);
	stop_signals(&set);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
}

void signals_begin(void)
{
	signal(SIGPIPE, SIG_IGN);
	signals_let_kill();
}

static void set_stop(struct signals *s)
{
	s->stop = true;
	signals_let_kill();
}

void signals_read(struct signals *s)
{
	struct signalfd_siginfo info;

	while (read(s->fd, &info, sizeof(info)) == sizeof(info)) {
		switch (info.ssi_signo) {
		case SIGWINCH:
		case SIGCONT:
			s->resized = true;
			break;
		case SIGTSTP:
			s->suspend = true;
			break;
		default:
			set_stop(s);
		}
	}
}

void signals_close(struct signals *s)
{
	if (s->fd >= 0)
		close(s->fd);
	s->fd = -1;
}
