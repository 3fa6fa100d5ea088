/* tune_result.c: what a search found, as a document (qstill-tune/1, docs/tune.md) and as CSV.
 *
 * Intervals are the 95 % t intervals over seeds; `behind_best` is that of the paired differences to the best trial of
 * the same round, so a trial whose interval reaches 0 is not shown to be worse. The heat map has the best mean of all
 * trials of a cell that went as far as any in it.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "recipe/option_value.h"
#include "run/tune.h"
#include "verify/statistics.h"

#define LEVEL      0.95
#define RANGE_BINS 6

static const char *const search_names[] = {"grid", "random", "halving"};

/* --- values ------------------------------------------------------------------------------------------------------- */

static bool parse_number(const qsti_yaml *node, double *out)
{
    return node->kind == QSTI_YAML_SCALAR && !node->quoted &&
           qsti_parse_double(node->scalar, strlen(node->scalar), out);
}

static json_t *value_json(const qsti_yaml *node)
{
    double number = 0;
    json_t *json = NULL;
    if (node->kind == QSTI_YAML_NULL)
        return json_null();
    if (node->kind == QSTI_YAML_SCALAR) {
        if (!parse_number(node, &number))
            return json_string(node->scalar);
        return number == floor(number) && fabs(number) < 1e15 ? json_integer((json_int_t)number) : json_real(number);
    }
    json = node->kind == QSTI_YAML_LIST ? json_array() : json_object();
    for (size_t i = 0; json != NULL && i < node->n_children; i++) {
        json_t *child = value_json(&node->children[i]);
        if (node->kind == QSTI_YAML_LIST)
            json_array_append_new(json, child);
        else
            json_object_set_new(json, node->children[i].key, child);
    }
    return json;
}

/* As one word: what a table or a CSV shows. */
static void add_value(const qsti_yaml *node, qsti_text *out)
{
    if (node == NULL)
        return;
    if (node->kind == QSTI_YAML_SCALAR) {
        qsti_text_add(out, "%s", node->scalar);
        return;
    }
    if (node->kind == QSTI_YAML_NULL) {
        qsti_text_add(out, "null");
        return;
    }
    bool is_list = node->kind == QSTI_YAML_LIST;
    qsti_text_add(out, is_list ? "[" : "{");
    for (size_t i = 0; i < node->n_children; i++) {
        qsti_text_add(out, "%s%s%s", i ? ", " : "", is_list ? "" : node->children[i].key, is_list ? "" : ": ");
        add_value(&node->children[i], out);
    }
    qsti_text_add(out, is_list ? "]" : "}");
}

/* --- trials ------------------------------------------------------------------------------------------------------- */

static json_t *interval_json(const qsti_mean *mean)
{
    json_t *array = json_array();
    json_array_append_new(array, qsti_json_real(mean->interval.lo));
    json_array_append_new(array, qsti_json_real(mean->interval.hi));
    return array;
}

static void gather(const qsti_tuning *tuning, const qsti_tune_trial *trial, const qsti_tune_trial *than, double *out)
{
    for (size_t i = 0; i < tuning->n_seeds; i++)
        out[i] = trial->scores[i].accuracy - (than != NULL ? than->scores[i].accuracy : 0);
}

static bool has_diverged(const qsti_tuning *tuning, const qsti_tune_trial *trial)
{
    for (size_t i = 0; i < tuning->n_seeds; i++)
        if (trial->scores[i].diverged)
            return true;
    return false;
}

