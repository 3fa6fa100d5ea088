/* wide_outputs.c: values of a readout from a wide state, and lambda = sum_k c_k O_k |psi> from cotangents.
 *
 * Expectations are taken block by block, in the passes that have the state in the cache anyway: all diagonal
 * observables from sums of |psi|^2 (wide_factors.c), each other Pauli by one walk over a block in whose space its x
 * lies. Readouts of probabilities go over the basis states in their own order, which the frame scatters over memory:
 * physical index = sum over bits q of (index ^ flip) of column[q].
 */
#include <complex.h>
#include <string.h>

#include "sim/frame.h"
#include "sim/wide_run.h"

/* --- expectations ------------------------------------------------------------------------------------------------- */

/* Tables or sums of a pass's diagonal observables, n at most QSTI_MAX_FACTORS of them. */
static qsti_factors weights_of(const qsti_wide_run *run, const qsti_wide_route *route, const qsti_wide_pass *pass,
                               const qsti_wide_worker *worker, size_t first, double **marginals)
{
    const qsti_kernels *kernels = run->program->kernels;
    size_t left = pass->n_weights - first;
    qsti_factors factors = {.n = left < QSTI_MAX_FACTORS ? left : QSTI_MAX_FACTORS};
    for (size_t f = 0; f < factors.n; f++) {
        const qsti_wide_factor *factor = &route->factors[pass->first_weight + first + f];
        factors.tables[f] = worker->tables + (pass->n_table_lines + factor->table) * kernels->amplitude_bytes;
        factors.index[f] = route->indices + factor->index;
        marginals[f] = worker->marginals + factor->table * kernels->lanes;
    }
    return factors;
}

void qsti_wide_measure(const qsti_wide_run *run, const qsti_wide_route *route, const qsti_wide_pass *pass,
                       uint32_t base, qsti_wide_worker *worker, double *row)
{
    const qst_program *program = run->program;
    const qsti_wide_kernels *kernels = program->wide->kernels;
    size_t lanes = program->kernels->lanes, n_lines = (size_t)1 << pass->n_bits;
    double *marginals[QSTI_MAX_FACTORS];
    memset(worker->marginals, 0, pass->n_weight_lines * lanes * sizeof *worker->marginals);
    for (size_t first = 0; first < pass->n_weights; first += QSTI_MAX_FACTORS) {
        qsti_factors factors = weights_of(run, route, pass, worker, first, marginals);
        kernels->weights(worker->psi, n_lines, &factors, marginals);
    }
    qsti_wide_weight_sums(run, route, pass, base, worker, row);
    for (size_t i = pass->first_pauli; i < pass->first_pauli + pass->n_paulis; i++) {
        const qsti_wide_pauli *pauli = &route->paulis[i];
        const qsti_observable *observable = &program->observables[pauli->observable];
        double lines[QSTI_MAX_LANES] = {0}, sum = 0;
        kernels->pauli_value(worker->psi, n_lines, &pauli->pauli, lines);
        for (size_t lane = 0; lane < lanes; lane++)
            sum += program->wide->signs[pauli->lane][lane] * lines[lane];
        row[observable->output] +=
            run->observed[pauli->observable] * (qsti_parity(base, observable->pauli.z) ? -sum : sum);
    }
}

void qsti_wide_seed(const qsti_wide_run *run, const qsti_wide_route *route, const qsti_wide_pass *pass, size_t block,
                    uint32_t base, qsti_wide_worker *worker, bool add)
{
    const qst_program *program = run->program;
    const qsti_wide_kernels *kernels = program->wide->kernels;
    size_t lanes = program->kernels->lanes, n_lines = (size_t)1 << pass->n_bits;
    double *marginals[QSTI_MAX_FACTORS];
    qsti_wide_weight_tables(run, route, pass, block, base, worker);
    if (pass->n_weights == 0 && !add)
        memset(worker->lambda, 0, n_lines * program->kernels->amplitude_bytes);
    for (size_t first = 0; first < pass->n_weights; first += QSTI_MAX_FACTORS) {
        qsti_factors factors = weights_of(run, route, pass, worker, first, marginals);
        kernels->weigh(worker->psi, worker->lambda, n_lines, &factors, add || first > 0);
    }
    for (size_t i = pass->first_pauli; i < pass->first_pauli + pass->n_paulis; i++) {
        const qsti_wide_pauli *pauli = &route->paulis[i];
        const qsti_observable *observable = &program->observables[pauli->observable];
        double weight[QSTI_MAX_LANES], scale = run->observed[pauli->observable] * run->cotangents[observable->output];
        for (size_t lane = 0; lane < lanes; lane++) /* of the result: Z acts on the lane it comes from */
            weight[lane] = scale * program->wide->signs[pauli->lane][lane ^ pauli->pauli.swap] *
                           (qsti_parity(base, observable->pauli.z) ? -1.0 : 1.0);
        kernels->pauli_add(worker->psi, worker->lambda, n_lines, &pauli->pauli, weight);
    }
}

/* --- basis states ------------------------------------------------------------------------------------------------- */

/* The physical index of a basis state. */
static uint32_t physical(const qst_program *program, uint32_t index)
{
    uint32_t p = 0;
    index ^= program->frame.flip;
    for (size_t q = 0; q < program->n_qubits; q++)
        p ^= index >> q & 1 ? program->frame.column[q] : 0;
    return p;
}

