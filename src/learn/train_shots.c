/* train_shots.c: what training from shots adds to the loop: SPSA's steps, and the number of shots.
 *
 * SPSA [spall1992]: with a direction d of +-1 by (seed, step) over the weights that act on the circuit's outputs, and
 * w+- = w +- c d on those alone,
 *
 *   dL/dw_i ~ (L(w+) - L(w-)) / 2c d_i,
 *
 * both losses of the same rows, each from shots of its own. The weights behind the outputs (head, network behind) have
 * a gradient at the sampled values that costs no shots: theirs is the mean of the two evaluations'.
 */
#include <math.h>
#include <string.h>

#include "base/rng.h"
#include "learn/circuit_parts.h"
#include "learn/train.h"

#define SPSA_STEP 0.1

/* --- SPSA --------------------------------------------------------------------------------------------------------- */

qst_status qsti_training_spsa_make(qsti_training *training)
{
    qst_status status = QST_OK;
    qst_ctx *ctx = training->model->ctx;
    if (training->conditions == NULL || !qsti_conditions_spsa(training->conditions))
        return QST_OK;
    QSTI_TRY(QSTI_NEW(ctx, training->model->n_trained, &training->ahead));
    QSTI_TRY(QSTI_NEW(ctx, training->model->n_trained, &training->direction));
    QSTI_TRY(QSTI_NEW(ctx, training->model->n_trained, &training->other_gradient));
    QSTI_TRY(QSTI_NEW(ctx, training->model->n_weights, &training->shifted));
    qsti_model_ahead_of_outputs(training->model, training->ahead);
done:
    return status;
}

static void draw_direction(const qsti_training *training)
{
    uint64_t step = training->state.n_steps, bits = 0;
    qsti_rng rng = qsti_rng_init(training->opts->seed, QSTI_PURPOSE_SPSA, (uint32_t)step, (uint32_t)(step >> 32));
    for (size_t i = 0; i < training->model->n_trained; i++) {
        bits = i % 64 == 0 ? qsti_rng_u64(&rng) : bits >> 1;
        training->direction[i] = bits & 1 ? training->ahead[i] : -training->ahead[i];
    }
}

static void shift_weights(const qsti_training *training, double by)
{
    memcpy(training->shifted, training->weights, training->model->n_weights * sizeof *training->shifted);
    for (size_t i = 0; i < training->model->n_trained; i++)
        training->shifted[i] += by * training->direction[i];
}

static double mean(double a, double b)
{
    return (a + b) / 2;
}

qst_status qsti_training_spsa(qsti_training *training, const size_t *rows, size_t n_rows, qst_loss_terms *out)
{
    qst_status status = QST_OK;
    qsti_objective *objective = &training->train;
    qst_loss_terms plus, minus;
    double *gradient = training->gradient;
    double c = training->opts->conditions->spsa_step > 0 ? training->opts->conditions->spsa_step : SPSA_STEP;
    draw_direction(training);
    shift_weights(training, c);
    QSTI_TRY(qsti_objective_gradient(objective, training->shifted, rows, n_rows, &plus, training->other_gradient));
    shift_weights(training, -c);
    QSTI_TRY(qsti_objective_gradient(objective, training->shifted, rows, n_rows, &minus, gradient));
    double slope = (plus.loss - minus.loss) / (2 * c);
    for (size_t i = 0; i < training->model->n_trained; i++)
        gradient[i] =
            training->ahead[i] > 0 ? slope * training->direction[i] : mean(gradient[i], training->other_gradient[i]);
    *out = (qst_loss_terms){
        .loss = mean(plus.loss, minus.loss),
        .hard = mean(plus.hard, minus.hard),
        .soft = mean(plus.soft, minus.soft),
        .n_skipped = plus.n_skipped + minus.n_skipped,
    };
done:
    return status;
}

/* --- how many shots ----------------------------------------------------------------------------------------------- */

/* a * b + c * d in 64 bits; false where it does not fit. */
static bool sum_products(uint64_t a, uint64_t b, uint64_t c, uint64_t d, uint64_t *out)
{
    uint64_t left = 0, right = 0;
    return !__builtin_mul_overflow(a, b, &left) && !__builtin_mul_overflow(c, d, &right) &&
           !__builtin_add_overflow(left, right, out);
}

bool qsti_training_affords(const qsti_training *training, size_t n_rows)
{
    const qsti_conditions *conditions = training->conditions;
    uint64_t needed = 0, budget = training->opts->conditions != NULL ? training->opts->conditions->budget_shots : 0;
    size_t n_judged = training->has_validation ? training->validation.data.x.n_rows : 0;
    if (conditions == NULL || !qsti_conditions_sampled(conditions) || budget == 0)
        return true;
    uint64_t used = qsti_conditions_used(conditions);
    return sum_products(n_rows, qsti_conditions_step_shots(conditions), n_judged,
                        qsti_conditions_judge_shots(conditions), &needed) &&
           used <= budget && needed <= budget - used;
}

qst_status qst_train_shots(const qst_model *model, size_t n_train, size_t n_validation, const qst_train_opts *opts,
                           uint64_t *out)
{
    qst_status status = QST_OK;
    qsti_conditions *conditions = NULL;
    uint64_t total = 0, of_epoch = 0;
    bool fits = true;
    if (opts->conditions == NULL || opts->conditions->measure.shots == 0) {
        *out = 0;
        return QST_OK;
    }
    QSTI_TRY(qsti_conditions_create((qst_model *)model, opts, &conditions));
    for (size_t epoch = 0; epoch < opts->epochs && fits; epoch++) {
        QSTI_TRY(qsti_conditions_begin_epoch(conditions, epoch, 0));
        fits = sum_products(n_train, qsti_conditions_step_shots(conditions), n_validation,
                            qsti_conditions_judge_shots(conditions), &of_epoch) &&
               !__builtin_add_overflow(total, of_epoch, &total);
    }
    if (!fits || __builtin_mul_overflow(total, (uint64_t)opts->restarts + 1, &total))
        QSTI_TRY(qsti_fail(model->ctx, QST_ERR_LIMIT, "training from shots: more than 2^64 of them"));
    *out = total;
done:
    qsti_conditions_free(conditions);
    return status;
}
