/* model_fourier.h: classical models that are sums of cosines and sines: `fourier` and `random_fourier`.
 *
 *   z(x) = b + sum_h (A_h cos(w_h . x) + B_h sin(w_h . x))
 *
 * One member of every pair +-w_h, never 0. Scores of a circuit are of this form, and so have an exact one
 * [schreiber2023]; few frequencies drawn at random make a smaller one [landman2022].
 */
#ifndef QSTI_LEARN_MODEL_FOURIER_H
#define QSTI_LEARN_MODEL_FOURIER_H

#include "learn/model.h"

/* Frequencies, one a row, (n, d); a set of them. */
typedef struct qsti_frequencies {
    double *rows;
    size_t n, n_features;
} qsti_frequencies;
void qsti_frequencies_clear(qst_ctx *ctx, qsti_frequencies *frequencies);

/* A model with given frequencies (copied) and coefficients 0. kind: "fourier" or "random_fourier". weights =
 * [W (C, 2 n), b (C) | frequencies (n, d)], column 2 h of W for the cosine, 2 h + 1 for the sine. Errors: ERR_LIMIT,
 * ERR_MEMORY. */
qst_status qsti_model_fourier_create(qst_ctx *ctx, const char *kind, const qsti_frequencies *frequencies,
                                     size_t n_scores, qst_score_kind score_kind, qst_model **out);
qst_status qsti_model_fourier_from_json(qst_ctx *ctx, const char *where, const json_t *json, qst_model **out);

/* What a fit came to: points or rows (0: there was none), and the errors that were measured; stored with the model.
 * Models of other kinds have none, and take none. */
typedef struct qsti_fourier_fit {
    size_t n_points;
    double rms_error, max_error;
} qsti_fourier_fit;
void qsti_model_fourier_note(qst_model *model, const qsti_fourier_fit *fit);
qsti_fourier_fit qsti_model_fourier_fit(const qst_model *model);

/* Whether a kind of model is fitted in one go, not trained step by step. */
bool qsti_model_kind_is_fitted(const char *kind);

/* The frequencies of such a model, borrowed; n 0 for other kinds. */
qsti_frequencies qsti_model_frequencies(const qst_model *model);

/* --- fitting: fourier_fit.c --------------------------------------------------------------------------------------- */

/* Points of a lattice's grid, x_j = 2 pi i / ((2 N_j + 1) u_j), the last feature running fastest; out (n_points, d),
 * n_points = prod (2 N_j + 1). */
void qsti_fourier_grid(const double *units, const size_t *counts, size_t n_features, size_t n_points, double *out);

/* The frequencies of that lattice, n = (n_points - 1) / 2 of them: those behind 0 in the order of the lattice. */
qst_status qsti_fourier_lattice(qst_ctx *ctx, const double *units, const size_t *counts, size_t n_features,
                                size_t n_points, qsti_frequencies *out);

/* The discrete Fourier transform of values on the grid, axis by axis: coefficients (n_points) complex, interleaved,
 * index 0 for n = (-N_1, ..., -N_d). f(x) = sum_n c_n e^{i w_n . x}. `values` has one number every `stride`. Cost
 * n_points sum_j (2 N_j + 1). */
qst_status qsti_fourier_transform(qst_ctx *ctx, const double *values, size_t stride, const size_t *counts,
                                  size_t n_features, size_t n_points, double *out_coefficients);

/* Sets the coefficients of a model whose frequencies are qsti_fourier_lattice()'s from scores (n_points, C) on the
 * grid. */
qst_status qsti_fourier_fit_grid(qst_model *model, const size_t *counts, qst_const_matrix scores);

/* Sets them by least squares on rows x (N, d) with scores (N, C): minimise 1/N |scores - z(x)|^2 + ridge |W|^2, b
 * free. Where rows do not determine W, the shortest one is taken. Errors: ERR_LIMIT, ERR_MEMORY, ERR_DIVERGED. Cost
 * 4 N n^2. */
qst_status qsti_fourier_fit_rows(qst_model *model, qst_const_matrix x, qst_const_matrix scores, double ridge);

#endif
