/* jumps.c: the engine behind programs whose noise contains relaxation, by trajectories of pure states.
 *
 *   jump_plan.h    circuit and noise; the unravelling
 *   jump_run.h     eight trajectories side by side
 *   jump_batch.c   samples, averages, threads
 *
 * Values are means over the trajectories [dalibard1992]; gradients have the exact ones as their means (jump_sweep.c).
 * What is drawn is number `place` of the stream (seed and draw, row, trajectory), so a call repeated with the same draw
 * is the same function, up to the operators whose probabilities depend on the state. States are double in either
 * precision. Not here: noise without relaxation (sim/trajectories.c), density matrices (pauli/).
 */
#include "jumps/jumps.h"

#include <string.h>

#include "base/memory.h"
#include "base/rng.h"
#include "circuit/circuit_copy.h"
#include "jumps/jump_engine.h"

static void set_draw(void *inside, uint64_t draw)
{
    qsti_jump_engine *engine = inside;
    const uint32_t counter[4] = {QSTI_PURPOSE_JUMPS, (uint32_t)draw, (uint32_t)(draw >> 32), 0};
    const uint32_t key[2] = {(uint32_t)engine->seed, (uint32_t)(engine->seed >> 32)};
    uint32_t out[4];
    qsti_philox(counter, key, out);
    engine->draw = draw;
    engine->machine.key = out[0] | (uint64_t)out[1] << 32;
}

/* --- readouts ----------------------------------------------------------------------------------------------------- */

/* Observables and basis states in the plan's coordinates, which no strength changes. */
static qst_status make_observables(qsti_jump_engine *engine, const qst_readout *readout)
{
    qst_status status = QST_OK;
    qsti_jump_machine *machine = &engine->machine;
    QSTI_TRY(QSTI_NEW(engine->ctx, readout->n_terms, &machine->observables));
    for (size_t i = 0; i < readout->n_terms; i++) {
        bool minus = false;
        qsti_mask pauli = qsti_jump_plan_pauli(&machine->plan, readout->paulis[i], &minus);
        machine->observables[machine->n_observables++] = (qsti_jump_observable){
            pauli, minus ? -readout->coefficients[i] : readout->coefficients[i], readout->outputs[i]};
        machine->any_diagonal |= pauli.x == 0;
    }
done:
    return status;
}

static qst_status make_readout(qsti_jump_engine *engine, const qst_noise *noise, const qst_readout *readout)
{
    qst_status status = QST_OK;
    qsti_jump_machine *machine = &engine->machine;
    qst_readout *read = NULL;
    engine->readout = (qst_readout){.kind = readout->kind, .n_outputs = readout->n_outputs};
    engine->n_outputs = readout->n_outputs;
    machine->paulis = readout->kind == QST_READOUT_EXPECTATIONS;
    machine->n_inside = machine->paulis ? readout->n_outputs : machine->dim;
    if (machine->paulis) {
        QSTI_TRY(qsti_noise_readout_apply(noise, readout, &read));
        QSTI_TRY(make_observables(engine, read));
        goto done;
    }
    QSTI_TRY(QSTI_NEW(engine->ctx, machine->dim, &machine->logical));
    for (size_t p = 0; p < machine->dim; p++)
        for (size_t q = 0; q < machine->plan.n_qubits; q++)
            machine->logical[p] |= (uint32_t)__builtin_parity((uint32_t)p & machine->plan.z[q]) << q;
done:
    qst_readout_free(read);
    return status;
}

/* --- the interface ------------------------------------------------------------------------------------------------ */

static qst_status set_strength(void *inside, double strength)
{
    qst_status status = QST_OK;
    qsti_jump_engine *engine = inside;
    qsti_jump_plan plan = {.ctx = engine->ctx};
    if (strength == engine->strength)
        return QST_OK;
    QSTI_TRY(qsti_jump_plan_make(engine->ctx, engine->circuit, engine->noise, strength, &plan));
    qsti_jump_plan_clear(&engine->machine.plan);
    engine->machine.plan = plan;
    engine->strength = strength;
    qsti_jump_memory_plan(engine);
done:
    return status;
}

static void describe(const void *inside, qst_noise_info *out)
{
    const qsti_jump_engine *engine = inside;
    out->twirled = false;
    out->n_channels = engine->machine.plan.n_channels;
    out->n_relaxations = engine->machine.plan.n_relaxes;
    out->trajectories = engine->trajectories;
    out->memory_bytes = qsti_jump_memory_bytes(engine, true);
    out->n_kept = engine->machine.n_checkpoints;
}

static void release(void *inside)
{
    qsti_jump_engine *engine = inside;
    if (engine == NULL)
        return;
    qst_ctx *ctx = engine->ctx;
    double *const parts[] = {engine->parts.values, engine->parts.block, engine->parts.weights,
                             engine->parts.x,      engine->parts.sums,  engine->parts.total};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        qsti_free_lines(ctx, parts[i]);
    qsti_jump_memory_clear(engine);
    qsti_jump_plan_clear(&engine->machine.plan);
    qst_noise_free(engine->noise);
    qst_circuit_free(engine->circuit);
    qsti_free(ctx, engine->machine.observables);
    qsti_free(ctx, engine->machine.logical);
    qsti_free(ctx, engine->held.record);
    qsti_free(ctx, engine);
}

static const qsti_engine_type type = {
    .name = "jumps",
    .step = qsti_jump_step_batch,
    .forward = qsti_jump_forward_batch,
    .set_draw = set_draw,
    .set_strength = set_strength,
    .describe = describe,
    .release = release,
};

qst_status qsti_jumps_create(const qsti_engine_source *source, qsti_engine *out)
{
    qst_status status = QST_OK;
    qsti_jump_engine *engine = NULL;
    const qst_circuit *circuit = source->circuit;
    if (source->readout->kind == QST_READOUT_AMPLITUDES)
        return qsti_fail(source->ctx, QST_ERR_UNSUPPORTED,
                         "amplitudes as outputs: a circuit with noise has no amplitudes");
    QSTI_TRY(QSTI_NEW(source->ctx, 1, &engine));
    engine->ctx = engine->machine.ctx = engine->machine.plan.ctx = source->ctx;
    engine->machine.kernels = qsti_kernels_double(false);
    engine->machine.jumps = qsti_jump_kernels_chosen();
    engine->machine.algebra = qsti_lane_algebra_chosen();
    engine->machine.dim = (size_t)1 << circuit->n_qubits;
    engine->machine.n_features = circuit->n_features;
    engine->machine.n_weights = circuit->n_weights;
    engine->machine.preparation = circuit->preparation;
    engine->strength = 1;
    engine->limit = source->opts->memory_limit;
    engine->trajectories = source->opts->trajectories > 0 ? source->opts->trajectories : 1;
    engine->seed = source->opts->noise_seed;
    set_draw(engine, 0);
    QSTI_TRY(qst_noise_copy(source->noise, &engine->noise));
    QSTI_TRY(qsti_circuit_copy(engine->ctx, circuit, &engine->circuit));
    QSTI_TRY(qsti_jump_plan_make(source->ctx, circuit, source->noise, 1, &engine->machine.plan));
    QSTI_TRY(make_readout(engine, source->noise, source->readout));
    qsti_jump_memory_plan(engine);
    *out = (qsti_engine){&type, engine};
    engine = NULL;
done:
    release(engine);
    return status;
}
