/* test_train_log.c: what a training says of its parts: losses and gradient norms, further terms. */
#include "train_cases.h"

/* Rule 19: at the same weights the parts do not change with alpha or T^2; rule 16: their gradients are told apart. */
static void parts_are_logged(void **state)
{
    (void)state;
    const double alphas[] = {0, 0.25, 1};
    double hard = NAN, soft = NAN, hard_norm = NAN, soft_norm = NAN;
    for (size_t i = 0; i < 3; i++) {
        qst_train_opts opts = learn_opts();
        opts.loss = QST_LOSS_kd;
        opts.temperature = 3;
        opts.alpha = alphas[i];
        opts.epochs = 1;
        opts.learning_rate = 1e-300;
        trained t = train(&opts, true);
        const qsti_epoch *epoch = t.outcome.epochs;
        if (i == 0) {
            hard = epoch->hard_loss;
            soft = epoch->soft_loss;
            hard_norm = epoch->hard_gradient;
            assert_true(epoch->soft_gradient == 0);
        }
        if (i == 2) {
            soft_norm = epoch->soft_gradient;
            assert_true(epoch->hard_gradient == 0);
        }
        assert_close(epoch->hard_loss, hard, 1e-15);
        assert_close(epoch->soft_loss, soft, 1e-15);
        assert_close(epoch->train_loss, (1 - alphas[i]) * hard + alphas[i] * 9 * soft, 1e-14);
        assert_true(epoch->gradient_norm > 0 && t.outcome.n_terms == 0);
        trained_clear(&t);
    }
    qst_train_opts opts = learn_opts();
    opts.loss = QST_LOSS_kd;
    opts.temperature = 3;
    opts.alpha = 0.25;
    opts.epochs = 1;
    trained t = train(&opts, true);
    assert_close(t.outcome.epochs[0].hard_gradient, 0.75 * hard_norm, 1e-14);
    assert_close(t.outcome.epochs[0].soft_gradient, 0.25 * soft_norm, 1e-14);
    trained_clear(&t);
}

static qst_loss_term term_of(qst_loss loss, double weight, size_t first_epoch, size_t last_epoch)
{
    return (qst_loss_term){loss, weight, first_epoch, last_epoch, 2, qst_loss_parameters_default()};
}

/* Terms are logged in the epochs when they count, and pull in proportion to their weight. */
static void terms_are_logged(void **state)
{
    (void)state;
    const qst_loss_term light[] = {term_of(QST_LOSS_rkd_distance, 2, 2, 3), term_of(QST_LOSS_kd, 1, 1, 0)};
    const qst_loss_term heavy[] = {term_of(QST_LOSS_rkd_distance, 2, 2, 3), term_of(QST_LOSS_kd, 5, 1, 0)};
    qst_loss_plan plan = qst_loss_plan_default();
    qst_train_opts opts = learn_opts();
    opts.loss = QST_LOSS_kd;
    opts.alpha = 0;
    opts.plan = &plan;
    opts.epochs = 4;
    plan.n_terms = 2;
    plan.terms = light;
    trained t = train(&opts, true);
    assert_int_equal(t.outcome.n_terms, 2);
    for (size_t e = 0; e < 4; e++) {
        const qsti_term_epoch *terms = &t.outcome.terms[e * 2];
        bool there = e == 1 || e == 2;
        assert_int_equal(there, !isnan(terms[0].loss));
        assert_int_equal(there, !isnan(terms[0].gradient));
        assert_true(!there || (terms[0].loss > 0 && terms[0].gradient > 0));
        assert_true(terms[1].loss > 0 && terms[1].gradient > 0);
        double extra = there ? 2 * terms[0].loss : 0;
        assert_close(t.outcome.epochs[e].train_loss, t.outcome.epochs[e].hard_loss + 4 * terms[1].loss + extra, 1e-13);
    }
    plan.terms = heavy;
    trained other = train(&opts, true);
    assert_close(other.outcome.terms[1].gradient, 5 * t.outcome.terms[1].gradient, 1e-13);
    trained_clear(&other);
    trained_clear(&t);
}

/* A heavy term that comes late is no divergence. */
static void a_late_term_is_no_divergence(void **state)
{
    (void)state;
    const qst_loss_term late = term_of(QST_LOSS_logit_mse, 1000, 4, 0);
    qst_loss_plan plan = qst_loss_plan_default();
    qst_train_opts opts = learn_opts();
    opts.loss = QST_LOSS_kd;
    opts.alpha = 0;
    opts.plan = &plan;
    opts.epochs = 12;
    opts.learning_rate = 0.01;
    plan.n_terms = 1;
    plan.terms = &late;
    trained t = train(&opts, false);
    assert_int_equal(t.outcome.result.divergences, 0);
    assert_true(t.outcome.epochs[3].train_loss > 100 * t.outcome.epochs[2].train_loss);
    trained_clear(&t);
}

/* A plan that plans nothing changes no bit. */
static void an_empty_plan_changes_nothing(void **state)
{
    (void)state;
    const qst_loss_plan plan = qst_loss_plan_default();
    qst_train_opts opts = learn_opts();
    opts.loss = QST_LOSS_kd;
    opts.temperature = 3;
    trained without = train(&opts, true);
    opts.plan = &plan;
    trained with = train(&opts, true);
    assert_same_weights(&with, &without);
    assert_memory_equal(with.outcome.epochs, without.outcome.epochs,
                        with.outcome.n_epochs * sizeof *with.outcome.epochs);
    trained_clear(&with);
    trained_clear(&without);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parts_are_logged),
        cmocka_unit_test(terms_are_logged),
        cmocka_unit_test(a_late_term_is_no_divergence),
        cmocka_unit_test(an_empty_plan_changes_nothing),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
