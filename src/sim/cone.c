/* cone.c: the light cone of a readout.
 *
 * Walks back over the steps of the circuit with, for each qubit, the set of letters that the observables, carried back
 * so far, can have there: none, one of X, Y, Z, or any. A rotation about P commutes with all of them when on each of
 * its qubits the set is empty or just P's letter; then it is dropped. Else P's letters join the sets. CX takes X on the
 * control to the target and Z on the target to the control. Probabilities are Z on every qubit: what is diagonal at the
 * end is dropped there too.
 *
 * Diagonal rotations that follow one another in an operation are kept or dropped together: all of CZ's are +-1 up to a
 * phase, each alone is not, and circuits of signs have real amplitudes.
 *
 * Sites of noise: rotations are as any other; an error matters where the set of its qubit is not empty, and never
 * changes the sets, since it only changes signs.
 *
 * From |0...0> the qubits that no step and no observable touches are left out; SWAP then only renames qubits, and is
 * dropped. Cost O(steps). Not here: rotations that the start state makes idle (rotate.c).
 */
#include "sim/cone.h"

#include <string.h>

/* A set of letters. */
#define LETTER_X   1U
#define LETTER_Z   2U
#define LETTER_Y   4U
#define LETTER_ANY 7U

typedef struct walker {
    const qst_circuit *circuit;
    bool renames;                     /* SWAP renames qubits */
    uint8_t letters[QSTI_MAX_QUBITS]; /* by wire */
    uint8_t wire[QSTI_MAX_QUBITS];    /* where a qubit of the circuit is, at this point */
    bool touched[QSTI_MAX_QUBITS];    /* by wire */
    bool reduced;
} walker;

static uint8_t letter_of(uint32_t x, uint32_t z)
{
    return x && z ? LETTER_Y : x ? LETTER_X : z ? LETTER_Z : 0;
}

/* The letters of products of members of two sets. */
static uint8_t joined(uint8_t a, uint8_t b)
{
    return a == 0 || a == b ? b : b == 0 ? a : LETTER_ANY;
}

/* Whether a letter is all that a set has. */
static bool only(uint8_t set, uint8_t letter)
{
    return set == 0 || set == letter;
}

static bool passes(const walker *w, const qsti_step *step, const uint8_t *wires)
{
    bool all = true;
    for (size_t k = 0; k < QST_MAX_GATE_QUBITS; k++) {
        uint8_t letter = letter_of(step->x >> k & 1, step->z >> k & 1);
        all &= letter == 0 || only(w->letters[wires[k]], letter);
    }
    return all;
}

static bool is_diagonal(const qsti_step *step)
{
    return step->kind == QSTI_STEP_ROTATION && step->x == 0;
}

/* Step s of an operation. What is decided for one diagonal rotation holds for those that stand with it: their letters
 * are all Z, which does not change who passes. */
static bool keep_rotation(walker *w, const qsti_step *steps, size_t n_steps, size_t s, const uint8_t *wires)
{
    bool keep = !passes(w, &steps[s], wires);
    for (size_t i = s; is_diagonal(&steps[s]) && i < n_steps && is_diagonal(&steps[i]); i++)
        keep |= !passes(w, &steps[i], wires);
    for (size_t i = s + 1; is_diagonal(&steps[s]) && i-- > 0 && is_diagonal(&steps[i]);)
        keep |= !passes(w, &steps[i], wires);
    for (size_t k = 0; k < QST_MAX_GATE_QUBITS && keep; k++) {
        uint8_t letter = letter_of(steps[s].x >> k & 1, steps[s].z >> k & 1);
        if (letter == 0)
            continue;
        w->letters[wires[k]] = joined(w->letters[wires[k]], letter);
        w->touched[wires[k]] = true;
    }
    return keep;
}

