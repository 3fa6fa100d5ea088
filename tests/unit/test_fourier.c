/* test_fourier.c: spectra of circuits, and the models that are made of them: exact on a grid, by least squares, random.
 */
#include "support/support.h"

#include "base/memory.h"
#include "base/rng.h"
#include "circuit/circuit.h"
#include "circuit/spectrum.h"
#include "learn/fourier_set.h"
#include "learn/train.h"

static qst_ctx *ctx;

static int set_up(void **state)
{
    (void)state;
    ctx = support_ctx(2);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    qst_ctx_free(ctx);
    return 0;
}

/* --- circuits ----------------------------------------------------------------------------------------------------- */

/* Builds the circuit of one test; weights it may add are drawn. */
typedef void build_fn(qst_circuit_builder *builder);

static void add(qst_circuit_builder *builder, qst_gate gate, size_t a, size_t b, qst_angle angle)
{
    const size_t qubits[] = {a, b};
    assert_ok(ctx, qst_circuit_add(builder, gate, qubits, angle.n_terms ? &angle : NULL));
}

static qst_model *make_model(size_t n_qubits, size_t n_features, qst_preparation preparation, build_fn *build,
                             const char *output)
{
    qst_circuit_builder *builder = NULL;
    qst_circuit *circuit = NULL;
    qst_readout *readout = NULL;
    qst_model *model = NULL;
    assert_ok(ctx, qst_circuit_begin(ctx, n_qubits, n_features, preparation, &builder));
    build(builder);
    assert_ok(ctx, qst_circuit_finish(builder, &circuit));
    assert_ok(ctx, qst_readout_parse(ctx, n_qubits, &output, 1, 2, &readout));
    assert_ok(ctx, qst_model_from_circuit(ctx, circuit, readout, QST_HEAD_none, qst_readout_outputs(readout),
                                          QST_DOUBLE, &model));
    qst_model_initialize(model, 5);
    return model;
}

static qst_model *plain(size_t n_qubits, size_t n_features, build_fn *build, const char *output)
{
    return make_model(n_qubits, n_features, QST_PREPARE_ZERO, build, output);
}

/* A layer of trained rotations and entanglers. */
static void mix(qst_circuit_builder *builder, size_t n_qubits)
{
    size_t w = 0;
    assert_ok(ctx, qst_circuit_add_weights(builder, 2 * n_qubits, QST_WEIGHT_ANGLE, &w));
    for (size_t q = 0; q < n_qubits; q++) {
        add(builder, QST_GATE_ry, q, 0, QST_ANGLE({1, QST_WEIGHT(w + 2 * q), QST_ONE}));
        add(builder, QST_GATE_rz, q, 0, QST_ANGLE({1, QST_WEIGHT(w + 2 * q + 1), QST_ONE}));
    }
    for (size_t q = 0; q + 1 < n_qubits; q++)
        add(builder, QST_GATE_cx, q, q + 1, (qst_angle){0});
}

static void one_rx(qst_circuit_builder *builder)
{
    add(builder, QST_GATE_rx, 0, 0, QST_ANGLE({1, QST_FEATURE(0), QST_ONE}));
}

/* Two features, each used twice, once in a sum with the other. */
static void two_features(qst_circuit_builder *builder)
{
    mix(builder, 2);
    add(builder, QST_GATE_rx, 0, 0, QST_ANGLE({1, QST_FEATURE(0), QST_ONE}));
    add(builder, QST_GATE_ry, 1, 0, QST_ANGLE({1, QST_FEATURE(0), QST_ONE}, {1, QST_FEATURE(1), QST_ONE}));
    mix(builder, 2);
    add(builder, QST_GATE_rzz, 0, 1, QST_ANGLE({-1, QST_FEATURE(1), QST_ONE}, {0.3, QST_ONE, QST_ONE}));
    mix(builder, 2);
}

static void two_features_and_nothing(qst_circuit_builder *builder)
{
    two_features(builder);
    add(builder, QST_GATE_rx, 0, 0, QST_ANGLE({0, QST_FEATURE(0), QST_ONE}));
    add(builder, QST_GATE_crx, 1, 0, QST_ANGLE({0, QST_FEATURE(1), QST_ONE}));
}

