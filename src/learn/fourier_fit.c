/* fourier_fit.c: coefficients of Fourier models: exactly from a grid, or by least squares from rows.
 *
 *   c_n = 1/G sum_g f(x_g) e^{-i w_n . x_g},   x_gj = 2 pi g_j / ((2 N_j + 1) u_j),   w_nj = u_j n_j
 *
 * is one discrete transform along each axis, of odd length M_j = 2 N_j + 1, done as a small matrix product: axes are
 * short. c_{-n} = conj(c_n), so z = c_0 + sum over half of the lattice of 2 Re c cos(w.x) - 2 Im c sin(w.x).
 *
 * Least squares is LAPACK's dgelsy (QR with column pivoting), which gives the shortest solution where rows leave some
 * free; ridge is the same on rows sqrt(N ridge) below the features' own.
 */
#include <lapacke.h>
#include <math.h>
#include <string.h>

#include "learn/blas_claim.h"
#include "learn/model_fourier.h"

/* Directions smaller than this, relative to the largest, count as none. */
#define RANK_TOLERANCE 1e-13
/* Numbers of the matrix. */
#define MAX_MATRIX ((size_t)1 << 27)

/* --- the lattice -------------------------------------------------------------------------------------------------- */

void qsti_fourier_grid(const double *units, const size_t *counts, size_t n_features, size_t n_points, double *out)
{
    for (size_t point = 0; point < n_points; point++) {
        size_t rest = point;
        for (size_t j = n_features; j-- > 0;) {
            size_t length = 2 * counts[j] + 1;
            out[point * n_features + j] = 2 * M_PI * (double)(rest % length) / ((double)length * units[j]);
            rest /= length;
        }
    }
}

qst_status qsti_fourier_lattice(qst_ctx *ctx, const double *units, const size_t *counts, size_t n_features,
                                size_t n_points, qsti_frequencies *out)
{
    size_t n = (n_points - 1) / 2;
    double *rows = NULL;
    qst_status status = qsti_alloc(ctx, n, n_features * sizeof *rows, (void **)&rows);
    for (size_t h = 0; status == QST_OK && h < n; h++) {
        size_t rest = n + 1 + h; /* 0 stands in the middle */
        for (size_t j = n_features; j-- > 0;) {
            size_t length = 2 * counts[j] + 1;
            rows[h * n_features + j] = units[j] * ((double)(rest % length) - (double)counts[j]);
            rest /= length;
        }
    }
    if (status == QST_OK)
        *out = (qsti_frequencies){rows, n, n_features};
    return status;
}

/* --- the transform ------------------------------------------------------------------------------------------------ */

/* One line of 2 half + 1 complex numbers, `step` apart. turns (length) = e^{-2 pi i k / length}. */
static void transform_line(double *values, size_t half, size_t step, const double *turns, double *line)
{
    size_t length = 2 * half + 1;
    for (size_t n = 0; n < length; n++) {
        double re = 0, im = 0;
        size_t frequency = (n + length - half) % length; /* n - N, as a rest */
        for (size_t g = 0; g < length; g++) {
            const double *turn = turns + 2 * (frequency * g % length);
            const double *value = values + 2 * g * step;
            re += value[0] * turn[0] - value[1] * turn[1];
            im += value[0] * turn[1] + value[1] * turn[0];
        }
        line[2 * n] = re / (double)length;
        line[2 * n + 1] = im / (double)length;
    }
    for (size_t n = 0; n < length; n++)
        memcpy(values + 2 * n * step, line + 2 * n, 2 * sizeof *line);
}

/* All lines along one axis. */
static void transform_axis(double *values, size_t n_points, size_t half, size_t step, const double *turns, double *line)
{
    for (size_t begin = 0; begin < n_points; begin += step * (2 * half + 1))
        for (size_t first = begin; first < begin + step; first++)
            transform_line(values + 2 * first, half, step, turns, line);
}

qst_status qsti_fourier_transform(qst_ctx *ctx, const double *values, size_t stride, const size_t *counts,
                                  size_t n_features, size_t n_points, double *out_coefficients)
{
    qst_status status = QST_OK;
    double *turns = NULL, *line = NULL;
    size_t longest = 1, step = 1;
    for (size_t j = 0; j < n_features; j++)
        longest = 2 * counts[j] + 1 > longest ? 2 * counts[j] + 1 : longest;
    QSTI_TRY(QSTI_NEW(ctx, 2 * longest, &turns));
    QSTI_TRY(QSTI_NEW(ctx, 2 * longest, &line));
    for (size_t i = 0; i < n_points; i++) {
        out_coefficients[2 * i] = values[i * stride];
        out_coefficients[2 * i + 1] = 0;
    }
    for (size_t j = n_features; j-- > 0;) {
        size_t length = 2 * counts[j] + 1;
        for (size_t k = 0; k < length; k++) {
            turns[2 * k] = cos(2 * M_PI * (double)k / (double)length);
            turns[2 * k + 1] = -sin(2 * M_PI * (double)k / (double)length);
        }
        transform_axis(out_coefficients, n_points, counts[j], step, turns, line);
        QSTI_TRY(qsti_check_interrupt(ctx));
        step *= length;
    }
done:
    qsti_free(ctx, turns);
    qsti_free(ctx, line);
    return status;
}

