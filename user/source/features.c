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

#include "model/names.h"
#include "source/features.h"
#include "source/say.h"
#include "source/symbols.h"
#include "source/traceable.h"

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

unsigned features_parameters(const char *function)
{
	struct btf *btf = kernel_btf();
	const struct btf_type *t;
	int id = btf ? btf__find_by_name_kind(btf, function, BTF_KIND_FUNC) : -ENOENT;

	if (id < 0)
		return 0;
	t = btf__type_by_id(btf, btf__type_by_id(btf, id)->type);
	return t && btf_is_func_proto(t) ? btf_vlen(t) : 0;
}

static bool has_capability(unsigned cap)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[2] = {};

	if (syscall(SYS_capget, &header, data))
		return false;
	return data[cap / 32].effective & (1u << cap % 32);
}

static struct symbol handlers[] = {{.name = "tw_timer_handler"}, {.name = "reqsk_timer_handler"}};
enum { TW_HANDLER, REQSK_HANDLER };

/* Both in one pass: reading /proc/kallsyms takes its time. */
static const struct symbol *handler(int which)
{
	static bool asked;
	int err;

	if (!asked) {
		err = symbols_find(handlers, sizeof(handlers) / sizeof(handlers[0]));
		for (size_t i = 0; err && i < sizeof(handlers) / sizeof(handlers[0]); i++)
			handlers[i].state = err;
	}
	asked = true;
	return &handlers[which];
}

__u64 features_tw_handler(void)
{
	return handler(TW_HANDLER)->address;
}

__u64 features_reqsk_handler(void)
{
	return handler(REQSK_HANDLER)->address;
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
	return handler(TW_HANDLER)->state;
}

static int ask_reqsk_handler(void)
{
	return handler(REQSK_HANDLER)->state;
}

#define KERNEL_ENOTSUPP 524 /* include/linux/errno.h: no errno of user space */

/*
 * Does the kernel have it, and can the JIT call kernel functions? Without one that can, a call is refused even in dead code
 * (bpf_jit_supports_kfunc_call(), 5.13 e6ac2450d6de).
 */
static int ask_rdonly_cast(void)
{
	int id = kernel_btf() ? btf__find_by_name_kind(kernel_btf(), "bpf_rdonly_cast", BTF_KIND_FUNC) : -ENOENT;
	struct bpf_insn dead_call[] = {
		{.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0},
		{.code = BPF_JMP | BPF_JEQ | BPF_K, .dst_reg = BPF_REG_0, .off = 1},
		{.code = BPF_JMP | BPF_CALL, .src_reg = BPF_PSEUDO_KFUNC_CALL, .imm = id},
		{.code = BPF_JMP | BPF_EXIT},
	};
	int fd;

	if (id < 0)
		return 0;
	fd = bpf_prog_load(BPF_PROG_TYPE_RAW_TRACEPOINT, "twtrace_probe", "GPL", dead_call, 4, NULL);
	if (fd < 0)
		return fd == -KERNEL_ENOTSUPP ? 0 : fd;
	close(fd);
	return 1;
}

/* The guard they came with is a type of its own; before, tracepoints were left with preemption off. */
static int ask_preemptible(void)
{
	return kernel_btf() && btf__find_by_name_kind(kernel_btf(), "class_srcu_fast_notrace_t", BTF_KIND_TYPEDEF) > 0;
}

static int state(enum feature_id id);

/* Whoever asks for the list may wait for it. Otherwise attaching is left to the tracer, which says so if it fails. */
static bool thorough;

/* Without it, none of the functions can be traced; do not try each. */
static int ask_trace(const char *function)
{
	int r = state(FEATURE_FENTRY);

	return r == 1 ? traceable(kernel_btf(), function, thorough) : r;
}

/* The older name goes until 6.10, the newer since 6.11 (b334b924c9b7). */
static int ask_hashdance(void)
{
	int r = ask_trace("inet_twsk_hashdance_schedule");

	return r ? r : ask_trace("inet_twsk_hashdance");
}

