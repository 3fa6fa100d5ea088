/* target.c: a device with a region and the question whether what is dead may be used; see target.h. */
#include "place/target.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "device/device.h"

/* Gates on two qubits that the transpiler writes circuits in. */
static const qst_gate entanglers[] = {QST_GATE_cx,  QST_GATE_cz,  QST_GATE_ecr, QST_GATE_rzz, QST_GATE_rxx,
                                      QST_GATE_ryy, QST_GATE_rzx, QST_GATE_cp,  QST_GATE_cu1};

qst_gate qsti_one_name(qst_gate gate)
{
    switch (gate) {
    case QST_GATE_u:
        return QST_GATE_u3;
    case QST_GATE_p:
        return QST_GATE_u1;
    case QST_GATE_cp:
        return QST_GATE_cu1;
    default:
        return gate;
    }
}

static bool is_diagonal(const char *name)
{
    return strcmp(name, "rz") == 0 || strcmp(name, "p") == 0 || strcmp(name, "u1") == 0;
}

bool qsti_is_virtual(const qst_device_gate *entry)
{
    return is_diagonal(entry->name) && !(entry->error > 0) && !(entry->time_ns > 0);
}

double qsti_entry_log(const qst_device_gate *entry)
{
    if (isnan(entry->error) || strcmp(entry->name, "rz") == 0) /* rz has no noise by definition, docs/devices.md */
        return 0;
    return log(1 - fmin(entry->error, 1 - 1e-12));
}

/* --- options ------------------------------------------------------------------------------------------------------ */

static qst_status check_qubits(const qsti_target *target, const char *what, const size_t *qubits, size_t n)
{
    bool *seen = NULL;
    qst_status status = QSTI_NEW(target->ctx, target->n_qubits, &seen);
    for (size_t i = 0; i < n && status == QST_OK; i++) {
        if (qubits[i] >= target->n_qubits)
            status = qsti_fail(target->ctx, QST_ERR_USAGE, "%s: %zu is no qubit of device %s, which has 0..%zu", what,
                               qubits[i], target->info.name, target->n_qubits - 1);
        else if (seen[qubits[i]])
            status = qsti_fail(target->ctx, QST_ERR_USAGE, "%s: qubit %zu is there twice", what, qubits[i]);
        else
            seen[qubits[i]] = true;
    }
    qsti_free(target->ctx, seen);
    return status;
}

static qst_status find_allowed(qsti_target *target)
{
    const qst_place_opts *opts = &target->opts;
    const qst_device_qubit *qubits = qst_device_qubits(target->device);
    qst_status status = QST_OK;
    QSTI_TRY(check_qubits(target, "region", opts->region, opts->n_region));
    QSTI_TRY(check_qubits(target, "layout", opts->layout, opts->layout ? opts->n_layout : 0));
    QSTI_TRY(QSTI_NEW(target->ctx, target->n_qubits, &target->allowed));
    for (size_t i = 0; i < opts->n_region; i++)
        target->allowed[opts->region[i]] = true;
    for (size_t q = 0; q < target->n_qubits; q++) {
        target->allowed[q] = (target->allowed[q] || !opts->region) && (qubits[q].operational || opts->allow_dead_edges);
        target->n_allowed += target->allowed[q];
    }
    for (size_t i = 0; opts->layout && i < opts->n_layout; i++) {
        if (!target->allowed[opts->layout[i]])
            return qsti_fail(target->ctx, QST_ERR_USAGE, "layout: qubit %zu of device %s is %s", opts->layout[i],
                             target->info.name,
                             qubits[opts->layout[i]].operational ? "not in the region" : "switched off");
    }
done:
    return status;
}

/* --- gates -------------------------------------------------------------------------------------------------------- */

/* Whether an entry may be used. */
static bool usable(const qsti_target *target, size_t index)
{
    const qst_device_gate *entry = &qst_device_gates(target->device)[index];
    for (size_t k = 0; k < entry->n_qubits; k++) {
        if (!target->allowed[entry->qubits[k]])
            return false;
    }
    return target->opts.allow_dead_edges || !qst_device_gate_dead(target->device, index);
}

