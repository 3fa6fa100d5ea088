/* device.c: devices as they are after reading: what they hold, entries looked up. */
#include "device/device.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"

void qst_device_free(qst_device *device)
{
    if (device == NULL) {
        return;
    }
    qst_ctx *ctx = device->ctx;
    for (size_t q = 0; device->qubits && q < device->n_qubits; q++) {
        qsti_free(ctx, (char *)device->qubits[q].id);
    }
    for (size_t n = 0; n < device->n_names; n++) {
        qsti_free(ctx, device->names[n]);
    }
    qsti_free(ctx, device->names);
    qsti_free(ctx, device->basis);
    qsti_free(ctx, device->qubits);
    qsti_free(ctx, device->gates);
    qsti_free(ctx, device->order);
    qsti_free(ctx, device->couplings);
    qsti_free(ctx, device->edges);
    qsti_free(ctx, device->name);
    qsti_free(ctx, device->kind);
    qsti_free(ctx, device->calibrated);
    qsti_free(ctx, device);
}

void qst_device_describe(const qst_device *device, qst_device_info *out)
{
    *out = (qst_device_info){
        .name = device->name,
        .kind = device->kind,
        .calibrated = device->calibrated,
        .sha256 = device->sha256,
        .n_qubits = device->n_qubits,
        .n_gates = device->n_gates,
        .n_edges = device->n_edges,
        .n_basis = device->n_basis,
        .max_shots = device->max_shots,
        .dt_ns = device->dt_ns,
        .basis = device->basis,
        .placed = device->placed,
    };
}

const qst_device_qubit *qst_device_qubits(const qst_device *device)
{
    return device->qubits;
}

const qst_device_gate *qst_device_gates(const qst_device *device)
{
    return device->gates;
}

const qst_device_edge *qst_device_edges(const qst_device *device)
{
    return device->edges;
}

void qst_device_text_free(const qst_device *device, char *text)
{
    qsti_free(device->ctx, text);
}

/* --- kinds of entries --------------------------------------------------------------------------------------------- */

/* `word`, or `word` with "_" and digits behind it. */
static bool is_numbered(const char *name, const char *word)
{
    size_t n = strlen(word);
    if (strncmp(name, word, n) != 0) {
        return false;
    }
    const char *rest = name + n;
    return rest[0] == '\0' || (rest[0] == '_' && rest[1] != '\0' && rest[1 + strspn(rest + 1, "0123456789")] == '\0');
}

bool qst_device_is_reset(const char *name)
{
    return is_numbered(name, "reset");
}

bool qst_device_is_measurement(const char *name)
{
    return is_numbered(name, "measure");
}

bool qsti_device_is_symmetric(const char *name)
{
    static const char *const names[] = {"cz", "rzz", "rxx",        "ryy",      "swap", "iswap",
                                        "cp", "cu1", "sqrt_iswap", "sycamore", "ms",   "xx_plus_yy"};
    for (size_t n = 0; n < sizeof names / sizeof *names; n++) {
        if (strcmp(name, names[n]) == 0) {
            return true;
        }
    }
    return false;
}

bool qst_device_gate_dead(const qst_device *device, size_t gate)
{
    const qst_device_gate *entry = &device->gates[gate];
    bool works = entry->operational && !(entry->error >= 1);
    for (size_t k = 0; k < entry->n_qubits; k++) {
        works = works && device->qubits[entry->qubits[k]].operational;
    }
    return !works;
}

/* --- look-up ------------------------------------------------------------------------------------------------------ */

int qsti_device_compare(const qst_device_gate *a, const qst_device_gate *b)
{
    int by_name = strcmp(a->name, b->name);
    if (by_name != 0) {
        return by_name;
    }
    if (a->n_qubits != b->n_qubits) {
        return a->n_qubits < b->n_qubits ? -1 : 1;
    }
    for (size_t k = 0; k < a->n_qubits; k++) {
        if (a->qubits[k] != b->qubits[k]) {
            return a->qubits[k] < b->qubits[k] ? -1 : 1;
        }
    }
    return 0;
}

