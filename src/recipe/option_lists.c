/* option_lists.c: values of a recipe that are lists or maps: words, numbers, pairs of qubits, controls, preprocessing
 * steps, requirements.
 *
 * Lists are at most MAX_ITEMS long, so that looking for doubles stays cheap.
 */
#include <math.h>
#include <stdio.h>

#include "recipe/option_reader.h"

#define MAX_ITEMS 4096

/* --- words and numbers -------------------------------------------------------------------------------------------- */

/* A list's items; a single scalar stands for a list of one. */
static const qsti_yaml *items_of(const qsti_yaml *node, size_t *out_n)
{
    if (node->kind == QSTI_YAML_LIST) {
        *out_n = node->n_children;
        return node->children;
    }
    *out_n = 1;
    return node;
}

static qst_status fail_length(qsti_reader *r, const qsti_yaml *node, size_t n)
{
    return QSTI_FAIL_VALUE(r, node, "%zu values are more than %d", n, MAX_ITEMS);
}

qst_status qsti_read_words(qsti_reader *r, const qsti_yaml *node, const char *what, qsti_word_list *out)
{
    size_t n = 0;
    const qsti_yaml *items = items_of(node, &n);
    const char **words = NULL;
    if (n == 0)
        return QSTI_FAIL_VALUE(r, node, "an empty list is not %s", what);
    if (n > MAX_ITEMS)
        return fail_length(r, node, n);
    qst_status status = QSTI_POOL_NEW(r->pool, n, &words);
    for (size_t i = 0; i < n && status == QST_OK; i++) {
        const char *text = NULL;
        status = qsti_read_text(r, &items[i], what, &text);
        if (status == QST_OK)
            status = qsti_pool_strdup(r->pool, text, &words[i]);
    }
    if (status == QST_OK)
        *out = (qsti_word_list){words, n};
    return status;
}

qst_status qsti_read_classes(qsti_reader *r, const qsti_yaml *node, qsti_word_list *out)
{
    char found[QSTI_SHOWN_BYTES];
    if (qsti_value_is_word(node, "all")) {
        *out = (qsti_word_list){NULL, 0};
        return QST_OK;
    }
    if (node->kind != QSTI_YAML_LIST)
        return QSTI_FAIL_VALUE(r, node, "%s is not all, or a list of class names", qsti_value_shown(node, true, found));
    if (node->n_children < 2)
        return QSTI_FAIL_VALUE(r, node, "%zu %s given, at least 2 are needed", node->n_children,
                               node->n_children == 1 ? "class is" : "classes are");
    if (node->n_children > MAX_ITEMS)
        return fail_length(r, node, node->n_children);
    for (size_t i = 0; i < node->n_children; i++) {
        const qsti_yaml *item = &node->children[i];
        for (size_t j = 0; j < i; j++) {
            const char *earlier = node->children[j].scalar;
            if (item->scalar && earlier && strcmp(item->scalar, earlier) == 0)
                return QSTI_FAIL_VALUE(r, item, "%s is given twice", qsti_value_shown(item, true, found));
        }
    }
    return qsti_read_words(r, node, "the name of a class", out);
}

qst_status qsti_read_numbers(qsti_reader *r, const qsti_yaml *node, qsti_number_list *out)
{
    size_t n = 0;
    const qsti_yaml *items = items_of(node, &n);
    double *values = NULL;
    char found[QSTI_SHOWN_BYTES];
    if (n == 0)
        return QSTI_FAIL_VALUE(r, node, "an empty list is not a number, or a list of them");
    if (n > MAX_ITEMS)
        return fail_length(r, node, n);
    qst_status status = QSTI_POOL_NEW(r->pool, n, &values);
    for (size_t i = 0; i < n && status == QST_OK; i++) {
        status = qsti_read_number(r, &items[i], &values[i]);
        for (size_t j = 0; j < i && status == QST_OK; j++)
            if (values[j] == values[i])
                status = QSTI_FAIL_VALUE(r, &items[i], "%s is given twice", qsti_value_shown(&items[i], false, found));
    }
    if (status == QST_OK)
        *out = (qsti_number_list){values, n};
    return status;
}

