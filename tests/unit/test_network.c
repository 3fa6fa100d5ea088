/* test_network.c: networks of layers: gradients against finite differences for every kind, the same bits for any number
 * of threads, masks, running statistics, and what is refused. */
#include "support/support.h"

#include "base/memory.h"
#include "base/rng.h"
#include "kernels/lines.h"
#include "net/network.h"

#define MAX_LAYERS 8
#define MAX_ROWS   80
#define MAX_SIDE   128 /* values of a row */
#define MAX_VALUES 4096

static qst_ctx *ctx;

static int begin_ctx(void **state)
{
    (void)state;
    ctx = support_ctx(1);
    return 0;
}

static int end_ctx(void **state)
{
    (void)state;
    qst_ctx_free(ctx);
    return 0;
}

/* --- networks to look at ------------------------------------------------------------------------------------------ */

#define DENSE(n)                             \
    {                                        \
        .kind = QST_LAYER_dense, .size = (n) \
    }
#define CONV(n, k, s, p)                                                                             \
    {                                                                                                \
        .kind = QST_LAYER_conv, .size = (n), .kernel = {k, k}, .stride = {s, s}, .padding = { p, p } \
    }
#define POOL(type, k, s, p)                                                               \
    {                                                                                     \
        .kind = QST_LAYER_##type, .kernel = {k, k}, .stride = {s, s}, .padding = { p, p } \
    }
#define PLAIN(type)              \
    {                            \
        .kind = QST_LAYER_##type \
    }
#define RATED(type, r)                        \
    {                                         \
        .kind = QST_LAYER_##type, .rate = (r) \
    }

typedef struct example {
    const char *name;
    qsti_shape input;
    qst_layer layers[MAX_LAYERS];
} example;

static const example examples[] = {
    {"dense", {5, 1, 1}, {DENSE(3)}},
    {"two dense", {7, 1, 1}, {DENSE(20), PLAIN(tanh), DENSE(3)}},
    {"wide", {33, 1, 1}, {DENSE(70), PLAIN(sigmoid), DENSE(17)}},
    {"relu", {6, 1, 1}, {DENSE(9), PLAIN(relu), DENSE(2)}},
    {"leaky relu", {6, 1, 1}, {DENSE(9), RATED(leaky_relu, 0.1), DENSE(2)}},
    {"gelu", {6, 1, 1}, {DENSE(9), PLAIN(gelu), DENSE(2)}},
    {"activations in a row", {6, 1, 1}, {PLAIN(tanh), DENSE(9), PLAIN(sigmoid), PLAIN(gelu), PLAIN(leaky_relu)}},
    {"dropout", {6, 1, 1}, {DENSE(9), PLAIN(relu), RATED(dropout, 0.4), DENSE(4)}},
    {"dropout behind tanh", {6, 1, 1}, {DENSE(9), PLAIN(tanh), RATED(dropout, 0.4), RATED(dropout, 0.1), DENSE(4)}},
    {"batch norm of features", {4, 1, 1}, {DENSE(6), PLAIN(batch_norm), PLAIN(tanh), DENSE(3)}},
    {"batch norm first and last", {4, 1, 1}, {PLAIN(batch_norm), DENSE(6), PLAIN(batch_norm)}},
    {"convolution", {2, 5, 4}, {CONV(3, 3, 1, 1)}},
    {"no padding", {2, 6, 5}, {CONV(3, 3, 1, 0), PLAIN(tanh), CONV(2, 2, 1, 0)}},
    {"much padding", {1, 4, 4}, {CONV(5, 3, 1, 2), PLAIN(tanh), DENSE(3)}},
    {"kernel of one", {3, 4, 4}, {CONV(18, 1, 1, 0), PLAIN(tanh), CONV(1, 1, 1, 0)}},
    {"stride of two", {2, 7, 6}, {CONV(3, 3, 2, 1), PLAIN(tanh), CONV(2, 2, 2, 0)}},
    {"stride of three", {2, 8, 8}, {PLAIN(tanh), CONV(3, 2, 3, 1), DENSE(3)}},
    {"long kernel", {2, 3, 9}, {{.kind = QST_LAYER_conv, .size = 3, .kernel = {1, 5}, .padding = {0, 2}}, DENSE(2)}},
    {"max pool", {2, 6, 6}, {CONV(3, 3, 1, 1), POOL(max_pool, 2, 2, 0), PLAIN(relu), DENSE(3)}},
    {"max pool of odd sides", {1, 7, 5}, {CONV(2, 3, 1, 1), POOL(max_pool, 2, 2, 0), RATED(leaky_relu, 0.2), DENSE(3)}},
    {"overlapping max pool", {1, 7, 7}, {CONV(2, 3, 1, 1), POOL(max_pool, 3, 2, 1), PLAIN(relu), RATED(dropout, 0.3)}},
    {"avg pool", {2, 6, 6}, {CONV(3, 3, 1, 1), POOL(avg_pool, 3, 2, 0), PLAIN(tanh), DENSE(3)}},
    {"global avg pool", {2, 5, 5}, {CONV(4, 3, 1, 1), PLAIN(gelu), PLAIN(global_avg_pool), DENSE(3)}},
    {"batch norm of images",
     {2, 4, 4},
     {CONV(3, 3, 1, 1), PLAIN(batch_norm), PLAIN(relu), POOL(max_pool, 2, 2, 0), PLAIN(flatten), DENSE(4),
      PLAIN(batch_norm), PLAIN(tanh)}},
};
#define N_EXAMPLES (sizeof examples / sizeof *examples)

