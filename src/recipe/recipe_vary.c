/* recipe_vary.c: variants of a recipe, for searches: its first setting with some keys changed; and values back to a
 * recipe of their own. */
#include "recipe/pool.h"
#include "recipe/recipe_tree.h"

/* The tree of the first setting, without `settings`. */
static qst_status tree_of_first_setting(const qst_recipe *recipe, qsti_yaml **out)
{
    static const qsti_yaml nothing = {.kind = QSTI_YAML_NULL};
    qst_status status = QST_OK;
    qsti_yaml *root = NULL;
    const qsti_yaml *list = qsti_recipe_node(recipe->root, "settings");
    const qsti_yaml *set = list != NULL ? qsti_yaml_child(&list->children[0], "set") : NULL;
    QSTI_TRY(qsti_yaml_copy(recipe->ctx, recipe->root, &root));
    qsti_patch patch = {.ctx = recipe->ctx, .root = root, .of_setting = true};
    if (set != NULL)
        QSTI_TRY(qsti_patch_put(&patch, "", set));
    if (list != NULL)
        QSTI_TRY(qsti_yaml_set(recipe->ctx, root, "settings", &nothing));
    *out = root;
    root = NULL;
done:
    qsti_yaml_free(recipe->ctx, root);
    return status;
}

qst_status qsti_recipe_vary(const qst_recipe *recipe, qsti_pool *pool, const char *name,
                            const qsti_recipe_change *changes, size_t n_changes, qsti_recipe_values *out)
{
    static const qsti_yaml nothing = {.kind = QSTI_YAML_NULL};
    qst_status status = QST_OK;
    qsti_yaml *root = NULL;
    QSTI_TRY(tree_of_first_setting(recipe, &root));
    qsti_patch patch = {.ctx = recipe->ctx, .root = root, .of_setting = true};
    for (size_t i = 0; i < n_changes; i++)
        QSTI_TRY(qsti_patch_put(&patch, changes[i].path, changes[i].value != NULL ? changes[i].value : &nothing));
    QSTI_TRY(qsti_recipe_resolve(pool, root, recipe->settings[0].name, name, out));
done:
    qsti_yaml_free(recipe->ctx, root);
    return status;
}

qst_status qsti_recipe_text_of(qst_ctx *ctx, qsti_recipe_values *values, char **out_text)
{
    qsti_recipe_values whole = *values;
    whole.setting = "default";
    whole.tune.given = false;
    return qsti_recipe_show(ctx, &whole, &whole, 1, out_text);
}
