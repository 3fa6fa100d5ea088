/* qstill/simulate.h: run circuits on batches of samples, exactly; values, states and gradients.
 *
 * A circuit with its readout is compiled once into a program; running it is a pure function of weights and features.
 * Values have the same bits for any number of threads.
 */
#ifndef QSTILL_SIMULATE_H
#define QSTILL_SIMULATE_H

#include <complex.h>

#include <qstill/noise.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum qst_precision { QST_DOUBLE, QST_SINGLE } qst_precision;

typedef struct qst_program qst_program;

/* What the compiler may do; each is a bit of `optimize_off`, for tests and measurements. All of them leave the numbers
 * as they are, to rounding. */
typedef enum qst_optimization {
#define QST_OPTIMIZATION(name, bit, about) QST_OPTIMIZE_##name = 1 << (bit),
#include <qstill/optimizations.def>
#undef QST_OPTIMIZATION
    QST_OPTIMIZE_ALL = 0xff
} qst_optimization;

/* How a state lies in memory: SMALL, samples in the lanes of a vector, all of a batch at once; WIDE, one sample's
 * amplitudes in the lanes, threads inside the state. AUTO: by the number of qubits. */
typedef enum qst_layout { QST_LAYOUT_AUTO, QST_LAYOUT_SMALL, QST_LAYOUT_WIDE } qst_layout;

/* How noise is run. */
typedef enum qst_noise_method {
    QST_NOISE_AUTO,        /* EXACT up to 10 qubits where memory_limit allows it, else TRAJECTORIES */
    QST_NOISE_EXACT,       /* the density matrix, as Pauli coefficients: at most 10 qubits */
    QST_NOISE_TRAJECTORIES /* the mean over drawn errors */
} qst_noise_method;

/* All members may be zero. */
typedef struct qst_compile_opts {
    qst_precision precision;
    qst_layout layout;
    unsigned optimize_off; /* qst_optimization bits that are not to be used */
    /* With noise, values are those of the noisy circuit, bits being read with its errors. The model is copied. NULL, or
     * a model without noise: none of what follows counts. Observables with X or Y are values of the state: the change
     * of basis that a device would need is the circuit's own affair (measure.h). */
    const qst_noise *noise;
    qst_noise_method noise_method;
    bool twirl;          /* TRAJECTORIES: relaxation by the Pauli channel with the same diagonal */
    size_t trajectories; /* TRAJECTORIES: so many a sample; 0: 1 */
    uint64_t noise_seed; /* of what is drawn */
    double memory_limit; /* bytes that a gradient with EXACT may take; 0: half of what the machine has */
} qst_compile_opts;

/* Compiles. Borrows nothing: circuit and readout may be freed. opts may be NULL. Errors: ERR_MISMATCH (qubits differ),
 * ERR_LIMIT (with the bytes that would be needed), ERR_MEMORY. Cost O(operations * qubits). */
QST_API qst_status qst_program_compile(qst_ctx *ctx, const qst_circuit *circuit, const qst_readout *readout,
                                       const qst_compile_opts *opts, qst_program **out);
QST_API void qst_program_free(qst_program *program);

/* --- programs with noise ------------------------------------------------------------------------------------------ */

/* Trajectories: which errors are drawn next: those of (noise_seed, draw, row, trajectory, place), so that a call
 * repeated with the same draw is the same function of weights and features (common random numbers), whose gradient is
 * exact; its mean over draws is that of EXACT. 0 at first. Other programs: nothing. */
QST_API void qst_program_set_draw(qst_program *program, uint64_t draw);
/* Noise of another strength (noise.h), 1 at first. Errors: ERR_USAGE (not finite, negative), ERR_UNSUPPORTED (a
 * channel whose powers are no channels). Cost: that of the channels' tables. */
QST_API qst_status qst_program_set_noise_strength(qst_program *program, double strength);
typedef struct qst_noise_info {
    qst_noise_method method; /* AUTO: no noise */
    bool twirled;            /* relaxation was twirled */
    size_t n_channels;       /* elementary channels in the circuit */
    size_t n_relaxations;    /* of them, those that are no Pauli channels and no rotations */
    size_t trajectories;     /* a sample */
    double memory_bytes;     /* that a gradient of one block takes on one thread */
    size_t n_kept;           /* EXACT: states kept for the way back, the others are computed again */
} qst_noise_info;
QST_API void qst_program_describe_noise(const qst_program *program, qst_noise_info *out);

/* out (B, K) = the readout's K values for B samples. x (B, d) features in radians, weights (P). Errors: ERR_MISMATCH on
 * shapes; ERR_INPUT for a feature or weight that is not finite, or so large that an angle would not be, an all-zero row
 * under amplitude, a value other than 0 and 1 under basis preparation (with row and column); ERR_LIMIT (with the bytes)
 * when the states of all threads need more memory than the machine has. Cost O(B * rotations * 2^n) time. */
QST_API qst_status qst_program_forward(qst_program *program, const double *weights, qst_const_matrix x, qst_matrix out);

/* Vector-Jacobian product by the adjoint method [jones2020]: with cotangent c (B, K) = dL/dvalues,
 * out_weights (P) = sum_b sum_k c_bk dvalue_bk/dweight, out_x (B, d) = sum_k c_bk dvalue_bk/dx_b. out_x.data and
 * out_values.data may be NULL. One forward and one backward sweep whatever K is. Basis preparation has no gradient:
 * what out_x holds is the features' part in angles. */
