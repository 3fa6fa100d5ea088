/* noise_events.c: the elementary channels behind each gate of a circuit.
 *
 * Behind a gate: the noise of the device's entry (depolarizing on all its qubits, then the relaxation of each), then
 * the rules in their order, each on the gate's qubits in theirs.
 */
#include "circuit/steps.h"
#include "noise/engine.h"

#include "noise/noise_model.h"

typedef struct place {
    const qst_noise *noise;
    double strength;
    qst_gate gate;
    const qst_gate_info *info;
    size_t n_qubits, qubits[QST_MAX_GATE_QUBITS];
    qsti_noise_fn *fn;
    void *user;
} place;

static qst_status emit(const place *at, qsti_noise_event *event)
{
    if (at->strength == 0)
        return QST_OK;
    qst_status status = qsti_noise_power(at->noise->ctx, at->strength, event);
    if (status != QST_OK || qsti_noise_is_idle(event))
        return status;
    return at->fn(at->user, event);
}

/* --- a device ----------------------------------------------------------------------------------------------------- */

/* The entry's noise, its qubits in the gate's order. */
static qst_status look_up(const place *at, qst_gate_noise *out, bool *out_none)
{
    const qst_noise *noise = at->noise;
    size_t qubits[QST_MAX_GATE_QUBITS] = {0};
    for (size_t q = 0; q < at->n_qubits; q++)
        qubits[q] = noise->layout[at->qubits[q]];
    size_t entry = qsti_device_search(noise->device, at->info->name, qubits, at->n_qubits);
    *out_none = at->n_qubits == 0 || (entry == SIZE_MAX && at->gate == QST_GATE_id);
    if (*out_none)
        return QST_OK;
    if (entry == SIZE_MAX)
        return qsti_device_fail_missing(noise->ctx, noise->device, at->info->name, qubits, at->n_qubits);
    qst_status status = qst_device_entry_noise(noise->device, entry, noise->temperature_mk, out);
    if (status == QST_OK && noise->device->gates[entry].qubits[0] != qubits[0]) { /* found in the other order */
        qst_relaxation first = out->relaxation[0];
        out->relaxation[0] = out->relaxation[1];
        out->relaxation[1] = first;
    }
    return status;
}

static qst_status behind_device(const place *at)
{
    qst_gate_noise noise = {0};
    qsti_noise_event event = {.n_qubits = at->n_qubits};
    bool none = false;
    qst_status status = look_up(at, &noise, &none);
    if (status != QST_OK || none)
        return status;
    for (size_t q = 0; q < at->n_qubits; q++)
        event.qubits[q] = at->qubits[q];
    qsti_noise_depolarize(noise.depolarizing, &event);
    QSTI_TRY(emit(at, &event));
    for (size_t q = 0; noise.relaxes && q < at->n_qubits; q++) {
        event = (qsti_noise_event){
            .kind = QSTI_NOISE_RELAXATION, .n_qubits = 1, .qubits = {at->qubits[q]}, .relaxation = noise.relaxation[q]};
        QSTI_TRY(emit(at, &event));
    }
done:
    return status;
}

/* --- rules -------------------------------------------------------------------------------------------------------- */

static bool is_meant(const place *at, const qst_noise_rule *rule)
{
    bool found = rule->gates == NULL;
    for (size_t g = 0; g < rule->n_gates && !found; g++)
        found = rule->gates[g] == at->gate;
    return found && (rule->gate_qubits == 0 || rule->gate_qubits == at->n_qubits);
}

/* The gate's qubits that a rule is for, as bits of their places. */
static unsigned places_of(const place *at, const qst_noise_rule *rule)
{
    unsigned places = 0;
    for (size_t q = 0; q < at->n_qubits; q++) {
        bool found = rule->qubits == NULL;
        for (size_t k = 0; k < rule->n_qubits && !found; k++)
            found = rule->qubits[k] == at->qubits[q];
        places |= (unsigned)found << q;
    }
    return places;
}

static qst_status depolarize(const place *at, double p, unsigned places)
{
    qsti_noise_event event = {0};
    if (places == 0 || p == 0)
        return QST_OK;
    if (__builtin_popcount(places) > QST_DEVICE_GATE_QUBITS)
        return qsti_fail(at->noise->ctx, QST_ERR_UNSUPPORTED,
                         "depolarizing behind gate %s: together on %d qubits, more than %d; let it act on each",
                         at->info->name, __builtin_popcount(places), QST_DEVICE_GATE_QUBITS);
    for (size_t q = 0; q < at->n_qubits; q++) {
        if (places >> q & 1)
            event.qubits[event.n_qubits++] = at->qubits[q];
    }
    if (p > qsti_depolarizing_most(event.n_qubits))
        return qsti_fail(at->noise->ctx, QST_ERR_USAGE,
                         "depolarizing behind gate %s: p = %g is more than %g on %zu qubits", at->info->name, p,
                         qsti_depolarizing_most(event.n_qubits), event.n_qubits);
    qsti_noise_depolarize(p, &event);
    return emit(at, &event);
}