/* Gates whose generators are not P/2, and a fixed scale. */
static void odd_gates(qst_circuit_builder *builder)
{
    mix(builder, 3);
    add(builder, QST_GATE_crx, 0, 1, QST_ANGLE({1, QST_FEATURE(0), QST_ONE}));
    add(builder, QST_GATE_p, 2, 0, QST_ANGLE({2, QST_FEATURE(1), QST_ONE}));
    mix(builder, 3);
    add(builder, QST_GATE_cp, 1, 2, QST_ANGLE({1, QST_FEATURE(1), QST_ONE}));
    mix(builder, 3);
}

static void trained_scales(qst_circuit_builder *builder)
{
    size_t w = 0;
    assert_ok(ctx, qst_circuit_add_weights(builder, 3, QST_WEIGHT_ANGLE, &w));
    mix(builder, 2);
    add(builder, QST_GATE_rx, 0, 0, QST_ANGLE({1, QST_WEIGHT(w), QST_FEATURE(0)}));
    mix(builder, 2);
    add(builder, QST_GATE_ry, 1, 0, QST_ANGLE({1, QST_FEATURE(0), QST_WEIGHT(w + 1)}));
    add(builder, QST_GATE_rz, 0, 0, QST_ANGLE({1, QST_WEIGHT(w + 2), QST_FEATURE(1)}));
    mix(builder, 2);
}

static void product(qst_circuit_builder *builder)
{
    add(builder, QST_GATE_rzz, 0, 1, QST_ANGLE({1, QST_FEATURE(0), QST_FEATURE(1)}));
}

static void nothing(qst_circuit_builder *builder)
{
    mix(builder, 2);
}

/* --- an exact surrogate ------------------------------------------------------------------------------------------- */

typedef struct surrogate {
    qsti_spectrum spectrum;
    size_t n_points;
    double *points, *scores; /* on the grid */
    qst_model *model;
} surrogate;

static qsti_spectrum spectrum_of(const qst_model *teacher)
{
    qsti_spectrum spectrum = {0};
    assert_ok(ctx, qsti_spectrum_create(ctx, qst_model_circuit(teacher), qst_model_weights(teacher), &spectrum));
    return spectrum;
}

static double *ask(qst_model *teacher, const double *points, size_t n)
{
    size_t c = qst_model_scores_count(teacher);
    double *scores = NULL;
    assert_ok(ctx, QSTI_NEW(ctx, n * c, &scores));
    assert_ok(ctx, qst_model_scores(teacher, (qst_const_matrix){points, n, qst_model_features(teacher)},
                                    (qst_matrix){scores, n, c}));
    return scores;
}

static surrogate make_surrogate(qst_model *teacher)
{
    surrogate s = {.spectrum = spectrum_of(teacher)};
    size_t d = qst_model_features(teacher), c = qst_model_scores_count(teacher);
    qsti_frequencies frequencies = {0};
    assert_true(s.spectrum.is_lattice);
    s.n_points = qsti_spectrum_grid(&s.spectrum);
    assert_ok(ctx, QSTI_NEW(ctx, s.n_points * d, &s.points));
    qsti_fourier_grid(s.spectrum.units, s.spectrum.counts, d, s.n_points, s.points);
    s.scores = ask(teacher, s.points, s.n_points);
    assert_ok(ctx, qsti_fourier_lattice(ctx, s.spectrum.units, s.spectrum.counts, d, s.n_points, &frequencies));
    assert_ok(ctx, qsti_model_fourier_create(ctx, "fourier", &frequencies, c, QST_SCORE_expectation, &s.model));
    assert_ok(ctx, qsti_fourier_fit_grid(s.model, s.spectrum.counts, (qst_const_matrix){s.scores, s.n_points, c}));
    qsti_frequencies_clear(ctx, &frequencies);
    return s;
}

static void surrogate_clear(surrogate *s)
{
    qsti_spectrum_clear(ctx, &s->spectrum);
    qsti_free(ctx, s->points);
    qsti_free(ctx, s->scores);
    qst_model_free(s->model);
}

/* Random points, far beyond one period. */
#define N_POINTS 500
static void random_points(size_t d, double reach, uint32_t stream, double *out)
{
    qsti_rng rng = qsti_rng_init(3, QSTI_PURPOSE_TEST, stream, 0);
    for (size_t i = 0; i < N_POINTS * d; i++)
        out[i] = reach * (2 * qsti_rng_uniform(&rng) - 1);
}

