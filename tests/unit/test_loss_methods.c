/* test_loss_methods.c: the laws of the losses beyond ce, kd and the squared errors: gradients by central differences,
 * fixed points, what must change nothing, and how they hang together. Numbers: tests/golden/test_golden_loss_methods.c.
 */
#include "support/support.h"

#include "base/rng.h"
#include "learn/losses/losses.h"

#define MAX_ROWS    16
#define MAX_CLASSES 16

static qst_ctx *ctx;

static int set_up(void **state)
{
    (void)state;
    ctx = support_ctx(1);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    qst_ctx_free(ctx);
    return 0;
}

typedef struct example {
    size_t n_rows, n_cols;
    double student[MAX_ROWS * MAX_CLASSES], teacher[MAX_ROWS * MAX_CLASSES], gradient[MAX_ROWS * MAX_CLASSES];
    int64_t labels[MAX_ROWS];
    qst_loss_parameters parameters;
    qst_loss_input input;
    qst_loss_terms terms;
} example;

static void draw(double *out, size_t n, uint32_t stream)
{
    qsti_rng rng = qsti_rng_init(11, QSTI_PURPOSE_TEST, stream, 0);
    for (size_t i = 0; i < n; i++) {
        out[i] = 3 * (2 * qsti_rng_uniform(&rng) - 1);
    }
}

/* Rows of scores to rows that are above 0 and sum to 1. */
static void make_distributions(double *rows, size_t n_rows, size_t n_cols)
{
    for (size_t i = 0; i < n_rows; i++) {
        double sum = 0;
        for (size_t c = 0; c < n_cols; c++) {
            sum += rows[i * n_cols + c] = exp(rows[i * n_cols + c]);
        }
        for (size_t c = 0; c < n_cols; c++) {
            rows[i * n_cols + c] /= sum;
        }
    }
}

/* Rows to rows of norm 1. */
static void make_states(double *rows, size_t n_rows, size_t n_cols)
{
    for (size_t i = 0; i < n_rows; i++) {
        double norm = sqrt(qsti_loss_dot(rows + i * n_cols, rows + i * n_cols, n_cols));
        for (size_t c = 0; c < n_cols; c++) {
            rows[i * n_cols + c] /= norm;
        }
    }
}

static bool takes_distributions(qst_loss loss)
{
    return qst_loss_describe(loss)->takes == QST_TAKES_PROBABILITIES;
}

static void point_input(example *e)
{
    e->input.student = (qst_const_matrix){e->student, e->n_rows, e->n_cols};
    e->input.teacher = (qst_const_matrix){e->teacher, e->n_rows, e->n_cols};
    e->input.labels = e->labels;
    e->input.parameters = &e->parameters;
}

/* Scores as the loss takes them, labels 0, 1, 2 ..., alpha 1. */
static void make_example(example *e, qst_loss loss, size_t n_rows, size_t n_cols)
{
    *e = (example){.n_rows = n_rows, .n_cols = n_cols, .parameters = qst_loss_parameters_default()};
    draw(e->student, n_rows * n_cols, 1);
    draw(e->teacher, n_rows * n_cols, 2);
    if (takes_distributions(loss)) {
        make_distributions(e->student, n_rows, n_cols);
        make_distributions(e->teacher, n_rows, n_cols);
    }
    if (qst_loss_describe(loss)->takes == QST_TAKES_STATES) {
        make_states(e->student, n_rows, n_cols);
        make_states(e->teacher, n_rows, n_cols);
    }
    for (size_t i = 0; i < n_rows; i++) {
        e->labels[i] = (int64_t)(i % n_cols);
    }
    e->input = (qst_loss_input){.temperature = 2, .alpha = 1};
    point_input(e);
}

static double evaluate(example *e, qst_loss loss)
{
    point_input(e);
    assert_ok(ctx, qst_loss_evaluate(ctx, loss, &e->input, &e->terms, (qst_matrix){e->gradient, e->n_rows, e->n_cols}));
    return e->terms.loss;
}

static bool has_teacher(qst_loss loss)
{
    return qst_loss_describe(loss)->needs_teacher;
}

/* --- gradients ---------------------------------------------------------------------------------------------------- */

static void compare_with_differences(example *e, qst_loss loss)
{
    const double h = 1e-6, tolerance = takes_distributions(loss) ? 1e-6 : 1e-7; /* these bend most where P_S is small */
    double expected[MAX_ROWS * MAX_CLASSES], largest = 0;
    evaluate(e, loss);
    memcpy(expected, e->gradient, sizeof expected);
    for (size_t i = 0; i < e->n_rows * e->n_cols; i++) {
        double z = e->student[i];
        e->student[i] = z + h;
        double above = evaluate(e, loss);
        e->student[i] = z - h;
        double below = evaluate(e, loss);
        e->student[i] = z;
        assert_close(expected[i], (above - below) / (2 * h), tolerance * fmax(1, fabs(expected[i])));
        largest = fmax(largest, fabs(expected[i]));
    }
    assert_true(largest > 1e-4);
}

