/* recipe_tree.h: recipes as YAML trees: which keys may stand where, patches, and the way to typed values and back. */
#ifndef QSTI_RECIPE_RECIPE_TREE_H
#define QSTI_RECIPE_RECIPE_TREE_H

#include "recipe/option_value.h"

/* The node at a dotted path, or NULL when there is none or it is empty. */
const qsti_yaml *qsti_recipe_node(const qsti_yaml *root, const char *path);

/* Every key is one of the table's, and maps are maps. `strict`: a key without a value is an error too; otherwise it is
 * as if it were not given. Errors: ERR_USAGE with place and what may be meant. */
qst_status qsti_recipe_check_keys(qst_ctx *ctx, const qsti_yaml *root, bool strict);

/* Puts `value` at a path, or, where the path is a map of keys, each of its children below. NULL takes the key, or all
 * keys of the map, out. */
typedef struct qsti_patch {
    qst_ctx *ctx;
    qsti_yaml *root;
    bool of_setting;           /* keys that belong to the whole recipe are refused */
    unsigned char seen[16384]; /* by spot and option: a key is given once */
} qsti_patch;
qst_status qsti_patch_put(qsti_patch *patch, const char *path, const qsti_yaml *value);

/* Typed values of a tree. What they point to goes into the pool; *out holds nothing of its own. `name` stands in for
 * the recipe's name when it gives none, `setting` names this set. Errors: ERR_USAGE with place; ERR_LIMIT; ERR_MEMORY.
 */
qst_status qsti_recipe_resolve(qsti_pool *pool, const qsti_yaml *root, const char *name, const char *setting,
                               qsti_recipe_values *out);

/* "PATH contradicts OTHER: why", at the place of the first of the two that is there: ERR_USAGE. */
qst_status qsti_recipe_refuse(qst_ctx *ctx, const qsti_yaml *root, const char *path, const char *other,
                              const char *why);
/* recipe_device.c: the section `device`, together with what it is about. */
qst_status qsti_recipe_check_device(qst_ctx *ctx, const qsti_yaml *root, const qsti_recipe_values *values);
/* What `train: default` means. */
qsti_device_train qsti_recipe_device_train(const qsti_recipe_values *values);

/* Refuses keys that contradict each other, naming both: ERR_USAGE. */
qst_status qsti_recipe_check_conflicts(qst_ctx *ctx, const qsti_yaml *root, const qsti_recipe_values *values);

/* The resolved text: every key of `base`, then the settings with what differs from it. Free with qsti_free(). */
qst_status qsti_recipe_show(qst_ctx *ctx, qsti_recipe_values *base, qsti_recipe_values *settings, size_t n_settings,
                            char **out_text);

#endif
