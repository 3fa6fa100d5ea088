/* tune.c: a search over keys of a recipe, judged on validation rows alone.
 *
 * Every combination is a setting of one run (trainings.c), so settings with the same data and teacher share it, and all
 * trainings go on side by side. Halving [jamieson2016] goes in rounds: all combinations with a small share of the
 * epochs, then the best third with three times as many, until the last round has them all; a round trains anew, because
 * schedules depend on the number of epochs.
 *
 * What a training leaves is its checkpoint. A resumed search walks the same way and takes no step twice; it ends in the
 * same bytes.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "run/tune.h"

#define HALVING_FACTOR 3
#define MAX_ROUNDS     8
#define MESSAGE_BYTES  1024
#define CSV_S          1.0 /* while trainings go on, trials.csv is written no more often: it is written whole */

struct qst_tuning {
    qst_ctx *ctx;
    char *json, *page, *folder;
};

/* A search under way. */
typedef struct work {
    qst_ctx *ctx;
    const qst_recipe *recipe;
    qsti_pool pool;
    qsti_tune_space space;
    qst_recipe variants; /* the combinations as settings */
    qsti_tuning tuning;
    qsti_run run;
    qsti_search_round round;
    bool *idle;
    qsti_search_score *scores; /* (n_trials, n_seeds) of the round */
    size_t *epochs;            /* (n_trials) of a whole training */
    double csv_written;        /* when trials.csv was, monotonic seconds */
    char suffix[32];
} work;

/* --- rounds ------------------------------------------------------------------------------------------------------- */

/* As many as leave at least one combination and one epoch. */
static size_t count_rounds(const work *w)
{
    size_t n_rounds = 1, n = w->space.n_trials, epochs = SIZE_MAX;
    if (w->space.search != QSTI_SEARCH_HALVING)
        return 1;
    for (size_t t = 0; t < w->space.n_trials; t++)
        epochs = w->epochs[t] < epochs ? w->epochs[t] : epochs;
    while (n_rounds < MAX_ROUNDS && n >= HALVING_FACTOR && epochs >= HALVING_FACTOR) {
        n /= HALVING_FACTOR;
        epochs /= HALVING_FACTOR;
        n_rounds++;
    }
    return n_rounds;
}

static size_t epochs_of_round(const work *w, size_t trial, size_t round)
{
    double share = 1;
    for (size_t r = round + 1; r < w->tuning.n_rounds; r++)
        share /= HALVING_FACTOR;
    double epochs = round == w->tuning.n_rounds - 1 ? (double)w->epochs[trial] : ceil(share * (double)w->epochs[trial]);
    return (size_t)epochs;
}

/* --- judging ------------------------------------------------------------------------------------------------------ */

static void judge_trial(qsti_tune_trial *trial, size_t n_seeds)
{
    trial->accuracy = trial->loss = 0;
    for (size_t i = 0; i < n_seeds; i++) {
        trial->accuracy += trial->scores[i].diverged ? -INFINITY : trial->scores[i].accuracy / (double)n_seeds;
        trial->loss += trial->scores[i].diverged ? INFINITY : trial->scores[i].loss / (double)n_seeds;
    }
}

/* Who went further comes first, then who is better: a higher accuracy, then a lower cross-entropy, then the earlier. */
static bool goes_before(const qsti_tuning *tuning, size_t a, size_t b)
{
    const qsti_tune_trial *x = &tuning->trials[a], *y = &tuning->trials[b];
    if (x->rounds != y->rounds)
        return x->rounds > y->rounds;
    if (x->accuracy != y->accuracy)
        return x->accuracy > y->accuracy;
    return x->loss != y->loss ? x->loss < y->loss : a < b;
}

/* By insertion: the numbers are those of trainings. */
static void put_in_order(qsti_tuning *tuning, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        size_t at = i;
        for (; at > 0 && goes_before(tuning, i, tuning->order[at - 1]); at--)
            tuning->order[at] = tuning->order[at - 1];
        tuning->order[at] = i;
    }
    for (size_t i = 0; i < n; i++)
        tuning->trials[tuning->order[i]].rank = i;
}

/* --- files -------------------------------------------------------------------------------------------------------- */

static qst_status write_text(work *w, const char *name, const char *bytes, size_t n)
{
    char *path = NULL;
    qst_status status = qsti_run_path(w->ctx, &w->run.folder, &path, "%s", name);
    if (status == QST_OK)
        status = qsti_file_write(w->ctx, path, bytes, n);
    qsti_free(w->ctx, path);
    return status;
}

static qst_status write_csv(work *w)
{
    qsti_text text;
    qsti_text_init(&text, w->ctx);
    w->csv_written = qsti_now();
    qst_status status = qsti_tune_csv(&w->tuning, &text);
    if (status == QST_OK)
        status = write_text(w, "trials.csv", text.bytes, text.length);
    qsti_text_clear(&text);
    return status;
}

/* What a search that stops has come to; its failure stays the one to hear of. */
static void keep_csv(work *w, qst_status status)
{
    char message[MESSAGE_BYTES];
    snprintf(message, sizeof message, "%s", qst_ctx_message(w->ctx));
    if (w->csv_written > 0 && write_csv(w) != QST_OK)
        qsti_fail(w->ctx, status, "%s", message);
}

