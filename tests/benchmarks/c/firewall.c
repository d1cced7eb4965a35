/* nfs/firewall.py in C: all of it. */
#include "flow.h"
#include "icmp.h"
#include "key_table.h"
#include "settings.h"

const char settings[] = "mac peer external_device max_flows timeout";

enum drop { ABOUT_NO_FLOW = -20, UNSOLICITED = -21, TABLE_FULL = -22 };

struct nf {
    struct memory memory;
    struct list mac, peer;
    int64_t external_device, timeout;
    struct key_table flows; /* as seen from inside */
    uint16_t *behind;       /* device of the inner host of each flow */
};

static void nf_init(struct nf *nf, struct settings *given) {
    nf->mac = next_list(given, &nf->memory);
    nf->peer = next_list(given, &nf->memory);
    nf->external_device = next_number(given);
    int64_t capacity = next_number(given);
    nf->timeout = next_number(given);
    table_init(&nf->flows, &nf->memory, capacity);
    nf->behind = allocate(&nf->memory, (size_t)capacity, sizeof *nf->behind);
}

/* The flow of a packet as its sender sees it, or as the other end does. */
static inline struct key five_tuple(uint8_t *ip, bool as_sent) {
    const uint8_t *l4 = ip_payload(ip);
    uint32_t source = ip_address(ip, SOURCE), destination = ip_address(ip, DESTINATION);
    uint16_t from = load16(l4), to = load16(l4 + 2);
    return as_sent ? flow_of(0, ip_protocol(ip), source, from, destination, to)
                   : flow_of(0, ip_protocol(ip), destination, to, source, from);
}

static inline int64_t forward(const struct nf *nf, struct packet *packet, int64_t device) {
    set_macs(packet, nf->mac.items[device], nf->peer.items[device]);
    return device;
}

static int64_t process_error(struct nf *nf, struct packet *packet) {
    int fault = error_fault(packet);
    if (fault != 0) {
        return fault;
    }
    uint8_t *ip = packet->data + ETHERNET_HEADER, *about = quoted_in(ip);
    if (ip_protocol(about) == ICMP || ip_address(ip, DESTINATION) != ip_address(about, SOURCE)) {
        return ABOUT_NO_FLOW;
    }
    bool is_inbound = packet->device == nf->external_device;
    struct key flow = five_tuple(about, is_inbound);
    int32_t index = table_find(&nf->flows, &flow);
    if (index < 0) {
        return ABOUT_NO_FLOW;
    }
    return forward(nf, packet, is_inbound ? nf->behind[index] : nf->external_device);
}

static inline int64_t nf_process(struct nf *nf, struct packet *packet, int64_t now) {
    table_expire(&nf->flows, now - nf->timeout);
    int fault = ipv4_fault(packet);
    if (fault != 0) {
        return fault;
    }
    uint8_t *ip = packet->data + ETHERNET_HEADER;
    if (ip_protocol(ip) == ICMP && is_icmp_error(packet)) {
        return process_error(nf, packet);
    }
    fault = transport_fault(packet);
    if (fault != 0) {
        return fault;
    }
    bool is_inbound = packet->device == nf->external_device;
    struct key flow = five_tuple(ip, !is_inbound);
    if (is_inbound) {
        int32_t index = table_find(&nf->flows, &flow);
        if (index < 0) {
            return UNSOLICITED;
        }
        table_touch(&nf->flows, index, now);
        return forward(nf, packet, nf->behind[index]);
    }
    int32_t index = table_use(&nf->flows, &flow, now);
    if (index < 0) {
        return TABLE_FULL;
    }
    nf->behind[index] = (uint16_t)packet->device;
    return forward(nf, packet, nf->external_device);
}

#include "loop.h"
