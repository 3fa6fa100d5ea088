/* search.c: Grover's search [grover1996]: H on all, then rounds of oracle and diffusion.
 *
 * The oracle turns the sign of the marked states: for each, Z on the highest qubit controlled by all others, between X
 * on the qubits whose bit is 0; or it is the caller's circuit. Diffusion is -(1 - 2|s><s|), s the uniform state: the
 * same phase on |0...0> between H on all; its sign is global and left out. With M of N marked and sin^2 a = M/N, k
 * rounds succeed with sin^2((2k+1)a) [boyer1998].
 */
#include <math.h>

#include "algorithms/writing.h"
#include "base/memory.h"

#define MOST_QUBITS     20
#define MOST_ITERATIONS 1000000
#define PI              3.14159265358979323846

static double angle_of(size_t qubits, size_t n_marked)
{
    return asin(sqrt(ldexp((double)n_marked, -(int)qubits)));
}

size_t qst_grover_iterations(size_t qubits, size_t n_marked)
{
    double best = PI / (4 * angle_of(qubits, n_marked)) - 0.5;
    return best > 0.5 ? (size_t)lround(best) : 0;
}

double qst_grover_success(size_t qubits, size_t n_marked, size_t iterations)
{
    double s = sin((2 * (double)iterations + 1) * angle_of(qubits, n_marked));
    return s * s;
}

/* --- one round ---------------------------------------------------------------------------------------------------- */

/* Turns the sign of one basis state of the qubits 0..n-1. */
static void write_sign_of(qsti_writing *writing, size_t n, uint64_t state)
{
    uint32_t controls[MOST_QUBITS] = {0};
    for (size_t q = 0; q < n; q++) {
        controls[q] = (uint32_t)q;
        if (!(state >> q & 1))
            qsti_write_gate(writing, QST_GATE_x, q, 0, 0);
    }
    if (n == 1)
        qsti_write_gate(writing, QST_GATE_z, 0, 0, 0);
    else if (n == 2)
        qsti_write_gate(writing, QST_GATE_cz, 0, 1, 0);
    else
        qsti_write_controlled(writing, QST_GATE_z, controls, n - 1, (uint32_t)n - 1);
    for (size_t q = 0; q < n; q++)
        if (!(state >> q & 1))
            qsti_write_gate(writing, QST_GATE_x, q, 0, 0);
}

static void write_h_on_all(qsti_writing *writing, size_t n)
{
    for (size_t q = 0; q < n; q++)
        qsti_write_gate(writing, QST_GATE_h, q, 0, 0);
}

static void write_round(qsti_writing *writing, const qst_algorithm_opts *opts)
{
    for (size_t m = 0; m < opts->n_marked; m++)
        write_sign_of(writing, opts->qubits, opts->marked[m]);
    if (opts->oracle)
        qsti_write_assembly(writing, opts->oracle);
    write_h_on_all(writing, opts->qubits);
    write_sign_of(writing, opts->qubits, 0);
    write_h_on_all(writing, opts->qubits);
}

/* --- options ------------------------------------------------------------------------------------------------------ */

static qst_status check_marked(qst_ctx *ctx, const qst_algorithm_opts *opts)
{
    uint8_t *is_marked = NULL;
    size_t dim = (size_t)1 << opts->qubits;
    qst_status status = QST_OK;
    QSTI_TRY(QSTI_NEW(ctx, dim, &is_marked));
    for (size_t m = 0; m < opts->n_marked; m++) {
        if (opts->marked[m] >= dim)
            QSTI_TRY(qsti_fail(ctx, QST_ERR_USAGE, "grover: marked state %llu: %zu qubits have the states 0..%zu",
                               (unsigned long long)opts->marked[m], opts->qubits, dim - 1));
        if (is_marked[opts->marked[m]]++)
            QSTI_TRY(qsti_fail(ctx, QST_ERR_USAGE, "grover: state %llu is marked twice",
                               (unsigned long long)opts->marked[m]));
    }
done:
    qsti_free(ctx, is_marked);
    return status;
}

static qst_status check(qst_ctx *ctx, const qst_algorithm_opts *opts)
{
    qst_status status = qsti_check_qubits(ctx, opts, 1, MOST_QUBITS);
    if (status != QST_OK)
        return status;
    if ((opts->n_marked > 0) == (opts->oracle != NULL))
        return qsti_fail(ctx, QST_ERR_USAGE, "grover: marked states or an oracle are needed, one of them");
    if (opts->oracle && qst_assembly_qubits(opts->oracle) < opts->qubits)
        return qsti_fail(ctx, QST_ERR_MISMATCH, "grover: the oracle has %zu qubits, the search %zu",
                         qst_assembly_qubits(opts->oracle), opts->qubits);
    if (opts->oracle && qst_assembly_parameters(opts->oracle) > 0)
        return qsti_fail(ctx, QST_ERR_MISMATCH, "grover: the oracle has the free input %s",
                         qst_assembly_parameter(opts->oracle, 0));
    if (opts->iterations > MOST_ITERATIONS)
        return qsti_fail(ctx, QST_ERR_LIMIT, "grover: %zu iterations: at most %d are taken", opts->iterations,
                         MOST_ITERATIONS);
    return opts->oracle ? QST_OK : check_marked(ctx, opts);
}

qst_status qsti_build_grover(qst_ctx *ctx, const qst_algorithm_opts *opts, qst_assembly **out)
{
    qsti_writing writing;
    qst_status status = check(ctx, opts);
    if (status != QST_OK)
        return status;
    size_t n = opts->qubits, rounds = opts->iterations;
    if (rounds == 0)
        rounds = qst_grover_iterations(n, opts->oracle ? 1 : opts->n_marked);
    qsti_writing_begin(&writing, ctx, opts->oracle ? qst_assembly_qubits(opts->oracle) : n,
                       opts->no_measurement ? 0 : n);
    write_h_on_all(&writing, n);
    for (size_t r = 0; r < rounds && writing.status == QST_OK; r++)
        write_round(&writing, opts);
    if (!opts->no_measurement)
        qsti_write_measurements(&writing, n);
    return qsti_writing_end(&writing, out);
}
