/* calibration_cirq.c: Cirq's calibrations of Google's processors.
 *
 * Metrics are lists of (targets, value); a qubit is "row_col", and qubits are numbered by row, then column. A Pauli
 * error r on n qubits is a depolarizing channel with p = r 4^n/(4^n - 1), so an average infidelity of r 2^n/(2^n + 1).
 * The file has no times of gates; with the time t of a one-qubit gate T2 follows from the incoherent error:
 *     err = r_incoherent - t/(3 T1),  Tphi = t/(3 err) or 1e10 ns,  1/T2 = 1/(2 T1) + 1/Tphi.
 * Errors of the angles of two-qubit gates are coherent and not part of the model.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "device/calibrations.h"

typedef struct place_of {
    size_t row, column;
} place_of;

typedef struct cirq {
    qst_ctx *ctx;
    const char *file;
    const json_t *metrics;
    double time_1q_ns, time_2q_ns;
    place_of *places; /* ascending by row, column */
    size_t n_places;
    double *incoherent, *pauli; /* (n_places) per one-qubit gate; NaN: not known */
    qst_device *device;
} cirq;

/* --- metrics ------------------------------------------------------------------------------------------------------ */

typedef struct metric {
    const char *name;
    const json_t *targets;
    double value;
} metric;

static qst_status read_metric(const cirq *c, size_t index, char place[QSTI_PLACE_BYTES], metric *out)
{
    const json_t *item = json_array_get(c->metrics, index);
    json_t *targets = NULL, *values = NULL;
    qst_status status = QST_OK;
    qsti_place_text(place, "%s: metrics[%zu]", c->file, index);
    *out = (metric){.value = NAN};
    if (!json_is_object(item)) {
        return qsti_fail(c->ctx, QST_ERR_INPUT, "%s: expected an object with name, targets and values", place);
    }
    QSTI_TRY(qsti_json_get_string(c->ctx, place, item, "name", &out->name));
    QSTI_TRY(qsti_maybe_array(c->ctx, place, item, "targets", &targets));
    QSTI_TRY(qsti_maybe_array(c->ctx, place, item, "values", &values));
    out->targets = targets;
    const json_t *first = json_array_get(values, 0);
    if (json_is_object(first)) {
        QSTI_TRY(qsti_maybe_number(c->ctx, place, first, "doubleVal", &out->value));
        if (isnan(out->value)) {
            QSTI_TRY(qsti_maybe_number(c->ctx, place, first, "floatVal", &out->value));
        }
    }
done:
    return status;
}

/* "3_12"; older files have "q3_12". */
static bool read_place(const char *text, place_of *out)
{
    const char *at = text + (text[0] == 'q');
    size_t length = strcspn(at, "_");
    return at[length] == '_' && qsti_read_digits(at, length, &out->row) &&
           qsti_read_digits(at + length + 1, strlen(at + length + 1), &out->column);
}

static int compare_places(const void *a, const void *b)
{
    const place_of *left = a, *right = b;
    if (left->row != right->row) {
        return left->row < right->row ? -1 : 1;
    }
    return (left->column > right->column) - (left->column < right->column);
}

static qst_status collect_places(cirq *c)
{
    char place[QSTI_PLACE_BYTES];
    metric m;
    size_t n = 0, capacity = 0, kept = 0;
    qst_status status = QST_OK;
    for (size_t i = 0; i < json_array_size(c->metrics); i++) {
        QSTI_TRY(read_metric(c, i, place, &m));
        for (size_t t = 0; t < json_array_size(m.targets); t++) {
            const char *text = json_string_value(json_array_get(m.targets, t));
            if (n == capacity) {
                capacity = capacity ? 2 * capacity : 256;
                QSTI_TRY(QSTI_GROW(c->ctx, capacity, &c->places));
            }
            if (text == NULL || !read_place(text, &c->places[n++])) {
                QSTI_TRY(
                    qsti_fail(c->ctx, QST_ERR_INPUT, "%s: targets[%zu]: expected a qubit as \"row_col\"", place, t));
            }
        }
    }
    if (n > 0) {
        qsort(c->places, n, sizeof *c->places, compare_places);
    }
    for (size_t p = 0; p < n; p++) {
        if (kept == 0 || compare_places(&c->places[kept - 1], &c->places[p]) != 0) {
            c->places[kept++] = c->places[p];
        }
    }
    c->n_places = kept;
done:
    return status;
}

/* --- qubits ------------------------------------------------------------------------------------------------------- */

