/* device_generic.c: a device by a few figures: all qubits alike, joined as a line, a ring, a grid, all, or heavy-hex.
 *
 * heavy_hex: rows of 7 qubits, and between two rows single qubits that join them, at columns 0 and 4 and then at
 * columns 2 and 6, in turns; what is behind the last qubit is left out. With 7 = 4 + 3 columns every closed face has 12
 * qubits.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include <qstill/circuit.h>

#include "circuit/names.h"
#include "device/device.h"

#define MOST_QUBITS 10000
#define MOST_FULL   500
#define ROW_QUBITS  7

static const char *const topology_names[] = {
#define QST_TOPOLOGY(id, about) #id,
#include <qstill/topologies.def>
#undef QST_TOPOLOGY
};

const char *qst_topology_name(qst_topology topology)
{
    return (size_t)topology < QST_TOPOLOGY_COUNT ? topology_names[topology] : "";
}

qst_status qst_topology_find(qst_ctx *ctx, const char *name, qst_topology *out)
{
    size_t index = 0;
    qst_status status = qsti_name_find(ctx, "topology", name, topology_names, QST_TOPOLOGY_COUNT, &index);
    if (status == QST_OK) {
        *out = (qst_topology)index;
    }
    return status;
}

/* --- topologies --------------------------------------------------------------------------------------------------- */

static qst_status join(qst_device *device, size_t a, size_t b)
{
    qst_status status = qsti_device_add_coupling(device, "device", a, b);
    return status == QST_OK ? qsti_device_add_coupling(device, "device", b, a) : status;
}

static void put(qst_device *device, size_t q, double x, double y)
{
    device->qubits[q].x = x;
    device->qubits[q].y = y;
}

static qst_status make_line(qst_device *device, bool closed)
{
    size_t n = device->n_qubits;
    for (size_t q = 0; q < n; q++) {
        double turn = 6.283185307179586 * (double)q / (double)n, radius = (double)n / 6.283185307179586;
        put(device, q, closed ? radius * sin(turn) : (double)q, closed ? -radius * cos(turn) : 0);
        qst_status status = q + 1 < n ? join(device, q, q + 1) : closed && n > 2 ? join(device, q, 0) : QST_OK;
        if (status != QST_OK) {
            return status;
        }
    }
    return QST_OK;
}

static qst_status make_grid(qst_device *device)
{
    size_t n = device->n_qubits, width = (size_t)ceil(sqrt((double)n));
    qst_status status = QST_OK;
    for (size_t q = 0; q < n; q++) {
        size_t row = q / width;
        put(device, q, (double)(q % width), (double)row);
        if (q % width > 0) {
            QSTI_TRY(join(device, q - 1, q));
        }
        if (q >= width) {
            QSTI_TRY(join(device, q - width, q));
        }
    }
done:
    return status;
}

static qst_status make_full(qst_device *device)
{
    qst_status status = make_line(device, true);
    for (size_t a = 0; status == QST_OK && a < device->n_qubits; a++) {
        for (size_t b = a + 2; status == QST_OK && b < device->n_qubits; b++) {
            status = a == 0 && b + 1 == device->n_qubits ? QST_OK : join(device, a, b);
        }
    }
    return status;
}

/* A row of 7 and the 2 qubits below it make 9. */
static qst_status make_heavy_hex(qst_device *device)
{
    qst_status status = QST_OK;
    for (size_t q = 0; q < device->n_qubits; q++) {
        size_t row = q / (ROW_QUBITS + 2), place = q % (ROW_QUBITS + 2), shift = row % 2 ? 2 : 0;
        if (place < ROW_QUBITS) {
            put(device, q, (double)place, (double)(2 * row));
            if (place > 0) {
                QSTI_TRY(join(device, q - 1, q));
            }
            bool below_link = row > 0 && (place == 2 - shift || place == 6 - shift);
            if (below_link) { /* the link stands behind the row above, whose columns are those of the other parity */
                size_t link = (row - 1) * (ROW_QUBITS + 2) + ROW_QUBITS + (place >= 4);
                QSTI_TRY(join(device, link, q));
            }
        } else {
            size_t column = 4 * (place - ROW_QUBITS) + shift;
            put(device, q, (double)column, (double)(2 * row + 1));
            QSTI_TRY(join(device, row * (ROW_QUBITS + 2) + column, q));
        }
    }
done:
    return status;
}

static qst_status make_couplings(qst_device *device, qst_topology topology)
{
    switch (topology) {
    case QST_TOPOLOGY_line:
    case QST_TOPOLOGY_ring:
        return make_line(device, topology == QST_TOPOLOGY_ring);
    case QST_TOPOLOGY_grid:
        return make_grid(device);
    case QST_TOPOLOGY_full:
        return make_full(device);
    case QST_TOPOLOGY_heavy_hex:
        return make_heavy_hex(device);
    case QST_TOPOLOGY_COUNT:
        break;
    }
    return qsti_fail(device->ctx, QST_ERR_USAGE, "topology: %d is none", (int)topology);
}

