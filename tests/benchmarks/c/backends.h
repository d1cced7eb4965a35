/* Backends by index, live while they are heard of; Maglev's table says which one a hash picks
 * (libvig/backend_pool.py, libvig/maglev.py). */
#pragma once

#include <stdbool.h>

#include "hash.h"
#include "memory.h"

#define MAX_TIME (((int64_t)1 << 62) - 1)
#define UNUSED (-1)

struct backends {
    int64_t *words; /* address and device of each, or UNUSED */
    int64_t *times; /* of the last heartbeat */
    int64_t earliest;
    int32_t *slots; /* backend of each slot, or UNUSED */
    int64_t *tried; /* of each backend: how far it is in its list of preferences */
    int64_t capacity, slot_count;
};

static inline int64_t preferred_slot(const struct backends *pool, int64_t backend, int64_t step) {
    uint64_t slots = (uint64_t)pool->slot_count;
    if (step >= pool->slot_count) {
        return step - pool->slot_count;
    }
    uint64_t name = multiply_fold((uint64_t)backend + 0x243F6A8885A308D3, 0x13198A2E03707344);
    uint64_t offset = multiply_fold(name, 0x452821E638D01377) % slots;
    uint64_t skip = multiply_fold(name, 0x3F84D5B5B5470917) % (slots - 1) + 1;
    return (int64_t)((offset + (uint64_t)step * skip) % slots);
}

/* Let the live backends take slots in turn. */
static void backends_fill(struct backends *pool) {
    int64_t taken = 0, live = 0;
    memset(pool->slots, 0xFF, (size_t)pool->slot_count * sizeof *pool->slots);
    memset(pool->tried, 0, (size_t)pool->capacity * sizeof *pool->tried);
    for (int64_t i = 0; i < pool->capacity; i++) {
        live += pool->words[i] != UNUSED;
    }
    while (live > 0 && taken < pool->slot_count) {
        for (int64_t i = 0; i < pool->capacity && taken < pool->slot_count; i++) {
            if (pool->words[i] == UNUSED) {
                continue;
            }
            int64_t slot = preferred_slot(pool, i, pool->tried[i]++);
            while (pool->slots[slot] != UNUSED) {
                slot = preferred_slot(pool, i, pool->tried[i]++);
            }
            pool->slots[slot] = (int32_t)i;
            taken++;
        }
    }
}

static inline void backends_init(struct backends *pool, struct memory *memory, int64_t capacity,
                                 int64_t slots, const int64_t *listed, int64_t count) {
    pool->capacity = capacity;
    pool->slot_count = slots;
    pool->words = allocate(memory, (size_t)capacity, sizeof *pool->words);
    pool->times = allocate(memory, (size_t)capacity, sizeof *pool->times);
    pool->tried = allocate(memory, (size_t)capacity, sizeof *pool->tried);
    pool->slots = allocate(memory, (size_t)slots, sizeof *pool->slots);
    for (int64_t i = 0; i < capacity; i++) {
        pool->words[i] = i < count ? listed[i] : UNUSED;
        pool->times[i] = MAX_TIME;
    }
    pool->earliest = MAX_TIME;
    backends_fill(pool);
}

static void backends_review(struct backends *pool, int64_t limit) {
    bool changed = false;
    pool->earliest = MAX_TIME;
    for (int64_t i = 0; i < pool->capacity; i++) {
        if (pool->words[i] != UNUSED && pool->times[i] < limit) {
            pool->words[i] = UNUSED;
            changed = true;
        }
        if (pool->words[i] != UNUSED && pool->times[i] < pool->earliest) {
            pool->earliest = pool->times[i];
        }
    }
    if (changed) {
        backends_fill(pool);
    }
}

/* Forget the backends that were last heard of before a time. */
static inline void backends_expire(struct backends *pool, int64_t limit) {
    if (pool->earliest < limit) {
        backends_review(pool, limit);
    }
}

static inline int64_t backends_index(const struct backends *pool, int64_t word) {
    int64_t index = 0;
    while (index < pool->capacity && pool->words[index] != word) {
        index++;
    }
    return index;
}

static void backends_hear(struct backends *pool, int64_t word, int64_t now) {
    int64_t index = backends_index(pool, word);
    if (index < pool->capacity) {
        pool->times[index] = pool->times[index] > now ? pool->times[index] : now;
        return;
    }
    index = backends_index(pool, UNUSED);
    if (index < pool->capacity) {
        pool->words[index] = word;
        pool->times[index] = now;
        pool->earliest = pool->earliest < now ? pool->earliest : now;
        backends_fill(pool);
    }
}

/* The backend of a hash, or UNUSED if none is live. */
static inline int32_t backends_choose(const struct backends *pool, uint64_t hash) {
    return pool->slots[hash % (uint64_t)pool->slot_count];
}
