/* measured_counts.c: outputs from counts that came back from somewhere. */
#include <string.h>

#include "measure/measurement.h"

static qst_status add_counts(const qst_measurement *measurement, size_t g, const qst_counts *counts,
                             double *frequencies, uint64_t *out_shots)
{
    size_t dim = (size_t)1 << measurement->n_bits;
    uint64_t n_shots = 0;
    memset(frequencies, 0, dim * sizeof *frequencies);
    for (size_t i = 0; i < counts->n; i++) {
        if (counts->outcomes[i] >= dim)
            return qsti_fail(measurement->ctx, QST_ERR_INPUT, "circuit %zu: outcome %llu is not one of %zu qubits", g,
                             (unsigned long long)counts->outcomes[i], measurement->n_bits);
        if (counts->counts[i] > UINT64_MAX / 2 - n_shots)
            return qsti_fail(measurement->ctx, QST_ERR_INPUT, "circuit %zu: outcome %llu: %llu shots are too many", g,
                             (unsigned long long)counts->outcomes[i], (unsigned long long)counts->counts[i]);
        frequencies[counts->outcomes[i]] += (double)counts->counts[i];
        n_shots += counts->counts[i];
    }
    if (n_shots == 0)
        return qsti_fail(measurement->ctx, QST_ERR_INPUT, "circuit %zu: no shots", g);
    for (size_t b = 0; b < dim; b++)
        frequencies[b] /= (double)n_shots;
    *out_shots = n_shots;
    return QST_OK;
}

/* A measurement of exact values has no estimators: they are made for the call. */
static qst_status estimate_group(const qst_measurement *measurement, size_t g, const qst_counts *counts, double *room,
                                 double *values, double *variances)
{
    qst_status status = QST_OK;
    const qsti_measured_group *group = &measurement->groups[g];
    qsti_estimator made = {.ctx = measurement->ctx};
    uint64_t n_shots = 0;
    QSTI_TRY(add_counts(measurement, g, counts, room, &n_shots));
    if (!group->has_estimator)
        QSTI_TRY(
            qsti_estimator_init(measurement->ctx, measurement->readout, measurement->found.of_term, g, NULL, &made));
    qsti_estimate(group->has_estimator ? &group->estimator : &made, room, n_shots,
                  room + ((size_t)1 << measurement->n_bits), values, variances);
done:
    qsti_estimator_clear(&made);
    return status;
}

qst_status qst_measurement_from_counts(const qst_measurement *measurement, const qst_counts *groups, double *values,
                                       double *variances)
{
    qst_status status = QST_OK;
    qst_ctx *ctx = measurement->ctx;
    size_t n = measurement->n_outputs;
    double *room = NULL, *found = NULL;
    if (measurement->n_bits > QSTI_MEASURE_MAX_BITS)
        return qsti_fail(ctx, QST_ERR_LIMIT, "counts of %zu qubits: at most %d are taken", measurement->n_bits,
                         QSTI_MEASURE_MAX_BITS);
    QSTI_TRY(QSTI_NEW(ctx, (size_t)3 << measurement->n_bits, &room));
    QSTI_TRY(QSTI_NEW(ctx, 2 * n, &found));
    for (size_t g = 0; g < measurement->n_groups; g++)
        QSTI_TRY(estimate_group(measurement, g, &groups[g], room, found, found + n));
    memcpy(values, found, n * sizeof *values);
    if (variances != NULL)
        memcpy(variances, found + n, n * sizeof *variances);
done:
    qsti_free(ctx, room);
    qsti_free(ctx, found);
    return status;
}
