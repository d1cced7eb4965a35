/* IPv4, TCP and UDP headers; verdicts for what is wrong with them (libvig/packet/validity.py). */
#pragma once

#include <stdbool.h>

#include "packet.h"

enum fault {
    TRUNCATED = -1,
    NOT_IPV4 = -2,
    BAD_IPV4_HEADER = -3,
    LATER_FRAGMENT = -4,
    OTHER_PROTOCOL = -5,
    BAD_TCP_HEADER = -6,
    BAD_UDP_HEADER = -7,
};

enum protocol { ICMP = 1, TCP = 6, UDP = 17 };

enum { IPV4_HEADER = 20, TCP_HEADER = 20, UDP_HEADER = 8, IPV4_CHECKSUM = 10 };

/* Where an address is in an IPv4 header. */
enum side { SOURCE = 12, DESTINATION = 16 };

static inline const uint8_t *end_of(const struct packet *packet) {
    return packet->data + packet->length;
}

static inline int ip_header_length(const uint8_t *ip) { return (ip[0] & 0xF) * 4; }
static inline int ip_total_length(const uint8_t *ip) { return load16(ip + 2); }
static inline bool ip_more_fragments(const uint8_t *ip) { return load16(ip + 6) & 0x2000; }
static inline int ip_fragment_offset(const uint8_t *ip) { return load16(ip + 6) & 0x1FFF; }
static inline uint8_t ip_protocol(const uint8_t *ip) { return ip[9]; }
static inline uint32_t ip_address(const uint8_t *ip, enum side side) { return load32(ip + side); }
static inline uint8_t *ip_payload(uint8_t *ip) { return ip + ip_header_length(ip); }

static inline int ipv4_fault(const struct packet *packet) {
    if (packet->length < ETHERNET_HEADER) {
        return TRUNCATED;
    }
    if (load16(packet->data + 12) != ETHERTYPE_IPV4) {
        return NOT_IPV4;
    }
    if (packet->length < ETHERNET_HEADER + IPV4_HEADER) {
        return TRUNCATED;
    }
    const uint8_t *ip = packet->data + ETHERNET_HEADER;
    int header = ip_header_length(ip), total = ip_total_length(ip);
    bool is_consistent = ip[0] >> 4 == 4 && header >= IPV4_HEADER && header <= total &&
                         ETHERNET_HEADER + total <= packet->wire_length;
    return is_consistent ? 0 : BAD_IPV4_HEADER;
}

/* Of a packet without an IPv4 fault. */
static inline int transport_fault(const struct packet *packet) {
    uint8_t *ip = packet->data + ETHERNET_HEADER;
    if (ip_fragment_offset(ip) != 0) {
        return LATER_FRAGMENT;
    }
    const uint8_t *l4 = ip_payload(ip);
    int payload = ip_total_length(ip) - ip_header_length(ip);
    if (ip_protocol(ip) == TCP) {
        if (l4 + TCP_HEADER > end_of(packet)) {
            return TRUNCATED;
        }
        int header = (l4[12] >> 4) * 4;
        return header >= TCP_HEADER && header <= payload ? 0 : BAD_TCP_HEADER;
    }
    if (ip_protocol(ip) == UDP) {
        if (l4 + UDP_HEADER > end_of(packet)) {
            return TRUNCATED;
        }
        int length = load16(l4 + 4);
        bool is_consistent = length >= UDP_HEADER && payload >= UDP_HEADER &&
                             (length <= payload || ip_more_fragments(ip));
        return is_consistent ? 0 : BAD_UDP_HEADER;
    }
    return OTHER_PROTOCOL;
}
