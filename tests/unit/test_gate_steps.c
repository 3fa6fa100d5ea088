/* test_gate_steps.c: the steps of every gate against its matrix, global phase included.
 *
 * The steps are carried out here by their definition in circuit/steps.h, on the reference simulator's matrices; nothing
 * of the library but the table is used. */
#include "circuit/steps.h"
#include "ref/ref.h"
#include "support/support.h"

/* state = exp(-i t P / 2) state, P of the gate's qubits (x, z), standing on qubits[]. */
static void rotate(ref_complex *state, size_t n, const qsti_step *step, double t, const size_t *qubits)
{
    size_t n_states = (size_t)1 << n;
    ref_complex image[32], matrix[REF_MAX_GATE_STATES * REF_MAX_GATE_STATES];
    memcpy(image, state, n_states * sizeof *image);
    for (size_t k = 0; k < QST_MAX_GATE_QUBITS; k++) {
        bool x = step->x >> k & 1, z = step->z >> k & 1;
        if (x || z) {
            ref_gate_matrix(x ? z ? "y" : "x" : "z", NULL, matrix);
            ref_apply(image, n, matrix, 1, &qubits[k]);
        }
    }
    for (size_t i = 0; i < n_states; i++)
        state[i] = cos(t / 2) * state[i] - I * sin(t / 2) * image[i];
}

static void apply_step(ref_complex *state, size_t n, const qsti_step *step, const double *angles, const size_t *qubits)
{
    ref_complex matrix[REF_MAX_GATE_STATES * REF_MAX_GATE_STATES];
    double t = step->constant;
    for (size_t i = 0; i < QST_MAX_GATE_ANGLES; i++)
        t += step->coefficient[i] * angles[i];
    switch ((qsti_step_kind)step->kind) {
    case QSTI_STEP_ROTATION:
        rotate(state, n, step, t, qubits);
        break;
    case QSTI_STEP_CX:
        ref_gate_matrix("cx", NULL, matrix);
        ref_apply(state, n, matrix, 2, (size_t[]){qubits[step->a], qubits[step->b]});
        break;
    case QSTI_STEP_SWAP:
        ref_gate_matrix("swap", NULL, matrix);
        ref_apply(state, n, matrix, 2, (size_t[]){qubits[step->a], qubits[step->b]});
        break;
    case QSTI_STEP_X:
        ref_gate_matrix("x", NULL, matrix);
        ref_apply(state, n, matrix, 1, &qubits[step->a]);
        break;
    case QSTI_STEP_PHASE:
        for (size_t i = 0; i < (size_t)1 << n; i++)
            state[i] *= cexp(I * t);
        break;
    }
}

/* The largest difference between the steps and the matrix on one random state. */
static double difference(ref_rng *rng, qst_gate gate, size_t n, const size_t *qubits)
{
    const qst_gate_info *info = qst_gate_describe(gate);
    ref_complex by_steps[32], by_matrix[32], matrix[REF_MAX_GATE_STATES * REF_MAX_GATE_STATES];
    double angles[QST_MAX_GATE_ANGLES], norm = 0, worst = 0;
    size_t n_steps, n_states = (size_t)1 << n;
    const qsti_step *steps = qsti_gate_steps(gate, &n_steps);

    ref_fill(rng, -13, 13, angles, QST_MAX_GATE_ANGLES);
    for (size_t i = 0; i < n_states; i++) {
        by_matrix[i] = ref_uniform(rng, -1, 1) + I * ref_uniform(rng, -1, 1);
        norm += creal(by_matrix[i] * conj(by_matrix[i]));
    }
    for (size_t i = 0; i < n_states; i++)
        by_steps[i] = by_matrix[i] /= sqrt(norm);
    ref_gate_matrix(info->name, angles, matrix);
    ref_apply(by_matrix, n, matrix, (size_t)info->n_qubits, qubits);
    for (size_t i = 0; i < n_steps; i++)
        apply_step(by_steps, n, &steps[i], angles, qubits);
    for (size_t i = 0; i < n_states; i++)
        worst = fmax(worst, cabs(by_steps[i] - by_matrix[i]));
    return worst;
}

static void steps_are_the_matrix_on_all_qubits(void **state)
{
    (void)state;
    ref_rng rng = {11};
    size_t count = 0, qubits[QST_MAX_GATE_QUBITS];
    for (int gate = 0; gate < QST_GATE_COUNT; gate++) {
        size_t k = (size_t)qst_gate_describe((qst_gate)gate)->n_qubits;
        for (size_t n = 1; n <= 5; n++) {
            for (size_t code = 0; code < ref_tuple_codes(n, k); code++) {
                if (ref_tuple(n, k, code, qubits)) {
                    assert_close(difference(&rng, (qst_gate)gate, n, qubits), 0, 1e-14);
                    count++;
                }
            }
        }
    }
    assert_true(count > 1500);
}

static void steps_are_the_matrix_for_many_angles(void **state)
{
    (void)state;
    ref_rng rng = {12};
    const size_t qubits[] = {0, 1, 2, 3, 4};
    for (int gate = 0; gate < QST_GATE_COUNT; gate++) {
        size_t n = (size_t)qst_gate_describe((qst_gate)gate)->n_qubits;
        for (int repeat = 0; repeat < 50; repeat++)
            assert_close(difference(&rng, (qst_gate)gate, n, qubits), 0, 1e-14);
    }
}

/* Masks and indices stay on the gate's qubits, coefficients on its angles, no rotation is about the identity. */
static void steps_are_well_formed(void **state)
{
    (void)state;
    for (int gate = 0; gate < QST_GATE_COUNT; gate++) {
        const qst_gate_info *info = qst_gate_describe((qst_gate)gate);
        size_t n_steps;
        const qsti_step *steps = qsti_gate_steps((qst_gate)gate, &n_steps);
        assert_true(n_steps >= 1);
        for (size_t i = 0; i < n_steps; i++) {
            const qsti_step *step = &steps[i];
            assert_int_equal((step->x | step->z) >> info->n_qubits, 0);
            assert_int_equal(step->kind == QSTI_STEP_ROTATION, (step->x | step->z) != 0);
            assert_true(step->kind == QSTI_STEP_ROTATION || step->kind == QSTI_STEP_PHASE || step->a < info->n_qubits);
            assert_true(step->b < (info->n_qubits ? info->n_qubits : 1));
            for (int k = info->n_angles; k < QST_MAX_GATE_ANGLES; k++)
                assert_close(step->coefficient[k], 0, 0);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(steps_are_the_matrix_on_all_qubits),
        cmocka_unit_test(steps_are_the_matrix_for_many_angles),
        cmocka_unit_test(steps_are_well_formed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
