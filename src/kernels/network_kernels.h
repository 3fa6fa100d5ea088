/* network_kernels.h: the arithmetic of classical networks, one table per instruction set and precision.
 *
 * REAL is float or double. A line is 64 bytes of them. Sums run over their index in order (dots: in `lanes` partial
 * sums that a tree adds up), so instruction sets with fused multiply-add give the same bits, and a row's result does
 * not depend on those beside it. Arrays of REAL are void *; steps and strides count numbers.
 */
#ifndef QSTI_KERNELS_NETWORK_KERNELS_H
#define QSTI_KERNELS_NETWORK_KERNELS_H

#include <stddef.h>
#include <stdint.h>

/* out[r][j] = start + sum_k a[r * a_row + k * a_step] b[at(k) + j] for j < n_columns, a multiple of `lanes`; at(k) is
 * offsets[k], or k * b_step where offsets is NULL. start: row_start[r], column_start[j], or 0. */
typedef struct qsti_product {
    size_t n_rows, n_inner, n_columns;
    const void *a;
    size_t a_row, a_step;
    const void *b;
    const size_t *offsets;
    size_t b_step;
    const void *row_start, *column_start; /* at most one */
    void *out;
    size_t out_row;
} qsti_product;

/* out[r * n_inner + k] += sum over samples s and j < n_columns, a multiple of `lanes`, of
 * a[s * a_sample + r * a_row + j] b[s * b_sample + offsets[k] + j]. */
typedef struct qsti_dots {
    size_t n_rows, n_inner, n_columns, n_samples;
    const void *a;
    size_t a_row, a_sample;
    const void *b;
    const size_t *offsets;
    size_t b_sample;
    double *out;
} qsti_dots;

/* Where an image (channels, height, width) stands in a larger one: row y and column x of channel c at
 * c * plane + (top + y * step[0]) * pitch + left + x * step[1]. */
typedef struct qsti_frame {
    size_t channels, height, width;
    size_t plane, pitch, top, left;
    size_t step[2];
} qsti_frame;

/* Windows over images (channels, height, width) -> (channels, out_height, out_width). */
typedef struct qsti_window {
    size_t channels, height, width, out_height, out_width;
    size_t kernel[2], stride[2], padding[2];
} qsti_window;

typedef enum qsti_activation {
    QSTI_ACTIVATION_RELU,
    QSTI_ACTIVATION_LEAKY_RELU,
    QSTI_ACTIVATION_GELU,
    QSTI_ACTIVATION_TANH,
    QSTI_ACTIVATION_SIGMOID,
    QSTI_ACTIVATIONS
} qsti_activation;

typedef struct qsti_network_kernels {
    size_t real_bytes;
    size_t lanes;   /* numbers in a line */
    size_t columns; /* in a panel: what product() takes at a time, one or more lines */

    void (*product)(const qsti_product *product);
    void (*dots)(const qsti_dots *dots);

    void (*from_doubles)(const double *in, size_t n, void *out);
    void (*to_doubles)(const void *in, size_t n, double *out);
    /* panel[i * width + j] = in[i * i_step + j * j_step] for j < count, 0 for count <= j < width. */
    void (*pack)(const double *in, size_t i_step, size_t j_step, size_t n, size_t count, size_t width, void *panel);
    /* Rows (n_rows, n_cols), in_row apart, to lines (n_cols, lanes) of doubles, lanes behind the last row 0; and back.
     */
    void (*rows_to_lines)(const void *rows, size_t row_step, size_t n_rows, size_t n_cols, size_t lanes, double *lines);
    void (*lines_to_rows)(const double *lines, size_t n_rows, size_t n_cols, size_t lanes, size_t row_step, void *rows);

    /* An image into its frame and out of it (step 1, top and left 0). */
    void (*frame)(const void *image, const qsti_frame *frame, void *out);
    void (*unframe)(const void *in, const qsti_frame *frame, void *image);
    /* out[k * out_step + q] = in[offsets[k] + (y * stride[0]) * pitch + x * stride[1]], q = y * width + x. */
    void (*patches)(const void *in, const size_t *offsets, size_t n, size_t height, size_t width, size_t pitch,
                    const size_t stride[2], void *out, size_t out_step);

    /* out[(c * n_out + o) * taps + t] = in[(o * n_in + c) * taps + taps - 1 - t]: the kernels of the way back. */
    void (*flip)(const double *in, size_t n_out, size_t n_in, size_t taps, void *out);

    /* out may be in. Back: d_in from d_out, by what the layer took and gave; d_in may be d_out. Of relu, leaky_relu,
     * tanh and sigmoid only `out` is looked at, of gelu only `in`. */
    void (*activate[QSTI_ACTIVATIONS])(const void *in, size_t n, double rate, void *out);
    void (*activate_back[QSTI_ACTIVATIONS])(const void *in, const void *out, const void *d_out, size_t n, double rate,
                                            void *d_in);
    /* out = words[i] < threshold ? 0 : scale in. out may be in. */
    void (*drop)(const void *in, const uint32_t *words, size_t n, uint32_t threshold, double scale, void *out);

    /* Of equal values the first takes the gradient. d_in is set, not added to. */
    void (*max_pool)(const void *in, const qsti_window *window, void *out);
    void (*max_pool_back)(const void *in, const void *out, const void *d_out, const qsti_window *window, void *d_in);
    void (*avg_pool)(const void *in, const qsti_window *window, void *out);
    void (*avg_pool_back)(const void *d_out, const qsti_window *window, void *d_in);

    /* Channels of rows (n_rows, channels * plane), row_step apart. sums[c] += sum of a, products[c] += sum of
     * a (b - centre[c]); b NULL: of (a - centre[c])^2 instead; centre NULL: no products. */
    void (*channel_sums)(const void *a, const void *b, const double *centre, size_t n_rows, size_t row_step,
                         size_t channels, size_t plane, double *sums, double *products);
    /* out = in factor[c] + shift[c] + other other_factor[c]; other NULL: without. */
    void (*channel_scale)(const void *in, const double *factor, const double *shift, const void *other,
                          const double *other_factor, size_t n_rows, size_t row_step, size_t other_step,
                          size_t channels, size_t plane, void *out, size_t out_step);
} qsti_network_kernels;

/* The tables of the instruction set in use (isa.h). */
const qsti_network_kernels *qsti_network_kernels_double(void);
const qsti_network_kernels *qsti_network_kernels_single(void);

#endif
