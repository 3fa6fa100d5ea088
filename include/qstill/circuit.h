/* qstill/circuit.h: gates, circuits whose angles depend on weights and features, encodings, ansätze, readouts.
 *
 * Conventions: R_P(t) = exp(-i t P / 2). Qubit k is bit k of an amplitude's index; printed bitstrings and Pauli strings
 * have qubit 0 right-most. <Z> = +1 for |0>. A circuit is immutable once finished and may be shared.
 */
#ifndef QSTILL_CIRCUIT_H
#define QSTILL_CIRCUIT_H

#include <qstill/base.h>

#ifdef __cplusplus
extern "C" {
#endif

/* --- gates -------------------------------------------------------------------------------------------------------- */

/* OpenQASM names in lower case: QST_GATE_rx, QST_GATE_cx, ... The table is qstill/gates.def. */
typedef enum qst_gate {
#define QST_GATE(name, n_qubits, n_angles, cx_equivalents, about) QST_GATE_##name,
#include <qstill/gates.def>
#undef QST_GATE
    QST_GATE_COUNT
} qst_gate;

#define QST_MAX_GATE_QUBITS 5
#define QST_MAX_GATE_ANGLES 4

typedef struct qst_gate_info {
    const char *name;
    int n_qubits, n_angles;
    int cx_equivalents; /* CX gates of its usual exact form, counted when there is no transpiled circuit */
    const char *about;  /* one line */
} qst_gate_info;

QST_API const qst_gate_info *qst_gate_describe(qst_gate gate);
/* The gate of a name, aliases included (`CX U phase cphase`); false when there is none. */
QST_API bool qst_gate_find(const char *name, qst_gate *out);

/* --- angles ------------------------------------------------------------------------------------------------------- */

/* A variable of an angle: the constant 1, weight i, or feature j. */
typedef int32_t qst_variable;
#define QST_ONE        ((qst_variable)0)
#define QST_WEIGHT(i)  ((qst_variable)((i) + 1))
#define QST_FEATURE(j) ((qst_variable)(-(j)-1))

/* coefficient * a * b, in radians. */
typedef struct qst_term {
    double coefficient;
    qst_variable a, b;
} qst_term;

/* A polynomial of degree <= 2 in weights and features: the sum of its terms; no terms: 0. Borrowed by the call. */
typedef struct qst_angle {
    const qst_term *terms;
    size_t n_terms;
} qst_angle;

/* QST_ANGLE({1.0, QST_WEIGHT(0), QST_FEATURE(2)}, {1.0, QST_WEIGHT(1), QST_ONE}) is w0*x2 + w1. */
#define QST_ANGLE(...) \
    ((qst_angle){(const qst_term[]){__VA_ARGS__}, sizeof((const qst_term[]){__VA_ARGS__}) / sizeof(qst_term)})

/* --- circuits ----------------------------------------------------------------------------------------------------- */

/* What the state is before the first gate. */
typedef enum qst_preparation {
    QST_PREPARE_ZERO,      /* |0...0> */
    QST_PREPARE_AMPLITUDE, /* the features, zero-padded to 2^n and then divided by their norm */
    QST_PREPARE_BASIS      /* |x_{n-1} ... x_0>, feature j (exactly 0 or 1) on qubit j */
} qst_preparation;

/* What a weight is, which decides how training initialises it. */
typedef enum qst_weight_role {
    QST_WEIGHT_ANGLE, /* random */
    QST_WEIGHT_SCALE, /* 1 */
    QST_WEIGHT_SHIFT  /* 0 */
} qst_weight_role;

typedef struct qst_circuit qst_circuit;
typedef struct qst_circuit_builder qst_circuit_builder;

/* Begins a circuit. n_qubits 1..30, n_features >= 0. AMPLITUDE needs 1 <= n_features <= 2^n, BASIS 1..n.
 * Errors: ERR_USAGE, ERR_LIMIT, ERR_MEMORY. */
QST_API qst_status qst_circuit_begin(qst_ctx *ctx, size_t n_qubits, size_t n_features, qst_preparation preparation,
                                     qst_circuit_builder **out);
/* Adds `n` weights; *out_first is the index of the first. */
QST_API qst_status qst_circuit_add_weights(qst_circuit_builder *builder, size_t n, qst_weight_role role,
                                           size_t *out_first);
/* Adds a gate on distinct qubits, with the gate's number of angles. Copies. Errors: ERR_USAGE with the gate, the qubit
 * or variable that is wrong and the allowed range; ERR_LIMIT above 10^7 operations. Cost O(terms). */
QST_API qst_status qst_circuit_add(qst_circuit_builder *builder, qst_gate gate, const size_t *qubits,
                                   const qst_angle *angles);
/* Ends building: the builder is freed in every case. */
QST_API qst_status qst_circuit_finish(qst_circuit_builder *builder, qst_circuit **out);
/* Frees a builder that is not finished. */
QST_API void qst_circuit_abandon(qst_circuit_builder *builder);
QST_API void qst_circuit_free(qst_circuit *circuit);

QST_API size_t qst_circuit_qubits(const qst_circuit *circuit);
QST_API size_t qst_circuit_features(const qst_circuit *circuit);
QST_API size_t qst_circuit_weights(const qst_circuit *circuit);
QST_API size_t qst_circuit_operations(const qst_circuit *circuit);

/* One gate of a circuit with its qubits and angles, as many as it has; the terms are the circuit's. */
typedef struct qst_operation {
    qst_gate gate;
    size_t qubits[QST_MAX_GATE_QUBITS];
    qst_angle angles[QST_MAX_GATE_ANGLES];
} qst_operation;
/* Operation `index` < qst_circuit_operations(), in the order of the circuit. */
QST_API void qst_circuit_operation(const qst_circuit *circuit, size_t index, qst_operation *out);

/* Size of a circuit as built, preparation included (amplitude: 2^n - 2 CX by a multiplexed RY tree, n >= 2).
 * depth is greedy: a gate stands one level after the latest of its qubits. */
typedef struct qst_circuit_counts {
    size_t qubits, depth, gates, two_qubit_gates; /* two_qubit_gates in CX equivalents */
    size_t weights;
} qst_circuit_counts;
QST_API void qst_circuit_count(const qst_circuit *circuit, qst_circuit_counts *out);

/* --- encodings and ansätze ---------------------------------------------------------------------------------------- */

/* Names: angle_x angle_y angle_z reupload amplitude basis iqp zz. */
typedef struct qst_encoding_opts {
    const char *name;
    size_t reps; /* 0: the source's default (zz 2, others 1) */
} qst_encoding_opts;

/* Names: basic_entangler strongly_entangling real_amplitudes efficient_su2 two_local none. */
typedef struct qst_ansatz_opts {
    const char *name;
    size_t reps;              /* 0: 3 */
    const char *entanglement; /* full linear reverse_linear circular sca pairwise; NULL: the source's default */
    const size_t (*pairs)[2]; /* a list of pairs instead of a name; NULL: none */
    size_t n_pairs;
    bool skip_final_rotation_layer; /* real_amplitudes, efficient_su2, two_local */
    const char *rotations;          /* two_local, basic_entangler: names of one-angle gates, "ry rz"; NULL: default */
    const char *entangler;          /* two_local: a two-qubit gate of at most one angle; NULL: cz */
} qst_ansatz_opts;

/* Appends one encoding of all features. reupload: feature j on qubit j mod n, ceil(d/n) rotations RY, RZ alternating,
 * angle w*x + b with new weights w (SCALE) and b (SHIFT), all w of this layer before all b. amplitude and basis are
 * preparations and are refused here: say so in qst_circuit_begin(). Errors: ERR_USAGE (name, with the nearest), or
 * ERR_MISMATCH (more features than the encoding holds). */
QST_API qst_status qst_circuit_append_encoding(qst_circuit_builder *builder, const qst_encoding_opts *opts);

/* Appends an ansatz with new weights, in the order and number of its source (docs/circuits.md). */
QST_API qst_status qst_circuit_append_ansatz(qst_circuit_builder *builder, const qst_ansatz_opts *opts);

/* A whole model circuit: the encoding, then the ansatz; with encoding `reupload`, or `repeat_encoding`, the encoding
 * stands before every one of the ansatz' reps (its final rotation layer last). */
typedef struct qst_circuit_opts {
    size_t qubits;
    size_t features;
    qst_encoding_opts encoding; /* name NULL: reupload */
    bool repeat_encoding;
    qst_ansatz_opts ansatz; /* name NULL: strongly_entangling; reps: the number of layers */
    bool separable;         /* leave out what acts on two qubits: the entanglers, and the pair terms of iqp and zz */
} qst_circuit_opts;
/* Errors: those of its parts; ERR_USAGE for a separable circuit whose amplitude encoding entangles all the same. */
QST_API qst_status qst_circuit_template(qst_ctx *ctx, const qst_circuit_opts *opts, qst_circuit **out);

/* --- readouts ----------------------------------------------------------------------------------------------------- */

typedef enum qst_readout_kind {
    QST_READOUT_EXPECTATIONS,  /* K Pauli sums */
    QST_READOUT_PROBABILITIES, /* 2^n, by basis state index */
    QST_READOUT_GROUPED,       /* p_c = sum of P(b) over b mod C = c */
    QST_READOUT_PARITY,        /* p_c = sum of P(b) over (number of ones of b) mod C = c */
    QST_READOUT_AMPLITUDES /* Re and Im of every amplitude, by basis state index, each sample up to a phase of its own
                            */
} qst_readout_kind;

/* A Pauli on the whole register, with bit k of x and z for qubit k: x alone X, z alone Z, both Y. */
typedef struct qst_pauli {
    uint32_t x, z;
} qst_pauli;

typedef struct qst_readout qst_readout;

/* Outputs from words: "x" "y" "z" (that Pauli on every qubit, n outputs), "xx" "yy" "zz" (on every pair i < j, in the
 * order (0,1), (0,2) ... (1,2) ...), "probabilities", "grouped", "parity" (alone; the last two need n_classes >= 2), or
 * a Pauli sum such as "0.5*ZZII - 1.5*IIXY" of n letters each, qubit 0 right-most. Errors: ERR_USAGE with the word. */
QST_API qst_status qst_readout_parse(qst_ctx *ctx, size_t n_qubits, const char *const *words, size_t n_words,
                                     size_t n_classes, qst_readout **out);
/* All amplitudes, 2 * 2^n outputs: Re of basis state 0, Im of 0, Re of 1, ... For functions that no phase of a sample
 * changes, such as fidelities; programs of layout SMALL only, and no output of a model. Errors: ERR_USAGE, ERR_LIMIT.
 */
QST_API qst_status qst_readout_amplitudes(qst_ctx *ctx, size_t n_qubits, qst_readout **out);
/* Outputs from terms: output k is the sum of coefficient[i] * pauli[i] over i with output[i] = k; every k of
 * 0..n_outputs-1 occurs. */
QST_API qst_status qst_readout_paulis(qst_ctx *ctx, size_t n_qubits, const qst_pauli *paulis,
                                      const double *coefficients, const size_t *outputs, size_t n_terms,
                                      size_t n_outputs, qst_readout **out);
QST_API void qst_readout_free(qst_readout *readout);
QST_API size_t qst_readout_outputs(const qst_readout *readout);
QST_API qst_readout_kind qst_readout_what(const qst_readout *readout);

#ifdef __cplusplus
}
#endif
#endif