static void gradients_by_differences(void **state)
{
    (void)state;
    for (int i = 0; i < QST_LOSS_COUNT; i++) {
        for (int variant = 0; variant < 6; variant++) {
            const size_t rows[] = {7, 4, 3}, classes[] = {4, 8, 4};
            example e;
            make_example(&e, (qst_loss)i, rows[variant % 3], classes[variant % 3]);
            e.input.reduction = (qst_reduction)(variant / 3);
            e.input.alpha = variant % 2 ? 0.3 : 1;
            e.input.temperature = 0.7 + variant;
            e.labels[1] = variant % 2 ? -1 : 2;
            e.parameters = (qst_loss_parameters){.delta = 0.8,
                                                 .target = 0.6,
                                                 .nontarget = 2,
                                                 .inter = 0.7,
                                                 .intra = 1.3,
                                                 .width = 0.9,
                                                 .smoothing = 0.2,
                                                 .confidence = 0.8};
            compare_with_differences(&e, (qst_loss)i);
        }
    }
}

/* What is added to the gradient of another loss is the gradient, times the weight. */
static void functions_add_to_the_gradient(void **state)
{
    (void)state;
    for (int i = 0; i < QST_LOSS_COUNT; i++) {
        example e;
        size_t n_work = 0;
        make_example(&e, (qst_loss)i, 5, 4);
        double gradient[20], work[4096];
        const qst_loss_info *info = qst_loss_describe((qst_loss)i);
        e.input.alpha = info->needs_teacher || !(info->uses & QST_USES_alpha) ? 1 : e.input.alpha;
        evaluate(&e, (qst_loss)i);
        assert_true(qsti_loss_work((qst_loss)i, 5, 4, &n_work));
        assert_in_range(n_work, 1, 4096);
        for (size_t j = 0; j < 20; j++) {
            gradient[j] = 7;
        }
        const qsti_loss_batch batch = {.n_rows = 5,
                                       .n_cols = 4,
                                       .n_teacher_cols = 4,
                                       .student = e.student,
                                       .teacher = has_teacher((qst_loss)i) ? e.teacher : NULL,
                                       .labels = e.labels,
                                       .temperature = 2,
                                       .parameters = &e.parameters,
                                       .per_row = 0.2,
                                       .weight = 3,
                                       .gradient = gradient,
                                       .work = work};
        qsti_loss_result result;
        qsti_loss_function((qst_loss)i)(&batch, &result);
        assert_close(result.value, e.terms.loss, 1e-14 * fmax(1, fabs(e.terms.loss)));
        for (size_t j = 0; j < 20; j++) {
            assert_close(gradient[j] - 7, 3 * e.gradient[j], 1e-13);
        }
    }
}

/* --- fixed points ------------------------------------------------------------------------------------------------- */

/* Rule 21: no rounding is left where both are the same. */
static void its_own_copy_is_a_fixed_point(void **state)
{
    (void)state;
    for (int i = 0; i < QST_LOSS_COUNT; i++) {
        example e;
        make_example(&e, (qst_loss)i, 8, 8);
        if (!has_teacher((qst_loss)i)) {
            continue;
        }
        memcpy(e.teacher, e.student, sizeof e.teacher);
        assert_true(evaluate(&e, (qst_loss)i) == 0);
        for (size_t j = 0; j < 64; j++) {
            assert_true(e.gradient[j] == 0);
        }
    }
}

/* Next to it the losses are above 0, and keep their digits: they grow with the square of the distance, but for those
 * that grow with the distance itself. */
static void near_the_fixed_point_losses_are_squares(void **state)
{
    (void)state;
    for (int i = 0; i < QST_LOSS_COUNT; i++) {
        double values[2];
        if (!has_teacher((qst_loss)i)) {
            continue;
        }
        for (int k = 0; k < 2; k++) {
            example e;
            double step[64], size = k ? 2e-7 : 1e-7;
            make_example(&e, (qst_loss)i, 8, 8);
            draw(step, 64, 5);
            for (size_t j = 0; j < 64; j++) {
                double mean = 0;
                for (size_t c = 0; c < 8; c++) {
                    mean += step[j / 8 * 8 + c] / 8;
                }
                e.teacher[j] = e.student[j] + size * (step[j] - mean) * (takes_distributions((qst_loss)i) ? 1e-3 : 1);
            }
            if (i == QST_LOSS_similarity_fidelity) {
                make_states(e.teacher, 8, 8);
            }
            values[k] = evaluate(&e, (qst_loss)i);
        }
        assert_true(values[0] > 0);
        assert_close(values[1] / values[0], i == QST_LOSS_distribution_tvd ? 2 : 4, 1e-2);
    }
}