static qst_status write_plot(work *w, const json_t *result)
{
    qsti_text text;
    qsti_text_init(&text, w->ctx);
    qst_status status = qsti_tune_plot(result, &text);
    if (status == QST_OK && text.length > 0)
        status = write_text(w, "heatmap.gnuplot", text.bytes, text.length);
    qsti_text_clear(&text);
    return status;
}

static qst_status write_best(work *w)
{
    char *text = NULL;
    qst_status status = qsti_recipe_text_of(w->ctx, &w->space.values[w->tuning.order[0]], &text);
    if (status == QST_OK)
        status = write_text(w, "best.yaml", text, strlen(text));
    qsti_free(w->ctx, text);
    return status;
}

/* --- one round ---------------------------------------------------------------------------------------------------- */

static qst_status take_score(void *user, size_t setting, size_t index)
{
    work *w = user;
    qsti_tune_trial *trial = &w->tuning.trials[setting];
    const qsti_search_score *score = &w->scores[setting * w->tuning.n_seeds + index];
    trial->scores[index] = *score;
    if (w->tuning.n_validation == 0)
        w->tuning.n_validation = score->n_validation;
    bool is_old = qsti_now() - w->csv_written >= CSV_S;
    return index + 1 == w->tuning.n_seeds && is_old ? write_csv(w) : QST_OK;
}

static qst_status run_round(work *w, size_t round)
{
    qst_status status = QST_OK;
    size_t n = w->space.n_trials, n_active = 0;
    w->suffix[0] = '\0';
    if (round + 1 < w->tuning.n_rounds)
        snprintf(w->suffix, sizeof w->suffix, "-round-%zu", round + 1);
    for (size_t t = 0; t < n; t++) {
        qsti_tune_trial *trial = &w->tuning.trials[t];
        n_active += !w->idle[t];
        w->variants.settings[t].student.train.epochs = epochs_of_round(w, t, round);
        for (size_t i = 0; !w->idle[t] && i < w->tuning.n_seeds; i++)
            trial->scores[i] = (qsti_search_score){.accuracy = NAN, .loss = NAN};
        trial->rounds = w->idle[t] ? trial->rounds : round + 1;
        trial->epochs = w->idle[t] ? trial->epochs : epochs_of_round(w, t, round);
    }
    if (w->tuning.n_rounds > 1)
        qsti_run_log(&w->run.folder, "round %zu of %zu: %zu trials", round + 1, w->tuning.n_rounds, n_active);
    QSTI_TRY(qsti_run_trainings(&w->run));
    for (size_t t = 0; t < n; t++)
        judge_trial(&w->tuning.trials[t], w->tuning.n_seeds);
    put_in_order(&w->tuning, n);
    size_t n_kept = (n_active + HALVING_FACTOR - 1) / HALVING_FACTOR;
    for (size_t t = 0; t < n; t++)
        w->idle[t] = w->tuning.trials[t].rank >= n_kept;
    w->run.resume = true; /* teachers of earlier rounds are there */
done:
    return status;
}

/* --- before and after --------------------------------------------------------------------------------------------- */

static qst_status prepare_trials(work *w)
{
    qst_status status = QST_OK;
    size_t n = w->space.n_trials, n_seeds = w->recipe->settings[0].tune.seeds;
    w->tuning = (qsti_tuning){.space = &w->space, .n_seeds = n_seeds};
    QSTI_TRY(QSTI_POOL_NEW(&w->pool, n, &w->tuning.trials));
    QSTI_TRY(QSTI_POOL_NEW(&w->pool, n, &w->tuning.order));
    QSTI_TRY(QSTI_POOL_NEW(&w->pool, n, &w->idle));
    QSTI_TRY(QSTI_POOL_NEW(&w->pool, n, &w->epochs));
    QSTI_TRY(QSTI_POOL_NEW(&w->pool, n * n_seeds, &w->scores));
    QSTI_TRY(QSTI_POOL_NEW(&w->pool, n, &w->variants.settings));
    for (size_t t = 0; t < n; t++) {
        qsti_recipe_values *values = &w->variants.settings[t];
        *values = w->space.values[t];
        values->seeds = n_seeds;
        values->controls = 0;
        w->epochs[t] = values->student.train.epochs;
        QSTI_TRY(QSTI_POOL_NEW(&w->pool, n_seeds, &w->tuning.trials[t].scores));
        if (values->dataset.validation == 0)
            QSTI_TRY(qsti_fail(w->ctx, QST_ERR_USAGE,
                               "data.validation: 0: a search is judged on validation rows, and there are none"));
        if (n_seeds - 1 > UINT64_MAX - values->seed)
            QSTI_TRY(qsti_fail(w->ctx, QST_ERR_USAGE, "tune.seeds: seed + seeds - 1 is above 18446744073709551615"));
    }
    w->variants.ctx = w->ctx;
    w->variants.n_settings = n;
    w->variants.text = w->recipe->text;
    w->tuning.n_rounds = count_rounds(w);
    w->round = (qsti_search_round){w->idle, w->suffix, w->scores, n_seeds, take_score, w};
done:
    return status;
}

