/* bind_lanes.c: features -> coefficients of what differs by sample, for one block: rotations, gates, tables.
 *
 * All in double, (components, lanes); the state's precision is taken on at the end. A gate's column begins as (1, 0); a
 * per-lane rotation turns it lane by lane, a run of shared rotations multiplies it by one matrix (bind.c). Rotations
 * with a drawn sign (draws.h) have the cosine of their angle, and its sine times the sign.
 */
#include <math.h>
#include <string.h>

#include "kernels/lane_algebra.h"
#include "sim/draws.h"

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

/* half[lane] += the half of one term. */
static void add_term(const qst_program *program, const qsti_scratch *scratch, qst_term term, const double *weights,
                     double *half)
{
    size_t lanes = program->kernels->lanes;
    factor a = factor_of(program, scratch, term.a, weights), b = factor_of(program, scratch, term.b, weights);
    double scale = 0.5 * term.coefficient * (a.line ? 1.0 : a.value) * (b.line ? 1.0 : b.value);
    program->algebra->add_product(half, lanes, scale, a.line, b.line);
}

static void lane_angles(const qst_program *program, const double *weights, qsti_scratch *scratch)
{
    size_t lanes = program->kernels->lanes;
    memset(scratch->halves, 0, program->n_featured * lanes * sizeof *scratch->halves);
    for (size_t slot = 0; slot < program->n_featured; slot++) {
        const qsti_rotation *rotation = &program->rotations[program->slot_rotation[slot]];
        for (size_t i = 0; i < rotation->terms.count; i++)
            add_term(program, scratch, program->terms[rotation->terms.first + i], weights,
                     scratch->halves + slot * lanes);
    }
}

/* The slots of rotations with a drawn sign: of half angles where a table is made from them. */
static void lane_signs(const qst_program *program, qsti_scratch *scratch)
{
    const qsti_draws *draws = program->draws;
    size_t lanes = program->kernels->lanes;
    bool tables = program->n_lane_tables > 0;
    for (size_t i = 0; i < draws->n_signed; i++) {
        const qsti_rotation *rotation = &program->rotations[draws->signed_rotations[i]];
        size_t from = rotation->angle_slot, to = rotation->slot * lanes;
        const double *restrict signs = scratch->signs + i * lanes;
        double *restrict half = scratch->halves + to, *restrict cosine = scratch->cosine + to;
        double *restrict sine = scratch->sine + to;
        if (rotation->featured) {
            from *= lanes;
            memcpy(cosine, scratch->cosine + from, lanes * sizeof *cosine);
            for (size_t lane = 0; lane < lanes; lane++)
                sine[lane] = signs[lane] * scratch->sine[from + lane];
            for (size_t lane = 0; lane < lanes && tables; lane++)
                half[lane] = signs[lane] * scratch->halves[from + lane];
            continue;
        }
        double c = program->cosine[from], s = program->sine[from], t = program->half[from];
        for (size_t lane = 0; lane < lanes; lane++) {
            cosine[lane] = c;
            sine[lane] = signs[lane] * s;
        }
        for (size_t lane = 0; lane < lanes && tables; lane++)
            half[lane] = signs[lane] * t;
    }
}

/* --- gates -------------------------------------------------------------------------------------------------------- */

/* Cosine and sine of one per-lane rotation; a shifted one has its own, in `room` (2, lanes). */
static const double *rotation_lines(const qst_program *program, const qsti_scratch *scratch, size_t r, qsti_shift shift,
                                    double *room, const double **out_sine)
{
    size_t lanes = program->kernels->lanes, slot = program->rotations[r].slot;
    const double *c = scratch->cosine + slot * lanes, *s = scratch->sine + slot * lanes;
    *out_sine = s;
    if (r != shift.rotation)
        return c;
    double dc = cos(shift.angle / 2), ds = sin(shift.angle / 2);
    for (size_t lane = 0; lane < lanes; lane++) {
        room[lane] = c[lane] * dc - s[lane] * ds;
        room[lanes + lane] = s[lane] * dc + c[lane] * ds;
    }
    *out_sine = room + lanes;
    return room;
}

/* The gate's first column, (4, lanes), for one parity of its control. */
static void gate_column(const qst_program *program, const qsti_scratch *scratch, const qsti_gate *gate, unsigned set,
                        qsti_shift shift, double *column)
{
    size_t lanes = program->kernels->lanes;
    const qsti_lane_algebra *algebra = program->algebra;
    double room[2 * QSTI_MAX_LANES];
    bool begun = program->rotations[gate->first].per_lane;
    memset(column, 0, begun ? 0 : 4 * lanes * sizeof *column);
    for (size_t lane = 0; lane < lanes && !begun; lane++)
        column[lane] = 1;
    for (size_t i = 0; i < gate->count;) {
        size_t r = gate->first + i;
        const qsti_rotation *rotation = &program->rotations[r];
        if (rotation->per_lane) {
            const double *sine = NULL, *cosine = rotation_lines(program, scratch, r, shift, room, &sine);
            bool minus = set && qsti_rotation_controlled(gate, rotation);
            qsti_axis axis = qsti_rotation_axis(rotation);
            (i == 0 ? algebra->begin_column : algebra->turn_column)[axis](column, lanes, minus, cosine, sine);
            i++;
            continue;
        }
        algebra->multiply_column(column, lanes, program->quaternions + 8 * r + 4 * set);
        while (i < gate->count && !program->rotations[gate->first + i].per_lane)
            i++;
    }
}

