/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * sanitize.h: hostile text made fit for a terminal.
 *
 * Any process can name itself as it likes. What could move the cursor, turn the writing direction, hide itself or merge with its
 * neighbours becomes '?': control characters (C0, DEL, C1, so no escape sequence survives), invalid UTF-8, line separators,
 * format, zero-width and combining characters.
 */
#ifndef TWTRACE_SANITIZE_H
#define TWTRACE_SANITIZE_H

#include <stddef.h>

/*
 * Writes the len bytes of in, or up to a NUL among them, to out and ends it with a NUL. out never needs more than len + 1 bytes;
 * with fewer (size, at least 1) the text is cut, never within a character. Returns the terminal columns it takes.
 */
size_t sanitize(char *out, size_t size, const char *in, size_t len);
/* The columns that text takes which sanitize() has been over, or which is plain ASCII. */
size_t text_columns(const char *text);
/* How many bytes of such a text take no more than so many columns. */
size_t text_fit(const char *text, size_t columns);

#endif
