/* report.c: the report of a run, qstill-report/1 (docs/report.md), put together from its parts.
 *
 * Equal work gives equal bytes but for the objects "time_s" and "machine": nothing else here depends on the clock, the
 * place or the number of threads. The top level repeats the first setting by sharing its values. */
#include "verify/report.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "verify/report_parts.h"

const char *qsti_role_name(qsti_role role)
{
    static const char *const names[QSTI_ROLE_COUNT] = {
        "teacher",
        "student",
#define QST_CONTROL(name, label, about, excludes) #name,
#include <qstill/controls.def>
#undef QST_CONTROL
    };
    return role == QSTI_CONTROL ? "control" : names[role];
}

/* --- JSON --------------------------------------------------------------------------------------------------------- */

json_t *qsti_json_count(size_t value)
{
    return json_integer((json_int_t)value);
}

json_t *qsti_json_interval(qsti_interval interval)
{
    if (isnan(interval.lo) && isnan(interval.hi)) {
        return json_null();
    }
    return json_pack("[o, o]", qsti_json_real(interval.lo), qsti_json_real(interval.hi));
}

json_t *qsti_json_reals(const double *values, size_t n)
{
    json_t *list = json_array();
    for (size_t i = 0; i < n; i++) {
        if (json_array_append_new(list, qsti_json_real(values[i])) != 0) {
            json_decref(list);
            return NULL;
        }
    }
    return list;
}

qst_status qsti_json_done(qst_ctx *ctx, bool ok)
{
    return ok ? QST_OK : qsti_fail(ctx, QST_ERR_MEMORY, "out of memory for the report");
}

json_t *qsti_json_foreign(qst_ctx *ctx, const char *foreign)
{
    if (foreign == NULL) {
        return json_null();
    }
    qsti_text text;
    qsti_text_init(&text, ctx);
    for (size_t n = strlen(foreign); n > 0;) {
        size_t bytes = qsti_utf8_step(foreign, n), step = bytes ? bytes : 1;
        qsti_text_add_bytes(&text, bytes ? foreign : "?", step);
        foreign += step;
        n -= step;
    }
    json_t *string = text.status == QST_OK ? json_stringn(text.bytes, text.length) : NULL;
    qsti_text_clear(&text);
    return string;
}

/* Seeds above the integers of JSON are written as text. */
static json_t *seed_json(uint64_t seed)
{
    if (seed <= INT64_MAX) {
        return json_integer((json_int_t)seed);
    }
    return json_sprintf("%" PRIu64, seed);
}

/* A string of our own, or null. */
static json_t *optional_string(const char *text)
{
    return text ? json_string(text) : json_null();
}

/* --- the seeds ---------------------------------------------------------------------------------------------------- */

static json_t *runs_json(const qsti_setting_result *setting)
{
    json_t *list = json_array();
    for (size_t s = 0; s < setting->n_seeds; s++) {
        const qsti_seed_result *seed = setting->seeds + s;
        json_t *entry = json_pack("{s:o, s:o, s:o, s:o, s:o}", "seed", seed_json(seed->seed), "train",
                                  qsti_json_count(seed->n_train), "validation", qsti_json_count(seed->n_validation),
                                  "test", qsti_json_count(seed->n_test), "labelled", qsti_json_count(seed->n_labelled));
        if (json_array_append_new(list, entry) != 0) {
            json_decref(list);
            return NULL;
        }
    }
    return list;
}

/* --- the search over temperature and alpha ------------------------------------------------------------------------ */

typedef struct grid_range {
    bool varies_temperature, varies_alpha;
} grid_range;

/* A loss without temperature has NaN there. */
static bool same_number(double a, double b)
{
    return a == b || (isnan(a) && isnan(b));
}

static grid_range range_of(const qsti_seed_result *seed)
{
    grid_range range = {0};
    for (size_t i = 0; i < seed->n_grid; i++) {
        range.varies_temperature |= !same_number(seed->grid[i].temperature, seed->grid[0].temperature);
        range.varies_alpha |= !same_number(seed->grid[i].alpha, seed->grid[0].alpha);
    }
    return range;
}

