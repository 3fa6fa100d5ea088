/* teachers.c: see teachers.h.
 *
 *     labels -> teacher (1 or more members) -> [on the device] -> [calibration] -> knowledge, queries
 *            -> assistant 1 -> assistant 2 -> ... -> generation 1 -> ... -> (the student)
 *
 * Each model of the chain is distilled as the student is: the same loss, temperatures, labels and batches, from the
 * answers of the one before, which also answers the queries anew. All are examined by the teacher itself. Member,
 * assistant or generation number k > 0 draws its weights and its order by a seed of its own.
 */
#include "run/teachers.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/rng.h"
#include "import/import_oracle.h"
#include "knowledge/extract.h"
#include "knowledge/fourier_extract.h"
#include "run/device_exam.h"
#include "student/distillation.h"
#include "teacher/ensemble.h"
#include "teacher/teacher.h"

bool qsti_teaching_has(const qsti_teaching_plan *plan, size_t setting)
{
    const qsti_run *run = plan->run;
    const qsti_recipe_values *values = &run->recipe->settings[setting];
    return run->group[setting] == plan->setting && plan->seed - values->seed < values->seeds;
}

typedef struct work {
    qst_ctx *ctx;
    const qsti_teaching_plan *plan;
    qsti_recipe_values *values;
    qsti_teaching *out;
    qsti_oracle *oracle; /* the teacher; NULL: a table */
    qst_model **members; /* (ensemble): the models behind it; NULL: a table */
    double spent, cost;  /* of the trainings begun and of all, see training_cost.c */
} work;

/* Seeds of models that are not the first of their kind. */
typedef enum mentor_stream { STREAM_MEMBER, STREAM_ASSISTANT, STREAM_GENERATION } mentor_stream;

static uint64_t seed_of(const work *w, mentor_stream stream, size_t index)
{
    qsti_rng rng = qsti_rng_init(w->plan->seed, QSTI_PURPOSE_MENTOR, (uint32_t)stream, (uint32_t)index);
    return qsti_rng_u64(&rng);
}

static qsti_mentor *next_mentor(work *w, const char *kind, size_t number, bool in_chain)
{
    qsti_mentor *mentor = &w->out->mentors[w->out->n_mentors];
    mentor->in_chain = in_chain;
    if (number > 0)
        snprintf(mentor->name, sizeof mentor->name, "%s-%zu", kind, number);
    else
        snprintf(mentor->name, sizeof mentor->name, "%s", kind);
    return mentor;
}

/* What is told of progress from now on is that of a training, one after the other. */
static void begin_training(work *w, const qsti_recipe_model *model)
{
    double before = w->spent;
    w->spent += qsti_training_cost(model);
    if (w->cost > 0)
        qsti_progress_part(w->ctx, before / w->cost, w->spent / w->cost);
}

/* --- the teacher's members ---------------------------------------------------------------------------------------- */

static qst_status train_member(work *w, size_t index, qst_model **out)
{
    qst_status status = QST_OK;
    const qsti_run *run = w->plan->run;
    const qsti_recipe_model *spec = &w->values->teacher;
    qsti_mentor *mentor = next_mentor(w, "teacher", index == 0 ? 0 : index + 1, false);
    uint64_t seed = index == 0 ? w->plan->seed : seed_of(w, STREAM_MEMBER, index);
    const qsti_train_hooks hooks = qsti_train_progress(w->ctx);
    char *checkpoint = NULL;
    QSTI_TRY(qsti_run_checkpoint(run, w->ctx, w->plan->name, mentor->name, &checkpoint));
    qst_train_opts opts = qsti_run_train_opts(run, w->values, spec, seed, checkpoint);
    begin_training(w, spec);
    QSTI_TRY(qsti_teacher_train(w->plan->dataset, &spec->model, &opts, &hooks, out, &mentor->outcome));
    w->out->n_mentors++;
    QSTI_TRY(qsti_run_save_model(run, *out, w->plan->name, mentor->name));
    mentor->size = qsti_exam_size(*out);
    mentor->n_steps = mentor->outcome.result.steps;
done:
    qsti_free(w->ctx, checkpoint);
    return status;
}

