/* wide_describe.c: the passes of a wide program in numbers, for describe.c, whose costs of gates and tables these are.
 *
 * Per amplitude that a pass visits, forward: gates, 4 multiply-adds for each factor of a run of diagonals, one reading
 * and one writing; back: two states, and inner products. Making tables is not counted.
 */
#include "sim/wide_form.h"

static double amplitudes(const qst_program *program, const qsti_wide_pass *pass)
{
    return (double)((size_t)program->kernels->lanes << (pass->n_bits + pass->n_free));
}

static double amplitude_bytes(const qst_program *program)
{
    return (double)program->kernels->amplitude_bytes / (double)program->kernels->lanes;
}

/* Multiply-adds an amplitude of one pass: forward, and back. */
static void count(const qst_program *program, const qsti_wide_route *route, const qsti_wide_pass *pass, double out[2])
{
    out[0] = out[1] = 0;
    for (size_t g = pass->first_gate; g < pass->first_gate + pass->n_gates; g++) {
        bool general = program->gates[route->gates[g].gate].form == QSTI_FORM_GENERAL;
        out[0] += general ? 8 : 4;
        out[1] += general ? 6 + 2 * 8 : 2 + 2 * 4;
    }
    for (size_t i = pass->first_action; i < pass->first_action + pass->n_actions; i++) {
        double factors = (double)route->actions[i].count;
        if (route->actions[i].kind != QSTI_WIDE_TURN)
            continue;
        out[0] += 4 * factors;
        out[1] += 2 + factors + 4 * (factors + 1);
    }
}

size_t qsti_wide_passes(const qst_program *program)
{
    return program->wide->routes[QSTI_WIDE_FORWARD].n_all;
}

void qsti_wide_describe(const qst_program *program, qst_pass_info *passes, uint32_t *pass_of,
                        double *multiply_adds_backward, double *bytes_backward)
{
    const qsti_wide_route *forward = &program->wide->routes[QSTI_WIDE_FORWARD];
    const qsti_wide_route *backward = &program->wide->routes[QSTI_WIDE_BACKWARD];
    double each[2];
    for (uint32_t i = 0; i < forward->n_all; i++) {
        const qsti_wide_pass *pass = &forward->passes[i];
        double n = amplitudes(program, pass), moves = i >= forward->n_passes || pass->empty ? 1 : 2;
        count(program, forward, pass, each);
        passes[i] = (qst_pass_info){.kind = i < forward->n_passes ? "blocks" : "readout",
                                    .n_gates = pass->n_gates,
                                    .n_rotations = pass->n_entries,
                                    .multiply_adds = n * each[0],
                                    .bytes = n * moves * amplitude_bytes(program)};
        for (size_t g = pass->first_gate; g < pass->first_gate + pass->n_gates; g++) {
            const qsti_gate *gate = &program->gates[forward->gates[g].gate];
            passes[i].n_rotations += gate->count;
            for (size_t r = gate->first; r < gate->first + gate->count; r++)
                pass_of[r] = i;
        }
        for (size_t e = pass->first_entry; e < pass->first_entry + pass->n_entries; e++)
            pass_of[forward->entries[e].what] = i;
    }
    *multiply_adds_backward = *bytes_backward = 0;
    for (size_t i = 0; i < backward->n_all; i++) {
        double n = amplitudes(program, &backward->passes[i]);
        count(program, backward, &backward->passes[i], each);
        *multiply_adds_backward += n * each[1];
        *bytes_backward += n * (backward->passes[i].empty ? 2 : 4) * amplitude_bytes(program);
    }
}
