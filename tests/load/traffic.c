/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * traffic.c: a load generator for the network namespace it is started in: one server process, some client processes, as many
 * short connections over loopback as fit in a second, ended in every way. Says what it did in one line of JSON:
 *   traffic [-n CONNECTIONS] [-m client|server|rst|both|shutdown|all] [-e ENDPOINTS] [-6] [-j CLIENTS] [-p FIRST-LAST] [-a
 * PREFIX] -e  distinct remote addresses and ports: 250 ports on addresses of 127.0.0.0/8; with -6 ports on ::1, or 250 on those
 * of -a -p  the clients' ports, bound with SO_REUSEADDR, so that those in TIME_WAIT are taken again -a  an IPv6 /64 that is local
 * as a whole (ip -6 route add local PREFIX/64 dev lo) Exit status: 0 if every connection was made and ended as it should.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "traffic.h"

#define PORTS 250  /* beyond that, more addresses */
#define STALLED 30 /* seconds without a connection more */
#define CLIENTS_MAX 1024
#define FILES_SPARE 4096 /* the server's connections: see UNDER_WAY */

const char *const kind_names[KIND_MAX] = {"client", "server", "both", "shutdown", "rst_client", "rst_server"};

static const enum kind all[] = {KIND_CLIENT, KIND_SERVER, KIND_BOTH, KIND_SHUTDOWN, KIND_RST_CLIENT, KIND_RST_SERVER};

static const struct {
	const char *name;
	const enum kind *kinds;
	unsigned len;
} mixes[] = {
	{"all", all, KIND_MAX},       {"client", &all[KIND_CLIENT], 1},     {"server", &all[KIND_SERVER], 1},
	{"both", &all[KIND_BOTH], 1}, {"shutdown", &all[KIND_SHUTDOWN], 1}, {"rst", &all[KIND_RST_CLIENT], 2},
};

static struct shared *shared;

void complain(const char *what)
{
	static int times;

	if (times++ < 5)
		fprintf(stderr, "traffic: %s: %s\n", what, strerror(errno));
}

