/* requirement.c: conditions on the numbers of a report (verify.require), and the check of their paths beforehand.
 *
 * Which paths there are is not written down anywhere: a report of invented results, in which everything exists, is
 * asked. In the real one a number may be missing (null); a condition on it does not hold. */
#include <math.h>
#include <string.h>

#include "verify/report_parts.h"

/* --- paths -------------------------------------------------------------------------------------------------------- */

static json_t *step(const json_t *value, const char *part, size_t n)
{
    int64_t index = 0;
    if (json_is_array(value) && qsti_parse_i64(part, n, &index) && index >= 0) {
        return json_array_get(value, (size_t)index);
    }
    return json_object_getn(value, part, n);
}

json_t *qsti_report_at(const json_t *report, const char *path)
{
    size_t n = strcspn(path, ".");
    json_t *value = step(report, path, n);
    while (value != NULL && path[n] == '.') {
        path += n + 1;
        n = strcspn(path, ".");
        value = step(value, path, n);
    }
    return value;
}

/* A growing list of names. */
typedef struct names {
    qst_ctx *ctx;
    char **items;
    size_t n;
} names;

static qst_status names_add(names *list, const char *prefix, const char *key)
{
    qst_status status = QSTI_GROW(list->ctx, list->n + 1, &list->items);
    if (status == QST_OK) {
        qsti_text text;
        qsti_text_init(&text, list->ctx);
        qsti_text_add(&text, "%s%s%s", prefix, *prefix ? "." : "", key);
        status = text.status;
        if (status == QST_OK) {
            list->items[list->n++] = text.bytes;
        } else {
            qsti_text_clear(&text);
        }
    }
    return status;
}

/* The paths of all numbers below an object; an object's own name is dropped again behind them. A report is shallow. */
static qst_status names_collect(names *list, const char *prefix, json_t *object)
{
    const char *key;
    json_t *value;
    json_object_foreach(object, key, value)
    {
        if (!json_is_number(value) && !json_is_object(value)) {
            continue;
        }
        qst_status status = names_add(list, prefix, key);
        if (status == QST_OK && json_is_object(value)) {
            size_t own = list->n - 1;
            char *name = list->items[own];
            status = names_collect(list, name, value);
            qsti_free(list->ctx, name);
            list->items[own] = list->items[--list->n];
        }
        if (status != QST_OK) {
            return status;
        }
    }
    return QST_OK;
}

static void names_clear(names *list)
{
    for (size_t i = 0; i < list->n; i++) {
        qsti_free(list->ctx, list->items[i]);
    }
    qsti_free(list->ctx, list->items);
}

qst_status qsti_requirement_check(qst_ctx *ctx, json_t *setting, const char *path)
{
    if (json_is_number(qsti_report_at(setting, path))) {
        return QST_OK;
    }
    names list = {.ctx = ctx};
    qst_status status = names_collect(&list, "", setting);
    if (status == QST_OK) {
        const char *nearest = qsti_nearest(path, (const char *const *)list.items, list.n);
        status = qsti_fail(ctx, QST_ERR_USAGE, "verify.require: \"%s\" is no number of the report%s%s%s", path,
                           nearest ? "; did you mean \"" : "", nearest ? nearest : "", nearest ? "\"?" : "");
    }
    names_clear(&list);
    return status;
}

/* --- a report of invented results --------------------------------------------------------------------------------- */

#define EXAMPLE_SEEDS     QSTI_VERDICT_MIN_SEEDS
#define EXAMPLE_ROWS      8
#define EXAMPLE_STEPS     10 /* of members, and of a chain */
#define EXAMPLE_STRENGTHS 32

typedef struct example {
    qsti_seed_result seeds[EXAMPLE_SEEDS];
    qsti_grid_cell grid[EXAMPLE_SEEDS];
    qsti_step_result steps[2 * EXAMPLE_STEPS]; /* of every seed: members, then a chain */
    uint8_t right[EXAMPLE_ROWS];
    double strengths[EXAMPLE_STRENGTHS], curves[2][EXAMPLE_STRENGTHS];
    size_t qubits[EXAMPLE_STRENGTHS], edges[EXAMPLE_STRENGTHS][2];
    qsti_device_facts facts;
    qsti_device_result measured[2]; /* the teacher; the others */
} example;

