/* qstill/measure.h: a circuit's outputs as they are measured: circuits for groups of commuting observables, on a device
 * or not, with shots or exactly, with or without mitigation.
 *
 *     qst_measure_opts opts = {.device = device, .shots = 1024, .mitigation = {.readout = true}};
 *     qst_measurement_create(ctx, circuit, readout, &opts, &measurement);
 *     qst_measurement_values(measurement, weights, x, seed, 0, values, variances);
 */
#ifndef QSTILL_MEASURE_H
#define QSTILL_MEASURE_H

#include <qstill/place.h>
#include <qstill/simulate.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum qst_extrapolation {
    QST_EXTRAPOLATE_LINEAR,     /* least squares a + b s */
    QST_EXTRAPOLATE_POLYNOMIAL, /* through all points [temme2017] */
    QST_EXTRAPOLATE_EXPONENTIAL /* c + a r^s (docs/measuring.md), where values fall towards c; else linear */
} qst_extrapolation;

typedef struct qst_mitigation {
    bool readout;         /* counts through the inverse of the readout matrices, the nearest probabilities */
    const double *scales; /* (n_scales 2..16, ascending) zero-noise extrapolation: circuits folded to s times their
                           * noisy gates, s >= 1 */
    size_t n_scales;      /* 0: no extrapolation */
    bool choose_scales;   /* of `scales` those are used, per sample, whose signal stands out of the shots' noise: the
                           * first ones with sum_k (value_k - centre_k)^2 > 4 sum_k variance_k (docs/measuring.md) */
    qst_extrapolation extrapolation;
} qst_mitigation;

/* All members may be zero: exact values without noise. */
typedef struct qst_measure_opts {
    const qst_device *device; /* the circuits are placed there (place.h), all on the same qubits; must outlive it */
    qst_place_opts place;
    const qst_noise *noise; /* without a device: of circuits as they are; copied */
    double noise_strength;  /* 0: 1 */
    qst_noise_method noise_method;
    bool twirl;
    size_t trajectories; /* a sample; 0: as many as shots, at most 256 (exact: 256) */
    double memory_limit;
    size_t shots; /* for each circuit, folded ones included; 0: exact. At most 2^31 */
    qst_mitigation mitigation;
} qst_measure_opts;

typedef struct qst_measurement qst_measurement;

/* Groups the readout's Paulis into sets that are read from one basis of single qubits (greedy, by order), puts the
 * change of basis behind the circuit, places, folds, and compiles. Copies circuit and readout. Errors: those of
 * qst_place() and qst_program_compile(); ERR_UNSUPPORTED (amplitudes as outputs, a gate that cannot be folded, errors
 * of readout that cannot be inverted); ERR_USAGE (scales, a device and a model of noise); ERR_MISMATCH (scales to which
 * the circuit has too few gates); ERR_LIMIT above 20 qubits, but for exact values without a change of basis. */
QST_API qst_status qst_measurement_create(qst_ctx *ctx, const qst_circuit *circuit, const qst_readout *readout,
                                          const qst_measure_opts *opts, qst_measurement **out);
QST_API void qst_measurement_free(qst_measurement *measurement);

typedef struct qst_measurement_info {
    size_t n_groups;          /* circuits a sample, folded ones not counted */
    size_t n_circuits;        /* circuits a sample, folded ones counted */
    uint64_t shots;           /* a sample: n_circuits * shots */
    const qst_placed *placed; /* of group 0, not folded; NULL without a device */
    qst_noise_info noise;
} qst_measurement_info;
QST_API void qst_measurement_describe(const qst_measurement *measurement, qst_measurement_info *out);

/* out (B, K) = the outputs; variances (B, K), data may be NULL, = the estimated variance of each from its shots, 0
 * where exact. Row i's shots are those of (seed, first_row + i, group, scale): a pure function, the same bits for any
 * number of threads and any cutting into batches. One shot says nothing of its variance: infinity. Probabilities that
 * are mitigated are the nearest that add up to 1; variances are those before that. Errors: ERR_MISMATCH on shapes,
 * those of qst_program_forward(). Cost: that of the circuits, and O((2^n K + shots) circuits) a row. */
QST_API qst_status qst_measurement_values(qst_measurement *measurement, const double *weights, qst_const_matrix x,
                                          uint64_t seed, uint64_t first_row, qst_matrix out, qst_matrix variances);

/* The circuit of a group as it runs (placed, with its change of basis), weights and features free, and which of its
 * qubits is which bit of the outcome: bits[k] is that of the readout's qubit k, (n). group < n_groups. Borrowed. */
QST_API const qst_circuit *qst_measurement_circuit(const qst_measurement *measurement, size_t group,
                                                   const size_t **bits);

