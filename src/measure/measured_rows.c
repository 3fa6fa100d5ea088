/* measured_rows.c: values of rows: distributions of every run, shots of them, estimates, extrapolation.
 *
 * Memory of a chunk of R rows, in measurement->room:
 *
 *   for trajectories    features (chunk, d), outcomes (chunk, widest)
 *   outcomes            (R, widest): what a program gives, before its bits are sorted
 *   distributions       (R, runs, 2^n); direct: (R, runs, K)
 *   counts              (R, runs, 2^n), with shots
 *   values, variances   (R, scales, K) each
 *   used                (R): shots of every circuit so far; (R) left: 0 or 1
 *   of each thread      (5, 2^n)
 *
 * Which scales are used where that is to be chosen: those from the first on whose signal stands out of the shots'
 * noise,
 *
 *   sum_k (value_k - centre_k)^2 > 4 sum_k variance_k,
 *
 * centre_k being the value that says nothing (the constant of a sum of Paulis; the share of a class in all outcomes).
 * If only one is left there is no extrapolation for this row.
 */
#include <math.h>
#include <string.h>

#include "base/threads.h"
#include "measure/measurement.h"
#include "measure/shots.h"
#include "measure/simplex.h"
#include "sim/program.h"

#define LINES_OF_A_THREAD 5

/* --- what the files of this folder share -------------------------------------------------------------------------- */

qst_status qsti_measurement_check_shape(const qst_measurement *measurement, const char *what, size_t n_rows,
                                        size_t n_cols, size_t want_rows)
{
    if (n_rows == want_rows && n_cols == measurement->n_outputs)
        return QST_OK;
    return qsti_fail(measurement->ctx, QST_ERR_MISMATCH, "%s has shape (%zu, %zu): (%zu, %zu) is needed", what, n_rows,
                     n_cols, want_rows, measurement->n_outputs);
}

qst_status qsti_measurement_check(const qst_measurement *measurement, const double *weights, qst_const_matrix x)
{
    return qsti_program_check(measurement->runs[0].program, weights, x);
}

qst_status qsti_measurement_room(qst_measurement *measurement, size_t n)
{
    qst_status status = QST_OK;
    if (measurement->n_room >= n)
        return QST_OK;
    measurement->n_room = 0;
    QSTI_TRY(QSTI_GROW(measurement->ctx, n, &measurement->room));
    measurement->n_room = n;
done:
    return status;
}

size_t qsti_measurement_chunk(const qst_measurement *measurement, uint64_t first_row, size_t first, size_t n)
{
    size_t place = (size_t)((first_row + first) % measurement->chunk), left = measurement->chunk - place;
    return n - first < left ? n - first : left;
}

/* Trajectories are drawn by the place in a batch: rows come at their places in their chunk, behind copies of the first.
 */
static qst_status forward_in_place(const qst_measurement *measurement, qst_program *program, const double *weights,
                                   qst_const_matrix x, size_t place, uint64_t draw, double *room, double *out)
{
    qst_status status = QST_OK;
    size_t n_all = place + x.n_rows, n_outputs = program->n_outputs;
    double *features = room, *outcomes = room + measurement->chunk * x.n_cols;
    for (size_t i = 0; i < n_all && x.n_cols > 0; i++)
        memcpy(features + i * x.n_cols, x.data + (i < place ? 0 : i - place) * x.n_cols, x.n_cols * sizeof *features);
    qst_program_set_draw(program, draw);
    QSTI_TRY(qst_program_forward(program, weights, (qst_const_matrix){features, n_all, x.n_cols},
                                 (qst_matrix){outcomes, n_all, n_outputs}));
    memcpy(out, outcomes + place * n_outputs, x.n_rows * n_outputs * sizeof *out);
done:
    return status;
}

qst_status qsti_measurement_forward(qst_measurement *measurement, qst_program *program, const double *weights,
                                    qst_const_matrix x, size_t first, size_t n, uint64_t seed, uint64_t first_row,
                                    uint32_t run, double *room, double *out)
{
    qst_const_matrix rows = {x.n_cols > 0 ? x.data + first * x.n_cols : x.data, n, x.n_cols};
    if (program->engine.type == NULL || program->engine.type->set_draw == NULL)
        return qst_program_forward(program, weights, rows, (qst_matrix){out, n, program->n_outputs});
    uint64_t row = first_row + first, chunk = row / measurement->chunk;
    uint64_t draw = qsti_shots_key(qsti_shots_key(seed, 1, run), (uint32_t)(chunk >> 32), (uint32_t)chunk);
    return forward_in_place(measurement, program, weights, rows, (size_t)(row % measurement->chunk), draw, room, out);
}

