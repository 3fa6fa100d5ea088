/* device_build.c: filling a device, whatever the form of its calibration, and completing it. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "device/device.h"

/* --- the device --------------------------------------------------------------------------------------------------- */

qst_status qsti_device_set_text(qst_device *device, char **text, const char *value)
{
    char *copy = NULL;
    qst_status status = qsti_strdup(device->ctx, value ? value : "", &copy);
    if (status == QST_OK) {
        qsti_free(device->ctx, *text);
        *text = copy;
    }
    return status;
}

qst_status qsti_device_set_id(qst_device *device, size_t qubit, const char *id)
{
    char *copy = NULL;
    qst_status status = qsti_strdup(device->ctx, id, &copy);
    if (status == QST_OK) {
        qsti_free(device->ctx, (char *)device->qubits[qubit].id);
        device->qubits[qubit].id = copy;
    }
    return status;
}

static qst_status number_the_qubits(qst_device *device)
{
    for (size_t q = 0; q < device->n_qubits; q++) {
        char id[24];
        snprintf(id, sizeof id, "%zu", q);
        device->qubits[q] = (qst_device_qubit){.t1_ns = NAN,
                                               .t2_ns = NAN,
                                               .frequency_hz = NAN,
                                               .m1p0 = NAN,
                                               .m0p1 = NAN,
                                               .readout_error = NAN,
                                               .x = NAN,
                                               .y = NAN,
                                               .operational = true};
        qst_status status = qsti_device_set_id(device, q, id);
        if (status != QST_OK) {
            return status;
        }
    }
    return QST_OK;
}

qst_status qsti_device_create(qst_ctx *ctx, const char *where, const char *kind, const char *name, size_t n_qubits,
                              qst_device **out)
{
    qst_device *device = NULL;
    qst_status status = QST_OK;
    if (n_qubits < 1) {
        return qsti_fail(ctx, QST_ERR_INPUT, "%s: the device has no qubits", where);
    }
    if (n_qubits > QSTI_DEVICE_MAX_QUBITS) {
        return qsti_fail(ctx, QST_ERR_LIMIT, "%s: %zu qubits: at most %d are taken", where, n_qubits,
                         QSTI_DEVICE_MAX_QUBITS);
    }
    QSTI_TRY(QSTI_NEW(ctx, 1, &device));
    device->ctx = ctx;
    device->dt_ns = NAN;
    QSTI_TRY(qsti_device_set_text(device, &device->kind, kind));
    QSTI_TRY(qsti_device_set_text(device, &device->name, name));
    QSTI_TRY(qsti_device_set_text(device, &device->calibrated, ""));
    QSTI_TRY(QSTI_NEW(ctx, n_qubits, &device->qubits));
    device->n_qubits = n_qubits;
    QSTI_TRY(number_the_qubits(device));
    *out = device;
    device = NULL;
done:
    qst_device_free(device);
    return status;
}

/* --- names -------------------------------------------------------------------------------------------------------- */

static bool is_name(const char *name)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789";
    size_t n = strlen(name);
    return n > 0 && n <= QSTI_DEVICE_MAX_NAME_BYTES && strspn(name, letters) == n && (name[0] < '0' || name[0] > '9');
}

static qst_status intern(qst_device *device, const char *where, const char *name, const char **out)
{
    for (size_t n = 0; n < device->n_names; n++) {
        if (strcmp(device->names[n], name) == 0) {
            *out = device->names[n];
            return QST_OK;
        }
    }
    if (!is_name(name)) {
        return qsti_fail(device->ctx, QST_ERR_INPUT,
                         "%s: \"%s\" is no name of a gate: letters, digits and _, at most %d, no digit in front", where,
                         name, QSTI_DEVICE_MAX_NAME_BYTES);
    }
    if (device->n_names == QSTI_DEVICE_MAX_NAMES) {
        return qsti_fail(device->ctx, QST_ERR_LIMIT, "%s: more than %d names of gates", where, QSTI_DEVICE_MAX_NAMES);
    }
    qst_status status = QSTI_GROW(device->ctx, device->n_names + 1, &device->names);
    if (status == QST_OK) {
        status = qsti_strdup(device->ctx, name, &device->names[device->n_names]);
    }
    if (status == QST_OK) {
        *out = device->names[device->n_names++];
    }
    return status;
}

qst_status qsti_device_add_basis(qst_device *device, const char *where, const char *name)
{
    const char *own = NULL;
    qst_status status = intern(device, where, name, &own);
    for (size_t b = 0; status == QST_OK && b < device->n_basis; b++) {
        if (device->basis[b] == own) {
            return QST_OK;
        }
    }
    if (status == QST_OK) {
        status = QSTI_GROW(device->ctx, device->n_basis + 1, &device->basis);
    }
    if (status == QST_OK) {
        device->basis[device->n_basis++] = own;
    }
    return status;
}

/* --- entries and couplings ---------------------------------------------------------------------------------------- */