/* Words joined by blanks: [ry, rz] -> "ry rz". */
qst_status qsti_read_gates(qsti_reader *r, const qsti_yaml *node, const char **out)
{
    qsti_word_list list = {NULL, 0};
    qst_status status = qsti_read_words(r, node, "the name of a gate", &list);
    size_t n_bytes = 0;
    char *joined = NULL;
    if (status != QST_OK)
        return status;
    for (size_t i = 0; i < list.n; i++) {
        if (strspn(list.words[i], " ") == strlen(list.words[i]))
            return QSTI_FAIL_VALUE(r, node, "\"%s\" is not the name of a gate", list.words[i]);
        n_bytes += strlen(list.words[i]) + 1;
    }
    status = QSTI_POOL_NEW(r->pool, n_bytes, &joined);
    if (status != QST_OK)
        return status;
    char *end = joined;
    for (size_t i = 0; i < list.n; i++) {
        size_t n = strlen(list.words[i]);
        memcpy(end, list.words[i], n);
        end[n] = i + 1 < list.n ? ' ' : '\0';
        end += n + 1;
    }
    *out = joined;
    return QST_OK;
}

static qst_status read_pair(qsti_reader *r, const qsti_yaml *node, size_t pair[2])
{
    char found[QSTI_SHOWN_BYTES];
    if (node->kind != QSTI_YAML_LIST || node->n_children != 2)
        return QSTI_FAIL_VALUE(r, node, "%s is not a pair of qubits such as [0, 1]",
                               qsti_value_shown(node, true, found));
    for (size_t i = 0; i < 2; i++) {
        const qsti_yaml *item = &node->children[i];
        uint64_t qubit = 0;
        int sign = 0;
        if (!qsti_value_is_integer(item, &qubit, &sign) || sign != 0)
            return QSTI_FAIL_VALUE(r, item, "%s is not the number of a qubit", qsti_value_shown(item, true, found));
        pair[i] = (size_t)qubit;
    }
    if (pair[0] == pair[1])
        return QSTI_FAIL_VALUE(r, node, "[%zu, %zu] is not a pair of different qubits", pair[0], pair[1]);
    return QST_OK;
}

qst_status qsti_read_entanglement(qsti_reader *r, const qsti_yaml *node, qst_ansatz_opts *out)
{
    const char *name = NULL;
    size_t(*pairs)[2] = NULL;
    qst_status status = QST_OK;
    size_t n = 0;
    if (node->kind == QSTI_YAML_LIST) {
        n = node->n_children;
        if (n == 0)
            return QSTI_FAIL_VALUE(r, node, "an empty list is not a name, or a list of pairs of qubits");
        if (n > MAX_ITEMS)
            return fail_length(r, node, n);
        status = QSTI_POOL_NEW(r->pool, n, &pairs);
        for (size_t i = 0; i < n && status == QST_OK; i++)
            status = read_pair(r, &node->children[i], pairs[i]);
    } else {
        size_t index = 0;
        status = qsti_read_choice(r, node, &index);
        name = r->option->domain.names[index];
    }
    if (status == QST_OK) {
        out->entanglement = name;
        out->pairs = (const size_t(*)[2])pairs;
        out->n_pairs = n;
    }
    return status;
}

/* --- controls ----------------------------------------------------------------------------------------------------- */