static int ask_schedule(void)
{
	return ask_trace("__inet_twsk_schedule");
}

static int ask_kill(void)
{
	return ask_trace("inet_twsk_kill");
}

static int ask_trace_timer_handler(void)
{
	return ask_trace("tw_timer_handler");
}

/* Three parameters at first, `tw_isn` since 6.10 (41eecbd712b7), `drop_reason` by 6.16. */
static int ask_state_process(void)
{
	unsigned n = features_parameters("tcp_timewait_state_process");

	return n < 3 || n > 5 ? 0 : ask_trace("tcp_timewait_state_process");
}

static int ask_unique(void)
{
	return features_parameters("tcp_twsk_unique") == 3 ? ask_trace("tcp_twsk_unique") : 0;
}

static int ask_alloc(void)
{
	return features_parameters("inet_twsk_alloc") == 3 ? ask_trace("inet_twsk_alloc") : 0;
}

static int ask_abort(void)
{
	return ask_trace("tcp_abort");
}

/*
 * Four parameters, two since 6.10 (92ef0fd55ac8). It sleeps, and without e21aa341785c (5.12 and 5.10.y), which brought struct
 * bpf_tramp_image, whoever sleeps there when tracing ends wakes up in memory that was freed.
 */
static int ask_accept(void)
{
	unsigned n = features_parameters("inet_csk_accept");

	return (n == 2 || n == 4) && has_type("bpf_tramp_image") ? ask_trace("inet_csk_accept") : 0;
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
	ROW(FEATURE_RDONLY_CAST, "bpf_rdonly_cast", ask_rdonly_cast, "6.2 a35b9af4ec2c",
	    "cheaper reads of what sockets point to; needs a JIT that can call kernel functions"),
	ROW(FEATURE_PREEMPTIBLE, "preemptible tracepoints", ask_preemptible, "7.0 a46023d5616e",
	    "not wanted: tasks are preempted inside BPF programs, so two watch each state change"),
	ROW(FEATURE_FENTRY, "fentry", ask_fentry, "5.5 fec56f5890d9", "backend fentry: tracing of kernel functions"),
	ROW(FEATURE_TRACE_HASHDANCE, "fentry inet_twsk_hashdance", ask_hashdance, "2.6.14",
	    "backend fentry: TIME_WAIT begins (inet_twsk_hashdance_schedule since 6.11 b334b924c9b7)"),
	ROW(FEATURE_TRACE_SCHEDULE, "fentry __inet_twsk_schedule", ask_schedule, "4.3 ed2e92394589",
	    "backend fentry: FIN_WAIT2 turns TIME_WAIT, 2MSL starts again"),
	ROW(FEATURE_TRACE_KILL, "fentry inet_twsk_kill", ask_kill, "4.2 789f558cfb36", "backend fentry: TIME_WAIT ends"),
	ROW(FEATURE_TRACE_TIMER_HANDLER, "fentry tw_timer_handler", ask_trace_timer_handler, "4.2 789f558cfb36",
	    "backend fentry: tells expired"),
	ROW(FEATURE_TRACE_STATE_PROCESS, "fexit tcp_timewait_state_process", ask_state_process, "2.6.12",
	    "backend fentry: tells reset, data_reset, reused_syn"),
	ROW(FEATURE_TRACE_UNIQUE, "fexit tcp_twsk_unique", ask_unique, "2.6.19", "backend fentry: tells reused_connect"),
	ROW(FEATURE_TRACE_ABORT, "fentry tcp_abort", ask_abort, "4.5 c1e64e298b8c", "backend fentry: tells killed"),
	ROW(FEATURE_TRACE_ALLOC, "fexit inet_twsk_alloc", ask_alloc, "2.6.14",
	    "backend fentry: tells skipped; otherwise inferred from the socket"),
	ROW(FEATURE_TRACE_ACCEPT, "fexit inet_csk_accept", ask_accept, "5.12 e21aa341785c",
	    "backend fentry: who called accept()"),
	ROW(FEATURE_ITER_TASK_FILE, "iterator task_file", ask_task_file, "5.8 eaaacd23910f",
	    "owners of connections older than twtrace"),
	ROW(FEATURE_ITER_TCP, "iterator tcp", ask_tcp, "5.9 52d87d5f6418", "TIME_WAITs and orphans older than twtrace; census, ports"),
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

	thorough = true;
	for (int id = 0; id < FEATURE_MAX; id++) {
		state(id);
		list[id] = rows[id].f;
	}
	features_release();
	*out = list;
	*n = FEATURE_MAX;
	return 0;
}

