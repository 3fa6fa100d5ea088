/* test_loss.c: the rules of correctness of ce, kd and the squared errors, with their numbers; gradients by finite
 * differences; refusals. */
#include "support/support.h"

#include "base/memory.h"
#include "base/rng.h"
#include "learn/softmax.h"

#include <qstill/loss.h>

#define ROWS    6
#define CLASSES 5

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

/* Numbers in [-size, size], another set for every stream. */
static void draw(double *out, size_t n, double size, uint32_t stream)
{
    qsti_rng rng = qsti_rng_init(7, QSTI_PURPOSE_TEST, stream, 0);
    for (size_t i = 0; i < n; i++) {
        out[i] = size * (2 * qsti_rng_uniform(&rng) - 1);
    }
}

typedef struct example {
    double student[ROWS * CLASSES], teacher[ROWS * CLASSES], gradient[ROWS * CLASSES];
    int64_t labels[ROWS];
    qst_loss_input input;
    qst_loss_terms terms;
} example;

/* ROWS x CLASSES scores in [-size, size], labels 0, 1, 2 ... */
static void make_example(example *e, double size)
{
    draw(e->student, ROWS * CLASSES, size, 1);
    draw(e->teacher, ROWS * CLASSES, size, 2);
    for (int64_t i = 0; i < ROWS; i++) {
        e->labels[i] = i % CLASSES;
    }
    e->input = (qst_loss_input){.student = {e->student, ROWS, CLASSES},
                                .teacher = {e->teacher, ROWS, CLASSES},
                                .labels = e->labels,
                                .temperature = 2,
                                .alpha = 0.5};
}

static double evaluate(example *e, qst_loss loss)
{
    size_t n_rows = e->input.student.n_rows, n_cols = e->input.student.n_cols;
    assert_ok(ctx, qst_loss_evaluate(ctx, loss, &e->input, &e->terms, (qst_matrix){e->gradient, n_rows, n_cols}));
    return e->terms.loss;
}

/* T^2 KL of one sample. */
static double scaled_kl(const double *teacher, const double *student, size_t n, double temperature, double *gradient)
{
    qst_loss_input input = {
        .student = {student, 1, n}, .teacher = {teacher, 1, n}, .temperature = temperature, .alpha = 1};
    qst_loss_terms terms;
    assert_ok(ctx, qst_loss_evaluate(ctx, QST_LOSS_kd, &input, &terms, (qst_matrix){gradient, 1, n}));
    return terms.loss;
}

/* The others are in test_loss_methods.c. */
static const qst_loss row_losses[] = {QST_LOSS_ce, QST_LOSS_kd, QST_LOSS_logit_mse, QST_LOSS_expectation_mse};
#define N_ROW_LOSSES 4

/* --- the table ---------------------------------------------------------------------------------------------------- */

static void names_are_found(void **state)
{
    (void)state;
    for (int i = 0; i < QST_LOSS_COUNT; i++) {
        qst_loss found;
        assert_true(qst_loss_find(qst_loss_describe((qst_loss)i)->name, &found));
        assert_int_equal(found, i);
        assert_true(strlen(qst_loss_describe((qst_loss)i)->about) > 0);
    }
    qst_loss untouched = QST_LOSS_kd;
    assert_false(qst_loss_find("mse", &untouched));
    assert_int_equal(untouched, QST_LOSS_kd);
}

/* --- gradients ---------------------------------------------------------------------------------------------------- */

static void compare_with_differences(example *e, qst_loss loss)
{
    const double h = 1e-5;
    double expected[ROWS * CLASSES];
    evaluate(e, loss);
    memcpy(expected, e->gradient, sizeof expected);
    for (size_t i = 0; i < ROWS * CLASSES; i++) {
        double z = e->student[i];
        e->student[i] = z + h;
        double above = evaluate(e, loss);
        e->student[i] = z - h;
        double below = evaluate(e, loss);
        e->student[i] = z;
        assert_close(expected[i], (above - below) / (2 * h), 1e-8 * fmax(1, fabs(expected[i])));
    }
}