static qst_status check_qubits(const qst_device *device, const char *where, const size_t *qubits, size_t n)
{
    for (size_t k = 0; k < n; k++) {
        if (qubits[k] >= device->n_qubits) {
            return qsti_fail(device->ctx, QST_ERR_INPUT, "%s: qubit %zu: the device has %zu qubits (0..%zu)", where,
                             qubits[k], device->n_qubits, device->n_qubits - 1);
        }
        for (size_t j = 0; j < k; j++) {
            if (qubits[j] == qubits[k]) {
                return qsti_fail(device->ctx, QST_ERR_INPUT, "%s: qubit %zu stands there twice", where, qubits[k]);
            }
        }
    }
    return QST_OK;
}

/* Room for one more; the capacity doubles. */
static qst_status make_room(qst_ctx *ctx, size_t n, size_t *capacity, size_t item_bytes, void **items)
{
    if (n < *capacity) {
        return QST_OK;
    }
    size_t wanted = *capacity ? 2 * *capacity : 64;
    qst_status status = qsti_resize(ctx, wanted, item_bytes, items);
    if (status == QST_OK) {
        *capacity = wanted;
    }
    return status;
}

qst_status qsti_device_add_gate(qst_device *device, const char *where, const qst_device_gate *gate)
{
    qst_status status = QST_OK;
    qst_device_gate entry = *gate;
    if (gate->n_qubits < 1 || gate->n_qubits > QST_DEVICE_GATE_QUBITS) {
        return qsti_fail(device->ctx, QST_ERR_UNSUPPORTED, "%s: a gate on %zu qubits: 1..%d are taken", where,
                         gate->n_qubits, QST_DEVICE_GATE_QUBITS);
    }
    if (gate->error < 0) {
        return qsti_fail(device->ctx, QST_ERR_INPUT, "%s: the error %g is not >= 0", where, gate->error);
    }
    if (gate->time_ns < 0) {
        return qsti_fail(device->ctx, QST_ERR_INPUT, "%s: the time %g ns is not >= 0", where, gate->time_ns);
    }
    QSTI_TRY(check_qubits(device, where, gate->qubits, gate->n_qubits));
    QSTI_TRY(intern(device, where, gate->name, &entry.name));
    QSTI_TRY(make_room(device->ctx, device->n_gates, &device->gates_capacity, sizeof *device->gates,
                       (void **)&device->gates));
    device->gates[device->n_gates++] = entry;
done:
    return status;
}

qst_status qsti_device_add_coupling(qst_device *device, const char *where, size_t a, size_t b)
{
    const size_t pair[] = {a, b};
    qst_status status = QST_OK;
    QSTI_TRY(check_qubits(device, where, pair, 2));
    QSTI_TRY(make_room(device->ctx, device->n_couplings, &device->couplings_capacity, sizeof pair,
                       (void **)&device->couplings));
    memcpy(device->couplings + 2 * device->n_couplings++, pair, sizeof pair);
done:
    return status;
}

/* --- order -------------------------------------------------------------------------------------------------------- */

static int compare_pointers(const void *a, const void *b)
{
    const qst_device_gate *left = *(const qst_device_gate *const *)a, *right = *(const qst_device_gate *const *)b;
    int compared = qsti_device_compare(left, right);
    return compared ? compared : (left > right) - (left < right); /* in the order of the file */
}

static bool same_number(double a, double b)
{
    return a == b || (isnan(a) && isnan(b));
}

static qst_status fail_twice(const qst_device *device, const char *where, const qst_device_gate *gate, double other)
{
    char on[64];
    int used = 0;
    for (size_t k = 0; k < gate->n_qubits; k++) {
        used += snprintf(on + used, sizeof on - (size_t)used, "%s%zu", k ? ", " : "", gate->qubits[k]);
    }
    return qsti_fail(device->ctx, QST_ERR_INPUT,
                     "%s: gate %s on qubits %s is listed twice with different figures (errors %g and %g)", where,
                     gate->name, on, gate->error, other);
}

/* Sorts pointers to the entries; the second of two equal entries is marked by n_qubits = 0. */
static qst_status mark_twins(qst_device *device, const char *where)
{
    qst_status status = QST_OK;
    qst_device_gate **sorted = NULL;
    QSTI_TRY(QSTI_NEW(device->ctx, device->n_gates, &sorted));
    for (size_t g = 0; g < device->n_gates; g++) {
        sorted[g] = &device->gates[g];
    }
    qsort(sorted, device->n_gates, sizeof(*sorted), compare_pointers);
    for (size_t g = 1, first = 0; g < device->n_gates; g++) {
        const qst_device_gate *a = sorted[first], *b = sorted[g];
        if (qsti_device_compare(a, b) != 0) {
            first = g;
            continue;
        }
        if (!same_number(a->error, b->error) || !same_number(a->time_ns, b->time_ns) ||
            a->operational != b->operational) {
            QSTI_TRY(fail_twice(device, where, a, b->error));
        }
        sorted[g]->n_qubits = 0;
    }
done:
    qsti_free(device->ctx, sorted);
    return status;
}

