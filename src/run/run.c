/* run.c: a recipe from data to report.
 *
 * For every seed: dataset, teacher, knowledge, made once for all settings that share them; then for every setting the
 * student, its control and the floor, all measured on the test rows. The report is built from all of it at the end.
 * Every training leaves its end as a checkpoint until the report is written: a resumed run walks the same way, and what
 * was finished takes no steps.
 */
#include "run/run.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "student/student.h"
#include "teacher/teacher.h"

/* What a seed's settings stand on. */
typedef struct base {
    qst_dataset *dataset;
    qst_knowledge *knowledge;
    qsti_exam exam;
    qsti_role_result teacher;
    double seconds;
} base;

typedef struct run {
    qst_ctx *ctx;
    const qst_recipe *recipe;
    qsti_run_folder folder;
    bool resume;
    qst_table **tables;           /* by setting; shared ones repeat */
    size_t *group;                /* the first setting with the same data and teacher */
    qsti_setting_result *results; /* by setting */
    double work_done, work_total; /* for progress, in units of work_of() */
    double work_now;              /* of the training under way */
    char stage[160];
    double start;
} run;

/* --- progress ----------------------------------------------------------------------------------------------------- */

/* The cost of a training in units that compare: amplitudes x weights x epochs. */
static double work_of(const qsti_recipe_model *model)
{
    if (model->is_table)
        return 0;
    double layers = (double)(model->model.circuit.ansatz.reps ? model->model.circuit.ansatz.reps : 3);
    double qubits = (double)model->model.circuit.qubits;
    double amplitudes = (double)((size_t)1 << (model->model.circuit.qubits < 40 ? model->model.circuit.qubits : 40));
    return (8 + amplitudes) * qubits * layers * (double)model->train.epochs * (double)(model->train.restarts + 1);
}

static size_t cells_of(const qst_distill_opts *opts)
{
    size_t n_temperatures = opts->n_temperatures ? opts->n_temperatures : 1;
    size_t n_alphas = opts->n_alphas ? opts->n_alphas : 1;
    return opts->loss == QST_LOSS_kd ? n_temperatures * n_alphas : 1;
}

static void count_work(run *r)
{
    for (size_t s = 0; s < r->recipe->n_settings; s++) {
        const qsti_recipe_values *values = &r->recipe->settings[s];
        double one = (double)(cells_of(&values->distill) + (values->controls ? 1 : 0)) * work_of(&values->student);
        if (r->group[s] == s)
            one += work_of(&values->teacher);
        r->work_total += one * (double)values->seeds;
    }
}

static void on_step(void *user, double done, double loss)
{
    run *r = user;
    qst_progress progress = {r->stage, r->work_done + done * r->work_now, r->work_total, loss};
    qsti_progress(r->ctx, &progress);
}

static qsti_train_hooks begin_work(run *r, double work, const qsti_recipe_values *values, size_t index,
                                   const char *what)
{
    bool one = r->recipe->n_settings == 1 || strcmp(what, "teacher") == 0;
    snprintf(r->stage, sizeof r->stage, "seed %zu of %zu: %s%s%s", index + 1, values->seeds, one ? "" : values->setting,
             one ? "" : ": ", what);
    r->work_now = work;
    return (qsti_train_hooks){on_step, r};
}

static void end_work(run *r)
{
    r->work_done += r->work_now;
    r->work_now = 0;
}

/* --- the teacher's side ------------------------------------------------------------------------------------------- */

static void base_clear(qst_ctx *ctx, base *b)
{
    qsti_exam_clear(&b->exam);
    qsti_role_result_clear(ctx, &b->teacher);
    qst_knowledge_free(b->knowledge);
    qst_dataset_free(b->dataset);
    *b = (base){0};
}

/* "seed-3", or "few-labels/seed-3" for a setting with data or a teacher of its own. */
static void base_name(const run *r, size_t setting, uint64_t seed, char out[256])
{
    const char *prefix = setting == 0 ? "" : r->recipe->settings[setting].setting;
    snprintf(out, 256, "%.200s%sseed-%llu", prefix, *prefix ? "/" : "", (unsigned long long)seed);
}

