/* checkpoint.c: a training under way as a file (safetensors, format qstill-checkpoint/1), written atomically.
 *
 * Everything the next step depends on is in it; the order of rows and all random numbers follow from the seed.
 * `identity` is a hash of data, options and model, so that a checkpoint goes on with its own training only. The file
 * before is replaced by the rename once the new one is complete on disk.
 */
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "learn/train.h"

#define FORMAT "qstill-checkpoint/1"

/* --- identity ----------------------------------------------------------------------------------------------------- */

static void hash_data(qsti_hasher *hasher, const qst_train_data *data)
{
    size_t shape[5] = {data->x.n_rows, data->x.n_cols, data->teacher.data ? data->teacher.n_cols : 0,
                       data->labels != NULL, data->teacher.data ? (size_t)data->teacher_kind : 0};
    qsti_hasher_add(hasher, shape, sizeof shape);
    qsti_hasher_add(hasher, data->x.data, shape[0] * shape[1] * sizeof(double));
    if (data->labels != NULL)
        qsti_hasher_add(hasher, data->labels, shape[0] * sizeof(int64_t));
    if (data->teacher.data != NULL)
        qsti_hasher_add(hasher, data->teacher.data, shape[0] * shape[2] * sizeof(double));
}

static void hash_parameters(qsti_hasher *hasher, const qst_loss_parameters *parameters)
{
    const double values[] = {
#define QST_LOSS_PARAMETER(name, ...) parameters->name,
#include <qstill/loss_parameters.def>
#undef QST_LOSS_PARAMETER
    };
    qsti_hasher_add(hasher, values, sizeof values);
}

static void hash_plan(qsti_hasher *hasher, const qst_train_opts *opts)
{
    const qst_loss_plan plan = qsti_loss_plan_of(opts);
    const double numbers[] = {plan.temperature_end, plan.alpha_end};
    const uint64_t integers[] = {plan.first_epoch, plan.last_epoch, plan.temperature_schedule, plan.alpha_schedule,
                                 plan.n_terms};
    hash_parameters(hasher, &plan.parameters);
    qsti_hasher_add(hasher, numbers, sizeof numbers);
    qsti_hasher_add(hasher, integers, sizeof integers);
    for (size_t i = 0; i < plan.n_terms; i++) {
        const qst_loss_term *term = &plan.terms[i];
        const double term_numbers[] = {term->weight, term->temperature};
        const uint64_t term_integers[] = {term->loss, term->first_epoch, term->last_epoch};
        qsti_hasher_add(hasher, term_numbers, sizeof term_numbers);
        qsti_hasher_add(hasher, term_integers, sizeof term_integers);
        hash_parameters(hasher, &term->parameters);
    }
}

qst_status qsti_checkpoint_identify(qsti_training *training)
{
    const qst_train_opts *opts = training->opts;
    qst_status status = QST_OK;
    qsti_hasher *hasher = NULL;
    char model_hash[QSTI_HASH_CHARS];
    double numbers[] = {opts->temperature, opts->alpha,        opts->learning_rate,
                        opts->momentum,    opts->weight_decay, opts->clip_norm};
    uint64_t integers[] = {opts->loss,     opts->optimizer, opts->schedule, opts->batch, opts->epochs,
                           opts->patience, opts->select,    opts->restarts, opts->seed};
    QSTI_TRY(qst_model_hash(training->model, model_hash));
    QSTI_TRY(qsti_hasher_create(training->model->ctx, &hasher));
    qsti_hasher_add(hasher, model_hash, sizeof model_hash);
    qsti_hasher_add(hasher, numbers, sizeof numbers);
    qsti_hasher_add(hasher, integers, sizeof integers);
    hash_plan(hasher, opts);
    hash_data(hasher, &training->train.data);
    if (training->has_validation)
        hash_data(hasher, &training->validation.data);
    if (training->hooks->match != NULL)
        qsti_match_hash(training->hooks->match, hasher);
    if (training->conditions != NULL)
        QSTI_TRY(qsti_conditions_hash(training->conditions, hasher));
    qsti_hasher_finish(training->model->ctx, hasher, training->identity);
    hasher = NULL;
done:
    if (hasher != NULL)
        qsti_hasher_finish(training->model->ctx, hasher, NULL);
    return status;
}

/* --- the state as two rows of numbers ----------------------------------------------------------------------------- */

#define N_COUNTS  13
#define N_NUMBERS 14
#define N_SHOTS   2 /* of trainings from shots only */

