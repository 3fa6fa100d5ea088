/* recipe_show.c: typed values to the resolved text. Loading the text gives the same values, and the same text.
 *
 * A setting is shown as what differs from the base. Where its teacher or student is of another kind, the section is
 * taken out with null and given anew; where one of them has a device and the other none, its section is so too.
 */
#include <string.h>

#include "recipe/pool.h"
#include "recipe/recipe_tree.h"

typedef struct shower {
    qst_ctx *ctx;
    qsti_pool pool; /* what is shown, until it is text */
} shower;

/* Calls put() for every option that applies to `values`, in the order of the text. */
typedef qst_status put_fn(shower *s, const qsti_recipe_spot *spot, const qsti_option *option, void *user);

static qst_status walk(shower *s, qsti_recipe_values *values, put_fn *put, void *user)
{
    size_t n_options, n_spots;
    const qsti_option *options = qsti_options(&n_options);
    const qsti_recipe_spot *spots = qsti_recipe_spots(&n_spots);
    for (size_t i = 0; i < n_spots; i++) {
        for (size_t j = 0; j < n_options; j++) {
            if (options[j].section != spots[i].section || !qsti_spot_applies(&spots[i], values))
                continue;
            if (options[j].section == QSTI_SECTION_tune && !values->tune.given)
                continue;
            qst_status status = put(s, &spots[i], &options[j], user);
            if (status != QST_OK)
                return status;
        }
    }
    return QST_OK;
}

/* --- the recipe --------------------------------------------------------------------------------------------------- */

typedef struct whole {
    qsti_recipe_values *values;
    qsti_yaml *root;
} whole;

static qst_status put_whole(shower *s, const qsti_recipe_spot *spot, const qsti_option *option, void *user)
{
    whole *to = user;
    qsti_yaml node;
    bool shown;
    char path[QSTI_PATH_BYTES];
    qst_status status = qsti_option_show(&s->pool, option, qsti_spot_base(spot, to->values), &node, &shown);
    if (status != QST_OK || !shown)
        return status;
    qsti_option_path(spot, option, path);
    return qsti_yaml_set(s->ctx, to->root, path, &node);
}

/* --- a setting ---------------------------------------------------------------------------------------------------- */

typedef struct difference {
    qsti_recipe_values *base, *values;
    qsti_yaml set;     /* map of paths */
    bool anew[3];      /* by owner: its section is given anew */
    bool taken_out[3]; /* by owner: and was taken out already */
    size_t n_allocated;
} difference;

static qst_status add_entry(shower *s, difference *to, const char *path, const qsti_yaml *value)
{
    const char *key = NULL;
    if (to->set.n_children == to->n_allocated) {
        size_t n = to->n_allocated ? 2 * to->n_allocated : 8;
        qsti_yaml *larger = NULL;
        qst_status status = QSTI_POOL_NEW(&s->pool, n, &larger);
        if (status != QST_OK)
            return status;
        if (to->n_allocated)
            memcpy(larger, to->set.children, to->n_allocated * sizeof *larger);
        to->set.children = larger;
        to->n_allocated = n;
    }
    qst_status status = qsti_pool_strdup(&s->pool, path, &key);
    if (status == QST_OK) {
        qsti_yaml *entry = &to->set.children[to->set.n_children++];
        *entry = *value;
        entry->key = (char *)key;
    }
    return status;
}

