/* small.c: GHZ states and the Bernstein-Vazirani algorithm [bernstein1997].
 *
 * Bernstein-Vazirani: the oracle adds s.x mod 2 to an ancilla; on (|0> - |1>)/sqrt(2) that is the sign (-1)^(s.x), and
 * H on all turns the state with these signs into |s>, with certainty.
 */
#include <string.h>

#include "algorithms/writing.h"

#define MOST_QUBITS 100000

qst_status qsti_build_ghz(qst_ctx *ctx, const qst_algorithm_opts *opts, qst_assembly **out)
{
    qsti_writing writing;
    qst_status status = qsti_check_qubits(ctx, opts, 1, MOST_QUBITS);
    if (status != QST_OK)
        return status;
    qsti_writing_begin(&writing, ctx, opts->qubits, opts->no_measurement ? 0 : opts->qubits);
    qsti_write_gate(&writing, QST_GATE_h, 0, 0, 0);
    for (size_t q = 1; q < opts->qubits; q++)
        qsti_write_gate(&writing, QST_GATE_cx, q - 1, q, 0);
    if (!opts->no_measurement)
        qsti_write_measurements(&writing, opts->qubits);
    return qsti_writing_end(&writing, out);
}

static qst_status check_secret(qst_ctx *ctx, const qst_algorithm_opts *opts)
{
    size_t n = opts->secret ? strlen(opts->secret) : 0;
    if (n == 0 || strspn(opts->secret, "01") != n)
        return qsti_fail(ctx, QST_ERR_USAGE, "bv: a secret of 0 and 1 is needed, bit 0 right-most, such as 1011%s%.64s",
                         n ? "; not " : "", n ? opts->secret : "");
    if (n > MOST_QUBITS)
        return qsti_fail(ctx, QST_ERR_LIMIT, "bv: a secret of %zu bits: at most %d are taken", n, MOST_QUBITS);
    if (opts->qubits != 0 && opts->qubits != n)
        return qsti_fail(ctx, QST_ERR_MISMATCH, "bv: the secret has %zu bits, and %zu qubits are asked for", n,
                         opts->qubits);
    return QST_OK;
}

qst_status qsti_build_bv(qst_ctx *ctx, const qst_algorithm_opts *opts, qst_assembly **out)
{
    qsti_writing writing;
    qst_status status = check_secret(ctx, opts);
    if (status != QST_OK)
        return status;
    size_t n = strlen(opts->secret);
    qsti_writing_begin(&writing, ctx, n + 1, opts->no_measurement ? 0 : n);
    qsti_write_gate(&writing, QST_GATE_x, n, 0, 0);
    for (size_t q = 0; q <= n; q++)
        qsti_write_gate(&writing, QST_GATE_h, q, 0, 0);
    qsti_write_barrier(&writing, n + 1);
    for (size_t q = 0; q < n; q++)
        if (opts->secret[n - 1 - q] == '1')
            qsti_write_gate(&writing, QST_GATE_cx, q, n, 0);
    qsti_write_barrier(&writing, n + 1);
    for (size_t q = 0; q <= n; q++)
        qsti_write_gate(&writing, QST_GATE_h, q, 0, 0);
    qsti_write_gate(&writing, QST_GATE_x, n, 0, 0);
    if (!opts->no_measurement)
        qsti_write_measurements(&writing, n);
    return qsti_writing_end(&writing, out);
}
