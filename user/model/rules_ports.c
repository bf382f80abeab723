/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* rules_ports.c: local ports, of which only clients run out, and the settings that stretch them. */
#include <arpa/inet.h>
#include <string.h>

#include "advice.h"
#include "rule.h"

/* Of the usable ports: one more peak and they are gone; now and then a connect() may fail already. */
#define PORTS_MUCH 0.8
#define PORTS_ALL 0.95

static double range_of(const struct facts *facts, __u32 netns)
{
	long long low, high;

	if (!setting_of(facts, netns, SYSCTL_PORT_LOW, &low) || !setting_of(facts, netns, SYSCTL_PORT_HIGH, &high))
		return 0;
	return (double)(high - low + 1);
}

static bool is_pair_of(const struct port_pair *pair, const struct row *sum)
{
	const struct endpoint *e = &sum->key.endpoint;

	return e->role == ROLE_CLIENT && e->family == pair->key.family && e->port == pair->key.rport &&
	       sum->netns == pair->key.netns && !memcmp(e->addr, pair->key.raddr, sizeof(e->addr));
}

/* The one of a client's pairs that has most in use; NULL: unknown. */
static const struct port_pair *fullest_pair(const struct facts *facts, const struct row *sum)
{
	const struct port_pair *fullest = NULL;

	for (size_t i = 0; i < facts->npairs; i++) {
		const struct port_pair *pair = facts->pairs[i];

		if (pair->known && is_pair_of(pair, sum) && (!fullest || pair->share > fullest->share))
			fullest = pair;
	}
	return fullest;
}

static bool is_full_of_connections(const struct port_pair *pair)
{
	return pair && pair->connections > pair->time_wait;
}

static void count_held(struct finding *f, const struct port_pair *pair)
{
	finding_count(f, "ports_held", pair->held);
	finding_value(f, "ports_held", UNIT_PERCENT, 100 * pair->share);
	finding_count(f, "by_time_waits", pair->time_wait);
	finding_count(f, "by_connections", pair->connections);
	finding_count(f, "usable_ports", pair->usable);
}

static void advise_holder(struct finding *f, const struct port_pair *pair, const char *comm)
{
	if (!is_full_of_connections(pair)) {
		advise_client(f, comm);
		return;
	}
	finding_change(f, "See whether so many connections are meant to be open: a pool without a bound, or a leak. If they are, "
			  "more local "
			  "addresses, or more remote addresses or ports, give as many ports again each.");
}

bool rule_no_port(const struct facts *facts, size_t i, struct finding *f)
{
	const struct row *sum = subject_at(facts, i);
	const struct port_pair *pair = fullest_pair(facts, sum);
	__u64 n = sum->connect_failed[REASON_NO_PORT];

	if (!n)
		return false;
	f->severity = SEVERITY_CRITICAL;
	f->weight = (double)n;
	name_subject(f, facts, i);
	finding_count(f, "connects_without_port", (double)n);
	finding_value(f, "connects_without_port", UNIT_PER_SECOND, per_second(facts, n));
	if (pair)
		count_held(f, pair);
	f->why = "connect() failed with EADDRNOTAVAIL: every local port towards this endpoint was held by a connection, or by a "
		 "TIME_WAIT, which "
		 "holds its port for 60 s.";
	advise_holder(f, pair, sum->key.process.comm);
	return true;
}

/* Has the process at hand closed connections of this pair steadily, so that its rate can be relied upon? */
static bool rate_is_steady(const struct facts *facts, const struct port_pair *pair)
{
	for (size_t i = 0; i < facts->nsubjects; i++)
		if (is_pair_of(pair, subject_at(facts, i)) && is_steady(facts, subject_at(facts, i)->busy))
			return true;
	return false;
}

static void name_pair(struct finding *f, const struct port_pair *pair)
{
	const struct port_pair_key *key = &pair->key;
	char address[INET6_ADDRSTRLEN];

	if (!key->any_remote) {
		f->named = true;
		f->subject = (struct subject_name){.netns = key->netns, .processes = (unsigned)pair->nprocesses};
		f->subject.endpoint = (struct endpoint){.port = key->rport, .family = key->family, .role = ROLE_CLIENT};
		memcpy(f->subject.endpoint.addr, key->raddr, sizeof(key->raddr));
		if (pair->nprocesses) {
			f->subject.pid = pair->processes[0].process.pid;
			memcpy(f->subject.comm, pair->processes[0].process.comm, COMM_LEN);
		}
	}
	if (inet_ntop(key->family == 4 ? AF_INET : AF_INET6, key->laddr, address, sizeof(address)))
		finding_text(f, "local_address", address);
}

