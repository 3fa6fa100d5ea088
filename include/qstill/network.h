/* qstill/network.h: classical networks as data: a list of layers.
 *
 * Batches are row-major (B, features); an image is (channels, height, width) in a row, channel first.
 */
#ifndef QSTILL_NETWORK_H
#define QSTILL_NETWORK_H

#include <qstill/base.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum qst_layer_kind {
#define QST_LAYER(name, argument, about) QST_LAYER_##name,
#include <qstill/layers.def>
#undef QST_LAYER
    QST_LAYER_COUNT
} qst_layer_kind;
QST_API const char *qst_layer_kind_name(qst_layer_kind kind);
QST_API bool qst_layer_kind_find(const char *name, qst_layer_kind *out);

/* One layer; what its kind does not use is 0. */
typedef struct qst_layer {
    qst_layer_kind kind;
    size_t size;              /* dense: outputs; conv: channels */
    size_t kernel[2];         /* conv, max_pool, avg_pool: height, width */
    size_t stride[2];         /* the same; 0: conv 1, pools the kernel */
    size_t padding[2];        /* conv, max_pool: rows above and below, columns left and right; below the kernel */
    double rate;              /* dropout: share of zeros, in [0, 1); leaky_relu: slope of the negative side, >= 0 */
    double epsilon, momentum; /* batch_norm; 0: 1e-5 and 0.1, the weight of the newest batch */
} qst_layer;

#define QST_LEAKY_RELU_RATE 0.01 /* its usual slope */

/* A network by options. `network`: layers; `mlp`: dense layers of the sizes in `hidden`; `cnn`: for each of `channels`
 * a convolution of kernel x kernel with padding kernel / 2 and a max_pool of 2, then `hidden`. With mlp and cnn every
 * layer is followed by batch_norm (if asked for) and the activation, a dense one by dropout besides. In all cases a
 * dense layer to the scores comes last. */
typedef struct qst_network_opts {
    const size_t *image; /* channels, height, width; NULL: convolutions see a square of one channel */
    size_t n_image;      /* 0 or 3 */
    const qst_layer *layers;
    size_t n_layers;
    const size_t *hidden;
    size_t n_hidden;
    const size_t *channels;
    size_t n_channels;
    size_t kernel;
    const char *activation; /* "relu" (NULL too), "leaky_relu", "gelu", "tanh" or "sigmoid" */
    double dropout;
    bool batch_norm;
} qst_network_opts;

#ifdef __cplusplus
}
#endif
#endif
