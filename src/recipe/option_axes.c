/* option_axes.c: `tune.over`: keys of the recipe, each with the values that a search may give it.
 *
 *   over: {distill.temperature: [1, 2, 4], student: {layers: [2, 3]}, student.train.learning_rate: {log: [0.001, 0.1]}}
 *
 * Keys may be dotted or nested. A list holds values as the key takes them, of any type; whether the key takes them is
 * said when the trial is made. A range is for numbers: log is uniform in the logarithm.
 */
#include <stdio.h>

#include "recipe/option_reader.h"
#include "recipe/recipe_tree.h"

#define MAX_AXES       QSTI_TUNE_MAX_KEYS
#define MAX_VALUES     1000
#define DEFAULT_STEPS  5
#define AXIS_KEY_BYTES 128

/* --- copies that live in the pool --------------------------------------------------------------------------------- */

static qst_status copy_string(qsti_pool *pool, char *text, char **out)
{
    const char *copy = NULL;
    qst_status status = text != NULL ? qsti_pool_strdup(pool, text, &copy) : QST_OK;
    *out = (char *)copy;
    return status;
}

static qst_status copy_node(qsti_pool *pool, const qsti_yaml *node, qsti_yaml *out)
{
    qst_status status = QST_OK;
    qsti_yaml copy = *node;
    const char *file = NULL;
    if (node->place.file != NULL)
        QSTI_TRY(qsti_pool_strdup(pool, node->place.file, &file));
    copy.place.file = file;
    copy.key_place.file = file;
    QSTI_TRY(copy_string(pool, node->key, &copy.key));
    QSTI_TRY(copy_string(pool, node->scalar, &copy.scalar));
    QSTI_TRY(QSTI_POOL_NEW(pool, node->n_children, &copy.children));
    for (size_t i = 0; i < node->n_children; i++)
        QSTI_TRY(copy_node(pool, &node->children[i], &copy.children[i]));
    *out = copy;
done:
    return status;
}

/* --- one axis ----------------------------------------------------------------------------------------------------- */

static qst_status read_values(qsti_reader *r, const qsti_yaml *node, qsti_tune_axis *axis)
{
    qst_status status = QST_OK;
    qsti_yaml *values = NULL;
    if (node->n_children == 0 || node->n_children > MAX_VALUES)
        return QSTI_FAIL_VALUE(r, node, "%s: %zu values are not in 1..%d", axis->path, node->n_children, MAX_VALUES);
    QSTI_TRY(QSTI_POOL_NEW(r->pool, node->n_children, &values));
    for (size_t i = 0; i < node->n_children; i++)
        QSTI_TRY(copy_node(r->pool, &node->children[i], &values[i]));
    axis->values = values;
    axis->n_values = node->n_children;
done:
    return status;
}

/* {log: [0.001, 0.1], steps: 4} */
static qst_status read_range(qsti_reader *r, const qsti_yaml *node, qsti_tune_axis *axis)
{
    qst_status status = QST_OK;
    const qsti_yaml *bounds = NULL;
    double steps = DEFAULT_STEPS;
    for (size_t i = 0; i < node->n_children; i++) {
        const qsti_yaml *child = &node->children[i];
        bool is_log = strcmp(child->key, "log") == 0, is_linear = strcmp(child->key, "linear") == 0;
        if (is_log || is_linear) {
            if (bounds != NULL)
                return QSTI_FAIL_VALUE(r, child, "%s: log and linear exclude each other", axis->path);
            axis->kind = is_log ? QSTI_AXIS_LOG : QSTI_AXIS_LINEAR;
            bounds = child;
        } else if (strcmp(child->key, "steps") == 0) {
            QSTI_TRY(qsti_read_any_number(r, child, "an integer in 2..1000", &steps));
            if (!(steps >= 2 && steps <= MAX_VALUES && steps == (double)(size_t)steps))
                return QSTI_FAIL_VALUE(r, child, "%s: steps: not an integer in 2..%d", axis->path, MAX_VALUES);
        } else {
            return QSTI_FAIL_VALUE(r, child, "%s: \"%.60s\" is not log, linear or steps", axis->path, child->key);
        }
    }
    if (bounds == NULL || bounds->kind != QSTI_YAML_LIST || bounds->n_children != 2)
        return QSTI_FAIL_VALUE(r, node, "%s: a range is {log: [LOW, HIGH]} or {linear: [LOW, HIGH]}", axis->path);
    QSTI_TRY(qsti_read_any_number(r, &bounds->children[0], "a finite number", &axis->low));
    QSTI_TRY(qsti_read_any_number(r, &bounds->children[1], "a finite number", &axis->high));
    if (!(axis->low < axis->high) || (axis->kind == QSTI_AXIS_LOG && !(axis->low > 0)))
        return QSTI_FAIL_VALUE(r, bounds, "%s: a range is [LOW, HIGH] with LOW < HIGH%s", axis->path,
                               axis->kind == QSTI_AXIS_LOG ? " and LOW > 0" : "");
    axis->steps = (size_t)steps;
done:
    return status;
}