static double largest_error(qst_model *a, qst_model *b, double reach)
{
    size_t d = qst_model_features(a), c = qst_model_scores_count(a);
    double points[N_POINTS * 3], largest = 0;
    assert_true(d <= 3);
    random_points(d, reach, 0, points);
    double *of_a = ask(a, points, N_POINTS), *of_b = ask(b, points, N_POINTS);
    for (size_t i = 0; i < N_POINTS * c; i++)
        largest = fmax(largest, fabs(of_a[i] - of_b[i]));
    qsti_free(ctx, of_a);
    qsti_free(ctx, of_b);
    return largest;
}

/* Coefficients of output 0 on a grid with `more` frequencies to each side than the circuit has. */
static double *coefficients_of(qst_model *teacher, size_t more, size_t counts[3], size_t *out_n)
{
    qsti_spectrum spectrum = spectrum_of(teacher);
    size_t d = spectrum.n_features, n = 1;
    double *points = NULL, *coefficients = NULL;
    for (size_t j = 0; j < d; j++) {
        counts[j] = spectrum.counts[j] + more;
        n *= 2 * counts[j] + 1;
    }
    assert_ok(ctx, QSTI_NEW(ctx, n * d, &points));
    assert_ok(ctx, QSTI_NEW(ctx, 2 * n, &coefficients));
    qsti_fourier_grid(spectrum.units, counts, d, n, points);
    double *scores = ask(teacher, points, n);
    assert_ok(ctx, qsti_fourier_transform(ctx, scores, qst_model_scores_count(teacher), counts, d, n, coefficients));
    qsti_free(ctx, scores);
    qsti_free(ctx, points);
    qsti_spectrum_clear(ctx, &spectrum);
    *out_n = n;
    return coefficients;
}

/* --- DISTILLATION's tests ----------------------------------------------------------------------------------------- */

static void rx_gives_a_cosine(void **state)
{
    (void)state;
    qst_model *teacher = plain(1, 1, one_rx, "z");
    size_t counts[3], n = 0;
    double *c = coefficients_of(teacher, 0, counts, &n);
    assert_int_equal(n, 3);
    const double expected[] = {0.5, 0, 0, 0, 0.5, 0};
    for (size_t i = 0; i < 6; i++)
        assert_close(c[i], expected[i], 1e-15);
    surrogate s = make_surrogate(teacher);
    const double points[] = {0, 1, -7.5, 100};
    double *scores = ask(s.model, points, 4);
    for (size_t i = 0; i < 4; i++)
        assert_close(scores[i], cos(points[i]), 1e-13);
    qsti_free(ctx, scores);
    qsti_free(ctx, c);
    surrogate_clear(&s);
    qst_model_free(teacher);
}

static const struct {
    size_t n_qubits, n_features;
    build_fn *build;
    const char *output;
    size_t counts[2];
    double units[2];
} exact_cases[] = {
    {1, 1, one_rx, "z", {1, 0}, {1, 1}},        {2, 2, two_features, "z", {2, 2}, {1, 1}},
    {2, 2, two_features, "zz", {2, 2}, {1, 1}}, {2, 2, two_features, "probabilities", {2, 2}, {1, 1}},
    {2, 2, nothing, "z", {0, 0}, {1, 1}},       {3, 2, odd_gates, "z", {2, 3}, {0.5, 1}},
};
#define N_EXACT_CASES (sizeof exact_cases / sizeof *exact_cases)

static void surrogates_are_exact_everywhere(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_EXACT_CASES; i++) {
        qst_model *teacher =
            plain(exact_cases[i].n_qubits, exact_cases[i].n_features, exact_cases[i].build, exact_cases[i].output);
        surrogate s = make_surrogate(teacher);
        for (size_t j = 0; j < exact_cases[i].n_features; j++) {
            assert_int_equal(s.spectrum.counts[j], exact_cases[i].counts[j]);
            assert_close(s.spectrum.units[j], exact_cases[i].units[j], 0);
        }
        assert_true(largest_error(teacher, s.model, 50) <= 1e-10);
        surrogate_clear(&s);
        qst_model_free(teacher);
    }
}

