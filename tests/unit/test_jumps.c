/* Trajectories with relaxation, against a dense density matrix that shares no code with them. */
#include "jumps/jumps.h"

#include "base/rng.h"
#include "kernels/jump_kernels.h"

#include "property/sim_case.h"
#include "sim/program.h"

/* For tests alone: jump_batch.c. */
qst_status qsti_jumps_hold(void *inside, size_t n_rows, bool given);

#define STANDARD_ERRORS 5.0

/* --- the oracle --------------------------------------------------------------------------------------------------- */

/* Behind each gate: depolarizing of gates on one and on two qubits, then relaxation of each qubit, then RX on each. */
typedef struct strengths {
    double one, two, t1, t2, time, excited, angle, m1p0, m0p1;
} strengths;

typedef struct oracle {
    const ref_circuit *circuit;
    const ref_readout *readout;
    const strengths *noise;
    const double *weights, *x, *cotangent;
    double *values;
} oracle;

/* rho (dim, dim), row-major: as a state of 2 n qubits its columns' bits are the low ones. */
static void on_both_sides(ref_complex *rho, size_t n, const ref_complex *matrix, size_t k, const size_t *qubits)
{
    ref_complex conjugated[REF_MAX_GATE_STATES * REF_MAX_GATE_STATES];
    size_t rows[5];
    for (size_t i = 0; i < (size_t)1 << (2 * k); i++)
        conjugated[i] = conj(matrix[i]);
    for (size_t i = 0; i < k; i++)
        rows[i] = qubits[i] + n;
    ref_apply(rho, 2 * n, matrix, k, rows);
    ref_apply(rho, 2 * n, conjugated, k, qubits);
}

/* rho -> (1 - p) rho + p tr(rho) I / 2^k on these qubits. */
static void depolarize(ref_complex *rho, size_t n, double p, size_t k, const size_t *qubits)
{
    size_t dim = (size_t)1 << n, mask = 0, size = (size_t)1 << k;
    ref_complex *out = sim_allocate(dim * dim, sizeof *out);
    for (size_t i = 0; i < k; i++)
        mask |= (size_t)1 << qubits[i];
    for (size_t r = 0; r < dim; r++) {
        for (size_t c = 0; c < dim; c++) {
            ref_complex trace = 0;
            for (size_t sub = mask;; sub = (sub - 1) & mask) {
                trace += rho[((r & ~mask) | sub) * dim + ((c & ~mask) | sub)];
                if (sub == 0)
                    break;
            }
            out[r * dim + c] = (1 - p) * rho[r * dim + c] + ((r & mask) == (c & mask) ? p / (double)size * trace : 0);
        }
    }
    memcpy(rho, out, dim * dim * sizeof *out);
    free(out);
}

static void relax(ref_complex *rho, size_t n, const strengths *noise, size_t q)
{
    size_t dim = (size_t)1 << n, bit = (size_t)1 << q;
    double a = 1 - exp(-noise->time / noise->t1), c = exp(-noise->time / noise->t2), up = noise->excited * a;
    double down = (1 - noise->excited) * a;
    for (size_t r = 0; r < dim; r++) {
        for (size_t k = 0; k < dim; k++) {
            if ((r & bit) || (k & bit))
                continue;
            ref_complex *zero = &rho[r * dim + k], *one = &rho[(r | bit) * dim + (k | bit)], old = *zero;
            *zero = (1 - up) * old + down * *one;
            *one = up * old + (1 - down) * *one;
            rho[r * dim + (k | bit)] *= c;
            rho[(r | bit) * dim + k] *= c;
        }
    }
}

static void behind(ref_complex *rho, size_t n, const strengths *noise, size_t k, const size_t *qubits)
{
    double angle = noise->angle;
    ref_complex turn[REF_MAX_GATE_STATES * REF_MAX_GATE_STATES];
    if (k == 1)
        depolarize(rho, n, noise->one, k, qubits);
    if (k == 2)
        depolarize(rho, n, noise->two, k, qubits);
    for (size_t i = 0; i < k && noise->time > 0; i++)
        relax(rho, n, noise, qubits[i]);
    ref_gate_matrix("rx", &angle, turn);
    for (size_t i = 0; i < k; i++)
        on_both_sides(rho, n, turn, 1, &qubits[i]);
}

