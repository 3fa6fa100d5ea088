/* sequence.h: a circuit on its way through the passes: a list of nodes on wires.
 *
 *   PAIR   (k_0 x k_1)^-1 exp(i (c_0 XX + c_1 YY + c_2 ZZ)) (k_0 x k_1), c in the chamber of weyl.h
 *   SPIN   k_0^-1 RZ(polynomial) k_0, the angle free; its constant part is no part of it
 *   LOCAL  k_0
 *   PHASE  exp(i (c_0 + polynomial `extra` - 1)), extra 0: none; only where a condition stands before it
 *
 * and measurements, resets and barriers. An unconditioned PAIR has no local factors of its own: they lie in LOCAL
 * nodes. Sequences of one run share a store for what has no fixed size; it only grows. */
#ifndef QSTI_TRANSPILE_SEQUENCE_H
#define QSTI_TRANSPILE_SEQUENCE_H

#include <qstill/assembly.h>

#include "base/memory.h"
#include "transpile/weyl.h"

typedef enum qsti_node_kind {
    QSTI_NODE_NONE, /* taken out */
    QSTI_NODE_PAIR,
    QSTI_NODE_SPIN,
    QSTI_NODE_LOCAL,
    QSTI_NODE_PHASE,
    QSTI_NODE_MEASURE,
    QSTI_NODE_RESET,
    QSTI_NODE_BARRIER
} qsti_node_kind;

#define QSTI_MOST_TERMS 64 /* of a polynomial; what has more is several rotations, or several phases */

typedef struct qsti_node {
    uint8_t kind;       /* qsti_node_kind */
    uint32_t wires[2];  /* BARRIER: first in the store's list, and how many */
    uint32_t extra;     /* MEASURE: the bit, SPIN: the polynomial, PHASE: 1 + that */
    uint32_t condition; /* 1 + number of the condition, 0: none */
    qsti_su2 k[2];
    double c[3];
} qsti_node;

typedef struct qsti_guard {
    size_t bits; /* register */
    uint64_t value;
} qsti_guard;

typedef struct qsti_range {
    size_t first, count;
} qsti_range;

typedef struct qsti_store {
    qst_ctx *ctx;
    qst_term *terms;
    size_t n_terms, terms_capacity;
    qsti_range *polynomials; /* of terms */
    size_t n_polynomials, polynomials_capacity;
    uint32_t *wires; /* of barriers */
    size_t n_wires, wires_capacity;
    qsti_guard *conditions;
    size_t n_conditions, conditions_capacity;
    qst_term *phase; /* free part of the global phase */
    size_t n_phase, phase_capacity;
} qsti_store;

void qsti_store_clear(qsti_store *store);
/* Polynomial sign * a + b, like terms added up, those of 0 left out; b may be SIZE_MAX: none. */
qst_status qsti_store_sum(qsti_store *store, double sign, size_t a, size_t b, uint32_t *out);
qst_status qsti_store_polynomial(qsti_store *store, const qst_term *terms, size_t n_terms, uint32_t *out);
/* Room for n terms behind the store's last, good until the store grows. */
qst_status qsti_store_terms(qsti_store *store, size_t n, qst_term **out);
qst_status qsti_store_phase(qsti_store *store, double factor, const qst_term *terms, size_t n_terms);
qst_status qsti_store_condition(qsti_store *store, size_t bits, uint64_t value, uint32_t *out);
/* A list of wires for a barrier; where it begins. */
qst_status qsti_store_wires(qsti_store *store, size_t n, uint32_t *out_first);

typedef struct qsti_sequence {
    qsti_store *store; /* borrowed */
    size_t n_wires;
    qsti_node *nodes;
    size_t n_nodes, capacity;
    double phase; /* global, the constant part */
} qsti_sequence;

void qsti_sequence_clear(qsti_sequence *sequence);
qst_status qsti_sequence_append(qsti_sequence *sequence, const qsti_node *node);

/* The wires of a node; *out_n is 0 for PHASE. */
const uint32_t *qsti_node_wires(const qsti_store *store, const qsti_node *node, size_t *out_n);

/* The node on other wires: k becomes place[k]. A barrier gets a list of its own. */
qst_status qsti_node_move(qsti_store *store, const qsti_node *node, const uint32_t *place, qsti_node *out);

/* What the node commutes with on its `slot`-th wire: itself about this axis. False when there is none. */
bool qsti_node_axis(const qsti_node *node, int slot, qsti_axis *out);

/* SWAP as a node, less the phase that it leaves. */
#define QSTI_SWAP_PHASE (-QSTI_PI / 4)
qsti_node qsti_node_swap(uint32_t a, uint32_t b);

#endif
