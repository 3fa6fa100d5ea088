/* bind.c: weights -> coefficients of what all samples share: rotations, gates, tables.
 *
 * t = sum over terms of coefficient * a * b. A rotation needs cos(t/2) and sin(t/2); a gate the product of its
 * rotations; a table of a merged run phi(p) = sum_r t_r/2 (-1)^(p.z_r) for every p, which is one Walsh-Hadamard
 * transform of the half angles placed at z_r.
 *
 * With rounded coefficients a gate is also a stretch by sqrt(|a|^2 + |b|^2) = 1 + e, and the same angles have the same
 * e each time: norms would drift by up to 1e-8 a gate in single precision and 1e-16 in double, and the sweep back would
 * double it. So rounding errs on the side that makes up for the stretches so far (error feedback), and their product
 * stays within one rounding of 1, whatever the depth. In double that is done for what all samples share; for per-lane
 * angles e is left alone.
 */
#include <math.h>
#include <string.h>

#include "sim/program.h"

/* --- memory ------------------------------------------------------------------------------------------------------- */

static bool has_weight(const qst_program *program, const qsti_rotation *rotation)
{
    for (size_t i = 0; i < rotation->terms.count; i++) {
        qst_term term = program->terms[rotation->terms.first + i];
        if (term.a > 0 || term.b > 0)
            return true;
    }
    return false;
}

/* The fields of gates that the way back needs. */
static void lay_out_gates(qst_program *program)
{
    program->n_sum_lines = 0;
    for (size_t g = 0; g < program->n_gates; g++) {
        qsti_gate *gate = &program->gates[g];
        gate->sum = (uint32_t)program->n_sum_lines;
        gate->tail = 0;
        gate->head_weights = false;
        program->n_sum_lines += (gate->control ? 2 : 1) * qsti_form_sums((qsti_form)gate->form);
        for (size_t i = gate->count; i-- > 0 && !program->rotations[gate->first + i].per_lane;)
            gate->tail++;
        for (size_t i = 0; i < gate->count - gate->tail; i++)
            gate->head_weights |= has_weight(program, &program->rotations[gate->first + i]);
    }
}

/* And of tiles. */
static void lay_out_tiles(qst_program *program)
{
    program->n_shared_turns = program->n_lane_turns = 0;
    for (size_t i = 0; i < program->n_passes; i++) {
        qsti_pass *pass = &program->passes[i];
        if (pass->kind != QSTI_PASS_TILE)
            continue;
        pass->per_lane = false;
        for (size_t g = 0; g < pass->count; g++)
            pass->per_lane |= program->gates[pass->first + g].per_lane;
        size_t *n = pass->per_lane ? &program->n_lane_turns : &program->n_shared_turns;
        pass->turn = (uint32_t)*n;
        *n += program->cosets[pass->cosets].n_segments;
    }
}

qst_status qsti_program_bind_init(qst_program *program)
{
    qst_ctx *ctx = program->ctx;
    qst_status status = QST_OK;
    size_t table_values = 0, n_shared = (program->n_shared + 7) / 8 * 8;
    lay_out_gates(program);
    lay_out_tiles(program);
    QSTI_TRY(QSTI_NEW(ctx, program->n_featured, &program->slot_rotation));
    for (size_t r = 0; r < program->n_rotations; r++)
        if (program->rotations[r].featured)
            program->slot_rotation[program->rotations[r].angle_slot] = (uint32_t)r;
    QSTI_TRY(QSTI_NEW(ctx, n_shared, &program->cosine));
    QSTI_TRY(QSTI_NEW(ctx, n_shared, &program->sine));
    QSTI_TRY(QSTI_NEW(ctx, program->draws ? n_shared : 0, &program->half));
    QSTI_TRY(QSTI_NEW(ctx, program->n_per_lane ? 8 * program->n_rotations : 0, &program->quaternions));
    QSTI_TRY(qsti_alloc_lines(ctx, program->n_shared_lines, QSTI_LINE_BYTES, &program->shared_lines));
    QSTI_TRY(qsti_alloc_lines(ctx, program->n_shared_turns, QSTI_TURN_LINES * QSTI_LINE_BYTES,
                              (void **)&program->shared_turns));
    if (!qsti_mul(program->n_tables, program->dim, &table_values))
        QSTI_TRY(qsti_fail(ctx, QST_ERR_LIMIT, "the circuit has too many diagonal layers"));
    QSTI_TRY(QSTI_NEW(ctx, table_values, &program->table_cosine));
    QSTI_TRY(QSTI_NEW(ctx, table_values, &program->table_sine));
    QSTI_TRY(QSTI_NEW(ctx, program->n_tables ? program->dim : 0, &program->table_angles));
    QSTI_TRY(QSTI_NEW(ctx, program->n_tables ? program->dim : 0, &program->table_stretch));
done:
    return status;
}

