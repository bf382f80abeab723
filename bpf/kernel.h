/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * kernel.h: what the BPF programs know of the kernel beyond its BTF types: constants, layouts of older kernels, and how to
 * read a connection's addresses from a sock, an inet_timewait_sock or a request_sock.
 */
#ifndef TWTRACE_KERNEL_H
#define TWTRACE_KERNEL_H

#include <linux/bpf.h>
#include "vmlinux.h"
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

/* include/net/tcp_states.h; inet_sock_set_state exports them, so they are stable */
enum {
	TCP_ESTABLISHED = 1,
	TCP_SYN_SENT,
	TCP_SYN_RECV,
	TCP_FIN_WAIT1,
	TCP_FIN_WAIT2,
	TCP_TIME_WAIT,
	TCP_CLOSE,
	TCP_CLOSE_WAIT,
	TCP_LAST_ACK,
	TCP_LISTEN,
	TCP_CLOSING,
};

#define AF_INET 2
#define AF_INET6 10
#define IPPROTO_TCP 6
#define SOCK_STREAM 1
#define SHUTDOWN_MASK 3      /* include/net/sock.h */
#define SOCK_DEAD (1ul << 0) /* enum sock_flags, include/net/sock.h: the first five have not moved since 2.6 */
#define SOCK_DONE (1ul << 1)
#define SOCK_LINGER (1ul << 4)
#define PF_EXITING 0x00000004 /* include/linux/sched.h */
#define PF_KTHREAD 0x00200000
#define S_IFMT 0170000
#define S_IFSOCK 0140000
#define TIMEWAIT_SECONDS 60 /* TCP_TIMEWAIT_LEN, include/net/tcp.h */

#define ECONNABORTED 103
#define ECONNRESET 104
#define ETIMEDOUT 110
#define ECONNREFUSED 111
#define EADDRNOTAVAIL 99

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)
/* file.f_count became f_ref in 6.13 (90ee6ed776c0) */
struct file___before_6_13 {
	struct {
		s64 counter;
	} f_count;
};
/* ns_common.count since 5.11, __ns_ref since 6.18; before 5.11 net.count */
struct ns_common___before_6_18 {
	struct {
		struct {
			int counter;
		} refs;
	} count;
};
struct net___before_5_11 {
	struct {
		struct {
			int counter;
		} refs;
	} count;
};
/* sock_cgroup_data held a tagged word until 5.15 (8520e224f547); bit 0 set: it is net_prio and classid data, not a cgroup */
struct sock_cgroup_data___before_5_15 {
	u64 val;
};
#pragma clang attribute pop

/*
 * A connection's addresses as the kernel hashes them. The ehash value (skc_hash) mixes in the namespace; with the ports and
 * the addresses beside it two live connections of one host cannot have the same key. An inet_timewait_sock inherits all of
 * it from its socket (inet_twsk_alloc()), so both find the same record.
 */
struct conn_key {
	u64 addrs; /* IPv4: both addresses; IPv6: folded */
	u32 hash;
	u16 lport;
	u16 rport;
};

static __always_inline u64 fold(const u64 addr[2])
{
	return addr[0] * 0x9e3779b97f4a7c15ull ^ addr[1];
}

static __always_inline bool v4mapped(const u32 addr[4])
{
	return !addr[0] && !addr[1] && addr[2] == bpf_htonl(0xffff);
}

/*
 * How to read a member: straight through a BTF pointer the verifier vouches for, or by a probe read through any other. Pointers
 * are always probed: for each one loaded the verifier searches all of the kernel's BTF for what to trust (6.4 on), at start-up.
 */
#define READ_DIRECT(dst, p, member) ((dst) = (p)->member)
#define READ_PROBE(dst, p, member) BPF_CORE_READ_INTO(&(dst), p, member)

#define FILL_KEY(READ, key, skc)                                                                                                 \
	do {                                                                                                                     \
		u16 family_, dport_;                                                                                             \
		READ(family_, skc, skc_family);                                                                                  \
		READ(dport_, skc, skc_dport);                                                                                    \
		READ((key)->hash, skc, skc_hash);                                                                                \
		READ((key)->lport, skc, skc_num);                                                                                \
		(key)->rport = bpf_ntohs(dport_);                                                                                \
		if (family_ == AF_INET6) {                                                                                       \
			u64 l_[2], r_[2];                                                                                        \
			bpf_core_read(l_, sizeof(l_), &(skc)->skc_v6_rcv_saddr);                                                 \
			bpf_core_read(r_, sizeof(r_), &(skc)->skc_v6_daddr);                                                     \
			(key)->addrs = fold(l_) * 3 ^ fold(r_);                                                                  \
		} else {                                                                                                         \
			READ((key)->addrs, skc, skc_addrpair);                                                                   \
		}                                                                                                                \
	} while (0)

/* The key of a socket that is not a request or TIME_WAIT one. skc_num is 0 once an unbound socket is closed, inet_sport stays. */
static __always_inline void key_of_sock(struct conn_key *key, const struct sock *sk)
{
	FILL_KEY(READ_DIRECT, key, &sk->__sk_common);
	if (!key->lport)
		key->lport = bpf_ntohs(BPF_CORE_READ((const struct inet_sock *)sk, inet_sport));
}

