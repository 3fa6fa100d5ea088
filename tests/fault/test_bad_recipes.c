/* test_bad_recipes.c: every recipe of recipes/bad_recipes.def is refused with its status and its whole message. */
#include "support/support.h"

#include <qstill/run.h>

#define DATA    "data: {source: iris}\n"
#define TEACHER "teacher: {qubits: 4}\n"
#define STUDENT "student: {qubits: 2}\n"
#define GOOD    DATA TEACHER STUDENT

typedef struct bad_recipe {
    int row, line; /* of the list of bad inputs; of the table */
    qst_status status;
    const char *message, *text;
} bad_recipe;

static const bad_recipe bad_recipes[] = {
#define BAD_RECIPE(row, status, message, text) {row, __LINE__, QST_##status, message, text},
#include "fault/recipes/bad_recipes.def"
#undef BAD_RECIPE
};

/* The message without the folder of the test. */
static const char *short_message(const qst_ctx *ctx)
{
    const char *message = qst_ctx_message(ctx), *folder = support_folder();
    size_t n = strlen(folder);
    return strncmp(message, folder, n) == 0 ? message + n + 1 : message;
}

static void test_bad_recipes(void **state)
{
    (void)state;
    qst_ctx *ctx = support_ctx(1);
    size_t n_wrong = 0;
    for (size_t i = 0; i < sizeof bad_recipes / sizeof *bad_recipes; i++) {
        const bad_recipe *bad = &bad_recipes[i];
        qst_recipe *recipe = NULL;
        const char *path = support_write("bad.yaml", bad->text, strlen(bad->text));
        qst_status status = qst_recipe_load(ctx, path, NULL, 0, &recipe);
        if (status != bad->status || strcmp(short_message(ctx), bad->message) != 0) {
            print_error("bad_recipes.def:%d (row %d): %s\n  expected %s\n  found    %s\n", bad->line, bad->row,
                        qst_status_name(status), bad->message, status == QST_OK ? "no failure" : short_message(ctx));
            n_wrong++;
        }
        assert_true(status == QST_OK || recipe == NULL);
        qst_recipe_free(recipe);
    }
    qst_ctx_free(ctx);
    assert_int_equal(n_wrong, 0);
}

/* Each sort of bad recipe that this table is about has cases. */
static void test_rows(void **state)
{
    (void)state;
    for (int row = 104; row <= 110; row++) {
        size_t n = 0;
        for (size_t i = 0; i < sizeof bad_recipes / sizeof *bad_recipes; i++)
            n += bad_recipes[i].row == row;
        assert_true(n >= 4);
    }
}

/* Damage at every byte: never a crash, always one line. */
static void test_truncated_and_garbled(void **state)
{
    (void)state;
    static const char text[] =
        GOOD "distill: {temperature: [1, 2], alpha: 0.5}\nverify: {require: {student.accuracy: 1}}\n"
             "settings:\n  - {name: a}\n  - {name: b, set: {distill.alpha: 0.25}}\n";
    static const char garbage[] = {'\0', '{', '[', ':', '\n', '-', '"', '\t', (char)0xff, '9'};
    qst_ctx *ctx = support_ctx(1);
    for (size_t at = 0; at < sizeof text; at++) {
        for (size_t g = 0; g <= sizeof garbage; g++) {
            char copy[sizeof text];
            qst_recipe *recipe = NULL;
            memcpy(copy, text, sizeof text);
            size_t n = g < sizeof garbage ? sizeof text - 1 : at;
            if (g < sizeof garbage)
                copy[at] = garbage[g];
            qst_status status = qst_recipe_load(ctx, support_write("bad.yaml", copy, n), NULL, 0, &recipe);
            assert_true(status == QST_OK || status == QST_ERR_USAGE || status == QST_ERR_LIMIT);
            assert_true(status == QST_OK || (qst_ctx_message(ctx)[0] && !strchr(qst_ctx_message(ctx), '\n')));
            qst_recipe_free(recipe);
        }
    }
    qst_ctx_free(ctx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bad_recipes),
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_truncated_and_garbled),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
