/* qstill/density.h: an assembly run on a device: its density matrix with the noise of the calibration, and outcomes.
 *
 *     qst_density_opts opts = {.device = device};
 *     qst_density_simulate(assembly, &opts, &density);
 *     qst_density_outcomes(density, 1024, seed, &outcomes);
 *
 * Behind each gate comes the noise of the device's entry for it on these qubits (device.h; docs/devices.md has the
 * model). Nothing else is noisy: no crosstalk, no leakage, no coherent errors, no noise on qubits that wait.
 */
#ifndef QSTILL_DENSITY_H
#define QSTILL_DENSITY_H

#include <qstill/device.h>
#include <qstill/execute.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The most qubits with gates. */
#define QST_DENSITY_MAX_QUBITS 10

/* All members but the device may be zero. */
typedef struct qst_density_opts {
    const qst_device *device;
    const double *parameters;  /* as many as the assembly has */
    const size_t *layout;      /* (n_layout) which qubit of the device each of the assembly is; NULL: of its number */
    size_t n_layout;           /* the assembly's qubits */
    const size_t *measured;    /* of an assembly that measures nothing: which qubits are, in this order; NULL: all */
    size_t n_measured;         /* 0 with NULL */
    double temperature_mk;     /* of the qubits */
    qst_readout_model readout; /* errors of the classical bits */
} qst_density_opts;

typedef struct qst_density qst_density;

/* Runs the assembly from |0...0>. Its gates, those of calls, controls and inverses expanded, must be the device's: each
 * needs an entry on its qubits in their order. A call of a definition whose name is that of such a gate, and whose body
 * is that gate up to a global phase, is the gate. Barriers and global phases do nothing, nor does an id for which there
 * is no entry. Entries that are dead are warned of. Assembly and device must outlive the result. Errors: ERR_MISMATCH
 * (a gate that the device does not have there, a layout of another length, too many qubits for the device), ERR_USAGE
 * (layout, temperature), ERR_UNSUPPORTED (measurement in the middle, reset, condition), ERR_LIMIT for gates on more
 * than 10 qubits, those of qst_assembly_walk(). Cost O(gates * 4^k) for gates on k qubits in all. */
QST_API qst_status qst_density_simulate(const qst_assembly *assembly, const qst_density_opts *opts, qst_density **out);
QST_API void qst_density_free(qst_density *density);

/* The qubits of the device that gates act on, ascending; returns k. Borrowed. */
QST_API size_t qst_density_qubits(const qst_density *density, const size_t **out);
/* (2^k, 2^k) row-major, behind all gates and before measurements; the lowest of these qubits is the least significant
 * bit. Borrowed. */
QST_API const double _Complex *qst_density_matrix(const qst_density *density);

/* Outcomes as qst_assembly_execute() gives them, bits read with the errors of the device; n_shots 0: exact
 * probabilities. An assembly that measures nothing is measured at its end, bit i being its i-th measured qubit.
 * <Z> is that of the density matrix, without errors of readout. Errors: ERR_LIMIT for more than 2^24 outcomes with
 * exact probabilities. */
QST_API qst_status qst_density_outcomes(const qst_density *density, size_t n_shots, uint64_t seed, qst_outcomes **out);

#ifdef __cplusplus
}
#endif
#endif
