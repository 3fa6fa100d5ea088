/* recipe_resolve.c: a recipe's tree to typed values: given values are read, the rest takes the table's fallback. */
#include <assert.h>
#include <stdio.h>

#include "recipe/pool.h"
#include "recipe/recipe_tree.h"

typedef struct resolver {
    qst_ctx *ctx;
    qsti_pool *pool;
    const qsti_yaml *root;
    qsti_recipe_values values;
} resolver;

/* The place of the innermost thing that is there on the way to a path. */
static qsti_place place_towards(const qsti_yaml *root, const char *path)
{
    char part[QSTI_PATH_BYTES];
    qsti_place place = root->place;
    for (const char *dot = strchr(path, '.'); dot; dot = strchr(dot + 1, '.')) {
        snprintf(part, sizeof part, "%.*s", (int)(dot - path), path);
        const qsti_yaml *node = qsti_recipe_node(root, part);
        if (!node)
            break;
        place = node->key ? node->key_place : node->place;
    }
    return place;
}

static qst_status fail_missing(const resolver *r, const char *path, const char *what)
{
    return qsti_fail_at(r->ctx, QST_ERR_USAGE, place_towards(r->root, path), "%s: missing, %s", path, what);
}

/* A key of another kind of teacher or student than the one that is there. */
static qst_status fail_foreign(const resolver *r, const qsti_recipe_spot *spot, const char *path, const qsti_yaml *node)
{
    const char *role = spot->owner == QSTI_OWNER_TEACHER ? "teacher" : "student";
    qsti_place place = node->key ? node->key_place : node->place;
    const qsti_recipe_model *model = spot->owner == QSTI_OWNER_TEACHER ? &r->values.teacher : &r->values.student;
    const char *key = model->scores ? "scores" : "file",
               *what = model->scores ? "table of outputs" : "model from a file";
    if (spot->section == QSTI_SECTION_table)
        return qsti_fail_at(r->ctx, QST_ERR_USAGE, place,
                            "%s: belongs to a table of outputs, but %s.scores is not given", path, role);
    if (spot->section == QSTI_SECTION_ensemble)
        return qsti_fail_at(r->ctx, QST_ERR_USAGE, place, "%s contradicts %s.%s: a %s is one teacher", path, role, key,
                            what);
    if (model->is_table)
        return qsti_fail_at(r->ctx, QST_ERR_USAGE, place, "%s contradicts %s.%s: a %s is not trained here", path, role,
                            key, what);
    return qsti_fail_at(r->ctx, QST_ERR_USAGE, place, "%s contradicts %s.model: %s has no %s", path, role,
                        model->model.kind, spot->section == QSTI_SECTION_circuit ? "circuit" : strrchr(path, '.') + 1);
}

static qst_status read_option(resolver *r, const qsti_recipe_spot *spot, const qsti_option *option)
{
    char path[QSTI_PATH_BYTES];
    qsti_option_path(spot, option, path);
    const qsti_yaml *node = qsti_recipe_node(r->root, path);
    void *base = qsti_spot_base(spot, &r->values);
    if (!qsti_spot_applies(spot, &r->values))
        return node ? fail_foreign(r, spot, path, node) : QST_OK;
    if (node)
        return qsti_option_read(r->pool, option, node, base);
    return option->fallback[0] ? qsti_option_read_fallback(r->pool, option, base) : QST_OK;
}

/* In the order of the spots: what a spot needs to know whether it applies stands before it. */
static qst_status read_all(resolver *r)
{
    size_t n_options, n_spots;
    const qsti_option *options = qsti_options(&n_options);
    const qsti_recipe_spot *spots = qsti_recipe_spots(&n_spots);
    r->values.teacher.is_table =
        qsti_recipe_node(r->root, "teacher.scores") || qsti_recipe_node(r->root, "teacher.file");
    r->values.tune.given = qsti_recipe_node(r->root, "tune") != NULL;
    const qsti_yaml *device = qsti_recipe_node(r->root, "device");
    r->values.device.given = device != NULL && device->n_children > 0; /* taken out, a section is an empty map */
    for (size_t s = 0; s < n_spots; s++) {
        for (size_t i = 0; i < n_options; i++) {
            if (options[i].section != spots[s].section)
                continue;
            qst_status status = read_option(r, &spots[s], &options[i]);
            if (status != QST_OK)
                return status;
        }
    }
    return QST_OK;
}

static bool is_circuit(const qsti_recipe_model *model)
{
    return !model->is_table && strcmp(qsti_kind_of_keys(&model->model), "circuit") == 0;
}

static bool is_network(const qsti_recipe_model *model)
{
    return !model->is_table && strcmp(qsti_kind_of_keys(&model->model), "network") == 0;
}

static qst_status check_required(const resolver *r)
{
    static const char qubits[] = "an integer in 1..30";
    if (!r->values.table.source)
        return fail_missing(r, "data.source", "a built-in set, a generator or a path");
    if (r->values.teacher.scores && !qsti_recipe_node(r->root, "teacher.kind"))
        return fail_missing(r, "teacher.kind", "what teacher.scores holds");
    if (is_network(&r->values.teacher) && r->values.teacher.model.network.n_layers == 0)
        return fail_missing(r, "teacher.network", "a list of layers such as [{dense: 128}, relu]");
    if (is_network(&r->values.student) && r->values.student.model.network.n_layers == 0)
        return fail_missing(r, "student.network", "a list of layers such as [{dense: 128}, relu]");
    if (is_circuit(&r->values.teacher) && !r->values.teacher.model.circuit.qubits)
        return fail_missing(r, "teacher.qubits", qubits);
    if (is_circuit(&r->values.student) && !r->values.student.model.circuit.qubits)
        return fail_missing(r, "student.qubits", qubits);
    return QST_OK;
}

