/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * actor.c: the verbs an actor knows, and the loop in which it takes orders. An actor has one listener and one connection at
 * hand; what needs two connections takes two actors, or `swap` where it must be the same thread.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "actor.h"
#include "diag.h"
#include "patience.h"

enum { ORDER_MAX = 128 };

struct actor {
	struct stage *st;
	enum who me;
	int listener;
	int fd;
	int other; /* the connection put aside by `swap` */
};

struct verb {
	const char *name;
	int (*act)(struct actor *a, char *args);
};

static int perform(struct actor *a, char *order);
static void take_orders(struct actor *a);

static int answer(int r)
{
	return r < 0 ? -errno : 0;
}

/* An address of ours or of the other side; NULL: any. */
static socklen_t endpoint(const struct actor *a, const char *address, uint16_t port, struct sockaddr_storage *ss)
{
	struct sockaddr_in *v4 = (struct sockaddr_in *)ss;
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)ss;
	char mapped[INET6_ADDRSTRLEN];

	memset(ss, 0, sizeof(*ss));
	if (a->st->family == V4) {
		v4->sin_family = AF_INET;
		v4->sin_port = htons(port);
		if (address)
			inet_pton(AF_INET, address, &v4->sin_addr);
		return sizeof(*v4);
	}
	v6->sin6_family = AF_INET6;
	v6->sin6_port = htons(port);
	if (address) {
		snprintf(mapped, sizeof(mapped), "%s%s", a->st->family == MAPPED ? "::ffff:" : "", address);
		inet_pton(AF_INET6, mapped, &v6->sin6_addr);
	}
	return sizeof(*v6);
}

/* Nothing may hang, whatever the kernel or a script does. */
static int new_socket(const struct actor *a)
{
	struct timeval patience = { .tv_sec = SOCKET_MS / 1000 };
	int fd = socket(a->st->family == V4 ? AF_INET : AF_INET6, SOCK_STREAM, 0);

	if (fd < 0)
		return -errno;
	if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)) ||
	    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &(int){ 1 }, sizeof(int))) {
		close(fd);
		return -errno;
	}
	return fd;
}

static uint16_t put_address(const struct sockaddr_storage *ss, uint8_t addr[16], int *family)
{
	const struct sockaddr_in *v4 = (const struct sockaddr_in *)ss;
	const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)ss;

	memset(addr, 0, 16);
	if (ss->ss_family == AF_INET) {
		*family = AF_INET;
		memcpy(addr, &v4->sin_addr, 4);
		return ntohs(v4->sin_port);
	}
	*family = IN6_IS_ADDR_V4MAPPED(&v6->sin6_addr) ? AF_INET : AF_INET6;
	if (*family == AF_INET)
		memcpy(addr, &v6->sin6_addr.s6_addr[12], 4);
	else
		memcpy(addr, &v6->sin6_addr, 16);
	return ntohs(v6->sin6_port);
}

/* Remember which connection this is, for `until`, `destroy` and the judge. */
static int note_tuple(struct actor *a, const struct sockaddr_storage *peer)
{
	struct tuple *t = &a->st->tuple[a->me];
	struct sockaddr_storage self;
	socklen_t len = sizeof(self);

	if (getsockname(a->fd, (struct sockaddr *)&self, &len))
		return -errno;
	t->lport = put_address(&self, t->laddr, &t->family);
	t->rport = put_address(peer, t->raddr, &t->family);
	if (t->lport != SERVER_PORT && a->st->nclient_ports < CLIENT_PORTS_MAX)
		a->st->client_ports[a->st->nclient_ports++] = t->lport;
	return 0;
}

static int do_listen(struct actor *a, char *args)
{
	struct sockaddr_storage ss;
	socklen_t len = endpoint(a, NULL, SERVER_PORT, &ss);

	(void)args;
	a->listener = new_socket(a);
	if (a->listener < 0)
		return a->listener;
	return answer(bind(a->listener, (struct sockaddr *)&ss, len) || listen(a->listener, 16) ? -1 : 0);
}

static int do_unlisten(struct actor *a, char *args)
{
	(void)args;
	return answer(close(a->listener));
}

/* dial [PORT]: begin to connect, from PORT. */
static int do_dial(struct actor *a, char *args)
{
	struct sockaddr_storage ss;
	socklen_t len;
	int r;

	a->fd = new_socket(a);
	if (a->fd < 0)
		return a->fd;
	if (*args) {
		len = endpoint(a, NULL, atoi(args), &ss);
		if (bind(a->fd, (struct sockaddr *)&ss, len))
			return -errno;
	}
	len = endpoint(a, stage_remote(a->st), SERVER_PORT, &ss);
	fcntl(a->fd, F_SETFL, O_NONBLOCK);
	r = connect(a->fd, (struct sockaddr *)&ss, len) && errno != EINPROGRESS ? -errno : 0;
	fcntl(a->fd, F_SETFL, 0);
	return r ? r : note_tuple(a, &ss);
}