/* The qubits of a metric, whose targets were checked before. */
static qst_status find_targets(const cirq *c, const char *where, const metric *m, size_t n, size_t *out)
{
    if (json_array_size(m->targets) != n) {
        return qsti_fail(c->ctx, QST_ERR_INPUT, "%s: %s: expected %zu targets", where, m->name, n);
    }
    for (size_t t = 0; t < n; t++) {
        place_of key = {0};
        read_place(json_string_value(json_array_get(m->targets, t)), &key);
        const place_of *found = bsearch(&key, c->places, c->n_places, sizeof key, compare_places);
        out[t] = (size_t)(found - c->places);
    }
    return QST_OK;
}

/* What a metric of one qubit sets. `fallback`: only where nothing better is known. */
typedef struct qubit_metric {
    const char *name;
    double *value;
    double factor, high;
    bool open, fallback;
} qubit_metric;

static qst_status take_qubit_metric(const cirq *c, const char *where, const metric *m)
{
    size_t q = 0;
    if (strncmp(m->name, "single_qubit_", 13) != 0 && strncmp(m->name, "parallel_p", 10) != 0) {
        return QST_OK;
    }
    qst_status status = find_targets(c, where, m, 1, &q);
    if (status != QST_OK) {
        return status;
    }
    qst_device_qubit *qubit = &c->device->qubits[q];
    const qubit_metric known[] = {
        {"single_qubit_idle_t1_micros", &qubit->t1_ns, 1e3, INFINITY, true, false},
        {"single_qubit_p00_error", &qubit->m1p0, 1, 1, false, false},
        {"single_qubit_p11_error", &qubit->m0p1, 1, 1, false, false},
        {"parallel_p00_error", &qubit->m1p0, 1, 1, false, true},
        {"parallel_p11_error", &qubit->m0p1, 1, 1, false, true},
        {"single_qubit_rb_pauli_error_per_gate", &c->pauli[q], 1, INFINITY, false, false},
        {"single_qubit_rb_average_error_per_gate", &c->pauli[q], 1.5, INFINITY, false, true},
        {"single_qubit_rb_incoherent_error_per_gate", &c->incoherent[q], 1, INFINITY, false, false},
    };
    for (size_t k = 0; k < sizeof known / sizeof *known; k++) {
        if (strcmp(m->name, known[k].name) != 0 || (known[k].fallback && !isnan(*known[k].value))) {
            continue;
        }
        if (isnan(m->value) || m->value < 0 || (known[k].open && m->value <= 0) || m->value > known[k].high) {
            return qsti_fail(c->ctx, QST_ERR_INPUT, "%s: %s: %g is not %s", where, m->name, m->value,
                             known[k].open          ? "> 0"
                             : isinf(known[k].high) ? ">= 0"
                                                    : "in 0..1");
        }
        *known[k].value = m->value * known[k].factor;
    }
    return QST_OK;
}

static double dephasing_time(double t1_ns, double incoherent, double time_ns)
{
    double error = incoherent - time_ns / (3 * t1_ns), phi = error > 0 ? time_ns / (3 * error) : 1e10;
    return 1 / (1 / (2 * t1_ns) + 1 / phi);
}

static qst_status finish_qubits(const cirq *c)
{
    char id[40];
    qst_status status = QST_OK;
    for (size_t q = 0; q < c->n_places; q++) {
        qst_device_qubit *qubit = &c->device->qubits[q];
        qst_device_gate gate = {.name = "u",
                                .n_qubits = 1,
                                .qubits = {q},
                                .error = c->pauli[q] * 2 / 3,
                                .time_ns = c->time_1q_ns,
                                .operational = true};
        qubit->x = (double)c->places[q].column;
        qubit->y = (double)c->places[q].row;
        if (!isnan(c->time_1q_ns) && !isnan(qubit->t1_ns) && !isnan(c->incoherent[q])) {
            qubit->t2_ns = dephasing_time(qubit->t1_ns, c->incoherent[q], c->time_1q_ns);
        }
        snprintf(id, sizeof id, "%zu_%zu", c->places[q].row, c->places[q].column);
        QSTI_TRY(qsti_device_set_id(c->device, q, id));
        QSTI_TRY(qsti_device_add_gate(c->device, c->file, &gate));
    }
    c->device->placed = true;
done:
    return status;
}

/* --- pairs -------------------------------------------------------------------------------------------------------- */

