/* measured_shift.c: gradients from shots: every angle with a weight in it by circuits with that angle shifted.
 *
 *   dL/dw = sum over runs w_run sum over angles t (dt/dw) sum_i factor_i L_run(t + shift_i),   L = sum_k c_k output_k
 *
 * with the rules of shift_rules.h and, with extrapolation, the weights w_run of the run's scale. Outcomes are weighed
 * by one vector a_b a row (qsti_estimator_combine()): shots' errors of readout are taken back without projection, so
 * that the mean over shots is the exact gradient. A run's program has one more weight for each such angle: nothing is
 * compiled again.
 *
 * Memory of a chunk of R rows, in measurement->room:
 *
 *   for trajectories   features (chunk, d), outcomes (chunk, outputs)
 *   outcomes           (R, outputs of the program)
 *   counted            (R, 2^n): a_b; direct: the cotangents themselves
 *   losses             (R)
 *   slopes             (R)
 *   weights            (P + places)
 *   sums               (P): the gradient so far
 *   of each thread     (4, 2^n)
 */
#include <string.h>

#include "base/threads.h"
#include "measure/basis_change.h"
#include "measure/measurement.h"
#include "measure/shots.h"
#include "sim/program.h"

#define LINES_OF_A_THREAD 4

/* --- programs ----------------------------------------------------------------------------------------------------- */

static qst_status compile_run(qst_measurement *measurement, qsti_measured_run *run)
{
    qst_status status = QST_OK;
    qst_circuit *shifted = NULL;
    QSTI_TRY(qsti_circuit_with_shifts(measurement->ctx, run->circuit, &run->shifts, &shifted));
    QSTI_TRY(
        qsti_measurement_compile(measurement, shifted, &measurement->groups[run->group], run->noise, &run->shifted));
done:
    qst_circuit_free(shifted);
    return status;
}

static qst_status ready_runs(qst_measurement *measurement)
{
    qst_status status = QST_OK;
    for (size_t r = 0; r < measurement->n_runs; r++)
        if (measurement->runs[r].shifted == NULL)
            QSTI_TRY(compile_run(measurement, &measurement->runs[r]));
done:
    return status;
}

/* --- a chunk ------------------------------------------------------------------------------------------------------ */

typedef struct slopes {
    qst_measurement *measurement;
    const qsti_measured_run *run;
    size_t r;
    double run_weight;
    qst_const_matrix cotangent;
    size_t first, n;
    uint64_t first_row, seed, key;
    size_t dim, widest;
    double *in_chunk, *outcomes, *counted, *losses, *slopes, *weights, *sums, *threads;
} slopes;

static qst_status lay_out(slopes *work, const double *weights, size_t n_all, size_t n_features)
{
    qst_status status = QST_OK;
    qst_measurement *measurement = work->measurement;
    size_t n = n_all < measurement->chunk ? n_all : measurement->chunk, most_places = 0, at = 0;
    size_t n_weights = measurement->circuit->n_weights, n_threads = (size_t)qst_ctx_threads(measurement->ctx);
    work->dim = measurement->direct ? measurement->n_outputs : (size_t)1 << measurement->n_bits;
    for (size_t r = 0; r < measurement->n_runs; r++) {
        const qsti_measured_run *run = &measurement->runs[r];
        work->widest = run->shifted->n_outputs > work->widest ? run->shifted->n_outputs : work->widest;
        most_places = run->shifts.n > most_places ? run->shifts.n : most_places;
    }
    const size_t sizes[] = {measurement->chunk * (n_features + work->widest),
                            n * work->widest,
                            n * work->dim,
                            n,
                            n,
                            n_weights + most_places,
                            n_weights,
                            measurement->direct ? 0 : n_threads * LINES_OF_A_THREAD * work->dim};
    double **const places[] = {&work->in_chunk, &work->outcomes, &work->counted, &work->losses,
                               &work->slopes,   &work->weights,  &work->sums,    &work->threads};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        at += sizes[i];
    QSTI_TRY(qsti_measurement_room(measurement, at));
    at = 0;
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        *places[i] = measurement->room + at;
        at += sizes[i];
    }
    memset(work->weights, 0, (2 * n_weights + most_places) * sizeof *weights); /* and sums */
    if (n_weights > 0)
        memcpy(work->weights, weights, n_weights * sizeof *weights);