/* default, none, or a list of names. */
qst_status qsti_read_controls(qsti_reader *r, const qsti_yaml *node, qst_controls *out)
{
    char found[QSTI_SHOWN_BYTES];
    qst_controls set = 0;
    if (qsti_value_is_word(node, "default") || qsti_value_is_word(node, "none")) {
        *out = qsti_value_is_word(node, "default") ? QST_CONTROLS_ALL : 0;
        return QST_OK;
    }
    if (node->kind != QSTI_YAML_LIST)
        return QSTI_FAIL_VALUE(r, node, "%s is not default, none, or a list of controls",
                               qsti_value_shown(node, true, found));
    if (node->n_children == 0)
        return QSTI_FAIL_VALUE(r, node, "an empty list is not default, none, or a list of controls");
    for (size_t i = 0; i < node->n_children; i++) {
        size_t control = 0;
        qst_status status = qsti_read_choice(r, &node->children[i], &control);
        if (status != QST_OK)
            return status;
        if (set & QST_CONTROL_BIT(control))
            return QSTI_FAIL_VALUE(r, &node->children[i], "%s is given twice",
                                   qsti_value_shown(&node->children[i], true, found));
        set |= QST_CONTROL_BIT(control);
    }
    *out = set;
    return QST_OK;
}

/* --- preprocessing ------------------------------------------------------------------------------------------------ */

typedef struct step_info {
    const char *label;
    size_t n_arguments;
} step_info;

static const step_info steps[] = {
#define QST_PREPROCESS(name, label, n_arguments, about) {label, n_arguments},
#include <qstill/preprocess.def>
#undef QST_PREPROCESS
};
#define N_STEPS (sizeof steps / sizeof *steps)

static qst_status fail_step(qsti_reader *r, const qsti_yaml *node, const char *name)
{
    const char *labels[N_STEPS];
    char list[256] = "";
    size_t used = 0;
    for (size_t i = 0; i < N_STEPS; i++) {
        labels[i] = steps[i].label;
        if (used < sizeof list)
            used += (size_t)snprintf(list + used, sizeof list - used, "%s%s", i ? ", " : "", labels[i]);
    }
    const char *near = qsti_nearest(name, labels, N_STEPS);
    return QSTI_FAIL_VALUE(r, node, "\"%.60s\" is not a step (%s)%s%s%s", name, list, near ? "; did you mean " : "",
                           near ? near : "", near ? "?" : "");
}

/* What a step's numbers must be beyond numbers. */
static qst_status check_step(qsti_reader *r, const qsti_yaml *node, const qst_preprocess_step *step)
{
    double first = step->arguments[0], second = step->arguments[1];
    const char *label = steps[step->kind].label;
    char found[32];
    qsti_format_double(first, found);
    bool whole = step->kind == QST_PREPROCESS_pca || step->kind == QST_PREPROCESS_pool;
    if (whole && (first < 1 || first > 1e9 || first != floor(first)))
        return QSTI_FAIL_VALUE(r, node, "%s: %s is not an integer >= 1", label, found);
    if (step->kind == QST_PREPROCESS_scale && first == 0)
        return QSTI_FAIL_VALUE(r, node, "%s: 0 would leave nothing of the features", label);
    if (step->kind == QST_PREPROCESS_range && !(first < second)) {
        char high[32];
        qsti_format_double(second, high);
        return QSTI_FAIL_VALUE(r, node, "%s: %s is not < %s", label, found, high);
    }
    return QST_OK;
}

/* `standardize`, {pca: 8} or {range: [-1.57, 1.57]}. */
static qst_status read_step(qsti_reader *r, const qsti_yaml *node, qst_preprocess_step *out)
{
    char found[QSTI_SHOWN_BYTES];
    const char *name = node->scalar;
    const qsti_yaml *arguments = NULL;
    size_t n = 0, kind = 0;
    if (node->kind == QSTI_YAML_MAP && node->n_children == 1) {
        name = node->children[0].key;
        arguments = items_of(&node->children[0], &n);
    } else if (node->kind == QSTI_YAML_MAP) {
        return QSTI_FAIL_VALUE(r, node, "a step is one name with its numbers, not a map of %zu keys", node->n_children);
    } else if (node->kind != QSTI_YAML_SCALAR) {
        return QSTI_FAIL_VALUE(r, node, "%s is not a step such as standardize or {pca: 8}",
                               qsti_value_shown(node, true, found));
    }
    while (kind < N_STEPS && strcmp(steps[kind].label, name) != 0)
        kind++;
    if (kind == N_STEPS)
        return fail_step(r, node, name);
    if (n != steps[kind].n_arguments)
        return QSTI_FAIL_VALUE(r, node, "%s takes %zu number%s, %zu given", name, steps[kind].n_arguments,
                               steps[kind].n_arguments == 1 ? "" : "s", n);
    qst_preprocess_step step = {.kind = (qst_step_kind)kind};
    for (size_t i = 0; i < n; i++) {
        qst_status status = qsti_read_any_number(r, &arguments[i], "a finite number", &step.arguments[i]);
        if (status != QST_OK)
            return status;
    }
    qst_status status = check_step(r, n ? &arguments[0] : node, &step);
    if (status == QST_OK)
        *out = step;
    return status;
}

