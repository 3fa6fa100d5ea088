/* test_dataset.c: class filter, splits, hashes, and the artefact. */
#include <qstill/data.h>

#include "base/artefact.h"
#include "data/dataset.h"
#include "data/split.h"
#include "support/support.h"

static const qst_preprocess_step pca8[] = {{QST_PREPROCESS_pca, {8}}, {QST_PREPROCESS_standardize, {0}}};

static qst_table *load(qst_ctx *ctx, const char *source)
{
    qst_table *table = NULL;
    assert_ok(ctx, qst_table_load(ctx, &(qst_table_opts){.source = source}, &table));
    return table;
}

static qst_dataset *create(const qst_table *table, const qst_dataset_opts *opts)
{
    qst_dataset *dataset = NULL;
    assert_ok(table->ctx, qst_dataset_create(table, opts, &dataset));
    return dataset;
}

static size_t count(const qst_dataset *dataset, qst_split part, int64_t label)
{
    size_t n = 0;
    for (size_t i = 0; i < dataset->n_rows; i++) {
        n += dataset->splits[i] == part && (label < 0 || dataset->labels[i] == label);
    }
    return n;
}

/* --- how many ----------------------------------------------------------------------------------------------------- */

static void test_apportion(void **state)
{
    (void)state;
    static const struct {
        size_t sizes[4], total, kept, expected[4];
    } cases[] = {
        {{10, 10, 10, 10}, 10, 1, {3, 3, 2, 2}},  /* quotas 2.5: ties go to the lower class */
        {{50, 30, 15, 5}, 10, 1, {5, 3, 1, 1}},   /* 5, 3, 1.5, 0.5: the floor of one row decides */
        {{97, 1 + 1, 2, 2}, 10, 1, {7, 1, 1, 1}}, /* 9.4, 0.19, ...: at least one each */
        {{40, 3, 3, 3}, 46, 1, {39, 2, 2, 2}},    /* as far as one row of each can be kept */
        {{4, 4, 4, 4}, 2, 1, {1, 1, 1, 1}},       /* one each, though the total is less */
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        size_t counts[4];
        qsti_split_apportion(cases[i].sizes, 4, cases[i].total, cases[i].kept, counts);
        for (size_t c = 0; c < 4; c++) {
            if (counts[c] != cases[i].expected[c]) {
                print_error("case %zu, class %zu: %zu\n", i, c, counts[c]);
            }
            assert_int_equal(counts[c], cases[i].expected[c]);
        }
    }
}

/* All sizes of three small classes: the total is exact whenever the bounds allow it, and no quota is missed by a row or
 * more unless a bound says so. */
static void test_apportion_exhaustively(void **state)
{
    (void)state;
    for (size_t code = 0; code < 12 * 12 * 12; code++) {
        const size_t sizes[3] = {2 + code % 12, 2 + code / 12 % 12, 2 + code / 144};
        size_t all = sizes[0] + sizes[1] + sizes[2], counts[3];
        for (size_t total = 3; total <= all - 3; total++) {
            qsti_split_apportion(sizes, 3, total, 1, counts);
            assert_int_equal(counts[0] + counts[1] + counts[2], total);
            bool bounded = false;
            for (size_t c = 0; c < 3; c++) {
                double quota = (double)total * (double)sizes[c] / (double)all;
                assert_in_range(counts[c], 1, sizes[c] - 1);
                bounded = bounded || quota < 1 || quota > (double)sizes[c] - 1;
            }
            for (size_t c = 0; c < 3 && !bounded; c++) {
                double quota = (double)total * (double)sizes[c] / (double)all;
                assert_true(fabs((double)counts[c] - quota) < 1);
            }
        }
    }
}

/* --- splits ------------------------------------------------------------------------------------------------------- */

