/* conditions.c: see conditions.h.
 *
 * Without shots (noisy_runs.h) a step is at a strength uniform in [low, high] and draw step + 1, a judgement at
 * strength 1 and draw 0. With shots a measurement gives values at these strengths, and gradients by the shift rule.
 *
 * A probe's circuit is not trained: its rows take the shots of their values only.
 */
#include "learn/conditions.h"

#include <math.h>
#include <string.h>

#include "base/rng.h"
#include "circuit/circuit.h"
#include "learn/circuit_parts.h"
#include "learn/loss_plan.h"
#include "learn/model_probe.h"
#include "learn/noisy_runs.h"
#include "learn/optimizer.h"

struct qsti_conditions {
    qst_ctx *ctx;
    const qst_training_conditions *opts;
    qst_model *core;
    uint64_t seed;
    size_t n_epochs, n_circuit_weights;
    bool frozen;  /* the circuit's weights are not trained */
    bool sampled; /* measurement, else runs */
    double base_strength;
    qsti_noisy_runs *runs;
    qst_measurement *measurement;
    uint64_t step;      /* under way */
    uint32_t run;       /* of this step, with shots of its own */
    uint64_t judgement; /* seed of what this epoch's draws */
    uint64_t used;
};

/* --- options ------------------------------------------------------------------------------------------------------ */

static qst_status check_numbers(qst_ctx *ctx, const qst_training_conditions *c)
{
    if (!(c->strength_low >= 0 && c->strength_low <= c->strength_high && isfinite(c->strength_high)))
        return qsti_fail(ctx, QST_ERR_USAGE,
                         "conditions: noise of a strength from %g to %g: 0 <= low <= high is wanted", c->strength_low,
                         c->strength_high);
    if (!(c->measure.noise_strength >= 0 && isfinite(c->measure.noise_strength)))
        return qsti_fail(ctx, QST_ERR_USAGE, "conditions: noise of strength %g: a number >= 0 is wanted",
                         c->measure.noise_strength);
    if (!(c->spsa_step >= 0 && isfinite(c->spsa_step)))
        return qsti_fail(ctx, QST_ERR_USAGE, "conditions: spsa_step: %g is not >= 0", c->spsa_step);
    if (c->measure.device != NULL && c->measure.noise != NULL)
        return qsti_fail(ctx, QST_ERR_USAGE, "conditions: a device has its own noise: take it, or a model, not both");
    if (c->measure.shots > 0 && c->shots_schedule != QST_SCHEDULE_constant && c->shots_end < 1)
        return qsti_fail(ctx, QST_ERR_USAGE, "conditions: shots_end: a schedule of shots ends at 1 or more");
    return QST_OK;
}

static bool drawn_strength(const qst_training_conditions *c)
{
    return c->strength_low != c->strength_high;
}

/* What cannot be had from shots. */
static qst_status check_sampled(const qst_model *model, const qsti_circuit_parts *parts, const qst_train_opts *opts)
{
    qst_ctx *ctx = model->ctx;
    const qst_training_conditions *c = opts->conditions;
    if (opts->optimizer == QST_OPTIMIZER_lbfgs)
        return qsti_fail(ctx, QST_ERR_UNSUPPORTED,
                         "optimizer: lbfgs needs the same loss at the same weights, which shots do not give: adam");
    if (c->gradient == QST_SHOT_GRADIENT_SHIFT && parts->before != NULL)
        return qsti_fail(ctx, QST_ERR_UNSUPPORTED,
                         "conditions: the shift rule gives no gradient for the network before the circuit: spsa");
    return QST_OK;
}

static qst_status check(const qst_model *model, const qst_train_opts *opts, qsti_circuit_parts *out_parts)
{
    qst_ctx *ctx = model->ctx;
    qst_status status = QST_OK;
    if (!qsti_model_circuit_parts(model, out_parts))
        return qsti_fail(ctx, QST_ERR_UNSUPPORTED,
                         "conditions: a model of kind %s has no circuit to run with noise or shots", model->type->kind);
    if (qsti_loss_plan_needs_states(opts))
        return qsti_fail(
            ctx, QST_ERR_UNSUPPORTED,
            "conditions: the loss similarity_fidelity compares states, which neither noise nor shots give");
    QSTI_TRY(check_numbers(ctx, opts->conditions));
    if (opts->conditions->measure.shots > 0)
        QSTI_TRY(check_sampled(model, out_parts, opts));
done:
    return status;
}

/* --- life --------------------------------------------------------------------------------------------------------- */

/* Set when conditions are made, so that noise which has no such power is refused then. */
static double highest_strength(const qsti_conditions *c)
{
    return c->base_strength * (c->opts->strength_high > 0 ? c->opts->strength_high : 1);
}