/* Which of what backend fentry needs is missing, as one clause; NULL: nothing. inet_twsk_alloc and inet_csk_accept are good to have, no more. */
static const char *fentry_lacks(void)
{
	static const enum feature_id needed[] = {
		FEATURE_FENTRY,       FEATURE_TRACE_HASHDANCE,     FEATURE_TRACE_SCHEDULE,
		FEATURE_TRACE_KILL,   FEATURE_TRACE_TIMER_HANDLER, FEATURE_TRACE_STATE_PROCESS,
		FEATURE_TRACE_UNIQUE, FEATURE_TRACE_ABORT,
	};
	static char why[128];

	for (size_t i = 0; i < sizeof(needed) / sizeof(needed[0]); i++) {
		const char *function = needed[i] == FEATURE_FENTRY ? "functions" : strchr(rows[needed[i]].f.name, ' ') + 1;
		int r = state(needed[i]);

		if (r == 1)
			continue;
		if (r)
			snprintf(why, sizeof(why), "the kernel does not let %s be traced: %s", function,
				 errno_name((unsigned)-r));
		else
			snprintf(why, sizeof(why), "the kernel has no %s to trace", function);
		return why;
	}
	return NULL;
}

static const char *timer_lacks(void)
{
	if (!features_has(FEATURE_TIMER_TRACEPOINTS))
		return "the kernel has no timer tracepoints";
	return features_has(FEATURE_TW_TIMER_HANDLER) ? NULL : NO_TW_HANDLER;
}

enum backend features_backend(enum backend asked, const char **why)
{
	const char *lacks;

	if (asked != BACKEND_AUTO) {
		lacks = asked == BACKEND_FENTRY ? fentry_lacks() : timer_lacks();
		*why = lacks ? lacks : "asked for";
		return lacks ? BACKEND_AUTO : asked;
	}
	lacks = fentry_lacks();
	*why = lacks ? lacks : "exact: TIME_WAIT's own functions are traced";
	if (!lacks && !features_has(FEATURE_TRACE_ACCEPT))
		*why = "exact: TIME_WAIT's own functions are traced, though not who calls accept()";
	if (!lacks)
		return BACKEND_FENTRY;
	if (!timer_lacks())
		return BACKEND_TIMER;
	*why = timer_lacks();
	return BACKEND_AUTO;
}

int features_require(void)
{
	static const enum feature_id needed[] = {
		FEATURE_RINGBUF, FEATURE_SET_STATE, FEATURE_DESTROY_SOCK, FEATURE_SEND_RESET, FEATURE_ITER_TASK_FILE,
	};

	if (!features_has(FEATURE_CAPABILITIES))
		return say_err(-EPERM, "not permitted: run as root (needs CAP_SYS_ADMIN)");
	if (!features_has(FEATURE_BTF))
		return say_err(-ENOTSUP, "this kernel has no BTF (/sys/kernel/btf/vmlinux): needs CONFIG_DEBUG_INFO_BTF");
	for (size_t i = 0; i < sizeof(needed) / sizeof(needed[0]); i++)
		if (!features_has(needed[i]))
			return say_err(-ENOTSUP, "this kernel has no %s (since %s)", rows[needed[i]].f.name,
				       rows[needed[i]].f.since);
	return 0;
}
