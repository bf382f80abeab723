/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* rules.c: the table of rules, and how the findings of all of them become one ranked list. See rules.h. */
#include "rules.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "rule.h"
#include "sum.h"

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

struct rule {
	const char *id;
	const char *title;
	unsigned needs; /* bits 1 << enum part: without one of them it cannot tell */
	size_t (*count)(const struct facts *facts);
	bool (*check)(const struct facts *facts, size_t i, struct finding *f);
};

static size_t each_subject(const struct facts *facts)
{
	return facts->nsubjects;
}

static size_t each_netns(const struct facts *facts)
{
	return facts->nsysctls;
}

static size_t each_pair(const struct facts *facts)
{
	return facts->npairs;
}

static size_t each_leak(const struct facts *facts)
{
	return facts->nleaks;
}

static size_t each_setting(const struct facts *facts)
{
	return facts->nsettings;
}

static size_t once(const struct facts *facts)
{
	(void)facts;
	return 1;
}

/* Connections of which it is not known who opened them: fewer hide no finding. */
#define MANY_ROLELESS 100

#define NEEDS(part) (1u << PART_##part)

/* Of findings as severe as each other the rule that stands first here comes first: what hurts before what explains it. */
static const struct rule rules[] = {
	{"no_port", "connects fail: no local port is left", 0, each_subject, rule_no_port},
	{"ports_run_out", "local ports are running out", NEEDS(PORTS), each_pair, rule_ports_run_out},
	{"close_wait", "connections leak: the peer closed, the process does not", NEEDS(LEAKS), each_leak, rule_close_wait},
	{"tw_overflow", "TIME_WAITs are left out: tcp_max_tw_buckets is reached", 0, each_subject, rule_tw_overflow},
	{"rst_linger0", "closes by RST: SO_LINGER with 0 seconds", 0, each_subject, rule_rst_linger0},
	{"rst_unread_data", "closes by RST: data was left unread", 0, each_subject, rule_rst_unread_data},
	{"upstream_without_keepalive", "a proxy opens a new connection again and again", 0, each_subject,
	 rule_upstream_without_keepalive},
	{"client_closes_first", "a client closes first, again and again", 0, each_subject, rule_client_closes_first},
	{"server_closes_first", "a server closes first, again and again", 0, each_subject, rule_server_closes_first},
	{"keepalive_unanswered", "idle connections die: keepalive gets no answer", 0, each_subject, rule_keepalive_unanswered},
	{"timeouts", "connections die: the peer no longer answers", 0, each_subject, rule_timeouts},
	{"fin_wait2", "peers do not close their end: FIN_WAIT2 lasts until it times out", NEEDS(SUMMARY), once, rule_fin_wait2},
	{"tw_reset", "TIME_WAITs are ended by RST", 0, each_subject, rule_tw_reset},
	{"tw_reuse", "tcp_tw_reuse does not help the client that needs it", NEEDS(SYSCTLS), each_netns, rule_tw_reuse},
	{"narrow_port_range", "the range of local ports is narrower than the default", NEEDS(SYSCTLS), each_netns,
	 rule_narrow_range},
	{"tw_recycle", "tcp_tw_recycle is set in a file, and does not exist", NEEDS(SETTINGS), each_setting, rule_tw_recycle},
	{"fin_timeout", "tcp_fin_timeout is lowered, which does not touch TIME_WAIT", NEEDS(SYSCTLS) | NEEDS(SUMMARY), each_netns,
	 rule_fin_timeout},
	{"lost", "this diagnosis has not seen everything", NEEDS(SUMMARY), once, rule_lost},
};

static bool is_known(const struct facts *facts, enum part part)
{
	switch (part) {
	case PART_SUMMARY:
		return facts->summary;
	case PART_SYSCTLS:
		return facts->sysctls;
	case PART_PORTS:
		return facts->pairs;
	case PART_LEAKS:
		return facts->leaks;
	case PART_SETTINGS:
		return facts->settings;
	case PART_MAX:
		break;
	}
	return false;
}

static bool can_tell(const struct rule *rule, const struct facts *facts)
{
	for (int part = 0; part < PART_MAX; part++)
		if (rule->needs & 1u << part && !is_known(facts, (enum part)part))
			return false;
	return true;
}

/* The rule that found it stands for its place in the table: ids point into it. */
static size_t rank_of(const struct finding *f)
{
	size_t i = 0;

	while (i + 1 < COUNT_OF(rules) && rules[i].id != f->id)
		i++;
	return i;
}

