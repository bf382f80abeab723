/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* rules_abort.c: closes that throw away what is on its way. */
#include <string.h>

#include "rule.h"

/* Health checks and closing benchmarks reset a connection now and then; from one a second on it is part of the daily work. */
#define RESETS_PER_SECOND 1

static bool is_habit(const struct facts *facts, const struct row *sum, __u64 n, __u64 of)
{
	return n >= FEW && per_second(facts, n) >= RESETS_PER_SECOND && is_steady(facts, sum->busy_rst) && share_of(n, of) >= HABIT_SHARE;
}

bool rule_rst_linger0(const struct facts *facts, size_t i, struct finding *f)
{
	const struct row *sum = subject_at(facts, i);
	__u64 n = sum->causes[CAUSE_LINGER0];
	bool haproxy = !strncmp(sum->key.process.comm, "haproxy", COMM_LEN) && sum->key.endpoint.role == ROLE_CLIENT;

	if (!is_habit(facts, sum, n, row_closes(sum)))
		return false;
	f->severity = haproxy ? SEVERITY_NOTICE : SEVERITY_WARNING;
	f->weight = per_second(facts, n);
	name_subject(f, facts, i);
	count_of(f, facts, "closed_by_linger0", n, row_closes(sum));
	f->why = "SO_LINGER with 0 seconds makes close() send a RST instead of a FIN: no TIME_WAIT, but data still on its way, "
		 "in either "
		 "direction, may be thrown away, and the peer sees ECONNRESET.";
	if (haproxy) {
		finding_change(
			f, "haproxy does so on purpose towards its servers, to keep no TIME_WAITs. Fewer new connections make it "
			   "needless: `http-reuse safe` or `aggressive`, and no `option httpclose` or `http-server-close`.");
		return true;
	}
	finding_change(
		f, "Take SO_LINGER out and close in order. If it was put there against TIME_WAITs: keep connections and use them "
		   "again, which leaves none.");
	return true;
}

bool rule_rst_unread_data(const struct facts *facts, size_t i, struct finding *f)
{
	const struct row *sum = subject_at(facts, i);
	__u64 n = sum->causes[CAUSE_UNREAD_DATA];

	if (!is_habit(facts, sum, n, row_closes(sum)))
		return false;
	f->severity = SEVERITY_WARNING;
	f->weight = per_second(facts, n);
	name_subject(f, facts, i);
	count_of(f, facts, "closed_with_unread_data", n, row_closes(sum));
	f->why = "close() with received data not read sends a RST (RFC 2525 section 2.17). The peer sees ECONNRESET, and may "
		 "lose an "
		 "answer that was already sent to it.";
	finding_change(f,
		       "Read to the end before closing: the rest of the request or answer, the peer's closing message (QUIT, TLS "
		       "close_notify), or shutdown(SHUT_WR) and read until 0.");
	return true;
}