/* Mitigation of readout is a part of measuring; zero-noise extrapolation is for the finished model. */
static qst_status make_measurement(qsti_conditions *c, const qsti_circuit_parts *parts)
{
    qst_status status = QST_OK;
    qst_measure_opts opts = c->opts->measure;
    opts.mitigation = (qst_mitigation){.readout = opts.mitigation.readout};
    QSTI_TRY(qst_measurement_create(c->ctx, parts->circuit, parts->readout, &opts, &c->measurement));
    QSTI_TRY(qst_measurement_set_noise_strength(c->measurement, highest_strength(c)));
done:
    return status;
}

static qst_status make_runs(qsti_conditions *c, const qsti_circuit_parts *parts, const qst_train_opts *opts,
                            qst_precision precision)
{
    qst_status status = QST_OK;
    QSTI_TRY(qsti_noisy_runs_create(c->ctx, parts->circuit, parts->readout, &c->opts->measure, precision, c->seed,
                                    &c->runs));
    if (opts->optimizer == QST_OPTIMIZER_lbfgs && (drawn_strength(c->opts) || qsti_noisy_runs_drawn(c->runs)))
        QSTI_TRY(qsti_fail(c->ctx, QST_ERR_UNSUPPORTED,
                           "optimizer: lbfgs needs the same loss at the same weights: noise of one strength, exactly, "
                           "or adam"));
    QSTI_TRY(qsti_noisy_runs_set(c->runs, false, 1, highest_strength(c)));
done:
    return status;
}

qst_status qsti_conditions_create(qst_model *model, const qst_train_opts *opts, qsti_conditions **out)
{
    qst_status status = QST_OK;
    qst_ctx *ctx = model->ctx;
    qsti_conditions *c = NULL;
    qsti_circuit_parts parts = {0};
    QSTI_TRY(check(model, opts, &parts));
    QSTI_TRY(QSTI_NEW(ctx, 1, &c));
    double strength = opts->conditions->measure.noise_strength;
    *c = (qsti_conditions){
        .ctx = ctx,
        .opts = opts->conditions,
        .seed = opts->seed,
        .n_epochs = opts->epochs,
        .n_circuit_weights = parts.circuit->n_weights,
        .frozen = qsti_model_probe_inner(model) != NULL || parts.circuit->n_weights == 0,
        .sampled = opts->conditions->measure.shots > 0,
        .base_strength = strength > 0 ? strength : 1,
    };
    qst_model *core = qsti_model_circuit_core(model);
    if (c->sampled)
        QSTI_TRY(make_measurement(c, &parts));
    else
        QSTI_TRY(make_runs(c, &parts, opts, qsti_model_circuit_precision(core)));
    QSTI_TRY(qsti_conditions_begin_epoch(c, 0, 0));
    c->core = core;
    qsti_model_circuit_set_conditions(core, c);
    *out = c;
    c = NULL;
done:
    qsti_conditions_free(c);
    return status;
}

void qsti_conditions_free(qsti_conditions *c)
{
    if (c == NULL)
        return;
    if (c->core != NULL)
        qsti_model_circuit_set_conditions(c->core, NULL);
    qsti_noisy_runs_free(c->runs);
    qst_measurement_free(c->measurement);
    qsti_free(c->ctx, c);
}

/* --- epochs and steps --------------------------------------------------------------------------------------------- */

static size_t shots_of(const qsti_conditions *c, size_t epoch)
{
    double from = (double)c->opts->measure.shots, to = (double)c->opts->shots_end;
    return (size_t)round(qsti_schedule_between(c->opts->shots_schedule, from, to, epoch, c->n_epochs));
}

qst_status qsti_conditions_begin_epoch(qsti_conditions *c, size_t epoch, size_t restart)
{
    qsti_rng rng = qsti_rng_init(c->seed, QSTI_PURPOSE_VALIDATION_SHOTS, (uint32_t)epoch, (uint32_t)restart);
    c->judgement = qsti_rng_u64(&rng);
    return c->sampled ? qst_measurement_set_shots(c->measurement, shots_of(c, epoch)) : QST_OK;
}

void qsti_conditions_begin_step(qsti_conditions *c, uint64_t seed, uint64_t step)
{
    c->seed = seed;
    c->step = step;
    c->run = 0;
}

static double strength_of(const qsti_conditions *c)
{
    double low = c->opts->strength_low, high = c->opts->strength_high;
    qsti_rng rng = qsti_rng_init(c->seed, QSTI_PURPOSE_NOISE_STRENGTH, (uint32_t)c->step, (uint32_t)(c->step >> 32));
    if (high == 0)
        return c->base_strength;
    return c->base_strength * (low < high ? low + (high - low) * qsti_rng_uniform(&rng) : low);
}

/* The seed of the next run of this step. */
static uint64_t next_seed(qsti_conditions *c)
{
    qsti_rng rng = qsti_rng_init(c->seed, QSTI_PURPOSE_TRAINING_SHOTS, (uint32_t)c->step, c->run++);
    return qsti_rng_u64(&rng);
}

bool qsti_conditions_spsa(const qsti_conditions *c)
{
    return c->sampled && c->opts->gradient == QST_SHOT_GRADIENT_SPSA && !c->frozen;
}