static void die(const char *what)
{
	fprintf(stderr, "traffic: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void usage(void)
{
	fputs("usage: traffic [-n CONNECTIONS] [-m client|server|rst|both|shutdown|all] [-e ENDPOINTS] [-6] [-j CLIENTS]"
	      " [-p FIRST-LAST] [-a PREFIX]\n",
	      stderr);
	exit(2);
}

static unsigned long number(const char *text, unsigned long max)
{
	char *end;
	unsigned long n = strtoul(text, &end, 10);

	if (end == text || *end || !n || n > max)
		usage();
	return n;
}

static void set_mix(struct plan *plan, const char *name)
{
	for (size_t i = 0; i < sizeof(mixes) / sizeof(mixes[0]); i++) {
		if (strcmp(name, mixes[i].name))
			continue;
		plan->mix = mixes[i].kinds;
		plan->mix_len = mixes[i].len;
		return;
	}
	usage();
}

static void set_ports(struct plan *plan, const char *range)
{
	unsigned last;

	if (sscanf(range, "%u-%u", &plan->bind_first, &last) != 2 || !plan->bind_first || last < plan->bind_first || last > 65535)
		usage();
	plan->bind_count = last - plan->bind_first + 1;
}

static unsigned ports_of(unsigned long endpoints, unsigned max)
{
	return endpoints < max ? (unsigned)endpoints : max;
}

static bool has_ipv6(void)
{
	int fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);

	return fd >= 0 && !close(fd);
}

static void read_options(struct plan *plan, int argc, char **argv)
{
	const char *mix = "all";
	bool only6 = false, both_families;
	int option;

	while ((option = getopt(argc, argv, "n:m:e:6j:p:a:")) != -1) {
		switch (option) {
		case 'n':
			plan->connections = number(optarg, 1ul << 31);
			break;
		case 'm':
			mix = optarg;
			break;
		case 'e':
			plan->endpoints = number(optarg, 1000000);
			break;
		case '6':
			only6 = true;
			break;
		case 'j':
			plan->clients = (unsigned)number(optarg, CLIENTS_MAX);
			break;
		case 'p':
			set_ports(plan, optarg);
			break;
		case 'a':
			plan->any6 = inet_pton(AF_INET6, optarg, &plan->prefix6) == 1;
			if (!plan->any6)
				usage();
			break;
		default:
			usage();
		}
	}
	if (optind < argc)
		usage();
	set_mix(plan, mix);
	both_families = plan->mix_len == KIND_MAX && has_ipv6();
	if (!only6)
		plan->ports4 = ports_of(plan->endpoints, PORTS);
	if (only6 || both_families)
		plan->ports6 = ports_of(plan->endpoints, plan->any6 || both_families ? PORTS : PORTS_MAX);
}

socklen_t endpoint_address(const struct plan *plan, unsigned long n, bool ipv6, struct sockaddr_storage *out)
{
	unsigned ports = ipv6 ? plan->ports6 : plan->ports4;
	unsigned long endpoint = n % plan->endpoints, address = endpoint / ports;
	in_port_t port = htons(FIRST_PORT + endpoint % ports);

	memset(out, 0, sizeof(*out));
	if (ipv6) {
		struct sockaddr_in6 *to = (struct sockaddr_in6 *)out;

		*to = (struct sockaddr_in6){.sin6_family = AF_INET6, .sin6_port = port, .sin6_addr = in6addr_loopback};
		if (plan->any6) {
			to->sin6_addr = plan->prefix6;
			to->sin6_addr.s6_addr32[3] = htonl((unsigned)address + 1);
		}
		return sizeof(*to);
	}
	/* 127.x.y.z over all of x, and neither y.z 0.0 nor 255.255 */
	*(struct sockaddr_in *)out = (struct sockaddr_in){
		.sin_family = AF_INET,
		.sin_port = port,
		.sin_addr.s_addr = htonl(127u << 24 | (unsigned)(address % 251) << 16 | (unsigned)(address / 251 + 1)),
	};
	return sizeof(struct sockaddr_in);
}

/* Where the limit cannot be raised there are fewer ports, and the report says so. */
static void raise_files(struct plan *plan)
{
	struct rlimit files = {.rlim_cur = plan->ports4 + plan->ports6 + FILES_SPARE, .rlim_max = 1 << 20}, had;
	unsigned room;

	getrlimit(RLIMIT_NOFILE, &had);
	if (setrlimit(RLIMIT_NOFILE, &files)) {
		files.rlim_cur = files.rlim_max = had.rlim_max;
		setrlimit(RLIMIT_NOFILE, &files);
	}
	room = files.rlim_cur > 2 * FILES_SPARE ? (unsigned)files.rlim_cur - FILES_SPARE : FILES_SPARE;
	if (plan->ports6 > room)
		plan->ports6 = room;
}

/* A child with a name of its own, that does not outlive us. */
static pid_t child(const char *name)
{
	pid_t parent = getpid(), pid = fork();

	if (pid < 0)
		die("fork");
	if (pid)
		return pid;
	prctl(PR_SET_NAME, name);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(1);
	return 0;
}

static pid_t start_server(const struct plan *plan)
{
	int ready[2], epoll;
	pid_t pid;
	char byte;

	if (pipe(ready))
		die("pipe");
	pid = child("load-server");
	if (!pid) {
		close(ready[0]);
		epoll = server_listen(plan);
		if (epoll < 0)
			die("listen");
		if (write(ready[1], "", 1) != 1)
			die("write");
		close(ready[1]);
		server_run(epoll, shared);
	}
	close(ready[1]);
	if (read(ready[0], &byte, 1) != 1)
		exit(1); /* it has said why */
	close(ready[0]);
	return pid;
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Until all clients are through and the server has closed every connection. Returns the number of children that failed. */
static int wait_for_all(unsigned clients)
{
	struct timespec tick = {.tv_nsec = 5000000};
	unsigned long progress, before = 0;
	double since = now();
	int failed = 0, status;

	while (clients || (unsigned)atomic_load(&shared->started) != atomic_load(&shared->done)) {
		pid_t ended = waitpid(-1, &status, WNOHANG);

		if (ended > 0) {
			failed += !!status;
			if (clients)
				clients--;
			continue;
		}
		nanosleep(&tick, NULL);
		progress = atomic_load(&shared->started) + atomic_load(&shared->done);
		if (progress != before)
			since = now();
		before = progress;
		if (now() - since > STALLED) {
			fprintf(stderr, "traffic: stalled, %lu started, %u done\n", atomic_load(&shared->started),
				atomic_load(&shared->done));
			return failed + 1;
		}
	}
	return failed;
}

static unsigned long endpoints_used(const struct plan *plan)
{
	unsigned long n = plan->endpoints < plan->connections ? plan->endpoints : plan->connections;

	return !plan->ports4 && !plan->any6 && n > plan->ports6 ? plan->ports6 : n;
}

static void report(const struct plan *plan, double seconds)
{
	unsigned long connections = atomic_load(&shared->started);

	printf("{\"connections\":%lu,\"seconds\":%.3f,\"failed\":%lu,\"no_port\":%lu,\"per_second\":%.0f,\"endpoints\":%lu,"
	       "\"ipv4\":%lu,\"ipv6\":%lu",
	       connections, seconds, atomic_load(&shared->failed), atomic_load(&shared->no_port), (double)connections / seconds,
	       endpoints_used(plan), atomic_load(&shared->of_family[0]), atomic_load(&shared->of_family[1]));
	for (int i = 0; i < KIND_MAX; i++)
		printf(",\"%s\":%lu", kind_names[i], atomic_load(&shared->of_kind[i]));
	puts("}");
}

int main(int argc, char **argv)
{
	struct plan plan = {.connections = 40000, .clients = 1, .endpoints = 1};
	int failed;
	pid_t server;
	double began;

	read_options(&plan, argc, argv);
	raise_files(&plan);
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED)
		die("mmap");
	server = start_server(&plan);
	began = now();
	for (unsigned i = 0; i < plan.clients; i++)
		if (!child("load-client"))
			_exit(client_run(&plan, shared, i));
	failed = wait_for_all(plan.clients);
	report(&plan, now() - began);
	kill(server, SIGKILL);
	waitpid(server, NULL, 0); /* its ports are free when we are gone */
	return failed || atomic_load(&shared->failed) || fflush(stdout);
}
