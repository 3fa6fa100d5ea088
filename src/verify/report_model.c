/* report_model.c: the sections of one model in a report (every metric over the seeds, its size) and the compression.
 *
 * Which metrics there are stands in metrics.def alone. A value that does not exist in a seed (NaN: no validation rows,
 * no wrong teacher) is null in the list and left out of the mean. */
#include <math.h>

#include "verify/report_parts.h"

/* --- the metrics -------------------------------------------------------------------------------------------------- */

typedef enum metric {
#define QSTI_METRIC(group, key, value, rows, about) METRIC_##key,
#include "verify/metrics.def"
#undef QSTI_METRIC
    METRIC_COUNT
} metric;

typedef enum metric_group { GROUP_QUALITY, GROUP_FIDELITY } metric_group;

typedef struct metric_info {
    const char *key;
    metric_group group;
} metric_info;

static const metric_info metrics[METRIC_COUNT] = {
#define QSTI_METRIC(group, key, value, rows, about) {#key, GROUP_##group},
#include "verify/metrics.def"
#undef QSTI_METRIC
};

typedef struct metric_value {
    double value;
    size_t n_rows; /* a share of how many rows; 0: no share */
} metric_value;

static metric_value value_of(metric which, const qsti_role_result *m)
{
    switch (which) {
#define QSTI_METRIC(group, key, value, rows, about) \
    case METRIC_##key:                              \
        return (metric_value){(value), (rows)};
#include "verify/metrics.def"
#undef QSTI_METRIC
    default:
        return (metric_value){NAN, 0};
    }
}

/* --- one metric over the seeds ------------------------------------------------------------------------------------ */

typedef struct summary {
    qsti_mean mean;
    const char *method; /* of the interval; NULL: there is none */
} summary;

/* all: (n_seeds), NaN where missing; finite: the others, packed. */
static summary summarise(const qsti_setting_result *setting, qsti_role role, metric which, double *all, double *finite)
{
    size_t n = 0, n_rows = 0;
    for (size_t s = 0; s < setting->n_seeds; s++) {
        const qsti_role_result *model = setting->seeds[s].roles + role;
        metric_value entry = model->present ? value_of(which, model) : (metric_value){NAN, 0};
        all[s] = entry.value;
        if (isfinite(entry.value)) {
            finite[n++] = entry.value;
            n_rows = entry.n_rows;
        }
    }
    summary result = {.mean = qsti_mean_interval(finite, n, QSTI_INTERVAL_LEVEL)};
    if (n > 1) {
        result.method = "t over seeds";
    } else if (n == 1 && n_rows > 0) {
        result.method = "Wilson";
        size_t hits = (size_t)llround(finite[0] * (double)n_rows);
        result.mean.interval = qsti_wilson(hits, n_rows, QSTI_INTERVAL_LEVEL);
    }
    return result;
}

static bool put_details(json_t *details, const char *key, const summary *values, const double *all, size_t n_seeds)
{
    json_t *entry = json_object();
    return qsti_json_put(details, key, entry) && qsti_json_put(entry, "sd", qsti_json_real(values->mean.sd)) &&
           qsti_json_put(entry, "ci", qsti_json_interval(values->mean.interval)) &&
           qsti_json_put(entry, "ci_method", values->method ? json_string(values->method) : json_null()) &&
           qsti_json_put(entry, "seeds", qsti_json_reals(all, n_seeds));
}

static bool put_metric(const qsti_setting_result *setting, qsti_role role, metric which, double *scratch,
                       json_t *object, json_t *details)
{
    double *all = scratch, *finite = scratch + setting->n_seeds;
    summary values = summarise(setting, role, which, all, finite);
    const char *key = metrics[which].key;
    bool ok = qsti_json_put(object, key, qsti_json_real(values.mean.mean)) &&
              put_details(details, key, &values, all, setting->n_seeds);
    if (ok && which == METRIC_accuracy) {
        ok = qsti_json_put(object, "accuracy_ci", qsti_json_interval(values.mean.interval)) &&
             qsti_json_put(object, "accuracy_ci_method", values.method ? json_string(values.method) : json_null());
    }
    return ok;
}

/* --- one model ---------------------------------------------------------------------------------------------------- */

static bool is_present(const qsti_setting_result *setting, qsti_role role)
{
    for (size_t s = 0; s < setting->n_seeds; s++) {
        if (setting->seeds[s].roles[role].present) {
            return true;
        }
    }
    return false;
}

static json_t *epochs_json(const qsti_setting_result *setting, qsti_role role, bool selected)
{
    json_t *list = json_array();
    for (size_t s = 0; s < setting->n_seeds; s++) {
        const qsti_role_result *model = setting->seeds[s].roles + role;
        size_t epochs = selected ? model->selected_epoch : model->epochs;
        if (json_array_append_new(list, qsti_json_count(epochs)) != 0) {
            json_decref(list);
            return NULL;
        }
    }
    return list;
}

/* A table of scores has no known size. */
static bool is_unknown(const qsti_size *size)
{
    return !size->has_circuit && size->quantum_parameters + size->classical_parameters == 0;
}

