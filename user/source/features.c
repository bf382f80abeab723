// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* features.c: what this kernel offers. Each answer cites the kernel that brought it. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <linux/capability.h>
#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>

#include "source/features.h"
#include "source/say.h"

#ifndef CAP_PERFMON
#define CAP_PERFMON 38
#define CAP_BPF     39
#endif

static struct btf *kernel_btf(void)
{
	static struct btf *btf;
	static bool asked;

	if (!asked) {
		asked = true;
		btf = btf__load_vmlinux_btf();
		if (libbpf_get_error(btf))
			btf = NULL;
	}
	return btf;
}

bool features_has_type(const char *name)
{
	struct btf *btf = kernel_btf();

	return btf && btf__find_by_name_kind(btf, name, BTF_KIND_STRUCT) > 0;
}

/* The prototype behind typedef btf_trace_NAME: void (*)(void *, args…). */
static const struct btf_type *tracepoint(const char *name)
{
	struct btf *btf = kernel_btf();
	const struct btf_type *t;
	char full[64];
	int id;

	snprintf(full, sizeof(full), "btf_trace_%s", name);
	id = btf ? btf__find_by_name_kind(btf, full, BTF_KIND_TYPEDEF) : -ENOENT;
	if (id < 0)
		return NULL;
	t = btf__type_by_id(btf, btf__type_by_id(btf, id)->type);
	t = t && btf_is_ptr(t) ? btf__type_by_id(btf, t->type) : NULL;
	return t && btf_is_func_proto(t) ? t : NULL;
}

bool features_send_reset_has_tw(void)
{
	const struct btf_type *t = tracepoint("tcp_send_reset");

	return t && btf_vlen(t) >= 4;
}

static bool has_capability(unsigned cap)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2] = {};

	if (syscall(SYS_capget, &header, data))
		return false;
	return data[cap / 32].effective & (1u << cap % 32);
}

static bool may_load(void)
{
	return has_capability(CAP_SYS_ADMIN);
}

static int has_symbol(const char *name)
{
	unsigned long long address;
	char line[512], symbol[256];
	int found = 0;
	FILE *f = fopen("/proc/kallsyms", "re");

	if (!f)
		return -errno;
	while (!found && fgets(line, sizeof(line), f))
		if (sscanf(line, "%llx %*c %255s", &address, symbol) == 2 && strcmp(symbol, name) == 0)
			found = address ? 1 : -EPERM;
	fclose(f);
	return found;
}

/* Function tracing: does the kernel take an fentry program at all? */
static int has_fentry(void)
{
	struct bpf_insn exit0[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0 },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	LIBBPF_OPTS(bpf_prog_load_opts, opts, .expected_attach_type = BPF_TRACE_FENTRY);
	int prog, link, id;

	id = kernel_btf() ? btf__find_by_name_kind(kernel_btf(), "inet_twsk_alloc", BTF_KIND_FUNC) : -ENOENT;
	if (id < 0)
		return 0;
	opts.attach_btf_id = id;
	prog = bpf_prog_load(BPF_PROG_TYPE_TRACING, "twtrace_probe", "GPL", exit0, 2, &opts);
	if (prog < 0)
		return -errno;
	link = bpf_raw_tracepoint_open(NULL, prog);
	if (link < 0)
		link = -errno;
	close(prog);
	if (link < 0)
		return link;
	close(link);
	return 1;
}

static int yes(bool b)
{
	return b ? 1 : 0;
}