/* The teacher of n members, which it takes: one as it is, several as their ensemble. */
static qst_status join(work *w, qsti_oracle **members, size_t n)
{
    qst_status status = QST_OK;
    if (n == 1)
        w->oracle = members[0];
    else
        status = qsti_ensemble_create(w->ctx, members, n, &w->oracle);
    if (status == QST_OK)
        memset(members, 0, n * sizeof(qsti_oracle *));
    return status;
}

static qst_status train_members(work *w)
{
    qst_status status = QST_OK;
    size_t n = w->values->teacher.ensemble;
    qsti_oracle **members = NULL;
    qst_model *model = NULL;
    QSTI_TRY(QSTI_NEW(w->ctx, n, &members));
    QSTI_TRY(QSTI_NEW(w->ctx, n, &w->members));
    for (size_t i = 0; i < n; i++) {
        QSTI_TRY(train_member(w, i, &model));
        QSTI_TRY(qsti_oracle_from_model(model, &members[i]));
        w->members[i] = model;
        model = NULL;
    }
    QSTI_TRY(join(w, members, n));
done:
    qst_model_free(model);
    for (size_t i = 0; i < n && members != NULL; i++)
        qsti_oracle_free(members[i]);
    qsti_free(w->ctx, members);
    return status;
}

/* A model's file or folder, or the description of a circuit. */
static qst_status open_file(const work *w, const char *path, qst_const_matrix rows, qsti_oracle **out)
{
    const qsti_recipe_model *teacher = &w->values->teacher;
    qst_model *model = NULL;
    if (!qsti_teacher_is_described(path))
        return qsti_import_oracle(w->ctx, path, teacher->scores_kind, teacher->scores_temperature, rows, out);
    qst_status status = qst_teacher_import(w->ctx, path, NULL, &model);
    if (status != QST_OK)
        return status;
    return qsti_model_oracle(w->ctx, path, model, teacher->scores_kind, teacher->scores_temperature, rows, out);
}

/* Those that were made elsewhere. */
static qst_status open_files(work *w)
{
    qst_status status = QST_OK;
    const qsti_recipe_model *teacher = &w->values->teacher;
    const qst_const_matrix rows = qst_table_features(w->plan->table);
    size_t n = teacher->n_more_files + 1;
    qsti_oracle **members = NULL;
    QSTI_TRY(QSTI_NEW(w->ctx, n, &members));
    for (size_t i = 0; i < n; i++)
        QSTI_TRY(open_file(w, i == 0 ? teacher->file : teacher->more_files[i - 1], rows, &members[i]));
    QSTI_TRY(join(w, members, n));
done:
    for (size_t i = 0; i < n && members != NULL; i++)
        qsti_oracle_free(members[i]);
    qsti_free(w->ctx, members);
    return status;
}

/* --- surrogates --------------------------------------------------------------------------------------------------- */

static bool is_of_base(const work *w, size_t setting)
{
    return qsti_teaching_has(w->plan, setting);
}

static bool has_students(const work *w, const char *kind)
{
    const qst_recipe *recipe = w->plan->run->recipe;
    for (size_t s = 0; s < recipe->n_settings; s++)
        if (is_of_base(w, s) && strcmp(recipe->settings[s].student.model.kind, kind) == 0)
            return true;
    return false;
}

/* Before the teacher is trained for nothing: what students of kind fourier will ask. */
static qst_status foresee_surrogates(const work *w)
{
    qst_status status = QST_OK;
    const qst_dataset *dataset = w->plan->dataset;
    qst_model *model = NULL;
    if (!has_students(w, "fourier") || qsti_recipe_has_chain(w->values))
        return QST_OK;
    if (w->values->teacher.ensemble > 1)
        return qsti_fail(
            w->ctx, QST_ERR_USAGE,
            "student.model contradicts teacher.ensemble: a mean of probabilities has no Fourier surrogate");
    QSTI_TRY(qst_model_create(w->ctx, &w->values->teacher.model, dataset->n_features, dataset->n_classes, &model));
    QSTI_TRY(qsti_fourier_foresee(w->ctx, model));
done:
    qst_model_free(model);
    return status;
}

/* Points for students of kind fourier; for random_fourier the spectrum of a circuit. */
static qst_status ask_for_surrogates(const work *w, qst_model *model, qst_knowledge *knowledge)
{
    bool points = has_students(w, "fourier");
    if (model == NULL || (!points && !(has_students(w, "random_fourier") && qsti_fourier_has_spectrum(model))))
        return QST_OK;
    return qsti_knowledge_add_fourier(knowledge, model, w->plan->dataset, points);
}

