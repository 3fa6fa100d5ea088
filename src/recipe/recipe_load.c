/* recipe_load.c: the recipe object: file, patches, settings, values, resolved text. */
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "recipe/demo.h"
#include "recipe/pool.h"
#include "recipe/recipe_tree.h"

/* --- names -------------------------------------------------------------------------------------------------------- */

/* The file's name without folder and ending, fit for a name: "a b.yaml" -> "a-b". */
#define NAME_BYTES 101
static void name_from_path(const char *path, char out[NAME_BYTES])
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
    const char *slash = strrchr(path, '/');
    const char *base = slash ? slash + 1 : path;
    const char *dot = strrchr(base, '.');
    size_t n = dot && dot > base ? (size_t)(dot - base) : strlen(base), length = 0;
    for (size_t i = 0; i < n && length + 1 < NAME_BYTES; i++) {
        char letter = strchr(allowed, base[i]) ? base[i] : '-';
        if (length > 0 || (letter != '-' && letter != '.'))
            out[length++] = letter;
    }
    out[length] = '\0';
    if (length == 0)
        memcpy(out, "recipe", sizeof "recipe");
}

/* --- --set -------------------------------------------------------------------------------------------------------- */

/* The values of --set have no line. */
static void forget_lines(qsti_yaml *node)
{
    node->place.line = node->place.column = 0;
    node->key_place.line = node->key_place.column = 0;
    for (size_t i = 0; i < node->n_children; i++)
        forget_lines(&node->children[i]);
}

/* "teacher.qubits=4" */
static qst_status put_set(qsti_patch *patch, const char *set)
{
    qst_ctx *ctx = patch->ctx;
    const char *equals = strchr(set, '=');
    char path[128], name[160];
    qsti_yaml *value = NULL;
    qst_status status = QST_OK;
    if (!equals || equals == set)
        return qsti_fail(ctx, QST_ERR_USAGE, "--set %.80s: not KEY=VALUE", set);
    if ((size_t)(equals - set) >= sizeof path)
        return qsti_fail(ctx, QST_ERR_USAGE, "--set %.60s...: the key is too long", set);
    if (strspn(equals + 1, " \t") == strlen(equals + 1))
        return qsti_fail(ctx, QST_ERR_USAGE, "--set %s: the key has no value", set);
    snprintf(path, sizeof path, "%.*s", (int)(equals - set), set);
    snprintf(name, sizeof name, "--set %s", path);
    QSTI_TRY(qsti_yaml_parse(ctx, name, equals + 1, strlen(equals + 1), QST_ERR_USAGE, &value));
    forget_lines(value);
    QSTI_TRY(qsti_patch_put(patch, path, value));
done:
    qsti_yaml_free(ctx, value);
    return status;
}

static qst_status put_sets(qst_ctx *ctx, qsti_yaml *root, const char *const *sets, size_t n_sets)
{
    qsti_patch patch = {.ctx = ctx, .root = root};
    for (size_t i = 0; i < n_sets; i++) {
        qst_status status = put_set(&patch, sets[i]);
        if (status != QST_OK)
            return status;
    }
    return QST_OK;
}

/* --- settings ----------------------------------------------------------------------------------------------------- */

/* An entry of `settings` has a name, once, and maybe what differs. */
static qst_status check_setting(qst_recipe *recipe, const qsti_yaml *entry, const char **out_name,
                                const qsti_yaml **out_set)
{
    size_t n_options;
    const qsti_option *options = qsti_options(&n_options);
    const char *const keys[] = {"name", "set"};
    qsti_recipe_values read = {0};
    if (entry->kind != QSTI_YAML_MAP)
        return qsti_fail_at(recipe->ctx, QST_ERR_USAGE, entry->place,
                            "settings: an entry is a map such as {name: NAME, set: {KEY: VALUE}}");
    for (size_t i = 0; i < entry->n_children; i++) {
        const qsti_yaml *child = &entry->children[i];
        if (strcmp(child->key, keys[0]) == 0 || strcmp(child->key, keys[1]) == 0)
            continue;
        const char *near = qsti_nearest(child->key, keys, 2);
        return qsti_fail_at(recipe->ctx, QST_ERR_USAGE, child->key_place, "%.80s: unknown key in settings%s%s%s",
                            child->key, near ? "; did you mean " : "", near ? near : "", near ? "?" : "");
    }
    const qsti_yaml *name = qsti_yaml_child(entry, "name"), *set = qsti_yaml_child(entry, "set");
    if (!name)
        return qsti_fail_at(recipe->ctx, QST_ERR_USAGE, entry->place, "settings: name: missing, every setting has one");
    if (set && set->kind != QSTI_YAML_MAP)
        return qsti_fail_at(recipe->ctx, QST_ERR_USAGE, set->place, "set: takes a map such as {distill.alpha: 0.9}");
    for (size_t i = 0; i < n_options; i++) {
        if (options[i].section != QSTI_SECTION_setting || options[i].type != QSTI_NAME)
            continue;
        qst_status status = qsti_option_read(&recipe->pool, &options[i], name, &read);
        if (status != QST_OK)
            return status;
    }
    if (!read.setting)
        return qsti_fail(recipe->ctx, QST_ERR_INTERNAL, "settings: the option table has no name");
    *out_name = read.setting;
    *out_set = set;
    return QST_OK;
}