static void gradients_by_differences(void **state)
{
    (void)state;
    const double temperatures[] = {0.5, 4, 32};
    for (int i = 0; i < N_ROW_LOSSES * 2 * 2 * 3; i++) {
        example e;
        make_example(&e, 1.5);
        e.input.reduction = (qst_reduction)(i / 3 % 2);
        e.input.temperature = temperatures[i % 3];
        e.input.alpha = 0.3;
        e.labels[1] = e.labels[4] = i / 6 % 2 ? -1 : 2;
        compare_with_differences(&e, row_losses[i / 12]);
    }
}

/* The two forms of the soft term meet where teacher and student begin to be far apart. */
static void the_two_forms_agree(void **state)
{
    (void)state;
    const double teacher[3] = {0.7, -0.2, 0.4};
    double last = NAN;
    for (int i = 0; i <= 400; i++) {
        double student[3] = {0.7 + 1e-12 * (i - 200), -0.2, 0.4}, gradient[3];
        /* u of the first class is 0.5 near a shift of 0.5 / (1 - p) = 0.93... */
        double p[3];
        qsti_log_softmax(teacher, 3, 1, p);
        student[0] += 0.5 / (1 - exp(p[0]));
        double value = scaled_kl(teacher, student, 3, 1, gradient);
        if (i > 0) {
            assert_close(value - last, 1e-12 * gradient[0], 1e-15);
        }
        last = value;
    }
}

/* --- rule 1: T^2 -------------------------------------------------------------------------------------------------- */

/* T^2 KL -> |z_T' - z_S'|^2 / 2C, z' = z minus its mean over classes. */
static double limit_of(const double *teacher, const double *student, size_t n)
{
    double mean = 0, squares = 0;
    for (size_t c = 0; c < n; c++) {
        mean += (teacher[c] - student[c]) / (double)n;
    }
    for (size_t c = 0; c < n; c++) {
        squares += pow(teacher[c] - student[c] - mean, 2);
    }
    return squares / (2 * (double)n);
}

static void temperature_squared(void **state)
{
    (void)state;
    for (uint32_t draw_index = 0; draw_index < 200; draw_index++) {
        double teacher[CLASSES], student[CLASSES], gradient[CLASSES];
        draw(teacher, CLASSES, 1, 100 + draw_index);
        draw(student, CLASSES, 1, 400 + draw_index);
        double limit = limit_of(teacher, student, CLASSES);
        assert_close(scaled_kl(teacher, student, CLASSES, 10, gradient) / limit, 1, 0.13);
        assert_close(scaled_kl(teacher, student, CLASSES, 1000, gradient) / limit, 1, 0.0013);
        assert_close(scaled_kl(teacher, student, CLASSES, 1e6, gradient) / limit, 1, 1.3e-6);
    }
}

/* dL/dz = (1 - alpha)(softmax(z) - onehot) + alpha T (p_S - p_T), per sample. */
static void gradient_is_the_formula(void **state)
{
    (void)state;
    example e;
    make_example(&e, 3);
    e.input.temperature = 4;
    e.input.alpha = 0.7;
    evaluate(&e, QST_LOSS_kd);
    for (size_t i = 0; i < ROWS; i++) {
        double hat[CLASSES], student[CLASSES], teacher[CLASSES];
        qsti_log_softmax(e.student + i * CLASSES, CLASSES, 1, hat);
        qsti_log_softmax(e.student + i * CLASSES, CLASSES, 4, student);
        qsti_log_softmax(e.teacher + i * CLASSES, CLASSES, 4, teacher);
        for (size_t c = 0; c < CLASSES; c++) {
            double expected =
                0.3 * (exp(hat[c]) - (e.labels[i] == (int64_t)c)) + 0.7 * 4 * (exp(student[c]) - exp(teacher[c]));
            assert_close(e.gradient[i * CLASSES + c], expected / ROWS, 1e-15);
        }
    }
    assert_close(e.terms.loss, 0.3 * e.terms.hard + 0.7 * 16 * e.terms.soft, 1e-14);
}

