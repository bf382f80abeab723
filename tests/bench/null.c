// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * null.c: the null tracer, the floor that a tracer with the same hooks cannot go below:
 *   null                        at twtrace's seven tracepoints
 *   null --fentry FUNCTION...   at these functions instead of the three timer tracepoints, as a fentry backend would be
 * It says "null: ready" on stderr and stays until SIGINT or SIGTERM.
 */
#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/bpf.h>

#include "tests/bench/null.bpf.skel.h"

#define LOG_BYTES 4096

static int complain(const char *what, const char *which)
{
	fprintf(stderr, "null: cannot %s %s: %s\n", what, which, strerror(errno));
	return -1;
}

/* libbpf wants a section name for each fentry program at build time. These functions are known at run time only. */
static int attach_function(const char *function)
{
	const struct bpf_insn nothing[] = {
		{.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0},
		{.code = BPF_JMP | BPF_EXIT},
	};
	char log[LOG_BYTES] = "";
	LIBBPF_OPTS(bpf_prog_load_opts, opts, .expected_attach_type = BPF_TRACE_FENTRY, .log_buf = log, .log_size = sizeof(log),
		    .log_level = 1);
	int prog, id = libbpf_find_vmlinux_btf_id(function, BPF_TRACE_FENTRY);

	if (id < 0) {
		errno = -id;
		return complain("find", function);
	}
	opts.attach_btf_id = id;
	prog = bpf_prog_load(BPF_PROG_TYPE_TRACING, "null_fentry", "Dual BSD/GPL", nothing, sizeof(nothing) / sizeof(nothing[0]),
			     &opts);
	if (prog < 0) {
		complain("load a program for", function);
		fputs(log, stderr);
		return -1;
	}
	/* Both descriptors stay open until we exit: they are what keeps it attached. */
	if (bpf_link_create(prog, 0, BPF_TRACE_FENTRY, NULL) < 0)
		return complain("attach to", function);
	return 0;
}

static int attach_tracepoints(struct null_bpf *skel, bool timers)
{
	int err;

	bpf_program__set_autoload(skel->progs.null_timer_start, timers);
	bpf_program__set_autoload(skel->progs.null_timer_cancel, timers);
	bpf_program__set_autoload(skel->progs.null_timer_expire_entry, timers);
	err = null_bpf__load(skel);
	if (!err)
		err = null_bpf__attach(skel);
	return err ? complain("attach to", "the tracepoints") : 0;
}

int main(int argc, char **argv)
{
	bool fentry = argc > 1 && !strcmp(argv[1], "--fentry");
	struct null_bpf *skel;
	sigset_t stop;
	int signal, err = 0;

	if (argc > 1 && (!fentry || argc == 2)) {
		fputs("usage: null [--fentry FUNCTION...]\n", stderr);
		return 2;
	}
	/* Before it says that it is ready: from then on it may be told to stop. */
	sigemptyset(&stop);
	sigaddset(&stop, SIGINT);
	sigaddset(&stop, SIGTERM);
	sigprocmask(SIG_BLOCK, &stop, NULL);

	skel = null_bpf__open();
	if (!skel) {
		complain("open", "the BPF object");
		return 1;
	}
	err = attach_tracepoints(skel, !fentry);
	for (int i = 2; i < argc && !err; i++)
		err = attach_function(argv[i]);
	if (!err) {
		fputs("null: ready\n", stderr);
		sigwait(&stop, &signal);
	}
	null_bpf__destroy(skel);
	return err ? 1 : 0;
}
