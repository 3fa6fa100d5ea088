/* stages.c: the stages one by one, from artefact to artefact. Each checks that what it is given belongs together. */
#include "run/run.h"

#include <string.h>

#include <qstill/import.h>

#include "base/text.h"
#include "knowledge/fourier_extract.h"
#include "student/distillation.h"
#include "teacher/teacher.h"

/* The most points of a grid that the stage `knowledge` asks for by itself. */
#define MAX_STAGE_POINTS 10000

/* --- short descriptions ------------------------------------------------------------------------------------------- */

static qst_status put_text(qst_ctx *ctx, json_t *json, char **out)
{
    size_t length = 0;
    return qsti_json_text(ctx, json, out, &length);
}

static bool put_outcome(json_t *json, const qst_train_result *result)
{
    return qsti_json_put(json, "epochs", json_integer((json_int_t)result->epochs)) &&
           qsti_json_put(json, "selected_epoch", json_integer((json_int_t)result->selected_epoch)) &&
           qsti_json_put(json, "steps", json_integer((json_int_t)result->steps)) &&
           qsti_json_put(json, "train_loss", qsti_json_real(result->train_loss)) &&
           qsti_json_put(json, "validation_loss", qsti_json_real(result->validation_loss)) &&
           qsti_json_put(json, "validation_accuracy", qsti_json_real(result->validation_accuracy)) &&
           qsti_json_put(json, "time_s", qsti_json_real(result->seconds));
}

static bool put_size(json_t *json, const qst_model *model)
{
    qsti_size size = qsti_exam_size(model);
    return qsti_json_put(json, "qubits", json_integer((json_int_t)size.qubits)) &&
           qsti_json_put(json, "depth", json_integer((json_int_t)size.depth)) &&
           qsti_json_put(json, "two_qubit_gates", json_integer((json_int_t)size.two_qubit_gates)) &&
           qsti_json_put(json, "parameters.quantum", json_integer((json_int_t)size.quantum_parameters)) &&
           qsti_json_put(json, "parameters.classical", json_integer((json_int_t)size.classical_parameters));
}

static qst_status out_of_memory(qst_ctx *ctx)
{
    return qsti_fail(ctx, QST_ERR_MEMORY, "out of memory");
}

/* --- data --------------------------------------------------------------------------------------------------------- */

qst_status qst_stage_data(const qst_recipe *recipe, const char *out_folder, char **out_json)
{
    qst_status status = QST_OK;
    qst_ctx *ctx = recipe->ctx;
    const qsti_recipe_values *values = &recipe->settings[0];
    qst_table *table = NULL;
    qst_dataset *dataset = NULL;
    json_t *json = json_object();
    qst_table_opts opts = values->table;
    opts.seed = values->seed;
    QSTI_TRY(qst_table_load(ctx, &opts, &table));
    QSTI_TRY(qsti_run_dataset(values, table, values->seed, &dataset));
    QSTI_TRY(qsti_folder_claim(ctx, out_folder));
    QSTI_TRY(qst_dataset_save(dataset, out_folder));
    static const char *const splits[] = {"rows.train", "rows.validation", "rows.test"};
    for (int split = 0; split < 3; split++) {
        size_t *rows = NULL, n = 0;
        QSTI_TRY(qsti_dataset_rows(dataset, (qst_split)split, &rows, &n));
        qsti_free(ctx, rows);
        if (!qsti_json_put(json, splits[split], json_integer((json_int_t)n)))
            QSTI_TRY(out_of_memory(ctx));
    }
    if (!qsti_json_put(json, "features", json_integer((json_int_t)dataset->n_features)) ||
        !qsti_json_put(json, "classes", json_integer((json_int_t)dataset->n_classes)) ||
        !qsti_json_put(json, "sha256", json_string(dataset->hash)))
        QSTI_TRY(out_of_memory(ctx));
    QSTI_TRY(put_text(ctx, json, out_json));
done:
    json_decref(json);
    qst_dataset_free(dataset);
    qst_table_free(table);
    return status;
}

/* What only a whole run makes: the stages alone pass one model on to the next. */
static qst_status check_one_teacher(qst_ctx *ctx, const qsti_recipe_values *values)
{
    if (values->teacher.ensemble > 1)
        return qsti_fail(ctx, QST_ERR_USAGE, "teacher.ensemble: %zu: this stage trains one model: qstill run makes all",
                         values->teacher.ensemble);
    if (values->teacher.n_more_files > 0)
        return qsti_fail(ctx, QST_ERR_USAGE,
                         "teacher.more_files: this stage takes one model: qstill run makes one teacher of all");
    return QST_OK;
}