/* --- what changes nothing ----------------------------------------------------------------------------------------- */

static double of_twice_the_batch(const example *e, qst_loss loss)
{
    example twice = *e;
    size_t n = e->n_rows * e->n_cols;
    memcpy(twice.student + n, e->student, n * sizeof *e->student);
    memcpy(twice.teacher + n, e->teacher, n * sizeof *e->teacher);
    memcpy(twice.labels + e->n_rows, e->labels, e->n_rows * sizeof *e->labels);
    twice.n_rows = 2 * e->n_rows;
    return evaluate(&twice, loss);
}

/* Rule 2: means over samples. Similarity preserving divides by N^2 what has N terms of size 1: its paper has it so. */
static void batchmean(void **state)
{
    (void)state;
    for (int i = 0; i < QST_LOSS_COUNT; i++) {
        example e;
        make_example(&e, (qst_loss)i, 6, 4);
        e.input.alpha = 0.3;
        e.labels[2] = -1;
        bool halved = i == QST_LOSS_similarity_preserving || i == QST_LOSS_similarity_fidelity;
        e.input.alpha = halved ? 1 : 0.3;
        double once = evaluate(&e, (qst_loss)i), twice = of_twice_the_batch(&e, (qst_loss)i);
        assert_close(twice, halved ? once / 2 : once, 1e-13 * fmax(1, once));
        e.input.reduction = QST_REDUCE_SUM;
        e.labels[2] = 2;
        double sum = evaluate(&e, (qst_loss)i);
        e.input.reduction = QST_REDUCE_MEAN;
        assert_close(sum, 6 * evaluate(&e, (qst_loss)i), 1e-12 * fmax(1, fabs(sum)));
    }
}

/* The samples in another order: the same loss, and the gradient in that order. */
static void order_does_not_matter(void **state)
{
    (void)state;
    for (int i = 0; i < QST_LOSS_COUNT; i++) {
        example e, turned;
        make_example(&e, (qst_loss)i, 6, 4);
        turned = e;
        for (size_t row = 0; row < 6; row++) {
            memcpy(turned.student + (5 - row) * 4, e.student + row * 4, 4 * sizeof *e.student);
            memcpy(turned.teacher + (5 - row) * 4, e.teacher + row * 4, 4 * sizeof *e.teacher);
            turned.labels[5 - row] = e.labels[row];
        }
        assert_close(evaluate(&turned, (qst_loss)i), evaluate(&e, (qst_loss)i), 1e-13 * fmax(1, e.terms.loss));
        for (size_t j = 0; j < 24; j++) {
            assert_close(turned.gradient[(5 - j / 4) * 4 + j % 4], e.gradient[j], 1e-13);
        }
    }
}

/* Classes that neither believes in. */
static void outputs_of_probability_0_change_nothing(void **state)
{
    (void)state;
    const qst_loss losses[] = {QST_LOSS_distribution_kl,        QST_LOSS_distribution_js,  QST_LOSS_distribution_tvd,
                               QST_LOSS_distribution_hellinger, QST_LOSS_distribution_mmd, QST_LOSS_dkd};
    for (size_t i = 0; i < sizeof losses / sizeof *losses; i++) {
        example e, wide;
        make_example(&e, losses[i], 3, 4);
        wide = e;
        wide.n_cols = 8;
        for (size_t row = 0; row < 3; row++) {
            for (size_t c = 0; c < 8; c++) {
                double none = losses[i] == QST_LOSS_dkd ? -1e4 : 0;
                wide.student[row * 8 + c] = c < 4 ? e.student[row * 4 + c] : none;
                wide.teacher[row * 8 + c] = c < 4 ? e.teacher[row * 4 + c] : none;
            }
        }
        double value = evaluate(&e, losses[i]);
        assert_close(evaluate(&wide, losses[i]), value, 1e-14);
        for (size_t j = 0; j < 12; j++) {
            assert_close(wide.gradient[j / 4 * 8 + j % 4], e.gradient[j], 1e-14);
        }
    }
}

/* student -> factor * student + shift, of every row or, for `by_row`, another factor and shift each. */
static void stretch(example *e, double factor, double shift, bool by_row)
{
    for (size_t i = 0; i < e->n_rows * e->n_cols; i++) {
        double more = by_row ? 0.3 * (double)(i / e->n_cols) : 0;
        e->student[i] = (factor + more) * e->student[i] + shift * (1 + more);
    }
}

