/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* traffic_server.c: the load generator's one server: epoll, a wildcard listener for each port, every connection told how to end.
 */
#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "traffic.h"

#define LISTENER (1ull << 32)
#define FLOOD 1500 /* more than the client of KIND_BOTH has room for at first, so that our FIN has to wait behind it */

static int listen_on(int family, unsigned port)
{
	struct sockaddr_in6 any6 = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
	struct sockaddr_in any4 = {.sin_family = AF_INET, .sin_port = htons(port)};
	const void *any = family == AF_INET ? (void *)&any4 : &any6;
	socklen_t len = family == AF_INET ? sizeof(any4) : sizeof(any6);
	int fd = socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), one = 1;

	if (fd < 0)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (family == AF_INET6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof(one));
	if (bind(fd, any, len) || listen(fd, 4096)) {
		close(fd);
		return -1;
	}
	return fd;
}

static int listen_family(int epoll, int family, unsigned ports)
{
	for (unsigned i = 0; i < ports; i++) {
		struct epoll_event ev = {.events = EPOLLIN};
		int fd = listen_on(family, FIRST_PORT + i);

		if (fd < 0)
			return -1;
		ev.data.u64 = LISTENER | (unsigned)fd;
		if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &ev))
			return -1;
	}
	return 0;
}

int server_listen(const struct plan *plan)
{
	int epoll = epoll_create1(EPOLL_CLOEXEC);

	if (epoll < 0 || listen_family(epoll, AF_INET, plan->ports4) || listen_family(epoll, AF_INET6, plan->ports6))
		return -1;
	return epoll;
}

static void done(struct shared *shared)
{
	atomic_fetch_add(&shared->done, 1);
	if (atomic_load(&shared->sleepers))
		syscall(SYS_futex, &shared->done, FUTEX_WAKE, INT_MAX, NULL, NULL, 0);
}

static void end_as_told(int fd, enum kind kind, struct shared *shared)
{
	static const char flood[FLOOD];
	struct linger now = {.l_onoff = 1};

	if (kind == KIND_RST_SERVER)
		setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
	/* The client makes room only when it has sent its FIN. */
	if (kind == KIND_BOTH && send(fd, flood, sizeof(flood), MSG_NOSIGNAL) < 0) {
		complain("server: send");
		atomic_fetch_add(&shared->failed, 1);
	}
	close(fd);
	done(shared);
}

/* Read the order, and carry it out, or wait for the client to end it. Returns false if there is nothing more to read yet. */
static bool serve(int fd, struct shared *shared)
{
	unsigned char order[16];
	ssize_t n;

	while ((n = recv(fd, order, sizeof(order), 0)) > 0) {
		if (order[0] == KIND_SERVER || order[0] == KIND_BOTH || order[0] == KIND_RST_SERVER) {
			end_as_told(fd, order[0], shared);
			return true;
		}
	}
	if (n < 0 && errno == EAGAIN)
		return false;
	if (n < 0 && errno != ECONNRESET) {
		complain("server: recv");
		atomic_fetch_add(&shared->failed, 1);
	}
	close(fd);
	done(shared);
	return true;
}

static void accept_all(int epoll, int listener, struct shared *shared)
{
	int fd;

	while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
		struct epoll_event ev = {.events = EPOLLIN, .data.u64 = (unsigned)fd};

		/* Most often all there is to read is there already. */
		if (!serve(fd, shared) && epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &ev))
			complain("server: epoll_ctl");
	}
	if (errno != EAGAIN && errno != ECONNABORTED)
		complain("server: accept");
}

void server_run(int epoll, struct shared *shared)
{
	struct epoll_event events[256];

	for (;;) {
		int n = epoll_wait(epoll, events, 256, -1);

		for (int i = 0; i < n; i++) {
			if (events[i].data.u64 & LISTENER)
				accept_all(epoll, (int)(unsigned)events[i].data.u64, shared);
			else
				serve((int)events[i].data.u64, shared);
		}
	}
}
