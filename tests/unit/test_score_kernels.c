/* test_score_kernels.c: a dense layer and the losses of samples in lanes, against a few lines of naive code in long
 * double; their exponentials and logarithms over all sizes of numbers; and samples do not see each other.
 *
 * Which instruction set runs is the environment's choice (QSTILL_ISA); the build registers this program once for each.
 */
#include "kernels/score_kernels.h"
#include "property/sim_case.h"

#define MAX_COLUMNS 40
#define MAX_LANES   24
#define N_MAX       (MAX_COLUMNS * MAX_LANES)

static const qsti_score_kernels *kernels;

static int set_up(void **state)
{
    (void)state;
    kernels = qsti_score_kernels_best();
    return 0;
}

/* |actual - expected| in units in the last place of expected, which is a normal number. */
static double ulps(double actual, long double expected)
{
    int exponent = 0;
    (void)frexpl(expected, &exponent);
    return (double)(fabsl((long double)actual - expected) / ldexpl(1, exponent - 53));
}

/* --- exponentials and logarithms ---------------------------------------------------------------------------------- */

static void logarithms(void **state)
{
    (void)state;
    ref_rng rng = {1};
    double worst = 0, x[64], y[64];
    for (int round = 0; round < 4000; round++) {
        for (size_t i = 0; i < 64; i++) {
            double u = ref_uniform(&rng, 0.5, 2);
            x[i] = round % 2 ? ldexp(u, (int)ref_uniform(&rng, -1020, 1020)) : 1 + (u - 1) * ldexp(1, -round % 50);
        }
        size_t n = 1 + (size_t)round % 64;
        kernels->log(x, n, y);
        for (size_t i = 0; i < n; i++)
            worst = x[i] == 1 ? fmax(worst, y[i] == 0 ? 0 : INFINITY) : fmax(worst, ulps(y[i], logl(x[i])));
        memcpy(y, x, sizeof y);
        kernels->log(y, n, y); /* in place; behind n nothing is touched */
        for (size_t i = 0; i < n; i++)
            assert_true(x[i] == 1 || ulps(y[i], logl(x[i])) <= 2);
        assert_memory_equal(y + n, x + n, (64 - n) * sizeof *x);
    }
    sim_assert_within(worst, 1.5, "logarithms");
}

/* Two scores, 0 and x <= 0: softmax is 1 and e^x over 1 + e^x, and the shift is ln(1 + e^x): every exponential, and
 * ln(1 + a) for every a in 0..1. */
static void exponentials(void **state)
{
    (void)state;
    ref_rng rng = {2};
    double worst_p = 0, worst_shift = 0;
    for (int round = 0; round < 4000; round++) {
        double t[16] = {0}, p[16], top[8], shift[8];
        for (size_t lane = 0; lane < 8; lane++)
            t[8 + lane] = round % 2 ? ref_uniform(&rng, -700, 0) : -ldexp(ref_uniform(&rng, 0.5, 1), -round % 60);
        kernels->temper(t, 2, 8, 1, p, top, shift);
        for (size_t lane = 0; lane < 8; lane++) {
            long double e = expl(t[8 + lane]);
            assert_true(top[lane] == 0);
            worst_p = fmax(worst_p, fmax(ulps(p[lane], 1 / (1 + e)), ulps(p[8 + lane], e / (1 + e))));
            worst_shift = fmax(worst_shift, ulps(shift[lane], log1pl(e)));
        }
    }
    sim_assert_within(worst_p, 3, "softmax");
    sim_assert_within(worst_shift, 3, "ln(1 + e^x)");
    /* Up to ln 4096, and beyond the smallest numbers. */
    double t[4096] = {0}, p[4096], top, shift;
    for (size_t n = 1; n <= 4096; n++) {
        kernels->temper(t, n, 1, 1, p, &top, &shift);
        assert_true(n == 1 ? shift == 0 : ulps(shift, logl((long double)n)) <= 2);
        n += n / 10;
    }
    const double lowest[4] = {-708, -709, -1e4, -INFINITY};
    for (size_t i = 0; i < 4; i++) {
        t[1] = lowest[i];
        kernels->temper(t, 2, 1, 1, p, &top, &shift);
        assert_true(i == 0 ? ulps(p[1], expl(-708)) < 3 : p[1] == 0 && shift == 0);
    }
}

/* --- losses ------------------------------------------------------------------------------------------------------- */

/* Random scores of lanes x n, one sample a lane, and room for all results. */
typedef struct batch {
    size_t n, lanes;
    double z[N_MAX], t[N_MAX], p[N_MAX], weight[MAX_LANES], top[MAX_LANES], shift[MAX_LANES];
    int64_t labels[MAX_LANES];
    double work[N_MAX], gradient[N_MAX], value[MAX_LANES], scaled[MAX_LANES];
} batch;

