/* search.h: layouts and routes by many trials, the best after resynthesis kept. */
#ifndef QSTI_TRANSPILE_SEARCH_H
#define QSTI_TRANSPILE_SEARCH_H

#include "transpile/fold.h"
#include "transpile/layout.h"
#include "transpile/router.h"

typedef struct qsti_search_opts {
    uint64_t seed;
    size_t most_trials;
    size_t budget;    /* looks at a pair, over all trials but the one that is always made */
    size_t finalists; /* routes that are resynthesised in full */
    bool trivial;     /* begin with wire k on qubit k, and nothing else */
    bool keep;        /* and refuse where that is in two parts of the map */
    qsti_fold_opts fold;
} qsti_search_opts;

/* Routes `sequence` on a map. out: a sequence on the device's qubits; initial and final (n_qubits of the device): where
 * each wire begins and ends, idle ones included; *out_trials: how many; *out_exchanges: in the route. Errors:
 * ERR_MISMATCH when the circuit does not fit on the device. */
qst_status qsti_search(const qsti_sequence *sequence, const qst_assembly *assembly, const qsti_coupling *coupling,
                       const qsti_search_opts *opts, qsti_sequence *out, uint32_t *initial, uint32_t *final,
                       size_t *out_trials, size_t *out_exchanges);

/* CX gates of a sequence, and the longest way through them. */
qst_status qsti_sequence_cost(const qsti_sequence *sequence, size_t *out_cx, size_t *out_depth);

#endif
