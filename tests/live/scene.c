/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* scene.c: the director. Sets up the namespace and takes a script's steps one after the other. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "actor.h"
#include "diag.h"
#include "loopback.h"
#include "patience.h"
#include "peer.h"
#include "scene.h"

enum { FADE_STEP_MS = 250 /* a hundred scenes wait at once, and an emulated CPU has better to do than to look for each */ };

struct scene {
	struct stage *st;
	struct peer peer;
};

/* "ipv4/name=value" */
static int write_sysctl(const char *text)
{
	size_t len = strcspn(text, "=");
	char path[256];
	int fd, r;

	snprintf(path, sizeof(path), "/proc/sys/net/%.*s", (int)len, text);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	text += len + 1;
	r = write(fd, text, strlen(text)) < 0 ? -errno : 0;
	close(fd);
	return r;
}

static long long now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000LL + t.tv_nsec;
}

/* sleep MS */
static int do_sleep(struct scene *s, char *args)
{
	poll(NULL, 0, atoi(args));
	s->st->late_ns -= atoi(args) * 1000000LL;
	return 0;
}

/* until WHO STATE */
static int do_until(struct scene *s, char *args)
{
	char *state = strchr(args, ' ');
	enum who who;
	int wanted;

	if (!state)
		return -EINVAL;
	*state++ = '\0';
	who = who_of(args);
	wanted = diag_state_of(state);
	if (who == WHO_MAX || wanted < 0)
		return -EINVAL;
	for (int ms = 0; ms < STEP_MS; ms += 2) {
		int r = diag_state(&s->st->tuple[who]);

		if (r == wanted)
			return 0;
		if (r < 0)
			return r;
		poll(NULL, 0, 2);
	}
	return -ETIME;
}

/* kill WHO */
static int do_kill(struct scene *s, char *args)
{
	enum who who = who_of(args);

	if (who == WHO_MAX || !s->st->pid[who])
		return -EINVAL;
	return kill(s->st->pid[who], SIGKILL) ? -errno : actor_await_death(s->st, who);
}

static int do_peer(struct scene *s, char *args)
{
	return peer_do(&s->peer, args);
}

/* One step without its `= ERRNO`: ours, or an order for an actor. */
static int step(struct scene *s, char *text)
{
	static const struct {
		const char *name;
		int (*act)(struct scene *s, char *args);
	} verbs[] = { { "sleep", do_sleep }, { "until", do_until }, { "kill", do_kill }, { "peer", do_peer } };
	char *rest = strchr(text, ' ');
	enum who who;
	int r;

	if (!rest)
		return -EINVAL;
	*rest++ = '\0';
	for (size_t i = 0; i < sizeof(verbs) / sizeof(*verbs); i++)
		if (!strcmp(verbs[i].name, text))
			return verbs[i].act(s, rest);
	who = who_of(text);
	if (who == WHO_MAX)
		return -EINVAL;
	r = actor_start(s->st, who);
	return r ? r : actor_do(s->st, who, rest);
}

/* Play a script; false, with the reason in st->trouble, at the first step that does not go as it says. */
static bool play(struct scene *s, const char *script)
{
	char *copy = strdup(script ? script : ""), *at, *text;

	for (text = strtok_r(copy, ";", &at); text; text = strtok_r(NULL, ";", &at)) {
		char *wanted, *end, done[128];
		const char *got;
		long long began = now_ns();
		int r;

		text += strspn(text, " ");
		if (!*text)
			continue;
		snprintf(done, sizeof(done), "%s", text);
		wanted = strstr(text, " = ");
		end = wanted ? wanted : text + strlen(text);
		while (end > text && end[-1] == ' ')
			end--;
		*end = '\0';
		wanted = wanted ? wanted + 3 : "0";
		r = step(s, text);
		s->st->late_ns += now_ns() - began;
		got = r ? strerrorname_np(-r) : "0";
		if (strcmp(got, wanted)) {
			snprintf(s->st->trouble, sizeof(s->st->trouble), "step '%s' gave %s", done, got);
			return false;
		}
	}
	free(copy);
	return true;
}

static int prepare(struct scene *s, const struct scenario *sc)
{
	char *copy = strdup(sc->sysctls ? sc->sysctls : ""), *at, *text;
	struct stat ns;
	int r = unshare(CLONE_NEWNET) || stat("/proc/self/ns/net", &ns) ? -errno : loopback_up();

	if (r)
		return r;
	s->st->netns = ns.st_ino;
	/* No tail loss probes: on a busy machine one repeats a FIN whose ACK is on its way, and the RST it draws kills a TIME_WAIT. */
	r = write_sysctl("ipv4/tcp_early_retrans=0");
	for (text = strtok_r(copy, ";", &at); text && !r; text = strtok_r(NULL, ";", &at))
		r = write_sysctl(text + strspn(text, " "));
	free(copy);
	if (!r && s->st->tun)
		r = peer_open(&s->peer, s->st->family == V6);
	return r ? r : actors_prepare(s->st);
}

static void dismiss(struct stage *st)
{
	for (int i = 0; i < WHO_MAX; i++)
		if (st->pid[i] && !kill(st->pid[i], 0))
			actor_do(st, i, "exit");
}

/* A namespace that goes takes its TIME_WAITs along: stay until they have ended as they should. */
static void fade(struct stage *st, bool dry)
{
	for (int ms = 0; ms < TIMEWAIT_MS; ms += FADE_STEP_MS) {
		long long began;

		if (!tcp_sockets_left() && (dry || !tcp_timewaits_left()))
			return;
		began = now_ns();
		poll(NULL, 0, FADE_STEP_MS);
		st->late_ns += now_ns() - began - FADE_STEP_MS * 1000000LL;
	}
	snprintf(st->trouble, sizeof(st->trouble), "%d sockets and %d TIME_WAITs never went", tcp_sockets_left(),
		 tcp_timewaits_left());
}

static void signal_parent(int control, char byte)
{
	if (write(control, &byte, 1) != 1)
		_exit(1);
}

void scene_run(const struct scenario *sc, struct stage *st, int control, bool dry)
{
	struct scene s = { .st = st };
	struct counters then, now;
	char cue;
	int r;

	prctl(PR_SET_NAME, "scene");
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	r = prepare(&s, sc);
	if (r)
		snprintf(st->trouble, sizeof(st->trouble), "no stage: %s", strerrorname_np(-r));
	else
		play(&s, sc->before);
	counters_read(&then);
	signal_parent(control, SCENE_SET);
	if (read(control, &cue, 1) != 1)
		_exit(1);
	if (!*st->trouble && play(&s, sc->script)) {
		dismiss(st);
		signal_parent(control, SCENE_PLAYED);
		if (!sc->vanish)
			fade(st, dry);
	}
	dismiss(st);
	counters_read(&now);
	st->moved = counters_since(&now, &then);
	_exit(0);
}
