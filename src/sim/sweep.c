/* sweep.c: one block of samples forward through a program, and backward with gradients.
 *
 *   dL/dt_r = Im <lambda| P_r |psi>,   lambda = sum_k c_k O_k |psi>                                  [jones2020]
 *
 * taken behind rotation r, where both states are carried back by un-applying the rotations in turn. Two states,
 * whatever the depth or the number of outputs. Unitary circuits only. Layout: psi[2^n][re|im][lane].
 */
#include <math.h>
#include <string.h>

#include "sim/program.h"

/* --- start states ------------------------------------------------------------------------------------------------- */

/* A power of two that takes the largest |feature| of a lane into 1/2..1, or as near as it can; 1 for all zeros. Squares
 * of what it scales neither overflow nor all vanish, and scaling by it rounds nothing that counts. */
static double scale_of(const qst_program *program, const qsti_scratch *scratch, size_t lane)
{
    size_t lanes = program->kernels->lanes;
    double largest = 0;
    int exponent = 0;
    for (size_t j = 0; j < program->n_features; j++)
        largest = fmax(largest, fabs(scratch->x[j * lanes + lane]));
    (void)frexp(largest, &exponent);
    exponent = exponent > 1000 ? 1000 : exponent < -1000 ? -1000 : exponent;
    return ldexp(1.0, -exponent);
}

/* One lane of x / |x|, and its norm |x|. A lane without a sample is |0...0>, with norm 0. */
static void amplitude_lane(const qst_program *program, qsti_scratch *scratch, size_t lane)
{
    size_t lanes = program->kernels->lanes;
    double scale = scale_of(program, scratch, lane), norm = 0;
    for (size_t j = 0; j < program->n_features; j++) {
        double x = scratch->x[j * lanes + lane] * scale;
        norm += x * x;
    }
    norm = sqrt(norm);
    scratch->norm[lane] = norm / scale;
    scratch->lines[lane] = 1;
    for (size_t j = 0; j < program->n_features && norm != 0; j++)
        scratch->lines[j * lanes + lane] = scratch->x[j * lanes + lane] * scale / norm;
}

/* The start amplitudes, which are real, as lines (dim, lanes). */
static void start_lines(const qst_program *program, qsti_scratch *scratch)
{
    size_t lanes = program->kernels->lanes;
    memset(scratch->lines, 0, program->dim * lanes * sizeof *scratch->lines);
    for (size_t lane = 0; lane < lanes; lane++) {
        size_t index = 0;
        if (program->preparation == QST_PREPARE_AMPLITUDE) {
            amplitude_lane(program, scratch, lane);
            continue;
        }
        for (size_t j = 0; j < program->n_features; j++)
            index |= (size_t)(scratch->x[j * lanes + lane] != 0) << j;
        scratch->lines[index * lanes + lane] = 1;
    }
}

static void prepare(const qst_program *program, qsti_scratch *scratch)
{
    const qsti_kernels *kernels = program->kernels;
    memset(scratch->psi, 0, program->dim * kernels->amplitude_bytes);
    if (program->preparation == QST_PREPARE_ZERO) {
        double one = 1;
        for (size_t lane = 0; lane < kernels->lanes; lane++)
            kernels->set_lane(scratch->psi, 1, lane, &one);
        return;
    }
    start_lines(program, scratch);
    double column[QSTI_MAX_LANES];
    char *psi = scratch->psi;
    for (size_t p = 0; p < program->dim; p++) {
        for (size_t lane = 0; lane < kernels->lanes; lane++) {
            column[lane] = scratch->lines[p * kernels->lanes + lane];
            kernels->set_lane(psi + p * kernels->amplitude_bytes, 1, lane, &column[lane]);
        }
    }
}

/* 1 - |<start|psi>|^2 of the worst lane, after psi came back to where it began. */
static double distance_from_start(const qst_program *program, qsti_scratch *scratch)
{
    const qsti_kernels *kernels = program->kernels;
    const char *psi = scratch->psi;
    double worst = 0;
    size_t used = 1;
    if (program->preparation != QST_PREPARE_ZERO) {
        start_lines(program, scratch);
        used = program->dim;
    }
    for (size_t lane = 0; lane < kernels->lanes; lane++) {
        double re = 0, im = 0;
        for (size_t p = 0; p < used; p++) {
            double start = used == 1 ? 1.0 : scratch->lines[p * kernels->lanes + lane], a = 0, b = 0;
            if (start == 0)
                continue;
            kernels->get_lane(psi + p * kernels->amplitude_bytes, 1, lane, &a, &b);
            re += start * a;
            im += start * b;
        }
        double distance = fabs(1 - re * re - im * im);
        worst = distance > worst || isnan(distance) ? distance : worst;
    }
    return worst;
}