/* The worked example of docs/losses.md. */
static void worked_example(void **state)
{
    (void)state;
    static const double teacher[3] = {2, 0.5, -1}, student[3] = {1, 1, 0};
    static const int64_t label = 0;
    static const struct {
        qst_loss loss;
        double temperature, value, soft, gradient[3];
    } lines[] = {
        {QST_LOSS_ce, 1, 0.861995, NAN, {-0.577681, 0.422319, 0.155362}},
        {QST_LOSS_kd, 1, 0.570759, 0.279523, {-0.470480, 0.334674, 0.135806}},
        {QST_LOSS_kd, 2, 0.609982, 0.089492, {-0.494987, 0.316210, 0.178776}},
        {QST_LOSS_kd, 4, 0.617949, 0.023369, {-0.495179, 0.294414, 0.200765}},
        {QST_LOSS_logit_mse, 1, 2.25, 2.25, {-2, 1, 2}},
    };
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        const qst_loss_input input = {.student = {student, 1, 3},
                                      .teacher = {teacher, 1, 3},
                                      .labels = &label,
                                      .temperature = lines[i].temperature,
                                      .alpha = 0.5};
        qst_loss_terms terms;
        double gradient[3];
        assert_ok(ctx, qst_loss_evaluate(ctx, lines[i].loss, &input, &terms, (qst_matrix){gradient, 1, 3}));
        assert_close(terms.loss, lines[i].value, 5e-7);
        assert_true(isnan(lines[i].soft) || fabs(terms.soft - lines[i].soft) <= 5e-7);
        for (size_t c = 0; c < 3; c++) {
            assert_close(gradient[c], lines[i].gradient[c], 5e-7);
        }
    }
}

/* --- rule 2: sums over classes, means over samples ---------------------------------------------------------------- */

static void batchmean(void **state)
{
    (void)state;
    example e;
    make_example(&e, 2);
    double twice_student[2 * ROWS * CLASSES], twice_teacher[2 * ROWS * CLASSES];
    int64_t twice_labels[2 * ROWS];
    for (size_t half = 0; half < 2; half++) {
        memcpy(twice_student + half * ROWS * CLASSES, e.student, sizeof e.student);
        memcpy(twice_teacher + half * ROWS * CLASSES, e.teacher, sizeof e.teacher);
        memcpy(twice_labels + half * ROWS, e.labels, sizeof e.labels);
    }
    for (size_t i = 0; i < N_ROW_LOSSES; i++) {
        qst_loss loss = row_losses[i];
        qst_loss_input twice = e.input;
        qst_loss_terms terms;
        double once = evaluate(&e, loss);
        twice.student = (qst_const_matrix){twice_student, 2 * ROWS, CLASSES};
        twice.teacher = (qst_const_matrix){twice_teacher, 2 * ROWS, CLASSES};
        twice.labels = twice_labels;
        assert_ok(ctx, qst_loss_evaluate(ctx, loss, &twice, &terms, (qst_matrix){0}));
        assert_close(terms.loss, once, 1e-14);
        twice.reduction = QST_REDUCE_SUM;
        assert_ok(ctx, qst_loss_evaluate(ctx, loss, &twice, &terms, (qst_matrix){0}));
        assert_close(terms.loss, 2 * ROWS * once, 1e-12);
    }
}

static void class_of_probability_0_changes_nothing(void **state)
{
    (void)state;
    double teacher[CLASSES + 1], student[CLASSES + 1], gradient[CLASSES + 1], gradient_of_6[CLASSES + 1];
    draw(teacher, CLASSES, 2, 3);
    draw(student, CLASSES, 2, 4);
    teacher[CLASSES] = student[CLASSES] = -1e4;
    double of_5 = scaled_kl(teacher, student, CLASSES, 3, gradient);
    assert_close(scaled_kl(teacher, student, CLASSES + 1, 3, gradient_of_6), of_5, 1e-15);
    for (size_t c = 0; c < CLASSES; c++) {
        assert_close(gradient_of_6[c], gradient[c], 1e-15);
    }
    assert_close(gradient_of_6[CLASSES], 0, 0);
}