static void invariances(void **state)
{
    (void)state;
    const struct {
        qst_loss loss;
        double factor, shift;
        bool by_row;
    } laws[] = {
        {QST_LOSS_logit_standardization, 2.5, 1.5, true},
        {QST_LOSS_dist_raw, 2.5, 1.5, false},
        {QST_LOSS_rkd_distance, 2.5, 1.5, false},
        {QST_LOSS_rkd_angle, 2.5, 1.5, false},
        {QST_LOSS_pkt, 2.5, 0, true},
        {QST_LOSS_kernel_alignment, 2.5, 0, false},
        {QST_LOSS_similarity_preserving, 2.5, 0, false},
        {QST_LOSS_kd, 1, 1.5, true},
        {QST_LOSS_dkd, 1, 1.5, false},
        {QST_LOSS_dist, 1, 1.5, false},
    };
    for (size_t i = 0; i < sizeof laws / sizeof *laws; i++) {
        example e;
        make_example(&e, laws[i].loss, 6, 4);
        double before = evaluate(&e, laws[i].loss);
        if (laws[i].loss == QST_LOSS_kd) {
            for (size_t j = 0; j < 24; j++) {
                e.student[j] += (double)(j / 4);
            }
        } else {
            stretch(&e, laws[i].factor, laws[i].shift, laws[i].by_row);
        }
        assert_true(before > 1e-3);
        assert_close(evaluate(&e, laws[i].loss), before, 1e-13 * fmax(1, before));
    }
}

/* Turning all scores together changes no relation between samples. */
static void relations_do_not_see_rotations(void **state)
{
    (void)state;
    const qst_loss losses[] = {QST_LOSS_rkd_distance, QST_LOSS_rkd_angle, QST_LOSS_pkt, QST_LOSS_similarity_preserving,
                               QST_LOSS_kernel_alignment};
    for (size_t i = 0; i < sizeof losses / sizeof *losses; i++) {
        example e;
        make_example(&e, losses[i], 6, 4);
        double before = evaluate(&e, losses[i]);
        for (size_t row = 0; row < 6; row++) {
            double *z = e.student + row * 4, a = z[0], b = z[2];
            z[0] = cos(0.7) * a - sin(0.7) * b;
            z[2] = sin(0.7) * a + cos(0.7) * b;
        }
        assert_close(evaluate(&e, losses[i]), before, 1e-14);
    }
}

/* --- how they hang together --------------------------------------------------------------------------------------- */

/* KL = TCKD + (1 - p_T,y) NCKD, value and gradient, for every row and temperature. */
static void dkd_is_kd_taken_apart(void **state)
{
    (void)state;
    const double temperatures[] = {0.3, 1, 4, 50};
    for (size_t k = 0; k < 4 * 6; k++) {
        example e;
        double p[5], top = -INFINITY, sum = 0;
        make_example(&e, QST_LOSS_dkd, 6, 5);
        size_t row = k / 4;
        memmove(e.student, e.student + row * 5, 5 * sizeof *e.student);
        memmove(e.teacher, e.teacher + row * 5, 5 * sizeof *e.teacher);
        e.n_rows = 1;
        e.labels[0] = (int64_t)(k % 5);
        e.input.temperature = temperatures[k % 4];
        for (size_t c = 0; c < 5; c++) {
            top = fmax(top, e.teacher[c]);
        }
        for (size_t c = 0; c < 5; c++) {
            sum += p[c] = exp((e.teacher[c] - top) / e.input.temperature);
        }
        e.parameters.target = 1;
        e.parameters.nontarget = 1 - p[k % 5] / sum;
        double whole = evaluate(&e, QST_LOSS_dkd), gradient[5];
        double unscaled = e.terms.soft;
        memcpy(gradient, e.gradient, sizeof gradient);
        assert_close(whole, evaluate(&e, QST_LOSS_kd), 1e-13 * fmax(1, whole));
        assert_close(unscaled, e.terms.soft, 1e-14 * fmax(1, unscaled));
        for (size_t c = 0; c < 5; c++) {
            assert_close(gradient[c], e.gradient[c], 1e-13);
        }
    }
}

/* A row without a label takes the teacher's best class. */
static void dkd_without_a_label(void **state)
{
    (void)state;
    example e;
    make_example(&e, QST_LOSS_dkd, 6, 5);
    for (size_t i = 0; i < 6; i++) {
        e.labels[i] = 0;
        for (size_t c = 1; c < 5; c++) {
            e.labels[i] = e.teacher[i * 5 + c] > e.teacher[i * 5 + (size_t)e.labels[i]] ? (int64_t)c : e.labels[i];
        }
    }
    double expected = evaluate(&e, QST_LOSS_dkd);
    for (size_t i = 0; i < 6; i++) {
        e.labels[i] = -1;
    }
    assert_true(evaluate(&e, QST_LOSS_dkd) == expected);
}

