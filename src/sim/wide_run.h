/* wide_run.h: what the files that run wide programs share. */
#ifndef QSTI_SIM_WIDE_RUN_H
#define QSTI_SIM_WIDE_RUN_H

#include "base/threads.h"
#include "sim/wide_form.h"

/* --- wide_bind.c -------------------------------------------------------------------------------------------------- */

/* Angles and coefficients for the run's weights and features. */
void qsti_wide_bind(qsti_wide_run *run, qsti_shift shift);
/* A gate's coefficient lines where parity(p & control) is `set` in lane 0 and the gate's bit is `swapped`. */
const void *qsti_wide_coefficients(const qsti_wide_run *run, uint32_t gate, unsigned swapped, unsigned set);
/* run->gradient -> run->out_weights and run->out_x, both added to. */
void qsti_wide_chain(qsti_wide_run *run);

/* --- wide_diagonal.c ---------------------------------------------------------------------------------------------- */

/* The tables of a pass's turns for a block; those that are there already are kept: keys are 0 at first. */
void qsti_wide_turn_tables(const qsti_wide_run *run, const qsti_wide_route *route, const qsti_wide_pass *pass,
                           size_t block, uint32_t base, qsti_wide_worker *worker);
/* Those of its diagonal observables, with the run's cotangents; they stand behind the others. */
void qsti_wide_weight_tables(const qsti_wide_run *run, const qsti_wide_route *route, const qsti_wide_pass *pass,
                             size_t block, uint32_t base, qsti_wide_worker *worker);
/* row[i] += what worker->marginals mean for entry i of a pass's turns; the marginals are overwritten. */
void qsti_wide_turn_sums(const qsti_wide_run *run, const qsti_wide_route *route, const qsti_wide_pass *pass,
                         uint32_t base, qsti_wide_worker *worker, double *row);
/* row[output] += the values of its diagonal observables. */
void qsti_wide_weight_sums(const qsti_wide_run *run, const qsti_wide_route *route, const qsti_wide_pass *pass,
                           uint32_t base, qsti_wide_worker *worker, double *row);

/* --- wide_block.c ------------------------------------------------------------------------------------------------- */

/* All actions of a pass on the gathered block, tables having been made. */
void qsti_wide_act(const qsti_wide_run *run, const qsti_wide_route *route, const qsti_wide_pass *pass, uint32_t base,
                   qsti_wide_worker *worker);
/* And back, for psi and lambda; row += inner products of gates, marginals those of turns. */
void qsti_wide_unact(const qsti_wide_run *run, const qsti_wide_route *route, const qsti_wide_pass *pass, uint32_t base,
                     qsti_wide_worker *worker, double *row);

/* --- wide_run.c --------------------------------------------------------------------------------------------------- */

/* Runs fn over items, on the run's worker or on all threads. */
void qsti_wide_loop(const qsti_wide_run *run, size_t n_items, qsti_work_fn *fn, void *arg);
/* psi from the start; with run->values when `values`, and left in memory when `keep`. */
void qsti_wide_go(qsti_wide_run *run, qsti_wide_direction direction, bool values, bool keep);
/* psi and lambda from the cotangents back to the start: run->gradient, run->distance, and in run->out_x what concerns
 * start amplitudes. */
void qsti_wide_return(qsti_wide_run *run);

/* --- wide_outputs.c ----------------------------------------------------------------------------------------------- */

/* What a block adds to the readout's values, and what cotangents make of it: lambda, added to what is there when
 * `add`. */
void qsti_wide_measure(const qsti_wide_run *run, const qsti_wide_route *route, const qsti_wide_pass *pass,
                       uint32_t base, qsti_wide_worker *worker, double *row);
void qsti_wide_seed(const qsti_wide_run *run, const qsti_wide_route *route, const qsti_wide_pass *pass, size_t block,
                    uint32_t base, qsti_wide_worker *worker, bool add);
/* Readouts of probabilities: values from the state, lambda from it and the cotangents. */
void qsti_wide_outcomes(qsti_wide_run *run);
size_t qsti_wide_pieces(const qst_program *program); /* rows of sums that it needs */
void qsti_wide_seed_outcomes(qsti_wide_run *run);
/* |psi|^2, or psi, of the basis states first .. +n-1, n at most 256 and a divisor of first. */
void qsti_wide_probabilities(const qsti_wide_run *run, size_t first, size_t n, double *out);
void qsti_wide_amplitudes(const qsti_wide_run *run, size_t first, size_t n, double _Complex *out);

#endif