/* --- rounding ----------------------------------------------------------------------------------------------------- */

/* a^2 = *out_square + the result, exactly but for underflow [dekker1971]. */
static inline double square_error(double a, double *out_square)
{
    double split = 134217729.0 * a, high = split - (split - a), low = a - high, square = a * a;
    *out_square = square;
    return ((high * high - square) + 2 * high * low) + low * low;
}

/* Half of (the sum of the squares of n <= 4 numbers, minus 1), without cancellation when the sum is near 1. */
static double stretch_of(size_t n, const double *values, bool exact)
{
    double squares[4] = {0, 0, 0, 0}, rest = 0, sum = -1;
    for (size_t i = 0; i < n; i++) {
        if (exact)
            rest += square_error(values[i], &squares[i]);
        else
            squares[i] = values[i] * values[i];
    }
    /* The largest first: 1 minus it is exact from 1/2 on. */
    for (size_t turn = 0; turn < n; turn++) {
        size_t largest = 0;
        for (size_t i = 1; i < n; i++)
            if (squares[i] > squares[largest])
                largest = i;
        sum += squares[largest];
        squares[largest] = 0;
    }
    return (sum + rest) / 2;
}

void qsti_round_coefficients(qst_precision precision, size_t n_components, size_t n, double *stretch, double *values)
{
    for (size_t i = 0; i < n; i++) {
        double part[4] = {0, 0, 0, 0};
        size_t n_used = 0;
        for (size_t k = 0; k < n_components; k++)
            n_used += values[k * n + i] != 0;
        double keep = n_used > 1 ? 1 - stretch[i] : 1; /* a turn by 0 stays the identity */
        for (size_t k = 0; k < n_components; k++) {
            double value = values[k * n + i] * keep;
            part[k] = values[k * n + i] = precision == QST_SINGLE ? (double)(float)value : value;
        }
        stretch[i] += stretch_of(n_components, part, precision == QST_DOUBLE);
    }
}

/* --- rotations ---------------------------------------------------------------------------------------------------- */

static double shared_angle(const qst_program *program, const qsti_rotation *rotation, const double *weights)
{
    double angle = 0;
    for (size_t i = 0; i < rotation->terms.count; i++) {
        qst_term term = program->terms[rotation->terms.first + i];
        angle += term.coefficient * qsti_variable_value(term.a, weights) * qsti_variable_value(term.b, weights);
    }
    return angle;
}

static void bind_rotations(qst_program *program, const double *weights, qsti_shift shift)
{
    for (size_t r = 0; r < program->n_rotations; r++) {
        const qsti_rotation *rotation = &program->rotations[r];
        if (rotation->featured)
            continue;
        double more = r == shift.rotation ? shift.angle : 0.0;
        program->cosine[rotation->angle_slot] = (shared_angle(program, rotation, weights) + more) / 2;
    }
    if (program->draws != NULL)
        memcpy(program->half, program->cosine, program->n_shared * sizeof *program->half);
    program->kernels->sincos(program->cosine, (program->n_shared + 7) / 8 * 8, program->sine, program->cosine);
}

/* --- gates -------------------------------------------------------------------------------------------------------- */