static void huber_far_and_near(void **state)
{
    (void)state;
    example e;
    make_example(&e, QST_LOSS_huber, 6, 5);
    double squares = evaluate(&e, QST_LOSS_logit_mse), sizes = 0;
    for (size_t i = 0; i < 30; i++) {
        sizes += fabs(e.student[i] - e.teacher[i]) / 6;
    }
    e.parameters.delta = 100;
    assert_close(evaluate(&e, QST_LOSS_huber), squares / 2, 1e-13);
    e.parameters.delta = 1e-9;
    assert_close(evaluate(&e, QST_LOSS_huber) / 1e-9, sizes, 1e-7);
}

/* With a = 1 - e + e/C the two controls pull alike at T = 1; without smoothing there is only the label. */
static void controls_without_a_teacher(void **state)
{
    (void)state;
    example e;
    double gradient[30];
    make_example(&e, QST_LOSS_label_smoothing, 6, 5);
    e.parameters.smoothing = 0.3;
    e.parameters.confidence = 0.7 + 0.3 / 5;
    e.input.temperature = 1;
    e.labels[3] = -1;
    evaluate(&e, QST_LOSS_label_smoothing);
    assert_true(isnan(e.terms.soft) && e.terms.hard == e.terms.loss);
    memcpy(gradient, e.gradient, sizeof gradient);
    evaluate(&e, QST_LOSS_tf_kd);
    for (size_t i = 0; i < 30; i++) {
        assert_close(e.gradient[i], gradient[i], 1e-15);
    }
    e.parameters.smoothing = 0;
    double plain = evaluate(&e, QST_LOSS_label_smoothing);
    assert_close(plain, evaluate(&e, QST_LOSS_ce), 1e-15);
}

/* alpha = 0 has the bits of ce, and every loss with alpha is the mixture. */
static void alpha_mixes(void **state)
{
    (void)state;
    for (int i = 0; i < QST_LOSS_COUNT; i++) {
        example e;
        double hard[24], soft[24];
        make_example(&e, (qst_loss)i, 6, 4);
        if (!(qst_loss_describe((qst_loss)i)->uses & QST_USES_alpha)) {
            continue;
        }
        double ce = evaluate(&e, QST_LOSS_ce);
        memcpy(hard, e.gradient, sizeof hard);
        double part = evaluate(&e, (qst_loss)i);
        memcpy(soft, e.gradient, sizeof soft);
        e.input.alpha = 0;
        assert_true(evaluate(&e, (qst_loss)i) == ce);
        assert_memory_equal(e.gradient, hard, sizeof hard);
        e.input.alpha = 0.25;
        assert_close(evaluate(&e, (qst_loss)i), 0.75 * ce + 0.25 * part, 1e-14 * fmax(1, part));
        assert_close(e.terms.hard, ce, 1e-15);
        for (size_t j = 0; j < 24; j++) {
            assert_close(e.gradient[j], 0.75 * hard[j] + 0.25 * soft[j], 1e-14);
        }
    }
}

/* Rule 12: at alpha = 1 labels have no influence, but for those that are made of them. */
static void labels_do_not_matter_at_alpha_1(void **state)
{
    (void)state;
    for (int i = 0; i < QST_LOSS_COUNT; i++) {
        example e;
        double gradient[24];
        make_example(&e, (qst_loss)i, 6, 4);
        if (!has_teacher((qst_loss)i) || i == QST_LOSS_dkd) {
            continue;
        }
        double value = evaluate(&e, (qst_loss)i);
        memcpy(gradient, e.gradient, sizeof gradient);
        for (size_t j = 0; j < 6; j++) {
            e.labels[j] = j % 2 ? -1 : 3;
        }
        assert_true(evaluate(&e, (qst_loss)i) == value);
        assert_memory_equal(e.gradient, gradient, sizeof gradient);
    }
}

/* --- distributions ------------------------------------------------------------------------------------------------ */

static void set_pair(example *e, qst_loss loss, const double *p, const double *q, size_t n)
{
    make_example(e, loss, 1, n);
    memcpy(e->teacher, p, n * sizeof *p);
    memcpy(e->student, q, n * sizeof *q);
}

static double between(qst_loss loss, const double *p, const double *q, size_t n)
{
    example e;
    set_pair(&e, loss, p, q, n);
    return evaluate(&e, loss);
}

