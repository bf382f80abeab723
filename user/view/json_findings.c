/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* json_findings.c: see json_findings.h. */
#include "json_findings.h"

#include <string.h>

#include "format.h"
#include "json_lines.h"
#include "model/names.h"

static void put_number(struct json *j, const char *key, __u64 n, bool known)
{
	if (known)
		json_u64(j, key, n);
	else
		json_null(j, key);
}

static void put_comm(struct json *j, const struct subject_name *s, bool known)
{
	if (known)
		json_string(j, "comm", s->comm, strnlen(s->comm, COMM_LEN));
	else
		json_null(j, "comm");
}

static void put_subject(struct json *j, const struct finding *f)
{
	const struct subject_name *s = &f->subject;
	bool server = f->named && s->endpoint.role == ROLE_SERVER, client = f->named && s->endpoint.role == ROLE_CLIENT;
	char address[FORMAT_ADDRESS_MAX];

	json_word(j, "role", f->named ? role_name(s->endpoint.role) : NULL);
	put_number(j, "pid", s->pid, f->named && s->pid);
	put_comm(j, s, f->named && s->pid);
	put_number(j, "processes", s->processes, f->named && s->pid);
	json_word(j, "raddr", client ? format_address(address, s->endpoint.family, s->endpoint.addr) : NULL);
	put_number(j, "rport", s->endpoint.port, client);
	put_number(j, "lport", s->endpoint.port, server);
	put_number(j, "netns", s->netns, f->named && s->netns);
}

static void put_evidence(struct json *j, const struct evidence *e)
{
	static const char *const suffixes[UNIT_MAX] = {[UNIT_COUNT] = "",
						       [UNIT_PER_SECOND] = "_per_second",
						       [UNIT_PERCENT] = "_percent",
						       [UNIT_NS] = "_ns",
						       [UNIT_TEXT] = ""};
	char key[96];

	snprintf(key, sizeof(key), "evidence_%s%s", e->name, suffixes[e->unit]);
	switch (e->unit) {
	case UNIT_COUNT:
	case UNIT_NS:
		json_u64(j, key, (__u64)(e->value + 0.5));
		break;
	case UNIT_PER_SECOND:
	case UNIT_PERCENT:
		json_double(j, key, e->value);
		break;
	case UNIT_TEXT:
		json_string(j, key, e->text, strlen(e->text));
		break;
	case UNIT_MAX:
		break;
	}
}

static void put_finding(struct json *j, const struct finding *f, size_t rank, __u64 unix_ns)
{
	json_lines_begin(j, "finding", unix_ns);
	json_u64(j, "rank", rank);
	json_word(j, "id", f->id);
	json_word(j, "severity", severity_name(f->severity));
	json_string(j, "title", f->title, strlen(f->title));
	put_subject(j, f);
	for (unsigned i = 0; i < f->nevidence; i++)
		put_evidence(j, &f->evidence[i]);
	json_string(j, "why", f->why, strlen(f->why));
	json_strings(j, "change", f->changes, f->nchanges);
	json_end(j);
}

static void put_unseen(struct json *j, const struct diagnosis *d)
{
	char lines[UNSEEN_MAX][192];
	const char *strings[UNSEEN_MAX];

	for (unsigned i = 0; i < d->nunseen; i++) {
		snprintf(lines[i], sizeof(lines[i]), "%s: %s", d->unseen[i].what, d->unseen[i].why);
		strings[i] = lines[i];
	}
	json_strings(j, "not_looked_at", strings, d->nunseen);
}

void json_findings(struct json *j, const struct diagnosis *d, double seconds, __u64 unix_ns)
{
	for (size_t i = 0; i < d->n; i++)
		put_finding(j, &d->findings[i], i + 1, unix_ns);
	json_lines_begin(j, "diagnosis", unix_ns);
	json_u64(j, "watched_ns", (__u64)(seconds * 1e9));
	json_u64(j, "findings", d->n);
	json_u64(j, "more", d->more);
	put_unseen(j, d);
	json_end(j);
}
