/* The key of whatever has one address: a station of 48 bits, or an IPv4 host. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "hash.h"

struct key {
    uint64_t address;
};

static inline uint32_t key_hash(const struct key *key) {
    return (uint32_t)multiply_fold(key->address ^ 0x243F6A8885A308D3, 0x13198A2E03707344);
}

static inline bool key_equal(const struct key *a, const struct key *b) {
    return a->address == b->address;
}
