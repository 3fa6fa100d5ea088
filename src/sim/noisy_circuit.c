/* noisy_circuit.c: from an assembly to a list of gates that a device has, on its qubits.
 *
 * The assembly is walked once into steps, each with the instruction that it comes from. Then instruction by
 * instruction: the steps of one are gates of the device, or it calls a definition that writes a gate of the device down
 * in others, as exports without an include file do (`gate sx a { ... }`). Such a call is that gate when the unitary of
 * its steps is the gate's up to a phase.
 */
#include "sim/noisy_circuit.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "sim/evolve.h"

#define SAME_GATE 1e-9
#define MOST_ROWS 8 /* of the matrix of a gate of a device */

typedef struct walked {
    qst_instruction_kind kind;
    qst_gate gate;
    size_t qubits[QST_MAX_GATE_QUBITS]; /* of the assembly */
    double angles[QST_MAX_GATE_ANGLES];
    uint32_t bit;
    size_t instruction;
} walked;

typedef struct making {
    qst_ctx *ctx;
    const qst_assembly *assembly;
    const qst_density_opts *opts;
    qst_device_info device;
    qsti_noisy_circuit *out;
    walked *steps;
    size_t n_steps, steps_capacity;
    bool *is_measured; /* (n_places) */
    bool *is_warned;   /* (n_gates of the device) */
} making;