static qst_status over_rotate(const place *at, double angle, unsigned places)
{
    size_t n = 0, n_moves = 0, n_rotations = 0;
    const qsti_step *steps = qsti_gate_steps(at->gate, &n);
    qst_status status = QST_OK;
    for (size_t s = 0; s < n; s++) {
        qsti_noise_event event;
        bool none = false;
        n_rotations += steps[s].kind == QSTI_STEP_ROTATION;
        n_moves += steps[s].kind != QSTI_STEP_ROTATION && steps[s].kind != QSTI_STEP_PHASE;
        QSTI_TRY(qsti_over_rotation(at->noise->ctx, at->gate, s, places, angle, &none, &event));
        for (size_t q = 0; !none && q < event.n_qubits; q++)
            event.qubits[q] = at->qubits[event.qubits[q]];
        if (!none)
            QSTI_TRY(emit(at, &event));
    }
    if (n_rotations == 0 && n_moves > 0)
        status = qsti_fail(at->noise->ctx, QST_ERR_UNSUPPORTED,
                           "over_rotation behind gate %s: it consists of no rotations; name the gates that are meant",
                           at->info->name);
done:
    return status;
}

static qst_status behind_rule(const place *at, const qst_noise_rule *rule)
{
    unsigned places = is_meant(at, rule) ? places_of(at, rule) : 0;
    bool together = rule->channel.kind == QST_CHANNEL_depolarizing && !rule->each;
    if (places == 0)
        return QST_OK;
    if (together)
        return depolarize(at, rule->channel.numbers[0], places);
    if (rule->channel.kind == QST_CHANNEL_over_rotation)
        return over_rotate(at, rule->channel.numbers[0], places);
    qst_status status = QST_OK;
    for (size_t q = 0; status == QST_OK && q < at->n_qubits; q++) {
        qsti_noise_event event;
        if ((places >> q & 1) == 0)
            continue;
        if (rule->channel.kind == QST_CHANNEL_depolarizing) {
            status = depolarize(at, rule->channel.numbers[0], 1U << q);
            continue;
        }
        qsti_channel_event(&rule->channel, at->qubits[q], &event);
        status = emit(at, &event);
    }
    return status;
}

/* --- the whole ---------------------------------------------------------------------------------------------------- */

static qst_status check_device(const qst_noise *noise, const qst_circuit *circuit)
{
    if (noise->device == NULL)
        return QST_OK;
    if (circuit->n_qubits > noise->n_layout)
        return qsti_fail(noise->ctx, QST_ERR_MISMATCH, "the circuit has %zu qubits, and the layout on device %s %zu",
                         circuit->n_qubits, noise->device->name, noise->n_layout);
    if (circuit->preparation != QST_PREPARE_ZERO) {
        return qsti_fail(noise->ctx, QST_ERR_UNSUPPORTED,
                         "device %s: it has no gates that prepare features as %s: encode them by angles",
                         noise->device->name,
                         circuit->preparation == QST_PREPARE_AMPLITUDE ? "amplitudes" : "a basis state");
    }
    return QST_OK;
}

qst_status qsti_noise_behind(const qst_noise *noise, double strength, const qst_circuit *circuit, size_t index,
                             qsti_noise_fn *fn, void *user)
{
    const qsti_operation *operation = &circuit->operations[index];
    place at = {.noise = noise, .strength = strength, .gate = (qst_gate)operation->gate, .fn = fn, .user = user};
    qst_status status = QST_OK;
    at.info = qst_gate_describe(at.gate);
    at.n_qubits = (size_t)at.info->n_qubits;
    for (size_t q = 0; q < at.n_qubits; q++)
        at.qubits[q] = operation->qubits[q];
    QSTI_TRY(check_device(noise, circuit));
    if (noise->device != NULL)
        QSTI_TRY(behind_device(&at));
    for (size_t r = 0; r < noise->n_rules; r++)
        QSTI_TRY(behind_rule(&at, &noise->rules[r]));
done:
    return status;
}

static qst_status count(void *user, const qsti_noise_event *event)
{
    qsti_noise_sorts *sorts = user;
    sorts->n_paulis += event->kind == QSTI_NOISE_PAULI;
    sorts->n_relaxations += event->kind == QSTI_NOISE_RELAXATION;
    sorts->n_rotations += event->kind == QSTI_NOISE_ROTATION;
    return QST_OK;
}

qst_status qsti_noise_count(const qst_noise *noise, const qst_circuit *circuit, qsti_noise_sorts *out)
{
    qsti_noise_sorts sorts = {0};
    qst_status status = check_device(noise, circuit);
    for (size_t index = 0; status == QST_OK && index < circuit->n_operations; index++)
        status = qsti_noise_behind(noise, 1, circuit, index, count, &sorts);
    if (status == QST_OK)
        *out = sorts;
    return status;
}
