/* verify.c: one student against teacher, control and floor, without a recipe. */
#include "run/run.h"

#include <math.h>

#include "data/model_binding.h"

static qst_status examine(const qsti_exam *exam, qst_model *model, const char *what, qsti_role role,
                          qsti_setting_result *setting)
{
    qst_status status = qsti_dataset_check_model(exam->dataset, model, what);
    if (status == QST_OK)
        status = qsti_exam_model(exam, model, 1.0, NULL, NULL, &setting->seeds[0].roles[role]);
    if (status == QST_OK)
        setting->sizes[role] = qsti_exam_size(model);
    return status;
}

static qst_status examine_floor(const qsti_exam *exam, qsti_setting_result *setting)
{
    qst_model *floor_model = NULL;
    qst_distill_opts all_labels = {.label_fraction = 1};
    qst_status status = qst_student_floor(exam->dataset, &all_labels, exam->dataset->seed, &floor_model);
    if (status == QST_OK)
        status = examine(exam, floor_model, "floor", QSTI_FLOOR, setting);
    qst_model_free(floor_model);
    return status;
}

static qst_status report_of(const qst_dataset *dataset, const qsti_setting_result *setting, const char *folder,
                            qst_report **out)
{
    qst_status status = QST_OK;
    qst_ctx *ctx = dataset->ctx;
    json_t *json = NULL;
    bool holds = true;
    qsti_text inputs;
    qsti_text_init(&inputs, ctx);
    qsti_text_add(&inputs, "%zu rows, %zu features, %zu classes", dataset->n_rows, dataset->n_features,
                  dataset->n_classes);
    QSTI_TRY(inputs.status);
    qsti_run_facts facts = {
        .name = "verify",
        .data_name = dataset->name,
        .inputs = inputs.bytes,
        .isa = qst_isa_name(),
        .version = qst_version(),
        .n_threads = qst_ctx_threads(ctx),
        .n_classes = dataset->n_classes,
        .recipe_hash = "",
        .data_hash = dataset->table_hash,
        .seconds_training = NAN,
        .folder = folder,
    };
    QSTI_TRY(qsti_report_build(ctx, &facts, setting, 1, NULL, 0, &json, &holds));
    QSTI_TRY(qsti_report_wrap(ctx, json, folder, holds, out));
done:
    qsti_text_clear(&inputs);
    json_decref(json);
    return status;
}

qst_status qsti_verify(const qst_dataset *dataset, const qst_knowledge *knowledge, qst_model *student,
                       qst_model *control, const char *folder, qst_report **out)
{
    qst_status status = QST_OK;
    qsti_exam exam = {0};
    qsti_seed_result seed = {0};
    qsti_setting_result setting = {.name = "default", .loss = "", .label_fraction = 1, .seeds = &seed, .n_seeds = 1};
    QSTI_TRY(qsti_exam_create(dataset, knowledge, &exam));
    seed.seed = dataset->seed;
    seed.n_train = seed.n_labelled = exam.parts[QST_TRAIN].n;
    seed.n_validation = exam.parts[QST_VALIDATION].n;
    seed.n_test = exam.parts[QST_TEST].n;
    QSTI_TRY(qsti_exam_teacher(&exam, &seed.roles[QSTI_TEACHER]));
    setting.sizes[QSTI_TEACHER] = qsti_exam_teacher_size(&exam);
    QSTI_TRY(examine(&exam, student, "student", QSTI_STUDENT, &setting));
    if (control != NULL)
        QSTI_TRY(examine(&exam, control, "control", QSTI_CONTROL, &setting));
    QSTI_TRY(examine_floor(&exam, &setting));
    QSTI_TRY(report_of(dataset, &setting, folder, out));
done:
    for (int role = 0; role < QSTI_ROLE_COUNT; role++)
        qsti_role_result_clear(dataset->ctx, &seed.roles[role]);
    qsti_exam_clear(&exam);
    return status;
}

qst_status qst_verify(const qst_dataset *dataset, const qst_knowledge *knowledge, qst_model *student,
                      qst_model *control, qst_report **out)
{
    return qsti_verify(dataset, knowledge, student, control, NULL, out);
}