/* The mean of f^2 over the grid is the sum of |c|^2; c_{-n} = conj(c_n), so that c_0 is real. */
static void parseval_holds_and_c0_is_real(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_EXACT_CASES; i++) {
        qst_model *teacher =
            plain(exact_cases[i].n_qubits, exact_cases[i].n_features, exact_cases[i].build, exact_cases[i].output);
        surrogate s = make_surrogate(teacher);
        size_t counts[3], n = 0, n_scores = qst_model_scores_count(teacher);
        double *c = coefficients_of(teacher, 0, counts, &n), squares = 0, of_coefficients = 0;
        for (size_t g = 0; g < n; g++) {
            squares += s.scores[g * n_scores] * s.scores[g * n_scores] / (double)n;
            of_coefficients += c[2 * g] * c[2 * g] + c[2 * g + 1] * c[2 * g + 1];
            assert_close(c[2 * g], c[2 * (n - 1 - g)], 1e-14);
            assert_close(c[2 * g + 1], -c[2 * (n - 1 - g) + 1], 1e-14);
        }
        assert_close(of_coefficients, squares, 1e-13);
        assert_close(c[2 * (n / 2) + 1], 0, 1e-15);
        qsti_free(ctx, c);
        surrogate_clear(&s);
        qst_model_free(teacher);
    }
}

static void nothing_lies_out_of_band(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_EXACT_CASES; i++) {
        qst_model *teacher =
            plain(exact_cases[i].n_qubits, exact_cases[i].n_features, exact_cases[i].build, exact_cases[i].output);
        size_t counts[3], n = 0, n_outside = 0, d = qst_model_features(teacher);
        double *c = coefficients_of(teacher, 2, counts, &n);
        for (size_t g = 0; g < n; g++) {
            bool outside = false;
            for (size_t j = d, rest = g; j-- > 0; rest /= 2 * counts[j] + 1) {
                size_t at = rest % (2 * counts[j] + 1);
                outside |= at < 2 || at > 2 * counts[j] - 2;
            }
            n_outside += outside;
            if (outside)
                assert_true(hypot(c[2 * g], c[2 * g + 1]) <= 1e-12);
        }
        assert_true(n_outside > 0);
        qsti_free(ctx, c);
        qst_model_free(teacher);
    }
}

static void gates_of_angle_0_change_nothing(void **state)
{
    (void)state;
    qst_model *teacher = plain(2, 2, two_features, "z"), *other = plain(2, 2, two_features_and_nothing, "z");
    surrogate s = make_surrogate(teacher), t = make_surrogate(other);
    assert_int_equal(s.n_points, t.n_points);
    assert_int_equal(s.spectrum.n_rotations, t.spectrum.n_rotations);
    for (size_t i = 0; i < qst_model_weights_count(s.model); i++)
        assert_close(qst_model_weights(s.model)[i], qst_model_weights(t.model)[i], 1e-14);
    surrogate_clear(&s);
    surrogate_clear(&t);
    qst_model_free(teacher);
    qst_model_free(other);
}

static void what_has_no_spectrum_is_refused(void **state)
{
    (void)state;
    qsti_spectrum spectrum = {0};
    qst_model *teacher = plain(2, 2, product, "z");
    assert_true(qsti_circuit_has_products(qst_model_circuit(teacher)));
    assert_status(ctx, qsti_spectrum_create(ctx, qst_model_circuit(teacher), NULL, &spectrum), QST_ERR_USAGE);
    assert_message(ctx, "gate rzz has an angle with the product of features 0 and 1");
    qst_model_free(teacher);
    teacher = make_model(2, 3, QST_PREPARE_AMPLITUDE, nothing, "z");
    assert_status(ctx, qsti_spectrum_create(ctx, qst_model_circuit(teacher), NULL, &spectrum), QST_ERR_USAGE);
    assert_message(ctx, "amplitude encoding prepares the state");
    qst_model_free(teacher);
}

/* --- trained scales ----------------------------------------------------------------------------------------------- */

