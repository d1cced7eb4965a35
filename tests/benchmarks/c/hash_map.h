/* Keys to indices: open addressing as in Vigor's map-impl, for keys of one type.
 *
 * A slot has a busy bit, the key's whole hash, a pointer to the key, the value, and a counter of
 * the keys whose search passes over it: a search ends where that is 0. Removal leaves no marks.
 * Whoever includes this has defined struct key, key_hash and key_equal. */
#pragma once

#include <stdbool.h>

#include "memory.h"

struct hash_map {
    uint8_t *busy;
    uint32_t *hashes;
    int32_t *passing;
    const struct key **keys;
    int32_t *values;
    uint32_t mask;
};

/* As many slots as entries, or the next power of two: so Vigor's network functions have it. */
#ifndef SLOTS_PER_ENTRY
#define SLOTS_PER_ENTRY 1
#endif

static inline void map_init(struct hash_map *map, struct memory *memory, int64_t capacity) {
    size_t slots = 1;
    while (slots < SLOTS_PER_ENTRY * (size_t)capacity) {
        slots *= 2;
    }
    map->busy = allocate(memory, slots, sizeof *map->busy);
    map->hashes = allocate(memory, slots, sizeof *map->hashes);
    map->passing = allocate(memory, slots, sizeof *map->passing);
    map->keys = allocate(memory, slots, sizeof *map->keys);
    map->values = allocate(memory, slots, sizeof *map->values);
    map->mask = (uint32_t)(slots - 1);
}

/* The value of a key, or -1. */
static inline int32_t map_find(const struct hash_map *map, const struct key *key, uint32_t hash) {
    uint32_t at = hash & map->mask;
    for (uint32_t tried = 0; tried <= map->mask; tried++) {
        if (map->busy[at] && map->hashes[at] == hash && key_equal(map->keys[at], key)) {
            return map->values[at];
        }
        if (map->passing[at] == 0) {
            return -1;
        }
        at = (at + 1) & map->mask;
    }
    return -1;
}

/* The key is not there, and stays where it is in memory; there is room. */
static inline void map_insert(struct hash_map *map, const struct key *key, uint32_t hash,
                              int32_t value) {
    uint32_t at = hash & map->mask;
    while (map->busy[at]) {
        map->passing[at]++;
        at = (at + 1) & map->mask;
    }
    map->busy[at] = 1;
    map->hashes[at] = hash;
    map->keys[at] = key;
    map->values[at] = value;
}

/* The key is there, at this place in memory. */
static inline void map_remove(struct hash_map *map, const struct key *key, uint32_t hash) {
    uint32_t at = hash & map->mask;
    while (!map->busy[at] || map->keys[at] != key) {
        map->passing[at]--;
        at = (at + 1) & map->mask;
    }
    map->busy[at] = 0;
}