void qsti_measured_outcomes(const qsti_measured_group *group, size_t n_circuit_qubits, size_t n_bits,
                            const double *outcomes, double *out)
{
    memset(out, 0, ((size_t)1 << n_bits) * sizeof *out);
    for (size_t state = 0; state < (size_t)1 << n_circuit_qubits; state++) {
        size_t outcome = 0;
        for (size_t k = 0; k < n_bits; k++)
            outcome |= (state >> group->bits[k] & 1) << k;
        out[outcome] += outcomes[state];
    }
}

/* --- a chunk ------------------------------------------------------------------------------------------------------ */

typedef struct rows {
    qst_measurement *measurement;
    size_t first, n; /* of the call */
    uint64_t first_row, seed;
    size_t look, n_looks;
    size_t dim, widest; /* numbers of a distribution; of what programs give */
    double *in_chunk, *outcomes, *distributions, *counts, *values, *variances, *used, *left, *threads;
} rows;

/* Sizes, and where everything lies. */
static qst_status lay_out(rows *work, size_t n_all, size_t n_features)
{
    qst_status status = QST_OK;
    qst_measurement *measurement = work->measurement;
    size_t n = n_all < measurement->chunk ? n_all : measurement->chunk, n_threads = 0, at = 0;
    work->dim = measurement->direct ? measurement->n_outputs : (size_t)1 << measurement->n_bits;
    work->widest = work->dim;
    for (size_t r = 0; r < measurement->n_runs; r++)
        if (!measurement->direct && (size_t)1 << measurement->runs[r].n_qubits > work->widest)
            work->widest = (size_t)1 << measurement->runs[r].n_qubits;
    n_threads = (size_t)qst_ctx_threads(measurement->ctx);
    size_t n_estimates = n * measurement->n_scales * measurement->n_outputs,
           n_dists = n * measurement->n_runs * work->dim;
    const size_t sizes[] = {measurement->chunk * (n_features + work->widest),
                            n * work->widest,
                            n_dists,
                            measurement->opts.shots > 0 ? n_dists : 0,
                            n_estimates,
                            n_estimates,
                            n,
                            n,
                            measurement->direct ? 0 : n_threads * LINES_OF_A_THREAD * work->dim};
    double **const places[] = {&work->in_chunk,  &work->outcomes, &work->distributions, &work->counts, &work->values,
                               &work->variances, &work->used,     &work->left,          &work->threads};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        at += sizes[i];
    QSTI_TRY(qsti_measurement_room(measurement, at));
    at = 0;
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        *places[i] = measurement->room + at;
        at += sizes[i];
    }
done:
    return status;
}

/* The distributions (direct: values) of the chunk's rows for one run. */
static qst_status fill_run(rows *work, const double *weights, qst_const_matrix x, size_t r)
{
    qst_status status = QST_OK;
    qst_measurement *measurement = work->measurement;
    const qsti_measured_run *run = &measurement->runs[r];
    size_t n_given = run->program->n_outputs;
    QSTI_TRY(qsti_measurement_forward(measurement, run->program, weights, x, work->first, work->n, work->seed,
                                      work->first_row, (uint32_t)r, work->in_chunk, work->outcomes));
    for (size_t i = 0; i < work->n; i++) {
        double *to = work->distributions + (i * measurement->n_runs + r) * work->dim;
        const double *from = work->outcomes + i * n_given;
        if (measurement->direct || measurement->groups[run->group].in_place)
            memcpy(to, from, work->dim * sizeof *to);
        else
            qsti_measured_outcomes(&measurement->groups[run->group], run->n_qubits, measurement->n_bits, from, to);
    }
done:
    return status;
}

/* --- a row -------------------------------------------------------------------------------------------------------- */