/* The name of a checkpoint: slashes would be folders. */
static qst_status checkpoint_path(run *r, const char *name, const char *what, char **out)
{
    char flat[300];
    qst_status status = QST_OK;
    char *folder = NULL;
    snprintf(flat, sizeof flat, "%.250s-%.40s", name, what);
    for (char *c = flat; *c != '\0'; c++)
        *c = *c == '/' ? '-' : *c;
    QSTI_TRY(qsti_run_path(&r->folder, &folder, "checkpoints"));
    QSTI_TRY(qsti_folder_make(r->ctx, folder));
    QSTI_TRY(qsti_run_path(&r->folder, out, "checkpoints/%s.checkpoint", flat));
done:
    qsti_free(r->ctx, folder);
    return status;
}

static qst_train_opts train_opts(const run *r, const qsti_recipe_model *model, const qsti_recipe_values *values,
                                 uint64_t seed, const char *checkpoint)
{
    qst_train_opts opts = model->train;
    opts.seed = seed;
    opts.checkpoint = checkpoint;
    opts.checkpoint_every_s = values->checkpoint_every_s;
    opts.resume = r->resume;
    return opts;
}

static qst_status save_model(run *r, const qst_model *model, const char *name, const char *what)
{
    char *path = NULL;
    qst_status status = qsti_run_path(&r->folder, &path, "%s/%s", name, what);
    if (status == QST_OK)
        status = qst_model_save(model, path);
    qsti_free(r->ctx, path);
    return status;
}

static qst_status train_teacher(run *r, size_t setting, uint64_t seed, size_t index, const char *name, base *b)
{
    qst_status status = QST_OK;
    qsti_recipe_values *values = &r->recipe->settings[setting];
    qst_model *teacher = NULL;
    qsti_train_outcome outcome = {0};
    char *checkpoint = NULL;
    QSTI_TRY(checkpoint_path(r, name, "teacher", &checkpoint));
    qst_train_opts opts = train_opts(r, &values->teacher, values, seed, checkpoint);
    qsti_train_hooks hooks = begin_work(r, work_of(&values->teacher), values, index, "teacher");
    QSTI_TRY(qsti_teacher_train(b->dataset, &values->teacher.model, &opts, &hooks, &teacher, &outcome));
    end_work(r);
    QSTI_TRY(qst_knowledge_extract(teacher, b->dataset, &b->knowledge));
    if (values->distill.initial_weights)
        QSTI_TRY(qst_knowledge_add_weights(b->knowledge, teacher));
    QSTI_TRY(qsti_exam_create(b->dataset, b->knowledge, &b->exam));
    QSTI_TRY(qsti_exam_model(&b->exam, teacher, 1.0, &outcome, NULL, &b->teacher));
    QSTI_TRY(save_model(r, teacher, name, "teacher"));
    b->seconds = outcome.result.seconds;
    qsti_run_metrics(&r->folder, setting == 0 ? "" : values->setting, seed, "teacher", &outcome);
    qsti_run_log(&r->folder, "%s: teacher: test accuracy %.2f %%, epoch %zu of %zu, %.2f s", name,
                 100 * b->teacher.test.accuracy, outcome.result.selected_epoch, outcome.result.epochs, b->seconds);
done:
    qst_model_free(teacher);
    qsti_train_outcome_clear(r->ctx, &outcome);
    qsti_free(r->ctx, checkpoint);
    return status;
}

/* Dataset, teacher and knowledge of one seed. */
static qst_status make_base(run *r, size_t setting, uint64_t seed, size_t index, base *b)
{
    qst_status status = QST_OK;
    const qsti_recipe_values *values = &r->recipe->settings[setting];
    char name[256], *path = NULL;
    base_name(r, setting, seed, name);
    QSTI_TRY(qsti_run_dataset(values, r->tables[setting], seed, &b->dataset));
    QSTI_TRY(qsti_run_path(&r->folder, &path, "%s/data", name));
    QSTI_TRY(qst_dataset_save(b->dataset, path));
    if (values->teacher.is_table) {
        QSTI_TRY(qsti_run_table_knowledge(values, b->dataset, &b->knowledge));
        QSTI_TRY(qsti_exam_create(b->dataset, b->knowledge, &b->exam));
        QSTI_TRY(qsti_exam_teacher(&b->exam, &b->teacher));
    } else {
        QSTI_TRY(train_teacher(r, setting, seed, index, name, b));
    }
    qsti_free(r->ctx, path);
    path = NULL;
    QSTI_TRY(qsti_run_path(&r->folder, &path, "%s/knowledge", name));
    QSTI_TRY(qst_knowledge_save(b->knowledge, path));
done:
    qsti_free(r->ctx, path);
    return status;
}

