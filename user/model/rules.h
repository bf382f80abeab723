/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * rules.h: from what was seen to what is wrong with it.
 *
 * A table of small pure functions over the facts. A part of the facts that is unknown (NULL) silences the rules that need it, and
 * the diagnosis says so: nothing is concluded from what was not looked at.
 */
#ifndef TWTRACE_RULES_H
#define TWTRACE_RULES_H

#include <stddef.h>

#include "finding.h"
#include "leak.h"
#include "port_budget.h"
#include "subject.h"
#include "summary.h"
#include "sysctl_settings.h"
#include "sysctls.h"

/* Parts of the facts. */
enum part { PART_SUMMARY, PART_SYSCTLS, PART_PORTS, PART_LEAKS, PART_SETTINGS, PART_MAX };

/* All borrowed. A part that is NULL is unknown; its number is 0 then. */
struct facts {
	double seconds; /* how long connections were watched */
	const struct subject *subjects;
	size_t nsubjects;
	__u64 summed_up; /* closes that belong to no subject, as the table had no room for all rows */
	const struct summary *summary;
	const struct sysctls *sysctls; /* of all network namespaces, in order of netns */
	size_t nsysctls;
	const struct port_pair *const *pairs; /* port_budget_pairs() */
	size_t npairs;
	const struct leak *leaks;
	size_t nleaks;
	const struct sysctl_setting *settings; /* found in the files that sysctl(8) reads */
	size_t nsettings;
	const char *why_unknown[PART_MAX]; /* one clause for each part that is */
};

enum { FINDINGS_PER_RULE = 5 };

/* What one cannot say for want of facts. */
struct unseen {
	const char *what; /* one clause */
	const char *why;
};

enum { UNSEEN_MAX = PART_MAX + 4 };

struct diagnosis {
	struct finding *findings; /* the worst first: by severity, then in the order of the table of rules, then by weight */
	size_t n;
	size_t more; /* findings beyond FINDINGS_PER_RULE of a rule: only counted */
	struct unseen unseen[UNSEEN_MAX];
	unsigned nunseen;
};

/* -ENOMEM. To be ended with diagnosis_clear(). */
int diagnose(struct diagnosis *out, const struct facts *facts);
void diagnosis_clear(struct diagnosis *d);

#endif
