/* The unravelling of relaxation is the channel: its operators, weighted as they are drawn, give device.h's rho'. */
#include "jumps/jump_plan.h"
#include "support/support.h"

/* out[4]: rho00, rho11, Re rho01, Im rho01 (which no operator mixes with the others). */
static void by_operators(const qsti_jump_relax *relax, const double *rho, double *out)
{
    double z = relax->no_event - relax->no_change, same = relax->no_change;
    double d0 = relax->damps ? relax->damp[0] : 1, d1 = relax->damps ? relax->damp[1] : 1;
    if (relax->damps) {
        /* diag(damp) is K0 without its scale, and K0 is kraus[0], all of whose weight is |K0 psi|^2 */
        double scale = relax->kraus[0].k00 / d0;
        assert_close(relax->kraus[0].k11, scale * d1, 1e-14);
        assert_close(relax->kraus[0].weight0 + same, scale * d0 * scale * d0, 1e-14);
        assert_close(relax->kraus[0].weight1 + same, scale * d1 * scale * d1, 1e-14);
        same = scale * scale;
    }
    out[0] = (same + z) * d0 * d0 * rho[0];
    out[1] = (same + z) * d1 * d1 * rho[1];
    out[2] = (same - z) * d0 * d1 * rho[2];
    out[3] = (same - z) * d0 * d1 * rho[3];
    for (size_t i = relax->damps ? 1 : 0; i < 4; i++) {
        const qsti_jump_kraus *k = &relax->kraus[i];
        /* the weights are those of K^T K, up to a scale */
        double w0 = k->k00 * k->k00 + k->k10 * k->k10, w1 = k->k11 * k->k11 + k->k01 * k->k01;
        double share = k->weight0 + k->weight1 > 0 ? (k->weight0 + k->weight1) / (w0 + w1) : 0;
        assert_close(share * w0, k->weight0, 1e-14);
        assert_close(share * w1, k->weight1, 1e-14);
        out[0] += share * (k->k00 * k->k00 * rho[0] + k->k01 * k->k01 * rho[1]);
        out[1] += share * (k->k10 * k->k10 * rho[0] + k->k11 * k->k11 * rho[1]);
        out[2] += share * k->k00 * k->k11 * rho[2];
        out[3] += share * k->k00 * k->k11 * rho[3];
    }
}

static void check(qst_relaxation relaxation, double tolerance)
{
    static const double rhos[][4] = {{1, 0, 0, 0}, {0, 1, 0, 0}, {0.5, 0.5, 0.5, 0}, {0.5, 0.5, 0, 0.5}};
    qsti_jump_relax relax = {0};
    qsti_jump_relax_make(&relaxation, &relax);
    assert_true(relax.no_change <= relax.no_event && relax.no_event <= 1 && relax.no_change >= 0);
    double total0 = relax.no_event, total1 = relax.no_event;
    for (size_t i = 0; i < 4; i++) {
        assert_true(relax.kraus[i].weight0 >= 0 && relax.kraus[i].weight1 >= 0);
        total0 += relax.kraus[i].weight0;
        total1 += relax.kraus[i].weight1;
    }
    assert_close(total0, 1, 1e-14);
    assert_close(total1, 1, 1e-14);
    for (size_t i = 0; i < 4; i++) {
        const double *rho = rhos[i];
        double p1 = relaxation.excited, p0 = 1 - p1, a = relaxation.a, out[4];
        by_operators(&relax, rho, out);
        assert_close(out[0], (1 - p1 * a) * rho[0] + p0 * a * rho[1], tolerance);
        assert_close(out[1], p1 * a * rho[0] + (1 - p0 * a) * rho[1], tolerance);
        assert_close(out[2], relaxation.c * rho[2], tolerance);
        assert_close(out[3], relaxation.c * rho[3], tolerance);
    }
}

static void test_channel(void **state)
{
    (void)state;
    static const double times[] = {0, 1e-12, 1e-6, 1e-3, 0.01, 0.1, 0.5, 2, 40},
                        excited[] = {0, 0.02, 0.3, 0.5, 0.8, 1};
    static const double t2[] = {0.01, 0.3, 0.9, 1, 1.05, 1.4, 1.9, 1.99, 2};
    for (size_t i = 0; i < sizeof times / sizeof *times; i++)
        for (size_t k = 0; k < sizeof excited / sizeof *excited; k++)
            for (size_t l = 0; l < sizeof t2 / sizeof *t2; l++)
                check((qst_relaxation){-expm1(-times[i]), exp(-times[i] / t2[l]), excited[k]},
                      times[i] > 10 ? 1e-8 : 1e-14); /* c is given, sqrt(1 - a) is not */
    check((qst_relaxation){1, 0, 0}, 1e-14);
    check((qst_relaxation){0, 1, 0}, 1e-14);
    check((qst_relaxation){0.3, sqrt(0.7), 0}, 1e-14);
}

/* Where little happens nothing depends on the state but with a small probability. */
static void test_ways(void **state)
{
    (void)state;
    qsti_jump_relax relax = {0};
    qsti_jump_relax_make(&(qst_relaxation){-expm1(-0.01), exp(-0.01 / 0.8), 0}, &relax);
    assert_false(relax.damps);
    assert_close(relax.no_event, exp(-0.01), 1e-14);
    qsti_jump_relax_make(&(qst_relaxation){-expm1(-0.01), exp(-0.01 / 1.5), 0}, &relax);
    assert_false(relax.damps);
    assert_true(1 - relax.no_event < 0.04);
    qsti_jump_relax_make(&(qst_relaxation){-expm1(-0.01), exp(-0.01 / 2), 0}, &relax);
    assert_true(relax.damps);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_channel), cmocka_unit_test(test_ways)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
