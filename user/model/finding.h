/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * finding.h: one thing that is wrong: where, how much of it, why it is so, what to change.
 *
 * Its numbers are kept apart from its words, so that text and JSON say the same. Titles, reasons and changes are our own words;
 * what came from elsewhere (process names, file names) is only in the subject and in evidence of UNIT_TEXT.
 */
#ifndef TWTRACE_FINDING_H
#define TWTRACE_FINDING_H

#include <stdbool.h>

#include "event.h"
#include "meaning.h"

enum severity {
	SEVERITY_NOTICE,   /* a cost, or a setting that does not do what its author thought: no connection suffers yet */
	SEVERITY_WARNING,  /* connections suffer, or will when load grows: data may be lost, a limit is half used up */
	SEVERITY_CRITICAL, /* connections fail, or are about to */
	SEVERITY_MAX,
};

enum unit { UNIT_COUNT, UNIT_PER_SECOND, UNIT_PERCENT, UNIT_NS, UNIT_TEXT, UNIT_MAX };

enum { EVIDENCE_MAX = 12, EVIDENCE_TEXT_MAX = 256, CHANGES_MAX = 6 };

struct evidence {
	/*
	 * Lower case words joined by _: a JSON key, and with blanks what people read. The same name again, right behind, is the
	 * same thing in another unit: 1200 (12.0/s, 100%).
	 */
	const char *name;
	enum unit unit;
	double value;
	char text[EVIDENCE_TEXT_MAX]; /* UNIT_TEXT: hostile */
};

/* Whom a finding is about. */
struct subject_name {
	char comm[COMM_LEN];      /* hostile */
	__u32 pid;                /* 0: none, or unknown; the busiest if there are several */
	unsigned processes;       /* of that name */
	struct endpoint endpoint; /* what a client connects to; of a server only port and role, of unknown role only that */
	__u32 netns;              /* 0: unknown, or several */
};

struct finding {
	const char *id;    /* the rule's; never changes its meaning */
	const char *title; /* one clause */
	enum severity severity;
	double weight; /* among findings of one rule and severity: how much of it there is */
	bool named;    /* it is about somebody */
	struct subject_name subject;
	struct evidence evidence[EVIDENCE_MAX];
	unsigned nevidence;
	const char *why;                  /* one or two sentences */
	const char *changes[CHANGES_MAX]; /* what to do, the best first */
	unsigned nchanges;
};

const char *severity_name(unsigned severity);

/* What there is no room for is left out: rules have less to say than that. */
void finding_count(struct finding *f, const char *name, double value);
void finding_value(struct finding *f, const char *name, enum unit unit, double value);
void finding_text(struct finding *f, const char *name, const char *text);
void finding_change(struct finding *f, const char *change);

#endif
