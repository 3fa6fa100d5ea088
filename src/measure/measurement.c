/* measurement.c: from a circuit and its readout to the circuits that are run: grouped, placed, folded, compiled. */
#include "measure/measurement.h"

#include <math.h>
#include <string.h>

#include "circuit/readout.h"
#include "measure/basis_change.h"
#include "measure/gate_folding.h"
#include "sim/program.h"

/* Numbers that a chunk's distributions take at most; rows that are in one at most, and with trajectories, where a row
 * alone runs with the empty places in front of it. */
#define CHUNK_VALUES          ((size_t)1 << 22)
#define CHUNK_ROWS            ((size_t)1024)
#define CHUNK_TRAJECTORY_ROWS ((size_t)32)
#define MOST_SHOTS            ((size_t)1 << 31)
#define MOST_TRAJECTORIES     ((size_t)256)

/* --- options ------------------------------------------------------------------------------------------------------ */

static qst_status check_scales(qst_ctx *ctx, const qst_mitigation *mitigation)
{
    if (mitigation->n_scales == 1 || mitigation->n_scales > QSTI_MOST_SCALES)
        return qsti_fail(ctx, QST_ERR_USAGE, "scales: %zu are given: 2 to %d are taken, or none", mitigation->n_scales,
                         QSTI_MOST_SCALES);
    if (mitigation->choose_scales && mitigation->n_scales == 0)
        return qsti_fail(ctx, QST_ERR_USAGE, "choose_scales: there are no scales to choose from");
    for (size_t i = 0; i < mitigation->n_scales; i++) {
        double scale = mitigation->scales[i], before = i > 0 ? mitigation->scales[i - 1] : 0;
        if (!(scale >= 1 && scale <= 1000))
            return qsti_fail(ctx, QST_ERR_USAGE, "scales: %g is not in 1..1000", scale);
        if (scale <= before)
            return qsti_fail(ctx, QST_ERR_USAGE, "scales: %g behind %g: they must ascend", scale, before);
    }
    return QST_OK;
}

static qst_status check_opts(qst_ctx *ctx, const qst_circuit *circuit, const qst_readout *readout,
                             const qst_measure_opts *opts)
{
    if (readout->kind == QST_READOUT_AMPLITUDES)
        return qsti_fail(ctx, QST_ERR_UNSUPPORTED, "amplitudes cannot be measured");
    if (circuit->n_qubits != readout->n_qubits)
        return qsti_fail(ctx, QST_ERR_MISMATCH, "the circuit has %zu qubits, the readout %zu", circuit->n_qubits,
                         readout->n_qubits);
    if (opts->device != NULL && opts->noise != NULL)
        return qsti_fail(ctx, QST_ERR_USAGE, "a device has its own noise: take it, or a model, not both");
    if (opts->shots > MOST_SHOTS)
        return qsti_fail(ctx, QST_ERR_LIMIT, "%zu shots: at most 2^31 are taken for one circuit", opts->shots);
    if (!isfinite(opts->noise_strength) || opts->noise_strength < 0)
        return qsti_fail(ctx, QST_ERR_USAGE, "noise of strength %g: a number >= 0 is wanted", opts->noise_strength);
    return check_scales(ctx, &opts->mitigation);
}

static qst_status copy_readout(qst_ctx *ctx, const qst_readout *readout, qst_readout **out)
{
    qst_status status = QST_OK;
    size_t *outputs = NULL;
    if (readout->kind != QST_READOUT_EXPECTATIONS)
        return qsti_readout_outcomes(ctx, readout->kind, readout->n_qubits, readout->n_outputs, out);
    QSTI_TRY(QSTI_NEW(ctx, readout->n_terms, &outputs));
    for (size_t t = 0; t < readout->n_terms; t++)
        outputs[t] = readout->outputs[t];
    QSTI_TRY(qst_readout_paulis(ctx, readout->n_qubits, readout->paulis, readout->coefficients, outputs,
                                readout->n_terms, readout->n_outputs, out));
done:
    qsti_free(ctx, outputs);
    return status;
}