QST_API qst_status qst_program_vjp(qst_program *program, const double *weights, qst_const_matrix x,
                                   qst_const_matrix cotangent, double *out_weights, qst_matrix out_x,
                                   qst_matrix out_values);

/* One block of samples inside qst_program_step(): rows `first_row` .. +n_rows of the batch, in lanes. */
typedef struct qst_block {
    size_t first_row, n_rows;
    size_t lanes;         /* >= n_rows */
    const double *values; /* (K, lanes): output k of row first_row + i stands at [k * lanes + i] */
    double *cotangents;   /* (K, lanes): to be filled with dL/dvalues; 0 in lanes i >= n_rows */
    double *sums;         /* (n_sums): zero at first; what is put here is summed over the blocks */
    int worker;           /* 0 .. threads-1: names the caller's scratch memory, if any */
} qst_block;

/* Called from any thread, for several blocks at once. */
typedef void qst_block_fn(void *user, const qst_block *block);

/* A training step: for each block of samples the values, `fn`'s cotangents, and the way back at once, while the state
 * is in the cache. out_sums (n_sums) = what fn left, out_weights (P) and out_x (B, d; data may be NULL) as
 * qst_program_vjp(). The same bits for any number of threads. Errors: those of qst_program_vjp(). */
QST_API qst_status qst_program_step(qst_program *program, const double *weights, qst_const_matrix x, qst_block_fn *fn,
                                    void *user, size_t n_sums, double *out_sums, double *out_weights, qst_matrix out_x);

/* The same by the two-term parameter-shift rule [schuld2019] on every Pauli rotation: an independent check of the
 * adjoint sweep, 2 runs a rotation. Amplitude features are not covered: ERR_UNSUPPORTED when out_x is asked for; nor
 * are amplitudes as outputs. */
QST_API qst_status qst_program_parameter_shift(qst_program *program, const double *weights, qst_const_matrix x,
                                               qst_const_matrix cotangent, double *out_weights, qst_matrix out_x);

/* The state of one sample, global phase included: out[2^n], qubit 0 = least significant bit. x (d) may be NULL when the
 * circuit has no features. */
QST_API qst_status qst_program_state(qst_program *program, const double *weights, const double *x,
                                     double _Complex *out);

/* `n_shots` basis states measured after the circuit, out[n_shots], bit q of an entry for qubit q; a pure function of
 * (weights, x, seed). Errors: those of qst_program_state(). Cost: the state, and O(2^n + n_shots log n_shots). */
QST_API qst_status qst_program_sample(qst_program *program, const double *weights, const double *x, uint64_t seed,
                                      size_t n_shots, uint32_t *out);

/* --- what became of a circuit ------------------------------------------------------------------------------------- */

/* What became of one gate of the circuit. */
typedef enum qst_fate {
    QST_FATE_DROPPED, /* outside the light cone of all outputs, or nothing to do */
    QST_FATE_FRAME,   /* moved into the frame: costs nothing */
    QST_FATE_FUSED,   /* part of a fused gate on one virtual qubit */
    QST_FATE_MERGED,  /* part of a merged run of diagonal rotations */
    QST_FATE_SPREAD   /* several steps, with different fates */
} qst_fate;

typedef struct qst_gate_fate {
    size_t operation; /* of the circuit */
    qst_fate fate;
    size_t first_pass, last_pass; /* that its rotations are in; SIZE_MAX: none */
} qst_gate_fate;

/* One walk over the state. */
typedef struct qst_pass_info {
    const char *kind; /* "product start", "gates", "diagonal", ...; static */
    size_t n_gates;   /* fused gates in it */
    size_t n_rotations;
    double multiply_adds; /* real, per sample: forward */
    double bytes;         /* read and written, per sample: forward */
} qst_pass_info;

typedef struct qst_program_info {
    size_t n_qubits, n_qubits_simulated; /* fewer inside a light cone */
    qst_layout layout;
    bool real; /* amplitudes are real numbers */
    size_t n_operations, n_rotations, n_gates, n_passes;
    double multiply_adds_forward, multiply_adds_backward; /* per sample */
    double bytes_forward, bytes_backward;                 /* per sample */
    double state_bytes;                                   /* of one sample */
    double memory_bytes;        /* that a gradient of one block takes on one thread: the formula is in docs/engine.md */
    const qst_gate_fate *fates; /* (n_operations) */
    const qst_pass_info *passes; /* (n_passes) */
} qst_program_info;

/* Borrowed; valid as long as the program. Cost O(1). */
QST_API const qst_program_info *qst_program_describe(const qst_program *program);
QST_API const char *qst_fate_name(qst_fate fate);

/* --- the machine -------------------------------------------------------------------------------------------------- */

/* What this machine does at best, measured now, with the threads of the context. */
typedef struct qst_peaks {
    double multiply_adds; /* fused multiply-adds a second (each two floating-point operations), all threads */
    double bytes_memory;  /* read and written a second, in place, far beyond the caches, all threads */
    double bytes_l2;      /* the same within the second-level cache, all threads */
} qst_peaks;

/* Measures for about `seconds` in all. Errors: ERR_USAGE (seconds not > 0), ERR_MEMORY. */
QST_API qst_status qst_machine_peaks(qst_ctx *ctx, qst_precision precision, double seconds, qst_peaks *out);

/* Which kernels run here: "baseline", "avx2" or "avx512" (QSTILL_ISA forces one that the processor has). */
QST_API const char *qst_isa_name(void);

#ifdef __cplusplus
}
#endif
#endif
