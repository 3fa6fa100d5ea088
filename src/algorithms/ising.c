/* ising.c: the transverse-field Ising model, H = -J sum_i Z_i Z_{i+1} - h sum_i X_i, evolved by products [suzuki1976].
 *
 * A step of dt: order 1, exp(-i dt H_ZZ) exp(-i dt H_X) with an error of O(dt^2) a step; order 2, half a step of X on
 * both sides, O(dt^3); the halves of neighbouring steps are one gate. exp(i J dt ZZ) is rzz(-2 J dt), exp(i h dt X) is
 * rx(-2 h dt).
 */
#include <math.h>

#include "algorithms/writing.h"

#define MOST_QUBITS 1000
#define MOST_STEPS  100000

static qst_status check(qst_ctx *ctx, const qst_algorithm_opts *opts)
{
    qst_status status = qsti_check_qubits(ctx, opts, 2, MOST_QUBITS);
    if (status != QST_OK)
        return status;
    if (opts->steps < 1 || opts->steps > MOST_STEPS)
        return qsti_fail(ctx, QST_ERR_USAGE, "tfim: %zu steps: 1..%d are taken", opts->steps, MOST_STEPS);
    if (opts->order < 0 || opts->order > 2)
        return qsti_fail(ctx, QST_ERR_USAGE, "tfim: order %d: 1 or 2 is taken", opts->order);
    if (!(opts->time > 0) || !isfinite(opts->time) || !isfinite(opts->coupling) || !isfinite(opts->field))
        return qsti_fail(ctx, QST_ERR_USAGE,
                         "tfim: time %g, coupling %g, field %g: finite numbers and a time > 0 are needed", opts->time,
                         opts->coupling, opts->field);
    if (opts->periodic && opts->qubits < 3)
        return qsti_fail(ctx, QST_ERR_USAGE, "tfim: a ring has at least 3 qubits");
    return QST_OK;
}

/* Bonds that share no qubit stand beside each other: even ones, then odd ones, then that of the ring. */
static void write_bonds(qsti_writing *writing, const qst_algorithm_opts *opts, double dt)
{
    for (size_t parity = 0; parity < 2; parity++)
        for (size_t q = parity; q + 1 < opts->qubits; q += 2)
            qsti_write_gate(writing, QST_GATE_rzz, q, q + 1, -2 * opts->coupling * dt);
    if (opts->periodic)
        qsti_write_gate(writing, QST_GATE_rzz, opts->qubits - 1, 0, -2 * opts->coupling * dt);
}

static void write_field(qsti_writing *writing, const qst_algorithm_opts *opts, double dt)
{
    for (size_t q = 0; q < opts->qubits; q++)
        qsti_write_gate(writing, QST_GATE_rx, q, 0, -2 * opts->field * dt);
}

qst_status qsti_build_tfim(qst_ctx *ctx, const qst_algorithm_opts *opts, qst_assembly **out)
{
    qsti_writing writing;
    qst_status status = check(ctx, opts);
    if (status != QST_OK)
        return status;
    double dt = opts->time / (double)opts->steps;
    bool symmetric = opts->order != 1;
    qsti_writing_begin(&writing, ctx, opts->qubits, 0);
    if (symmetric)
        write_field(&writing, opts, dt / 2);
    for (size_t s = 0; s < opts->steps && writing.status == QST_OK; s++) {
        write_bonds(&writing, opts, dt);
        write_field(&writing, opts, symmetric && s + 1 == opts->steps ? dt / 2 : dt);
    }
    return qsti_writing_end(&writing, out);
}