static void test_split(void **state)
{
    (void)state;
    qst_ctx *ctx = support_ctx(1);
    qst_table *digits = load(ctx, "digits");
    qst_dataset *dataset = create(digits, &(qst_dataset_opts){.test = 0.25, .validation = 0.15, .seed = 4});
    assert_int_equal(dataset->n_rows, 1797);
    assert_int_equal(count(dataset, QST_TEST, -1), 449);       /* round(449.25) */
    assert_int_equal(count(dataset, QST_VALIDATION, -1), 202); /* round(0.15 * 1348) = round(202.2) */
    assert_int_equal(count(dataset, QST_TRAIN, -1), 1146);
    for (int64_t c = 0; c < 10; c++) {
        double n = 0;
        for (size_t row = 0; row < 1797; row++) {
            n += digits->labels[row] == c;
        }
        assert_true(fabs((double)count(dataset, QST_TEST, c) - 0.25 * n) < 1);
    }
    for (size_t i = 0; i < dataset->n_rows; i++) {
        assert_int_equal(dataset->ids[i], i);
        assert_int_equal(dataset->labels[i], digits->labels[i]);
    }
    assert_memory_equal(dataset->features, digits->features, 1797 * 64 * sizeof(double));
    size_t *rows = NULL, n = 0;
    assert_ok(ctx, qsti_dataset_rows(dataset, QST_TEST, &rows, &n));
    assert_int_equal(n, 449);
    for (size_t i = 0; i < n; i++) {
        assert_int_equal(dataset->splits[rows[i]], QST_TEST);
        assert_true(i == 0 || rows[i] > rows[i - 1]);
    }
    qsti_free(ctx, rows);
    qst_dataset_free(dataset);
    qst_table_free(digits);
    qst_ctx_free(ctx);
}

/* The seed decides and nothing else; over many seeds each row is in the test as often as it should: 5 sigma. */
static void test_seeds(void **state)
{
    (void)state;
    enum { SEEDS = 400 };
    qst_ctx *ctx = support_ctx(1);
    qst_table *iris = load(ctx, "iris");
    size_t tested[150] = {0};
    qst_dataset *first = create(iris, &(qst_dataset_opts){.test = 0.3, .seed = 0});
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        qst_dataset *dataset = create(iris, &(qst_dataset_opts){.test = 0.3, .seed = seed});
        bool same = memcmp(dataset->splits, first->splits, 150) == 0;
        assert_int_equal(same, seed == 0);
        assert_int_equal(strcmp(dataset->hash, first->hash) == 0, seed == 0);
        for (size_t i = 0; i < 150; i++) {
            tested[i] += dataset->splits[i] == QST_TEST;
        }
        qst_dataset_free(dataset);
    }
    for (size_t i = 0; i < 150; i++) {
        assert_close((double)tested[i], 0.3 * SEEDS, 5 * sqrt(SEEDS * 0.3 * 0.7));
    }
    qst_dataset_free(first);
    qst_table_free(iris);
    qst_ctx_free(ctx);
}

static void test_official(void **state)
{
    (void)state;
    qst_ctx *ctx = support_ctx(1);
    qst_table *iris = load(ctx, "iris");
    qst_dataset *dataset = NULL;
    assert_status(ctx, qst_dataset_create(iris, &(qst_dataset_opts){.test = QST_TEST_OFFICIAL}, &dataset),
                  QST_ERR_USAGE);
    assert_message(ctx, "test: official: iris has no test part of its own");
    assert_ok(ctx, qsti_alloc(ctx, 150, 1, (void **)&iris->official));
    for (size_t row = 0; row < 150; row++) {
        iris->official[row] = row % 5 == 0 ? QST_TEST : QST_TRAIN;
    }
    dataset = create(iris, &(qst_dataset_opts){.test = QST_TEST_OFFICIAL, .validation = 0.25, .seed = 1});
    for (size_t row = 0; row < 150; row++) {
        assert_int_equal(dataset->splits[row] == QST_TEST, row % 5 == 0);
    }
    assert_int_equal(count(dataset, QST_VALIDATION, -1), 30);
    assert_int_equal(count(dataset, QST_VALIDATION, 2), 10);
    qst_dataset_free(dataset);
    for (size_t row = 50; row < 100; row++) {
        iris->official[row] = QST_TRAIN;
    }
    assert_status(ctx, qst_dataset_create(iris, &(qst_dataset_opts){.test = QST_TEST_OFFICIAL}, &dataset),
                  QST_ERR_INPUT);
    assert_message(ctx, "class \"versicolor\" has no row in the official test part");
    qst_table_free(iris);
    qst_ctx_free(ctx);
}

