/* conditions.h: how the circuit of a model runs while the model is trained: through noise, or from shots.
 *
 * Conditions stand on a model's circuit from create() to free(). What a step draws (errors, the strength of the noise,
 * shots) is that of (seed, step, which run of the step), what a judgement draws that of (seed, epoch, restart): a
 * resumed training needs no more state than it has without them, but for the number of shots used.
 */
#ifndef QSTI_LEARN_CONDITIONS_H
#define QSTI_LEARN_CONDITIONS_H

#include "base/hash.h"
#include "learn/model.h"

typedef struct qsti_conditions qsti_conditions;

/* opts->conditions, which are not NULL and must outlive it. Errors: ERR_USAGE (numbers out of range), ERR_UNSUPPORTED
 * (a model without a circuit, what cannot be had from shots, lbfgs where values are drawn), those of qst_place(),
 * qst_program_compile() and qst_measurement_create(). */
qst_status qsti_conditions_create(qst_model *model, const qst_train_opts *opts, qsti_conditions **out);
void qsti_conditions_free(qsti_conditions *conditions);

/* Before the first step of an epoch, and when one goes on: how many shots, and what its judgement draws. Errors: those
 * of qst_measurement_set_shots(). */
qst_status qsti_conditions_begin_epoch(qsti_conditions *conditions, size_t epoch, size_t restart);
/* By qsti_model_begin_step(). */
void qsti_conditions_begin_step(qsti_conditions *conditions, uint64_t seed, uint64_t step);

/* Whether steps are SPSA's: values alone, two runs a step. */
bool qsti_conditions_spsa(const qsti_conditions *conditions);
/* Whether values come from shots. */
bool qsti_conditions_sampled(const qsti_conditions *conditions);

/* Shots that a row takes in this epoch, in a step and judged; 0: values are not sampled. */
uint64_t qsti_conditions_step_shots(const qsti_conditions *conditions);
uint64_t qsti_conditions_judge_shots(const qsti_conditions *conditions);
/* Those used so far; a resumed training goes on from those of the session before. */
uint64_t qsti_conditions_used(const qsti_conditions *conditions);
void qsti_conditions_set_used(qsti_conditions *conditions, uint64_t used);

/* Adds all that decides the numbers to a hash. */
qst_status qsti_conditions_hash(const qsti_conditions *conditions, qsti_hasher *hasher);

/* --- for the circuit's model -------------------------------------------------------------------------------------- */

/* out (B, K): of a step, or judged. */
qst_status qsti_conditions_values(qsti_conditions *conditions, bool judging, const double *weights, qst_const_matrix x,
                                  qst_matrix out);
/* What runs a step of values and gradients at once, ready for this step; *out NULL: nothing does, values and
 * qsti_conditions_vjp() do. */
qst_status qsti_conditions_program(qsti_conditions *conditions, qst_program **out);
/* out_weights (P), out_x (B, d), data NULL: not wanted, of sum_bk cotangent[b][k] value[b][k] in this step. Zeros where
 * the circuit has nothing to train, and where steps are SPSA's. */
qst_status qsti_conditions_vjp(qsti_conditions *conditions, const double *weights, qst_const_matrix x,
                               qst_const_matrix cotangent, double *out_weights, qst_matrix out_x);

/* model_circuit.c: conditions for its circuit, borrowed; NULL: none. The model is of kind circuit. */
void qsti_model_circuit_set_conditions(qst_model *model, qsti_conditions *conditions);

#endif
