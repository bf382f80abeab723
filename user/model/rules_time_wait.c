/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* rules_time_wait.c: TIME_WAITs that do not come to be, do not last, or wait for a FIN that does not come. */
#include <string.h>

#include "rule.h"

/* Ends other than by time, as a share of all: from here on it is how things go, not an accident. */
#define ENDS_PER_SECOND 1
/* Orphans in FIN_WAIT2 that are a pile: so many, each there for so long. A peer that closes at all does so within a round trip.
 */
#define PILE 1000
#define PILE_SECONDS 10

static __u64 all_skipped(const struct facts *facts, __u32 netns)
{
	__u64 skipped = 0;

	for (size_t i = 0; i < facts->nsubjects; i++)
		if (subject_at(facts, i)->netns == netns)
			skipped += subject_at(facts, i)->tw_skipped;
	return skipped;
}

bool rule_tw_overflow(const struct facts *facts, size_t i, struct finding *f)
{
	const struct row *sum = subject_at(facts, i);
	__u64 n = sum->tw_skipped;
	long long buckets;

	if (n < FEW)
		return false;
	f->severity = SEVERITY_WARNING;
	f->weight = (double)n;
	name_subject(f, facts, i);
	count_of(f, facts, "time_waits_left_out", n, all_skipped(facts, sum->netns));
	finding_count(f, "time_waits_kept", (double)sum->tw_entered);
	if (setting_of(facts, sum->netns, SYSCTL_MAX_TW_BUCKETS, &buckets))
		finding_count(f, "tcp_max_tw_buckets", (double)buckets);
	f->why = "The namespace holds as many TIME_WAITs as tcp_max_tw_buckets allows (or the kernel found no memory for one): "
		 "the "
		 "connection is forgotten at once. A late segment may then reach a new connection with the same addresses, and a "
		 "peer "
		 "whose last FIN needs a second answer gets a RST.";
	finding_change(f, "Have this process close less often, or not first: keep connections and use them again.");
	finding_change(
		f, "If tcp_max_tw_buckets was lowered, put it back: the default follows the memory, a TIME_WAIT takes about 250 "
		   "bytes, and lowering it saves nothing else.");
	return true;
}

bool rule_tw_reset(const struct facts *facts, size_t i, struct finding *f)
{
	const struct row *sum = subject_at(facts, i);
	__u64 n = sum->tw_reset;

	if (n < FEW || per_second(facts, n) < ENDS_PER_SECOND || !is_steady(facts, sum->busy) ||
	    share_of(n, sum->tw_entered) < HABIT_SHARE)
		return false;
	f->severity = SEVERITY_NOTICE;
	f->weight = per_second(facts, n);
	name_subject(f, facts, i);
	count_of(f, facts, "time_waits_ended_by_rst", n, sum->tw_entered);
	f->why = "A RST from the peer ended the TIME_WAIT before its 60 s (RFC 1337), so it protects nothing any more. Peers "
		 "send one when "
		 "they abort after our FIN, or when a new connection of theirs from the same port meets a TIME_WAIT that does "
		 "not take "
		 "it, which costs that connection a second.";
	finding_change(
		f,
		"Look at the peer: does it close with data unread or with SO_LINGER 0, or do many clients share few ports behind "
		"one NAT address?");
	finding_change(f, "tcp_rfc1337=1 makes TIME_WAIT ignore RSTs; it cures the symptom here, and keeps the TIME_WAITs.");
	return true;
}

/* Who has most of them; NULL: nobody known. */
static bool worst_waiter(const struct facts *facts, size_t *worst)
{
	__u64 most = 0;

	for (size_t i = 0; i < facts->nsubjects; i++) {
		const struct row *sum = subject_at(facts, i);

		if (!sum->key.process.pid || sum->tw_ended[END_FIN_WAIT2_TIMEOUT] <= most)
			continue;
		most = sum->tw_ended[END_FIN_WAIT2_TIMEOUT];
		*worst = i;
	}
	return most;
}

bool rule_fin_wait2(const struct facts *facts, size_t i, struct finding *f)
{
	const struct summary *s = facts->summary;
	__u64 expired = s->totals.fin_wait2_ended[END_FIN_WAIT2_TIMEOUT];
	double began = per_second(facts, s->totals.fin_wait2_begun), now = (double)s->fin_wait2_now;
	bool pile = now >= PILE && now >= began * PILE_SECONDS; /* number = rate * stay (Little) */
	/* Some peers always vanish: phones that lose their network. */
	bool habit = expired >= FEW && per_second(facts, expired) >= ENDS_PER_SECOND &&
		     (double)expired >= HABIT_SHARE * (double)s->totals.fin_wait2_begun;
	size_t worst;

	(void)i;
	if (!pile && !habit)
		return false;
	f->severity = pile ? SEVERITY_WARNING : SEVERITY_NOTICE;
	f->weight = now;
	finding_count(f, "orphans_in_fin_wait2", now);
	finding_count(f, "expired_in_fin_wait2", (double)expired);
	finding_value(f, "expired_in_fin_wait2", UNIT_PER_SECOND, per_second(facts, expired));
	if (worst_waiter(facts, &worst)) {
		name_subject(f, facts, worst);
		finding_count(f, "expired_of_this_process", (double)subject_at(facts, worst)->tw_ended[END_FIN_WAIT2_TIMEOUT]);
	}
	f->why = "This side has closed, the peer has acknowledged that and does not close its own end: it leaks connections in "
		 "CLOSE_WAIT, or "
		 "holds them on purpose. They are never a TIME_WAIT; tcp_fin_timeout ends them.";
	finding_change(
		f, "Have the peer close when it reads the end (read() returns 0): twtrace on the peer's host names the process.");
	finding_change(f, "Until then a lower tcp_fin_timeout ends these sooner; this is the one thing that it does.");
	return true;
}