static void start(const oracle *of, ref_complex *rho)
{
    size_t dim = (size_t)1 << of->circuit->n_qubits, at = 0;
    double norm = 0;
    if (of->circuit->preparation == REF_AMPLITUDE) {
        for (size_t j = 0; j < of->circuit->n_features; j++)
            norm += of->x[j] * of->x[j];
        for (size_t j = 0; j < of->circuit->n_features; j++)
            for (size_t k = 0; k < of->circuit->n_features; k++)
                rho[j * dim + k] = of->x[j] * of->x[k] / norm;
        return;
    }
    for (size_t j = 0; j < of->circuit->n_features && of->circuit->preparation == REF_BASIS; j++)
        at |= of->x[j] > 0 ? (size_t)1 << j : 0;
    rho[at * dim + at] = 1;
}

/* tr(rho P) with errors of readout: Z, X and Y of a qubit become (m0p1 - m1p0) + (1 - m0p1 - m1p0) P. */
static double term_value(const oracle *of, const ref_complex *rho, const char *letters)
{
    size_t n = of->circuit->n_qubits, dim = (size_t)1 << n;
    ref_complex sum = 0;
    double shift = of->noise->m0p1 - of->noise->m1p0, scale = 1 - of->noise->m0p1 - of->noise->m1p0;
    for (size_t r = 0; r < dim; r++) {
        for (size_t c = 0; c < dim; c++) { /* <r| product |c> */
            ref_complex product = 1;
            for (size_t q = 0; q < n; q++) {
                bool i = r >> q & 1, j = c >> q & 1;
                char letter = letters[n - 1 - q];
                ref_complex entry = letter == 'X'   ? (i != j)
                                    : letter == 'Y' ? (i != j ? (i ? I : -I) : 0)
                                    : i != j        ? 0
                                    : letter == 'Z' ? (i ? -1 : 1)
                                                    : 1;
                product *= letter == 'I' ? entry : shift * (i == j) + scale * entry;
            }
            sum += product * rho[c * dim + r];
        }
    }
    return creal(sum);
}

static void read_values(const oracle *of, const ref_complex *rho, double *out)
{
    size_t n = of->circuit->n_qubits, dim = (size_t)1 << n;
    memset(out, 0, of->readout->n_outputs * sizeof *out);
    for (size_t t = 0; of->readout->kind == REF_EXPECTATIONS && t < of->readout->n_terms; t++) {
        const ref_readout_term *term = &of->readout->terms[t];
        out[term->output] += term->coefficient * term_value(of, rho, term->letters);
    }
    for (size_t read = 0; of->readout->kind != REF_EXPECTATIONS && read < dim; read++) {
        double p = 0;
        for (size_t is = 0; is < dim; is++) {
            double part = creal(rho[is * dim + is]);
            for (size_t q = 0; q < n; q++) {
                bool i = is >> q & 1, r = read >> q & 1;
                double wrong = i ? of->noise->m0p1 : of->noise->m1p0;
                part *= i == r ? 1 - wrong : wrong;
            }
            p += part;
        }
        size_t code = of->readout->kind == REF_PARITY ? (size_t)__builtin_popcountll(read) : read;
        out[code % of->readout->n_outputs] += p;
    }
}

static void exact_values(const oracle *of, double *out)
{
    size_t n = of->circuit->n_qubits, dim = (size_t)1 << n;
    ref_complex *rho = sim_allocate(dim * dim, sizeof *rho);
    start(of, rho);
    for (size_t o = 0; o < of->circuit->n_operations; o++) {
        const ref_operation *operation = &of->circuit->operations[o];
        double angles[4] = {0};
        ref_complex matrix[REF_MAX_GATE_STATES * REF_MAX_GATE_STATES];
        for (size_t i = 0; i < operation->n_angles; i++)
            angles[i] = ref_angle_value(&operation->angles[i], of->weights, of->x);
        size_t k = (size_t)ref_gate_matrix(operation->gate, angles, matrix);
        on_both_sides(rho, n, matrix, k, operation->qubits);
        behind(rho, n, of->noise, k, operation->qubits);
    }
    read_values(of, rho, out);
    free(rho);
}

/* sum_k cotangent_k value_k as a function of (weights, x). */
static double exact_loss(void *user, const double *point)
{
    oracle of = *(const oracle *)user;
    double loss = 0;
    of.weights = point;
    of.x = point + of.circuit->n_weights;
    exact_values(&of, of.values);
    for (size_t k = 0; k < of.readout->n_outputs; k++)
        loss += of.cotangent[k] * of.values[k];
    return loss;
}