/* A cell over all seeds that have it: means on validation, and how often it was chosen. */
static json_t *cell_json(const qsti_setting_result *setting, const qsti_grid_cell *cell)
{
    double accuracy = 0, loss = 0;
    size_t n = 0, n_chosen = 0;
    for (size_t s = 0; s < setting->n_seeds; s++) {
        for (size_t i = 0; i < setting->seeds[s].n_grid; i++) {
            const qsti_grid_cell *other = setting->seeds[s].grid + i;
            if (same_number(other->temperature, cell->temperature) && same_number(other->alpha, cell->alpha)) {
                accuracy += other->validation_accuracy;
                loss += other->validation_loss;
                n_chosen += other->chosen;
                n++;
            }
        }
    }
    return json_pack("{s:o, s:o, s:o, s:o, s:o}", "temperature", qsti_json_real(cell->temperature), "alpha",
                     qsti_json_real(cell->alpha), "validation_accuracy", qsti_json_real(accuracy / (double)n),
                     "validation_loss", qsti_json_real(loss / (double)n), "chosen", qsti_json_count(n_chosen));
}

static json_t *grid_json(const qsti_setting_result *setting, const grid_range *range)
{
    json_t *cells = json_array();
    for (size_t i = 0; setting->n_seeds > 0 && i < setting->seeds[0].n_grid; i++) {
        if (json_array_append_new(cells, cell_json(setting, setting->seeds[0].grid + i)) != 0) {
            json_decref(cells);
            return NULL;
        }
    }
    return json_pack("{s:b, s:b, s:o}", "temperature_searched", range->varies_temperature, "alpha_searched",
                     range->varies_alpha, "cells", cells);
}

/* --- notes -------------------------------------------------------------------------------------------------------- */

static bool add_note(json_t *notes, const char *note)
{
    return json_array_append_new(notes, json_string(note)) == 0;
}

static const char *const control_names[QST_CONTROL_COUNT] = {
#define QST_CONTROL(name, label, about, excludes) #name,
#include <qstill/controls.def>
#undef QST_CONTROL
};

static json_t *left_out_json(const qsti_setting_result *setting)
{
    json_t *list = json_array();
    bool ok = list != NULL;
    for (int c = 0; ok && c < QST_CONTROL_COUNT; c++) {
        const char *why = setting->left_out[c];
        ok = why == NULL ||
             json_array_append_new(list, json_pack("{s:s, s:s}", "control", control_names[c], "why", why)) == 0;
    }
    if (!ok) {
        json_decref(list);
        return NULL;
    }
    return list;
}

/* What a reader of the numbers must know. */
static json_t *notes_json(const qsti_setting_result *setting, const grid_range *range)
{
    json_t *notes = json_array();
    bool ok = notes != NULL;
    if (ok && setting->n_seeds > 1) {
        ok = add_note(notes,
                      "Random re-splits of one data set overlap, so intervals over seeds are somewhat too narrow.");
    }
    if (ok && setting->n_seeds == 1) {
        ok = add_note(notes, "One seed: its intervals are Wilson's, for this model on these test rows; other seeds may "
                             "differ more.");
    }
    if (ok && setting->loss != NULL && strcmp(setting->loss, "kd") == 0 && !range->varies_temperature) {
        ok = add_note(notes, "The temperature was given, not searched.");
    }
    if (ok && setting->n_seeds > 0 && setting->seeds[0].n_validation == 0) {
        ok = add_note(notes, "There are no validation rows: no epoch was selected, and no temperature was fitted.");
    }
    if (ok && setting->device != NULL && setting->device->without_teacher != NULL) {
        ok = json_array_append_new(notes, json_sprintf("The teacher is not measured on the device: %s.",
                                                       setting->device->without_teacher)) == 0;
    }
    if (ok && setting->device != NULL && setting->device->twirled) {
        ok = add_note(notes, "Relaxation was replaced by the Pauli channel with the same diagonal (device.twirl).");
    }
    for (int c = 0; ok && c < QST_CONTROL_COUNT; c++) {
        const char *why = setting->left_out[c];
        ok = why == NULL ||
             json_array_append_new(notes, json_sprintf("Control %s left out: %s.", control_names[c], why)) == 0;
    }
    if (!ok) {
        json_decref(notes);
        return NULL;
    }
    return notes;
}

/* --- a setting ---------------------------------------------------------------------------------------------------- */