/* Every other lane has a student near its teacher. */
static void make_batch(batch *b, uint64_t seed, size_t n, size_t lanes)
{
    ref_rng rng = {seed};
    b->n = n;
    b->lanes = lanes;
    ref_fill(&rng, -4, 4, b->t, n * lanes);
    ref_fill(&rng, -4, 4, b->z, n * lanes);
    ref_fill(&rng, -1, 1, b->gradient, n * lanes);
    for (size_t lane = 0; lane < lanes; lane++) {
        b->labels[lane] = (int64_t)((seed + 3 * lane) % (n + 1)) - 1;
        b->weight[lane] = b->labels[lane] < 0 ? 0 : 0.1 + (double)lane;
        for (size_t c = 0; c < n && lane % 2 == 0; c++)
            b->z[c * lanes + lane] = b->t[c * lanes + lane] + 0.1 * b->z[c * lanes + lane];
    }
}

/* ln softmax(scores / T) of a lane. */
static void naive_log_softmax(const batch *b, const double *scores, size_t lane, long double temperature,
                              long double *out)
{
    long double top = -INFINITY, sum = 0;
    for (size_t c = 0; c < b->n; c++)
        top = fmaxl(top, scores[c * b->lanes + lane]);
    for (size_t c = 0; c < b->n; c++)
        sum += expl((scores[c * b->lanes + lane] - top) / temperature);
    for (size_t c = 0; c < b->n; c++)
        out[c] = (scores[c * b->lanes + lane] - top) / temperature - logl(sum);
}

static void check_cross_entropy(batch *b)
{
    double before[N_MAX], values[MAX_LANES];
    long double log_p[MAX_COLUMNS];
    memcpy(before, b->gradient, sizeof before);
    kernels->cross_entropy(b->z, b->n, b->lanes, b->labels, b->weight, b->work, values, NULL);
    assert_memory_equal(before, b->gradient, sizeof before);
    kernels->cross_entropy(b->z, b->n, b->lanes, b->labels, b->weight, b->work, b->value, b->gradient);
    assert_memory_equal(values, b->value, b->lanes * sizeof *values);
    for (size_t lane = 0; lane < b->lanes; lane++) {
        naive_log_softmax(b, b->z, lane, 1, log_p);
        int64_t label = b->labels[lane];
        assert_close(b->value[lane], label < 0 ? 0 : (double)-log_p[label], 4e-15);
        for (size_t c = 0; c < b->n; c++) {
            long double step = expl(log_p[c]) - ((int64_t)c == label);
            assert_close(b->gradient[c * b->lanes + lane],
                         (double)(before[c * b->lanes + lane] + b->weight[lane] * step), 4e-15 * (2 + b->weight[lane]));
        }
    }
}

static void check_divergence(batch *b, double temperature)
{
    double before[N_MAX], kl[MAX_LANES], scaled[MAX_LANES];
    long double log_p[MAX_COLUMNS], log_q[MAX_COLUMNS];
    kernels->temper(b->t, b->n, b->lanes, temperature, b->p, b->top, b->shift);
    const qsti_tempered teacher = {b->t, b->p, b->top, b->shift};
    memcpy(before, b->gradient, sizeof before);
    kernels->divergence(b->z, &teacher, b->n, b->lanes, temperature, b->weight, b->work, kl, scaled, NULL);
    assert_memory_equal(before, b->gradient, sizeof before);
    kernels->divergence(b->z, &teacher, b->n, b->lanes, temperature, b->weight, b->work, b->value, b->scaled,
                        b->gradient);
    assert_memory_equal(kl, b->value, b->lanes * sizeof *kl);
    assert_memory_equal(scaled, b->scaled, b->lanes * sizeof *kl);
    for (size_t lane = 0; lane < b->lanes; lane++) {
        long double sum = 0;
        naive_log_softmax(b, b->t, lane, temperature, log_p);
        naive_log_softmax(b, b->z, lane, temperature, log_q);
        for (size_t c = 0; c < b->n; c++) {
            size_t i = c * b->lanes + lane;
            sum += expl(log_p[c]) * (log_p[c] - log_q[c]);
            assert_close(b->p[i], (double)expl(log_p[c]), 1e-15);
            assert_close(b->gradient[i],
                         (double)(before[i] + b->weight[lane] * temperature * (expl(log_q[c]) - expl(log_p[c]))),
                         1e-14 * (1 + b->weight[lane] * temperature));
        }
        assert_close(b->value[lane], (double)sum, 1e-14 * fmax(1, 1 / temperature));
        assert_close(b->scaled[lane], (double)(temperature * temperature * sum), 1e-14 * fmax(1, temperature));
    }
}

