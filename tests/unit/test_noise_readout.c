/* test_noise_readout.c: bits read wrongly, against sums over all outcomes. */
#include "dense_noise.h"

#define N 3

static qst_noise *misreader(qst_ctx *ctx)
{
    qst_noise *noise = NULL;
    assert_ok(ctx, qst_noise_create(ctx, &noise));
    assert_ok(ctx, qst_noise_add_readout(noise, 1, 0.3, 0.4));
    assert_ok(ctx, qst_noise_add_readout(noise, QST_EVERY_QUBIT, 0.01, 0.03)); /* replaces */
    assert_ok(ctx, qst_noise_add_readout(noise, 1, 0.05, 0.05));
    assert_ok(ctx, qst_noise_add_readout(noise, 2, 0.2, 0));
    return noise;
}

static const double e[N] = {0.01, 0.05, 0.2}, f[N] = {0.03, 0.05, 0};

/* P(read | true) */
static double chance(size_t read, size_t truth)
{
    double product = 1;
    for (size_t q = 0; q < N; q++) {
        bool one = truth >> q & 1, seen = read >> q & 1;
        product *= one ? (seen ? 1 - f[q] : f[q]) : (seen ? e[q] : 1 - e[q]);
    }
    return product;
}

static void the_last_word_holds(void **state)
{
    (void)state;
    qst_ctx *ctx = support_ctx(1);
    qst_noise *noise = misreader(ctx);
    for (size_t q = 0; q < 5; q++) {
        double out[4], low = q < N ? e[q] : 0.01, high = q < N ? f[q] : 0.03;
        qst_noise_readout(noise, q, out);
        assert_true(out[0] == 1 - low && out[1] == low && out[2] == high && out[3] == 1 - high);
    }
    qst_noise_free(noise);
    qst_ctx_free(ctx);
}

static void outcomes_are_misread(void **state)
{
    (void)state;
    enum { LANES = 5, STATES = 1 << N };
    qst_ctx *ctx = support_ctx(1);
    ref_rng rng = {7};
    qst_noise *noise = misreader(ctx);
    double lines[STATES * LANES], truth[STATES * LANES], back[STATES * LANES], cotangent[STATES * LANES];
    double first = 0, second = 0;
    ref_fill(&rng, 0, 1, truth, STATES * LANES);
    ref_fill(&rng, -1, 1, cotangent, STATES * LANES);
    memcpy(lines, truth, sizeof lines);
    memcpy(back, cotangent, sizeof back);
    qsti_noise_misread(noise, N, LANES, false, lines);
    qsti_noise_misread(noise, N, LANES, true, back);
    for (size_t read = 0; read < STATES; read++) {
        for (size_t lane = 0; lane < LANES; lane++) {
            double sum = 0;
            for (size_t s = 0; s < STATES; s++)
                sum += chance(read, s) * truth[s * LANES + lane];
            assert_close(lines[read * LANES + lane], sum, 1e-15);
        }
    }
    for (size_t i = 0; i < STATES * LANES; i++) {
        first += cotangent[i] * lines[i];
        second += back[i] * truth[i];
    }
    assert_close(first, second, 1e-14);
    qst_noise_free(noise);
    qst_ctx_free(ctx);
}

/* Value of a sum of Zs (and 1) on outcome `s`. */
static double value(const qst_readout *readout, size_t output, size_t s)
{
    double sum = 0;
    for (size_t t = 0; t < readout->n_terms; t++) {
        assert_int_equal(readout->paulis[t].x, 0);
        if (readout->outputs[t] == output)
            sum += __builtin_parity(readout->paulis[t].z & (unsigned)s) ? -readout->coefficients[t]
                                                                        : readout->coefficients[t];
    }
    return sum;
}

static void observables_are_misread(void **state)
{
    (void)state;
    static const char *const words[] = {"zz", "0.5*ZZZ - 1.5*IIZ + 2*ZII - 0.25*III", "z"};
    qst_ctx *ctx = support_ctx(1);
    qst_noise *noise = misreader(ctx);
    qst_readout *readout = NULL, *misread = NULL;
    assert_ok(ctx, qst_readout_parse(ctx, N, words, 3, 0, &readout));
    assert_ok(ctx, qsti_noise_readout_apply(noise, readout, &misread));
    assert_int_equal(qst_readout_outputs(misread), 7);
    for (size_t k = 0; k < 7; k++) {
        for (size_t s = 0; s < 1 << N; s++) { /* what is read of true outcome s, on average */
            double sum = 0;
            for (size_t read = 0; read < 1 << N; read++)
                sum += chance(read, s) * value(readout, k, read);
            assert_close(value(misread, k, s), sum, 1e-14);
        }
    }
    qst_readout_free(misread);
    qst_readout_free(readout);
    qst_noise_free(noise);
    qst_ctx_free(ctx);
}

