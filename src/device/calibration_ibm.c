/* calibration_ibm.c: IBM's properties ("props") and configuration ("conf"), as in the package qiskit-ibm-runtime.
 *
 * props has lists of named, united values for every qubit and every gate; conf has the coupling map, the basis and the
 * places of the qubits. `general` (couplings under run-together numbers of qubits) is not read.
 */
#include <math.h>
#include <string.h>

#include "device/calibrations.h"

/* --- one named value ---------------------------------------------------------------------------------------------- */

typedef struct parameter {
    const char *name, *unit;
    double value;
} parameter;

static qst_status read_parameter(qst_ctx *ctx, const char *where, const json_t *item, parameter *out)
{
    qst_status status = QST_OK;
    *out = (parameter){NULL, NULL, 0};
    if (!json_is_object(item)) {
        return qsti_fail(ctx, QST_ERR_INPUT, "%s: expected an object with name, unit and value", where);
    }
    QSTI_TRY(qsti_json_get_string(ctx, where, item, "name", &out->name));
    QSTI_TRY(qsti_maybe_string(ctx, where, item, "unit", &out->unit));
    QSTI_TRY(qsti_json_get_double(ctx, where, item, "value", &out->value));
done:
    return status;
}

/* Where a known name's value goes, and what it may be. */
typedef struct target {
    const char *name;
    double low, high;
    double *value;
    qsti_unit_kind kind;
    bool open; /* low itself is not allowed */
} target;

static qst_status take_parameter(qst_ctx *ctx, const char *where, const target *to, parameter found)
{
    qst_status status = qsti_convert_unit(ctx, where, found.unit, to->kind, &found.value);
    if (status != QST_OK) {
        return status;
    }
    bool fits = found.value >= to->low && found.value <= to->high && !(to->open && found.value == to->low);
    if (!fits && isinf(to->high)) {
        return qsti_fail(ctx, QST_ERR_INPUT, "%s: %s: %g is not %s 0", where, to->name, found.value,
                         to->open ? ">" : ">=");
    }
    if (!fits) {
        return qsti_fail(ctx, QST_ERR_INPUT, "%s: %s: %g is not in %g..%g", where, to->name, found.value, to->low,
                         to->high);
    }
    if (!isnan(*to->value) && *to->value != found.value) {
        return qsti_fail(ctx, QST_ERR_INPUT, "%s: %s is there twice: %g and %g", where, to->name, *to->value,
                         found.value);
    }
    *to->value = found.value;
    return QST_OK;
}

/* Reads a list of named values; names that are no target's are left. *operational is set by a value of this name. */
static qst_status read_parameters(qst_ctx *ctx, const char *where, const json_t *list, const target *targets, size_t n,
                                  bool *operational)
{
    char place[QSTI_PLACE_BYTES];
    if (!json_is_array(list)) {
        return qsti_fail(ctx, QST_ERR_INPUT, "%s: expected a list of objects with name, unit and value", where);
    }
    for (size_t i = 0; i < json_array_size(list); i++) {
        parameter found;
        qst_status status =
            read_parameter(ctx, qsti_place_text(place, "%s[%zu]", where, i), json_array_get(list, i), &found);
        if (status != QST_OK) {
            return status;
        }
        if (strcmp(found.name, "operational") == 0) {
            *operational = found.value != 0;
        }
        for (size_t t = 0; t < n; t++) {
            if (strcmp(found.name, targets[t].name) != 0) {
                continue;
            }
            status = take_parameter(ctx, place, &targets[t], found);
            if (status != QST_OK) {
                return status;
            }
        }
    }
    return QST_OK;
}

/* --- props -------------------------------------------------------------------------------------------------------- */

static qst_status read_qubits(qst_device *device, const char *file, const json_t *list)
{
    char place[QSTI_PLACE_BYTES];
    for (size_t q = 0; q < device->n_qubits; q++) {
        qst_device_qubit *qubit = &device->qubits[q];
        const target targets[] = {
            {"T1", 0, INFINITY, &qubit->t1_ns, QSTI_UNIT_TIME, true},
            {"T2", 0, INFINITY, &qubit->t2_ns, QSTI_UNIT_TIME, true},
            {"frequency", 0, INFINITY, &qubit->frequency_hz, QSTI_UNIT_FREQUENCY, false},
            {"readout_error", 0, 1, &qubit->readout_error, QSTI_UNIT_NONE, false},
            {"prob_meas1_prep0", 0, 1, &qubit->m1p0, QSTI_UNIT_NONE, false},
            {"prob_meas0_prep1", 0, 1, &qubit->m0p1, QSTI_UNIT_NONE, false},
        };
        qst_status status =
            read_parameters(device->ctx, qsti_place_text(place, "%s: qubits[%zu]", file, q), json_array_get(list, q),
                            targets, sizeof targets / sizeof *targets, &qubit->operational);
        if (status != QST_OK) {
            return status;
        }
    }
    return QST_OK;
}

