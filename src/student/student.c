/* student.c: the student that the teacher's knowledge makes, the best of its grid; and its control without a teacher.
 */
#include "student/student.h"

#include "student/distillation.h"

qst_status qsti_student_distill(const qst_dataset *dataset, const qst_knowledge *knowledge, const qst_model_opts *model,
                                const qst_train_opts *train, const qst_distill_opts *opts, qst_model **out,
                                qst_distill_result *out_result, qsti_train_outcome *out_outcome)
{
    qst_status status = QST_OK;
    qst_ctx *ctx = dataset->ctx;
    qsti_distillation *distillation = NULL;
    qst_distill_result result = {0};
    const qsti_distill_plan plan = {
        .dataset = dataset, .knowledge = knowledge, .model = model, .train = train, .opts = opts, .cells = true};
    QSTI_TRY(qsti_distillation_create(ctx, &plan, &distillation));
    QSTI_TRY(qsti_distillation_run(ctx, distillation, "student"));
    size_t best = qsti_distillation_choose(distillation, &result);
    QSTI_TRY(qsti_distillation_model(ctx, distillation, best, out, out_outcome));
    *out_result = result;
    result = (qst_distill_result){0};
done:
    qst_distill_result_clear(ctx, &result);
    qsti_distillation_free(ctx, distillation);
    return status;
}

void qst_distill_result_clear(qst_ctx *ctx, qst_distill_result *result)
{
    qsti_free(ctx, result->cells);
    *result = (qst_distill_result){0};
}

qst_status qsti_student_control(const qst_dataset *dataset, const qst_knowledge *knowledge, const qst_model_opts *model,
                                const qst_train_opts *train, const qst_distill_opts *opts, qst_model **out,
                                qsti_train_outcome *out_outcome)
{
    qst_status status = QST_OK;
    qst_ctx *ctx = dataset->ctx;
    qsti_distillation *distillation = NULL;
    const char *const checkpoints[QST_CONTROL_COUNT] = {[QST_CONTROL_no_teacher] = train->checkpoint};
    const qsti_distill_plan plan = {.dataset = dataset,
                                    .knowledge = knowledge,
                                    .model = model,
                                    .train = train,
                                    .opts = opts,
                                    .controls = QST_CONTROL_BIT(QST_CONTROL_no_teacher),
                                    .control_checkpoints = checkpoints};
    QSTI_TRY(qsti_distillation_create(ctx, &plan, &distillation));
    QSTI_TRY(qsti_distillation_run(ctx, distillation, "control"));
    QSTI_TRY(qsti_distillation_model(ctx, distillation, 0, out, out_outcome));
done:
    qsti_distillation_free(ctx, distillation);
    return status;
}

/* --- the public face ---------------------------------------------------------------------------------------------- */

qst_status qst_student_distill(const qst_dataset *dataset, const qst_knowledge *knowledge, const qst_model_opts *model,
                               const qst_train_opts *train, const qst_distill_opts *opts, qst_model **out,
                               qst_distill_result *out_result)
{
    qsti_train_outcome outcome = {0};
    qst_distill_result result = {0};
    qst_status status = qsti_student_distill(dataset, knowledge, model, train, opts, out, &result, &outcome);
    if (status == QST_OK && out_result != NULL)
        *out_result = result;
    else
        qst_distill_result_clear(dataset->ctx, &result);
    qsti_train_outcome_clear(dataset->ctx, &outcome);
    return status;
}

qst_status qst_student_control(const qst_dataset *dataset, const qst_knowledge *knowledge, const qst_model_opts *model,
                               const qst_train_opts *train, const qst_distill_opts *opts, qst_model **out,
                               qst_train_result *out_result)
{
    qsti_train_outcome outcome = {0};
    qst_status status = qsti_student_control(dataset, knowledge, model, train, opts, out, &outcome);
    if (status == QST_OK && out_result != NULL)
        *out_result = outcome.result;
    qsti_train_outcome_clear(dataset->ctx, &outcome);
    return status;
}
