/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * event.h: the one header that the BPF programs and user space share.
 *
 * Three events cross from the kernel, and nothing else does: a connection reached CLOSE (EVENT_CLOSE), a TIME_WAIT ended
 * (EVENT_TIMEWAIT), a connect() came to nothing (EVENT_CONNECT_FAILED). Each carries the whole identity of its connection, so
 * nobody has to join two events to read one.
 *
 * Beside them stand the totals: per-CPU counters which count everything, also what the ring buffer had no room for.
 *
 * Units: times are nanoseconds of CLOCK_MONOTONIC (bpf_ktime_get_ns()), durations nanoseconds, ports host byte order,
 * addresses network byte order (IPv4 in the first four bytes, the rest zero; v4-mapped IPv6 is IPv4 here, as on the wire).
 *
 * Enumerators are append-only: their names are in recordings, their values in running kernels' maps.
 */
#ifndef TWTRACE_EVENT_H
#define TWTRACE_EVENT_H

#include <linux/types.h>

#define EVENT_VERSION 1
#define COMM_LEN 16        /* TASK_COMM_LEN, include/linux/sched.h */
#define UNKNOWN_NS (~0ULL) /* a duration nobody saw */

enum event_type {
	EVENT_CLOSE = 1,
	EVENT_TIMEWAIT,
	EVENT_CONNECT_FAILED,
	EVENT_TYPE_MAX,
};

enum role {
	ROLE_UNKNOWN, /* its beginning was not seen, and no listener explains it */
	ROLE_CLIENT,  /* connect() */
	ROLE_SERVER,  /* born of a listener */
	ROLE_MAX,
};

/* Who ended the connection first. */
enum closer {
	CLOSER_NONE, /* nobody: timeout, unreachable */
	CLOSER_LOCAL,
	CLOSER_REMOTE,
	CLOSER_BOTH, /* FINs crossed: FIN_WAIT1 -> CLOSING (RFC 9293 section 3.6, simultaneous close) */
	CLOSER_MAX,
};

/* How the first one ended it. What came after that (a RST on data after close, a timeout of our FIN) is in close.error. */
enum how {
	HOW_FIN,
	HOW_RST,
	HOW_TIMEOUT,
	HOW_ERROR,
	HOW_MAX,
};

/* Why, for CLOSER_LOCAL. */
enum cause {
	CAUSE_NONE, /* not ours to explain: closer is not local */
	CAUSE_UNKNOWN,
	CAUSE_CLOSE,
	CAUSE_SHUTDOWN,
	CAUSE_EXIT,            /* the closing process was exiting, by itself or by a signal */
	CAUSE_UNREAD_DATA,     /* close() with data unread: RST (RFC 2525 section 2.17) */
	CAUSE_LINGER0,         /* SO_LINGER with 0 seconds: RST */
	CAUSE_DISCONNECT,      /* connect(AF_UNSPEC) */
	CAUSE_KILLED,          /* ss -K, SOCK_DESTROY */
	CAUSE_LISTENER_CLOSED, /* never accepted, the listener closed */
	CAUSE_MAX,
};

/* How the owner is known. */
enum owner_source {
	OWNER_UNKNOWN,
	OWNER_CONNECT,  /* it called connect(): the opener */
	OWNER_ACCEPT,   /* it called accept(): the opener */
	OWNER_CLOSE,    /* it closed its end of the socket */
	OWNER_ITERATOR, /* found holding the socket's file */
	OWNER_LISTENER, /* a guess: it called listen() on the socket this connection came from */
	OWNER_SOURCE_MAX,
};

/* What came of TIME_WAIT when the socket reached CLOSE. */
enum timewait {
	TIMEWAIT_NONE,
	TIMEWAIT_ENTERED, /* the socket left an inet_timewait_sock behind; an EVENT_TIMEWAIT will follow */
	TIMEWAIT_SKIPPED, /* it should have, but tcp_max_tw_buckets or memory did not allow it (TCPTimeWaitOverflow) */
	TIMEWAIT_MAX,
};

/* How an inet_timewait_sock ended. */
enum end {
	END_UNKNOWN,
	END_EXPIRED,
	END_REUSED_CONNECT,
	END_REUSED_SYN,
	END_RESET,      /* assassinated by a RST (RFC 1337) */
	END_DATA_RESET, /* data came after close(): we reset */
	END_KILLED,
	END_PURGED,            /* its network namespace went */
	END_FIN_WAIT2_TIMEOUT, /* expired still in FIN_WAIT2: never was a TIME_WAIT */
	END_MAX,
};

