/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* diag.c: one question, one answer over NETLINK_SOCK_DIAG. */
#include <errno.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <unistd.h>

#include "diag.h"

static const char *const state_names[] = {
	[0] = "gone",
	[TCP_ESTABLISHED] = "ESTABLISHED",
	[TCP_SYN_SENT] = "SYN_SENT",
	[TCP_SYN_RECV] = "SYN_RECV",
	[TCP_FIN_WAIT1] = "FIN_WAIT1",
	[TCP_FIN_WAIT2] = "FIN_WAIT2",
	[TCP_TIME_WAIT] = "TIME_WAIT",
	[TCP_CLOSE] = "CLOSE",
	[TCP_CLOSE_WAIT] = "CLOSE_WAIT",
	[TCP_LAST_ACK] = "LAST_ACK",
	[TCP_LISTEN] = "LISTEN",
	[TCP_CLOSING] = "CLOSING",
};

enum { STATES = sizeof(state_names) / sizeof(*state_names) };

int diag_state_of(const char *name)
{
	for (int i = 0; i < STATES; i++)
		if (!strcmp(state_names[i], name))
			return i;
	return -EINVAL;
}

const char *diag_state_name(int state)
{
	return state < 0 ? strerrorname_np(-state) : state < STATES ? state_names[state] : "?";
}

static int ask(const struct tuple *t, int type, int flags)
{
	struct {
		struct nlmsghdr h;
		struct inet_diag_req_v2 r;
	} q = {
		.h = { .nlmsg_len = sizeof(q), .nlmsg_type = type, .nlmsg_flags = NLM_F_REQUEST | flags },
		.r = {
			.sdiag_family = t->family,
			.sdiag_protocol = IPPROTO_TCP,
			.idiag_states = ~0U,
			.id = {
				.idiag_sport = htons(t->lport),
				.idiag_dport = htons(t->rport),
				.idiag_cookie = { INET_DIAG_NOCOOKIE, INET_DIAG_NOCOOKIE },
			},
		},
	};
	union {
		struct nlmsghdr h;
		char room[8192];
	} a;
	int fd, r;

	memcpy(q.r.id.idiag_src, t->laddr, sizeof(t->laddr));
	memcpy(q.r.id.idiag_dst, t->raddr, sizeof(t->raddr));
	fd = socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
	if (fd < 0)
		return -errno;
	r = send(fd, &q, sizeof(q), 0) < 0 || recv(fd, &a, sizeof(a), 0) < 0 ? -errno : 0;
	close(fd);
	if (r)
		return r;
	if (a.h.nlmsg_type == NLMSG_ERROR)
		return ((struct nlmsgerr *)NLMSG_DATA(&a.h))->error;
	return ((struct inet_diag_msg *)NLMSG_DATA(&a.h))->idiag_state;
}

int diag_state(const struct tuple *t)
{
	int r = t->family ? ask(t, SOCK_DIAG_BY_FAMILY, 0) : -EINVAL;

	/* Where there is no connection, the kernel's lookup goes on to the listener. */
	return r == -ENOENT || r == TCP_LISTEN ? 0 : r;
}

int diag_destroy(const struct tuple *t)
{
	return t->family ? ask(t, SOCK_DESTROY, NLM_F_ACK) : -EINVAL;
}
