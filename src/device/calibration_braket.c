/* calibration_braket.c: Amazon Braket's standardized gate-model properties, versions 1 to 3.
 *
 * They hold fidelities: error = 1 - fidelity. The numbers of qubits may have gaps; qubit k here is the k-th of them, in
 * ascending order. Versions 1 and 2 give T1, T2 and fidelities for each qubit and each pair, and no times of gates;
 * version 3 gives most figures for the whole device, times too. A one-qubit fidelity is that of any gate on the qubit,
 * which is called u.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "device/calibrations.h"

typedef struct braket {
    qst_ctx *ctx;
    const char *file;
    const json_t *root;                                                       /* the standardized properties */
    const json_t *paradigm;                                                   /* NULL: the file holds nothing else */
    const json_t *one, *two;                                                  /* by qubit, by pair; NULL: not there */
    size_t *ids, n_ids;                                                       /* ascending */
    double time_1q_ns, time_2q_ns, error_1q, error_2q, readout, t1_ns, t2_ns; /* of the whole device; NaN: not known */
    qst_device *device;
} braket;

/* --- values ------------------------------------------------------------------------------------------------------- */

/* {"value", "unit"}: a time. */
static qst_status read_time(const braket *b, const char *where, const json_t *object, const char *key, double *out)
{
    char place[QSTI_PLACE_BYTES];
    json_t *item = NULL;
    const char *unit = NULL;
    double value = 0;
    qst_status status = QST_OK;
    QSTI_TRY(qsti_maybe_object(b->ctx, where, object, key, &item));
    if (item == NULL) {
        return QST_OK;
    }
    qsti_place_text(place, "%s: %s", where, key);
    QSTI_TRY(qsti_json_get_double(b->ctx, place, item, "value", &value));
    QSTI_TRY(qsti_json_get_string(b->ctx, place, item, "unit", &unit));
    QSTI_TRY(qsti_convert_unit(b->ctx, place, unit, QSTI_UNIT_TIME, &value));
    if (!(value > 0)) {
        QSTI_TRY(qsti_fail(b->ctx, QST_ERR_INPUT, "%s: value: %g is not > 0", place, value));
    }
    *out = value;
done:
    return status;
}

/* One fidelity and the name of its type ("" when it has none); *out_error = 1 - fidelity. */
static qst_status read_fidelity(const braket *b, const char *where, const json_t *item, const char **out_type,
                                double *out_error)
{
    char place[QSTI_PLACE_BYTES];
    json_t *type = NULL;
    const char *unit = "fraction";
    double fidelity = NAN;
    qst_status status = QST_OK;
    *out_type = "";
    if (!json_is_object(item)) {
        return qsti_fail(b->ctx, QST_ERR_INPUT, "%s: expected an object with a fidelity", where);
    }
    QSTI_TRY(qsti_json_get_double(b->ctx, where, item, "fidelity", &fidelity));
    QSTI_TRY(qsti_maybe_number_in(b->ctx, where, item, "fidelity", 0, 1, &fidelity));
    QSTI_TRY(qsti_maybe_object(b->ctx, where, item, "fidelityType", &type));
    QSTI_TRY(qsti_maybe_string(b->ctx, where, item, "unit", &unit));
    if (strcmp(unit, "fraction") != 0) {
        QSTI_TRY(qsti_fail(b->ctx, QST_ERR_INPUT, "%s: unit: \"%s\" is not \"fraction\"", where, unit));
    }
    if (type) {
        QSTI_TRY(qsti_maybe_string(b->ctx, qsti_place_text(place, "%s: fidelityType", where), type, "name", out_type));
    }
    *out_error = 1 - fidelity;
done:
    return status;
}

/* How near a type of fidelity is to that of a gate in a circuit: the highest is taken. */
static int rank_of(const char *type)
{
    static const char *const types[] = {"RANDOMIZED_BENCHMARKING", "INTERLEAVED_RANDOMIZED_BENCHMARKING",
                                        "SIMULTANEOUS_RANDOMIZED_BENCHMARKING"};
    for (int t = 0; t < 3; t++) {
        if (strcmp(type, types[t]) == 0) {
            return 3 - t;
        }
    }
    return strncmp(type, "READOUT", 7) == 0 ? -1 : 0;
}

