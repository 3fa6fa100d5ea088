/* dissolve.h: an assembly as a sequence of interactions, rotations and local gates. */
#ifndef QSTI_TRANSPILE_DISSOLVE_H
#define QSTI_TRANSPILE_DISSOLVE_H

#include "transpile/fold.h"

/* Walks over the assembly and puts it into `fold`, wire k for qubit k. With `elide` a SWAP is no gate: its qubits go on
 * on each other's wire. at (n_qubits): on which wire each qubit ends, identity on entry. Gates on three and more qubits
 * become CX and rotations about Z: a phase polynomial in the order of Gray's code, 2^k - 2 CX [bullock2004]. Errors:
 * those of qst_assembly_walk(). */
qst_status qsti_dissolve(const qst_assembly *assembly, bool elide, qsti_fold *fold, qsti_store *store, uint32_t *at);

#endif