qst_status qsti_fourier_fit_grid(qst_model *model, const size_t *counts, qst_const_matrix scores)
{
    qst_status status = QST_OK;
    qst_ctx *ctx = model->ctx;
    size_t n = qsti_model_frequencies(model).n, n_points = scores.n_rows;
    double *coefficients = NULL, *biases = model->weights + 2 * n * model->n_scores;
    if (n_points != 2 * n + 1 || scores.n_cols != model->n_scores)
        return qsti_fail(ctx, QST_ERR_MISMATCH, "%zu points with %zu scores for %zu frequencies and %zu scores",
                         n_points, scores.n_cols, n, model->n_scores);
    QSTI_TRY(QSTI_NEW(ctx, 2 * n_points, &coefficients));
    for (size_t c = 0; c < model->n_scores; c++) {
        double *row = model->weights + c * 2 * n;
        QSTI_TRY(qsti_fourier_transform(ctx, scores.data + c, scores.n_cols, counts, model->n_features, n_points,
                                        coefficients));
        biases[c] = coefficients[2 * n];
        for (size_t h = 0; h < n; h++) {
            const double *coefficient = coefficients + 2 * (n + 1 + h);
            row[2 * h] = 2 * coefficient[0];
            row[2 * h + 1] = -2 * coefficient[1];
        }
    }
done:
    qsti_free(ctx, coefficients);
    return status;
}

/* --- least squares ------------------------------------------------------------------------------------------------ */

/* Columns: 1, then cosines and sines; below them the rows of the ridge. Column by column. */
static void fill_matrix(const qst_model *model, qst_const_matrix x, double ridge, size_t n_rows, double *matrix)
{
    qsti_frequencies frequencies = qsti_model_frequencies(model);
    size_t d = x.n_cols;
    for (size_t i = 0; i < x.n_rows; i++) {
        matrix[i] = 1;
        for (size_t h = 0; h < frequencies.n; h++) {
            double angle = 0, *cosines = matrix + (1 + 2 * h) * n_rows;
            for (size_t j = 0; j < d; j++)
                angle += frequencies.rows[h * d + j] * x.data[i * d + j];
            sincos(angle, &cosines[n_rows + i], &cosines[i]);
        }
    }
    for (size_t k = 0; ridge > 0 && k < 2 * frequencies.n; k++)
        matrix[(1 + k) * n_rows + x.n_rows + k] = sqrt(ridge * (double)x.n_rows);
}

/* The shortest least-squares solution of matrix (n_rows, n_columns) into right sides (max of the two, C). */
static qst_status solve(qst_ctx *ctx, double *matrix, size_t n_rows, size_t n_columns, double *sides, size_t n_sides)
{
    qst_status status = QST_OK;
    size_t room = n_rows > n_columns ? n_rows : n_columns;
    lapack_int *pivots = NULL, rank = 0;
    QSTI_TRY(QSTI_NEW(ctx, n_columns, &pivots));
    int n_threads = qsti_blas_claim();
    lapack_int info =
        LAPACKE_dgelsy(LAPACK_COL_MAJOR, (lapack_int)n_rows, (lapack_int)n_columns, (lapack_int)n_sides, matrix,
                       (lapack_int)n_rows, sides, (lapack_int)room, pivots, RANK_TOLERANCE, &rank);
    qsti_blas_release(n_threads);
    if (info == LAPACK_WORK_MEMORY_ERROR)
        status = qsti_fail(ctx, QST_ERR_MEMORY, "out of memory: least squares");
    else if (info != 0)
        status = qsti_fail(ctx, QST_ERR_DIVERGED, "least squares did not converge (%d)", (int)info);
done:
    qsti_free(ctx, pivots);
    return status;
}

qst_status qsti_fourier_fit_rows(qst_model *model, qst_const_matrix x, qst_const_matrix scores, double ridge)
{
    qst_status status = QST_OK;
    qst_ctx *ctx = model->ctx;
    size_t n = qsti_model_frequencies(model).n, n_columns = 1 + 2 * n, n_out = model->n_scores, n_matrix = 0;
    size_t n_rows = x.n_rows + (ridge > 0 ? 2 * n : 0), room = n_rows > n_columns ? n_rows : n_columns;
    double *matrix = NULL, *sides = NULL;
    if (!qsti_mul(n_rows, n_columns, &n_matrix) || n_matrix > MAX_MATRIX)
        return qsti_fail(ctx, QST_ERR_LIMIT, "least squares of %zu rows and %zu frequencies: the matrix is too large",
                         x.n_rows, n);
    QSTI_TRY(QSTI_NEW(ctx, n_matrix, &matrix));
    QSTI_TRY(QSTI_NEW(ctx, room * n_out, &sides));
    fill_matrix(model, x, ridge, n_rows, matrix);
    for (size_t i = 0; i < x.n_rows; i++)
        for (size_t c = 0; c < n_out; c++)
            sides[c * room + i] = scores.data[i * n_out + c];
    QSTI_TRY(solve(ctx, matrix, n_rows, n_columns, sides, n_out));
    for (size_t c = 0; c < n_out; c++) {
        memcpy(model->weights + c * 2 * n, sides + c * room + 1, 2 * n * sizeof *sides);
        model->weights[n_out * 2 * n + c] = sides[c * room];
    }
done:
    qsti_free(ctx, matrix);
    qsti_free(ctx, sides);
    return status;
}