/* --- gates -------------------------------------------------------------------------------------------------------- */

static bool is_virtual(const char *name)
{
    return strcmp(name, "rz") == 0 || strcmp(name, "p") == 0 || strcmp(name, "u1") == 0;
}

static qst_status add_gate(qst_device *device, const char *name, size_t n_qubits, const qst_device_generic_opts *opts)
{
    bool is_free = is_virtual(name);
    qst_device_gate gate = {.name = name,
                            .n_qubits = n_qubits,
                            .error = is_free         ? 0
                                     : n_qubits == 1 ? opts->error_1q
                                                     : opts->error_2q,
                            .time_ns = is_free         ? 0
                                       : n_qubits == 1 ? opts->time_1q_ns
                                                       : opts->time_2q_ns,
                            .operational = true};
    size_t n = n_qubits == 1 ? device->n_qubits : device->n_couplings;
    qst_status status = qsti_device_add_basis(device, "device", name);
    for (size_t i = 0; status == QST_OK && i < n; i++) {
        gate.qubits[0] = n_qubits == 1 ? i : device->couplings[2 * i];
        gate.qubits[1] = n_qubits == 1 ? 0 : device->couplings[2 * i + 1];
        status = qsti_device_add_gate(device, "device", &gate);
    }
    return status;
}

static qst_status find_gate(qst_ctx *ctx, const char *name, size_t *out_qubits)
{
    for (int g = 0; g < QST_GATE_COUNT; g++) {
        const qst_gate_info *info = qst_gate_describe((qst_gate)g);
        if (strcmp(info->name, name) == 0 && (info->n_qubits == 1 || info->n_qubits == 2)) {
            *out_qubits = (size_t)info->n_qubits;
            return QST_OK;
        }
    }
    return qsti_fail(ctx, QST_ERR_USAGE, "basis: \"%s\" is no gate on one or two qubits", name);
}

/* --- options ------------------------------------------------------------------------------------------------------ */

static qst_status check_options(qst_ctx *ctx, const qst_device_generic_opts *opts)
{
    const struct {
        const char *name;
        double value, high;
    } numbers[] = {
        {"error_1q", opts->error_1q, 1},        {"error_2q", opts->error_2q, 1}, {"readout", opts->readout, 1},
        {"t1_us", opts->t1_us, 1e15},           {"t2_us", opts->t2_us, 1e15},    {"time_1q_ns", opts->time_1q_ns, 1e15},
        {"time_2q_ns", opts->time_2q_ns, 1e15},
    };
    size_t most = opts->topology == QST_TOPOLOGY_full ? MOST_FULL : MOST_QUBITS;
    if (opts->n_qubits < 1 || opts->n_qubits > most) {
        return qsti_fail(ctx, QST_ERR_USAGE, "device.qubits: %zu is not in 1..%zu", opts->n_qubits, most);
    }
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        if (!(numbers[i].value >= 0 && numbers[i].value <= numbers[i].high)) {
            return qsti_fail(ctx, QST_ERR_USAGE, "device.%s: %g is not in 0..%g", numbers[i].name, numbers[i].value,
                             numbers[i].high);
        }
    }
    return QST_OK;
}

static void set_qubits(qst_device *device, const qst_device_generic_opts *opts)
{
    for (size_t q = 0; q < device->n_qubits; q++) {
        qst_device_qubit *qubit = &device->qubits[q];
        qubit->t1_ns = opts->t1_us > 0 ? 1e3 * opts->t1_us : INFINITY;
        qubit->t2_ns = opts->t2_us > 0 ? 1e3 * opts->t2_us : 2 * qubit->t1_ns; /* no dephasing but that of T1 */
        qubit->m1p0 = qubit->m0p1 = qubit->readout_error = opts->readout;
    }
    device->placed = true;
}

qst_status qst_device_generic(qst_ctx *ctx, const qst_device_generic_opts *opts, qst_device **out)
{
    static const char *const usual[] = {"id", "rz", "sx", "x", "cx"};
    const char *const *basis = opts->basis ? opts->basis : usual;
    size_t n_basis = opts->basis ? opts->n_basis : sizeof usual / sizeof *usual;
    char name[64];
    qst_device *device = NULL;
    qst_status status = QST_OK;
    QSTI_TRY(check_options(ctx, opts));
    snprintf(name, sizeof name, "%s-%zu", qst_topology_name(opts->topology), opts->n_qubits);
    QSTI_TRY(qsti_device_create(ctx, "device", "generic", name, opts->n_qubits, &device));
    set_qubits(device, opts);
    QSTI_TRY(make_couplings(device, opts->topology));
    for (size_t b = 0; b < n_basis; b++) {
        size_t n_qubits = 1;
        QSTI_TRY(find_gate(ctx, basis[b], &n_qubits));
        QSTI_TRY(add_gate(device, basis[b], n_qubits, opts));
    }
    QSTI_TRY(qsti_device_finish(device, "device"));
    *out = device;
    device = NULL;
done:
    qst_device_free(device);
    return status;
}
