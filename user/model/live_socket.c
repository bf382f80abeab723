/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* live_socket.c: see live_socket.h. */
#include "live_socket.h"

bool live_socket_valid(const struct live_socket *s)
{
	const struct event *id = &s->id;

	return s->state < STATE_MAX && (id->family == 4 || id->family == 6) && id->role < ROLE_MAX && id->closer < CLOSER_MAX &&
	       id->owner_source < OWNER_SOURCE_MAX;
}

const char *tcp_state_name(unsigned state)
{
	static const char *const names[STATE_MAX] = {
		[STATE_ESTABLISHED] = "ESTABLISHED", [STATE_SYN_SENT] = "SYN_SENT",     [STATE_SYN_RECV] = "SYN_RECV",
		[STATE_FIN_WAIT1] = "FIN_WAIT1",     [STATE_FIN_WAIT2] = "FIN_WAIT2",   [STATE_TIME_WAIT] = "TIME_WAIT",
		[STATE_CLOSE] = "CLOSE",             [STATE_CLOSE_WAIT] = "CLOSE_WAIT", [STATE_LAST_ACK] = "LAST_ACK",
		[STATE_LISTEN] = "LISTEN",           [STATE_CLOSING] = "CLOSING",
	};

	return state < STATE_MAX && names[state] ? names[state] : "unknown";
}