/* --- cases -------------------------------------------------------------------------------------------------------- */

static const strengths kinds[] = {
    {0.02, 0.05, 50, 30, 4, 0, 0.05, 0, 0},         /* T2 < T1 */
    {0.02, 0.05, 50, 70, 4, 0.1, 0.05, 0.02, 0.05}, /* T1 < T2 < 2 T1, little: no damping */
    {0.02, 0.05, 10, 15, 4, 0.2, 0, 0.1, 0.03},     /* T1 < T2 < 2 T1, much: damping */
    {0, 0.03, 20, 40, 4, 0, 0.1, 0, 0},             /* T2 = 2 T1 */
    {0, 0.03, 6, 12, 4, 0.7, 0, 0, 0},              /* the same, hot */
    {0.1, 0, 4, 1, 4, 0.3, 0, 0, 0.2},              /* little is left */
    {0, 0, 40, 30, 2, 0.05, 0, 0, 0},               /* rare: gates wait long */
};
#define N_KINDS (sizeof kinds / sizeof *kinds)

static qst_noise *make_noise(qst_ctx *ctx, const strengths *from)
{
    qst_noise *noise = NULL;
    assert_ok(ctx, qst_noise_create(ctx, &noise));
    const qst_noise_rule rules[] = {
        {.channel = {QST_CHANNEL_depolarizing, {from->one}}, .gate_qubits = 1},
        {.channel = {QST_CHANNEL_depolarizing, {from->two}}, .gate_qubits = 2},
        {.channel = {QST_CHANNEL_thermal_relaxation, {from->t1, from->t2, from->time, from->excited}}},
        {.channel = {QST_CHANNEL_rotation_x, {from->angle}}},
    };
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++)
        if (i != 2 || from->time > 0)
            assert_ok(ctx, qst_noise_add(noise, &rules[i]));
    if (from->m1p0 > 0 || from->m0p1 > 0)
        assert_ok(ctx, qst_noise_add_readout(noise, QST_EVERY_QUBIT, from->m1p0, from->m0p1));
    return noise;
}

/* Rotations that wait while CX, SWAP and X move them about. */
static qst_circuit *moving_circuit(qst_ctx *ctx, uint64_t seed, size_t n, qst_preparation preparation,
                                   size_t n_features, size_t n_ops)
{
    static const qst_gate turns[] = {QST_GATE_rx, QST_GATE_ry, QST_GATE_rz};
    ref_rng rng = {seed};
    sim_builder builder = sim_begin(ctx, n, n_features, 3, preparation);
    for (size_t i = 0; i < n_ops; i++) {
        size_t qubits[2] = {ref_below(&rng, n), 0}, w = ref_below(&rng, 3), j = ref_below(&rng, n_features);
        double by = ref_uniform(&rng, 0.5, 1.5);
        qubits[1] = (qubits[0] + 1 + ref_below(&rng, n - 1)) % n;
        if (i % 2 == 0)
            sim_add(&builder, turns[ref_below(&rng, 3)], qubits,
                    (qst_angle[]){QST_ANGLE({by, QST_WEIGHT(w), QST_ONE}, {1 - by, QST_FEATURE(j), QST_ONE})});
        else
            sim_add(&builder, i % 16 == 15 ? QST_GATE_swap : i % 16 == 7 ? QST_GATE_x : QST_GATE_cx, qubits, NULL);
    }
    return sim_finish(&builder);
}

/* A circuit of all sorts of gates on n qubits, or with an odd seed of moves. */
static sim_case open_case(qst_ctx *ctx, uint64_t seed, size_t n, qst_preparation preparation, size_t n_ops,
                          size_t readout, const qst_compile_opts *opts)
{
    qst_circuit *circuit = NULL;
    size_t n_features = preparation == QST_PREPARE_AMPLITUDE ? ((size_t)1 << n) - 1 : n;
    if (seed % 2 != 0)
        circuit = moving_circuit(ctx, seed, n, preparation, n_features, n_ops);
    else
        assert_ok(ctx, ref_random_prepared_circuit(ctx, seed, preparation, n, n_features, 3, n_ops, &circuit));
    return sim_open_with(ctx, circuit, sim_readout(ctx, readout, n, seed + 1), opts);
}

