/* test_weyl.c: the form of Cartan: it is the unitary, and in the chamber, also where coordinates coincide. */
#include "ref/ref.h"
#include "support/support.h"
#include "transpile/weyl.h"

static qsti_su2 random_local(ref_rng *rng)
{
    const qsti_su2 u = {ref_uniform(rng, -1, 1), ref_uniform(rng, -1, 1), ref_uniform(rng, -1, 1),
                        ref_uniform(rng, -1, 1)};
    return qsti_su2_product(u, qsti_su2_one());
}

/* Coordinates of eighths of pi, some 0, some equal, or any. */
static double random_coordinate(ref_rng *rng, uint64_t kind)
{
    if (kind % 3 == 0)
        return ref_uniform(rng, -4, 4);
    return ref_below(rng, 2) ? ((double)ref_below(rng, 17) - 8) * QSTI_PI / 8 : 0;
}

static void any_unitary(void **state)
{
    (void)state;
    ref_rng rng = {5};
    for (uint64_t i = 0; i < 20000; i++) {
        qsti_cartan form = {.phase = ref_uniform(&rng, -3, 3)}, found, moved;
        qsti_matrix4 matrix, again;
        for (int k = 0; k < 3; k++)
            form.c[k] = random_coordinate(&rng, i);
        if (i % 5 == 0)
            form.c[1] = form.c[0];
        for (int q = 0; q < 2; q++) {
            form.left[q] = i % 7 == 0 ? qsti_su2_one() : random_local(&rng);
            form.right[q] = i % 7 == 0 ? qsti_su2_one() : random_local(&rng);
        }
        qsti_cartan_matrix(&form, &matrix);
        qsti_cartan_of(&matrix, &found);
        qsti_cartan_matrix(&found, &again);
        for (int row = 0; row < 4; row++) {
            for (int column = 0; column < 4; column++)
                assert_close(cabs(matrix.at[row][column] - again.at[row][column]), 0, 2e-14);
        }
        moved = form;
        qsti_cartan_normalise(&moved);
        for (int k = 0; k < 3; k++)
            assert_close(found.c[k], moved.c[k], 1e-7); /* equal coordinates are roots of a double root */
        assert_true(found.c[0] <= QSTI_PI / 4 && found.c[0] >= found.c[1] && found.c[1] >= fabs(found.c[2]));
        assert_true(found.c[0] < QSTI_PI / 4 || found.c[2] >= 0);
    }
}

/* The number of CX of known gates [shende2004]. */
static void known_gates(void **state)
{
    (void)state;
    const struct {
        const char *name;
        double angle;
        int cx, mirrored;
    } gates[] = {{"cx", 0, 1, 2},    {"cz", 0, 1, 2},    {"ecr", 0, 1, 2},  {"swap", 0, 3, 0},
                 {"iswap", 0, 2, 1}, {"rzz", 0.3, 2, 3}, {"cp", 0.7, 2, 3}, {"crx", -0.2, 2, 3},
                 {"rzz", 0, 0, 3},   {"ch", 0, 1, 2},    {"csx", 0, 2, 3},  {"rzz", 1.57079632679489661923, 1, 2}};
    for (size_t i = 0; i < sizeof gates / sizeof *gates; i++) {
        static ref_complex flat[REF_MAX_GATE_STATES * REF_MAX_GATE_STATES];
        qsti_matrix4 matrix;
        qsti_cartan form;
        double mirrored[3];
        assert_int_equal(ref_gate_matrix(gates[i].name, &gates[i].angle, flat), 2);
        for (int row = 0; row < 4; row++) {
            for (int column = 0; column < 4; column++)
                matrix.at[row][column] = flat[4 * row + column];
        }
        qsti_cartan_of(&matrix, &form);
        qsti_weyl_mirror(form.c, mirrored);
        if (qsti_weyl_cx(form.c) != gates[i].cx || qsti_weyl_cx(mirrored) != gates[i].mirrored)
            fail_msg("%s: %d and %d", gates[i].name, qsti_weyl_cx(form.c), qsti_weyl_cx(mirrored));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(any_unitary), cmocka_unit_test(known_gates)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