/* --- the student's side ------------------------------------------------------------------------------------------- */

static void note_model(run *r, const qsti_recipe_values *values, uint64_t seed, const char *name, const char *what,
                       const qsti_role_result *result, const qsti_train_outcome *outcome)
{
    qsti_run_metrics(&r->folder, values->setting, seed, what, outcome);
    qsti_run_log(&r->folder, "%s: %s: test accuracy %.2f %%, epoch %zu of %zu, %.2f s", name, what,
                 100 * result->test.accuracy, outcome->result.selected_epoch, outcome->result.epochs,
                 outcome->result.seconds);
}

static qst_status keep_grid(run *r, const qst_distill_result *distilled, qsti_seed_result *out)
{
    if (distilled->n_cells < 2)
        return QST_OK;
    qst_status status = QSTI_NEW(r->ctx, distilled->n_cells, &out->grid);
    if (status != QST_OK)
        return status;
    out->n_grid = distilled->n_cells;
    for (size_t i = 0; i < distilled->n_cells; i++) {
        const qst_distill_cell *cell = &distilled->cells[i];
        out->grid[i] = (qsti_grid_cell){cell->temperature, cell->alpha, cell->validation_accuracy,
                                        cell->validation_loss, cell->chosen};
    }
    return QST_OK;
}

static qst_status run_student(run *r, size_t setting, uint64_t seed, size_t index, const base *b, const char *name,
                              qst_train_opts *chosen, qsti_seed_result *out)
{
    qst_status status = QST_OK;
    qsti_recipe_values *values = &r->recipe->settings[setting];
    qsti_setting_result *result = &r->results[setting];
    qst_model *model = NULL;
    qst_distill_result distilled = {0};
    qsti_train_outcome outcome = {0};
    char *checkpoint = NULL;
    double start = qsti_now();
    QSTI_TRY(checkpoint_path(r, name, "student", &checkpoint));
    qst_train_opts opts = train_opts(r, &values->student, values, seed, checkpoint);
    double work = (double)cells_of(&values->distill) * work_of(&values->student);
    qsti_train_hooks hooks = begin_work(r, work, values, index, "student");
    QSTI_TRY(qsti_student_distill(b->dataset, b->knowledge, &values->student.model, &opts, &values->distill, &hooks,
                                  &model, &distilled, &outcome));
    end_work(r);
    *chosen = opts;
    chosen->loss = values->distill.loss;
    chosen->temperature = distilled.temperature;
    chosen->alpha = distilled.alpha;
    QSTI_TRY(
        qsti_exam_model(&b->exam, model, values->distill.label_fraction, &outcome, chosen, &out->roles[QSTI_STUDENT]));
    QSTI_TRY(save_model(r, model, name, "student"));
    QSTI_TRY(keep_grid(r, &distilled, out));
    out->n_labelled = distilled.n_labelled;
    result->sizes[QSTI_STUDENT] = qsti_exam_size(model);
    result->seconds_student += qsti_now() - start;
    note_model(r, values, seed, name, "student", &out->roles[QSTI_STUDENT], &outcome);
done:
    qst_model_free(model);
    qst_distill_result_clear(r->ctx, &distilled);
    qsti_train_outcome_clear(r->ctx, &outcome);
    qsti_free(r->ctx, checkpoint);
    return status;
}

static qst_status run_control(run *r, size_t setting, uint64_t seed, size_t index, const base *b, const char *name,
                              const qst_train_opts *loss, qsti_seed_result *out)
{
    qst_status status = QST_OK;
    qsti_recipe_values *values = &r->recipe->settings[setting];
    qst_model *model = NULL;
    qsti_train_outcome outcome = {0};
    char *checkpoint = NULL;
    QSTI_TRY(checkpoint_path(r, name, "control", &checkpoint));
    qst_train_opts opts = train_opts(r, &values->student, values, seed, checkpoint);
    qsti_train_hooks hooks = begin_work(r, work_of(&values->student), values, index, "control");
    QSTI_TRY(qsti_student_control(b->dataset, b->knowledge, &values->student.model, &opts, &values->distill, &hooks,
                                  &model, &outcome));
    end_work(r);
    QSTI_TRY(
        qsti_exam_model(&b->exam, model, values->distill.label_fraction, &outcome, loss, &out->roles[QSTI_CONTROL]));
    QSTI_TRY(save_model(r, model, name, "control"));
    r->results[setting].sizes[QSTI_CONTROL] = qsti_exam_size(model);
    note_model(r, values, seed, name, "control", &out->roles[QSTI_CONTROL], &outcome);
done:
    qst_model_free(model);
    qsti_train_outcome_clear(r->ctx, &outcome);
    qsti_free(r->ctx, checkpoint);
    return status;
}

