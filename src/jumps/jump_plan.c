/* jump_plan.c: circuit and noise -> plan.
 *
 * CX from a to b takes Z_b to Z_a Z_b and X_a to X_a X_b in front of it, so z_b ^= z_a and x_a ^= x_b; SWAP exchanges
 * two qubits' masks. A logical Pauli i^k X^a Z^b is the product of its qubits' masks, qubit by qubit; moving a Z past
 * an X gives a sign.
 */
#include "jumps/jump_plan.h"

#include <string.h>

#include "base/memory.h"
#include "circuit/circuit.h"
#include "circuit/steps.h"

/* Room for `more` items behind n; capacities are powers of two, so that n says what there is. */
static qst_status room(qst_ctx *ctx, size_t n, size_t more, size_t item_bytes, void **items)
{
    size_t have = n < 8 ? 8 : (size_t)1 << (64 - __builtin_clzll((unsigned long long)n)), want = have;
    while (want < n + more + 1)
        want *= 2;
    if (want == have && *items != NULL)
        return QST_OK;
    return qsti_resize(ctx, want, item_bytes, items);
}
#define ROOM(plan, n, more, items) room((plan)->ctx, (n), (more), sizeof *(items), (void **)&(items))

/* --- Paulis ------------------------------------------------------------------------------------------------------- */

qsti_mask qsti_jump_plan_pauli(const qsti_jump_plan *plan, qst_pauli pauli, bool *out_minus)
{
    qsti_mask out = {0, 0, false};
    unsigned k = 0;
    for (size_t q = 0; q < plan->n_qubits; q++) {
        uint32_t x = (pauli.x >> q & 1) ? plan->x[q] : 0, z = (pauli.z >> q & 1) ? plan->z[q] : 0;
        k += x != 0 && z != 0;
        k += 2 * (unsigned)__builtin_parity(out.z & x);
        out.x ^= x;
        out.z ^= z;
    }
    out.imaginary = k % 2 != 0;
    *out_minus = k / 2 % 2 != 0;
    return out;
}

/* Bit k of x, z is for qubits[k]. */
static qst_pauli on_qubits(uint32_t x, uint32_t z, const size_t *qubits, size_t n)
{
    qst_pauli out = {0, 0};
    for (size_t k = 0; k < n; k++) {
        out.x |= (x >> k & 1) << qubits[k];
        out.z |= (z >> k & 1) << qubits[k];
    }
    return out;
}

/* --- rotations ---------------------------------------------------------------------------------------------------- */

static void choose_sort(const qsti_jump_plan *plan, qst_pauli logical, qsti_jump_rotation *rotation)
{
    const qsti_mask *pauli = &rotation->pauli;
    uint32_t both = logical.x | logical.z;
    if (__builtin_popcount(both) == 1) {
        size_t q = (size_t)__builtin_ctz(both);
        rotation->sort = QSTI_JUMP_TURN;
        rotation->x = plan->x[q];
        rotation->z = plan->z[q];
        rotation->axis = logical.x == 0 ? 2 : logical.z == 0 ? 0 : 1;
        return;
    }
    rotation->sort = pauli->x == 0 ? QSTI_JUMP_PHASE : QSTI_JUMP_ALONE;
    rotation->x = pauli->x;
    rotation->axis = pauli->x == 0 ? 2 : pauli->imaginary ? 1 : 0;
    rotation->z = pauli->x == 0      ? pauli->z
                  : pauli->imaginary ? pauli->z
                                     : UINT32_C(1) << (31 - __builtin_clz(pauli->x));
    rotation->control = rotation->sort == QSTI_JUMP_ALONE && !pauli->imaginary ? pauli->z : 0;
}

/* A rotation about a logical Pauli, its angle being the terms behind the plan's last rotation. */
static qst_status add_rotation(qsti_jump_plan *plan, qst_pauli logical, size_t first_term)
{
    qst_status status = QST_OK;
    qsti_jump_rotation rotation = {.terms = {(uint32_t)first_term, (uint32_t)(plan->n_terms - first_term)}};
    if (plan->n_terms == first_term)
        return QST_OK;
    rotation.pauli = qsti_jump_plan_pauli(plan, logical, &rotation.minus);
    choose_sort(plan, logical, &rotation);
    QSTI_TRY(ROOM(plan, plan->n_rotations, 1, plan->rotations));
    QSTI_TRY(ROOM(plan, plan->n_steps, 1, plan->steps));
    plan->steps[plan->n_steps++] = (qsti_jump_step){.kind = QSTI_JUMP_ROTATE, .first = (uint32_t)plan->n_rotations};
    plan->rotations[plan->n_rotations++] = rotation;
done:
    return status;
}