/* A network, its weights, rows and cotangents: numbers that no two examples share. */
typedef struct trial {
    qst_ctx *ctx;
    qsti_network *network;
    size_t n_rows, n_in, n_out, n_trained, n_buffers;
    double weights[MAX_VALUES], x[MAX_ROWS * MAX_SIDE], cotangents[MAX_ROWS * MAX_SIDE], scores[MAX_ROWS * MAX_SIDE];
    double gradient[MAX_VALUES], d_x[MAX_ROWS * MAX_SIDE];
} trial;

static void fill(qsti_rng *rng, double *values, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        values[i] = qsti_rng_normal(rng);
    }
}

static void trial_begin(trial *t, qst_ctx *of, const example *e, qst_precision precision, size_t n_rows)
{
    size_t n_layers = 0;
    while (n_layers < MAX_LAYERS && (e->layers[n_layers].size > 0 || e->layers[n_layers].kind != QST_LAYER_dense)) {
        n_layers++;
    }
    const qsti_network_spec spec = {e->input, e->layers, n_layers};
    memset(t, 0, sizeof *t);
    t->ctx = of;
    assert_ok(of, qsti_network_create(of, &spec, precision, &t->network));
    t->n_rows = n_rows;
    t->n_in = qsti_network_inputs(t->network);
    t->n_out = qsti_network_outputs(t->network);
    t->n_trained = qsti_network_trained(t->network);
    t->n_buffers = qsti_network_buffers(t->network);
    assert_in_range(t->n_trained + t->n_buffers, 0, MAX_VALUES);
    assert_true(t->n_in <= MAX_SIDE && t->n_out <= MAX_SIDE && n_rows <= MAX_ROWS);
    qsti_rng rng = qsti_rng_init(3, QSTI_PURPOSE_TEST, (uint32_t)(e - examples), 0);
    qsti_network_initialize(t->network, 17, t->weights, t->weights + t->n_trained);
    for (size_t i = 0; i < t->n_trained; i++) { /* scales and shifts too */
        t->weights[i] += 0.1 * qsti_rng_normal(&rng);
    }
    fill(&rng, t->x, n_rows * t->n_in);
    fill(&rng, t->cotangents, n_rows * t->n_out);
    qsti_network_begin_step(t->network, 5, 7);
}

static qsti_network_weights weights_of(const trial *t)
{
    return (qsti_network_weights){t->weights, t->weights + t->n_trained};
}

static qst_const_matrix rows_of(const trial *t)
{
    return (qst_const_matrix){t->x, t->n_rows, t->n_in};
}

static void run_forward(trial *t)
{
    assert_ok(t->ctx, qsti_network_forward(t->network, weights_of(t), rows_of(t),
                                           (qst_matrix){t->scores, t->n_rows, t->n_out}));
}

