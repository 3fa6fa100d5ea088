/* sim_case.c: see sim_case.h. */
#include "sim_case.h"

void *sim_allocate(size_t count, size_t item_bytes)
{
    void *memory = calloc(count + 1, item_bytes);
    if (memory == NULL)
        abort();
    return memory;
}

/* --- comparison --------------------------------------------------------------------------------------------------- */

static double larger(double worst, double difference)
{
    return isnan(difference) ? INFINITY : difference > worst ? difference : worst;
}

double sim_distance(const double *a, const double *b, size_t n)
{
    double worst = 0;
    for (size_t i = 0; i < n; i++)
        worst = larger(worst, fabs(a[i] - b[i]));
    return worst;
}

double sim_relative_distance(const double *a, const double *b, size_t n)
{
    double worst = 0;
    for (size_t i = 0; i < n; i++)
        worst = larger(worst, fabs(a[i] - b[i]) / fmax(1, fabs(b[i])));
    return worst;
}

double sim_complex_distance(const double complex *a, const double complex *b, size_t n)
{
    double worst = 0;
    for (size_t i = 0; i < n; i++)
        worst = larger(worst, cabs(a[i] - b[i]));
    return worst;
}

/* --- circuits ----------------------------------------------------------------------------------------------------- */

sim_builder sim_begin(qst_ctx *ctx, size_t n_qubits, size_t n_features, size_t n_weights, qst_preparation preparation)
{
    sim_builder to = {ctx, NULL};
    size_t first = 0;
    assert_ok(ctx, qst_circuit_begin(ctx, n_qubits, n_features, preparation, &to.builder));
    assert_ok(ctx, qst_circuit_add_weights(to.builder, n_weights, QST_WEIGHT_ANGLE, &first));
    return to;
}

void sim_add(sim_builder *to, qst_gate gate, const size_t *qubits, const qst_angle *angles)
{
    assert_ok(to->ctx, qst_circuit_add(to->builder, gate, qubits, angles));
}

void sim_add_fixed(sim_builder *to, qst_gate gate, const size_t *qubits, const double *angles)
{
    qst_term terms[QST_MAX_GATE_ANGLES];
    qst_angle constant[QST_MAX_GATE_ANGLES];
    for (int k = 0; angles != NULL && k < qst_gate_describe(gate)->n_angles; k++) {
        terms[k] = (qst_term){angles[k], QST_ONE, QST_ONE};
        constant[k] = (qst_angle){&terms[k], 1};
    }
    sim_add(to, gate, qubits, constant);
}

qst_circuit *sim_finish(sim_builder *from)
{
    qst_circuit *circuit = NULL;
    assert_ok(from->ctx, qst_circuit_finish(from->builder, &circuit));
    return circuit;
}

void sim_scramble(sim_builder *to, size_t n_qubits, ref_rng *rng)
{
    for (size_t q = 0; q < n_qubits; q++) {
        double angles[3];
        ref_fill(rng, -SIM_PI, SIM_PI, angles, 3);
        sim_add_fixed(to, QST_GATE_u, &q, angles);
    }
    for (size_t q = 0; q + 1 < n_qubits; q++)
        sim_add_fixed(to, QST_GATE_cx, (size_t[]){q, q + 1}, NULL);
}

/* --- cases -------------------------------------------------------------------------------------------------------- */

sim_case sim_open(qst_ctx *ctx, qst_circuit *circuit, qst_readout *readout, qst_precision precision)
{
    return sim_open_with(ctx, circuit, readout, &(qst_compile_opts){.precision = precision});
}

void sim_recompile(sim_case *of, const qst_compile_opts *opts)
{
    qst_program_free(of->program);
    of->program = NULL;
    assert_ok(of->ctx, qst_program_compile(of->ctx, of->circuit, of->readout, opts, &of->program));
}

sim_case sim_open_with(qst_ctx *ctx, qst_circuit *circuit, qst_readout *readout, const qst_compile_opts *opts)
{
    ref_circuit *description = ref_describe(circuit);
    sim_case of = {
        .ctx = ctx,
        .circuit = circuit,
        .readout = readout,
        .preparation = description->preparation == REF_AMPLITUDE ? QST_PREPARE_AMPLITUDE
                       : description->preparation == REF_BASIS   ? QST_PREPARE_BASIS
                                                                 : QST_PREPARE_ZERO,
        .n_qubits = qst_circuit_qubits(circuit),
        .n_features = qst_circuit_features(circuit),
        .n_weights = qst_circuit_weights(circuit),
        .n_outputs = qst_readout_outputs(readout),
    };
    ref_circuit_free(description);
    assert_ok(ctx, qst_program_compile(ctx, circuit, readout, opts, &of.program));
    return of;
}

void sim_close(sim_case *from)
{
    qst_program_free(from->program);
    qst_readout_free(from->readout);
    qst_circuit_free(from->circuit);
}

qst_readout *sim_words(qst_ctx *ctx, size_t n_qubits, const char *words, size_t n_classes)
{
    char text[256];
    const char *list[16];
    size_t n = 0;
    qst_readout *readout = NULL;
    assert_true(strlen(words) < sizeof text);
    memcpy(text, words, strlen(words) + 1);
    for (char *rest = text, *word = strsep(&rest, " "); word != NULL; word = strsep(&rest, " "))
        list[n++] = word;
    assert_ok(ctx, qst_readout_parse(ctx, n_qubits, list, n, n_classes, &readout));
    return readout;
}