qst_status qsti_read_steps(qsti_reader *r, const qsti_yaml *node, qsti_step_list *out)
{
    char found[QSTI_SHOWN_BYTES];
    qst_preprocess_step *list = NULL;
    if (node->kind != QSTI_YAML_LIST)
        return QSTI_FAIL_VALUE(r, node, "%s is not a list of steps such as [standardize, {pca: 8}]",
                               qsti_value_shown(node, true, found));
    size_t n = node->n_children;
    if (n > MAX_ITEMS)
        return fail_length(r, node, n);
    qst_status status = QSTI_POOL_NEW(r->pool, n, &list);
    for (size_t i = 0; i < n && status == QST_OK; i++)
        status = read_step(r, &node->children[i], &list[i]);
    if (status == QST_OK)
        *out = (qsti_step_list){n ? list : NULL, n};
    return status;
}

/* --- maps --------------------------------------------------------------------------------------------------------- */

/* A deep copy in the pool, without places: those are of the tree it comes from. Depth is limited by YAML's. */
static qst_status copy_yaml(qsti_pool *pool, const qsti_yaml *from, qsti_yaml *to)
{
    qst_status status = QST_OK;
    qsti_yaml copy = {.kind = from->kind, .quoted = from->quoted, .n_children = from->n_children};
    if (from->key != NULL)
        QSTI_TRY(qsti_pool_strdup(pool, from->key, (const char **)&copy.key));
    if (from->scalar != NULL)
        QSTI_TRY(qsti_pool_strdup(pool, from->scalar, (const char **)&copy.scalar));
    if (from->n_children > 0)
        QSTI_TRY(QSTI_POOL_NEW(pool, from->n_children, &copy.children));
    for (size_t i = 0; i < from->n_children; i++)
        QSTI_TRY(copy_yaml(pool, &from->children[i], &copy.children[i]));
    *to = copy;
done:
    return status;
}

qst_status qsti_read_maps(qsti_reader *r, const qsti_yaml *node, qsti_map_list *out)
{
    char found[QSTI_SHOWN_BYTES];
    qsti_yaml *maps = NULL;
    if (node->kind != QSTI_YAML_LIST)
        return QSTI_FAIL_VALUE(r, node, "%s is not a list of maps such as [{qubits: 8}]",
                               qsti_value_shown(node, true, found));
    if (node->n_children > MAX_ITEMS)
        return fail_length(r, node, node->n_children);
    qst_status status = QSTI_POOL_NEW(r->pool, node->n_children, &maps);
    for (size_t i = 0; i < node->n_children && status == QST_OK; i++) {
        const qsti_yaml *item = &node->children[i];
        status = item->kind == QSTI_YAML_MAP ? copy_yaml(r->pool, item, &maps[i])
                                             : QSTI_FAIL_VALUE(r, item, "%s is not a map such as {qubits: 8}",
                                                               qsti_value_shown(item, true, found));
    }
    if (status == QST_OK)
        *out = (qsti_map_list){node->n_children ? maps : NULL, node->n_children};
    return status;
}

/* --- requirements ------------------------------------------------------------------------------------------------- */

/* Enough for every path of a report. */
#define REPORT_PATH_BYTES 128

