/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* tw_bins.c: see tw_bins.h. */
#include "tw_bins.h"

#include <string.h>

#define SECOND 1000000000ULL

enum { YOUNG_SECONDS = 10 };

void tw_bins_add(struct tw_bins *bins, const struct live_socket *s)
{
	__u64 left = s->left_ns == UNKNOWN_NS ? TIME_WAIT_SECONDS : s->left_ns / SECOND;
	unsigned bin = left < TIME_WAIT_SECONDS ? (unsigned)left : TIME_WAIT_SECONDS;

	if (s->flags & SOCKET_TIMESTAMPS)
		bins->stamped[bin]++;
	else
		bins->plain[bin]++;
}

static __u32 sum(const __u16 bins[TW_BINS], unsigned from)
{
	__u32 n = 0;

	for (unsigned i = from; i < TW_BINS; i++)
		n += bins[i];
	return n;
}

/* Since 6.14 a setting, a second before. */
static __u64 reuse_delay(const struct sysctls *sysctls)
{
	long long ms;

	return sysctl_get(sysctls, SYSCTL_TW_REUSE_DELAY, &ms) && ms >= 0 ? (__u64)ms * 1000000 : SECOND;
}

static bool will_be_stamped(const struct tw_bins *bins, const struct sysctls *sysctls)
{
	__u32 stamped = sum(bins->stamped, 0), plain = sum(bins->plain, 0);
	long long timestamps;

	if (stamped || plain)
		return stamped > plain;
	return sysctl_get(sysctls, SYSCTL_TIMESTAMPS, &timestamps) && timestamps;
}

void tw_hold_make(struct tw_hold *hold, const struct tw_bins *bins, bool may_reuse, const struct sysctls *sysctls)
{
	__u64 delay = reuse_delay(sysctls), seconds = (delay + SECOND - 1) / SECOND;

	*hold = (struct tw_hold){.ns = TIME_WAIT_SECONDS * SECOND};
	if (!may_reuse || seconds >= TIME_WAIT_SECONDS)
		return;
	hold->first = TIME_WAIT_SECONDS - (unsigned)seconds;
	if (will_be_stamped(bins, sysctls))
		hold->ns = delay;
}

__u32 tw_bins_holding(const struct tw_bins *bins, const struct tw_hold *hold)
{
	return sum(bins->plain, 0) + sum(bins->stamped, hold->first);
}

__u32 tw_bins_reusable(const struct tw_bins *bins, const struct tw_hold *hold)
{
	return sum(bins->stamped, 0) - sum(bins->stamped, hold->first);
}

double tw_bins_rate(const struct tw_bins *bins)
{
	unsigned from = TIME_WAIT_SECONDS - YOUNG_SECONDS;

	return (double)(sum(bins->stamped, from) + sum(bins->plain, from)) / YOUNG_SECONDS;
}

__u64 tw_bins_last(const struct tw_bins *bins, const struct tw_hold *hold, __u32 free, double rate)
{
	double have = free, end = (double)hold->ns / 1e9;

	for (unsigned second = 0; second < end; second++) {
		if (have / rate <= second + 1)
			return (__u64)(have / rate * 1e9);
		have += bins->plain[second]; /* through by the end of this second */
		if (second + hold->first < TW_BINS)
			have += bins->stamped[second + hold->first];
	}
	return hold->ns;
}
