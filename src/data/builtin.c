/* builtin.c: where the built-in sets lie, and Fashion-MNIST, which a Debian package brings.
 *
 * The sets of data/ are plain CSV files and go the way of every CSV file. Fashion-MNIST [xiao2017] is four IDX files:
 * 60,000 training and 10,000 test images of 28 x 28; training rows come first, and the split is kept as the official
 * one. */
#include "data/builtin.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "data/idx.h"
#include "data/source.h"

#define FASHION_FOLDER  "/usr/share/datasets/fashion-mnist"
#define FASHION_CLASSES 10

const char *qsti_builtin_file(const char *name)
{
    static const struct {
        const char *name, *file;
    } sets[] = {
#define QSTI_BUILTIN(name, file, n_rows, n_features, n_classes, about) {#name, file},
#include "data/builtin.def"
#undef QSTI_BUILTIN
    };
    for (size_t s = 0; s < sizeof sets / sizeof sets[0]; s++) {
        if (strcmp(sets[s].name, name) == 0) {
            return sets[s].file;
        }
    }
    return NULL;
}

/* --- where files lie ---------------------------------------------------------------------------------------------- */

qst_status qsti_builtin_find(qst_ctx *ctx, const char *data_folder, const char *file, char **out_path)
{
    qst_status status = QST_OK;
    const char *folders[] = {data_folder, getenv("QSTILL_DATA"), QSTILL_DATA_SOURCE, QSTILL_DATA_INSTALLED};
    char *path = NULL;
    qsti_text tried;
    qsti_text_init(&tried, ctx);
    for (size_t f = 0; f < sizeof folders / sizeof folders[0]; f++) {
        if (folders[f] == NULL || folders[f][0] == '\0') {
            continue;
        }
        QSTI_TRY(qsti_path_join(ctx, folders[f], file, &path));
        if (qsti_path_exists(path)) {
            *out_path = path;
            path = NULL;
            goto done;
        }
        qsti_free(ctx, path);
        path = NULL;
        qsti_text_add(&tried, "%s%s", tried.length ? ", " : "", folders[f]);
    }
    QSTI_TRY(tried.status);
    QSTI_TRY(qsti_fail(ctx, QST_ERR_SYSTEM, "%s is in none of the data folders %s: set QSTILL_DATA to the right one",
                       file, tried.bytes));
done:
    qsti_free(ctx, path);
    qsti_text_clear(&tried);
    return status;
}

/* --- Fashion-MNIST ------------------------------------------------------------------------------------------------ */

typedef struct fashion_part {
    const char *images, *labels;
    qst_split split;
    char *images_path, *labels_path;
    size_t n_rows;
} fashion_part;

static qst_status find_fashion(qst_ctx *ctx, const char *data_folder, const char *file, char **out_path)
{
    qst_status status = QST_OK;
    char *inner = NULL, *path = NULL;
    QSTI_TRY(qsti_path_join(ctx, "fashion-mnist", file, &inner));
    if (qsti_builtin_find(ctx, data_folder, inner, &path) != QST_OK) {
        QSTI_TRY(qsti_path_join(ctx, FASHION_FOLDER, file, &path));
        if (!qsti_path_exists(path)) {
            QSTI_TRY(qsti_fail(ctx, QST_ERR_SYSTEM,
                               "%s is missing: Fashion-MNIST comes with: apt install dataset-fashion-mnist", path));
        }
    }
    *out_path = path;
    path = NULL;
done:
    qsti_free(ctx, path);
    qsti_free(ctx, inner);
    return status;
}

static qst_status open_idx(qst_ctx *ctx, char *path, qsti_idx *out, qsti_stream **out_stream)
{
    qsti_source source = {.ctx = ctx, .kind = QSTI_FILE_IDX, .gzip = true, .path = path};
    qsti_stream *stream = NULL;
    qst_status status = qsti_source_open(&source, &stream);
    if (status != QST_OK) {
        return status;
    }
    status = qsti_idx_read_header(stream, out);
    if (status != QST_OK) {
        qsti_stream_close(stream);
        return status;
    }
    *out_stream = stream;
    return QST_OK;
}

/* Reads the images, or the labels (expected_cols 1), of a part into `out`; without it only the number of rows. */
static qst_status read_part(qst_ctx *ctx, char *path, size_t expected_rows, size_t expected_cols, double *out,
                            size_t *out_rows)
{
    qsti_idx idx;
    qsti_stream *stream = NULL;
    qst_status status = open_idx(ctx, path, &idx, &stream);
    if (status != QST_OK) {
        return status;
    }
    if (idx.n_cols != expected_cols || (expected_rows && idx.n_rows != expected_rows)) {
        status = qsti_fail(ctx, QST_ERR_MISMATCH, "%s: %zu rows of %zu values, not those of Fashion-MNIST", path,
                           idx.n_rows, idx.n_cols);
    } else if (out) {
        status = qsti_idx_read_values(stream, &idx, out);
    }
    *out_rows = idx.n_rows;
    qsti_stream_close(stream);
    return status;
}

