/* network.h: networks of layers: their shapes and weights, forward beside backward, in double or single precision.
 *
 * Weights are one flat array of doubles, [trained | buffers], each part in the order of the layers:
 *   dense       W (out, in), b (out)
 *   conv        W (out, in, kernel height, kernel width), b (out)
 *   batch_norm  scale (channels), shift (channels); buffers: mean (channels), variance (channels), running
 * as PyTorch orders them. Buffers are used by inference, and moved towards a batch's own by qsti_network_settle().
 *
 * After the largest batch has been seen once nothing is allocated. Results have the same bits for any number of
 * threads: rows are worked on in tiles of a size that depends on the layers alone. Knows no circuits.
 */
#ifndef QSTI_NET_NETWORK_H
#define QSTI_NET_NETWORK_H

#include <qstill/network.h>
#include <qstill/simulate.h>

/* --- networks as data --------------------------------------------------------------------------------------------- */

/* One row between layers: an image, or features (channels, 1, 1). */
typedef struct qsti_shape {
    size_t channels, height, width;
} qsti_shape;

static inline size_t qsti_shape_size(qsti_shape shape)
{
    return shape.channels * shape.height * shape.width;
}

typedef struct qsti_network_spec {
    qsti_shape input;
    const qst_layer *layers;
    size_t n_layers;
} qsti_network_spec;

/* One layer in its place, defaults filled in. */
typedef struct qsti_layer_place {
    qst_layer layer;
    qsti_shape in, out;
    size_t weights, n_weights; /* first in the trained part, and how many */
    size_t buffers, n_buffers; /* first in the part of the buffers, and how many */
} qsti_layer_place;

/* All places of a network. Errors: ERR_USAGE with the layer and why it does not fit ("layer 3 (conv): ..."),
 * ERR_LIMIT. Free with qsti_free(). */
qst_status qsti_network_places(qst_ctx *ctx, const qsti_network_spec *spec, qsti_layer_place **out_places,
                               size_t *out_n_trained, size_t *out_n_buffers);

/* --- networks that run -------------------------------------------------------------------------------------------- */

typedef struct qsti_network qsti_network;

/* Copies the spec. `precision` is that of training; inference is double. */
qst_status qsti_network_create(qst_ctx *ctx, const qsti_network_spec *spec, qst_precision precision,
                               qsti_network **out);
void qsti_network_free(qsti_network *network);

const qsti_network_spec *qsti_network_spec_of(const qsti_network *network);
qst_precision qsti_network_precision(const qsti_network *network);
size_t qsti_network_inputs(const qsti_network *network);
size_t qsti_network_outputs(const qsti_network *network);
size_t qsti_network_trained(const qsti_network *network);
size_t qsti_network_buffers(const qsti_network *network);
/* Whether a training pass depends on more than rows and weights: dropout, batch statistics. */
bool qsti_network_is_random(const qsti_network *network);

/* Draws weights: W uniform in +-sqrt(6 / inputs) before relu, leaky_relu and gelu [he2015], else in
 * +-1/sqrt(inputs); b uniform in +-1/sqrt(inputs); scale 1, shift 0, mean 0, variance 1. */
void qsti_network_initialize(const qsti_network *network, uint64_t seed, double *trained, double *buffers);

/* The two parts of a network's weights, wherever they stand. */
typedef struct qsti_network_weights {
    const double *trained, *buffers;
} qsti_network_weights;

/* Outputs in double, as inference: no dropout, running statistics. fn sees each block of rows once, values = outputs
 * (C, lanes), cotangents NULL; out_sums (n_sums) = what it leaves, summed by a tree. Errors: ERR_MEMORY, ERR_LIMIT. */
qst_status qsti_network_infer(qsti_network *network, qsti_network_weights weights, qst_const_matrix x, qst_block_fn *fn,
                              void *user, size_t n_sums, double *out_sums);

/* Names the masks of dropout from here on: those of (seed, step). */
void qsti_network_begin_step(qsti_network *network, uint64_t seed, uint64_t step);

/* A training pass in one go: outputs, fn's cotangents (C, lanes), and the way back. out_weights (trained) = dL/dw;
 * out_x (B, d) = dL/dx, data NULL: not wanted. */
qst_status qsti_network_step(qsti_network *network, qsti_network_weights weights, qst_const_matrix x, qst_block_fn *fn,
                             void *user, size_t n_sums, double *out_sums, double *out_weights, qst_matrix out_x);

/* The same in two: outputs (B, C) of a training pass, and the way back from its cotangents (B, C). Nothing of the
 * network may be called in between. x must still be there. */
qst_status qsti_network_forward(qsti_network *network, qsti_network_weights weights, qst_const_matrix x,
                                qst_matrix outputs);
qst_status qsti_network_backward(qsti_network *network, qsti_network_weights weights, qst_const_matrix x,
                                 qst_const_matrix cotangents, double *out_weights, qst_matrix out_x);

/* After a step: the running statistics move towards those of the last training pass. */
void qsti_network_settle(const qsti_network *network, double *buffers);

#endif
