/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * peer.c: the TUN device, and the verbs of whoever sits at its other end.
 *   hear FLAG       read packets until a segment with FLAG comes (DATA: one with payload), and take it in
 *   send FLAG…      send one segment with these flags (DATA: 10 bytes of payload)
 *   resend          the same segment once more
 *   unreachable     answer the last packet read with ICMP "host unreachable"
 *   relay           carry every packet back into this kernel as if it came from the other address, until all is quiet:
 *                   two sockets of this kernel talk through the device, and between two relays their segments cross
 *   drop            lose every packet that waits
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <linux/ipv6.h>
#include <net/if.h>
#include <netinet/icmp6.h>
#include <netinet/ip.h>
#include <netinet/ip_icmp.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "patience.h"
#include "peer.h"
#include "scenario.h"

enum { QUIET_MS = 250, PAYLOAD = 10, WINDOW = 65535 };
enum { DATA = 0x100 }; /* beside the flags of the TCP header, which fill one byte */

static const struct {
	const char *name;
	int flag;
} flags[] = { { "FIN", TH_FIN }, { "SYN", TH_SYN }, { "RST", TH_RST }, { "ACK", TH_ACK }, { "DATA", DATA } };

static int flags_of(const char *names)
{
	int set = 0;

	while (*names) {
		size_t len = strcspn(names, " "), i = 0;

		while (i < sizeof(flags) / sizeof(*flags) && strncmp(flags[i].name, names, len))
			i++;
		if (i == sizeof(flags) / sizeof(*flags))
			return -EINVAL;
		set |= flags[i].flag;
		names += len + strspn(names + len, " ");
	}
	return set;
}

/* RFC 1071; sum carries on from what was summed up before. */
static uint32_t sum16(const void *data, size_t len, uint32_t sum)
{
	const uint8_t *b = data;

	for (; len > 1; len -= 2, b += 2)
		sum += b[0] << 8 | b[1];
	return len ? sum + (b[0] << 8) : sum;
}

static uint16_t checksum(uint32_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return htons(~sum);
}

/* Addresses lie side by side in both headers: source, then destination. */
static uint8_t *addresses(uint8_t *packet, bool v6)
{
	return packet + (v6 ? 8 : 12);
}

static size_t address_len(bool v6)
{
	return v6 ? 16 : 4;
}

static size_t header_len(bool v6)
{
	return v6 ? sizeof(struct ipv6hdr) : sizeof(struct iphdr);
}

/* Put the IP header, from the peer to the kernel, before `len` bytes of payload; returns the sum of the pseudo header. */
static uint32_t put_ip(const struct peer *p, uint8_t *packet, uint8_t protocol, size_t len)
{
	uint8_t *a = addresses(packet, p->v6);
	struct ipv6hdr *ip6 = (struct ipv6hdr *)packet;
	struct iphdr *ip = (struct iphdr *)packet;

	memset(packet, 0, header_len(p->v6));
	inet_pton(p->v6 ? AF_INET6 : AF_INET, p->v6 ? "fd00::2" : "10.0.0.2", a);
	inet_pton(p->v6 ? AF_INET6 : AF_INET, p->v6 ? "fd00::1" : "10.0.0.1", a + address_len(p->v6));
	if (p->v6) {
		ip6->version = 6;
		ip6->payload_len = htons(len);
		ip6->nexthdr = protocol;
		ip6->hop_limit = 64;
	} else {
		ip->version = 4;
		ip->ihl = sizeof(*ip) / 4;
		ip->tot_len = htons(sizeof(*ip) + len);
		ip->ttl = 64;
		ip->protocol = protocol;
		ip->check = checksum(sum16(ip, sizeof(*ip), 0));
	}
	return sum16(a, 2 * address_len(p->v6), protocol + len);
}

static int transmit(const struct peer *p, const uint8_t *packet, size_t len)
{
	return write(p->fd, packet, len) == (ssize_t)len ? 0 : -errno;
}