qst_readout *sim_readout(qst_ctx *ctx, size_t number, size_t n_qubits, uint64_t seed)
{
    static const char *const words[SIM_READOUTS] = {NULL, "z zz", "x xx", "y yy", "probabilities", "grouped", "parity"};
    qst_readout *readout = NULL;
    bool pairs = n_qubits == 1 && number >= 1 && number <= 3;
    if (number == 0 || number == SIM_READOUTS - 1)
        assert_ok(ctx, ref_random_readout(ctx, seed, n_qubits, 1 + seed % 5, &readout));
    else if (pairs)
        readout = sim_words(ctx, n_qubits, (const char *[]){"z", "x", "y"}[number - 1], 0);
    else
        readout = sim_words(ctx, n_qubits, words[number], number < 5 ? 0 : 2 + seed % n_qubits);
    return readout;
}

double sim_readout_bound(size_t number)
{
    return number == 0 || number == SIM_READOUTS - 1 ? 6 : 1;
}

/* --- runs --------------------------------------------------------------------------------------------------------- */

sim_run sim_draw(const sim_case *of, uint64_t seed, size_t n_rows)
{
    ref_rng rng = {seed ^ 0x5eed};
    sim_run run = {.n_rows = n_rows};
    size_t n_x = n_rows * of->n_features, n_values = n_rows * of->n_outputs;
    run.weights = sim_allocate(of->n_weights, sizeof(double));
    run.x = sim_allocate(n_x, sizeof(double));
    run.cotangent = sim_allocate(n_values, sizeof(double));
    run.values = sim_allocate(n_values, sizeof(double));
    run.out_weights = sim_allocate(of->n_weights, sizeof(double));
    run.out_x = sim_allocate(n_x, sizeof(double));
    ref_fill(&rng, -1.5, 1.5, run.weights, of->n_weights);
    ref_fill(&rng, -1.5, 1.5, run.x, n_x);
    ref_fill(&rng, -1, 1, run.cotangent, n_values);
    for (size_t i = 0; i < n_x && of->preparation == QST_PREPARE_BASIS; i++)
        run.x[i] = run.x[i] > 0;
    return run;
}

void sim_run_free(sim_run *run)
{
    free(run->weights);
    free(run->x);
    free(run->cotangent);
    free(run->values);
    free(run->out_weights);
    free(run->out_x);
}

qst_const_matrix sim_x(const sim_case *of, const sim_run *run)
{
    return (qst_const_matrix){run->x, run->n_rows, of->n_features};
}

qst_const_matrix sim_cotangent(const sim_case *of, const sim_run *run)
{
    return (qst_const_matrix){run->cotangent, run->n_rows, of->n_outputs};
}

qst_matrix sim_values(const sim_case *of, const sim_run *run)
{
    return (qst_matrix){run->values, run->n_rows, of->n_outputs};
}

qst_matrix sim_out_x(const sim_case *of, const sim_run *run)
{
    return (qst_matrix){run->out_x, run->n_rows, of->n_features};
}

void sim_forward(const sim_case *of, sim_run *run)
{
    assert_ok(of->ctx, qst_program_forward(of->program, run->weights, sim_x(of, run), sim_values(of, run)));
}

void sim_vjp(const sim_case *of, sim_run *run)
{
    assert_ok(of->ctx, qst_program_vjp(of->program, run->weights, sim_x(of, run), sim_cotangent(of, run),
                                       run->out_weights, sim_out_x(of, run), sim_values(of, run)));
}

void sim_step_block(void *user, const qst_block *block)
{
    const sim_step_work *work = user;
    size_t n_outputs = work->of->n_outputs;
    for (size_t lane = 0; lane < block->lanes; lane++) {
        for (size_t k = 0; k < n_outputs; k++) {
            size_t at = (block->first_row + lane) * n_outputs + k;
            double value = block->values[k * block->lanes + lane];
            double cotangent = lane < block->n_rows ? work->run->cotangent[at] : 0;
            block->cotangents[k * block->lanes + lane] = cotangent;
            if (lane < block->n_rows)
                work->run->values[at] = value;
            block->sums[0] += lane < block->n_rows;
            block->sums[1] += cotangent * value;
        }
    }
    block->sums[2] += 1;
}

void sim_step(const sim_case *of, sim_run *run, double *out_sums)
{
    sim_step_work work = {of, run};
    assert_ok(of->ctx, qst_program_step(of->program, run->weights, sim_x(of, run), sim_step_block, &work, SIM_SUMS,
                                        out_sums, run->out_weights, sim_out_x(of, run)));
}

void sim_shift(const sim_case *of, sim_run *run, bool want_x)
{
    qst_matrix out_x = want_x ? sim_out_x(of, run) : (qst_matrix){NULL, 0, 0};
    assert_ok(of->ctx, qst_program_parameter_shift(of->program, run->weights, sim_x(of, run), sim_cotangent(of, run),
                                                   run->out_weights, out_x));
}

/* --- the reference ------------------------------------------------------------------------------------------------ */

void sim_reference_values(const sim_case *of, const sim_run *run, double *out)
{
    for (size_t b = 0; b < run->n_rows; b++)
        ref_values(of->circuit, of->readout, run->weights, run->x + b * of->n_features, out + b * of->n_outputs);
}

double sim_state_error(const sim_case *of, const sim_run *run)
{
    size_t dim = (size_t)1 << of->n_qubits;
    double complex *actual = sim_allocate(dim, sizeof *actual);
    ref_complex *expected = sim_allocate(dim, sizeof *expected);
    assert_ok(of->ctx, qst_program_state(of->program, run->weights, run->x, actual));
    ref_state(of->circuit, run->weights, run->x, expected);
    double worst = sim_complex_distance(actual, expected, dim);
    free(actual);
    free(expected);
    return worst;
}
