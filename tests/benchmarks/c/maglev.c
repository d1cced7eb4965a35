/* nfs/maglev.py in C: all of it. */
#include "backends.h"
#include "flow.h"
#include "ipv4.h"
#include "key_table.h"
#include "settings.h"

const char settings[] = "mac backend client_device virtual_address heartbeat_port max_backends "
                        "slots max_flows flow_timeout backend_timeout";

enum drop { NOT_FOR_THIS_ADDRESS = -20, HEARTBEAT = -21, NOT_A_HEARTBEAT = -22, NO_BACKEND = -23 };

#define HALF ((int64_t)1 << 47) /* of all Ethernet addresses: words are signed */

struct choice {
    int64_t backend, word;
};

struct nf {
    struct memory memory;
    struct list mac;
    int64_t client_device, heartbeat_port, flow_timeout, backend_timeout;
    uint32_t virtual_address;
    struct key_table flows;
    struct choice *chosen; /* of each flow */
    struct backends backends;
};

static void nf_init(struct nf *nf, struct settings *given) {
    nf->mac = next_list(given, &nf->memory);
    struct list listed = next_list(given, &nf->memory);
    nf->client_device = next_number(given);
    nf->virtual_address = (uint32_t)next_number(given);
    nf->heartbeat_port = next_number(given);
    int64_t max_backends = next_number(given), slots = next_number(given);
    int64_t capacity = next_number(given);
    nf->flow_timeout = next_number(given);
    nf->backend_timeout = next_number(given);
    table_init(&nf->flows, &nf->memory, capacity);
    nf->chosen = allocate(&nf->memory, (size_t)capacity, sizeof *nf->chosen);
    backends_init(&nf->backends, &nf->memory, max_backends, slots, listed.items, listed.count);
}

static int64_t hear(struct nf *nf, const struct packet *packet, int64_t now) {
    uint8_t *ip = packet->data + ETHERNET_HEADER;
    uint64_t source = mac_source(packet);
    if (ip_protocol(ip) != UDP || load16(ip_payload(ip) + 2) != nf->heartbeat_port ||
        is_group(source)) {
        return NOT_A_HEARTBEAT;
    }
    backends_hear(&nf->backends, ((int64_t)source - HALF) * 65536 + packet->device, now);
    return HEARTBEAT;
}

/* The backend that a flow goes to, or, if that is not live, the hash's choice. */
static inline int64_t backend_of(const struct nf *nf, int32_t index, const struct key *flow) {
    if (index >= 0) {
        const struct choice *chosen = &nf->chosen[index];
        if (nf->backends.words[chosen->backend] == chosen->word) {
            return chosen->backend;
        }
    }
    return backends_choose(&nf->backends, flow_hash(flow));
}

static inline int64_t balance(struct nf *nf, struct packet *packet, uint8_t *ip, int64_t now) {
    const uint8_t *l4 = ip_payload(ip);
    struct key flow =
        flow_of((uint64_t)packet->device, ip_protocol(ip), ip_address(ip, SOURCE), load16(l4),
                ip_address(ip, DESTINATION), load16(l4 + 2));
    int32_t index = table_find(&nf->flows, &flow);
    int64_t backend = backend_of(nf, index, &flow);
    if (backend < 0) {
        return NO_BACKEND;
    }
    if (index >= 0) {
        table_touch(&nf->flows, index, now);
    } else {
        index = table_add(&nf->flows, &flow, now);
    }
    int64_t word = nf->backends.words[backend];
    if (index >= 0) {
        nf->chosen[index] = (struct choice){backend, word};
    }
    int64_t device = word & 0xFFFF;
    set_macs(packet, nf->mac.items[device], (word >> 16) + HALF);
    return device;
}

static inline int64_t nf_process(struct nf *nf, struct packet *packet, int64_t now) {
    table_expire(&nf->flows, now - nf->flow_timeout);
    backends_expire(&nf->backends, now - nf->backend_timeout);
    int fault = ipv4_fault(packet);
    if (fault == 0) {
        fault = transport_fault(packet);
    }
    if (fault != 0) {
        return fault;
    }
    uint8_t *ip = packet->data + ETHERNET_HEADER;
    if (ip_address(ip, DESTINATION) != nf->virtual_address) {
        return NOT_FOR_THIS_ADDRESS;
    }
    if (packet->device != nf->client_device) {
        return hear(nf, packet, now);
    }
    return balance(nf, packet, ip, now);
}

#include "loop.h"