/* What a trial scored; nulls when one of its trainings diverged. */
static bool put_scores(const qsti_tuning *tuning, const qsti_tune_trial *trial, double *buffer, json_t *json)
{
    const qsti_tune_trial *best = &tuning->trials[tuning->order[0]];
    json_t *seeds = json_array();
    gather(tuning, trial, NULL, buffer);
    for (size_t i = 0; i < tuning->n_seeds; i++)
        json_array_append_new(seeds, qsti_json_real(buffer[i]));
    qsti_mean mean = qsti_mean_interval(buffer, tuning->n_seeds, LEVEL);
    bool ok = qsti_json_put(json, "diverged", json_boolean(has_diverged(tuning, trial))) &&
              qsti_json_put(json, "accuracy", qsti_json_real(mean.mean)) &&
              qsti_json_put(json, "accuracy_ci", interval_json(&mean)) &&
              qsti_json_put(json, "cross_entropy", qsti_json_real(trial->loss)) &&
              qsti_json_put(json, "accuracy_by_seed", seeds);
    if (!ok || trial->rounds != best->rounds || trial == best)
        return ok;
    gather(tuning, best, trial, buffer);
    mean = qsti_mean_interval(buffer, tuning->n_seeds, LEVEL);
    return qsti_json_put(json, "behind_best", qsti_json_real(mean.mean)) &&
           qsti_json_put(json, "behind_best_ci", interval_json(&mean));
}

static bool put_trial(const qsti_tuning *tuning, size_t index, double *buffer, json_t *list)
{
    const qsti_tune_space *space = tuning->space;
    const qsti_tune_trial *trial = &tuning->trials[index];
    json_t *json = json_object(), *values = json_object();
    bool ok = json != NULL && values != NULL && json_array_append_new(list, json) == 0 &&
              qsti_json_put(json, "trial", json_integer((json_int_t)index + 1)) &&
              qsti_json_put(json, "round", json_integer((json_int_t)trial->rounds)) &&
              qsti_json_put(json, "epochs", json_integer((json_int_t)trial->epochs)) &&
              json_object_set(json, "values", values) == 0;
    for (size_t k = 0; ok && k < space->n_keys; k++) {
        const qsti_yaml *value = qsti_tune_value(space, index, k);
        ok = value == NULL || json_object_set_new(values, space->keys[k].axis->path, value_json(value)) == 0;
    }
    json_decref(values);
    return ok && put_scores(tuning, trial, buffer, json);
}

/* --- the heat map ------------------------------------------------------------------------------------------------- */

/* A key as rows or columns: its levels, or bins of a range. */
typedef struct scale {
    const qsti_tune_key *key;
    size_t index, n;
} scale;

static size_t scale_size(const qsti_tune_key *key)
{
    return key->n_levels > 0 ? key->n_levels : RANGE_BINS;
}

/* Temperature and alpha where both are searched; else the first two keys with more than one level. */
static size_t choose_scales(const qsti_tune_space *space, scale out[2])
{
    static const char *const wanted[] = {"distill.temperature", "distill.alpha"};
    size_t n = 0;
    for (size_t w = 0; w < 2; w++)
        for (size_t k = 0; k < space->n_keys; k++)
            if (strcmp(space->keys[k].axis->path, wanted[w]) == 0 && scale_size(&space->keys[k]) > 1)
                out[n++] = (scale){&space->keys[k], k, scale_size(&space->keys[k])};
    if (n == 2)
        return n;
    n = 0;
    for (size_t k = 0; k < space->n_keys && n < 2; k++)
        if (scale_size(&space->keys[k]) > 1)
            out[n++] = (scale){&space->keys[k], k, scale_size(&space->keys[k])};
    return n;
}

static double bin_edge(const qsti_tune_axis *axis, size_t bin)
{
    double share = (double)bin / RANGE_BINS;
    return axis->kind == QSTI_AXIS_LOG ? axis->low * pow(axis->high / axis->low, share)
                                       : axis->low + share * (axis->high - axis->low);
}

static void scale_label(const scale *s, size_t i, qsti_text *out)
{
    if (s->key->n_levels > 0)
        add_value(&s->key->levels[i], out);
    else
        qsti_text_add(out, "%.3g..%.3g", bin_edge(s->key->axis, i), bin_edge(s->key->axis, i + 1));
}

