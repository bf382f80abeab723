/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* finding.c: see finding.h. */
#include "finding.h"

#include <stdio.h>

const char *severity_name(unsigned severity)
{
	static const char *const names[SEVERITY_MAX] = {
		[SEVERITY_NOTICE] = "notice",
		[SEVERITY_WARNING] = "warning",
		[SEVERITY_CRITICAL] = "critical",
	};

	return severity < SEVERITY_MAX ? names[severity] : "unknown";
}

void finding_value(struct finding *f, const char *name, enum unit unit, double value)
{
	if (f->nevidence < EVIDENCE_MAX)
		f->evidence[f->nevidence++] = (struct evidence){.name = name, .unit = unit, .value = value};
}

void finding_count(struct finding *f, const char *name, double value)
{
	finding_value(f, name, UNIT_COUNT, value);
}

void finding_text(struct finding *f, const char *name, const char *text)
{
	finding_value(f, name, UNIT_TEXT, 0);
	if (f->nevidence)
		snprintf(f->evidence[f->nevidence - 1].text, EVIDENCE_TEXT_MAX, "%s", text);
}

void finding_change(struct finding *f, const char *change)
{
	if (f->nchanges < CHANGES_MAX)
		f->changes[f->nchanges++] = change;
}
