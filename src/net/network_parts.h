/* network_parts.h: what a network is made of. For network.c and network_run.c alone. */
#ifndef QSTI_NET_NETWORK_PARTS_H
#define QSTI_NET_NETWORK_PARTS_H

#include "net/engine.h"

struct qsti_network {
    qst_ctx *ctx;
    qsti_network_spec spec; /* its layers are `layers` */
    qst_layer *layers;
    qsti_layer_place *places;
    size_t n_trained, n_buffers;
    qst_precision precision;
    bool is_random;
    qsti_engine *inference, *training;
};

#endif