/* --- rule 3: the optimum is z_S = z_T + constant ------------------------------------------------------------------ */

static void shifted_scores_are_the_optimum(void **state)
{
    (void)state;
    const double temperatures[] = {0.05, 0.5, 1, 2, 8, 100, 1e6};
    for (size_t i = 0; i < sizeof temperatures / sizeof *temperatures; i++) {
        double teacher[CLASSES], student[CLASSES], gradient[CLASSES];
        draw(teacher, CLASSES, 3, 5);
        for (size_t c = 0; c < CLASSES; c++) {
            student[c] = teacher[c] + 12.5;
        }
        assert_close(scaled_kl(teacher, student, CLASSES, temperatures[i], gradient), 0, 1e-28);
        for (size_t c = 0; c < CLASSES; c++) {
            assert_close(gradient[c], 0, 1e-14);
        }
    }
}

/* Rule 21 on arrays: no rounding is left where both are the same. */
static void its_own_copy_is_a_fixed_point(void **state)
{
    (void)state;
    const qst_loss losses[] = {QST_LOSS_kd, QST_LOSS_logit_mse, QST_LOSS_expectation_mse};
    for (size_t i = 0; i < 3; i++) {
        example e;
        make_example(&e, 1);
        memcpy(e.teacher, e.student, sizeof e.teacher);
        e.input.alpha = 1;
        e.input.temperature = 3;
        assert_true(evaluate(&e, losses[i]) == 0);
        for (size_t j = 0; j < ROWS * CLASSES; j++) {
            assert_true(e.gradient[j] == 0);
        }
    }
}

/* --- rule 4: KL(teacher || student) ------------------------------------------------------------------------------- */

static void direction(void **state)
{
    (void)state;
    const double p[2] = {log(0.9), log(0.1)}, q[2] = {log(0.5), log(0.5)};
    double gradient[2];
    assert_close(scaled_kl(p, q, 2, 1, gradient), 0.368064, 5e-7);
    assert_close(scaled_kl(q, p, 2, 1, gradient), 0.510826, 5e-7);
}

/* --- rule 5: large scores ----------------------------------------------------------------------------------------- */

static void large_scores(void **state)
{
    (void)state;
    const double up[3] = {1e4, -1e4, 0}, down[3] = {-1e4, 1e4, 0};
    const int64_t label = 1;
    double gradient[3];
    qst_loss_input input = {.student = {up, 1, 3}, .labels = &label};
    qst_loss_terms terms;
    assert_ok(ctx, qst_loss_evaluate(ctx, QST_LOSS_ce, &input, &terms, (qst_matrix){gradient, 1, 3}));
    assert_close(terms.loss, 2e4, 0);
    assert_close(gradient[0], 1, 0);
    assert_close(gradient[1], -1, 0);
    assert_close(gradient[2], 0, 0);
    /* p_T = (1, 0, 0): the terms of the zeros are 0. */
    assert_close(scaled_kl(up, down, 3, 1, gradient), 2e4, 0);
    assert_close(gradient[0], -1, 0);
    assert_close(gradient[1], 1, 0);
    assert_close(scaled_kl(up, down, 3, 4, gradient), 16 * 2e4 / 4, 0);
    assert_close(scaled_kl(up, up, 3, 4, gradient), 0, 0);
    /* One class certain to both, the others apart: T^2 p ln(p/q) of them is far below any number. */
    const double other[3] = {1e4, 0, -1e4};
    assert_close(scaled_kl(up, other, 3, 1, gradient), 0, 0);
}

/* --- temperatures ------------------------------------------------------------------------------------------------- */

