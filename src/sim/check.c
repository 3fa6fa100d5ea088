/* check.c: shapes and values that a program is called with. */
#include <math.h>

#include <string.h>

#include "sim/program.h"

qst_status qsti_program_check_shape(const qst_program *program, const char *what, size_t n_rows, size_t n_cols,
                                    size_t want_rows, size_t want_cols)
{
    if (n_rows == want_rows && n_cols == want_cols)
        return QST_OK;
    return qsti_fail(program->ctx, QST_ERR_MISMATCH, "%s has shape (%zu, %zu): (%zu, %zu) is needed", what, n_rows,
                     n_cols, want_rows, want_cols);
}

/* The largest |value|; infinity or NaN when one is not finite, whose bits are above those of all numbers. */
static double largest_of(const double *values, size_t n)
{
    uint64_t most[2] = {0, 0};
    double out = 0;
    for (size_t i = 0; i < n; i++) {
        uint64_t bits = 0;
        memcpy(&bits, &values[i], sizeof bits);
        bits &= UINT64_MAX >> 1;
        most[i % 2] = bits > most[i % 2] ? bits : most[i % 2];
    }
    most[0] = most[1] > most[0] ? most[1] : most[0];
    memcpy(&out, &most[0], sizeof out);
    return out;
}

/* What is wrong with a row, if anything. */
static qst_status check_row(const qst_program *program, qst_const_matrix x, size_t row)
{
    const double *values = x.data + row * x.n_cols;
    for (size_t j = 0; j < x.n_cols; j++) {
        if (!isfinite(values[j]))
            return qsti_fail(program->ctx, QST_ERR_INPUT, "row %zu, feature %zu: %g is not finite", row, j, values[j]);
        if (program->preparation == QST_PREPARE_BASIS && values[j] != 0 && values[j] != 1)
            return qsti_fail(program->ctx, QST_ERR_INPUT,
                             "row %zu, feature %zu: %g: basis encoding takes exactly 0 or 1 (preprocess with binarize)",
                             row, j, values[j]);
    }
    if (largest_of(values, x.n_cols) == 0 && program->preparation == QST_PREPARE_AMPLITUDE)
        return qsti_fail(program->ctx, QST_ERR_INPUT,
                         "row %zu: all features are 0: amplitude encoding needs a norm > 0", row);
    return QST_OK;
}

qst_status qsti_program_check(qst_program *program, const double *weights, qst_const_matrix x)
{
    qst_status status = QST_OK;
    if (x.n_cols != program->n_features)
        return qsti_fail(program->ctx, QST_ERR_MISMATCH, "the samples have %zu features, the circuit takes %zu",
                         x.n_cols, program->n_features);
    double largest_weight = largest_of(weights, program->n_weights);
    double largest_feature = largest_of(x.data, x.n_rows * x.n_cols);
    for (size_t w = 0; w < program->n_weights && !isfinite(largest_weight); w++)
        if (!isfinite(weights[w]))
            return qsti_fail(program->ctx, QST_ERR_INPUT, "weight %zu: %g is not finite", w, weights[w]);
    bool plain = program->preparation == QST_PREPARE_ZERO && isfinite(largest_feature);
    for (size_t row = 0; row < x.n_rows && x.n_cols > 0 && !plain && status == QST_OK; row++)
        status = check_row(program, x, row);
    double largest = program->features_in_angles ? fmax(largest_weight, largest_feature) : largest_weight;
    largest = fmax(largest, 1);
    if (status == QST_OK && !isfinite(program->angle_bound * largest * largest))
        status =
            qsti_fail(program->ctx, QST_ERR_INPUT, "with weights up to %g and features up to %g an angle is not finite",
                      largest_weight, largest_feature);
    return status;
}