static void check_squared_error(batch *b)
{
    double before[N_MAX];
    memcpy(before, b->gradient, sizeof before);
    kernels->squared_error(b->z, b->t, b->n, b->lanes, b->weight, b->value, b->gradient);
    for (size_t lane = 0; lane < b->lanes; lane++) {
        double sum = 0;
        for (size_t c = 0; c < b->n; c++) {
            size_t i = c * b->lanes + lane;
            sum += (b->z[i] - b->t[i]) * (b->z[i] - b->t[i]);
            assert_close(b->gradient[i], before[i] + 2 * b->weight[lane] * (b->z[i] - b->t[i]),
                         4e-15 * (1 + 16 * b->weight[lane]));
        }
        assert_close(b->value[lane], sum, 1e-14 * (1 + sum));
    }
}

static void losses_of_any_shape(void **state)
{
    (void)state;
    static const double temperatures[] = {0.3, 1, 2, 7.5};
    static batch b;
    for (size_t n = 1; n <= 12; n++) {
        for (size_t lanes = 1; lanes <= 17; lanes++) {
            make_batch(&b, 100 * n + lanes, n, lanes);
            check_cross_entropy(&b);
            check_divergence(&b, temperatures[(n + lanes) % 4]);
            check_squared_error(&b);
        }
    }
}

/* --- company ------------------------------------------------------------------------------------------------------ */

/* One lane of `from` as a batch of `lanes` equal ones. */
static void repeat_lane(const batch *from, size_t lane, size_t lanes, batch *to)
{
    to->n = from->n;
    to->lanes = lanes;
    for (size_t i = 0; i < lanes; i++) {
        to->labels[i] = from->labels[lane];
        to->weight[i] = from->weight[lane];
        for (size_t c = 0; c < from->n; c++) {
            to->z[c * lanes + i] = from->z[c * from->lanes + lane];
            to->t[c * lanes + i] = from->t[c * from->lanes + lane];
        }
    }
}

static void run_all(batch *b)
{
    const qsti_tempered teacher = {b->t, b->p, b->top, b->shift};
    double other[MAX_LANES];
    memset(b->gradient, 0, sizeof b->gradient);
    kernels->temper(b->t, b->n, b->lanes, 2.5, b->p, b->top, b->shift);
    kernels->divergence(b->z, &teacher, b->n, b->lanes, 2.5, b->weight, b->work, b->value, b->scaled, b->gradient);
    kernels->cross_entropy(b->z, b->n, b->lanes, b->labels, b->weight, b->work, other, b->gradient);
    for (size_t lane = 0; lane < b->lanes; lane++)
        b->value[lane] += other[lane];
}

/* Whole vectors of lanes: the bits of a sample are the same wherever it stands and whoever stands beside it. */
static void samples_do_not_see_each_other(void **state)
{
    (void)state;
    static batch all, one;
    const size_t lanes[] = {8, 16, 24};
    for (size_t k = 0; k < 3; k++) {
        make_batch(&all, 7 + k, 10, lanes[k]);
        all.z[3] = NAN; /* not even one that is no number */
        run_all(&all);
        for (size_t lane = 0; lane < lanes[k]; lane++) {
            repeat_lane(&all, lane, 8, &one);
            run_all(&one);
            for (size_t c = 0; c < 10 && lane != 3; c++)
                assert_memory_equal(&all.gradient[c * lanes[k] + lane], &one.gradient[c * 8 + 5], sizeof(double));
            assert_true(lane == 3 || all.value[lane] == one.value[5]);
            assert_true(lane == 3 || all.scaled[lane] == one.scaled[5]);
        }
    }
}

/* --- a dense layer ------------------------------------------------------------------------------------------------ */

