/* device_noise.c: the noise of a gate from its calibration, in closed form; that of Qiskit Aer's basic device model.
 *
 * With d = 2^n, a_q = 1 - exp(-t/T1), c_q = exp(-t/T2), T2 at most 2 T1, the infidelity of the relaxation alone is
 *     r = d/(d+1) (1 - F),   F = prod_q (1 + (1 - a_q) + 2 c_q)/4,
 * and of the error e of the calibration depolarizing takes what relaxation leaves, at most all there can be:
 *     p = d (min(e, d/(d+1)) - r)/(d (1 - r) - 1),   p <= 4^n/(4^n - 1),   where e > r.
 * Not in the model: crosstalk, leakage, coherent errors, qubits that wait.
 */
#include <math.h>

#include "device/device.h"

/* h/k_B in mK/Hz, with Aer's digits */
#define PLANCK_OVER_BOLTZMANN 47.99243e-9

static double excited_share(double frequency_hz, double temperature_mk)
{
    if (isnan(frequency_hz) || temperature_mk == 0) {
        return 0;
    }
    double share = 1 / (1 + exp(PLANCK_OVER_BOLTZMANN * frequency_hz / fabs(temperature_mk)));
    return temperature_mk < 0 ? 1 - share : share;
}

static qst_relaxation relax(const qst_device_qubit *qubit, double time_ns, double temperature_mk)
{
    double t1 = isnan(qubit->t1_ns) ? INFINITY : qubit->t1_ns, t2 = isnan(qubit->t2_ns) ? INFINITY : qubit->t2_ns;
    return (qst_relaxation){.a = -expm1(-time_ns / t1),
                            .c = exp(-time_ns / fmin(t2, 2 * t1)),
                            .excited = excited_share(qubit->frequency_hz, temperature_mk)};
}

static void relax_qubits(const qst_device *device, const size_t *qubits, double time_ns, double temperature_mk,
                         qst_gate_noise *noise)
{
    noise->relaxes = time_ns > 0;
    for (size_t k = 0; k < noise->n_qubits; k++) {
        noise->relaxation[k] = noise->relaxes ? relax(&device->qubits[qubits[k]], time_ns, temperature_mk)
                                              : (qst_relaxation){.a = 0, .c = 1, .excited = 0};
    }
}

/* 1 - F_r: the average infidelity of the relaxation. */
static double relaxation_infidelity(const qst_gate_noise *noise)
{
    double dim = (double)(1U << noise->n_qubits), process = 1;
    for (size_t k = 0; noise->relaxes && k < noise->n_qubits; k++) {
        process *= (2 - noise->relaxation[k].a + 2 * noise->relaxation[k].c) / 4;
    }
    return dim * (1 - process) / (dim + 1);
}

static double depolarizing_share(const qst_gate_noise *noise, double error)
{
    double dim = (double)(1U << noise->n_qubits), infidelity = relaxation_infidelity(noise);
    if (isnan(error) || error <= infidelity) {
        return 0;
    }
    double share = dim * (fmin(error, dim / (dim + 1)) - infidelity) / (dim * (1 - infidelity) - 1);
    return fmin(share, dim * dim / (dim * dim - 1));
}

static qst_status check_temperature(const qst_device *device, double temperature_mk)
{
    return isfinite(temperature_mk)
               ? QST_OK
               : qsti_fail(device->ctx, QST_ERR_USAGE, "temperature: %g mK is not a finite number", temperature_mk);
}

qst_status qst_device_entry_noise(const qst_device *device, size_t gate, double temperature_mk, qst_gate_noise *out)
{
    if (gate >= device->n_gates) {
        return qsti_fail(device->ctx, QST_ERR_USAGE, "entry %zu: the device has %zu", gate, device->n_gates);
    }
    const qst_device_gate *entry = &device->gates[gate];
    qst_gate_noise noise = {.n_qubits = entry->n_qubits};
    qst_status status = check_temperature(device, temperature_mk);
    if (status == QST_OK) {
        relax_qubits(device, entry->qubits, entry->time_ns, temperature_mk, &noise);
        noise.depolarizing = depolarizing_share(&noise, entry->error);
        *out = noise;
    }
    return status;
}

