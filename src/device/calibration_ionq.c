/* calibration_ionq.c: IonQ's characterization, as its API gives it (v0.3 and v0.4) and as Braket holds it.
 *
 * Means over the whole device: one figure for all qubits and one for all pairs; times in seconds. The one-qubit gate is
 * called u, the two-qubit gate rxx (Moelmer-Soerensen up to one-qubit gates).
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "device/calibrations.h"

typedef struct figures {
    double error_1q, error_2q, readout, time_1q_ns, time_2q_ns, t1_ns, t2_ns;
} figures;

/* Whichever of two spellings is there: the API writes 1q and t1, Braket 1Q and T1. */
static const char *key_of(const json_t *object, const char *small, const char *large)
{
    return json_object_get(object, small) ? small : large;
}

/* 1 - median, or 1 - mean. */
static qst_status read_error(qst_ctx *ctx, const char *where, const json_t *fidelity, const char *small,
                             const char *large, double *out)
{
    char place[QSTI_PLACE_BYTES];
    const char *key = key_of(fidelity, small, large);
    json_t *item = NULL;
    double mean = NAN, median = NAN;
    qst_status status = QST_OK;
    QSTI_TRY(qsti_maybe_object(ctx, where, fidelity, key, &item));
    qsti_place_text(place, "%s.%s", where, key);
    QSTI_TRY(qsti_maybe_number_in(ctx, place, item, "mean", 0, 1, &mean));
    QSTI_TRY(qsti_maybe_number_in(ctx, place, item, "median", 0, 1, &median));
    *out = 1 - (isnan(median) ? mean : median);
done:
    return status;
}

static qst_status read_seconds(qst_ctx *ctx, const char *where, const json_t *timing, const char *small,
                               const char *large, double *out)
{
    double seconds = NAN;
    qst_status status = qsti_maybe_positive(ctx, where, timing, key_of(timing, small, large), &seconds);
    *out = seconds * 1e9;
    return status;
}

static qst_status read_figures(qst_ctx *ctx, const char *file, const json_t *root, figures *out)
{
    char place[QSTI_PLACE_BYTES];
    json_t *fidelity = NULL, *timing = NULL;
    qst_status status = QST_OK;
    QSTI_TRY(qsti_json_get_object(ctx, file, root, "fidelity", &fidelity));
    QSTI_TRY(qsti_maybe_object(ctx, file, root, "timing", &timing));
    qsti_place_text(place, "%s: fidelity", file);
    QSTI_TRY(read_error(ctx, place, fidelity, "1q", "1Q", &out->error_1q));
    QSTI_TRY(read_error(ctx, place, fidelity, "2q", "2Q", &out->error_2q));
    QSTI_TRY(read_error(ctx, place, fidelity, "spam", "SPAM", &out->readout));
    qsti_place_text(place, "%s: timing", file);
    QSTI_TRY(read_seconds(ctx, place, timing, "1q", "1Q", &out->time_1q_ns));
    QSTI_TRY(read_seconds(ctx, place, timing, "2q", "2Q", &out->time_2q_ns));
    QSTI_TRY(read_seconds(ctx, place, timing, "t1", "T1", &out->t1_ns));
    QSTI_TRY(read_seconds(ctx, place, timing, "t2", "T2", &out->t2_ns));
done:
    return status;
}

static qst_status add_qubits(qst_device *device, const char *file, const figures *f)
{
    for (size_t q = 0; q < device->n_qubits; q++) {
        qst_device_gate gate = {.name = "u",
                                .n_qubits = 1,
                                .qubits = {q},
                                .error = f->error_1q,
                                .time_ns = f->time_1q_ns,
                                .operational = true};
        device->qubits[q].t1_ns = f->t1_ns;
        device->qubits[q].t2_ns = f->t2_ns;
        device->qubits[q].readout_error = f->readout;
        qst_status status = qsti_device_add_gate(device, file, &gate);
        if (status != QST_OK) {
            return status;
        }
    }
    return QST_OK;
}

