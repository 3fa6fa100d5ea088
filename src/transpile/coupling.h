/* coupling.h: which pairs of a device's qubits may share a gate.
 *
 * Neighbours of p stand at neighbours[first[p] .. first[p+1]), in ascending order; forward[] says of each whether the
 * gate from p to it exists in this direction. distance (n, n): gates between two qubits, UINT16_MAX: no way. */
#ifndef QSTI_TRANSPILE_COUPLING_H
#define QSTI_TRANSPILE_COUPLING_H

#include "base/memory.h"

#define QSTI_COUPLING_MOST 4096 /* qubits: the distances take 2 n^2 bytes */
#define QSTI_NO_WAY        UINT16_MAX

typedef struct qsti_coupling {
    size_t n_qubits; /* 0: everything is coupled with everything */
    size_t n_edges;  /* undirected */
    uint32_t *first, *neighbours;
    bool *forward;
    uint16_t *distance;
    uint32_t *part;    /* (n_qubits): number of the connected part, 0 the largest */
    size_t n_largest;  /* qubits of part 0 */
    uint16_t diameter; /* of its parts */
} qsti_coupling;

/* Reads "full", "line", "ring", "line:N", "ring:N", "grid:RxC", "heavy-hex:D", pairs as in "0-1,1-2", of
 * which "0>1" is one direction, or the path of a JSON file, which has {"n_qubits": n, "coupling_map": [[a, b], ...]};
 * there a pair in one direction means that direction. "line" and "ring" alone are as long as the circuit's n_qubits.
 * Errors: ERR_USAGE, ERR_INPUT, ERR_LIMIT. */
qst_status qsti_coupling_read(qst_ctx *ctx, const char *text, size_t n_qubits, qsti_coupling *out);
/* From pairs. */
qst_status qsti_coupling_of(qst_ctx *ctx, size_t n_qubits, const uint32_t (*pairs)[2], size_t n_pairs, bool directed,
                            qsti_coupling *out);
void qsti_coupling_clear(qst_ctx *ctx, qsti_coupling *coupling);

static inline uint16_t qsti_distance(const qsti_coupling *coupling, uint32_t a, uint32_t b)
{
    return coupling->distance[(size_t)a * coupling->n_qubits + b];
}

/* Whether the gate from a to its neighbour b exists in this direction. */
bool qsti_coupling_forward(const qsti_coupling *coupling, uint32_t a, uint32_t b);

#endif