static qst_compile_opts options(const qst_noise *noise, size_t trajectories)
{
    return (qst_compile_opts){
        .noise = noise, .noise_method = QST_NOISE_TRAJECTORIES, .trajectories = trajectories, .noise_seed = 7};
}

/* Mean and its standard error of `n` numbers whose sum and sum of squares are these. */
static void assert_mean(double sum, double squares, double n, double expected, const char *what, size_t number)
{
    double mean = sum / n, variance = (squares / n - mean * mean) * n / (n - 1);
    double error = sqrt(variance > 0 ? variance / n : 0);
    if (!(fabs(mean - expected) <= STANDARD_ERRORS * error + 1e-10)) {
        print_error("%s %zu: mean %.9g, standard error %.3g, expected %.9g\n", what, number, mean, error, expected);
        fail();
    }
}

/* Values and gradients of many draws against the oracle. */
static void compare_means(const sim_case *of, const strengths *noise_of, uint64_t seed, size_t n_rows, size_t n_draws)
{
    sim_run run = sim_draw(of, seed, n_rows);
    size_t n_values = n_rows * of->n_outputs, n_x = of->preparation == QST_PREPARE_BASIS ? 0 : n_rows * of->n_features;
    size_t n = n_values + of->n_weights + n_x;
    double *sums = sim_allocate(2 * n, sizeof *sums), *exact = sim_allocate(n, sizeof *exact);
    assert_string_equal(of->program->engine.type->name, "jumps");
    for (size_t draw = 0; draw < n_draws; draw++) {
        qst_program_set_draw(of->program, draw);
        sim_vjp(of, &run);
        for (size_t i = 0; i < n; i++) {
            double value = i < n_values                   ? run.values[i]
                           : i < n_values + of->n_weights ? run.out_weights[i - n_values]
                                                          : run.out_x[i - n_values - of->n_weights];
            sums[i] += value;
            sums[n + i] += value * value;
        }
    }
    ref_circuit *circuit = ref_describe(of->circuit);
    ref_readout *readout = ref_describe_readout(of->readout);
    double *point = sim_allocate(of->n_weights + of->n_features, sizeof *point);
    double *gradient = sim_allocate(of->n_weights + of->n_features, sizeof *gradient);
    double *values = sim_allocate(of->n_outputs, sizeof *values);
    for (size_t row = 0; row < n_rows; row++) {
        oracle from = {
            circuit, readout, noise_of, run.weights, run.x + row * of->n_features, run.cotangent + row * of->n_outputs,
            values};
        exact_values(&from, exact + row * of->n_outputs);
        memcpy(point, run.weights, of->n_weights * sizeof *point);
        memcpy(point + of->n_weights, from.x, of->n_features * sizeof *point);
        ref_gradient(exact_loss, &from, point, of->n_weights + (n_x > 0 ? of->n_features : 0), gradient);
        for (size_t i = 0; i < of->n_weights; i++)
            exact[n_values + i] += gradient[i];
        for (size_t j = 0; j < of->n_features && n_x > 0; j++)
            exact[n_values + of->n_weights + row * of->n_features + j] = gradient[of->n_weights + j];
    }
    for (size_t i = 0; i < n; i++)
        assert_mean(sums[i], sums[n + i], (double)n_draws, exact[i], "number", i);
    ref_circuit_free(circuit);
    ref_readout_free(readout);
    free(point);
    free(gradient);
    free(values);
    free(sums);
    free(exact);
    sim_run_free(&run);
}

static void check_means(uint64_t seed, const strengths *noise_of, qst_preparation preparation, size_t n_rows,
                        size_t trajectories, size_t n_draws)
{
    qst_ctx *ctx = support_ctx(2);
    qst_noise *noise = make_noise(ctx, noise_of);
    qst_compile_opts opts = options(noise, trajectories);
    sim_case of = open_case(ctx, seed, 3, preparation, 36, (size_t)seed % SIM_READOUTS, &opts);
    compare_means(&of, noise_of, seed + 2, n_rows, n_draws);
    sim_close(&of);
    qst_noise_free(noise);
    qst_ctx_free(ctx);
}