static qst_status read_gate(qst_device *device, const char *file, size_t index, const json_t *item)
{
    char place[QSTI_PLACE_BYTES], inner[QSTI_PLACE_BYTES];
    qst_ctx *ctx = device->ctx;
    qst_status status = QST_OK;
    qst_device_gate gate = {.error = NAN, .time_ns = NAN, .operational = true};
    const target targets[] = {
        {"gate_error", 0, INFINITY, &gate.error, QSTI_UNIT_NONE, false},
        {"gate_length", 0, INFINITY, &gate.time_ns, QSTI_UNIT_TIME, false},
    };
    json_t *qubits = NULL, *parameters = NULL;
    qsti_place_text(place, "%s: gates[%zu]", file, index);
    if (!json_is_object(item)) {
        return qsti_fail(ctx, QST_ERR_INPUT, "%s: expected an object with gate, qubits and parameters", place);
    }
    QSTI_TRY(qsti_json_get_string(ctx, place, item, "gate", &gate.name));
    QSTI_TRY(qsti_json_get_array(ctx, place, item, "qubits", &qubits));
    QSTI_TRY(qsti_json_get_array(ctx, place, item, "parameters", &parameters));
    QSTI_TRY(qsti_read_qubits(ctx, qsti_place_text(inner, "%s.qubits", place), qubits, QST_DEVICE_GATE_QUBITS,
                              gate.qubits, &gate.n_qubits));
    QSTI_TRY(read_parameters(ctx, qsti_place_text(inner, "%s.parameters", place), parameters, targets, 2,
                             &gate.operational));
    QSTI_TRY(qsti_device_add_gate(device, place, &gate));
done:
    return status;
}

static qst_status read_props(qst_ctx *ctx, const char *file, const json_t *props, qst_device **out)
{
    qst_device *device = NULL;
    json_t *qubits = NULL, *gates = NULL;
    const char *name = NULL, *date = NULL;
    qst_status status = QST_OK;
    QSTI_TRY(qsti_json_get_array(ctx, file, props, "qubits", &qubits));
    QSTI_TRY(qsti_json_get_array(ctx, file, props, "gates", &gates));
    QSTI_TRY(qsti_maybe_string(ctx, file, props, "backend_name", &name));
    QSTI_TRY(qsti_maybe_string(ctx, file, props, "last_update_date", &date));
    QSTI_TRY(qsti_device_create(ctx, file, "ibm-props", name, json_array_size(qubits), &device));
    QSTI_TRY(qsti_device_set_text(device, &device->calibrated, date));
    QSTI_TRY(read_qubits(device, file, qubits));
    for (size_t g = 0; g < json_array_size(gates); g++) {
        QSTI_TRY(read_gate(device, file, g, json_array_get(gates, g)));
    }
    *out = device;
    device = NULL;
done:
    qst_device_free(device);
    return status;
}

/* --- conf --------------------------------------------------------------------------------------------------------- */

static qst_status check_pair(const qst_device *device, const char *file, const char *conf_file, const json_t *conf)
{
    qst_ctx *ctx = device->ctx;
    const char *name = NULL;
    int64_t n_qubits = 0;
    qst_status status = QST_OK;
    QSTI_TRY(qsti_maybe_string(ctx, conf_file, conf, "backend_name", &name));
    QSTI_TRY(qsti_json_get_i64(ctx, conf_file, conf, "n_qubits", 1, QSTI_DEVICE_MAX_QUBITS, &n_qubits));
    if (name && device->name[0] != '\0' && strcmp(name, device->name) != 0) {
        QSTI_TRY(qsti_fail(ctx, QST_ERR_INPUT, "files of two devices: %s is of %s, %s of %s", file, device->name,
                           conf_file, name));
    }
    if ((size_t)n_qubits != device->n_qubits) {
        QSTI_TRY(qsti_fail(ctx, QST_ERR_INPUT, "%s: n_qubits: %lld, but %s has %zu qubits", conf_file,
                           (long long)n_qubits, file, device->n_qubits));
    }
done:
    return status;
}

