/* table.c: features and labels of a source, whatever it is: a built-in set, a generator, or files. */
#include <string.h>

#include "base/text.h"
#include "data/builtin.h"
#include "data/csv.h"
#include "data/generators.h"
#include "data/source.h"

/* --- labels ------------------------------------------------------------------------------------------------------- */

/* Makes classes of the labels, which must be as many as there are rows, and moves them into the table. */
static qst_status take_labels(qst_table *table, const char *where, qsti_labels *labels, bool first_may_be_header)
{
    if (first_may_be_header && labels->n == table->n_rows + 1) {
        qsti_labels_drop_first(labels);
    }
    if (labels->n != table->n_rows) {
        return qsti_fail(table->ctx, QST_ERR_MISMATCH, "%s: %zu labels for %zu rows of features", where, labels->n,
                         table->n_rows);
    }
    qst_status status = qsti_labels_finish(labels);
    if (status != QST_OK) {
        return status;
    }
    table->labels = labels->values;
    table->class_names = labels->names;
    table->n_classes = labels->n_classes;
    labels->values = NULL;
    labels->names = NULL;
    return QST_OK;
}

/* Labels from a numeric array of one column. */
static qst_status take_label_array(qst_table *table, const char *where, const qsti_array *array)
{
    qst_status status = QST_OK;
    qsti_labels labels;
    qsti_labels_init(&labels, table->ctx);
    if (array->n_cols != 1) {
        QSTI_TRY(qsti_fail(table->ctx, QST_ERR_INPUT, "%s: %zu values in each row: labels are one a row", where,
                           array->n_cols));
    }
    for (size_t row = 0; row < array->n_rows; row++) {
        status = qsti_labels_add_number(&labels, array->values[row]);
        if (status != QST_OK) {
            QSTI_TRY(qsti_fail_within(table->ctx, status, "%s: row %zu (from 0)", where, row));
        }
    }
    QSTI_TRY(take_labels(table, where, &labels, false));
done:
    qsti_labels_clear(&labels);
    return status;
}

static qst_status load_label_csv(qst_table *table, const qsti_source *source)
{
    qst_status status = QST_OK;
    qsti_stream *stream = NULL;
    qsti_csv csv;
    QSTI_TRY(qsti_source_open(source, &stream));
    QSTI_TRY(qsti_csv_read(stream, &(qsti_csv_opts){QSTI_CSV_LABELS, NULL}, &csv));
    status = take_labels(table, source->path, &csv.labels, csv.first_may_be_header);
    qsti_csv_clear(table->ctx, &csv);
done:
    qsti_stream_close(stream);
    return status;
}

static qst_status load_npz_array(const qsti_source *source, const char *key, qsti_array *out)
{
    qst_status status = QST_OK;
    qsti_npz *npz = NULL;
    size_t index = 0;
    QSTI_TRY(qsti_npz_open(source->ctx, source->path, &npz));
    if (key == NULL && qsti_npz_n_keys(npz) > 1) {
        key = "y";
    }
    if (key) {
        QSTI_TRY(qsti_npz_find(npz, key, &index));
    }
    QSTI_TRY(qsti_array_load_entry(npz, index, out));
done:
    qsti_npz_close(npz);
    return status;
}

/* Labels from a second file of any format. */
static qst_status load_label_file(qst_table *table, const char *path)
{
    qst_status status = QST_OK;
    qsti_source source = {.ctx = NULL};
    qsti_array array = {.values = NULL};
    QSTI_TRY(qsti_source_parse(table->ctx, path, &source));
    if (source.kind == QSTI_FILE_CSV) {
        QSTI_TRY(load_label_csv(table, &source));
        goto done;
    }
    QSTI_TRY(source.kind == QSTI_FILE_NPZ ? load_npz_array(&source, source.key, &array)
                                          : qsti_array_load(&source, &array));
    QSTI_TRY(take_label_array(table, path, &array));
done:
    qsti_free(table->ctx, array.values);
    qsti_source_clear(&source);
    return status;
}

