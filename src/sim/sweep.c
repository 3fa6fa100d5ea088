/* sweep.c: one block of samples forward through a program's passes, and backward with inner products.
 *
 *   dL/dt_r = Im <lambda| P_r |psi>,   lambda = sum_k c_k O_k |psi>                                  [jones2020]
 *
 * taken behind each gate. lambda is carried back by un-applying the gates; psi is un-applied too, except where the
 * state behind a pass was kept on the way forward: the last n_kept passes write where nothing overwrites them, and then
 * scratch->psi still holds the state in front of the first of them. Unitary circuits only.
 *
 * Self-check: <lambda|psi> = sum_k c_k o_k is the same at every point of the sweep; it is looked at where it ends.
 */
#include <math.h>
#include <string.h>

#include "sim/program.h"

/* --- passes ------------------------------------------------------------------------------------------------------- */

static qsti_rotor rotor_of(const qst_program *program, const qsti_scratch *scratch, const qsti_pass *pass)
{
    const qsti_rotation *rotation = &program->rotations[pass->first];
    size_t slot = rotation->slot, lanes = program->kernels->lanes;
    if (pass->first == scratch->shifted)
        slot = program->n_per_lane;
    return (qsti_rotor){
        .pauli = rotation->pauli,
        .per_lane = rotation->per_lane,
        .cosine = rotation->per_lane ? scratch->cosine + slot * lanes : program->cosine + slot,
        .sine = rotation->per_lane ? scratch->sine + slot * lanes : program->sine + slot,
    };
}

/* Segment `segment` of a tile pass: its cosets and what its gates come down to there. */
static qsti_tile tile_of(const qst_program *program, const qsti_scratch *scratch, const qsti_pass *pass, size_t segment)
{
    const qsti_cosets *cosets = &program->cosets[pass->cosets];
    qsti_tile tile = {.n_gates = pass->count,
                      .bases = cosets->bases + cosets->first[segment],
                      .n_bases = cosets->first[segment + 1] - cosets->first[segment],
                      .turn = qsti_program_turn(program, scratch->lane_turns, pass, segment)};
    memcpy(tile.offset, cosets->offset, sizeof tile.offset);
    return tile;
}

static void run_pass(const qst_program *program, const qsti_scratch *scratch, const qsti_pass *pass, const void *in,
                     void *out)
{
    const qsti_kernels *kernels = program->kernels;
    size_t dim = program->dim;
    switch ((qsti_pass_kind)pass->kind) {
    case QSTI_PASS_TILE: {
        size_t form = program->gates[pass->first].form;
        for (size_t s = 0; s < program->cosets[pass->cosets].n_segments; s++) {
            qsti_tile tile = tile_of(program, scratch, pass, s);
            kernels->tile[form][pass->count - 1](in, out, &tile);
        }
        break;
    }
    case QSTI_PASS_PHASE: {
        qsti_rotor rotor = rotor_of(program, scratch, pass);
        kernels->phase(in, out, dim, &rotor);
        break;
    }
    case QSTI_PASS_TABLE:
        kernels->table(in, out, dim, program->table_cosine + pass->table * dim,
                       program->table_sine + pass->table * dim);
        break;
    case QSTI_PASS_LANE_TABLE: {
        const double *cosine = scratch->lane_tables + 2 * dim * kernels->lanes * pass->table;
        kernels->lane_table(in, out, dim, cosine, cosine + dim * kernels->lanes);
        break;
    }
    }
}

/* Where the state behind pass i lies. */
static void *state_behind(const qst_program *program, const qsti_scratch *scratch, size_t i)
{
    size_t first_kept = program->n_passes - program->n_kept;
    return i < first_kept ? scratch->psi
                          : scratch->kept + (i - first_kept) * program->dim * program->kernels->amplitude_bytes;
}

void *qsti_program_run(const qst_program *program, qsti_scratch *scratch)
{
    void *state = scratch->psi;
    qsti_program_start(program, scratch);
    for (size_t i = 0; i < program->n_passes; i++) {
        void *next = scratch->kept ? state_behind(program, scratch, i) : scratch->psi;
        run_pass(program, scratch, &program->passes[i], state, next);
        state = next;
    }
    return state;
}

/* --- the way back ------------------------------------------------------------------------------------------------- */

/* One block's way back: where it takes from and leaves to. */
typedef struct sweep {
    const qst_program *program;
    qsti_scratch *scratch;
    const double *weights;
    bool want_x;
    double *sums, *out_weights;
} sweep;

static void unrun_tile(const sweep *back, const qsti_pass *pass, const void *psi, void *psi_out)
{
    const qst_program *program = back->program;
    const qsti_kernels *kernels = program->kernels;
    const qsti_gate *gates = &program->gates[pass->first];
    size_t lanes = kernels->lanes, form = gates->form, n_sums = qsti_form_sums((qsti_form)form);
    const qsti_cosets *cosets = &program->cosets[pass->cosets];
    for (size_t s = 0; s < cosets->n_segments; s++) {
        qsti_tile tile = tile_of(program, back->scratch, pass, s);
        if (cosets->n_segments == 1) {
            kernels->untile[form][pass->count - 1](psi, psi_out, back->scratch->lambda, &tile,
                                                   back->sums + gates->sum * lanes);
            break;
        }
        double sums[QSTI_MAX_TILE * 3 * QSTI_MAX_LANES] = {0};
        kernels->untile[form][pass->count - 1](psi, psi_out, back->scratch->lambda, &tile, sums);
        for (size_t g = 0; g < pass->count; g++) {
            size_t set = cosets->segment[s] >> g & 1;
            double *to = back->sums + (gates[g].sum + set * n_sums) * lanes;
            for (size_t i = 0; i < n_sums * lanes; i++)
                to[i] += sums[g * n_sums * lanes + i];
        }
    }
    for (size_t g = 0; g < pass->count; g++)
        qsti_program_chain_lanes(program, &gates[g], back->weights, back->sums + gates[g].sum * lanes, back->want_x,
                                 back->out_weights, back->scratch);
}