/* Of all 2^n basis states the share in class k, which `grouped` and `parity` have, and so `probabilities`. */
static double share_of(const qst_readout *readout, size_t k)
{
    size_t n = readout->n_qubits, n_classes = readout->n_outputs, n_states = (size_t)1 << n;
    double share = 0, binomial = 1 / (double)n_states;
    size_t n_in_class = n_states / n_classes + (k < n_states % n_classes);
    if (readout->kind != QST_READOUT_PARITY)
        return (double)n_in_class / (double)n_states;
    for (size_t ones = 0; ones <= n; ones++) {
        share += ones % n_classes == k ? binomial : 0;
        binomial *= (double)(n - ones) / (double)(ones + 1);
    }
    return share;
}

static void fill_ranges(const qst_readout *readout, qsti_output_range *out)
{
    for (size_t k = 0; k < readout->n_outputs && readout->kind != QST_READOUT_EXPECTATIONS; k++)
        out[k] = (qsti_output_range){share_of(readout, k), 1};
    for (size_t t = 0; t < readout->n_terms; t++) {
        qsti_output_range *range = &out[readout->outputs[t]];
        if ((readout->paulis[t].x | readout->paulis[t].z) == 0)
            range->centre += readout->coefficients[t];
        else
            range->bound += fabs(readout->coefficients[t]);
    }
}

static qst_status take_opts(qst_measurement *measurement, const qst_circuit *circuit, const qst_readout *readout,
                            const qst_measure_opts *opts)
{
    qst_status status = QST_OK;
    qst_ctx *ctx = measurement->ctx;
    QSTI_TRY(check_opts(ctx, circuit, readout, opts));
    measurement->opts = *opts;
    measurement->opts.place.layout = measurement->opts.place.region = NULL;
    measurement->opts.mitigation.scales = NULL;
    measurement->opts.noise = NULL;
    measurement->opts.noise_strength = opts->noise_strength > 0 ? opts->noise_strength : 1;
    if (opts->trajectories == 0)
        measurement->opts.trajectories =
            opts->shots > 0 && opts->shots < MOST_TRAJECTORIES ? opts->shots : MOST_TRAJECTORIES;
    if (opts->noise != NULL && !qst_noise_is_none(opts->noise))
        QSTI_TRY(qsti_noise_copy(ctx, opts->noise, &measurement->noise));
    QSTI_TRY(qsti_circuit_in_basis(ctx, circuit, (qst_pauli){0, 0}, &measurement->circuit));
    QSTI_TRY(copy_readout(ctx, readout, &measurement->readout));
    measurement->n_bits = circuit->n_qubits;
    measurement->n_outputs = readout->n_outputs;
    measurement->n_scales = opts->mitigation.n_scales > 0 ? opts->mitigation.n_scales : 1;
    measurement->scales[0] = 1;
    for (size_t s = 0; s < opts->mitigation.n_scales; s++)
        measurement->scales[s] = opts->mitigation.scales[s];
    QSTI_TRY(QSTI_NEW(ctx, readout->n_outputs, &measurement->ranges));
    fill_ranges(readout, measurement->ranges);
done:
    return status;
}

/* --- groups ------------------------------------------------------------------------------------------------------- */

static void take_bits(qsti_measured_group *group, size_t n_bits, const size_t *ends)
{
    group->in_place = qst_circuit_qubits(group->circuit) == n_bits;
    for (size_t k = 0; k < n_bits; k++) {
        group->bits[k] = ends != NULL ? ends[k] : k;
        group->in_place = group->in_place && group->bits[k] == k;
    }
}

/* Group 0 by the caller's options, the others from the qubits on which it begins, and on its qubits alone. */
static qst_status place_group(qst_measurement *measurement, const qst_circuit *circuit, const qst_place_opts *opts,
                              size_t g)
{
    qst_status status = QST_OK;
    qst_ctx *ctx = measurement->ctx;
    qsti_measured_group *group = &measurement->groups[g];
    qst_place_opts there = *opts;
    qst_placed_info info;
    size_t *layout = NULL;
    if (g > 0) {
        qst_placed_describe(measurement->groups[0].placed, &info);
        QSTI_TRY(QSTI_NEW(ctx, measurement->n_bits, &layout));
        for (size_t i = 0; i < measurement->n_bits; i++)
            layout[i] = info.qubits[info.initial[i]];
        there.layout = layout;
        there.n_layout = measurement->n_bits;
        there.region = info.qubits;
        there.n_region = info.n_qubits;
    }
    QSTI_TRY(qst_place(ctx, circuit, measurement->opts.device, &there, &group->placed));
    group->circuit = qst_placed_circuit(group->placed);
    group->noise = qst_placed_noise(group->placed);
    if (group->noise != NULL && qst_noise_is_none(group->noise))
        group->noise = NULL;
    qst_placed_describe(group->placed, &info);
    take_bits(group, measurement->n_bits, info.final);
done:
    qsti_free(ctx, layout);
    return status;
}

