/* run.c: a recipe from data to report: opens the run folder, has all trained (trainings.c), and writes the report. */
#include "run/run.h"

#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "run/teachers.h"
#include "student/controls.h"

/* --- all of it ---------------------------------------------------------------------------------------------------- */

void qsti_run_clear(qsti_run *r)
{
    for (size_t s = 0; s < r->recipe->n_settings; s++) {
        if (r->tables != NULL && r->group != NULL && r->group[s] == s)
            qst_table_free(r->tables[s]);
        for (size_t i = 0; r->results != NULL && i < r->results[s].n_seeds && r->results[s].seeds != NULL; i++) {
            qsti_free(r->ctx, r->results[s].seeds[i].grid);
            qsti_free(r->ctx, r->results[s].seeds[i].steps);
            for (int role = 0; role < QSTI_ROLE_COUNT; role++)
                qsti_role_result_clear(r->ctx, &r->results[s].seeds[i].roles[role]);
        }
        if (r->results != NULL)
            qsti_free(r->ctx, r->results[s].seeds);
        if (r->devices != NULL)
            qsti_device_plan_clear(r->ctx, &r->devices[s]);
    }
    qsti_free(r->ctx, r->devices);
    qsti_free(r->ctx, r->tables);
    qsti_free(r->ctx, r->results);
    qsti_free(r->ctx, r->group);
    qsti_run_folder_clear(&r->folder);
}

/* By default nobody misses noise_unaware where there is no device. */
static bool is_asked_for(const qsti_recipe_values *values, qst_control control)
{
    return control != QST_CONTROL_noise_unaware || values->device.given;
}

qst_status qsti_run_prepare(qsti_run *r)
{
    qst_status status = QST_OK;
    size_t n = r->recipe->n_settings;
    QSTI_TRY(QSTI_NEW(r->ctx, n, &r->group));
    QSTI_TRY(QSTI_NEW(r->ctx, n, &r->tables));
    QSTI_TRY(QSTI_NEW(r->ctx, n, &r->results));
    QSTI_TRY(QSTI_NEW(r->ctx, n, &r->devices));
    for (size_t s = 0; s < n; s++) {
        qsti_recipe_values *values = &r->recipe->settings[s];
        r->group[s] = s;
        for (size_t before = 0; before < s && r->group[s] == s; before++) {
            bool same = false;
            QSTI_TRY(qsti_recipe_same_teacher(r->ctx, values, &r->recipe->settings[before], &same));
            if (same && qsti_run_keeps_weights(values) == qsti_run_keeps_weights(&r->recipe->settings[before]))
                r->group[s] = r->group[before];
        }
        if (r->group[s] != s) {
            r->tables[s] = r->tables[r->group[s]];
        } else {
            qst_table_opts opts = values->table;
            opts.seed = values->seed;
            QSTI_TRY(qst_table_load(r->ctx, &opts, &r->tables[s]));
        }
        QSTI_TRY(qsti_device_plan_make(r->ctx, &values->device, &r->devices[s]));
        qst_train_opts train = values->student.train;
        train.conditions = qsti_device_plan_conditions(&r->devices[s]);
        qsti_setting_result *result = &r->results[s];
        result->device = r->devices[s].recipe != NULL ? &r->devices[s].facts : NULL;
        result->name = values->setting;
        result->loss = qst_loss_describe(values->distill.loss)->name;
        result->label_fraction = values->distill.label_fraction;
        result->label_noise = values->distill.label_noise;
        for (int c = 0; c < QST_CONTROL_COUNT; c++)
            if (qsti_controls_have(values->controls, (qst_control)c) && is_asked_for(values, (qst_control)c))
                result->left_out[c] =
                    qsti_control_misfit((qst_control)c, &values->student.model, &train, &values->distill);
        QSTI_TRY(QSTI_NEW(r->ctx, values->seeds, &result->seeds));
        result->n_seeds = values->seeds;
    }
done:
    return status;
}

/* The conditions of all settings, each for its own. */
static qst_status gather_requirements(const qsti_run *r, qsti_requirement **out, size_t *out_n)
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

static qst_status write_report(qsti_run *r, qst_report **out)
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
        .seconds_training = r->seconds_training,
        .folder = r->folder.path,
    };
    QSTI_TRY(qsti_report_build(r->ctx, &facts, r->results, r->recipe->n_settings, requirements, n_requirements, &json,
                               &holds));
    QSTI_TRY(qsti_run_write_devices(r));
    qsti_run_log(&r->folder, "report.json");
    QSTI_TRY(qsti_run_flush(&r->folder));
    QSTI_TRY(qsti_run_path(r->ctx, &r->folder, &path, "report.json"));
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
static qst_status reread_report(qsti_run *r, qst_report **out)
{
    qst_status status = QST_OK;
    json_t *json = NULL;
    char *path = NULL;
    QSTI_TRY(qsti_run_path(r->ctx, &r->folder, &path, "report.json"));
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
    static const char *const taken[] = {"checkpoints", "recipe.yaml", "report.json",
                                        "metrics.csv", "device.csv",  "log.txt"};
    for (size_t i = 0; i < sizeof taken / sizeof taken[0]; i++) {
        if (strcmp(name, taken[i]) == 0)
            return qsti_fail(recipe->ctx, QST_ERR_USAGE,
                             "settings: name: \"%s\" is taken by the run folder itself: choose another", name);
    }
    return QST_OK;
}

static size_t most_terms(const qst_recipe *recipe)
{
    size_t n = 0;
    for (size_t s = 0; s < recipe->n_settings; s++)
        n = recipe->settings[s].plan.n_terms > n ? recipe->settings[s].plan.n_terms : n;
    return n;
}

qst_status qst_run(const qst_recipe *recipe, const qst_run_opts *opts, qst_report **out)
{
    static const qst_run_opts no_opts = {0};
    qst_status status = QST_OK;
    qsti_run r = {.ctx = recipe->ctx, .recipe = recipe, .start = qsti_now()};
    bool finished = false;
    opts = opts ? opts : &no_opts;
    r.resume = opts->resume;
    for (size_t s = 0; s < recipe->n_settings; s++) {
        QSTI_TRY(check_setting_name(recipe, recipe->settings[s].setting));
        for (size_t i = 0; i < recipe->settings[s].n_requirements; i++)
            QSTI_TRY(qsti_report_check_path(r.ctx, recipe->settings[s].requirements[i].path));
    }
    QSTI_TRY(qsti_run_prepare(&r));
    const qsti_folder_plan plan = {qst_recipe_name(recipe), qst_recipe_text(recipe), "report.json", true,
                                   most_terms(recipe)};
    QSTI_TRY(qsti_run_folder_open(r.ctx, &plan, opts, &r.folder, &finished));
    if (finished) {
        QSTI_TRY(reread_report(&r, out));
        qsti_run_forget_checkpoints(&r.folder); /* one that was killed behind its report left them */
        goto done;
    }
    QSTI_TRY(qsti_run_foresee_devices(&r));
    QSTI_TRY(qsti_run_trainings(&r));
    QSTI_TRY(write_report(&r, out));
done:
    if (status != QST_OK && r.folder.path != NULL)
        qsti_run_folder_stop(&r.folder, status);
    qsti_run_clear(&r);
    return status;
}
