/* placed.c: what comes of a candidate: the circuit on the device's qubits that it uses, its noise, and its figures.
 *
 * Gates begin as soon as their qubits are free; the duration is the end of the last. Depth counts in the same way, each
 * gate 1. Gates that are only kept in mind count nothing. */
#include "place/placed.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "circuit/circuit.h"

void qsti_candidate_clear(qst_ctx *ctx, qsti_candidate *candidate)
{
    qst_assembly_free(candidate->assembly);
    qsti_free(ctx, candidate->place);
    qsti_free(ctx, candidate->initial);
    qsti_free(ctx, candidate->final);
    *candidate = (qsti_candidate){.assembly = NULL};
}

qst_status qsti_candidate_embedded(qsti_form *form, const qsti_embedding *embedding, qsti_candidate *out)
{
    qst_ctx *ctx = form->target->ctx;
    qsti_native *native = &form->natives[embedding->native];
    qsti_candidate made = {.n_circuit = form->n_circuit,
                           .exchanges = form->exchanges,
                           .n_scored = embedding->n_scored,
                           .log = embedding->log,
                           .second = embedding->second,
                           .complete = embedding->complete};
    qst_status status = QST_OK;
    QSTI_TRY(QSTI_NEW(ctx, form->n_wires, &made.place));
    QSTI_TRY(QSTI_NEW(ctx, form->n_circuit, &made.initial));
    QSTI_TRY(QSTI_NEW(ctx, form->n_circuit, &made.final));
    memcpy(made.place, embedding->place, form->n_wires * sizeof *made.place);
    for (size_t k = 0; k < form->n_circuit; k++) {
        made.initial[k] = form->initial[k];
        made.final[k] = native->final[form->final[k]];
    }
    made.assembly = native->assembly;
    native->assembly = NULL;
    *out = made;
    return QST_OK;
done:
    qsti_candidate_clear(ctx, &made);
    return status;
}

/* --- qubits ------------------------------------------------------------------------------------------------------- */

static int compare_sizes(const void *a, const void *b)
{
    const size_t *left = a, *right = b;
    return (*left > *right) - (*left < *right);
}

/* The qubits that are used, ascending, and which of them each wire is: wires (the candidate's). */
static qst_status find_qubits(const qsti_candidate *candidate, qst_placed *placed, uint32_t *wires)
{
    const size_t n_wires = qst_assembly_qubits(candidate->assembly);
    size_t n = 0;
    qst_status status = QSTI_NEW(placed->ctx, n_wires, &placed->qubits);
    if (status != QST_OK)
        return status;
    memset(wires, 0xff, n_wires * sizeof *wires);
    for (size_t k = 0; k < candidate->n_circuit; k++)
        wires[candidate->initial[k]] = wires[candidate->final[k]] = 0;
    for (size_t i = 0; i < qst_assembly_instructions(candidate->assembly); i++) {
        qst_instruction instruction;
        qst_assembly_instruction(candidate->assembly, i, &instruction);
        for (size_t q = 0; q < instruction.n_qubits; q++)
            wires[instruction.qubits[q]] = 0;
    }
    for (size_t w = 0; w < n_wires; w++) {
        if (wires[w] == 0)
            placed->qubits[n++] = candidate->place[w];
    }
    qsort(placed->qubits, n, sizeof *placed->qubits, compare_sizes);
    for (size_t w = 0; w < n_wires; w++) {
        for (uint32_t q = 0; q < n && wires[w] != UINT32_MAX; q++) {
            if (placed->qubits[q] == candidate->place[w])
                wires[w] = q;
        }
    }
    placed->info.n_qubits = n;
    placed->info.qubits = placed->qubits;
    return QST_OK;
}

static qst_status find_ends(const qsti_candidate *candidate, const uint32_t *wires, qst_placed *placed)
{
    qst_status status = QST_OK;
    QSTI_TRY(QSTI_NEW(placed->ctx, candidate->n_circuit, &placed->initial));
    QSTI_TRY(QSTI_NEW(placed->ctx, candidate->n_circuit, &placed->final));
    for (size_t k = 0; k < candidate->n_circuit; k++) {
        placed->initial[k] = wires[candidate->initial[k]];
        placed->final[k] = wires[candidate->final[k]];
    }
    placed->info.n_circuit_qubits = candidate->n_circuit;
    placed->info.initial = placed->initial;
    placed->info.final = placed->final;
done:
    return status;
}

/* --- figures ------------------------------------------------------------------------------------------------------ */

static int compare_pairs(const void *a, const void *b)
{
    const size_t *left = a, *right = b;
    return left[0] != right[0] ? compare_sizes(left, right) : compare_sizes(left + 1, right + 1);
}

/* One gate: its entry, and what it adds; level and time (n_qubits) are those of the qubits so far. */
static qst_status add_figures(const qsti_target *target, const qst_operation *operation, qst_placed *placed,
                              size_t *level, double *time, double *log)
{
    const qst_gate_info *gate = qst_gate_describe(operation->gate);
    const size_t n = (size_t)gate->n_qubits;
    size_t on[QST_MAX_GATE_QUBITS], index, latest_level = 0;
    double latest_time = 0;
    for (size_t k = 0; k < n; k++) {
        const size_t q = operation->qubits[k];
        on[k] = placed->qubits[q];
        latest_level = level[q] > latest_level ? level[q] : latest_level;
        latest_time = isnan(time[q]) || isnan(latest_time) ? NAN : fmax(latest_time, time[q]);
    }
    qst_status status = qst_device_find(target->device, gate->name, on, n, &index);
    if (status != QST_OK)
        return status;
    const qst_device_gate *entry = &qst_device_gates(target->device)[index];
    *log += qsti_entry_log(entry);
    if (qsti_is_virtual(entry))
        return QST_OK;
    placed->info.gates++;
    placed->info.two_qubit_gates += n == 2;
    for (size_t k = 0; k < n; k++) {
        level[operation->qubits[k]] = latest_level + 1;
        time[operation->qubits[k]] = latest_time + entry->time_ns;
    }
    return QST_OK;
}