/* The first ones of each class, and of each official part. */
static void test_per_class(void **state)
{
    (void)state;
    qst_ctx *ctx = support_ctx(1);
    qst_table *iris = load(ctx, "iris");
    qst_dataset *dataset = create(iris, &(qst_dataset_opts){.per_class = 20, .test = 0.25});
    assert_int_equal(dataset->n_rows, 60);
    for (size_t i = 0; i < 60; i++) {
        assert_int_equal(dataset->ids[i], 50 * (i / 20) + i % 20);
        assert_int_equal(dataset->labels[i], i / 20);
    }
    qst_dataset_free(dataset);
    assert_ok(ctx, qsti_alloc(ctx, 150, 1, (void **)&iris->official));
    for (size_t row = 0; row < 150; row++) {
        iris->official[row] = row % 5 == 0 ? QST_TEST : QST_TRAIN;
    }
    dataset = create(iris, &(qst_dataset_opts){.per_class = 8, .test = QST_TEST_OFFICIAL, .validation = 0.25});
    assert_int_equal(count(dataset, QST_TEST, 1), 8);
    assert_int_equal(count(dataset, QST_TRAIN, 1), 6);
    assert_int_equal(count(dataset, QST_VALIDATION, 1), 2);
    assert_int_equal(dataset->ids[dataset->n_rows - 1], 135);
    qst_dataset_free(dataset);
    dataset = create(iris, &(qst_dataset_opts){.per_class = 1000, .test = 0.25});
    assert_int_equal(dataset->n_rows, 150);
    qst_dataset_free(dataset);
    qst_table_free(iris);
    qst_ctx_free(ctx);
}

/* --- classes ------------------------------------------------------------------------------------------------------ */

static void test_classes(void **state)
{
    (void)state;
    static const char *const wanted[] = {"5", "3"};
    qst_ctx *ctx = support_ctx(1);
    qst_table *digits = load(ctx, "digits");
    qst_dataset *dataset = create(
        digits,
        &(qst_dataset_opts){.classes = wanted, .n_classes = 2, .test = 0.5, .preprocess = pca8, .n_preprocess = 2});
    assert_int_equal(dataset->n_rows, 183 + 182);
    assert_int_equal(qst_dataset_classes(dataset), 2);
    assert_string_equal(qst_dataset_class_name(dataset, 0), "3");
    assert_string_equal(qst_dataset_class_name(dataset, 1), "5");
    assert_null(qst_dataset_class_name(dataset, 2));
    assert_int_equal(dataset->source_classes[0], 3);
    assert_int_equal(dataset->source_classes[1], 5);
    assert_int_equal(dataset->n_source_rows, 1797);
    assert_int_equal(dataset->n_source_classes, 10);
    assert_int_equal(dataset->n_raw_features, 64);
    assert_int_equal(qst_dataset_features(dataset).n_cols, 8);
    for (size_t i = 0; i < dataset->n_rows; i++) {
        assert_true(i == 0 || dataset->ids[i] > dataset->ids[i - 1]);
        assert_int_equal(digits->labels[dataset->ids[i]], dataset->labels[i] ? 5 : 3);
    }
    qst_dataset_free(dataset);
    qst_table_free(digits);
    qst_ctx_free(ctx);
}

static void refuse(const qst_table *table, const qst_dataset_opts *opts, qst_status status, const char *message)
{
    qst_dataset *dataset = NULL;
    assert_status(table->ctx, qst_dataset_create(table, opts, &dataset), status);
    assert_message(table->ctx, message);
    assert_null(dataset);
}

