/* nfs/bridge.py in C: all of it. */
#include "address.h"
#include "key_table.h"
#include "packet.h"
#include "settings.h"

const char settings[] = "devices static max_stations ageing_time";

enum drop { TRUNCATED = -1, RESERVED = -2, FILTERED = -3, LOCAL = -4 };

enum { DROP_STATION = 0xFFFF };

struct nf {
    struct memory memory;
    int64_t ageing_time;
    struct hash_map listed; /* to their devices */
    struct key_table learned;
    uint16_t *behind; /* device of each learned station */
};

static void nf_init(struct nf *nf, struct settings *given) {
    next_number(given);
    struct list stations = next_list(given, &nf->memory);
    int64_t capacity = next_number(given);
    nf->ageing_time = next_number(given);
    map_init(&nf->listed, &nf->memory, stations.count > 0 ? stations.count : 1);
    struct key *keys = allocate(&nf->memory, (size_t)stations.count, sizeof *keys);
    for (int64_t i = 0; i < stations.count; i++) {
        int64_t word = stations.items[i];
        keys[i].address = (uint64_t)((word >> 16) + ((int64_t)1 << 47));
        map_insert(&nf->listed, &keys[i], key_hash(&keys[i]), (int32_t)(word & 0xFFFF));
    }
    table_init(&nf->learned, &nf->memory, capacity);
    nf->behind = allocate(&nf->memory, (size_t)capacity, sizeof *nf->behind);
}

static inline int32_t listed_device(const struct nf *nf, const struct key *station) {
    return map_find(&nf->listed, station, key_hash(station));
}

static inline void learn(struct nf *nf, uint64_t source, int64_t device, int64_t now) {
    struct key station = {source};
    if (is_group(source) || listed_device(nf, &station) >= 0) {
        return;
    }
    int32_t index = table_use(&nf->learned, &station, now);
    if (index >= 0) {
        nf->behind[index] = (uint16_t)device;
    }
}

static inline int64_t device_of(const struct nf *nf, uint64_t destination) {
    struct key station = {destination};
    int32_t device = listed_device(nf, &station);
    if (device >= 0) {
        return device;
    }
    if (is_group(destination)) {
        return FLOOD;
    }
    int32_t index = table_find(&nf->learned, &station);
    return index >= 0 ? nf->behind[index] : FLOOD;
}

static inline int64_t nf_process(struct nf *nf, struct packet *packet, int64_t now) {
    table_expire(&nf->learned, now - nf->ageing_time);
    if (packet->length < ETHERNET_HEADER) {
        return TRUNCATED;
    }
    learn(nf, mac_source(packet), packet->device, now);
    uint64_t destination = mac_destination(packet);
    int64_t device = device_of(nf, destination);
    if (destination >> 4 == 0x0180C200000) {
        return RESERVED;
    }
    if (device == DROP_STATION) {
        return FILTERED;
    }
    return device == packet->device ? LOCAL : device;
}

#include "loop.h"
