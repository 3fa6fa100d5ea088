/* layout.h: where a circuit's qubits begin on a device. */
#ifndef QSTI_TRANSPILE_LAYOUT_H
#define QSTI_TRANSPILE_LAYOUT_H

#include "base/rng.h"
#include "transpile/coupling.h"
#include "transpile/dag.h"

/* Who interacts with whom: neighbours of wire w at others[first[w] .. first[w+1]), how often beside them. */
typedef struct qsti_interactions {
    qst_ctx *ctx;
    size_t n_wires, n_active; /* wires that interact */
    uint32_t *first, *others, *counts;
} qsti_interactions;

qst_status qsti_interactions_create(const qsti_dag *dag, qsti_interactions *out);
void qsti_interactions_clear(qsti_interactions *interactions);

/* All of these fill place (n_qubits of the device): wires that interact go to the largest connected part, the others
 * and the device's idle qubits to what is left. */

/* A layout in which all interactions are between neighbours, by a search of about `most` looks at pairs: subgraph
 * isomorphism, the most constrained wire first [cordella2004]. *out_found: whether there is one. */
qst_status qsti_layout_perfect(const qsti_interactions *interactions, const qsti_coupling *coupling, size_t most,
                               uint32_t *place, bool *out_found);
/* Wire k on the k-th qubit. */
qst_status qsti_layout_trivial(const qsti_interactions *interactions, const qsti_coupling *coupling, uint32_t *place);
/* A connected region around a random qubit, its wires shuffled. */
qst_status qsti_layout_region(const qsti_interactions *interactions, const qsti_coupling *coupling, qsti_rng *rng,
                              uint32_t *place);
/* One wire after the other, next to those that it interacts with most. Cost wires^2 + wires * qubits. */
qst_status qsti_layout_greedy(const qsti_interactions *interactions, const qsti_coupling *coupling, qsti_rng *rng,
                              uint32_t *place);

#endif