static struct feature list[] = {
	{ "capabilities", 0, "CAP_SYS_ADMIN: load BPF programs, read every process's sockets, enter network namespaces", "-" },
	{ "BTF", 0, "the kernel's types, to run without being compiled for it: /sys/kernel/btf/vmlinux", "5.4" },
	{ "ring buffer", 0, "events to user space, in order", "5.8 457f44363a88" },
	{ "inet_sock_set_state", 0, "every state change of every TCP socket", "4.16 563e0bb0dc74" },
	{ "tcp_destroy_sock", 0, "who held a socket that its peer had reset", "4.15 e1a4aa50f477" },
	{ "tcp_send_reset", 0, "resets we send", "4.15 c24b14c46bb8" },
	{ "tcp_send_reset with tw", 0, "tells data_reset from reset for TIME_WAITs", "6.10 19822a980e19" },
	{ "timer tracepoints", 0, "backend timer: timer_start, timer_cancel, timer_expire_entry", "2.6.32" },
	{ "tw_timer_handler", 0, "backend timer: its address, in /proc/kallsyms", "4.4" },
	{ "reqsk_timer_handler", 0, "backend timer: tells reused_syn from reset", "4.1" },
	{ "fentry", 0, "backend fentry: tracing of kernel functions", "5.5" },
	{ "iterator task_file", 0, "owners of connections older than twtrace", "5.8 eaaacd23910f" },
	{ "iterator tcp", 0, "TIME_WAITs and orphans older than twtrace", "5.9 52d87d5f6418" },
	{ "iterator bpf_map_elem", 0, "TIME_WAITs now, exact", "5.9 a5cbe05a6673" },
};

enum { F_CAPS, F_BTF, F_RING, F_STATE, F_DESTROY, F_SEND_RESET, F_SEND_RESET_TW, F_TIMERS, F_TW_HANDLER, F_REQSK_HANDLER, F_FENTRY,
       F_TASK_FILE, F_TCP, F_MAP_ELEM, F_MAX };
_Static_assert(sizeof(list) / sizeof(list[0]) == F_MAX, "a feature without its row");

static void ask(void)
{
	static bool asked;

	if (asked)
		return;
	asked = true;
	list[F_CAPS].state = yes(may_load());
	list[F_BTF].state = yes(kernel_btf());
	list[F_RING].state = yes(features_has_type("bpf_ringbuf"));
	list[F_STATE].state = yes(tracepoint("inet_sock_set_state"));
	list[F_DESTROY].state = yes(tracepoint("tcp_destroy_sock"));
	list[F_SEND_RESET].state = yes(tracepoint("tcp_send_reset"));
	list[F_SEND_RESET_TW].state = yes(features_send_reset_has_tw());
	list[F_TIMERS].state = yes(tracepoint("timer_start") && tracepoint("timer_cancel") && tracepoint("timer_expire_entry"));
	list[F_TW_HANDLER].state = has_symbol("tw_timer_handler");
	list[F_REQSK_HANDLER].state = has_symbol("reqsk_timer_handler");
	list[F_FENTRY].state = has_fentry();
	list[F_TASK_FILE].state = yes(features_has_type("bpf_iter__task_file"));
	list[F_TCP].state = yes(features_has_type("bpf_iter__tcp"));
	list[F_MAP_ELEM].state = yes(features_has_type("bpf_iter__bpf_map_elem"));
}

int features_list(const struct feature **out, size_t *n)
{
	ask();
	*out = list;
	*n = F_MAX;
	return 0;
}

const char *features_backend(const char **why)
{
	ask();
	*why = list[F_FENTRY].state == 1 ? "the only backend built in" : "the kernel does not let functions be traced";
	if (list[F_TIMERS].state == 1 && list[F_TW_HANDLER].state == 1)
		return "timer";
	*why = list[F_TIMERS].state == 1 ? "the address of tw_timer_handler is hidden (kernel.kptr_restrict, no root)" :
					   "the kernel has no timer tracepoints";
	return NULL;
}

int features_require(enum backend backend)
{
	static const int needed[] = { F_RING, F_STATE, F_DESTROY, F_SEND_RESET, F_TASK_FILE };
	const char *why;

	if (!may_load())
		return say_err(-EPERM, "not permitted: run as root (needs CAP_SYS_ADMIN)");
	if (access("/sys/kernel/btf/vmlinux", R_OK) || !kernel_btf())
		return say_err(-ENOTSUP, "this kernel has no BTF (/sys/kernel/btf/vmlinux): needs CONFIG_DEBUG_INFO_BTF");
	ask();
	for (size_t i = 0; i < sizeof(needed) / sizeof(needed[0]); i++)
		if (list[needed[i]].state != 1)
			return say_err(-ENOTSUP, "this kernel has no %s (since %s)", list[needed[i]].name, list[needed[i]].since);
	if (backend == BACKEND_FENTRY)
		return say_err(-ENOTSUP, "backend fentry is not built into this version");
	if (!features_backend(&why))
		return say_err(-ENOTSUP, "no backend can run: %s", why);
	return 0;
}