static void test_means(void **state)
{
    (void)state;
    for (size_t kind = 0; kind < N_KINDS; kind++)
        for (uint64_t seed = 0; seed < 4; seed++)
            check_means(100 + 10 * kind + 3 * seed, &kinds[kind], QST_PREPARE_ZERO, 1, 16, 150);
    check_means(301, &kinds[1], QST_PREPARE_AMPLITUDE, 3, 3, 300);
    check_means(302, &kinds[2], QST_PREPARE_AMPLITUDE, 2, 5, 300);
    check_means(303, &kinds[3], QST_PREPARE_BASIS, 9, 1, 400);
    check_means(304, &kinds[0], QST_PREPARE_ZERO, 11, 3, 200);
}

/* A gate on the target waits while CX joins it to the control and the control decays. Angles are such that no outcome
 * is rare: a standard error does not know of what was never drawn. */
static void test_waiting(void **state)
{
    (void)state;
    qst_ctx *ctx = support_ctx(1);
    for (size_t kind = 0; kind < N_KINDS; kind++) {
        for (size_t way = 0; way < 3; way++) {
            qst_noise *noise = make_noise(ctx, &kinds[kind]);
            qst_compile_opts opts = options(noise, 64);
            sim_builder builder = sim_begin(ctx, 2, 1, 1, QST_PREPARE_ZERO);
            const qst_angle angle =
                QST_ANGLE({0.2, QST_WEIGHT(0), QST_ONE}, {0.1, QST_FEATURE(0), QST_ONE}, {1.1, QST_ONE, QST_ONE});
            sim_add_fixed(&builder, QST_GATE_x, (size_t[]){0}, NULL);
            sim_add(&builder, way == 0 ? QST_GATE_ry : QST_GATE_rx, (size_t[]){1}, &angle);
            sim_add_fixed(&builder, QST_GATE_cx, way == 2 ? (size_t[]){1, 0} : (size_t[]){0, 1}, NULL);
            sim_case of = sim_open_with(ctx, sim_finish(&builder), sim_words(ctx, 2, "x y z xx yy zz", 0), &opts);
            compare_means(&of, &kinds[kind], kind, 1, 800);
            sim_close(&of);
            qst_noise_free(noise);
        }
    }
    qst_ctx_free(ctx);
}

/* --- operators held fixed ----------------------------------------------------------------------------------------- */

static double loss_of(const sim_case *of, sim_run *run)
{
    double loss = 0;
    sim_forward(of, run);
    for (size_t i = 0; i < run->n_rows * of->n_outputs; i++)
        loss += run->cotangent[i] * run->values[i];
    return loss;
}

static double difference(const sim_case *of, sim_run *run, double *at)
{
    static const double steps[] = {-2, -1, 1, 2}, shares[] = {1.0 / 12, -8.0 / 12, 8.0 / 12, -1.0 / 12};
    double old = *at, sum = 0, step = 1e-3;
    for (size_t i = 0; i < 4; i++) {
        *at = old + steps[i] * step;
        sum += shares[i] * loss_of(of, run);
    }
    *at = old;
    return sum / step;
}

/* The gradient is that of <psi_j|O|psi_j> / q_j with the operators and q_j of the point. */
static void check_held(uint64_t seed, const strengths *noise_of, qst_preparation preparation, size_t n, size_t n_rows,
                       double memory_limit)
{
    qst_ctx *ctx = support_ctx(1);
    qst_noise *noise = make_noise(ctx, noise_of);
    qst_compile_opts opts = options(noise, 3);
    opts.memory_limit = memory_limit;
    sim_case of = open_case(ctx, seed, n, preparation, 50, (size_t)seed % SIM_READOUTS, &opts);
    sim_run run = sim_draw(&of, seed + 2, n_rows);
    qst_program_set_draw(of.program, seed);
    assert_ok(ctx, qsti_jumps_hold(of.program->engine.inside, n_rows, false));
    sim_vjp(&of, &run);
    double *free_values = sim_allocate(n_rows * of.n_outputs, sizeof *free_values);
    memcpy(free_values, run.values, n_rows * of.n_outputs * sizeof *free_values);
    assert_ok(ctx, qsti_jumps_hold(of.program->engine.inside, n_rows, true));
    sim_forward(&of, &run);
    assert_close(sim_distance(free_values, run.values, n_rows * of.n_outputs), 0, 1e-12);
    for (size_t w = 0; w < of.n_weights; w++)
        assert_close(run.out_weights[w], difference(&of, &run, &run.weights[w]), 1e-8);
    for (size_t i = 0; i < n_rows * of.n_features && preparation != QST_PREPARE_BASIS; i += 3)
        assert_close(run.out_x[i], difference(&of, &run, &run.x[i]), 1e-8);
    free(free_values);
    sim_run_free(&run);
    sim_close(&of);
    qst_noise_free(noise);
    qst_ctx_free(ctx);
}

