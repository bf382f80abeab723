/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * peer.h: the other side of a TUN device. It is either a TCP of hand-written packets, which does nothing that the script does
 * not say (no acknowledgement, no retransmission), or a wire that carries packets back to this same kernel when told to.
 */
#ifndef LIVE_PEER_H
#define LIVE_PEER_H

#include <stdbool.h>
#include <stdint.h>

struct peer {
	int fd;                /* the TUN device */
	bool v6;
	uint16_t port;         /* ours */
	uint16_t kernel_port;
	uint32_t snd, rcv;     /* next sequence number to send; next one expected */
	uint8_t packet[2048];  /* the last one read, whole */
	uint8_t sent[2048];    /* the last one sent, for `resend` */
	uint32_t packet_len, sent_len;
};

/* Create the device in this network namespace and give it both addresses of ours (stage.c). 0 or -errno. */
int peer_open(struct peer *p, bool v6);
/* Do "verb argument…". 0 or -errno. */
int peer_do(struct peer *p, char *order);

#endif
