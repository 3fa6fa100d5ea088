/* recipe_tree.c: which keys may stand where in a recipe, and patches of its tree (--set, settings). */
#include "recipe/recipe_tree.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#define LONG_PATH_BYTES 256

/* A key that is looked at although it is not in the table: it may only repeat distill.loss. */
#define STUDENT_LOSS   "student.train.loss"
#define REQUIRE_PREFIX "verify.require."
#define OVER_PREFIX    "tune.over."

const qsti_yaml *qsti_recipe_node(const qsti_yaml *root, const char *path)
{
    const qsti_yaml *node = root;
    while (node && *path) {
        char part[QSTI_PATH_BYTES];
        size_t n = strcspn(path, ".");
        if (n >= sizeof part || node->kind != QSTI_YAML_MAP)
            return NULL;
        memcpy(part, path, n);
        part[n] = '\0';
        node = qsti_yaml_child(node, part);
        path += n + (path[n] == '.');
    }
    return node && node->kind != QSTI_YAML_NULL ? node : NULL;
}

/* --- keys --------------------------------------------------------------------------------------------------------- */

/* {learning_rate: 0,01} is YAML for {learning_rate: 0, 01: null}. */
static bool is_decimal_comma(const qsti_yaml *map, size_t index)
{
    const qsti_yaml *child = &map->children[index];
    if (index == 0 || child->kind != QSTI_YAML_NULL)
        return false;
    const char *digits = "0123456789eE-+", *before = map->children[index - 1].scalar;
    return strspn(child->key, digits) == strlen(child->key) && before && *before &&
           strspn(before, "-0123456789") == strlen(before);
}

static qst_status fail_unknown(qst_ctx *ctx, const qsti_yaml *map, size_t index, const char *prefix)
{
    const qsti_yaml *child = &map->children[index];
    char hint[256];
    if (is_decimal_comma(map, index)) {
        const qsti_yaml *number = &map->children[index - 1];
        return qsti_fail_key(ctx, QST_ERR_USAGE, number->place, number->key,
                             "\"%.20s,%.20s\" is not a number: decimals take a point, %.20s.%.20s", number->scalar,
                             child->key, number->scalar, child->key);
    }
    qsti_suggest(prefix, child->key, false, hint, sizeof hint);
    return qsti_fail_at(ctx, QST_ERR_USAGE, child->key_place, "%.80s: unknown key%s%.*s%s", child->key,
                        *prefix ? " in " : "", *prefix ? (int)strlen(prefix) - 1 : 0, prefix, hint);
}

/* prefix: "" or "teacher." At most as deep as the table's paths. */
static qst_status check_map(qst_ctx *ctx, const qsti_yaml *map, const char *prefix, bool strict)
{
    for (size_t i = 0; i < map->n_children; i++) {
        const qsti_yaml *child = &map->children[i];
        const qsti_option *option;
        const qsti_recipe_spot *spot;
        char path[LONG_PATH_BYTES];
        int n = snprintf(path, sizeof path, "%s%s", prefix, child->key);
        bool fits = n > 0 && (size_t)n + 1 < sizeof path && !strchr(child->key, '.');
        bool is_map = fits && qsti_path_is_map(path);
        if (!fits || !(is_map || qsti_option_find(path, &option, &spot) || strcmp(path, "settings") == 0 ||
                       strcmp(path, STUDENT_LOSS) == 0))
            return fail_unknown(ctx, map, i, prefix);
        if (child->kind == QSTI_YAML_NULL) {
            if (strict)
                return qsti_fail_at(ctx, QST_ERR_USAGE, child->key_place, "%s: the key has no value", child->key);
            continue;
        }
        if (!is_map)
            continue;
        if (child->kind != QSTI_YAML_MAP)
            return qsti_fail_at(ctx, QST_ERR_USAGE, child->place, "%s: a %s is not a map of keys", child->key,
                                child->kind == QSTI_YAML_LIST ? "list" : "single value");
        memcpy(path + n, ".", sizeof ".");
        qst_status status = check_map(ctx, child, path, strict);
        if (status != QST_OK)
            return status;
    }
    return QST_OK;
}