static void every_temperature_gives_a_number(void **state)
{
    (void)state;
    const double allowed[] = {5e-324, 1e-310, 1e-200, 1e-9, 1e-3, 1, 1e3, 1e6};
    const double refused[] = {0, -0.0, -1, NAN, INFINITY, -INFINITY, 1.0000001e6, 1e308};
    const double sizes[] = {1e-9, 1, 1e4, 1e150};
    for (size_t i = 0; i < sizeof allowed / sizeof *allowed; i++) {
        for (size_t j = 0; j < sizeof sizes / sizeof *sizes; j++) {
            example e;
            make_example(&e, sizes[j]);
            e.input.temperature = allowed[i];
            assert_true(isfinite(evaluate(&e, QST_LOSS_kd)) && e.terms.loss >= 0 && !isnan(e.terms.soft));
            for (size_t g = 0; g < ROWS * CLASSES; g++) {
                assert_true(isfinite(e.gradient[g]));
            }
        }
    }
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        example e;
        make_example(&e, 1);
        e.input.temperature = refused[i];
        assert_status(ctx, qst_loss_evaluate(ctx, QST_LOSS_kd, &e.input, &e.terms, (qst_matrix){0}), QST_ERR_USAGE);
        assert_message(ctx, refused[i] > 0 ? "is not <= 1e+06" : "is not > 0");
        assert_status(ctx, qsti_check_temperature(ctx, refused[i]), QST_ERR_USAGE);
    }
    /* As T falls, T^2 KL -> T (max z_S - z_S at the teacher's best class). */
    const double teacher[2] = {1, 0}, student[2] = {0, 3};
    double gradient[2];
    assert_close(scaled_kl(teacher, student, 2, 1e-3, gradient), 3e-3, 1e-15);
    assert_close(gradient[0], -1e-3, 1e-15);
}

/* --- rule 10: what a bounded score can reach ---------------------------------------------------------------------- */

static void floor_of_bounded_scores(void **state)
{
    (void)state;
    const size_t classes[] = {2, 4, 10};
    const double floors[] = {0.127, 0.341, 0.797}, reached[] = {0.881, 0.711, 0.451};
    for (size_t i = 0; i < 3; i++) {
        double z[10], log_p[10];
        const int64_t label = 0;
        for (size_t c = 0; c < classes[i]; c++) {
            z[c] = c == 0 ? 1 : -1;
        }
        qst_loss_input input = {.student = {z, 1, classes[i]}, .labels = &label};
        qst_loss_terms terms;
        assert_ok(ctx, qst_loss_evaluate(ctx, QST_LOSS_ce, &input, &terms, (qst_matrix){0}));
        assert_close(terms.loss, log(1 + (double)(classes[i] - 1) * exp(-2)), 1e-15);
        assert_close(terms.loss, floors[i], 5e-4);
        qsti_log_softmax(z, classes[i], 1, log_p);
        assert_close(exp(log_p[0]), reached[i], 5e-4);
    }
}

/* --- labels that are not there ------------------------------------------------------------------------------------ */

static void hard_term_is_the_mean_of_the_labelled(void **state)
{
    (void)state;
    example all, some;
    make_example(&all, 2);
    make_example(&some, 2);
    all.input.student.n_rows = all.input.teacher.n_rows = 2; /* rows 0 and 1 alone */
    for (size_t i = 2; i < ROWS; i++) {
        some.labels[i] = -1;
    }
    assert_close(evaluate(&some, QST_LOSS_ce), evaluate(&all, QST_LOSS_ce), 1e-15);
    for (size_t i = 0; i < ROWS * CLASSES; i++) {
        assert_close(some.gradient[i], i < (size_t)2 * CLASSES ? all.gradient[i] : 0, 0);
    }
    some.input.reduction = QST_REDUCE_SUM;
    assert_close(evaluate(&some, QST_LOSS_ce), 2 * all.terms.loss, 1e-15);
}

static void no_label_at_all(void **state)
{
    (void)state;
    example e;
    make_example(&e, 2);
    for (size_t i = 0; i < ROWS; i++) {
        e.labels[i] = -1;
    }
    assert_close(evaluate(&e, QST_LOSS_ce), 0, 0);
    assert_close(e.gradient[0], 0, 0);
    e.input.temperature = 3;
    e.input.alpha = 0.25;
    evaluate(&e, QST_LOSS_kd);
    assert_close(e.terms.hard, 0, 0);
    assert_close(e.terms.loss, 0.25 * 9 * e.terms.soft, 1e-15);
}