/* Where a value lies; n when it has no place. */
static size_t scale_place(const scale *s, const qsti_yaml *value)
{
    double number = 0;
    if (value == NULL)
        return s->n;
    for (size_t i = 0; i < s->key->n_levels; i++)
        if (qsti_yaml_same(&s->key->levels[i], value))
            return i;
    if (s->key->n_levels > 0 || !parse_number(value, &number))
        return s->n;
    size_t bin = 0;
    while (bin + 1 < s->n && number >= bin_edge(s->key->axis, bin + 1))
        bin++;
    return bin;
}

/* The best trial of a cell, or n_trials: the first in the order that lies there. */
static size_t cell_trial(const qsti_tuning *tuning, const scale scales[2], size_t n_scales, size_t row, size_t column)
{
    for (size_t i = 0; i < tuning->space->n_trials; i++) {
        size_t trial = tuning->order[i];
        bool here = scale_place(&scales[0], qsti_tune_value(tuning->space, trial, scales[0].index)) == row;
        if (here && n_scales == 2)
            here = scale_place(&scales[1], qsti_tune_value(tuning->space, trial, scales[1].index)) == column;
        if (here)
            return trial;
    }
    return tuning->space->n_trials;
}

static qst_status put_labels(const qsti_tuning *tuning, const scale *s, const char *path, json_t *map)
{
    qst_status status = QST_OK;
    json_t *list = json_array();
    for (size_t i = 0; i < s->n && status == QST_OK; i++) {
        qsti_text text;
        qsti_text_init(&text, tuning->space->ctx);
        scale_label(s, i, &text);
        status = text.status;
        if (status == QST_OK)
            json_array_append_new(list, json_string(text.bytes));
        qsti_text_clear(&text);
    }
    qsti_json_put(map, path, list);
    return status;
}

static qst_status put_heat_map(const qsti_tuning *tuning, json_t *json)
{
    qst_status status = QST_OK;
    const qsti_tune_space *space = tuning->space;
    scale scales[2];
    size_t n_scales = choose_scales(space, scales);
    json_t *map = json_object(), *cells = json_array(), *over = json_array();
    if (n_scales == 0)
        goto done;
    qsti_json_put(map, "rows", json_string(scales[0].key->axis->path));
    QSTI_TRY(put_labels(tuning, &scales[0], "row_labels", map));
    if (n_scales == 2) {
        qsti_json_put(map, "columns", json_string(scales[1].key->axis->path));
        QSTI_TRY(put_labels(tuning, &scales[1], "column_labels", map));
    }
    for (size_t r = 0; r < scales[0].n; r++) {
        json_t *line = json_array();
        for (size_t c = 0; c < (n_scales == 2 ? scales[1].n : 1); c++) {
            size_t trial = cell_trial(tuning, scales, n_scales, r, c);
            double accuracy = trial < space->n_trials ? tuning->trials[trial].accuracy : NAN;
            json_array_append_new(line, qsti_json_real(accuracy));
        }
        json_array_append_new(cells, line);
    }
    for (size_t k = 0; k < space->n_keys; k++)
        if (k != scales[0].index && (n_scales < 2 || k != scales[1].index))
            json_array_append_new(over, json_string(space->keys[k].axis->path));
    if (json_object_set(map, "accuracy", cells) != 0 || json_object_set(map, "best_over", over) != 0 ||
        !qsti_json_put(json, "heat_map", json_incref(map)))
        QSTI_TRY(qsti_fail(space->ctx, QST_ERR_MEMORY, "out of memory"));
done:
    json_decref(map);
    json_decref(cells);
    json_decref(over);
    return status;
}

/* --- the document ------------------------------------------------------------------------------------------------- */