bool qsti_conditions_sampled(const qsti_conditions *c)
{
    return c->sampled;
}

uint64_t qsti_conditions_judge_shots(const qsti_conditions *c)
{
    qst_measurement_info info = {0};
    if (c->sampled)
        qst_measurement_describe(c->measurement, &info);
    return info.shots;
}

uint64_t qsti_conditions_step_shots(const qsti_conditions *c)
{
    uint64_t circuits = 0, shifted = 0, values = qsti_conditions_judge_shots(c);
    if (!c->sampled || c->frozen)
        return values;
    if (qsti_conditions_spsa(c))
        return 2 * values;
    qst_measurement_shift_cost(c->measurement, &circuits, &shifted);
    return values + shifted;
}

uint64_t qsti_conditions_used(const qsti_conditions *c)
{
    return c->used;
}

void qsti_conditions_set_used(qsti_conditions *c, uint64_t used)
{
    c->used = used;
}

/* --- running ------------------------------------------------------------------------------------------------------ */

qst_status qsti_conditions_values(qsti_conditions *c, bool judging, const double *weights, qst_const_matrix x,
                                  qst_matrix out)
{
    qst_status status = QST_OK;
    if (c->sampled) {
        QSTI_TRY(qst_measurement_set_noise_strength(c->measurement, judging ? c->base_strength : strength_of(c)));
        QSTI_TRY(qst_measurement_values(c->measurement, weights, x, judging ? c->judgement : next_seed(c), 0, out,
                                        (qst_matrix){0}));
        c->used += x.n_rows * qsti_conditions_judge_shots(c);
        goto done;
    }
    QSTI_TRY(
        qsti_noisy_runs_set(c->runs, judging, judging ? 0 : c->step + 1, judging ? c->base_strength : strength_of(c)));
    QSTI_TRY(qsti_noisy_runs_values(c->runs, judging, weights, x, out));
done:
    return status;
}

qst_status qsti_conditions_program(qsti_conditions *c, qst_program **out)
{
    *out = c->sampled ? NULL : qsti_noisy_runs_program(c->runs);
    return *out != NULL ? qsti_noisy_runs_set(c->runs, false, c->step + 1, strength_of(c)) : QST_OK;
}

qst_status qsti_conditions_vjp(qsti_conditions *c, const double *weights, qst_const_matrix x,
                               qst_const_matrix cotangent, double *out_weights, qst_matrix out_x)
{
    qst_status status = QST_OK;
    if (!c->sampled) {
        QSTI_TRY(qsti_noisy_runs_set(c->runs, false, c->step + 1, strength_of(c)));
        QSTI_TRY(qsti_noisy_runs_vjp(c->runs, weights, x, cotangent, out_weights, out_x));
        goto done;
    }
    memset(out_weights, 0, c->n_circuit_weights * sizeof *out_weights);
    if (out_x.data != NULL)
        memset(out_x.data, 0, out_x.n_rows * out_x.n_cols * sizeof *out_x.data);
    if (!c->frozen && !qsti_conditions_spsa(c)) {
        QSTI_TRY(qst_measurement_set_noise_strength(c->measurement, strength_of(c)));
        QSTI_TRY(qst_measurement_shift(c->measurement, weights, x, cotangent, next_seed(c), 0, out_weights, &c->used));
    }
done:
    return status;
}

/* --- identity ----------------------------------------------------------------------------------------------------- */

/* The circuits that are measured; of all the noise of the first. */
static qst_status hash_measurement(const qsti_conditions *c, qsti_hasher *hasher)
{
    qst_status status = QST_OK;
    qst_measurement_info info;
    const size_t *bits = NULL;
    qst_measurement_describe(c->measurement, &info);
    for (size_t g = 0; g < info.n_groups; g++) {
        const qst_noise *noise = info.placed == NULL ? c->opts->measure.noise
                                 : g == 0            ? qst_placed_noise(info.placed)
                                                     : NULL;
        QSTI_TRY(qsti_noise_hash(noise, qst_measurement_circuit(c->measurement, g, &bits), hasher));
    }
done:
    return status;
}

qst_status qsti_conditions_hash(const qsti_conditions *c, qsti_hasher *hasher)
{
    const qst_training_conditions *o = c->opts;
    const double numbers[] = {c->base_strength, o->strength_low, o->strength_high, o->spsa_step};
    const uint64_t integers[] = {
        o->measure.noise_method,
        o->measure.twirl,
        o->measure.trajectories,
        o->measure.shots,
        o->measure.mitigation.readout,
        o->gradient,
        o->shots_schedule,
        o->shots_end,
        o->budget_shots,
    };
    qsti_hasher_add(hasher, numbers, sizeof numbers);
    qsti_hasher_add(hasher, integers, sizeof integers);
    return c->sampled ? hash_measurement(c, hasher) : qsti_noisy_runs_hash(c->runs, hasher);
}