static qst_status resolve_setting(qst_recipe *recipe, const qsti_yaml *entry, const char *fallback_name)
{
    const char *name = NULL;
    const qsti_yaml *set = NULL;
    qsti_patch patch = {.ctx = recipe->ctx, .of_setting = true};
    qst_status status = QST_OK;
    QSTI_TRY(check_setting(recipe, entry, &name, &set));
    for (size_t i = 0; i < recipe->n_settings; i++)
        if (strcmp(recipe->settings[i].setting, name) == 0)
            QSTI_TRY(qsti_fail_at(recipe->ctx, QST_ERR_USAGE, entry->place, "settings: two are named \"%s\"", name));
    QSTI_TRY(qsti_yaml_copy(recipe->ctx, recipe->root, &patch.root));
    if (set)
        QSTI_TRY(qsti_patch_put(&patch, "", set));
    QSTI_TRY(
        qsti_recipe_resolve(&recipe->pool, patch.root, fallback_name, name, &recipe->settings[recipe->n_settings]));
    recipe->n_settings++;
done:
    qsti_yaml_free(recipe->ctx, patch.root);
    return status;
}

#define MAX_SETTINGS 100

static qst_status resolve_settings(qst_recipe *recipe, const char *fallback_name)
{
    const qsti_yaml *list = qsti_recipe_node(recipe->root, "settings");
    qst_status status = QST_OK;
    if (list && list->kind != QSTI_YAML_LIST)
        return qsti_fail_at(recipe->ctx, QST_ERR_USAGE, list->place,
                            "settings: takes a list such as [{name: NAME, set: {KEY: VALUE}}]");
    if (list && (list->n_children == 0 || list->n_children > MAX_SETTINGS))
        return qsti_fail_at(recipe->ctx, QST_ERR_USAGE, list->place, "settings: %zu are not 1..%d", list->n_children,
                            MAX_SETTINGS);
    QSTI_TRY(QSTI_POOL_NEW(&recipe->pool, list ? list->n_children : 1, &recipe->settings));
    if (!list) {
        recipe->n_settings = 1;
        return qsti_recipe_resolve(&recipe->pool, recipe->root, fallback_name, "default", &recipe->settings[0]);
    }
    for (size_t i = 0; i < list->n_children; i++)
        QSTI_TRY(resolve_setting(recipe, &list->children[i], fallback_name));
done:
    return status;
}

/* --- the object --------------------------------------------------------------------------------------------------- */

static qst_status read_tree(qst_recipe *recipe, const char *path)
{
    char *bytes = NULL;
    size_t n_bytes = 0;
    qst_status status = QST_OK;
    if (!path)
        return qsti_yaml_parse(recipe->ctx, "demo", (const char *)qsti_demo_recipe, qsti_demo_recipe_bytes,
                               QST_ERR_USAGE, &recipe->root);
    QSTI_TRY(qsti_file_read(recipe->ctx, path, QSTI_YAML_MAX_BYTES, &bytes, &n_bytes));
    QSTI_TRY(qsti_yaml_parse(recipe->ctx, strcmp(path, "-") == 0 ? "stdin" : path, bytes, n_bytes, QST_ERR_USAGE,
                             &recipe->root));
done:
    qsti_free(recipe->ctx, bytes);
    return status;
}

qst_status qst_recipe_load(qst_ctx *ctx, const char *path, const char *const *sets, size_t n_sets, qst_recipe **out)
{
    qst_recipe *recipe = NULL;
    qsti_recipe_values base;
    char name[NAME_BYTES];
    qst_status status = QST_OK;
    QSTI_TRY(QSTI_NEW(ctx, 1, &recipe));
    recipe->ctx = ctx;
    recipe->pool.ctx = ctx;
    name_from_path(path ? path : "demo", name);
    QSTI_TRY(read_tree(recipe, path));
    QSTI_TRY(qsti_recipe_check_keys(ctx, recipe->root, true));
    QSTI_TRY(put_sets(ctx, recipe->root, sets, n_sets));
    QSTI_TRY(qsti_recipe_resolve(&recipe->pool, recipe->root, name, "", &base));
    QSTI_TRY(resolve_settings(recipe, name));
    QSTI_TRY(qsti_recipe_show(ctx, &base, recipe->settings, recipe->n_settings, &recipe->text));
    *out = recipe;
    recipe = NULL;
done:
    qst_recipe_free(recipe);
    return status;
}

void qst_recipe_free(qst_recipe *recipe)
{
    if (!recipe)
        return;
    qst_ctx *ctx = recipe->ctx;
    qsti_yaml_free(ctx, recipe->root);
    qsti_free(ctx, recipe->text);
    qsti_pool_clear(&recipe->pool);
    qsti_free(ctx, recipe);
}

const char *qst_recipe_name(const qst_recipe *recipe)
{
    return recipe->settings[0].name;
}

const char *qst_recipe_text(const qst_recipe *recipe)
{
    return recipe->text;
}