static void pack(const qsti_training *training, int64_t counts[N_COUNTS], double numbers[N_NUMBERS])
{
    const qsti_training_state *s = &training->state;
    const int64_t c[N_COUNTS] = {(int64_t)s->restart,
                                 (int64_t)s->epoch,
                                 (int64_t)s->step,
                                 (int64_t)s->stale,
                                 (int64_t)s->divergences,
                                 (int64_t)s->bad_epochs,
                                 (int64_t)s->selected_epoch,
                                 (int64_t)s->n_steps,
                                 (int64_t)s->kept_epoch,
                                 (int64_t)s->selected_restart,
                                 (int64_t)*training->optimizer_step,
                                 (int64_t)s->n_epochs,
                                 (int64_t)training->train.n_skipped};
    const double n[N_NUMBERS] = {s->rate_factor,
                                 s->epoch_loss,
                                 s->lowest_train_loss,
                                 s->lowest_validation_loss,
                                 s->selected_accuracy,
                                 s->selected_cross_entropy,
                                 s->selected_loss,
                                 s->selected_train_loss,
                                 s->kept_accuracy,
                                 s->kept_cross_entropy,
                                 s->kept_loss,
                                 s->kept_train_loss,
                                 s->seconds + qsti_now() - training->start,
                                 s->path};
    memcpy(counts, c, sizeof c);
    memcpy(numbers, n, sizeof n);
}

static void unpack(qsti_training *training, const int64_t counts[N_COUNTS], const double numbers[N_NUMBERS])
{
    training->state = (qsti_training_state){
        .restart = (size_t)counts[0],
        .epoch = (size_t)counts[1],
        .step = (size_t)counts[2],
        .stale = (size_t)counts[3],
        .divergences = (size_t)counts[4],
        .bad_epochs = (size_t)counts[5],
        .selected_epoch = (size_t)counts[6],
        .n_steps = (size_t)counts[7],
        .kept_epoch = (size_t)counts[8],
        .selected_restart = (size_t)counts[9],
        .rate_factor = numbers[0],
        .epoch_loss = numbers[1],
        .lowest_train_loss = numbers[2],
        .lowest_validation_loss = numbers[3],
        .selected_accuracy = numbers[4],
        .selected_cross_entropy = numbers[5],
        .selected_loss = numbers[6],
        .selected_train_loss = numbers[7],
        .kept_accuracy = numbers[8],
        .kept_cross_entropy = numbers[9],
        .kept_loss = numbers[10],
        .kept_train_loss = numbers[11],
        .n_epochs = (size_t)counts[11],
        .seconds = numbers[12],
        .path = numbers[13],
    };
    *training->optimizer_step = (uint64_t)counts[10];
    training->train.n_skipped = (size_t)counts[12];
}

/* --- warnings ----------------------------------------------------------------------------------------------------- */

/* Those of this training, a line each: what resumes it gives them again, or the report would miss them. */
static void list_warnings(const qsti_training *training, qsti_text *out)
{
    const char *const *messages = NULL;
    size_t n = qsti_ctx_warnings(training->model->ctx, &messages);
    for (size_t i = training->n_warnings; i < n; i++)
        qsti_text_add(out, "%s\n", messages[i]);
}

static void repeat_warnings(qst_ctx *ctx, const char *lines)
{
    for (const char *end; (end = strchr(lines, '\n')) != NULL; lines = end + 1)
        qsti_warn(ctx, "%.*s", (int)(end - lines), lines);
}

/* --- files -------------------------------------------------------------------------------------------------------- */

qst_status qsti_checkpoint_write(const qsti_training *training)
{
    qst_status status = QST_OK;
    qsti_text warnings;
    qsti_text_init(&warnings, training->model->ctx);
    list_warnings(training, &warnings);
    QSTI_TRY(warnings.status);
    int64_t counts[N_COUNTS];
    double numbers[N_NUMBERS];
    size_t n = training->model->n_weights, n_trained = training->model->n_trained;
    pack(training, counts, numbers);
    bool sampled = training->conditions != NULL && qsti_conditions_sampled(training->conditions);
    const int64_t shots[N_SHOTS] = {sampled ? (int64_t)qsti_conditions_used(training->conditions) : 0,
                                    training->state.out_of_shots};
    const qsti_tensor tensors[] = {
        {"weights", QSTI_F64, 1, {n}, training->weights},
        {"good", QSTI_F64, 1, {n}, training->good},
        {"selected", QSTI_F64, 1, {n}, training->selected},
        {"kept", QSTI_F64, 1, {n}, training->kept},
        {"kept_last", QSTI_F64, 1, {n}, training->kept_last},
        {"history", QSTI_F64, 2, {training->state.n_epochs, QSTI_EPOCH_VALUES}, training->history},
        {"moments", QSTI_F64, 2, {2, n_trained}, training->moments},
        {"counts", QSTI_I64, 1, {N_COUNTS}, counts},
        {"numbers", QSTI_F64, 1, {N_NUMBERS}, numbers},
        {"log", QSTI_F64, 1, {qsti_training_log_numbers(training)}, training->log},
        {"terms",
         QSTI_F64,
         1,
         {training->state.n_epochs * training->n_terms * QSTI_TERM_VALUES},
         training->term_history},
        {"shots", QSTI_I64, 1, {N_SHOTS}, shots},
    };
    const qsti_meta metas[] = {{"identity", training->identity}, {"warnings", warnings.bytes}};
    QSTI_TRY(qsti_tensors_write(training->model->ctx, training->opts->checkpoint, FORMAT, tensors,
                                sizeof tensors / sizeof tensors[0] - !sampled, metas, sizeof metas / sizeof metas[0]));
done:
    qsti_text_clear(&warnings);
    return status;
}

