/* qstill/device.h: real devices: what a calibration says of qubits, gates and readout, and the noise that follows.
 *
 *     qst_device_read(ctx, paths, n, NULL, &device);      a calibration file, an IBM pair of files, or a folder of them
 *     qst_device_gate_noise(device, "cx", pair, 2, 0, &noise);
 *     qst_noise_superoperator(&noise, matrix);
 *
 * Qubits are numbered from 0; a value that the calibration does not give is NaN. Times are in ns, frequencies in Hz.
 * The model of noise is that of Qiskit Aer for calibrations: docs/devices.md has it in closed form.
 */
#ifndef QSTILL_DEVICE_H
#define QSTILL_DEVICE_H

#include <complex.h>

#include <qstill/base.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The most qubits that an entry of a gate has. */
#define QST_DEVICE_GATE_QUBITS 3

typedef struct qst_device qst_device;

/* --- making ------------------------------------------------------------------------------------------------------- */

/* All members may be zero. */
typedef struct qst_device_read_opts {
    const char *configuration;     /* IBM: one more file, which must be a conf */
    double time_1q_ns, time_2q_ns; /* for files without gate times (Braket v1 and v2, Cirq); 0: not known */
    int64_t today_s, max_age_days; /* seconds since 1970: warn of a calibration older than so many days; 0: do not */
} qst_device_read_opts;

/* Reads a device: IBM properties with or without their configuration, in either order; Braket standardized properties
 * v1..v3, alone or in the whole properties of a device; a Cirq calibration; an IonQ characterization; the neutral form
 * qstill-device/1; or the path of a folder, whose .json files hold exactly one device. What a file is follows from its
 * keys, never from its name. Oddities that can be lived with become warnings. Errors: ERR_INPUT (malformed, of no known
 * kind, values out of range, two devices, half a device), ERR_LIMIT above 16 MiB a file, ERR_SYSTEM, ERR_MEMORY. Cost
 * O(bytes + gates log gates). */
QST_API qst_status qst_device_read(qst_ctx *ctx, const char *const *paths, size_t n_paths,
                                   const qst_device_read_opts *opts, qst_device **out);

typedef enum qst_topology {
#define QST_TOPOLOGY(id, about) QST_TOPOLOGY_##id,
#include <qstill/topologies.def>
#undef QST_TOPOLOGY
    QST_TOPOLOGY_COUNT
} qst_topology;

/* "heavy_hex"; never NULL. */
QST_API const char *qst_topology_name(qst_topology topology);
/* Errors: ERR_USAGE, with all names. */
QST_API qst_status qst_topology_find(qst_ctx *ctx, const char *name, qst_topology *out);

/* A device by a few figures, the same for all qubits. All members but n_qubits may be zero. */
typedef struct qst_device_generic_opts {
    size_t n_qubits; /* 1..10,000; full: 1..500 */
    qst_topology topology;
    double error_1q, error_2q;     /* average infidelity of a gate, 0..1 */
    double t1_us, t2_us;           /* 0: no relaxation; no dephasing but that of T1, 2 T1 */
    double time_1q_ns, time_2q_ns; /* 0: gates take no time */
    double readout;                /* probability that a bit is read wrongly, 0..1 */
    const char *const *basis;      /* gates of gates.def on 1 or 2 qubits; NULL: id rz sx x cx */
    size_t n_basis;
} qst_device_generic_opts;

/* rz, p and u1 are virtual: no error, no time. Entries on two qubits stand in both directions. Errors: ERR_USAGE with
 * the name of the member. */
QST_API qst_status qst_device_generic(qst_ctx *ctx, const qst_device_generic_opts *opts, qst_device **out);
QST_API void qst_device_free(qst_device *device);

/* The neutral form as text; free with qst_device_text_free(). Reading it gives the same noise, bit for bit. */
QST_API qst_status qst_device_write(const qst_device *device, char **out, size_t *out_bytes);
QST_API void qst_device_text_free(const qst_device *device, char *text);

/* --- what it is --------------------------------------------------------------------------------------------------- */

/* Text is borrowed from the device; "" when it is not known. */
typedef struct qst_device_info {
    const char *name, *kind, *calibrated; /* kind: "ibm-props"; calibrated: ISO 8601 */
    const char *sha256;                   /* of the file with the calibration */
    size_t n_qubits, n_gates, n_edges, n_basis;
    uint64_t max_shots; /* 0: not known */
    double dt_ns;
    const char *const *basis; /* names of the gates it runs, (n_basis) */
    bool placed;              /* qubits have a position in the file */
} qst_device_info;
QST_API void qst_device_describe(const qst_device *device, qst_device_info *out);

typedef struct qst_device_qubit {
    const char *id;                    /* the maker's name */
    double t1_ns, t2_ns, frequency_hz; /* as found: T2 may be above 2 T1 */
    double m1p0, m0p1;                 /* P(measure 1 | prepared 0), P(measure 0 | prepared 1) */
    double readout_error;              /* as found, one figure for both */
    double x, y;                       /* position in a drawing; y goes down */
    bool operational;
} qst_device_qubit;

/* Entries in the order of the file, resets and measurements included. */
typedef struct qst_device_gate {
    const char *name;
    size_t n_qubits, qubits[QST_DEVICE_GATE_QUBITS];
    double error, time_ns;
    bool operational;
} qst_device_gate;

/* Two qubits that a gate can join, a < b; ascending. */
typedef struct qst_device_edge {
    size_t a, b;
    bool forward, backward; /* a gate a,b; a gate b,a */
    size_t gate; /* the entry with the smallest error; SIZE_MAX: the map has the edge, the calibration none */
    bool dead;   /* nothing on it works */
} qst_device_edge;

