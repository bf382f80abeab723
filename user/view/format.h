/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * format.h: single values as people read them.
 *
 * Each writes a NUL-terminated string of at most the size named here into buf and returns buf.
 */
#ifndef TWTRACE_FORMAT_H
#define TWTRACE_FORMAT_H

#include <linux/types.h>

#include "model/meaning.h"

enum {
	FORMAT_DURATION_MAX = 24,
	FORMAT_RATE_MAX = 32,
	FORMAT_PERCENT_MAX = 8,
	FORMAT_ADDRESS_MAX = 46,  /* INET6_ADDRSTRLEN */
	FORMAT_ENDPOINT_MAX = 58, /* brackets, arrow, colon and port */
	FORMAT_CLOCK_MAX = 16,
	FORMAT_TIMESTAMP_MAX = 32,
};

/* Three digits and a unit, 60.0s, 1.25ms, 3h12m; "-" for UNKNOWN_NS. */
char *format_duration(char buf[FORMAT_DURATION_MAX], __u64 ns);
/* Events per second: 0.25, 12.5, 812. */
char *format_rate(char buf[FORMAT_RATE_MAX], double per_second);
/* 0 to 100. 0% and 100% are said only where they are exactly true. */
char *format_percent(char buf[FORMAT_PERCENT_MAX], double percent);
/* As inet_ntop(3). family: 4 or 6. */
char *format_address(char buf[FORMAT_ADDRESS_MAX], unsigned family, const __u8 addr[16]);
/* 10.0.0.0/24 */
char *format_network(char buf[FORMAT_ENDPOINT_MAX], unsigned family, const __u8 addr[16], unsigned prefix);
/* 10.0.0.1:80, [2001:db8::1]:80 */
char *format_address_port(char buf[FORMAT_ENDPOINT_MAX], unsigned family, const __u8 addr[16], unsigned port);
/* The same; for a server 10.0.0.1->:80, as the port is ours and not that address'. */
char *format_endpoint(char buf[FORMAT_ENDPOINT_MAX], const struct endpoint *endpoint);
/* RFC 3339, UTC, microseconds: 2024-01-31T12:34:56.789012Z. unix_ns: ns since 1970. */
char *format_timestamp(char buf[FORMAT_TIMESTAMP_MAX], __u64 unix_ns);
/* Local time of day, 12:34:56.789012. unix_ns: ns since 1970. */
char *format_clock(char buf[FORMAT_CLOCK_MAX], __u64 unix_ns);

#endif
