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
    bool draws;           /* some noise is run by trajectories */
} sight;

static qst_status make_model(const sight *s, const qsti_recipe_model *spec, qst_model **out)
{
    return qst_model_create(s->run->ctx, &spec->model, s->dataset->n_features, s->dataset->n_classes, out);
}

/* Everything but a search measures with mitigation, too. */
static qst_status try_columns(sight *s, const qst_model *model, bool teacher, qst_noise_info *out)
{
    qst_noise_info mitigated;
    qst_status status = qsti_device_try(s->run->ctx, s->plan, model, teacher, QSTI_DEVICE, out);
    if (status == QST_OK && s->run->search == NULL)
        status = qsti_device_try(s->run->ctx, s->plan, model, teacher, QSTI_MITIGATED, &mitigated);
    if (status == QST_OK)
        s->draws = s->draws || out->method == QST_NOISE_TRAJECTORIES;
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
static qst_status foresee_teacher(sight *s)
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

/* A budget that the first step is beyond trains nothing. */
static qst_status check_budget(const sight *s, const qst_model *student, const qst_train_opts *train, uint64_t budget)
{
    size_t n_train = rows_of(s->dataset, QST_TRAIN), n_rows = train->batch;
    qst_training_conditions conditions = *train->conditions;
    qst_train_opts step = *train;
    uint64_t shots = 0;
    conditions.shots_schedule = QST_SCHEDULE_constant;
    conditions.shots_end = 0;
    step.conditions = &conditions;
    step.epochs = 1;
    step.restarts = 0;
    n_rows = n_rows == 0 || n_rows > n_train ? n_train : n_rows;
    qst_status status = qst_train_shots(student, n_rows, rows_of(s->dataset, QST_VALIDATION), &step, &shots);
    if (status == QST_OK && shots > budget) {
        return qsti_fail(s->run->ctx, QST_ERR_USAGE,
                         "device.budget_shots: %" PRIu64
                         " have no room for one step of %zu rows and its validation, which take %" PRIu64,
                         budget, n_rows, shots);
    }
    return status;
}

static const char *plural(size_t n)
{
    return n == 1 ? "" : "s";
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
    if (budget > 0 && shots > budget) {
        status = check_budget(s, student, &train, budget);
        if (status != QST_OK)
            return status;
        shots = budget;
    }
    size_t n_arms = count_arms(s, &train);
    if (__builtin_mul_overflow(shots, (uint64_t)n_arms * s->values->seeds, &all))
        return qsti_fail(s->run->ctx, QST_ERR_LIMIT, "device.train_shots: more than 2^64 shots in all");
    qsti_run_announce(&s->run->folder,
                      "%s: training from shots takes at most %" PRIu64 " of them: %" PRIu64
                      " a training, %zu training%s a seed, %zu seed%s",
                      s->values->setting, all, shots, n_arms, plural(n_arms), s->values->seeds,
                      plural(s->values->seeds));
    return QST_OK;
}

static qst_status foresee_student(sight *s)
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

/* Keys of trajectories say nothing where there are none. */
static void warn_of_unused(const sight *s)
{
    static const char exact[] = "changes nothing: no circuit here draws its noise; method: trajectories does";
    if (s->draws || s->plan->recipe->method != QST_NOISE_AUTO)
        return;
    if (s->plan->recipe->twirl)
        qsti_warn(s->run->ctx, "%s: device.twirl %s", s->values->setting, exact);
    if (s->plan->recipe->trajectories != 100)
        qsti_warn(s->run->ctx, "%s: device.trajectories %s", s->values->setting, exact);
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
        if (status == QST_OK)
            warn_of_unused(&s);
        qst_dataset_free(s.dataset);
    }
    return status;
}
