/* whole.c: the program of a whole circuit, beside one that the light cone has cut down.
 *
 * Values and gradients need only what reaches the readout; states and shots need all. Few callers ask for both, so the
 * second program is compiled when it is first asked for, from copies of circuit and readout.
 */
#include "circuit/circuit_copy.h"
#include "sim/program.h"

qst_status qsti_program_keep_whole(qst_program *program, const qst_circuit *circuit, const qst_readout *readout)
{
    qst_status status = qsti_circuit_copy(program->ctx, circuit, &program->whole_circuit);
    return status == QST_OK ? qsti_readout_copy(program->ctx, readout, &program->whole_readout) : status;
}

qst_status qsti_program_whole(qst_program *program, qst_program **out)
{
    qst_status status = QST_OK;
    qst_compile_opts opts = program->opts;
    opts.optimize_off |= QST_OPTIMIZE_CONE;
    if (program->whole_circuit != NULL && program->whole == NULL)
        QSTI_TRY(
            qst_program_compile(program->ctx, program->whole_circuit, program->whole_readout, &opts, &program->whole));
    *out = program->whole != NULL ? program->whole : program;
done:
    return status;
}