/* --- all of them -------------------------------------------------------------------------------------------------- */

/* What is the same for all trials. */
static bool is_fixed(const char *path)
{
    static const char *const fixed[] = {"name",       "seed",     "seeds",  "settings",
                                        "checkpoint", "controls", "verify", "tune"};
    for (size_t i = 0; i < sizeof fixed / sizeof *fixed; i++) {
        size_t n = strlen(fixed[i]);
        if (strncmp(path, fixed[i], n) == 0 && (path[n] == '\0' || path[n] == '.'))
            return true;
    }
    return false;
}

static qst_status add_axis(qsti_reader *r, const qsti_yaml *node, const char *path, qsti_axis_list *list)
{
    qst_status status = QST_OK;
    qsti_tune_axis axis = {.kind = QSTI_AXIS_LIST};
    if (is_fixed(path))
        return QSTI_FAIL_VALUE(r, node, "%s: is the same for all trials and cannot be searched", path);
    if (list->n == MAX_AXES)
        return QSTI_FAIL_VALUE(r, node, "%s: more than %d keys cannot be searched at once", path, MAX_AXES);
    for (size_t i = 0; i < list->n; i++)
        if (strcmp(list->items[i].path, path) == 0)
            return QSTI_FAIL_VALUE(r, node, "%s is given twice", path);
    QSTI_TRY(qsti_pool_strdup(r->pool, path, &axis.path));
    if (node->kind == QSTI_YAML_LIST)
        QSTI_TRY(read_values(r, node, &axis));
    else if (node->kind == QSTI_YAML_MAP)
        QSTI_TRY(read_range(r, node, &axis));
    else
        QSTI_TRY(QSTI_FAIL_VALUE(r, node, "%s: not a list of values, or a range such as {log: [0.001, 0.1]}", path));
    list->items[list->n++] = axis;
done:
    return status;
}

/* Walks nested maps down to keys of the table. */
static qst_status read_below(qsti_reader *r, const qsti_yaml *map, const char *prefix, qsti_axis_list *list)
{
    qst_status status = QST_OK;
    const qsti_option *option;
    const qsti_recipe_spot *spot;
    for (size_t i = 0; i < map->n_children; i++) {
        const qsti_yaml *child = &map->children[i];
        char path[AXIS_KEY_BYTES], hint[256];
        int n = snprintf(path, sizeof path, "%s%s%s", prefix, *prefix ? "." : "", child->key);
        bool fits = n > 0 && (size_t)n < sizeof path;
        if (fits && qsti_path_is_map(path) && child->kind == QSTI_YAML_MAP) {
            QSTI_TRY(read_below(r, child, path, list));
        } else if (fits && qsti_option_find(path, &option, &spot)) {
            QSTI_TRY(add_axis(r, child, path, list));
        } else {
            qsti_suggest("", path, true, hint, sizeof hint);
            QSTI_TRY(QSTI_FAIL_VALUE(r, child, "%s: unknown key%s", path, hint));
        }
    }
done:
    return status;
}

qst_status qsti_read_axes(qsti_reader *r, const qsti_yaml *node, qsti_axis_list *out)
{
    char found[QSTI_SHOWN_BYTES];
    qsti_axis_list list = {NULL, 0};
    if (node->kind != QSTI_YAML_MAP)
        return QSTI_FAIL_VALUE(r, node, "%s is not a map such as {distill.alpha: [0.5, 0.9]}",
                               qsti_value_shown(node, true, found));
    qst_status status = QSTI_POOL_NEW(r->pool, MAX_AXES, &list.items);
    if (status == QST_OK)
        status = read_below(r, node, "", &list);
    if (status == QST_OK)
        *out = list;
    return status;
}