static qst_status order_entries(qst_device *device, const char *where)
{
    qst_status status = QST_OK;
    qst_device_gate **sorted = NULL;
    size_t kept = 0;
    if (device->n_gates == 0) {
        return QST_OK;
    }
    QSTI_TRY(mark_twins(device, where));
    for (size_t g = 0; g < device->n_gates; g++) {
        if (device->gates[g].n_qubits) {
            device->gates[kept++] = device->gates[g];
        }
    }
    device->n_gates = kept;
    QSTI_TRY(QSTI_NEW(device->ctx, kept, &sorted));
    QSTI_TRY(QSTI_NEW(device->ctx, kept, &device->order));
    for (size_t g = 0; g < kept; g++) {
        sorted[g] = &device->gates[g];
    }
    qsort(sorted, kept, sizeof(*sorted), compare_pointers);
    for (size_t g = 0; g < kept; g++) {
        device->order[g] = (size_t)(sorted[g] - device->gates);
    }
done:
    qsti_free(device->ctx, sorted);
    return status;
}

/* --- edges -------------------------------------------------------------------------------------------------------- */

static int compare_edges(const void *a, const void *b)
{
    const qst_device_edge *left = a, *right = b;
    if (left->a != right->a) {
        return left->a < right->a ? -1 : 1;
    }
    if (left->b != right->b) {
        return left->b < right->b ? -1 : 1;
    }
    return (left->gate > right->gate) - (left->gate < right->gate);
}

/* both: the gate does not care for the order. */
static qst_device_edge make_edge(const size_t *qubits, bool both, size_t gate, bool dead)
{
    bool forward = qubits[0] < qubits[1];
    return (qst_device_edge){.a = qubits[forward ? 0 : 1],
                             .b = qubits[forward ? 1 : 0],
                             .forward = forward || both,
                             .backward = !forward || both,
                             .gate = gate,
                             .dead = dead};
}

/* An entry is better when it works and has the smaller error. */
static bool is_better(const qst_device *device, const qst_device_edge *one, const qst_device_edge *other)
{
    if (one->gate == SIZE_MAX || other->gate == SIZE_MAX) {
        return one->gate != SIZE_MAX && other->gate == SIZE_MAX;
    }
    if (one->dead != other->dead) {
        return other->dead;
    }
    return device->gates[one->gate].error < device->gates[other->gate].error;
}

static qst_status make_edges(qst_device *device)
{
    size_t most = device->n_couplings, n = 0, kept = 0;
    for (size_t g = 0; g < device->n_gates; g++) {
        most += device->gates[g].n_qubits == 2;
    }
    qst_status status = QSTI_NEW(device->ctx, most, &device->edges);
    if (status != QST_OK) {
        return status;
    }
    for (size_t g = 0; g < device->n_gates; g++) {
        const qst_device_gate *gate = &device->gates[g];
        if (gate->n_qubits == 2) {
            bool both = qsti_device_is_symmetric(gate->name);
            device->edges[n++] = make_edge(gate->qubits, both, g, qst_device_gate_dead(device, g));
        }
    }
    for (size_t c = 0; c < device->n_couplings; c++) {
        device->edges[n++] = make_edge(device->couplings + 2 * c, false, SIZE_MAX, true);
    }
    if (n > 1) {
        qsort(device->edges, n, sizeof *device->edges, compare_edges);
    }
    for (size_t e = 0; e < n; e++) {
        qst_device_edge *next = &device->edges[e], *last = kept ? &device->edges[kept - 1] : NULL;
        if (last == NULL || last->a != next->a || last->b != next->b) {
            device->edges[kept++] = *next;
            continue;
        }
        bool forward = last->forward || next->forward, backward = last->backward || next->backward;
        *last = is_better(device, next, last) ? *next : *last;
        last->forward = forward;
        last->backward = backward;
    }
    device->n_edges = kept;
    return QST_OK;
}

/* --- the end ------------------------------------------------------------------------------------------------------ */

static qst_status complete_basis(qst_device *device, const char *where)
{
    qst_status status = QST_OK;
    bool is_given = device->n_basis > 0;
    for (size_t n = 0; status == QST_OK && !is_given && n < device->n_names; n++) {
        const char *name = device->names[n];
        if (!qst_device_is_reset(name) && !qst_device_is_measurement(name)) {
            status = qsti_device_add_basis(device, where, name);
        }
    }
    return status;
}

qst_status qsti_device_finish(qst_device *device, const char *where)
{
    qst_status status = QST_OK;
    QSTI_TRY(order_entries(device, where));
    QSTI_TRY(complete_basis(device, where));
    QSTI_TRY(make_edges(device));
    qsti_device_warn(device, where);
done:
    return status;
}
