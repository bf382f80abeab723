/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* loopback.c: the device's flags, and the retransmission timeout as a metric of the routes to 127.0.0.1 and ::1. */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "loopback.h"

enum { RTO_MIN_MS = 3000, INDEX = 1 /* it is the first device of any namespace */ };

struct request {
	struct nlmsghdr h;
	struct rtmsg m;
	char room[128];
};

/* An attribute; what it holds may follow as attributes of their own, `len` bytes in all. */
static void put(struct request *q, int type, const void *data, size_t copied, size_t len)
{
	struct rtattr a = { .rta_type = type, .rta_len = RTA_LENGTH(len) };
	char *at = (char *)q + q->h.nlmsg_len;

	memcpy(at, &a, sizeof(a));
	memcpy(at + sizeof(a), data, copied);
	q->h.nlmsg_len += RTA_SPACE(copied);
}

static void put_number(struct request *q, int type, uint32_t n)
{
	put(q, type, &n, sizeof(n), sizeof(n));
}

static int ask(const struct request *q)
{
	struct {
		struct nlmsghdr h;
		struct nlmsgerr e;
		char room[256];
	} a;
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE), r;

	if (fd < 0)
		return -errno;
	r = send(fd, q, q->h.nlmsg_len, 0) < 0 || recv(fd, &a, sizeof(a), 0) < 0 ? -errno : a.e.error;
	close(fd);
	return r;
}

/* The request about the route to an address of the device's own. */
static struct request route(int what, int flags, int family, const char *address)
{
	struct request q = {
		.h = { .nlmsg_len = NLMSG_LENGTH(sizeof(struct rtmsg)), .nlmsg_type = what,
		       .nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | flags },
		.m = { .rtm_family = family, .rtm_table = RT_TABLE_LOCAL, .rtm_protocol = RTPROT_KERNEL,
		       .rtm_scope = RT_SCOPE_HOST, .rtm_type = RTN_LOCAL },
	};
	size_t len = family == AF_INET ? sizeof(struct in_addr) : sizeof(struct in6_addr);
	struct in6_addr addr;

	inet_pton(family, address, &addr);
	q.m.rtm_dst_len = len * 8;
	put(&q, RTA_DST, &addr, len, len);
	put_number(&q, RTA_OIF, INDEX);
	if (family == AF_INET)
		put(&q, RTA_PREFSRC, &addr, len, len);
	return q;
}

static int be_patient(int family, const char *address)
{
	struct request q = route(RTM_NEWROUTE, NLM_F_CREATE | NLM_F_REPLACE, family, address);

	put(&q, RTA_METRICS, "", 0, 2 * RTA_SPACE(sizeof(uint32_t)));
	put_number(&q, RTAX_LOCK, 1 << RTAX_RTO_MIN);
	put_number(&q, RTAX_RTO_MIN, RTO_MIN_MS);
	return ask(&q);
}

int loopback_up(void)
{
	struct ifreq ifr = { .ifr_name = "lo", .ifr_flags = IFF_UP };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), r;
	struct request old;

	if (fd < 0)
		return -errno;
	r = ioctl(fd, SIOCSIFFLAGS, &ifr) ? -errno : 0;
	close(fd);
	r = r ? r : be_patient(AF_INET, "127.0.0.1");
	if (r)
		return r;
	/* IPv6 replaces a route only by one of the same metric, and the kernel's own has one that nobody else may give. */
	old = route(RTM_DELROUTE, 0, AF_INET6, "::1");
	r = ask(&old);
	return r ? r : be_patient(AF_INET6, "::1");
}
