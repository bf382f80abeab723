/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * reuse.c: connections whose processes or sockets come again under the same number, for the namespace it is started in. Ports
 * tell which connection is whose. reuse pid N     N processes, one after another, all with the same pid, named reuse-0, reuse-1,
 * ... Process i opens three connections: to port 7000 + i, which it closes; to 9000 + i, left to its exit; and to 11000 + i,
 * which the parent holds until the next process has the pid, and whose peer closes it. It accepts one on port 13000 + i, which is
 *                   reset while it still holds it.
 *   reuse sock N    N connections, one after another, on one CPU: the kernel hands out the same sockets again. To port 7000,
 * closed at once by the client; every tenth to port 7001, closed no sooner than HOLD_MS later. One line of JSON: the pid, the
 * seconds it took. Exit status 4: the kernel does not let the pid be chosen (clone3 set_tid, 5.5).
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define HOLD_MS 2
#define PROCESSES_MAX 2000

enum { CLOSES = 7000, EXITS = 9000, PASSES = 11000, ACCEPTS = 13000 };

static void die(const char *what)
{
	fprintf(stderr, "reuse: %s: %s\n", what, strerror(errno));
	exit(1);
}

static struct sockaddr_in at_port(unsigned port)
{
	return (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

static int listen_on(unsigned port)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0), one = 1;
	struct sockaddr_in at = at_port(port);

	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) || bind(fd, (void *)&at, sizeof(at)) || listen(fd, 16))
		die("listen");
	return fd;
}

static int connect_to(unsigned port)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	struct sockaddr_in at = at_port(port);

	if (connect(fd, (void *)&at, sizeof(at)))
		die("connect");
	return fd;
}

static int accept_on(int listener)
{
	int fd = accept(listener, NULL, NULL);

	if (fd < 0)
		die("accept");
	return fd;
}

static void reset(int fd)
{
	struct linger now = {.l_onoff = 1};

	setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
	close(fd);
}

static void hold(void)
{
	struct timespec t = {.tv_nsec = HOLD_MS * 1000000};

	while (nanosleep(&t, &t))
		;
}

/* Until the peer has closed. */
static void drain(int fd)
{
	char byte;

	while (read(fd, &byte, 1) > 0)
		;
}

static void send_fd(int to, int fd)
{
	char control[CMSG_SPACE(sizeof(fd))] = {0}, byte = 0;
	struct iovec io = {&byte, 1};
	struct msghdr m = {.msg_iov = &io, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof(control)};
	struct cmsghdr *c = CMSG_FIRSTHDR(&m);

	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(fd));
	memcpy(CMSG_DATA(c), &fd, sizeof(fd));
	if (sendmsg(to, &m, 0) != 1)
		die("sendmsg");
}

static int receive_fd(int from)
{
	char control[CMSG_SPACE(sizeof(int))], byte;
	struct iovec io = {&byte, 1};
	struct msghdr m = {.msg_iov = &io, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof(control)};
	int fd;

	if (recvmsg(from, &m, 0) != 1 || !CMSG_FIRSTHDR(&m))
		die("recvmsg");
	memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&m)), sizeof(fd));
	return fd;
}

/* The connection of the process before, whose opener is dead, and its peer. */
static int held = -1, held_peer = -1;

/* The process that has this pid now. */
static void live(unsigned i, int to_parent, int listener)
{
	char name[16], byte;
	int fd;

	snprintf(name, sizeof(name), "reuse-%u", i);
	prctl(PR_SET_NAME, name);
	if (held >= 0) { /* copies, which would keep them open */
		close(held);
		close(held_peer);
	}
	close(connect_to(CLOSES + i));
	connect_to(EXITS + i);
	fd = connect_to(PASSES + i);
	send_fd(to_parent, fd);
	close(fd);
	fd = accept_on(listener);
	if (write(to_parent, "", 1) != 1 || read(fd, &byte, 1) >= 0 || errno != ECONNRESET)
		die("not reset");
	_exit(0);
}

static pid_t fork_as(pid_t pid)
{
	struct clone_args args = {.exit_signal = SIGCHLD, .set_tid = (__u64)(unsigned long)&pid, .set_tid_size = 1};

	return (pid_t)syscall(SYS_clone3, &args, sizeof(args));
}

static pid_t free_pid(void)
{
	pid_t pid = fork();

	if (!pid)
		_exit(0);
	waitpid(pid, NULL, 0);
	return pid;
}

static void serve_life(unsigned i, int to_child, const int listeners[3])
{
	int fd = accept_on(listeners[0]), peer;
	char byte;

	drain(fd);
	close(fd);
	fd = accept_on(listeners[1]);
	peer = accept_on(listeners[2]);
	/* Another has the pid now. The peer's FIN first, then ours. */
	if (held >= 0) {
		close(held_peer);
		drain(held);
		close(held);
	}
	held = receive_fd(to_child);
	held_peer = peer;
	peer = connect_to(ACCEPTS + i);
	if (read(to_child, &byte, 1) != 1) /* it has accepted it */
		die("read");
	reset(peer);
	drain(fd); /* until its exit */
	close(fd);
}

static pid_t pids(unsigned n)
{
	pid_t pid = free_pid(), child;

	for (unsigned i = 0; i < n; i++) {
		int listeners[] = {listen_on(CLOSES + i), listen_on(EXITS + i), listen_on(PASSES + i)};
		int listener = listen_on(ACCEPTS + i), pair[2], status = 0;

		if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair))
			die("socketpair");
		for (int tries = 0; (child = fork_as(pid)) < 0 && errno == EEXIST && tries < 1000; tries++)
			hold(); /* somebody else has it */
		if (child < 0) {
			fprintf(stderr, "reuse: clone3: %s\n", strerror(errno));
			exit(errno == EEXIST ? 1 : 4);
		}
		if (!child)
			live(i, pair[1], listener);
		serve_life(i, pair[0], listeners);
		if (waitpid(child, &status, 0) != child || status)
			die("a child failed");
		for (int k = 0; k < 3; k++)
			close(listeners[k]);
		close(listener);
		close(pair[0]);
		close(pair[1]);
	}
	return pid;
}

static void socks(unsigned n)
{
	int listeners[] = {listen_on(CLOSES), listen_on(CLOSES + 1)};
	cpu_set_t one;

	CPU_ZERO(&one);
	CPU_SET(sched_getcpu(), &one);
	sched_setaffinity(0, sizeof(one), &one);
	for (unsigned i = 0; i < n; i++) {
		bool slow = i % 10 == 9;
		int client = connect_to(CLOSES + slow), server = accept_on(listeners[slow]);

		if (slow)
			hold();
		close(client);
		drain(server);
		close(server);
	}
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

int main(int argc, char **argv)
{
	unsigned n = argc == 3 ? (unsigned)atoi(argv[2]) : 0;
	bool by_pid = argc == 3 && !strcmp(argv[1], "pid");
	double began = now();
	pid_t pid = getpid();

	if (!n || (!by_pid && strcmp(argv[1], "sock")) || (by_pid && n > PROCESSES_MAX)) {
		fputs("usage: reuse pid|sock N\n", stderr);
		return 2;
	}
	prctl(PR_SET_NAME, "reuse-parent");
	if (by_pid)
		pid = pids(n);
	else
		socks(n);
	printf("{\"pid\":%d,\"n\":%u,\"seconds\":%.6f,\"hold_ns\":%d}\n", pid, n, now() - began, HOLD_MS * 1000000);
	return fflush(stdout);
}