/* --- what the teacher knows --------------------------------------------------------------------------------------- */

bool qsti_run_keeps_weights(const qsti_recipe_values *values)
{
    const qst_train_opts opts = {.plan = values->distill.plan};
    return values->distill.initial_weights || qsti_loss_plan_needs_states(&opts);
}

/* Before the teacher is trained for nothing: words that are no observables of its circuit. */
static qst_status foresee_observables(const work *w)
{
    const qst_model_opts *teacher = &w->values->teacher.model;
    const qst_match_opts *match = &w->values->distill.match;
    bool is_trained = w->values->teacher.file == NULL && !w->values->teacher.is_table;
    if (match->n_observables == 0 || !is_trained || strcmp(teacher->kind, "circuit") != 0)
        return QST_OK;
    return qsti_observables_foresee(w->ctx, teacher->circuit.qubits, match->observables, match->n_observables);
}

/* What students are matched to, from the model that taught them. */
static qst_status add_kinds(work *w, qst_model *model, qst_knowledge *knowledge)
{
    qst_status status = QST_OK;
    const qst_distill_opts *distill = &w->values->distill;
    const qst_match_opts *match = &distill->match;
    const qst_dataset *dataset = w->plan->dataset;
    if (qsti_run_keeps_weights(w->values) || match->states > 0 || match->processes > 0)
        QSTI_TRY(qst_knowledge_add_weights(knowledge, model));
    if (match->n_observables > 0)
        QSTI_TRY(qsti_knowledge_add_observables(knowledge, model, dataset, match->observables, match->n_observables));
    if (match->gradients > 0)
        QSTI_TRY(qsti_knowledge_add_input_gradients(knowledge, model, dataset));
done:
    return status;
}

static qst_status ask_teacher(work *w)
{
    qst_status status = QST_OK;
    const qst_dataset *dataset = w->plan->dataset;
    qst_model *model = w->oracle != NULL ? qsti_oracle_model(w->oracle) : NULL;
    qst_knowledge **knowledge = &w->out->teacher;
    if (w->oracle == NULL)
        QSTI_TRY(qsti_run_table_knowledge(w->values, dataset, knowledge));
    else if (model != NULL)
        QSTI_TRY(qst_knowledge_extract(model, dataset, knowledge));
    else
        QSTI_TRY(qsti_knowledge_from_oracle(w->oracle, w->plan->table, dataset, knowledge));
    QSTI_TRY(add_kinds(w, model, *knowledge));
    if (w->values->teacher.calibrate)
        QSTI_TRY(qsti_knowledge_calibrate(*knowledge, dataset));
    QSTI_TRY(ask_for_surrogates(w, model, *knowledge));
done:
    return status;
}

/* The teacher by its scores, its members each for itself. One that is its only member, uncalibrated, is that member. */
static qst_status examine_teacher(work *w)
{
    qst_status status = QST_OK;
    qsti_teaching *t = w->out;
    size_t n = w->members != NULL ? w->values->teacher.ensemble : 0;
    QSTI_TRY(qsti_exam_create(w->plan->dataset, t->teacher, &t->exam));
    for (size_t i = 0; i < n; i++)
        QSTI_TRY(qsti_exam_model(&t->exam, w->members[i], 1.0, &t->mentors[i].outcome, NULL, &t->mentors[i].result));
    if (n == 1 && !w->values->teacher.calibrate) {
        QSTI_TRY(qsti_role_result_copy(w->ctx, &t->mentors[0].result, &t->result));
        goto done;
    }
    QSTI_TRY(qsti_exam_teacher(&t->exam, &t->result));
    if (n == 1) {
        t->result.epochs = t->mentors[0].result.epochs;
        t->result.selected_epoch = t->mentors[0].result.selected_epoch;
        t->result.last_epoch_accuracy = t->mentors[0].result.last_epoch_accuracy;
    }
done:
    return status;
}

/* --- on the device ------------------------------------------------------------------------------------------------ */