static json_t *circuit_count(const qsti_size *size, size_t count)
{
    return size->has_circuit ? qsti_json_count(count) : json_null();
}

static json_t *parameters_json(const qsti_size *size)
{
    if (is_unknown(size)) {
        return json_null();
    }
    return json_pack("{s:o, s:o}", "quantum", qsti_json_count(size->quantum_parameters), "classical",
                     qsti_json_count(size->classical_parameters));
}

json_t *qsti_size_json(const qsti_size *size)
{
    return json_pack("{s:o, s:o, s:o, s:o, s:o}", "qubits", circuit_count(size, size->qubits), "depth",
                     circuit_count(size, size->depth), "gates", circuit_count(size, size->gates), "two_qubit_gates",
                     circuit_count(size, size->two_qubit_gates), "parameters", parameters_json(size));
}

static bool put_model(const qsti_setting_result *setting, qsti_role role, double *scratch, json_t *object)
{
    json_t *details = json_object();
    bool faithful = role != QSTI_TEACHER && role != QSTI_FLOOR, ok = details != NULL;
    for (int which = 0; ok && which < METRIC_COUNT; which++) {
        if (metrics[which].group == GROUP_QUALITY || faithful) {
            ok = put_metric(setting, role, (metric)which, scratch, object, details);
        }
    }
    ok = ok && qsti_json_put(object, "epochs", epochs_json(setting, role, false)) &&
         qsti_json_put(object, "selected_epochs", epochs_json(setting, role, true)) &&
         qsti_json_put(object, "size", qsti_size_json(setting->sizes + role));
    if (!ok) {
        json_decref(details);
        return false;
    }
    return qsti_json_put(object, "details", details);
}

/* --- the setting's models ----------------------------------------------------------------------------------------- */

static json_t *both(json_t *teacher, json_t *student)
{
    return json_pack("{s:o, s:o}", "teacher", teacher, "student", student);
}

static bool put_compression(const qsti_setting_result *setting, json_t *object)
{
    const qsti_size *teacher = setting->sizes + QSTI_TEACHER, *student = setting->sizes + QSTI_STUDENT;
    json_t *inner = json_object();
    return qsti_json_put(object, "compression", inner) &&
           qsti_json_put(inner, "qubits",
                         both(circuit_count(teacher, teacher->qubits), circuit_count(student, student->qubits))) &&
           qsti_json_put(inner, "depth",
                         both(circuit_count(teacher, teacher->depth), circuit_count(student, student->depth))) &&
           qsti_json_put(inner, "gates",
                         both(circuit_count(teacher, teacher->gates), circuit_count(student, student->gates))) &&
           qsti_json_put(inner, "two_qubit_gates",
                         both(circuit_count(teacher, teacher->two_qubit_gates),
                              circuit_count(student, student->two_qubit_gates))) &&
           qsti_json_put(inner, "parameters", both(parameters_json(teacher), parameters_json(student)));
}

/* What the learning rate of gradient_scale was multiplied by, a seed each. */
static json_t *rate_factors_json(const qsti_setting_result *setting, qsti_role role)
{
    json_t *list = json_array();
    for (size_t s = 0; s < setting->n_seeds; s++) {
        const qsti_role_result *model = setting->seeds[s].roles + role;
        if (json_array_append_new(list, qsti_json_real(model->present ? model->rate_factor : NAN)) != 0) {
            json_decref(list);
            return NULL;
        }
    }
    return list;
}

/* Teacher, student and the first controls have places of their own, the others stand under "controls". */
static bool put_role(const qsti_setting_result *setting, qsti_role role, double *scratch, json_t *object,
                     json_t *controls)
{
    const char *name = qsti_role_name(role);
    bool present = is_present(setting, role), further = role >= QSTI_FIRST_FURTHER;
    json_t *place = further ? controls : object, *model = present ? json_object() : json_null();
    if (further && present) {
        json_t *control = json_object();
        if (!qsti_json_put(controls, name, control)) {
            json_decref(model);
            return false;
        }
        place = control;
        name = "model";
    }
    bool ok = qsti_json_put(place, name, model) && (!present || put_model(setting, role, scratch, model));
    if (ok && present && role == qsti_role_of(QST_CONTROL_gradient_scale)) {
        ok = qsti_json_put(place, "rate_factors", rate_factors_json(setting, role));
    }
    return ok;
}

qst_status qsti_models_put(qst_ctx *ctx, const qsti_setting_result *setting, json_t *object)
{
    double *scratch = NULL;
    qst_status status = qsti_alloc(ctx, setting->n_seeds, 2 * sizeof *scratch, (void **)&scratch);
    if (status != QST_OK) {
        return status;
    }
    json_t *controls = json_object();
    bool ok = qsti_json_put(object, "controls", controls);
    for (int role = 0; ok && role < QSTI_ROLE_COUNT; role++) {
        ok = put_role(setting, (qsti_role)role, scratch, object, controls);
    }
    ok = ok && put_compression(setting, object);
    qsti_free(ctx, scratch);
    return qsti_json_done(ctx, ok);
}
