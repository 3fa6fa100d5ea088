/* state.c: the state vector of one sample, with the frame undone and the global phase put back. */
#include <math.h>

#include "sim/frame.h"
#include "sim/noisy.h"
#include "sim/wide.h"

static double global_phase(const qst_program *program, const double *weights, const double *x)
{
    double angle = 0;
    for (size_t i = 0; i < program->global_phase.count; i++) {
        qst_term term = program->terms[program->global_phase.first + i];
        double a = term.a < 0 ? x[-term.a - 1] : qsti_variable_value(term.a, weights);
        double b = term.b < 0 ? x[-term.b - 1] : qsti_variable_value(term.b, weights);
        angle += term.coefficient * a * b;
    }
    return angle;
}

/* Amplitudes in logical order, without the global phase. */
static qst_status small_state(qst_program *program, const double *weights, qst_const_matrix row, double complex *out)
{
    qst_status status = QST_OK;
    QSTI_TRY(qsti_program_reserve(program, 1, false, 0));
    qsti_scratch *scratch = &program->scratch[0];
    qsti_program_bind(program, weights, QSTI_NO_SHIFT);
    qsti_program_load(program, row, 0, scratch);
    qsti_program_bind_lanes(program, weights, QSTI_NO_SHIFT, scratch);
    const char *psi = qsti_program_run(program, scratch);
    for (size_t p = 0; p < program->dim; p++) {
        double re = 0, im = 0;
        program->kernels->get_lane(psi + p * program->kernels->amplitude_bytes, 1, 0, &re, &im);
        out[qsti_frame_logical(&program->frame, program->n_qubits, (uint32_t)p)] = re + I * im;
    }
done:
    return status;
}

qst_status qst_program_state(qst_program *program, const double *weights, const double *x, double complex *out)
{
    qst_status status = QST_OK;
    qst_const_matrix row = {x, 1, program->n_features};
    QSTI_TRY(qsti_noisy_refuse(program, "state vector"));
    QSTI_TRY(qsti_program_check(program, weights, row));
    QSTI_TRY(qsti_program_whole(program, &program));
    QSTI_TRY(program->wide ? qsti_wide_state(program, weights, x, out) : small_state(program, weights, row, out));
    double complex phase = cexp(I * (global_phase(program, weights, x) - program->real_phase));
    for (size_t p = 0; p < program->dim; p++)
        out[p] *= phase;
done:
    return status;
}