/* Borrowed arrays of n_qubits, n_gates, n_edges. */
QST_API const qst_device_qubit *qst_device_qubits(const qst_device *device);
QST_API const qst_device_gate *qst_device_gates(const qst_device *device);
QST_API const qst_device_edge *qst_device_edges(const qst_device *device);

/* Whether an entry is dead: switched off, on a qubit that is, or with an error of 1 or more ("not calibrated"). */
QST_API bool qst_device_gate_dead(const qst_device *device, size_t gate);
/* Whether a name is that of a reset or a measurement: "reset", "measure", and these with a number behind a "_". */
QST_API bool qst_device_is_reset(const char *name);
QST_API bool qst_device_is_measurement(const char *name);

/* The entry of a gate on these qubits; of a gate that does not care for the order (cz, rzz, swap, ...) either order;
 * where there is none, that of its other name (u and u3, p and u1, cp and cu1). Errors: ERR_MISMATCH when there is
 * none, with what there is. Cost O(log gates). */
QST_API qst_status qst_device_find(const qst_device *device, const char *name, const size_t *qubits, size_t n_qubits,
                                   size_t *out_gate);

/* --- noise -------------------------------------------------------------------------------------------------------- */

/* Thermal relaxation of a qubit during a gate; excited is the share p1 of |1> in equilibrium, p0 = 1 - p1:
 *     rho00' = (1 - p1 a) rho00 + p0 a rho11,   rho11' = p1 a rho00 + (1 - p0 a) rho11,   rho01' = c rho01. */
typedef struct qst_relaxation {
    double a; /* 1 - exp(-t/T1) */
    double c; /* exp(-t/T2), T2 at most 2 T1 */
    double excited;
} qst_relaxation;

/* Behind the ideal gate: first E(rho) = (1 - p) rho + p tr(rho) I/2^n with p = depolarizing, 0 <= p <= 4^n/(4^n - 1),
 * then the relaxation of each qubit. relaxes false: no time passes, a = 0 and c = 1. */
typedef struct qst_gate_noise {
    size_t n_qubits;
    double depolarizing;
    bool relaxes;
    qst_relaxation relaxation[QST_DEVICE_GATE_QUBITS];
} qst_gate_noise;

/* The noise of an entry. temperature_mk: of the qubits, in mK, which counts where the frequency is known. Errors:
 * ERR_USAGE (a number that is not finite), those of qst_device_find(). */
QST_API qst_status qst_device_entry_noise(const qst_device *device, size_t gate, double temperature_mk,
                                          qst_gate_noise *out);
QST_API qst_status qst_device_gate_noise(const qst_device *device, const char *name, const size_t *qubits,
                                         size_t n_qubits, double temperature_mk, qst_gate_noise *out);

/* Relaxation of a qubit that waits for time_ns. */
QST_API qst_status qst_device_idle_noise(const qst_device *device, size_t qubit, double time_ns, double temperature_mk,
                                         qst_gate_noise *out);

/* out (4^n, 4^n), row-major: vec(rho') = out vec(rho), vec stacks columns: element (i, j) of rho stands at j 2^n + i;
 * the first listed qubit is the least significant bit. Cost O(16^n). */
QST_API void qst_noise_superoperator(const qst_gate_noise *noise, double _Complex *out);

/* out[4^n]: the probabilities of the Pauli channel with the same diagonal in the Pauli basis (the twirl); index
 * sum_q P_q 4^q, P = 0 1 2 3 for I X Y Z. They are >= 0 and sum to 1. */
QST_API void qst_noise_pauli_twirl(const qst_gate_noise *noise, double *out);

/* The Kraus operators of one qubit's relaxation, row-major; returns how many, 1..4. */
QST_API size_t qst_relaxation_kraus(const qst_relaxation *relaxation, double _Complex out[4][4]);

/* The Kraus operators of the whole noise: out (*out_n, 2^n, 2^n) row-major, those that are not zero, at most 16^n. Free
 * with qst_kraus_free(). Errors: ERR_MEMORY. */
QST_API qst_status qst_noise_kraus(qst_ctx *ctx, const qst_gate_noise *noise, double _Complex **out, size_t *out_n);
QST_API void qst_kraus_free(qst_ctx *ctx, double _Complex *kraus);

typedef enum qst_readout_model {
    QST_READOUT_MODEL_PROPERTIES, /* m1p0 and m0p1 as calibrated; where one is missing both are readout_error */
    QST_READOUT_MODEL_SYMMETRIC   /* both are readout_error; where that is missing, the mean of the two */
} qst_readout_model;

/* out[2 * prepared + measured], rows sum to 1; the identity when nothing is known. Errors: ERR_USAGE (no such qubit).
 */
QST_API qst_status qst_device_readout(const qst_device *device, size_t qubit, qst_readout_model kind, double out[4]);

/* --- drawing ------------------------------------------------------------------------------------------------------ */

/* The coupling map as text (a grid where all edges join neighbours in it, else a list) and as SVG. Positions are the
 * file's, else found by a method without chance. Free with qst_device_text_free(). */
QST_API qst_status qst_device_draw_text(const qst_device *device, char **out, size_t *out_bytes);
QST_API qst_status qst_device_draw_svg(const qst_device *device, char **out, size_t *out_bytes);

/* Qubits and edges of a device that are ringed and underlaid in a drawing. */
typedef struct qst_device_mark {
    const size_t *qubits; /* (n_qubits) */
    size_t n_qubits;
    const size_t (*edges)[2]; /* (n_edges), in either order */
    size_t n_edges;
} qst_device_mark;
QST_API qst_status qst_device_draw_svg_marked(const qst_device *device, const qst_device_mark *mark, char **out,
                                              size_t *out_bytes);

#ifdef __cplusplus
}
#endif
#endif