qst_status qsti_tune_result(const qsti_tuning *tuning, json_t **out)
{
    qst_status status = QST_OK;
    const qsti_tune_space *space = tuning->space;
    json_t *json = json_object(), *keys = json_array(), *trials = json_array();
    double *buffer = NULL;
    QSTI_TRY(QSTI_NEW(space->ctx, tuning->n_seeds, &buffer));
    for (size_t k = 0; k < space->n_keys; k++)
        json_array_append_new(keys, json_string(space->keys[k].axis->path));
    bool ok = qsti_json_put(json, "format", json_string("qstill-tune/1")) &&
              qsti_json_put(json, "version", json_string(qst_version())) &&
              qsti_json_put(json, "name", json_string(qst_recipe_name(space->recipe))) &&
              qsti_json_put(json, "search", json_string(search_names[space->search])) &&
              qsti_json_put(json, "judged_on", json_string("validation")) &&
              qsti_json_put(json, "validation_rows", json_integer((json_int_t)tuning->n_validation)) &&
              qsti_json_put(json, "seeds", json_integer((json_int_t)tuning->n_seeds)) &&
              qsti_json_put(json, "rounds", json_integer((json_int_t)tuning->n_rounds)) &&
              qsti_json_put(json, "keys", json_incref(keys));
    for (size_t i = 0; ok && i < space->n_trials; i++)
        ok = put_trial(tuning, tuning->order[i], buffer, trials);
    ok = ok && qsti_json_put(json, "trials", json_incref(trials));
    if (!ok)
        QSTI_TRY(qsti_fail(space->ctx, QST_ERR_MEMORY, "out of memory"));
    QSTI_TRY(put_heat_map(tuning, json));
    *out = json;
    json = NULL;
done:
    qsti_free(space->ctx, buffer);
    json_decref(json);
    json_decref(keys);
    json_decref(trials);
    return status;
}

/* --- CSV ---------------------------------------------------------------------------------------------------------- */

static void add_csv_field(qsti_text *out, const char *text)
{
    if (text[strcspn(text, ",\"\r\n")] == '\0') {
        qsti_text_add(out, "%s", text);
        return;
    }
    qsti_text_add(out, "\"");
    for (; *text; text++)
        qsti_text_add(out, "%s%c", *text == '"' ? "\"" : "", *text);
    qsti_text_add(out, "\"");
}

/* A row for every seed of every trial that has been there, as far as it went. */
qst_status qsti_tune_csv(const qsti_tuning *tuning, qsti_text *out)
{
    const qsti_tune_space *space = tuning->space;
    qst_status status = QST_OK;
    qsti_text value;
    qsti_text_init(&value, space->ctx);
    qsti_text_add(out, "trial,round,epochs,seed");
    for (size_t k = 0; k < space->n_keys; k++)
        qsti_text_add(out, ",%s", space->keys[k].axis->path);
    qsti_text_add(out, ",selected_epoch,validation_accuracy,validation_cross_entropy,diverged\n");
    for (size_t t = 0; t < space->n_trials; t++) {
        const qsti_tune_trial *trial = &tuning->trials[t];
        for (size_t i = 0; i < tuning->n_seeds; i++) {
            const qsti_search_score *score = &trial->scores[i];
            if (!isfinite(score->accuracy) && !score->diverged)
                continue;
            uint64_t seed = space->values[t].seed + i;
            qsti_text_add(out, "%zu,%zu,%zu,%llu", t + 1, trial->rounds, trial->epochs, (unsigned long long)seed);
            for (size_t k = 0; k < space->n_keys; k++) {
                qsti_text_clear(&value);
                qsti_text_init(&value, space->ctx);
                add_value(qsti_tune_value(space, t, k), &value);
                qsti_text_add(out, ",");
                add_csv_field(out, value.bytes != NULL ? value.bytes : "");
            }
            qsti_text_add(out, ",%zu", score->epoch);
            qsti_text_add_field(out, score->accuracy);
            qsti_text_add_field(out, score->loss);
            qsti_text_add(out, ",%d\n", score->diverged);
        }
    }
    status = value.status == QST_OK ? out->status : value.status;
    qsti_text_clear(&value);
    return status;
}