done:
    return status;
}

static void count_row(void *arg, size_t row, int worker)
{
    const slopes *work = arg;
    const qst_measurement *measurement = work->measurement;
    const double *cotangent = work->cotangent.data + (work->first + row) * measurement->n_outputs;
    double *counted = work->counted + row * work->dim;
    (void)worker;
    if (measurement->direct)
        memcpy(counted, cotangent, work->dim * sizeof *counted);
    else
        qsti_estimator_combine(&measurement->groups[work->run->group].estimator, cotangent, counted);
}

/* The row's L at one shift. */
static void weigh_row(void *arg, size_t row, int worker)
{
    const slopes *work = arg;
    const qst_measurement *measurement = work->measurement;
    const double *outcomes = work->outcomes + row * work->run->shifted->n_outputs;
    const double *counted = work->counted + row * work->dim;
    double *thread = work->threads + (size_t)worker * LINES_OF_A_THREAD * work->dim, sum = 0, share = 1;
    double *sorted = thread + 2 * work->dim, *counts = thread + 3 * work->dim;
    uint64_t n_shots = measurement->opts.shots;
    if (!measurement->direct && !measurement->groups[work->run->group].in_place) {
        qsti_measured_outcomes(&measurement->groups[work->run->group], work->run->n_qubits, measurement->n_bits,
                               outcomes, sorted);
        outcomes = sorted;
    }
    if (n_shots > 0) {
        memset(counts, 0, work->dim * sizeof *counts);
        qsti_shots_draw(outcomes, work->dim, n_shots, work->key, (uint32_t)work->r, work->first_row + work->first + row,
                        (qsti_shots_room){thread, (uint32_t *)(void *)(thread + work->dim)}, counts);
        outcomes = counts;
        share = 1 / (double)n_shots;
    }
    for (size_t b = 0; b < work->dim; b++)
        sum += counted[b] * outcomes[b];
    work->losses[row] = sum * share;
}

/* slopes = dL/dt of one angle, for the chunk's rows. */
static qst_status find_slopes(slopes *work, qst_const_matrix x, size_t p)
{
    qst_status status = QST_OK;
    qst_measurement *measurement = work->measurement;
    const qsti_shift_rule *rule = work->run->shifts.places[p].rule;
    double *shift = &work->weights[measurement->circuit->n_weights + p];
    memset(work->slopes, 0, work->n * sizeof *work->slopes);
    for (size_t i = 0; i < rule->n; i++) {
        *shift = rule->shift[i];
        work->key = qsti_shots_key(work->seed, 2 + (uint32_t)i, (uint32_t)p);
        status =
            qsti_measurement_forward(measurement, work->run->shifted, work->weights, x, work->first, work->n,
                                     work->seed, work->first_row, (uint32_t)work->r, work->in_chunk, work->outcomes);
        *shift = 0;
        QSTI_TRY(status);
        qsti_parallel_for(measurement->ctx, work->n, weigh_row, work);
        for (size_t row = 0; row < work->n; row++)
            work->slopes[row] += rule->factor[i] * work->losses[row];
    }
done:
    return status;
}