/* sum of cotangents . scores */
static double product_of(trial *t)
{
    double sum = 0;
    run_forward(t);
    for (size_t i = 0; i < t->n_rows * t->n_out; i++) {
        sum += t->cotangents[i] * t->scores[i];
    }
    return sum;
}

static void run_backward(trial *t)
{
    qst_const_matrix cotangents = {t->cotangents, t->n_rows, t->n_out};
    run_forward(t);
    assert_ok(t->ctx, qsti_network_backward(t->network, weights_of(t), rows_of(t), cotangents, t->gradient,
                                            (qst_matrix){t->d_x, t->n_rows, t->n_in}));
}

/* --- gradients ---------------------------------------------------------------------------------------------------- */

/* The derivative by *at, from both sides. */
static double difference(trial *t, double *at)
{
    const double step = 1e-6, middle = *at;
    *at = middle + step;
    double above = product_of(t);
    *at = middle - step;
    double below = product_of(t);
    *at = middle;
    return (above - below) / (2 * step);
}

static void finite_differences(void **state)
{
    (void)state;
    static trial t;
    for (size_t e = 0; e < N_EXAMPLES; e++) {
        trial_begin(&t, ctx, &examples[e], QST_DOUBLE, 11);
        run_backward(&t);
        for (size_t i = 0; i < t.n_trained; i += 1 + t.n_trained / 200) {
            double expected = difference(&t, &t.weights[i]);
            if (!(fabs(t.gradient[i] - expected) <= 2e-7 * (1 + fabs(expected)))) {
                fail_msg("%s: weight %zu: %.12g, differences give %.12g", examples[e].name, i, t.gradient[i], expected);
            }
        }
        for (size_t i = 0; i < t.n_rows * t.n_in; i += 3) {
            double expected = difference(&t, &t.x[i]);
            if (!(fabs(t.d_x[i] - expected) <= 2e-7 * (1 + fabs(expected)))) {
                fail_msg("%s: input %zu: %.12g, differences give %.12g", examples[e].name, i, t.d_x[i], expected);
            }
        }
        qsti_network_free(t.network);
    }
}

static void single_precision_is_near(void **state)
{
    (void)state;
    static trial t, s;
    for (size_t e = 0; e < N_EXAMPLES; e++) {
        trial_begin(&t, ctx, &examples[e], QST_DOUBLE, 13);
        trial_begin(&s, ctx, &examples[e], QST_SINGLE, 13);
        run_backward(&t);
        run_backward(&s);
        for (size_t i = 0; i < t.n_rows * t.n_out; i++) {
            assert_close(s.scores[i], t.scores[i], 2e-5 * (1 + fabs(t.scores[i])));
        }
        for (size_t i = 0; i < t.n_trained; i++) {
            assert_close(s.gradient[i], t.gradient[i], 1e-3);
        }
        assert_true(t.n_trained == 0 || memcmp(s.gradient, t.gradient, t.n_trained * sizeof(double)) != 0);
        qsti_network_free(t.network);
        qsti_network_free(s.network);
    }
}

/* --- the same bits ------------------------------------------------------------------------------------------------ */

static void give_cotangents(void *user, const qst_block *block)
{
    const trial *t = user;
    qsti_rows_to_lines(t->cotangents, t->n_rows, t->n_out, block->first_row, block->lanes, block->cotangents);
    for (size_t c = 0; c < t->n_out; c++) {
        for (size_t lane = 0; lane < block->n_rows; lane++) {
            block->sums[0] += block->values[c * block->lanes + lane] * block->cotangents[c * block->lanes + lane];
        }
    }
}