static qst_status add_term(qsti_jump_plan *plan, qst_term term)
{
    qst_status status = QST_OK;
    if (term.coefficient == 0)
        return QST_OK;
    QSTI_TRY(ROOM(plan, plan->n_terms, 1, plan->terms));
    plan->terms[plan->n_terms++] = term;
done:
    return status;
}

static qst_status add_step(qsti_jump_plan *plan, const qst_circuit *circuit, const qsti_operation *operation,
                           const qsti_step *step)
{
    qst_status status = QST_OK;
    size_t first_term = plan->n_terms, qubits[QST_MAX_GATE_QUBITS];
    for (size_t k = 0; k < QST_MAX_GATE_QUBITS; k++)
        qubits[k] = operation->qubits[k];
    QSTI_TRY(add_term(plan, (qst_term){step->constant, QST_ONE, QST_ONE}));
    for (size_t i = 0; i < QST_MAX_GATE_ANGLES; i++) {
        qsti_span span = operation->angle[i];
        for (size_t t = 0; t < span.count && step->coefficient[i] != 0; t++) {
            qst_term term = circuit->terms[span.first + t];
            term.coefficient *= step->coefficient[i];
            QSTI_TRY(add_term(plan, term));
        }
    }
    QSTI_TRY(add_rotation(plan, on_qubits(step->x, step->z, qubits, QST_MAX_GATE_QUBITS), first_term));
done:
    return status;
}

/* --- moves -------------------------------------------------------------------------------------------------------- */

static void exchange(uint32_t *a, uint32_t *b)
{
    uint32_t old = *a;
    *a = *b;
    *b = old;
}

static qst_status add_gate(qsti_jump_plan *plan, const qst_circuit *circuit, const qsti_operation *operation)
{
    qst_status status = QST_OK;
    size_t n_steps = 0;
    const qsti_step *steps = qsti_gate_steps((qst_gate)operation->gate, &n_steps);
    for (size_t i = 0; i < n_steps; i++) {
        size_t a = operation->qubits[steps[i].a], b = operation->qubits[steps[i].b];
        switch ((qsti_step_kind)steps[i].kind) {
        case QSTI_STEP_ROTATION:
            QSTI_TRY(add_step(plan, circuit, operation, &steps[i]));
            break;
        case QSTI_STEP_CX:
            plan->z[b] ^= plan->z[a];
            plan->x[a] ^= plan->x[b];
            break;
        case QSTI_STEP_SWAP:
            exchange(&plan->x[a], &plan->x[b]);
            exchange(&plan->z[a], &plan->z[b]);
            break;
        case QSTI_STEP_X:
            QSTI_TRY(ROOM(plan, plan->n_steps, 1, plan->steps));
            plan->steps[plan->n_steps++] = (qsti_jump_step){.kind = QSTI_JUMP_FLIP, .first = plan->x[a]};
            break;
        case QSTI_STEP_PHASE:
            break;
        }
    }
done:
    return status;
}

/* --- noise -------------------------------------------------------------------------------------------------------- */

static qst_status add_place(qsti_jump_plan *plan, qsti_jump_kind kind, size_t first, size_t count)
{
    qst_status status = QST_OK;
    QSTI_TRY(ROOM(plan, plan->n_steps, 1, plan->steps));
    plan->steps[plan->n_steps++] =
        (qsti_jump_step){(uint32_t)kind, (uint32_t)first, (uint32_t)count, (uint32_t)plan->n_places++};
done:
    return status;
}

/* The identity first. */
static qst_status add_paulis(qsti_jump_plan *plan, const qsti_noise_event *event)
{
    qst_status status = QST_OK;
    size_t first = plan->n_paulis, n_codes = (size_t)1 << (2 * event->n_qubits);
    double upto = 0;
    QSTI_TRY(ROOM(plan, plan->n_paulis, n_codes, plan->paulis));
    for (size_t code = 0; code < n_codes; code++) {
        qsti_jump_pauli pauli = {0, 0, 0};
        for (size_t k = 0; k < event->n_qubits; k++) {
            size_t letter = code >> (2 * k) & 3, q = event->qubits[k];
            pauli.x ^= letter == 1 || letter == 2 ? plan->x[q] : 0;
            pauli.z ^= letter == 2 || letter == 3 ? plan->z[q] : 0;
        }
        if (code > 0 && !(event->probability[code] > 0))
            continue;
        upto += event->probability[code];
        pauli.upto = upto;
        plan->paulis[plan->n_paulis++] = pauli;
    }
    plan->paulis[plan->n_paulis - 1].upto = 1;
    QSTI_TRY(add_place(plan, QSTI_JUMP_PAULI, first, plan->n_paulis - first));
done:
    return status;
}