static qst_status run_floor(run *r, size_t setting, uint64_t seed, const base *b, const char *name,
                            qsti_seed_result *out)
{
    qst_status status = QST_OK;
    const qsti_recipe_values *values = &r->recipe->settings[setting];
    qst_model *model = NULL;
    QSTI_TRY(qst_student_floor(b->dataset, &values->distill, seed, &model));
    QSTI_TRY(qsti_exam_model(&b->exam, model, values->distill.label_fraction, NULL, NULL, &out->roles[QSTI_FLOOR]));
    QSTI_TRY(save_model(r, model, name, "floor"));
    r->results[setting].sizes[QSTI_FLOOR] = qsti_exam_size(model);
    qsti_run_log(&r->folder, "%s: floor: test accuracy %.2f %%", name, 100 * out->roles[QSTI_FLOOR].test.accuracy);
done:
    qst_model_free(model);
    return status;
}

/* The teacher's result belongs to the base: a setting gets a copy. */
static qst_status copy_teacher(run *r, const base *b, qsti_role_result *out)
{
    uint8_t *right = NULL;
    qst_status status = QSTI_NEW(r->ctx, b->teacher.test.n, &right);
    if (status != QST_OK)
        return status;
    memcpy(right, b->teacher.right, b->teacher.test.n);
    *out = b->teacher;
    out->right = right;
    return QST_OK;
}

static qst_status run_setting(run *r, size_t setting, uint64_t seed, size_t index, const base *b)
{
    qst_status status = QST_OK;
    const qsti_recipe_values *values = &r->recipe->settings[setting];
    qsti_setting_result *result = &r->results[setting];
    qsti_seed_result *out = &result->seeds[index];
    qst_train_opts chosen;
    char name[256];
    double start = qsti_now();
    snprintf(name, sizeof name, "%.200s/seed-%llu", values->setting, (unsigned long long)seed);
    out->seed = seed;
    out->n_train = b->exam.parts[QST_TRAIN].n;
    out->n_validation = b->exam.parts[QST_VALIDATION].n;
    out->n_test = b->exam.parts[QST_TEST].n;
    QSTI_TRY(copy_teacher(r, b, &out->roles[QSTI_TEACHER]));
    result->sizes[QSTI_TEACHER] = qsti_exam_teacher_size(&b->exam);
    QSTI_TRY(run_student(r, setting, seed, index, b, name, &chosen, out));
    if (values->controls) {
        QSTI_TRY(run_control(r, setting, seed, index, b, name, &chosen, out));
        QSTI_TRY(run_floor(r, setting, seed, b, name, out));
    }
    result->seconds_teacher += b->seconds;
    result->seconds_total += b->seconds + qsti_now() - start;
done:
    return status;
}

/* --- seeds -------------------------------------------------------------------------------------------------------- */

static qst_status run_seed(run *r, size_t index)
{
    qst_status status = QST_OK;
    size_t n_settings = r->recipe->n_settings;
    base *bases = NULL;
    QSTI_TRY(QSTI_NEW(r->ctx, n_settings, &bases));
    for (size_t s = 0; s < n_settings; s++) {
        const qsti_recipe_values *values = &r->recipe->settings[s];
        uint64_t seed = values->seed + index;
        base *b = &bases[r->group[s]];
        if (index >= values->seeds)
            continue;
        if (b->dataset == NULL)
            QSTI_TRY(make_base(r, r->group[s], seed, index, b));
        QSTI_TRY(run_setting(r, s, seed, index, b));
        QSTI_TRY(qsti_run_flush(&r->folder));
    }
done:
    for (size_t s = 0; s < n_settings && bases != NULL; s++)
        base_clear(r->ctx, &bases[s]);
    qsti_free(r->ctx, bases);
    return status;
}