static bool repeat_verdict(json_t *object)
{
    const json_t *gain = json_object_get(object, "gain");
    return json_object_set(object, "verdict", json_object_get(gain, "verdict")) == 0 &&
           json_object_set(object, "verdict_text", json_object_get(gain, "verdict_text")) == 0;
}

static qst_status put_recovered_gap(qst_ctx *ctx, const qsti_setting_result *setting, json_t *object)
{
    qst_status status = QST_OK;
    double *accuracies = NULL, gap = NAN;
    qsti_interval interval = {NAN, NAN};
    bool valid = false;
    size_t n = 0, total = setting->n_seeds;
    QSTI_TRY(qsti_alloc(ctx, total, 3 * sizeof *accuracies, (void **)&accuracies));
    for (size_t s = 0; s < total; s++) {
        const qsti_role_result *roles = setting->seeds[s].roles;
        if (roles[QSTI_STUDENT].present && roles[QSTI_CONTROL].present && roles[QSTI_TEACHER].present) {
            accuracies[n] = roles[QSTI_STUDENT].test.accuracy;
            accuracies[total + n] = roles[QSTI_CONTROL].test.accuracy;
            accuracies[2 * total + n] = roles[QSTI_TEACHER].test.accuracy;
            n++;
        }
    }
    QSTI_TRY(qsti_recovered_gap(ctx, accuracies, accuracies + total, accuracies + 2 * total, n,
                                total > 0 ? setting->seeds[0].seed : 0, &gap, &interval, &valid));
    QSTI_TRY(qsti_json_done(ctx, qsti_json_put(object, "recovered_gap.value", qsti_json_real(gap)) &&
                                     qsti_json_put(object, "recovered_gap.ci", qsti_json_interval(interval))));
done:
    qsti_free(ctx, accuracies);
    return status;
}

static bool put_rows(const qsti_setting_result *setting, json_t *object)
{
    grid_range range = setting->n_seeds > 0 ? range_of(setting->seeds) : (grid_range){0};
    return qsti_json_put(object, "runs", runs_json(setting)) &&
           qsti_json_put(object, "grid", grid_json(setting, &range)) &&
           qsti_json_put(object, "left_out", left_out_json(setting)) &&
           qsti_json_put(object, "notes", notes_json(setting, &range)) &&
           qsti_json_put(object, "time_s.teacher", qsti_json_real(setting->seconds_teacher)) &&
           qsti_json_put(object, "time_s.student", qsti_json_real(setting->seconds_student)) &&
           qsti_json_put(object, "time_s.total", qsti_json_real(setting->seconds_total));
}

static qst_status put_setting(qst_ctx *ctx, const qsti_run_facts *facts, const qsti_setting_result *setting,
                              const qsti_comparison *comparisons, json_t *object)
{
    qst_status status = QST_OK;
    bool ok = qsti_json_put(object, "name", qsti_json_foreign(ctx, setting->name)) &&
              qsti_json_put(object, "verdict", json_null()) && qsti_json_put(object, "verdict_text", json_null()) &&
              qsti_json_put(object, "seeds", qsti_json_count(setting->n_seeds)) &&
              qsti_json_put(object, "loss", optional_string(setting->loss)) &&
              qsti_json_put(object, "label_fraction", qsti_json_real(setting->label_fraction)) &&
              qsti_json_put(object, "label_noise", qsti_json_real(setting->label_noise));
    QSTI_TRY(qsti_json_done(ctx, ok));
    QSTI_TRY(qsti_models_put(ctx, setting, object));
    QSTI_TRY(qsti_teaching_put(ctx, setting, object));
    QSTI_TRY(qsti_device_put(ctx, setting, object));
    QSTI_TRY(qsti_comparisons_put(ctx, facts, setting, comparisons, object));
    QSTI_TRY(put_recovered_gap(ctx, setting, object));
    QSTI_TRY(qsti_json_done(ctx, put_rows(setting, object) && repeat_verdict(object)));
done:
    return status;
}

