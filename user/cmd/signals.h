/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * signals.h: signals as something to poll.
 *
 * The first SIGINT or SIGTERM asks for an orderly end. From then on a second one does what it does by default: whatever we are
 * stuck in, it ends the process, unless somebody has set a handler for it. SIGPIPE is ignored, writes say EPIPE instead.
 */
#ifndef TWTRACE_SIGNALS_H
#define TWTRACE_SIGNALS_H

#include <stdbool.h>

struct signals {
	int fd;       /* becomes readable when one has come */
	bool stop;    /* SIGINT or SIGTERM came, or one that signals_of_terminal() names */
	bool resized; /* SIGWINCH or SIGCONT came; whoever takes it into account clears it */
	bool suspend; /* SIGTSTP came; likewise */
};

/* 0 or -errno. */
int signals_open(struct signals *s);
/* Those, too, that would leave a terminal in a mess: SIGTSTP and SIGCONT; SIGHUP and SIGQUIT ask for an orderly end. 0 or -errno.
 */
int signals_of_terminal(struct signals *s);
/* Takes what has come; never waits. */
void signals_read(struct signals *s);
void signals_close(struct signals *s);

#endif