static __always_inline void key_of_sock_unsafe(struct conn_key *key, const struct sock *sk)
{
	FILL_KEY(READ_PROBE, key, &sk->__sk_common);
	if (!key->lport)
		key->lport = bpf_ntohs(BPF_CORE_READ((const struct inet_sock *)sk, inet_sport));
}

/*
 * The rest of a TCP socket. bpf_skc_to_tcp_sock() (5.9, 478cfbdf5f13) makes its members plain loads; without it each is a
 * probe read. The verifier drops the branch that is not taken.
 */
#define HAVE_SKC_TO_TCP_SOCK bpf_core_enum_value_exists(enum bpf_func_id___some, BPF_FUNC_skc_to_tcp_sock___some)
enum bpf_func_id___some {
	BPF_FUNC_skc_to_tcp_sock___some = 138,
};

static __always_inline const struct tcp_sock *tcp_of(const struct sock *sk)
{
	return HAVE_SKC_TO_TCP_SOCK ? bpf_skc_to_tcp_sock((void *)sk) : (const void *)sk;
}

#define TCP_READ(tp, member) (HAVE_SKC_TO_TCP_SOCK ? (tp)->member : BPF_CORE_READ(tp, member))

static __always_inline void key_of_tw(struct conn_key *key, const struct inet_timewait_sock *tw)
{
	FILL_KEY(READ_PROBE, key, &tw->__tw_common);
}

static __always_inline bool key_equal(const struct conn_key *a, const struct conn_key *b)
{
	return a->addrs == b->addrs && a->hash == b->hash && a->lport == b->lport && a->rport == b->rport;
}

/* Addresses, family and namespace, straight into an event (there is not much stack to spare): IPv4 in the first four bytes. */
#define FILL_ADDRESSES(READ, e, skc)                                                                                             \
	do {                                                                                                                     \
		u32 *l_ = (u32 *)(e)->laddr, *r_ = (u32 *)(e)->raddr;                                                            \
		const struct net *net_;                                                                                          \
		u16 family_;                                                                                                     \
		READ_PROBE(net_, skc, skc_net.net);                                                                              \
		READ_PROBE((e)->netns, net_, ns.inum);                                                                           \
		READ(family_, skc, skc_family);                                                                                  \
		(e)->family = 4;                                                                                                 \
		if (family_ == AF_INET6) {                                                                                       \
			bpf_core_read(l_, 16, &(skc)->skc_v6_rcv_saddr);                                                         \
			bpf_core_read(r_, 16, &(skc)->skc_v6_daddr);                                                             \
			if (!v4mapped(r_)) {                                                                                     \
				(e)->family = 6;                                                                                 \
				break;                                                                                           \
			}                                                                                                        \
		}                                                                                                                \
		/* v4-mapped sockets carry both */                                                                               \
		READ(l_[0], skc, skc_rcv_saddr);                                                                                 \
		READ(r_[0], skc, skc_daddr);                                                                                     \
		l_[1] = l_[2] = l_[3] = 0;                                                                                       \
		r_[1] = r_[2] = r_[3] = 0;                                                                                       \
	} while (0)

/* No reference is left: cleanup_net() is taking the namespace down (check_net(), include/net/net_namespace.h). */
static __always_inline bool netns_dying(const struct net *net)
{
	const struct ns_common *ns = __builtin_preserve_access_index(&net->ns);

	if (bpf_core_field_exists(struct ns_common, __ns_ref))
		return BPF_CORE_READ(ns, __ns_ref.refs.counter) == 0;
	if (bpf_core_field_exists(struct ns_common___before_6_18, count))
		return BPF_CORE_READ((const struct ns_common___before_6_18 *)ns, count.refs.counter) == 0;
	return BPF_CORE_READ((const struct net___before_5_11 *)net, count.refs.counter) == 0;
}

/* The socket's cgroup v2 id, also in softirq; 0 if it cannot be told. */
static __always_inline u64 cgroup_of(const struct sock *sk)
{
	const struct cgroup *cg;
	const void *data;
	u64 val;

	if (bpf_core_field_exists(struct sock_cgroup_data, cgroup)) {
		cg = BPF_CORE_READ(sk, sk_cgrp_data.cgroup);
		return cg ? BPF_CORE_READ(cg, kn, id) : 0;
	}
	data = __builtin_preserve_access_index(&sk->sk_cgrp_data);
	val = BPF_CORE_READ((const struct sock_cgroup_data___before_5_15 *)data, val);
	cg = val & 1 ? NULL : (const void *)(unsigned long)(val & ~3ull);
	return cg ? BPF_CORE_READ(cg, kn, id) : 0;
}

/* The last reference to the file is gone: we are inside its release, not in a system call on an open descriptor. */
static __always_inline bool file_released(const struct file *file)
{
	if (bpf_core_field_exists(struct file, f_ref))
		return BPF_CORE_READ(file, f_ref.refcnt.counter) < 0; /* FILE_REF_DEAD, include/linux/file_ref.h */
	return BPF_CORE_READ((const struct file___before_6_13 *)file, f_count.counter) == 0;
}

#endif