static void check_dense(size_t n_in, size_t n_out, size_t lanes)
{
    static double weights[MAX_COLUMNS * (MAX_COLUMNS + 1)], back[MAX_COLUMNS * (MAX_COLUMNS + 1)],
        again[MAX_COLUMNS * (MAX_COLUMNS + 1)], in[N_MAX], out[N_MAX], cotangent[N_MAX], out_in[N_MAX];
    ref_rng rng = {n_in * 1000 + n_out * 10 + lanes};
    size_t n_weights = n_out * (n_in + 1);
    ref_fill(&rng, -1, 1, weights, n_weights);
    ref_fill(&rng, -1, 1, back, n_weights);
    ref_fill(&rng, -1, 1, in, n_in * lanes);
    ref_fill(&rng, -1, 1, cotangent, n_out * lanes);
    memcpy(again, back, sizeof again);
    kernels->dense(weights, n_in, n_out, lanes, in, out);
    for (size_t c = 0; c < n_out; c++) {
        for (size_t lane = 0; lane < lanes; lane++) {
            double sum = weights[n_out * n_in + c];
            for (size_t k = 0; k < n_in; k++)
                sum += weights[c * n_in + k] * in[k * lanes + lane];
            assert_close(out[c * lanes + lane], sum, 2e-15 * (double)(n_in + 1));
        }
    }
    kernels->dense_back(weights, n_in, n_out, lanes, in, cotangent, again, NULL);
    kernels->dense_back(weights, n_in, n_out, lanes, in, cotangent, back, out_in);
    assert_memory_equal(again, back, n_weights * sizeof *back);
    rng = (ref_rng){n_in * 1000 + n_out * 10 + lanes};
    ref_fill(&rng, -1, 1, again, n_weights);
    ref_fill(&rng, -1, 1, again, n_weights); /* what back was */
    for (size_t c = 0; c < n_out; c++) {
        for (size_t k = 0; k <= n_in; k++) {
            size_t at = k < n_in ? c * n_in + k : n_out * n_in + c;
            double sum = again[at];
            for (size_t lane = 0; lane < lanes; lane++)
                sum += cotangent[c * lanes + lane] * (k < n_in ? in[k * lanes + lane] : 1);
            assert_close(back[at], sum, 2e-15 * (double)lanes);
        }
    }
    for (size_t k = 0; k < n_in; k++) {
        for (size_t lane = 0; lane < lanes; lane++) {
            double sum = 0;
            for (size_t c = 0; c < n_out; c++)
                sum += weights[c * n_in + k] * cotangent[c * lanes + lane];
            assert_close(out_in[k * lanes + lane], sum, 2e-15 * (double)n_out);
        }
    }
}

static void dense_layers_of_any_shape(void **state)
{
    (void)state;
    for (size_t n_in = 1; n_in <= 18; n_in++)
        for (size_t n_out = 1; n_out <= 11; n_out++)
            check_dense(n_in, n_out, n_in % 2 ? 8 : 16);
    check_dense(36, 10, 8);
    check_dense(16, 10, 16);
    check_dense(40, 40, 16);
}

/* --- instruction sets --------------------------------------------------------------------------------------------- */

static void fused_instruction_sets_agree(void **state)
{
    (void)state;
    static batch wide, narrow;
    static double out[2][N_MAX], back[2][MAX_COLUMNS * (MAX_COLUMNS + 1)];
    const char *forced = getenv("QSTILL_ISA");
    char *kept = forced ? strdup(forced) : NULL;
    setenv("QSTILL_ISA", "avx512", 1);
    bool has_both = strcmp(qst_isa_name(), "avx512") == 0;
    for (size_t lanes = 1; lanes <= 17 && has_both; lanes++) {
        batch *of[2] = {&wide, &narrow};
        for (size_t i = 0; i < 2; i++) {
            setenv("QSTILL_ISA", i == 0 ? "avx512" : "avx2", 1);
            kernels = qsti_score_kernels_best();
            make_batch(of[i], lanes, 10, lanes);
            run_all(of[i]);
            memset(back[i], 0, sizeof back[i]);
            if (lanes % 8 == 0) {
                kernels->dense(of[i]->t, 9, 5, lanes, of[i]->z, out[i]);
                kernels->dense_back(of[i]->t, 9, 5, lanes, of[i]->z, of[i]->p, back[i], out[i] + N_MAX / 2);
            }
        }
        assert_memory_equal(wide.gradient, narrow.gradient, sizeof wide.gradient);
        assert_memory_equal(wide.value, narrow.value, lanes * sizeof(double));
        assert_memory_equal(wide.scaled, narrow.scaled, lanes * sizeof(double));
        assert_memory_equal(out[0], out[1], sizeof out[0]);
        assert_memory_equal(back[0], back[1], sizeof back[0]);
    }
    assert_int_equal(kept ? setenv("QSTILL_ISA", kept, 1) : unsetenv("QSTILL_ISA"), 0);
    free(kept);
    kernels = qsti_score_kernels_best();
    if (!has_both)
        skip();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(logarithms),
        cmocka_unit_test(exponentials),
        cmocka_unit_test(losses_of_any_shape),
        cmocka_unit_test(samples_do_not_see_each_other),
        cmocka_unit_test(dense_layers_of_any_shape),
        cmocka_unit_test(fused_instruction_sets_agree),
    };
    return cmocka_run_group_tests(tests, set_up, NULL);
}
