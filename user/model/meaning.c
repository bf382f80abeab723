/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* meaning.c: see meaning.h. */
#include "meaning.h"

#include <string.h>

static bool type_fields_valid(const struct event *e)
{
	switch (e->type) {
	case EVENT_CLOSE:
		return e->timewait < TIMEWAIT_MAX;
	case EVENT_TIMEWAIT:
		return e->end < END_MAX;
	case EVENT_CONNECT_FAILED:
		return e->reason < REASON_MAX;
	default:
		return false;
	}
}

bool event_valid(const struct event *e)
{
	return e->version == EVENT_VERSION && (e->family == 4 || e->family == 6) && e->role < ROLE_MAX &&
	       e->closer < CLOSER_MAX && e->how < HOW_MAX && e->cause < CAUSE_MAX && e->owner_source < OWNER_SOURCE_MAX &&
	       type_fields_valid(e);
}

const struct process *event_process(const struct event *e)
{
	bool ours = e->closer == CLOSER_LOCAL || e->closer == CLOSER_BOTH;

	return ours && e->closer_process.pid ? &e->closer_process : &e->owner;
}

const struct process *event_opener(const struct event *e)
{
	bool opened = e->owner_source == OWNER_CONNECT || e->owner_source == OWNER_ACCEPT;

	return opened && e->owner.pid ? &e->owner : NULL;
}

const struct process *event_closer(const struct event *e)
{
	return e->closer_process.pid ? &e->closer_process : NULL;
}

void event_endpoint(const struct event *e, struct endpoint *out)
{
	memcpy(out->addr, e->raddr, sizeof(out->addr));
	out->port = e->role == ROLE_SERVER ? e->lport : e->rport;
	out->family = e->family;
	out->role = e->role;
}

bool address_is_loopback(unsigned family, const __u8 addr[16])
{
	static const __u8 one[16] = {[15] = 1};

	return family == 4 ? addr[0] == 127 : !memcmp(addr, one, sizeof(one));
}
