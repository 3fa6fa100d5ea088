/* pauli_channel.c: Pauli channels by their eigenvalues, powers of elementary channels, and the twirl.
 *
 * On one qubit the eigenvalues are lambda = W p with W = [1 1 1 1; 1 1 -1 -1; 1 -1 1 -1; 1 -1 -1 1] over I X Y Z, on n
 * qubits the n-fold Kronecker product of W does the same; W W = 4. Strength s takes lambda to lambda^s. That has to be
 * a channel again: with s >= 1 whole it is one, in between not always (X and Z without Y have no square root).
 * Relaxation for s times the time has 1 - a -> (1 - a)^s and c -> c^s.
 */
#include <math.h>

#include "noise/noise_model.h"

/* Probabilities that are 0 or negative by no more than this are rounding. */
#define ROUNDING 1e-14

/* out = W^(x n) out, in place. */
static void transform(size_t n, double *values)
{
    for (size_t stride = 1; stride < (size_t)1 << (2 * n); stride *= 4) {
        for (size_t base = 0; base < (size_t)1 << (2 * n); base++) {
            if (base / stride % 4 != 0)
                continue;
            double *at = values + base;
            double i = at[0], x = at[stride], y = at[2 * stride], z = at[3 * stride];
            at[0] = (i + x) + (y + z);
            at[stride] = (i + x) - (y + z);
            at[2 * stride] = (i - x) + (y - z);
            at[3 * stride] = (i - x) - (y - z);
        }
    }
}

void qsti_pauli_eigenvalues(const double *probability, size_t n, double *out)
{
    for (size_t p = 0; p < (size_t)1 << (2 * n); p++)
        out[p] = probability[p];
    transform(n, out);
}

void qsti_noise_depolarize(double p, qsti_noise_event *event)
{
    size_t n_paulis = (size_t)1 << (2 * event->n_qubits);
    event->kind = QSTI_NOISE_PAULI;
    for (size_t q = 1; q < n_paulis; q++)
        event->probability[q] = p / (double)n_paulis;
    event->probability[0] = fmax(0, 1 - p * (double)(n_paulis - 1) / (double)n_paulis);
}

bool qsti_noise_is_idle(const qsti_noise_event *event)
{
    switch (event->kind) {
    case QSTI_NOISE_PAULI:
        for (size_t p = 1; p < (size_t)1 << (2 * event->n_qubits); p++) {
            if (event->probability[p] != 0)
                return false;
        }
        return true;
    case QSTI_NOISE_RELAXATION:
        return event->relaxation.a == 0 && event->relaxation.c == 1;
    case QSTI_NOISE_ROTATION:
        return event->angle == 0;
    }
    return true;
}

/* --- powers ------------------------------------------------------------------------------------------------------- */

static qst_status power_of_pauli(qst_ctx *ctx, double strength, qsti_noise_event *event)
{
    double values[64] = {0}, rest = 1;
    size_t n_paulis = (size_t)1 << (2 * event->n_qubits);
    qsti_pauli_eigenvalues(event->probability, event->n_qubits, values);
    for (size_t p = 0; p < n_paulis; p++) {
        if (values[p] < -ROUNDING)
            return qsti_fail(ctx, QST_ERR_UNSUPPORTED,
                             "noise of strength %g: a Pauli channel with the eigenvalue %g has no powers", strength,
                             values[p]);
        values[p] = pow(fmax(0, values[p]), strength);
    }
    transform(event->n_qubits, values);
    for (size_t p = 1; p < n_paulis; p++) {
        double share = values[p] / (double)n_paulis;
        if (share < -ROUNDING)
            return qsti_fail(ctx, QST_ERR_UNSUPPORTED,
                             "noise of strength %g: that power of a Pauli channel is none, one probability would be %g",
                             strength, share);
        event->probability[p] = share > ROUNDING ? share : 0;
        rest -= event->probability[p];
    }
    event->probability[0] = fmax(0, rest);
    return QST_OK;
}

qst_status qsti_noise_power(qst_ctx *ctx, double strength, qsti_noise_event *event)
{
    if (strength == 1)
        return QST_OK;
    switch (event->kind) {
    case QSTI_NOISE_RELAXATION:
        event->relaxation.a = -expm1(strength * log1p(-event->relaxation.a));
        event->relaxation.c = pow(event->relaxation.c, strength);
        return QST_OK;
    case QSTI_NOISE_ROTATION:
        event->angle *= strength;
        return QST_OK;
    case QSTI_NOISE_PAULI:
        break;
    }
    return qsti_noise_is_idle(event) ? QST_OK : power_of_pauli(ctx, strength, event);
}

/* --- the twirl ---------------------------------------------------------------------------------------------------- */

void qsti_noise_twirl(const qsti_noise_event *relaxation, qsti_noise_event *out)
{
    double a = relaxation->relaxation.a, c = relaxation->relaxation.c, z = (2 - a - 2 * c) / 4;
    *out = (qsti_noise_event){.kind = QSTI_NOISE_PAULI, .n_qubits = 1, .qubits = {relaxation->qubits[0]}};
    out->probability[1] = a / 4;
    out->probability[2] = a / 4;
    out->probability[3] = fmax(0, z); /* >= 0 but for rounding, since c^2 <= 1 - a */
    out->probability[0] = 1 - a / 2 - out->probability[3];
}