static void trained_scales_are_fitted_by_least_squares(void **state)
{
    (void)state;
    qst_model *teacher = plain(2, 2, trained_scales, "z"), *model = NULL;
    qsti_spectrum spectrum = spectrum_of(teacher);
    qsti_frequencies frequencies = {0};
    const qsti_signed_sums sums = {spectrum.vectors, spectrum.n_rotations, 2};
    double points[N_POINTS * 2];
    size_t n = 0;
    assert_false(spectrum.is_lattice);
    assert_ok(ctx, qsti_frequencies_sums(ctx, &sums, 100, &n, &frequencies));
    assert_int_equal(n, (9 * 3 - 1) / 2); /* two scales of feature 0 give 9 frequencies, one of feature 1 gives 3 */
    assert_int_equal(frequencies.n, n);
    random_points(2, 3, 1, points);
    double *scores = ask(teacher, points, N_POINTS);
    assert_ok(ctx, qsti_model_fourier_create(ctx, "fourier", &frequencies, 2, QST_SCORE_expectation, &model));
    assert_ok(ctx, qsti_fourier_fit_rows(model, (qst_const_matrix){points, N_POINTS, 2},
                                         (qst_const_matrix){scores, N_POINTS, 2}, 0));
    assert_true(largest_error(teacher, model, 3) <= 1e-8);
    assert_ok(ctx, qsti_frequencies_sums(ctx, &sums, 5, &n, &frequencies));
    assert_true(n > 5);
    qsti_free(ctx, scores);
    qst_model_free(model);
    qst_model_free(teacher);
    qsti_frequencies_clear(ctx, &frequencies);
    qsti_spectrum_clear(ctx, &spectrum);
}

/* --- random features ---------------------------------------------------------------------------------------------- */

static bool same_pair(const double *a, const double *b, size_t d)
{
    double same = 0, opposite = 0;
    for (size_t j = 0; j < d; j++) {
        same += fabs(a[j] - b[j]);
        opposite += fabs(a[j] + b[j]);
    }
    return same < 1e-9 || opposite < 1e-9;
}

static void draws_are_distinct_pairs_of_the_spectrum(void **state)
{
    (void)state;
    qst_model *teacher = plain(2, 2, two_features, "z");
    surrogate s = make_surrogate(teacher);
    const qsti_signed_sums sums = {s.spectrum.vectors, s.spectrum.n_rotations, 2};
    const qsti_frequencies all = qsti_model_frequencies(s.model);
    qsti_frequencies drawn = {0}, again = {0}, other = {0};
    assert_ok(ctx, qsti_frequencies_draw(ctx, &sums, 4, 1, &drawn));
    assert_ok(ctx, qsti_frequencies_draw(ctx, &sums, 4, 1, &again));
    assert_ok(ctx, qsti_frequencies_draw(ctx, &sums, 4, 2, &other));
    assert_int_equal(drawn.n, 4);
    assert_memory_equal(drawn.rows, again.rows, 8 * sizeof(double));
    assert_memory_not_equal(drawn.rows, other.rows, 8 * sizeof(double));
    for (size_t i = 0; i < drawn.n; i++) {
        bool found = false;
        for (size_t k = 0; k < all.n; k++)
            found |= same_pair(drawn.rows + 2 * i, all.rows + 2 * k, 2);
        assert_true(found);
        for (size_t k = 0; k < i; k++)
            assert_false(same_pair(drawn.rows + 2 * i, drawn.rows + 2 * k, 2));
    }
    qsti_frequencies_clear(ctx, &drawn);
    qsti_frequencies_clear(ctx, &again);
    qsti_frequencies_clear(ctx, &other);
    surrogate_clear(&s);
    qst_model_free(teacher);
}

static void all_pairs_without_ridge_are_the_surrogate(void **state)
{
    (void)state;
    qst_model *teacher = plain(2, 2, two_features, "z"), *model = NULL;
    surrogate s = make_surrogate(teacher);
    const qsti_frequencies all = qsti_model_frequencies(s.model);
    assert_ok(ctx, qsti_model_fourier_create(ctx, "random_fourier", &all, 2, QST_SCORE_expectation, &model));
    assert_ok(ctx, qsti_fourier_fit_rows(model, (qst_const_matrix){s.points, s.n_points, 2},
                                         (qst_const_matrix){s.scores, s.n_points, 2}, 0));
    for (size_t i = 0; i < qst_model_weights_count(model); i++)
        assert_close(qst_model_weights(model)[i], qst_model_weights(s.model)[i], 1e-13);
    qst_model_free(model);
    surrogate_clear(&s);
    qst_model_free(teacher);
}