/* --- features ----------------------------------------------------------------------------------------------------- */

static void take_features(qst_table *table, qsti_array *array)
{
    table->features = array->values;
    table->n_rows = array->n_rows;
    table->n_features = array->n_cols;
    array->values = NULL;
}

static qst_status load_csv(const qsti_source *source, const qst_table_opts *opts, qst_table *table)
{
    qst_status status = QST_OK;
    qsti_stream *stream = NULL;
    qsti_csv csv;
    /* A label that is the name of a file, not of a column. */
    bool second_file =
        opts->label && !opts->unlabelled && qsti_source_is_known(opts->label) && qsti_path_exists(opts->label);
    bool numbers = opts->unlabelled || second_file;
    QSTI_TRY(qsti_source_open(source, &stream));
    QSTI_TRY(qsti_csv_read(
        stream, &(qsti_csv_opts){numbers ? QSTI_CSV_NUMBERS : QSTI_CSV_NUMBERS_AND_LABELS, opts->label}, &csv));
    take_features(table, &(qsti_array){csv.features, csv.n_rows, csv.n_features, 2, {csv.n_rows, csv.n_features}});
    csv.features = NULL;
    if (!numbers) {
        status = take_labels(table, source->path, &csv.labels, false);
    }
    qsti_csv_clear(table->ctx, &csv);
    if (status == QST_OK && second_file) {
        status = load_label_file(table, opts->label);
    }
done:
    qsti_stream_close(stream);
    return status;
}

static bool find_key(const qsti_npz *npz, const char *const *keys, size_t n_keys, size_t *out_index)
{
    for (size_t k = 0; k < n_keys; k++) {
        for (size_t i = 0; i < qsti_npz_n_keys(npz); i++) {
            if (strcmp(qsti_npz_key(npz, i), keys[k]) == 0) {
                *out_index = i;
                return true;
            }
        }
    }
    return false;
}

/* The entry with the features: the one named in the source; X, x or data; the only one of two dimensions or more. */
static qst_status find_features(const qsti_source *source, qsti_npz *npz, size_t *out_index)
{
    static const char *const names[] = {"X", "x", "data"};
    size_t n_found = 0;
    if (source->key) {
        return qsti_npz_find(npz, source->key, out_index);
    }
    if (find_key(npz, names, sizeof names / sizeof names[0], out_index)) {
        return QST_OK;
    }
    for (size_t i = 0; i < qsti_npz_n_keys(npz); i++) {
        qsti_stream *stream = NULL;
        qsti_npy npy;
        qst_status status = qsti_npz_stream(npz, i, &stream);
        if (status != QST_OK) {
            return status;
        }
        bool readable = qsti_npy_read_header(stream, &npy) == QST_OK;
        qsti_stream_close(stream);
        if (readable && npy.n_dims >= 2) {
            *out_index = i;
            n_found++;
        }
    }
    if (n_found != 1) {
        return qsti_fail(source->ctx, QST_ERR_INPUT,
                         "%s: which array holds the features? None is named X, x or data, and %zu have two dimensions: "
                         "name one, as in %s:%s",
                         source->path, n_found, source->path, qsti_npz_key(npz, 0));
    }
    return QST_OK;
}