#define RESERVE(at, array)                    \
    ((at)->n_##array < (at)->array##_capacity \
         ? QST_OK                             \
         : reserve((at)->ctx, sizeof *(at)->array, &(at)->array##_capacity, (void **)&(at)->array))

static qst_status reserve(qst_ctx *ctx, size_t item_bytes, size_t *capacity, void **items)
{
    size_t grown = 2 * *capacity + 64;
    qst_status status = qsti_resize(ctx, grown, item_bytes, items);
    if (status == QST_OK)
        *capacity = grown;
    return status;
}

/* --- places ------------------------------------------------------------------------------------------------------- */

static qst_status check_layout(const making *m)
{
    const qst_density_opts *opts = m->opts;
    size_t n = m->out->n_places;
    if (n > m->device.n_qubits)
        return qsti_fail(m->ctx, QST_ERR_MISMATCH, "the circuit has %zu qubits, and device %s %zu", n, m->device.name,
                         m->device.n_qubits);
    if (opts->layout != NULL && opts->n_layout != n)
        return qsti_fail(m->ctx, QST_ERR_MISMATCH, "the layout has %zu qubits, and the circuit %zu", opts->n_layout, n);
    for (size_t q = 0; opts->layout != NULL && q < n; q++) {
        if (opts->layout[q] >= m->device.n_qubits)
            return qsti_fail(m->ctx, QST_ERR_USAGE, "layout: %zu is no qubit of device %s, which has 0..%zu",
                             opts->layout[q], m->device.name, m->device.n_qubits - 1);
        for (size_t other = 0; other < q; other++) {
            if (opts->layout[other] == opts->layout[q])
                return qsti_fail(m->ctx, QST_ERR_USAGE, "layout: qubit %zu is there twice", opts->layout[q]);
        }
    }
    return QST_OK;
}

static qst_status place_qubits(making *m)
{
    qst_status status = QST_OK;
    m->out->n_places = qst_assembly_qubits(m->assembly);
    QSTI_TRY(check_layout(m));
    QSTI_TRY(QSTI_NEW(m->ctx, m->out->n_places, &m->out->places));
    for (size_t q = 0; q < m->out->n_places; q++)
        m->out->places[q] = m->opts->layout ? m->opts->layout[q] : q;
done:
    return status;
}

/* --- the walk ----------------------------------------------------------------------------------------------------- */

static qst_status refuse(const making *m, const qst_step *step, const char *what)
{
    return qsti_fail(m->ctx, QST_ERR_UNSUPPORTED, "instruction %zu: %s is not run on a device", step->instruction,
                     what);
}

static double number_of(const qst_angle *angle)
{
    double sum = 0;
    for (size_t t = 0; t < angle->n_terms; t++)
        sum += angle->terms[t].coefficient;
    return sum;
}

static qst_status take_step(void *user, const qst_step *step)
{
    making *m = user;
    walked made = {.kind = step->kind, .bit = step->bit, .instruction = step->instruction};
    if (step->kind == QST_INSTRUCTION_BARRIER)
        return QST_OK;
    if (step->condition != QST_NO_CONDITION)
        return refuse(m, step, "a condition");
    if (step->kind == QST_INSTRUCTION_RESET)
        return refuse(m, step, "a reset");
    if (step->kind == QST_INSTRUCTION_MEASURE) {
        made.qubits[0] = step->qubits[0];
    } else {
        const qst_gate_info *gate = qst_gate_describe(step->operation.gate);
        made.gate = step->operation.gate;
        memcpy(made.qubits, step->operation.qubits, sizeof made.qubits);
        for (int a = 0; a < gate->n_angles; a++)
            made.angles[a] = number_of(&step->operation.angles[a]);
    }
    for (int q = 0; q < (made.kind == QST_INSTRUCTION_MEASURE ? 1 : qst_gate_describe(made.gate)->n_qubits); q++) {
        if (m->is_measured[made.qubits[q]])
            return refuse(m, step, "a measurement in the middle, behind which its qubit is used again,");
    }
    if (made.kind == QST_INSTRUCTION_MEASURE)
        m->is_measured[made.qubits[0]] = true;
    qst_status status = RESERVE(m, steps);
    if (status == QST_OK)
        m->steps[m->n_steps++] = made;
    return status;
}

/* --- gates of the device ------------------------------------------------------------------------------------------ */

static void warn_of_dead(making *m, const qsti_noisy_gate *gate)
{
    if (gate->entry == QSTI_NO_ENTRY || m->is_warned[gate->entry] ||
        !qst_device_gate_dead(m->opts->device, gate->entry))
        return;
    const qst_device_gate *entry = &qst_device_gates(m->opts->device)[gate->entry];
    m->is_warned[gate->entry] = true;
    if (entry->n_qubits == 1)
        qsti_warn(m->ctx, "the circuit uses %s on qubit %zu, which is dead on device %s", entry->name, entry->qubits[0],
                  m->device.name);
    else
        qsti_warn(m->ctx, "the circuit uses %s on qubits %zu, %zu, which is dead on device %s", entry->name,
                  entry->qubits[0], entry->qubits[1], m->device.name);
}

static qst_status add_gate(making *m, const qsti_noisy_gate *gate)
{
    qst_status status = RESERVE(m->out, gates);
    if (status == QST_OK) {
        m->out->gates[m->out->n_gates++] = *gate;
        warn_of_dead(m, gate);
    }
    return status;
}

/* The gate on the device, or ERR_MISMATCH. */
static qst_status find_entry(const making *m, qst_gate kind, const size_t *qubits, qsti_noisy_gate *out)
{
    const qst_gate_info *info = qst_gate_describe(kind);
    out->gate = kind;
    out->entry = QSTI_NO_ENTRY;
    if (info->n_qubits > QST_DEVICE_GATE_QUBITS)
        return qsti_fail(m->ctx, QST_ERR_MISMATCH, "gate %s on %d qubits: entries of devices have 1..%d", info->name,
                         info->n_qubits, QST_DEVICE_GATE_QUBITS);
    for (int q = 0; q < info->n_qubits; q++)
        out->qubits[q] = m->out->places[qubits[q]];
    qst_status status = qst_device_find(m->opts->device, info->name, out->qubits, (size_t)info->n_qubits, &out->entry);
    return status == QST_ERR_MISMATCH && kind == QST_GATE_id ? QST_OK : status;
}

static qst_status add_step(making *m, const walked *step)
{
    qsti_noisy_gate gate = {.entry = QSTI_NO_ENTRY};
    if (step->gate == QST_GATE_gphase)
        return QST_OK;
    qst_status status = find_entry(m, step->gate, step->qubits, &gate);
    if (status != QST_OK)
        return qsti_fail_within(m->ctx, status, "instruction %zu", step->instruction);
    memcpy(gate.angles, step->angles, sizeof gate.angles);
    return add_gate(m, &gate);
}

/* --- calls -------------------------------------------------------------------------------------------------------- */

/* Column c of the matrix stands in the low bits: out[row * 2^k + column]. */
static void start_matrix(size_t k, double complex *out)
{
    size_t dim = (size_t)1 << k;
    memset(out, 0, dim * dim * sizeof *out);
    for (size_t i = 0; i < dim; i++)
        out[i * dim + i] = 1;
}

static bool is_same_up_to_phase(const double complex *a, const double complex *b, size_t n)
{
    size_t largest = 0;
    for (size_t i = 0; i < n; i++)
        largest = cabs(b[i]) > cabs(b[largest]) ? i : largest;
    double complex phase = a[largest] / b[largest];
    for (size_t i = 0; i < n; i++) {
        if (!(cabs(a[i] - phase * b[i]) <= SAME_GATE))
            return false;
    }
    return fabs(cabs(phase) - 1) <= SAME_GATE;
}

/* Whether the steps on the qubits of `call` are the gate. */
static bool is_gate(const qst_instruction *call, const qsti_noisy_gate *gate, const walked *steps, size_t n_steps)
{
    double complex body[MOST_ROWS * MOST_ROWS], whole[MOST_ROWS * MOST_ROWS];
    size_t k = call->n_qubits, bits[QST_MAX_GATE_QUBITS] = {0};
    start_matrix(k, body);
    start_matrix(k, whole);
    for (size_t s = 0; s < n_steps; s++) {
        for (int q = 0; q < qst_gate_describe(steps[s].gate)->n_qubits; q++) {
            for (size_t i = 0; i < k; i++)
                bits[q] = call->qubits[i] == steps[s].qubits[q] ? k + i : bits[q];
        }
        qsti_evolve(body, 2 * k, steps[s].gate, bits, steps[s].angles);
    }
    for (size_t i = 0; i < k; i++)
        bits[i] = k + i;
    qsti_evolve(whole, 2 * k, gate->gate, bits, gate->angles);
    return is_same_up_to_phase(body, whole, (size_t)1 << (2 * k));
}

/* Adds a call that is a gate of the device; *out_added says whether it is. */
static qst_status add_call(making *m, const qst_instruction *call, const walked *steps, size_t n_steps, bool *out_added)
{
    qst_definition definition;
    qsti_noisy_gate gate = {.entry = QSTI_NO_ENTRY};
    size_t qubits[QST_MAX_GATE_QUBITS] = {0};
    qst_gate kind;
    *out_added = false;
    qst_assembly_definition(m->assembly, call->definition, &definition);
    if (call->inverse || call->n_controls > 0 || !qst_gate_find(definition.name, &kind))
        return QST_OK;
    const qst_gate_info *info = qst_gate_describe(kind);
    if ((size_t)info->n_qubits != call->n_qubits || (size_t)info->n_angles != call->n_angles || call->n_qubits < 1 ||
        call->n_qubits > QST_DEVICE_GATE_QUBITS)
        return QST_OK;
    for (size_t q = 0; q < call->n_qubits; q++)
        qubits[q] = call->qubits[q];
    if (find_entry(m, kind, qubits, &gate) != QST_OK)
        return QST_OK;
    for (size_t a = 0; a < call->n_angles; a++)
        gate.angles[a] = qst_expression_value(&call->angles[a], m->opts->parameters);
    *out_added = is_gate(call, &gate, steps, n_steps);
    return *out_added ? add_gate(m, &gate) : QST_OK;
}

/* --- measurements ------------------------------------------------------------------------------------------------- */

/* The last that writes a bit counts. */
static qst_status add_final(making *m, size_t qubit, uint32_t bit)
{
    qsti_noisy_circuit *out = m->out;
    qst_status status = QST_OK;
    if (bit == QST_NO_BIT)
        return QST_OK;
    out->measures = true;
    for (size_t f = 0; f < out->n_finals; f++) {
        if (out->finals[f].bit == bit) {
            out->finals[f].qubit = out->places[qubit];
            return QST_OK;
        }
    }
    QSTI_TRY(RESERVE(out, finals));
    out->finals[out->n_finals++] = (qsti_noisy_final){out->places[qubit], bit};
done:
    return status;
}

static qst_status measure_at_end(making *m)
{
    const qst_density_opts *opts = m->opts;
    size_t n = opts->measured ? opts->n_measured : m->out->n_places;
    qst_status status = QST_OK;
    for (size_t i = 0; i < n && status == QST_OK; i++) {
        size_t qubit = opts->measured ? opts->measured[i] : i;
        if (qubit >= m->out->n_places || m->is_measured[qubit])
            return qsti_fail(m->ctx, QST_ERR_USAGE, "measured: %zu is no qubit of the circuit, or there twice", qubit);
        m->is_measured[qubit] = true;
        status = add_final(m, qubit, (uint32_t)i);
    }
    m->out->measures = false;
    return status;
}

/* --- the whole ---------------------------------------------------------------------------------------------------- */

/* The steps of one instruction. */
static qst_status add_instruction(making *m, size_t index, const walked *steps, size_t n_steps)
{
    qst_instruction instruction;
    bool is_added = false;
    qst_status status = QST_OK;
    qst_assembly_instruction(m->assembly, index, &instruction);
    if (instruction.kind == QST_INSTRUCTION_CALL)
        QSTI_TRY(add_call(m, &instruction, steps, n_steps, &is_added));
    for (size_t s = 0; s < n_steps && !is_added; s++)
        QSTI_TRY(steps[s].kind == QST_INSTRUCTION_MEASURE ? add_final(m, steps[s].qubits[0], steps[s].bit)
                                                          : add_step(m, &steps[s]));
done:
    return status;
}

uint8_t qsti_noisy_place(const qsti_noisy_circuit *circuit, size_t qubit)
{
    for (size_t i = 0; i < circuit->n_touched; i++) {
        if (circuit->touched[i] == qubit)
            return (uint8_t)i;
    }
    return QSTI_NOT_ACTIVE;
}

static qst_status find_touched(making *m)
{
    qsti_noisy_circuit *out = m->out;
    for (size_t g = 0; g < out->n_gates; g++) {
        for (int q = 0; q < qst_gate_describe(out->gates[g].gate)->n_qubits; q++) {
            size_t qubit = out->gates[g].qubits[q], at = out->n_touched;
            if (qsti_noisy_place(out, qubit) != QSTI_NOT_ACTIVE)
                continue;
            if (out->n_touched == QST_DENSITY_MAX_QUBITS)
                return qsti_fail(m->ctx, QST_ERR_LIMIT,
                                 "gates act on more than %d qubits: no density matrix of so many is simulated",
                                 QST_DENSITY_MAX_QUBITS);
            for (; at > 0 && out->touched[at - 1] > qubit; at--)
                out->touched[at] = out->touched[at - 1];
            out->touched[at] = qubit;
            out->n_touched++;
        }
    }
    return QST_OK;
}

qst_status qsti_noisy_circuit_make(qst_ctx *ctx, const qst_assembly *assembly, const qst_density_opts *opts,
                                   qsti_noisy_circuit *out)
{
    making m = {.ctx = ctx, .assembly = assembly, .opts = opts, .out = out};
    qst_status status = QST_OK;
    size_t first = 0, next;
    *out = (qsti_noisy_circuit){.ctx = ctx};
    qst_device_describe(opts->device, &m.device);
    QSTI_TRY(place_qubits(&m));
    QSTI_TRY(QSTI_NEW(ctx, out->n_places, &m.is_measured));
    QSTI_TRY(QSTI_NEW(ctx, m.device.n_gates, &m.is_warned));
    QSTI_TRY(qst_assembly_walk(assembly, opts->parameters, 0, take_step, &m));
    for (size_t i = 0; i < qst_assembly_instructions(assembly); i++, first = next) {
        for (next = first; next < m.n_steps && m.steps[next].instruction == i;)
            next++;
        QSTI_TRY(add_instruction(&m, i, m.steps + first, next - first));
    }
    if (!out->measures) {
        memset(m.is_measured, 0, out->n_places * sizeof *m.is_measured);
        QSTI_TRY(measure_at_end(&m));
    }
    QSTI_TRY(find_touched(&m));
done:
    qsti_free(ctx, m.steps);
    qsti_free(ctx, m.is_measured);
    qsti_free(ctx, m.is_warned);
    return status;
}

void qsti_noisy_circuit_clear(qsti_noisy_circuit *circuit)
{
    qsti_free(circuit->ctx, circuit->places);
    qsti_free(circuit->ctx, circuit->gates);
    qsti_free(circuit->ctx, circuit->finals);
    *circuit = (qsti_noisy_circuit){.ctx = NULL};
}