/* What the teacher says there, in place of what it says exactly; all else that it knows stays. */
static qst_status ask_on_device(work *w)
{
    qst_status status = QST_OK;
    const qsti_device_plan *plan = &w->plan->run->devices[w->plan->setting];
    qst_knowledge **noisy = &w->out->noisy;
    if (plan->recipe == NULL || plan->recipe->teacher == QSTI_DEVICE_TEACHER_IDEAL)
        return QST_OK;
    qst_model *model = w->members[0];
    QSTI_TRY(qst_knowledge_extract(model, w->plan->dataset, noisy));
    QSTI_TRY(qsti_device_ask(w->ctx, w->plan->dataset, plan, model,
                             (qst_matrix){(*noisy)->scores, (*noisy)->n_rows, (*noisy)->n_scores}));
    QSTI_TRY(add_kinds(w, model, *noisy));
    if (w->values->teacher.calibrate)
        QSTI_TRY(qsti_knowledge_calibrate(*noisy, w->plan->dataset));
    QSTI_TRY(ask_for_surrogates(w, model, *noisy));
done:
    return status;
}

/* --- queries ------------------------------------------------------------------------------------------------------ */

static bool same_file(const char *a, const char *b)
{
    return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static bool same_queries(const qst_query_opts *a, const qst_query_opts *b)
{
    return a->mixup == b->mixup && a->mixup_least == b->mixup_least && a->noise == b->noise &&
           a->noise_sd == b->noise_sd && a->budget == b->budget && same_file(a->file, b->file);
}

/* Before the teacher is trained for nothing: files of queries that are not there, or are of other rows. */
static qst_status foresee_queries(const work *w)
{
    qst_status status = QST_OK;
    const qst_recipe *recipe = w->plan->run->recipe;
    for (size_t s = 0; s < recipe->n_settings && status == QST_OK; s++)
        if (is_of_base(w, s))
            status = qsti_queries_foresee(w->plan->table, &recipe->settings[s].queries);
    return status;
}

static qst_status ask_queries(work *w, size_t setting)
{
    qst_status status = QST_OK;
    const qst_knowledge *teacher = w->out->teacher;
    const qst_query_opts *opts = &w->plan->run->recipe->settings[setting].queries;
    qsti_queries *queries = &w->out->queries[setting];
    QSTI_TRY(qsti_queries_make(w->oracle, w->plan->table, w->plan->dataset, opts, queries));
    if (teacher->calibration > 0)
        qsti_queries_calibrate(w->oracle->kind, teacher->calibration, queries);
done:
    return status;
}

/* What each setting's students learn from: the teacher's knowledge with the setting's queries. */
static qst_status make_lessons(work *w)
{
    qst_status status = QST_OK;
    qsti_teaching *t = w->out;
    const qst_recipe *recipe = w->plan->run->recipe;
    for (size_t s = 0; s < t->n_settings; s++) {
        const qst_query_opts *opts = &recipe->settings[s].queries;
        size_t first = 0;
        if (!is_of_base(w, s))
            continue;
        t->lessons[s] = t->noisy != NULL ? *t->noisy : *t->teacher;
        if (!qsti_query_opts_any(opts))
            continue;
        while (first < s && !(is_of_base(w, first) && same_queries(opts, &recipe->settings[first].queries)))
            first++;
        if (first == s)
            QSTI_TRY(ask_queries(w, s));
        t->lessons[s].queries = t->queries[first];
    }
done:
    return status;
}

/* --- the chain ---------------------------------------------------------------------------------------------------- */

/* The best cell of a distillation from `lesson`, as the student is trained. */
static qst_status distil(work *w, const qst_knowledge *lesson, const qsti_recipe_model *spec, uint64_t seed,
                         qsti_mentor *mentor, qst_model **out)
{
    qst_status status = QST_OK;
    const qsti_run *run = w->plan->run;
    qsti_distillation *distillation = NULL;
    qst_distill_result result = {0};
    char *checkpoint = NULL;
    QSTI_TRY(qsti_run_checkpoint(run, w->ctx, w->plan->name, mentor->name, &checkpoint));
    qst_train_opts train = qsti_run_train_opts(run, w->values, spec, seed, checkpoint);
    const qsti_distill_plan plan = {.dataset = w->plan->dataset,
                                    .knowledge = lesson,
                                    .model = &spec->model,
                                    .train = &train,
                                    .opts = &w->values->distill,
                                    .cells = true};
    QSTI_TRY(qsti_distillation_create(w->ctx, &plan, &distillation));
    for (size_t i = 0; i < qsti_distillation_arms(distillation); i++) {
        begin_training(w, spec);
        QSTI_TRY(qsti_distillation_train(w->ctx, distillation, i));
    }
    size_t best = qsti_distillation_choose(distillation, &result);
    QSTI_TRY(qsti_distillation_model(w->ctx, distillation, best, out, &mentor->outcome));
done:
    qst_distill_result_clear(w->ctx, &result);
    qsti_distillation_free(w->ctx, distillation);
    qsti_free(w->ctx, checkpoint);
    return status;
}

/* One step: what the last one taught makes a model, whose answers are the next lesson. */
static qst_status climb(work *w, const qsti_recipe_model *spec, const char *kind, size_t number, mentor_stream stream)
{
    qst_status status = QST_OK;
    qsti_teaching *t = w->out;
    size_t setting = w->plan->setting;
    qsti_mentor *mentor = next_mentor(w, kind, number, true);
    qst_model *model = NULL;
    qsti_queries queries = {0};
    QSTI_TRY(distil(w, &t->lessons[setting], spec, seed_of(w, stream, number), mentor, &model));
    t->n_mentors++;
    mentor->size = qsti_exam_size(model);
    mentor->n_steps = mentor->outcome.result.steps;
    if (w->plan->run->search == NULL)
        QSTI_TRY(qsti_exam_model(&t->exam, model, w->values->distill.label_fraction, &mentor->outcome, NULL,
                                 &mentor->result));
    QSTI_TRY(qsti_run_save_model(w->plan->run, model, w->plan->name, mentor->name));
    qst_knowledge **knowledge = &t->taught[t->n_taught];
    QSTI_TRY(qst_knowledge_extract(model, w->plan->dataset, knowledge));
    t->n_taught++;
    QSTI_TRY(qsti_queries_answer(w->ctx, model, &t->lessons[setting].queries, &queries));
    qsti_queries_clear(w->ctx, &t->queries[setting]);
    t->queries[setting] = queries;
    QSTI_TRY(add_kinds(w, model, *knowledge));
    QSTI_TRY(ask_for_surrogates(w, model, *knowledge));
    t->lessons[setting] = **knowledge;
    t->lessons[setting].queries = queries;
done:
    qst_model_free(model);
    return status;
}

/* Settings that share a chain are alike in all that it depends on, so that they share its end too. */
static qst_status climb_chain(work *w)
{
    qst_status status = QST_OK;
    const qsti_recipe_values *values = w->values;
    for (size_t i = 0; i < values->n_assistants; i++)
        QSTI_TRY(climb(w, &values->assistant_models[i], "assistant", i + 1, STREAM_ASSISTANT));
    for (size_t i = 1; i < values->generations; i++)
        QSTI_TRY(climb(w, &values->student, "generation", i, STREAM_GENERATION));
    for (size_t s = 0; s < w->out->n_settings && w->out->n_taught > 0; s++)
        if (s != w->plan->setting && is_of_base(w, s))
            w->out->lessons[s] = w->out->lessons[w->plan->setting];
done:
    return status;
}

/* --- files -------------------------------------------------------------------------------------------------------- */

/* The teacher's answers; and where the students learn from something else, that too. */
static qst_status save_knowledge(const work *w)
{
    qst_status status = QST_OK;
    const qsti_run *run = w->plan->run;
    const qsti_teaching *t = w->out;
    char *path = NULL;
    QSTI_TRY(qsti_run_path(w->ctx, &run->folder, &path, "%s/knowledge", w->plan->name));
    QSTI_TRY(qst_knowledge_save(t->teacher, path));
    for (size_t s = 0; s < t->n_settings; s++) {
        const qst_knowledge *lesson = &t->lessons[s];
        if (!is_of_base(w, s) || (lesson->queries.n == 0 && lesson->scores == t->teacher->scores))
            continue;
        qsti_free(w->ctx, path);
        path = NULL;
        QSTI_TRY(qsti_run_path(w->ctx, &run->folder, &path, "%s/seed-%llu/lesson", run->recipe->settings[s].setting,
                               (unsigned long long)w->plan->seed));
        QSTI_TRY(qst_knowledge_save(lesson, path));
    }
done:
    qsti_free(w->ctx, path);
    return status;
}

/* --- all of it ---------------------------------------------------------------------------------------------------- */

/* How many models are trained, those of the chain once each. */
static size_t count_mentors(const qsti_recipe_values *values)
{
    size_t n_chain = values->n_assistants + (values->generations - 1);
    return (values->teacher.is_table ? 0 : values->teacher.ensemble) + n_chain;
}

double qsti_teaching_seconds(const qsti_teaching *teaching)
{
    double seconds = 0;
    for (size_t i = 0; i < teaching->n_mentors; i++)
        seconds += teaching->mentors[i].outcome.result.seconds;
    return seconds;
}

qst_status qsti_teaching_make(qst_ctx *ctx, const qsti_teaching_plan *plan, qsti_teaching *out)
{
    qst_status status = QST_OK;
    const qst_recipe *recipe = plan->run->recipe;
    qsti_teaching teaching = {.n_settings = recipe->n_settings};
    work w = {.ctx = ctx, .plan = plan, .values = &recipe->settings[plan->setting], .out = &teaching};
    size_t n_mentors = count_mentors(w.values);
    w.cost = qsti_base_cost(w.values);
    QSTI_TRY(QSTI_NEW(ctx, n_mentors, &teaching.mentors));
    QSTI_TRY(QSTI_NEW(ctx, n_mentors, &teaching.taught));
    QSTI_TRY(QSTI_NEW(ctx, recipe->n_settings, &teaching.queries));
    QSTI_TRY(QSTI_NEW(ctx, recipe->n_settings, &teaching.lessons));
    QSTI_TRY(QSTI_NEW(ctx, recipe->n_settings, &teaching.measured));
    QSTI_TRY(foresee_surrogates(&w));
    QSTI_TRY(foresee_queries(&w));
    QSTI_TRY(foresee_observables(&w));
    if (w.cost > 0)
        qsti_progress_part(ctx, 0, 0); /* an imported teacher costs nothing beside the trainings that follow */
    teaching.begin = qsti_now();
    if (w.values->teacher.file != NULL)
        QSTI_TRY(open_files(&w));
    else if (!w.values->teacher.is_table)
        QSTI_TRY(train_members(&w));
    teaching.end = qsti_now();
    QSTI_TRY(ask_teacher(&w));
    QSTI_TRY(ask_on_device(&w));
    if (plan->run->search == NULL) {
        QSTI_TRY(examine_teacher(&w));
        QSTI_TRY(qsti_teaching_measure(ctx, plan, w.members != NULL ? w.members[0] : NULL, &teaching));
    }
    QSTI_TRY(make_lessons(&w));
    if (qsti_recipe_has_chain(w.values)) {
        QSTI_TRY(climb_chain(&w));
        teaching.end = qsti_now();
    }
    if (plan->run->search == NULL)
        QSTI_TRY(save_knowledge(&w));
    *out = teaching;
    teaching = (qsti_teaching){0};
done:
    qsti_oracle_free(w.oracle);
    qsti_free(ctx, w.members);
    qsti_teaching_release(ctx, &teaching);
    qsti_mentors_free(ctx, teaching.mentors, teaching.n_mentors);
    return status;
}

void qsti_mentors_free(qst_ctx *ctx, qsti_mentor *mentors, size_t n)
{
    for (size_t i = 0; i < n && mentors != NULL; i++) {
        qsti_role_result_clear(ctx, &mentors[i].result);
        qsti_train_outcome_clear(ctx, &mentors[i].outcome);
    }
    qsti_free(ctx, mentors);
}

void qsti_teaching_release(qst_ctx *ctx, qsti_teaching *teaching)
{
    qsti_exam_clear(&teaching->exam);
    qsti_role_result_clear(ctx, &teaching->result);
    for (size_t i = 0; i < teaching->n_taught; i++)
        qst_knowledge_free(teaching->taught[i]);
    for (size_t s = 0; s < teaching->n_settings && teaching->queries != NULL; s++)
        qsti_queries_clear(ctx, &teaching->queries[s]);
    qsti_teaching_release_measured(ctx, teaching);
    qst_knowledge_free(teaching->noisy);
    qsti_free(ctx, teaching->queries);
    qsti_free(ctx, teaching->lessons);
    qsti_free(ctx, teaching->taught);
    qst_knowledge_free(teaching->teacher);
    qsti_mentor *mentors = teaching->mentors;
    size_t n_mentors = teaching->n_mentors;
    *teaching = (qsti_teaching){.mentors = mentors, .n_mentors = n_mentors};
}
