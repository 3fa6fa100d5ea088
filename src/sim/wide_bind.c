/* wide_bind.c: weights and one sample's features -> angles and coefficient lines of a wide program, and the chain rule
 * back.
 *
 * A gate's rows depend on two bits of the amplitude, parity(p & z) and parity(p & control). What of these masks lies in
 * the lanes is put into the lines: there are lines for both values that the rest of each can have.
 */
#include <math.h>
#include <string.h>

#include "sim/draws.h"
#include "sim/frame.h"
#include "sim/wide_run.h"

/* --- drawn errors ------------------------------------------------------------------------------------------------- */

/* Signs of rotations and observables, and the readout's flips: those of the run's row; without draws none. */
static void bind_signs(qsti_wide_run *run)
{
    const qst_program *program = run->program;
    uint32_t x[QSTI_MAX_QUBITS] = {0}, z[QSTI_MAX_QUBITS] = {0}, end = 0;
    if (program->draws != NULL)
        qsti_draws_walk(program, run->row, 1, run->sign_words, x, z);
    for (size_t r = 0; r < program->n_rotations; r++) {
        const qsti_rotation *rotation = &program->rotations[r];
        run->signs[r] = rotation->drawn && run->sign_words[rotation->order] ? -1 : 1;
    }
    for (size_t i = 0; i < program->n_observables; i++) {
        const qsti_observable *observable = &program->observables[i];
        bool minus = qsti_draws_sign(x, z, observable->pauli.x, observable->pauli.z) != 0;
        run->observed[i] = minus ? -observable->coefficient : observable->coefficient;
    }
    for (size_t j = 0; j < program->n_qubits; j++)
        end |= x[j] << j;
    run->flip = qsti_frame_logical(&program->frame, program->n_qubits, end) ^ program->frame.flip;
}

/* --- angles ------------------------------------------------------------------------------------------------------- */

static double value_of(const qsti_wide_run *run, qst_variable v)
{
    return v < 0 ? run->x[-v - 1] : qsti_variable_value(v, run->weights);
}

static void bind_angles(qsti_wide_run *run, qsti_shift shift)
{
    const qst_program *program = run->program;
    for (size_t r = 0; r < program->n_rotations; r++) {
        qsti_span terms = program->rotations[r].terms;
        double angle = r == shift.rotation ? shift.angle : 0.0;
        for (size_t i = terms.first; i < terms.first + terms.count; i++) {
            qst_term term = program->terms[i];
            angle += term.coefficient * value_of(run, term.a) * value_of(run, term.b);
        }
        run->half[r] = run->signs[r] * angle / 2;
        sincos(run->half[r], &run->sine[r], &run->cosine[r]);
    }
}

/* --- coefficients ------------------------------------------------------------------------------------------------- */

const void *qsti_wide_coefficients(const qsti_wide_run *run, uint32_t gate, unsigned swapped, unsigned set)
{
    const qst_program *program = run->program;
    size_t n = qsti_form_lines((qsti_form)program->gates[gate].form);
    const char *lines = run->coefficients;
    return lines + (program->wide->coefficient_lines[gate] + n * (2 * set + swapped)) * QSTI_LINE_BYTES;
}

/* The coefficients of a form for bit 0, from (a, b) of the matrix, or for bit 1: a* for a, -b* for b. */
static void form_coefficients(qsti_form form, const double *column, bool swapped, double out[4])
{
    double turn = swapped ? -1 : 1;
    out[0] = column[0];
    if (form == QSTI_FORM_X) {
        out[1] = -column[3];
    } else if (form == QSTI_FORM_Y) {
        out[1] = turn * column[2];
    } else {
        out[1] = turn * column[1];
        out[2] = turn * column[2];
        out[3] = column[3];
    }
}

static void bind_gate(qsti_wide_run *run, uint32_t number, double stretch[2])
{
    const qst_program *program = run->program;
    const qsti_gate *gate = &program->gates[number];
    size_t lanes = program->kernels->lanes, n_lines = qsti_form_lines((qsti_form)gate->form);
    double columns[2][4], values[4 * QSTI_MAX_LANES];
    for (unsigned set = 0; set < (gate->control ? 2U : 1U); set++) {
        qsti_gate_matrix(program, gate, run->cosine + gate->first, run->sine + gate->first, set, columns[set]);
        qsti_round_coefficients(program->opts.precision, 4, 1, &stretch[set], columns[set]);
    }
    for (unsigned set = 0; set < (gate->control ? 2U : 1U); set++) {
        for (unsigned swapped = 0; swapped < 2; swapped++) {
            for (uint32_t lane = 0; lane < lanes; lane++) {
                double out[4];
                form_coefficients((qsti_form)gate->form, columns[set ^ qsti_parity(lane, gate->control)],
                                  swapped ^ qsti_parity(lane, gate->z), out);
                for (size_t i = 0; i < n_lines; i++)
                    values[i * lanes + lane] = out[i];
            }
            program->kernels->to_lines(values, n_lines, (void *)qsti_wide_coefficients(run, number, swapped, set));
        }
    }
}

void qsti_wide_bind(qsti_wide_run *run, qsti_shift shift)
{
    double stretch[2] = {0, 0};
    bind_signs(run);
    bind_angles(run, shift);
    for (uint32_t g = 0; g < run->program->n_gates; g++)
        bind_gate(run, g, stretch);
}

/* --- the chain rule ----------------------------------------------------------------------------------------------- */

static void chain_variable(qsti_wide_run *run, qst_variable v, double gradient)
{
    if (v > 0)
        run->out_weights[v - 1] += gradient;
    else if (v < 0 && run->out_x != NULL)
        run->out_x[-v - 1] += gradient;
}

void qsti_wide_chain(qsti_wide_run *run)
{
    const qst_program *program = run->program;
    for (size_t r = 0; r < program->n_rotations; r++) {
        qsti_span terms = program->rotations[r].terms;
        for (size_t i = terms.first; i < terms.first + terms.count; i++) {
            qst_term term = program->terms[i];
            double scale = term.coefficient * run->signs[r] * run->gradient[r];
            chain_variable(run, term.a, scale * value_of(run, term.b));
            chain_variable(run, term.b, scale * value_of(run, term.a));
        }
    }
}
