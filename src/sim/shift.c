/* shift.c: gradients by the parameter-shift rule [schuld2019]: slow, and nothing of the backward sweep in it.
 *
 *   dL/dt_r = (L(t_r + pi/2) - L(t_r - pi/2)) / 2,   L = sum_k c_k value_k per sample
 *
 * exact for rotations exp(-i t P / 2), which is all that a program has. The chain rule to weights and features is
 * shared with the adjoint sweep.
 */
#include <math.h>
#include <string.h>

#include "sim/noisy.h"
#include "sim/wide.h"

/* sum_k c_k value_k of every lane with one rotation shifted. */
static void shifted_loss(const qst_program *program, const double *weights, qsti_shift shift, qsti_scratch *scratch,
                         double *loss)
{
    size_t lanes = program->kernels->lanes;
    qsti_program_bind_lanes(program, weights, shift, scratch);
    qsti_program_values(program, qsti_program_run(program, scratch), scratch);
    memset(loss, 0, lanes * sizeof *loss);
    for (size_t k = 0; k < program->n_outputs; k++)
        for (size_t lane = 0; lane < lanes; lane++)
            loss[lane] += scratch->cotangents[k * lanes + lane] * scratch->values[k * lanes + lane];
}

static void shift_block(qst_program *program, const double *weights, qst_const_matrix x, qst_const_matrix cotangent,
                        size_t block, double *out_weights, double *out_x)
{
    qsti_scratch *scratch = &program->scratch[0];
    size_t lanes = program->kernels->lanes, first = block * lanes;
    scratch->want_x = out_x != NULL;
    memset(scratch->out_x, 0, program->n_features * lanes * sizeof *scratch->out_x);
    memset(scratch->cotangents, 0, program->n_outputs * lanes * sizeof *scratch->cotangents);
    qsti_program_load(program, x, block, scratch);
    for (size_t lane = 0; lane < lanes && first + lane < x.n_rows; lane++)
        for (size_t k = 0; k < program->n_outputs; k++)
            scratch->cotangents[k * lanes + lane] = cotangent.data[(first + lane) * program->n_outputs + k];
    for (size_t r = 0; r < program->n_rotations; r++) {
        double plus[QSTI_MAX_LANES], minus[QSTI_MAX_LANES];
        qsti_shift shift = {r, M_PI_2};
        qsti_program_bind(program, weights, shift);
        shifted_loss(program, weights, shift, scratch, plus);
        shift.angle = -M_PI_2;
        qsti_program_bind(program, weights, shift);
        shifted_loss(program, weights, shift, scratch, minus);
        for (size_t lane = 0; lane < lanes; lane++)
            plus[lane] = (plus[lane] - minus[lane]) / 2;
        qsti_program_chain(program, &program->rotations[r], weights, plus, out_weights, scratch);
    }
    for (size_t lane = 0; lane < lanes && first + lane < x.n_rows && out_x != NULL; lane++)
        for (size_t j = 0; j < program->n_features; j++)
            out_x[(first + lane) * program->n_features + j] = scratch->out_x[j * lanes + lane];
}

qst_status qst_program_parameter_shift(qst_program *program, const double *weights, qst_const_matrix x,
                                       qst_const_matrix cotangent, double *out_weights, qst_matrix out_x)
{
    qst_status status = QST_OK;
    QSTI_TRY(qsti_noisy_refuse(program, "parameter-shift rule here"));
    if (out_x.data != NULL && program->preparation == QST_PREPARE_AMPLITUDE)
        QSTI_TRY(qsti_fail(program->ctx, QST_ERR_UNSUPPORTED,
                           "amplitude features have no parameter-shift rule: no rotation carries them"));
    if (program->readout == QST_READOUT_AMPLITUDES)
        QSTI_TRY(qsti_fail(program->ctx, QST_ERR_UNSUPPORTED,
                           "amplitudes have no parameter-shift rule of two terms: they are no expectation values"));
    QSTI_TRY(qsti_program_check_shape(program, "cotangent", cotangent.n_rows, cotangent.n_cols, x.n_rows,
                                      program->n_outputs));
    if (out_x.data != NULL)
        QSTI_TRY(qsti_program_check_shape(program, "out_x", out_x.n_rows, out_x.n_cols, x.n_rows, program->n_features));
    QSTI_TRY(qsti_program_check(program, weights, x));
    if (program->wide != NULL)
        return qsti_wide_parameter_shift(program, weights, x, cotangent, out_weights, out_x);
    QSTI_TRY(qsti_program_reserve(program, 1, false, 0));
    for (size_t w = 0; w < program->n_weights; w++)
        out_weights[w] = 0;
    size_t lanes = program->kernels->lanes;
    for (size_t block = 0; block * lanes < x.n_rows; block++)
        shift_block(program, weights, x, cotangent, block, out_weights, out_x.data);
done:
    return status;
}
