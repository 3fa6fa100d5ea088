/* target.h: a device as the search for a place sees it: logarithms of (1 - error), and which qubits are neighbours.
 *
 * What is not there, dead, or outside the region has the logarithm -INFINITY. Neighbours of p stand at
 * links[first[p] .. first[p+1]), ascending by the other qubit. */
#ifndef QSTI_PLACE_TARGET_H
#define QSTI_PLACE_TARGET_H

#include <qstill/place.h>

#include "base/memory.h"

#define QSTI_TARGET_LOCALS 24 /* gates on one qubit in a basis */

typedef struct qsti_link {
    uint32_t qubit;
    double out, in; /* of the entangler from here to there, and from there to here */
} qsti_link;

typedef struct qsti_target {
    qst_ctx *ctx;
    const qst_device *device;
    qst_device_info info;
    qst_place_opts opts;
    size_t n_qubits;
    bool *allowed;      /* (n_qubits) */
    size_t n_allowed;   /* how many */
    size_t n_live;      /* edges that may be used */
    char *basis;        /* for the transpiler */
    qst_gate entangler; /* QST_GATE_COUNT: none */
    qst_gate locals[QSTI_TARGET_LOCALS];
    size_t n_locals;
    double *local;   /* (n_locals, n_qubits) */
    double *readout; /* (n_qubits) */
    size_t *first;   /* (n_qubits + 1) */
    qsti_link *links;
} qsti_target;

/* Errors: ERR_USAGE (region, layout), ERR_MEMORY. */
qst_status qsti_target_create(qst_ctx *ctx, const qst_device *device, const qst_place_opts *opts, qsti_target *out);
void qsti_target_clear(qsti_target *target);

/* The link from a to b; NULL when they are no neighbours. */
const qsti_link *qsti_target_link(const qsti_target *target, size_t a, size_t b);
/* The better of its two directions. */
static inline double qsti_link_best(const qsti_link *link)
{
    return link->out > link->in ? link->out : link->in;
}
/* u and u3, p and u1, cp and cu1 are one. */
qst_gate qsti_one_name(qst_gate gate);
/* Whether a gate of this name is only kept in mind by the device: rz, p or u1 without error and time. */
bool qsti_is_virtual(const qst_device_gate *entry);
/* log(1 - error) of an entry; 0 where the error is not known; at least that of 1 - 10^-12. */
double qsti_entry_log(const qst_device_gate *entry);

#endif