static qst_status add_pairs(qst_device *device, const char *file, const json_t *root, const qst_device_gate *gate)
{
    char place[QSTI_PLACE_BYTES];
    json_t *pairs = NULL;
    qst_device_gate entry = *gate;
    qst_status status = QST_OK;
    QSTI_TRY(qsti_maybe_array(device->ctx, file, root, "connectivity", &pairs));
    if (pairs == NULL) {
        return qsti_join_all(device, file, gate, true);
    }
    for (size_t p = 0; p < json_array_size(pairs); p++) {
        qsti_place_text(place, "%s: connectivity[%zu]", file, p);
        QSTI_TRY(qsti_read_qubits(device->ctx, place, json_array_get(pairs, p), 2, entry.qubits, &entry.n_qubits));
        if (entry.n_qubits != 2) {
            QSTI_TRY(qsti_fail(device->ctx, QST_ERR_INPUT, "%s: expected two qubits", place));
        }
        QSTI_TRY(qsti_device_add_gate(device, place, &entry));
    }
done:
    return status;
}

/* ISO 8601, or seconds since 1970. */
static qst_status set_date(qst_device *device, const json_t *root)
{
    const json_t *date = json_object_get(root, "date");
    char text[32];
    if (json_is_string(date)) {
        return qsti_device_set_text(device, &device->calibrated, json_string_value(date));
    }
    json_int_t seconds = json_integer_value(date);
    if (!json_is_integer(date) || seconds < 0 || seconds > INT64_C(253402300799)) {
        return QST_OK;
    }
    /* days to a date of the Gregorian calendar, eras of 400 years from 1 March 0000 */
    long long days = seconds / 86400 + 719468, of_day = seconds % 86400, era = days / 146097, day = days % 146097;
    long long year = (day - day / 1460 + day / 36524 - day / 146096) / 365;
    long long of_year = day - (365 * year + year / 4 - year / 100), month = (5 * of_year + 2) / 153;
    long long number = month < 10 ? month + 3 : month - 9;
    snprintf(text, sizeof text, "%04d-%02d-%02dT%02d:%02d:%02dZ", (int)(era * 400 + year + (number <= 2)) % 10000,
             (int)number % 100, (int)(of_year - (153 * month + 2) / 5 + 1) % 100, (int)(of_day / 3600),
             (int)(of_day / 60 % 60), (int)(of_day % 60));
    return qsti_device_set_text(device, &device->calibrated, text);
}

qst_status qsti_read_ionq(qst_ctx *ctx, const char *file, const json_t *root, qst_device **out)
{
    char place[QSTI_PLACE_BYTES];
    json_t *provider = NULL, *paradigm = NULL;
    const char *name = NULL;
    double n_qubits = 0;
    figures f;
    qst_device *device = NULL;
    qst_status status = QST_OK;
    QSTI_TRY(qsti_maybe_object(ctx, file, root, "provider", &provider));
    QSTI_TRY(qsti_maybe_object(ctx, file, root, "paradigm", &paradigm));
    QSTI_TRY(read_figures(ctx, provider ? qsti_place_text(place, "%s: provider", file) : file,
                          provider ? provider : root, &f));
    QSTI_TRY(qsti_maybe_string(ctx, file, root, "backend", &name));
    QSTI_TRY(qsti_maybe_number_in(ctx, file, paradigm ? paradigm : root, paradigm ? "qubitCount" : "qubits", 1, 1e5,
                                  &n_qubits));
    if (n_qubits < 1) {
        QSTI_TRY(qsti_fail(ctx, QST_ERR_INPUT,
                           "%s: does not say how many qubits there are: give the whole properties of the device",
                           file));
    }
    QSTI_TRY(qsti_device_create(ctx, file, "ionq-characterization", name, (size_t)n_qubits, &device));
    QSTI_TRY(set_date(device, root));
    QSTI_TRY(add_qubits(device, file, &f));
    const qst_device_gate gate = {
        .name = "rxx", .n_qubits = 2, .error = f.error_2q, .time_ns = f.time_2q_ns, .operational = true};
    QSTI_TRY(paradigm ? qsti_join_all(device, file, &gate, false) : add_pairs(device, file, root, &gate));
    QSTI_TRY(qsti_device_finish(device, file));
    *out = device;
    device = NULL;
done:
    qst_device_free(device);
    return status;
}
