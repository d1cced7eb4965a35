/* Multiply and fold, the step of wyhash: the two halves of a product, one xor the other. */
#pragma once

#include <stdint.h>

static inline uint64_t multiply_fold(uint64_t a, uint64_t b) {
    unsigned __int128 product = (unsigned __int128)a * b;
    return ((uint64_t)product ^ (uint64_t)(product >> 64)) & INT64_MAX;
}