/* A device with everything, on which the student overtakes the teacher. */
static void invent_device(example *e)
{
    e->facts = (qsti_device_facts){.name = "example",
                                   .source = "",
                                   .n_qubits = 1,
                                   .shots = 1,
                                   .scales = e->strengths,
                                   .n_scales = EXAMPLE_STRENGTHS,
                                   .extrapolation = "",
                                   .knowledge = "",
                                   .train = "",
                                   .train_shots = 1,
                                   .gradient = "",
                                   .strengths = e->strengths,
                                   .n_strengths = EXAMPLE_STRENGTHS,
                                   .method = ""};
    for (size_t i = 0; i < EXAMPLE_STRENGTHS; i++) {
        e->strengths[i] = (double)i;
        e->curves[0][i] = 0.5;
        e->curves[1][i] = i > 0 ? 0.75 : 0.25;
    }
    for (size_t i = 0; i < 2; i++) {
        qsti_device_result *measured = &e->measured[i];
        *measured = (qsti_device_result){.n = EXAMPLE_ROWS, .curve = e->curves[i], .placed = true, .shots = 1};
        measured->placement = (qsti_placement){.qubits = e->qubits,
                                               .n_qubits = EXAMPLE_STRENGTHS,
                                               .edges = (const size_t(*)[2])e->edges,
                                               .n_edges = EXAMPLE_STRENGTHS,
                                               .depth = 1,
                                               .duration_ns = 1};
        for (int c = 0; c < QSTI_COLUMN_COUNT; c++)
            measured->columns[c] = (qsti_column_result){.n_correct = 4 + i, .right = e->right};
    }
}

/* Teacher before student before floor before control, with something wrong in each and some spread. The rows do not
 * show it: where none differs every number is there all the same, and a bootstrap is quick. */
static void invent(example *e)
{
    static const size_t n_right[] = {7, 5, 3, 4}, n_further = 3;
    invent_device(e);
    for (size_t i = EXAMPLE_STEPS; i < sizeof e->steps / sizeof *e->steps; i++)
        e->steps[i].in_chain = true;
    for (size_t s = 0; s < EXAMPLE_SEEDS; s++) {
        e->grid[s] = (qsti_grid_cell){1, 0.5, 0.5, 0.5, true};
        e->seeds[s] = (qsti_seed_result){.seed = s,
                                         .n_train = EXAMPLE_ROWS,
                                         .n_validation = EXAMPLE_ROWS,
                                         .n_test = EXAMPLE_ROWS,
                                         .n_labelled = EXAMPLE_ROWS,
                                         .grid = e->grid + s,
                                         .n_grid = 1,
                                         .steps = e->steps,
                                         .n_steps = sizeof e->steps / sizeof *e->steps};
        for (size_t role = 0; role < QSTI_ROLE_COUNT; role++) {
            size_t hits = (role < QSTI_FIRST_FURTHER ? n_right[role] : n_further) +
                          (role != QSTI_TEACHER && s == role % EXAMPLE_SEEDS ? 1 : 0);
            e->seeds[s].roles[role] = (qsti_role_result){
                .present = true,
                .test = {.n = EXAMPLE_ROWS, .n_correct = hits, .accuracy = (double)hits / EXAMPLE_ROWS},
                .fidelity = {.n_teacher_right = 7, .n_teacher_wrong = 1},
                .rate_factor = 1,
                .device = &e->measured[role != QSTI_TEACHER],
                .right = e->right};
        }
    }
}

static qst_status example_report(qst_ctx *ctx, json_t **out)
{
    example *e = NULL;
    bool required = true;
    qst_status status = QSTI_NEW(ctx, 1, &e);
    if (status == QST_OK) {
        invent(e);
        qsti_size size = {true, 1, 1, 1, 1, 1, 1};
        qsti_setting_result setting = {
            .name = "example", .loss = "kd", .label_fraction = 1, .seeds = e->seeds, .n_seeds = EXAMPLE_SEEDS};
        setting.device = &e->facts;
        for (int role = 0; role < QSTI_ROLE_COUNT; role++) {
            setting.sizes[role] = size;
        }
        qsti_run_facts facts = {.name = "example", .data_name = "example", .inputs = "", .isa = "", .version = ""};
        status = qsti_report_build(ctx, &facts, &setting, 1, NULL, 0, out, &required);
    }
    qsti_free(ctx, e);
    return status;
}

