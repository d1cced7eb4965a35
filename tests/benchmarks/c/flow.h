/* The key of a flow: device and five-tuple, in two words. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "hash.h"

struct key {
    uint64_t first;  /* device, source address, source port */
    uint64_t second; /* protocol, destination address, destination port */
};

static inline struct key flow_of(uint64_t device, uint64_t protocol, uint64_t source,
                                 uint64_t source_port, uint64_t destination,
                                 uint64_t destination_port) {
    return (struct key){device << 48 | source << 16 | source_port,
                        protocol << 48 | destination << 16 | destination_port};
}

static inline uint16_t flow_device(const struct key *key) { return (uint16_t)(key->first >> 48); }

static inline uint32_t flow_source(const struct key *key) { return (uint32_t)(key->first >> 16); }

static inline uint16_t flow_source_port(const struct key *key) { return (uint16_t)key->first; }

static inline uint64_t flow_hash(const struct key *key) {
    return multiply_fold(key->first ^ 0x243F6A8885A308D3, key->second ^ 0x13198A2E03707344);
}

static inline uint32_t key_hash(const struct key *key) { return (uint32_t)flow_hash(key); }

static inline bool key_equal(const struct key *a, const struct key *b) {
    return a->first == b->first && a->second == b->second;
}
