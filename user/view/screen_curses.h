/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * screen_curses.h: frames on a terminal, and keys from it. The only room that knows ncurses.
 *
 * While it is open, what goes to stderr is held back if that is a terminal, too. A signal that ends or crashes the process gives
 * the terminal back first. At most one is open at a time.
 */
#ifndef TWTRACE_SCREEN_CURSES_H
#define TWTRACE_SCREEN_CURSES_H

#include <stdbool.h>

#include "frame.h"

/*
 * Takes the terminal at standard input and output. 0; -ENOSYS: built without ncurses; -ENOTSUP: no terminal, or one that cannot
 * move its cursor or is not known.
 */
int curses_open(void);
/* Gives it back as it was, and says on stderr what was held back. Fine if none is open. */
void curses_close(void);

/* The next key, a code point or SCREEN_KEY_… (screen.h); false: none is waiting. */
bool curses_key(unsigned *key);
void curses_size(unsigned *width, unsigned *height);
void curses_draw(const struct frame *f);

/* Gives the terminal back until curses_resume(), which also takes notice of a new size, and draws all anew. */
void curses_suspend(void);
void curses_resume(void);

#endif