/* Gates that have two names. */
static const char *other_name(const char *name)
{
    static const char *const pairs[][2] = {{"u", "u3"}, {"p", "u1"}, {"cp", "cu1"}};
    for (size_t i = 0; i < 2 * (sizeof pairs / sizeof *pairs); i++) {
        if (strcmp(name, pairs[i / 2][i % 2]) == 0) {
            return pairs[i / 2][1 - i % 2];
        }
    }
    return NULL;
}

static size_t search_listed(const qst_device *device, const qst_device_gate *key)
{
    size_t low = 0, high = device->n_gates;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int compared = qsti_device_compare(&device->gates[device->order[middle]], key);
        if (compared == 0) {
            return device->order[middle];
        }
        *(compared < 0 ? &low : &high) = compared < 0 ? middle + 1 : middle;
    }
    return SIZE_MAX;
}

/* Of a gate that does not care for the order also the other order. */
static size_t search(const qst_device *device, const qst_device_gate *key)
{
    size_t found = search_listed(device, key);
    if (found == SIZE_MAX && key->n_qubits == 2 && qsti_device_is_symmetric(key->name)) {
        qst_device_gate turned = {.name = key->name, .n_qubits = 2, .qubits = {key->qubits[1], key->qubits[0]}};
        found = search_listed(device, &turned);
    }
    return found;
}

size_t qsti_device_search(const qst_device *device, const char *name, const size_t *qubits, size_t n_qubits)
{
    if (n_qubits < 1 || n_qubits > QST_DEVICE_GATE_QUBITS) {
        return SIZE_MAX;
    }
    qst_device_gate key = {.name = name, .n_qubits = n_qubits};
    memcpy(key.qubits, qubits, n_qubits * sizeof *qubits);
    size_t found = search(device, &key);
    if (found == SIZE_MAX && other_name(name)) {
        key.name = other_name(name);
        found = search(device, &key);
    }
    return found;
}

qst_status qsti_device_fail_missing(qst_ctx *ctx, const qst_device *device, const char *name, const size_t *qubits,
                                    size_t n_qubits)
{
    if (n_qubits < 1 || n_qubits > QST_DEVICE_GATE_QUBITS) {
        return qsti_fail(ctx, QST_ERR_MISMATCH, "gate %s on %zu qubits: entries of devices have 1..%d", name, n_qubits,
                         QST_DEVICE_GATE_QUBITS);
    }
    qsti_text has, on;
    qsti_text_init(&has, ctx);
    qsti_text_init(&on, ctx);
    bool known = false;
    for (size_t n = 0; n < device->n_names; n++) {
        known = known || strcmp(device->names[n], name) == 0;
        qsti_text_add(&has, "%s%s", n ? ", " : "", device->names[n]);
    }
    for (size_t k = 0; k < n_qubits; k++) {
        qsti_text_add(&on, "%s%zu", k ? ", " : "", qubits[k]);
    }
    qst_status status = has.status != QST_OK ? has.status : on.status;
    if (status == QST_OK && known) {
        status = qsti_fail(ctx, QST_ERR_MISMATCH, "device %s: gate %s: has no entry for qubits %s", device->name, name,
                           on.bytes);
    } else if (status == QST_OK) {
        status = qsti_fail(ctx, QST_ERR_MISMATCH, "device %s: has no gate %s, but %s", device->name, name,
                           device->n_names ? has.bytes : "none");
    }
    qsti_text_clear(&has);
    qsti_text_clear(&on);
    return status;
}

qst_status qst_device_find(const qst_device *device, const char *name, const size_t *qubits, size_t n_qubits,
                           size_t *out_gate)
{
    size_t found = qsti_device_search(device, name, qubits, n_qubits);
    if (found == SIZE_MAX) {
        return qsti_device_fail_missing(device->ctx, device, name, qubits, n_qubits);
    }
    *out_gate = found;
    return QST_OK;
}
