/* qstill/noise.h: models of noise: which channels act behind which gates of a circuit, and how bits are misread.
 *
 *     qst_noise_create(ctx, &noise);
 *     qst_noise_add(noise, &(qst_noise_rule){.channel = {QST_CHANNEL_depolarizing, {0.01}}, .each = true});
 *     qst_noise_add_readout(noise, QST_EVERY_QUBIT, 0.01, 0.03);
 *     qst_program_compile(ctx, circuit, readout, &(qst_compile_opts){.noise = noise}, &program);     (simulate.h)
 *
 * or of a device, by its calibration: qst_noise_from_device(). A model belongs to no circuit. Noise of strength s is
 * the noise as if it had acted for s times as long: the eigenvalues of Pauli channels and the factors of relaxation to
 * the power s, coherent angles times s; readout errors stay. docs/noise.md has the definitions.
 */
#ifndef QSTILL_NOISE_H
#define QSTILL_NOISE_H

#include <qstill/circuit.h>
#include <qstill/device.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum qst_channel_kind {
#define QST_CHANNEL(id, n_numbers, about) QST_CHANNEL_##id,
#include <qstill/channels.def>
#undef QST_CHANNEL
    QST_CHANNEL_COUNT
} qst_channel_kind;

#define QST_CHANNEL_NUMBERS 4

typedef struct qst_channel {
    qst_channel_kind kind;
    double numbers[QST_CHANNEL_NUMBERS];
} qst_channel;

typedef struct qst_channel_info {
    const char *name;
    size_t n_numbers;
    const char *about;
} qst_channel_info;
QST_API const qst_channel_info *qst_channel_describe(qst_channel_kind kind);
/* Errors: ERR_USAGE, with the nearest name. */
QST_API qst_status qst_channel_find(qst_ctx *ctx, const char *name, qst_channel_kind *out);

/* A channel behind some gates; all members but the channel may be zero. */
typedef struct qst_noise_rule {
    qst_channel channel;
    const qst_gate *gates; /* (n_gates) which gates; NULL: all */
    size_t n_gates;
    size_t gate_qubits;   /* only gates on so many qubits; 0: any */
    const size_t *qubits; /* (n_qubits) only on these qubits of the gate (over_rotation: rotations of these alone);
                             NULL: on all of them */
    size_t n_qubits;
    bool each; /* depolarizing: on each qubit of the gate by itself, not on all together */
} qst_noise_rule;

#define QST_EVERY_QUBIT SIZE_MAX

typedef struct qst_noise qst_noise;

/* No noise at first, strength 1. */
QST_API qst_status qst_noise_create(qst_ctx *ctx, qst_noise **out);
/* Rules act in the order in which they are added. Copies. Errors: ERR_USAGE with the channel, its number and the
 * allowed range; ERR_MEMORY. */
QST_API qst_status qst_noise_add(qst_noise *noise, const qst_noise_rule *rule);
/* P(measure 1 | 0), P(measure 0 | 1) of a qubit's classical bit; a later call for the qubit replaces the earlier, and
 * the device's. Errors: ERR_USAGE, ERR_MEMORY. */
QST_API qst_status qst_noise_add_readout(qst_noise *noise, size_t qubit, double m1p0, double m0p1);

/* The noise of a device's gates and readout (docs/devices.md) on circuits whose qubit i is the device's layout[i];
 * layout NULL: i. The gates must be the device's, and on its pairs: else compiling fails with ERR_MISMATCH; an id
 * without an entry is nothing. Circuits that prepare features are refused with ERR_UNSUPPORTED. Rules may be added:
 * they act behind the device's channels. The device must outlive the model. Errors: ERR_USAGE (layout, temperature),
 * ERR_MEMORY. */
typedef struct qst_noise_device_opts {
    const size_t *layout; /* (n_layout) */
    size_t n_layout;
    double temperature_mk;
    qst_readout_model readout;
} qst_noise_device_opts;
QST_API qst_status qst_noise_from_device(qst_ctx *ctx, const qst_device *device, const qst_noise_device_opts *opts,
                                         qst_noise **out);
QST_API qst_status qst_noise_copy(const qst_noise *noise, qst_noise **out);
QST_API void qst_noise_free(qst_noise *noise);

/* Whether nothing is noisy, readout included. */
QST_API bool qst_noise_is_none(const qst_noise *noise);
/* out[2 * prepared + measured] for a qubit of circuits. */
QST_API void qst_noise_readout(const qst_noise *noise, size_t qubit, double out[4]);

#ifdef __cplusplus
}
#endif
#endif
