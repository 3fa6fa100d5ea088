/* noisy_execute.c: an assembly run with a model of noise: exact probabilities by a compiled program, bits misread.
 *
 * The program has the qubits that gates touch, and the model's noise without its errors of readout: <Z> is that of the
 * state, and outcomes go through the confusion of each measured bit (final_outcomes.c).
 */
#include <qstill/simulate.h>

#include "assembly/assembly.h"
#include "base/memory.h"
#include "noise/noise.h"
#include "sim/execution.h"
#include "sim/final_outcomes.h"

_Static_assert(QSTI_UNTOUCHED == QSTI_NO_PLACE, "places go from one to the other");

typedef struct noisy_run {
    qst_ctx *ctx;
    const qst_noise *noise;
    qsti_actions actions;
    double *probabilities; /* (2^n_active) */
    qsti_misread_final *finals;
    size_t n_finals;
} noisy_run;

/* --- measurements ------------------------------------------------------------------------------------------------- */

static size_t qubit_of_active(const qsti_actions *actions, size_t active)
{
    size_t q = 0;
    while (actions->active[q] != active)
        q++;
    return q;
}

static qst_status add_final(noisy_run *r, size_t qubit, uint8_t place, uint32_t bit)
{
    qsti_misread_final made = {.place = place, .bit = bit};
    size_t at = r->n_finals;
    qst_noise_readout(r->noise, qubit, made.confusion);
    for (size_t f = 0; f < r->n_finals; f++) {
        if (r->finals[f].bit == bit)
            at = f; /* written again */
        else if (place != QSTI_NO_PLACE && r->finals[f].place == place)
            return qsti_fail(r->ctx, QST_ERR_UNSUPPORTED, "qubit %zu is measured twice: with noise it is measured once",
                             qubit);
    }
    r->finals[at] = made;
    r->n_finals += at == r->n_finals;
    return QST_OK;
}

/* A step of the assembly, for the numbers of qubits that no gate touches. */
static qst_status take_measurement(void *user, const qst_step *step)
{
    noisy_run *r = user;
    if (step->kind != QST_INSTRUCTION_MEASURE || step->bit == QST_NO_BIT)
        return QST_OK;
    return add_final(r, step->qubits[0], r->actions.active[step->qubits[0]], step->bit);
}

static qst_status fill_finals(noisy_run *r, const qst_assembly *assembly, const double *parameters)
{
    const qsti_actions *actions = &r->actions;
    size_t n = actions->measures ? actions->n_finals : actions->n_qubits;
    qst_status status = QSTI_NEW(r->ctx, n, &r->finals);
    if (status == QST_OK && actions->measures)
        return qst_assembly_walk(assembly, parameters, 0, take_measurement, r);
    for (size_t q = 0; status == QST_OK && q < n; q++)
        status = add_final(r, q, actions->active[q], (uint32_t)q);
    return status;
}

/* --- the state ---------------------------------------------------------------------------------------------------- */

static qst_status run_program(noisy_run *r, const qst_circuit *circuit, const qst_noise *noise)
{
    const char *word = "probabilities";
    const qst_compile_opts opts = {.noise = noise, .noise_method = QST_NOISE_EXACT};
    size_t dim = (size_t)1 << r->actions.n_active;
    qst_readout *readout = NULL;
    qst_program *program = NULL;
    qst_status status = QST_OK;
    QSTI_TRY(qst_readout_parse(r->ctx, r->actions.n_active, &word, 1, 0, &readout));
    QSTI_TRY(qst_program_compile(r->ctx, circuit, readout, &opts, &program));
    QSTI_TRY(
        qst_program_forward(program, NULL, (qst_const_matrix){NULL, 1, 0}, (qst_matrix){r->probabilities, 1, dim}));
done:
    qst_program_free(program);
    qst_readout_free(readout);
    return status;
}

static qst_status fill_probabilities(noisy_run *r)
{
    size_t n = r->actions.n_active, qubits[QSTI_FINAL_PLACES];
    qst_noise *noise = NULL;
    qst_circuit *circuit = NULL;
    qst_status status = QST_OK;
    QSTI_TRY(QSTI_NEW(r->ctx, (size_t)1 << n, &r->probabilities));
    r->probabilities[0] = 1;
    for (size_t place = 0; place < n; place++)
        qubits[place] = qubit_of_active(&r->actions, place);
    QSTI_TRY(qsti_noise_select(r->ctx, r->noise, qubits, n, &noise));
    QSTI_TRY(qst_noise_add_readout(noise, QST_EVERY_QUBIT, 0, 0));
    if (n > 0) {
        QSTI_TRY(qsti_actions_circuit(&r->actions, &circuit));
        QSTI_TRY(run_program(r, circuit, noise));
    }
done:
    qst_noise_free(noise);
    qst_circuit_free(circuit);
    return status;
}

/* --- the whole ---------------------------------------------------------------------------------------------------- */

qst_status qsti_execute_noisy(const qst_assembly *assembly, const qst_execution_opts *opts, qst_outcomes **out)
{
    noisy_run r = {.ctx = assembly->ctx, .noise = opts->noise};
    qst_status status = QST_OK;
    QSTI_TRY(qsti_actions_collect(r.ctx, assembly, opts->parameters, &r.actions));
    if (r.actions.n_prefix < r.actions.n_items)
        QSTI_TRY(qsti_fail(r.ctx, QST_ERR_UNSUPPORTED,
                           "measurements in the middle, resets and conditions are not run with noise"));
    QSTI_TRY(fill_finals(&r, assembly, opts->parameters));
    QSTI_TRY(fill_probabilities(&r));
    const qsti_final_source source = {.ctx = r.ctx,
                                      .assembly = assembly,
                                      .probabilities = r.probabilities,
                                      .n_places = r.actions.n_active,
                                      .qubit_places = r.actions.active,
                                      .n_qubits = r.actions.n_qubits,
                                      .finals = r.finals,
                                      .n_finals = r.n_finals,
                                      .measures = r.actions.measures};
    QSTI_TRY(qsti_final_outcomes(&source, opts->n_shots, opts->seed, out));
done:
    qsti_free(r.ctx, r.probabilities);
    qsti_free(r.ctx, r.finals);
    qsti_actions_clear(&r.actions);
    return status;
}