/* However strong the ridge, the intercept is the mean. */
static void the_intercept_is_not_penalised(void **state)
{
    (void)state;
    qst_model *teacher = plain(2, 2, two_features, "z"), *model = NULL;
    surrogate s = make_surrogate(teacher);
    const qsti_frequencies all = qsti_model_frequencies(s.model);
    double mean = 0;
    assert_ok(ctx, qsti_model_fourier_create(ctx, "random_fourier", &all, 2, QST_SCORE_expectation, &model));
    assert_ok(ctx, qsti_fourier_fit_rows(model, (qst_const_matrix){s.points, s.n_points, 2},
                                         (qst_const_matrix){s.scores, s.n_points, 2}, 1e12));
    for (size_t i = 0; i < s.n_points; i++)
        mean += s.scores[2 * i] / (double)s.n_points;
    const double *weights = qst_model_weights(model);
    for (size_t i = 0; i < 4 * all.n; i++)
        assert_close(weights[i], 0, 1e-9);
    assert_close(weights[4 * all.n], mean, 1e-9);
    qst_model_free(model);
    surrogate_clear(&s);
    qst_model_free(teacher);
}

/* Ridge: the gradient of 1/N |error|^2 + ridge |W|^2 is 0. */
static void ridge_minimises_what_it_says(void **state)
{
    (void)state;
    const double ridge = 0.01, step = 1e-6;
    qst_model *teacher = plain(2, 2, two_features, "z"), *model = NULL;
    surrogate s = make_surrogate(teacher);
    const qsti_frequencies all = qsti_model_frequencies(s.model);
    assert_ok(ctx, qsti_model_fourier_create(ctx, "random_fourier", &all, 2, QST_SCORE_expectation, &model));
    assert_ok(ctx, qsti_fourier_fit_rows(model, (qst_const_matrix){s.points, s.n_points, 2},
                                         (qst_const_matrix){s.scores, s.n_points, 2}, ridge));
    for (size_t w = 0; w < model->n_trained; w += 5) {
        double values[2], at = model->weights[w];
        for (int side = 0; side < 2; side++) {
            model->weights[w] = at + (side ? step : -step);
            double *own = ask(model, s.points, s.n_points);
            values[side] = 0;
            for (size_t i = 0; i < 2 * s.n_points; i++)
                values[side] += (own[i] - s.scores[i]) * (own[i] - s.scores[i]) / (double)s.n_points;
            for (size_t k = 0; k < 4 * all.n; k++)
                values[side] += ridge * model->weights[k] * model->weights[k];
            qsti_free(ctx, own);
        }
        model->weights[w] = at;
        assert_close((values[1] - values[0]) / (2 * step), 0, 1e-8);
    }
    qst_model_free(model);
    surrogate_clear(&s);
    qst_model_free(teacher);
}

/* --- as a model --------------------------------------------------------------------------------------------------- */

static void ones(void *user, const qst_block *block)
{
    (void)user;
    for (size_t i = 0; i < 2 * block->lanes; i++)
        block->cotangents[i] = i % block->lanes < block->n_rows ? 1 : 0;
}

static double sum_of_scores(qst_model *model, const double *x, size_t n)
{
    double *scores = ask(model, x, n), sum = 0;
    for (size_t i = 0; i < 2 * n; i++)
        sum += scores[i];
    qsti_free(ctx, scores);
    return sum;
}

