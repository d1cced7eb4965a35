/* nfs/nat.py in C: all of it, ICMP queries and errors included. */
#include "checksum.h"
#include "flow.h"
#include "icmp.h"
#include "key_table.h"
#include "port_allocator.h"
#include "settings.h"

const char settings[] =
    "mac peer external_device external_address first_port last_port max_flows timeout";

enum drop {
    NOT_FOR_THIS_ADDRESS = -20,
    UNSOLICITED = -21,
    WRONG_REMOTE = -22,
    TABLE_FULL = -23,
    ABOUT_NO_FLOW = -24,
};

struct nf {
    struct memory memory;
    struct list mac, peer;
    int64_t external_device, timeout;
    uint32_t external_address;
    struct key_table flows;
    struct port_allocator ports;
};

static void nf_init(struct nf *nf, struct settings *given) {
    nf->mac = next_list(given, &nf->memory);
    nf->peer = next_list(given, &nf->memory);
    nf->external_device = next_number(given);
    nf->external_address = (uint32_t)next_number(given);
    int64_t first = next_number(given), last = next_number(given), capacity = next_number(given);
    nf->timeout = next_number(given);
    table_init(&nf->flows, &nf->memory, capacity);
    ports_init(&nf->ports, &nf->memory, first, last, capacity);
}

static inline int64_t forward(const struct nf *nf, struct packet *packet, int64_t device) {
    set_macs(packet, nf->mac.items[device], nf->peer.items[device]);
    return device;
}

/* ------------------------------------------------------------ headers */

static inline uint8_t *port_at(uint8_t *l4, uint8_t protocol, enum side side) {
    return l4 + (protocol == ICMP ? IDENTIFIER : side == SOURCE ? 0 : 2);
}

static inline uint16_t port_of(uint8_t *ip, enum side side) {
    return load16(port_at(ip_payload(ip), ip_protocol(ip), side));
}

/* An ICMP query has an identifier at the internal end alone. */
static inline uint16_t remote_port(uint8_t *ip, enum side side) {
    return ip_protocol(ip) == ICMP ? 0 : port_of(ip, side);
}

static inline void set_address(uint8_t *ip, enum side side, uint32_t address) {
    uint32_t before = address_words(ip_address(ip, side));
    uint8_t *checksum = ip + IPV4_CHECKSUM;
    store16(checksum, checksum_updated(load16(checksum), before, address_words(address)));
    store32(ip + side, address);
}

static inline void update_transport_checksum(uint8_t *ip, enum side side, uint32_t address,
                                             uint16_t port) {
    uint8_t protocol = ip_protocol(ip), *at = checksum_at(ip_payload(ip), protocol);
    uint32_t before = port_of(ip, side), after = port;
    if (protocol != ICMP) { /* which covers no addresses */
        before += address_words(ip_address(ip, side));
        after += address_words(address);
    }
    uint16_t checksum = load16(at);
    store16(at, protocol == UDP ? udp_checksum_updated(checksum, before, after)
                                : checksum_updated(checksum, before, after));
}

static inline void rewrite(uint8_t *ip, enum side side, uint32_t address, uint16_t port) {
    store16(port_at(ip_payload(ip), ip_protocol(ip), side), port);
    set_address(ip, side, address);
}

static inline void translate(uint8_t *ip, enum side side, uint32_t address, uint16_t port) {
    update_transport_checksum(ip, side, address, port);
    rewrite(ip, side, address, port);
}

/* The packet that an ICMP error is about; the error's own checksum is kept correct. */
static void translate_quoted(uint8_t *ip, enum side side, uint32_t address, uint16_t port) {
    uint8_t *quoted = quoted_in(ip), *error_checksum = checksum_at(ip_payload(ip), ICMP);
    uint32_t before = port_of(quoted, side), after = port;
    if (quotes_checksum(ip)) {
        uint8_t *at = checksum_at(ip_payload(quoted), ip_protocol(quoted));
        before += load16(at);
        translate(quoted, side, address, port);
        after += load16(at);
    } else {
        rewrite(quoted, side, address, port);
    }
    store16(error_checksum, checksum_updated(load16(error_checksum), before, after));
}

/* ------------------------------------------------------------ ICMP errors */