static void test_refused(void **state)
{
    (void)state;
    static const char *const unknown[] = {"3", "11"}, *const twice[] = {"3", "3"}, *const one[] = {"3"};
    qst_ctx *ctx = support_ctx(1);
    qst_table *digits = load(ctx, "digits"), *bare = NULL;
    refuse(digits, &(qst_dataset_opts){.test = 0}, QST_ERR_USAGE, "test: 0 is not between 0 and 1");
    refuse(digits, &(qst_dataset_opts){.test = 1}, QST_ERR_USAGE, "test: 1 is not between 0 and 1");
    refuse(digits, &(qst_dataset_opts){.test = (double)NAN}, QST_ERR_USAGE, "test: ");
    refuse(digits, &(qst_dataset_opts){.test = 0.5, .validation = 1}, QST_ERR_USAGE, "validation: 1 is not in");
    refuse(digits, &(qst_dataset_opts){.test = 0.5, .classes = unknown, .n_classes = 2}, QST_ERR_USAGE,
           "classes: \"11\" is none of the classes of digits: 0, 1, 2, 3, 4, 5, 6, 7, 8, 9");
    refuse(digits, &(qst_dataset_opts){.test = 0.5, .classes = twice, .n_classes = 2}, QST_ERR_USAGE,
           "classes: \"3\" is named twice");
    refuse(digits, &(qst_dataset_opts){.test = 0.5, .classes = one, .n_classes = 1}, QST_ERR_INPUT,
           "digits: 1 class: at least two are needed");
    refuse(digits,
           &(qst_dataset_opts){
               .test = 0.5, .preprocess = &(qst_preprocess_step){QST_PREPROCESS_pca, {65}}, .n_preprocess = 1},
           QST_ERR_MISMATCH, "pca: 65 components of 64 features");
    const char text[] = "1,2,a\n2,3,b\n3,4,b\n4,5,b\n5,6,a\n";
    assert_ok(ctx,
              qst_table_load(ctx, &(qst_table_opts){.source = support_write("s.csv", text, sizeof text - 1)}, &bare));
    refuse(bare, &(qst_dataset_opts){.test = 0.5, .validation = 0.5}, QST_ERR_INPUT,
           "class \"a\" has 2 rows: too few for one in each of 3 parts");
    qst_dataset *dataset = create(bare, &(qst_dataset_opts){.test = 0.2});
    assert_int_equal(count(dataset, QST_TEST, 0), 1);
    assert_int_equal(count(dataset, QST_TEST, 1), 1);
    qst_dataset_free(dataset);
    qst_table_free(bare);
    assert_ok(ctx, qst_table_load(ctx, &(qst_table_opts){.source = support_path("s.csv"), .label = "2"}, &bare));
    qsti_free(ctx, bare->labels);
    bare->labels = NULL;
    refuse(bare, &(qst_dataset_opts){.test = 0.5}, QST_ERR_USAGE, "s.csv: has no labels");
    qst_table_free(bare);
    qst_table_free(digits);
    qst_ctx_free(ctx);
}

/* One warning, whichever part notices; none when all is well. */
static void test_constant_columns(void **state)
{
    (void)state;
    const char text[] = "1,2,7,a\n2,3,7,b\n3,4,7,b\n4,5,7,b\n5,6,7,a\n6,7,7,a\n";
    for (size_t n_steps = 0; n_steps <= 1; n_steps++) {
        qst_ctx *ctx = support_ctx(1);
        qst_table *table = NULL;
        const char *path = support_write("c.csv", text, sizeof text - 1), *const *warnings = NULL;
        qst_preprocess_step step = {QST_PREPROCESS_standardize, {0}};
        assert_ok(ctx, qst_table_load(ctx, &(qst_table_opts){.source = path}, &table));
        qst_dataset *dataset =
            create(table, &(qst_dataset_opts){.test = 0.4, .preprocess = &step, .n_preprocess = n_steps});
        assert_int_equal(qsti_ctx_warnings(ctx, &warnings), 1);
        assert_non_null(strstr(warnings[0], "1 of 3 features are constant over the training rows"));
        assert_non_null(strstr(warnings[0], "feature 2"));
        qst_dataset_free(dataset);
        qst_table_free(table);
        qst_ctx_free(ctx);
    }
}

/* --- leakage ------------------------------------------------------------------------------------------------------ */

static void hash_fitted(qst_ctx *ctx, const qst_dataset *dataset, char out[QSTI_HASH_CHARS])
{
    qsti_hasher *hasher = NULL;
    assert_ok(ctx, qsti_hasher_create(ctx, &hasher));
    qsti_preprocess_hash(dataset->preprocess, hasher);
    qsti_hasher_finish(ctx, hasher, out);
}

