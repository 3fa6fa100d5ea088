/* test_random_gradients.c: the adjoint sweep against central differences of the reference simulator, on 5,000 random
 * circuits of all gates, preparations and outputs. The angles are polynomials with products of weights and features.
 *
 *   f'(t) = sum_{k=1..4} a_k (f(t + k h) - f(t - k h)) / h,   a = 4/5, -1/5, 4/105, -1/280
 *
 * With h = 1/128 rounding leaves about 1e-14; truncation h^8 f^(9) / 630 stays below 1e-9 while no variable turns the
 * state faster than some 15 radians a unit, which the size of the circuits keeps true. */
#include "property/sim_case.h"

#define STEP      0x1p-7
#define TOLERANCE 1e-8
#define N_RANDOM  5000

static int open_ctx(void **state)
{
    *state = support_ctx(1);
    return 0;
}

static int close_ctx(void **state)
{
    qst_ctx_free(*state);
    return 0;
}

/* The reference's sum_bk c_bk value_bk, as a function of everything in `run`. */
typedef struct loss {
    const sim_case *of;
    const sim_run *run;
    ref_circuit *circuit;
    ref_readout *readout;
    ref_complex *state;
    double *values;
} loss;

static loss loss_open(const sim_case *of, const sim_run *run)
{
    return (loss){of,
                  run,
                  ref_describe(of->circuit),
                  ref_describe_readout(of->readout),
                  sim_allocate((size_t)1 << of->n_qubits, sizeof(ref_complex)),
                  sim_allocate(of->n_outputs, sizeof(double))};
}

static void loss_close(loss *l)
{
    ref_circuit_free(l->circuit);
    ref_readout_free(l->readout);
    free(l->state);
    free(l->values);
}

/* Rows first..last-1 of the sum. */
static double loss_value(loss *l, size_t first, size_t last)
{
    double sum = 0;
    for (size_t b = first; b < last; b++) {
        ref_circuit_state(l->circuit, l->run->weights, l->run->x + b * l->of->n_features, l->state);
        ref_readout_values(l->readout, l->state, l->values);
        for (size_t k = 0; k < l->of->n_outputs; k++)
            sum += l->run->cotangent[b * l->of->n_outputs + k] * l->values[k];
    }
    return sum;
}

/* d loss / d *variable, over the rows that the variable has a part in; it is changed on the way and put back. */
static double derivative(loss *l, double *variable, size_t first, size_t last)
{
    static const double factors[4] = {4.0 / 5, -1.0 / 5, 4.0 / 105, -1.0 / 280};
    double middle = *variable, sum = 0;
    for (int k = 1; k <= 4; k++) {
        *variable = middle + k * STEP;
        double ahead = loss_value(l, first, last);
        *variable = middle - k * STEP;
        sum += factors[k - 1] * (ahead - loss_value(l, first, last));
    }
    *variable = middle;
    return sum / STEP;
}

static void check_case(const sim_case *of, uint64_t seed, size_t n_rows)
{
    sim_run run = sim_draw(of, seed, n_rows);
    loss l = loss_open(of, &run);
    for (size_t i = 0; i < n_rows * of->n_features && of->preparation == QST_PREPARE_AMPLITUDE; i++)
        run.x[i] += copysign(0.75, run.x[i]); /* x / |x| is not smooth near 0 */
    sim_vjp(of, &run);
    for (size_t w = 0; w < of->n_weights; w++) {
        double expected = derivative(&l, &run.weights[w], 0, n_rows);
        sim_assert_within(fabs(run.out_weights[w] - expected) / fmax(1, fabs(expected)), TOLERANCE,
                          "seed %llu: weight %zu: %.12g against %.12g", (unsigned long long)seed, w, run.out_weights[w],
                          expected);
    }
    for (size_t i = 0; i < n_rows * of->n_features; i++) {
        size_t row = i / of->n_features;
        double expected = derivative(&l, &run.x[i], row, row + 1);
        sim_assert_within(fabs(run.out_x[i] - expected) / fmax(1, fabs(expected)), TOLERANCE,
                          "seed %llu: row %zu, feature %zu: %.12g against %.12g", (unsigned long long)seed, row,
                          i % of->n_features, run.out_x[i], expected);
    }
    loss_close(&l);
    sim_run_free(&run);
}