/* The best error of a gate in a list of fidelities, and the readout error, where they are. */
static qst_status read_fidelities(const braket *b, const char *where, const json_t *list, double *gate, double *readout)
{
    char place[QSTI_PLACE_BYTES];
    int best = -1;
    for (size_t f = 0; f < json_array_size(list); f++) {
        const char *type = "";
        double error = 0;
        qst_status status =
            read_fidelity(b, qsti_place_text(place, "%s[%zu]", where, f), json_array_get(list, f), &type, &error);
        if (status != QST_OK) {
            return status;
        }
        if (strcmp(type, "READOUT") == 0) {
            *readout = error;
        } else if (rank_of(type) > best) {
            best = rank_of(type);
            *gate = error;
        }
    }
    return QST_OK;
}

/* --- the whole device --------------------------------------------------------------------------------------------- */

static qst_status read_common(braket *b)
{
    qst_ctx *ctx = b->ctx;
    json_t *readouts = NULL, *singles = NULL, *pairs = NULL;
    double other = NAN;
    qst_status status = QST_OK;
    QSTI_TRY(read_time(b, b->file, b->root, "T1", &b->t1_ns));
    QSTI_TRY(read_time(b, b->file, b->root, "T2", &b->t2_ns));
    QSTI_TRY(read_time(b, b->file, b->root, "singleQubitGateDuration", &b->time_1q_ns));
    QSTI_TRY(read_time(b, b->file, b->root, "twoQubitGateDuration", &b->time_2q_ns));
    QSTI_TRY(qsti_maybe_array(ctx, b->file, b->root, "readoutFidelity", &readouts));
    QSTI_TRY(qsti_maybe_array(ctx, b->file, b->root, "singleQubitFidelity", &singles));
    QSTI_TRY(qsti_maybe_array(ctx, b->file, b->root, "twoQubitGateFidelity", &pairs));
    QSTI_TRY(read_fidelities(b, "readoutFidelity", readouts, &other, &b->readout));
    b->readout = isnan(b->readout) ? other : b->readout;
    QSTI_TRY(read_fidelities(b, "singleQubitFidelity", singles, &b->error_1q, &other));
    QSTI_TRY(read_fidelities(b, "twoQubitGateFidelity", pairs, &b->error_2q, &other));
done:
    return status;
}

static int compare_ids(const void *a, const void *b)
{
    size_t left = *(const size_t *)a, right = *(const size_t *)b;
    return (left > right) - (left < right);
}

/* The numbers in "3-12"; false when the key is none such. */
static bool split_pair(const char *key, size_t out[2])
{
    size_t length = strcspn(key, "-");
    return key[length] == '-' && qsti_read_digits(key, length, &out[0]) &&
           qsti_read_digits(key + length + 1, strlen(key + length + 1), &out[1]);
}

/* Puts the numbers of the qubits, those of the pairs too, into ids: a pair may have qubits that nothing else is said
 * of. */
static qst_status list_ids(braket *b)
{
    const char *key;
    json_t *value;
    size_t n = 0;
    json_object_foreach((json_t *)b->one, key, value)
    {
        if (!qsti_read_digits(key, strlen(key), &b->ids[n++])) {
            return qsti_fail(b->ctx, QST_ERR_INPUT, "%s: oneQubitProperties: \"%s\" is no number of a qubit", b->file,
                             key);
        }
        if (key[0] == '0' && key[1] != '\0') {
            return qsti_fail(b->ctx, QST_ERR_INPUT, "%s: oneQubitProperties: \"%s\": a number does not begin with 0",
                             b->file, key);
        }
    }
    json_object_foreach((json_t *)b->two, key, value)
    {
        if (!split_pair(key, &b->ids[n])) {
            return qsti_fail(b->ctx, QST_ERR_INPUT, "%s: twoQubitProperties: \"%s\" is no pair of qubits like 0-1",
                             b->file, key);
        }
        n += 2;
    }
    b->n_ids = n;
    return QST_OK;
}