bool rule_ports_run_out(const struct facts *facts, size_t i, struct finding *f)
{
	const struct port_pair *pair = facts->pairs[i];
	bool soon = pair->left_ns != UNKNOWN_NS && rate_is_steady(facts, pair);

	/* Where connects fail already, that is another finding. */
	if (!pair->known || !pair->held || pair->no_port || (pair->share < PORTS_MUCH && !(soon && pair->share >= USED_MUCH)))
		return false;
	f->severity = pair->share >= PORTS_ALL || soon ? SEVERITY_CRITICAL : SEVERITY_WARNING;
	f->weight = pair->share;
	name_pair(f, pair);
	count_held(f, pair);
	finding_value(f, "time_waits_begun", UNIT_PER_SECOND, pair->rate);
	if (soon)
		finding_value(f, "run_out_in", UNIT_NS, (double)pair->left_ns);
	f->why = is_full_of_connections(pair) ? "Towards one endpoint each connection holds a local port, and most of these are "
						"held by connections that are open. When "
						"all are held, connect() fails with EADDRNOTAVAIL."
					      : "Towards one endpoint each connection and each TIME_WAIT holds a local port, and "
						"most of these are held by TIME_WAITs: "
						"connections that this side closed first in the last minute. When all are held, "
						"connect() fails with EADDRNOTAVAIL.";
	advise_holder(f, pair, f->subject.comm);
	return true;
}

/* The client that needs ports most in a namespace; false: none has a problem. */
static bool neediest(const struct facts *facts, __u32 netns, bool without_reuse, size_t *found, bool *failing)
{
	double most = 0;

	for (size_t i = 0; i < facts->nsubjects; i++) {
		const struct row *sum = subject_at(facts, i);
		bool fails = sum->connect_failed[REASON_NO_PORT];
		double need = time_waits_a_minute(facts, sum) / local_ports(facts, netns) + (fails ? 1e9 : 0);

		if (sum->netns != netns || sum->key.endpoint.role != ROLE_CLIENT || need < USED_MUCH || need <= most)
			continue;
		if (without_reuse && (reuse_works(facts, sum) || is_full_of_connections(fullest_pair(facts, sum))))
			continue;
		most = need;
		*found = i;
		*failing = fails;
	}
	return most > 0;
}

static void count_need(struct finding *f, const struct facts *facts, size_t i, bool failing)
{
	const struct row *sum = subject_at(facts, i);

	f->severity = failing ? SEVERITY_WARNING : SEVERITY_NOTICE;
	f->weight = time_waits_a_minute(facts, sum);
	name_subject(f, facts, i);
	finding_count(f, "local_ports", local_ports(facts, sum->netns));
	if (failing)
		finding_count(f, "connects_without_port", (double)sum->connect_failed[REASON_NO_PORT]);
	else
		finding_count(f, "time_waits_a_minute", time_waits_a_minute(facts, sum));
	if (fullest_pair(facts, sum))
		finding_count(f, "ports_held_by_time_waits", fullest_pair(facts, sum)->time_wait);
}

bool rule_tw_reuse(const struct facts *facts, size_t i, struct finding *f)
{
	__u32 netns = facts->sysctls[i].netns;
	long long reuse, timestamps;
	size_t client;
	bool failing;

	if (!setting_of(facts, netns, SYSCTL_TW_REUSE, &reuse) || !setting_of(facts, netns, SYSCTL_TIMESTAMPS, &timestamps) ||
	    !neediest(facts, netns, true, &client, &failing))
		return false;
	count_need(f, facts, client, failing);
	finding_count(f, "tcp_tw_reuse", (double)reuse);
	finding_count(f, "tcp_timestamps", (double)timestamps);
	if (!timestamps) {
		f->why = "connect() may take over a TIME_WAIT only if that connection used TCP timestamps, which tell old "
			 "segments from new "
			 "ones. They are off here, so tcp_tw_reuse does nothing.";
		finding_change(f, "sysctl -w net.ipv4.tcp_timestamps=1");
	} else if (reuse == 2) {
		f->why = "tcp_tw_reuse=2, the default since Linux 4.19, lets connect() take over TIME_WAITs of loopback "
			 "addresses only "
			 "(127.0.0.0/8, ::1): not of this endpoint.";
	} else {
		f->why = "With tcp_tw_reuse=0 connect() waits out all 60 s of each TIME_WAIT before its port can be used again "
			 "towards the "
			 "same endpoint.";
	}
	if (reuse != 1)
		finding_change(
			f, "In the client's network namespace: sysctl -w net.ipv4.tcp_tw_reuse=1. It lets connect() take over a "
			   "TIME_WAIT after a second, if both ends use timestamps; it does nothing for servers.");
	finding_change(f, "Better still, keep connections and use them again: then there is nothing to take over.");
	return true;
}

bool rule_narrow_range(const struct facts *facts, size_t i, struct finding *f)
{
	__u32 netns = facts->sysctls[i].netns;
	double range = range_of(facts, netns);
	size_t client;
	bool failing;

	if (range <= 0 || range >= DEFAULT_PORTS || !neediest(facts, netns, false, &client, &failing))
		return false;
	count_need(f, facts, client, failing);
	finding_count(f, "local_ports_by_default", DEFAULT_PORTS);
	f->why = "ip_local_port_range is how many connections and TIME_WAITs one local address can have towards one endpoint at "
		 "a time, and "
		 "it is narrower here than the default of 32768 to 60999.";
	finding_change(
		f, "Widen net.ipv4.ip_local_port_range, clear of the ports that servers listen on (ip_local_reserved_ports keeps "
		   "single ones out).");
	return true;
}
