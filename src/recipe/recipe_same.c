/* recipe_same.c: whether two settings share their data and teacher, so that one training serves both. */
#include <string.h>

#include "recipe/pool.h"
#include "recipe/recipe_tree.h"

bool qsti_recipe_has_chain(const qsti_recipe_values *values)
{
    return values->n_assistants > 0 || values->generations > 1;
}

static bool is_below(const char *path, const char *root)
{
    size_t n = strlen(root);
    return strncmp(path, root, n) == 0 && (root[n - 1] == '.' || path[n] == '\0');
}

/* What data and teacher depend on; a chain also on the student, and on a device what the teacher says there. */
static bool concerns_teacher(const char *path, bool has_chain, bool is_measured)
{
    static const char *const roots[] = {"seed", "precision", "data.", "teacher.", "distill.match."};
    for (size_t i = 0; i < sizeof roots / sizeof roots[0]; i++)
        if (is_below(path, roots[i]))
            return true;
    return (has_chain && (is_below(path, "student.") || is_below(path, "distill."))) ||
           (is_measured && is_below(path, "device."));
}

static bool learns_from_device(const qsti_recipe_values *values)
{
    return values->device.given && values->device.teacher != QSTI_DEVICE_TEACHER_IDEAL;
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

/* Which options are compared. */
typedef struct question {
    bool has_chain, learns_from_device; /* of the teacher */
    bool measured;                      /* instead: on a device */
} question;

/* The section but for what is the student's. */
static bool concerns_measuring(const char *path)
{
    static const char *const others[] = {
        "device.train",          "device.strength",  "device.train_shots", "device.gradient",     "device.spsa_step",
        "device.shots_schedule", "device.shots_end", "device.layout",      "device.budget_shots", "device.teacher"};
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        if (strcmp(path, others[i]) == 0)
            return false;
    return is_below(path, "device.");
}

static qst_status same_values(qst_ctx *ctx, const question *asked, qsti_recipe_values *a, qsti_recipe_values *b,
                              bool *out)
{
    qst_status status = QST_OK;
    qsti_pool pool = {.ctx = ctx};
    size_t n_options, n_spots;
    bool same = true;
    const qsti_option *options = qsti_options(&n_options);
    const qsti_recipe_spot *spots = qsti_recipe_spots(&n_spots);
    for (size_t i = 0; i < n_spots; i++) {
        for (size_t j = 0; j < n_options; j++) {
            char path[QSTI_PATH_BYTES];
            if (options[j].section != spots[i].section)
                continue;
            qsti_option_path(&spots[i], &options[j], path);
            if (asked->measured ? concerns_measuring(path)
                                : concerns_teacher(path, asked->has_chain, asked->learns_from_device))
                QSTI_TRY(same_option(&pool, &spots[i], &options[j], a, b, &same));
        }
    }
    *out = same;
done:
    qsti_pool_clear(&pool);
    return status;
}

qst_status qsti_recipe_same_teacher(qst_ctx *ctx, qsti_recipe_values *a, qsti_recipe_values *b, bool *out)
{
    const question asked = {.has_chain = qsti_recipe_has_chain(a) || qsti_recipe_has_chain(b),
                            .learns_from_device = learns_from_device(a) || learns_from_device(b)};
    return same_values(ctx, &asked, a, b, out);
}

qst_status qsti_recipe_same_device(qst_ctx *ctx, qsti_recipe_values *a, qsti_recipe_values *b, bool *out)
{
    const question asked = {.measured = true};
    return same_values(ctx, &asked, a, b, out);
}
