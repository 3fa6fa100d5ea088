/* chain.c: the chain rule: from inner products of gates and rotations to gradients of weights and features.
 *
 * dL/dt of the rotations behind a gate's last per-lane one needs the sum over all samples only: that is taken once a
 * batch. What stands in front of a per-lane rotation is taken lane by lane, the triple being carried through the gate
 * (gate.c has the formulas).
 */
#include <string.h>

#include "sim/program.h"

/* --- terms -------------------------------------------------------------------------------------------------------- */

/* sum += or line[lane] += coefficient * gradient[lane] * the other variable of a term. */
static void chain_term(const qst_program *program, qst_variable v, qst_variable other, double coefficient,
                       const double *weights, const double *gradient, double *out_weights, qsti_scratch *scratch)
{
    size_t lanes = program->kernels->lanes;
    const double *line = other < 0 ? scratch->x + (size_t)(-other - 1) * lanes : NULL;
    double scale = other < 0 ? coefficient : coefficient * qsti_variable_value(other, weights);
    if (v > 0)
        out_weights[v - 1] += scale * program->algebra->sum_product(lanes, gradient, line);
    else if (v < 0 && scratch->want_x)
        program->algebra->add_product(scratch->out_x + (size_t)(-v - 1) * lanes, lanes, scale, gradient, line);
}

void qsti_program_chain(const qst_program *program, const qsti_rotation *rotation, const double *weights,
                        const double *gradient, double *out_weights, qsti_scratch *scratch)
{
    size_t lanes = program->kernels->lanes;
    double turned[QSTI_MAX_LANES];
    if (rotation->drawn) {
        const double *signs = scratch->signs + (rotation->slot - program->n_featured) * lanes;
        if (!rotation->featured) {
            double sum = program->algebra->sum_product(lanes, gradient, signs);
            qsti_program_chain_shared(program, rotation, weights, sum, out_weights);
            return;
        }
        for (size_t lane = 0; lane < lanes; lane++)
            turned[lane] = signs[lane] * gradient[lane];
        gradient = turned;
    }
    for (size_t i = 0; i < rotation->terms.count; i++) {
        qst_term term = program->terms[rotation->terms.first + i];
        chain_term(program, term.a, term.b, term.coefficient, weights, gradient, out_weights, scratch);
        chain_term(program, term.b, term.a, term.coefficient, weights, gradient, out_weights, scratch);
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

/* --- sample by sample --------------------------------------------------------------------------------------------- */

/* A gate's inner products as triples (sets, x | y | z, lanes). */
static void unpack(const qsti_gate *gate, const double *sums, size_t lanes, double *triples)
{
    size_t n_sets = gate->control ? 2 : 1, n_sums = qsti_form_sums((qsti_form)gate->form);
    size_t axis = gate->form == QSTI_FORM_Y ? QSTI_AXIS_Y : QSTI_AXIS_X;
    memset(triples, 0, n_sets * 3 * lanes * sizeof *triples);
    for (size_t set = 0; set < n_sets; set++)
        memcpy(triples + (3 * set + axis) * lanes, sums + n_sums * set * lanes, n_sums * lanes * sizeof *triples);
}

/* dL/dt of a rotation in front of which the triples will stand. */
static void gradient_lines(const qsti_gate *gate, const qsti_rotation *rotation, size_t lanes, const double *triples,
                           double *gradient)
{
    size_t axis = qsti_rotation_axis(rotation);
    bool minus = qsti_rotation_controlled(gate, rotation);
    memcpy(gradient, triples + axis * lanes, lanes * sizeof *gradient);
    for (size_t lane = 0; lane < lanes && gate->control; lane++)
        gradient[lane] += minus ? -triples[(3 + axis) * lanes + lane] : triples[(3 + axis) * lanes + lane];
}

void qsti_program_chain_lanes(const qst_program *program, const qsti_gate *gate, const double *weights,
                              const double *sums, bool want_x, double *out_weights, qsti_scratch *scratch)
{
    const qsti_lane_algebra *algebra = program->algebra;
    size_t lanes = program->kernels->lanes, n_sets = gate->control ? 2 : 1, n_head = gate->count - gate->tail;
    double triples[6 * QSTI_MAX_LANES], gradient[QSTI_MAX_LANES], spread[2 * QSTI_MAX_LANES];
    if (n_head == 0 || !(want_x || gate->head_weights))
        return;
    unpack(gate, sums, lanes, triples);
    for (size_t set = 0; set < n_sets && gate->tail > 0; set++)
        algebra->unmultiply_triple(triples + 3 * set * lanes, lanes,
                                   program->quaternions + 8 * (gate->first + n_head) + 4 * set);
    for (size_t i = n_head; i-- > 0;) {
        const qsti_rotation *rotation = &program->rotations[gate->first + i];
        const double *cosine = scratch->cosine + rotation->slot * lanes, *sine = scratch->sine + rotation->slot * lanes;
        gradient_lines(gate, rotation, lanes, triples, gradient);
        qsti_program_chain(program, rotation, weights, gradient, out_weights, scratch);
        if (!rotation->per_lane) {
            for (size_t lane = 0; lane < lanes; lane++) {
                spread[lane] = program->cosine[rotation->slot];
                spread[lanes + lane] = program->sine[rotation->slot];
            }
            cosine = spread;
            sine = spread + lanes;
        }
        for (size_t set = 0; set < n_sets && i > 0; set++)
            algebra->unturn_triple[qsti_rotation_axis(rotation)](
                triples + 3 * set * lanes, lanes, set && qsti_rotation_controlled(gate, rotation), cosine, sine);
    }
}

/* --- once a batch ------------------------------------------------------------------------------------------------- */

static double sum_of_lanes(const double *line, size_t lanes)
{
    double sum = 0;
    for (size_t lane = 0; lane < lanes; lane++)
        sum += line[lane];
    return sum;
}

static void chain_tail(const qst_program *program, const qsti_gate *gate, const double *weights, const double *sums,
                       double *out_weights)
{
    size_t lanes = program->kernels->lanes, n_sums = qsti_form_sums((qsti_form)gate->form);
    size_t axis = gate->form == QSTI_FORM_Y ? QSTI_AXIS_Y : QSTI_AXIS_X;
    double triples[2][3] = {{0, 0, 0}, {0, 0, 0}};
    for (size_t set = 0; set < (gate->control ? 2 : 1); set++)
        for (size_t s = 0; s < n_sums; s++)
            triples[set][axis + s] = sum_of_lanes(sums + (n_sums * set + s) * lanes, lanes);
    for (size_t i = gate->count; i-- > gate->count - gate->tail;) {
        qsti_gate one = *gate;
        one.first += (uint32_t)i;
        one.count = 1;
        const qsti_rotation *rotation = &program->rotations[one.first];
        double gradient = 0;
        qsti_gate_gradients(program, &one, program->cosine + rotation->slot, program->sine + rotation->slot, triples,
                            &gradient);
        qsti_program_chain_shared(program, rotation, weights, gradient, out_weights);
    }
}

void qsti_program_chain_batch(const qst_program *program, const double *weights, const double *sums,
                              double *out_weights)
{
    for (size_t g = 0; g < program->n_gates; g++) {
        const qsti_gate *gate = &program->gates[g];
        chain_tail(program, gate, weights, sums + gate->sum * program->kernels->lanes, out_weights);
    }
}
