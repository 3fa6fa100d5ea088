/* estimates.c: see estimates.h.
 *
 * With frequencies f of outcomes b in R shots, an output that counts a_b for b has the estimate sum f_b a_b, and
 *
 *   variance = (sum f_b a_b^2 - (sum f_b a_b)^2) / (R - 1),
 *
 * unbiased; for Paulis of one group that are in one output their covariances are in a_b. Errors of readout: f goes
 * through the inverse of the readout matrix, then to the nearest probabilities; the variance is that of the inverse
 * alone, a~ = (inverse)^T a: that of the nearest probabilities is not larger, where the inverse leaves them.
 */
#include "measure/estimates.h"

#include <math.h>
#include <string.h>

#include "measure/readout_inversion.h"
#include "measure/simplex.h"

#define MOST_TABLE_VALUES ((size_t)1 << 26)

/* --- tables ------------------------------------------------------------------------------------------------------- */

static double sign_of(qst_pauli pauli, size_t outcome)
{
    return __builtin_popcountll((pauli.x | pauli.z) & outcome) & 1 ? -1 : 1;
}

/* Which outputs have terms in the group. */
static qst_status find_outputs(const qst_readout *readout, const size_t *of_term, size_t group, qsti_estimator *out)
{
    qst_status status = QST_OK;
    QSTI_TRY(QSTI_NEW(out->ctx, readout->n_outputs, &out->outputs));
    if (readout->kind != QST_READOUT_EXPECTATIONS) {
        out->n_parts = readout->n_outputs;
        for (size_t k = 0; k < readout->n_outputs; k++)
            out->outputs[k] = (uint32_t)k;
        goto done;
    }
    for (size_t t = 0; t < readout->n_terms; t++) {
        uint32_t output = readout->outputs[t];
        if (of_term[t] == group && (out->n_parts == 0 || out->outputs[out->n_parts - 1] != output))
            out->outputs[out->n_parts++] = output;
    }
done:
    return status;
}

static void fill_paulis(const qst_readout *readout, const size_t *of_term, size_t group, qsti_estimator *out)
{
    size_t part = 0, dim = (size_t)1 << out->n_bits;
    for (size_t t = 0; t < readout->n_terms; t++) {
        if (of_term[t] != group)
            continue;
        while (out->outputs[part] != readout->outputs[t])
            part++;
        for (size_t b = 0; b < dim; b++)
            out->plain[part * dim + b] += readout->coefficients[t] * sign_of(readout->paulis[t], b);
    }
}

static qst_status fill_tables(const qst_readout *readout, const size_t *of_term, size_t group, qsti_estimator *out)
{
    qst_status status = QST_OK;
    size_t dim = (size_t)1 << out->n_bits, n = out->n_parts * dim;
    if (n > MOST_TABLE_VALUES)
        return qsti_fail(out->ctx, QST_ERR_LIMIT,
                         "%zu outputs over 2^%zu outcomes need tables of %zu bytes: at most %zu are taken",
                         out->n_parts, out->n_bits, n * sizeof(double), MOST_TABLE_VALUES * sizeof(double));
    QSTI_TRY(QSTI_NEW(out->ctx, n, &out->plain));
    if (readout->kind == QST_READOUT_EXPECTATIONS)
        fill_paulis(readout, of_term, group, out);
    else
        for (size_t b = 0; b < dim; b++)
            out->plain[qsti_readout_group(readout, b) * dim + b] = 1;
    if (out->inverse == NULL)
        goto done;
    QSTI_TRY(QSTI_NEW(out->ctx, n, &out->unread));
    memcpy(out->unread, out->plain, n * sizeof *out->unread);
    for (size_t part = 0; part < out->n_parts; part++)
        qsti_readout_tensor((const double(*)[4])out->inverse, out->n_bits, true, out->unread + part * dim);
done:
    return status;
}

static qst_status invert(const double (*read)[4], qsti_estimator *out)
{
    qst_status status = QST_OK;
    QSTI_TRY(qsti_alloc(out->ctx, out->n_bits, sizeof *out->inverse, (void **)&out->inverse));
    QSTI_TRY(qsti_alloc(out->ctx, out->n_bits, sizeof *out->squares, (void **)&out->squares));
    for (size_t k = 0; k < out->n_bits; k++) {
        QSTI_TRY(qsti_readout_invert(out->ctx, k, read[k], out->inverse[k]));
        for (size_t i = 0; i < 4; i++)
            out->squares[k][i] = out->inverse[k][i] * out->inverse[k][i];
    }
done:
    return status;
}

