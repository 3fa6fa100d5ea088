/* test_device_run_out_of_memory.c: allocations of whole runs with a device fail, spread over all that they do; nothing
 * is lost.
 */
#include "support/support.h"

#include <stdio.h>
#include <string.h>

#include <qstill/run.h>

static const char recipe_text[] =
    "data: {source: moons, samples: 40}\nseeds: 1\ncontrols: [no_teacher, noise_unaware]\n"
    "teacher: {qubits: 2, layers: 1, train: {epochs: 1, batch: 16}}\n"
    "student: {qubits: 2, layers: 1, train: {epochs: 1, batch: 16}}\n"
    "device: {qubits: 3, error_2q: 0.1, readout: 0.1, shots: 20, strengths: [0, 1, 2], teacher: mitigated, mitigation: "
    "{scales: [1, 3]}}\n"
    "settings: [{name: a}, {name: b, set: {device.train_shots: 4}}, {name: c, set: {device.shots: 10}}]\n";

static int n_folders;

static qst_status run(qst_ctx *ctx)
{
    char name[32];
    qst_recipe *recipe = NULL;
    qst_report *report = NULL;
    const char *path = support_write("recipe.yaml", recipe_text, strlen(recipe_text));
    (void)snprintf(name, sizeof name, "run-%d", n_folders++);
    qst_status status = qst_recipe_load(ctx, path, NULL, 0, &recipe);
    if (status == QST_OK)
        status = qst_run(recipe, &(qst_run_opts){.folder = support_path(name)}, &report);
    assert_true((status == QST_OK) == (report != NULL));
    qst_report_free(report);
    qst_recipe_free(recipe);
    return status;
}

static size_t calls_of_a_run(void)
{
    support_memory memory = {0};
    qst_ctx *ctx = support_memory_ctx(&memory);
    assert_ok(ctx, run(ctx));
    qst_ctx_free(ctx);
    assert_int_equal(memory.n_live, 0);
    return memory.n_calls;
}

static void allocations_fail(void **state)
{
    (void)state;
    enum { N_FAILURES = 60 };
    size_t total = calls_of_a_run();
    for (size_t i = 0; i < N_FAILURES; i++) {
        support_memory memory = {0};
        qst_ctx *ctx = support_memory_ctx(&memory);
        memory.n_calls = 0;
        memory.fail_at = 1 + i * total / N_FAILURES;
        memory.fail_on = i % 2 == 1;
        assert_status(ctx, run(ctx), QST_ERR_MEMORY);
        qst_ctx_free(ctx);
        assert_int_equal(memory.n_live, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(allocations_fail)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
