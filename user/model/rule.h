/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * rule.h: what rules are made of; for the rules_*.c only.
 *
 * A rule looks at one thing at a time: the i-th subject, the i-th setting, … It fills in severity, weight, evidence, why and
 * changes and returns true, or returns false. Its id and title are in the table (rules.c).
 */
#ifndef TWTRACE_RULE_H
#define TWTRACE_RULE_H

#include <stdbool.h>

#include "rules.h"

/*
 * A burst is no steady trouble: a benchmark that ends, or a pool that is drained, closes all its connections within a second or
 * two. What lasts shows in at least so many different seconds, or in as many as were watched.
 */
#define STEADY_SECONDS 3
/* Fewer than that in all say nothing about a rate. */
#define FEW 10
/* A habit, and not an exception: of all closes of the subject. */
#define HABIT_SHARE 0.1
/* TCP_TIMEWAIT_LEN, include/net/tcp.h: fixed, no sysctl changes it. */
#define TIME_WAIT_SECONDS 60
/* 32768 to 60999, the default of ip_local_port_range since 4.2. */
#define DEFAULT_PORTS 28232
/*
 * TIME_WAITs a second from which on they are worth a word where ports are no concern: 6,000 at a time, about 1.5 MB and a few
 * percent of the usual limits.
 */
#define MANY_PER_SECOND 100
/* Of a limit: from the first on it is worth a word, from the second on one load peak, or a second process like it, reaches it. */
#define USED_SOME 0.1
#define USED_MUCH 0.5

double per_second(const struct facts *facts, __u64 n);
/* busy: a set of seconds, as row->busy. */
bool is_steady(const struct facts *facts, __u64 busy);
/* Closes by the process' own FIN, of which each leaves a TIME_WAIT here; by the peer's; and both as a share of all closes. */
__u64 closed_first(const struct row *sum);
double share_of(__u64 n, __u64 of);

/* The subject's namespace's; false: unknown. */
bool setting_of(const struct facts *facts, __u32 netns, enum sysctl_id id, long long *value);
/* Local ports to choose from; DEFAULT_PORTS where unknown. */
double local_ports(const struct facts *facts, __u32 netns);
/*
 * What a subject's rate comes to, but never more than tcp_max_tw_buckets: TIME_WAITs begun in a minute; those in place at a time
 * if it goes on so, where those that ended early (taken over, or reset) do not count; those among them whose ports the next
 * connect() may not have.
 */
double time_waits_a_minute(const struct facts *facts, const struct row *sum);
double time_waits_held(const struct facts *facts, const struct row *sum);
double ports_held(const struct facts *facts, const struct row *sum);
/* May connect() take over the TIME_WAITs of this subject (tcp_twsk_unique())? Unknown settings are taken for the kernel's
 * defaults. */
bool reuse_works(const struct facts *facts, const struct row *sum);

const struct row *subject_at(const struct facts *facts, size_t i);
void name_subject(struct finding *f, const struct facts *facts, size_t i);
/* How many, how often, and which share of how many. */
void count_of(struct finding *f, const struct facts *facts, const char *name, __u64 n, __u64 of);
/* The rules, by file. */
bool rule_upstream_without_keepalive(const struct facts *facts, size_t i, struct finding *f);
bool rule_client_closes_first(const struct facts *facts, size_t i, struct finding *f);
bool rule_server_closes_first(const struct facts *facts, size_t i, struct finding *f);

bool rule_rst_linger0(const struct facts *facts, size_t i, struct finding *f);
bool rule_rst_unread_data(const struct facts *facts, size_t i, struct finding *f);

bool rule_no_port(const struct facts *facts, size_t i, struct finding *f);
bool rule_ports_run_out(const struct facts *facts, size_t i, struct finding *f);
bool rule_tw_reuse(const struct facts *facts, size_t i, struct finding *f);
bool rule_narrow_range(const struct facts *facts, size_t i, struct finding *f);

bool rule_tw_overflow(const struct facts *facts, size_t i, struct finding *f);
bool rule_tw_reset(const struct facts *facts, size_t i, struct finding *f);
bool rule_fin_wait2(const struct facts *facts, size_t i, struct finding *f);

bool rule_close_wait(const struct facts *facts, size_t i, struct finding *f);
bool rule_keepalive_unanswered(const struct facts *facts, size_t i, struct finding *f);
bool rule_timeouts(const struct facts *facts, size_t i, struct finding *f);
bool rule_lost(const struct facts *facts, size_t i, struct finding *f);

bool rule_tw_recycle(const struct facts *facts, size_t i, struct finding *f);
bool rule_fin_timeout(const struct facts *facts, size_t i, struct finding *f);

#endif
