/* connectivity.c: entries of one gate for all pairs that a device joins, where its file gives one figure for all. */
#include <stdlib.h>
#include <string.h>

#include "device/calibrations.h"

#define MOST_JOINED 500 /* qubits, where every pair is */

qst_status qsti_join_all(qst_device *device, const char *where, const qst_device_gate *gate, bool assumed)
{
    qst_device_gate entry = *gate;
    if (device->n_qubits > MOST_JOINED) {
        return qsti_fail(device->ctx, QST_ERR_LIMIT, "%s: %zu qubits with a gate on every pair: at most %d are taken",
                         where, device->n_qubits, MOST_JOINED);
    }
    if (assumed && device->n_qubits > 1) {
        qsti_warn(device->ctx, "%s: does not say which qubits are joined: every pair is taken", where);
    }
    entry.n_qubits = 2;
    for (size_t a = 0; a < device->n_qubits; a++) {
        for (size_t b = a + 1; b < device->n_qubits; b++) {
            entry.qubits[0] = a;
            entry.qubits[1] = b;
            qst_status status = qsti_device_add_gate(device, where, &entry);
            if (status != QST_OK) {
                return status;
            }
        }
    }
    return QST_OK;
}

static int compare_numbers(const void *a, const void *b)
{
    size_t left = *(const size_t *)a, right = *(const size_t *)b;
    return (left > right) - (left < right);
}

static qst_status find_id(const qst_device *device, const char *where, const size_t *ids, const char *text,
                          size_t n_bytes, size_t *out)
{
    size_t number = 0;
    const size_t *found = NULL;
    if (qsti_read_digits(text, n_bytes, &number)) {
        found = bsearch(&number, ids, device->n_qubits, sizeof *ids, compare_numbers);
    }
    if (found == NULL) {
        return qsti_fail(device->ctx, QST_ERR_INPUT, "%s: there is no qubit \"%.*s\"", where, (int)n_bytes, text);
    }
    *out = (size_t)(found - ids);
    return QST_OK;
}

static qst_status join_neighbours(qst_device *device, const char *where, const size_t *ids, const char *from,
                                  const json_t *list, const qst_device_gate *gate)
{
    qst_device_gate entry = *gate;
    qst_status status = QST_OK;
    QSTI_TRY(find_id(device, where, ids, from, strlen(from), &entry.qubits[0]));
    for (size_t n = 0; n < json_array_size(list); n++) {
        const json_t *to = json_array_get(list, n);
        if (!json_is_string(to)) {
            QSTI_TRY(qsti_fail(device->ctx, QST_ERR_INPUT, "%s: qubit %s: expected names of qubits", where, from));
        }
        QSTI_TRY(find_id(device, where, ids, json_string_value(to), json_string_length(to), &entry.qubits[1]));
        QSTI_TRY(qsti_device_add_gate(device, where, &entry));
    }
done:
    return status;
}

qst_status qsti_join_braket(qst_device *device, const char *where, const json_t *paradigm, const size_t *ids,
                            const qst_device_gate *gate)
{
    char place[QSTI_PLACE_BYTES];
    json_t *connectivity = NULL, *graph = NULL;
    const char *from;
    json_t *list;
    bool full = false;
    qst_device_gate entry = *gate;
    qst_status status = QST_OK;
    entry.n_qubits = 2;
    QSTI_TRY(qsti_maybe_object(device->ctx, where, paradigm, "connectivity", &connectivity));
    qsti_place_text(place, "%s: paradigm.connectivity", where);
    QSTI_TRY(qsti_maybe_flag(device->ctx, place, connectivity, "fullyConnected", &full));
    QSTI_TRY(qsti_maybe_object(device->ctx, place, connectivity, "connectivityGraph", &graph));
    if (full || json_object_size(graph) == 0) {
        return qsti_join_all(device, where, gate, !full);
    }
    json_object_foreach(graph, from, list)
    {
        QSTI_TRY(join_neighbours(device, place, ids, from, list, &entry));
    }
done:
    return status;
}