qst_status qst_device_gate_noise(const qst_device *device, const char *name, const size_t *qubits, size_t n_qubits,
                                 double temperature_mk, qst_gate_noise *out)
{
    size_t gate = 0;
    qst_gate_noise noise;
    qst_status status = QST_OK;
    QSTI_TRY(qst_device_find(device, name, qubits, n_qubits, &gate));
    QSTI_TRY(qst_device_entry_noise(device, gate, temperature_mk, &noise));
    *out = noise;
    if (device->gates[gate].qubits[0] != qubits[0]) { /* found in the other order */
        out->relaxation[0] = noise.relaxation[1];
        out->relaxation[1] = noise.relaxation[0];
    }
done:
    return status;
}

qst_status qst_device_idle_noise(const qst_device *device, size_t qubit, double time_ns, double temperature_mk,
                                 qst_gate_noise *out)
{
    if (qubit >= device->n_qubits) {
        return qsti_fail(device->ctx, QST_ERR_USAGE, "qubit %zu: the device has %zu qubits (0..%zu)", qubit,
                         device->n_qubits, device->n_qubits - 1);
    }
    if (!(time_ns >= 0 && time_ns < INFINITY)) {
        return qsti_fail(device->ctx, QST_ERR_USAGE, "a time of %g ns is not >= 0", time_ns);
    }
    qst_status status = check_temperature(device, temperature_mk);
    if (status == QST_OK) {
        *out = (qst_gate_noise){.n_qubits = 1};
        relax_qubits(device, &qubit, time_ns, temperature_mk, out);
    }
    return status;
}

/* --- readout ------------------------------------------------------------------------------------------------------ */

static void choose_errors(const qst_device_qubit *qubit, qst_readout_model kind, double *m1p0, double *m0p1)
{
    bool has_both = !isnan(qubit->m1p0) && !isnan(qubit->m0p1);
    if (kind == QST_READOUT_MODEL_PROPERTIES && has_both) {
        *m1p0 = qubit->m1p0;
        *m0p1 = qubit->m0p1;
        return;
    }
    double both = !isnan(qubit->readout_error) ? qubit->readout_error : has_both ? (qubit->m1p0 + qubit->m0p1) / 2 : 0;
    *m1p0 = *m0p1 = both;
}

qst_status qst_device_readout(const qst_device *device, size_t qubit, qst_readout_model kind, double out[4])
{
    double m1p0 = 0, m0p1 = 0;
    if (qubit >= device->n_qubits) {
        return qsti_fail(device->ctx, QST_ERR_USAGE, "qubit %zu: the device has %zu qubits (0..%zu)", qubit,
                         device->n_qubits, device->n_qubits - 1);
    }
    choose_errors(&device->qubits[qubit], kind, &m1p0, &m0p1);
    out[0] = 1 - m1p0;
    out[1] = m1p0;
    out[2] = m0p1;
    out[3] = 1 - m0p1;
    return QST_OK;
}

void qsti_device_confusion(const qst_device *device, size_t qubit, qst_readout_model kind, double temperature_mk,
                           double out[4])
{
    double read[4] = {1, 0, 0, 1}, before[4] = {1, 0, 0, 1};
    size_t entry = qsti_device_search(device, "measure", &qubit, 1);
    qst_gate_noise noise;
    (void)qst_device_readout(device, qubit, kind, read); /* the qubit is there */
    if (entry != SIZE_MAX && qst_device_entry_noise(device, entry, temperature_mk, &noise) == QST_OK) {
        const qst_relaxation *r = &noise.relaxation[0];
        double p = noise.depolarizing / 2, up = r->excited * r->a, down = (1 - r->excited) * r->a;
        before[1] = (1 - p) * up + p * (1 - down);
        before[0] = 1 - before[1];
        before[2] = p * (1 - up) + (1 - p) * down;
        before[3] = 1 - before[2];
    }
    for (size_t prepared = 0; prepared < 2; prepared++) {
        for (size_t measured = 0; measured < 2; measured++) {
            out[2 * prepared + measured] =
                before[2 * prepared] * read[measured] + before[2 * prepared + 1] * read[2 + measured];
        }
    }
}