/* Rule 4, and the extremes. */
static void distances_of_distributions(void **state)
{
    (void)state;
    const double p[2] = {0.9, 0.1}, q[2] = {0.5, 0.5}, left[2] = {1, 0}, right[2] = {0, 1};
    assert_close(between(QST_LOSS_distribution_kl, p, q, 2), 0.368064, 5e-7);
    assert_close(between(QST_LOSS_distribution_kl, q, p, 2), 0.510826, 5e-7);
    assert_close(between(QST_LOSS_distribution_js, p, q, 2), between(QST_LOSS_distribution_js, q, p, 2), 1e-16);
    assert_close(between(QST_LOSS_distribution_tvd, p, q, 2), 0.4, 1e-15);
    assert_close(between(QST_LOSS_distribution_hellinger, p, q, 2), 1 - sqrt(0.45) - sqrt(0.05), 1e-15);
    assert_close(between(QST_LOSS_distribution_js, left, right, 2), log(2), 1e-15);
    assert_close(between(QST_LOSS_distribution_tvd, left, right, 2), 1, 0);
    assert_close(between(QST_LOSS_distribution_hellinger, left, right, 2), 1, 0);
    assert_close(between(QST_LOSS_distribution_kl, left, right, 2), -log(1e-12), 1e-10);
}

/* Pinsker, and Hellinger between the squares of the total variation. */
static void inequalities(void **state)
{
    (void)state;
    for (uint32_t k = 0; k < 100; k++) {
        double p[8], q[8];
        draw(p, 8, 100 + 2 * k);
        draw(q, 8, 101 + 2 * k);
        make_distributions(p, 1, 8);
        make_distributions(q, 1, 8);
        double kl = between(QST_LOSS_distribution_kl, p, q, 8), tvd = between(QST_LOSS_distribution_tvd, p, q, 8);
        double js = between(QST_LOSS_distribution_js, p, q, 8);
        double hellinger = between(QST_LOSS_distribution_hellinger, p, q, 8);
        assert_true(tvd <= sqrt(kl / 2));
        assert_true(hellinger <= tvd && tvd <= sqrt(2 * hellinger));
        assert_true(js <= log(2) * tvd && js >= 0);
        assert_true(between(QST_LOSS_distribution_mmd, p, q, 8) > 0);
    }
}

/* A narrow kernel sees each bitstring alone; a wide one none of them. */
static void mmd_from_narrow_to_wide(void **state)
{
    (void)state;
    example e;
    double squares = 0;
    make_example(&e, QST_LOSS_distribution_mmd, 1, 16);
    for (size_t b = 0; b < 16; b++) {
        squares += pow(e.student[b] - e.teacher[b], 2);
    }
    e.parameters.width = 0.01;
    assert_close(evaluate(&e, QST_LOSS_distribution_mmd), squares, 1e-16);
    e.parameters.width = 1e6;
    assert_close(evaluate(&e, QST_LOSS_distribution_mmd), 0, 1e-11);
}

/* A distribution may be 0 somewhere, on either side. */
static void zeros_give_numbers(void **state)
{
    (void)state;
    const double p[4] = {0.5, 0, 0.5, 0}, q[4] = {0, 0.5, 0.5, 0};
    for (int i = QST_LOSS_distribution_kl; i <= QST_LOSS_distribution_mmd; i++) {
        example e;
        set_pair(&e, (qst_loss)i, p, q, 4);
        assert_true(isfinite(evaluate(&e, (qst_loss)i)) && e.terms.loss > 0);
        for (size_t c = 0; c < 4; c++) {
            assert_true(isfinite(e.gradient[c]));
        }
    }
}

/* --- what has no direction ---------------------------------------------------------------------------------------- */

static void flat_rows_are_counted(void **state)
{
    (void)state;
    const qst_loss losses[] = {QST_LOSS_logit_standardization, QST_LOSS_dist_raw, QST_LOSS_dist};
    for (size_t i = 0; i < 3; i++) {
        example e;
        make_example(&e, losses[i], 6, 4);
        e.parameters.intra = 0;
        for (size_t c = 0; c < 4; c++) {
            e.student[4 + c] = 0.1;
            e.teacher[12 + c] = 0.3;
        }
        assert_true(evaluate(&e, losses[i]) > 0);
        assert_int_equal(e.terms.n_skipped, 2);
        for (size_t c = 0; c < 4; c++) {
            assert_true(e.gradient[4 + c] == 0 && e.gradient[12 + c] == 0 && isfinite(e.gradient[c]));
        }
    }
}