/* A random circuit with random polynomials, its sizes drawn from the seed. Basis features are bits: what has a
 * derivative is their part in angles. */
static void random_case(qst_ctx *ctx, uint64_t seed)
{
    ref_rng rng = {seed};
    size_t n = 1 + ref_below(&rng, 5), n_weights = 1 + ref_below(&rng, 5), n_ops = 4 + ref_below(&rng, 5);
    qst_preparation preparation = (qst_preparation)ref_below(&rng, 3);
    size_t most = preparation == QST_PREPARE_AMPLITUDE ? (size_t)1 << n : preparation == QST_PREPARE_BASIS ? n : 4;
    size_t n_features = preparation == QST_PREPARE_ZERO ? ref_below(&rng, most + 1) : 1 + ref_below(&rng, most);
    qst_circuit *circuit = NULL;
    assert_ok(ctx, ref_random_prepared_circuit(ctx, seed, preparation, n, n_features, n_weights, n_ops, &circuit));
    sim_case of = sim_open(ctx, circuit, sim_readout(ctx, ref_below(&rng, SIM_READOUTS), n, seed), QST_DOUBLE);
    check_case(&of, seed, 1 + ref_below(&rng, 3));
    sim_close(&of);
}

static void random_circuits(void **state)
{
    print_message("seeds 0..%d\n", N_RANDOM - 1);
    for (uint64_t seed = 0; seed < N_RANDOM; seed++)
        random_case(*state, seed);
}

/* Every gate that has angles, each angle in turn w^2, w x and x^2 with all else constant. */
static void every_angle_of_every_gate(void **state)
{
    qst_ctx *ctx = *state;
    const qst_variable products[4][2] = {{QST_WEIGHT(0), QST_WEIGHT(0)},
                                         {QST_WEIGHT(0), QST_FEATURE(0)},
                                         {QST_FEATURE(0), QST_FEATURE(1)},
                                         {QST_FEATURE(1), QST_FEATURE(1)}};
    for (int gate = 0; gate < QST_GATE_COUNT; gate++) {
        for (int angle = 0; angle < qst_gate_describe((qst_gate)gate)->n_angles; angle++) {
            for (size_t product = 0; product < 4; product++) {
                ref_rng rng = {(uint64_t)gate * 16 + (uint64_t)angle * 4 + product};
                qst_term terms[QST_MAX_GATE_ANGLES];
                qst_angle angles[QST_MAX_GATE_ANGLES];
                for (int k = 0; k < QST_MAX_GATE_ANGLES; k++) {
                    const qst_variable *factors = products[product];
                    terms[k] = (qst_term){ref_uniform(&rng, -2, 2), k == angle ? factors[0] : QST_ONE,
                                          k == angle ? factors[1] : QST_ONE};
                    angles[k] = (qst_angle){&terms[k], 1};
                }
                sim_builder to = sim_begin(ctx, 2, 2, 1, QST_PREPARE_ZERO);
                sim_scramble(&to, 2, &rng);
                sim_add(&to, (qst_gate)gate, (size_t[]){1, 0}, angles);
                sim_scramble(&to, 2, &rng);
                sim_case of = sim_open(ctx, sim_finish(&to), sim_readout(ctx, 0, 2, product + 1), QST_DOUBLE);
                check_case(&of, (uint64_t)gate, 2);
                sim_close(&of);
            }
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(random_circuits, open_ctx, close_ctx),
        cmocka_unit_test_setup_teardown(every_angle_of_every_gate, open_ctx, close_ctx),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
