/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* parse.c: see parse.h. */
#include "parse.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>

#define NS_PER_SECOND 1000000000ULL
#define MAX_SECONDS (10 * 366 * 86400ULL)

/* Digits from *s on, which ends up behind them. */
static int read_digits(const char **s, __u64 *out)
{
	__u64 value = 0;
	const char *p = *s;

	for (; *p >= '0' && *p <= '9'; p++)
		if (__builtin_mul_overflow(value, 10, &value) || __builtin_add_overflow(value, (__u64)(*p - '0'), &value))
			return -ERANGE;
	if (p == *s)
		return -EINVAL;
	*s = p;
	*out = value;
	return 0;
}

int parse_number(const char *s, __u64 min, __u64 max, __u64 *out)
{
	__u64 value;
	int r;

	if (s[strspn(s, "0123456789")])
		return -EINVAL;
	r = read_digits(&s, &value);
	if (r)
		return r;
	if (value < min || value > max)
		return -ERANGE;
	*out = value;
	return 0;
}

/* What follows the point, in ns. */
static int read_fraction(const char *s, __u64 *out)
{
	size_t digits = strlen(s);
	__u64 value;
	int r;

	if (digits > 9)
		return -EINVAL;
	r = parse_number(s, 0, NS_PER_SECOND, &value);
	if (r)
		return r;
	while (digits++ < 9)
		value *= 10;
	*out = value;
	return 0;
}

int parse_seconds(const char *s, __u64 *out)
{
	__u64 seconds, fraction = 0;
	int r = read_digits(&s, &seconds);

	if (r)
		return r;
	if (*s) {
		if (*s++ != '.')
			return -EINVAL;
		r = read_fraction(s, &fraction);
		if (r)
			return r;
	}
	if (seconds > MAX_SECONDS || (!seconds && !fraction))
		return -ERANGE;
	*out = seconds * NS_PER_SECOND + fraction;
	return 0;
}

int parse_size(const char *s, __u64 *out)
{
	static const char units[] = "KMG";
	const char *unit;
	__u64 value;
	int r = read_digits(&s, &value);

	if (r)
		return r;
	if (*s) {
		unit = strchr(units, *s);
		if (!unit || s[1])
			return -EINVAL;
		if (__builtin_mul_overflow(value, 1ULL << (10 * (unit - units + 1)), &value))
			return -ERANGE;
	}
	*out = value;
	return 0;
}

static int read_address(const char *s, struct filter_remote *out)
{
	memset(out, 0, sizeof(*out));
	if (inet_pton(AF_INET, s, out->addr) == 1)
		out->family = 4;
	else if (inet_pton(AF_INET6, s, out->addr) == 1)
		out->family = 6;
	else
		return -EINVAL;
	return 0;
}

static void clear_host_bits(struct filter_remote *remote)
{
	for (unsigned bit = remote->prefix; bit < 8 * sizeof(remote->addr); bit++)
		remote->addr[bit / 8] &= (__u8) ~(0x80 >> bit % 8);
}

static void unmap(struct filter_remote *remote)
{
	static const __u8 mapped[12] = {[10] = 0xff, [11] = 0xff};

	if (remote->family != 6 || remote->prefix < 96 || memcmp(remote->addr, mapped, sizeof(mapped)))
		return;
	remote->family = 4;
	remote->prefix -= 96;
	memmove(remote->addr, remote->addr + 12, 4);
	memset(remote->addr + 4, 0, 12);
}

int parse_remote(const char *s, struct filter_remote *out)
{
	const char *slash = strchrnul(s, '/');
	char address[INET6_ADDRSTRLEN];
	struct filter_remote remote;
	__u64 prefix, longest;
	int r;

	if ((size_t)(slash - s) >= sizeof(address))
		return -EINVAL;
	*(char *)mempcpy(address, s, (size_t)(slash - s)) = '\0';
	r = read_address(address, &remote);
	if (r)
		return r;
	longest = prefix = remote.family == 4 ? 32 : 128;
	if (*slash) {
		r = parse_number(slash + 1, 0, longest, &prefix);
		if (r)
			return r;
	}
	remote.prefix = (__u8)prefix;
	clear_host_bits(&remote);
	unmap(&remote);
	*out = remote;
	return 0;
}