static size_t portion(uint64_t shots, size_t look, size_t n_looks)
{
    return (size_t)(shots * (look + 1) / n_looks - shots * look / n_looks);
}

/* How many of the scales, from the first on, are used. */
static size_t choose_scales(const qst_measurement *measurement, const double *values, const double *variances)
{
    size_t n = measurement->n_scales, n_outputs = measurement->n_outputs, n_used = 0;
    if (!measurement->opts.mitigation.choose_scales || measurement->opts.shots == 0)
        return n;
    for (bool stands_out = true; n_used < n && stands_out; n_used += stands_out) {
        double signal = 0, noise = 0;
        for (size_t k = 0; k < n_outputs; k++) {
            double off = values[n_used * n_outputs + k] - measurement->ranges[k].centre;
            signal += off * off;
            noise += variances[n_used * n_outputs + k];
        }
        stands_out = signal > 4 * noise;
    }
    return n_used < 2 ? 1 : n_used;
}

/* Values at the scales -> the first row of them: what is measured. */
static void extrapolate_row(const qst_measurement *measurement, double *values, double *variances)
{
    size_t n_outputs = measurement->n_outputs, n_used = choose_scales(measurement, values, variances);
    if (n_used == 1)
        return;
    for (size_t k = 0; k < n_outputs; k++)
        qsti_extrapolate(measurement->opts.mitigation.extrapolation, measurement->scales, n_used, values + k,
                         variances + k, n_outputs, measurement->ranges[k], &values[k], &variances[k]);
    if (measurement->readout->kind != QST_READOUT_EXPECTATIONS)
        qsti_simplex_project(values, n_outputs);
}

static void draw_run(const rows *work, size_t row, size_t r, double *thread)
{
    const qst_measurement *measurement = work->measurement;
    size_t at = (row * measurement->n_runs + r) * work->dim;
    size_t n_shots = portion(measurement->opts.shots, work->look, work->n_looks);
    uint64_t key = qsti_shots_key(work->seed, 0, (uint32_t)work->look);
    qsti_shots_room room = {thread, (uint32_t *)(void *)(thread + work->dim)};
    if (work->look == 0)
        memset(work->counts + at, 0, work->dim * sizeof *work->counts);
    qsti_shots_draw(work->distributions + at, work->dim, n_shots, key, (uint32_t)r, work->first_row + work->first + row,
                    room, work->counts + at);
}

static void measure_row(void *arg, size_t row, int worker)
{
    const rows *work = arg;
    const qst_measurement *measurement = work->measurement;
    size_t n_scales = measurement->n_scales, n_outputs = measurement->n_outputs, n = n_scales * n_outputs;
    double *values = work->values + row * n, *variances = work->variances + row * n;
    double *thread = work->threads + (size_t)worker * LINES_OF_A_THREAD * work->dim;
    double *frequencies = thread + 2 * work->dim, *room = thread + 3 * work->dim;
    uint64_t shots = measurement->opts.shots;
    if (work->left[row] == 0)
        return;
    work->used[row] += (double)portion(shots, work->look, work->n_looks);
    memset(values, 0, n * sizeof *values);
    memset(variances, 0, n * sizeof *variances);
    for (size_t r = 0; r < measurement->n_runs; r++) {
        size_t s = r % n_scales;
        const double *given = work->distributions + (row * measurement->n_runs + r) * work->dim;
        if (measurement->direct) {
            memcpy(values + s * n_outputs, given, n_outputs * sizeof *values);
            continue;
        }
        if (shots > 0) {
            draw_run(work, row, r, thread);
            const double *counts = work->counts + (row * measurement->n_runs + r) * work->dim;
            for (size_t b = 0; b < work->dim; b++)
                frequencies[b] = counts[b] / work->used[row];
            given = frequencies;
        }
        qsti_estimate(&measurement->groups[measurement->runs[r].group].estimator, given, (uint64_t)work->used[row],
                      room, values + s * n_outputs, variances + s * n_outputs);
    }
    extrapolate_row(measurement, values, variances);
}

/* --- the calls ---------------------------------------------------------------------------------------------------- */

typedef struct adaption {
    qst_decided_fn *decided; /* NULL: none */
    void *user;
    uint64_t *out_shots; /* NULL: not wanted */
} adaption;

