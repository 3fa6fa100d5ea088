/* qstill/place.h: a circuit on a device: on which of its qubits, in its gates, with weights and features still free.
 *
 *     qst_place(ctx, circuit, device, NULL, &placed);
 *     qst_placed_readout(placed, readout, &there);
 *     qst_program_compile(ctx, qst_placed_circuit(placed), there,
 *                         &(qst_compile_opts){.noise = qst_placed_noise(placed)}, &program);
 *
 * The placed circuit has the weights and features of the one it was made from, and its values up to rounding where
 * there is no noise. Its qubits are those of the device that it uses, ascending.
 */
#ifndef QSTILL_PLACE_H
#define QSTILL_PLACE_H

#include <qstill/noise.h>

#ifdef __cplusplus
extern "C" {
#endif

/* All members may be zero. */
typedef struct qst_place_opts {
    const size_t
        *layout; /* (n_layout) the circuit's qubit i begins on this qubit of the device; NULL: the best there is */
    size_t n_layout;
    const size_t *region; /* (n_region) only these qubits of the device are used; NULL: any */
    size_t n_region;
    bool allow_dead_edges;
    double temperature_mk;
    qst_readout_model readout;
    uint64_t seed; /* of routes, where the circuit needs any */
} qst_place_opts;

typedef struct qst_placed qst_placed;

/* Every way to put the circuit's interactions on edges of the map is scored by the expected fidelity: the product of
 * (1 - error) over gates and of (1 - readout error) over qubits that are measured; the best counts, of equal ones the
 * first. Where the interactions do not fit, the best connected regions are routed (transpile.h) and scored. Only gates
 * of the device's basis that it has there are used, and no dead one. Errors: ERR_MISMATCH (does not fit: how many
 * qubits and edges there are; a layout of another length), ERR_USAGE (a qubit that the device does not have, a dead
 * edge asked for), ERR_UNSUPPORTED (a preparation by features; a basis from which the gates cannot be made), ERR_LIMIT.
 * Cost: that of the search, bounded; docs/placing.md. */
QST_API qst_status qst_place(qst_ctx *ctx, const qst_circuit *circuit, const qst_device *device,
                             const qst_place_opts *opts, qst_placed **out);
QST_API void qst_placed_free(qst_placed *placed);

typedef struct qst_placed_info {
    size_t n_qubits;          /* that are used */
    const size_t *qubits;     /* (n_qubits) the device's numbers, ascending: qubit i of the placed circuit */
    size_t n_circuit_qubits;  /* of the circuit */
    const size_t *initial;    /* (n_circuit_qubits) the placed circuit's qubit on which each of the circuit's begins */
    const size_t *final;      /* and on which it ends */
    const size_t (*edges)[2]; /* (n_edges) the device's pairs that are used, ascending */
    size_t n_edges;
    size_t gates, two_qubit_gates, depth; /* virtual gates left out: those without error and time */
    size_t exchanges;                     /* swaps that routing put in; 0: the circuit follows the map */
    double duration_ns; /* of the longest way, measurement not included; NaN where a time is not known */
    double fidelity;    /* expected, readout included */
    double runner_up;   /* that of the best placement on other qubits; NaN: there was none to compare with */
    size_t n_scored;    /* placements that were compared */
    bool complete;      /* all there are were compared */
} qst_placed_info;
QST_API void qst_placed_describe(const qst_placed *placed, qst_placed_info *out);

/* Borrowed: the circuit, and its noise by the calibration. */
QST_API const qst_circuit *qst_placed_circuit(const qst_placed *placed);
QST_API const qst_noise *qst_placed_noise(const qst_placed *placed);
/* A readout of the circuit on the qubits where they end. Probabilities and their groups stay what they are where the
 * circuit's qubits are the placed one's in their order; else they become sums of Paulis, of the same values. Errors:
 * ERR_UNSUPPORTED for amplitudes, ERR_LIMIT for more than 2^22 terms. */
QST_API qst_status qst_placed_readout(const qst_placed *placed, const qst_readout *readout, qst_readout **out);

#ifdef __cplusplus
}
#endif
#endif
