/* Incremental update of the Internet checksum (RFC 1624, equation 3). */
#pragma once

#include <stdint.h>

static inline uint32_t address_words(uint32_t address) {
    return (address >> 16) + (address & 0xFFFF);
}

/* The checksum after words that sum to `before` gave way to words that sum to `after`; each sum
 * is of three words at most. */
static inline uint16_t checksum_updated(uint16_t checksum, uint32_t before, uint32_t after) {
    uint32_t sum = (uint16_t)~checksum + (3 * 0xFFFF - before) + after;
    sum = (sum & 0xFFFF) + (sum >> 16);
    sum = (sum & 0xFFFF) + (sum >> 16);
    return (uint16_t)~sum;
}

/* The same for UDP, where 0 stands for no checksum (RFC 768). */
static inline uint16_t udp_checksum_updated(uint16_t checksum, uint32_t before, uint32_t after) {
    if (checksum == 0) {
        return 0;
    }
    uint16_t updated = checksum_updated(checksum, before, after);
    return updated ? updated : 0xFFFF;
}
