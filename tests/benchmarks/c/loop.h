/* What the benchmark calls. Whoever includes this has defined struct nf, with its memory,
 * nf_init and nf_process. */
#pragma once

#include <time.h>

#include "packet.h"
#include "settings.h"

#define EXPORTED __attribute__((visibility("default")))

/* The rows of libvig.io.trace.Trace: what is known of a packet. */
struct record {
    int64_t start, length, wire_length, time, device, verdict;
};

struct trace {
    uint8_t *data;
    struct record *records;
};

EXPORTED void *nf_new(const int64_t *values) {
    struct nf *nf = calloc(1, sizeof *nf);
    if (nf == NULL) {
        abort();
    }
    struct settings given = {values};
    nf_init(nf, &given);
    return nf;
}

EXPORTED void nf_delete(struct nf *nf) {
    release_all(&nf->memory);
    free(nf);
}

EXPORTED int64_t nf_bytes(const struct nf *nf) { return nf->memory.bytes; }

static inline void process_at(struct nf *nf, const struct trace *trace, int64_t i) {
    struct record *record = &trace->records[i];
    int64_t length = record->length, on_wire = record->wire_length;
    struct packet packet = {
        .data = trace->data + record->start,
        .length = length,
        .wire_length = on_wire > length ? on_wire : length,
        .device = record->device,
    };
    record->verdict = nf_process(nf, &packet, record->time);
}

EXPORTED void nf_run(struct nf *nf, const struct trace *given, int64_t first, int64_t last) {
    struct trace trace = *given;
    for (int64_t i = first; i < last; i++) {
        process_at(nf, &trace, i);
    }
}

static inline int64_t clock_now(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* The same, and how long each packet took. */
EXPORTED void nf_run_timed(struct nf *nf, const struct trace *given, int64_t *nanoseconds,
                           int64_t first, int64_t last) {
    struct trace trace = *given;
    for (int64_t i = first; i < last; i++) {
        int64_t began = clock_now();
        process_at(nf, &trace, i);
        nanoseconds[i] = clock_now() - began;
    }
}
