/* calibration_neutral.c: the neutral form, qstill-device/1, read and written. docs/devices.md specifies it.
 *
 * What is written is what was found: a T2 above 2 T1 and an error of 1 stay, so that reading gives the same noise, bit
 * for bit.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "device/calibrations.h"

#define FORMAT "qstill-device/1"

/* --- reading ------------------------------------------------------------------------------------------------------ */

static qst_status read_position(qst_ctx *ctx, const char *where, const json_t *item, qst_device_qubit *qubit)
{
    json_t *pair = NULL;
    qst_status status = qsti_maybe_array(ctx, where, item, "position", &pair);
    if (status != QST_OK || pair == NULL) {
        return status;
    }
    const json_t *x = json_array_get(pair, 0), *y = json_array_get(pair, 1);
    if (json_array_size(pair) != 2 || !json_is_number(x) || !json_is_number(y)) {
        return qsti_fail(ctx, QST_ERR_INPUT, "%s: position: expected two numbers, x and y", where);
    }
    qubit->x = json_number_value(x);
    qubit->y = json_number_value(y);
    return QST_OK;
}

static qst_status read_qubit(qst_device *device, const char *where, size_t q, const json_t *item)
{
    qst_ctx *ctx = device->ctx;
    qst_device_qubit *qubit = &device->qubits[q];
    const char *id = NULL;
    qst_status status = QST_OK;
    if (!json_is_object(item)) {
        return qsti_fail(ctx, QST_ERR_INPUT, "%s: expected an object", where);
    }
    QSTI_TRY(qsti_maybe_string(ctx, where, item, "id", &id));
    if (id) {
        QSTI_TRY(qsti_device_set_id(device, q, id));
    }
    QSTI_TRY(qsti_maybe_positive(ctx, where, item, "t1_ns", &qubit->t1_ns));
    QSTI_TRY(qsti_maybe_positive(ctx, where, item, "t2_ns", &qubit->t2_ns));
    QSTI_TRY(qsti_maybe_number_in(ctx, where, item, "frequency_hz", 0, INFINITY, &qubit->frequency_hz));
    QSTI_TRY(qsti_maybe_number_in(ctx, where, item, "m1p0", 0, 1, &qubit->m1p0));
    QSTI_TRY(qsti_maybe_number_in(ctx, where, item, "m0p1", 0, 1, &qubit->m0p1));
    QSTI_TRY(qsti_maybe_number_in(ctx, where, item, "readout_error", 0, 1, &qubit->readout_error));
    QSTI_TRY(qsti_maybe_flag(ctx, where, item, "operational", &qubit->operational));
    QSTI_TRY(read_position(ctx, where, item, qubit));
done:
    return status;
}

static qst_status read_gate(qst_device *device, const char *where, const json_t *item)
{
    qst_ctx *ctx = device->ctx;
    qst_device_gate gate = {.error = NAN, .time_ns = NAN, .operational = true};
    json_t *qubits = NULL;
    qst_status status = QST_OK;
    if (!json_is_object(item)) {
        return qsti_fail(ctx, QST_ERR_INPUT, "%s: expected an object", where);
    }
    QSTI_TRY(qsti_json_get_string(ctx, where, item, "name", &gate.name));
    QSTI_TRY(qsti_json_get_array(ctx, where, item, "qubits", &qubits));
    QSTI_TRY(qsti_read_qubits(ctx, where, qubits, QST_DEVICE_GATE_QUBITS, gate.qubits, &gate.n_qubits));
    QSTI_TRY(qsti_maybe_number_in(ctx, where, item, "error", 0, INFINITY, &gate.error));
    QSTI_TRY(qsti_maybe_number_in(ctx, where, item, "time_ns", 0, INFINITY, &gate.time_ns));
    QSTI_TRY(qsti_maybe_flag(ctx, where, item, "operational", &gate.operational));
    QSTI_TRY(qsti_device_add_gate(device, where, &gate));
done:
    return status;
}