static qst_status read_map(qst_device *device, const char *file, const json_t *map)
{
    char place[QSTI_PLACE_BYTES];
    qst_status status = QST_OK;
    for (size_t c = 0; c < json_array_size(map); c++) {
        size_t pair[2], n = 0;
        qsti_place_text(place, "%s: coupling_map[%zu]", file, c);
        QSTI_TRY(qsti_read_qubits(device->ctx, place, json_array_get(map, c), 2, pair, &n));
        if (n != 2) {
            QSTI_TRY(qsti_fail(device->ctx, QST_ERR_INPUT, "%s: expected two qubits", place));
        }
        QSTI_TRY(qsti_device_add_coupling(device, place, pair[0], pair[1]));
    }
done:
    return status;
}

static qst_status read_basis(qst_device *device, const char *file, const json_t *list)
{
    char place[QSTI_PLACE_BYTES];
    for (size_t b = 0; b < json_array_size(list); b++) {
        const json_t *name = json_array_get(list, b);
        qsti_place_text(place, "%s: basis_gates[%zu]", file, b);
        if (!json_is_string(name)) {
            return qsti_fail(device->ctx, QST_ERR_INPUT, "%s: expected the name of a gate", place);
        }
        qst_status status = qsti_device_add_basis(device, place, json_string_value(name));
        if (status != QST_OK) {
            return status;
        }
    }
    return QST_OK;
}

static qst_status read_coords(qst_device *device, const char *file, const json_t *list)
{
    if (json_array_size(list) != device->n_qubits) {
        return qsti_fail(device->ctx, QST_ERR_INPUT, "%s: coords: %zu places for %zu qubits", file,
                         json_array_size(list), device->n_qubits);
    }
    for (size_t q = 0; q < device->n_qubits; q++) {
        const json_t *pair = json_array_get(list, q), *row = json_array_get(pair, 0), *column = json_array_get(pair, 1);
        if (json_array_size(pair) != 2 || !json_is_number(row) || !json_is_number(column)) {
            return qsti_fail(device->ctx, QST_ERR_INPUT, "%s: coords[%zu]: expected two numbers", file, q);
        }
        device->qubits[q].x = json_number_value(row);
        device->qubits[q].y = json_number_value(column);
    }
    device->placed = true;
    return QST_OK;
}

static qst_status read_conf(qst_device *device, const char *file, const char *conf_file, const json_t *conf)
{
    qst_ctx *ctx = device->ctx;
    json_t *basis = NULL, *map = NULL, *coords = NULL;
    double shots = 0;
    qst_status status = QST_OK;
    QSTI_TRY(check_pair(device, file, conf_file, conf));
    QSTI_TRY(qsti_maybe_array(ctx, conf_file, conf, "basis_gates", &basis));
    QSTI_TRY(qsti_maybe_array(ctx, conf_file, conf, "coupling_map", &map));
    QSTI_TRY(qsti_maybe_array(ctx, conf_file, conf, "coords", &coords));
    QSTI_TRY(qsti_maybe_positive(ctx, conf_file, conf, "dt", &device->dt_ns));
    QSTI_TRY(qsti_maybe_number_in(ctx, conf_file, conf, "max_shots", 0, 1e15, &shots));
    device->max_shots = (uint64_t)shots;
    QSTI_TRY(read_basis(device, conf_file, basis));
    QSTI_TRY(read_map(device, conf_file, map));
    if (json_array_size(coords) > 0) {
        QSTI_TRY(read_coords(device, conf_file, coords));
    }
done:
    return status;
}

qst_status qsti_read_ibm(qst_ctx *ctx, const char *file, const json_t *props, const char *conf_file, const json_t *conf,
                         qst_device **out)
{
    qst_device *device = NULL;
    qst_status status = QST_OK;
    QSTI_TRY(read_props(ctx, file, props, &device));
    if (conf) {
        QSTI_TRY(read_conf(device, file, conf_file, conf));
    }
    QSTI_TRY(qsti_device_finish(device, file));
    *out = device;
    device = NULL;
done:
    qst_device_free(device);
    return status;
}
