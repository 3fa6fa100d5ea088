/* qstill/algorithms.h: standard algorithms as assemblies, ready to run, draw and write. docs/algorithms.md has each
 * with its known result.
 */
#ifndef QSTILL_ALGORITHMS_H
#define QSTILL_ALGORITHMS_H

#include <qstill/assembly.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct qst_algorithm_info {
    const char *name, *about;
} qst_algorithm_info;

/* All of algorithms.def; returns how many. */
QST_API size_t qst_algorithms(const qst_algorithm_info **out);

/* Members of other algorithms are not looked at. */
typedef struct qst_algorithm_opts {
    const char *name;
    size_t qubits; /* qft, iqft, ghz, tfim: of the register; grover: searched; qpe: counting; bv: length of the secret,
                      may be 0 */
    bool no_swaps; /* qft, iqft: leave the bits in reverse order */
    const uint64_t *marked; /* grover: basis states, each once */
    size_t n_marked;
    const qst_assembly *oracle; /* grover: in place of `marked`: gates on the searched qubits and, behind them, ancillas
                                   that start and end in |0> */
    size_t iterations;  /* grover: 0: the number that is best for the marked states; an oracle's is taken to mark one */
    double phase;       /* qpe: 0 <= phase < 1 of the eigenvalue of p(2 pi phase) at |1> */
    const char *secret; /* bv: "1011", bit 0 right-most */
    double time;        /* tfim: > 0 */
    size_t steps;       /* tfim: Trotter steps >= 1 */
    int order;          /* tfim: 1, or 2 (symmetric); 0: 2 */
    double coupling, field; /* tfim: J and h of H = -J sum Z_i Z_i+1 - h sum X_i */
    bool periodic;          /* tfim: also between the last and the first, n >= 3 */
    bool no_measurement;    /* grover, qpe, ghz, bv: leave out the measurements at the end */
} qst_algorithm_opts;

/* Builds. qft [coppersmith1994], grover [grover1996, boyer1998], qpe [kitaev1995], bv [bernstein1997], tfim by products
 * [suzuki1976]. Errors: ERR_USAGE for a name that is none (with the nearest), and for what is missing, too much or out
 * of range. */
QST_API qst_status qst_algorithm(qst_ctx *ctx, const qst_algorithm_opts *opts, qst_assembly **out);

/* grover: how many iterations are best for `n_marked` of 2^qubits states, and the probability of success after
 * `iterations`. */
QST_API size_t qst_grover_iterations(size_t qubits, size_t n_marked);
QST_API double qst_grover_success(size_t qubits, size_t n_marked, size_t iterations);

#ifdef __cplusplus
}
#endif
#endif