static void blocks_and_threads(void **state)
{
    (void)state;
    static trial whole, t;
    for (size_t e = 0; e < N_EXAMPLES; e++) {
        trial_begin(&whole, ctx, &examples[e], QST_SINGLE, 77);
        double sum = product_of(&whole), first = 0;
        run_backward(&whole);
        for (int threads = 1; threads <= 3; threads++) {
            qst_ctx *other = support_ctx(threads);
            double found = 0;
            trial_begin(&t, other, &examples[e], QST_SINGLE, 77);
            assert_ok(other, qsti_network_step(t.network, weights_of(&t), rows_of(&t), give_cotangents, &t, 1, &found,
                                               t.gradient, (qst_matrix){t.d_x, t.n_rows, t.n_in}));
            first = threads == 1 ? found : first;
            assert_true(found == first);
            assert_close(found, sum, 1e-9 * (1 + fabs(sum)));
            assert_memory_equal(t.gradient, whole.gradient, t.n_trained * sizeof(double));
            assert_memory_equal(t.d_x, whole.d_x, t.n_rows * t.n_in * sizeof(double));
            qsti_network_free(t.network);
            qst_ctx_free(other);
        }
        qsti_network_free(whole.network);
    }
}

static void store(void *user, const qst_block *block)
{
    trial *t = user;
    assert_null(block->cotangents);
    qsti_lines_to_rows(block->values, t->n_rows, t->n_out, block->first_row, block->lanes, t->scores);
}

/* A row's outputs are the same alone and among others; in training too, where no layer looks at the batch. */
static void rows_stand_alone(void **state)
{
    (void)state;
    static trial t, alone;
    for (size_t e = 0; e < N_EXAMPLES; e++) {
        trial_begin(&t, ctx, &examples[e], QST_DOUBLE, 45);
        assert_ok(ctx, qsti_network_infer(t.network, weights_of(&t), rows_of(&t), store, &t, 0, NULL));
        for (size_t row = 0; row < t.n_rows; row += 9) {
            trial_begin(&alone, ctx, &examples[e], QST_DOUBLE, 1);
            memcpy(alone.weights, t.weights, sizeof t.weights);
            memcpy(alone.x, t.x + row * t.n_in, t.n_in * sizeof(double));
            assert_ok(ctx,
                      qsti_network_infer(alone.network, weights_of(&alone), rows_of(&alone), store, &alone, 0, NULL));
            assert_memory_equal(alone.scores, t.scores + row * t.n_out, t.n_out * sizeof(double));
            qsti_network_free(alone.network);
        }
        if (!qsti_network_is_random(t.network)) {
            memcpy(alone.scores, t.scores, t.n_rows * t.n_out * sizeof(double));
            run_forward(&t);
            assert_memory_equal(alone.scores, t.scores, t.n_rows * t.n_out * sizeof(double));
        }
        qsti_network_free(t.network);
    }
}

static void steps_allocate_nothing(void **state)
{
    (void)state;
    static trial t;
    double sum = 0;
    for (size_t e = 0; e < N_EXAMPLES; e++) {
        uint64_t before = 0;
        trial_begin(&t, ctx, &examples[e], QST_SINGLE, 40);
        for (int step = 0; step < 3; step++) {
            before = step == 1 ? qsti_ctx_allocations(ctx) : before;
            t.n_rows = step == 2 ? 17 : 40;
            assert_ok(ctx, qsti_network_step(t.network, weights_of(&t), rows_of(&t), give_cotangents, &t, 1, &sum,
                                             t.gradient, (qst_matrix){0}));
            qsti_network_settle(t.network, t.weights + t.n_trained);
        }
        assert_int_equal(qsti_ctx_allocations(ctx), before);
        qsti_network_free(t.network);
    }
}

/* --- dropout ------------------------------------------------------------------------------------------------------ */

static void masks(void **state)
{
    (void)state;
    static const example dropped = {"mask", {64, 1, 1}, {RATED(dropout, 0.25)}};
    static trial t;
    double first[MAX_ROWS * 64];
    size_t n_zero = 0;
    trial_begin(&t, ctx, &dropped, QST_DOUBLE, 80);
    size_t n = t.n_rows * t.n_out;
    for (size_t i = 0; i < n; i++) {
        t.x[i] = 1 + (double)i;
    }
    run_forward(&t);
    memcpy(first, t.scores, n * sizeof *first);
    for (size_t i = 0; i < n; i++) {
        n_zero += t.scores[i] == 0;
        assert_true(t.scores[i] == 0 || fabs(t.scores[i] - t.x[i] / 0.75) < 1e-9);
    }
    assert_close((double)n_zero / (double)n, 0.25, 0.03);
    for (size_t row = 1; row < t.n_rows; row++) { /* rows have masks of their own, in other tiles too */
        size_t n_same = 0;
        for (size_t u = 0; u < 64; u++) {
            n_same += (t.scores[u] == 0) == (t.scores[row * 64 + u] == 0);
        }
        assert_true(n_same < 64);
    }
    run_forward(&t); /* the same step, the same mask */
    assert_memory_equal(first, t.scores, n * sizeof *first);
    const uint64_t others[][2] = {{5, 8}, {6, 7}};
    for (size_t i = 0; i < 2; i++) {
        qsti_network_begin_step(t.network, others[i][0], others[i][1]);
        run_forward(&t);
        assert_memory_not_equal(first, t.scores, n * sizeof *first);
    }
    assert_ok(ctx, qsti_network_infer(t.network, weights_of(&t), rows_of(&t), store, &t, 0, NULL));
    assert_memory_equal(t.x, t.scores, n * sizeof *first);
    qsti_network_free(t.network);
}

