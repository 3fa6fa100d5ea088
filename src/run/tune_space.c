/* tune_space.c: the combinations of values that a search tries.
 *
 * A grid is the product of all keys, the last key running fastest; a range gives `steps` values, evenly spread, in the
 * logarithm for log. Drawn combinations: each key by itself, uniform over its list or its range, from a stream of
 * (seed, trial, attempt and key); one that was there is drawn again. Numbers of ranges are rounded to 4 digits, so that
 * a recipe says them exactly.
 *
 * A temperature or an alpha that the loss of a combination does not have is left out, and combinations that become
 * equal are one.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/rng.h"
#include "recipe/recipe_tree.h"
#include "run/tune.h"

#define MAX_TRIALS   10000
#define MAX_ATTEMPTS 50

/* --- keys --------------------------------------------------------------------------------------------------------- */

/* What is searched when the recipe does not say. */
static const char default_axes[] = "{distill.temperature: [1, 2, 4, 8], distill.alpha: [0.5, 0.9], "
                                   "student.train.learning_rate: [0.003, 0.01, 0.03]}";

static qst_status read_default(qsti_tune_space *space, qsti_recipe_tune *out)
{
    qst_status status = QST_OK;
    const qsti_option *option = NULL;
    const qsti_recipe_spot *spot = NULL;
    qsti_recipe_values values = {0};
    qsti_yaml *node = NULL;
    if (!qsti_option_find("tune.over", &option, &spot))
        return qsti_fail(space->ctx, QST_ERR_INTERNAL, "tune.over is no option");
    QSTI_TRY(qsti_yaml_parse(space->ctx, "default", default_axes, strlen(default_axes), QST_ERR_INTERNAL, &node));
    QSTI_TRY(qsti_option_read(space->pool, option, node, &values));
    out->axes = values.tune.axes;
    out->n_axes = values.tune.n_axes;
done:
    qsti_yaml_free(space->ctx, node);
    return status;
}

static double rounded(double value)
{
    if (value == 0)
        return 0;
    double unit = pow(10, floor(log10(fabs(value))) - 3);
    return round(value / unit) * unit;
}

static qst_status make_number(qsti_tune_space *space, const qsti_tune_key *key, double value, qsti_yaml *out)
{
    char text[32];
    const char *copy = NULL;
    /* By way of text, so that the unit of the rounding leaves no tail. */
    snprintf(text, sizeof text, "%lld", llround(value));
    if (!key->is_whole) {
        char digits[32];
        qsti_format_double(rounded(value), digits);
        memcpy(text, digits, sizeof text);
    }
    qst_status status = qsti_pool_strdup(space->pool, text, &copy);
    *out = (qsti_yaml){.kind = QSTI_YAML_SCALAR, .scalar = (char *)copy, .place = {.file = "tune.over"}};
    return status;
}

/* The value at `share` (0..1) of a range. */
static double within(const qsti_tune_axis *axis, double share)
{
    if (axis->kind == QSTI_AXIS_LOG)
        return exp(log(axis->low) + share * (log(axis->high) - log(axis->low)));
    return axis->low + share * (axis->high - axis->low);
}

static qst_status make_levels(qsti_tune_space *space, qsti_tune_key *key)
{
    qst_status status = QST_OK;
    const qsti_tune_axis *axis = key->axis;
    qsti_yaml *levels = NULL;
    key->levels = axis->values;
    key->n_levels = axis->n_values;
    if (axis->kind == QSTI_AXIS_LIST || space->search != QSTI_SEARCH_GRID)
        return QST_OK;
    QSTI_TRY(QSTI_POOL_NEW(space->pool, axis->steps, &levels));
    for (size_t i = 0; i < axis->steps; i++)
        QSTI_TRY(make_number(space, key, within(axis, (double)i / (double)(axis->steps - 1)), &levels[i]));
    key->levels = levels;
    key->n_levels = axis->steps;
done:
    return status;
}

static bool is_of_loss(const char *path)
{
    return strcmp(path, "distill.temperature") == 0 || strcmp(path, "distill.alpha") == 0;
}