static qst_status check_lesson(const qsti_recipe_values *values, const qst_knowledge *knowledge)
{
    qst_ctx *ctx = knowledge->ctx;
    if (qsti_recipe_has_chain(values)) {
        return qsti_fail(ctx, QST_ERR_USAGE,
                         "distill.%s: this stage trains one student from the knowledge it is given: qstill run makes "
                         "the chain",
                         values->n_assistants > 0 ? "assistants" : "generations");
    }
    if (qsti_query_opts_any(&values->queries) && knowledge->queries.n == 0)
        return qsti_fail(ctx, QST_ERR_MISMATCH,
                         "distill.queries: the knowledge holds no rows beyond its dataset: qstill run asks for them");
    if (values->device.given && values->device.teacher != QSTI_DEVICE_TEACHER_IDEAL)
        return qsti_fail(ctx, QST_ERR_USAGE,
                         "device.teacher: this stage learns from the knowledge it is given: qstill run measures the "
                         "teacher on the device");
    if (values->teacher.calibrate && !(knowledge->calibration > 0))
        return qsti_fail(ctx, QST_ERR_MISMATCH,
                         "teacher.calibrate: the knowledge is not calibrated: qstill run does that");
    return QST_OK;
}

/* --- teacher ------------------------------------------------------------------------------------------------------ */

/* A model from an ONNX file or from a description, as one of ours. Where the description names no dataset it takes the
 * source's rows as they are, so that it belongs to no dataset's preprocessing; its classes are the dataset's where it
 * has as many and none of its own. */
static qst_status take_file(const char *path, const qst_dataset *dataset, const char *out_folder, char **out_json)
{
    qst_status status = QST_OK;
    qst_ctx *ctx = dataset->ctx;
    qst_model *model = NULL;
    json_t *json = json_object();
    if (qsti_teacher_is_described(path))
        QSTI_TRY(qst_teacher_import(ctx, path, NULL, &model));
    else
        QSTI_TRY(qst_model_import(ctx, path, &model));
    size_t n_inputs = model->preprocess != NULL ? qsti_preprocess_inputs(model->preprocess) : model->n_features;
    if (n_inputs != dataset->n_raw_features)
        QSTI_TRY(qsti_fail(ctx, QST_ERR_MISMATCH, "%s: takes %zu features, the data source has %zu", path, n_inputs,
                           dataset->n_raw_features));
    if (model->n_scores == dataset->n_classes && model->class_names == NULL)
        QSTI_TRY(qsti_model_set_classes(model, (const char *const *)dataset->class_names, dataset->n_classes));
    QSTI_TRY(qsti_folder_claim(ctx, out_folder));
    QSTI_TRY(qst_model_save(model, out_folder));
    if (!put_size(json, model))
        QSTI_TRY(out_of_memory(ctx));
    QSTI_TRY(put_text(ctx, json, out_json));
done:
    json_decref(json);
    qst_model_free(model);
    return status;
}

qst_status qst_stage_teacher(const qst_recipe *recipe, const char *data, const char *out_folder, char **out_json)
{
    qst_status status = QST_OK;
    qst_ctx *ctx = recipe->ctx;
    const qsti_recipe_values *values = &recipe->settings[0];
    qst_dataset *dataset = NULL;
    qst_model *teacher = NULL;
    qsti_train_outcome outcome = {0};
    json_t *json = json_object();
    const qsti_train_hooks hooks = qsti_train_progress(ctx);
    if (values->teacher.scores != NULL)
        QSTI_TRY(qsti_fail(ctx, QST_ERR_USAGE, "the recipe's teacher is a table of scores: nothing to train"));
    QSTI_TRY(check_one_teacher(ctx, values));
    QSTI_TRY(qst_dataset_load(ctx, data, &dataset));
    if (values->teacher.file != NULL) {
        status = take_file(values->teacher.file, dataset, out_folder, out_json);
        goto done;
    }
    QSTI_TRY(qsti_folder_claim(ctx, out_folder));
    qst_train_opts opts = values->teacher.train;
    opts.seed = dataset->seed;
    QSTI_TRY(qsti_teacher_train(dataset, &values->teacher.model, &opts, &hooks, &teacher, &outcome));
    QSTI_TRY(qst_model_save(teacher, out_folder));
    if (!put_size(json, teacher) || !put_outcome(json, &outcome.result))
        QSTI_TRY(out_of_memory(ctx));
    QSTI_TRY(put_text(ctx, json, out_json));
done:
    json_decref(json);
    qsti_train_outcome_clear(ctx, &outcome);
    qst_model_free(teacher);
    qst_dataset_free(dataset);
    return status;
}

qst_status qst_stage_import(const qst_model *model, const char *out_folder, char **out_json)
{
    qst_status status = QST_OK;
    json_t *json = json_object();
    QSTI_TRY(qsti_folder_claim(model->ctx, out_folder));
    QSTI_TRY(qst_model_save(model, out_folder));
    if (!put_size(json, model))
        QSTI_TRY(out_of_memory(model->ctx));
    QSTI_TRY(put_text(model->ctx, json, out_json));
done:
    json_decref(json);
    return status;
}