static qst_status read_lists(qst_device *device, const char *file, const json_t *root)
{
    qst_ctx *ctx = device->ctx;
    char place[QSTI_PLACE_BYTES];
    json_t *qubits = NULL, *gates = NULL, *basis = NULL, *map = NULL;
    qst_status status = QST_OK;
    QSTI_TRY(qsti_json_get_array(ctx, file, root, "qubits", &qubits));
    QSTI_TRY(qsti_json_get_array(ctx, file, root, "gates", &gates));
    QSTI_TRY(qsti_maybe_array(ctx, file, root, "basis_gates", &basis));
    QSTI_TRY(qsti_maybe_array(ctx, file, root, "coupling_map", &map));
    if (json_array_size(qubits) != device->n_qubits) {
        QSTI_TRY(qsti_fail(ctx, QST_ERR_INPUT, "%s: n_qubits: %zu, but qubits has %zu entries", file, device->n_qubits,
                           json_array_size(qubits)));
    }
    for (size_t q = 0; q < device->n_qubits; q++) {
        QSTI_TRY(read_qubit(device, qsti_place_text(place, "%s: qubits[%zu]", file, q), q, json_array_get(qubits, q)));
    }
    for (size_t b = 0; b < json_array_size(basis); b++) {
        const char *name = json_string_value(json_array_get(basis, b));
        qsti_place_text(place, "%s: basis_gates[%zu]", file, b);
        QSTI_TRY(name ? qsti_device_add_basis(device, place, name)
                      : qsti_fail(ctx, QST_ERR_INPUT, "%s: expected the name of a gate", place));
    }
    for (size_t g = 0; g < json_array_size(gates); g++) {
        QSTI_TRY(read_gate(device, qsti_place_text(place, "%s: gates[%zu]", file, g), json_array_get(gates, g)));
    }
    for (size_t c = 0; c < json_array_size(map); c++) {
        size_t pair[2] = {0}, n = 0;
        qsti_place_text(place, "%s: coupling_map[%zu]", file, c);
        QSTI_TRY(qsti_read_qubits(ctx, place, json_array_get(map, c), 2, pair, &n));
        QSTI_TRY(n == 2 ? qsti_device_add_coupling(device, place, pair[0], pair[1])
                        : qsti_fail(ctx, QST_ERR_INPUT, "%s: expected two qubits", place));
    }
done:
    return status;
}

static qst_status read_source(qst_device *device, const char *file, const json_t *root)
{
    char place[QSTI_PLACE_BYTES];
    json_t *source = NULL;
    const char *kind = NULL, *hash = "";
    qst_status status = QST_OK;
    QSTI_TRY(qsti_maybe_object(device->ctx, file, root, "source", &source));
    QSTI_TRY(qsti_maybe_string(device->ctx, qsti_place_text(place, "%s: source", file), source, "kind", &kind));
    QSTI_TRY(qsti_maybe_string(device->ctx, place, source, "sha256", &hash));
    snprintf(device->sha256, sizeof device->sha256, "%s", hash);
    if (kind) {
        QSTI_TRY(qsti_device_set_text(device, &device->kind, kind));
    }
done:
    return status;
}

static void find_positions(qst_device *device)
{
    device->placed = true;
    for (size_t q = 0; q < device->n_qubits; q++) {
        device->placed = device->placed && isfinite(device->qubits[q].x) && isfinite(device->qubits[q].y);
    }
}

qst_status qsti_read_neutral(qst_ctx *ctx, const char *file, const json_t *root, qst_device **out)
{
    qst_device *device = NULL;
    const char *format = NULL, *name = NULL, *date = NULL;
    int64_t n_qubits = 0;
    double shots = 0;
    qst_status status = QST_OK;
    QSTI_TRY(qsti_json_get_string(ctx, file, root, "format", &format));
    if (strcmp(format, FORMAT) != 0) {
        QSTI_TRY(qsti_fail(ctx, QST_ERR_INPUT, "%s: format: \"%s\" is not \"%s\"", file, format, FORMAT));
    }
    QSTI_TRY(qsti_maybe_string(ctx, file, root, "name", &name));
    QSTI_TRY(qsti_maybe_string(ctx, file, root, "calibrated", &date));
    QSTI_TRY(qsti_json_get_i64(ctx, file, root, "n_qubits", 1, QSTI_DEVICE_MAX_QUBITS, &n_qubits));
    QSTI_TRY(qsti_device_create(ctx, file, "qstill-device", name, (size_t)n_qubits, &device));
    QSTI_TRY(qsti_device_set_text(device, &device->calibrated, date));
    QSTI_TRY(qsti_maybe_number_in(ctx, file, root, "max_shots", 0, 1e15, &shots));
    device->max_shots = (uint64_t)shots;
    QSTI_TRY(qsti_maybe_positive(ctx, file, root, "dt_ns", &device->dt_ns));
    QSTI_TRY(read_source(device, file, root));
    QSTI_TRY(read_lists(device, file, root));
    find_positions(device);
    QSTI_TRY(qsti_device_finish(device, file));
    *out = device;
    device = NULL;
done:
    qst_device_free(device);
    return status;
}

/* --- writing ------------------------------------------------------------------------------------------------------ */

