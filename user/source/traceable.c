// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* traceable.c: loads and attaches the programs of bpf/probe.bpf.c, which do nothing, to see what the kernel says. */
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <bpf/libbpf.h>

#include "probe.bpf.skel.h"
#include "source/traceable.h"

#define FUNCTIONS_MAX 16

static struct verdict {
	const char *function;
	int state; /* as traceable() returns it */
} verdicts[FUNCTIONS_MAX];

static const char *function_of(const struct bpf_program *prog)
{
	return strchr(bpf_program__section_name(prog), '/') + 1;
}

/* Which ones to try: all (NULL) or one of those the kernel has. */
static bool wanted(const struct btf *btf, const char *function, const char *only)
{
	if (only && strcmp(only, function))
		return false;
	return btf__find_by_name_kind(btf, function, BTF_KIND_FUNC) > 0;
}

static void note(const char *function, int state)
{
	int i = 0;

	while (verdicts[i].function && strcmp(verdicts[i].function, function))
		if (++i == FUNCTIONS_MAX)
			return;
	if (!verdicts[i].function)
		verdicts[i].function = strdup(function); /* lives as long as the program */
	verdicts[i].state = state;
}

static void try_attach(const struct bpf_program *prog)
{
	struct bpf_link *link = bpf_program__attach(prog);
	long err = libbpf_get_error(link);

	note(function_of(prog), err ? (int)err : 1);
	if (!err)
		bpf_link__destroy(link);
}

/* 0 if they could be loaded, or -errno. */
static int try_programs(const struct btf *btf, const char *only, bool attach)
{
	struct probe_bpf *skel = probe_bpf__open();
	struct bpf_program *prog;
	int err;

	if (!skel)
		return -errno;
	bpf_object__for_each_program(prog, skel->obj) bpf_program__set_autoload(prog, wanted(btf, function_of(prog), only));
	err = probe_bpf__load(skel);
	bpf_object__for_each_program(prog, skel->obj)
	{
		if (!bpf_program__autoload(prog))
			continue;
		if (err || !attach)
			note(function_of(prog), err ? err : 1);
		else
			try_attach(prog);
	}
	probe_bpf__destroy(skel);
	return err;
}

/* One that cannot be loaded takes all with it. Then one by one, to learn which. */
static void try_all(const struct btf *btf, bool attach)
{
	libbpf_print_fn_t print = libbpf_set_print(NULL); /* a refusal is an answer */

	if (try_programs(btf, NULL, attach))
		for (int i = 0; i < FUNCTIONS_MAX && verdicts[i].function; i++)
			try_programs(btf, verdicts[i].function, attach);
	libbpf_set_print(print);
}

int traceable(const struct btf *btf, const char *function, bool attach)
{
	static bool tried;

	if (!tried)
		try_all(btf, attach);
	tried = true;
	for (int i = 0; i < FUNCTIONS_MAX && verdicts[i].function; i++)
		if (!strcmp(verdicts[i].function, function))
			return verdicts[i].state;
	return 0;
}
