/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * live_socket.h: a TCP socket that is there now, as a walk over the kernel's tables found it. The BPF programs write it, user space
 * reads it: both include this.
 */
#ifndef TWTRACE_LIVE_SOCKET_H
#define TWTRACE_LIVE_SOCKET_H

#include <stdbool.h>

#include "event.h"

/*
 * The states as include/net/tcp_states.h numbers them, which ss and /proc/net/tcp show as well. An inet_timewait_sock counts by its
 * substate, so an orphan in FIN_WAIT2 is not a TIME_WAIT; a connection request (NEW_SYN_RECV) counts as SYN_RECV.
 */
enum tcp_state {
	STATE_UNKNOWN,
	STATE_ESTABLISHED,
	STATE_SYN_SENT,
	STATE_SYN_RECV,
	STATE_FIN_WAIT1,
	STATE_FIN_WAIT2,
	STATE_TIME_WAIT,
	STATE_CLOSE,
	STATE_CLOSE_WAIT,
	STATE_LAST_ACK,
	STATE_LISTEN,
	STATE_CLOSING,
	STATE_MAX,
};

#define SOCKET_ORPHAN (1u << 0)     /* no process has it any more; each inet_timewait_sock is one */
#define SOCKET_TIMEWAIT (1u << 1)   /* an inet_timewait_sock */
#define SOCKET_AT_LEAST (1u << 2)   /* age_ns is how long it is in its state at least */
#define SOCKET_BOUND (1u << 3)      /* its port was taken by bind() or listen(), so no connect() without bind() may share it */
#define SOCKET_TIMESTAMPS (1u << 4) /* an inet_timewait_sock whose peer sent timestamps: tcp_tw_reuse may apply to it */

struct live_socket {
	/*
	 * Who it is: the addresses, and of its record what is known by now of owner and closer. `ts` is when it was looked at. A
	 * process that holds it in CLOSE_WAIT is its owner here, whoever opened it. No event: type is 0 and the union unused.
	 */
	struct event id;
	__u64 number;  /* tells sockets of one walk apart, and says nothing else */
	__u64 age_ns;  /* in its state; UNKNOWN_NS */
	__u64 left_ns; /* until an inet_timewait_sock's timer ends it; UNKNOWN_NS for all others */
	__u8 state;    /* enum tcp_state */
	__u8 flags;    /* SOCKET_… */
	__u8 pad[6];
};

/* Is every field in range? Whoever counts sockets relies on it. */
bool live_socket_valid(const struct live_socket *s);
/* "ESTABLISHED", "TIME_WAIT", ...; "unknown" for a number that is none. */
const char *tcp_state_name(unsigned state);

/* A process that has a socket open, for those of which the record does not say enough. */
struct socket_holder {
	__u64 number; /* as in live_socket */
	struct process process;
};

#endif