/* Without qubits of their own, those of the paradigm. */
static qst_status collect_ids(braket *b)
{
    double count = 0;
    qst_status status = QST_OK;
    QSTI_TRY(qsti_maybe_number_in(b->ctx, b->file, b->paradigm, "qubitCount", 0, QSTI_DEVICE_MAX_QUBITS, &count));
    QSTI_TRY(QSTI_NEW(b->ctx, json_object_size(b->one) + 2 * json_object_size(b->two) + (size_t)count, &b->ids));
    QSTI_TRY(list_ids(b));
    if (b->n_ids == 0) {
        for (; b->n_ids < (size_t)count; b->n_ids++) {
            b->ids[b->n_ids] = b->n_ids;
        }
    }
    if (b->n_ids > 1) {
        qsort(b->ids, b->n_ids, sizeof *b->ids, compare_ids);
    }
    size_t kept = 0;
    for (size_t q = 0; q < b->n_ids; q++) {
        if (kept == 0 || b->ids[kept - 1] != b->ids[q]) {
            b->ids[kept++] = b->ids[q];
        }
    }
    b->n_ids = kept;
done:
    return status;
}

/* --- qubits and pairs --------------------------------------------------------------------------------------------- */

static qst_status read_qubit(braket *b, size_t q)
{
    char place[QSTI_PLACE_BYTES], inner[QSTI_PLACE_BYTES], key[24];
    qst_device_qubit *qubit = &b->device->qubits[q];
    qst_device_gate gate = {
        .name = "u", .n_qubits = 1, .qubits = {q}, .error = b->error_1q, .time_ns = b->time_1q_ns, .operational = true};
    json_t *item = NULL, *list = NULL;
    qst_status status = QST_OK;
    qubit->t1_ns = b->t1_ns;
    qubit->t2_ns = b->t2_ns;
    qubit->readout_error = b->readout;
    snprintf(key, sizeof key, "%zu", b->ids[q]);
    QSTI_TRY(qsti_device_set_id(b->device, q, key));
    qsti_place_text(place, "%s: oneQubitProperties[\"%s\"]", b->file, key);
    QSTI_TRY(qsti_maybe_object(b->ctx, place, b->one, key, &item));
    QSTI_TRY(read_time(b, place, item, "T1", &qubit->t1_ns));
    QSTI_TRY(read_time(b, place, item, "T2", &qubit->t2_ns));
    QSTI_TRY(qsti_maybe_array(b->ctx, place, item, "oneQubitFidelity", &list));
    QSTI_TRY(read_fidelities(b, qsti_place_text(inner, "%s.oneQubitFidelity", place), list, &gate.error,
                             &qubit->readout_error));
    QSTI_TRY(qsti_device_add_gate(b->device, place, &gate));
done:
    return status;
}

/* Braket's names of gates in those of OpenQASM; others in small letters. */
static void gate_name(const char *braket_name, char out[QSTI_DEVICE_MAX_NAME_BYTES + 1])
{
    static const char *const names[][2] = {
        {"cnot", "cx"}, {"zz", "rzz"}, {"xx", "rxx"}, {"yy", "ryy"}, {"cphaseshift", "cp"}};
    size_t n = 0;
    for (; braket_name[n] != '\0' && n < QSTI_DEVICE_MAX_NAME_BYTES; n++) {
        char c = braket_name[n];
        out[n] = (char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
    }
    out[n] = '\0';
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (strcmp(out, names[i][0]) == 0) {
            snprintf(out, QSTI_DEVICE_MAX_NAME_BYTES + 1, "%s", names[i][1]);
        }
    }
}