/* Rows of the test and of validation may hold anything: no fitted constant moves. A training row does move them. */
static void test_fitted_on_training_rows(void **state)
{
    (void)state;
    qst_ctx *ctx = support_ctx(1);
    qst_table *wine = load(ctx, "wine");
    const qst_dataset_opts opts = {.test = 0.3, .validation = 0.2, .preprocess = pca8, .n_preprocess = 2, .seed = 2};
    qst_dataset *dataset = create(wine, &opts), *again;
    char before[QSTI_HASH_CHARS], after[QSTI_HASH_CHARS];
    hash_fitted(ctx, dataset, before);
    for (int part = QST_VALIDATION; part >= QST_TRAIN; part--) {
        for (size_t row = 0; row < wine->n_rows; row++) {
            bool changed = part == QST_TRAIN ? dataset->splits[row] == QST_TRAIN : dataset->splits[row] != QST_TRAIN;
            if (changed) {
                wine->features[row * wine->n_features + row % wine->n_features] += 1000;
            }
        }
        again = create(wine, &opts);
        hash_fitted(ctx, again, after);
        assert_int_equal(strcmp(before, after) == 0, part != QST_TRAIN);
        assert_string_not_equal(again->hash, dataset->hash);
        qst_dataset_free(again);
    }
    qst_dataset_free(dataset);
    qst_table_free(wine);
    qst_ctx_free(ctx);
}

/* --- hash --------------------------------------------------------------------------------------------------------- */

/* Everything counts: each change makes another hash; undone, the first is back. */
static void test_hash(void **state)
{
    (void)state;
    qst_ctx *ctx = support_ctx(1);
    qst_table *wine = load(ctx, "wine");
    qst_dataset *d = create(wine, &(qst_dataset_opts){.test = 0.3, .preprocess = pca8, .n_preprocess = 2, .seed = 9});
    char hash[QSTI_HASH_CHARS];
    unsigned char *const bytes[] = {(unsigned char *)d->features + 801, (unsigned char *)d->labels + 16,
                                    (unsigned char *)d->ids + 8,        d->splits + 5,
                                    (unsigned char *)d->class_names[1], (unsigned char *)d->source_classes,
                                    (unsigned char *)d->table_hash,     (unsigned char *)&d->n_source_rows};
    for (size_t i = 0; i < sizeof bytes / sizeof bytes[0]; i++) {
        *bytes[i] ^= 1;
        assert_ok(ctx, qsti_dataset_hash(d, hash));
        assert_string_not_equal(hash, d->hash);
        *bytes[i] ^= 1;
        assert_ok(ctx, qsti_dataset_hash(d, hash));
        assert_string_equal(hash, d->hash);
    }
    qst_dataset_free(d);
    qst_table_free(wine);
    qst_ctx_free(ctx);
}

/* --- the artefact ------------------------------------------------------------------------------------------------- */

static void read_file(qst_ctx *ctx, const char *path, char **out, size_t *out_n)
{
    assert_ok(ctx, qsti_file_read(ctx, path, 1 << 24, out, out_n));
}

static void test_save_load(void **state)
{
    (void)state;
    for (int n_threads = 1; n_threads <= 3; n_threads += 2) {
        static char hashes[2][QSTI_HASH_CHARS];
        qst_ctx *ctx = support_ctx(n_threads);
        qst_table *digits = load(ctx, "digits");
        qst_dataset *a = create(
            digits,
            &(qst_dataset_opts){.test = 0.25, .validation = 0.1, .preprocess = pca8, .n_preprocess = 2, .seed = 1});
        qst_dataset *b = NULL;
        const char *folder = support_path(n_threads == 1 ? "one" : "three");
        assert_ok(ctx, qst_dataset_save(a, folder));
        assert_ok(ctx, qst_dataset_save(a, folder)); /* again: a dataset may be replaced */
        assert_ok(ctx, qst_dataset_load(ctx, folder, &b));
        assert_string_equal(qst_dataset_hash(a), qst_dataset_hash(b));
        assert_string_equal(a->name, b->name);
        assert_string_equal(a->table_hash, b->table_hash);
        assert_int_equal(b->seed, 1);
        assert_memory_equal(a->features, b->features, a->n_rows * a->n_features * sizeof(double));
        assert_memory_equal(a->splits, b->splits, a->n_rows);
        assert_int_equal(b->n_source_rows, 1797);
        snprintf(hashes[n_threads / 2], QSTI_HASH_CHARS, "%s", a->hash);
        if (n_threads == 3) {
            char *one = NULL, *three = NULL;
            size_t n_one = 0, n_three = 0;
            assert_string_equal(hashes[0], hashes[1]);
            read_file(ctx, support_path("one/dataset.safetensors"), &one, &n_one);
            read_file(ctx, support_path("three/dataset.safetensors"), &three, &n_three);
            assert_int_equal(n_one, n_three);
            assert_memory_equal(one, three, n_one);
            qsti_free(ctx, one);
            qsti_free(ctx, three);
        }
        qst_dataset_free(a);
        qst_dataset_free(b);
        qst_table_free(digits);
        qst_ctx_free(ctx);
    }
}