static void test_held(void **state)
{
    (void)state;
    for (size_t kind = 0; kind < N_KINDS; kind++)
        for (uint64_t seed = 0; seed < 5; seed++)
            check_held(400 + 10 * kind + seed, &kinds[kind], (qst_preparation)(seed % 3), 2 + seed % 4, 1 + 2 * seed,
                       0);
    check_held(480, &kinds[1], QST_PREPARE_ZERO, 1, 3, 0);
    check_held(482, &kinds[2], QST_PREPARE_AMPLITUDE, 1, 11, 0);
}

/* --- laws --------------------------------------------------------------------------------------------------------- */

/* Runs a case; returns its values, then gradients, all in one. */
static double *results(int n_threads, uint64_t seed, const qst_compile_opts *opts, size_t n, size_t n_rows,
                       size_t *out_n, double *out_sums)
{
    qst_ctx *ctx = support_ctx(n_threads);
    sim_case of = open_case(ctx, seed, n, QST_PREPARE_ZERO, 50, (size_t)seed % SIM_READOUTS, opts);
    sim_run run = sim_draw(&of, seed + 2, n_rows);
    size_t n_values = n_rows * of.n_outputs, n_x = n_rows * of.n_features;
    *out_n = n_values + of.n_weights + n_x;
    double *out = sim_allocate(*out_n, sizeof *out);
    sim_step(&of, &run, out_sums);
    sim_vjp(&of, &run);
    memcpy(out, run.values, n_values * sizeof *out);
    memcpy(out + n_values, run.out_weights, of.n_weights * sizeof *out);
    memcpy(out + n_values + of.n_weights, run.out_x, n_x * sizeof *out);
    sim_forward(&of, &run);
    assert_memory_equal(out, run.values, n_values * sizeof *out);
    sim_run_free(&run);
    sim_close(&of);
    qst_ctx_free(ctx);
    return out;
}

static void test_threads(void **state)
{
    (void)state;
    qst_ctx *ctx = support_ctx(1);
    for (size_t kind = 0; kind < 4; kind++) {
        qst_noise *noise = make_noise(ctx, &kinds[kind]);
        for (size_t trajectories = 1; trajectories < 40; trajectories += 19) {
            qst_compile_opts opts = options(noise, trajectories);
            double sums[2][SIM_SUMS];
            size_t n = 0;
            double *one = results(1, 500 + kind, &opts, 4, 21, &n, sums[0]);
            double *three = results(3, 500 + kind, &opts, 4, 21, &n, sums[1]);
            assert_memory_equal(one, three, n * sizeof *one);
            assert_memory_equal(sums[0], sums[1], sizeof sums[0]);
            free(one);
            free(three);
        }
        qst_noise_free(noise);
    }
    qst_ctx_free(ctx);
}

/* Fewer states kept: the same numbers, to the rounding of what is made again instead of undone. */
static void test_memory(void **state)
{
    (void)state;
    qst_ctx *ctx = support_ctx(1);
    for (size_t kind = 0; kind < N_KINDS; kind++) {
        qst_noise *noise = make_noise(ctx, &kinds[kind]);
        qst_compile_opts opts = options(noise, 5);
        size_t n = 0;
        double sums[SIM_SUMS];
        double *all = results(1, 600 + kind, &opts, 8, 3, &n, sums);
        for (double limit = 8e6; limit > 4.5e5; limit /= 1.5) {
            opts.memory_limit = limit;
            double *some = results(2, 600 + kind, &opts, 8, 3, &n, sums);
            assert_close(sim_distance(all, some, n), 0, 1e-10);
            free(some);
        }
        free(all);
        qst_noise_free(noise);
    }
    qst_ctx_free(ctx);
}