static bool is_gate(const qst_device_gate *entry, qst_gate gate)
{
    qst_gate found;
    return qst_gate_find(entry->name, &found) && qsti_one_name(found) == qsti_one_name(gate);
}

/* Whether there are entries of a gate that may be used; of an entangler, whether there are any. */
static bool has_entries(const qsti_target *target, qst_gate gate, size_t n_qubits)
{
    const qst_device_gate *entries = qst_device_gates(target->device);
    for (size_t g = 0; g < target->info.n_gates; g++) {
        if (entries[g].n_qubits == n_qubits && is_gate(&entries[g], gate) && (n_qubits == 2 || usable(target, g)))
            return true;
    }
    return false;
}

static bool is_entangler(qst_gate gate)
{
    for (size_t e = 0; e < sizeof entanglers / sizeof *entanglers; e++) {
        if (entanglers[e] == gate)
            return true;
    }
    return false;
}

/* The gates of the basis of which there are entries, and the first entangler among them. */
static qst_status choose_basis(qsti_target *target)
{
    qsti_text text;
    qsti_text_init(&text, target->ctx);
    target->entangler = QST_GATE_COUNT;
    for (size_t b = 0; b < target->info.n_basis; b++) {
        qst_gate gate;
        if (!qst_gate_find(target->info.basis[b], &gate) || gate == QST_GATE_id)
            continue;
        int n = qst_gate_describe(gate)->n_qubits;
        bool is_pair = n == 2 && target->entangler == QST_GATE_COUNT && is_entangler(gate);
        if (!(is_pair || (n == 1 && target->n_locals < QSTI_TARGET_LOCALS)) || !has_entries(target, gate, (size_t)n))
            continue;
        if (is_pair)
            target->entangler = gate;
        else
            target->locals[target->n_locals++] = gate;
        qsti_text_add(&text, "%s%s", text.length ? "," : "", qst_gate_describe(gate)->name);
    }
    qst_status status = text.status;
    if (status == QST_OK && target->n_locals == 0)
        status = qsti_fail(target->ctx, QST_ERR_UNSUPPORTED,
                           "device %s: no gate of its basis on one qubit is known and works%s", target->info.name,
                           target->opts.region ? " in the region" : "");
    if (status == QST_OK)
        target->basis = text.bytes;
    else
        qsti_text_clear(&text);
    return status;
}

/* Entries under the gate's own name come before those under its other one, as in qst_device_find(). */
static bool other_named(const qst_device_gate *entry, qst_gate gate)
{
    return strcmp(entry->name, qst_gate_describe(gate)->name) != 0;
}

static qst_status weigh_locals(qsti_target *target)
{
    const qst_device_gate *entries = qst_device_gates(target->device);
    qst_status status = QST_OK;
    QSTI_TRY(QSTI_NEW(target->ctx, target->n_locals * target->n_qubits, &target->local));
    QSTI_TRY(QSTI_NEW(target->ctx, target->n_qubits, &target->readout));
    for (size_t i = 0; i < target->n_locals * target->n_qubits; i++)
        target->local[i] = -INFINITY;
    for (int other = 1; other >= 0; other--) {
        for (size_t g = 0; g < target->info.n_gates; g++) {
            for (size_t l = 0; l < target->n_locals && entries[g].n_qubits == 1; l++) {
                if (is_gate(&entries[g], target->locals[l]) && other_named(&entries[g], target->locals[l]) == other &&
                    usable(target, g))
                    target->local[l * target->n_qubits + entries[g].qubits[0]] = qsti_entry_log(&entries[g]);
            }
        }
    }
    for (size_t q = 0; q < target->n_qubits; q++) {
        double read[4];
        QSTI_TRY(qst_device_readout(target->device, q, target->opts.readout, read));
        target->readout[q] = log(1 - fmin((read[1] + read[2]) / 2, 1 - 1e-12));
    }
done:
    return status;
}

/* --- links -------------------------------------------------------------------------------------------------------- */

typedef struct arc {
    uint32_t from, to;
    double log;
} arc;

static int compare_arcs(const void *a, const void *b)
{
    const arc *left = a, *right = b;
    if (left->from != right->from)
        return left->from < right->from ? -1 : 1;
    return (left->to > right->to) - (left->to < right->to);
}