static int compare_findings(const void *a, const void *b)
{
	const struct finding *fa = a, *fb = b;
	size_t ra = rank_of(fa), rb = rank_of(fb);

	if (fa->severity != fb->severity)
		return fa->severity > fb->severity ? -1 : 1;
	if (ra != rb)
		return ra < rb ? -1 : 1;
	return (fa->weight < fb->weight) - (fa->weight > fb->weight);
}

/* list: room for FINDINGS_PER_RULE, n in it, the worst first. Keeps f if there is room or it is worse than the last. */
static size_t keep(struct finding *list, size_t n, const struct finding *f)
{
	if (n < FINDINGS_PER_RULE)
		n++;
	else if (compare_findings(f, &list[n - 1]) >= 0)
		return n;
	list[n - 1] = *f;
	qsort(list, n, sizeof(*list), compare_findings);
	return n;
}

static size_t apply(const struct rule *rule, const struct facts *facts, struct finding *list, size_t *found)
{
	size_t n = 0, count = can_tell(rule, facts) ? rule->count(facts) : 0;

	*found = 0;
	for (size_t i = 0; i < count; i++) {
		struct finding f = {.id = rule->id, .title = rule->title};

		if (!rule->check(facts, i, &f))
			continue;
		(*found)++;
		n = keep(list, n, &f);
	}
	return n;
}

static void not_seen(struct diagnosis *d, const char *what, const char *why)
{
	assert(d->nunseen < UNSEEN_MAX);
	d->unseen[d->nunseen++] = (struct unseen){what, why};
}

static __u64 closes_where(const struct facts *facts, bool (*is)(const struct row *))
{
	__u64 closes = 0;

	for (size_t i = 0; i < facts->nsubjects; i++)
		if (is(&facts->subjects[i].sum))
			closes += row_closes(&facts->subjects[i].sum);
	return closes;
}

static bool is_any(const struct row *row)
{
	(void)row;
	return true;
}

static bool is_of_unknown_role(const struct row *row)
{
	return row->key.endpoint.role == ROLE_UNKNOWN;
}

static void tell_unknown_parts(struct diagnosis *d, const struct facts *facts)
{
	static const char *const what[PART_MAX] = {
		[PART_SUMMARY] = "the totals, so also what was lost and FIN_WAIT2 that piles up",
		[PART_SYSCTLS] = "sysctls: tcp_tw_reuse, the port range, tcp_fin_timeout",
		[PART_PORTS] = "how far local ports are from running out",
		[PART_LEAKS] = "connections that are open now, such as those stuck in CLOSE_WAIT",
		[PART_SETTINGS] = "sysctl.conf and sysctl.d",
	};

	for (int part = 0; part < PART_MAX; part++)
		if (!is_known(facts, (enum part)part))
			not_seen(d, what[part], facts->why_unknown[part] ? facts->why_unknown[part] : "not known");
}

static void tell_unseen(struct diagnosis *d, const struct facts *facts)
{
	__u64 closes = closes_where(facts, is_any), roleless = closes_where(facts, is_of_unknown_role);

	tell_unknown_parts(d, facts);
	if (share_of(facts->summed_up, facts->summed_up + closes) > HABIT_SHARE)
		not_seen(d, "processes and endpoints with few closes each", "they are more than the table has room for");
	if (facts->seconds < STEADY_SECONDS)
		not_seen(d, "whether what was seen is steady or a burst", "watched for too short a time: see -d");
	if (roleless >= MANY_ROLELESS && share_of(roleless, closes) > HABIT_SHARE)
		not_seen(d, "which side opened many of the connections",
			 "they are older than twtrace, and no listener explains them");
}

int diagnose(struct diagnosis *out, const struct facts *facts)
{
	struct diagnosis d = {.findings = calloc(COUNT_OF(rules) * FINDINGS_PER_RULE, sizeof(*d.findings))};

	if (!d.findings)
		return -ENOMEM;
	for (size_t i = 0; i < COUNT_OF(rules); i++) {
		size_t found, kept = apply(&rules[i], facts, d.findings + d.n, &found);

		d.n += kept;
		d.more += found - kept;
	}
	qsort(d.findings, d.n, sizeof(*d.findings), compare_findings);
	tell_unseen(&d, facts);
	*out = d;
	return 0;
}

void diagnosis_clear(struct diagnosis *d)
{
	free(d->findings);
	*d = (struct diagnosis){0};
}