/* One group's outcomes of one sample: bit k of outcome[i] is the readout's qubit k. */
typedef struct qst_counts {
    const uint64_t *outcomes, *counts; /* (n) */
    size_t n;
} qst_counts;

/* Outputs (K) from counts of every group (n_groups, no folding), mitigated as the options say; variances may be NULL.
 * Errors: ERR_INPUT (no shots, an outcome out of range), ERR_LIMIT above 20 qubits. */
QST_API qst_status qst_measurement_from_counts(const qst_measurement *measurement, const qst_counts *groups,
                                               double *values, double *variances);

/* --- adaptive shots ----------------------------------------------------------------------------------------------- */

/* Whether a sample (row of x) has been decided: called with its estimates so far, by the calling thread. To be wrong
 * with probability alpha at most in all looks together, each takes alpha / n_looks. */
typedef bool qst_decided_fn(void *user, size_t row, const double *values, const double *variances);
/* As qst_measurement_values(), but each sample is measured in `n_looks` portions of the shots and left as soon as it is
 * decided. out_shots (B) = those used, of all circuits; may be NULL. Errors: also ERR_USAGE (no shots, looks not in
 * 1..shots). */
QST_API qst_status qst_measurement_adaptive(qst_measurement *measurement, const double *weights, qst_const_matrix x,
                                            uint64_t seed, uint64_t first_row, size_t n_looks, qst_decided_fn *decided,
                                            void *user, qst_matrix out, qst_matrix variances, uint64_t *out_shots);

/* A decision for outputs that are scores of classes; `user` is a qst_margin. Decided is a row whose largest output a
 * stands above each other output b by more than chance: P(Z > (value_a - value_b) / (error_a + error_b)) at most alpha
 * / (n_looks (n_outputs - 1)), errors being standard errors; of a single output, its sign. Normal approximation:
 * portions of at least some 30 shots. */
typedef struct qst_margin {
    double alpha;   /* the chance to decide wrongly in all looks together */
    size_t n_looks; /* those of the call */
    size_t n_outputs;
} qst_margin;
QST_API bool qst_decided_by_margin(void *margin, size_t row, const double *values, const double *variances);

/* --- gradients from shots ----------------------------------------------------------------------------------------- */

/* out_weights (P) = the gradient of sum_bk cotangent[b][k] value[b][k] by the parameter-shift rule on every angle with
 * a weight in it, each value from shots of its own: two circuits an angle [schuld2019], four for controlled rotations
 * [anselmetti2021], gates and their noise as they are. Its expectation is the exact gradient (of values whose errors of
 * readout are inverted without looking for the nearest probabilities). *out_shots += those used. Errors: those of
 * qst_measurement_values(); ERR_UNSUPPORTED with zero-noise extrapolation by exponentials or from chosen scales. */
QST_API qst_status qst_measurement_shift(qst_measurement *measurement, const double *weights, qst_const_matrix x,
                                         qst_const_matrix cotangent, uint64_t seed, uint64_t first_row,
                                         double *out_weights, uint64_t *out_shots);
/* Shots that qst_measurement_shift() takes for one sample, and circuits: those that it does run. */
QST_API void qst_measurement_shift_cost(const qst_measurement *measurement, uint64_t *out_circuits,
                                        uint64_t *out_shots);
/* Shots a circuit from now on (a schedule); at least 1. Errors: ERR_USAGE, also where it was made for exact values. */
QST_API qst_status qst_measurement_set_shots(qst_measurement *measurement, size_t shots);
/* Noise of another strength from now on. Errors: those of qst_program_set_noise_strength(); what it is then is the
 * strength before or the new one, by circuit: to be set again. */
QST_API qst_status qst_measurement_set_noise_strength(qst_measurement *measurement, double strength);

/* --- what sampled values are worth -------------------------------------------------------------------------------- */

/* The 95 % interval of a value. sign_shots 0: value +- 1.96 standard errors; else the value is the mean of so many
 * outcomes +1 and -1, all of them counted: Wilson's [wilson1927], whatever the variance. */
QST_API void qst_value_interval(double value, double variance, uint64_t sign_shots, double *out_low, double *out_high);

/* sum over samples and outputs of (m_T - m_S)^2 from sampled values: the raw sum, and the one without the bias of the
 * shots, which subtracts the variances; variances' data NULL: that side is exact. */
QST_API void qst_squared_distance(qst_const_matrix teacher, qst_const_matrix teacher_variances,
                                  qst_const_matrix student, qst_const_matrix student_variances, double *out_raw,
                                  double *out_corrected);

#ifdef __cplusplus
}
#endif
#endif
