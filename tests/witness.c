// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * witness.c: what BPF programs see of TCP while ftrace counts the same: see witness.sh.
 *   witness INSTANCE     an instance directory of tracefs, set up but for tracing_on
 * Sets tracing_on, prints "ready", and at SIGINT or SIGTERM clears it and prints how many events BPF saw in between. One that found its
 * program at work on that CPU (recursion_misses) counts as seen: that is BPF's rule, and every tracer's business to live with.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "source/symbols.h"
#include "tests/witness.bpf.skel.h"

static unsigned long long left_out(const struct bpf_program *prog)
{
	struct bpf_prog_info info = {};
	__u32 len = sizeof(info);

	return bpf_obj_get_info_by_fd(bpf_program__fd(prog), &info, &len) ? 0 : info.recursion_misses;
}

static unsigned long long seen(const struct witness_bpf *skel)
{
	return *(volatile __u64 *)&skel->bss->seen + left_out(skel->progs.see_transition) + left_out(skel->progs.see_expiry);
}

static struct witness_bpf *attached(void)
{
	struct symbol handler = {.name = "tw_timer_handler"};
	struct witness_bpf *skel = symbols_find(&handler, 1) ? NULL : witness_bpf__open();

	if (!skel)
		return NULL;
	skel->rodata->tw_timer_handler = handler.address;
	if (!witness_bpf__load(skel) && !witness_bpf__attach(skel))
		return skel;
	witness_bpf__destroy(skel);
	return NULL;
}

int main(int argc, char **argv)
{
	char path[4096];
	struct witness_bpf *skel;
	unsigned long long before;
	sigset_t stop;
	int signal, on;

	sigemptyset(&stop);
	sigaddset(&stop, SIGINT);
	sigaddset(&stop, SIGTERM);
	sigprocmask(SIG_BLOCK, &stop, NULL);
	snprintf(path, sizeof(path), "%s/tracing_on", argc == 2 ? argv[1] : "");
	on = open(path, O_WRONLY | O_CLOEXEC);
	skel = on < 0 ? NULL : attached();
	if (!skel || write(on, "1", 1) != 1) {
		fprintf(stderr, "witness: %s\n", strerror(errno));
		return 1;
	}
	before = seen(skel);
	puts("ready");
	fflush(stdout);
	sigwait(&stop, &signal);
	if (write(on, "0", 1) != 1)
		return 1;
	printf("%llu\n", seen(skel) - before);
	witness_bpf__destroy(skel);
	return 0;
}