static qst_status find_qubit(const braket *b, const char *where, size_t id, size_t *out)
{
    const size_t *found = bsearch(&id, b->ids, b->n_ids, sizeof *b->ids, compare_ids);
    if (found == NULL) {
        return qsti_fail(b->ctx, QST_ERR_INPUT, "%s: there is no qubit %zu", where, id);
    }
    *out = (size_t)(found - b->ids);
    return QST_OK;
}

static qst_status read_pair(const braket *b, const char *where, const char *key, size_t pair[2])
{
    size_t numbers[2] = {0};
    (void)split_pair(key, numbers); /* checked when the numbers were collected */
    qst_status status = find_qubit(b, where, numbers[0], &pair[0]);
    return status == QST_OK ? find_qubit(b, where, numbers[1], &pair[1]) : status;
}

/* Turns the pair so that the control comes first; *out_given: whether the file says. */
static qst_status read_direction(const braket *b, const char *where, const json_t *item, size_t pair[2],
                                 bool *out_given)
{
    char place[QSTI_PLACE_BYTES];
    json_t *direction = NULL;
    int64_t control = 0, target = 0;
    size_t ends[2] = {0};
    qst_status status = QST_OK;
    QSTI_TRY(qsti_maybe_object(b->ctx, where, item, "direction", &direction));
    *out_given = direction != NULL;
    if (direction == NULL) {
        return QST_OK;
    }
    qsti_place_text(place, "%s.direction", where);
    QSTI_TRY(qsti_json_get_i64(b->ctx, place, direction, "control", 0, 99999999, &control));
    QSTI_TRY(qsti_json_get_i64(b->ctx, place, direction, "target", 0, 99999999, &target));
    QSTI_TRY(find_qubit(b, place, (size_t)control, &ends[0]));
    QSTI_TRY(find_qubit(b, place, (size_t)target, &ends[1]));
    if (!(ends[0] == pair[0] && ends[1] == pair[1]) && !(ends[0] == pair[1] && ends[1] == pair[0])) {
        QSTI_TRY(qsti_fail(b->ctx, QST_ERR_INPUT, "%s: qubits %lld and %lld are not those of the pair", place,
                           (long long)control, (long long)target));
    }
    pair[0] = ends[0];
    pair[1] = ends[1];
done:
    return status;
}

/* One gate of a pair, in both directions when the file names none and the gate has one. */
static qst_status read_pair_gate(braket *b, const char *where, const size_t pair[2], const json_t *item)
{
    char name[QSTI_DEVICE_MAX_NAME_BYTES + 1];
    size_t qubits[] = {pair[0], pair[1]};
    const char *type = NULL, *braket_name = NULL;
    bool directed = false;
    qst_device_gate gate = {.name = name, .n_qubits = 2, .time_ns = b->time_2q_ns, .operational = true};
    qst_status status = QST_OK;
    QSTI_TRY(read_fidelity(b, where, item, &type, &gate.error));
    QSTI_TRY(qsti_json_get_string(b->ctx, where, item, "gateName", &braket_name));
    QSTI_TRY(read_direction(b, where, item, qubits, &directed));
    gate_name(braket_name, name);
    gate.qubits[0] = qubits[0];
    gate.qubits[1] = qubits[1];
    QSTI_TRY(qsti_device_add_gate(b->device, where, &gate));
    if (!directed && !qsti_device_is_symmetric(name)) {
        gate.qubits[0] = qubits[1];
        gate.qubits[1] = qubits[0];
        QSTI_TRY(qsti_device_add_gate(b->device, where, &gate));
    }
done:
    return status;
}

static qst_status read_pairs(braket *b)
{
    char place[QSTI_PLACE_BYTES], inner[QSTI_PLACE_BYTES];
    const char *key;
    json_t *item;
    json_object_foreach((json_t *)b->two, key, item)
    {
        size_t pair[2] = {0};
        json_t *list = NULL;
        qsti_place_text(place, "%s: twoQubitProperties[\"%.40s\"]", b->file, key);
        qst_status status = read_pair(b, place, key, pair);
        if (status == QST_OK && !json_is_object(item)) {
            status = qsti_fail(b->ctx, QST_ERR_INPUT, "%s: expected an object", place);
        }
        if (status == QST_OK) {
            status = qsti_maybe_array(b->ctx, place, item, "twoQubitGateFidelity", &list);
        }
        for (size_t g = 0; status == QST_OK && g < json_array_size(list); g++) {
            qsti_place_text(inner, "%s.twoQubitGateFidelity[%zu]", place, g);
            status = read_pair_gate(b, inner, pair, json_array_get(list, g));
        }
        if (status != QST_OK) {
            return status;
        }
    }
    return QST_OK;
}

