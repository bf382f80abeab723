/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* differential.h: what the two backends say of the same traffic must be the same, but for what only one of them can know. */
#ifndef LIVE_DIFFERENTIAL_H
#define LIVE_DIFFERENTIAL_H

#include <jansson.h>

#include "complaint.h"

/*
 * The events of one namespace as each backend told them (JSON arrays): each must have its fellow, equal key by key. *worst_ns: the
 * largest difference in a duration so far; it grows.
 */
void differential_compare(const json_t *timer, const json_t *fentry, long long *worst_ns, struct complaint *c);

#endif
