/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* loopback.h: the device over which two sockets of a namespace talk. */
#ifndef LIVE_LOOPBACK_H
#define LIVE_LOOPBACK_H

/*
 * Bring it up, and let no segment on it be repeated before 3 s. On a busy machine, and on an emulated one, an ACK may take longer
 * than the usual 200 ms: then a FIN is repeated, and the RST that its second ACK draws kills the TIME_WAIT. The price: FIN_WAIT2
 * of an orphan lasts 10.5 s or more (tcp_time_wait() wants 3.5 times as long). Returns 0 or -errno.
 */
int loopback_up(void);

#endif