/* --- sweeps ------------------------------------------------------------------------------------------------------- */

static qsti_rotor rotor_of(const qst_program *program, const qsti_scratch *scratch, const qsti_rotation *rotation)
{
    size_t slot = rotation->slot, lanes = program->kernels->lanes;
    return (qsti_rotor){
        .pauli = rotation->pauli,
        .per_lane = rotation->per_lane,
        .cosine = rotation->per_lane ? scratch->cosine + slot * lanes : program->cosine + slot,
        .sine = rotation->per_lane ? scratch->sine + slot * lanes : program->sine + slot,
    };
}

void qsti_program_run(const qst_program *program, qsti_scratch *scratch)
{
    const qsti_kernels *kernels = program->kernels;
    prepare(program, scratch);
    for (size_t i = 0; i < program->n_instructions; i++) {
        const qsti_instruction *instruction = &program->instructions[i];
        if (instruction->kind == QSTI_RUN_TABLE) {
            size_t first = instruction->table * program->dim;
            kernels->table(scratch->psi, program->dim, program->table_cosine + first, program->table_sine + first);
            continue;
        }
        qsti_rotor rotor = rotor_of(program, scratch, &program->rotations[instruction->first]);
        if (instruction->kind == QSTI_RUN_ROTATE)
            kernels->rotate(scratch->psi, program->dim, &rotor);
        else
            kernels->phase(scratch->psi, program->dim, &rotor);
    }
}

/* All rotations of a merged run at one point: dL/dt_r = sum_p (-1)^(p.z_r) Im(conj(lambda_p) psi_p). */
static void untable(const qst_program *program, const qsti_instruction *instruction, const double *weights,
                    double *out_weights, qsti_scratch *scratch)
{
    size_t first = instruction->table * program->dim;
    program->kernels->untable(scratch->psi, scratch->lambda, program->dim, program->table_cosine + first,
                              program->table_sine + first, scratch->sums);
    qsti_walsh(scratch->sums, program->dim);
    for (size_t r = instruction->first; r < instruction->first + instruction->count; r++) {
        const qsti_rotation *rotation = &program->rotations[r];
        qsti_program_chain_shared(program, rotation, weights, scratch->sums[rotation->pauli.z], out_weights);
    }
}

/* dL/dx of the normalised amplitudes psi = x / |x|: (2/|x|) (Re lambda_j - psi_j sum_i Re lambda_i psi_i). */
static void amplitude_gradient(const qst_program *program, qsti_scratch *scratch)
{
    const qsti_kernels *kernels = program->kernels;
    const char *lambda = scratch->lambda;
    size_t lanes = kernels->lanes;
    start_lines(program, scratch);
    for (size_t lane = 0; lane < lanes; lane++) {
        double along = 0, re = 0, im = 0, norm = scratch->norm[lane];
        if (norm == 0)
            continue;
        for (size_t j = 0; j < program->n_features; j++) {
            kernels->get_lane(lambda + j * kernels->amplitude_bytes, 1, lane, &re, &im);
            along += re * scratch->lines[j * lanes + lane];
        }
        for (size_t j = 0; j < program->n_features; j++) {
            kernels->get_lane(lambda + j * kernels->amplitude_bytes, 1, lane, &re, &im);
            scratch->out_x[j * lanes + lane] += 2 / norm * (re - scratch->lines[j * lanes + lane] * along);
        }
    }
}

void qsti_program_unrun(const qst_program *program, const double *weights, double *out_weights, bool want_x,
                        qsti_scratch *scratch)
{
    const qsti_kernels *kernels = program->kernels;
    double gradient[QSTI_MAX_LANES];
    memset(scratch->out_x, 0, program->n_features * kernels->lanes * sizeof *scratch->out_x);
    for (size_t i = program->n_instructions; i-- > 0;) {
        const qsti_instruction *instruction = &program->instructions[i];
        if (instruction->kind == QSTI_RUN_TABLE) {
            untable(program, instruction, weights, out_weights, scratch);
            continue;
        }
        const qsti_rotation *rotation = &program->rotations[instruction->first];
        qsti_rotor rotor = rotor_of(program, scratch, rotation);
        if (instruction->kind == QSTI_RUN_ROTATE)
            kernels->unrotate(scratch->psi, scratch->lambda, program->dim, &rotor, gradient);
        else
            kernels->unphase(scratch->psi, scratch->lambda, program->dim, &rotor, gradient);
        qsti_program_chain(program, rotation, weights, gradient, out_weights, scratch);
    }
    double distance = distance_from_start(program, scratch);
    scratch->worst = distance > scratch->worst || isnan(distance) ? distance : scratch->worst;
    if (want_x && program->preparation == QST_PREPARE_AMPLITUDE)
        amplitude_gradient(program, scratch);
}