static json_t *qubit_object(const qst_device *device, const qst_device_qubit *qubit)
{
    json_t *object = json_object();
    json_object_set_new(object, "id", json_string(qubit->id));
    json_object_set_new(object, "t1_ns", qsti_json_real(qubit->t1_ns));
    json_object_set_new(object, "t2_ns", qsti_json_real(qubit->t2_ns));
    json_object_set_new(object, "frequency_hz", qsti_json_real(qubit->frequency_hz));
    json_object_set_new(object, "m1p0", qsti_json_real(qubit->m1p0));
    json_object_set_new(object, "m0p1", qsti_json_real(qubit->m0p1));
    json_object_set_new(object, "readout_error", qsti_json_real(qubit->readout_error));
    json_object_set_new(object, "operational", json_boolean(qubit->operational));
    if (device->placed) {
        json_t *position = json_array();
        json_array_append_new(position, json_real(qubit->x));
        json_array_append_new(position, json_real(qubit->y));
        json_object_set_new(object, "position", position);
    }
    return object;
}

static json_t *index_list(const size_t *qubits, size_t n)
{
    json_t *list = json_array();
    for (size_t k = 0; k < n; k++) {
        json_array_append_new(list, json_integer((json_int_t)qubits[k]));
    }
    return list;
}

static json_t *gate_object(const qst_device_gate *gate)
{
    json_t *object = json_object();
    json_object_set_new(object, "name", json_string(gate->name));
    json_object_set_new(object, "qubits", index_list(gate->qubits, gate->n_qubits));
    json_object_set_new(object, "error", qsti_json_real(gate->error));
    json_object_set_new(object, "time_ns", qsti_json_real(gate->time_ns));
    json_object_set_new(object, "operational", json_boolean(gate->operational));
    return object;
}

static json_t *device_object(const qst_device *device)
{
    json_t *root = json_object(), *basis = json_array(), *map = json_array(), *qubits = json_array(),
           *gates = json_array(), *source = json_object();
    json_object_set_new(source, "kind", json_string(device->kind));
    json_object_set_new(source, "sha256", device->sha256[0] ? json_string(device->sha256) : json_null());
    for (size_t b = 0; b < device->n_basis; b++) {
        json_array_append_new(basis, json_string(device->basis[b]));
    }
    for (size_t c = 0; c < device->n_couplings; c++) {
        json_array_append_new(map, index_list(device->couplings + 2 * c, 2));
    }
    for (size_t q = 0; q < device->n_qubits; q++) {
        json_array_append_new(qubits, qubit_object(device, &device->qubits[q]));
    }
    for (size_t g = 0; g < device->n_gates; g++) {
        json_array_append_new(gates, gate_object(&device->gates[g]));
    }
    json_object_set_new(root, "format", json_string(FORMAT));
    json_object_set_new(root, "name", json_string(device->name));
    json_object_set_new(root, "calibrated", device->calibrated[0] ? json_string(device->calibrated) : json_null());
    json_object_set_new(root, "source", source);
    json_object_set_new(root, "n_qubits", json_integer((json_int_t)device->n_qubits));
    json_object_set_new(root, "max_shots",
                        device->max_shots ? json_integer((json_int_t)device->max_shots) : json_null());
    json_object_set_new(root, "dt_ns", qsti_json_real(device->dt_ns));
    json_object_set_new(root, "basis_gates", basis);
    json_object_set_new(root, "coupling_map", map);
    json_object_set_new(root, "qubits", qubits);
    json_object_set_new(root, "gates", gates);
    return root;
}

/* jansson takes what it cannot allocate in silence: what is there is counted. */
static bool is_whole(const qst_device *device, const json_t *root)
{
    static const size_t n_keys = 11;
    const json_t *qubits = json_object_get(root, "qubits"), *gates = json_object_get(root, "gates");
    bool whole = json_object_size(root) == n_keys && json_array_size(qubits) == device->n_qubits &&
                 json_array_size(gates) == device->n_gates &&
                 json_array_size(json_object_get(root, "basis_gates")) == device->n_basis &&
                 json_array_size(json_object_get(root, "coupling_map")) == device->n_couplings &&
                 json_object_size(json_object_get(root, "source")) == 2;
    for (size_t q = 0; whole && q < device->n_qubits; q++) {
        whole = json_object_size(json_array_get(qubits, q)) == (device->placed ? 9 : 8);
    }
    for (size_t g = 0; whole && g < device->n_gates; g++) {
        const json_t *gate = json_array_get(gates, g);
        whole = json_object_size(gate) == 5 &&
                json_array_size(json_object_get(gate, "qubits")) == device->gates[g].n_qubits;
    }
    return whole;
}

qst_status qst_device_write(const qst_device *device, char **out, size_t *out_bytes)
{
    json_t *root = device_object(device);
    qst_status status = is_whole(device, root) ? qsti_json_text(device->ctx, root, out, out_bytes)
                                               : qsti_fail(device->ctx, QST_ERR_MEMORY, "out of memory");
    json_decref(root);
    return status;
}