static qst_status read_labels(qst_ctx *ctx, const fashion_part *part, int64_t *out)
{
    qst_status status = QST_OK;
    double *labels = NULL;
    size_t n_rows;
    QSTI_TRY(QSTI_NEW(ctx, part->n_rows, &labels));
    QSTI_TRY(read_part(ctx, part->labels_path, part->n_rows, 1, labels, &n_rows));
    for (size_t row = 0; row < part->n_rows; row++) {
        if (!(labels[row] >= 0 && labels[row] < FASHION_CLASSES) || labels[row] != floor(labels[row])) {
            QSTI_TRY(qsti_fail(ctx, QST_ERR_INPUT, "%s: label %g in row %zu is not in 0..9", part->labels_path,
                               labels[row], row));
        }
        out[row] = (int64_t)labels[row];
    }
done:
    qsti_free(ctx, labels);
    return status;
}

static qst_status name_classes(qst_ctx *ctx, qst_table *table)
{
    qst_status status = QST_OK;
    QSTI_TRY(QSTI_NEW(ctx, FASHION_CLASSES, &table->class_names));
    table->n_classes = FASHION_CLASSES;
    for (size_t c = 0; c < FASHION_CLASSES; c++) {
        const char name[] = {(char)('0' + c), '\0'};
        QSTI_TRY(qsti_strdup(ctx, name, &table->class_names[c]));
    }
done:
    return status;
}

qst_status qsti_fashion_mnist_load(qst_ctx *ctx, const char *data_folder, qst_table *table)
{
    qst_status status = QST_OK;
    fashion_part parts[] = {
        {"train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz", QST_TRAIN, NULL, NULL, 0},
        {"t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz", QST_TEST, NULL, NULL, 0},
    };
    table->n_features = 28 * 28;
    table->n_rows = 0;
    for (size_t p = 0; p < 2; p++) {
        QSTI_TRY(find_fashion(ctx, data_folder, parts[p].images, &parts[p].images_path));
        QSTI_TRY(find_fashion(ctx, data_folder, parts[p].labels, &parts[p].labels_path));
        QSTI_TRY(read_part(ctx, parts[p].images_path, 0, table->n_features, NULL, &parts[p].n_rows));
        table->n_rows += parts[p].n_rows;
    }
    size_t n_values;
    if (!qsti_mul(table->n_rows, table->n_features, &n_values)) {
        QSTI_TRY(qsti_fail(ctx, QST_ERR_MEMORY, "out of memory: %zu rows", table->n_rows));
    }
    QSTI_TRY(QSTI_NEW(ctx, n_values, &table->features));
    QSTI_TRY(QSTI_NEW(ctx, table->n_rows, &table->labels));
    QSTI_TRY(QSTI_NEW(ctx, table->n_rows, &table->official));
    for (size_t p = 0, first = 0; p < 2; first += parts[p].n_rows, p++) {
        size_t n_rows;
        QSTI_TRY(read_part(ctx, parts[p].images_path, parts[p].n_rows, table->n_features,
                           table->features + first * table->n_features, &n_rows));
        QSTI_TRY(read_labels(ctx, &parts[p], table->labels + first));
        memset(table->official + first, (int)parts[p].split, parts[p].n_rows);
    }
    QSTI_TRY(name_classes(ctx, table));
done:
    for (size_t p = 0; p < 2; p++) {
        qsti_free(ctx, parts[p].images_path);
        qsti_free(ctx, parts[p].labels_path);
    }
    return status;
}

/* --- the list ----------------------------------------------------------------------------------------------------- */

size_t qst_builtin_sets(const qst_builtin_set **out)
{
    static const qst_builtin_set sets[] = {
#define QSTI_BUILTIN(name, file, n_rows, n_features, n_classes, about) {#name, n_rows, n_features, n_classes, about},
#include "data/builtin.def"
#undef QSTI_BUILTIN
        {QSTI_FASHION_MNIST, 70000, 784, FASHION_CLASSES,
         "images of clothes, 28 x 28 (Debian package dataset-fashion-mnist)"},
    };
    *out = sets;
    return sizeof sets / sizeof sets[0];
}

bool qst_builtin_is_found(qst_ctx *ctx, const char *name)
{
    char *path = NULL;
    const char *file = qsti_builtin_file(name);
    qst_status status = QST_NO;
    if (file) {
        status = qsti_builtin_find(ctx, NULL, file, &path);
    } else if (strcmp(name, QSTI_FASHION_MNIST) == 0) {
        status = find_fashion(ctx, NULL, "train-images-idx3-ubyte.gz", &path);
    }
    qsti_free(ctx, path);
    return status == QST_OK;
}
