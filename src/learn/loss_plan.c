/* loss_plan.c: see loss_plan.h.
 *
 * A schedule goes from `from` in the first epoch to `to` in the last: to + (from - to) f(s), s the share of epochs
 * done, f the learning rate's schedule (1 at s = 0, 0 at s = 1).
 */
#include "learn/loss_plan.h"

#include <math.h>

#include "base/status.h"
#include "learn/loss_lines.h"
#include "learn/optimizer.h"

qst_loss_plan qst_loss_plan_default(void)
{
    return (qst_loss_plan){
        .parameters = qst_loss_parameters_default(),
        .temperature_schedule = QST_SCHEDULE_constant,
        .temperature_end = 1,
        .alpha_schedule = QST_SCHEDULE_constant,
    };
}

qst_loss_plan qsti_loss_plan_of(const qst_train_opts *opts)
{
    return opts->plan != NULL ? *opts->plan : qst_loss_plan_default();
}

qst_loss_plan qsti_loss_plan_without_terms(const qst_train_opts *opts)
{
    qst_loss_plan plan = qsti_loss_plan_of(opts);
    plan.terms = NULL;
    plan.n_terms = 0;
    return plan;
}

/* --- epochs ------------------------------------------------------------------------------------------------------- */

bool qsti_epoch_within(size_t first_epoch, size_t last_epoch, size_t epoch)
{
    return epoch + 1 >= first_epoch && (last_epoch == 0 || epoch + 1 <= last_epoch);
}

qsti_loss_state qsti_loss_plan_state(const qst_train_opts *opts, size_t epoch)
{
    const qst_loss_plan plan = qsti_loss_plan_of(opts);
    return (qsti_loss_state){
        .temperature = qsti_schedule_between(plan.temperature_schedule, opts->temperature, plan.temperature_end, epoch,
                                             opts->epochs),
        .alpha = qsti_schedule_between(plan.alpha_schedule, opts->alpha, plan.alpha_end, epoch, opts->epochs),
        .taught = qsti_epoch_within(plan.first_epoch, plan.last_epoch, epoch),
    };
}

qsti_loss_state qsti_loss_plan_end(const qst_train_opts *opts)
{
    const qst_loss_plan plan = qsti_loss_plan_of(opts);
    bool heats = plan.temperature_schedule != QST_SCHEDULE_constant;
    bool shifts = plan.alpha_schedule != QST_SCHEDULE_constant;
    return (qsti_loss_state){heats ? plan.temperature_end : opts->temperature, shifts ? plan.alpha_end : opts->alpha,
                             true};
}

static bool turns(size_t first_epoch, size_t last_epoch, size_t epoch)
{
    return qsti_epoch_within(first_epoch, last_epoch, epoch) != qsti_epoch_within(first_epoch, last_epoch, epoch - 1);
}

bool qsti_loss_plan_turns(const qst_train_opts *opts, size_t epoch)
{
    const qst_loss_plan plan = qsti_loss_plan_of(opts);
    bool turning = epoch > 0 && turns(plan.first_epoch, plan.last_epoch, epoch);
    for (size_t i = 0; i < plan.n_terms && epoch > 0; i++)
        turning = turning || turns(plan.terms[i].first_epoch, plan.terms[i].last_epoch, epoch);
    return turning;
}

/* --- what is needed ----------------------------------------------------------------------------------------------- */

static bool is_ranged(const qst_loss_plan *plan)
{
    return plan->first_epoch > 1 || plan->last_epoch > 0;
}

bool qsti_loss_plan_needs_labels(const qst_train_opts *opts)
{
    const qst_loss_plan plan = qsti_loss_plan_of(opts);
    const qst_loss_info *info = qst_loss_describe(opts->loss);
    bool shifts = plan.alpha_schedule != QST_SCHEDULE_constant && plan.alpha_end < 1;
    bool soft_alone = info->needs_teacher && (info->uses & QST_USES_alpha) && opts->alpha == 1 && !shifts;
    bool needs = (info->needs_labels && !soft_alone) || is_ranged(&plan);
    for (size_t i = 0; i < plan.n_terms; i++)
        needs = needs || !qst_loss_describe(plan.terms[i].loss)->needs_teacher;
    return needs;
}

