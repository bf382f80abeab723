/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* utf8.h: characters out of bytes that nobody vouches for. */
#ifndef TWTRACE_UTF8_H
#define TWTRACE_UTF8_H

#include <stddef.h>

#define UTF8_INVALID 0xffffffffu

/*
 * The character that s begins with, into *c; how many bytes it takes (1 to 4, never more than len, which must not be 0).
 * A byte that begins no valid sequence (RFC 3629: no overlong forms, no surrogates, nothing above U+10FFFF) is one
 * UTF8_INVALID of length 1.
 */
size_t utf8_next(const char *s, size_t len, unsigned *c);
/* The other way: the bytes of c into out, of which it returns how many; 0 for what is no character. */
size_t utf8_put(char out[4], unsigned c);

#endif