/* --- what is no number -------------------------------------------------------------------------------------------- */

/* A diverged training must be seen: no layer makes a number of what is none. */
static void not_a_number_stays(void **state)
{
    (void)state;
    static const example all[] = {
        {"relu", {9, 1, 1}, {PLAIN(relu)}},
        {"leaky relu", {9, 1, 1}, {RATED(leaky_relu, 0.1)}},
        {"gelu", {9, 1, 1}, {PLAIN(gelu)}},
        {"tanh", {9, 1, 1}, {PLAIN(tanh)}},
        {"sigmoid", {9, 1, 1}, {PLAIN(sigmoid)}},
        {"max pool", {1, 8, 8}, {POOL(max_pool, 2, 2, 0)}},
        {"few", {1, 4, 4}, {POOL(max_pool, 2, 2, 0)}},
        {"large", {1, 8, 8}, {POOL(max_pool, 3, 3, 1)}},
        {"dense", {9, 1, 1}, {DENSE(1)}},
    };
    static trial t;
    for (size_t e = 0; e < sizeof all / sizeof *all; e++) {
        trial_begin(&t, ctx, &examples[0], QST_SINGLE, 1);
        qsti_network_free(t.network);
        for (size_t at = 0; at < qsti_shape_size(all[e].input); at++) {
            const qsti_network_spec spec = {all[e].input, all[e].layers, 1};
            size_t n_bad = 0;
            assert_ok(ctx, qsti_network_create(ctx, &spec, at % 2 ? QST_SINGLE : QST_DOUBLE, &t.network));
            t.n_in = qsti_network_inputs(t.network);
            t.n_out = qsti_network_outputs(t.network);
            for (size_t i = 0; i < t.n_in; i++) {
                t.x[i] = i == at ? NAN : sin((double)i);
            }
            run_forward(&t);
            for (size_t i = 0; i < t.n_out; i++) {
                n_bad += isnan(t.scores[i]) != 0;
            }
            assert_int_equal(n_bad, 1);
            qsti_network_free(t.network);
        }
    }
}

/* --- batch normalisation ------------------------------------------------------------------------------------------ */

static void running_statistics(void **state)
{
    (void)state;
    static const example normed = {"norm", {2, 1, 3}, {PLAIN(batch_norm)}};
    static trial t;
    trial_begin(&t, ctx, &normed, QST_DOUBLE, 50);
    double *buffers = t.weights + t.n_trained, old[4];
    for (size_t i = 0; i < t.n_rows * t.n_in; i++) {
        t.x[i] += 1000; /* far from 0: a difference of squares would lose the variance */
    }
    memcpy(old, buffers, sizeof old);
    run_forward(&t);
    qsti_network_settle(t.network, buffers);
    for (size_t c = 0; c < 2; c++) {
        double sum = 0, squares = 0, out = 0, n = 3 * (double)t.n_rows;
        for (size_t row = 0; row < t.n_rows; row++) {
            for (size_t q = 0; q < 3; q++) {
                sum += t.x[row * 6 + c * 3 + q] / n;
                out += t.scores[row * 6 + c * 3 + q] / n;
            }
        }
        for (size_t row = 0; row < t.n_rows; row++) {
            for (size_t q = 0; q < 3; q++) {
                squares += (t.x[row * 6 + c * 3 + q] - sum) * (t.x[row * 6 + c * 3 + q] - sum);
            }
        }
        assert_close(out, t.weights[2 + c], 1e-9);
        assert_close(buffers[c], 0.9 * old[c] + 0.1 * sum, 1e-9);
        assert_close(buffers[2 + c], 0.9 * old[2 + c] + 0.1 * squares / (n - 1), 1e-9);
    }
    qsti_network_free(t.network);
}

