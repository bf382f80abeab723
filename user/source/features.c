// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* features.c: what this kernel offers. Each answer cites the kernel that brought it. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>
#include <linux/capability.h>
#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>

#include "source/features.h"
#include "source/say.h"

static struct btf *cached_btf;

static struct btf *kernel_btf(void)
{
	if (!cached_btf) {
		cached_btf = btf__load_vmlinux_btf();
		if (libbpf_get_error(cached_btf))
			cached_btf = NULL;
	}
	return cached_btf;
}

void features_release(void)
{
	btf__free(cached_btf);
	cached_btf = NULL;
}

static int has_type(const char *name)
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

static bool has_capability(unsigned cap)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[2] = {};

	if (syscall(SYS_capget, &header, data))
		return false;
	return data[cap / 32].effective & (1u << cap % 32);
}

static int has_symbol(const char *name)
{
	char line[512];
	int found = 0;
	FILE *f = fopen("/proc/kallsyms", "re");

	if (!f)
		return -errno;
	while (!found && fgets(line, sizeof(line), f)) {
		char *symbol = line + strcspn(line, " ");

		/* "address type name[\tmodule]"; the address reads as zeros for whom it is hidden */
		if (strlen(symbol) < 4)
			continue;
		symbol += 3;
		symbol[strcspn(symbol, "\t\n")] = '\0';
		if (strcmp(symbol, name) == 0)
			found = strspn(line, "0") == strcspn(line, " ") ? -EPERM : 1;
	}
	fclose(f);
	return found;
}