/* --- knowledge ---------------------------------------------------------------------------------------------------- */

/* What students of kind fourier and random_fourier need, where it is had for little. */
static qst_status add_spectrum(qst_ctx *ctx, qst_model *teacher, const qst_dataset *dataset, qst_knowledge *knowledge)
{
    bool is_cheap = false;
    if (!qsti_fourier_has_spectrum(teacher))
        return QST_OK;
    qst_status status = qsti_fourier_is_cheap(ctx, teacher, MAX_STAGE_POINTS, &is_cheap);
    return status == QST_OK ? qsti_knowledge_add_fourier(knowledge, teacher, dataset, is_cheap) : status;
}

qst_status qst_stage_knowledge(qst_ctx *ctx, const char *teacher_folder, const char *data, const char *out_folder,
                               char **out_json)
{
    qst_status status = QST_OK;
    qst_dataset *dataset = NULL;
    qst_model *teacher = NULL;
    qst_knowledge *knowledge = NULL;
    json_t *json = json_object();
    QSTI_TRY(qst_dataset_load(ctx, data, &dataset));
    QSTI_TRY(qst_model_load(ctx, teacher_folder, &teacher));
    if (teacher->data_hash[0] != '\0' && strcmp(teacher->data_hash, dataset->hash) != 0) {
        QSTI_TRY(qsti_fail(ctx, QST_ERR_MISMATCH,
                           "%s: was trained on the dataset with SHA-256 %.16s..., %s has %.16s...: its preprocessing "
                           "and split differ",
                           teacher_folder, teacher->data_hash, data, dataset->hash));
    }
    if (teacher->preprocess == NULL && dataset->preprocess != NULL && qsti_preprocess_changes(dataset->preprocess)) {
        QSTI_TRY(
            qsti_fail(ctx, QST_ERR_MISMATCH,
                      "%s: takes rows as the data source has them, those of %s are preprocessed: ask it with --data "
                      "X.npy --out SCORES.npy, or as teacher.file of a recipe",
                      teacher_folder, data));
    }
    QSTI_TRY(qst_knowledge_extract(teacher, dataset, &knowledge));
    qsti_weight_source source;
    if (qsti_model_weight_source(teacher, &source))
        QSTI_TRY(qst_knowledge_add_weights(knowledge, teacher));
    QSTI_TRY(add_spectrum(ctx, teacher, dataset, knowledge));
    QSTI_TRY(qsti_folder_claim(ctx, out_folder));
    QSTI_TRY(qst_knowledge_save(knowledge, out_folder));
    if (!qsti_json_put(json, "kind", json_string(qst_score_kind_name(knowledge->kind))) ||
        !qsti_json_put(json, "rows", json_integer((json_int_t)knowledge->n_rows)) ||
        !qsti_json_put(json, "scores", json_integer((json_int_t)knowledge->n_scores)) ||
        !qsti_json_put(json, "teacher_sha256", json_string(knowledge->teacher_hash)))
        QSTI_TRY(out_of_memory(ctx));
    QSTI_TRY(put_text(ctx, json, out_json));
done:
    json_decref(json);
    qst_knowledge_free(knowledge);
    qst_model_free(teacher);
    qst_dataset_free(dataset);
    return status;
}

/* --- student ------------------------------------------------------------------------------------------------------ */

/* Student and, where wanted, control, as models. */
static qst_status train_arms(const qsti_distill_plan *plan, qst_distill_result *out_result, qst_model *out[2],
                             qsti_train_outcome outcomes[2])
{
    qst_status status = QST_OK;
    qst_ctx *ctx = plan->dataset->ctx;
    qsti_distillation *distillation = NULL;
    QSTI_TRY(qsti_distillation_create(ctx, plan, &distillation));
    QSTI_TRY(qsti_distillation_run(ctx, distillation, "training"));
    size_t best = qsti_distillation_choose(distillation, out_result);
    QSTI_TRY(qsti_distillation_model(ctx, distillation, best, &out[0], &outcomes[0]));
    if (plan->controls != 0)
        QSTI_TRY(qsti_distillation_model(ctx, distillation, out_result->n_cells, &out[1], &outcomes[1]));
done:
    qsti_distillation_free(ctx, distillation);
    return status;
}