/* --- all of it ---------------------------------------------------------------------------------------------------- */

static void run_clear(run *r)
{
    for (size_t s = 0; s < r->recipe->n_settings; s++) {
        if (r->tables != NULL && r->group[s] == s)
            qst_table_free(r->tables[s]);
        for (size_t i = 0; r->results != NULL && i < r->results[s].n_seeds && r->results[s].seeds != NULL; i++) {
            qsti_free(r->ctx, r->results[s].seeds[i].grid);
            for (int role = 0; role < QSTI_ROLE_COUNT; role++)
                qsti_role_result_clear(r->ctx, &r->results[s].seeds[i].roles[role]);
        }
        if (r->results != NULL)
            qsti_free(r->ctx, r->results[s].seeds);
    }
    qsti_free(r->ctx, r->tables);
    qsti_free(r->ctx, r->results);
    qsti_free(r->ctx, r->group);
    qsti_run_folder_clear(&r->folder);
}

/* Tables, groups and room for results. */
static qst_status run_prepare(run *r)
{
    qst_status status = QST_OK;
    size_t n = r->recipe->n_settings;
    QSTI_TRY(QSTI_NEW(r->ctx, n, &r->group));
    QSTI_TRY(QSTI_NEW(r->ctx, n, &r->tables));
    QSTI_TRY(QSTI_NEW(r->ctx, n, &r->results));
    for (size_t s = 0; s < n; s++) {
        qsti_recipe_values *values = &r->recipe->settings[s];
        r->group[s] = s;
        for (size_t before = 0; before < s && r->group[s] == s; before++) {
            bool same = false;
            QSTI_TRY(qsti_recipe_same_teacher(r->ctx, values, &r->recipe->settings[before], &same));
            if (same && values->distill.initial_weights == r->recipe->settings[before].distill.initial_weights)
                r->group[s] = r->group[before];
        }
        if (r->group[s] != s) {
            r->tables[s] = r->tables[r->group[s]];
        } else {
            qst_table_opts opts = values->table;
            opts.seed = values->seed;
            QSTI_TRY(qst_table_load(r->ctx, &opts, &r->tables[s]));
        }
        qsti_setting_result *result = &r->results[s];
        result->name = values->setting;
        result->loss = qst_loss_describe(values->distill.loss)->name;
        result->label_fraction = values->distill.label_fraction;
        QSTI_TRY(QSTI_NEW(r->ctx, values->seeds, &result->seeds));
        result->n_seeds = values->seeds;
    }
    count_work(r);
done:
    return status;
}

/* The conditions of all settings, each for its own. */
static qst_status gather_requirements(const run *r, qsti_requirement **out, size_t *out_n)
{
    size_t n = 0;
    for (size_t s = 0; s < r->recipe->n_settings; s++)
        n += r->recipe->settings[s].n_requirements;
    qst_status status = QSTI_NEW(r->ctx, n, out);
    for (size_t s = 0; status == QST_OK && s < r->recipe->n_settings; s++) {
        for (size_t i = 0; i < r->recipe->settings[s].n_requirements; i++) {
            const qsti_recipe_requirement *from = &r->recipe->settings[s].requirements[i];
            (*out)[(*out_n)++] =
                (qsti_requirement){from->path, from->minimum, from->maximum, r->recipe->settings[s].setting};
        }
    }
    return status;
}

