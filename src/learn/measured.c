/* measured.c: a model's scores where its circuit's outputs are measured (measure.h), and an affine correction of what
 * comes out.
 */
#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "circuit/circuit.h"
#include "learn/circuit_parts.h"

static qst_status parts_of(const qst_model *model, qsti_circuit_parts *out)
{
    if (qsti_model_circuit_parts(model, out))
        return QST_OK;
    return qsti_fail(model->ctx, QST_ERR_UNSUPPORTED, "a model of kind %s has no circuit whose outputs are measured",
                     model->type->kind);
}

qst_status qst_model_measurement(const qst_model *model, const qst_measure_opts *opts, qst_measurement **out)
{
    qsti_circuit_parts parts;
    qst_status status = parts_of(model, &parts);
    if (status == QST_OK)
        status = qst_measurement_create(model->ctx, parts.circuit, parts.readout, opts, out);
    return status;
}

static void copy_out(const double *from, qst_matrix to)
{
    if (to.data != NULL)
        memcpy(to.data, from, to.n_rows * to.n_cols * sizeof *to.data);
}

qst_status qst_model_measured_scores(qst_model *model, qst_measurement *measurement, qst_const_matrix x, uint64_t seed,
                                     uint64_t first_row, qst_matrix out)
{
    return qsti_model_measured(model, measurement, x, seed, first_row, out, (qst_matrix){0}, (qst_matrix){0});
}

qst_status qsti_model_measured(qst_model *model, qst_measurement *measurement, qst_const_matrix x, uint64_t seed,
                               uint64_t first_row, qst_matrix out, qst_matrix outputs, qst_matrix variances)
{
    qst_status status = QST_OK;
    qst_ctx *ctx = model->ctx;
    qsti_circuit_parts parts;
    qst_matrix features = {0}, values = {0};
    size_t n_features = 0, n_values = 0;
    QSTI_TRY(parts_of(model, &parts));
    if (x.n_cols != model->n_features || out.n_rows != x.n_rows || out.n_cols != model->n_scores) {
        QSTI_TRY(qsti_fail(ctx, QST_ERR_MISMATCH,
                           "samples have shape (%zu, %zu), scores (%zu, %zu): the model takes %zu features and gives "
                           "%zu scores",
                           x.n_rows, x.n_cols, out.n_rows, out.n_cols, model->n_features, model->n_scores));
    }
    features = (qst_matrix){NULL, x.n_rows, parts.circuit->n_features};
    values = (qst_matrix){NULL, x.n_rows, parts.readout->n_outputs};
    if (!qsti_mul(x.n_rows, features.n_cols, &n_features) || !qsti_mul(x.n_rows, values.n_cols, &n_values))
        QSTI_TRY(qsti_fail(ctx, QST_ERR_LIMIT, "%zu rows are too many", x.n_rows));
    QSTI_TRY(QSTI_NEW(ctx, n_features, &features.data));
    QSTI_TRY(QSTI_NEW(ctx, n_values, &values.data));
    QSTI_TRY(qsti_model_circuit_features(model, x, features));
    QSTI_TRY(qst_measurement_values(measurement, parts.weights, qst_const_view(features), seed, first_row, values,
                                    variances));
    copy_out(values.data, outputs);
    QSTI_TRY(
        model->type->evaluate_values(model, model->weights, qst_const_view(values), qsti_model_store_scores, &out));
done:
    qsti_free(ctx, features.data);
    qsti_free(ctx, values.data);
    return status;
}

qst_status qst_model_scores_from_values(qst_model *model, const double *values, double *out_scores)
{
    qsti_circuit_parts parts;
    qst_matrix out = {out_scores, 1, model->n_scores};
    qst_status status = parts_of(model, &parts);
    if (status == QST_OK)
        status =
            model->type->evaluate_values(model, model->weights, (qst_const_matrix){values, 1, parts.readout->n_outputs},
                                         qsti_model_store_scores, &out);
    return status;
}

/* --- the affine correction ---------------------------------------------------------------------------------------- */

/* A column varies by no more than its rounding: there is no slope to fit. */
#define LEAST_VARIATION 1e-12

static void fit_column(qst_const_matrix teacher, qst_const_matrix student, size_t k, double *a, double *b)
{
    size_t n = teacher.n_rows, n_cols = teacher.n_cols;
    double mean_t = 0, mean_s = 0, covariance = 0, variance = 0, largest = 0;
    for (size_t i = 0; i < n; i++) {
        mean_t += teacher.data[i * n_cols + k] / (double)n;
        mean_s += student.data[i * n_cols + k] / (double)n;
        largest = fmax(largest, fabs(student.data[i * n_cols + k]));
    }
    for (size_t i = 0; i < n; i++) {
        double s = student.data[i * n_cols + k] - mean_s;
        covariance += s * (teacher.data[i * n_cols + k] - mean_t);
        variance += s * s;
    }
    bool varies = sqrt(variance / (double)n) > LEAST_VARIATION * largest;
    *a = varies ? covariance / variance : 1;
    *b = mean_t - *a * mean_s;
}

qst_status qst_affine_fit(qst_ctx *ctx, qst_const_matrix teacher, qst_const_matrix student, double *out_a,
                          double *out_b)
{
    if (teacher.n_rows != student.n_rows || teacher.n_cols != student.n_cols || teacher.n_rows == 0)
        return qsti_fail(ctx, QST_ERR_MISMATCH,
                         "an affine fit of (%zu, %zu) to (%zu, %zu): equal shapes of at least one row are wanted",
                         student.n_rows, student.n_cols, teacher.n_rows, teacher.n_cols);
    for (size_t i = 0; i < teacher.n_rows * teacher.n_cols; i++)
        if (!isfinite(teacher.data[i]) || !isfinite(student.data[i]))
            return qsti_fail(ctx, QST_ERR_INPUT, "an affine fit: row %zu, column %zu: %g and %g are not both finite",
                             i / teacher.n_cols, i % teacher.n_cols, teacher.data[i], student.data[i]);
    for (size_t k = 0; k < teacher.n_cols; k++)
        fit_column(teacher, student, k, &out_a[k], &out_b[k]);
    return QST_OK;
}
