/* option_show.c: one value of a recipe back to YAML, so that reading it gives the same value. */
#include <assert.h>
#include <math.h>
#include <stdio.h>

#include "recipe/option_reader.h"
#include "recipe/option_show_parts.h"
#include "recipe/pool.h"

/* --- scalars ------------------------------------------------------------------------------------------------------ */

qst_status qsti_show_plain(qsti_pool *pool, const char *text, qsti_yaml *out)
{
    const char *copy = NULL;
    qst_status status = qsti_pool_strdup(pool, text, &copy);
    if (status == QST_OK) {
        out->kind = QSTI_YAML_SCALAR;
        out->scalar = (char *)copy;
    }
    return status;
}

/* A scalar of anybody's text: quoted where it would not be read as the same scalar. */
static qst_status show_text(qsti_pool *pool, const char *text, qsti_yaml *out)
{
    static const char *const words[] = {"null", "Null", "NULL", "default", "all", "official"};
    static const char safe[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-/";
    bool plain = text[0] && text[0] != '-' && strspn(text, safe) == strlen(text);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        plain = plain && strcmp(text, words[i]) != 0;
    out->quoted = !plain;
    return qsti_show_plain(pool, text, out);
}

qst_status qsti_show_number(qsti_pool *pool, double value, qsti_yaml *out)
{
    char text[32];
    qsti_format_double(value, text);
    return qsti_show_plain(pool, text, out);
}

qst_status qsti_show_integer(qsti_pool *pool, uint64_t value, qsti_yaml *out)
{
    char text[32];
    snprintf(text, sizeof text, "%llu", (unsigned long long)value);
    return qsti_show_plain(pool, text, out);
}

/* --- lists -------------------------------------------------------------------------------------------------------- */

qst_status qsti_show_children(qsti_pool *pool, qsti_yaml_kind kind, size_t n, qsti_yaml *out)
{
    qst_status status = QSTI_POOL_NEW(pool, n, &out->children);
    out->kind = kind;
    out->n_children = status == QST_OK ? n : 0;
    return status;
}

qst_status qsti_show_key(qsti_pool *pool, const char *key, qsti_yaml *out)
{
    const char *copy = NULL;
    qst_status status = qsti_pool_strdup(pool, key, &copy);
    out->key = (char *)copy;
    return status;
}

static qst_status show_words(qsti_pool *pool, const char *const *words, size_t n, qsti_yaml *out)
{
    qst_status status = qsti_show_children(pool, QSTI_YAML_LIST, n, out);
    for (size_t i = 0; i < n && status == QST_OK; i++)
        status = show_text(pool, words[i], &out->children[i]);
    return status;
}

/* One number stands alone, several as a list. */
static qst_status show_numbers(qsti_pool *pool, const double *values, size_t n, qsti_yaml *out)
{
    if (n == 1)
        return qsti_show_number(pool, values[0], out);
    qst_status status = qsti_show_children(pool, QSTI_YAML_LIST, n, out);
    for (size_t i = 0; i < n && status == QST_OK; i++)
        status = qsti_show_number(pool, values[i], &out->children[i]);
    return status;
}

/* "ry rz" -> [ry, rz] */
static qst_status show_gates(qsti_pool *pool, const char *joined, qsti_yaml *out)
{
    static const char blank[] = " ";
    char *copy = NULL, *rest = NULL;
    size_t n = 0;
    qst_status status = qsti_pool_strdup(pool, joined, (const char **)&copy);
    if (status == QST_OK)
        status = qsti_show_children(pool, QSTI_YAML_LIST, strlen(joined), out);
    if (status != QST_OK)
        return status;
    for (char *word = strtok_r(copy, blank, &rest); word && status == QST_OK; word = strtok_r(NULL, blank, &rest))
        status = show_text(pool, word, &out->children[n++]);
    out->n_children = n;
    return status;
}

static qst_status show_entanglement(qsti_pool *pool, const qst_ansatz_opts *ansatz, qsti_yaml *out)
{
    if (ansatz->n_pairs == 0)
        return ansatz->entanglement ? show_text(pool, ansatz->entanglement, out)
                                    : qsti_show_plain(pool, "default", out);
    qst_status status = qsti_show_children(pool, QSTI_YAML_LIST, ansatz->n_pairs, out);
    for (size_t i = 0; i < ansatz->n_pairs && status == QST_OK; i++) {
        qsti_yaml *pair = &out->children[i];
        status = qsti_show_children(pool, QSTI_YAML_LIST, 2, pair);
        for (size_t j = 0; j < 2 && status == QST_OK; j++)
            status = qsti_show_integer(pool, ansatz->pairs[i][j], &pair->children[j]);
    }
    return status;
}

static qst_status show_step(qsti_pool *pool, const qst_preprocess_step *step, qsti_yaml *out)
{
    static const struct {
        const char *label;
        size_t n_arguments;
    } steps[] = {
#define QST_PREPROCESS(name, label, n_arguments, about) {label, n_arguments},
#include <qstill/preprocess.def>
#undef QST_PREPROCESS
    };
    const char *label = steps[step->kind].label;
    if (steps[step->kind].n_arguments == 0)
        return show_text(pool, label, out);
    qst_status status = qsti_show_children(pool, QSTI_YAML_MAP, 1, out);
    if (status == QST_OK)
        status = qsti_show_key(pool, label, &out->children[0]);
    if (status == QST_OK)
        status = show_numbers(pool, step->arguments, steps[step->kind].n_arguments, &out->children[0]);
    return status;
}

static qst_status show_steps(qsti_pool *pool, const qst_preprocess_step *steps, size_t n, qsti_yaml *out)
{
    qst_status status = qsti_show_children(pool, QSTI_YAML_LIST, n, out);
    for (size_t i = 0; i < n && status == QST_OK; i++)
        status = show_step(pool, &steps[i], &out->children[i]);
    return status;
}

/* All of them are `default`. */
static qst_status show_controls(qsti_pool *pool, const qsti_domain *domain, qst_controls set, qsti_yaml *out)
{
    if (set == 0 || set == QST_CONTROLS_ALL)
        return qsti_show_plain(pool, set ? "default" : "none", out);
    qst_status status = qsti_show_children(pool, QSTI_YAML_LIST, domain->n_names, out);
    size_t n = 0;
    for (size_t c = 0; c < domain->n_names && status == QST_OK; c++)
        if (set & QST_CONTROL_BIT(c))
            status = show_text(pool, domain->names[c], &out->children[n++]);
    out->n_children = n;
    return status;
}

/* A minimum stands alone; {min, max} otherwise. */
static qst_status show_requirement(qsti_pool *pool, const qsti_recipe_requirement *item, qsti_yaml *out)
{
    qst_status status = qsti_show_key(pool, item->path, out);
    if (status != QST_OK)
        return status;
    if (isnan(item->maximum))
        return qsti_show_number(pool, item->minimum, out);
    bool both = !isnan(item->minimum);
    status = qsti_show_children(pool, QSTI_YAML_MAP, both ? 2 : 1, out);
    for (size_t i = 0; i < out->n_children && status == QST_OK; i++) {
        bool low = both && i == 0;
        status = qsti_show_key(pool, low ? "min" : "max", &out->children[i]);
        if (status == QST_OK)
            status = qsti_show_number(pool, low ? item->minimum : item->maximum, &out->children[i]);
    }
    return status;
}

/* The maps themselves: reading them gives the same. */
static qst_status show_maps(qsti_pool *pool, const qsti_yaml *maps, size_t n, qsti_yaml *out)
{
    qst_status status = qsti_show_children(pool, QSTI_YAML_LIST, n, out);
    for (size_t i = 0; i < n && status == QST_OK; i++)
        out->children[i] = maps[i];
    return status;
}

static qst_status show_requirements(qsti_pool *pool, const qsti_recipe_requirement *items, size_t n, qsti_yaml *out)
{
    qst_status status = qsti_show_children(pool, QSTI_YAML_MAP, n, out);
    for (size_t i = 0; i < n && status == QST_OK; i++)
        status = show_requirement(pool, &items[i], &out->children[i]);
    return status;
}

/* --- what is searched ------------------------------------------------------------------------------------------------
 */

/* {log: [LOW, HIGH], steps: N} */
static qst_status show_range(qsti_pool *pool, const qsti_tune_axis *axis, qsti_yaml *out)
{
    const double bounds[] = {axis->low, axis->high};
    qst_status status = qsti_show_children(pool, QSTI_YAML_MAP, 2, out);
    if (status == QST_OK)
        status = qsti_show_key(pool, axis->kind == QSTI_AXIS_LOG ? "log" : "linear", &out->children[0]);
    if (status == QST_OK)
        status = show_numbers(pool, bounds, 2, &out->children[0]);
    if (status == QST_OK)
        status = qsti_show_key(pool, "steps", &out->children[1]);
    return status == QST_OK ? qsti_show_integer(pool, axis->steps, &out->children[1]) : status;
}

static qst_status show_axes(qsti_pool *pool, const qsti_tune_axis *axes, size_t n, qsti_yaml *out)
{
    qst_status status = qsti_show_children(pool, QSTI_YAML_MAP, n, out);
    for (size_t i = 0; i < n && status == QST_OK; i++) {
        qsti_yaml *axis = &out->children[i];
        status = qsti_show_key(pool, axes[i].path, axis);
        if (status == QST_OK && axes[i].kind != QSTI_AXIS_LIST) {
            status = show_range(pool, &axes[i], axis);
        } else if (status == QST_OK) {
            axis->kind = QSTI_YAML_LIST;
            axis->children = (qsti_yaml *)axes[i].values;
            axis->n_children = axes[i].n_values;
        }
    }
    return status;
}

/* --- all types ---------------------------------------------------------------------------------------------------- */

/* The field as a value of its type. */
#define LOAD(type, name) \
    type name;           \
    memcpy(&name, field, sizeof name)

/* A list's count stands right behind its pointer. */
static size_t count_behind(const void *field)
{
    size_t n;
    memcpy(&n, (const char *)field + sizeof(void *), sizeof n);
    return n;
}

static qst_status show_string(qsti_pool *pool, const qsti_option *option, const void *field, qsti_yaml *out,
                              bool *out_shown)
{
    LOAD(const char *, text);
    if (!text && qsti_option_has_default_word(option))
        return qsti_show_plain(pool, "default", out);
    if (!text) {
        *out_shown = false;
        return QST_OK;
    }
    return option->type == QSTI_GATES ? show_gates(pool, text, out) : show_text(pool, text, out);
}

static qst_status show_scalar(qsti_pool *pool, const qsti_option *option, const void *field, qsti_yaml *out)
{
    bool own_default = qsti_option_has_default_word(option);
    switch (option->type) {
    case QSTI_CHOICE: {
        LOAD(int, index);
        return qsti_show_plain(pool, option->domain.names[index], out);
    }
    case QSTI_SWITCH: {
        LOAD(bool, on);
        return qsti_show_plain(pool, option->domain.names[on], out);
    }
    case QSTI_FIXED:
        return qsti_show_plain(pool, option->domain.names[0], out);
    case QSTI_CONTROLS: {
        LOAD(qst_controls, set);
        return show_controls(pool, &option->domain, set, out);
    }
    case QSTI_SEED: {
        LOAD(uint64_t, seed);
        return qsti_show_integer(pool, seed, out);
    }
    case QSTI_COUNT:
    case QSTI_QUBITS: {
        LOAD(size_t, count);
        return own_default && count == 0 ? qsti_show_plain(pool, "default", out) : qsti_show_integer(pool, count, out);
    }
    default: {
        assert(option->type == QSTI_NUMBER || option->type == QSTI_SHARE);
        LOAD(double, number);
        if (own_default && number < 0)
            return qsti_show_plain(pool, "default", out);
        if (option->type == QSTI_SHARE && number == QST_TEST_OFFICIAL)
            return qsti_show_plain(pool, "official", out);
        return qsti_show_number(pool, number, out);
    }
    }
}

static qst_status show_list(qsti_pool *pool, const qsti_option *option, const void *field, qsti_yaml *out)
{
    LOAD(const void *, list);
    size_t n = option->type == QSTI_ENTANGLEMENT ? 0 : count_behind(field);
    switch (option->type) {
    case QSTI_NUMBERS:
        return show_numbers(pool, list, n, out);
    case QSTI_COUNTS:
        return qsti_show_counts(pool, list, n, out);
    case QSTI_LAYERS:
        return qsti_show_layers(pool, list, n, out);
    case QSTI_WORDS:
        return show_words(pool, list, n, out);
    case QSTI_CLASSES:
        return list ? show_words(pool, list, n, out) : qsti_show_plain(pool, "all", out);
    case QSTI_STEPS:
        return show_steps(pool, list, n, out);
    case QSTI_MAPS:
        return show_maps(pool, list, n, out);
    case QSTI_REQUIREMENTS:
        return show_requirements(pool, list, n, out);
    case QSTI_TERMS:
        return qsti_show_terms(pool, list, n, out);
    case QSTI_AXES:
        return show_axes(pool, list, n, out);
    case QSTI_CHANNELS:
        return qsti_show_channels(pool, list, n, out);
    default:
        assert(option->type == QSTI_ENTANGLEMENT);
        return show_entanglement(pool, field, out);
    }
}

qst_status qsti_option_show(qsti_pool *pool, const qsti_option *option, const void *base, qsti_yaml *out,
                            bool *out_shown)
{
    const void *field = (const char *)base + option->offset;
    *out = (qsti_yaml){.kind = QSTI_YAML_NULL};
    *out_shown = true;
    switch (option->type) {
    case QSTI_TEXT:
    case QSTI_NAME:
    case QSTI_WORD:
    case QSTI_GATES:
    case QSTI_KIND:
        return show_string(pool, option, field, out, out_shown);
    case QSTI_COUNTS:
    case QSTI_LAYERS:
    case QSTI_WORDS:
    case QSTI_CHANNELS:
        *out_shown = count_behind(field) > 0 || option->fallback[0];
        return *out_shown ? show_list(pool, option, field, out) : QST_OK;
    case QSTI_NUMBERS:
    case QSTI_CLASSES:
    case QSTI_STEPS:
    case QSTI_ENTANGLEMENT:
    case QSTI_MAPS:
    case QSTI_REQUIREMENTS:
    case QSTI_TERMS:
    case QSTI_AXES:
        return show_list(pool, option, field, out);
    case QSTI_EPOCHS: {
        LOAD(qsti_epoch_range, range);
        return qsti_show_epochs(pool, range.first, range.last, out);
    }
    case QSTI_PATCH:
        *out_shown = false;
        return QST_OK;
    default:
        return show_scalar(pool, option, field, out);
    }
}

bool qsti_yaml_same(const qsti_yaml *left, const qsti_yaml *right)
{
    if (left->kind != right->kind || left->n_children != right->n_children)
        return false;
    if (left->kind == QSTI_YAML_SCALAR)
        return left->quoted == right->quoted && strcmp(left->scalar, right->scalar) == 0;
    for (size_t i = 0; i < left->n_children; i++) {
        const qsti_yaml *a = &left->children[i], *b = &right->children[i];
        if ((a->key || b->key) && (!a->key || !b->key || strcmp(a->key, b->key) != 0))
            return false;
        if (!qsti_yaml_same(a, b))
            return false;
    }
    return true;
}