static qst_status load_npz(const qsti_source *source, const qst_table_opts *opts, qst_table *table)
{
    static const char *const label_names[] = {"label", "y"};
    qst_status status = QST_OK;
    qsti_npz *npz = NULL;
    qsti_array features = {.values = NULL}, labels = {.values = NULL};
    size_t index = 0, label_index = 0;
    bool second_file = false;
    QSTI_TRY(qsti_npz_open(table->ctx, source->path, &npz));
    QSTI_TRY(find_features(source, npz, &index));
    if (!opts->unlabelled) {
        second_file = opts->label && qsti_source_is_known(opts->label) && !find_key(npz, &opts->label, 1, &label_index);
        if (opts->label == NULL && !find_key(npz, label_names, 2, &label_index)) {
            QSTI_TRY(qsti_npz_find(npz, "y", &label_index));
        } else if (opts->label && !second_file) {
            QSTI_TRY(qsti_npz_find(npz, opts->label, &label_index));
        }
    }
    QSTI_TRY(qsti_array_load_entry(npz, index, &features));
    take_features(table, &features);
    if (second_file) {
        QSTI_TRY(load_label_file(table, opts->label));
    } else if (!opts->unlabelled) {
        QSTI_TRY(qsti_array_load_entry(npz, label_index, &labels));
        QSTI_TRY(take_label_array(table, source->path, &labels));
    }
done:
    qsti_free(table->ctx, features.values);
    qsti_free(table->ctx, labels.values);
    qsti_npz_close(npz);
    return status;
}

static qst_status load_single(const qsti_source *source, const qst_table_opts *opts, qst_table *table)
{
    qsti_array array = {.values = NULL};
    if (!opts->unlabelled && opts->label == NULL) {
        return qsti_fail(table->ctx, QST_ERR_USAGE, "%s: holds features only: label must name a second file",
                         source->path);
    }
    qst_status status = qsti_array_load(source, &array);
    if (status != QST_OK) {
        return status;
    }
    bool label_file = source->kind == QSTI_FILE_IDX && array.n_dims == 1;
    take_features(table, &array);
    if (label_file) {
        return qsti_fail(table->ctx, QST_ERR_INPUT,
                         "%s: has one dimension, as files of labels have: features need at least two", source->path);
    }
    return opts->unlabelled ? QST_OK : load_label_file(table, opts->label);
}

/* --- every source ------------------------------------------------------------------------------------------------- */

static qst_status load_path(const char *path, const qst_table_opts *opts, qst_table *table)
{
    qsti_source source = {.ctx = NULL};
    qst_status status = qsti_source_parse(table->ctx, path, &source);
    if (status != QST_OK) {
        return status;
    }
    switch (source.kind) {
    case QSTI_FILE_CSV:
        status = load_csv(&source, opts, table);
        break;
    case QSTI_FILE_NPZ:
        status = load_npz(&source, opts, table);
        break;
    case QSTI_FILE_NPY:
    case QSTI_FILE_IDX:
        status = load_single(&source, opts, table);
        break;
    }
    qsti_source_clear(&source);
    return status;
}

static qst_status load_builtin(const char *file, const qst_table_opts *opts, qst_table *table)
{
    char *path = NULL;
    qst_status status = qsti_builtin_find(table->ctx, opts->data_folder, file, &path);
    if (status == QST_OK) {
        qst_table_opts plain = {.source = path, .label = "label"};
        status = load_path(path, &plain, table);
    }
    qsti_free(table->ctx, path);
    return status;
}

/* A word without slash or point that is no source. */
static qst_status fail_unknown(qst_ctx *ctx, const char *source)
{
    static const char *const names[] = {
#define QSTI_BUILTIN(name, file, n_rows, n_features, n_classes, about) #name,
#include "data/builtin.def"
#undef QSTI_BUILTIN
        QSTI_FASHION_MNIST,
#define QSTI_GENERATOR(name, noise, about) #name,
#include "data/generators.def"
#undef QSTI_GENERATOR
    };
    const size_t n_names = sizeof names / sizeof names[0];
    const char *nearest = qsti_nearest(source, names, n_names);
    if (nearest) {
        return qsti_fail(ctx, QST_ERR_USAGE, "source \"%s\" is not known; is it \"%s\"?", source, nearest);
    }
    qsti_text known;
    qsti_text_init(&known, ctx);
    for (size_t i = 0; i < n_names; i++) {
        qsti_text_add(&known, "%s ", names[i]);
    }
    qst_status status = known.status;
    if (status == QST_OK) {
        status = qsti_fail(ctx, QST_ERR_USAGE, "source \"%s\" is not known: one of %sor the path of a file", source,
                           known.bytes);
    }
    qsti_text_clear(&known);
    return status;
}