static void hand_out(const rows *work, qst_matrix out, qst_matrix variances, const adaption *how)
{
    const qst_measurement *measurement = work->measurement;
    size_t n_outputs = measurement->n_outputs, stride = measurement->n_scales * n_outputs;
    for (size_t i = 0; i < work->n; i++) {
        size_t row = work->first + i;
        memcpy(out.data + row * n_outputs, work->values + i * stride, n_outputs * sizeof *out.data);
        if (variances.data != NULL)
            memcpy(variances.data + row * n_outputs, work->variances + i * stride, n_outputs * sizeof *out.data);
        if (how->out_shots != NULL)
            how->out_shots[row] = (uint64_t)work->used[i] * measurement->n_groups * measurement->n_scales;
    }
}

static qst_status measure_chunk(rows *work, const double *weights, qst_const_matrix x, const adaption *how)
{
    qst_status status = QST_OK;
    const qst_measurement *measurement = work->measurement;
    size_t stride = measurement->n_scales * measurement->n_outputs, n_left = work->n;
    for (size_t r = 0; r < measurement->n_runs; r++) {
        QSTI_TRY(qsti_check_interrupt(measurement->ctx));
        QSTI_TRY(fill_run(work, weights, x, r));
    }
    for (size_t i = 0; i < work->n; i++) {
        work->used[i] = 0;
        work->left[i] = 1;
    }
    for (work->look = 0; work->look < work->n_looks && n_left > 0; work->look++) {
        qsti_parallel_for(measurement->ctx, work->n, measure_row, work);
        for (size_t i = 0; i < work->n && work->look + 1 < work->n_looks; i++) {
            if (work->left[i] == 0 ||
                !how->decided(how->user, work->first + i, work->values + i * stride, work->variances + i * stride))
                continue;
            work->left[i] = 0;
            n_left--;
        }
    }
done:
    return status;
}

static qst_status measure_rows(qst_measurement *measurement, const double *weights, qst_const_matrix x, uint64_t seed,
                               uint64_t first_row, size_t n_looks, const adaption *how, qst_matrix out,
                               qst_matrix variances)
{
    qst_status status = QST_OK;
    rows work = {.measurement = measurement, .first_row = first_row, .seed = seed, .n_looks = n_looks};
    QSTI_TRY(qsti_measurement_check_shape(measurement, "out", out.n_rows, out.n_cols, x.n_rows));
    if (variances.data != NULL)
        QSTI_TRY(qsti_measurement_check_shape(measurement, "variances", variances.n_rows, variances.n_cols, x.n_rows));
    QSTI_TRY(qsti_measurement_check(measurement, weights, x));
    QSTI_TRY(lay_out(&work, x.n_rows, x.n_cols));
    for (work.first = 0; work.first < x.n_rows; work.first += work.n) {
        work.n = qsti_measurement_chunk(measurement, first_row, work.first, x.n_rows);
        QSTI_TRY(measure_chunk(&work, weights, x, how));
        hand_out(&work, out, variances, how);
    }
done:
    return status;
}

qst_status qst_measurement_values(qst_measurement *measurement, const double *weights, qst_const_matrix x,
                                  uint64_t seed, uint64_t first_row, qst_matrix out, qst_matrix variances)
{
    return measure_rows(measurement, weights, x, seed, first_row, 1, &(adaption){0}, out, variances);
}

qst_status qst_measurement_adaptive(qst_measurement *measurement, const double *weights, qst_const_matrix x,
                                    uint64_t seed, uint64_t first_row, size_t n_looks, qst_decided_fn *decided,
                                    void *user, qst_matrix out, qst_matrix variances, uint64_t *out_shots)
{
    if (measurement->opts.shots == 0)
        return qsti_fail(measurement->ctx, QST_ERR_USAGE, "adaptive shots: this measurement was made for exact values");
    if (n_looks < 1 || n_looks > measurement->opts.shots)
        return qsti_fail(measurement->ctx, QST_ERR_USAGE, "looks: %zu is not in 1..%zu, the shots of a circuit",
                         n_looks, measurement->opts.shots);
    return measure_rows(measurement, weights, x, seed, first_row, n_looks,
                        &(adaption){.decided = decided, .user = user, .out_shots = out_shots}, out, variances);
}
