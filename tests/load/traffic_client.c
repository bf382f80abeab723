/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * traffic_client.c: one client of the load generator. It opens a batch of connections, ends those that it is to end first, then
 * waits for the others: on loopback connect() returns at once, so blocking sockets cost less than a poll would.
 */
#include <errno.h>
#include <linux/futex.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "traffic.h"

#define BATCH 64
#define UNDER_WAY 512  /* connections the server has not closed yet; its accept queues have room for more */
#define TRIES 256      /* on other ports and endpoints, without a pause */
#define PAUSES 6000    /* of 10 ms: as long as a TIME_WAIT */
#define SMALL_BUFFER 1 /* the smallest there is, and a window of about half a page */

struct client {
	const struct plan *plan;
	struct shared *shared;
	unsigned long retries; /* shifts all that follows to other ports and endpoints */
};

static int nap(void)
{
	struct timespec t = {.tv_nsec = 10000000};

	return nanosleep(&t, NULL);
}

/* So that the server, if it is slower, is not flooded: a dropped SYN would cost a second. */
static void wait_for_server(struct shared *shared)
{
	for (;;) {
		unsigned done = atomic_load(&shared->done);

		if ((unsigned)atomic_load(&shared->started) - done < UNDER_WAY)
			return;
		atomic_fetch_add(&shared->sleepers, 1);
		syscall(SYS_futex, &shared->done, FUTEX_WAIT, done, NULL, NULL, 0);
		atomic_fetch_sub(&shared->sleepers, 1);
	}
}

/* All endpoints through one port, then the next port: the same pair comes again as late as possible. */
static int bind_port(const struct plan *plan, int fd, bool ipv6, unsigned long n)
{
	unsigned port = plan->bind_first + (n / plan->endpoints) % plan->bind_count;
	struct sockaddr_in6 any6 = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
	struct sockaddr_in any4 = {.sin_family = AF_INET, .sin_port = htons(port)};
	int one = 1;

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	return ipv6 ? bind(fd, (void *)&any6, sizeof(any6)) : bind(fd, (void *)&any4, sizeof(any4));
}

static int open_one(const struct plan *plan, unsigned long n, bool ipv6, enum kind kind)
{
	struct sockaddr_storage to;
	socklen_t len = endpoint_address(plan, n, ipv6, &to);
	int fd = socket(to.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0), small = SMALL_BUFFER, why;

	if (fd < 0)
		return -1;
	if (kind == KIND_BOTH)
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof(small));
	if ((!plan->bind_count || !bind_port(plan, fd, ipv6, n)) && !connect(fd, (void *)&to, len))
		return fd;
	why = errno;
	close(fd);
	errno = why;
	return -1;
}

static int open_somewhere(struct client *c, unsigned long n, bool ipv6, enum kind kind)
{
	for (unsigned long pauses = 0; pauses < PAUSES; pauses++, nap()) {
		for (int i = 0; i < TRIES; i++) {
			int fd = open_one(c->plan, n + c->retries, ipv6, kind);

			if (fd >= 0 || errno != EADDRNOTAVAIL)
				return fd;
			atomic_fetch_add(&c->shared->no_port, 1);
			c->retries++;
		}
	}
	return -1;
}

/* Returns the socket if it is the server's turn now. */
static int start(struct client *c, unsigned long n, enum kind kind)
{
	const struct plan *plan = c->plan;
	/* Each kind over both families in turn */
	bool ipv6 = !plan->ports4 || (plan->ports6 && n / plan->mix_len % 2);
	struct linger now = {.l_onoff = 1};
	unsigned char order = (unsigned char)kind;
	int fd;

	wait_for_server(c->shared);
	fd = open_somewhere(c, n, ipv6, kind);
	if (fd < 0) {
		complain("client: connect");
		atomic_fetch_add(&c->shared->failed, 1);
		return -1;
	}
	atomic_fetch_add(&c->shared->started, 1);
	atomic_fetch_add(&c->shared->of_kind[kind], 1);
	atomic_fetch_add(&c->shared->of_family[ipv6], 1);
	if (send(fd, &order, 1, MSG_NOSIGNAL) != 1) {
		complain("client: send");
		atomic_fetch_add(&c->shared->failed, 1);
	}
	if (kind == KIND_SHUTDOWN)
		shutdown(fd, SHUT_WR);
	if (kind == KIND_RST_CLIENT)
		setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
	if (kind != KIND_CLIENT && kind != KIND_RST_CLIENT)
		return fd;
	close(fd);
	return -1;
}

static void finish(struct client *c, int fd, enum kind kind)
{
	struct pollfd waiting = {.fd = fd, .events = POLLIN};
	static char buffer[65536];
	ssize_t n;

	/* What the server sent fills our buffer, so its FIN cannot have come yet; ours goes to meet it. */
	if (kind == KIND_BOTH && poll(&waiting, 1, -1) == 1)
		shutdown(fd, SHUT_WR);
	while ((n = recv(fd, buffer, sizeof(buffer), 0)) > 0)
		;
	if (kind == KIND_RST_SERVER ? n == 0 || errno != ECONNRESET : n != 0) {
		complain("client: recv");
		atomic_fetch_add(&c->shared->failed, 1);
	}
	close(fd);
}

int client_run(const struct plan *plan, struct shared *shared, unsigned self)
{
	struct client c = {.plan = plan, .shared = shared};
	struct {
		int fd;
		enum kind kind;
	} batch[BATCH];
	unsigned long n = self;

	while (n < plan->connections) {
		int len = 0;

		for (int i = 0; i < BATCH && n < plan->connections; i++, n += plan->clients) {
			enum kind kind = plan->mix[n % plan->mix_len];
			int fd = start(&c, n, kind);

			if (fd < 0)
				continue;
			batch[len].fd = fd;
			batch[len++].kind = kind;
		}
		for (int i = 0; i < len; i++)
			finish(&c, batch[i].fd, batch[i].kind);
	}
	return 0;
}
