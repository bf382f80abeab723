/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* rules_closes.c: who closes first, again and again, and so leaves a TIME_WAIT behind each time. */
#include "advice.h"
#include "rule.h"

/* Steady, and most of what the subject does. */
static bool is_habit(const struct facts *facts, const struct row *sum, __u64 n)
{
	return n >= FEW && is_steady(facts, sum->busy) && share_of(n, row_closes(sum)) >= 0.5;
}

/* A kept connection ends one day, too: nginx closes after keepalive_requests, 1,000 by default. */
static bool is_for_few_requests(const struct row *sum)
{
	return share_of(sum->brief, row_closes(sum)) >= 0.5;
}

/* How full tcp_max_tw_buckets gets at this rate; 0: not known. */
static double bucket_share(const struct facts *facts, const struct row *sum)
{
	long long buckets;

	if (!setting_of(facts, sum->netns, SYSCTL_MAX_TW_BUCKETS, &buckets) || buckets <= 0)
		return 0;
	return time_waits_held(facts, sum) / (double)buckets;
}

static void count_brief(struct finding *f, const struct row *sum)
{
	finding_value(f, "few_requests", UNIT_PERCENT, 100 * share_of(sum->brief, row_closes(sum)));
	if (sum->lifetime.count)
		finding_value(f, "lifetime_p50", UNIT_NS, (double)histogram_quantile(&sum->lifetime, 0.5));
}

static void count_held(struct finding *f, const struct facts *facts, const struct row *sum)
{
	long long buckets;

	finding_count(f, "time_waits_now", (double)row_tw_now(sum));
	finding_count(f, "in_a_minute_at_this_rate", time_waits_held(facts, sum));
	if (setting_of(facts, sum->netns, SYSCTL_MAX_TW_BUCKETS, &buckets))
		finding_count(f, "tcp_max_tw_buckets", (double)buckets);
}

/*
 * The TIME_WAITs are the peer's, the waste is ours. Only for programs that are known to do so by default; of others who are
 * closed by their peer nothing says that it is their doing.
 */
bool rule_upstream_without_keepalive(const struct facts *facts, size_t i, struct finding *f)
{
	const struct row *sum = subject_at(facts, i);
	__u64 n = sum->closed[CLOSER_REMOTE][HOW_FIN];

	if (sum->key.endpoint.role != ROLE_CLIENT || !advice_is_proxy(sum->key.process.comm) || !is_habit(facts, sum, n) ||
	    !is_for_few_requests(sum) || per_second(facts, n) < MANY_PER_SECOND)
		return false;
	f->severity = SEVERITY_WARNING;
	f->weight = per_second(facts, n);
	name_subject(f, facts, i);
	count_of(f, facts, "closed_by_upstream", n, row_closes(sum));
	count_brief(f, sum);
	f->why =
		"Each of these connections was opened by the proxy and closed first by its upstream, after few requests or one: "
		"the "
		"proxy asks for that, or the upstream does not keep connections open. The TIME_WAITs are on the upstream's side.";
	advise_client(f, sum->key.process.comm);
	finding_change(
		f, "If the proxy does keep connections open: see why the upstream closes them (its idle timeout, its limit of "
		   "requests per connection, HTTP/1.0).");
	return true;
}

bool rule_client_closes_first(const struct facts *facts, size_t i, struct finding *f)
{
	const struct row *sum = subject_at(facts, i);
	double ports = local_ports(facts, sum->netns);
	__u64 n = closed_first(sum);

	if (sum->key.endpoint.role != ROLE_CLIENT || !is_habit(facts, sum, n) ||
	    time_waits_a_minute(facts, sum) < USED_SOME * ports)
		return false;
	f->severity = ports_held(facts, sum) >= USED_MUCH * ports ? SEVERITY_WARNING : SEVERITY_NOTICE;
	f->weight = per_second(facts, n);
	name_subject(f, facts, i);
	count_of(f, facts, "closed_first", n, row_closes(sum));
	count_brief(f, sum);
	count_held(f, facts, sum);
	finding_count(f, facts->sysctls ? "local_ports" : "local_ports_by_default", ports);
	f->why = reuse_works(facts, sum) ? "Whoever closes first keeps the TIME_WAIT, 60 s each. tcp_tw_reuse lets this client "
					   "take their ports again, so "
					   "they do not run out, but each request still pays for a new connection."
					 : "Whoever closes first keeps the TIME_WAIT, 60 s each, and at a client each of them "
					   "holds a local port towards "
					   "this endpoint: when all are held, connect() fails with EADDRNOTAVAIL.";
	advise_client(f, sum->key.process.comm);
	return true;
}

bool rule_server_closes_first(const struct facts *facts, size_t i, struct finding *f)
{
	const struct row *sum = subject_at(facts, i);
	double used = bucket_share(facts, sum);
	__u64 n = closed_first(sum);

	if (sum->key.endpoint.role != ROLE_SERVER || !is_habit(facts, sum, n) || !is_for_few_requests(sum) ||
	    per_second(facts, n) < MANY_PER_SECOND)
		return false;
	f->severity = used >= USED_MUCH ? SEVERITY_WARNING : SEVERITY_NOTICE;
	f->weight = per_second(facts, n);
	name_subject(f, facts, i);
	count_of(f, facts, "closed_first", n, row_closes(sum));
	count_brief(f, sum);
	count_held(f, facts, sum);
	f->why = "Whoever closes first keeps the TIME_WAIT, 60 s each. At a server they hold no port, but memory and "
		 "tcp_max_tw_buckets, and each request pays for a new connection.";
	advise_server(f, sum->key.process.comm);
	return true;
}