/* The student's loss is that of distill; saying the same again is no harm. */
static qst_status check_student_loss(resolver *r)
{
    const qsti_yaml *node = qsti_recipe_node(r->root, "student.train.loss");
    const qsti_option *option;
    const qsti_recipe_spot *spot;
    qst_distill_opts *distill = &r->values.distill;
    if (!node)
        return QST_OK;
    bool found = qsti_option_find("distill.loss", &option, &spot);
    assert(found);
    (void)found;
    qst_loss loss = distill->loss;
    qst_status status = qsti_option_read(r->pool, option, node, &r->values);
    bool same = distill->loss == loss;
    distill->loss = loss;
    if (status != QST_OK || same)
        return status;
    return qsti_fail_at(r->ctx, QST_ERR_USAGE, node->place,
                        "student.train.loss contradicts distill.loss: the student's loss is that of distill, %s",
                        option->domain.names[loss]);
}

/* Values that follow from others. */
static void derive(resolver *r)
{
    qsti_recipe_values *values = &r->values;
    qsti_recipe_model *models[] = {&values->teacher, &values->student};
    static const char *const select_paths[] = {"teacher.train.select", "student.train.select"};
    values->student.train.loss = values->distill.loss;
    if (values->device.given)
        values->device.train = qsti_recipe_device_train(values);
    for (size_t i = 0; i < 2; i++) {
        models[i]->model.precision = values->precision;
        models[i]->train.temperature = 1;
        models[i]->train.alpha = 0.5;
        models[i]->train.checkpoint_every_s = values->checkpoint_every_s;
        if (values->dataset.validation == 0 && !qsti_recipe_node(r->root, select_paths[i]))
            models[i]->train.select = QST_SELECT_LAST;
    }
}

/* --- assistants --------------------------------------------------------------------------------------------------- */

/* The recipe with one assistant in the student's place, and no chain: its values are those of a student. */
static qst_status resolve_assistant(const resolver *r, const qsti_yaml *entry, qsti_recipe_model *out)
{
    static const qsti_yaml nothing = {.kind = QSTI_YAML_NULL};
    qst_status status = QST_OK;
    qsti_patch patch = {.ctx = r->ctx};
    qsti_yaml *train = NULL;
    qsti_recipe_values *values = NULL;
    const qsti_yaml *student_train = qsti_recipe_node(r->root, "student.train");
    QSTI_TRY(QSTI_POOL_NEW(r->pool, 1, &values));
    QSTI_TRY(qsti_yaml_copy(r->ctx, r->root, &patch.root));
    QSTI_TRY(qsti_yaml_set(r->ctx, patch.root, "distill.assistants", &nothing));
    QSTI_TRY(qsti_yaml_set(r->ctx, patch.root, "distill.generations", &nothing));
    QSTI_TRY(qsti_yaml_set(r->ctx, patch.root, "device", &nothing)); /* and what may be said of it */
    QSTI_TRY(qsti_yaml_set(r->ctx, patch.root, "controls", &nothing));
    QSTI_TRY(qsti_yaml_set(r->ctx, patch.root, "verify", &nothing));
    if (qsti_yaml_child(entry, "model") != NULL) {
        if (student_train != NULL)
            QSTI_TRY(qsti_yaml_copy(r->ctx, student_train, &train));
        QSTI_TRY(qsti_patch_put(&patch, "student", &nothing));
        if (train != NULL)
            QSTI_TRY(qsti_yaml_set(r->ctx, patch.root, "student.train", train));
    }
    QSTI_TRY(qsti_patch_put(&patch, "student", entry));
    QSTI_TRY(qsti_recipe_resolve(r->pool, patch.root, "", "", values));
    *out = values->student;
done:
    qsti_yaml_free(r->ctx, train);
    qsti_yaml_free(r->ctx, patch.root);
    return status;
}

static qst_status resolve_assistants(resolver *r)
{
    qsti_recipe_values *values = &r->values;
    const qsti_yaml *list = qsti_recipe_node(r->root, "distill.assistants");
    if (values->n_assistants == 0)
        return QST_OK;
    qst_status status = QSTI_POOL_NEW(r->pool, values->n_assistants, &values->assistant_models);
    for (size_t i = 0; i < values->n_assistants && status == QST_OK; i++)
        status = resolve_assistant(r, &list->children[i], &values->assistant_models[i]);
    return status;
}

/* The plan at a place that does not move with the values. */
static qst_status keep_plan(resolver *r)
{
    qst_loss_plan *plan = NULL;
    qst_status status = QSTI_POOL_NEW(r->pool, 1, &plan);
    if (status != QST_OK)
        return status;
    *plan = r->values.plan;
    r->values.distill.plan = plan;
    return QST_OK;
}

qst_status qsti_recipe_resolve(qsti_pool *pool, const qsti_yaml *root, const char *name, const char *setting,
                               qsti_recipe_values *out)
{
    resolver r = {.ctx = pool->ctx, .pool = pool, .root = root};
    qst_status status = QST_OK;
    QSTI_TRY(qsti_recipe_check_keys(r.ctx, root, false));
    QSTI_TRY(read_all(&r));
    QSTI_TRY(check_required(&r));
    QSTI_TRY(check_student_loss(&r));
    if (!r.values.name)
        QSTI_TRY(qsti_pool_strdup(pool, name, &r.values.name));
    QSTI_TRY(qsti_pool_strdup(pool, setting, &r.values.setting));
    derive(&r);
    QSTI_TRY(qsti_recipe_check_conflicts(r.ctx, root, &r.values));
    QSTI_TRY(keep_plan(&r));
    QSTI_TRY(resolve_assistants(&r));
    *out = r.values;
done:
    return status;
}