/* The coefficients of a form from the first column of its matrix; their number is that of the form's lines. */
static void column_to_form(qsti_form form, double column[4])
{
    if (form == QSTI_FORM_X)
        column[1] = -column[3];
    else if (form == QSTI_FORM_Y)
        column[1] = column[2];
}

static void bind_shared_gate(qst_program *program, const qsti_gate *gate)
{
    size_t slot = program->rotations[gate->first].slot, n_lines = qsti_form_lines((qsti_form)gate->form);
    for (unsigned set = 0; set < (gate->control ? 2U : 1U); set++) {
        double column[4];
        qsti_gate_matrix(program, gate, program->cosine + slot, program->sine + slot, set, column);
        column_to_form((qsti_form)gate->form, column);
        char *lines = program->shared_lines;
        program->kernels->spread(column, n_lines, lines + (gate->line + set * n_lines) * QSTI_LINE_BYTES);
    }
}

/* The product of each run of shared rotations inside a gate that has per-lane ones as well. */
static void bind_runs(qst_program *program, const qsti_gate *gate)
{
    for (size_t i = 0; i < gate->count;) {
        const qsti_rotation *first = &program->rotations[gate->first + i];
        qsti_gate run = *gate;
        run.first = (uint32_t)(gate->first + i);
        run.count = 0;
        for (; i < gate->count && !program->rotations[gate->first + i].per_lane; i++)
            run.count++;
        for (unsigned set = 0; set < (gate->control ? 2U : 1U) && run.count > 0; set++)
            qsti_gate_matrix(program, &run, program->cosine + first->slot, program->sine + first->slot, set,
                             program->quaternions + 8 * (size_t)run.first + 4 * set);
        i += run.count == 0;
    }
}

/* --- tiles -------------------------------------------------------------------------------------------------------- */

void qsti_program_coefficients(const qst_program *program, const void *lane_lines, const qsti_pass *pass,
                               size_t segment, const void *out[QSTI_MAX_TILE])
{
    for (size_t g = 0; g < pass->count; g++) {
        const qsti_gate *gate = &program->gates[pass->first + g];
        size_t set = program->cosets[pass->cosets].segment[segment] >> g & 1;
        const char *lines = gate->per_lane ? lane_lines : program->shared_lines;
        out[g] = lines + (gate->line + set * qsti_form_lines((qsti_form)gate->form)) * QSTI_LINE_BYTES;
    }
}

static double line_value(const qst_program *program, const char *line)
{
    const void *first = line;
    return program->opts.precision == QST_SINGLE ? (double)*(const float *)first : *(const double *)first;
}

/* How much longer a turn makes a state, to first order: half of the mean of |D_j|^2 times the product of 1 + |w_g|^2,
 * minus 1. All lanes are alike. */
static double stretch_of_turn(const qst_program *program, const char *turn, qsti_form form, size_t n_gates)
{
    size_t n_parts = form == QSTI_FORM_GENERAL ? 2 : 1;
    size_t n_scales = form == QSTI_FORM_GENERAL ? ((size_t)1 << n_gates) / 2 : 1;
    long double squares = 0, longer = 1;
    for (size_t g = 0; g < n_gates; g++) {
        long double square = 1;
        for (size_t part = 0; part < n_parts; part++) {
            long double w = line_value(program, turn + (2 * g + part) * QSTI_LINE_BYTES);
            square += w * w;
        }
        longer *= square;
    }
    for (size_t j = 0; j < n_scales; j++) {
        for (size_t part = 0; part < n_parts; part++) {
            long double d = line_value(program, turn + (2 * (QSTI_MAX_TILE + j) + part) * QSTI_LINE_BYTES);
            squares += d * d;
        }
    }
    return (double)((longer * squares / (long double)n_scales - 1) / 2);
}

