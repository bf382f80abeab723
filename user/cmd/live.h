/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* live.h: the live screen on a terminal. Errors as in session.h: said already. */
#ifndef TWTRACE_LIVE_H
#define TWTRACE_LIVE_H

#include "counting.h"

struct live;

/* Takes the terminal. counting is borrowed. *out is NULL, after one line on stderr, where there can be no screen: do without. */
int live_open(struct live **out, struct counting *counting);
/* Until it is time to stop; the terminal has been given back then. */
int live_run(struct live *live);
/* What was to be seen last, as plain text on standard output, as far as there is room for it above a summary. */
int live_put_last(struct live *live);
/* NULL is fine. */
void live_close(struct live *live);

#endif
