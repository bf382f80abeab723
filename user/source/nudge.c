// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* nudge.c: bring about a timer event on a CPU that has none of its own. */
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>
#include <bpf/bpf.h>

#include "source/nudge.h"

static void nudge(int cpu, int ncpus, int sock)
{
	cpu_set_t *set = CPU_ALLOC(ncpus);
	size_t size = CPU_ALLOC_SIZE(ncpus);
	char byte;

	if (!set)
		return;
	CPU_ZERO_S(size, set);
	CPU_SET_S(cpu, size, set);
	if (sched_setaffinity(0, size, set) == 0)
		recv(sock, &byte, 1, 0); /* nobody sends: times out */
	CPU_FREE(set);
}

static int silent_socket(int pair[2])
{
	struct timeval timeout = {.tv_usec = 2000};

	if (socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, pair))
		return -1;
	return setsockopt(pair[0], SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout));
}

void nudge_cpus(int limbo_fd, size_t value_size, int ncpus)
{
	size_t size = CPU_ALLOC_SIZE(ncpus);
	char *slots = calloc(ncpus, value_size);
	cpu_set_t *home = CPU_ALLOC(ncpus);
	int pair[2] = {-1, -1};
	unsigned zero = 0;

	if (!slots || !home || silent_socket(pair) || sched_getaffinity(0, size, home))
		goto out;
	if (bpf_map_lookup_elem(limbo_fd, &zero, slots))
		goto out;
	for (int cpu = 0; cpu < ncpus; cpu++) {
		__u64 full;

		memcpy(&full, slots + (cpu + 1) * value_size - sizeof(full), sizeof(full));
		if (full)
			nudge(cpu, ncpus, pair[0]);
	}
	sched_setaffinity(0, size, home);
out:
	if (pair[0] >= 0) {
		close(pair[0]);
		close(pair[1]);
	}
	CPU_FREE(home);
	free(slots);
}