/* All samples at one place, at 0, or only one sample. */
static void nothing_to_relate(void **state)
{
    (void)state;
    for (int i = QST_LOSS_dist; i <= QST_LOSS_kernel_alignment; i++) {
        for (int kind = 0; kind < 3; kind++) {
            example e;
            if (qst_loss_describe((qst_loss)i)->takes == QST_TAKES_STATES) {
                continue; /* which are never 0 */
            }
            make_example(&e, (qst_loss)i, kind == 2 ? 1 : 5, 4);
            for (size_t j = 0; j < e.n_rows * 4 && kind < 2; j++) {
                e.student[j] = kind == 0 ? 0 : (double)(j % 4);
            }
            assert_true(isfinite(evaluate(&e, (qst_loss)i)));
            for (size_t j = 0; j < e.n_rows * 4; j++) {
                assert_true(isfinite(e.gradient[j]));
            }
        }
    }
}

static void large_scores(void **state)
{
    (void)state;
    const qst_loss losses[] = {QST_LOSS_dkd,   QST_LOSS_logit_standardization,
                               QST_LOSS_tf_kd, QST_LOSS_label_smoothing,
                               QST_LOSS_dist,  QST_LOSS_huber};
    for (size_t i = 0; i < sizeof losses / sizeof *losses; i++) {
        example e;
        make_example(&e, losses[i], 5, 4);
        for (size_t j = 0; j < 20; j++) {
            e.student[j] *= 1e4;
            e.teacher[j] *= -1e4;
        }
        assert_true(isfinite(evaluate(&e, losses[i])) && e.terms.loss > 0);
        for (size_t j = 0; j < 20; j++) {
            assert_true(isfinite(e.gradient[j]));
        }
    }
}

/* A phase of each state, and another basis for all of them, change no fidelity. */
static void fidelities_do_not_see_phases(void **state)
{
    (void)state;
    example e;
    make_example(&e, QST_LOSS_similarity_fidelity, 6, 8);
    double before = evaluate(&e, QST_LOSS_similarity_fidelity);
    assert_true(before > 1e-4);
    for (size_t i = 0; i < 24; i++) {
        double *z = e.student + 2 * i, angle = 0.4 * (double)(i / 4), re = z[0], im = z[1];
        z[0] = cos(angle) * re - sin(angle) * im;
        z[1] = sin(angle) * re + cos(angle) * im;
    }
    for (size_t i = 0; i < 6; i++) {
        double *z = e.student + 8 * i, a = z[0], b = z[1];
        z[0] = z[6];
        z[1] = z[7];
        z[6] = -a;
        z[7] = -b;
    }
    assert_close(evaluate(&e, QST_LOSS_similarity_fidelity), before, 1e-15);
    e.student[3] += 0.1;
    point_input(&e);
    assert_status(ctx, qst_loss_evaluate(ctx, QST_LOSS_similarity_fidelity, &e.input, &e.terms, (qst_matrix){0}),
                  QST_ERR_INPUT);
    assert_message(ctx, "student states: row 0 has norm");
}

/* --- refusals ----------------------------------------------------------------------------------------------------- */

static void refuse(example *e, qst_loss loss, qst_status expected, const char *part)
{
    qst_loss_terms terms = {.loss = 5};
    point_input(e);
    assert_status(ctx, qst_loss_evaluate(ctx, loss, &e->input, &terms, (qst_matrix){0}), expected);
    assert_message(ctx, part);
    assert_true(terms.loss == 5);
}

static void columns_that_do_not_fit(void **state)
{
    (void)state;
    example e;
    make_example(&e, QST_LOSS_dkd, 4, 2);
    refuse(&e, QST_LOSS_dkd, QST_ERR_MISMATCH, "it takes 3 and more; kd takes any number");
    refuse(&e, QST_LOSS_logit_standardization, QST_ERR_MISMATCH, "has nothing to say about 2 scores");
    refuse(&e, QST_LOSS_dist, QST_ERR_MISMATCH, "set inter to 0");
    refuse(&e, QST_LOSS_dist_raw, QST_ERR_MISMATCH, "set inter to 0");
    e.parameters.inter = 0;
    evaluate(&e, QST_LOSS_dist);
    make_example(&e, QST_LOSS_distribution_mmd, 4, 6);
    refuse(&e, QST_LOSS_distribution_mmd, QST_ERR_MISMATCH, "6 scores are not 2^n");
}