static void test_save_refused(void **state)
{
    (void)state;
    qst_ctx *ctx = support_ctx(1);
    qst_table *iris = load(ctx, "iris");
    qst_dataset *dataset = create(iris, &(qst_dataset_opts){.test = 0.5});
    assert_ok(ctx, qsti_folder_make(ctx, support_path("full")));
    support_write("full/letter.txt", "mine", 4);
    assert_status(ctx, qst_dataset_save(dataset, support_path("full")), QST_ERR_SYSTEM);
    assert_message(ctx, "exists, is not empty, and holds no dataset");
    assert_false(qsti_path_exists(support_path("full/dataset.json")));
    qst_dataset *none = NULL;
    assert_status(ctx, qst_dataset_load(ctx, support_path("full"), &none), QST_ERR_SYSTEM);
    assert_null(none);
    qst_dataset_free(dataset);
    qst_table_free(iris);
    qst_ctx_free(ctx);
}

/* No bit of either file can change unseen. */
static void test_damaged(void **state)
{
    (void)state;
    static const char *const files[] = {"d/dataset.json", "d/dataset.safetensors"};
    qst_ctx *ctx = support_ctx(1);
    qst_table *iris = load(ctx, "iris");
    qst_dataset *dataset = create(iris, &(qst_dataset_opts){.test = 0.5}), *back = NULL;
    assert_ok(ctx, qst_dataset_save(dataset, support_path("d")));
    for (size_t f = 0; f < 2; f++) {
        char *bytes = NULL;
        size_t n = 0;
        read_file(ctx, support_path(files[f]), &bytes, &n);
        for (size_t bit = 3; bit < 8 * n; bit += 8 * n / 150) {
            bytes[bit / 8] = (char)(bytes[bit / 8] ^ (1 << bit % 8));
            support_write(files[f], bytes, n);
            assert_status(ctx, qst_dataset_load(ctx, support_path("d"), &back), QST_ERR_DAMAGED);
            bytes[bit / 8] = (char)(bytes[bit / 8] ^ (1 << bit % 8));
        }
        support_write(files[f], bytes, n - 1);
        assert_status(ctx, qst_dataset_load(ctx, support_path("d"), &back), QST_ERR_DAMAGED);
        support_write(files[f], bytes, n);
        qsti_free(ctx, bytes);
    }
    assert_ok(ctx, qst_dataset_load(ctx, support_path("d"), &back));
    qst_dataset_free(back);
    qst_dataset_free(dataset);
    qst_table_free(iris);
    qst_ctx_free(ctx);
}

