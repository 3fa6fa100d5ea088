/* test_table.c: sources: built-in sets, generators, files with their labels; how they are found. */
#include <qstill/data.h>
#include <unistd.h>

#include "data/builtin.h"
#include "data/dataset.h"
#include "support/support.h"

static const char *write_text(const char *name, const char *text)
{
    return support_write(name, text, strlen(text));
}

/* --- built-in sets ------------------------------------------------------------------------------------------------ */

typedef struct builtin_case {
    const char *name;
    size_t n_rows, n_features, n_classes;
    const char *classes; /* name:rows, blanks between */
    double sum;          /* of all features, by numpy */
} builtin_case;

static const builtin_case builtins[] = {
#define QSTI_BUILTIN(name, file, n_rows, n_features, n_classes, about) \
    {#name, n_rows, n_features, n_classes, CLASSES_##name},
#define CLASSES_digits        "0:178 1:182 2:177 3:183 4:181 5:182 6:181 7:179 8:174 9:180", 561718
#define CLASSES_iris          "setosa:50 versicolor:50 virginica:50", 2078.7
#define CLASSES_wine          "class_0:59 class_1:71 class_2:48", 159975.295999
#define CLASSES_breast_cancer "benign:357 malignant:212", 1056474.4596356
#include "data/builtin.def"
#undef QSTI_BUILTIN
};

static void test_builtins(void **state)
{
    (void)state;
    qst_ctx *ctx = support_ctx(1);
    for (size_t b = 0; b < sizeof builtins / sizeof builtins[0]; b++) {
        const builtin_case *expected = &builtins[b];
        qst_table *table = NULL;
        char classes[512] = "";
        double sum = 0;
        assert_ok(ctx, qst_table_load(ctx, &(qst_table_opts){.source = expected->name, .label = "ignored"}, &table));
        qst_const_matrix x = qst_table_features(table);
        assert_string_equal(qst_table_name(table), expected->name);
        assert_int_equal(x.n_rows, expected->n_rows);
        assert_int_equal(x.n_cols, expected->n_features);
        assert_int_equal(qst_table_classes(table), expected->n_classes);
        for (size_t c = 0; c < expected->n_classes; c++) {
            size_t n = 0, at = strlen(classes);
            for (size_t row = 0; row < x.n_rows; row++) {
                n += qst_table_labels(table)[row] == (int64_t)c;
            }
            snprintf(classes + at, sizeof classes - at, "%s%s:%zu", c ? " " : "", qst_table_class_name(table, c), n);
        }
        assert_string_equal(classes, expected->classes);
        for (size_t i = 0; i < x.n_rows * x.n_cols; i++) {
            sum += x.data[i];
        }
        assert_close(sum, expected->sum, 1e-3);
        assert_int_equal(strlen(qst_table_hash(table)), 64);
        assert_null(qst_table_class_name(table, expected->n_classes));
        qst_table_free(table);
    }
    qst_ctx_free(ctx);
}

/* The order: the caller's folder, QSTILL_DATA, the source tree. */
static void test_find(void **state)
{
    (void)state;
    qst_ctx *ctx = support_ctx(1);
    char *path = NULL;
    qst_table *table = NULL;
    assert_ok(ctx, qsti_builtin_find(ctx, NULL, "iris.csv", &path));
    assert_string_equal(path, QSTILL_SOURCE_DIR "/data/iris.csv");
    qsti_free(ctx, path);
    write_text("iris.csv", "a,label\n1,x\n2,y\n3,x\n");
    assert_int_equal(setenv("QSTILL_DATA", support_folder(), 1), 0);
    assert_ok(ctx, qst_table_load(ctx, &(qst_table_opts){.source = "iris"}, &table));
    assert_int_equal(qst_table_features(table).n_rows, 3);
    qst_table_free(table);
    assert_ok(ctx, qst_table_load(ctx, &(qst_table_opts){.source = "iris", .data_folder = QSTILL_SOURCE_DIR "/data"},
                                  &table));
    assert_int_equal(qst_table_features(table).n_rows, 150);
    qst_table_free(table);
    assert_int_equal(setenv("QSTILL_DATA", "/nowhere", 1), 0);
    assert_status(ctx, qsti_builtin_find(ctx, "here", "none.csv", &path), QST_ERR_SYSTEM);
    assert_message(ctx, "none.csv is in none of the data folders here, /nowhere, " QSTILL_SOURCE_DIR "/data, ");
    assert_int_equal(unsetenv("QSTILL_DATA"), 0);
    qst_ctx_free(ctx);
}

/* The official split, from a small set of the same form: 3 training and 2 test images. */
static void write_fashion(const char *kind, unsigned n, unsigned first_label)
{
    unsigned char images[16 + 5 * 784] = {0, 0, 8, 3, 0, 0, 0, (unsigned char)n, 0, 0, 0, 28, 0, 0, 0, 28};
    unsigned char labels[8 + 5] = {0, 0, 8, 1, 0, 0, 0, (unsigned char)n}, packed[20000];
    char name[100];
    for (unsigned i = 0; i < n; i++) {
        images[16 + 784 * i] = labels[8 + i] = (unsigned char)(first_label + i);
    }
    for (int part = 0; part < 2; part++) {
        const unsigned char *bytes = part ? labels : images;
        size_t n_bytes = part ? 8 + n : 16 + 784 * n, at = 0;
        /* gzip without compression: header, one stored block, CRC, size */
        static const unsigned char header[10] = {0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255};
        memcpy(packed, header, 10);
        const unsigned char block[5] = {1, (unsigned char)n_bytes, (unsigned char)(n_bytes >> 8),
                                        (unsigned char)~n_bytes, (unsigned char)(~n_bytes >> 8)};
        memcpy(packed + 10, block, 5);
        memcpy(packed + 15, bytes, n_bytes);
        at = 15 + n_bytes;
        uint32_t crc = 0xffffffffU;
        for (size_t i = 0; i < n_bytes; i++) {
            crc ^= bytes[i];
            for (int bit = 0; bit < 8; bit++) {
                crc = crc >> 1 ^ (crc & 1 ? 0xedb88320U : 0);
            }
        }
        crc = ~crc;
        for (int i = 0; i < 4; i++) {
            packed[at + (size_t)i] = (unsigned char)(crc >> (8 * i));
            packed[at + 4 + (size_t)i] = (unsigned char)(n_bytes >> (8 * i));
        }
        snprintf(name, sizeof name, "fashion-mnist/%s-%s-ubyte.gz", kind, part ? "labels-idx1" : "images-idx3");
        support_write(name, packed, at + 8);
    }
}

static void test_fashion(void **state)
{
    (void)state;
    qst_ctx *ctx = support_ctx(1);
    assert_ok(ctx, qsti_folder_make(ctx, support_path("fashion-mnist")));
    write_fashion("train", 3, 0);
    write_fashion("t10k", 2, 7);
    qst_table *table = NULL;
    qst_table_opts opts = {.source = "fashion_mnist", .data_folder = support_folder()};
    assert_ok(ctx, qst_table_load(ctx, &opts, &table));
    qst_const_matrix x = qst_table_features(table);
    assert_int_equal(x.n_rows, 5);
    assert_int_equal(x.n_cols, 784);
    assert_int_equal(qst_table_classes(table), 10);
    static const int64_t labels[] = {0, 1, 2, 7, 8};
    static const uint8_t official[] = {QST_TRAIN, QST_TRAIN, QST_TRAIN, QST_TEST, QST_TEST};
    assert_memory_equal(qst_table_labels(table), labels, sizeof labels);
    assert_memory_equal(table->official, official, sizeof official);
    for (size_t row = 0; row < 5; row++) {
        assert_true(x.data[784 * row] == (double)labels[row] && x.data[784 * row + 1] == 0);
    }
    qst_table_free(table);
    write_fashion("t10k", 2, 9);
    assert_status(ctx, qst_table_load(ctx, &opts, &table), QST_ERR_INPUT);
    assert_message(ctx, "label 10 in row 1 is not in 0..9");
    qst_ctx_free(ctx);
}

/* --- generators --------------------------------------------------------------------------------------------------- */

static qst_table *generate(qst_ctx *ctx, const char *source, size_t samples, double noise, uint64_t seed)
{
    qst_table *table = NULL;
    assert_ok(ctx,
              qst_table_load(ctx, &(qst_table_opts){.source = source, .samples = samples, .noise = noise, .seed = seed},
                             &table));
    return table;
}

/* Without noise every point is where the formula says; classes are halves. */
static void test_generator_shapes(void **state)
{
    (void)state;
    static const char *const sources[] = {"moons", "circles", "xor"};
    qst_ctx *ctx = support_ctx(1);
    for (size_t g = 0; g < 3; g++) {
        qst_table *table = generate(ctx, sources[g], 401, 0, 3);
        qst_const_matrix x = qst_table_features(table);
        size_t n_one = 0, quadrants[4] = {0, 0, 0, 0};
        for (size_t row = 0; row < x.n_rows; row++) {
            double a = x.data[2 * row], b = x.data[2 * row + 1];
            bool one = qst_table_labels(table)[row] == 1;
            n_one += one;
            if (g == 0) {
                assert_close(one ? hypot(a - 1, b - 0.5) : hypot(a, b), 1, 1e-12);
                assert_true(one ? b <= 0.5 + 1e-12 : b >= -1e-12);
            } else if (g == 1) {
                assert_close(hypot(a, b), one ? 0.8 : 1, 1e-12);
            } else {
                assert_true(fabs(a) <= 1 && fabs(b) <= 1 && (a * b < 0) == one);
                quadrants[(a > 0) + 2 * (b > 0)]++;
            }
        }
        assert_int_equal(x.n_rows, 401);
        assert_int_equal(n_one, 201);
        for (size_t q = 0; g == 2 && q < 4; q++) {
            assert_in_range(quadrants[q], 100, 101);
        }
        qst_table_free(table);
    }
    qst_ctx_free(ctx);
}

/* scikit-learn's make_moons(4, shuffle=False) and make_circles(4, shuffle=False): the same set of points. */
static void test_generator_points(void **state)
{
    (void)state;
    static const double moons[4][3] = {{1, 0, 0}, {-1, 0, 0}, {0, 0.5, 1}, {2, 0.5, 1}};
    static const double circles[4][3] = {{1, 0, 0}, {-1, 0, 0}, {0.8, 0, 1}, {-0.8, 0, 1}};
    qst_ctx *ctx = support_ctx(1);
    for (int g = 0; g < 2; g++) {
        qst_table *table = generate(ctx, g ? "circles" : "moons", 4, 0, 1);
        const double *x = qst_table_features(table).data;
        for (size_t p = 0; p < 4; p++) {
            const double *point = g ? circles[p] : moons[p];
            size_t n_found = 0;
            for (size_t row = 0; row < 4; row++) {
                n_found += fabs(x[2 * row] - point[0]) < 1e-12 && fabs(x[2 * row + 1] - point[1]) < 1e-12 &&
                           (double)qst_table_labels(table)[row] == point[2];
            }
            assert_int_equal(n_found, 1);
        }
        qst_table_free(table);
    }
    qst_ctx_free(ctx);
}

/* Noise has the asked deviation; a negative one means the default; the seed decides. 6 sigma of the estimate. */
static void test_generator_noise(void **state)
{
    (void)state;
    enum { N = 20000 };
    qst_ctx *ctx = support_ctx(1);
    qst_table *table = generate(ctx, "circles", N, 0.001, 5), *other = generate(ctx, "circles", N, 0.001, 6);
    const double *x = qst_table_features(table).data;
    double sum = 0;
    for (size_t row = 0; row < N; row++) {
        double off = hypot(x[2 * row], x[2 * row + 1]) - (qst_table_labels(table)[row] ? 0.8 : 1);
        sum += off * off;
    }
    assert_close(sqrt(sum / N), 0.001, 6 * 0.001 / sqrt(2.0 * N));
    assert_string_not_equal(qst_table_hash(table), qst_table_hash(other));
    qst_table_free(other);
    other = generate(ctx, "circles", N, 0.001, 5);
    assert_string_equal(qst_table_hash(table), qst_table_hash(other));
    qst_table_free(table);
    qst_table_free(other);
    table = generate(ctx, "circles", 0, -1, 5);
    other = generate(ctx, "circles", 500, 0.05, 5);
    assert_string_equal(qst_table_hash(table), qst_table_hash(other));
    qst_table_free(table);
    qst_table_free(other);
    assert_status(ctx, qst_table_load(ctx, &(qst_table_opts){.source = "xor", .samples = 3}, &table), QST_ERR_USAGE);
    assert_status(ctx, qst_table_load(ctx, &(qst_table_opts){.source = "xor", .noise = (double)NAN}, &table),
                  QST_ERR_USAGE);
    qst_ctx_free(ctx);
}

/* --- files -------------------------------------------------------------------------------------------------------- */

static void assert_table(qst_ctx *ctx, const char *source, const char *label, const char *classes)
{
    qst_table *table = NULL;
    char found[200] = "";
    assert_ok(ctx, qst_table_load(ctx, &(qst_table_opts){.source = source, .label = label}, &table));
    qst_const_matrix x = qst_table_features(table);
    assert_int_equal(x.n_rows, 3);
    assert_int_equal(x.n_cols, 2);
    for (size_t i = 0; i < 6; i++) {
        assert_true(x.data[i] == (double)(i + 1));
    }
    for (size_t row = 0; row < 3; row++) {
        size_t at = strlen(found);
        snprintf(found + at, sizeof found - at, "%s%s", row ? " " : "",
                 qst_table_class_name(table, (size_t)qst_table_labels(table)[row]));
    }
    assert_string_equal(found, classes);
    qst_table_free(table);
}

/* Features and labels together, or labels in a second file of any kind. */
static void test_label_files(void **state)
{
    (void)state;
    static const double x[6] = {1, 2, 3, 4, 5, 6}, y[3] = {7, 3, 7};
    qst_ctx *ctx = support_ctx(1);
    const char *npy = support_path("x.npy"), *labels = support_path("y.npy");
    assert_ok(ctx, qst_array_write(ctx, npy, (qst_const_matrix){x, 3, 2}, NULL));
    assert_ok(ctx, qst_array_write(ctx, labels, (qst_const_matrix){y, 3, 1}, NULL));
    assert_table(ctx, npy, labels, "7 3 7");
    assert_table(ctx, npy, write_text("y1.csv", "kind\n7\n3\n7\n"), "7 3 7");
    assert_table(ctx, npy, write_text("y2.csv", "a\nb\na\n"), "a b a");
    assert_table(ctx, npy, write_text("y3.csv", "kind\na\nb\na\n"), "a b a");
    const unsigned char idx[] = {0, 0, 8, 1, 0, 0, 0, 3, 7, 3, 7};
    assert_table(ctx, npy, support_write("y.idx", idx, sizeof idx), "7 3 7");
    assert_table(ctx, write_text("whole.csv", "a,b,label\n1,2,7\n3,4,3\n5,6,7\n"), NULL, "7 3 7");
    assert_table(ctx, write_text("bare.csv", "1,2\n3,4\n5,6\n"), labels, "7 3 7");
    qst_table *table = NULL;
    assert_status(ctx, qst_table_load(ctx, &(qst_table_opts){.source = npy}, &table), QST_ERR_USAGE);
    assert_ok(ctx, qst_table_load(ctx, &(qst_table_opts){.source = npy, .unlabelled = true}, &table));
    assert_null(qst_table_labels(table));
    assert_int_equal(qst_table_classes(table), 0);
    assert_string_equal(qst_table_name(table), "x.npy");
    qst_table_free(table);
    qst_ctx_free(ctx);
}

static void test_unknown(void **state)
{
    (void)state;
    qst_ctx *ctx = support_ctx(1);
    qst_table *table = NULL;
    assert_status(ctx, qst_table_load(ctx, &(qst_table_opts){.source = "digit"}, &table), QST_ERR_USAGE);
    assert_message(ctx, "source \"digit\" is not known; is it \"digits\"?");
    assert_status(ctx, qst_table_load(ctx, &(qst_table_opts){.source = "zzzzzzz"}, &table), QST_ERR_USAGE);
    assert_message(ctx, "one of digits iris wine breast_cancer fashion_mnist moons circles xor or the path of a file");
    assert_status(ctx, qst_table_load(ctx, &(qst_table_opts){.source = ""}, &table), QST_ERR_USAGE);
    assert_status(ctx, qst_table_load(ctx, &(qst_table_opts){.source = "none.csv"}, &table), QST_ERR_SYSTEM);
    assert_message(ctx, "none.csv: cannot be opened");
    assert_status(ctx, qst_table_load(ctx, &(qst_table_opts){.source = write_text("a.pkl", "x")}, &table),
                  QST_ERR_UNSUPPORTED);
    assert_message(ctx, "pickle files can run programs: save it as .npy");
    assert_null(table);
    qst_ctx_free(ctx);
}

/* "-": standard input, read once from front to back. */
static void test_stdin(void **state)
{
    (void)state;
    qst_ctx *ctx = support_ctx(1);
    int ends[2], saved = dup(STDIN_FILENO);
    const char text[] = "a,b,label\n1,2,7\n3,4,3\n5,6,7\n";
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(write(ends[1], text, sizeof text - 1), sizeof text - 1);
    close(ends[1]);
    dup2(ends[0], STDIN_FILENO);
    close(ends[0]);
    assert_table(ctx, "-", NULL, "7 3 7");
    dup2(saved, STDIN_FILENO);
    close(saved);
    qst_ctx_free(ctx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_builtins),
        cmocka_unit_test(test_find),
        cmocka_unit_test(test_fashion),
        cmocka_unit_test(test_generator_shapes),
        cmocka_unit_test(test_generator_points),
        cmocka_unit_test(test_generator_noise),
        cmocka_unit_test(test_label_files),
        cmocka_unit_test(test_unknown),
        cmocka_unit_test(test_stdin),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
