/* One frame, written in place; Ethernet, and numbers in network order. */
#pragma once

#include <endian.h>
#include <stdint.h>
#include <string.h>

struct packet {
    uint8_t *data;
    int64_t length; /* captured bytes */
    int64_t wire_length;
    int64_t device;
};

enum {
    ETHERNET_HEADER = 14,
    ETHERTYPE_IPV4 = 0x0800,
    FLOOD = 1 << 15,
};

static inline uint16_t load16(const uint8_t *at) {
    uint16_t value;
    memcpy(&value, at, sizeof value);
    return be16toh(value);
}

static inline uint32_t load32(const uint8_t *at) {
    uint32_t value;
    memcpy(&value, at, sizeof value);
    return be32toh(value);
}

static inline void store16(uint8_t *at, uint16_t value) {
    value = htobe16(value);
    memcpy(at, &value, sizeof value);
}

static inline void store32(uint8_t *at, uint32_t value) {
    value = htobe32(value);
    memcpy(at, &value, sizeof value);
}

static inline uint64_t load_mac(const uint8_t *at) {
    return (uint64_t)load16(at) << 32 | load32(at + 2);
}

static inline void store_mac(uint8_t *at, int64_t address) {
    store16(at, (uint16_t)(address >> 32));
    store32(at + 2, (uint32_t)address);
}

static inline uint64_t mac_destination(const struct packet *packet) {
    return load_mac(packet->data);
}

static inline uint64_t mac_source(const struct packet *packet) {
    return load_mac(packet->data + 6);
}

static inline void set_macs(struct packet *packet, int64_t source, int64_t destination) {
    store_mac(packet->data, destination);
    store_mac(packet->data + 6, source);
}

static inline int is_group(uint64_t address) { return (int)(address >> 40 & 1); }
