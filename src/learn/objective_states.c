/* objective_states.c: terms that compare the states of circuits.
 *
 * A program of the student's circuit whose outputs are its amplitudes goes forward, the loss says what it is to them,
 * and the adjoint sweep takes that back to the angles: two passes beside the objective's own, always in double. The
 * rest of the model, its head, has no part in it. All memory is made by the first batch.
 */
#include "learn/objective_states.h"

#include <math.h>
#include <string.h>

#include "base/finite.h"
#include "base/memory.h"
#include "circuit/circuit.h"
#include "learn/circuit_states.h"
#include "learn/losses/losses.h"

struct qsti_objective_states {
    qst_program *program;
    size_t n_values, n_angles;
    double *student, *along, *teacher; /* (batch, values of each) */
    double *gradient;                  /* (n_angles) */
    double *work;
};

static bool takes_states(qst_loss loss)
{
    return qst_loss_describe(loss)->takes == QST_TAKES_STATES;
}

qst_status qsti_objective_states_check(const qst_model *model, const qst_train_data *data, const qst_train_opts *opts)
{
    qst_ctx *ctx = model->ctx;
    qst_const_matrix states = data->teacher_states;
    qsti_weight_source source;
    if (!qsti_loss_plan_needs_states(opts))
        return QST_OK;
    if (!qsti_model_weight_source(model, &source))
        return qsti_fail(ctx, QST_ERR_MISMATCH, "the loss similarity_fidelity needs a student that is a circuit");
    if (states.data == NULL)
        return qsti_fail(ctx, QST_ERR_USAGE, "the loss similarity_fidelity needs the states of the teacher's circuit");
    if (states.n_rows != data->x.n_rows || states.n_cols < 2 || states.n_cols % 2 != 0)
        return qsti_fail(ctx, QST_ERR_MISMATCH, "the teacher's states have shape (%zu, %zu), the samples are %zu rows",
                         states.n_rows, states.n_cols, data->x.n_rows);
    if (!qsti_all_finite(states.data, states.n_rows * states.n_cols))
        return qsti_fail(ctx, QST_ERR_INPUT, "the teacher's states: not all are finite");
    return QST_OK;
}

static qst_status make(qsti_objective *objective)
{
    qst_status status = QST_OK;
    qst_ctx *ctx = objective->model->ctx;
    qsti_objective_states *states = NULL;
    qsti_weight_source source = {0};
    size_t n = 0, n_teacher = 0, n_work = 0;
    QSTI_TRY(QSTI_NEW(ctx, 1, &states));
    (void)qsti_model_weight_source(objective->model, &source);
    QSTI_TRY(qsti_circuit_states_compile(ctx, source.circuit, &states->program, &states->n_values));
    states->n_angles = source.circuit->n_weights;
    if (!qsti_mul(objective->batch, states->n_values, &n) ||
        !qsti_mul(objective->batch, objective->data.teacher_states.n_cols, &n_teacher) ||
        !qsti_loss_work(QST_LOSS_similarity_fidelity, objective->batch, states->n_values, &n_work))
        QSTI_TRY(qsti_fail(ctx, QST_ERR_LIMIT, "batch: the states of %zu rows are too many", objective->batch));
    QSTI_TRY(QSTI_NEW(ctx, n, &states->student));
    QSTI_TRY(QSTI_NEW(ctx, n, &states->along));
    QSTI_TRY(QSTI_NEW(ctx, n_teacher, &states->teacher));
    QSTI_TRY(QSTI_NEW(ctx, states->n_angles, &states->gradient));
    QSTI_TRY(QSTI_NEW(ctx, n_work, &states->work));
    objective->states = states;
    states = NULL;
done:
    qsti_objective_states_free(ctx, states);
    return status;
}

void qsti_objective_states_free(qst_ctx *ctx, qsti_objective_states *states)
{
    if (states == NULL)
        return;
    qst_program_free(states->program);
    qsti_free(ctx, states->student);
    qsti_free(ctx, states->along);
    qsti_free(ctx, states->teacher);
    qsti_free(ctx, states->gradient);
    qsti_free(ctx, states->work);
    qsti_free(ctx, states);
}

static qst_status add_part(qsti_objective *objective, qsti_objective_part *part, const double *weights,
                           const size_t *rows, size_t n_rows, qst_loss_terms *terms, double *gradient)
{
    qst_status status = QST_OK;
    qsti_objective_states *states = objective->states;
    size_t n_cols = objective->data.teacher_states.n_cols, n = n_rows * states->n_values;
    const qst_const_matrix x = {objective->x, n_rows, objective->model->n_features};
    const qst_matrix student = {states->student, n_rows, states->n_values};
    const qst_const_matrix along = {states->along, n_rows, states->n_values};
    qsti_loss_result result;
    QSTI_TRY(qst_program_forward(states->program, weights, x, student));
    for (size_t i = 0; i < n_rows; i++)
        memcpy(states->teacher + i * n_cols, objective->data.teacher_states.data + rows[i] * n_cols,
               n_cols * sizeof *states->teacher);
    memset(states->along, 0, n * sizeof *states->along);
    const qsti_loss_batch batch = {
        .n_rows = n_rows,
        .n_cols = states->n_values,
        .n_teacher_cols = n_cols,
        .student = states->student,
        .teacher = states->teacher,
        .parameters = &part->term.parameters,
        .weight = part->term.weight,
        .gradient = states->along,
        .work = states->work,
    };
    qsti_loss_function(part->term.loss)(&batch, &result);
    QSTI_TRY(qst_program_vjp(states->program, weights, x, along, states->gradient, (qst_matrix){0}, (qst_matrix){0}));
    for (size_t i = 0; i < states->n_angles; i++)
        gradient[i] += states->gradient[i];
    terms->loss += part->term.weight * result.value;
    terms->n_skipped += result.n_skipped;
    part->value = result.unscaled;
    if (objective->measuring)
        part->norm = sqrt(qsti_loss_dot(states->along, states->along, n));
done:
    return status;
}

qst_status qsti_objective_states_add(qsti_objective *objective, const double *weights, const size_t *rows,
                                     size_t n_rows, qst_loss_terms *terms, double *gradient)
{
    qst_status status = QST_OK;
    for (size_t i = QSTI_PART_TERMS; i < objective->n_parts; i++) {
        qsti_objective_part *part = &objective->parts[i];
        if (!part->active || !takes_states(part->term.loss))
            continue;
        if (objective->states == NULL)
            QSTI_TRY(make(objective));
        QSTI_TRY(add_part(objective, part, weights, rows, n_rows, terms, gradient));
    }
done:
    return status;
}