/* --- what is refused ---------------------------------------------------------------------------------------------- */

static void refusals(void **state)
{
    (void)state;
    const struct {
        qsti_shape input;
        qst_layer layer;
        const char *message;
    } cases[] = {
        {{1, 4, 4}, CONV(2, 5, 1, 0), "layer 1 (conv): a kernel of height 5 does not fit an image of height 4"},
        {{1, 4, 4}, CONV(2, 3, 1, 3), "padding 3 is not below the kernel's height 3"},
        {{1, 4, 4}, CONV(2, 0, 1, 0), "kernel height: 0 is not >= 1"},
        {{1, 4, 4}, CONV(0, 3, 1, 0), "channels: 0 is not >= 1"},
        {{9, 1, 1}, POOL(max_pool, 2, 2, 0), "layer 1 (max_pool): a kernel of height 2 does not fit"},
        {{1, 4, 4}, POOL(avg_pool, 2, 2, 1), "layer 1 (avg_pool): padding: 1 is not 0"},
        {{4, 1, 1}, DENSE(0), "layer 1 (dense): outputs: 0 is not >= 1"},
        {{4, 1, 1}, RATED(dropout, 1), "layer 1 (dropout): rate: 1 is not in [0, 1)"},
        {{4, 1, 1}, RATED(leaky_relu, -1), "rate: -1 is not >= 0"},
        {{4, 1, 1}, {.kind = QST_LAYER_batch_norm, .momentum = 2}, "momentum: 2 is not in (0, 1]"},
        {{4, 0, 1}, PLAIN(relu), "an image of 4 channels, 0 x 1 is none"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        qsti_network *network = NULL;
        const qsti_network_spec spec = {cases[i].input, &cases[i].layer, 1};
        assert_status(ctx, qsti_network_create(ctx, &spec, QST_DOUBLE, &network), QST_ERR_USAGE);
        assert_message(ctx, cases[i].message);
        assert_null(network);
    }
    const qst_layer huge = DENSE((size_t)1 << 40);
    qsti_network *network = NULL;
    assert_status(ctx, qsti_network_create(ctx, &(qsti_network_spec){{4, 1, 1}, &huge, 1}, QST_DOUBLE, &network),
                  QST_ERR_LIMIT);
}

static qst_status create_and_step(qst_ctx *of, void *arg)
{
    static trial t;
    static const qst_layer layers[] = {CONV(2, 3, 1, 1), PLAIN(batch_norm), PLAIN(relu), DENSE(3)};
    qsti_network *network = NULL;
    double sum = 0;
    (void)arg;
    qst_status status = qsti_network_create(of, &(qsti_network_spec){{1, 4, 4}, layers, 4}, QST_SINGLE, &network);
    t.n_rows = 9;
    t.n_out = 3;
    if (status == QST_OK)
        status = qsti_network_step(network, (qsti_network_weights){t.weights, t.weights + 200},
                                   (qst_const_matrix){t.x, 9, 16}, give_cotangents, &t, 1, &sum, t.gradient,
                                   (qst_matrix){0});
    qsti_network_free(network);
    return status;
}

static void out_of_memory(void **state)
{
    (void)state;
    support_fail_each_allocation(create_and_step, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finite_differences),
        cmocka_unit_test(single_precision_is_near),
        cmocka_unit_test(blocks_and_threads),
        cmocka_unit_test(rows_stand_alone),
        cmocka_unit_test(steps_allocate_nothing),
        cmocka_unit_test(masks),
        cmocka_unit_test(not_a_number_stays),
        cmocka_unit_test(running_statistics),
        cmocka_unit_test(refusals),
        cmocka_unit_test(out_of_memory),
    };
    return cmocka_run_group_tests(tests, begin_ctx, end_ctx);
}
