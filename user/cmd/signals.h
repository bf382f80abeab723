/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * signals.h: signals as something to poll.
 *
 * While a program starts there is nothing to save: SIGINT and SIGTERM end the process at once, whatever it is stuck in. Once it
 * runs, the first one asks for an orderly end, and the second one ends the process.
 */
#ifndef TWTRACE_SIGNALS_H
#define TWTRACE_SIGNALS_H

#include <stdbool.h>

struct signals {
	int fd;       /* becomes readable when one has come; -1: not opened, they end the process */
	bool stop;    /* SIGINT or SIGTERM came, or one that signals_of_terminal() names */
	bool resized; /* SIGWINCH or SIGCONT came; whoever takes it into account clears it */
	bool suspend; /* SIGTSTP came; likewise */
};

/* As the process begins. SIGPIPE is ignored from here on, writes say EPIPE instead. */
void signals_begin(void);
/*
 * From now on they are for signals_read(). One that comes a moment too early still ends the process: none is lost.
 * 0 or -errno.
 */
int signals_open(struct signals *s);
/* From now on they end the process again, unless somebody has set a handler. */
void signals_let_kill(void);
/* Those, too, that would leave a terminal in a mess: SIGTSTP and SIGCONT; SIGHUP and SIGQUIT ask for an orderly end. 0 or -errno.
 */
int signals_of_terminal(struct signals *s);
/* Takes what has come; never waits. */
void signals_read(struct signals *s);
void signals_close(struct signals *s);

#endif