static void add_edge(qst_placed *placed, const qst_operation *operation)
{
    const size_t a = placed->qubits[operation->qubits[0]], b = placed->qubits[operation->qubits[1]];
    placed->edges[placed->info.n_edges][0] = a < b ? a : b;
    placed->edges[placed->info.n_edges++][1] = a < b ? b : a;
}

static void unite_edges(qst_placed *placed)
{
    size_t n = 0;
    qsort(placed->edges, placed->info.n_edges, sizeof *placed->edges, compare_pairs);
    for (size_t e = 0; e < placed->info.n_edges; e++) {
        if (n == 0 || compare_pairs(placed->edges[n - 1], placed->edges[e]) != 0)
            memmove(placed->edges[n++], placed->edges[e], sizeof *placed->edges);
    }
    placed->info.n_edges = n;
    placed->info.edges = (const size_t(*)[2])placed->edges;
}

static qst_status find_figures(const qsti_target *target, qst_placed *placed)
{
    const size_t n_operations = qst_circuit_operations(placed->circuit), n = placed->info.n_qubits;
    size_t *level = NULL;
    double *time = NULL, log = 0;
    qst_status status = QST_OK;
    QSTI_TRY(QSTI_NEW(placed->ctx, n, &level));
    QSTI_TRY(QSTI_NEW(placed->ctx, n, &time));
    QSTI_TRY(QSTI_NEW(placed->ctx, n_operations + 1, &placed->edges));
    for (size_t i = 0; i < n_operations; i++) {
        qst_operation operation;
        qst_circuit_operation(placed->circuit, i, &operation);
        QSTI_TRY(add_figures(target, &operation, placed, level, time, &log));
        if (qst_gate_describe(operation.gate)->n_qubits == 2)
            add_edge(placed, &operation);
    }
    unite_edges(placed);
    for (size_t q = 0; q < n; q++) {
        double so_far = placed->info.duration_ns;
        placed->info.depth = level[q] > placed->info.depth ? level[q] : placed->info.depth;
        placed->info.duration_ns = isnan(so_far) || isnan(time[q]) ? NAN : fmax(so_far, time[q]);
    }
    for (size_t k = 0; k < placed->info.n_circuit_qubits; k++)
        log += target->readout[placed->qubits[placed->final[k]]];
    placed->info.fidelity = exp(log);
done:
    qsti_free(placed->ctx, level);
    qsti_free(placed->ctx, time);
    return status;
}

/* --- the whole ---------------------------------------------------------------------------------------------------- */

qst_status qsti_placed_create(const qsti_target *target, const qst_circuit *circuit, const qsti_candidate *candidate,
                              qst_placed **out)
{
    qst_placed *placed = NULL;
    uint32_t *wires = NULL;
    qst_status status = QSTI_NEW(target->ctx, 1, &placed);
    if (status != QST_OK)
        return status;
    placed->ctx = target->ctx;
    QSTI_TRY(QSTI_NEW(target->ctx, qst_assembly_qubits(candidate->assembly), &wires));
    QSTI_TRY(find_qubits(candidate, placed, wires));
    QSTI_TRY(find_ends(candidate, wires, placed));
    QSTI_TRY(qsti_placed_circuit(circuit, candidate->assembly, wires, placed->info.n_qubits, &placed->circuit));
    QSTI_TRY(find_figures(target, placed));
    placed->info.exchanges = candidate->exchanges;
    placed->info.n_scored = candidate->n_scored;
    placed->info.complete = candidate->complete;
    placed->info.runner_up = candidate->second > -INFINITY ? exp(candidate->second) : NAN;
    const qst_noise_device_opts opts = {.layout = placed->qubits,
                                        .n_layout = placed->info.n_qubits,
                                        .temperature_mk = target->opts.temperature_mk,
                                        .readout = target->opts.readout};
    QSTI_TRY(qst_noise_from_device(target->ctx, target->device, &opts, &placed->noise));
    *out = placed;
    placed = NULL;
done:
    qsti_free(target->ctx, wires);
    qst_placed_free(placed);
    return status;
}

void qst_placed_free(qst_placed *placed)
{
    if (placed == NULL)
        return;
    qst_ctx *ctx = placed->ctx;
    qst_circuit_free(placed->circuit);
    qst_noise_free(placed->noise);
    qsti_free(ctx, placed->qubits);
    qsti_free(ctx, placed->initial);
    qsti_free(ctx, placed->final);
    qsti_free(ctx, placed->edges);
    qsti_free(ctx, placed);
}

void qst_placed_describe(const qst_placed *placed, qst_placed_info *out)
{
    *out = placed->info;
}

const qst_circuit *qst_placed_circuit(const qst_placed *placed)
{
    return placed->circuit;
}

const qst_noise *qst_placed_noise(const qst_placed *placed)
{
    return placed->noise;
}
