/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* facts.h: a host for rules to judge, on which all is known and nothing is wrong, until a test plants something. */
#ifndef TWTRACE_FACTS_H
#define TWTRACE_FACTS_H

#include "model/rules.h"
#include "unit.h"

enum { HOST_NETNS = 77, HOST_SECONDS = 10 };

struct host {
	struct subject subjects[8];
	struct sysctls sysctls[2];
	struct summary summary;
	struct sysctl_setting settings[4];
	struct port_pair pairs_of[2];
	const struct port_pair *pairs[2];
	struct leak leaks[8];
	struct facts facts;
	struct diagnosis diagnosis;
};

static inline void set(struct host *h, enum sysctl_id id, long long value)
{
	h->sysctls[0].known |= 1u << id;
	h->sysctls[0].value[id] = value;
}

static inline void host_init(struct host *h)
{
	memset(h, 0, sizeof(*h));
	h->pairs[0] = &h->pairs_of[0];
	h->pairs[1] = &h->pairs_of[1];
	h->sysctls[0].netns = HOST_NETNS;
	set(h, SYSCTL_PORT_LOW, 32768);
	set(h, SYSCTL_PORT_HIGH, 60999);
	set(h, SYSCTL_TW_REUSE, 2);
	set(h, SYSCTL_TIMESTAMPS, 1);
	set(h, SYSCTL_MAX_TW_BUCKETS, 131072);
	set(h, SYSCTL_FIN_TIMEOUT, 60);
	set(h, SYSCTL_KEEPALIVE_TIME, 7200);
	h->facts = (struct facts){
		.seconds = HOST_SECONDS,
		.subjects = h->subjects,
		.summary = &h->summary,
		.sysctls = h->sysctls,
		.nsysctls = 1,
		.pairs = h->pairs,
		.leaks = h->leaks,
		.settings = h->settings,
	};
}

/* Somebody at work throughout, towards 10.0.0.2:80 or serving port 80; what happened is for the test to say. */
static inline struct row *add_subject(struct host *h, const char *comm, enum role role)
{
	struct subject *s = &h->subjects[h->facts.nsubjects++];
	struct endpoint endpoint = {.addr = {10, 0, 0, 2}, .port = 80, .family = 4, .role = (__u8)role};

	s->sum.key.process.pid = s->name.pid = 100;
	snprintf(s->sum.key.process.comm, COMM_LEN, "%s", comm);
	snprintf(s->name.comm, COMM_LEN, "%s", comm);
	s->sum.key.endpoint = s->name.endpoint = endpoint;
	s->sum.netns = s->name.netns = HOST_NETNS;
	s->name.processes = 1;
	s->sum.busy = (1 << HOST_SECONDS) - 1;
	return &s->sum;
}

/* n connections closed first by the subject, each for one request. */
static inline void close_first(struct row *sum, __u64 n)
{
	sum->closed[CLOSER_LOCAL][HOW_FIN] += n;
	sum->causes[CAUSE_CLOSE] += n;
	sum->tw_entered += n;
	sum->tw_now += (__s64)n;
	sum->brief += n;
}

/* What the rule of that id says of the host; NULL: nothing. Valid until the next call. */
static inline const struct finding *found(struct host *h, const char *id)
{
	diagnosis_clear(&h->diagnosis);
	assert_int_equal(diagnose(&h->diagnosis, &h->facts), 0);
	for (size_t i = 0; i < h->diagnosis.n; i++)
		if (!strcmp(h->diagnosis.findings[i].id, id))
			return &h->diagnosis.findings[i];
	return NULL;
}

static inline void host_end(struct host *h)
{
	diagnosis_clear(&h->diagnosis);
}

static inline const struct evidence *evidence(const struct finding *f, const char *name, enum unit unit)
{
	for (unsigned i = 0; i < f->nevidence; i++)
		if (!strcmp(f->evidence[i].name, name) && f->evidence[i].unit == unit)
			return &f->evidence[i];
	fail_msg("%s: no evidence %s", f->id, name);
	return NULL;
}

#define assert_evidence(f, name, number) assert_true(evidence(f, name, UNIT_COUNT)->value == (number))
#define assert_rate(f, name, number) assert_true(evidence(f, name, UNIT_PER_SECOND)->value == (number))
#define assert_changes(f, text)                                                                                                  \
	do {                                                                                                                     \
		assert_true((f)->nchanges > 0);                                                                                  \
		assert_non_null(strstr((f)->changes[0], text));                                                                  \
	} while (0)

#endif
