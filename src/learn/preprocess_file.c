/* preprocess_file.c: a fitted chain in JSON and tensors, and its hash.
 *
 *   [{"step": "pca", "arguments": [8.0], "inputs": 64, "outputs": 8, "tensors": ["preprocess.0.mean",
 * "preprocess.0.components"]}, ...]
 *
 * A chain without steps is one entry, {"step": "none", "inputs": d, "outputs": d}, so that the number of features is
 * known. */
#include <math.h>
#include <string.h>

#include "learn/preprocess_parts.h"

#define IDENTITY  "none"
#define MAX_WIDTH ((int64_t)1 << 40)

/* --- writing ------------------------------------------------------------------------------------------------------ */

static json_t *describe_step(const qsti_step *s)
{
    const qsti_step_info *info = qsti_step_describe(s->kind);
    json_t *json = json_object(), *arguments = json_array(), *tensors = json_array();
    bool made = true;
    for (size_t a = 0; a < info->n_arguments; a++) {
        made = made && json_array_append_new(arguments, json_real(s->arguments[a])) == 0;
    }
    for (size_t t = 0; t < info->n_tensors; t++) {
        made = made && json_array_append_new(tensors, json_string(s->names[t])) == 0;
    }
    made = made && qsti_json_put(json, "step", json_string(info->label)) &&
           qsti_json_put(json, "arguments", json_incref(arguments)) &&
           qsti_json_put(json, "inputs", json_integer((json_int_t)s->n_in)) &&
           qsti_json_put(json, "outputs", json_integer((json_int_t)s->n_out)) &&
           qsti_json_put(json, "tensors", json_incref(tensors));
    json_decref(arguments);
    json_decref(tensors);
    if (!made) {
        json_decref(json);
        return NULL;
    }
    return json;
}

qst_status qsti_preprocess_to_json(const qsti_preprocess *preprocess, json_t **out)
{
    json_t *list = json_array();
    bool made = list != NULL;
    for (size_t i = 0; made && i < preprocess->n_steps; i++) {
        made = json_array_append_new(list, describe_step(&preprocess->steps[i])) == 0;
    }
    if (made && preprocess->n_steps == 0) {
        json_int_t n = (json_int_t)preprocess->n_in;
        made =
            json_array_append_new(list, json_pack("{s:s, s:I, s:I}", "step", IDENTITY, "inputs", n, "outputs", n)) == 0;
    }
    if (!made) {
        json_decref(list);
        return qsti_fail(preprocess->ctx, QST_ERR_MEMORY, "out of memory");
    }
    *out = list;
    return QST_OK;
}

size_t qsti_preprocess_to_tensors(const qsti_preprocess *preprocess, qsti_tensor *tensors)
{
    size_t n = 0;
    for (size_t i = 0; i < preprocess->n_steps; i++) {
        const qsti_step *s = &preprocess->steps[i];
        for (size_t t = 0; t < qsti_step_describe(s->kind)->n_tensors; t++) {
            bool is_matrix = qsti_step_tensor_size(s, t) != s->n_in || (s->kind == QST_PREPROCESS_pca && t == 1);
            tensors[n] = (qsti_tensor){s->names[t], QSTI_F64, is_matrix ? 2 : 1, {s->n_in}, s->tensors[t]};
            if (is_matrix) {
                tensors[n].shape[0] = s->n_out;
                tensors[n].shape[1] = s->n_in;
            }
            n++;
        }
    }
    return n;
}

void qsti_preprocess_hash(const qsti_preprocess *preprocess, qsti_hasher *hasher)
{
    const uint64_t shape[] = {preprocess->n_in, preprocess->n_steps};
    qsti_hasher_add(hasher, shape, sizeof shape);
    for (size_t i = 0; i < preprocess->n_steps; i++) {
        const qsti_step *s = &preprocess->steps[i];
        const qsti_step_info *info = qsti_step_describe(s->kind);
        const uint64_t width[] = {s->n_in, s->n_out};
        qsti_hasher_add(hasher, info->label, strlen(info->label) + 1);
        qsti_hasher_add(hasher, s->arguments, info->n_arguments * sizeof(double));
        qsti_hasher_add(hasher, width, sizeof width);
        for (size_t t = 0; t < info->n_tensors; t++) {
            qsti_hasher_add(hasher, s->tensors[t], qsti_step_tensor_size(s, t) * sizeof(double));
        }
    }
}

/* --- reading ------------------------------------------------------------------------------------------------------ */

/* Where an entry of the list stands, for messages. */
typedef struct entry_place {
    qst_ctx *ctx;
    const char *where;
    size_t index;
} entry_place;

static qst_status fail_entry(const entry_place *place, const char *problem)
{
    return qsti_fail(place->ctx, QST_ERR_DAMAGED, "%s: preprocess: step %zu: %s", place->where, place->index, problem);
}

static bool find_kind(const char *label, qst_step_kind *out)
{
    for (int kind = 0; kind < QST_PREPROCESS_COUNT; kind++) {
        if (strcmp(qsti_step_describe((qst_step_kind)kind)->label, label) == 0) {
            *out = (qst_step_kind)kind;
            return true;
        }
    }
    return false;
}

static qst_status get_widths(const entry_place *place, const json_t *entry, int64_t *out_in, int64_t *out_out)
{
    qst_status status = qsti_json_get_i64(place->ctx, place->where, entry, "inputs", 1, MAX_WIDTH, out_in);
    if (status == QST_OK) {
        status = qsti_json_get_i64(place->ctx, place->where, entry, "outputs", 1, MAX_WIDTH, out_out);
    }
    return status == QST_ERR_INPUT ? QST_ERR_DAMAGED : status;
}