/* Function tracing: does the kernel take an fentry program at all? */
static int ask_fentry(void)
{
	struct bpf_insn exit0[] = {
		{.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0},
		{.code = BPF_JMP | BPF_EXIT},
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

static int ask_capabilities(void)
{
	return has_capability(CAP_SYS_ADMIN);
}

static int ask_btf(void)
{
	return access("/sys/kernel/btf/vmlinux", R_OK) == 0 && kernel_btf();
}

static int ask_ringbuf(void)
{
	return has_type("bpf_ringbuf");
}

static int ask_set_state(void)
{
	return tracepoint("inet_sock_set_state") != NULL;
}

static int ask_destroy_sock(void)
{
	return tracepoint("tcp_destroy_sock") != NULL;
}

static int ask_send_reset(void)
{
	return tracepoint("tcp_send_reset") != NULL;
}

/* The same release gave it the reset's reason: context, sk, skb, reason */
static int ask_send_reset_tw(void)
{
	const struct btf_type *t = tracepoint("tcp_send_reset");

	return t && btf_vlen(t) >= 4;
}

static int ask_timers(void)
{
	return tracepoint("timer_start") && tracepoint("timer_cancel") && tracepoint("timer_expire_entry");
}

static int ask_tw_handler(void)
{
	return has_symbol("tw_timer_handler");
}

static int ask_reqsk_handler(void)
{
	return has_symbol("reqsk_timer_handler");
}

static int ask_rdonly_cast(void)
{
	return kernel_btf() && btf__find_by_name_kind(kernel_btf(), "bpf_rdonly_cast", BTF_KIND_FUNC) > 0;
}

/* Nothing in the BTF tells: the release does. */
static int ask_preemptible_tracepoints(void)
{
	struct utsname u;
	int major;

	return uname(&u) == 0 && sscanf(u.release, "%d", &major) == 1 && major >= 7;
}

static int ask_task_file(void)
{
	return has_type("bpf_iter__task_file");
}

static int ask_tcp(void)
{
	return has_type("bpf_iter__tcp");
}

static int ask_map_elem(void)
{
	return has_type("bpf_iter__bpf_map_elem");
}

enum { NOT_ASKED = 2 };

#define ROW(id, name, ask, since, detail) [id] = {{name, NOT_ASKED, detail, since}, ask}

static struct row {
	struct feature f;
	int (*ask)(void);
} rows[FEATURE_MAX] = {
	ROW(FEATURE_CAPABILITIES, "capabilities", ask_capabilities, "-",
	    "CAP_SYS_ADMIN: load BPF programs, read every process's sockets, enter network namespaces"),
	ROW(FEATURE_BTF, "BTF", ask_btf, "5.4",
	    "the kernel's types, to run without being compiled for it: /sys/kernel/btf/vmlinux"),
	ROW(FEATURE_RINGBUF, "ring buffer", ask_ringbuf, "5.8 457f44363a88", "events to user space, in order"),
	ROW(FEATURE_SET_STATE, "inet_sock_set_state", ask_set_state, "4.16 563e0bb0dc74",
	    "every state change of every TCP socket"),
	ROW(FEATURE_DESTROY_SOCK, "tcp_destroy_sock", ask_destroy_sock, "4.15 e1a4aa50f477",
	    "who held a socket that its peer had reset"),
	ROW(FEATURE_SEND_RESET, "tcp_send_reset", ask_send_reset, "4.15 c24b14c46bb8", "resets we send"),
	ROW(FEATURE_SEND_RESET_TW, "tcp_send_reset with tw", ask_send_reset_tw, "6.10 19822a980e19",
	    "tells data_reset from reset for TIME_WAITs"),
	ROW(FEATURE_TIMER_TRACEPOINTS, "timer tracepoints", ask_timers, "2.6.32",
	    "backend timer: timer_start, timer_cancel, timer_expire_entry"),
	ROW(FEATURE_TW_TIMER_HANDLER, "tw_timer_handler", ask_tw_handler, "4.4", "backend timer: its address, in /proc/kallsyms"),
	ROW(FEATURE_REQSK_TIMER_HANDLER, "reqsk_timer_handler", ask_reqsk_handler, "4.1",
	    "backend timer: tells reused_syn from reset"),
	ROW(FEATURE_PREEMPTIBLE_TRACEPOINTS, "preemptible tracepoints", ask_preemptible_tracepoints, "7.0",
	    "state changes are looked at twice, as BPF may skip one"),
	ROW(FEATURE_RDONLY_CAST, "bpf_rdonly_cast", ask_rdonly_cast, "6.2 a35b9af4ec2c",
	    "cheaper reads of what sockets point to"),
	ROW(FEATURE_FENTRY, "fentry", ask_fentry, "5.5", "backend fentry: tracing of kernel functions"),
	ROW(FEATURE_ITER_TASK_FILE, "iterator task_file", ask_task_file, "5.8 eaaacd23910f",
	    "owners of connections older than twtrace"),
	ROW(FEATURE_ITER_TCP, "iterator tcp", ask_tcp, "5.9 52d87d5f6418", "TIME_WAITs and orphans older than twtrace"),
	ROW(FEATURE_ITER_MAP_ELEM, "iterator bpf_map_elem", ask_map_elem, "5.9 a5cbe05a6673", "TIME_WAITs now, exact"),
};

static int state(enum feature_id id)
{
	struct row *r = &rows[id];

	if (r->f.state == NOT_ASKED)
		r->f.state = r->ask();
	return r->f.state;
}

bool features_has(enum feature_id id)
{
	return state(id) == 1;
}

int features_list(const struct feature **out, size_t *n)
{
	static struct feature list[FEATURE_MAX];

	for (int id = 0; id < FEATURE_MAX; id++) {
		state(id);
		list[id] = rows[id].f;
	}
	features_release();
	*out = list;
	*n = FEATURE_MAX;
	return 0;
}

/* Does not ask for tw_timer_handler: reading /proc/kallsyms takes longer than loading, which finds out as well. */
const char *features_backend(const char **why)
{
	*why = features_has(FEATURE_FENTRY) ? "the only backend built in" : "the kernel does not let functions be traced";
	if (features_has(FEATURE_TIMER_TRACEPOINTS))
		return "timer";
	*why = "the kernel has no timer tracepoints";
	return NULL;
}

int features_require(enum backend backend)
{
	static const enum feature_id needed[] = {
		FEATURE_RINGBUF, FEATURE_SET_STATE, FEATURE_DESTROY_SOCK, FEATURE_SEND_RESET, FEATURE_ITER_TASK_FILE,
	};
	const char *why;

	if (!features_has(FEATURE_CAPABILITIES))
		return say_err(-EPERM, "not permitted: run as root (needs CAP_SYS_ADMIN)");
	if (!features_has(FEATURE_BTF))
		return say_err(-ENOTSUP, "this kernel has no BTF (/sys/kernel/btf/vmlinux): needs CONFIG_DEBUG_INFO_BTF");
	for (size_t i = 0; i < sizeof(needed) / sizeof(needed[0]); i++)
		if (!features_has(needed[i]))
			return say_err(-ENOTSUP, "this kernel has no %s (since %s)", rows[needed[i]].f.name,
				       rows[needed[i]].f.since);
	if (backend == BACKEND_FENTRY)
		return say_err(-ENOTSUP, "backend fentry is not built into this version");
	if (!features_backend(&why))
		return say_err(-ENOTSUP, "no backend can run: %s", why);
	return 0;
}
