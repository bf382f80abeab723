/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * stage.h: what the processes of one scenario share, and what the catalogue reads when it is over. Lives in shared memory.
 */
#ifndef LIVE_STAGE_H
#define LIVE_STAGE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/types.h>

#include "counters.h"
#include "scenario.h"

enum who { CLI, SRV, KID, AUX, WHO_MAX };

extern const char *const who_names[WHO_MAX];

/* One connection as one of its ends sees it. Ports in host byte order; addresses as on the wire, IPv4 in the first four bytes. */
struct tuple {
	int family; /* AF_INET, AF_INET6; 0: no connection yet */
	uint8_t laddr[16], raddr[16];
	uint16_t lport, rport;
};

enum { CLIENT_PORTS_MAX = 8 };

struct stage {
	enum family family;
	bool tun;                     /* the server is across the TUN device, not on loopback */
	unsigned netns;               /* inode number */
	pid_t pid[WHO_MAX];           /* 0: never started; kept after its death */
	struct tuple tuple[WHO_MAX];  /* the last connection of each */
	uint16_t client_ports[CLIENT_PORTS_MAX];
	unsigned nclient_ports;
	int channel[WHO_MAX][2];      /* orders: [0] the director's end, [1] the actor's */
	int mail[2];                  /* descriptors handed from actor to actor */
	struct counters moved;
	long long late_ns;            /* how much longer the script took than its sleeps: the machine's slowness, among other things */
	char trouble[256];            /* the step that went wrong; empty: none */
};

/* "cli" → CLI; WHO_MAX if there is no such actor. */
enum who who_of(const char *name);
/* The addresses of a scenario as text, as the events show them. */
const char *stage_local(const struct stage *st);
const char *stage_remote(const struct stage *st);

#endif