static bool keep_cx(walker *w, uint8_t control, uint8_t target)
{
    uint8_t on_control = w->letters[control], on_target = w->letters[target];
    if (only(on_control, LETTER_Z) && only(on_target, LETTER_X))
        return false;
    if (!only(on_control, LETTER_Z))
        w->letters[target] = joined(on_target, LETTER_X);
    if (!only(on_target, LETTER_X))
        w->letters[control] = joined(on_control, LETTER_Z);
    w->touched[control] = w->touched[target] = true;
    return true;
}

static bool keep_swap(walker *w, const qsti_operation *operation, const qsti_step *step)
{
    uint8_t *a = &w->wire[operation->qubits[step->a]], *b = &w->wire[operation->qubits[step->b]];
    uint8_t on_a = w->letters[*a], on_b = w->letters[*b], wire = *a;
    if (w->renames) {
        *a = *b;
        *b = wire;
        return false;
    }
    if (on_a == 0 && on_b == 0) {
        w->reduced = true;
        return false;
    }
    w->letters[*a] = on_b;
    w->letters[*b] = on_a;
    return true;
}

static bool keep_step(walker *w, const qsti_operation *operation, const qsti_step *steps, size_t n_steps, size_t s)
{
    const qsti_step *step = &steps[s];
    uint8_t wires[QST_MAX_GATE_QUBITS];
    bool keep = true;
    for (size_t k = 0; k < QST_MAX_GATE_QUBITS; k++)
        wires[k] = w->wire[operation->qubits[k]];
    switch ((qsti_step_kind)step->kind) {
    case QSTI_STEP_PHASE:
        return true;
    case QSTI_STEP_SWAP:
        return keep_swap(w, operation, step);
    case QSTI_STEP_ROTATION:
        keep = keep_rotation(w, steps, n_steps, s, wires);
        break;
    case QSTI_STEP_CX:
        keep = keep_cx(w, wires[step->a], wires[step->b]);
        break;
    case QSTI_STEP_X:
        keep = !only(w->letters[wires[step->a]], LETTER_X);
        break;
    }
    w->reduced |= !keep;
    return keep;
}

static void begin(walker *w, const qst_readout *readout, bool all)
{
    size_t n = w->circuit->n_qubits;
    for (size_t q = 0; q < n; q++) {
        w->wire[q] = (uint8_t)q;
        w->letters[q] = all ? LETTER_ANY : 0;
        if (readout->kind != QST_READOUT_EXPECTATIONS && !all)
            w->letters[q] = readout->kind == QST_READOUT_AMPLITUDES ? LETTER_ANY : LETTER_Z;
    }
    for (size_t i = 0; i < readout->n_terms; i++)
        for (size_t q = 0; q < n; q++)
            w->letters[q] =
                joined(w->letters[q], letter_of(readout->paulis[i].x >> q & 1, readout->paulis[i].z >> q & 1));
    for (size_t q = 0; q < n; q++)
        w->touched[q] = w->letters[q] != 0;
}

/* Numbers the wires that are kept, and puts steps, which were found last to first, in order. */
static void finish(const walker *w, qsti_cone *cone)
{
    uint8_t number[QSTI_MAX_QUBITS] = {0};
    cone->n_qubits = 0;
    for (size_t q = 0; q < w->circuit->n_qubits; q++)
        if (w->touched[q] || !w->renames)
            number[q] = (uint8_t)cone->n_qubits++;
    if (cone->n_qubits == 0)
        cone->n_qubits = 1;
    cone->reduced = w->reduced || cone->n_qubits < w->circuit->n_qubits;
    memcpy(cone->qubit_of, number, sizeof number);
    for (size_t s = 0; s < cone->n_steps / 2; s++) {
        qsti_cone_step step = cone->steps[s];
        cone->steps[s] = cone->steps[cone->n_steps - 1 - s];
        cone->steps[cone->n_steps - 1 - s] = step;
    }
    for (size_t s = 0; s < cone->n_steps; s++)
        for (size_t k = 0; k < QST_MAX_GATE_QUBITS; k++)
            if (cone->steps[s].qubits[k] != QSTI_OUTSIDE)
                cone->steps[s].qubits[k] = number[cone->steps[s].qubits[k]];
}