/* The next packet, or -ETIME. */
static int receive(struct peer *p, int patience_ms)
{
	struct pollfd fd = { .fd = p->fd, .events = POLLIN };
	ssize_t n;

	if (poll(&fd, 1, patience_ms) <= 0)
		return -ETIME;
	n = read(p->fd, p->packet, sizeof(p->packet));
	if (n < 0)
		return -errno;
	p->packet_len = n;
	return 0;
}

/* The TCP header of the last packet read, or NULL if it is something else (router solicitations, …). */
static struct tcphdr *segment(struct peer *p)
{
	size_t ip = header_len(p->v6);
	uint8_t protocol = p->v6 ? ((struct ipv6hdr *)p->packet)->nexthdr : ((struct iphdr *)p->packet)->protocol;

	if (p->packet_len < ip + sizeof(struct tcphdr) || p->packet[0] >> 4 != (p->v6 ? 6 : 4) || protocol != IPPROTO_TCP)
		return NULL;
	return (struct tcphdr *)(p->packet + ip);
}

static int peer_hear(struct peer *p, char *args)
{
	int wanted = flags_of(args), r;

	while (wanted >= 0 && !(r = receive(p, SOCKET_MS))) {
		struct tcphdr *th = segment(p);
		uint32_t payload, end;
		int got;

		if (!th)
			continue;
		payload = p->packet_len - header_len(p->v6) - th->doff * 4;
		got = th->th_flags | (payload ? DATA : 0);
		end = ntohl(th->seq) + payload + th->syn + th->fin;
		if (th->syn || (int32_t)(end - p->rcv) > 0)
			p->rcv = end;
		p->kernel_port = ntohs(th->source);
		p->port = ntohs(th->dest);
		if ((got & wanted) == wanted)
			return 0;
	}
	return wanted < 0 ? wanted : r;
}

static int peer_send(struct peer *p, char *args)
{
	struct tcphdr *th = (struct tcphdr *)(p->sent + header_len(p->v6));
	int set = flags_of(args);
	size_t payload = set & DATA ? PAYLOAD : 0, len = sizeof(*th) + payload;
	uint32_t sum;

	if (set < 0)
		return set;
	sum = put_ip(p, p->sent, IPPROTO_TCP, len);
	memset(th, 0, len);
	th->source = htons(p->port);
	th->dest = htons(p->kernel_port);
	th->seq = htonl(p->snd);
	th->th_flags = set & 0xff;
	th->ack_seq = th->ack ? htonl(p->rcv) : 0;
	th->doff = sizeof(*th) / 4;
	th->window = htons(WINDOW);
	th->check = checksum(sum16(th, len, sum));
	p->snd += payload + th->syn + th->fin;
	p->sent_len = header_len(p->v6) + len;
	return transmit(p, p->sent, p->sent_len);
}

static int peer_resend(struct peer *p, char *args)
{
	(void)args;
	return transmit(p, p->sent, p->sent_len);
}

static int peer_unreachable(struct peer *p, char *args)
{
	/* Eight bytes of header and then the packet that could not be delivered: the same in both versions. */
	struct icmp6_hdr *icmp = (struct icmp6_hdr *)(p->sent + header_len(p->v6));
	size_t len = sizeof(*icmp) + p->packet_len;
	uint32_t sum = put_ip(p, p->sent, p->v6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP, len);

	(void)args;
	memset(icmp, 0, sizeof(*icmp));
	icmp->icmp6_type = p->v6 ? ICMP6_DST_UNREACH : ICMP_DEST_UNREACH;
	icmp->icmp6_code = p->v6 ? ICMP6_DST_UNREACH_ADDR : ICMP_HOST_UNREACH;
	memcpy(icmp + 1, p->packet, p->packet_len);
	icmp->icmp6_cksum = checksum(sum16(icmp, len, p->v6 ? sum : 0));
	return transmit(p, p->sent, header_len(p->v6) + len);
}