static qst_status check_paths(qst_ctx *ctx, const qsti_requirement *requirements, size_t n_requirements)
{
    json_t *report = NULL;
    qst_status status = example_report(ctx, &report);
    for (size_t i = 0; status == QST_OK && i < n_requirements; i++) {
        status = qsti_requirement_check(ctx, qsti_report_at(report, "settings.0"), requirements[i].path);
    }
    json_decref(report);
    return status;
}

qst_status qsti_report_check_path(qst_ctx *ctx, const char *path)
{
    return check_paths(ctx, &(qsti_requirement){.path = path}, 1);
}

/* --- judging ------------------------------------------------------------------------------------------------------ */

static bool is_chosen(const qsti_requirement *requirement, const json_t *setting)
{
    const char *name = json_string_value(json_object_get(setting, "name"));
    return requirement->setting == NULL || (name && strcmp(name, requirement->setting) == 0);
}

static bool lies_within(const qsti_requirement *requirement, const json_t *value)
{
    double number = json_is_number(value) ? json_number_value(value) : NAN;
    return !isnan(number) && !(number < requirement->minimum) && !(number > requirement->maximum);
}

static qst_status fail_setting(qst_ctx *ctx, const json_t *settings, const char *name)
{
    const char **known = NULL;
    size_t n = json_array_size(settings);
    qst_status status = QSTI_NEW(ctx, n, &known);
    if (status == QST_OK) {
        for (size_t i = 0; i < n; i++) {
            const char *of_setting = json_string_value(json_object_get(json_array_get(settings, i), "name"));
            known[i] = of_setting ? of_setting : "";
        }
        const char *nearest = qsti_nearest(name, known, n);
        status = qsti_fail(ctx, QST_ERR_USAGE, "verify.require: there is no setting \"%s\"%s%s%s", name,
                           nearest ? "; did you mean \"" : "", nearest ? nearest : "", nearest ? "\"?" : "");
    }
    qsti_free(ctx, known);
    return status;
}

static qst_status judge(qst_ctx *ctx, const qsti_requirement *requirement, const json_t *settings, json_t *list,
                        bool *all_hold)
{
    json_t *values = json_array();
    bool holds = true, ok = values != NULL;
    for (size_t i = 0; ok && i < json_array_size(settings); i++) {
        const json_t *setting = json_array_get(settings, i);
        if (is_chosen(requirement, setting)) {
            const json_t *value = qsti_report_at(setting, requirement->path);
            holds = holds && lies_within(requirement, value);
            ok = json_array_append_new(values, json_is_number(value) ? json_deep_copy(value) : json_null()) == 0;
        }
    }
    if (ok && json_array_size(values) == 0) {
        json_decref(values);
        return fail_setting(ctx, settings, requirement->setting);
    }
    json_t *entry = json_pack("{s:s, s:s?, s:o, s:o, s:o, s:b}", "path", requirement->path, "setting",
                              requirement->setting, "minimum", qsti_json_real(requirement->minimum), "maximum",
                              qsti_json_real(requirement->maximum), "values", values, "holds", holds);
    *all_hold = *all_hold && holds;
    bool appended = json_array_append_new(list, entry) == 0;
    return qsti_json_done(ctx, ok && appended);
}

qst_status qsti_requirements_put(qst_ctx *ctx, const qsti_requirement *requirements, size_t n_requirements,
                                 json_t *report, bool *out_required)
{
    bool all_hold = true;
    json_t *list = json_array();
    qst_status status = qsti_json_done(ctx, qsti_json_put(report, "requirements", list));
    if (status == QST_OK && n_requirements > 0) {
        status = check_paths(ctx, requirements, n_requirements);
    }
    for (size_t i = 0; status == QST_OK && i < n_requirements; i++) {
        status = judge(ctx, requirements + i, json_object_get(report, "settings"), list, &all_hold);
    }
    if (status == QST_OK) {
        status = qsti_json_done(ctx, qsti_json_put(report, "requirements_hold", json_boolean(all_hold)));
    }
    if (status == QST_OK) {
        *out_required = all_hold;
    }
    return status;
}
