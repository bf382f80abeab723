// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * witness.c: counts TCP transitions on top of process 1, as BPF sees them, until SIGINT or SIGTERM: see witness.sh. A line "ready" on
 * stdout, then one with the number.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <bpf/libbpf.h>

#include "tests/witness.bpf.skel.h"

int main(void)
{
	struct witness_bpf *skel;
	sigset_t stop;
	int signal;

	sigemptyset(&stop);
	sigaddset(&stop, SIGINT);
	sigaddset(&stop, SIGTERM);
	sigprocmask(SIG_BLOCK, &stop, NULL);
	skel = witness_bpf__open_and_load();
	if (!skel || witness_bpf__attach(skel)) {
		fprintf(stderr, "witness: %s\n", strerror(errno));
		witness_bpf__destroy(skel);
		return 1;
	}
	puts("ready");
	fflush(stdout);
	sigwait(&stop, &signal);
	printf("%llu\n", (unsigned long long)skel->bss->seen);
	witness_bpf__destroy(skel);
	return 0;
}