static void bind_gate(const qst_program *program, qsti_scratch *scratch, const qsti_gate *gate, qsti_shift shift)
{
    size_t lanes = program->kernels->lanes, n_lines = qsti_form_lines((qsti_form)gate->form);
    double column[4 * QSTI_MAX_LANES];
    for (unsigned set = 0; set < (gate->control ? 2U : 1U); set++) {
        gate_column(program, scratch, gate, set, shift, column);
        if (gate->form == QSTI_FORM_Y)
            memcpy(column + lanes, column + 2 * lanes, lanes * sizeof *column);
        for (size_t lane = 0; lane < lanes && gate->form == QSTI_FORM_X; lane++)
            column[lanes + lane] = -column[3 * lanes + lane];
        char *lines = scratch->lane_lines;
        program->kernels->to_lines(column, n_lines, lines + (gate->line + set * n_lines) * QSTI_LINE_BYTES);
    }
}

static void bind_tile(const qst_program *program, qsti_scratch *scratch, const qsti_pass *pass)
{
    size_t form = program->gates[pass->first].form;
    for (size_t s = 0; s < program->cosets[pass->cosets].n_segments; s++) {
        const void *coefficients[QSTI_MAX_TILE];
        qsti_program_coefficients(program, scratch->lane_lines, pass, s, coefficients);
        program->kernels->prepare[form][pass->count - 1](coefficients,
                                                         qsti_program_turn(program, scratch->lane_turns, pass, s));
    }
}

/* --- tables ------------------------------------------------------------------------------------------------------- */

static void bind_table(const qst_program *program, qsti_scratch *scratch, const qsti_pass *pass, qsti_shift shift)
{
    size_t lanes = program->kernels->lanes, n = program->dim * lanes;
    double *cosine = scratch->lane_tables + 2 * n * pass->table, *sine = cosine + n;
    memset(cosine, 0, n * sizeof *cosine);
    for (size_t r = pass->first; r < pass->first + pass->count; r++) {
        const qsti_rotation *rotation = &program->rotations[r];
        const double *half = scratch->halves + rotation->slot * lanes;
        double *at = cosine + rotation->pauli.z * lanes, more = r == shift.rotation ? shift.angle / 2 : 0.0;
        for (size_t lane = 0; lane < lanes; lane++)
            at[lane] += half[lane] + more;
    }
    program->kernels->walsh(cosine, program->dim);
    program->kernels->sincos(cosine, n, sine, cosine);
}

/* --- all of it ---------------------------------------------------------------------------------------------------- */

/* One diagonal rotation by itself, when its angle is shifted: it gets the spare slot. */
static void bind_phase(const qst_program *program, qsti_scratch *scratch, const qsti_pass *pass, qsti_shift shift)
{
    size_t lanes = program->kernels->lanes, spare = program->n_per_lane * lanes;
    double room[2 * QSTI_MAX_LANES];
    const double *sine = NULL, *cosine = rotation_lines(program, scratch, pass->first, shift, room, &sine);
    memcpy(scratch->cosine + spare, cosine, lanes * sizeof *cosine);
    memcpy(scratch->sine + spare, sine, lanes * sizeof *sine);
    scratch->shifted = pass->first;
}

void qsti_program_bind_lanes(const qst_program *program, const double *weights, qsti_shift shift, qsti_scratch *scratch)
{
    scratch->shifted = SIZE_MAX;
    if (program->n_per_lane == 0)
        return;
    lane_angles(program, weights, scratch);
    program->kernels->sincos(scratch->halves, program->n_featured * program->kernels->lanes, scratch->sine,
                             scratch->cosine);
    if (program->draws != NULL)
        lane_signs(program, scratch);
    for (size_t g = 0; g < program->n_gates; g++)
        if (program->gates[g].per_lane)
            bind_gate(program, scratch, &program->gates[g], shift);
    for (size_t i = 0; i < program->n_passes; i++) {
        const qsti_pass *pass = &program->passes[i];
        if (pass->kind == QSTI_PASS_TILE && pass->per_lane)
            bind_tile(program, scratch, pass);
        else if (pass->kind == QSTI_PASS_LANE_TABLE)
            bind_table(program, scratch, pass, shift);
        else if (pass->kind == QSTI_PASS_PHASE && pass->first == shift.rotation &&
                 program->rotations[pass->first].per_lane)
            bind_phase(program, scratch, pass, shift);
    }
}