static qst_status wrap(work *w, const json_t *json, qst_tuning **out)
{
    qst_status status = QST_OK;
    qst_tuning *tuning = NULL;
    size_t length = 0;
    QSTI_TRY(QSTI_NEW(w->ctx, 1, &tuning));
    tuning->ctx = w->ctx;
    QSTI_TRY(qsti_json_text(w->ctx, json, &tuning->json, &length));
    QSTI_TRY(qsti_tune_page(w->ctx, json, w->run.folder.path, &tuning->page));
    QSTI_TRY(qsti_strdup(w->ctx, w->run.folder.path, &tuning->folder));
    *out = tuning;
    tuning = NULL;
done:
    qst_tuning_free(tuning);
    return status;
}

/* tune.json is the last file: where it is, all is there. */
static qst_status write_result(work *w, qst_tuning **out)
{
    qst_status status = QST_OK;
    json_t *json = NULL;
    char *path = NULL;
    QSTI_TRY(write_csv(w));
    QSTI_TRY(write_best(w));
    QSTI_TRY(qsti_tune_result(&w->tuning, &json));
    QSTI_TRY(write_plot(w, json));
    qsti_run_log(&w->run.folder, "tune.json");
    QSTI_TRY(qsti_run_flush(&w->run.folder));
    QSTI_TRY(qsti_run_path(w->ctx, &w->run.folder, &path, "tune.json"));
    QSTI_TRY(qsti_json_write(w->ctx, path, json));
    QSTI_TRY(wrap(w, json, out));
    qsti_run_forget_checkpoints(&w->run.folder);
done:
    json_decref(json);
    qsti_free(w->ctx, path);
    return status;
}

static qst_status reread_result(work *w, qst_tuning **out)
{
    qst_status status = QST_OK;
    json_t *json = NULL;
    char *path = NULL;
    QSTI_TRY(qsti_run_path(w->ctx, &w->run.folder, &path, "tune.json"));
    QSTI_TRY(qsti_json_read(w->ctx, path, QST_ERR_DAMAGED, &json));
    QSTI_TRY(wrap(w, json, out));
done:
    qsti_free(w->ctx, path);
    json_decref(json);
    return status;
}

static void work_clear(work *w)
{
    if (w->run.recipe != NULL)
        qsti_run_clear(&w->run);
    else
        qsti_run_folder_clear(&w->run.folder);
    qsti_pool_clear(&w->pool);
}

/* Runs without an own name are runs/NAME-tune-001. */
static qst_status open_folder(work *w, const qst_run_opts *opts, bool *out_finished)
{
    char name[160];
    snprintf(name, sizeof name, "%.140s-tune", qst_recipe_name(w->recipe));
    const qsti_folder_plan plan = {name, qst_recipe_text(w->recipe), "tune.json", false, 0};
    return qsti_run_folder_open(w->ctx, &plan, opts, &w->run.folder, out_finished);
}

qst_status qst_tune(const qst_recipe *recipe, const qst_run_opts *opts, qst_tuning **out)
{
    static const qst_run_opts no_opts = {0};
    qst_status status = QST_OK;
    work w = {.ctx = recipe->ctx, .recipe = recipe, .pool = {.ctx = recipe->ctx}};
    bool finished = false;
    opts = opts ? opts : &no_opts;
    QSTI_TRY(qsti_tune_space_create(recipe, &w.pool, &w.space));
    QSTI_TRY(prepare_trials(&w));
    w.run = (qsti_run){
        .ctx = w.ctx, .recipe = &w.variants, .resume = opts->resume, .start = qsti_now(), .search = &w.round};
    QSTI_TRY(qsti_run_prepare(&w.run));
    QSTI_TRY(open_folder(&w, opts, &finished));
    if (finished) {
        QSTI_TRY(reread_result(&w, out));
        qsti_run_forget_checkpoints(&w.run.folder);
        goto done;
    }
    QSTI_TRY(qsti_run_foresee_devices(&w.run));
    for (size_t round = 0; round < w.tuning.n_rounds; round++)
        QSTI_TRY(run_round(&w, round));
    QSTI_TRY(write_result(&w, out));
done:
    if (status != QST_OK && w.run.folder.path != NULL) {
        keep_csv(&w, status);
        qsti_run_folder_stop(&w.run.folder, status);
    }
    work_clear(&w);
    return status;
}

/* --- the object --------------------------------------------------------------------------------------------------- */

void qst_tuning_free(qst_tuning *tuning)
{
    if (tuning == NULL)
        return;
    qst_ctx *ctx = tuning->ctx;
    qsti_free(ctx, tuning->json);
    qsti_free(ctx, tuning->page);
    qsti_free(ctx, tuning->folder);
    qsti_free(ctx, tuning);
}

const char *qst_tuning_json(const qst_tuning *tuning)
{
    return tuning->json;
}

const char *qst_tuning_page(const qst_tuning *tuning)
{
    return tuning->page;
}

const char *qst_tuning_folder(const qst_tuning *tuning)
{
    return tuning->folder;
}