/* All arcs that may be used, each once and in both directions (-INFINITY: not in this one). */
static qst_status list_arcs(const qsti_target *target, arc **out, size_t *out_n)
{
    const qst_device_gate *entries = qst_device_gates(target->device);
    const bool symmetric =
        target->entangler != QST_GATE_COUNT && qsti_device_is_symmetric(qst_gate_describe(target->entangler)->name);
    arc *arcs = NULL;
    size_t n = 0, kept = 0;
    qst_status status = QSTI_NEW(target->ctx, 2 * target->info.n_gates + 1, &arcs);
    if (status != QST_OK)
        return status;
    for (size_t g = 0; target->entangler != QST_GATE_COUNT && g < target->info.n_gates; g++) {
        if (entries[g].n_qubits != 2 || !is_gate(&entries[g], target->entangler) || !usable(target, g))
            continue;
        const uint32_t a = (uint32_t)entries[g].qubits[0], b = (uint32_t)entries[g].qubits[1];
        size_t turned_qubits[2] = {b, a}, turned;
        bool stands_for_both = symmetric &&
                               qst_device_find(target->device, entries[g].name, turned_qubits, 2, &turned) == QST_OK &&
                               turned == g;
        const double log = qsti_entry_log(&entries[g]);
        arcs[n++] = (arc){a, b, log};
        arcs[n++] = (arc){b, a, stands_for_both ? log : -INFINITY};
    }
    qsort(arcs, n, sizeof *arcs, compare_arcs);
    for (size_t i = 0; i < n; i++) {
        if (kept > 0 && compare_arcs(&arcs[kept - 1], &arcs[i]) == 0)
            arcs[kept - 1].log = fmax(arcs[kept - 1].log, arcs[i].log);
        else
            arcs[kept++] = arcs[i];
    }
    *out = arcs;
    *out_n = kept;
    return QST_OK;
}

static qst_status find_links(qsti_target *target)
{
    arc *arcs = NULL;
    size_t n = 0;
    qst_status status = QST_OK;
    QSTI_TRY(list_arcs(target, &arcs, &n));
    QSTI_TRY(QSTI_NEW(target->ctx, target->n_qubits + 1, &target->first));
    QSTI_TRY(QSTI_NEW(target->ctx, n + 1, &target->links));
    for (size_t i = 0; i < n; i++) {
        const arc key = {arcs[i].to, arcs[i].from, 0};
        const arc *back = bsearch(&key, arcs, n, sizeof *arcs, compare_arcs);
        target->first[arcs[i].from + 1]++;
        target->links[i] = (qsti_link){arcs[i].to, arcs[i].log, back ? back->log : -INFINITY};
    }
    for (size_t q = 0; q < target->n_qubits; q++)
        target->first[q + 1] += target->first[q];
    target->n_live = n / 2;
done:
    qsti_free(target->ctx, arcs);
    return status;
}

const qsti_link *qsti_target_link(const qsti_target *target, size_t a, size_t b)
{
    size_t low = target->first[a], high = target->first[a + 1];
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (target->links[middle].qubit == b)
            return &target->links[middle];
        if (target->links[middle].qubit < b)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

/* --- the whole ---------------------------------------------------------------------------------------------------- */

qst_status qsti_target_create(qst_ctx *ctx, const qst_device *device, const qst_place_opts *opts, qsti_target *out)
{
    qsti_target target = {.ctx = ctx, .device = device, .opts = *opts};
    qst_status status = QST_OK;
    qst_device_describe(device, &target.info);
    target.n_qubits = target.info.n_qubits;
    QSTI_TRY(find_allowed(&target));
    QSTI_TRY(choose_basis(&target));
    QSTI_TRY(weigh_locals(&target));
    QSTI_TRY(find_links(&target));
    *out = target;
    return QST_OK;
done:
    qsti_target_clear(&target);
    return status;
}

void qsti_target_clear(qsti_target *target)
{
    qsti_free(target->ctx, target->allowed);
    qsti_free(target->ctx, target->basis);
    qsti_free(target->ctx, target->local);
    qsti_free(target->ctx, target->readout);
    qsti_free(target->ctx, target->first);
    qsti_free(target->ctx, target->links);
    *target = (qsti_target){.ctx = target->ctx};
}
