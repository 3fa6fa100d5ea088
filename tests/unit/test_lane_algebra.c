/* test_lane_algebra.c: columns and triples of lanes against complex matrices, on the processor's instruction sets. */
#include "kernels/lane_algebra.h"

#include <complex.h>
#include <math.h>

#include "ref/ref.h"
#include "support/support.h"

#define LANES 16

typedef double complex matrix[2][2];

static matrix paulis[3] = {{{0, 1}, {1, 0}}, {{0, -I}, {I, 0}}, {{1, 0}, {0, -1}}};

static void multiply(matrix a, matrix b, matrix out)
{
    matrix product;
    for (int i = 0; i < 2; i++)
        for (int j = 0; j < 2; j++)
            product[i][j] = a[i][0] * b[0][j] + a[i][1] * b[1][j];
    memcpy(out, product, sizeof product);
}

/* exp(-i t P / 2) from the cosine and sine of t/2. */
static void rotation(int axis, double c, double s, matrix out)
{
    for (int i = 0; i < 2; i++)
        for (int j = 0; j < 2; j++)
            out[i][j] = c * (i == j) - I * s * paulis[axis][i][j];
}

static void from_quaternion(const double q[4], matrix out)
{
    double complex a = q[0] + I * q[1], b = q[2] + I * q[3];
    out[0][0] = a;
    out[0][1] = -conj(b);
    out[1][0] = b;
    out[1][1] = conj(a);
}

static void random_quaternion(ref_rng *rng, double q[4])
{
    double norm = 0;
    for (int i = 0; i < 4; i++) {
        q[i] = ref_uniform(rng, -1, 1);
        norm += q[i] * q[i];
    }
    for (int i = 0; i < 4; i++)
        q[i] /= sqrt(norm);
}

/* Random columns, one a lane, and half angles. */
typedef struct lanes {
    double column[4 * LANES], cosine[LANES], sine[LANES], triple[3 * LANES];
} lanes;

static lanes draw(ref_rng *rng)
{
    lanes of;
    for (size_t lane = 0; lane < LANES; lane++) {
        double q[4], half = ref_uniform(rng, -4, 4);
        random_quaternion(rng, q);
        for (size_t i = 0; i < 4; i++)
            of.column[i * LANES + lane] = q[i];
        of.cosine[lane] = cos(half);
        of.sine[lane] = sin(half);
    }
    ref_fill(rng, -1, 1, of.triple, 3 * LANES);
    return of;
}

static void assert_column(const double *column, size_t lane, const double complex want[2])
{
    assert_close(column[lane], creal(want[0]), 1e-15);
    assert_close(column[LANES + lane], cimag(want[0]), 1e-15);
    assert_close(column[2 * LANES + lane], creal(want[1]), 1e-15);
    assert_close(column[3 * LANES + lane], cimag(want[1]), 1e-15);
}

static void columns(void **state)
{
    (void)state;
    const qsti_lane_algebra *algebra = qsti_lane_algebra_chosen();
    ref_rng rng = {1};
    for (int turn = 0; turn < 60; turn++) {
        lanes of = draw(&rng), turned = of, begun = of, multiplied = of;
        int axis = turn % 3;
        bool minus = turn % 2;
        double q[4];
        random_quaternion(&rng, q);
        algebra->turn_column[axis](turned.column, LANES, minus, of.cosine, of.sine);
        algebra->begin_column[axis](begun.column, LANES, minus, of.cosine, of.sine);
        algebra->multiply_column(multiplied.column, LANES, q);
        for (size_t lane = 0; lane < LANES; lane++) {
            double complex a = of.column[lane] + I * of.column[LANES + lane];
            double complex b = of.column[2 * LANES + lane] + I * of.column[3 * LANES + lane];
            matrix r, m;
            rotation(axis, of.cosine[lane], minus ? -of.sine[lane] : of.sine[lane], r);
            from_quaternion(q, m);
            assert_column(turned.column, lane,
                          (double complex[2]){r[0][0] * a + r[0][1] * b, r[1][0] * a + r[1][1] * b});
            assert_column(begun.column, lane, (double complex[2]){r[0][0], r[1][0]});
            assert_column(multiplied.column, lane,
                          (double complex[2]){m[0][0] * a + m[0][1] * b, m[1][0] * a + m[1][1] * b});
        }
    }
}