/* --- rules 11, 12, 19: alpha -------------------------------------------------------------------------------------- */

static void alpha_0_is_cross_entropy(void **state)
{
    (void)state;
    example kd, ce;
    make_example(&kd, 2);
    make_example(&ce, 2);
    kd.input.alpha = 0;
    evaluate(&kd, QST_LOSS_kd);
    evaluate(&ce, QST_LOSS_ce);
    assert_memory_equal(kd.gradient, ce.gradient, sizeof ce.gradient);
    assert_memory_equal(&kd.terms.loss, &ce.terms.loss, sizeof ce.terms.loss);
    /* A soft term that is not finite is no part of it either. */
    kd.teacher[0] = 1e308;
    kd.teacher[1] = -1e308;
    kd.student[0] = -1e308;
    ce.student[0] = -1e308;
    kd.labels[0] = ce.labels[0] = -1;
    evaluate(&kd, QST_LOSS_kd);
    evaluate(&ce, QST_LOSS_ce);
    assert_memory_equal(kd.gradient, ce.gradient, sizeof ce.gradient);
    assert_memory_equal(&kd.terms.loss, &ce.terms.loss, sizeof ce.terms.loss);
}

static void alpha_1_sees_no_label(void **state)
{
    (void)state;
    example with, without;
    make_example(&with, 2);
    make_example(&without, 2);
    with.input.alpha = without.input.alpha = 1;
    without.input.labels = NULL;
    evaluate(&with, QST_LOSS_kd);
    evaluate(&without, QST_LOSS_kd);
    assert_memory_equal(with.gradient, without.gradient, sizeof with.gradient);
    assert_memory_equal(&with.terms.loss, &without.terms.loss, sizeof with.terms.loss);
    assert_true(isnan(without.terms.hard) && isfinite(with.terms.hard));
}

static void terms_are_unweighted(void **state)
{
    (void)state;
    double soft = NAN, hard = NAN;
    for (int quarters = 0; quarters <= 4; quarters++) {
        example e;
        make_example(&e, 2);
        e.input.alpha = 0.25 * quarters;
        e.input.temperature = 5;
        evaluate(&e, QST_LOSS_kd);
        assert_true(quarters == 0 || (e.terms.soft == soft && e.terms.hard == hard));
        soft = e.terms.soft;
        hard = e.terms.hard;
    }
    example e;
    make_example(&e, 2);
    evaluate(&e, QST_LOSS_ce);
    assert_true(isnan(e.terms.soft) && e.terms.hard == e.terms.loss);
    evaluate(&e, QST_LOSS_logit_mse);
    assert_true(isnan(e.terms.hard) && e.terms.soft == e.terms.loss);
}

/* --- refusals ----------------------------------------------------------------------------------------------------- */

static void refuse(example *e, qst_loss loss, qst_status expected, const char *part)
{
    const qst_loss_terms before = {1, 2, 3, 4};
    qst_loss_terms terms = before;
    assert_status(ctx, qst_loss_evaluate(ctx, loss, &e->input, &terms, (qst_matrix){0}), expected);
    assert_message(ctx, part);
    assert_memory_equal(&terms, &before, sizeof terms);
}

static void missing_parts_and_shapes(void **state)
{
    (void)state;
    example e;
    make_example(&e, 1);
    e.input.teacher.data = NULL;
    refuse(&e, QST_LOSS_kd, QST_ERR_USAGE, "kd needs the teacher's scores");
    refuse(&e, QST_LOSS_logit_mse, QST_ERR_USAGE, "logit_mse needs the teacher's scores");
    make_example(&e, 1);
    e.input.labels = NULL;
    refuse(&e, QST_LOSS_ce, QST_ERR_USAGE, "ce needs labels");
    refuse(&e, QST_LOSS_kd, QST_ERR_USAGE, "kd needs labels");
    make_example(&e, 1);
    e.input.teacher.n_rows = 3;
    refuse(&e, QST_LOSS_kd, QST_ERR_MISMATCH, "(3, 5), the student's (6, 5)");
    e.input.teacher = (qst_const_matrix){e.teacher, ROWS, 4};
    refuse(&e, QST_LOSS_expectation_mse, QST_ERR_MISMATCH, "(6, 4), the student's (6, 5)");
    e.input.student.n_rows = 0;
    refuse(&e, QST_LOSS_ce, QST_ERR_MISMATCH, "empty: (0, 5)");
    make_example(&e, 1);
    assert_status(ctx,
                  qst_loss_evaluate(ctx, QST_LOSS_ce, &e.input, &e.terms, (qst_matrix){e.gradient, ROWS, CLASSES - 1}),
                  QST_ERR_MISMATCH);
    assert_message(ctx, "the gradient has shape (6, 4)");
    double wide[5000] = {0};
    e.input.student = (qst_const_matrix){wide, 1, 5000};
    refuse(&e, QST_LOSS_ce, QST_ERR_LIMIT, "5000 columns: at most 4096");
}