static qst_status put_difference(shower *s, const qsti_recipe_spot *spot, const qsti_option *option, void *user)
{
    static const qsti_yaml nothing = {.kind = QSTI_YAML_NULL};
    difference *to = user;
    qsti_yaml before, after;
    bool had, has;
    char path[QSTI_PATH_BYTES];
    bool of_device = spot->section == QSTI_SECTION_device || spot->section == QSTI_SECTION_mitigation;
    bool anew = to->anew[spot->owner] || (of_device && !to->base->device.given);
    qst_status status = QST_OK;
    if (option->section == QSTI_SECTION_top && option->type == QSTI_NAME)
        return QST_OK;
    if (to->anew[spot->owner] && !to->taken_out[spot->owner]) {
        to->taken_out[spot->owner] = true;
        QSTI_TRY(add_entry(s, to, spot->owner == QSTI_OWNER_TEACHER ? "teacher" : "student", &nothing));
    }
    QSTI_TRY(qsti_option_show(&s->pool, option, qsti_spot_base(spot, to->base), &before, &had));
    QSTI_TRY(qsti_option_show(&s->pool, option, qsti_spot_base(spot, to->values), &after, &has));
    qsti_option_path(spot, option, path);
    if (has && (anew || !had || !qsti_yaml_same(&before, &after)))
        QSTI_TRY(add_entry(s, to, path, &after));
    else if (!has && had && !anew)
        QSTI_TRY(add_entry(s, to, path, &nothing));
done:
    return status;
}

static bool is_same_kind(const qsti_recipe_model *a, const qsti_recipe_model *b)
{
    return a->is_table == b->is_table &&
           (a->is_table || (strcmp(a->model.kind, b->model.kind) == 0 &&
                            strcmp(qsti_kind_of_keys(&a->model), qsti_kind_of_keys(&b->model)) == 0));
}

/* {name: NAME, set: {...}} */
static qst_status show_setting(shower *s, qsti_recipe_values *base, qsti_recipe_values *values, qsti_yaml *out)
{
    difference set = {.base = base, .values = values, .set = {.kind = QSTI_YAML_MAP}};
    const char *keys[] = {"name", "set"};
    set.anew[QSTI_OWNER_TEACHER] = !is_same_kind(&base->teacher, &values->teacher);
    set.anew[QSTI_OWNER_STUDENT] = !is_same_kind(&base->student, &values->student);
    qst_status status = QST_OK;
    if (base->device.given && !values->device.given)
        QSTI_TRY(add_entry(s, &set, "device", &(const qsti_yaml){.kind = QSTI_YAML_NULL}));
    QSTI_TRY(walk(s, values, put_difference, &set));
    QSTI_TRY(QSTI_POOL_NEW(&s->pool, 2, &out->children));
    out->kind = QSTI_YAML_MAP;
    out->n_children = set.set.n_children ? 2 : 1;
    out->children[0] = (qsti_yaml){.kind = QSTI_YAML_SCALAR, .scalar = (char *)values->setting};
    out->children[1] = set.set;
    for (size_t i = 0; i < 2; i++)
        QSTI_TRY(qsti_pool_strdup(&s->pool, keys[i], (const char **)&out->children[i].key));
done:
    return status;
}

qst_status qsti_recipe_show(qst_ctx *ctx, qsti_recipe_values *base, qsti_recipe_values *settings, size_t n_settings,
                            char **out_text)
{
    shower s = {.ctx = ctx, .pool = {.ctx = ctx}};
    whole to = {.values = base};
    qsti_yaml list = {.kind = QSTI_YAML_LIST, .n_children = n_settings};
    qsti_text text;
    qst_status status = QST_OK;
    qsti_text_init(&text, ctx);
    QSTI_TRY(qsti_yaml_parse(ctx, "recipe", "{}", 2, QST_ERR_INTERNAL, &to.root));
    QSTI_TRY(walk(&s, base, put_whole, &to));
    QSTI_TRY(QSTI_POOL_NEW(&s.pool, n_settings, &list.children));
    for (size_t i = 0; i < n_settings; i++)
        QSTI_TRY(show_setting(&s, base, &settings[i], &list.children[i]));
    QSTI_TRY(qsti_yaml_set(ctx, to.root, "settings", &list));
    QSTI_TRY(qsti_yaml_write(ctx, to.root, &text));
    QSTI_TRY(text.status);
    *out_text = text.bytes;
    text.bytes = NULL;
done:
    if (text.bytes)
        qsti_text_clear(&text);
    qsti_yaml_free(ctx, to.root);
    qsti_pool_clear(&s.pool);
    return status;
}