static qst_status make_group(qst_measurement *measurement, const qst_place_opts *place, size_t g)
{
    qst_status status = QST_OK;
    qst_ctx *ctx = measurement->ctx;
    qsti_measured_group *group = &measurement->groups[g];
    qst_circuit *made = NULL;
    QSTI_TRY(QSTI_NEW(ctx, measurement->n_bits, &group->bits));
    QSTI_TRY(qsti_circuit_in_basis(ctx, measurement->circuit, measurement->found.bases[g], &made));
    if (measurement->opts.device != NULL) {
        QSTI_TRY(place_group(measurement, made, place, g));
        goto done;
    }
    group->made = made;
    made = NULL;
    group->circuit = group->made;
    group->noise = measurement->noise;
    take_bits(group, measurement->n_bits, NULL);
done:
    qst_circuit_free(made);
    return status;
}

static bool can_go_directly(const qst_measurement *measurement)
{
    const qst_measure_opts *opts = &measurement->opts;
    bool noisy = measurement->groups[0].noise != NULL;
    if (opts->shots > 0 || (opts->mitigation.readout && noisy))
        return false;
    for (size_t g = 0; g < measurement->n_groups; g++)
        if (measurement->found.bases[g].x != 0 && (noisy || opts->device != NULL))
            return false;
    return opts->device == NULL || measurement->readout->kind == QST_READOUT_EXPECTATIONS;
}

static qst_status make_estimator(qst_measurement *measurement, qsti_measured_group *group, size_t g)
{
    qst_status status = QST_OK;
    qst_ctx *ctx = measurement->ctx;
    double(*read)[4] = NULL;
    if (measurement->opts.mitigation.readout && group->noise != NULL) {
        QSTI_TRY(qsti_alloc(ctx, measurement->n_bits, sizeof *read, (void **)&read));
        for (size_t k = 0; k < measurement->n_bits; k++)
            qst_noise_readout(group->noise, group->bits[k], read[k]);
    }
    QSTI_TRY(qsti_estimator_init(ctx, measurement->readout, measurement->found.of_term, g, (const double(*)[4])read,
                                 &group->estimator));
    group->has_estimator = true;
done:
    qsti_free(ctx, (void *)read);
    return status;
}

static qst_status make_groups(qst_measurement *measurement, const qst_place_opts *place)
{
    qst_status status = QST_OK;
    QSTI_TRY(qsti_pauli_groups_find(measurement->readout, &measurement->found));
    QSTI_TRY(QSTI_NEW(measurement->ctx, measurement->found.n_bases, &measurement->groups));
    measurement->n_groups = measurement->found.n_bases;
    for (size_t g = 0; g < measurement->n_groups; g++)
        QSTI_TRY(make_group(measurement, place, g));
    measurement->direct = can_go_directly(measurement);
    for (size_t g = 0; g < measurement->n_groups && !measurement->direct; g++)
        QSTI_TRY(make_estimator(measurement, &measurement->groups[g], g));
done:
    return status;
}

/* --- runs --------------------------------------------------------------------------------------------------------- */

static qst_status readout_of(const qst_measurement *measurement, const qsti_measured_group *group, size_t n_qubits,
                             qst_readout **out)
{
    if (!measurement->direct) {
        if (n_qubits > QSTI_MEASURE_MAX_BITS)
            return qsti_fail(measurement->ctx, QST_ERR_LIMIT, "distributions of %zu qubits: at most %d are taken",
                             n_qubits, QSTI_MEASURE_MAX_BITS);
        return qsti_readout_outcomes(measurement->ctx, QST_READOUT_PROBABILITIES, n_qubits, (size_t)1 << n_qubits, out);
    }
    if (group->placed != NULL)
        return qst_placed_readout(group->placed, measurement->readout, out);
    return copy_readout(measurement->ctx, measurement->readout, out);
}