qst_status qst_stage_student(const qst_recipe *recipe, const char *knowledge_folder, const char *data,
                             const char *out_folder, const char *control, char **out_json)
{
    qst_status status = QST_OK;
    qst_ctx *ctx = recipe->ctx;
    const qsti_recipe_values *values = &recipe->settings[0];
    qst_dataset *dataset = NULL;
    qst_knowledge *knowledge = NULL;
    qst_model *models[2] = {NULL, NULL}; /* student, control */
    qst_distill_result distilled = {0};
    qsti_device_plan device = {0};
    qsti_train_outcome outcomes[2] = {0};
    json_t *json = json_object();
    QSTI_TRY(qst_dataset_load(ctx, data, &dataset));
    QSTI_TRY(qst_knowledge_load(ctx, knowledge_folder, &knowledge));
    QSTI_TRY(qst_knowledge_check(knowledge, dataset));
    QSTI_TRY(check_lesson(values, knowledge));
    QSTI_TRY(qsti_folder_claim(ctx, out_folder));
    if (control != NULL)
        QSTI_TRY(qsti_folder_claim(ctx, control));
    if (control != NULL && qsti_path_is_same(out_folder, control))
        QSTI_TRY(qsti_fail(ctx, QST_ERR_USAGE, "%s: student and control need a folder each", control));
    qst_train_opts opts = values->student.train;
    opts.seed = dataset->seed;
    QSTI_TRY(qsti_device_plan_make(ctx, &values->device, &device));
    opts.conditions = qsti_device_plan_conditions(&device);
    const qsti_distill_plan plan = {.dataset = dataset,
                                    .knowledge = knowledge,
                                    .model = &values->student.model,
                                    .train = &opts,
                                    .opts = &values->distill,
                                    .cells = true,
                                    .controls = control != NULL ? QST_CONTROL_BIT(QST_CONTROL_no_teacher) : 0};
    QSTI_TRY(train_arms(&plan, &distilled, models, outcomes));
    if (control != NULL)
        QSTI_TRY(qst_model_save(models[1], control));
    QSTI_TRY(qst_model_save(models[0], out_folder));
    if (!put_size(json, models[0]) || !put_outcome(json, &outcomes[0].result) ||
        !qsti_json_put(json, "temperature", qsti_json_real(distilled.temperature)) ||
        !qsti_json_put(json, "alpha", qsti_json_real(distilled.alpha)) ||
        !qsti_json_put(json, "labelled_rows", json_integer((json_int_t)distilled.n_labelled)))
        QSTI_TRY(out_of_memory(ctx));
    QSTI_TRY(put_text(ctx, json, out_json));
done:
    json_decref(json);
    for (int i = 0; i < 2; i++) {
        qsti_train_outcome_clear(ctx, &outcomes[i]);
        qst_model_free(models[i]);
    }
    qst_distill_result_clear(ctx, &distilled);
    qsti_device_plan_clear(ctx, &device);
    qst_knowledge_free(knowledge);
    qst_dataset_free(dataset);
    return status;
}

/* --- verify ------------------------------------------------------------------------------------------------------- */

/* A model that must have been trained on this dataset. */
static qst_status load_for(qst_ctx *ctx, const char *folder, const qst_dataset *dataset, qst_model **out)
{
    qst_model *model = NULL;
    qst_status status = qst_model_load(ctx, folder, &model);
    if (status != QST_OK)
        return status;
    if (model->data_hash[0] != '\0' && strcmp(model->data_hash, dataset->hash) != 0) {
        status = qsti_fail(ctx, QST_ERR_MISMATCH,
                           "%s: was trained on the dataset with SHA-256 %.16s..., this one has %.16s...", folder,
                           model->data_hash, dataset->hash);
        qst_model_free(model);
        return status;
    }
    *out = model;
    return QST_OK;
}

qst_status qst_stage_verify(qst_ctx *ctx, const char *student_folder, const char *knowledge_folder, const char *data,
                            const char *control_folder, const char *out_folder, qst_report **out)
{
    qst_status status = QST_OK;
    qst_dataset *dataset = NULL;
    qst_knowledge *knowledge = NULL;
    qst_model *student = NULL, *control = NULL;
    qst_report *report = NULL;
    char *path = NULL;
    QSTI_TRY(qst_dataset_load(ctx, data, &dataset));
    QSTI_TRY(qst_knowledge_load(ctx, knowledge_folder, &knowledge));
    QSTI_TRY(load_for(ctx, student_folder, dataset, &student));
    if (control_folder != NULL)
        QSTI_TRY(load_for(ctx, control_folder, dataset, &control));
    QSTI_TRY(qsti_folder_claim(ctx, out_folder));
    QSTI_TRY(qsti_verify(dataset, knowledge, student, control, out_folder, &report));
    QSTI_TRY(qsti_path_join(ctx, out_folder, "report.json", &path));
    QSTI_TRY(qsti_file_write(ctx, path, report->json, strlen(report->json)));
    *out = report;
    report = NULL;
done:
    qst_report_free(report);
    qst_model_free(student);
    qst_model_free(control);
    qst_knowledge_free(knowledge);
    qst_dataset_free(dataset);
    qsti_free(ctx, path);
    return status;
}
