/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* format.c: see format.h. */
#include "format.h"

#include <arpa/inet.h>
#include <assert.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

static_assert(FORMAT_ADDRESS_MAX >= INET6_ADDRSTRLEN, "room for any address");

/* Three significant digits of value / unit. */
static char *three_digits(char *buf, size_t size, __u64 value, __u64 unit, const char *suffix)
{
	double x = (double)value / (double)unit;

	snprintf(buf, size, "%.*f%s", x < 9.995 ? 2 : x < 99.95 ? 1 : 0, x, suffix);
	return buf;
}

static char *long_duration(char *buf, size_t size, __u64 seconds)
{
	unsigned long long minutes = seconds / 60, hours = minutes / 60, days = hours / 24;

	if (days)
		snprintf(buf, size, "%llud%02lluh", days, hours % 24);
	else if (hours)
		snprintf(buf, size, "%lluh%02llum", hours, minutes % 60);
	else
		snprintf(buf, size, "%llum%02llus", minutes, (unsigned long long)seconds % 60);
	return buf;
}

char *format_duration(char buf[FORMAT_DURATION_MAX], __u64 ns)
{
	const size_t size = FORMAT_DURATION_MAX;

	if (ns == UNKNOWN_NS)
		return memcpy(buf, "-", sizeof("-"));
	if (ns < 1000) {
		snprintf(buf, size, "%lluns", (unsigned long long)ns);
		return buf;
	}
	/* The bounds are where rounding would show a fourth digit. */
	if (ns < 999500)
		return three_digits(buf, size, ns, 1000, "us");
	if (ns < 999500000)
		return three_digits(buf, size, ns, 1000000, "ms");
	if (ns < 600 * 1000000000ULL)
		return three_digits(buf, size, ns, 1000000000, "s");
	return long_duration(buf, size, ns / 1000000000);
}

char *format_rate(char buf[FORMAT_RATE_MAX], double per_second)
{
	int digits = per_second >= 99.95 || per_second <= 0 ? 0 : per_second >= 9.995 ? 1 : 2;

	snprintf(buf, FORMAT_RATE_MAX, "%.*f", digits, per_second < 1e15 ? per_second : 1e15);
	return buf;
}

char *format_percent(char buf[FORMAT_PERCENT_MAX], double percent)
{
	if (percent > 0 && percent < 1)
		return strcpy(buf, "<1%");
	if (percent > 99 && percent < 100)
		return strcpy(buf, ">99%");
	snprintf(buf, FORMAT_PERCENT_MAX, "%.0f%%", percent);
	return buf;
}

char *format_address(char buf[FORMAT_ADDRESS_MAX], unsigned family, const __u8 addr[16])
{
	if (!inet_ntop(family == 4 ? AF_INET : AF_INET6, addr, buf, FORMAT_ADDRESS_MAX))
		strcpy(buf, "?");
	return buf;
}

char *format_network(char buf[FORMAT_ENDPOINT_MAX], unsigned family, const __u8 addr[16], unsigned prefix)
{
	char text[FORMAT_ADDRESS_MAX];

	snprintf(buf, FORMAT_ENDPOINT_MAX, "%s/%u", format_address(text, family, addr), prefix);
	return buf;
}

static char *with_port(char *buf, unsigned family, const __u8 addr[16], const char *separator, unsigned port)
{
	char text[FORMAT_ADDRESS_MAX];

	format_address(text, family, addr);
	snprintf(buf, FORMAT_ENDPOINT_MAX, family == 4 ? "%s%s%u" : "[%s]%s%u", text, separator, port);
	return buf;
}

char *format_address_port(char buf[FORMAT_ENDPOINT_MAX], unsigned family, const __u8 addr[16], unsigned port)
{
	return with_port(buf, family, addr, ":", port);
}

char *format_endpoint(char buf[FORMAT_ENDPOINT_MAX], const struct endpoint *endpoint)
{
	const char *separator = endpoint->role == ROLE_SERVER ? "->:" : ":";

	return with_port(buf, endpoint->family, endpoint->addr, separator, endpoint->port);
}

char *format_timestamp(char buf[FORMAT_TIMESTAMP_MAX], __u64 unix_ns)
{
	time_t seconds = (time_t)(unix_ns / 1000000000);
	struct tm tm;
	size_t n;

	gmtime_r(&seconds, &tm);
	n = strftime(buf, FORMAT_TIMESTAMP_MAX, "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(buf + n, FORMAT_TIMESTAMP_MAX - n, ".%06uZ", (unsigned)(unix_ns / 1000 % 1000000));
	return buf;
}

char *format_clock(char buf[FORMAT_CLOCK_MAX], __u64 unix_ns)
{
	time_t seconds = (time_t)(unix_ns / 1000000000);
	struct tm tm;

	localtime_r(&seconds, &tm);
	snprintf(buf, FORMAT_CLOCK_MAX, "%02u:%02u:%02u.%06u", (unsigned)tm.tm_hour % 24, (unsigned)tm.tm_min % 60,
		 (unsigned)tm.tm_sec % 61, (unsigned)(unix_ns / 1000 % 1000000));
	return buf;
}