static int64_t error_outbound(struct nf *nf, struct packet *packet, uint8_t *ip) {
    uint8_t *quoted = quoted_in(ip);
    struct key flow = flow_of((uint64_t)packet->device, ip_protocol(quoted),
                              ip_address(quoted, DESTINATION), port_of(quoted, DESTINATION),
                              ip_address(quoted, SOURCE), remote_port(quoted, SOURCE));
    int32_t index = table_find(&nf->flows, &flow);
    if (index < 0) {
        return ABOUT_NO_FLOW;
    }
    translate_quoted(ip, DESTINATION, nf->external_address, nf->ports.ports[index]);
    set_address(ip, SOURCE, nf->external_address);
    return forward(nf, packet, nf->external_device);
}

/* The flow was opened to this remote endpoint. */
static inline bool is_to(const struct key *flow, uint8_t protocol, uint32_t address,
                         uint16_t port) {
    return flow->second == flow_of(0, protocol, 0, 0, address, port).second;
}

static int64_t error_inbound(struct nf *nf, struct packet *packet, uint8_t *ip) {
    uint8_t *quoted = quoted_in(ip);
    int32_t index = ports_holder(&nf->ports, port_of(quoted, SOURCE));
    if (!table_holds(&nf->flows, index)) {
        return ABOUT_NO_FLOW;
    }
    const struct key *flow = &nf->flows.keys[index];
    if (ip_address(quoted, SOURCE) != nf->external_address ||
        !is_to(flow, ip_protocol(quoted), ip_address(quoted, DESTINATION),
               remote_port(quoted, DESTINATION))) {
        return ABOUT_NO_FLOW;
    }
    translate_quoted(ip, SOURCE, flow_source(flow), flow_source_port(flow));
    set_address(ip, DESTINATION, flow_source(flow));
    return forward(nf, packet, flow_device(flow));
}

static int64_t process_error(struct nf *nf, struct packet *packet, uint8_t *ip) {
    int fault = error_fault(packet);
    if (fault != 0) {
        return fault;
    }
    if (packet->device != nf->external_device) {
        return error_outbound(nf, packet, ip);
    }
    if (ip_address(ip, DESTINATION) != nf->external_address) {
        return NOT_FOR_THIS_ADDRESS;
    }
    return error_inbound(nf, packet, ip);
}

/* ------------------------------------------------------------ TCP, UDP and ICMP queries */

static inline int64_t outbound(struct nf *nf, struct packet *packet, uint8_t *ip, int64_t now) {
    struct key flow =
        flow_of((uint64_t)packet->device, ip_protocol(ip), ip_address(ip, SOURCE),
                port_of(ip, SOURCE), ip_address(ip, DESTINATION), remote_port(ip, DESTINATION));
    int32_t index = table_find(&nf->flows, &flow);
    if (index >= 0) {
        table_touch(&nf->flows, index, now);
    } else {
        index = table_add(&nf->flows, &flow, now);
        if (index < 0) {
            return TABLE_FULL;
        }
        ports_allocate(&nf->ports, index);
    }
    translate(ip, SOURCE, nf->external_address, nf->ports.ports[index]);
    return forward(nf, packet, nf->external_device);
}

static inline int64_t inbound(struct nf *nf, struct packet *packet, uint8_t *ip, int64_t now) {
    int32_t index = ports_holder(&nf->ports, port_of(ip, DESTINATION));
    if (!table_holds(&nf->flows, index)) {
        return UNSOLICITED;
    }
    const struct key *flow = &nf->flows.keys[index];
    if (!is_to(flow, ip_protocol(ip), ip_address(ip, SOURCE), remote_port(ip, SOURCE))) {
        return WRONG_REMOTE;
    }
    table_touch(&nf->flows, index, now);
    translate(ip, DESTINATION, flow_source(flow), flow_source_port(flow));
    return forward(nf, packet, flow_device(flow));
}

static inline int64_t nf_process(struct nf *nf, struct packet *packet, int64_t now) {
    table_expire(&nf->flows, now - nf->timeout);
    int fault = ipv4_fault(packet);
    if (fault != 0) {
        return fault;
    }
    uint8_t *ip = packet->data + ETHERNET_HEADER;
    bool is_icmp = ip_protocol(ip) == ICMP;
    if (is_icmp && is_icmp_error(packet)) {
        return process_error(nf, packet, ip);
    }
    fault = is_icmp ? query_fault(packet) : transport_fault(packet);
    if (fault != 0) {
        return fault;
    }
    if (packet->device != nf->external_device) {
        return outbound(nf, packet, ip, now);
    }
    if (ip_address(ip, DESTINATION) != nf->external_address) {
        return NOT_FOR_THIS_ADDRESS;
    }
    return inbound(nf, packet, ip, now);
}

#include "loop.h"