static qst_status add_run(slopes *work, const double *weights, qst_const_matrix x, double *out_weights)
{
    qst_status status = QST_OK;
    qst_measurement *measurement = work->measurement;
    qsti_parallel_for(measurement->ctx, work->n, count_row, work);
    for (size_t p = 0; p < work->run->shifts.n; p++) {
        QSTI_TRY(qsti_check_interrupt(measurement->ctx));
        QSTI_TRY(find_slopes(work, x, p));
        for (size_t row = 0; row < work->n; row++)
            qsti_shift_chain(work->run->circuit, &work->run->shifts.places[p], weights,
                             x.n_cols > 0 ? x.data + (work->first + row) * x.n_cols : NULL,
                             work->run_weight * work->slopes[row], out_weights);
    }
done:
    return status;
}

/* --- the calls ---------------------------------------------------------------------------------------------------- */

static qst_status check_call(const qst_measurement *measurement, const double *weights, qst_const_matrix x,
                             qst_const_matrix cotangent)
{
    qst_status status = QST_OK;
    const qst_mitigation *mitigation = &measurement->opts.mitigation;
    bool bent = measurement->n_scales > 1 && mitigation->extrapolation == QST_EXTRAPOLATE_EXPONENTIAL;
    if (bent || mitigation->choose_scales)
        return qsti_fail(measurement->ctx, QST_ERR_UNSUPPORTED,
                         "gradients from shots: %s is not linear in the values; extrapolate linearly from all scales",
                         bent ? "exponential extrapolation" : "a choice of scales");
    QSTI_TRY(qsti_measurement_check_shape(measurement, "cotangent", cotangent.n_rows, cotangent.n_cols, x.n_rows));
    QSTI_TRY(qsti_measurement_check(measurement, weights, x));
done:
    return status;
}

static qst_status add_rows(slopes *work, const double *weights, qst_const_matrix x, double *out_weights)
{
    qst_status status = QST_OK;
    qst_measurement *measurement = work->measurement;
    double run_weights[QSTI_MOST_SCALES] = {1};
    if (measurement->n_scales > 1)
        qsti_extrapolation_weights(measurement->opts.mitigation.extrapolation, measurement->scales,
                                   measurement->n_scales, run_weights);
    for (work->first = 0; work->first < x.n_rows; work->first += work->n) {
        work->n = qsti_measurement_chunk(measurement, work->first_row, work->first, x.n_rows);
        for (work->r = 0; work->r < measurement->n_runs; work->r++) {
            work->run = &measurement->runs[work->r];
            work->run_weight = run_weights[work->r % measurement->n_scales];
            QSTI_TRY(add_run(work, weights, x, out_weights));
        }
    }
done:
    return status;
}

qst_status qst_measurement_shift(qst_measurement *measurement, const double *weights, qst_const_matrix x,
                                 qst_const_matrix cotangent, uint64_t seed, uint64_t first_row, double *out_weights,
                                 uint64_t *out_shots)
{
    qst_status status = QST_OK;
    size_t n_weights = measurement->circuit->n_weights;
    uint64_t circuits = 0, shots = 0;
    slopes work = {.measurement = measurement, .cotangent = cotangent, .first_row = first_row, .seed = seed};
    QSTI_TRY(check_call(measurement, weights, x, cotangent));
    QSTI_TRY(ready_runs(measurement));
    QSTI_TRY(lay_out(&work, weights, x.n_rows, x.n_cols));
    QSTI_TRY(add_rows(&work, weights, x, work.sums));
    if (n_weights > 0)
        memcpy(out_weights, work.sums, n_weights * sizeof *out_weights);
    qst_measurement_shift_cost(measurement, &circuits, &shots);
    *out_shots += shots * x.n_rows;
done:
    return status;
}

void qst_measurement_shift_cost(const qst_measurement *measurement, uint64_t *out_circuits, uint64_t *out_shots)
{
    uint64_t circuits = 0;
    for (size_t r = 0; r < measurement->n_runs; r++)
        circuits += measurement->runs[r].shifts.n_circuits;
    if (measurement->direct)
        circuits *= measurement->n_groups;
    *out_circuits = circuits;
    *out_shots = circuits * measurement->opts.shots;
}