bool qsti_loss_plan_needs_teacher(const qst_train_opts *opts)
{
    const qst_loss_plan plan = qsti_loss_plan_of(opts);
    bool needs = qst_loss_describe(opts->loss)->needs_teacher;
    for (size_t i = 0; i < plan.n_terms; i++)
        needs = needs || (qst_loss_describe(plan.terms[i].loss)->needs_teacher &&
                          qst_loss_describe(plan.terms[i].loss)->takes != QST_TAKES_STATES);
    return needs;
}

bool qsti_loss_plan_needs_states(const qst_train_opts *opts)
{
    const qst_loss_plan plan = qsti_loss_plan_of(opts);
    bool needs = false;
    for (size_t i = 0; i < plan.n_terms; i++)
        needs = needs || qst_loss_describe(plan.terms[i].loss)->takes == QST_TAKES_STATES;
    return needs;
}

/* --- checks ------------------------------------------------------------------------------------------------------- */

static qst_status check_epochs(qst_ctx *ctx, size_t first_epoch, size_t last_epoch)
{
    if (last_epoch > 0 && first_epoch > last_epoch)
        return qsti_fail(ctx, QST_ERR_USAGE, "epochs: [%zu, %zu] ends before it begins", first_epoch, last_epoch);
    return QST_OK;
}

static qst_status check_term(qst_ctx *ctx, const qst_loss_term *term, size_t n_cols)
{
    qst_status status = QST_OK;
    if (!(term->weight > 0 && isfinite(term->weight)))
        QSTI_TRY(qsti_fail(ctx, QST_ERR_USAGE, "terms: weight: %g is not > 0", term->weight));
    QSTI_TRY(check_epochs(ctx, term->first_epoch, term->last_epoch));
    QSTI_TRY(qsti_loss_check_numbers(ctx, term->loss, term->temperature, 1, &term->parameters));
    QSTI_TRY(qsti_loss_check_columns(ctx, term->loss, &term->parameters, n_cols));
done:
    return status;
}

static qst_status check_ends(qst_ctx *ctx, const qst_train_opts *opts, const qst_loss_plan *plan)
{
    const qsti_loss_state end = qsti_loss_plan_end(opts);
    bool moves = plan->temperature_schedule != QST_SCHEDULE_constant || plan->alpha_schedule != QST_SCHEDULE_constant ||
                 is_ranged(plan);
    for (size_t i = 0; i < plan->n_terms; i++)
        moves = moves || plan->terms[i].first_epoch > 1 || plan->terms[i].last_epoch > 0;
    if (moves && opts->optimizer == QST_OPTIMIZER_lbfgs)
        return qsti_fail(ctx, QST_ERR_USAGE,
                         "optimizer: lbfgs takes no schedules of the loss and no terms for some "
                         "epochs alone");
    return qsti_loss_check_numbers(ctx, opts->loss, end.temperature, end.alpha, NULL);
}

qst_status qsti_loss_plan_check(qst_ctx *ctx, const qst_train_opts *opts, size_t n_cols)
{
    qst_status status = QST_OK;
    const qst_loss_plan plan = qsti_loss_plan_of(opts);
    if (qst_loss_describe(opts->loss)->takes == QST_TAKES_STATES)
        QSTI_TRY(qsti_fail(ctx, QST_ERR_USAGE, "the loss %s is a term beside another loss, not one by itself",
                           qst_loss_describe(opts->loss)->name));
    QSTI_TRY(qsti_loss_check_numbers(ctx, opts->loss, opts->temperature, opts->alpha, &plan.parameters));
    QSTI_TRY(qsti_loss_check_columns(ctx, opts->loss, &plan.parameters, n_cols));
    QSTI_TRY(check_ends(ctx, opts, &plan));
    QSTI_TRY(check_epochs(ctx, plan.first_epoch, plan.last_epoch));
    for (size_t i = 0; i < plan.n_terms; i++)
        QSTI_TRY(check_term(ctx, &plan.terms[i], n_cols));
done:
    return status;
}