/* All rotations of a merged run at one point: dL/dt_r = sum_p (-1)^(p.z_r) Im(conj(lambda_p) psi_p). */
static void unrun_table(const sweep *back, const qsti_pass *pass, const void *psi, void *psi_out)
{
    const qst_program *program = back->program;
    size_t first = pass->table * program->dim;
    double *sums = back->scratch->sums;
    program->kernels->untable(psi, psi_out, back->scratch->lambda, program->dim, program->table_cosine + first,
                              program->table_sine + first, sums);
    if (program->real)
        return;
    qsti_walsh(sums, program->dim);
    for (size_t r = pass->first; r < pass->first + pass->count; r++) {
        const qsti_rotation *rotation = &program->rotations[r];
        qsti_program_chain_shared(program, rotation, back->weights, sums[rotation->pauli.z], back->out_weights);
    }
}

static void unrun_lane_table(const sweep *back, const qsti_pass *pass, const void *psi, void *psi_out)
{
    const qst_program *program = back->program;
    const qsti_kernels *kernels = program->kernels;
    double *sums = back->scratch->lines;
    const double *cosine = back->scratch->lane_tables + 2 * program->dim * kernels->lanes * pass->table;
    kernels->lane_untable(psi, psi_out, back->scratch->lambda, program->dim, cosine,
                          cosine + program->dim * kernels->lanes, sums);
    kernels->walsh(sums, program->dim);
    for (size_t r = pass->first; r < pass->first + pass->count; r++) {
        const qsti_rotation *rotation = &program->rotations[r];
        qsti_program_chain(program, rotation, back->weights, sums + rotation->pauli.z * kernels->lanes,
                           back->out_weights, back->scratch);
    }
}

static void unrun_phase(const sweep *back, const qsti_pass *pass, const void *psi, void *psi_out)
{
    const qst_program *program = back->program;
    double gradient[QSTI_MAX_LANES];
    qsti_rotor rotor = rotor_of(program, back->scratch, pass);
    program->kernels->unphase(psi, psi_out, back->scratch->lambda, program->dim, &rotor, gradient);
    qsti_program_chain(program, &program->rotations[pass->first], back->weights, gradient, back->out_weights,
                       back->scratch);
}

static void unrun_pass(const sweep *back, const qsti_pass *pass, const void *psi, void *psi_out)
{
    switch ((qsti_pass_kind)pass->kind) {
    case QSTI_PASS_TILE:
        unrun_tile(back, pass, psi, psi_out);
        break;
    case QSTI_PASS_PHASE:
        unrun_phase(back, pass, psi, psi_out);
        break;
    case QSTI_PASS_TABLE:
        unrun_table(back, pass, psi, psi_out);
        break;
    case QSTI_PASS_LANE_TABLE:
        unrun_lane_table(back, pass, psi, psi_out);
        break;
    }
}

/* How far <lambda|psi> is from sum_k c_k o_k, by the largest value that it could have, in the worst lane. Amplitudes
 * are linear in psi, observables quadratic: of amplitudes it is half. */
static double distance(const qst_program *program, const qsti_scratch *scratch, const double *overlap)
{
    size_t lanes = program->kernels->lanes;
    double worst = 0, share = program->readout == QST_READOUT_AMPLITUDES ? 0.5 : 1;
    for (size_t lane = 0; lane < lanes; lane++) {
        double expected = 0, scale = 0;
        for (size_t k = 0; k < program->n_outputs; k++) {
            double cotangent = scratch->cotangents[k * lanes + lane];
            expected += share * cotangent * scratch->values[k * lanes + lane];
            scale += fabs(cotangent) * program->output_norm[k];
        }
        double apart = fabs(overlap[lane] - expected);
        if (!(apart <= worst * scale))
            worst = scale > 0 ? apart / scale : worst;
    }
    return worst;
}

void qsti_program_unrun(const qst_program *program, const double *weights, bool want_x, double *sums,
                        double *out_weights, qsti_scratch *scratch)
{
    sweep back = {program, scratch, weights, want_x, sums, out_weights};
    size_t lanes = program->kernels->lanes, first_kept = program->n_passes - program->n_kept;
    double overlap[QSTI_MAX_LANES];
    scratch->want_x = want_x;
    memset(scratch->out_x, 0, want_x ? program->n_features * lanes * sizeof *scratch->out_x : 0);
    for (size_t i = program->n_passes; i-- > 0;) {
        const void *psi = state_behind(program, scratch, i);
        bool wanted = i > 0 || program->n_start == 0; /* the product start has kept its own */
        unrun_pass(&back, &program->passes[i], psi, i < first_kept && wanted ? scratch->psi : NULL);
    }
    qsti_program_unstart(program, want_x, sums, overlap, scratch);
    for (size_t g = 0; g < program->n_start; g++)
        qsti_program_chain_lanes(program, &program->gates[g], weights, sums + program->gates[g].sum * lanes, want_x,
                                 out_weights, scratch);
    double worst = distance(program, scratch, overlap);
    scratch->worst = worst > scratch->worst || isnan(worst) ? worst : scratch->worst;
}