/* A tile of shared gates in each of its segments, the D_j rounded against the stretch so far, which is carried on. */
static void bind_tile(qst_program *program, const qsti_pass *pass, double *stretch)
{
    qsti_form form = (qsti_form)program->gates[pass->first].form;
    const qsti_kernels *kernels = program->kernels;
    double before = *stretch;
    for (size_t s = 0; s < program->cosets[pass->cosets].n_segments; s++) {
        const void *coefficients[QSTI_MAX_TILE];
        char *turn = qsti_program_turn(program, NULL, pass, s), *scales = turn + 2 * QSTI_MAX_TILE * QSTI_LINE_BYTES;
        qsti_program_coefficients(program, NULL, pass, s, coefficients);
        kernels->prepare[form][pass->count - 1](coefficients, turn);
        double own = stretch_of_turn(program, turn, form, pass->count), keep = 1 - before - own;
        for (size_t i = 0; i < 8; i++) {
            double value = line_value(program, scales + i * QSTI_LINE_BYTES) * keep;
            kernels->spread(&value, 1, scales + i * QSTI_LINE_BYTES);
        }
        if (s == 0)
            *stretch = before + stretch_of_turn(program, turn, form, pass->count);
    }
}

/* --- tables ------------------------------------------------------------------------------------------------------- */

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

/* Cosine and sine of phases, (dim) each, as two components a p for rounding. */
static void round_table(qst_program *program, double *cosine, double *sine)
{
    for (size_t p = 0; p < program->dim; p++) {
        double pair[2] = {cosine[p], sine[p]};
        qsti_round_coefficients(program->opts.precision, 2, 1, &program->table_stretch[p], pair);
        cosine[p] = pair[0];
        sine[p] = pair[1];
    }
}

static void bind_table(qst_program *program, const qsti_pass *pass, const double *weights, qsti_shift shift)
{
    double *angles = program->table_angles;
    memset(angles, 0, program->dim * sizeof *angles);
    for (size_t r = pass->first; r < pass->first + pass->count; r++) {
        const qsti_rotation *rotation = &program->rotations[r];
        double angle = shared_angle(program, rotation, weights) + (r == shift.rotation ? shift.angle : 0.0);
        angles[rotation->pauli.z] += angle / 2;
    }
    qsti_walsh(angles, program->dim);
    double *cosine = program->table_cosine + pass->table * program->dim;
    double *sine = program->table_sine + pass->table * program->dim;
    if (program->real) { /* signs, up to the phase of the first */
        program->real_phase += angles[0];
        for (size_t p = 0; p < program->dim; p++) {
            cosine[p] = cos(angles[p] - angles[0]) < 0 ? -1 : 1;
            sine[p] = 0;
        }
        return;
    }
    size_t n_lines = program->dim - program->dim % 8;
    program->kernels->sincos(angles, n_lines, sine, cosine);
    for (size_t p = n_lines; p < program->dim; p++)
        sincos(angles[p], &sine[p], &cosine[p]);
    round_table(program, cosine, sine);
}

/* --- all of it ---------------------------------------------------------------------------------------------------- */

void qsti_program_bind(qst_program *program, const double *weights, qsti_shift shift)
{
    double turn_stretch = 0, phase_stretch = 0;
    memset(program->table_stretch, 0, (program->n_tables ? program->dim : 0) * sizeof *program->table_stretch);
    program->real_phase = 0;
    bind_rotations(program, weights, shift);
    for (size_t g = 0; g < program->n_gates; g++) {
        const qsti_gate *gate = &program->gates[g];
        if (gate->per_lane)
            bind_runs(program, gate);
        else
            bind_shared_gate(program, gate);
    }
    for (size_t i = 0; i < program->n_passes; i++) {
        const qsti_pass *pass = &program->passes[i];
        const qsti_rotation *rotation = &program->rotations[pass->first];
        if (pass->kind == QSTI_PASS_TILE && !pass->per_lane) {
            bind_tile(program, pass, &turn_stretch);
        } else if (pass->kind == QSTI_PASS_TABLE) {
            bind_table(program, pass, weights, shift);
        } else if (pass->kind == QSTI_PASS_PHASE && !rotation->per_lane) {
            double pair[2] = {program->cosine[rotation->slot], program->sine[rotation->slot]};
            qsti_round_coefficients(program->opts.precision, 2, 1, &phase_stretch, pair);
            program->cosine[rotation->slot] = pair[0];
            program->sine[rotation->slot] = pair[1];
        }
    }
}