qst_status qsti_measurement_compile(const qst_measurement *measurement, const qst_circuit *circuit,
                                    const qsti_measured_group *group, const qst_noise *noise, qst_program **out)
{
    qst_status status = QST_OK;
    qst_readout *readout = NULL;
    qst_program *program = NULL;
    const qst_measure_opts *opts = &measurement->opts;
    const qst_compile_opts compile_opts = {.noise = noise,
                                           .noise_method = opts->noise_method,
                                           .twirl = opts->twirl,
                                           .trajectories = opts->trajectories,
                                           .memory_limit = opts->memory_limit};
    QSTI_TRY(readout_of(measurement, group, circuit->n_qubits, &readout));
    QSTI_TRY(qst_program_compile(measurement->ctx, circuit, readout, &compile_opts, &program));
    if (opts->noise_strength != 1)
        QSTI_TRY(qst_program_set_noise_strength(program, opts->noise_strength));
    *out = program;
    program = NULL;
done:
    qst_program_free(program);
    qst_readout_free(readout);
    return status;
}

static qst_status fold_run(qst_measurement *measurement, const qst_circuit *circuit, qsti_measured_run *run,
                           double scale, double *out_scale)
{
    qst_device_info device = {0};
    qsti_folding_opts opts = {.scale = scale, .noise = run->noise};
    if (measurement->opts.device != NULL) {
        qst_device_describe(measurement->opts.device, &device);
        opts.gates = device.basis;
        opts.n_gates = device.n_basis;
    }
    return qsti_circuit_fold(measurement->ctx, circuit, &opts, &run->circuit, out_scale);
}

static qst_status make_run(qst_measurement *measurement, size_t r)
{
    qst_status status = QST_OK;
    qsti_measured_run *run = &measurement->runs[r];
    size_t g = r / measurement->n_scales, s = r % measurement->n_scales;
    const qsti_measured_group *group = &measurement->groups[g];
    /* Directly without a device: no change of basis. */
    const qst_circuit *circuit = measurement->direct && group->placed == NULL ? measurement->circuit : group->circuit;
    double reached = 1;
    run->group = g;
    run->noise = group->noise;
    run->n_qubits = circuit->n_qubits;
    QSTI_TRY(fold_run(measurement, circuit, run, measurement->scales[s], &reached));
    if (g == 0)
        measurement->scales[s] = reached;
    QSTI_TRY(qsti_measurement_compile(measurement, run->circuit, group, run->noise, &run->program));
    QSTI_TRY(qsti_shifts_find(measurement->ctx, run->circuit, &run->shifts));
done:
    return status;
}

/* Folding in whole gates may bring two scales together. */
static qst_status check_reached(qst_measurement *measurement, const qst_mitigation *mitigation)
{
    bool nothing = true;
    if (mitigation->scales == NULL)
        return QST_OK;
    for (size_t s = 0; s < measurement->n_scales; s++)
        nothing = nothing && measurement->scales[s] == 1;
    for (size_t s = 1; s < measurement->n_scales; s++) {
        if (nothing)
            measurement->scales[s] = mitigation->scales[s];
        else if (measurement->scales[s] <= measurement->scales[s - 1])
            return qsti_fail(measurement->ctx, QST_ERR_MISMATCH,
                             "scales %g and %g: the circuit has so few gates that both fold it to %g",
                             mitigation->scales[s - 1], mitigation->scales[s], measurement->scales[s]);
    }
    return QST_OK;
}

static void choose_chunk(qst_measurement *measurement)
{
    qst_noise_info noise;
    size_t dim = measurement->direct ? measurement->n_outputs : (size_t)1 << measurement->n_bits;
    size_t widest = 0, row = 0;
    qst_program_describe_noise(measurement->runs[0].program, &noise);
    for (size_t r = 0; r < measurement->n_runs; r++)
        widest = measurement->runs[r].n_qubits > widest ? measurement->runs[r].n_qubits : widest;
    row = 2 * measurement->n_runs * dim + (measurement->direct ? 0 : (size_t)2 << widest) +
          2 * measurement->circuit->n_features + 2 * measurement->n_scales * measurement->n_outputs;
    measurement->chunk = noise.method == QST_NOISE_TRAJECTORIES ? CHUNK_TRAJECTORY_ROWS : CHUNK_ROWS;
    while (measurement->chunk > 1 && measurement->chunk * row > CHUNK_VALUES)
        measurement->chunk /= 2;
}