/* The triple g of numbers tr(G Q), G = sum_Q g_Q Q / 2, in front of U: tr(G U Q U^-1). */
static void assert_carried(const double *before, const double *after, size_t lane, matrix u)
{
    matrix back = {{conj(u[0][0]), conj(u[1][0])}, {conj(u[0][1]), conj(u[1][1])}}, g = {{0, 0}, {0, 0}};
    for (int p = 0; p < 3; p++)
        for (int i = 0; i < 4; i++)
            g[i / 2][i % 2] += before[(size_t)p * LANES + lane] * paulis[p][i / 2][i % 2] / 2;
    for (int p = 0; p < 3; p++) {
        matrix m;
        multiply(u, paulis[p], m);
        multiply(m, back, m);
        multiply(g, m, m);
        assert_close(after[(size_t)p * LANES + lane], creal(m[0][0] + m[1][1]), 2e-15);
    }
}

static void triples(void **state)
{
    (void)state;
    const qsti_lane_algebra *algebra = qsti_lane_algebra_chosen();
    ref_rng rng = {2};
    for (int turn = 0; turn < 60; turn++) {
        lanes of = draw(&rng), unturned = of, unmultiplied = of;
        int axis = turn % 3;
        bool minus = turn % 2;
        double q[4];
        random_quaternion(&rng, q);
        algebra->unturn_triple[axis](unturned.triple, LANES, minus, of.cosine, of.sine);
        algebra->unmultiply_triple(unmultiplied.triple, LANES, q);
        for (size_t lane = 0; lane < LANES; lane++) {
            matrix u;
            rotation(axis, of.cosine[lane], minus ? -of.sine[lane] : of.sine[lane], u);
            assert_carried(of.triple, unturned.triple, lane, u);
            from_quaternion(q, u);
            assert_carried(of.triple, unmultiplied.triple, lane, u);
        }
    }
}

/* Im<w|P|v> with the bra given as its two numbers (A, B). */
static void meetings(void **state)
{
    (void)state;
    ref_rng rng = {3};
    for (int turn = 0; turn < 20; turn++) {
        lanes of = draw(&rng);
        double contracted[4 * LANES], triple[3 * LANES];
        ref_fill(&rng, -1, 1, contracted, 4 * LANES);
        qsti_lane_algebra_chosen()->meet_column(of.column, contracted, LANES, triple);
        for (size_t lane = 0; lane < LANES; lane++) {
            double complex v[2], bra[2];
            for (size_t i = 0; i < 2; i++) {
                v[i] = of.column[2 * i * LANES + lane] + I * of.column[(2 * i + 1) * LANES + lane];
                bra[i] = contracted[2 * i * LANES + lane] + I * contracted[(2 * i + 1) * LANES + lane];
            }
            for (int p = 0; p < 3; p++) {
                double complex sum = 0;
                for (int i = 0; i < 4; i++)
                    sum += bra[i / 2] * paulis[p][i / 2][i % 2] * v[i % 2];
                assert_close(triple[(size_t)p * LANES + lane], cimag(sum), 1e-15);
            }
        }
    }
}

/* Sums and products of lanes, with ones in the place of what is not given. */
static void products(void **state)
{
    (void)state;
    const qsti_lane_algebra *algebra = qsti_lane_algebra_chosen();
    ref_rng rng = {5};
    for (size_t n = 8; n <= LANES; n += 8) {
        double a[LANES], b[LANES], from[LANES];
        ref_fill(&rng, -1, 1, a, LANES);
        ref_fill(&rng, -1, 1, b, LANES);
        ref_fill(&rng, -1, 1, from, LANES);
        for (unsigned given = 0; given < 4; given++) {
            double to[LANES];
            memcpy(to, from, sizeof to);
            algebra->add_product(to, n, 0.75, given & 1 ? a : NULL, given & 2 ? b : NULL);
            for (size_t lane = 0; lane < LANES; lane++) {
                double more = 0.75 * (given & 1 ? a[lane] : 1) * (given & 2 ? b[lane] : 1);
                assert_close(to[lane], from[lane] + (lane < n ? more : 0), 1e-15);
            }
        }
        double sum = 0, dot = 0;
        for (size_t lane = 0; lane < n; lane++) {
            sum += a[lane];
            dot += a[lane] * b[lane];
        }
        assert_close(algebra->sum_product(n, a, NULL), sum, 1e-14);
        assert_close(algebra->sum_product(n, a, b), dot, 1e-14);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(columns),
        cmocka_unit_test(triples),
        cmocka_unit_test(meetings),
        cmocka_unit_test(products),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
