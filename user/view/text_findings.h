/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* text_findings.h: what is wrong, for people. Writes to a stream; its errors are those of the stream. */
#ifndef TWTRACE_TEXT_FINDINGS_H
#define TWTRACE_TEXT_FINDINGS_H

#include <stdio.h>

#include "model/rules.h"

/* Also says when nothing is wrong, and what could not be looked at. seconds: how long was watched. width: columns to wrap at. */
void text_findings(FILE *out, const struct diagnosis *d, double seconds, unsigned width);

#endif
