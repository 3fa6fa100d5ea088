/* engine.h: a network in one precision, ready to run: what its layers, passes and threads share. For src/net alone.
 *
 * Values between layers lie in groups: the boundary before the first layer, and behind each layer one, which is the
 * layer's own input where it works in place. A row of a group is `stride` numbers, whole lines, not a multiple of 1
 * KiB: columns of rows then lie in different sets of a cache.
 *
 *   training   values of all rows of a batch; gradients of all rows where a later section needs them, else of a tile
 *   inference  values of a tile, groups by turns in two slots
 *
 * A pass goes over tiles of rows; tiles one after the other share a part, at most QSTI_ENGINE_PARTS of them, and what
 * is summed over rows is summed by part, then over parts by a tree: it depends on the number of rows alone. A
 * batch_norm in training cuts the network into sections, which are worked on one after the other.
 */
#ifndef QSTI_NET_ENGINE_H
#define QSTI_NET_ENGINE_H

#include "base/memory.h"
#include "kernels/network_kernels.h"
#include "net/network.h"

#define QSTI_ENGINE_PARTS 64

typedef struct qsti_group {
    size_t stride;
    size_t values;    /* numbers a row of all groups before */
    bool is_kept;     /* gradients of all rows are kept */
    size_t gradients; /* numbers a row of all kept gradients before */
} qsti_group;

/* A convolution as products: see layer_conv.c. Offsets are into engine->offsets. */
typedef struct qsti_conv_plan {
    qsti_frame image, gradient, small; /* of the input; of the output's gradient; the latter without a border */
    qsti_frame out, back;              /* a product's rows as images: output, input's gradient */
    size_t taps, n_inner, n_back;      /* kernel's height * width; numbers in a sum, forward and back */
    bool is_strided;
    size_t offsets, back_offsets, patch_offsets;
    size_t image_size, gradient_size, patch_size, patch_row; /* of a sample, in numbers */
    size_t product_row, back_row;                            /* columns of the products */
    size_t images, gradients, patches;                       /* in a worker's arena */
} qsti_conv_plan;

typedef struct qsti_engine_layer {
    qsti_layer_place at;
    size_t in, out;                    /* groups */
    size_t packed, packed_back, start; /* in engine->packed: weights, those of the way back, b */
    size_t sums;                       /* conv: first of its gradients in a part's sums */
    size_t channels;                   /* batch_norm: first in the arrays of channels */
    qsti_conv_plan conv;
    qsti_window window; /* pools */
} qsti_engine_layer;

/* A piece of work on weights: packing them before a pass, or a dense layer's gradient behind it. */
typedef struct qsti_engine_task {
    size_t layer, first, row; /* first column of a panel, first row */
    bool is_back;             /* packing for the way back */
} qsti_engine_task;

/* Channels of all batch_norm layers, one after the other. */
typedef struct qsti_norms {
    size_t n;                                      /* channels */
    double *count, *mean, *variance;               /* (n): of the last batch; count 0: there was none */
    double *factor, *shift;                        /* (n): what follows from them, or from the running ones */
    double *back_factor, *back_other, *back_shift; /* (n) */
    double *parts;                                 /* (QSTI_ENGINE_PARTS, 3, n): count, mean, squares; or 2 sums */
    double *scratch;                               /* (threads, 3, n) */
} qsti_norms;

typedef struct qsti_engine {
    qst_ctx *ctx;
    const qsti_network_kernels *kernels;
    bool is_training;
    qsti_engine_layer *layers;
    size_t n_layers;
    qsti_group *groups;
    size_t n_groups, n_values, n_gradients; /* numbers a row of all groups; of those whose gradients are kept */
    size_t tile_rows;
    size_t *breaks; /* (n_breaks): layers before which a section begins: batch_norm in training */
    size_t n_breaks;

    size_t *offsets;
    unsigned char *packed; /* weights as the kernels take them */
    qsti_engine_task *packing, *finishing;
    size_t n_packing, n_finishing;

    unsigned char *arenas;       /* (threads, arena): two slots for tiles, frames, patches, a product */
    size_t arena, slot, product; /* numbers: of an arena, of a slot; where the product begins */
    double *lines;               /* (threads, 2, outputs, lanes): a block's outputs and cotangents */
    uint32_t *words;             /* (threads, longest row): of dropout */
    size_t n_words;

    unsigned char *values, *gradients; /* of `capacity` rows */
    size_t capacity;
    size_t n_conv;        /* gradients of all conv layers */
    double *parts, *sums; /* (QSTI_ENGINE_PARTS, n_conv + n_sums), (n_conv + n_sums) */
    size_t n_part_values; /* allocated in each part */
    qsti_norms norms;
    uint64_t seed, step; /* of dropout's masks */
} qsti_engine;