/* Files that agree with each other and not with themselves: one JSON value changed, and both files sealed again. */
static void test_forged_json(void **state)
{
    (void)state;
    static const struct {
        const char *path, *value, *message;
    } changes[] = {
        {"sha256", "\"0123456789012345678901234567890123456789012345678901234567890123\"", "sha256: is not that of"},
        {"sha256", "\"short\"", "sha256: 64 hex digits"},
        {"source.sha256", "\"x\"", "sha256: 64 hex digits"},
        {"features", "3", "tensor x has another shape"},
        {"features", "0", "features: at least one"},
        {"features", "\"4\"", "features"},
        {"seed", "7", "seed"},
        {"seed", "\"-1\"", "seed: a whole number"},
        {"source.rows", "149", "id: rows of the source"},
        {"source.features", "5", "preprocess: does not lead"},
        {"source.classes", "2", "classes: "},
        {"classes", "[]", "classes: at least two"},
        {"classes", "[1, 2]", "classes: objects"},
        {"classes", "[{\"name\": \"a\", \"source_class\": 0}, {\"name\": \"b\", \"source_class\": 1}]", "y: a label"},
        {"classes", "[{\"name\": \"a\", \"source_class\": 1}, {\"name\": \"b\", \"source_class\": 1}]",
         "classes: source_class must ascend"},
        {"preprocess", "[]", "preprocess: step 0: a list of 1 to 64 steps"},
        {"name", "null", "name"},
    };
    qst_ctx *ctx = support_ctx(1);
    qst_table *iris = load(ctx, "iris");
    qst_dataset *dataset = create(iris, &(qst_dataset_opts){.test = 0.5}), *back = NULL;
    for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
        json_t *json = NULL;
        qsti_tensors *tensors = NULL;
        assert_ok(ctx, qst_dataset_save(dataset, support_path("forged")));
        assert_ok(ctx, qsti_artefact_read(ctx, support_path("forged"), "dataset", &json, &tensors));
        static const char *const names[] = {"x", "y", "id", "split"};
        qsti_tensor kept[4];
        for (size_t t = 0; t < 4; t++) {
            const qsti_tensor *found = NULL;
            const qsti_dtype type = t == 0 ? QSTI_F64 : t == 3 ? QSTI_U8 : QSTI_I64;
            assert_ok(ctx, qsti_tensors_get(ctx, tensors, names[t], type, t ? 1 : 2, &found));
            kept[t] = *found;
        }
        assert_true(qsti_json_put(json, changes[i].path, json_loads(changes[i].value, JSON_DECODE_ANY, NULL)));
        assert_ok(ctx, qsti_artefact_write(ctx, support_path("forged"), "dataset", json, kept, 4));
        assert_status(ctx, qst_dataset_load(ctx, support_path("forged"), &back), QST_ERR_DAMAGED);
        assert_message(ctx, changes[i].message);
        assert_message(ctx, "forged/dataset.json: ");
        json_decref(json);
        qsti_tensors_free(ctx, tensors);
    }
    qst_dataset_free(dataset);
    qst_table_free(iris);
    qst_ctx_free(ctx);
}

/* Values that no dataset holds, sealed as they are. */
static void test_forged_rows(void **state)
{
    (void)state;
    qst_ctx *ctx = support_ctx(1);
    qst_table *iris = load(ctx, "iris");
    for (int change = 0; change < 6; change++) {
        static const char *const messages[] = {"y: a label", "y: a label", "id: rows",
                                               "id: rows",   "split: ",    "x: a value"};
        qst_dataset *dataset = create(iris, &(qst_dataset_opts){.test = 0.5}), *back = NULL;
        dataset->labels[7] = change == 0 ? 3 : change == 1 ? -1 : dataset->labels[7];
        dataset->ids[8] = change == 2 ? 150 : change == 3 ? 7 : dataset->ids[8];
        if (change == 5) {
            dataset->features[9] = (double)NAN;
        }
        assert_ok(ctx, qst_dataset_save(dataset, support_path("rows")));
        if (change == 4) {
            json_t *json = NULL;
            qsti_tensors *tensors = NULL;
            assert_ok(ctx, qsti_artefact_read(ctx, support_path("rows"), "dataset", &json, &tensors));
            dataset->splits[3] = 3;
            const qsti_tensor kept[4] = {{"x", QSTI_F64, 2, {150, 4}, dataset->features},
                                         {"y", QSTI_I64, 1, {150}, dataset->labels},
                                         {"id", QSTI_I64, 1, {150}, dataset->ids},
                                         {"split", QSTI_U8, 1, {150}, dataset->splits}};
            assert_ok(ctx, qsti_artefact_write(ctx, support_path("rows"), "dataset", json, kept, 4));
            json_decref(json);
            qsti_tensors_free(ctx, tensors);
        }
        assert_status(ctx, qst_dataset_load(ctx, support_path("rows"), &back), QST_ERR_DAMAGED);
        assert_message(ctx, messages[change]);
        qst_dataset_free(dataset);
    }
    qst_table_free(iris);
    qst_ctx_free(ctx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_apportion),
        cmocka_unit_test(test_apportion_exhaustively),
        cmocka_unit_test(test_split),
        cmocka_unit_test(test_seeds),
        cmocka_unit_test(test_official),
        cmocka_unit_test(test_per_class),
        cmocka_unit_test(test_classes),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_constant_columns),
        cmocka_unit_test(test_fitted_on_training_rows),
        cmocka_unit_test(test_hash),
        cmocka_unit_test(test_save_load),
        cmocka_unit_test(test_save_refused),
        cmocka_unit_test(test_damaged),
        cmocka_unit_test(test_forged_json),
        cmocka_unit_test(test_forged_rows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