/* Kind, arguments and widths; n_in must be what the step before gives. */
static qst_status read_head(const entry_place *place, const json_t *entry, size_t n_in, qsti_step *s)
{
    const char *label = NULL;
    json_t *arguments = NULL;
    int64_t stored_in = 0, stored_out = 0;
    qst_status status = qsti_json_get_string(place->ctx, place->where, entry, "step", &label);
    if (status == QST_OK) {
        status = qsti_json_get_array(place->ctx, place->where, entry, "arguments", &arguments);
    }
    if (status != QST_OK) {
        return status == QST_ERR_INPUT ? QST_ERR_DAMAGED : status;
    }
    if (!find_kind(label, &s->kind)) {
        return fail_entry(place, "a kind of step that is not known");
    }
    size_t n_arguments = qsti_step_describe(s->kind)->n_arguments;
    if (json_array_size(arguments) != n_arguments) {
        return fail_entry(place, "another number of arguments than this kind of step has");
    }
    for (size_t a = 0; a < n_arguments; a++) {
        const json_t *argument = json_array_get(arguments, a);
        if (!json_is_number(argument)) {
            return fail_entry(place, "an argument that is no number");
        }
        s->arguments[a] = json_number_value(argument);
    }
    status = get_widths(place, entry, &stored_in, &stored_out);
    if (status != QST_OK) {
        return status;
    }
    s->n_in = n_in;
    if (qsti_step_check(place->ctx, s) != QST_OK || (size_t)stored_in != s->n_in || (size_t)stored_out != s->n_out) {
        return fail_entry(place, "arguments, inputs and outputs do not fit together");
    }
    return QST_OK;
}

static qst_status read_tensors(const entry_place *place, const qsti_tensors *tensors, qsti_step *s)
{
    const qsti_step_info *info = qsti_step_describe(s->kind);
    const qsti_tensor *found[QSTI_MAX_STEP_TENSORS] = {NULL, NULL};
    char name[64];
    for (size_t t = 0; t < info->n_tensors; t++) {
        bool is_matrix = s->kind == QST_PREPROCESS_pca && t == 1;
        snprintf(name, sizeof name, QSTI_STEP_PREFIX "%zu.%s", place->index, info->tensors[t]);
        qst_status status = qsti_tensors_get(place->ctx, tensors, name, QSTI_F64, is_matrix ? 2 : 1, &found[t]);
        if (status != QST_OK) {
            return status;
        }
        size_t rows = is_matrix ? s->n_out : s->n_in;
        if (found[t]->shape[0] != rows || (is_matrix && found[t]->shape[1] != s->n_in)) {
            return fail_entry(place, "a tensor has another shape than the step");
        }
    }
    qst_status status = qsti_step_allocate(place->ctx, place->index, s);
    if (status != QST_OK) {
        return status;
    }
    for (size_t t = 0; t < info->n_tensors; t++) {
        memcpy(s->tensors[t], found[t]->data, qsti_step_tensor_size(s, t) * sizeof(double));
        for (size_t i = 0; i < qsti_step_tensor_size(s, t); i++) {
            bool negative = s->kind == QST_PREPROCESS_standardize && t == 1 && s->tensors[t][i] < 0;
            if (!isfinite(s->tensors[t][i]) || negative) {
                return fail_entry(place, negative ? "a negative deviation" : "a value that is not finite");
            }
        }
    }
    qsti_step_finish(s);
    return QST_OK;
}

/* The number of features that go in: what the first entry says. *out_steps: 0 for the identity. */
static qst_status read_start(const entry_place *place, const json_t *json, size_t *out_in, size_t *out_steps)
{
    size_t n = json_array_size(json);
    const json_t *first = json_array_get(json, 0);
    const char *label = NULL;
    int64_t n_in = 0, n_out = 0;
    for (size_t i = 0; i < n; i++) {
        if (!json_is_object(json_array_get(json, i))) {
            return fail_entry(place, "objects are expected");
        }
    }
    if (n == 0 || n > QSTI_MAX_STEPS) {
        return fail_entry(place, "a list of 1 to 64 steps is expected");
    }
    qst_status status = get_widths(place, first, &n_in, &n_out);
    if (status == QST_OK) {
        status = qsti_json_get_string(place->ctx, place->where, first, "step", &label);
    }
    if (status != QST_OK) {
        return status == QST_ERR_INPUT ? QST_ERR_DAMAGED : status;
    }
    bool identity = strcmp(label, IDENTITY) == 0;
    if (identity && (n != 1 || n_in != n_out)) {
        return fail_entry(place, "\"none\" stands alone, with as many outputs as inputs");
    }
    *out_in = (size_t)n_in;
    *out_steps = identity ? 0 : n;
    return QST_OK;
}

qst_status qsti_preprocess_from_artefact(qst_ctx *ctx, const char *where, const json_t *json,
                                         const qsti_tensors *tensors, qsti_preprocess **out)
{
    qst_status status = QST_OK;
    qsti_preprocess *preprocess = NULL;
    size_t n_in = 0, n_steps = 0;
    entry_place place = {ctx, where, 0};
    QSTI_TRY(read_start(&place, json, &n_in, &n_steps));
    QSTI_TRY(qsti_preprocess_create(ctx, n_in, n_steps, &preprocess));
    for (; place.index < n_steps; place.index++) {
        qsti_step *s = &preprocess->steps[place.index];
        QSTI_TRY(read_head(&place, json_array_get(json, place.index), n_in, s));
        QSTI_TRY(read_tensors(&place, tensors, s));
        n_in = s->n_out;
    }
    *out = preprocess;
    preprocess = NULL;
done:
    qsti_preprocess_free(preprocess);
    return status;
}
