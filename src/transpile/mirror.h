/* mirror.h: interactions that are cheaper with a SWAP behind them. */
#ifndef QSTI_TRANSPILE_MIRROR_H
#define QSTI_TRANSPILE_MIRROR_H

#include "transpile/fold.h"

/* W becomes SWAP W wherever that takes fewer CX gates, as for SWAP (none), iSWAP (one) and their neighbourhood in the
 * chamber; what comes later goes on with the wires exchanged [cross2019, mckinney2023]. at (n_qubits): where each qubit
 * ends, brought up to date. */
qst_status qsti_mirror(qsti_sequence *sequence, qsti_fold_opts opts, uint32_t *at);

#endif