static void gradients_are_finite_differences(void **state)
{
    (void)state;
    enum { N = 11 };
    const double step = 1e-5;
    qst_model *teacher = plain(2, 2, two_features, "z");
    surrogate s = make_surrogate(teacher);
    qst_model *model = s.model;
    double points[N_POINTS * 2], out_x[N * 2], *gradient = NULL;
    random_points(2, 3, 2, points);
    assert_ok(ctx, QSTI_NEW(ctx, model->n_trained, &gradient));
    const qsti_pass pass = {
        .weights = model->weights, .x = {points, N, 2}, .fn = ones, .out_weights = gradient, .out_x = {out_x, N, 2}};
    assert_ok(ctx, model->type->gradient(model, &pass));
    for (size_t i = 0; i < 2 * N; i++) {
        double at = points[i];
        points[i] = at + step;
        double high = sum_of_scores(model, points, N);
        points[i] = at - step;
        double low = sum_of_scores(model, points, N);
        points[i] = at;
        assert_close(out_x[i], (high - low) / (2 * step), 1e-8);
    }
    for (size_t w = 0; w < model->n_trained; w += 7) {
        double at = model->weights[w];
        model->weights[w] = at + step;
        double high = sum_of_scores(model, points, N);
        model->weights[w] = at - step;
        double low = sum_of_scores(model, points, N);
        model->weights[w] = at;
        assert_close(gradient[w], (high - low) / (2 * step), 1e-8);
    }
    qsti_free(ctx, gradient);
    surrogate_clear(&s);
    qst_model_free(teacher);
}

static void a_saved_surrogate_is_the_same(void **state)
{
    (void)state;
    qst_model *teacher = plain(3, 2, odd_gates, "z"), *loaded = NULL;
    surrogate s = make_surrogate(teacher);
    char hash[65], other[65];
    qsti_model_fourier_note(s.model, &(qsti_fourier_fit){s.n_points, 1e-15, 3e-15});
    assert_ok(ctx, qst_model_save(s.model, support_path("fourier")));
    assert_ok(ctx, qst_model_load(ctx, support_path("fourier"), &loaded));
    assert_ok(ctx, qst_model_hash(s.model, hash));
    assert_ok(ctx, qst_model_hash(loaded, other));
    assert_string_equal(hash, other);
    assert_close(largest_error(s.model, loaded, 9), 0, 0);
    assert_int_equal(qsti_model_fourier_fit(loaded).n_points, s.n_points);
    qst_model_size size;
    qst_model_measure(loaded, &size);
    assert_false(size.has_circuit);
    assert_int_equal(size.quantum_parameters, 0);
    assert_int_equal(size.classical_parameters, 3 * s.n_points);
    qst_model_free(loaded);
    surrogate_clear(&s);
    qst_model_free(teacher);
}

static qst_status make_and_fit(qst_ctx *memory_ctx, void *arg)
{
    qst_status status = QST_OK;
    const double vectors[] = {1, 0, 0.7, 0.2}, points[] = {0, 1, 2, 3, 4, 5, 6, 8, -1, 2, 3, 1}, scores[6] = {1, 2, 3};
    const qsti_signed_sums sums = {vectors, 2, 2};
    qsti_frequencies frequencies = {0};
    qst_model *model = NULL;
    size_t n = 0;
    (void)arg;
    QSTI_TRY(qsti_frequencies_sums(memory_ctx, &sums, 10, &n, &frequencies));
    QSTI_TRY(qsti_model_fourier_create(memory_ctx, "fourier", &frequencies, 1, QST_SCORE_logit, &model));
    QSTI_TRY(qsti_fourier_fit_rows(model, (qst_const_matrix){points, 6, 2}, (qst_const_matrix){scores, 6, 1}, 0.1));
done:
    qsti_frequencies_clear(memory_ctx, &frequencies);
    qst_model_free(model);
    return status;
}

static void out_of_memory(void **state)
{
    (void)state;
    support_fail_each_allocation(make_and_fit, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rx_gives_a_cosine),
        cmocka_unit_test(surrogates_are_exact_everywhere),
        cmocka_unit_test(parseval_holds_and_c0_is_real),
        cmocka_unit_test(nothing_lies_out_of_band),
        cmocka_unit_test(gates_of_angle_0_change_nothing),
        cmocka_unit_test(what_has_no_spectrum_is_refused),
        cmocka_unit_test(trained_scales_are_fitted_by_least_squares),
        cmocka_unit_test(draws_are_distinct_pairs_of_the_spectrum),
        cmocka_unit_test(all_pairs_without_ridge_are_the_surrogate),
        cmocka_unit_test(the_intercept_is_not_penalised),
        cmocka_unit_test(ridge_minimises_what_it_says),
        cmocka_unit_test(gradients_are_finite_differences),
        cmocka_unit_test(a_saved_surrogate_is_the_same),
        cmocka_unit_test(out_of_memory),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