static qst_status add_relaxation(qsti_jump_plan *plan, const qsti_noise_event *event)
{
    qst_status status = QST_OK;
    size_t q = event->qubits[0];
    QSTI_TRY(ROOM(plan, plan->n_relaxes, 1, plan->relaxes));
    qsti_jump_relax *relax = &plan->relaxes[plan->n_relaxes];
    *relax = (qsti_jump_relax){.x = plan->x[q], .z = plan->z[q]};
    qsti_jump_relax_make(&event->relaxation, relax);
    plan->n_events += 1 - relax->no_event;
    QSTI_TRY(add_place(plan, QSTI_JUMP_RELAX, plan->n_relaxes++, 1));
done:
    return status;
}

static qst_status add_event(void *user, const qsti_noise_event *event)
{
    qst_status status = QST_OK;
    qsti_jump_plan *plan = user;
    size_t first_term = plan->n_terms;
    plan->n_channels++;
    switch (event->kind) {
    case QSTI_NOISE_PAULI:
        return add_paulis(plan, event);
    case QSTI_NOISE_RELAXATION:
        return add_relaxation(plan, event);
    case QSTI_NOISE_ROTATION:
        QSTI_TRY(add_term(plan, (qst_term){event->angle, QST_ONE, QST_ONE}));
        QSTI_TRY(add_rotation(plan, on_qubits(event->x, event->z, event->qubits, event->n_qubits), first_term));
        break;
    }
done:
    return status;
}

/* --- all of it ---------------------------------------------------------------------------------------------------- */

/* Which rotations are the last in their virtual qubit: those whose masks stand nowhere behind them. */
static qst_status mark_last(qsti_jump_plan *plan)
{
    qst_status status = QST_OK;
    size_t n_slots = 16;
    const qsti_jump_rotation **seen = NULL;
    while (n_slots < 2 * plan->n_rotations)
        n_slots *= 2;
    QSTI_TRY(QSTI_NEW(plan->ctx, n_slots, &seen));
    for (size_t r = plan->n_rotations; r-- > 0;) {
        qsti_jump_rotation *rotation = &plan->rotations[r];
        if (rotation->sort != QSTI_JUMP_TURN)
            continue;
        size_t at = (rotation->x * (size_t)0x9E3779B97F4A7C15 ^ rotation->z * (size_t)0xD2511F53) >> 20;
        while (seen[at % n_slots] != NULL &&
               (seen[at % n_slots]->x != rotation->x || seen[at % n_slots]->z != rotation->z))
            at++;
        rotation->last = seen[at % n_slots] == NULL;
        seen[at % n_slots] = rotation;
    }
done:
    qsti_free(plan->ctx, (void *)seen);
    return status;
}

qst_status qsti_jump_plan_make(qst_ctx *ctx, const qst_circuit *circuit, const qst_noise *noise, double strength,
                               qsti_jump_plan *out)
{
    qst_status status = QST_OK;
    qsti_jump_plan plan = {.ctx = ctx, .n_qubits = circuit->n_qubits};
    for (size_t q = 0; q < plan.n_qubits; q++)
        plan.x[q] = plan.z[q] = UINT32_C(1) << q;
    for (size_t i = 0; i < circuit->n_operations; i++) {
        QSTI_TRY(add_gate(&plan, circuit, &circuit->operations[i]));
        QSTI_TRY(qsti_noise_behind(noise, strength, circuit, i, add_event, &plan));
    }
    QSTI_TRY(mark_last(&plan));
    *out = plan;
    plan = (qsti_jump_plan){.ctx = ctx};
done:
    qsti_jump_plan_clear(&plan);
    return status;
}

void qsti_jump_plan_clear(qsti_jump_plan *plan)
{
    void *const parts[] = {plan->steps, plan->rotations, plan->terms, plan->paulis, plan->relaxes};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        qsti_free(plan->ctx, parts[i]);
    *plan = (qsti_jump_plan){.ctx = plan->ctx};
}
