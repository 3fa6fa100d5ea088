/* device_foresee.c: before anything is trained: whether the circuits of a run fit on their devices, how their noise
 * will be run, and how many shots trainings will take.
 */
#include <inttypes.h>

#include "run/device_exam.h"
#include "run/run.h"
#include "student/distillation.h"

typedef struct sight {
    qsti_run *run;
    size_t setting;
    qsti_recipe_values *values;
    qsti_device_plan *plan;
    qst_dataset *dataset; /* of the first seed */
} sight;

static qst_status make_model(const sight *s, const qsti_recipe_model *spec, qst_model **out)
{
    return qst_model_create(s->run->ctx, &spec->model, s->dataset->n_features, s->dataset->n_classes, out);
}

/* Everything but a search measures with mitigation, too. */
static qst_status try_columns(const sight *s, const qst_model *model, bool teacher, qst_noise_info *out)
{
    qst_noise_info mitigated;
    qst_status status = qsti_device_try(s->run->ctx, s->plan, model, teacher, QSTI_DEVICE, out);
    if (status == QST_OK && s->run->search == NULL)
        status = qsti_device_try(s->run->ctx, s->plan, model, teacher, QSTI_MITIGATED, &mitigated);
    return status;
}

/* --- the teacher -------------------------------------------------------------------------------------------------- */

static qst_status leave_out_teacher(const sight *s, const char *why)
{
    qst_status status = qsti_strdup(s->run->ctx, why, &s->plan->without_teacher);
    s->plan->facts.without_teacher = s->plan->without_teacher;
    return status;
}

/* One that does not fit is left out, unless the student learns from it there. */
static qst_status foresee_teacher(const sight *s)
{
    qst_status status = QST_OK;
    const qsti_recipe_model *teacher = &s->values->teacher;
    qst_model *model = NULL;
    qst_noise_info info;
    if (!qsti_recipe_has_circuit(teacher))
        return leave_out_teacher(s, "it is no circuit that is trained here");
    if (teacher->ensemble > 1)
        return leave_out_teacher(s, "it is the mean of several models");
    QSTI_TRY(make_model(s, teacher, &model));
    status = try_columns(s, model, true, &info);
    bool misfits = status == QST_ERR_MISMATCH || status == QST_ERR_UNSUPPORTED || status == QST_ERR_LIMIT;
    if (misfits && s->plan->recipe->teacher == QSTI_DEVICE_TEACHER_IDEAL)
        status = leave_out_teacher(s, qst_ctx_message(s->run->ctx));
    else if (status != QST_OK)
        qsti_fail_within(s->run->ctx, status, "the teacher on the device");
done:
    qst_model_free(model);
    return status;
}

/* --- the student -------------------------------------------------------------------------------------------------- */

static size_t rows_of(const qst_dataset *dataset, qst_split split)
{
    size_t n = 0;
    for (size_t i = 0; i < dataset->n_rows; i++)
        n += dataset->splits[i] == split;
    return n;
}

/* Trainings of a seed that take shots: a perceptron takes none. */
static size_t count_arms(const sight *s, const qst_train_opts *train)
{
    qst_control trained[QST_CONTROL_COUNT];
    qst_controls fitting =
        qsti_controls_fitting(s->values->controls, &s->values->student.model, train, &s->values->distill);
    fitting &= ~QST_CONTROL_BIT(QST_CONTROL_mlp);
    return qsti_distill_cells(&s->values->distill) + qsti_distill_controls(fitting, trained);
}

static qst_status count_shots(const sight *s, const qst_model *student)
{
    qst_train_opts train = s->values->student.train;
    uint64_t shots = 0, budget = s->plan->conditions.budget_shots, all = 0;
    train.conditions = qsti_device_plan_conditions(s->plan);
    train.loss = s->values->distill.loss;
    if (s->plan->recipe->train_shots == 0)
        return QST_OK;
    qst_status status =
        qst_train_shots(student, rows_of(s->dataset, QST_TRAIN), rows_of(s->dataset, QST_VALIDATION), &train, &shots);
    if (status != QST_OK)
        return status;
    shots = budget > 0 && shots > budget ? budget : shots;
    size_t n_arms = count_arms(s, &train);
    if (__builtin_mul_overflow(shots, (uint64_t)n_arms * s->values->seeds, &all))
        return qsti_fail(s->run->ctx, QST_ERR_LIMIT, "device.train_shots: more than 2^64 shots in all");
    qsti_run_log(&s->run->folder,
                 "%s: training from shots takes at most %" PRIu64 " of them: %" PRIu64
                 " a training, %zu trainings a seed, %zu seeds",
                 s->values->setting, all, shots, n_arms, s->values->seeds);
    return QST_OK;
}

static qst_status foresee_student(const sight *s)
{
    static const char *const methods[] = {"none", "exact", "trajectories"};
    qst_status status = QST_OK;
    qst_model *model = NULL;
    qst_noise_info info;
    if (!qsti_recipe_has_circuit(&s->values->student))
        return QST_OK;
    QSTI_TRY(make_model(s, &s->values->student, &model));
    status = try_columns(s, model, false, &info);
    if (status != QST_OK)
        qsti_fail_within(s->run->ctx, status, "the student on the device");
    QSTI_TRY(status);
    s->plan->facts.method = methods[info.method];
    s->plan->facts.twirled = info.twirled;
    QSTI_TRY(count_shots(s, model));
done:
    qst_model_free(model);
    return status;
}

qst_status qsti_run_foresee_devices(qsti_run *run)
{
    qst_status status = QST_OK;
    for (size_t i = 0; i < run->recipe->n_settings && status == QST_OK; i++) {
        sight s = {.run = run, .setting = i, .values = &run->recipe->settings[i], .plan = &run->devices[i]};
        if (s.plan->recipe == NULL)
            continue;
        status = qsti_run_dataset(s.values, run->tables[i], s.values->seed, &s.dataset);
        if (status == QST_OK)
            status = foresee_student(&s);
        if (status == QST_OK && run->search == NULL)
            status = foresee_teacher(&s);
        qst_dataset_free(s.dataset);
    }
    return status;
}
