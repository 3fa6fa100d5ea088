/* router.h: brings the qubits of a circuit next to each other, by exchanging neighbours.
 *
 * The heuristic is SABRE's [li2019]: of the exchanges that touch a gate that waits, the one after which waiting and
 * coming gates are nearest. New here: an exchange costs what it costs after resynthesis. SWAP on the pair where an
 * interaction has just run takes 3 CX - what that took, or less: nothing behind a general one, 1 behind a CX or a CP
 * [cross2019, zulehner2019]; and gates that commute may run in any order. Every trial draws its own weights. */
#ifndef QSTI_TRANSPILE_ROUTER_H
#define QSTI_TRANSPILE_ROUTER_H

#include "transpile/coupling.h"
#include "transpile/dag.h"

typedef struct qsti_router qsti_router;

/* What a trial weighs. */
typedef struct qsti_route_weights {
    double ahead;     /* of the gates to come against those that wait */
    double fading;    /* by each step ahead */
    uint32_t depth;   /* steps ahead on each wire */
    double cost;      /* of CX gates against distance */
    double tiredness; /* of qubits that have just moved */
    double noise;
} qsti_route_weights;

/* One step of a route: node `a` with b = QSTI_ROUTE_NODE, or an exchange of the device's qubits a and b. */
#define QSTI_ROUTE_NODE UINT32_MAX
typedef struct qsti_route_step {
    uint32_t a, b;
} qsti_route_step;

/* Both are borrowed. */
qst_status qsti_router_create(qst_ctx *ctx, const qsti_dag *dag, const qsti_coupling *coupling, qsti_router **out);
void qsti_router_free(qsti_router *router);

/* Runs all nodes from the layout place[wire] = qubit (n_qubits of the device; wires beyond the circuit's are idle
 * ones), which becomes the final one; backwards: from the last node to the first. The number of CX gates is estimated
 * in *out_cx. Errors: ERR_MEMORY. */
qst_status qsti_router_run(qsti_router *router, uint32_t *place, bool backwards, const qsti_route_weights *weights,
                           uint64_t seed, size_t *out_cx);
/* The steps of the latest run; owned by the router. */
const qsti_route_step *qsti_router_steps(const qsti_router *router, size_t *out_n);
/* What all runs have cost so far, in looks at a pair. */
size_t qsti_router_work(const qsti_router *router);

#endif
