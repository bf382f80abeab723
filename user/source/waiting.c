// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * waiting.c: see waiting.h.
 *
 * The verifier keeps us in bpf(2) for seconds, so somebody else has to look at the clock. Not a signal: the verifier gives up for
 * any that is pending (-EAGAIN), libbpf starts it anew, and fails after a few times. So it is a thread, with all signals blocked,
 * that waits for the second to pass, speaks once, and ends. From then on each phase is said where it begins.
 */
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "source/waiting.h"

enum { PATIENCE_MS = 1000 };

static struct {
	pthread_t watcher;
	bool watched;
	int over;             /* an eventfd: becomes readable when the waiting is over */
	pthread_mutex_t lock; /* of what is below */
	bool long_ago;        /* that it began */
	char what[128];
} waiting = {.lock = PTHREAD_MUTEX_INITIALIZER};

static void say_what(void)
{
	fprintf(stderr, "twtrace: waiting for %s\n", waiting.what);
}

static void *watch(void *unused)
{
	struct pollfd over = {.fd = waiting.over, .events = POLLIN};

	(void)unused;
	if (poll(&over, 1, PATIENCE_MS))
		return NULL;
	pthread_mutex_lock(&waiting.lock);
	waiting.long_ago = true;
	say_what();
	pthread_mutex_unlock(&waiting.lock);
	return NULL;
}

void waiting_for(const char *format, ...)
{
	va_list args;

	pthread_mutex_lock(&waiting.lock);
	va_start(args, format);
	vsnprintf(waiting.what, sizeof(waiting.what), format, args);
	va_end(args);
	if (waiting.long_ago)
		say_what();
	pthread_mutex_unlock(&waiting.lock);
}

/* Where there can be no thread nothing is said, which is no reason to give up. */
void waiting_begin(void)
{
	sigset_t all, before;

	waiting.over = eventfd(0, EFD_CLOEXEC);
	if (waiting.over < 0)
		return;
	waiting_for("the kernel to say what it offers");
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	waiting.watched = !pthread_create(&waiting.watcher, NULL, watch, NULL);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (!waiting.watched)
		close(waiting.over);
}

void waiting_end(void)
{
	if (!waiting.watched)
		return;
	eventfd_write(waiting.over, 1);
	pthread_join(waiting.watcher, NULL);
	close(waiting.over);
	waiting.watched = waiting.long_ago = false;
}
