/* What a network function allocates: zeroed, counted, on huge pages where it is large (as NumPy
 * asks for them, too), and given back all at once. */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define MAX_BLOCKS 64
#define LARGE ((size_t)4 << 20)
#define HUGE_PAGE ((size_t)2 << 20)
#define CACHE_LINE ((size_t)64)

struct memory {
    void *blocks[MAX_BLOCKS];
    int count;
    int64_t bytes;
};

static inline void *allocate(struct memory *memory, size_t count, size_t size) {
    size_t alignment = count * size >= LARGE ? HUGE_PAGE : CACHE_LINE;
    size_t bytes = (count * size + alignment - 1) & ~(alignment - 1);
    void *block = aligned_alloc(alignment, bytes ? bytes : alignment);
    if (block == NULL || memory->count == MAX_BLOCKS) {
        abort();
    }
    if (alignment == HUGE_PAGE) {
        madvise(block, bytes, MADV_HUGEPAGE);
    }
    memset(block, 0, bytes);
    memory->blocks[memory->count++] = block;
    memory->bytes += (int64_t)(count * size);
    return block;
}

static inline void release_all(struct memory *memory) {
    for (int i = 0; i < memory->count; i++) {
        free(memory->blocks[i]);
    }
}
