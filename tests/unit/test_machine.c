/* test_machine.c: the machine's peaks: there, in a plausible order, and refused where they should be. No absolute time:
 * bounds are far apart, and hold between figures of one call. */
#include <qstill/simulate.h>

#include "kernels/peak_loops.h"
#include "support/support.h"

/* A walk within the cache is no slower than one through memory, and multiply-adds on registers are no rarer than values
 * read from memory, but for what else the machine does. */
static bool are_plausible(const qst_peaks peaks[2])
{
    bool plausible = peaks[QST_SINGLE].multiply_adds > 0.3 * peaks[QST_DOUBLE].multiply_adds;
    for (int p = 0; p < 2; p++) {
        plausible = plausible && peaks[p].bytes_l2 > 0.3 * peaks[p].bytes_memory &&
                    peaks[p].multiply_adds > 0.1 * peaks[p].bytes_memory / 16;
    }
    return plausible;
}

/* Other work of the machine may take a processor away from one of the figures: one of several measurements will do. */
static void test_peaks(void **state)
{
    (void)state;
    for (int n_threads = 1; n_threads <= 2; n_threads++) {
        qst_ctx *ctx = support_ctx(n_threads);
        bool plausible = false;
        for (int attempt = 0; attempt < 8 && !plausible; attempt++) {
            qst_peaks peaks[2];
            for (int p = 0; p < 2; p++) {
                assert_ok(ctx, qst_machine_peaks(ctx, (qst_precision)p, 0.05, &peaks[p]));
                assert_true(peaks[p].multiply_adds > 1e6);
                assert_true(peaks[p].bytes_memory > 1e6);
            }
            plausible = are_plausible(peaks);
        }
        assert_true(plausible);
        qst_ctx_free(ctx);
    }
}

static void test_refused(void **state)
{
    (void)state;
    qst_ctx *ctx = support_ctx(1);
    const double bad[] = {0, -1, (double)NAN};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        qst_peaks peaks = {.multiply_adds = 5};
        assert_status(ctx, qst_machine_peaks(ctx, QST_DOUBLE, bad[i], &peaks), QST_ERR_USAGE);
        assert_message(ctx, "seconds are not > 0");
        assert_true(peaks.multiply_adds == 5);
    }
    qst_ctx_free(ctx);
}

static qst_status measure(qst_ctx *ctx, void *arg)
{
    return qst_machine_peaks(ctx, QST_DOUBLE, 1e-3, arg);
}

static void test_out_of_memory(void **state)
{
    (void)state;
    qst_peaks peaks;
    support_fail_each_allocation(measure, &peaks);
}

/* The loops do what they say. a <- a/2 + 1/2 comes to 1 in each lane of each chain. */
static void test_loops(void **state)
{
    (void)state;
    const qsti_peak_loops *tables[] = {qsti_peak_loops_double(), qsti_peak_loops_single()};
    for (size_t t = 0; t < 2; t++) {
        const qsti_peak_loops *loops = tables[t];
        assert_close(loops->multiply_add(200, 0.5, 0.5), (double)loops->multiply_adds, 1e-5);
        assert_close(loops->multiply_add(1, 0.0, 3.0), 3 * (double)loops->multiply_adds, 1e-5);
        assert_true(loops->multiply_adds >= 12 * 2);
    }
    _Alignas(64) double values[64];
    _Alignas(64) float floats[64];
    for (int i = 0; i < 64; i++) {
        values[i] = i;
        floats[i] = (float)i;
    }
    tables[0]->scale(values, 256, -2.0);
    tables[1]->scale(floats, 256, 0.5);
    for (int i = 0; i < 64; i++) {
        assert_close(values[i], i < 32 ? -2.0 * i : i, 0);
        assert_close(floats[i], 0.5 * i, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_loops),
        cmocka_unit_test(test_peaks),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_out_of_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