static int peer_relay(struct peer *p, char *args)
{
	uint8_t swap[16], *a = addresses(p->packet, p->v6);
	size_t len = address_len(p->v6);

	(void)args;
	while (!receive(p, QUIET_MS)) {
		if (!segment(p))
			continue;
		/* Both addresses are in the checksum, in whatever order. */
		memcpy(swap, a, len);
		memcpy(a, a + len, len);
		memcpy(a + len, swap, len);
		if (transmit(p, p->packet, p->packet_len))
			return -errno;
	}
	return 0;
}

static int peer_drop(struct peer *p, char *args)
{
	(void)args;
	while (!receive(p, QUIET_MS))
		;
	return 0;
}

int peer_do(struct peer *p, char *order)
{
	static const struct {
		const char *name;
		int (*act)(struct peer *p, char *args);
	} verbs[] = {
		{ "hear", peer_hear },   { "send", peer_send },   { "resend", peer_resend },
		{ "unreachable", peer_unreachable }, { "relay", peer_relay }, { "drop", peer_drop },
	};
	size_t len = strcspn(order, " ");

	for (size_t i = 0; i < sizeof(verbs) / sizeof(*verbs); i++)
		if (strlen(verbs[i].name) == len && !memcmp(verbs[i].name, order, len))
			return verbs[i].act(p, order + len + strspn(order + len, " "));
	return -ENOSYS;
}

/* A new IPv6 address is tentative, and good for nothing, until a worker of the kernel's has come round to it. */
static int await_address(const struct in6_addr *addr)
{
	struct sockaddr_in6 sin6 = { .sin6_family = AF_INET6, .sin6_addr = *addr };
	int r = -ETIME;

	for (int ms = 0; ms < SOCKET_MS && r; ms += 2) {
		int fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);

		r = bind(fd, (struct sockaddr *)&sin6, sizeof(sin6)) ? -errno : 0;
		close(fd);
		poll(NULL, 0, r ? 2 : 0);
	}
	return r;
}

/* One address with its prefix, and the device up. */
static int configure(const char *device, bool v6)
{
	int fd = socket(v6 ? AF_INET6 : AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), r = 0;
	struct ifreq ifr = { .ifr_flags = 0 };
	struct sockaddr_in *sin = (struct sockaddr_in *)&ifr.ifr_addr;
	struct {
		struct in6_addr addr;
		uint32_t prefix;
		int index;
	} in6 = { .prefix = 64, .index = if_nametoindex(device) };

	if (fd < 0)
		return -errno;
	strcpy(ifr.ifr_name, device);
	sin->sin_family = AF_INET;
	if (v6) {
		inet_pton(AF_INET6, "fd00::1", &in6.addr);
		r = ioctl(fd, SIOCSIFADDR, &in6);
	} else {
		inet_pton(AF_INET, "10.0.0.1", &sin->sin_addr);
		r = ioctl(fd, SIOCSIFADDR, &ifr);
		inet_pton(AF_INET, "255.255.255.0", &sin->sin_addr);
		r = r ? r : ioctl(fd, SIOCSIFNETMASK, &ifr);
	}
	ifr.ifr_flags = IFF_UP;
	r = r || ioctl(fd, SIOCSIFFLAGS, &ifr) ? -errno : 0;
	close(fd);
	return r || !v6 ? r : await_address(&in6.addr);
}

int peer_open(struct peer *p, bool v6)
{
	struct ifreq ifr = { .ifr_flags = IFF_TUN | IFF_NO_PI, .ifr_name = "tun0" };

	memset(p, 0, sizeof(*p));
	p->v6 = v6;
	p->port = PEER_PORT;
	p->kernel_port = SERVER_PORT;
	p->snd = 1000;
	p->fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC);
	if (p->fd < 0)
		return -errno;
	return ioctl(p->fd, TUNSETIFF, &ifr) ? -errno : configure(ifr.ifr_name, v6);
}