/* What became of dial. */
static int do_await(struct actor *a, char *args)
{
	struct pollfd p = { .fd = a->fd, .events = POLLOUT };
	socklen_t len = sizeof(int);
	int error = 0;

	(void)args;
	if (poll(&p, 1, SOCKET_MS) <= 0)
		return -ETIME;
	if (getsockopt(a->fd, SOL_SOCKET, SO_ERROR, &error, &len))
		return -errno;
	return -error;
}

static int do_connect(struct actor *a, char *args)
{
	int r = do_dial(a, args);

	return r ? r : do_await(a, args);
}

static int do_accept(struct actor *a, char *args)
{
	struct timeval patience = { .tv_sec = SOCKET_MS / 1000 };
	struct sockaddr_storage peer;
	socklen_t len = sizeof(peer);

	(void)args;
	a->fd = accept(a->listener, (struct sockaddr *)&peer, &len);
	if (a->fd < 0)
		return -errno;
	setsockopt(a->fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	return note_tuple(a, &peer);
}

static int do_send(struct actor *a, char *args)
{
	static const char zeros[4096];
	ssize_t n;

	for (long left = atol(args); left > 0; left -= n) {
		n = send(a->fd, zeros, left < (long)sizeof(zeros) ? left : (long)sizeof(zeros), MSG_NOSIGNAL);
		if (n < 0)
			return -errno;
	}
	return 0;
}

static int do_recv(struct actor *a, char *args)
{
	char buf[4096];
	ssize_t n;

	for (long left = atol(args); left > 0; left -= n) {
		n = recv(a->fd, buf, left < (long)sizeof(buf) ? left : (long)sizeof(buf), 0);
		if (n <= 0)
			return n ? -errno : -ENODATA;
	}
	return 0;
}

static int do_eof(struct actor *a, char *args)
{
	char byte;
	ssize_t n = recv(a->fd, &byte, 1, 0);

	(void)args;
	return n < 0 ? -errno : n ? -EBADMSG : 0;
}

static int do_shutdown(struct actor *a, char *args)
{
	(void)args;
	return answer(shutdown(a->fd, SHUT_WR));
}

static int do_close(struct actor *a, char *args)
{
	(void)args;
	return answer(close(a->fd));
}

static int do_linger(struct actor *a, char *args)
{
	struct linger l = { .l_onoff = 1, .l_linger = atoi(args) };

	return answer(setsockopt(a->fd, SOL_SOCKET, SO_LINGER, &l, sizeof(l)));
}

static int do_set(struct actor *a, char *args)
{
	static const struct {
		const char *name;
		int level, option;
	} options[] = {
		{ "keepalive", SOL_SOCKET, SO_KEEPALIVE },
		{ "keepidle", IPPROTO_TCP, TCP_KEEPIDLE },
		{ "keepintvl", IPPROTO_TCP, TCP_KEEPINTVL },
		{ "keepcnt", IPPROTO_TCP, TCP_KEEPCNT },
		{ "user_timeout", IPPROTO_TCP, TCP_USER_TIMEOUT },
		{ "linger2", IPPROTO_TCP, TCP_LINGER2 },
	};
	char *value = strchr(args, ' ');

	for (size_t i = 0; value && i < sizeof(options) / sizeof(*options); i++)
		if (!strncmp(options[i].name, args, value - args))
			return answer(setsockopt(a->fd, options[i].level, options[i].option, &(int){ atoi(value) }, sizeof(int)));
	return -ENOPROTOOPT;
}

static int do_disconnect(struct actor *a, char *args)
{
	struct sockaddr none = { .sa_family = AF_UNSPEC };

	(void)args;
	return answer(connect(a->fd, &none, sizeof(none)));
}

/* destroy WHO: what ss -K does, by this process. */
static int do_destroy(struct actor *a, char *args)
{
	enum who who = who_of(args);

	return who == WHO_MAX ? -EINVAL : diag_destroy(&a->st->tuple[who]);
}

/* fork WHO: a child by that name, with copies of our sockets. */
static int do_fork(struct actor *a, char *args)
{
	struct actor child = *a;
	pid_t pid;

	child.me = who_of(args);
	if (child.me == WHO_MAX)
		return -EINVAL;
	pid = fork();
	if (!pid)
		take_orders(&child);
	a->st->pid[child.me] = pid > 0 ? pid : 0;
	return answer(pid);
}

/* give, take: the connection travels over a UNIX socket. The giver keeps its own descriptor until it closes it. */
static int mail(struct actor *a, bool out)
{
	char byte = 0;
	struct iovec iov = { &byte, 1 };
	union {
		struct cmsghdr h;
		char room[CMSG_SPACE(sizeof(int))];
	} c = { .h = { .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS, .cmsg_len = CMSG_LEN(sizeof(int)) } };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = &c, .msg_controllen = sizeof(c) };

	if (out) {
		memcpy(CMSG_DATA(&c.h), &a->fd, sizeof(int));
		return answer(sendmsg(a->st->mail[0], &m, 0));
	}
	if (recvmsg(a->st->mail[1], &m, MSG_DONTWAIT) < 0)
		return -errno;
	memcpy(&a->fd, CMSG_DATA(&c.h), sizeof(int));
	return 0;
}