/* two_qubit_[parallel_]NAME_gate_xeb_pauli_error_per_cycle: the place of NAME, and its length; NULL for others. */
static const char *pair_gate(const char *name, bool parallel, size_t *out_length)
{
    static const char ending[] = "_gate_xeb_pauli_error_per_cycle";
    const char *prefix = parallel ? "two_qubit_parallel_" : "two_qubit_";
    size_t n = strlen(name), n_prefix = strlen(prefix), n_ending = sizeof ending - 1;
    if (n <= n_prefix + n_ending || strncmp(name, prefix, n_prefix) != 0 || strcmp(name + n - n_ending, ending) != 0) {
        return NULL;
    }
    if (!parallel && strncmp(name + n_prefix, "parallel_", 9) == 0) {
        return NULL;
    }
    *out_length = n - n_prefix - n_ending;
    return name + n_prefix;
}

static qst_status take_pair_metric(const cirq *c, const char *where, const metric *m, bool parallel)
{
    char name[QSTI_DEVICE_MAX_NAME_BYTES + 1];
    size_t length = 0;
    const char *gate_name = pair_gate(m->name, parallel, &length);
    if (gate_name == NULL || length >= sizeof name) {
        return QST_OK;
    }
    snprintf(name, sizeof name, "%.*s", (int)length, gate_name);
    qst_device_gate gate = {
        .name = name, .n_qubits = 2, .error = m->value * 4 / 5, .time_ns = c->time_2q_ns, .operational = true};
    qst_status status = find_targets(c, where, m, 2, gate.qubits);
    if (status == QST_OK && !(m->value >= 0)) {
        status = qsti_fail(c->ctx, QST_ERR_INPUT, "%s: %s: %g is not >= 0", where, m->name, m->value);
    }
    return status == QST_OK ? qsti_device_add_gate(c->device, where, &gate) : status;
}

/* Errors of gates that run side by side are taken where there are any, as in a circuit; else those of gates alone. */
static bool has_parallel(const cirq *c)
{
    for (size_t i = 0; i < json_array_size(c->metrics); i++) {
        const char *name = json_string_value(json_object_get(json_array_get(c->metrics, i), "name"));
        size_t length = 0;
        if (name && pair_gate(name, true, &length)) {
            return true;
        }
    }
    return false;
}

/* --- the file ----------------------------------------------------------------------------------------------------- */

static qst_status find_metrics(cirq *c, const json_t *root)
{
    const json_t *metrics = json_object_get(root, "metrics");
    metrics = json_is_object(metrics) ? json_object_get(metrics, "metrics") : metrics;
    if (!json_is_array(metrics)) {
        return qsti_fail(c->ctx, QST_ERR_INPUT, "%s: metrics: expected a list", c->file);
    }
    c->metrics = metrics;
    qst_status status = collect_places(c);
    if (status == QST_OK) {
        status = qsti_device_create(c->ctx, c->file, "cirq-calibration", NULL, c->n_places, &c->device);
    }
    return status;
}

static qst_status read_metrics(cirq *c)
{
    char place[QSTI_PLACE_BYTES];
    bool parallel = has_parallel(c);
    metric m;
    qst_status status = QST_OK;
    QSTI_TRY(QSTI_NEW(c->ctx, c->n_places, &c->pauli));
    QSTI_TRY(QSTI_NEW(c->ctx, c->n_places, &c->incoherent));
    for (size_t q = 0; q < c->n_places; q++) {
        c->pauli[q] = c->incoherent[q] = NAN;
    }
    for (size_t i = 0; i < json_array_size(c->metrics); i++) {
        QSTI_TRY(read_metric(c, i, place, &m));
        QSTI_TRY(take_qubit_metric(c, place, &m));
        QSTI_TRY(take_pair_metric(c, place, &m, parallel));
    }
    QSTI_TRY(finish_qubits(c));
done:
    return status;
}

qst_status qsti_read_cirq(qst_ctx *ctx, const char *file, const json_t *root, const qst_device_read_opts *opts,
                          qst_device **out)
{
    cirq c = {.ctx = ctx, .file = file};
    qst_status status = QST_OK;
    c.time_1q_ns = opts->time_1q_ns > 0 ? opts->time_1q_ns : NAN;
    c.time_2q_ns = opts->time_2q_ns > 0 ? opts->time_2q_ns : NAN;
    QSTI_TRY(find_metrics(&c, root));
    QSTI_TRY(read_metrics(&c));
    QSTI_TRY(qsti_device_finish(c.device, file));
    if (isnan(c.time_1q_ns) || isnan(c.time_2q_ns)) {
        qsti_warn(ctx, "%s: has no times of gates: their noise is depolarizing only, unless times are given", file);
    }
    *out = c.device;
    c.device = NULL;
done:
    qst_device_free(c.device);
    qsti_free(ctx, c.places);
    qsti_free(ctx, c.pauli);
    qsti_free(ctx, c.incoherent);
    return status;
}
