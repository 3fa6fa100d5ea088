/* outputs.c: values of a readout from a state, and lambda = sum_k c_k O_k |psi> from cotangents.
 *
 * All diagonal observables at once: the Walsh-Hadamard transform of the probabilities has sum_p (-1)^(p.z) |psi_p|^2 at
 * z. The same transform takes weights placed at z to the diagonal of sum_k c_k O_k. Other Paulis go one by one.
 *
 * Drawn errors (draws.h) left an error at the end, lane by lane: it turns signs of observables round, and takes basis
 * state p to p ^ flip.
 */
#include <string.h>

#include "sim/draws.h"

/* Real states have no expectation of imaginary Paulis, and no gradient of it. */
static bool vanishes(const qst_program *program, qsti_mask pauli)
{
    return program->real && pauli.imaginary;
}

/* The signs of an observable, (lanes). */
static const double *signs_of(const qst_program *program, const qsti_scratch *scratch, size_t observable)
{
    static const double ones[QSTI_MAX_LANES] = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1};
    return program->draws ? scratch->observable_signs + observable * program->kernels->lanes : ones;
}

static void expectation_values(const qst_program *program, const void *psi, qsti_scratch *scratch)
{
    const qsti_kernels *kernels = program->kernels;
    size_t lanes = kernels->lanes;
    if (program->any_diagonal) {
        kernels->probabilities(psi, program->dim, scratch->lines);
        kernels->walsh(scratch->lines, program->dim);
    }
    for (size_t i = 0; i < program->n_observables; i++) {
        const qsti_observable *observable = &program->observables[i];
        double line[QSTI_MAX_LANES], *value = scratch->values + observable->output * lanes;
        const double *from = scratch->lines + observable->pauli.z * lanes;
        if (vanishes(program, observable->pauli))
            continue;
        if (observable->pauli.x != 0) {
            kernels->pauli_value(psi, program->dim, observable->pauli, line);
            from = line;
        }
        const double *signs = signs_of(program, scratch, i);
        for (size_t lane = 0; lane < lanes; lane++)
            value[lane] += observable->coefficient * signs[lane] * from[lane];
    }
}

/* Re and Im of physical amplitude p are the outputs output_of[p] and the next. */
static void amplitude_values(const qst_program *program, const char *psi, qsti_scratch *scratch)
{
    const qsti_kernels *kernels = program->kernels;
    for (size_t p = 0; p < program->dim; p++) {
        double *re = scratch->values + program->output_of[p] * kernels->lanes;
        kernels->get_parts(psi + p * kernels->amplitude_bytes, 1, re, re + kernels->lanes);
    }
}

/* dL = Re <mu|dpsi> with mu = dL/dRe + i dL/dIm: lambda = mu / 2, for the sweep back takes 2 Re <lambda|dpsi>. */
static void seed_amplitudes(const qst_program *program, qsti_scratch *scratch)
{
    const qsti_kernels *kernels = program->kernels;
    double re[QSTI_MAX_LANES], im[QSTI_MAX_LANES];
    for (size_t p = 0; p < program->dim; p++) {
        const double *cotangent = scratch->cotangents + program->output_of[p] * kernels->lanes;
        for (size_t lane = 0; lane < kernels->lanes; lane++) {
            re[lane] = cotangent[lane] / 2;
            im[lane] = cotangent[kernels->lanes + lane] / 2;
        }
        kernels->set_parts((char *)scratch->lambda + p * kernels->amplitude_bytes, 1, re, im);
    }
}

static bool flipped(const qst_program *program, const qsti_scratch *scratch)
{
    return program->draws != NULL && scratch->any_flip;
}

void qsti_program_values(const qst_program *program, const void *psi, qsti_scratch *scratch)
{
    const qsti_kernels *kernels = program->kernels;
    size_t lanes = kernels->lanes;
    memset(scratch->values, 0, program->n_outputs * lanes * sizeof *scratch->values);
    if (program->readout == QST_READOUT_EXPECTATIONS) {
        expectation_values(program, psi, scratch);
        return;
    }
    if (program->readout == QST_READOUT_AMPLITUDES) {
        amplitude_values(program, psi, scratch);
        return;
    }
    kernels->probabilities(psi, program->dim, scratch->lines);
    if (flipped(program, scratch)) {
        for (size_t p = 0; p < program->dim; p++)
            for (size_t lane = 0; lane < lanes; lane++)
                scratch->values[program->output_of[p ^ scratch->flips[lane]] * lanes + lane] +=
                    scratch->lines[p * lanes + lane];
        return;
    }
    for (size_t p = 0; p < program->dim; p++)
        for (size_t lane = 0; lane < lanes; lane++)
            scratch->values[program->output_of[p] * lanes + lane] += scratch->lines[p * lanes + lane];
}

void qsti_program_seed(const qst_program *program, const void *psi, qsti_scratch *scratch)
{
    const qsti_kernels *kernels = program->kernels;
    size_t lanes = kernels->lanes;
    if (program->readout == QST_READOUT_AMPLITUDES) {
        seed_amplitudes(program, scratch);
        return;
    }
    if (program->readout != QST_READOUT_EXPECTATIONS) {
        for (size_t p = 0; p < program->dim && flipped(program, scratch); p++)
            for (size_t lane = 0; lane < lanes; lane++)
                scratch->lines[p * lanes + lane] =
                    scratch->cotangents[program->output_of[p ^ scratch->flips[lane]] * lanes + lane];
        for (size_t p = 0; p < program->dim && !flipped(program, scratch); p++)
            memcpy(scratch->lines + p * lanes, scratch->cotangents + program->output_of[p] * lanes,
                   lanes * sizeof *scratch->lines);
        kernels->weigh(psi, program->dim, scratch->lines, scratch->lambda);
        return;
    }
    memset(scratch->lines, 0, program->dim * lanes * sizeof *scratch->lines);
    for (size_t i = 0; i < program->n_observables; i++) {
        const qsti_observable *observable = &program->observables[i];
        const double *cotangent = scratch->cotangents + observable->output * lanes;
        const double *signs = signs_of(program, scratch, i);
        double *at = scratch->lines + observable->pauli.z * lanes;
        for (size_t lane = 0; lane < lanes && observable->pauli.x == 0; lane++)
            at[lane] += observable->coefficient * signs[lane] * cotangent[lane];
    }
    if (program->any_diagonal)
        kernels->walsh(scratch->lines, program->dim);
    kernels->weigh(psi, program->dim, scratch->lines, scratch->lambda);
    for (size_t i = 0; i < program->n_observables; i++) {
        const qsti_observable *observable = &program->observables[i];
        if (observable->pauli.x == 0 || vanishes(program, observable->pauli))
            continue;
        double weight[QSTI_MAX_LANES];
        const double *signs = signs_of(program, scratch, i);
        for (size_t lane = 0; lane < lanes; lane++)
            weight[lane] =
                observable->coefficient * signs[lane] * scratch->cotangents[observable->output * lanes + lane];
        kernels->pauli_add(psi, program->dim, observable->pauli, weight, scratch->lambda);
    }
}
