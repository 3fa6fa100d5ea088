/* algebra.h: masks over GF(2), and which Paulis a gate is made of: what decides who commutes with whom.
 *
 * The Paulis in the algebra of a virtual qubit (x, z) with control c are X, Y, Z and each of them times Z^c; a set of
 * them is a byte, `kinds`.
 */
#ifndef QSTI_SIM_ALGEBRA_H
#define QSTI_SIM_ALGEBRA_H

#include "sim/program.h"

/* --- subspaces of masks ------------------------------------------------------------------------------------------- */

/* basis[b]: the member whose highest bit is b, or 0. */
typedef struct qsti_subspace {
    uint32_t basis[QSTI_MAX_QUBITS];
    size_t rank;
} qsti_subspace;

/* What is left of a mask modulo the subspace: 0 when it is inside. */
static inline uint32_t qsti_subspace_reduce(const qsti_subspace *space, uint32_t mask)
{
    for (uint32_t rest = mask; rest != 0;) {
        int bit = 31 - __builtin_clz(rest);
        if (space->basis[bit] != 0)
            mask ^= space->basis[bit];
        rest = mask & (((uint32_t)1 << bit) - 1);
    }
    return mask;
}

/* Adds a mask; false when it was inside. */
static inline bool qsti_subspace_add(qsti_subspace *space, uint32_t mask)
{
    mask = qsti_subspace_reduce(space, mask);
    if (mask == 0)
        return false;
    space->basis[31 - __builtin_clz(mask)] = mask;
    space->rank++;
    return true;
}

/* Whether all its members have even overlap with a mask. */
static inline bool qsti_subspace_even(const qsti_subspace *space, uint32_t mask)
{
    for (size_t bit = 0; bit < QSTI_MAX_QUBITS; bit++)
        if (qsti_parity(space->basis[bit], mask))
            return false;
    return true;
}

/* --- gates -------------------------------------------------------------------------------------------------------- */

#define QSTI_KIND(axis, controlled) ((uint8_t)(1U << (2 * (unsigned)(axis) + (unsigned)(controlled))))
#define QSTI_KINDS(axis)            ((uint8_t)(3U << (2 * (unsigned)(axis))))

/* Whether a Pauli commutes with all these kinds. */
static inline bool qsti_kinds_commute(uint32_t x, uint32_t z, uint32_t control, uint8_t kinds, qsti_mask pauli)
{
    unsigned flips = qsti_parity(x, pauli.z), by_z = qsti_parity(z, pauli.x),
             by_control = qsti_parity(control, pauli.x);
    unsigned odd[3] = {flips, flips ^ by_z, by_z};
    for (unsigned axis = 0; axis < 3; axis++) {
        if (kinds & QSTI_KIND(axis, 0) && odd[axis])
            return false;
        if (kinds & QSTI_KIND(axis, 1) && odd[axis] ^ by_control)
            return false;
    }
    return true;
}

/* Whether gates a and b, of these kinds, commute in all that their algebras hold of them. */
static inline bool qsti_gates_commute(const qsti_gate *a, uint8_t a_kinds, const qsti_gate *b, uint8_t b_kinds)
{
    for (unsigned axis = 0; axis < 3; axis++) {
        for (unsigned controlled = 0; controlled < 2; controlled++) {
            qsti_mask pauli = {.x = axis == QSTI_AXIS_Z ? 0 : b->x,
                               .z = (axis == QSTI_AXIS_X ? 0 : b->z) ^ (controlled ? b->control : 0)};
            if (b_kinds & QSTI_KIND(axis, controlled) && !qsti_kinds_commute(a->x, a->z, a->control, a_kinds, pauli))
                return false;
        }
    }
    return true;
}

/* The kinds of a gate's rotations. */
static inline uint8_t qsti_gate_kinds(const qst_program *program, const qsti_gate *gate)
{
    uint8_t kinds = 0;
    for (size_t r = gate->first; r < gate->first + gate->count; r++) {
        const qsti_rotation *rotation = &program->rotations[r];
        kinds |= QSTI_KIND(qsti_rotation_axis(rotation), qsti_rotation_controlled(gate, rotation));
    }
    return kinds;
}

/* The kinds of all gates, out (n_gates). */
static inline void qsti_all_gate_kinds(const qst_program *program, uint8_t *out)
{
    for (size_t g = 0; g < program->n_gates; g++)
        out[g] = qsti_gate_kinds(program, &program->gates[g]);
}

/* How many items, or passes in the making, a search for one that may be moved goes by before it gives up: several
 * layers of a usual circuit, and what keeps its cost linear in the circuit's length. */
static inline size_t qsti_search_window(const qst_program *program)
{
    return 16 * program->n_qubits + 64;
}

#endif