static bool keep_site(walker *w, const qsti_site *site, bool all, uint8_t *wires)
{
    bool keep = all;
    for (size_t k = 0; k < site->n_qubits; k++)
        wires[k] = w->wire[site->qubits[k]];
    if (site->rotates) {
        const qsti_step step = {.kind = QSTI_STEP_ROTATION, .x = site->x, .z = site->z};
        return keep_rotation(w, &step, 1, 0, wires) || all;
    }
    for (size_t k = 0; k < site->n_qubits; k++) {
        if (all || w->letters[wires[k]] != 0)
            keep = true;
        else
            wires[k] = QSTI_OUTSIDE;
    }
    return keep;
}

/* The sites behind operation o: those before *left, the last first. */
static void add_sites(walker *w, const qsti_sites *sites, size_t o, bool all, size_t *left, qsti_cone *cone)
{
    for (; *left > 0 && sites->all[*left - 1].operation == o; (*left)--) {
        qsti_cone_step step = {.operation = (uint32_t)o, .site = (uint32_t)(*left - 1)};
        if (keep_site(w, &sites->all[step.site], all, step.qubits))
            cone->steps[cone->n_steps++] = step;
        else
            w->reduced |= sites->all[step.site].rotates;
    }
}

qst_status qsti_cone_find(qst_ctx *ctx, const qst_circuit *circuit, const qst_readout *readout, const qsti_sites *sites,
                          unsigned optimize_off, qsti_cone *out)
{
    qst_status status = QST_OK;
    qsti_cone cone = {0};
    size_t most = sites ? sites->n : 0, n_steps = 0, n_sites = most;
    bool off = (optimize_off & QST_OPTIMIZE_CONE) != 0;
    walker w = {.circuit = circuit, .renames = !off && circuit->preparation == QST_PREPARE_ZERO};
    for (size_t o = 0; o < circuit->n_operations; o++) {
        (void)qsti_gate_steps((qst_gate)circuit->operations[o].gate, &n_steps);
        most += n_steps;
    }
    QSTI_TRY(QSTI_NEW(ctx, most, &cone.steps));
    begin(&w, readout, off);
    for (size_t o = circuit->n_operations; o-- > 0;) {
        const qsti_operation *operation = &circuit->operations[o];
        const qsti_step *steps = qsti_gate_steps((qst_gate)operation->gate, &n_steps);
        add_sites(&w, sites, o, off, &n_sites, &cone);
        for (size_t s = n_steps; s-- > 0;) {
            if (!off && !keep_step(&w, operation, steps, n_steps, s))
                continue;
            qsti_cone_step *kept = &cone.steps[cone.n_steps++];
            *kept = (qsti_cone_step){.operation = (uint32_t)o, .site = QSTI_NO_SITE, .step = (uint8_t)s};
            for (size_t k = 0; k < QST_MAX_GATE_QUBITS; k++)
                kept->qubits[k] = w.wire[operation->qubits[k]];
        }
    }
    finish(&w, &cone);
    *out = cone;
    cone.steps = NULL;
done:
    qsti_free(ctx, cone.steps);
    return status;
}

void qsti_cone_clear(qst_ctx *ctx, qsti_cone *cone)
{
    qsti_free(ctx, cone->steps);
    cone->steps = NULL;
}

qst_pauli qsti_cone_pauli(const qsti_cone *cone, size_t n_qubits, qst_pauli pauli)
{
    qst_pauli inside = {0, 0};
    for (size_t q = 0; q < n_qubits; q++) {
        inside.x |= (pauli.x >> q & 1) << cone->qubit_of[q];
        inside.z |= (pauli.z >> q & 1) << cone->qubit_of[q];
    }
    return inside;
}
