/* wide_diagonal.c: tables of diagonal rotations and observables on a block, and sums over it: wide_factors.c has the
 * mathematics.
 *
 * A table depends on the block through the signs of its masks on the block's base, which are those of a few bits of the
 * block's number: it is made again only when one of these has changed.
 */
#include <string.h>

#include "sim/wide_run.h"

/* --- tables ------------------------------------------------------------------------------------------------------- */

/* lines[place][lane] += value (-1)^parity(p & z) */
static void place(const qsti_wide_run *run, const qsti_wide_entry *entry, uint32_t base, double value, double *lines)
{
    size_t lanes = run->program->kernels->lanes;
    const double *signs = run->program->wide->signs[entry->lane];
    double *to = lines + entry->place * lanes;
    value = qsti_parity(base, entry->z) ? -value : value;
    for (size_t lane = 0; lane < lanes; lane++)
        to[lane] += value * signs[lane];
}

/* Whether the table must be made; marks it as made. */
static bool is_stale(const qsti_wide_factor *factor, size_t block, uint32_t *key)
{
    uint32_t now = ((uint32_t)block & factor->depends) + 1;
    if (*key == now)
        return false;
    *key = now;
    return true;
}

void qsti_wide_turn_tables(const qsti_wide_run *run, const qsti_wide_route *route, const qsti_wide_pass *pass,
                           size_t block, uint32_t base, qsti_wide_worker *worker)
{
    const qst_program *program = run->program;
    const qsti_kernels *kernels = program->kernels;
    for (size_t f = 0; f < pass->n_factors; f++) {
        const qsti_wide_factor *factor = &route->factors[pass->first_factor + f];
        size_t n_lines = (size_t)1 << factor->n_bits, n = n_lines * kernels->lanes;
        if (!is_stale(factor, block, &worker->keys[f]))
            continue;
        memset(worker->angles, 0, n * sizeof *worker->angles);
        for (size_t i = factor->first; i < factor->first + factor->count; i++)
            place(run, &route->entries[i], base, run->half[route->entries[i].what], worker->angles);
        kernels->walsh(worker->angles, n_lines);
        kernels->sincos(worker->angles, n, worker->sines, worker->angles);
        program->wide->kernels->phases(worker->angles, worker->sines, n_lines,
                                       worker->tables + factor->table * kernels->amplitude_bytes);
    }
}

void qsti_wide_weight_tables(const qsti_wide_run *run, const qsti_wide_route *route, const qsti_wide_pass *pass,
                             size_t block, uint32_t base, qsti_wide_worker *worker)
{
    const qst_program *program = run->program;
    const qsti_kernels *kernels = program->kernels;
    for (size_t f = 0; f < pass->n_weights; f++) {
        const qsti_wide_factor *factor = &route->factors[pass->first_weight + f];
        size_t n_lines = (size_t)1 << factor->n_bits;
        if (!is_stale(factor, block, &worker->keys[pass->n_factors + f]))
            continue;
        memset(worker->angles, 0, n_lines * kernels->lanes * sizeof *worker->angles);
        for (size_t i = factor->first; i < factor->first + factor->count; i++) {
            const qsti_observable *observable = &program->observables[route->entries[i].what];
            double coefficient = run->observed[route->entries[i].what];
            place(run, &route->entries[i], base, coefficient * run->cotangents[observable->output], worker->angles);
        }
        kernels->walsh(worker->angles, n_lines);
        kernels->to_lines(worker->angles, n_lines,
                          worker->tables + (pass->n_table_lines + factor->table) * kernels->amplitude_bytes);
    }
}

/* --- sums --------------------------------------------------------------------------------------------------------- */

/* The sum over p with the signs (-1)^parity(p & z), from a factor's transformed sums. */
static double sum_of(const qsti_wide_run *run, const qsti_wide_entry *entry, uint32_t base, const double *lines)
{
    size_t lanes = run->program->kernels->lanes;
    const double *signs = run->program->wide->signs[entry->lane], *from = lines + entry->place * lanes;
    double sum = 0;
    for (size_t lane = 0; lane < lanes; lane++)
        sum += signs[lane] * from[lane];
    return qsti_parity(base, entry->z) ? -sum : sum;
}

void qsti_wide_turn_sums(const qsti_wide_run *run, const qsti_wide_route *route, const qsti_wide_pass *pass,
                         uint32_t base, qsti_wide_worker *worker, double *row)
{
    const qsti_kernels *kernels = run->program->kernels;
    for (size_t f = 0; f < pass->n_factors; f++) {
        const qsti_wide_factor *factor = &route->factors[pass->first_factor + f];
        double *lines = worker->marginals + factor->table * kernels->lanes;
        kernels->walsh(lines, (size_t)1 << factor->n_bits);
        for (size_t i = factor->first; i < factor->first + factor->count; i++)
            row[i - pass->first_entry] += sum_of(run, &route->entries[i], base, lines);
    }
}

void qsti_wide_weight_sums(const qsti_wide_run *run, const qsti_wide_route *route, const qsti_wide_pass *pass,
                           uint32_t base, qsti_wide_worker *worker, double *row)
{
    const qsti_kernels *kernels = run->program->kernels;
    for (size_t f = 0; f < pass->n_weights; f++) {
        const qsti_wide_factor *factor = &route->factors[pass->first_weight + f];
        double *lines = worker->marginals + factor->table * kernels->lanes;
        kernels->walsh(lines, (size_t)1 << factor->n_bits);
        for (size_t i = factor->first; i < factor->first + factor->count; i++) {
            const qsti_observable *observable = &run->program->observables[route->entries[i].what];
            row[observable->output] +=
                run->observed[route->entries[i].what] * sum_of(run, &route->entries[i], base, lines);
        }
    }
}