/* Why a connect() came to nothing. */
enum reason {
	REASON_REFUSED,
	REASON_TIMEOUT,
	REASON_NO_PORT, /* EADDRNOTAVAIL: no local port left towards this endpoint */
	REASON_UNREACHABLE,
	REASON_ABORTED, /* closed, shut down or killed while it was connecting */
	REASON_MAX,
};

/* What could not be recorded in full. The totals still are exact, but for one that was overwritten before there was a FIN. */
enum lost {
	LOST_RING_CLOSE, /* events the ring buffer had no room for */
	LOST_RING_TIMEWAIT,
	LOST_RING_CONNECT_FAILED,
	LOST_CONNECTION_MAP, /* connections without a record: max_connections reached, or no memory */
	LOST_CONNECTING_MAP,
	LOST_LISTENER_MAP,
	LOST_PENDING_MAP,  /* closes reported at once for want of room, though waiting would have told the owner */
	LOST_OVERWRITTEN,  /* a record whose end nobody saw, replaced by a newer one of the same socket or addresses */
	LOST_TIMEWAIT_MAP, /* TIME_WAITs without a record, as LOST_CONNECTION_MAP */
	LOST_MAX,
};

struct process {
	__u32 pid;           /* thread group id; 0: unknown */
	char comm[COMM_LEN]; /* the group leader's, NUL-terminated; raw bytes, hostile */
};

#define EVENT_PREEXISTING (1u << 0) /* the connection, or the TIME_WAIT, is older than the tracer */

struct event {
	__u8 version; /* EVENT_VERSION */
	__u8 type;    /* enum event_type */
	__u8 family;  /* 4 or 6 */
	__u8 role;
	__u8 closer;
	__u8 how;
	__u8 cause;
	__u8 owner_source;
	__u8 flags;
	__u8 timewait; /* EVENT_CLOSE */
	__u8 end;      /* EVENT_TIMEWAIT */
	__u8 reason;   /* EVENT_CONNECT_FAILED */
	__u16 lport;
	__u16 rport;
	__u8 laddr[16]; /* 8-byte aligned */
	__u8 raddr[16];
	__u64 ts;             /* when it happened, not when it was read */
	__u64 cgroup;         /* cgroup v2 id (the directory's inode number); 0: unknown */
	__u32 netns;          /* inode number of the network namespace */
	struct process owner; /* what is known of it says owner_source; the opener if that is OWNER_CONNECT or OWNER_ACCEPT */
	struct process closer_process; /* in whose context our FIN or RST was decided, be it first or second */
	union {
		struct {
			__u64 lifetime_ns;   /* ESTABLISHED to CLOSE */
			__u64 closing_ns;    /* first FIN or RST to CLOSE */
			__u64 close_wait_ns; /* peer's FIN to our FIN */
			__u64 fin_wait2_ns;  /* in FIN_WAIT2 as a full socket */
			__u64 tx_bytes;      /* payload sent, without retransmissions */
			__u64 rx_bytes;      /* payload received */
			__u32 retrans;       /* segments retransmitted */
			__u32 error;         /* errno: the socket's sk_err when it reached CLOSE */
		} close;
		struct {
			__u64 fin_wait2_ns; /* all of FIN_WAIT2: the socket's and the orphan's */
			__u64 time_wait_ns; /* TIME_WAIT; UNKNOWN_NS if it never was one, or began before us and cannot be told */
			__u32 restarts;     /* how often 2MSL was seen to start again */
		} tw;
		struct {
			__u64 duration_ns; /* SYN_SENT to CLOSE */
			__u32 error;
		} connect_failed;
	};
};

/*
 * Totals. TOTALS_HOST counts the whole host, TOTALS_MATCHED what the filter let through (all, when there is none); what is
 * present, opened and lost is counted for the host only, since the filter decides at a connection's end.
 * Identities, over a whole run: present + opened = closed + open; tw_present + tw_begun = sum(tw_ended) + TIME_WAIT now;
 * the same for fin_wait2 (orphans in an inet_timewait_sock), which leave by turning TIME_WAIT or by ending.
 */
struct totals {
	__u64 present; /* connections older than the tracer */
	__u64 opened;
	__u64 closed[CLOSER_MAX][HOW_MAX];
	__u64 tw_present;
	__u64 tw_begun;
	__u64 tw_entered; /* sockets that left an inet_timewait_sock behind */
	__u64 tw_skipped;
	__u64 tw_ended[END_MAX];
	__u64 fin_wait2_present;
	__u64 fin_wait2_begun;
	__u64 fin_wait2_turned; /* became TIME_WAIT; tracer_totals() adds them to tw_begun */
	__u64 fin_wait2_ended[END_MAX];
	__u64 connect_failed[REASON_MAX];
	__u64 lost[LOST_MAX];
};

enum { TOTALS_HOST, TOTALS_MATCHED, TOTALS_MAX };

#endif
