/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * advice.h: how programs are told to keep their connections, for those whose names say what they are; the general rule for
 * others.
 *
 * A name is not a protocol: what is HTTP's is only said of programs that speak it, and there with an "if".
 */
#ifndef TWTRACE_ADVICE_H
#define TWTRACE_ADVICE_H

#include "finding.h"

/* comm: as in struct process. */
bool advice_is_proxy(const char comm[COMM_LEN]);
/* Keep and reuse the connections it opens; keep those it accepts. */
void advise_client(struct finding *f, const char comm[COMM_LEN]);
void advise_server(struct finding *f, const char comm[COMM_LEN]);

#endif
