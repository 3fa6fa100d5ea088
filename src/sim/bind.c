/* bind.c: weights and features -> coefficients of rotations, and the chain rule back.
 *
 * t = sum over terms of coefficient * a * b. A rotation needs cos(t/2) and sin(t/2); a table of a merged run needs
 * phi(p) = sum_r t_r/2 (-1)^(p.z_r) for every p, which is one Walsh-Hadamard transform of the half angles placed at
 * z_r.
 */
#include <math.h>
#include <string.h>

#include "sim/program.h"

static double shared_angle(const qst_program *program, const qsti_rotation *rotation, const double *weights)
{
    double angle = 0;
    for (size_t i = 0; i < rotation->terms.count; i++) {
        qst_term term = program->terms[rotation->terms.first + i];
        angle += term.coefficient * qsti_variable_value(term.a, weights) * qsti_variable_value(term.b, weights);
    }
    return angle;
}

void qsti_walsh(double *values, size_t dim)
{
    for (size_t bit = 1; bit < dim; bit *= 2)
        for (size_t high = 0; high < dim; high += 2 * bit)
            for (size_t p = high; p < high + bit; p++) {
                double a = values[p], b = values[p + bit];
                values[p] = a + b;
                values[p + bit] = a - b;
            }
}

static void bind_table(qst_program *program, const qsti_instruction *instruction, const double *weights,
                       qsti_shift shift)
{
    double *angles = program->table_angles;
    memset(angles, 0, program->dim * sizeof *angles);
    for (size_t r = instruction->first; r < instruction->first + instruction->count; r++) {
        const qsti_rotation *rotation = &program->rotations[r];
        double angle = shared_angle(program, rotation, weights) + (r == shift.rotation ? shift.angle : 0.0);
        angles[rotation->pauli.z] += angle / 2;
    }
    qsti_walsh(angles, program->dim);
    double *cosine = program->table_cosine + instruction->table * program->dim;
    double *sine = program->table_sine + instruction->table * program->dim;
    for (size_t p = 0; p < program->dim; p++)
        sincos(angles[p], &sine[p], &cosine[p]);
}

void qsti_program_bind(qst_program *program, const double *weights, qsti_shift shift)
{
    for (size_t i = 0; i < program->n_instructions; i++) {
        const qsti_instruction *instruction = &program->instructions[i];
        const qsti_rotation *rotation = &program->rotations[instruction->first];
        if (instruction->kind == QSTI_RUN_TABLE) {
            bind_table(program, instruction, weights, shift);
        } else if (!rotation->per_lane) {
            double angle = shared_angle(program, rotation, weights);
            angle += instruction->first == shift.rotation ? shift.angle : 0.0;
            sincos(angle / 2, &program->sine[rotation->slot], &program->cosine[rotation->slot]);
        }
    }
}

/* One factor of a term: a number for all lanes, or a line of features. */
typedef struct factor {
    const double *line;
    double value;
} factor;

static factor factor_of(const qst_program *program, const qsti_scratch *scratch, qst_variable v, const double *weights)
{
    if (v < 0)
        return (factor){scratch->x + (size_t)(-v - 1) * program->kernels->lanes, 0.0};
    return (factor){NULL, qsti_variable_value(v, weights)};
}

static double factor_at(factor f, size_t lane)
{
    return f.line ? f.line[lane] : f.value;
}

void qsti_program_bind_lanes(const qst_program *program, const double *weights, qsti_shift shift, qsti_scratch *scratch)
{
    size_t lanes = program->kernels->lanes;
    for (size_t r = 0; r < program->n_rotations; r++) {
        const qsti_rotation *rotation = &program->rotations[r];
        if (!rotation->per_lane)
            continue;
        double half[QSTI_MAX_LANES] = {0};
        for (size_t i = 0; i < rotation->terms.count; i++) {
            qst_term term = program->terms[rotation->terms.first + i];
            factor a = factor_of(program, scratch, term.a, weights), b = factor_of(program, scratch, term.b, weights);
            for (size_t lane = 0; lane < lanes; lane++)
                half[lane] += 0.5 * term.coefficient * factor_at(a, lane) * factor_at(b, lane);
        }
        double *cosine = scratch->cosine + rotation->slot * lanes, *sine = scratch->sine + rotation->slot * lanes;
        double more = r == shift.rotation ? shift.angle / 2 : 0.0;
        for (size_t lane = 0; lane < lanes; lane++)
            sincos(half[lane] + more, &sine[lane], &cosine[lane]);
    }
}

/* d(term)/d(variable) = coefficient * other, for both variables of a term. */
static void chain_term(const qst_program *program, qst_variable v, factor other, double coefficient,
                       const double *gradient, double *out_weights, qsti_scratch *scratch)
{
    size_t lanes = program->kernels->lanes;
    if (v > 0) {
        double sum = 0;
        for (size_t lane = 0; lane < lanes; lane++)
            sum += gradient[lane] * factor_at(other, lane);
        out_weights[v - 1] += coefficient * sum;
    } else if (v < 0) {
        double *line = scratch->out_x + (size_t)(-v - 1) * lanes;
        for (size_t lane = 0; lane < lanes; lane++)
            line[lane] += coefficient * gradient[lane] * factor_at(other, lane);
    }
}

void qsti_program_chain(const qst_program *program, const qsti_rotation *rotation, const double *weights,
                        const double *gradient, double *out_weights, qsti_scratch *scratch)
{
    for (size_t i = 0; i < rotation->terms.count; i++) {
        qst_term term = program->terms[rotation->terms.first + i];
        factor a = factor_of(program, scratch, term.a, weights), b = factor_of(program, scratch, term.b, weights);
        chain_term(program, term.a, b, term.coefficient, gradient, out_weights, scratch);
        chain_term(program, term.b, a, term.coefficient, gradient, out_weights, scratch);
    }
}

void qsti_program_chain_shared(const qst_program *program, const qsti_rotation *rotation, const double *weights,
                               double gradient, double *out_weights)
{
    for (size_t i = 0; i < rotation->terms.count; i++) {
        qst_term term = program->terms[rotation->terms.first + i];
        if (term.a > 0)
            out_weights[term.a - 1] += term.coefficient * gradient * qsti_variable_value(term.b, weights);
        if (term.b > 0)
            out_weights[term.b - 1] += term.coefficient * gradient * qsti_variable_value(term.a, weights);
    }
}
