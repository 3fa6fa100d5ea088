/* fourier.c: the quantum Fourier transform [coppersmith1994] and phase estimation [kitaev1995].
 *
 * Qubit 0 is the least significant bit on both sides: from the highest qubit down, H and then the phases pi/2^(j-k) of
 * all lower ones, and at the end the swaps that put the bits in order.
 *
 * Phase estimation with n counting qubits: powers 2^k of U = p(2 pi phase), controlled by qubit k, turn the phase into
 * a Fourier series over the counting register, whose inverse transform gives round(2^n phase) with probability >=
 * 4/pi^2, and exactly when 2^n phase is a whole number. The target, qubit n, is in the eigenstate |1>.
 */
#include <math.h>

#include "algorithms/writing.h"

#define MOST_QUBITS 1000
#define PI          3.14159265358979323846

static void write_swaps(qsti_writing *writing, size_t n)
{
    for (size_t q = 0; q < n / 2; q++)
        qsti_write_gate(writing, QST_GATE_swap, q, n - 1 - q, 0);
}

void qsti_write_qft(qsti_writing *writing, size_t n, bool swaps, bool inverse)
{
    if (swaps && inverse)
        write_swaps(writing, n);
    for (size_t i = 0; i < n; i++) {
        size_t j = inverse ? i : n - 1 - i;
        if (!inverse)
            qsti_write_gate(writing, QST_GATE_h, j, 0, 0);
        for (size_t k = 0; k < j; k++) {
            size_t control = inverse ? k : j - 1 - k;
            double phase = ldexp(PI, -(int)(j - control));
            qsti_write_gate(writing, QST_GATE_cp, control, j, inverse ? -phase : phase);
        }
        if (inverse)
            qsti_write_gate(writing, QST_GATE_h, j, 0, 0);
    }
    if (swaps && !inverse)
        write_swaps(writing, n);
}

static qst_status build(qst_ctx *ctx, const qst_algorithm_opts *opts, bool inverse, qst_assembly **out)
{
    qsti_writing writing;
    qst_status status = qsti_check_qubits(ctx, opts, 1, MOST_QUBITS);
    if (status != QST_OK)
        return status;
    qsti_writing_begin(&writing, ctx, opts->qubits, 0);
    qsti_write_qft(&writing, opts->qubits, !opts->no_swaps, inverse);
    return qsti_writing_end(&writing, out);
}

qst_status qsti_build_qft(qst_ctx *ctx, const qst_algorithm_opts *opts, qst_assembly **out)
{
    return build(ctx, opts, false, out);
}

qst_status qsti_build_iqft(qst_ctx *ctx, const qst_algorithm_opts *opts, qst_assembly **out)
{
    return build(ctx, opts, true, out);
}

qst_status qsti_build_qpe(qst_ctx *ctx, const qst_algorithm_opts *opts, qst_assembly **out)
{
    qsti_writing writing;
    size_t n = opts->qubits;
    qst_status status = qsti_check_qubits(ctx, opts, 1, 50);
    if (status != QST_OK)
        return status;
    if (!(opts->phase >= 0 && opts->phase < 1))
        return qsti_fail(ctx, QST_ERR_USAGE, "qpe: the phase %g is not in 0 <= phase < 1", opts->phase);
    qsti_writing_begin(&writing, ctx, n + 1, opts->no_measurement ? 0 : n);
    qsti_write_gate(&writing, QST_GATE_x, n, 0, 0);
    for (size_t k = 0; k < n; k++)
        qsti_write_gate(&writing, QST_GATE_h, k, 0, 0);
    for (size_t k = 0; k < n; k++) {
        double turns = ldexp(opts->phase, (int)k);
        qsti_write_gate(&writing, QST_GATE_cp, k, n, 2 * PI * (turns - floor(turns)));
    }
    qsti_write_qft(&writing, n, true, true);
    if (!opts->no_measurement)
        qsti_write_measurements(&writing, n);
    return qsti_writing_end(&writing, out);
}
