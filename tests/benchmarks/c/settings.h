/* The settings of a network function, in the order in which it names them in `settings`. */
#pragma once

#include <stdint.h>

#include "memory.h"

struct settings {
    const int64_t *at;
};

struct list {
    const int64_t *items;
    int64_t count;
};

static inline int64_t next_number(struct settings *settings) { return *settings->at++; }

/* It is handed over as its length, then its items. */
static inline struct list next_list(struct settings *settings, struct memory *memory) {
    int64_t count = next_number(settings);
    int64_t *items = allocate(memory, (size_t)count, sizeof *items);
    memcpy(items, settings->at, (size_t)count * sizeof *items);
    settings->at += count;
    return (struct list){items, count};
}