static bool is_bound(const char *key)
{
    return strcmp(key, "min") == 0 || strcmp(key, "max") == 0;
}

static size_t count_leaves(const qsti_yaml *node)
{
    size_t n = 0;
    for (size_t i = 0; i < node->n_children; i++)
        n += node->children[i].kind == QSTI_YAML_MAP ? count_leaves(&node->children[i]) : 1;
    return n;
}

static qst_status add_requirement(qsti_reader *r, const qsti_yaml *node, const char *path, qsti_requirement_list *list)
{
    qsti_recipe_requirement item = {.minimum = NAN, .maximum = NAN};
    qst_status status = QST_OK;
    if (node->kind == QSTI_YAML_MAP) {
        for (size_t i = 0; i < node->n_children && status == QST_OK; i++) {
            bool low = strcmp(node->children[i].key, "min") == 0;
            status =
                qsti_read_any_number(r, &node->children[i], "a finite number", low ? &item.minimum : &item.maximum);
        }
    } else {
        status = qsti_read_any_number(r, node, "a finite number", &item.minimum);
    }
    if (status != QST_OK)
        return status;
    if (item.minimum > item.maximum)
        return QSTI_FAIL_VALUE(r, node, "%s: min is above max", path);
    for (size_t i = 0; i < list->n; i++)
        if (strcmp(list->items[i].path, path) == 0)
            return QSTI_FAIL_VALUE(r, node, "%s is given twice", path);
    status = qsti_pool_strdup(r->pool, path, &item.path);
    if (status == QST_OK)
        list->items[list->n++] = item;
    return status;
}

/* Walks nested maps; a map of min and max alone is a bound. Depth is limited by YAML's. */
static qst_status read_requirements_below(qsti_reader *r, const qsti_yaml *map, const char *prefix,
                                          qsti_requirement_list *list)
{
    qst_status status = QST_OK;
    for (size_t i = 0; i < map->n_children && status == QST_OK; i++) {
        const qsti_yaml *child = &map->children[i];
        char path[REPORT_PATH_BYTES];
        size_t n_bounds = 0;
        int n = snprintf(path, sizeof path, "%s%s%s", prefix, *prefix ? "." : "", child->key);
        if (n < 0 || (size_t)n >= sizeof path)
            return QSTI_FAIL_VALUE(r, child, "\"%.60s...\" is no path of the report", path);
        for (size_t j = 0; child->kind == QSTI_YAML_MAP && j < child->n_children; j++)
            n_bounds += is_bound(child->children[j].key);
        if (child->kind == QSTI_YAML_MAP && n_bounds == 0 && child->n_children > 0)
            status = read_requirements_below(r, child, path, list);
        else if (child->kind == QSTI_YAML_MAP && n_bounds != child->n_children)
            status = QSTI_FAIL_VALUE(r, child, "%s: a bound has the keys min and max, and no others", path);
        else if (child->kind == QSTI_YAML_MAP && n_bounds == 0)
            status = QSTI_FAIL_VALUE(r, child, "%s: an empty map is not a minimum, or {min: A, max: B}", path);
        else
            status = add_requirement(r, child, path, list);
    }
    return status;
}

qst_status qsti_read_requirements(qsti_reader *r, const qsti_yaml *node, qsti_requirement_list *out)
{
    char found[QSTI_SHOWN_BYTES];
    qsti_requirement_list list = {NULL, 0};
    if (node->kind != QSTI_YAML_MAP)
        return QSTI_FAIL_VALUE(r, node, "%s is not a map such as {student.accuracy: 0.9}",
                               qsti_value_shown(node, true, found));
    size_t n = count_leaves(node);
    if (n > MAX_ITEMS)
        return fail_length(r, node, n);
    qst_status status = QSTI_POOL_NEW(r->pool, n, &list.items);
    if (status == QST_OK)
        status = read_requirements_below(r, node, "", &list);
    if (status == QST_OK)
        *out = list.n ? list : (qsti_requirement_list){NULL, 0};
    return status;
}
