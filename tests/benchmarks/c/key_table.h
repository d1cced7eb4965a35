/* Keys by index, found again by key, forgotten when idle: a chain, a map, and a vector of keys.
 *
 * As in libvig/key_table.py, keys are forgotten all at once and cleared away one by one, so that no
 * packet waits for many: Vigor clears all of them away at once. */
#pragma once

#include "double_chain.h"
#include "hash_map.h"

struct key_table {
    struct double_chain chain;
    struct hash_map map;
    struct key *keys;
    int64_t capacity;
    int64_t horizon; /* the time before which keys are forgotten */
};

static inline void table_init(struct key_table *table, struct memory *memory, int64_t capacity) {
    chain_init(&table->chain, memory, capacity);
    map_init(&table->map, memory, capacity);
    table->keys = allocate(memory, (size_t)capacity, sizeof(struct key));
    table->capacity = capacity;
}

/* Clear away the key that was used longest ago, if that was before a time. */
static inline bool table_clear(struct key_table *table, int64_t time) {
    int32_t index = chain_oldest_before(&table->chain, time);
    if (index < 0) {
        return false;
    }
    const struct key *key = &table->keys[index];
    map_remove(&table->map, key, key_hash(key));
    chain_release(&table->chain, index);
    return true;
}

/* Forget the keys that were used last before a time. */
static inline void table_expire(struct key_table *table, int64_t time) {
    if (table_clear(table, time) && time > table->horizon) {
        table->horizon = time;
    }
}

static inline bool table_is_live(const struct key_table *table, int32_t index) {
    return table->chain.stamps[index] >= table->horizon;
}

static inline int32_t table_find(const struct key_table *table, const struct key *key) {
    int32_t index = map_find(&table->map, key, key_hash(key));
    return index >= 0 && table_is_live(table, index) ? index : -1;
}

static inline void table_touch(struct key_table *table, int32_t index, int64_t now) {
    chain_touch(&table->chain, index, now);
}

static inline bool table_holds(const struct key_table *table, int32_t index) {
    return index >= 0 && index < table->capacity && chain_is_allocated(&table->chain, index) &&
           table_is_live(table, index);
}

/* The index of a key, which is added if need be, or -1 if the table is full. */
static inline int32_t table_use(struct key_table *table, const struct key *key, int64_t now) {
    int32_t index = map_find(&table->map, key, key_hash(key));
    if (index >= 0) { /* it may be forgotten */
        table_touch(table, index, now);
        return index;
    }
    index = chain_allocate(&table->chain, now);
    if (index < 0 && table_clear(table, table->horizon)) {
        index = chain_allocate(&table->chain, now);
    }
    if (index >= 0) {
        table->keys[index] = *key;
        map_insert(&table->map, &table->keys[index], key_hash(key), index);
    }
    return index;
}

/* The new index of a key that is not there, or -1 if the table is full. */
static inline int32_t table_add(struct key_table *table, const struct key *key, int64_t now) {
    return table_use(table, key, now);
}