static qst_status load(const qst_table_opts *opts, qst_table *table)
{
    const char *source = opts->source, *file = qsti_builtin_file(source);
    if (file) {
        return load_builtin(file, opts, table);
    }
    if (strcmp(source, QSTI_FASHION_MNIST) == 0) {
        return qsti_fashion_mnist_load(table->ctx, opts->data_folder, table);
    }
    if (qsti_generator_is_known(source)) {
        return qsti_generator_load(table->ctx, opts, table);
    }
    if (!qsti_source_is_known(source) && strpbrk(source, "/.") == NULL && !qsti_path_exists(source)) {
        return fail_unknown(table->ctx, source);
    }
    return load_path(source, opts, table);
}

/* Of shape, features, class names and labels. */
static qst_status hash_table(qst_table *table)
{
    qsti_hasher *hasher = NULL;
    qst_status status = qsti_hasher_create(table->ctx, &hasher);
    if (status != QST_OK) {
        return status;
    }
    const uint64_t shape[] = {table->n_rows, table->n_features, table->n_classes, table->labels != NULL};
    qsti_hasher_add(hasher, shape, sizeof shape);
    qsti_hasher_add(hasher, table->features, table->n_rows * table->n_features * sizeof(double));
    for (size_t c = 0; c < table->n_classes; c++) {
        qsti_hasher_add(hasher, table->class_names[c], strlen(table->class_names[c]) + 1);
    }
    if (table->labels) {
        qsti_hasher_add(hasher, table->labels, table->n_rows * sizeof(int64_t));
    }
    qsti_hasher_finish(table->ctx, hasher, table->hash);
    return QST_OK;
}

qst_status qst_table_load(qst_ctx *ctx, const qst_table_opts *opts, qst_table **out)
{
    qst_status status = QST_OK;
    qst_table *table = NULL;
    if (opts == NULL || opts->source == NULL || opts->source[0] == '\0') {
        return qsti_fail(ctx, QST_ERR_USAGE, "source: the name of a set, a generator or a file is needed");
    }
    QSTI_TRY(QSTI_NEW(ctx, 1, &table));
    table->ctx = ctx;
    const char *slash = strrchr(opts->source, '/');
    QSTI_TRY(qsti_strdup(ctx, slash ? slash + 1 : opts->source, &table->name));
    QSTI_TRY(load(opts, table));
    QSTI_TRY(hash_table(table));
    *out = table;
    table = NULL;
done:
    qst_table_free(table);
    return status;
}

void qst_table_free(qst_table *table)
{
    if (table == NULL) {
        return;
    }
    for (size_t c = 0; table->class_names && c < table->n_classes; c++) {
        qsti_free(table->ctx, table->class_names[c]);
    }
    qsti_free(table->ctx, table->class_names);
    qsti_free(table->ctx, table->features);
    qsti_free(table->ctx, table->labels);
    qsti_free(table->ctx, table->official);
    qsti_free(table->ctx, table->name);
    qsti_free(table->ctx, table);
}

qst_const_matrix qst_table_features(const qst_table *table)
{
    return (qst_const_matrix){table->features, table->n_rows, table->n_features};
}

const int64_t *qst_table_labels(const qst_table *table)
{
    return table->labels;
}

size_t qst_table_classes(const qst_table *table)
{
    return table->n_classes;
}

const char *qst_table_class_name(const qst_table *table, size_t class_index)
{
    return class_index < table->n_classes ? table->class_names[class_index] : NULL;
}

const char *qst_table_name(const qst_table *table)
{
    return table->name;
}

const char *qst_table_hash(const qst_table *table)
{
    return table->hash;
}