/* X and Y as Z; equal Paulis of an output are one; an output that becomes 0 is still there. */
static void letters_are_alike(void **state)
{
    (void)state;
    static const char *const words[] = {"XYZ", "XII + IXI"};
    qst_ctx *ctx = support_ctx(1);
    qst_noise *noise = misreader(ctx);
    qst_readout *readout = NULL, *misread = NULL;
    assert_ok(ctx, qst_readout_parse(ctx, N, words, 2, 0, &readout));
    assert_ok(ctx, qsti_noise_readout_apply(noise, readout, &misread));
    assert_int_equal(misread->n_terms, 4 + 3); /* qubit 1 is read alike for 0 and 1 */
    for (size_t t = 0; t < misread->n_terms; t++) {
        if (misread->outputs[t] == 0 && misread->paulis[t].x == 6 && misread->paulis[t].z == 3)
            assert_close(misread->coefficients[t], 0.8 * 0.9 * 0.96, 1e-15);
        if (misread->outputs[t] == 1 && misread->paulis[t].x == 0)
            assert_close(misread->coefficients[t], -0.2, 1e-15);
    }
    qst_readout_free(misread);
    misread = NULL;
    assert_ok(ctx, qst_noise_add_readout(noise, QST_EVERY_QUBIT, 0.5, 0.5));
    assert_ok(ctx, qsti_noise_readout_apply(noise, readout, &misread));
    assert_int_equal(qst_readout_outputs(misread), 2);
    for (size_t t = 0; t < misread->n_terms; t++)
        assert_true(misread->coefficients[t] == 0);
    qst_readout_free(misread);
    qst_readout_free(readout);
    qst_noise_free(noise);
    qst_ctx_free(ctx);
}

static void too_many_terms_are_refused(void **state)
{
    (void)state;
    const char *word = "ZZZZZZZZZZZZZZZZZZZZZZZZ";
    qst_ctx *ctx = support_ctx(1);
    qst_noise *noise = misreader(ctx);
    qst_readout *readout = NULL, *misread = NULL;
    assert_ok(ctx, qst_readout_parse(ctx, 24, &word, 1, 0, &readout));
    assert_status(ctx, qsti_noise_readout_apply(noise, readout, &misread), QST_ERR_LIMIT);
    assert_null(misread);
    qst_readout_free(readout);
    qst_noise_free(noise);
    qst_ctx_free(ctx);
}

/* A device's readout, behind the noise of its entry `measure`; a later word replaces both. */
static void devices_misread(void **state)
{
    (void)state;
    static const char text[] =
        "{\"format\": \"qstill-device/1\", \"n_qubits\": 2, \"qubits\": [{\"t1_ns\": 1000, \"m1p0\": 0.02, \"m0p1\": "
        "0.05}, {\"m1p0\": 0.1, \"m0p1\": 0.2}], \"gates\": [{\"name\": \"measure\", \"qubits\": [0], \"time_ns\": "
        "100}]}";
    static const size_t layout[] = {1, 0};
    qst_ctx *ctx = support_ctx(1);
    const char *path = support_write("measure.json", text, strlen(text));
    qst_device *device = NULL;
    qst_noise *noise = NULL;
    double out[4], decay = 1 - exp(-0.1);
    assert_ok(ctx, qst_device_read(ctx, &path, 1, NULL, &device));
    assert_ok(ctx, qst_noise_from_device(ctx, device, &(qst_noise_device_opts){layout, 2, 0, 0}, &noise));
    qst_noise_readout(noise, 0, out);
    assert_close(out[1], 0.1, 1e-15);
    assert_close(out[2], 0.2, 1e-15);
    qst_noise_readout(noise, 1, out);
    assert_close(out[1], 0.02, 1e-15);
    assert_close(out[2], decay * 0.98 + (1 - decay) * 0.05, 1e-15);
    qst_noise_readout(noise, 2, out);
    assert_true(out[0] == 1 && out[1] == 0 && out[2] == 0 && out[3] == 1);
    assert_false(qst_noise_is_none(noise));
    assert_ok(ctx, qst_noise_add_readout(noise, 1, 0, 0));
    qst_noise_readout(noise, 1, out);
    assert_true(out[2] == 0);
    qst_noise_free(noise);
    qst_device_free(device);
    qst_ctx_free(ctx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_last_word_holds),        cmocka_unit_test(outcomes_are_misread),
        cmocka_unit_test(observables_are_misread),    cmocka_unit_test(letters_are_alike),
        cmocka_unit_test(too_many_terms_are_refused), cmocka_unit_test(devices_misread),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
