/* pauli.c: the engine of programs with exact noise: making it, describing it, its end.
 *
 * rho = 2^-n sum_Q c_Q Q with real c_Q = tr(rho Q): Clifford gates permute the c_Q with signs, Pauli channels scale
 * them, a rotation about P mixes c_Q with c_{iPQ}, relaxation is affine. docs/engine.md has the formulas;
 * pauli_engine.h the compiled form. Not here: the choice of this engine (sim/noisy.c), channels (noise/). */
#include "pauli/pauli_engine.h"

#include "circuit/circuit_copy.h"

static void release(void *inside)
{
    qsti_pauli_engine *engine = inside;
    if (engine == NULL)
        return;
    qst_ctx *ctx = engine->ctx;
    for (size_t i = 0; i < engine->n_scratch; i++)
        qsti_pauli_scratch_clear(ctx, &engine->scratch[i]);
    for (size_t i = 0; i < engine->n_ops; i++) {
        qsti_free(ctx, engine->ops[i].from);
        qsti_free(ctx, engine->ops[i].scale);
        qsti_free(ctx, engine->ops[i].offsets);
    }
    qst_noise_free(engine->noise);
    qst_circuit_free(engine->circuit);
    void *const plain[] = {engine->terms,    engine->rotations, engine->events,  engine->numbers,
                           engine->elements, engine->ops,       engine->passes,  engine->stages,
                           engine->trailing, engine->entries,   engine->scratch, engine->arrived};
    for (size_t i = 0; i < sizeof plain / sizeof *plain; i++)
        qsti_free(ctx, plain[i]);
    void *const lines[] = {engine->shared_angles, engine->shared_cosine, engine->shared_sine,
                           engine->shared_maps,   engine->parts,         engine->total};
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        qsti_free_lines(ctx, lines[i]);
    qsti_free(ctx, engine);
}

static void describe(const void *inside, qst_noise_info *out)
{
    const qsti_pauli_engine *engine = inside;
    *out = (qst_noise_info){.n_channels = engine->n_events,
                            .n_relaxations = engine->n_relaxations,
                            .memory_bytes = qsti_pauli_bytes(engine),
                            .n_kept = engine->n_checkpoints + engine->segment};
}

static const qsti_engine_type type = {
    .name = "exact",
    .step = qsti_pauli_step,
    .forward = qsti_pauli_forward,
    .set_strength = qsti_pauli_set_strength,
    .describe = describe,
    .release = release,
};

static qst_status create_lines(qsti_pauli_engine *engine)
{
    qst_status status = QST_OK;
    size_t n = (engine->n_shared + 7) / 8 * 8;
    QSTI_TRY(QSTI_NEW_LINES(engine->ctx, n, &engine->shared_angles));
    QSTI_TRY(QSTI_NEW_LINES(engine->ctx, n, &engine->shared_cosine));
    QSTI_TRY(QSTI_NEW_LINES(engine->ctx, n, &engine->shared_sine));
    QSTI_TRY(QSTI_NEW_LINES(engine->ctx, engine->n_shared_maps * QSTI_MAP_DOUBLES, &engine->shared_maps));
done:
    return status;
}

qst_status qsti_pauli_create(const qsti_engine_source *source, qsti_engine *out)
{
    qst_status status = QST_OK;
    qsti_pauli_engine *engine = NULL;
    const qst_circuit *circuit = source->circuit;
    if (circuit->n_qubits > QSTI_PAULI_MOST_QUBITS)
        return qsti_fail(source->ctx, QST_ERR_LIMIT, "%zu qubits: density matrices are run on at most %d",
                         circuit->n_qubits, QSTI_PAULI_MOST_QUBITS);
    if (source->readout->kind == QST_READOUT_AMPLITUDES)
        return qsti_fail(source->ctx, QST_ERR_UNSUPPORTED,
                         "amplitudes as outputs: a circuit with noise has no amplitudes");
    QSTI_TRY(QSTI_NEW(source->ctx, 1, &engine));
    engine->ctx = source->ctx;
    engine->kernels = qsti_pauli_kernels_best();
    engine->lines = qsti_kernels_double(false);
    engine->n_qubits = circuit->n_qubits;
    engine->n_coefficients = (size_t)1 << 2 * circuit->n_qubits;
    engine->n_features = circuit->n_features;
    engine->n_weights = circuit->n_weights;
    engine->preparation = circuit->preparation;
    engine->strength = 1;
    QSTI_TRY(qsti_noise_copy(source->ctx, source->noise, &engine->noise));
    QSTI_TRY(qsti_circuit_copy(engine->ctx, circuit, &engine->circuit));
    QSTI_TRY(qsti_pauli_compile(engine, circuit));
    QSTI_TRY(qsti_pauli_schedule(engine));
    QSTI_TRY(qsti_pauli_readout_create(engine, source->readout));
    QSTI_TRY(qsti_pauli_plan_memory(engine, source->opts->memory_limit));
    QSTI_TRY(create_lines(engine));
    QSTI_TRY(qsti_pauli_tables_create(engine));
    qsti_pauli_tables_fill(engine);
    *out = (qsti_engine){&type, engine};
    engine = NULL;
done:
    release(engine);
    return status;
}
