/* jump_values.c: values of the readout from eight trajectories, and lambda = sum_k c_k O_k |psi> from cotangents.
 *
 * The state is the lane's Pauli X^f Z^g times what is simulated: an observable has the sign of their commutation, and
 * amplitude p is that of the basis state A (p ^ f). Diagonal observables go by one Walsh-Hadamard transform.
 */
#include <string.h>

#include "jumps/jump_run.h"

#define LANES QSTI_JUMP_LANES

/* The sign of an observable in a lane. */
static double sign_of(const qsti_jump_scratch *scratch, size_t lane, qsti_mask pauli)
{
    return __builtin_parity((pauli.x & scratch->z_frame[lane]) ^ (pauli.z & scratch->x_frame[lane])) ? -1 : 1;
}

/* A f by lane. */
static void shifts_of(const qsti_jump_machine *machine, const qsti_jump_scratch *scratch, uint32_t *out)
{
    for (size_t lane = 0; lane < LANES; lane++)
        out[lane] = machine->logical[scratch->x_frame[lane]];
}

static void pauli_values(const qsti_jump_machine *machine, qsti_jump_scratch *scratch, const double *scale,
                         double *values)
{
    const qsti_kernels *kernels = machine->kernels;
    double line[QSTI_JUMP_LANES];
    if (machine->any_diagonal) {
        kernels->probabilities(scratch->psi, machine->dim, scratch->lines);
        kernels->walsh(scratch->lines, machine->dim);
    }
    for (size_t i = 0; i < machine->n_observables; i++) {
        const qsti_jump_observable *observable = &machine->observables[i];
        const double *from = scratch->lines + observable->pauli.z * LANES;
        if (observable->pauli.x != 0) {
            kernels->pauli_value(scratch->psi, machine->dim, observable->pauli, line);
            from = line;
        }
        for (size_t lane = 0; lane < LANES; lane++)
            values[observable->output * LANES + lane] +=
                sign_of(scratch, lane, observable->pauli) * scale[lane] * observable->coefficient * from[lane];
    }
}

void qsti_jump_values(const qsti_jump_machine *machine, qsti_jump_scratch *scratch, double *values)
{
    uint32_t shift[QSTI_JUMP_LANES];
    double scale[QSTI_JUMP_LANES];
    for (size_t lane = 0; lane < LANES; lane++)
        scale[lane] = scratch->valid[lane] ? 1 / scratch->norm[lane] : 0;
    if (machine->paulis) {
        pauli_values(machine, scratch, scale, values);
        return;
    }
    machine->kernels->probabilities(scratch->psi, machine->dim, scratch->lines);
    shifts_of(machine, scratch, shift);
    for (size_t p = 0; p < machine->dim; p++)
        for (size_t lane = 0; lane < LANES; lane++)
            values[(machine->logical[p] ^ shift[lane]) * LANES + lane] +=
                scale[lane] * scratch->lines[p * LANES + lane];
}

static void seed_paulis(const qsti_jump_machine *machine, qsti_jump_scratch *scratch)
{
    const qsti_kernels *kernels = machine->kernels;
    memset(scratch->lines, 0, machine->dim * LANES * sizeof *scratch->lines);
    for (size_t i = 0; i < machine->n_observables; i++) {
        const qsti_jump_observable *observable = &machine->observables[i];
        for (size_t lane = 0; lane < LANES && observable->pauli.x == 0; lane++)
            scratch->lines[observable->pauli.z * LANES + lane] +=
                sign_of(scratch, lane, observable->pauli) * observable->coefficient *
                scratch->cotangents[observable->output * LANES + lane] / scratch->norm[lane];
    }
    if (machine->any_diagonal)
        kernels->walsh(scratch->lines, machine->dim);
    kernels->weigh(scratch->psi, machine->dim, scratch->lines, scratch->lambda);
    for (size_t i = 0; i < machine->n_observables; i++) {
        const qsti_jump_observable *observable = &machine->observables[i];
        double weight[QSTI_JUMP_LANES];
        if (observable->pauli.x == 0)
            continue;
        for (size_t lane = 0; lane < LANES; lane++)
            weight[lane] = sign_of(scratch, lane, observable->pauli) * observable->coefficient *
                           scratch->cotangents[observable->output * LANES + lane] / scratch->norm[lane];
        kernels->pauli_add(scratch->psi, machine->dim, observable->pauli, weight, scratch->lambda);
    }
}

void qsti_jump_seed(const qsti_jump_machine *machine, qsti_jump_scratch *scratch)
{
    uint32_t shift[QSTI_JUMP_LANES];
    if (machine->paulis) {
        seed_paulis(machine, scratch);
        return;
    }
    shifts_of(machine, scratch, shift);
    for (size_t p = 0; p < machine->dim; p++)
        for (size_t lane = 0; lane < LANES; lane++)
            scratch->lines[p * LANES + lane] =
                scratch->cotangents[(machine->logical[p] ^ shift[lane]) * LANES + lane] / scratch->norm[lane];
    machine->kernels->weigh(scratch->psi, machine->dim, scratch->lines, scratch->lambda);
}
