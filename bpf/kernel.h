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

/* Multiplicative hashing: the upper bits depend on all of n. */
static __always_inline u64 spread(u64 n)
{
	return n * 0x9e3779b97f4a7c15ull;
}

static __always_inline u64 fold(const u32 a[4])
{
	return spread((u64)a[1] << 32 | a[0]) ^ ((u64)a[3] << 32 | a[2]);
}

static __always_inline bool v4mapped(const u32 addr[4])
{
	return !addr[0] && !addr[1] && addr[2] == bpf_htonl(0xffff);
}

/*
 * How to read a member: straight through a BTF pointer the verifier vouches for (READ_DIRECT), or through any other (READ_ANY).
 *
 * bpf_rdonly_cast() (6.2, a35b9af4ec2c) makes a BTF pointer out of any address: it costs nothing, a load that faults reads 0.
 * A kernel without it, or without a JIT that can call kernel functions, refuses a program that names it even in dead code. Such
 * kernels get an object of their own (tracer_plain.bpf.c), where each read is a probe read, some 25 ns. Pointers are not loaded
 * directly from one the verifier trusts: for each it would search all of the kernel's BTF for what to trust in turn (6.4 on),
 * milliseconds at start-up.
 */
#ifdef PLAIN_READS
#define READABLE(p) (p)
#define PEEK_AT(p, member) BPF_CORE_READ(p, member)
#else
extern void *bpf_rdonly_cast(const void *obj, __u32 btf_id) __ksym;

#define READABLE(p) ((const typeof(*(p)) *)bpf_rdonly_cast((p), bpf_core_type_id_kernel(typeof(*(p)))))
#define PEEK_AT(p, member) ((p)->member)
#endif
/* Of several members PEEK_AT() reads each, all through one READABLE(). */
#define PEEK(p, member) PEEK_AT(READABLE(p), member)
#define READ_DIRECT(dst, p, member) ((dst) = (p)->member)
#define READ_ANY(dst, p, member) ((dst) = PEEK(p, member))
#define READ_AT(dst, p, member) ((dst) = PEEK_AT(p, member)) /* p: READABLE() */
#define READ_DIRECT_POINTER READ_ANY
#define READ_ANY_POINTER READ_ANY
#define READ_AT_POINTER READ_AT
#define READ_IN6(READ, dst, p, member)                                                                                           \
	do {                                                                                                                     \
		READ((dst)[0], p, member.in6_u.u6_addr32[0]);                                                                    \
		READ((dst)[1], p, member.in6_u.u6_addr32[1]);                                                                    \
		READ((dst)[2], p, member.in6_u.u6_addr32[2]);                                                                    \
		READ((dst)[3], p, member.in6_u.u6_addr32[3]);                                                                    \
	} while (0)

#define FILL_KEY(READ, key, skc)                                                                                                 \
	do {                                                                                                                     \
		u16 family_, dport_;                                                                                             \
		READ(family_, skc, skc_family);                                                                                  \
		READ(dport_, skc, skc_dport);                                                                                    \
		READ((key)->hash, skc, skc_hash);                                                                                \
		READ((key)->lport, skc, skc_num);                                                                                \
		(key)->rport = bpf_ntohs(dport_);                                                                                \
		if (family_ == AF_INET6) {                                                                                       \
			u32 l_[4], r_[4];                                                                                        \
			READ_IN6(READ, l_, skc, skc_v6_rcv_saddr);                                                               \
			READ_IN6(READ, r_, skc, skc_v6_daddr);                                                                   \
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
		key->lport = bpf_ntohs(PEEK((const struct inet_sock *)sk, inet_sport));
}

static __always_inline void key_of_sock_unsafe(struct conn_key *key, const struct sock *sk)
{
	FILL_KEY(READ_ANY, key, &sk->__sk_common);
	if (!key->lport)
		key->lport = bpf_ntohs(PEEK((const struct inet_sock *)sk, inet_sport));
}

static __always_inline void key_of_tw(struct conn_key *key, const struct inet_timewait_sock *tw)
{
	const struct sock_common *skc = READABLE(&tw->__tw_common);

	FILL_KEY(READ_AT, key, skc);
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
		READ##_POINTER(net_, skc, skc_net.net);                                                                                \
		READ_ANY((e)->netns, net_, ns.inum);                                                                             \
		READ(family_, skc, skc_family);                                                                                  \
		(e)->family = 4;                                                                                                 \
		if (family_ == AF_INET6) {                                                                                       \
			READ_IN6(READ, l_, skc, skc_v6_rcv_saddr);                                                               \
			READ_IN6(READ, r_, skc, skc_v6_daddr);                                                                   \
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
		return PEEK(ns, __ns_ref.refs.counter) == 0;
	if (bpf_core_field_exists(struct ns_common___before_6_18, count))
		return BPF_CORE_READ((const struct ns_common___before_6_18 *)ns, count.refs.counter) == 0;
	return BPF_CORE_READ((const struct net___before_5_11 *)net, count.refs.counter) == 0;
}

static __always_inline u64 cgroup_id(const struct cgroup *cg)
{
	const struct kernfs_node *kn = PEEK(cg, kn);

	return PEEK(kn, id);
}

/* The socket's cgroup v2 id, also in softirq; 0 if it cannot be told. */
static __always_inline u64 cgroup_of(const struct sock *sk)
{
	const struct cgroup *cg;
	const void *data;
	u64 val;

	if (bpf_core_field_exists(struct sock_cgroup_data, cgroup)) {
		cg = PEEK(sk, sk_cgrp_data.cgroup);
		return cg ? cgroup_id(cg) : 0;
	}
	data = __builtin_preserve_access_index(&sk->sk_cgrp_data);
	val = BPF_CORE_READ((const struct sock_cgroup_data___before_5_15 *)data, val);
	cg = val & 1 ? NULL : (const void *)(unsigned long)(val & ~3ull);
	return cg ? cgroup_id(cg) : 0;
}

/* The last reference to the file is gone: we are inside its release, not in a system call on an open descriptor. */
static __always_inline bool file_released(const struct file *file)
{
	if (bpf_core_field_exists(struct file, f_ref))
		return (s64)PEEK(file, f_ref.refcnt.counter) < 0; /* FILE_REF_DEAD, include/linux/file_ref.h */
	return BPF_CORE_READ((const struct file___before_6_13 *)file, f_count.counter) == 0;
}

#endif