static qst_status settings_json(qst_ctx *ctx, const qsti_run_facts *facts, const qsti_setting_result *settings,
                                size_t n_settings, json_t **out)
{
    qst_status status = QST_OK;
    qsti_comparison(*comparisons)[QSTI_CONTEST_COUNT] = NULL;
    json_t *list = json_array();
    QSTI_TRY(qsti_json_done(ctx, list != NULL));
    QSTI_TRY(QSTI_NEW(ctx, n_settings, &comparisons));
    QSTI_TRY(qsti_comparisons_measure(ctx, settings, n_settings, comparisons));
    for (size_t i = 0; i < n_settings; i++) {
        json_t *object = json_object();
        QSTI_TRY(qsti_json_done(ctx, json_array_append_new(list, object) == 0));
        QSTI_TRY(put_setting(ctx, facts, settings + i, comparisons[i], object));
    }
    *out = list;
    list = NULL;
done:
    json_decref(list);
    if (comparisons) {
        qsti_comparisons_clear(ctx, n_settings, comparisons);
    }
    qsti_free(ctx, comparisons);
    return status;
}

/* --- the report --------------------------------------------------------------------------------------------------- */

static bool put_facts(qst_ctx *ctx, const qsti_run_facts *facts, json_t *report)
{
    return qsti_json_put(report, "format", json_string(QSTI_REPORT_FORMAT)) &&
           qsti_json_put(report, "version", optional_string(facts->version)) &&
           qsti_json_put(report, "name", qsti_json_foreign(ctx, facts->name)) &&
           qsti_json_put(report, "data.name", qsti_json_foreign(ctx, facts->data_name)) &&
           qsti_json_put(report, "data.inputs", qsti_json_foreign(ctx, facts->inputs)) &&
           qsti_json_put(report, "data.classes", qsti_json_count(facts->n_classes)) &&
           qsti_json_put(report, "data.hash", optional_string(facts->data_hash)) &&
           qsti_json_put(report, "recipe_hash", optional_string(facts->recipe_hash));
}

/* The first setting's members; its name becomes "setting", and its times get the whole run's beside them. */
static bool repeat_first(const qsti_run_facts *facts, json_t *first, json_t *report)
{
    const char *key;
    json_t *value;
    json_object_foreach(first, key, value)
    {
        bool is_name = strcmp(key, "name") == 0, is_time = strcmp(key, "time_s") == 0;
        json_t *copy = is_time ? json_copy(value) : json_incref(value);
        if (!qsti_json_put(report, is_name ? "setting" : key, copy)) {
            return false;
        }
    }
    return qsti_json_put(report, "time_s.training", qsti_json_real(facts->seconds_training)) &&
           qsti_json_put(report, "time_s.run", qsti_json_real(facts->seconds));
}

static json_t *warnings_json(const qst_ctx *ctx)
{
    const char *const *messages = NULL;
    size_t n = qsti_ctx_warnings(ctx, &messages);
    json_t *list = json_array();
    for (size_t i = 0; i < n; i++) {
        if (json_array_append_new(list, json_string(messages[i])) != 0) {
            json_decref(list);
            return NULL;
        }
    }
    return list;
}

static bool put_machine(qst_ctx *ctx, const qsti_run_facts *facts, json_t *report)
{
    return qsti_json_put(report, "machine.threads", json_integer(facts->n_threads)) &&
           qsti_json_put(report, "machine.isa", optional_string(facts->isa)) &&
           qsti_json_put(report, "machine.folder", qsti_json_foreign(ctx, facts->folder));
}

qst_status qsti_report_build(qst_ctx *ctx, const qsti_run_facts *facts, const qsti_setting_result *settings,
                             size_t n_settings, const qsti_requirement *requirements, size_t n_requirements,
                             json_t **out, bool *out_required)
{
    qst_status status = QST_OK;
    json_t *report = json_object(), *list = NULL;
    bool required = true;
    QSTI_TRY(qsti_json_done(ctx, report != NULL));
    QSTI_TRY(settings_json(ctx, facts, settings, n_settings, &list));
    QSTI_TRY(
        qsti_json_done(ctx, put_facts(ctx, facts, report) && repeat_first(facts, json_array_get(list, 0), report)));
    QSTI_TRY(qsti_json_done(ctx, qsti_json_put(report, "settings", json_incref(list))));
    QSTI_TRY(qsti_requirements_put(ctx, requirements, n_requirements, report, &required));
    QSTI_TRY(
        qsti_json_done(ctx, qsti_json_put(report, "warnings", warnings_json(ctx)) && put_machine(ctx, facts, report)));
    *out = report;
    *out_required = required;
    report = NULL;
done:
    json_decref(list);
    json_decref(report);
    return status;
}
