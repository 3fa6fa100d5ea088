/* bind.c: weights and features -> coefficients of rotations, and the chain rule back.
 *
 * t = sum over terms of coefficient * a * b. A rotation needs cos(t/2) and sin(t/2); a table of a merged run needs
 * phi(p) = sum_r t_r/2 (-1)^(p.z_r) for every p, which is one Walsh-Hadamard transform of the half angles placed at
 * z_r.
 *
 * With rounded c and s a rotation is also a stretch by sqrt(c^2 + s^2) = 1 + e, and the same angle has the same e each
 * time: norms would drift by up to 1e-8 a gate in single precision and 1e-16 in double, and the sweep back would double
 * it. So rounding errs on the side that makes up for the stretches so far (error feedback), and their product stays
 * within one rounding of 1, whatever the depth. In double that is done for what all samples share; for per-lane angles
 * e is left alone.
 */
#include <math.h>
#include <string.h>

#include "sim/program.h"

/* (c2 + s2 - 1) / 2 without cancellation, for c2 + s2 near 1: e. */
static inline double stretch_of(double c2, double s2)
{
    double larger = c2 > s2 ? c2 : s2, smaller = c2 > s2 ? s2 : c2;
    return ((larger - 1) + smaller) / 2;
}

/* Rounds n cosines and sines to float; stretch[i], the sum of e over the rotations before this one, is carried on. A
 * turn by 0 stays the identity. */
static void round_single(size_t n, double *restrict stretch, double *restrict cosine, double *restrict sine)
{
    for (size_t i = 0; i < n; i++) {
        double less = cosine[i] * sine[i] != 0 ? stretch[i] : 0.0;
        double c = (double)(float)(cosine[i] - cosine[i] * less), s = (double)(float)(sine[i] - sine[i] * less);
        stretch[i] += stretch_of(c * c, s * s);
        cosine[i] = c;
        sine[i] = s;
    }
}

/* a^2 = *out_square + the result, exactly but for underflow [dekker1971]. */
static inline double square_error(double a, double *out_square)
{
    double split = 134217729.0 * a, high = split - (split - a), low = a - high, square = a * a;
    *out_square = square;
    return ((high * high - square) + 2 * high * low) + low * low;
}

/* The same in double. */
static void round_double(size_t n, double *restrict stretch, double *restrict cosine, double *restrict sine)
{
    for (size_t i = 0; i < n; i++) {
        double less = cosine[i] * sine[i] != 0 ? stretch[i] : 0.0, c2 = 0, s2 = 0;
        double c = cosine[i] - cosine[i] * less, s = sine[i] - sine[i] * less;
        double rest = square_error(c, &c2) + square_error(s, &s2);
        stretch[i] += stretch_of(c2, s2) + rest / 2;
        cosine[i] = c;
        sine[i] = s;
    }
}

static void round_shared(const qst_program *program, size_t n, double *stretch, double *cosine, double *sine)
{
    if (program->precision == QST_SINGLE)
        round_single(n, stretch, cosine, sine);
    else
        round_double(n, stretch, cosine, sine);
}

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
    for (size_t bit = 1; bit < dim; bit *= 2) {
        for (size_t high = 0; high < dim; high += 2 * bit) {
            for (size_t p = high; p < high + bit; p++) {
                double a = values[p], b = values[p + bit];
                values[p] = a + b;
                values[p + bit] = a - b;
            }
        }
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
    size_t n_lines = program->dim - program->dim % 8;
    program->kernels->sincos(angles, n_lines, sine, cosine);
    for (size_t p = n_lines; p < program->dim; p++)
        sincos(angles[p], &sine[p], &cosine[p]);
    round_shared(program, program->dim, program->table_stretch, cosine, sine);
}

void qsti_program_bind(qst_program *program, const double *weights, qsti_shift shift)
{
    double stretch = 0;
    memset(program->table_stretch, 0, (program->n_tables ? program->dim : 0) * sizeof *program->table_stretch);
    for (size_t i = 0; i < program->n_instructions; i++) {
        const qsti_instruction *instruction = &program->instructions[i];
        const qsti_rotation *rotation = &program->rotations[instruction->first];
        if (instruction->kind == QSTI_RUN_TABLE) {
            bind_table(program, instruction, weights, shift);
        } else if (!rotation->per_lane) {
            double angle = shared_angle(program, rotation, weights);
            angle += instruction->first == shift.rotation ? shift.angle : 0.0;
            sincos(angle / 2, &program->sine[rotation->slot], &program->cosine[rotation->slot]);
            round_shared(program, 1, &stretch, &program->cosine[rotation->slot], &program->sine[rotation->slot]);
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

/* The half angles of all per-lane rotations, (n_per_lane, lanes). */
static void lane_angles(const qst_program *program, const double *weights, qsti_shift shift,
                        const qsti_scratch *scratch, double *half_angles)
{
    size_t lanes = program->kernels->lanes;
    for (size_t r = 0; r < program->n_rotations; r++) {
        const qsti_rotation *rotation = &program->rotations[r];
        if (!rotation->per_lane)
            continue;
        double *half = half_angles + rotation->slot * lanes, more = r == shift.rotation ? shift.angle / 2 : 0.0;
        for (size_t lane = 0; lane < lanes; lane++)
            half[lane] = more;
        for (size_t i = 0; i < rotation->terms.count; i++) {
            qst_term term = program->terms[rotation->terms.first + i];
            factor a = factor_of(program, scratch, term.a, weights), b = factor_of(program, scratch, term.b, weights);
            for (size_t lane = 0; lane < lanes; lane++)
                half[lane] += 0.5 * term.coefficient * factor_at(a, lane) * factor_at(b, lane);
        }
    }
}

void qsti_program_bind_lanes(const qst_program *program, const double *weights, qsti_shift shift, qsti_scratch *scratch)
{
    size_t lanes = program->kernels->lanes;
    double stretch[QSTI_MAX_LANES] = {0};
    lane_angles(program, weights, shift, scratch, scratch->cosine);
    program->kernels->sincos(scratch->cosine, program->n_per_lane * lanes, scratch->sine, scratch->cosine);
    for (size_t slot = 0; slot < program->n_per_lane && program->precision == QST_SINGLE; slot++)
        round_single(lanes, stretch, scratch->cosine + slot * lanes, scratch->sine + slot * lanes);
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
