/* test_data_out_of_memory.c: in the whole data stage each allocation fails, once and from then on: a clean error,
 * nothing leaked, what was given out untouched, and then success. */
#include <zlib.h>

#include <qstill/data.h>

#include "support/support.h"

typedef struct failing {
    size_t n_left;
    bool for_good, failed;
    size_t n_held; /* allocations not yet released */
} failing;

static void *resize(void *user, void *pointer, size_t n)
{
    failing *f = user;
    if (f->n_left == 0) {
        f->n_left = f->for_good ? 0 : SIZE_MAX;
        f->failed = true;
        return NULL;
    }
    f->n_left--;
    void *moved = realloc(pointer, n ? n : 1);
    f->n_held += pointer == NULL && moved != NULL;
    return moved;
}

static void *allocate(void *user, size_t n)
{
    return resize(user, NULL, n);
}

static void release(void *user, void *pointer)
{
    ((failing *)user)->n_held -= pointer != NULL;
    free(pointer);
}

typedef qst_status operation(qst_ctx *ctx);

static qst_status load_table(qst_ctx *ctx, const char *source, const char *label)
{
    qst_table *table = NULL;
    qst_status status = qst_table_load(ctx, &(qst_table_opts){.source = source, .label = label, .samples = 40}, &table);
    if ((table != NULL) != (status == QST_OK)) {
        return QST_ERR_INTERNAL;
    }
    qst_table_free(table);
    return status;
}

static qst_status load_csv(qst_ctx *ctx)
{
    return load_table(ctx, support_path("t.csv"), NULL);
}

static qst_status load_gzip(qst_ctx *ctx)
{
    return load_table(ctx, support_path("t.csv.gz"), "kind");
}

static qst_status load_npz(qst_ctx *ctx)
{
    return load_table(ctx, QSTILL_SOURCE_DIR "/tests/golden/data_arrays.npz:fortran", support_path("y.idx"));
}

static qst_status load_npy(qst_ctx *ctx)
{
    return load_table(ctx, support_path("x.npy"), support_path("y.csv"));
}

static qst_status load_generated(qst_ctx *ctx)
{
    return load_table(ctx, "moons", NULL);
}

static qst_status load_builtin(qst_ctx *ctx)
{
    return load_table(ctx, "iris", NULL);
}

static qst_status make_dataset(qst_ctx *ctx)
{
    static const qst_preprocess_step steps[] = {
        {QST_PREPROCESS_standardize, {0}}, {QST_PREPROCESS_pca, {2}}, {QST_PREPROCESS_range, {0, 1}}};
    static const char *const classes[] = {"versicolor", "setosa"};
    const qst_dataset_opts opts = {
        .classes = classes, .n_classes = 2, .test = 0.3, .validation = 0.2, .preprocess = steps, .n_preprocess = 3};
    qst_table *table = NULL;
    qst_dataset *dataset = NULL, *back = NULL;
    qst_status status = qst_table_load(ctx, &(qst_table_opts){.source = "iris"}, &table);
    if (status == QST_OK) {
        status = qst_dataset_create(table, &opts, &dataset);
    }
    if (status == QST_OK) {
        status = qst_dataset_save(dataset, support_path("d"));
    }
    if (status == QST_OK) {
        status = qst_dataset_load(ctx, support_path("d"), &back);
    }
    if (status == QST_OK && strcmp(qst_dataset_hash(dataset), qst_dataset_hash(back)) != 0) {
        status = QST_ERR_INTERNAL;
    }
    qst_dataset_free(back);
    qst_dataset_free(dataset);
    qst_table_free(table);
    return status;
}

static void prepare(void)
{
    static const char text[] = "x,y,kind\n1,2,a\n2,3,b\n4,5,a\n6,7,b\n", labels[] = "kind\na\nb\na\n";
    static const double x[6] = {1, 2, 3, 4, 5, 6};
    support_write("t.csv", text, sizeof text - 1);
    support_write("y.csv", labels, sizeof labels - 1);
    support_write("y.idx", "\0\0\x08\x01\0\0\0\x03\x01\0\x01", 11);
    gzFile file = gzopen(support_path("t.csv.gz"), "wb");
    assert_int_equal(gzwrite(file, text, sizeof text - 1), sizeof text - 1);
    assert_int_equal(gzclose(file), Z_OK);
    qst_ctx *ctx = support_ctx(1);
    assert_ok(ctx, qst_array_write(ctx, support_path("x.npy"), (qst_const_matrix){x, 3, 2}, NULL));
    qst_ctx_free(ctx);
}

static void fail_each(const char *name, operation *run, bool for_good)
{
    size_t n = 0;
    for (bool failed = true; failed; n++) {
        failing f = {SIZE_MAX, for_good, false, 0};
        qst_allocator allocator = {allocate, resize, release, &f};
        qst_ctx *ctx = NULL;
        assert_int_equal(qst_ctx_create(&(qst_ctx_opts){.allocator = &allocator, .n_threads = 1}, &ctx), QST_OK);
        f.n_left = n;
        qst_status status = run(ctx);
        failed = f.failed;
        if (status != QST_OK && (status != QST_ERR_MEMORY || strstr(qst_ctx_message(ctx), "memory") == NULL)) {
            print_error("%s, allocation %zu: %s: %s\n", name, n, qst_status_name(status), qst_ctx_message(ctx));
        }
        assert_true(status == QST_OK || (status == QST_ERR_MEMORY && failed));
        f.n_left = SIZE_MAX;
        qst_ctx_free(ctx);
        if (f.n_held) {
            print_error("%s, allocation %zu: %zu blocks leaked\n", name, n, f.n_held);
        }
        assert_int_equal(f.n_held, 0);
        assert_true(n < 5000);
    }
    if (n <= 5) {
        print_error("%s: only %zu allocations\n", name, n);
    }
    assert_true(n > 5);
}

static void test_each_allocation(void **state)
{
    static const struct {
        const char *name;
        operation *run;
    } operations[] = {{"csv", load_csv},         {"csv.gz", load_gzip},  {"npz", load_npz},        {"npy", load_npy},
                      {"moons", load_generated}, {"iris", load_builtin}, {"dataset", make_dataset}};
    (void)state;
    prepare();
    for (size_t o = 0; o < sizeof operations / sizeof operations[0]; o++) {
        fail_each(operations[o].name, operations[o].run, false);
        fail_each(operations[o].name, operations[o].run, true);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_each_allocation)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
