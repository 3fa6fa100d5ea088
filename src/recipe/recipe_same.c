/* recipe_same.c: whether two settings share their data and teacher, so that one training serves both. */
#include <string.h>

#include "recipe/pool.h"
#include "recipe/recipe_tree.h"

bool qsti_recipe_has_chain(const qsti_recipe_values *values)
{
    return values->n_assistants > 0 || values->generations > 1;
}

/* What data and teacher depend on; the last two are what a chain depends on. */
static bool concerns_teacher(const char *path, bool has_chain)
{
    static const char *const roots[] = {"seed",           "precision", "data.",   "teacher.",
                                        "distill.match.", "student.",  "distill."};
    size_t n_roots = sizeof roots / sizeof roots[0] - (has_chain ? 0 : 2);
    for (size_t i = 0; i < n_roots; i++) {
        size_t n = strlen(roots[i]);
        if (strncmp(path, roots[i], n) == 0 && (roots[i][n - 1] == '.' || path[n] == '\0'))
            return true;
    }
    return false;
}

static qst_status same_option(qsti_pool *pool, const qsti_recipe_spot *spot, const qsti_option *option,
                              qsti_recipe_values *a, qsti_recipe_values *b, bool *out)
{
    qst_status status = QST_OK;
    qsti_yaml shown_a, shown_b;
    bool has_a = false, has_b = false;
    if (qsti_spot_applies(spot, a) != qsti_spot_applies(spot, b)) {
        *out = false;
        return QST_OK;
    }
    if (!qsti_spot_applies(spot, a))
        return QST_OK;
    QSTI_TRY(qsti_option_show(pool, option, qsti_spot_base(spot, a), &shown_a, &has_a));
    QSTI_TRY(qsti_option_show(pool, option, qsti_spot_base(spot, b), &shown_b, &has_b));
    if (has_a != has_b || (has_a && !qsti_yaml_same(&shown_a, &shown_b)))
        *out = false;
done:
    return status;
}

qst_status qsti_recipe_same_teacher(qst_ctx *ctx, qsti_recipe_values *a, qsti_recipe_values *b, bool *out)
{
    qst_status status = QST_OK;
    qsti_pool pool = {.ctx = ctx};
    size_t n_options, n_spots;
    bool same = true, has_chain = qsti_recipe_has_chain(a) || qsti_recipe_has_chain(b);
    const qsti_option *options = qsti_options(&n_options);
    const qsti_recipe_spot *spots = qsti_recipe_spots(&n_spots);
    for (size_t i = 0; i < n_spots; i++) {
        for (size_t j = 0; j < n_options; j++) {
            char path[QSTI_PATH_BYTES];
            qsti_option_path(&spots[i], &options[j], path);
            if (options[j].section == spots[i].section && concerns_teacher(path, has_chain))
                QSTI_TRY(same_option(&pool, &spots[i], &options[j], a, b, &same));
        }
    }
    *out = same;
done:
    qsti_pool_clear(&pool);
    return status;
}