static void test_refusals(void **state)
{
    (void)state;
    qst_ctx *ctx = support_ctx(1);
    qst_noise *noise = make_noise(ctx, &kinds[0]);
    qst_compile_opts opts = options(noise, 2);
    opts.memory_limit = 20000;
    sim_case of = open_case(ctx, 700, 5, QST_PREPARE_ZERO, 20, 0, &opts);
    sim_run run = sim_draw(&of, 1, 2);
    assert_status(ctx,
                  qst_program_vjp(of.program, run.weights, sim_x(&of, &run), sim_cotangent(&of, &run), run.out_weights,
                                  sim_out_x(&of, &run), sim_values(&of, &run)),
                  QST_ERR_LIMIT);
    assert_message(ctx, "bytes of memory for the gradient: the limit is 20000");
    sim_run_free(&run);
    qst_program *program = NULL;
    qst_readout *readout = NULL;
    assert_ok(ctx, qst_readout_amplitudes(ctx, 5, &readout));
    opts.memory_limit = 0;
    assert_status(ctx, qst_program_compile(ctx, of.circuit, readout, &opts, &program), QST_ERR_UNSUPPORTED);
    qst_readout_free(readout);
    sim_close(&of);
    qst_noise_free(noise);
    qst_ctx_free(ctx);
}

/* Strength 0 is the circuit without noise; the same draw the same numbers, another one others. */
static void test_strength_and_draw(void **state)
{
    (void)state;
    qst_ctx *ctx = support_ctx(1);
    qst_noise *noise = make_noise(ctx, &(strengths){0.05, 0.05, 10, 16, 4, 0.1, 0.05, 0, 0});
    qst_compile_opts opts = options(noise, 2);
    for (uint64_t seed = 0; seed < 8; seed++) {
        sim_case of =
            open_case(ctx, 800 + seed, 4, (qst_preparation)(seed % 3), 60, (size_t)seed % SIM_READOUTS, &opts);
        sim_case still =
            open_case(ctx, 800 + seed, 4, (qst_preparation)(seed % 3), 60, (size_t)seed % SIM_READOUTS, NULL);
        sim_run run = sim_draw(&of, seed, 9), other = sim_draw(&of, seed, 9), without = sim_draw(&still, seed, 9);
        size_t n = 9 * of.n_outputs;
        sim_vjp(&of, &run);
        qst_program_set_draw(of.program, 1);
        sim_vjp(&of, &other);
        assert_true(sim_distance(run.values, other.values, n) > 1e-6);
        assert_ok(ctx, qst_program_set_noise_strength(of.program, 0));
        sim_vjp(&of, &other);
        sim_vjp(&still, &without);
        assert_close(sim_distance(other.values, without.values, n), 0, 1e-12);
        assert_close(sim_distance(other.out_weights, without.out_weights, of.n_weights), 0, 1e-11);
        assert_close(sim_distance(other.out_x, without.out_x, 9 * of.n_features), 0, 1e-11);
        assert_ok(ctx, qst_program_set_noise_strength(of.program, 1));
        qst_program_set_draw(of.program, 0);
        sim_vjp(&of, &other);
        assert_memory_equal(run.values, other.values, n * sizeof *run.values);
        assert_memory_equal(run.out_weights, other.out_weights, of.n_weights * sizeof *run.out_weights);
        sim_run_free(&run);
        sim_run_free(&other);
        sim_run_free(&without);
        sim_close(&of);
        sim_close(&still);
    }
    qst_noise_free(noise);
    qst_ctx_free(ctx);
}

static void test_describe(void **state)
{
    (void)state;
    qst_ctx *ctx = support_ctx(1);
    qst_noise *noise = make_noise(ctx, &kinds[0]);
    qst_compile_opts opts = options(noise, 12);
    sim_builder builder = sim_begin(ctx, 2, 0, 0, QST_PREPARE_ZERO);
    sim_add_fixed(&builder, QST_GATE_h, (size_t[]){0}, NULL);
    sim_add_fixed(&builder, QST_GATE_cx, (size_t[]){0, 1}, NULL);
    sim_case of = sim_open_with(ctx, sim_finish(&builder), sim_words(ctx, 2, "z", 0), &opts);
    qst_noise_info info;
    qst_program_describe_noise(of.program, &info);
    assert_int_equal(info.method, QST_NOISE_TRAJECTORIES);
    assert_int_equal(info.n_relaxations, 3);
    assert_int_equal(info.n_channels, 3 + 2 + 3);
    assert_int_equal(info.trajectories, 12);
    assert_true(info.memory_bytes > 0 && !info.twirled);
    sim_close(&of);
    qst_noise_free(noise);
    qst_ctx_free(ctx);
}