/* engine.c: everything that depends on layers, precision and threads. */
qst_status qsti_engine_create(qst_ctx *ctx, const qsti_layer_place *places, size_t n_layers,
                              const qsti_network_kernels *kernels, bool is_training, qsti_engine **out);
void qsti_engine_free(qsti_engine *engine);

/* Room for a training pass over so many rows. */
qst_status qsti_engine_reserve(qsti_engine *engine, size_t n_rows);
/* Room for what blocks leave. */
qst_status qsti_engine_reserve_sums(qsti_engine *engine, size_t n_sums);

/* Number `index` of an array of the engine's precision. */
static inline void *qsti_at(const qsti_engine *engine, const void *array, size_t index)
{
    return (unsigned char *)array + index * engine->kernels->real_bytes;
}

static inline void *qsti_arena(const qsti_engine *engine, int worker)
{
    return qsti_at(engine, engine->arenas, (size_t)worker * engine->arena);
}

static inline size_t qsti_round_up(size_t n, size_t to)
{
    return (n + to - 1) / to * to;
}

/* Columns of a panel that begins at column `first` of n. */
static inline size_t qsti_panel_width(const qsti_engine *engine, size_t n, size_t first)
{
    size_t left = qsti_round_up(n - first, engine->kernels->lanes);
    return left < engine->kernels->columns ? left : engine->kernels->columns;
}

/* --- layers at work ----------------------------------------------------------------------------------------------- */

/* A tile of rows at a layer. Arrays begin at the tile's first row. */
typedef struct qsti_layer_call {
    const qsti_engine *engine;
    const qsti_engine_layer *layer;
    size_t first_row, n_rows;
    int worker;
    const void *in;
    void *out;
    const void *d_out;
    void *d_in;   /* NULL: not wanted */
    double *sums; /* of the part */
} qsti_layer_call;

typedef void qsti_layer_fn(const qsti_layer_call *call);

void qsti_dense_rows(const qsti_layer_call *call);
void qsti_dense_rows_back(const qsti_layer_call *call);
void qsti_conv_rows(const qsti_layer_call *call);
void qsti_conv_rows_back(const qsti_layer_call *call);
void qsti_pool_rows(const qsti_layer_call *call);
void qsti_pool_rows_back(const qsti_layer_call *call);
void qsti_activation_rows(const qsti_layer_call *call);
void qsti_activation_rows_back(const qsti_layer_call *call);
void qsti_dropout_rows(const qsti_layer_call *call);
void qsti_dropout_rows_back(const qsti_layer_call *call);
void qsti_norm_rows(const qsti_layer_call *call);
void qsti_norm_rows_back(const qsti_layer_call *call);

/* layer_dense.c: packs a panel; a block of dL/dW, and of dL/db with the first panel. */
void qsti_dense_pack(const qsti_engine *engine, const qsti_engine_task *task, const double *weights);
void qsti_dense_finish(const qsti_engine *engine, const qsti_engine_task *task, size_t n_rows, double *out_weights);
#define QSTI_DENSE_BLOCK ((size_t)64) /* rows of dL/dW in a task */

#define QSTI_CONV_SAMPLES ((size_t)8) /* of which a worker has frames: together they fit a cache */

/* layer_conv.c: the plan of a convolution whose places are known. */
void qsti_conv_plan_sizes(const qsti_engine *engine, qsti_engine_layer *layer);
void qsti_conv_plan_offsets(qsti_engine *engine, const qsti_engine_layer *layer);
void qsti_conv_pack(const qsti_engine *engine, const qsti_engine_task *task, const double *weights);

/* layer_norm.c: statistics of a batch. A tile's are merged into those of its part, these in order into the batch's. */
void qsti_norm_clear_parts(qsti_engine *engine, const qsti_engine_layer *layer);
void qsti_norm_gather(const qsti_layer_call *call, size_t part);
void qsti_norm_finish(qsti_engine *engine, const qsti_engine_layer *layer, size_t n_parts, const double *trained);
void qsti_norm_use_running(qsti_engine *engine, const qsti_engine_layer *layer, const double *trained,
                           const double *buffers);
void qsti_norm_gather_back(const qsti_layer_call *call, size_t part);
void qsti_norm_finish_back(qsti_engine *engine, const qsti_engine_layer *layer, size_t n_parts, const double *trained,
                           double *out_weights);

/* Values and gradients of group `index` at a row of a training pass, or in the slots of a worker's tile. */
void *qsti_engine_values(const qsti_engine *engine, size_t index, size_t first_row, int worker);
void *qsti_engine_gradients(const qsti_engine *engine, size_t index, size_t first_row, int worker);

#endif