/* from[i]: what takes the physical index of basis state `first` to that of first + i. */
static void find_steps(const qst_program *program, size_t n, uint32_t *from)
{
    from[0] = 0;
    for (size_t bit = 1, q = 0; bit < n; bit *= 2, q++)
        for (size_t i = 0; i < bit; i++)
            from[bit + i] = from[i] ^ program->frame.column[q];
}

void qsti_wide_amplitudes(const qsti_wide_run *run, size_t first, size_t n, double _Complex *out)
{
    const qst_program *program = run->program;
    size_t lanes = program->kernels->lanes;
    uint32_t from[256], start = physical(program, (uint32_t)first);
    find_steps(program, n, from);
    for (size_t i = 0; i < n; i++) {
        uint32_t p = start ^ from[i];
        size_t re = qsti_wide_place(p / (uint32_t)lanes) * 2 * lanes + p % lanes;
        if (program->opts.precision == QST_SINGLE) {
            const float *psi = run->psi;
            out[i] = (double)psi[re] + I * (double)psi[re + lanes];
        } else {
            const double *psi = run->psi;
            out[i] = psi[re] + I * psi[re + lanes];
        }
    }
}

void qsti_wide_probabilities(const qsti_wide_run *run, size_t first, size_t n, double *out)
{
    double _Complex amplitudes[256];
    qsti_wide_amplitudes(run, first, n, amplitudes);
    for (size_t i = 0; i < n; i++)
        out[i] = creal(amplitudes[i]) * creal(amplitudes[i]) + cimag(amplitudes[i]) * cimag(amplitudes[i]);
}

/* --- readouts of probabilities ------------------------------------------------------------------------------------ */

/* A walk over all basis states in pieces of consecutive ones, each with sums of its own. */
typedef struct outcomes {
    qsti_wide_run *run;
    size_t n_pieces;
} outcomes;

/* The output that a basis state counts for. */
static size_t output_of(const qsti_wide_run *run, size_t index)
{
    const qst_program *program = run->program;
    index ^= run->flip;
    switch (program->readout) {
    case QST_READOUT_GROUPED:
        return index % program->n_outputs;
    case QST_READOUT_PARITY:
        return (size_t)__builtin_popcountll(index) % program->n_outputs;
    case QST_READOUT_PROBABILITIES:
    case QST_READOUT_EXPECTATIONS:
    case QST_READOUT_AMPLITUDES: /* not here: compile.c refuses it */
        break;
    }
    return index;
}

static size_t at_once(const qst_program *program, size_t n_pieces)
{
    size_t n = program->dim / n_pieces;
    return n < 256 ? n : 256;
}

static void sum_piece(void *arg, size_t piece, int number)
{
    const outcomes *of = arg;
    const qst_program *program = of->run->program;
    size_t n = at_once(program, of->n_pieces), end = program->dim / of->n_pieces * (piece + 1);
    bool own = program->readout == QST_READOUT_PROBABILITIES;
    double values[256], *row = own ? of->run->values : of->run->rows + piece * program->n_outputs;
    (void)number;
    if (!own)
        memset(row, 0, program->n_outputs * sizeof *row);
    for (size_t first = program->dim / of->n_pieces * piece; first < end; first += n) {
        qsti_wide_probabilities(of->run, first, n, values);
        for (size_t i = 0; i < n; i++)
            row[output_of(of->run, first + i)] += values[i];
    }
}

size_t qsti_wide_pieces(const qst_program *program)
{
    size_t n = 256;
    while (n > 1 && (n > program->dim / 2 ||
                     (program->readout != QST_READOUT_PROBABILITIES && program->n_outputs > ((size_t)1 << 22) / n)))
        n /= 2;
    return n;
}

void qsti_wide_outcomes(qsti_wide_run *run)
{
    const qst_program *program = run->program;
    outcomes of = {run, qsti_wide_pieces(program)};
    qsti_wide_loop(run, of.n_pieces, sum_piece, &of);
    if (program->readout != QST_READOUT_PROBABILITIES)
        qsti_reduce_rows(program->ctx, run->rows, of.n_pieces, program->n_outputs, run->values);
}

/* lambda = c psi, line by line. */
static void weigh_piece(void *arg, size_t piece, int number)
{
    const outcomes *of = arg;
    const qst_program *program = of->run->program;
    const qsti_kernels *kernels = program->kernels;
    size_t n_lines = program->dim / kernels->lanes / of->n_pieces;
    double lines[QSTI_MAX_LANES];
    (void)number;
    for (size_t line = piece * n_lines; line < (piece + 1) * n_lines; line++) {
        size_t at = line * kernels->amplitude_bytes;
        for (size_t lane = 0; lane < kernels->lanes; lane++) {
            uint32_t p = qsti_wide_place((uint32_t)line) * (uint32_t)kernels->lanes + (uint32_t)lane;
            size_t index = qsti_frame_logical(&program->frame, program->n_qubits, p);
            lines[lane] = of->run->cotangents[output_of(of->run, index)];
        }
        kernels->weigh((const char *)of->run->psi + at, 1, lines, (char *)of->run->lambda + at);
    }
}

void qsti_wide_seed_outcomes(qsti_wide_run *run)
{
    const qst_program *program = run->program;
    size_t n_lines = program->dim / program->kernels->lanes;
    outcomes of = {run, n_lines < 256 ? n_lines : 256};
    qsti_wide_loop(run, of.n_pieces, weigh_piece, &of);
}
