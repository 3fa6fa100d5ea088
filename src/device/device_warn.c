/* device_warn.c: what one should know of a calibration: one warning a kind of finding, however many things it names. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "device/device.h"

#define NAMED 4 /* things that a warning names */

/* "qubits 3, 5, 8, 9 and 20 more" */
typedef struct naming {
    qsti_text text;
    size_t n;
} naming;

static void name_one(naming *list, const char *separator, const char *word, size_t a, size_t b)
{
    if (list->n++ < NAMED) {
        qsti_text_add(&list->text, "%s%s%zu", list->n > 1 ? ", " : "", word, a);
        if (b != SIZE_MAX) {
            qsti_text_add(&list->text, "%s%zu", separator, b);
        }
    }
}

static void begin(naming *list, const qst_device *device)
{
    *list = (naming){.n = 0};
    qsti_text_init(&list->text, device->ctx);
}

/* Says "WHERE: WHAT things and 7 more: MEANING", unless there are none; a warning that finds no memory is lost. */
static void end(naming *list, const qst_device *device, const char *where, const char *what, const char *meaning)
{
    if (list->n > 0 && list->text.status == QST_OK) {
        char more[40] = "";
        if (list->n > NAMED) {
            snprintf(more, sizeof more, " and %zu more", list->n - NAMED);
        }
        qsti_warn(device->ctx, "%s: %s %s%s: %s", where, what, list->text.bytes, more, meaning);
    }
    qsti_text_clear(&list->text);
}

/* --- qubits ------------------------------------------------------------------------------------------------------- */

typedef bool qubit_test(const qst_device_qubit *qubit);

static bool dephases_too_slowly(const qst_device_qubit *qubit)
{
    return qubit->t2_ns > 2 * qubit->t1_ns;
}

static bool lives_forever(const qst_device_qubit *qubit)
{
    return isnan(qubit->t1_ns) && isnan(qubit->t2_ns);
}

static bool lacks_one_time(const qst_device_qubit *qubit)
{
    return isnan(qubit->t1_ns) != isnan(qubit->t2_ns);
}

static bool lacks_readout(const qst_device_qubit *qubit)
{
    return isnan(qubit->readout_error) && (isnan(qubit->m1p0) || isnan(qubit->m0p1));
}

static bool has_half_readout(const qst_device_qubit *qubit)
{
    return !isnan(qubit->readout_error) && isnan(qubit->m1p0) != isnan(qubit->m0p1);
}

static bool is_off(const qst_device_qubit *qubit)
{
    return !qubit->operational;
}

static void warn_of_qubits(const qst_device *device, const char *where)
{
    static const struct {
        qubit_test *test;
        const char *what, *meaning;
    } findings[] = {
        {dephases_too_slowly, "T2 > 2 T1 on qubits", "2 T1 is taken, as in Qiskit Aer"},
        {lives_forever, "no T1 and T2 for qubits", "taken as infinite: no relaxation"},
        {lacks_one_time, "one of T1 and T2 is missing for qubits", "it is taken as infinite, T2 as at most 2 T1"},
        {lacks_readout, "no readout error for qubits", "their readout is perfect"},
        {has_half_readout, "one of prob_meas1_prep0 and prob_meas0_prep1 is missing for qubits",
         "both are readout_error"},
        {is_off, "switched off are qubits", "nothing can be placed there"},
    };
    for (size_t f = 0; f < sizeof findings / sizeof *findings; f++) {
        naming list;
        begin(&list, device);
        for (size_t q = 0; q < device->n_qubits; q++) {
            if (findings[f].test(&device->qubits[q])) {
                name_one(&list, "", "", q, SIZE_MAX);
            }
        }
        end(&list, device, where, findings[f].what, findings[f].meaning);
    }
}

/* --- entries and edges -------------------------------------------------------------------------------------------- */

static void warn_of_entries(const qst_device *device, const char *where)
{
    naming list;
    begin(&list, device);
    for (size_t g = 0; g < device->n_gates; g++) {
        const qst_device_gate *gate = &device->gates[g];
        char word[QSTI_DEVICE_MAX_NAME_BYTES + 2];
        snprintf(word, sizeof word, "%s ", gate->name);
        if (gate->error >= 1) {
            name_one(&list, "-", word, gate->qubits[0], gate->n_qubits == 2 ? gate->qubits[1] : SIZE_MAX);
        }
    }
    end(&list, device, where, "an error of 1, which means not calibrated, have", "kept at the largest error there is");
    begin(&list, device);
    for (size_t e = 0; e < device->n_edges; e++) {
        if (device->edges[e].gate == SIZE_MAX) {
            name_one(&list, "-", "", device->edges[e].a, device->edges[e].b);
        }
    }
    end(&list, device, where, "no gate is calibrated on edges", "they cannot be used");
}

/* --- the map ------------------------------------------------------------------------------------------------------ */

static size_t root_of(size_t *parent, size_t q)
{
    while (parent[q] != q) {
        parent[q] = parent[parent[q]];
        q = parent[q];
    }
    return q;
}

qst_status qsti_device_pieces(const qst_device *device, size_t *out)
{
    size_t *parent = NULL, pieces = device->n_qubits;
    qst_status status = QSTI_NEW(device->ctx, device->n_qubits, &parent);
    if (status != QST_OK) {
        return status;
    }
    for (size_t q = 0; q < device->n_qubits; q++) {
        parent[q] = q;
    }
    for (size_t e = 0; e < device->n_edges; e++) {
        size_t a = root_of(parent, device->edges[e].a), b = root_of(parent, device->edges[e].b);
        pieces -= a != b;
        parent[a < b ? b : a] = a < b ? a : b;
    }
    qsti_free(device->ctx, parent);
    *out = pieces;
    return QST_OK;
}

void qsti_device_warn(const qst_device *device, const char *where)
{
    size_t pieces = 1;
    warn_of_qubits(device, where);
    warn_of_entries(device, where);
    if (device->n_qubits > 1 && device->n_edges == 0) {
        qsti_warn(device->ctx, "%s: no two qubits are joined by a gate", where);
    } else if (qsti_device_pieces(device, &pieces) == QST_OK && pieces > 1) {
        qsti_warn(device->ctx, "%s: the coupling map falls into %zu pieces", where, pieces);
    }
}