static int do_give(struct actor *a, char *args)
{
	(void)args;
	return mail(a, true);
}

static int do_take(struct actor *a, char *args)
{
	(void)args;
	return mail(a, false);
}

/* swap: put the connection aside, and take up the one that was put aside before. */
static int do_swap(struct actor *a, char *args)
{
	int fd = a->fd;

	(void)args;
	a->fd = a->other;
	a->other = fd;
	return 0;
}

struct errand {
	struct actor *a;
	char *order;
	int result;
};

static void *run_errand(void *arg)
{
	struct errand *e = arg;

	prctl(PR_SET_NAME, "thread");
	e->result = perform(e->a, e->order);
	return NULL;
}

/* thread VERB…: done by a thread with a name of its own. */
static int do_thread(struct actor *a, char *args)
{
	struct errand e = { .a = a, .order = args };
	pthread_t thread;
	int r = pthread_create(&thread, NULL, run_errand, &e);

	if (r)
		return -r;
	pthread_join(thread, NULL);
	return e.result;
}

static int do_exit(struct actor *a, char *args)
{
	(void)a;
	(void)args;
	_exit(0);
}

static const struct verb verbs[] = {
	{ "accept", do_accept },   { "await", do_await },     { "close", do_close },       { "connect", do_connect },
	{ "destroy", do_destroy }, { "dial", do_dial },       { "disconnect", do_disconnect }, { "eof", do_eof },
	{ "exit", do_exit },       { "fork", do_fork },       { "give", do_give },         { "linger", do_linger },
	{ "listen", do_listen },   { "recv", do_recv },       { "send", do_send },         { "set", do_set },
	{ "shutdown", do_shutdown }, { "swap", do_swap },     { "take", do_take },         { "thread", do_thread },
	{ "unlisten", do_unlisten },
};

static int perform(struct actor *a, char *order)
{
	size_t len = strcspn(order, " ");
	char *args = order + len + strspn(order + len, " ");

	for (size_t i = 0; i < sizeof(verbs) / sizeof(*verbs); i++)
		if (strlen(verbs[i].name) == len && !memcmp(verbs[i].name, order, len))
			return verbs[i].act(a, args);
	return -ENOSYS;
}

static void __attribute__((noreturn)) take_orders(struct actor *a)
{
	int channel = a->st->channel[a->me][1];
	char order[ORDER_MAX];
	ssize_t n;

	prctl(PR_SET_NAME, who_names[a->me]);
	signal(SIGCHLD, SIG_IGN); /* forked actors leave no zombies */
	while ((n = recv(channel, order, sizeof(order) - 1, 0)) > 0) {
		int r;

		order[n] = '\0';
		r = perform(a, order);
		if (send(channel, &r, sizeof(r), MSG_NOSIGNAL) < 0)
			break;
	}
	_exit(0);
}

int actors_prepare(struct stage *st)
{
	for (int i = 0; i < WHO_MAX; i++)
		if (socketpair(AF_UNIX, SOCK_SEQPACKET, 0, st->channel[i]))
			return -errno;
	/* Forked actors outlive their parents: they come to us, to be waited for. */
	if (prctl(PR_SET_CHILD_SUBREAPER, 1))
		return -errno;
	return answer(socketpair(AF_UNIX, SOCK_DGRAM, 0, st->mail));
}

int actor_start(struct stage *st, enum who who)
{
	struct actor a = { .st = st, .me = who, .listener = -1, .fd = -1, .other = -1 };
	pid_t pid;

	if (st->pid[who])
		return 0;
	pid = fork();
	if (pid) {
		st->pid[who] = pid > 0 ? pid : 0;
		return answer(pid);
	}
	/* Only the director holds the director's ends: when it dies, everybody reads the end of the file and goes. */
	for (int i = 0; i < WHO_MAX; i++)
		close(st->channel[i][0]);
	take_orders(&a);
}

int actor_do(struct stage *st, enum who who, const char *order)
{
	struct pollfd p = { .fd = st->channel[who][0], .events = POLLIN };
	int r = 0;

	if (send(p.fd, order, strlen(order), MSG_NOSIGNAL) < 0)
		return -errno;
	if (!strcmp(order, "exit"))
		return actor_await_death(st, who);
	if (poll(&p, 1, STEP_MS) <= 0)
		return -ETIME;
	return recv(p.fd, &r, sizeof(r), 0) == sizeof(r) ? r : -EPIPE;
}

int actor_await_death(struct stage *st, enum who who)
{
	for (int ms = 0; ms < STEP_MS; ms++) {
		while (waitpid(-1, NULL, WNOHANG) > 0)
			;
		if (kill(st->pid[who], 0) && errno == ESRCH)
			return 0;
		poll(NULL, 0, 1);
	}
	return -ETIME;
}
