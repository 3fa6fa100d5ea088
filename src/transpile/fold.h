/* fold.h: the optimising pass: local gates are pulled through, interactions on one pair of wires become one.
 *
 * The circuit is written as (F_0 x F_1 x ...) W_n ... W_1 with a frame F for each wire and interactions W without local
 * factors, each turned into the frame in which it stands: V F = F (F^-1 V F). Local gates so stand in nobody's way. An
 * interaction exp(i c AA') commutes with all others that have its axis A on the wire that they share, whatever the
 * gates were called: CX with CX on a common control, with RZ, with CP, with RZZ, and their like about any other axis.
 *
 * Nodes go in one after the other. A wire remembers the group of the nodes that came last and commute with each other
 * on it; the interaction that comes meets an earlier one on its pair when everything between commutes with the one or
 * with the other. The two become one: their product, or nothing. A new list comes out; what it makes possible is found
 * by the next pass. Cost O(1) for a node, but a meeting far back turns up to 64 nodes. */
#ifndef QSTI_TRANSPILE_FOLD_H
#define QSTI_TRANSPILE_FOLD_H

#include "transpile/sequence.h"

typedef struct qsti_fold_opts {
    bool merge;   /* interactions on the same pair */
    bool commute; /* past others */
} qsti_fold_opts;

typedef struct qsti_fold qsti_fold;

/* Begins a list on `n_wires` wires. */
qst_status qsti_fold_begin(qsti_store *store, size_t n_wires, qsti_fold_opts opts, qsti_fold **out);
void qsti_fold_abandon(qsti_fold *fold);
/* Ends it; the fold is freed in every case. *out_meetings (may be NULL): how many pairs became one. */
qst_status qsti_fold_finish(qsti_fold *fold, qsti_sequence *out, size_t *out_meetings);

/* Adds a node as it stands in the circuit; a PAIR or SPIN as sequence.h has it. */
qst_status qsti_fold_add(qsti_fold *fold, const qsti_node *node);
/* Adds any unitary of two wires; `condition` as in qsti_node. */
qst_status qsti_fold_unitary(qsti_fold *fold, const uint32_t wires[2], const qsti_matrix4 *unitary, uint32_t condition);
void qsti_fold_phase(qsti_fold *fold, double phase);

/* Passes over `sequence`, in place, until nothing meets. */
qst_status qsti_fold_until_stable(qsti_sequence *sequence, qsti_fold_opts opts);

#endif
