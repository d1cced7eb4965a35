/* nfs/nop.py in C: all of it. */
#include "memory.h"
#include "packet.h"
#include "settings.h"

const char settings[] = "mac peer";

struct nf {
    struct memory memory;
    struct list mac, peer;
};

static void nf_init(struct nf *nf, struct settings *given) {
    nf->mac = next_list(given, &nf->memory);
    nf->peer = next_list(given, &nf->memory);
}

static inline int64_t nf_process(struct nf *nf, struct packet *packet, int64_t now) {
    (void)now;
    if (packet->length < ETHERNET_HEADER) {
        return -1;
    }
    int device = packet->device == 0;
    set_macs(packet, nf->mac.items[device], nf->peer.items[device]);
    return device;
}

#include "loop.h"