static qst_status write_report(run *r, qst_report **out)
{
    qst_status status = QST_OK;
    json_t *json = NULL;
    qsti_requirement *requirements = NULL;
    size_t n_requirements = 0;
    bool holds = true;
    char *path = NULL, recipe_hash[QSTI_HASH_CHARS];
    qsti_text inputs;
    qsti_text_init(&inputs, r->ctx);
    QSTI_TRY(gather_requirements(r, &requirements, &n_requirements));
    QSTI_TRY(qsti_run_inputs(r->tables[0], &r->recipe->settings[0], &inputs));
    qsti_hash_bytes(qst_recipe_text(r->recipe), strlen(qst_recipe_text(r->recipe)), recipe_hash);
    qsti_run_facts facts = {
        .name = qst_recipe_name(r->recipe),
        .data_name = qst_table_name(r->tables[0]),
        .inputs = inputs.bytes,
        .isa = qst_isa_name(),
        .version = qst_version(),
        .n_threads = qst_ctx_threads(r->ctx),
        .n_classes = r->recipe->settings[0].dataset.classes ? r->recipe->settings[0].dataset.n_classes
                                                            : qst_table_classes(r->tables[0]),
        .recipe_hash = recipe_hash,
        .data_hash = qst_table_hash(r->tables[0]),
        .seconds = qsti_now() - r->start,
        .folder = r->folder.path,
    };
    QSTI_TRY(qsti_report_build(r->ctx, &facts, r->results, r->recipe->n_settings, requirements, n_requirements, &json,
                               &holds));
    qsti_run_log(&r->folder, "report after %.2f s", facts.seconds);
    QSTI_TRY(qsti_run_flush(&r->folder));
    QSTI_TRY(qsti_run_path(&r->folder, &path, "report.json"));
    QSTI_TRY(qsti_json_write(r->ctx, path, json));
    QSTI_TRY(qsti_report_wrap(r->ctx, json, r->folder.path, holds, out));
    qsti_run_forget_checkpoints(&r->folder);
done:
    qsti_text_clear(&inputs);
    qsti_free(r->ctx, requirements);
    qsti_free(r->ctx, path);
    json_decref(json);
    return status;
}

/* A run that is finished already: its report as it lies there. */
static qst_status reread_report(run *r, qst_report **out)
{
    qst_status status = QST_OK;
    json_t *json = NULL;
    char *path = NULL;
    QSTI_TRY(qsti_run_path(&r->folder, &path, "report.json"));
    QSTI_TRY(qsti_json_read(r->ctx, path, QST_ERR_DAMAGED, &json));
    const json_t *holds = json_object_get(json, "requirements_hold");
    QSTI_TRY(qsti_report_wrap(r->ctx, json, r->folder.path, !json_is_false(holds), out));
done:
    qsti_free(r->ctx, path);
    json_decref(json);
    return status;
}

/* A setting's folder must not be one of the run's own files or folders. */
static qst_status check_setting_name(const qst_recipe *recipe, const char *name)
{
    static const char *const taken[] = {"checkpoints", "recipe.yaml", "report.json", "metrics.csv", "log.txt"};
    for (size_t i = 0; i < sizeof taken / sizeof taken[0]; i++) {
        if (strcmp(name, taken[i]) == 0)
            return qsti_fail(recipe->ctx, QST_ERR_USAGE,
                             "settings: name: \"%s\" is taken by the run folder itself: choose another", name);
    }
    return QST_OK;
}

qst_status qst_run(const qst_recipe *recipe, const qst_run_opts *opts, qst_report **out)
{
    static const qst_run_opts no_opts = {0};
    qst_status status = QST_OK;
    run r = {.ctx = recipe->ctx, .recipe = recipe, .start = qsti_now()};
    bool finished = false;
    size_t n_seeds = 0;
    opts = opts ? opts : &no_opts;
    r.resume = opts->resume;
    for (size_t s = 0; s < recipe->n_settings; s++) {
        QSTI_TRY(check_setting_name(recipe, recipe->settings[s].setting));
        n_seeds = recipe->settings[s].seeds > n_seeds ? recipe->settings[s].seeds : n_seeds;
        for (size_t i = 0; i < recipe->settings[s].n_requirements; i++)
            QSTI_TRY(qsti_report_check_path(r.ctx, recipe->settings[s].requirements[i].path));
    }
    QSTI_TRY(run_prepare(&r));
    QSTI_TRY(qsti_run_folder_open(recipe, opts, &r.folder, &finished));
    if (finished) {
        QSTI_TRY(reread_report(&r, out));
        goto done;
    }
    for (size_t i = 0; i < n_seeds; i++)
        QSTI_TRY(run_seed(&r, i));
    QSTI_TRY(write_report(&r, out));
done:
    if (status != QST_OK && r.folder.path != NULL) {
        if (status == QST_ERR_INTERRUPTED)
            qsti_fail(r.ctx, status, "stopped by request; the same command with --resume --out %s goes on",
                      r.folder.path);
        qsti_run_log(&r.folder, "stopped: %s", qst_ctx_message(r.ctx));
        qsti_run_flush(&r.folder);
    }
    run_clear(&r);
    return status;
}
