/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * parse.h: strict readers of single values: the whole string or nothing, no signs, no blanks, no silent wrap-around.
 *
 * They return 0, -EINVAL for what is no such value, -ERANGE for one that is out of bounds; *out is untouched on failure.
 */
#ifndef TWTRACE_PARSE_H
#define TWTRACE_PARSE_H

#include <linux/types.h>

#include "model/filter.h"

/* Decimal digits, min to max. */
int parse_number(const char *s, __u64 min, __u64 max, __u64 *out);
/* Seconds, with up to nine decimals: 10, 0.5. To ns; 0 is out of bounds, and so is more than 10 years. */
int parse_seconds(const char *s, __u64 *out);
/* Bytes, with K, M or G for powers of 1024. */
int parse_size(const char *s, __u64 *out);
/*
 * 10.0.0.0/8, 2001:db8::/32; an address alone means just that one. Host bits are cleared. A v4-mapped prefix of at least 96 bits
 * is IPv4, as in events. -ERANGE: the prefix is longer than the address.
 */
int parse_remote(const char *s, struct filter_remote *out);

#endif
