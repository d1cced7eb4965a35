/* Ports lent to holders; a port that is given up rests as long as possible. */
#pragma once

#include "memory.h"

enum { NOBODY = -1 };

struct port_allocator {
    int32_t first, last;
    uint16_t *ports;   /* of each holder */
    int32_t *holders;  /* of each port from `first` on, or NOBODY */
    uint16_t *resting; /* ring of the other ports */
    int32_t resting_count, oldest;
};

static inline void ports_init(struct port_allocator *ports, struct memory *memory, int64_t first,
                              int64_t last, int64_t holders) {
    int64_t count = last - first + 1;
    ports->first = (int32_t)first;
    ports->last = (int32_t)last;
    ports->resting_count = (int32_t)(count - holders);
    ports->ports = allocate(memory, (size_t)holders, sizeof *ports->ports);
    ports->holders = allocate(memory, (size_t)count, sizeof *ports->holders);
    ports->resting = allocate(memory, (size_t)(count - holders), sizeof *ports->resting);
    for (int64_t i = 0; i < count; i++) {
        ports->holders[i] = i < holders ? (int32_t)i : NOBODY;
        *(i < holders ? &ports->ports[i] : &ports->resting[i - holders]) = (uint16_t)(first + i);
    }
}

static inline int32_t ports_holder(const struct port_allocator *ports, int32_t port) {
    return port < ports->first || port > ports->last ? NOBODY : ports->holders[port - ports->first];
}

/* Give a holder the port that has rested longest, in exchange for its own. */
static inline void ports_allocate(struct port_allocator *ports, int32_t holder) {
    if (ports->resting_count == 0) {
        return;
    }
    uint16_t old = ports->ports[holder], port = ports->resting[ports->oldest];
    ports->resting[ports->oldest] = old;
    ports->oldest = ports->oldest + 1 < ports->resting_count ? ports->oldest + 1 : 0;
    ports->holders[old - ports->first] = NOBODY;
    ports->holders[port - ports->first] = holder;
    ports->ports[holder] = port;
}