static void values_out_of_range(void **state)
{
    (void)state;
    example e;
    const double alphas[] = {-0.1, 1.5, NAN};
    const int64_t labels[] = {CLASSES, -2, INT64_MAX, INT64_MIN};
    for (size_t i = 0; i < 3; i++) {
        make_example(&e, 1);
        e.input.alpha = alphas[i];
        refuse(&e, QST_LOSS_kd, QST_ERR_USAGE, "is not in [0, 1]");
    }
    for (size_t i = 0; i < 4; i++) {
        make_example(&e, 1);
        e.labels[3] = labels[i];
        refuse(&e, QST_LOSS_ce, QST_ERR_INPUT, "of row 3 is no class: 0..4 (or -1: no label)");
        refuse(&e, QST_LOSS_kd, QST_ERR_INPUT, "of row 3 is no class");
        e.input.alpha = 1; /* its hard term is reported all the same */
        refuse(&e, QST_LOSS_kd, QST_ERR_INPUT, "of row 3 is no class");
    }
    make_example(&e, 1);
    e.student[7] = NAN;
    refuse(&e, QST_LOSS_ce, QST_ERR_INPUT, "student scores: row 1, column 2: nan is not finite");
    make_example(&e, 1);
    e.teacher[29] = -INFINITY;
    refuse(&e, QST_LOSS_kd, QST_ERR_INPUT, "teacher scores: row 5, column 4: -inf is not finite");
    make_example(&e, 1e200);
    refuse(&e, QST_LOSS_logit_mse, QST_ERR_INPUT, "the loss logit_mse is inf: the scores are too large");
}

static void nothing_is_allocated(void **state)
{
    (void)state;
    example e;
    make_example(&e, 1);
    uint64_t before = qsti_ctx_allocations(ctx);
    for (size_t i = 0; i < N_ROW_LOSSES; i++) {
        evaluate(&e, row_losses[i]);
    }
    assert_int_equal(qsti_ctx_allocations(ctx), before);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_found),
        cmocka_unit_test(gradients_by_differences),
        cmocka_unit_test(the_two_forms_agree),
        cmocka_unit_test(temperature_squared),
        cmocka_unit_test(gradient_is_the_formula),
        cmocka_unit_test(worked_example),
        cmocka_unit_test(batchmean),
        cmocka_unit_test(class_of_probability_0_changes_nothing),
        cmocka_unit_test(shifted_scores_are_the_optimum),
        cmocka_unit_test(its_own_copy_is_a_fixed_point),
        cmocka_unit_test(direction),
        cmocka_unit_test(large_scores),
        cmocka_unit_test(every_temperature_gives_a_number),
        cmocka_unit_test(floor_of_bounded_scores),
        cmocka_unit_test(hard_term_is_the_mean_of_the_labelled),
        cmocka_unit_test(no_label_at_all),
        cmocka_unit_test(alpha_0_is_cross_entropy),
        cmocka_unit_test(alpha_1_sees_no_label),
        cmocka_unit_test(terms_are_unweighted),
        cmocka_unit_test(missing_parts_and_shapes),
        cmocka_unit_test(values_out_of_range),
        cmocka_unit_test(nothing_is_allocated),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
