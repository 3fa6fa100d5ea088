/* compile.c: circuit and readout -> program, stage by stage (program.h has the stages and the form).
 *
 * Here: the choice between small and wide, the readout in physical coordinates, and the program's end.
 */
#include <math.h>
#include <unistd.h>

#include "kernels/isa.h"
#include "sim/cone.h"
#include "sim/draws.h"
#include "sim/frame.h"
#include "sim/noisy.h"
#include "sim/wide.h"

/* --- the readout -------------------------------------------------------------------------------------------------- */

static qst_status compile_groups(qst_program *program, const qst_readout *readout)
{
    qst_status status = QST_OK;
    for (size_t k = 0; k < program->n_outputs; k++)
        program->output_norm[k] = 1;
    if (program->info.layout == QST_LAYOUT_WIDE && readout->kind == QST_READOUT_AMPLITUDES)
        return qsti_fail(program->ctx, QST_ERR_UNSUPPORTED, "amplitudes as outputs: not in the layout of wide states");
    if (program->info.layout == QST_LAYOUT_WIDE)
        return QST_OK;
    QSTI_TRY(QSTI_NEW(program->ctx, program->dim, &program->output_of));
    for (size_t p = 0; p < program->dim; p++) {
        uint32_t index = qsti_frame_logical(&program->frame, program->n_qubits, (uint32_t)p);
        program->output_of[p] =
            readout->kind == QST_READOUT_AMPLITUDES ? 2 * index : (uint32_t)qsti_readout_group(readout, index);
    }
done:
    return status;
}

/* On real amplitudes a Pauli with an odd number of Ys is 0: it is left out. */
static qst_status compile_paulis(qst_program *program, const qst_readout *readout, const qsti_cone *cone)
{
    qst_status status = QST_OK;
    QSTI_TRY(QSTI_NEW(program->ctx, readout->n_terms, &program->observables));
    for (size_t i = 0; i < readout->n_terms; i++) {
        double sign = 1;
        qst_pauli inside = qsti_cone_pauli(cone, readout->n_qubits, readout->paulis[i]);
        qsti_observable observable = {
            .pauli = qsti_frame_pauli(&program->frame, program->n_qubits, inside.x, inside.z, &sign),
            .output = readout->outputs[i]};
        program->output_norm[observable.output] += fabs(readout->coefficients[i]);
        if (program->real && observable.pauli.imaginary)
            continue;
        observable.coefficient = sign * readout->coefficients[i];
        program->any_diagonal |= observable.pauli.x == 0;
        program->observables[program->n_observables++] = observable;
    }
done:
    return status;
}

static qst_status compile_readout(qst_program *program, const qst_readout *readout, const qsti_cone *cone)
{
    qst_status status = QST_OK;
    program->readout = readout->kind;
    program->n_outputs = readout->n_outputs;
    QSTI_TRY(QSTI_NEW(program->ctx, readout->n_outputs, &program->output_norm));
    if (readout->kind == QST_READOUT_EXPECTATIONS)
        QSTI_TRY(compile_paulis(program, readout, cone));
    else
        QSTI_TRY(compile_groups(program, readout));
done:
    return status;
}

/* --- all of it ---------------------------------------------------------------------------------------------------- */

qst_status qsti_program_fits(const qst_program *program, size_t n_workers, bool lambda)
{
    long pages = sysconf(_SC_PHYS_PAGES), page_bytes = sysconf(_SC_PAGE_SIZE);
    double have = (double)pages * (double)page_bytes, need = qsti_program_bytes(program, n_workers, lambda);
    if (pages <= 0 || page_bytes <= 0 || need <= 0.9 * have)
        return QST_OK;
    if (program->info.layout == QST_LAYOUT_WIDE)
        return qsti_fail(program->ctx, QST_ERR_LIMIT, "%zu qubits need %.0f bytes of memory%s: this machine has %.0f",
                         program->n_qubits, need, lambda ? " for the gradient" : "", have);
    return qsti_fail(program->ctx, QST_ERR_LIMIT,
                     "%zu qubits need %.0f bytes of memory for a block of %zu samples on %zu thread%s: this machine "
                     "has %.0f",
                     program->n_qubits, need, program->kernels->lanes, n_workers, n_workers == 1 ? "" : "s", have);
}

static void choose_layout(qst_program *program)
{
    qst_layout layout = program->opts.layout;
    if (layout == QST_LAYOUT_AUTO)
        layout = program->n_qubits >= QSTI_WIDE_QUBITS ? QST_LAYOUT_WIDE : QST_LAYOUT_SMALL;
    if (program->n_qubits < QSTI_WIDE_LEAST)
        layout = QST_LAYOUT_SMALL;
    program->info.layout = layout;
}

static void choose_kernels(qst_program *program)
{
    program->kernels =
        program->opts.precision == QST_SINGLE ? qsti_kernels_single(program->real) : qsti_kernels_double(program->real);
    program->algebra = qsti_lane_algebra_chosen();
}