/* Nothing is allocated from the second step on. */
static void test_allocations(void **state)
{
    (void)state;
    qst_ctx *ctx = support_ctx(2);
    qst_noise *noise = make_noise(ctx, &kinds[2]);
    qst_compile_opts opts = options(noise, 4);
    sim_case of = open_case(ctx, 900, 4, QST_PREPARE_ZERO, 50, 0, &opts);
    sim_run run = sim_draw(&of, 3, 19);
    sim_vjp(&of, &run);
    uint64_t before = qsti_ctx_allocations(ctx);
    for (uint64_t draw = 0; draw < 20; draw++) {
        qst_program_set_draw(of.program, draw);
        sim_vjp(&of, &run);
        sim_forward(&of, &run);
    }
    assert_int_equal(qsti_ctx_allocations(ctx), before);
    sim_run_free(&run);
    sim_close(&of);
    qst_noise_free(noise);
    qst_ctx_free(ctx);
}

/* Drawn lane by lane as base/rng.h draws them. */
static void test_numbers(void **state)
{
    (void)state;
    uint32_t rows[QSTI_JUMP_LANES], trajectories[QSTI_JUMP_LANES];
    double u[24][QSTI_JUMP_LANES];
    for (uint32_t lane = 0; lane < QSTI_JUMP_LANES; lane++) {
        rows[lane] = 5 * lane;
        trajectories[lane] = 77 - lane;
    }
    for (size_t n = 0; n < 24; n += 23) {
        qsti_jump_kernels_chosen()->uniforms(UINT64_C(0x123456789abcdef0), QSTI_PURPOSE_JUMPS, rows, trajectories, n,
                                             u[0]);
        for (size_t lane = 0; lane < QSTI_JUMP_LANES; lane++) {
            qsti_rng rng =
                qsti_rng_init(UINT64_C(0x123456789abcdef0), QSTI_PURPOSE_JUMPS, rows[lane], trajectories[lane]);
            for (size_t i = 0; i < n; i++)
                assert_true(u[i][lane] == qsti_rng_uniform(&rng));
        }
    }
}

static qst_status compile_and_step(qst_ctx *ctx, void *arg)
{
    qst_status status = QST_OK;
    qst_circuit *circuit = NULL;
    qst_noise *noise = NULL;
    qst_readout *readout = NULL;
    qst_program *program = NULL;
    const qst_noise_rule rule = {.channel = {QST_CHANNEL_amplitude_damping, {0.1}}};
    const char *word = arg;
    double weights[3] = {0.1, 0.2, 0.3}, x[4] = {0.4, 0.5, 0.6, 0.7}, cotangent[16] = {1}, out[4];
    QSTI_TRY(ref_random_circuit(ctx, 4, 3, 2, 3, 12, &circuit));
    QSTI_TRY(qst_readout_parse(ctx, 3, &word, 1, 0, &readout));
    QSTI_TRY(qst_noise_create(ctx, &noise));
    QSTI_TRY(qst_noise_add(noise, &rule));
    qst_compile_opts opts = options(noise, 9);
    QSTI_TRY(qst_program_compile(ctx, circuit, readout, &opts, &program));
    QSTI_TRY(qst_program_vjp(program, weights, (qst_const_matrix){x, 2, 2},
                             (qst_const_matrix){cotangent, 2, qst_readout_outputs(readout)}, out, (qst_matrix){0},
                             (qst_matrix){0}));
    QSTI_TRY(qst_program_set_noise_strength(program, 0.5));
    QSTI_TRY(qst_program_vjp(program, weights, (qst_const_matrix){x, 2, 2},
                             (qst_const_matrix){cotangent, 2, qst_readout_outputs(readout)}, out, (qst_matrix){0},
                             (qst_matrix){0}));
done:
    qst_program_free(program);
    qst_noise_free(noise);
    qst_readout_free(readout);
    qst_circuit_free(circuit);
    return status;
}

static void test_out_of_memory(void **state)
{
    (void)state;
    char paulis[] = "z", outcomes[] = "probabilities";
    support_fail_each_allocation(compile_and_step, paulis);
    support_fail_each_allocation(compile_and_step, outcomes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_held),
        cmocka_unit_test(test_means),
        cmocka_unit_test(test_waiting),
        cmocka_unit_test(test_threads),
        cmocka_unit_test(test_memory),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_strength_and_draw),
        cmocka_unit_test(test_describe),
        cmocka_unit_test(test_allocations),
        cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_out_of_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
