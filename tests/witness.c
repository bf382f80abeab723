// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * witness.c: counts TCP transitions and TIME_WAITs' ends on top of process 1, as BPF sees them, until SIGINT or SIGTERM: see
 * witness.sh. A line "ready" on stdout, then one with the number.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <bpf/libbpf.h>

#include "source/symbols.h"
#include "tests/witness.bpf.skel.h"

int main(void)
{
	struct symbol handler = {.name = "tw_timer_handler"};
	struct witness_bpf *skel;
	sigset_t stop;
	int signal;

	sigemptyset(&stop);
	sigaddset(&stop, SIGINT);
	sigaddset(&stop, SIGTERM);
	sigprocmask(SIG_BLOCK, &stop, NULL);
	skel = symbols_find(&handler, 1) ? NULL : witness_bpf__open();
	if (skel)
		skel->rodata->tw_timer_handler = handler.address;
	if (!skel || witness_bpf__load(skel) || witness_bpf__attach(skel)) {
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