/* The program of the steps in the cone. */
static qst_status compile_cone(qst_program *program, const qst_circuit *circuit, const qst_readout *readout,
                               const qsti_cone *cone)
{
    qst_status status = QST_OK;
    program->n_qubits = cone->n_qubits;
    program->dim = (size_t)1 << cone->n_qubits;
    choose_layout(program);
    choose_kernels(program);
    QSTI_TRY(qsti_program_fits(program, 1, false));
    QSTI_TRY(qsti_program_rotate(program, circuit, cone));
    QSTI_TRY(qsti_program_fuse(program));
    choose_kernels(program);
    QSTI_TRY(compile_readout(program, readout, cone));
    if (program->info.layout == QST_LAYOUT_WIDE)
        QSTI_TRY(qsti_wide_plan(program));
    else
        QSTI_TRY(qsti_program_tile(program));
    QSTI_TRY(qsti_program_bind_init(program));
    QSTI_TRY(qsti_program_account(program, circuit, cone));
    if (program->draws != NULL)
        QSTI_TRY(qsti_draws_finish(program));
    else if (cone->reduced)
        QSTI_TRY(qsti_program_keep_whole(program, circuit, readout));
done:
    return status;
}

qst_status qsti_program_compile(qst_ctx *ctx, const qst_circuit *circuit, const qst_readout *readout,
                                const qst_compile_opts *opts, const qsti_sites *sites, qst_program **out)
{
    qst_status status = QST_OK;
    qst_program *program = NULL;
    qsti_cone cone = {0};
    if (circuit->n_qubits != readout->n_qubits)
        return qsti_fail(ctx, QST_ERR_MISMATCH, "the readout is for %zu qubits, the circuit has %zu", readout->n_qubits,
                         circuit->n_qubits);
    if (qsti_isa_forced_wrongly() != NULL)
        qsti_warn(ctx, "QSTILL_ISA=%s is not an instruction set of this processor: %s is used",
                  qsti_isa_forced_wrongly(), qst_isa_name());
    QSTI_TRY(QSTI_NEW(ctx, 1, &program));
    program->ctx = ctx;
    program->n_features = circuit->n_features;
    program->n_weights = circuit->n_weights;
    program->preparation = circuit->preparation;
    if (opts != NULL)
        program->opts = *opts;
    if (sites != NULL) {
        QSTI_TRY(QSTI_NEW(ctx, 1, &program->draws));
        program->draws->sites = sites;
    }
    QSTI_TRY(qsti_cone_find(ctx, circuit, readout, sites, program->opts.optimize_off, &cone));
    QSTI_TRY(compile_cone(program, circuit, readout, &cone));
    *out = program;
    program = NULL;
done:
    qsti_cone_clear(ctx, &cone);
    qst_program_free(program);
    return status;
}

qst_status qst_program_compile(qst_ctx *ctx, const qst_circuit *circuit, const qst_readout *readout,
                               const qst_compile_opts *opts, qst_program **out)
{
    qst_status status = QST_OK;
    qst_program *program = NULL;
    QSTI_TRY(qsti_program_compile(ctx, circuit, readout, opts, NULL, &program));
    QSTI_TRY(qsti_noisy_compile(program, circuit, readout));
    *out = program;
    program = NULL;
done:
    qst_program_free(program);
    return status;
}

/* --- the end ------------------------------------------------------------------------------------------------------ */

static void scratch_clear(qst_ctx *ctx, qsti_scratch *scratch)
{
    void *const lines[] = {scratch->psi,         scratch->lambda,     scratch->kept,   scratch->tree,
                           scratch->lane_lines,  scratch->lane_turns, scratch->lines,  scratch->halves,
                           scratch->sums,        scratch->x,          scratch->out_x,  scratch->norm,
                           scratch->cosine,      scratch->sine,       scratch->values, scratch->cotangents,
                           scratch->lane_tables, scratch->sign_words, scratch->signs,  scratch->observable_signs};
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        qsti_free_lines(ctx, lines[i]);
}

void qst_program_free(qst_program *program)
{
    if (program == NULL)
        return;
    qst_ctx *ctx = program->ctx;
    qst_program_free(program->whole);
    qst_circuit_free(program->whole_circuit);
    qst_readout_free(program->whole_readout);
    qsti_wide_free(program);
    qsti_noisy_free(program);
    qsti_draws_free(program);
    for (size_t i = 0; i < program->n_scratch; i++)
        scratch_clear(ctx, &program->scratch[i]);
    for (size_t i = 0; i < program->n_cosets; i++)
        qsti_free(ctx, program->cosets[i].bases);
    void *const plain[] = {program->scratch,      program->cosets,       program->terms,
                           program->rotations,    program->gates,        program->items,
                           program->start_to,     program->passes,       program->observables,
                           program->output_norm,  program->output_of,    (void *)program->info.fates,
                           program->cosine,       program->sine,         (void *)program->info.passes,
                           program->quaternions,  program->table_cosine, program->slot_rotation,
                           program->table_angles, program->table_sine,   program->table_stretch,
                           program->half};
    for (size_t i = 0; i < sizeof plain / sizeof *plain; i++)
        qsti_free(ctx, plain[i]);
    qsti_free_lines(ctx, program->shared_lines);
    qsti_free_lines(ctx, program->shared_turns);
    qsti_free_lines(ctx, program->parts);
    qsti_free(ctx, program->arrived);
    qsti_free_lines(ctx, program->total);
    qsti_free(ctx, program);
}