static qst_status make_keys(qsti_tune_space *space, const qsti_recipe_tune *tune, bool by_default)
{
    qst_status status = QST_OK;
    bool loss_is_searched = false;
    QSTI_TRY(QSTI_POOL_NEW(space->pool, tune->n_axes, &space->keys));
    space->n_keys = tune->n_axes;
    for (size_t i = 0; i < tune->n_axes; i++)
        loss_is_searched |= strcmp(tune->axes[i].path, "distill.loss") == 0;
    for (size_t i = 0; i < tune->n_axes; i++) {
        const qsti_option *option = NULL;
        const qsti_recipe_spot *spot = NULL;
        qsti_tune_key *key = &space->keys[i];
        key->axis = &tune->axes[i];
        key->may_drop = by_default || (loss_is_searched && is_of_loss(tune->axes[i].path));
        if (qsti_option_find(tune->axes[i].path, &option, &spot))
            key->is_whole = option->type == QSTI_COUNT || option->type == QSTI_QUBITS || option->type == QSTI_SEED;
        QSTI_TRY(make_levels(space, key));
    }
done:
    return status;
}

/* --- one combination ---------------------------------------------------------------------------------------------- */

static bool same_value(const qsti_yaml *a, const qsti_yaml *b)
{
    return a == b || (a != NULL && b != NULL && qsti_yaml_same(a, b));
}

static bool is_there(const qsti_tune_space *space, const qsti_yaml *const *point)
{
    for (size_t t = 0; t < space->n_trials; t++) {
        bool same = true;
        for (size_t k = 0; same && k < space->n_keys; k++)
            same = same_value(qsti_tune_value(space, t, k), point[k]);
        if (same)
            return true;
    }
    return false;
}

static qst_status resolve(const qsti_tune_space *space, const qsti_yaml *const *point, qsti_recipe_values *out)
{
    qsti_recipe_change changes[QSTI_TUNE_MAX_KEYS];
    char name[32];
    for (size_t k = 0; k < space->n_keys; k++)
        changes[k] = (qsti_recipe_change){space->keys[k].axis->path, point[k]};
    snprintf(name, sizeof name, "trial-%03zu", space->n_trials + 1);
    return qsti_recipe_vary(space->recipe, space->pool, name, changes, space->n_keys, out);
}

/* Says of a refusal which values it was about. */
static qst_status fail_point(const qsti_tune_space *space, const qsti_yaml *const *point, qst_status status)
{
    qsti_text text;
    qsti_text_init(&text, space->ctx);
    for (size_t k = 0; k < space->n_keys; k++)
        if (point[k] != NULL)
            qsti_text_add(&text, "%s%s=%s", text.length ? ", " : "", space->keys[k].axis->path,
                          point[k]->kind == QSTI_YAML_SCALAR ? point[k]->scalar : "...");
    qsti_fail_within(space->ctx, status, "tune: %.200s", text.status == QST_OK ? text.bytes : "");
    qsti_text_clear(&text);
    return status;
}

/* Whether the recipe refuses a key beside the others of a combination, as far as these are fixed. */
static bool contradicts(qsti_tune_space *space, const qsti_yaml *const *point, size_t k, const qsti_yaml *value)
{
    const qsti_yaml *probe[QSTI_TUNE_MAX_KEYS];
    for (size_t i = 0; i < space->n_keys; i++)
        probe[i] = i == k ? value : space->keys[i].may_drop ? NULL : point[i];
    return resolve(space, probe, &space->values[space->n_trials]) == QST_ERR_USAGE &&
           strstr(qst_ctx_message(space->ctx), " contradicts ") != NULL;
}

/* A key is left out where its value, or any other of its levels, contradicts the combination: its default would not. */
static void drop_keys(qsti_tune_space *space, const qsti_yaml **point)
{
    for (size_t k = 0; k < space->n_keys; k++) {
        const qsti_tune_key *key = &space->keys[k];
        bool refused = key->may_drop && contradicts(space, point, k, point[k]);
        for (size_t i = 0; key->may_drop && !refused && i < key->n_levels; i++)
            refused = contradicts(space, point, k, &key->levels[i]);
        if (refused)
            point[k] = NULL;
    }
}

