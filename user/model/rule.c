/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* rule.c: see rule.h. */
#include "rule.h"


#include "sum.h"

double per_second(const struct facts *facts, __u64 n)
{
	return facts->seconds > 0 ? (double)n / facts->seconds : 0;
}

bool is_steady(const struct facts *facts, __u64 busy)
{
	double seconds = facts->seconds < STEADY_SECONDS ? facts->seconds : STEADY_SECONDS;

	return __builtin_popcountll(busy) >= seconds;
}

__u64 closed_first(const struct row *sum)
{
	return sum->closed[CLOSER_LOCAL][HOW_FIN];
}

double share_of(__u64 n, __u64 of)
{
	return of ? (double)n / (double)of : 0;
}

bool setting_of(const struct facts *facts, __u32 netns, enum sysctl_id id, long long *value)
{
	return facts->sysctls && sysctl_get(sysctls_find(facts->sysctls, facts->nsysctls, netns), id, value);
}

double local_ports(const struct facts *facts, __u32 netns)
{
	long long low, high;

	if (!setting_of(facts, netns, SYSCTL_PORT_LOW, &low) || !setting_of(facts, netns, SYSCTL_PORT_HIGH, &high))
		return DEFAULT_PORTS;
	return (double)(high - low + 1);
}

static double bounded_by_buckets(const struct facts *facts, const struct row *sum, double held)
{
	long long buckets;

	if (setting_of(facts, sum->netns, SYSCTL_MAX_TW_BUCKETS, &buckets) && held > (double)buckets)
		return (double)buckets;
	return held;
}

double time_waits_a_minute(const struct facts *facts, const struct row *sum)
{
	return bounded_by_buckets(facts, sum, per_second(facts, sum->tw_entered) * TIME_WAIT_SECONDS);
}

double time_waits_held(const struct facts *facts, const struct row *sum)
{
	__u64 early = sum->tw_ended[END_REUSED_CONNECT] + sum->tw_ended[END_REUSED_SYN] + sum->tw_ended[END_RESET];
	__u64 stayed = minus(sum->tw_entered, early), now = row_tw_now(sum);

	/* Among the early ends may be those of TIME_WAITs older than the tracer. */
	return bounded_by_buckets(facts, sum, per_second(facts, stayed > now ? stayed : now) * TIME_WAIT_SECONDS);
}

double ports_held(const struct facts *facts, const struct row *sum)
{
	long long delay_ms = 1000; /* fixed before 6.14 */

	if (!reuse_works(facts, sum))
		return time_waits_held(facts, sum);
	setting_of(facts, sum->netns, SYSCTL_TW_REUSE_DELAY, &delay_ms);
	return bounded_by_buckets(facts, sum, per_second(facts, sum->tw_entered) * (double)delay_ms / 1000);
}

bool reuse_works(const struct facts *facts, const struct row *sum)
{
	const struct endpoint *endpoint = &sum->key.endpoint;
	long long reuse = 2, timestamps = 1;

	setting_of(facts, sum->netns, SYSCTL_TW_REUSE, &reuse);
	setting_of(facts, sum->netns, SYSCTL_TIMESTAMPS, &timestamps);
	return timestamps && (reuse == 1 || (reuse == 2 && address_is_loopback(endpoint->family, endpoint->addr)));
}

const struct row *subject_at(const struct facts *facts, size_t i)
{
	return &facts->subjects[i].sum;
}

void name_subject(struct finding *f, const struct facts *facts, size_t i)
{
	f->named = true;
	f->subject = facts->subjects[i].name;
}

void count_of(struct finding *f, const struct facts *facts, const char *name, __u64 n, __u64 of)
{
	finding_count(f, name, (double)n);
	finding_value(f, name, UNIT_PER_SECOND, per_second(facts, n));
	finding_value(f, name, UNIT_PERCENT, 100 * share_of(n, of));
}
