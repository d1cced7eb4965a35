/* Indices 0 to capacity - 1, free or allocated, the allocated ones in the order of their last use
 * (Vigor's double-chain-impl, and its time stamps in an array of their own). */
#pragma once

#include <stdbool.h>

#include "memory.h"

enum { ALLOCATED = 0, FREE = 1, RESERVED_CELLS = 2 };
#define NOT_ALLOCATED (-1)

struct cell {
    int32_t prev; /* NOT_ALLOCATED in the cell of a free index */
    int32_t next;
};

struct double_chain {
    struct cell *cells;
    int64_t *stamps;
};

static inline void chain_init(struct double_chain *chain, struct memory *memory, int64_t capacity) {
    chain->cells = allocate(memory, (size_t)capacity + RESERVED_CELLS, sizeof(struct cell));
    chain->stamps = allocate(memory, (size_t)capacity, sizeof(int64_t));
    chain->cells[ALLOCATED] = (struct cell){ALLOCATED, ALLOCATED};
    for (int32_t i = FREE; i < capacity + RESERVED_CELLS; i++) {
        chain->cells[i] = (struct cell){NOT_ALLOCATED, i + 1};
    }
    chain->cells[capacity + RESERVED_CELLS - 1].next = FREE;
}

static inline void chain_append(struct cell *cells, int32_t cell) {
    int32_t last = cells[ALLOCATED].prev;
    cells[cell] = (struct cell){last, ALLOCATED};
    cells[last].next = cell;
    cells[ALLOCATED].prev = cell;
}

static inline void chain_unlink(struct cell *cells, int32_t cell) {
    struct cell at = cells[cell];
    cells[at.prev].next = at.next;
    cells[at.next].prev = at.prev;
}

/* The index, or -1 if none is free. */
static inline int32_t chain_allocate(struct double_chain *chain, int64_t now) {
    struct cell *cells = chain->cells;
    int32_t cell = cells[FREE].next;
    if (cell == FREE) {
        return -1;
    }
    cells[FREE].next = cells[cell].next;
    chain_append(cells, cell);
    chain->stamps[cell - RESERVED_CELLS] = now;
    return cell - RESERVED_CELLS;
}

static inline void chain_touch(struct double_chain *chain, int32_t index, int64_t now) {
#ifndef RELINK_ALWAYS /* as Vigor's does */
    if (chain->stamps[index] == now) {
        return; /* it is one of the youngest: as ours, so that the same ones expire first */
    }
#endif
    chain_unlink(chain->cells, index + RESERVED_CELLS);
    chain_append(chain->cells, index + RESERVED_CELLS);
    chain->stamps[index] = now;
}

static inline void chain_release(struct double_chain *chain, int32_t index) {
    struct cell *cells = chain->cells;
    int32_t cell = index + RESERVED_CELLS;
    chain_unlink(cells, cell);
    cells[cell] = (struct cell){NOT_ALLOCATED, cells[FREE].next};
    cells[FREE].next = cell;
}

static inline bool chain_is_allocated(const struct double_chain *chain, int32_t index) {
    return chain->cells[index + RESERVED_CELLS].prev != NOT_ALLOCATED;
}

/* The index that was used longest ago, if that was before a time; else -1. */
static inline int32_t chain_oldest_before(const struct double_chain *chain, int64_t time) {
    int32_t cell = chain->cells[ALLOCATED].next;
    if (cell == ALLOCATED || chain->stamps[cell - RESERVED_CELLS] >= time) {
        return -1;
    }
    return cell - RESERVED_CELLS;
}
