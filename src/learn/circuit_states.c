/* circuit_states.c: see circuit_states.h. */
#include "learn/circuit_states.h"

#include "base/memory.h"
#include "circuit/circuit.h"

qst_status qsti_circuit_states_compile(qst_ctx *ctx, const qst_circuit *circuit, qst_program **out, size_t *out_values)
{
    qst_status status = QST_OK;
    qst_readout *readout = NULL;
    const qst_compile_opts opts = {.precision = QST_DOUBLE, .layout = QST_LAYOUT_SMALL};
    QSTI_TRY(qst_readout_amplitudes(ctx, circuit->n_qubits, &readout));
    QSTI_TRY(qst_program_compile(ctx, circuit, readout, &opts, out));
    *out_values = qst_readout_outputs(readout);
done:
    qst_readout_free(readout);
    return status;
}

qst_status qsti_circuit_states(qst_ctx *ctx, const qst_circuit *circuit, const double *weights, qst_const_matrix x,
                               double **out, size_t *out_values)
{
    qst_status status = QST_OK;
    qst_program *program = NULL;
    double *states = NULL;
    size_t n_values = 0, n = 0;
    QSTI_TRY(qsti_circuit_states_compile(ctx, circuit, &program, &n_values));
    if (!qsti_mul(x.n_rows, n_values, &n))
        QSTI_TRY(qsti_fail(ctx, QST_ERR_LIMIT, "the states of %zu rows are too many", x.n_rows));
    QSTI_TRY(QSTI_NEW(ctx, n, &states));
    if (x.n_rows > 0)
        QSTI_TRY(qst_program_forward(program, weights, x, (qst_matrix){states, x.n_rows, n_values}));
    *out = states;
    *out_values = n_values;
    states = NULL;
done:
    qsti_free(ctx, states);
    qst_program_free(program);
    return status;
}