qst_status qsti_estimator_init(qst_ctx *ctx, const qst_readout *readout, const size_t *of_term, size_t group,
                               const double (*read)[4], qsti_estimator *out)
{
    qst_status status = QST_OK;
    qsti_estimator made = {.ctx = ctx, .kind = readout->kind, .n_bits = readout->n_qubits};
    if (readout->n_qubits > QSTI_MEASURE_MAX_BITS)
        return qsti_fail(ctx, QST_ERR_LIMIT, "distributions of %zu qubits: at most %d are taken", readout->n_qubits,
                         QSTI_MEASURE_MAX_BITS);
    QSTI_TRY(find_outputs(readout, of_term, group, &made));
    if (read != NULL)
        QSTI_TRY(invert(read, &made));
    if (readout->kind != QST_READOUT_PROBABILITIES)
        QSTI_TRY(fill_tables(readout, of_term, group, &made));
    *out = made;
    made = (qsti_estimator){.ctx = ctx};
done:
    qsti_estimator_clear(&made);
    return status;
}

void qsti_estimator_clear(qsti_estimator *estimator)
{
    qsti_free(estimator->ctx, estimator->outputs);
    qsti_free(estimator->ctx, estimator->plain);
    qsti_free(estimator->ctx, estimator->unread);
    qsti_free(estimator->ctx, (void *)estimator->inverse);
    qsti_free(estimator->ctx, (void *)estimator->squares);
    *estimator = (qsti_estimator){0};
}

/* --- estimates ---------------------------------------------------------------------------------------------------- */

static double variance_of(double mean, double mean_square, uint64_t n_shots)
{
    double spread = mean_square - mean * mean;
    if (n_shots == 0)
        return 0;
    return n_shots == 1 ? INFINITY : (spread > 0 ? spread : 0) / (double)(n_shots - 1);
}

static double product(const double *a, const double *b, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += a[i] * b[i];
    return sum;
}

static double product_of_squares(const double *a, const double *b, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += a[i] * b[i] * b[i];
    return sum;
}

/* The spread of p_b: sum over what was read of f times the inverse squared. */
static void add_probabilities(const qsti_estimator *estimator, const double *frequencies, uint64_t n_shots,
                              double *room, double *values, double *variances)
{
    size_t dim = (size_t)1 << estimator->n_bits;
    const double(*inverse)[4] = (const double(*)[4])estimator->inverse;
    const double(*squares)[4] = (const double(*)[4])estimator->squares;
    double *means = room + dim;
    memcpy(means, frequencies, dim * sizeof *means);
    memcpy(room, frequencies, dim * sizeof *room);
    if (inverse != NULL) {
        qsti_readout_tensor(inverse, estimator->n_bits, false, means);
        qsti_readout_tensor(squares, estimator->n_bits, false, room);
    }
    for (size_t b = 0; b < dim; b++)
        variances[b] += variance_of(means[b], room[b], n_shots);
    if (inverse != NULL)
        qsti_simplex_project(means, dim);
    for (size_t b = 0; b < dim; b++)
        values[b] += means[b];
}

void qsti_estimate(const qsti_estimator *estimator, const double *frequencies, uint64_t n_shots, double *room,
                   double *values, double *variances)
{
    size_t dim = (size_t)1 << estimator->n_bits;
    const double *probabilities = frequencies;
    const double *counted = estimator->unread != NULL ? estimator->unread : estimator->plain;
    if (estimator->kind == QST_READOUT_PROBABILITIES) {
        add_probabilities(estimator, frequencies, n_shots, room, values, variances);
        return;
    }
    if (estimator->inverse != NULL) {
        memcpy(room, frequencies, dim * sizeof *room);
        qsti_readout_tensor((const double(*)[4])estimator->inverse, estimator->n_bits, false, room);
        qsti_simplex_project(room, dim);
        probabilities = room;
    }
    for (size_t part = 0; part < estimator->n_parts; part++) {
        uint32_t output = estimator->outputs[part];
        values[output] += product(probabilities, estimator->plain + part * dim, dim);
        if (n_shots > 0)
            variances[output] += variance_of(product(frequencies, counted + part * dim, dim),
                                             product_of_squares(frequencies, counted + part * dim, dim), n_shots);
    }
}

void qsti_estimator_combine(const qsti_estimator *estimator, const double *cotangent, double *out)
{
    size_t dim = (size_t)1 << estimator->n_bits;
    const double *counted = estimator->unread != NULL ? estimator->unread : estimator->plain;
    if (estimator->kind == QST_READOUT_PROBABILITIES) {
        memcpy(out, cotangent, dim * sizeof *out);
        if (estimator->inverse != NULL)
            qsti_readout_tensor((const double(*)[4])estimator->inverse, estimator->n_bits, true, out);
        return;
    }
    memset(out, 0, dim * sizeof *out);
    for (size_t part = 0; part < estimator->n_parts; part++)
        for (size_t b = 0; b < dim; b++)
            out[b] += cotangent[estimator->outputs[part]] * counted[part * dim + b];
}