static void numbers_out_of_range(void **state)
{
    (void)state;
    const struct {
        qst_loss loss;
        qst_loss_parameter parameter;
        double value;
        const char *part;
    } bad[] = {
        {QST_LOSS_huber, QST_LOSS_PARAMETER_delta, 0, "delta: 0 is not > 0"},
        {QST_LOSS_huber, QST_LOSS_PARAMETER_delta, NAN, "delta: "},
        {QST_LOSS_dkd, QST_LOSS_PARAMETER_target, -1, "target: -1 is not >= 0"},
        {QST_LOSS_dist, QST_LOSS_PARAMETER_inter, INFINITY, "inter: inf is not <= 1e+06"},
        {QST_LOSS_label_smoothing, QST_LOSS_PARAMETER_smoothing, 1, "smoothing: 1 is not < 1"},
        {QST_LOSS_tf_kd, QST_LOSS_PARAMETER_confidence, 0, "confidence: 0 is not > 0"},
        {QST_LOSS_distribution_mmd, QST_LOSS_PARAMETER_width, 0, "width: 0 is not > 0"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        example e;
        make_example(&e, bad[i].loss, 4, 4);
        *qst_loss_parameter_at(&e.parameters, bad[i].parameter) = bad[i].value;
        refuse(&e, bad[i].loss, QST_ERR_USAGE, bad[i].part);
        evaluate(&e, QST_LOSS_kd); /* which does not read it */
    }
    example e;
    make_example(&e, QST_LOSS_dkd, 4, 4);
    e.input.temperature = 0;
    refuse(&e, QST_LOSS_dkd, QST_ERR_USAGE, "temperature: 0 is not > 0");
    e.input.temperature = 1;
    e.input.alpha = 1.5;
    refuse(&e, QST_LOSS_rkd_angle, QST_ERR_USAGE, "alpha: 1.5 is not in [0, 1]");
}

static void rows_that_are_no_distributions(void **state)
{
    (void)state;
    example e;
    make_example(&e, QST_LOSS_distribution_js, 4, 4);
    e.student[5] += 0.01;
    refuse(&e, QST_LOSS_distribution_js, QST_ERR_INPUT, "student scores: row 1 sums to 1.01");
    make_example(&e, QST_LOSS_distribution_js, 4, 4);
    e.teacher[6] += 0.01 + e.teacher[7];
    e.teacher[7] = -0.01;
    refuse(&e, QST_LOSS_distribution_kl, QST_ERR_INPUT, "teacher scores: row 1, column 3: -0.01 is not a probability");
}

static void parts_that_are_missing(void **state)
{
    (void)state;
    example e;
    make_example(&e, QST_LOSS_dist, 4, 4);
    qst_loss_input input = e.input;
    qst_loss_terms terms;
    input.labels = NULL;
    assert_ok(ctx, qst_loss_evaluate(ctx, QST_LOSS_dist, &input, &terms, (qst_matrix){0}));
    assert_true(isnan(terms.hard));
    input.alpha = 0.5;
    assert_status(ctx, qst_loss_evaluate(ctx, QST_LOSS_dist, &input, &terms, (qst_matrix){0}), QST_ERR_USAGE);
    assert_message(ctx, "the loss dist needs labels");
    input.alpha = 1; /* tf_kd is made of labels whatever alpha is */
    assert_status(ctx, qst_loss_evaluate(ctx, QST_LOSS_tf_kd, &input, &terms, (qst_matrix){0}), QST_ERR_USAGE);
    input.teacher = (qst_const_matrix){0};
    assert_status(ctx, qst_loss_evaluate(ctx, QST_LOSS_pkt, &input, &terms, (qst_matrix){0}), QST_ERR_USAGE);
    assert_message(ctx, "the loss pkt needs the teacher's scores");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gradients_by_differences),
        cmocka_unit_test(functions_add_to_the_gradient),
        cmocka_unit_test(its_own_copy_is_a_fixed_point),
        cmocka_unit_test(near_the_fixed_point_losses_are_squares),
        cmocka_unit_test(batchmean),
        cmocka_unit_test(order_does_not_matter),
        cmocka_unit_test(outputs_of_probability_0_change_nothing),
        cmocka_unit_test(invariances),
        cmocka_unit_test(relations_do_not_see_rotations),
        cmocka_unit_test(dkd_is_kd_taken_apart),
        cmocka_unit_test(dkd_without_a_label),
        cmocka_unit_test(huber_far_and_near),
        cmocka_unit_test(controls_without_a_teacher),
        cmocka_unit_test(alpha_mixes),
        cmocka_unit_test(labels_do_not_matter_at_alpha_1),
        cmocka_unit_test(distances_of_distributions),
        cmocka_unit_test(inequalities),
        cmocka_unit_test(mmd_from_narrow_to_wide),
        cmocka_unit_test(zeros_give_numbers),
        cmocka_unit_test(flat_rows_are_counted),
        cmocka_unit_test(nothing_to_relate),
        cmocka_unit_test(large_scores),
        cmocka_unit_test(fidelities_do_not_see_phases),
        cmocka_unit_test(columns_that_do_not_fit),
        cmocka_unit_test(numbers_out_of_range),
        cmocka_unit_test(rows_that_are_no_distributions),
        cmocka_unit_test(parts_that_are_missing),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
