/* drawn_case.c: see drawn_case.h. */
#include "drawn_case.h"

sim_case drawn_open(qst_ctx *ctx, qst_circuit *circuit, qst_readout *readout, const qst_noise *noise,
                    qst_compile_opts opts)
{
    opts.noise = noise;
    opts.noise_method = QST_NOISE_TRAJECTORIES;
    return sim_open_with(ctx, circuit, readout, &opts);
}

qst_noise *drawn_noise(qst_ctx *ctx, qst_channel channel)
{
    qst_noise *noise = NULL;
    assert_ok(ctx, qst_noise_create(ctx, &noise));
    assert_ok(ctx, qst_noise_add(
                       noise, &(qst_noise_rule){.channel = channel, .each = channel.kind == QST_CHANNEL_depolarizing}));
    return noise;
}

static qsti_trajectories *engine_of(const sim_case *of)
{
    assert_string_equal(of->program->engine.type->name, "trajectories");
    return of->program->engine.inside;
}

/* --- what was drawn ----------------------------------------------------------------------------------------------- */

#define MOST_ERRORS 4096

typedef struct drawn {
    const qsti_site *sites[MOST_ERRORS];
    unsigned codes[MOST_ERRORS];
    size_t n;
} drawn;

static void take(void *user, const qsti_site *site, unsigned code)
{
    drawn *to = user;
    assert_true(to->n < MOST_ERRORS && code != 0);
    to->sites[to->n] = site;
    to->codes[to->n++] = code;
}

static void add_site(sim_builder *to, const qsti_site *site, const drawn *errors)
{
    static const qst_gate paulis[] = {QST_GATE_id, QST_GATE_x, QST_GATE_y, QST_GATE_z};
    for (size_t k = 0; k < site->n_qubits; k++) {
        size_t qubit = site->qubits[k];
        unsigned x = site->x >> k & 1, z = site->z >> k & 1;
        if (site->rotates && site->n_qubits == 1)
            sim_add_fixed(to, x && z ? QST_GATE_ry : x ? QST_GATE_rx : QST_GATE_rz, &qubit, &site->angle);
        assert_true(!site->rotates || site->n_qubits == 1);
        for (size_t e = 0; e < errors->n && !site->rotates; e++)
            if (errors->sites[e] == site && (errors->codes[e] >> (2 * k) & 3) != 0)
                sim_add_fixed(to, paulis[errors->codes[e] >> (2 * k) & 3], &qubit, NULL);
    }
}

qst_circuit *drawn_circuit(const sim_case *of, size_t row, size_t trajectory, size_t *n_errors)
{
    const qsti_trajectories *engine = engine_of(of);
    const qst_circuit *circuit = of->circuit;
    drawn *errors = sim_allocate(1, sizeof *errors);
    qsti_draws *draws = engine->program->draws;
    draws->first_row = draws->first_trajectory = 0;
    draws->n_trajectories = engine->n_trajectories;
    qsti_draws_errors(engine->program, row * engine->n_trajectories + trajectory, take, errors);
    *n_errors += errors->n;
    sim_builder to = sim_begin(of->ctx, of->n_qubits, of->n_features, of->n_weights, of->preparation);
    size_t at = 0;
    for (size_t o = 0; o < circuit->n_operations; o++) {
        const qsti_operation *operation = &circuit->operations[o];
        size_t qubits[QST_MAX_GATE_QUBITS];
        qst_angle angles[QST_MAX_GATE_ANGLES];
        for (size_t k = 0; k < QST_MAX_GATE_QUBITS; k++)
            qubits[k] = operation->qubits[k];
        for (size_t a = 0; a < QST_MAX_GATE_ANGLES; a++)
            angles[a] = (qst_angle){circuit->terms + operation->angle[a].first, operation->angle[a].count};
        sim_add(&to, (qst_gate)operation->gate, qubits, angles);
        for (; at < engine->sites.n && engine->sites.all[at].operation == o; at++)
            add_site(&to, &engine->sites.all[at], errors);
    }
    assert_int_equal(at, engine->sites.n);
    free(errors);
    return sim_finish(&to);
}

/* --- what comes of it --------------------------------------------------------------------------------------------- */

/* One trajectory of one row, its share added to the results. */
static void add_trajectory(const sim_case *of, const sim_run *run, const qst_readout *readout, size_t row,
                           size_t trajectory, const drawn_results *to, size_t *n_errors)
{
    size_t k_out = of->n_outputs, d = of->n_features, n_trajectories = engine_of(of)->n_trajectories;
    qst_circuit *circuit = drawn_circuit(of, row, trajectory, n_errors);
    qst_program *program = NULL;
    double *values = sim_allocate(k_out, sizeof(double)), *out_weights = sim_allocate(of->n_weights, sizeof(double)),
           *out_x = sim_allocate(d, sizeof(double));
    assert_ok(of->ctx, qst_program_compile(of->ctx, circuit, readout, NULL, &program));
    assert_ok(of->ctx, qst_program_vjp(program, run->weights, (qst_const_matrix){run->x + row * d, 1, d},
                                       (qst_const_matrix){run->cotangent + row * k_out, 1, k_out}, out_weights,
                                       (qst_matrix){out_x, 1, d}, (qst_matrix){values, 1, k_out}));
    for (size_t k = 0; k < k_out; k++)
        to->values[row * k_out + k] += values[k] / (double)n_trajectories;
    for (size_t w = 0; w < of->n_weights; w++)
        to->out_weights[w] += out_weights[w] / (double)n_trajectories;
    for (size_t j = 0; j < d; j++)
        to->out_x[row * d + j] += out_x[j] / (double)n_trajectories;
    qst_program_free(program);
    qst_circuit_free(circuit);
    free(values);
    free(out_weights);
    free(out_x);
}

drawn_results drawn_explicit(const sim_case *of, const sim_run *run, const qst_readout *readout, size_t *n_errors)
{
    drawn_results out = {sim_allocate(run->n_rows * of->n_outputs, sizeof(double)),
                         sim_allocate(of->n_weights, sizeof(double)),
                         sim_allocate(run->n_rows * of->n_features, sizeof(double))};
    for (size_t row = 0; row < run->n_rows; row++)
        for (size_t t = 0; t < engine_of(of)->n_trajectories; t++)
            add_trajectory(of, run, readout, row, t, &out, n_errors);
    return out;
}

void drawn_results_free(drawn_results *results)
{
    free(results->values);
    free(results->out_weights);
    free(results->out_x);
}
