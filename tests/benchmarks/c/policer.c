/* nfs/policer.py in C: all of it. */
#include "address.h"
#include "ipv4.h"
#include "key_table.h"
#include "settings.h"

const char settings[] =
    "mac peer external_device internal_device rate burst max_destinations timeout";

enum drop { EXCESS = -4, TABLE_FULL = -5 };

#define BYTE 1000000000 /* in nanobytes, of which `rate` flow in a nanosecond */

struct bucket {
    int64_t level; /* in nanobytes, at `time` */
    int64_t time;
};

struct nf {
    struct memory memory;
    struct list mac, peer;
    int64_t external_device, internal_device, rate, full, fill_time, timeout;
    struct key_table destinations;
    struct bucket *buckets;
};

static void nf_init(struct nf *nf, struct settings *given) {
    nf->mac = next_list(given, &nf->memory);
    nf->peer = next_list(given, &nf->memory);
    nf->external_device = next_number(given);
    nf->internal_device = next_number(given);
    nf->rate = next_number(given);
    nf->full = next_number(given) * BYTE;
    nf->fill_time = (nf->full - 1) / nf->rate + 1;
    int64_t capacity = next_number(given);
    nf->timeout = next_number(given);
    table_init(&nf->destinations, &nf->memory, capacity);
    nf->buckets = allocate(&nf->memory, (size_t)capacity, sizeof *nf->buckets);
}

/* Take `size` bytes out of a bucket, if there are as many. */
static inline bool take(const struct nf *nf, struct bucket *bucket, int64_t size, int64_t now) {
    int64_t elapsed = now - bucket->time, level = nf->full;
    if (elapsed < nf->fill_time) {
        level = bucket->level + elapsed * nf->rate;
        level = level < nf->full ? level : nf->full;
    }
    bool conforms = size * BYTE <= level;
    *bucket = (struct bucket){conforms ? level - size * BYTE : level, now};
    return conforms;
}

static inline int64_t forward(const struct nf *nf, struct packet *packet, int64_t device) {
    set_macs(packet, nf->mac.items[device], nf->peer.items[device]);
    return device;
}

static inline int64_t nf_process(struct nf *nf, struct packet *packet, int64_t now) {
    table_expire(&nf->destinations, now - nf->timeout);
    if (packet->device != nf->external_device) {
        return packet->length < ETHERNET_HEADER ? TRUNCATED
                                                : forward(nf, packet, nf->external_device);
    }
    int fault = ipv4_fault(packet);
    if (fault != 0) {
        return fault;
    }
    const uint8_t *ip = packet->data + ETHERNET_HEADER;
    struct key destination = {ip_address(ip, DESTINATION)};
    int32_t index = table_find(&nf->destinations, &destination);
    if (index >= 0) {
        table_touch(&nf->destinations, index, now);
    } else {
        index = table_add(&nf->destinations, &destination, now);
        if (index < 0) {
            return TABLE_FULL;
        }
        nf->buckets[index] = (struct bucket){nf->full, now};
    }
    if (!take(nf, &nf->buckets[index], ip_total_length(ip), now)) {
        return EXCESS;
    }
    return forward(nf, packet, nf->internal_device);
}

#include "loop.h"
