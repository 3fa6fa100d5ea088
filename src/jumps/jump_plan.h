/* jump_plan.h: a circuit with its noise as jumps/ runs it: rotations and places of noise in physical coordinates.
 *
 * Amplitude p belongs to the basis state A (p ^ f): A, an invertible matrix over GF(2) that CX and SWAP change, is the
 * same for all trajectories and known when the plan is made; f and the signs are those of a Pauli X^f Z^g by lane, into
 * which X gates and all drawn Paulis go. Both cost nothing. Qubit q is the virtual qubit (x, z) of kernels.h with
 * X^x = X_q and Z^z = Z_q.
 *
 * Relaxation is unravelled so that as little as possible depends on the state. With A = 1 - p1 a, B = 1 - p0 a, m the
 * smaller, its part without a jump multiplies rho00, rho11, rho01 by A, B, c. Two ways (jump_relax.c):
 *
 *   MIX     the identity and Z with probabilities that depend on nothing, s in sum; with 1 - s an event: one of
 *           diag(sqrt(A - s), sqrt(B - s)), |0><1|, |1><0|. s = m for c <= m (T2 <= T1: reset and Z alone);
 *           else s = (A B - c^2) / (A + B - 2 c), and no Z.
 *   DAMP    K0 = diag(c / sqrt(B), sqrt(B)) (B the smaller; A otherwise), of weight at least s = m; with 1 - s an
 *           event: one of K0, diag(1, 0) with weight A - c^2 / B, |0><1|, |1><0|. For c > m where MIX has too many
 * events: T2 near 2 T1.
 */
#ifndef QSTI_JUMPS_JUMP_PLAN_H
#define QSTI_JUMPS_JUMP_PLAN_H

#include "kernels/kernels.h"
#include "noise/engine.h"

#define QSTI_JUMP_MAX_QUBITS 30

typedef enum qsti_jump_sort {
    QSTI_JUMP_TURN,  /* of one virtual qubit: fuses */
    QSTI_JUMP_PHASE, /* x = 0, of several */
    QSTI_JUMP_ALONE  /* any other: in a virtual qubit of its own, with a control */
} qsti_jump_sort;

typedef struct qsti_jump_rotation {
    qsti_mask pauli;
    uint32_t x, z, control; /* virtual qubit; the rotation changes its sign with parity(p & control) */
    uint8_t sort, axis;     /* 0 1 2 for X Y Z of the virtual qubit */
    bool minus;             /* the circuit's Pauli is minus this one */
    bool last;              /* no later rotation is in this virtual qubit */
    qsti_span terms;        /* of the angle */
} qsti_jump_rotation;

/* A Pauli that is drawn when the number is below `upto`, and not below that of the one in front. */
typedef struct qsti_jump_pauli {
    double upto;
    uint32_t x, z;
} qsti_jump_pauli;

/* diag(k0, k1), or |to><1 - to|; drawn with weight0 P0 + weight1 P1. */
typedef struct qsti_jump_kraus {
    double weight0, weight1, k00, k01, k10, k11;
} qsti_jump_kraus;

typedef struct qsti_jump_relax {
    uint32_t x, z;
    double no_change, no_event; /* below the first: nothing; below the second: Z; else an event */
    bool damps;                 /* no event: diag(damp) */
    double damp[2];             /* the larger is 1 */
    qsti_jump_kraus kraus[4];
} qsti_jump_relax;

typedef enum qsti_jump_kind {
    QSTI_JUMP_ROTATE,
    QSTI_JUMP_FLIP, /* X^x on all lanes */
    QSTI_JUMP_PAULI,
    QSTI_JUMP_RELAX
} qsti_jump_kind;

typedef struct qsti_jump_step {
    uint32_t kind, first, count; /* index; of PAULI a span; of FLIP the mask */
    uint32_t place;              /* number of the place of noise */
} qsti_jump_step;

typedef struct qsti_jump_plan {
    qst_ctx *ctx;
    size_t n_qubits;
    qsti_jump_step *steps;
    size_t n_steps;
    qsti_jump_rotation *rotations;
    size_t n_rotations;
    qst_term *terms;
    size_t n_terms;
    qsti_jump_pauli *paulis;
    size_t n_paulis;
    qsti_jump_relax *relaxes;
    size_t n_relaxes;
    size_t n_places;                                           /* that draw */
    size_t n_channels;                                         /* and coherent ones */
    double n_events;                                           /* expected a trajectory */
    uint32_t x[QSTI_JUMP_MAX_QUBITS], z[QSTI_JUMP_MAX_QUBITS]; /* of the qubits at the end */
} qsti_jump_plan;

qst_status qsti_jump_plan_make(qst_ctx *ctx, const qst_circuit *circuit, const qst_noise *noise, double strength,
                               qsti_jump_plan *out);
void qsti_jump_plan_clear(qsti_jump_plan *plan);

/* A Pauli of the circuit in the plan's coordinates at the end; *out_minus: with a sign. */
qsti_mask qsti_jump_plan_pauli(const qsti_jump_plan *plan, qst_pauli pauli, bool *out_minus);

/* jump_relax.c: the unravelling of one relaxation; x and z are left alone. */
void qsti_jump_relax_make(const qst_relaxation *relaxation, qsti_jump_relax *out);

#endif