/* Adds a combination unless it is there. */
static qst_status add_point(qsti_tune_space *space, const qsti_yaml **point, bool *out_added)
{
    *out_added = false;
    drop_keys(space, point);
    if (is_there(space, point))
        return QST_OK;
    qst_status status = resolve(space, point, &space->values[space->n_trials]);
    if (status != QST_OK)
        return fail_point(space, point, status);
    memcpy(&space->points[space->n_trials * space->n_keys], point, space->n_keys * sizeof *point);
    space->n_trials++;
    *out_added = true;
    return QST_OK;
}

/* --- all of them -------------------------------------------------------------------------------------------------- */

static qst_status make_room(qsti_tune_space *space, size_t n)
{
    qst_status status = QSTI_POOL_NEW(space->pool, n * space->n_keys, &space->points);
    return status == QST_OK ? QSTI_POOL_NEW(space->pool, n, &space->values) : status;
}

static qst_status make_grid(qsti_tune_space *space)
{
    qst_status status = QST_OK;
    size_t n = 1;
    const qsti_yaml *point[QSTI_TUNE_MAX_KEYS];
    bool added;
    for (size_t k = 0; k < space->n_keys; k++) {
        if (!qsti_mul(n, space->keys[k].n_levels, &n) || n > MAX_TRIALS)
            return qsti_fail(space->ctx, QST_ERR_LIMIT,
                             "tune: the grid has more than %d combinations: fewer values, or search: random",
                             MAX_TRIALS);
    }
    QSTI_TRY(make_room(space, n));
    for (size_t i = 0; i < n; i++) {
        size_t rest = i;
        for (size_t k = space->n_keys; k-- > 0;) {
            point[k] = &space->keys[k].levels[rest % space->keys[k].n_levels];
            rest /= space->keys[k].n_levels;
        }
        QSTI_TRY(add_point(space, point, &added));
    }
done:
    return status;
}

static qst_status draw(qsti_tune_space *space, size_t k, qsti_rng *rng, const qsti_yaml **out)
{
    const qsti_tune_key *key = &space->keys[k];
    if (key->n_levels > 0) {
        *out = &key->levels[qsti_rng_below(rng, key->n_levels)];
        return QST_OK;
    }
    qsti_yaml *node = NULL;
    qst_status status = QSTI_POOL_NEW(space->pool, 1, &node);
    if (status == QST_OK)
        status = make_number(space, key, within(key->axis, qsti_rng_uniform(rng)), node);
    *out = node;
    return status;
}

/* Fewer than `n` where the space has no more. */
static qst_status draw_all(qsti_tune_space *space, size_t n, uint64_t seed)
{
    qst_status status = QST_OK;
    const qsti_yaml *point[QSTI_TUNE_MAX_KEYS];
    QSTI_TRY(make_room(space, n));
    for (size_t i = 0; i < n; i++) {
        bool added = false;
        for (uint32_t attempt = 0; attempt < MAX_ATTEMPTS && !added; attempt++) {
            qsti_rng rng = qsti_rng_init(seed, QSTI_PURPOSE_TUNE, (uint32_t)i, attempt);
            for (size_t k = 0; k < space->n_keys; k++)
                QSTI_TRY(draw(space, k, &rng, &point[k]));
            QSTI_TRY(add_point(space, point, &added));
        }
    }
done:
    return status;
}

qst_status qsti_tune_space_create(const qst_recipe *recipe, qsti_pool *pool, qsti_tune_space *out)
{
    qst_status status = QST_OK;
    qsti_recipe_tune tune = recipe->settings[0].tune;
    qsti_tune_space space = {.ctx = recipe->ctx, .pool = pool, .recipe = recipe, .search = tune.search};
    bool by_default = tune.n_axes == 0;
    if (by_default)
        QSTI_TRY(read_default(&space, &tune));
    QSTI_TRY(make_keys(&space, &tune, by_default));
    if (space.search == QSTI_SEARCH_GRID)
        QSTI_TRY(make_grid(&space));
    else
        QSTI_TRY(draw_all(&space, tune.trials, recipe->settings[0].seed));
    *out = space;
done:
    return status;
}
