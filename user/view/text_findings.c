/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* text_findings.c: see text_findings.h. */
#include "text_findings.h"

#include <string.h>

#include "format.h"
#include "sanitize.h"

enum { INDENT = 12, LABEL_MAX = INDENT };

/* A paragraph being filled. */
struct paragraph {
	FILE *out;
	unsigned width, column;
};

static void begin(struct paragraph *p, const char *label)
{
	fprintf(p->out, "%-*s", INDENT, label);
	p->column = INDENT;
}

static void put_word(struct paragraph *p, const char *word, size_t len)
{
	char copy[EVIDENCE_TEXT_MAX];
	size_t columns;

	snprintf(copy, sizeof(copy), "%.*s", (int)len, word);
	columns = text_columns(copy);
	if (p->column > INDENT && p->column + 1 + columns > p->width) {
		fprintf(p->out, "\n%*s", INDENT, "");
		p->column = INDENT;
	} else if (p->column > INDENT) {
		putc(' ', p->out);
		p->column++;
	}
	fwrite(word, 1, len, p->out);
	p->column += (unsigned)columns;
}

static void end(struct paragraph *p)
{
	putc('\n', p->out);
}

static void put_words(struct paragraph *p, const char *text)
{
	while (*text) {
		size_t len = strcspn(text, " ");

		if (len)
			put_word(p, text, len);
		text += len + (text[len] == ' ');
	}
}

/* nginx (pid 17 and 3 more), client of 10.0.0.1:80 */
static void put_subject(struct paragraph *p, const struct subject_name *s)
{
	char comm[COMM_LEN + 1], endpoint[FORMAT_ENDPOINT_MAX], line[256];
	size_t n;

	if (s->pid) {
		sanitize(comm, sizeof(comm), s->comm, strnlen(s->comm, COMM_LEN));
		n = (size_t)snprintf(line, sizeof(line), "%s (pid %u", comm, s->pid);
		if (s->processes > 1)
			n += (size_t)snprintf(line + n, sizeof(line) - n, " and %u more", s->processes - 1);
		n += (size_t)snprintf(line + n, sizeof(line) - n, ")");
	} else {
		n = (size_t)snprintf(line, sizeof(line), "a process not known");
	}
	if (s->endpoint.role == ROLE_SERVER)
		snprintf(line + n, sizeof(line) - n, ", server on port %u", s->endpoint.port);
	else if (s->endpoint.role == ROLE_CLIENT)
		snprintf(line + n, sizeof(line) - n, ", client of %s",
			 format_address_port(endpoint, s->endpoint.family, s->endpoint.addr, s->endpoint.port));
	else
		snprintf(line + n, sizeof(line) - n, ", connections older than twtrace");
	put_words(p, line);
}

static void format_value(char *out, size_t size, const struct evidence *e)
{
	char buf[FORMAT_RATE_MAX];

	switch (e->unit) {
	case UNIT_COUNT:
		snprintf(out, size, "%.0f", e->value);
		break;
	case UNIT_PER_SECOND:
		snprintf(out, size, "%s/s", format_rate(buf, e->value));
		break;
	case UNIT_PERCENT:
		snprintf(out, size, "%s", format_percent(buf, e->value));
		break;
	case UNIT_NS:
		snprintf(out, size, "%s", format_duration(buf, (__u64)e->value));
		break;
	case UNIT_TEXT:
		sanitize(out, size, e->text, strlen(e->text));
		break;
	case UNIT_MAX:
		break;
	}
}

/* "closed first": but sysctls keep their names. */
static void put_name(struct paragraph *p, const char *name)
{
	char words[64];

	snprintf(words, sizeof(words), "%s", name);
	for (char *c = words; strncmp(name, "tcp_", 4) && *c; c++)
		if (*c == '_')
			*c = ' ';
	put_words(p, words);
}

static bool same_thing(const struct finding *f, unsigned i, unsigned other)
{
	return other < f->nevidence && !strcmp(f->evidence[i].name, f->evidence[other].name);
}

/* closed first 1200 (12.0/s, 100%), time waits at this rate 720 */
static void put_evidence(struct paragraph *p, const struct finding *f, unsigned i)
{
	char value[EVIDENCE_TEXT_MAX + 1] = "", line[sizeof(value) + 4];
	bool goes_on = i && same_thing(f, i, i - 1), more = same_thing(f, i, i + 1), last = i + 1 == f->nevidence;

	if (!goes_on)
		put_name(p, f->evidence[i].name);
	format_value(value, sizeof(value), &f->evidence[i]);
	snprintf(line, sizeof(line), "%s%s%s%s", goes_on && !same_thing(f, i, i - 2) ? "(" : "", value,
		 goes_on && !more ? ")" : "", last || (more && !goes_on) ? "" : ",");
	put_words(p, line);
}

static void put_finding(struct paragraph *p, const struct finding *f, size_t number)
{
	fprintf(p->out, "\n%zu. %s: %s [%s]\n", number, severity_name(f->severity), f->title, f->id);
	if (f->named) {
		begin(p, "   who");
		put_subject(p, &f->subject);
		end(p);
	}
	begin(p, "   evidence");
	for (unsigned i = 0; i < f->nevidence; i++)
		put_evidence(p, f, i);
	end(p);
	begin(p, "   why");
	put_words(p, f->why);
	end(p);
	for (unsigned i = 0; i < f->nchanges; i++) {
		begin(p, i ? "" : "   change");
		put_words(p, f->changes[i]);
		end(p);
	}
}

static void put_verdict(FILE *out, const struct diagnosis *d, double seconds)
{
	char duration[FORMAT_DURATION_MAX];

	format_duration(duration, (__u64)(seconds * 1e9));
	if (!d->n)
		fprintf(out, "Nothing wrong found in %s.\n", duration);
	else
		fprintf(out, "%zu finding%s in %s, the worst first%s.\n", d->n, d->n > 1 ? "s" : "", duration,
			d->more ? "; some rules found more of the kind" : "");
}

void text_findings(FILE *out, const struct diagnosis *d, double seconds, unsigned width)
{
	struct paragraph p = {.out = out, .width = width};

	put_verdict(out, d, seconds);
	for (size_t i = 0; i < d->n; i++)
		put_finding(&p, &d->findings[i], i + 1);
	if (d->more)
		fprintf(out, "\nNot shown: %zu more, less than those of their kind above.\n", d->more);
	if (d->nunseen)
		fputs("\nNot looked at:\n", out);
	for (unsigned i = 0; i < d->nunseen; i++)
		fprintf(out, "  %s: %s\n", d->unseen[i].what, d->unseen[i].why);
}