/* Version 3 has one figure for all pairs, and only the paradigm says which there are. The gate is cz: Braket does not
 * name it here. */
static qst_status join_by_paradigm(braket *b)
{
    qst_device_gate gate = {.name = "cz", .error = b->error_2q, .time_ns = b->time_2q_ns, .operational = true};
    if (isnan(b->error_2q) || b->two) {
        return QST_OK;
    }
    if (b->paradigm) {
        return qsti_join_braket(b->device, b->file, b->paradigm, b->ids, &gate);
    }
    return qsti_join_all(b->device, b->file, &gate, true);
}

/* --- the file ----------------------------------------------------------------------------------------------------- */

static qst_status find_parts(braket *b, const json_t *root)
{
    json_t *standardized = NULL, *paradigm = NULL, *one = NULL, *two = NULL;
    qst_status status = QST_OK;
    QSTI_TRY(qsti_maybe_object(b->ctx, b->file, root, "standardized", &standardized));
    QSTI_TRY(qsti_maybe_object(b->ctx, b->file, root, "paradigm", &paradigm));
    b->root = standardized ? standardized : root;
    b->paradigm = paradigm;
    QSTI_TRY(qsti_maybe_object(b->ctx, b->file, b->root, "oneQubitProperties", &one));
    QSTI_TRY(qsti_maybe_object(b->ctx, b->file, b->root, "twoQubitProperties", &two));
    b->one = one;
    b->two = two;
    QSTI_TRY(read_common(b));
    QSTI_TRY(collect_ids(b));
    if (b->n_ids == 0) {
        QSTI_TRY(qsti_fail(b->ctx, QST_ERR_INPUT, "%s: no oneQubitProperties: the device has no qubits", b->file));
    }
done:
    return status;
}

qst_status qsti_read_braket(qst_ctx *ctx, const char *file, const json_t *root, const qst_device_read_opts *opts,
                            qst_device **out)
{
    braket b = {.ctx = ctx, .file = file, .error_1q = NAN, .error_2q = NAN, .readout = NAN, .t1_ns = NAN, .t2_ns = NAN};
    const char *date = NULL;
    qst_status status = QST_OK;
    b.time_1q_ns = NAN;
    b.time_2q_ns = NAN;
    QSTI_TRY(find_parts(&b, root));
    b.time_1q_ns = opts->time_1q_ns > 0 ? opts->time_1q_ns : b.time_1q_ns;
    b.time_2q_ns = opts->time_2q_ns > 0 ? opts->time_2q_ns : b.time_2q_ns;
    QSTI_TRY(qsti_device_create(ctx, file, "braket-standardized", NULL, b.n_ids, &b.device));
    QSTI_TRY(qsti_maybe_string(ctx, file, b.root, "updatedAt", &date));
    QSTI_TRY(qsti_device_set_text(b.device, &b.device->calibrated, date));
    for (size_t q = 0; q < b.n_ids; q++) {
        QSTI_TRY(read_qubit(&b, q));
    }
    QSTI_TRY(read_pairs(&b));
    QSTI_TRY(join_by_paradigm(&b));
    QSTI_TRY(qsti_device_finish(b.device, file));
    if (isnan(b.time_1q_ns) || isnan(b.time_2q_ns)) {
        qsti_warn(ctx, "%s: has no times of gates: their noise is depolarizing only, unless times are given", file);
    }
    *out = b.device;
    b.device = NULL;
done:
    qst_device_free(b.device);
    qsti_free(ctx, b.ids);
    return status;
}
