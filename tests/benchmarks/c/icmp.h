/* ICMP queries, and errors with the packets that they are about (libvig/packet/validity.py). */
#pragma once

#include "ipv4.h"

enum icmp_fault {
    BAD_ICMP_HEADER = -8,
    OTHER_ICMP = -9,
    BAD_QUOTED_HEADER = -10,
    ABOUT_LATER_FRAGMENT = -11,
    ABOUT_OTHER_PROTOCOL = -12,
    ABOUT_NO_QUERY = -13,
};

enum { ICMP_HEADER = 8, QUOTED = 8, IDENTIFIER = 4 };

static inline bool icmp_is_query(const uint8_t *icmp) {
    return icmp[0] == 0 || icmp[0] == 8 || (icmp[0] >= 13 && icmp[0] <= 18);
}

static inline bool icmp_is_error(const uint8_t *icmp) {
    return icmp[0] == 3 || icmp[0] == 4 || icmp[0] == 11 || icmp[0] == 12;
}

static inline uint8_t *checksum_at(uint8_t *l4, uint8_t protocol) {
    return l4 + (protocol == TCP ? 16 : protocol == UDP ? 6 : 2);
}

/* Of a packet without an IPv4 fault. */
static inline bool is_icmp_error(const struct packet *packet) {
    uint8_t *ip = packet->data + ETHERNET_HEADER;
    const uint8_t *icmp = ip_payload(ip);
    return ip_protocol(ip) == ICMP && ip_fragment_offset(ip) == 0 &&
           icmp + ICMP_HEADER <= end_of(packet) && icmp_is_error(icmp);
}

/* Of an ICMP packet that is no error, without an IPv4 fault. */
static inline int query_fault(const struct packet *packet) {
    uint8_t *ip = packet->data + ETHERNET_HEADER;
    const uint8_t *icmp = ip_payload(ip);
    if (ip_fragment_offset(ip) != 0) {
        return LATER_FRAGMENT;
    }
    if (icmp + ICMP_HEADER > end_of(packet)) {
        return TRUNCATED;
    }
    if (ip_total_length(ip) - ip_header_length(ip) < ICMP_HEADER) {
        return BAD_ICMP_HEADER;
    }
    return icmp_is_query(icmp) ? 0 : OTHER_ICMP;
}

/* The packet that an ICMP error is about. */
static inline uint8_t *quoted_in(uint8_t *ip) { return ip_payload(ip) + ICMP_HEADER; }

/* The transport checksum of the quoted packet is in the message. */
static inline bool quotes_checksum(uint8_t *ip) {
    uint8_t *quoted = quoted_in(ip);
    uint8_t *checksum = checksum_at(ip_payload(quoted), ip_protocol(quoted));
    return checksum + 2 <= ip + ip_total_length(ip);
}

/* What keeps an ICMP error from being about a flow; 0 where it is. */
static inline int error_fault(const struct packet *packet) {
    uint8_t *ip = packet->data + ETHERNET_HEADER, *quoted = quoted_in(ip);
    if (quoted + IPV4_HEADER > end_of(packet)) {
        return TRUNCATED;
    }
    uint8_t protocol = ip_protocol(quoted);
    int header = ip_header_length(quoted), smallest = protocol == TCP ? TCP_HEADER : QUOTED;
    if (quoted[0] >> 4 != 4 || header < IPV4_HEADER ||
        ip_total_length(quoted) - header < smallest) {
        return BAD_QUOTED_HEADER;
    }
    if (ip_fragment_offset(quoted) != 0) {
        return ABOUT_LATER_FRAGMENT;
    }
    if (protocol != TCP && protocol != UDP && protocol != ICMP) {
        return ABOUT_OTHER_PROTOCOL;
    }
    uint8_t *l4 = quoted + header;
    if (l4 + QUOTED > ip + ip_total_length(ip)) {
        return BAD_QUOTED_HEADER;
    }
    if (l4 + QUOTED > end_of(packet)) {
        return TRUNCATED;
    }
    if (quotes_checksum(ip) && checksum_at(l4, protocol) + 2 > end_of(packet)) {
        return TRUNCATED;
    }
    return protocol == ICMP && !icmp_is_query(l4) ? ABOUT_NO_QUERY : 0;
}
