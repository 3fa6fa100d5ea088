/* scores.c: one instruction set's table of score_kernels.h; compiled once for each, see CMakeLists.txt.
 *
 * Products of matrices keep a tile of sums in registers: TILE independent chains hide the latency of a multiply-add.
 * Each sum runs over its index in order, so tiles do not show in the bits.
 */
#include "kernels/score_kernels.h"

#include <float.h>
#include <stdbool.h>

#include "kernels/exponential.h"
#include "kernels/kernels.h"
#include "kernels/loss_lanes.h"

#define GLUE_(a, b) a##b
#define GLUE(a, b)  GLUE_(a, b)

#define TILE  4
#define WIDTH 8 /* columns in a tile of dL/dW */

static void log_all(const double *in, size_t n, double *out)
{
    for (size_t i = 0; i < n; i += N_DOUBLES)
        store(out + i, log_vector(load(in + i, n - i), fill(0)), n - i);
}

/* --- a dense layer ------------------------------------------------------------------------------------------------ */

/* `count` rows of W times one vector of lanes; row r of W begins at weights + r * row_step, its entries are
 * column_step apart. */
INLINE void product(const double *weights, size_t row_step, size_t column_step, size_t n, size_t lanes,
                    const double *bias, const double *in, size_t count, double *out)
{
    vec sums[TILE];
    for (size_t r = 0; r < count; r++)
        sums[r] = fill(bias == NULL ? 0 : bias[r]);
    for (size_t j = 0; j < n; j++) {
        vec value = load(in + j * lanes, N_DOUBLES);
        for (size_t r = 0; r < count; r++)
            sums[r] += weights[r * row_step + j * column_step] * value;
    }
    for (size_t r = 0; r < count; r++)
        store(out + r * lanes, sums[r], N_DOUBLES);
}

/* out (n_rows, lanes) = W in + bias, W (n_rows, n) by its steps. */
INLINE void products(const double *weights, size_t row_step, size_t column_step, size_t n_rows, size_t n, size_t lanes,
                     const double *bias, const double *in, double *out)
{
    for (size_t first = 0; first < lanes; first += N_DOUBLES) {
        size_t r = 0;
        for (; r + TILE <= n_rows; r += TILE)
            product(weights + r * row_step, row_step, column_step, n, lanes, bias == NULL ? NULL : bias + r, in + first,
                    TILE, out + r * lanes + first);
        for (; r < n_rows; r++)
            product(weights + r * row_step, row_step, column_step, n, lanes, bias == NULL ? NULL : bias + r, in + first,
                    1, out + r * lanes + first);
    }
}

static void dense(const double *weights, size_t n_in, size_t n_out, size_t lanes, const double *in, double *out)
{
    products(weights, n_in, 1, n_out, n_in, lanes, weights + n_out * n_in, in, out);
}

/* Columns k .. k + n - 1 of dL/dW for `count` rows, n <= WIDTH: sum over lanes of cotangent and the columns of in,
 * which stand turned in columns[lane][WIDTH]. */
INLINE void add_outer(const double *columns, const double *cotangent, size_t lanes, size_t count, size_t n, size_t step,
                      double *out_weights)
{
    enum { N = WIDTH * sizeof(double) / sizeof(vec) };
    vec sums[TILE][N];
    memset(sums, 0, sizeof sums);
    for (size_t lane = 0; lane < lanes; lane++) {
        for (size_t v = 0; v < N; v++) {
            vec value = load(columns + lane * WIDTH + v * N_DOUBLES, N_DOUBLES);
            for (size_t r = 0; r < count; r++)
                sums[r][v] += cotangent[r * lanes + lane] * value;
        }
    }
    for (size_t r = 0; r < count; r++) {
        double *to = out_weights + r * step, tile[WIDTH];
        if (n == WIDTH) {
            for (size_t v = 0; v < N; v++)
                store(to + v * N_DOUBLES, load(to + v * N_DOUBLES, N_DOUBLES) + sums[r][v], N_DOUBLES);
            continue;
        }
        memcpy(tile, sums[r], sizeof tile);
        for (size_t k = 0; k < n; k++)
            to[k] += tile[k];
    }
}

/* columns[lane][WIDTH]: n <= WIDTH lines, turned; zeros behind them. */
INLINE void turn(const double *lines, size_t n, size_t lanes, double *columns)
{
    for (size_t lane = 0; lane < lanes; lane++)
        for (size_t j = 0; j < WIDTH; j++)
            columns[lane * WIDTH + j] = j < n ? lines[j * lanes + lane] : 0;
}

/* Columns k .. k + n - 1 of dL/dW, n <= WIDTH. */
INLINE void back_tile(size_t n_in, size_t n_out, size_t lanes, const double *in, const double *cotangent, size_t n,
                      double *out_weights)
{
    double columns[QSTI_MAX_LANES * WIDTH];
    size_t c = 0;
    turn(in, n, lanes, columns);
    for (; c + TILE <= n_out; c += TILE)
        add_outer(columns, cotangent + c * lanes, lanes, TILE, n, n_in, out_weights + c * n_in);
    for (; c < n_out; c++)
        add_outer(columns, cotangent + c * lanes, lanes, 1, n, n_in, out_weights + c * n_in);
}

static void dense_back(const double *weights, size_t n_in, size_t n_out, size_t lanes, const double *in,
                       const double *cotangent, double *out_weights, double *out_in)
{
    size_t k = 0;
    for (; k + WIDTH <= n_in; k += WIDTH) /* whole tiles, known to the compiler */
        back_tile(n_in, n_out, lanes, in + k * lanes, cotangent, WIDTH, out_weights + k);
    if (k < n_in)
        back_tile(n_in, n_out, lanes, in + k * lanes, cotangent, n_in - k, out_weights + k);
    double *out_bias = out_weights + n_out * n_in;
    for (size_t lane = 0; lane < lanes; lane++)
        for (size_t c = 0; c < n_out; c++)
            out_bias[c] += cotangent[c * lanes + lane];
    if (out_in != NULL)
        products(weights, 1, n_in, n_in, n_out, lanes, NULL, cotangent, out_in);
}

extern const qsti_score_kernels GLUE(qsti_score_kernels_, QSTI_ISA);
const qsti_score_kernels GLUE(qsti_score_kernels_, QSTI_ISA) = {
    .log = log_all,
    .cross_entropy = cross_entropy,
    .temper = temper,
    .divergence = divergence,
    .squared_error = squared_error,
    .dense = dense,
    .dense_back = dense_back,
};
