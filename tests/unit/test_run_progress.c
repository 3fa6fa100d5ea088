/* test_run_progress.c: what a run tells of its progress. */
#include "support/support.h"

#include <string.h>

#include <qstill/run.h>

typedef struct heard {
    size_t n_calls; /* in the stage of teachers */
    double done;    /* the last of them, of 1 */
    size_t n_still; /* calls that told nothing new */
} heard;

static void on_progress(void *user, const qst_progress *progress)
{
    heard *to = user;
    if (strstr(progress->stage, "teacher") == NULL)
        return;
    double done = progress->total > 0 ? progress->done / progress->total : 0;
    to->n_calls++;
    to->n_still += to->n_calls > 1 && !(done > to->done);
    to->done = done;
}

#define CIRCUITS                                            \
    "teacher: {qubits: 2, train: {epochs: 3, batch: 16}}\n" \
    "student: {qubits: 2, layers: 2, train: {epochs: 3, batch: 16}}\n"

/* Trains a teacher and what stands between it and the student, on one thread: every step is heard. */
static heard listen(const char *folder, const char *models)
{
    heard to = {0};
    char text[1024];
    const qst_ctx_opts opts = {.n_threads = 1, .progress = on_progress, .user = &to};
    qst_ctx *ctx = NULL;
    qst_recipe *recipe = NULL;
    qst_report *report = NULL;
    int n = snprintf(text, sizeof text, "data: {source: moons, samples: 80}\nseeds: 1\ncontrols: none\n%s", models);
    const char *path = support_write("recipe.yaml", text, (size_t)n);
    assert_ok(NULL, qst_ctx_create(&opts, &ctx));
    assert_ok(ctx, qst_recipe_load(ctx, path, NULL, 0, &recipe));
    assert_ok(ctx, qst_run(recipe, &(qst_run_opts){.folder = support_path(folder)}, &report));
    qst_report_free(report);
    qst_recipe_free(recipe);
    qst_ctx_free(ctx);
    return to;
}

static void every_training_of_a_chain_moves_it(void **state)
{
    (void)state;
    heard alone = listen("alone", CIRCUITS);
    assert_true(alone.n_calls >= 3);
    assert_int_equal(alone.n_still, 0);
    /* one assistant and two generations more, each with two temperatures: seven trainings of the same length */
    heard chain =
        listen("chain", CIRCUITS "distill: {temperature: [1, 4], assistants: [{qubits: 2}], generations: 3}\n");
    assert_int_equal(chain.n_calls, 7 * alone.n_calls);
    assert_int_equal(chain.n_still, 0);
}

static void trainings_of_networks_move_it(void **state)
{
    (void)state;
    const char *const kinds[] = {"model: mlp, hidden: [8]", "model: logistic",
                                 "model: network, network: [{dense: 4}, tanh]"};
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
        char models[256], folder[32];
        snprintf(folder, sizeof folder, "network-%zu", k);
        snprintf(models, sizeof models,
                 "teacher: {%s, train: {epochs: 3, batch: 16}}\nstudent: {%s, train: {epochs: 3, batch: 16}}\n",
                 kinds[k], kinds[k]);
        heard network = listen(folder, models);
        assert_true(network.n_calls >= 3);
        assert_int_equal(network.n_still, 0);
        assert_true(network.done > 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_training_of_a_chain_moves_it),
                                       cmocka_unit_test(trainings_of_networks_move_it)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