qst_status qsti_recipe_check_keys(qst_ctx *ctx, const qsti_yaml *root, bool strict)
{
    if (root->kind == QSTI_YAML_NULL)
        return qsti_fail_at(ctx, QST_ERR_USAGE, root->place, "the recipe is empty");
    if (root->kind != QSTI_YAML_MAP)
        return qsti_fail_at(ctx, QST_ERR_USAGE, root->place, "a recipe is a map of keys, not a %s",
                            root->kind == QSTI_YAML_LIST ? "list" : "single value");
    return check_map(ctx, root, "", strict);
}

/* --- patches ------------------------------------------------------------------------------------------------------ */

static qst_status fail_path(const qsti_patch *patch, const char *path, const qsti_yaml *value, const char *what)
{
    qsti_place place = value->key ? value->key_place : value->place;
    return qsti_fail_key(patch->ctx, QST_ERR_USAGE, place, path, "%s", what);
}

static qst_status put_children(qsti_patch *patch, const char *path, const qsti_yaml *map)
{
    for (size_t i = 0; i < map->n_children; i++) {
        char below[LONG_PATH_BYTES];
        int n = snprintf(below, sizeof below, "%s%s%s", path, *path ? "." : "", map->children[i].key);
        if (n < 0 || (size_t)n >= sizeof below)
            return fail_path(patch, "a key", &map->children[i], "too long");
        qst_status status = qsti_patch_put(patch, below, &map->children[i]);
        if (status != QST_OK)
            return status;
    }
    return QST_OK;
}

/* Whether a key is the same for all settings. */
static bool is_of_recipe(const char *path)
{
    static const char *const whole[] = {"name", "settings", "checkpoint", "verify", "tune"};
    for (size_t i = 0; i < sizeof whole / sizeof *whole; i++) {
        size_t n = strlen(whole[i]);
        if (strncmp(path, whole[i], n) == 0 && (path[n] == '\0' || path[n] == '.'))
            return true;
    }
    return false;
}

/* Notes that a key of the table is given; false when it was before. */
static bool note_seen(qsti_patch *patch, const qsti_option *option, const qsti_recipe_spot *spot)
{
    size_t n_options, n_spots;
    size_t option_index = (size_t)(option - qsti_options(&n_options));
    size_t spot_index = (size_t)(spot - qsti_recipe_spots(&n_spots));
    assert(n_options * n_spots <= sizeof patch->seen);
    unsigned char *seen = &patch->seen[spot_index * n_options + option_index];
    bool first = !*seen;
    *seen = 1;
    return first;
}

qst_status qsti_patch_put(qsti_patch *patch, const char *path, const qsti_yaml *value)
{
    const qsti_option *option;
    const qsti_recipe_spot *spot;
    char hint[256], line[320];
    if (patch->of_setting && is_of_recipe(path))
        return fail_path(patch, path, value, "belongs to the whole recipe and cannot differ between settings");
    if (qsti_path_is_map(path)) {
        qsti_yaml empty = {.kind = QSTI_YAML_MAP, .place = value->place};
        if (value->kind == QSTI_YAML_MAP)
            return put_children(patch, path, value);
        if (value->kind == QSTI_YAML_NULL && *path)
            return qsti_yaml_set(patch->ctx, patch->root, path, &empty);
        return fail_path(patch, path, value, "takes a map of keys, or null");
    }
    if (qsti_option_find(path, &option, &spot)) {
        if (!note_seen(patch, option, spot))
            return fail_path(patch, path, value, "given twice");
        return qsti_yaml_set(patch->ctx, patch->root, path, value);
    }
    if (strcmp(path, "settings") == 0 || strcmp(path, STUDENT_LOSS) == 0 ||
        strncmp(path, REQUIRE_PREFIX, strlen(REQUIRE_PREFIX)) == 0 ||
        strncmp(path, OVER_PREFIX, strlen(OVER_PREFIX)) == 0)
        return qsti_yaml_set(patch->ctx, patch->root, path, value);
    qsti_suggest("", path, true, hint, sizeof hint);
    snprintf(line, sizeof line, "unknown key%s", hint);
    return fail_path(patch, path, value, line);
}
