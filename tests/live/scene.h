/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * scene.h: one scenario being played, in a process and a network namespace of its own.
 */
#ifndef LIVE_SCENE_H
#define LIVE_SCENE_H

#include "stage.h"

/* What a scene tells through its control socket, and is told: it waits for CUE after SET. It exits after OVER. */
enum signal_byte { SCENE_SET = 's', SCENE_CUE = 'c', SCENE_PLAYED = 'p' };

/*
 * The life of a scene's process: namespace, `before`, SET, wait for the cue, script, PLAYED; then it keeps the namespace until
 * no connection is left in it (dry: until no TIME_WAIT matters any more), reads the counters and exits. What goes wrong is in st->trouble.
 */
void __attribute__((noreturn)) scene_run(const struct scenario *sc, struct stage *st, int control, bool dry);

#endif
