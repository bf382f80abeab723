/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * actor.h: the processes that use sockets. Each has a name of its own, does one order at a time and answers with 0 or an
 * errno, so that a script reads top to bottom though several processes carry it out.
 */
#ifndef LIVE_ACTOR_H
#define LIVE_ACTOR_H

#include "stage.h"

/* Channels and mail; once per stage, before the first actor. 0 or -errno. */
int actors_prepare(struct stage *st);
/* Start the actor if it does not run yet. 0 or -errno. */
int actor_start(struct stage *st, enum who who);
/* Have it do the order, "verb argument…". 0 or -errno, from the order or, as -ETIMEDOUT, from nobody answering. */
int actor_do(struct stage *st, enum who who, const char *order);
/* After an order to exit, or a kill: wait until nothing is left of it. 0 or -errno. */
int actor_await_death(struct stage *st, enum who who);

#endif
