/* noise_model.h: what is inside a model of noise, and the mathematics of its channels.
 *
 * A model is a device or none, rules, and errors of readout of qubits. Channels of the device act first, then those of
 * the rules in their order.
 */
#ifndef QSTI_NOISE_MODEL_H
#define QSTI_NOISE_MODEL_H

#include "device/device.h"
#include "noise/noise.h"

typedef struct qsti_noise_misreading {
    size_t qubit; /* or QST_EVERY_QUBIT */
    double m1p0, m0p1;
} qsti_noise_misreading;

struct qst_noise {
    qst_ctx *ctx;
    qst_noise_rule *rules; /* their arrays are owned */
    size_t n_rules;
    qsti_noise_misreading *misreadings; /* the last that names a qubit holds */
    size_t n_misreadings;
    const qst_device *device; /* NULL: none */
    size_t *layout;           /* (n_layout) */
    size_t n_layout;
    double temperature_mk;
    qst_readout_model readout;
    bool has_noisy_gates; /* of the device */
};

/* Errors: ERR_USAGE with the channel, its number and the range. */
qst_status qsti_channel_check(qst_ctx *ctx, const qst_channel *channel);
/* The largest p of depolarizing on n qubits: 4^n/(4^n - 1). */
double qsti_depolarizing_most(size_t n_qubits);

/* The event of a channel on one qubit; not depolarizing or over_rotation. Strength 1. */
void qsti_channel_event(const qst_channel *channel, size_t qubit, qsti_noise_event *out);
/* Depolarizing by p on all qubits of the event, 1..3. */
void qsti_noise_depolarize(double p, qsti_noise_event *event);
/* The event as if it acted `strength` times as long. Errors: ERR_UNSUPPORTED. */
qst_status qsti_noise_power(qst_ctx *ctx, double strength, qsti_noise_event *event);
/* Whether an event changes nothing. */
bool qsti_noise_is_idle(const qsti_noise_event *event);

/* The rotation by `angle` more of rotation step `step` of a gate, moved behind the gate: event's Pauli, angle and
 * qubits as places 0..4 of the gate. *out_none: the step is no rotation, or not on `places` (bits) alone. Errors:
 * ERR_UNSUPPORTED. */
qst_status qsti_over_rotation(qst_ctx *ctx, qst_gate gate, size_t step, unsigned places, double angle, bool *out_none,
                              qsti_noise_event *out);

#endif