static qst_status make_runs(qst_measurement *measurement, const qst_mitigation *mitigation)
{
    qst_status status = QST_OK;
    size_t n = (measurement->direct ? 1 : measurement->n_groups) * measurement->n_scales;
    QSTI_TRY(QSTI_NEW(measurement->ctx, n, &measurement->runs));
    measurement->n_runs = n;
    for (size_t r = 0; r < n; r++) {
        QSTI_TRY(qsti_check_interrupt(measurement->ctx));
        QSTI_TRY(make_run(measurement, r));
        if (r + 1 == measurement->n_scales)
            QSTI_TRY(check_reached(measurement, mitigation));
    }
    choose_chunk(measurement);
done:
    return status;
}

/* --- the whole ---------------------------------------------------------------------------------------------------- */

qst_status qst_measurement_create(qst_ctx *ctx, const qst_circuit *circuit, const qst_readout *readout,
                                  const qst_measure_opts *opts, qst_measurement **out)
{
    static const qst_measure_opts nothing = {0};
    qst_status status = QST_OK;
    qst_measurement *measurement = NULL;
    opts = opts != NULL ? opts : &nothing;
    QSTI_TRY(QSTI_NEW(ctx, 1, &measurement));
    measurement->ctx = ctx;
    QSTI_TRY(take_opts(measurement, circuit, readout, opts));
    QSTI_TRY(make_groups(measurement, &opts->place));
    QSTI_TRY(make_runs(measurement, &opts->mitigation));
    *out = measurement;
    measurement = NULL;
done:
    qst_measurement_free(measurement);
    return status;
}

void qst_measurement_free(qst_measurement *measurement)
{
    if (measurement == NULL)
        return;
    qst_ctx *ctx = measurement->ctx;
    for (size_t r = 0; r < measurement->n_runs; r++) {
        qsti_measured_run *run = &measurement->runs[r];
        qst_program_free(run->program);
        qst_program_free(run->shifted);
        qst_circuit_free(run->circuit);
        qsti_shifts_clear(ctx, &run->shifts);
    }
    for (size_t g = 0; g < measurement->n_groups; g++) {
        qsti_measured_group *group = &measurement->groups[g];
        if (group->has_estimator)
            qsti_estimator_clear(&group->estimator);
        qst_circuit_free(group->made);
        qst_placed_free(group->placed);
        qsti_free(ctx, group->bits);
    }
    qsti_pauli_groups_clear(ctx, &measurement->found);
    qst_circuit_free(measurement->circuit);
    qst_readout_free(measurement->readout);
    qst_noise_free(measurement->noise);
    void *const plain[] = {measurement->groups, measurement->runs, measurement->ranges, measurement->room};
    for (size_t i = 0; i < sizeof plain / sizeof *plain; i++)
        qsti_free(ctx, plain[i]);
    qsti_free(ctx, measurement);
}

void qst_measurement_describe(const qst_measurement *measurement, qst_measurement_info *out)
{
    *out = (qst_measurement_info){.n_groups = measurement->n_groups,
                                  .n_circuits = measurement->n_groups * measurement->n_scales,
                                  .placed = measurement->groups[0].placed};
    out->shots = (uint64_t)out->n_circuits * measurement->opts.shots;
    qst_program_describe_noise(measurement->runs[0].program, &out->noise);
}

const qst_circuit *qst_measurement_circuit(const qst_measurement *measurement, size_t group, const size_t **bits)
{
    *bits = measurement->groups[group].bits;
    return measurement->groups[group].circuit;
}

qst_status qst_measurement_set_shots(qst_measurement *measurement, size_t shots)
{
    if (measurement->opts.shots == 0)
        return qsti_fail(measurement->ctx, QST_ERR_USAGE, "shots: this measurement was made for exact values");
    if (shots < 1 || shots > MOST_SHOTS)
        return qsti_fail(measurement->ctx, QST_ERR_USAGE, "shots: %zu is not in 1..2^31", shots);
    measurement->opts.shots = shots;
    return QST_OK;
}

qst_status qst_measurement_set_noise_strength(qst_measurement *measurement, double strength)
{
    qst_status status = QST_OK;
    if (strength == measurement->opts.noise_strength)
        return QST_OK;
    for (size_t r = 0; r < measurement->n_runs; r++) {
        const qsti_measured_run *run = &measurement->runs[r];
        measurement->opts.noise_strength = NAN; /* until all circuits are at one */
        QSTI_TRY(qst_program_set_noise_strength(run->program, strength));
        if (run->shifted != NULL)
            QSTI_TRY(qst_program_set_noise_strength(run->shifted, strength));
    }
    measurement->opts.noise_strength = strength;
done:
    return status;
}