/* How many shots have been used, and whether there is no room for more. */
static qst_status read_shots(qsti_training *training, const qsti_tensors *tensors)
{
    const qsti_tensor *shots = NULL;
    qst_ctx *ctx = training->model->ctx;
    if (training->conditions == NULL || !qsti_conditions_sampled(training->conditions))
        return QST_OK;
    qst_status status = qsti_tensors_get(ctx, tensors, "shots", QSTI_I64, 1, &shots);
    if (status != QST_OK)
        return status;
    if (shots->shape[0] != N_SHOTS)
        return qsti_fail(ctx, QST_ERR_DAMAGED, "%s: shots has %zu values: %d are needed", training->opts->checkpoint,
                         shots->shape[0], N_SHOTS);
    const int64_t *values = shots->data;
    qsti_conditions_set_used(training->conditions, (uint64_t)values[0]);
    training->state.out_of_shots = values[1] != 0;
    return QST_OK;
}

static qst_status read_array(const qsti_training *training, const qsti_tensors *tensors, const char *name, size_t n,
                             double *out)
{
    const qsti_tensor *tensor = NULL;
    size_t n_dims = strcmp(name, "moments") == 0 || strcmp(name, "history") == 0 ? 2 : 1;
    qst_ctx *ctx = training->model->ctx;
    qst_status status = qsti_tensors_get(ctx, tensors, name, QSTI_F64, n_dims, &tensor);
    if (status != QST_OK)
        return status;
    size_t found = tensor->shape[0] * (n_dims == 2 ? tensor->shape[1] : 1);
    if (found != n)
        return qsti_fail(ctx, QST_ERR_DAMAGED, "%s: %s has %zu values: %zu are needed", training->opts->checkpoint,
                         name, found, n);
    memcpy(out, tensor->data, n * sizeof *out);
    return QST_OK;
}

qst_status qsti_checkpoint_read(qsti_training *training)
{
    qst_status status = QST_OK;
    qst_ctx *ctx = training->model->ctx;
    const char *path = training->opts->checkpoint;
    size_t n = training->model->n_weights;
    qsti_tensors *tensors = NULL;
    const qsti_tensor *counts = NULL;
    double numbers[N_NUMBERS];
    QSTI_TRY(qsti_tensors_read(ctx, path, FORMAT, &tensors));
    const char *identity = qsti_tensors_meta(tensors, "identity");
    if (identity == NULL || strcmp(identity, training->identity) != 0) {
        QSTI_TRY(qsti_fail(ctx, QST_ERR_MISMATCH,
                           "%s: is a checkpoint of another training (other data, model, options or seed): start anew "
                           "in another folder",
                           path));
    }
    QSTI_TRY(qsti_tensors_get(ctx, tensors, "counts", QSTI_I64, 1, &counts));
    if (counts->shape[0] != N_COUNTS)
        QSTI_TRY(qsti_fail(ctx, QST_ERR_DAMAGED, "%s: counts has %zu values: %d are needed", path, counts->shape[0],
                           N_COUNTS));
    QSTI_TRY(read_array(training, tensors, "numbers", N_NUMBERS, numbers));
    QSTI_TRY(read_array(training, tensors, "weights", n, training->weights));
    QSTI_TRY(read_array(training, tensors, "good", n, training->good));
    QSTI_TRY(read_array(training, tensors, "selected", n, training->selected));
    QSTI_TRY(read_array(training, tensors, "kept", n, training->kept));
    QSTI_TRY(read_array(training, tensors, "moments", 2 * training->model->n_trained, training->moments));
    QSTI_TRY(read_array(training, tensors, "kept_last", n, training->kept_last));
    unpack(training, counts->data, numbers);
    QSTI_TRY(read_shots(training, tensors));
    if (training->state.n_epochs > training->history_capacity)
        QSTI_TRY(qsti_fail(ctx, QST_ERR_DAMAGED, "%s: %zu epochs in its history: at most %zu", path,
                           training->state.n_epochs, training->history_capacity));
    QSTI_TRY(read_array(training, tensors, "history", training->state.n_epochs * QSTI_EPOCH_VALUES,
                        (double *)training->history));
    QSTI_TRY(read_array(training, tensors, "log", qsti_training_log_numbers(training), training->log));
    QSTI_TRY(read_array(training, tensors, "terms", training->state.n_epochs * training->n_terms * QSTI_TERM_VALUES,
                        (double *)training->term_history));
    const char *warnings = qsti_tensors_meta(tensors, "warnings");
    repeat_warnings(ctx, warnings != NULL ? warnings : "");
done:
    qsti_tensors_free(ctx, tensors);
    return status;
}
