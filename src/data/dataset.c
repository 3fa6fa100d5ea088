/* dataset.c: a table after class filter, split and preprocessing. Splitting is in split.c, preprocessing in
 * learn/preprocess.c, the artefact in dataset_file.c.
 *
 * Everything that is fitted sees the training rows and nothing else. Rows stand in ascending order of their id. */
#include <math.h>
#include <string.h>

#include "base/text.h"
#include "data/dataset.h"
#include "data/split.h"

/* --- hash --------------------------------------------------------------------------------------------------------- */

qst_status qsti_dataset_hash(const qst_dataset *dataset, char out[QSTI_HASH_CHARS])
{
    qsti_hasher *hasher = NULL;
    qst_status status = qsti_hasher_create(dataset->ctx, &hasher);
    if (status != QST_OK) {
        return status;
    }
    const uint64_t shape[] = {dataset->n_rows,         dataset->n_features,    dataset->n_classes,
                              dataset->n_raw_features, dataset->n_source_rows, dataset->n_source_classes};
    qsti_hasher_add(hasher, shape, sizeof shape);
    qsti_hasher_add(hasher, dataset->features, dataset->n_rows * dataset->n_features * sizeof(double));
    qsti_hasher_add(hasher, dataset->labels, dataset->n_rows * sizeof(int64_t));
    qsti_hasher_add(hasher, dataset->ids, dataset->n_rows * sizeof(int64_t));
    qsti_hasher_add(hasher, dataset->splits, dataset->n_rows);
    for (size_t c = 0; c < dataset->n_classes; c++) {
        const uint64_t source_class = dataset->source_classes[c];
        qsti_hasher_add(hasher, dataset->class_names[c], strlen(dataset->class_names[c]) + 1);
        qsti_hasher_add(hasher, &source_class, sizeof source_class);
    }
    qsti_hasher_add(hasher, dataset->table_hash, QSTI_HASH_CHARS);
    qsti_preprocess_hash(dataset->preprocess, hasher);
    qsti_hasher_finish(dataset->ctx, hasher, out);
    return QST_OK;
}

/* --- classes ------------------------------------------------------------------------------------------------------ */

static qst_status fail_class(const qst_table *table, const char *name)
{
    qsti_text known;
    qsti_text_init(&known, table->ctx);
    for (size_t c = 0; c < table->n_classes && c < 20; c++) {
        qsti_text_add(&known, "%s%s", c ? ", " : "", table->class_names[c]);
    }
    qst_status status = known.status;
    if (status == QST_OK) {
        status = qsti_fail(table->ctx, QST_ERR_USAGE, "classes: \"%s\" is none of the classes of %s: %s%s", name,
                           table->name, known.bytes, table->n_classes > 20 ? ", ..." : "");
    }
    qsti_text_clear(&known);
    return status;
}

/* new_class (table's n_classes): the dataset's index of each class of the table, or -1. */
static qst_status choose_classes(const qst_table *table, const qst_dataset_opts *opts, int64_t *new_class,
                                 size_t *out_n)
{
    size_t n = 0;
    for (size_t c = 0; c < table->n_classes; c++) {
        new_class[c] = opts->classes ? -1 : 0;
    }
    for (size_t w = 0; opts->classes && w < opts->n_classes; w++) {
        size_t c = 0;
        while (c < table->n_classes && strcmp(table->class_names[c], opts->classes[w]) != 0) {
            c++;
        }
        if (c == table->n_classes) {
            return fail_class(table, opts->classes[w]);
        }
        if (new_class[c] == 0) {
            return qsti_fail(table->ctx, QST_ERR_USAGE, "classes: \"%s\" is named twice", opts->classes[w]);
        }
        new_class[c] = 0;
    }
    for (size_t c = 0; c < table->n_classes; c++) {
        if (new_class[c] == 0) {
            new_class[c] = (int64_t)n++;
        }
    }
    if (n < 2) {
        return qsti_fail(table->ctx, QST_ERR_INPUT, "%s: %zu class%s: at least two are needed", table->name, n,
                         n == 1 ? "" : "es");
    }
    *out_n = n;
    return QST_OK;
}

/* --- rows --------------------------------------------------------------------------------------------------------- */

/* Ids, labels and class names of the rows whose class is kept; with per_class only the first ones of each class, and of
 * the source's own parts where these are used. */
static qst_status filter(const qst_table *table, const qst_dataset_opts *opts, const int64_t *new_class,
                         qst_dataset *dataset)
{
    qst_status status = QST_OK;
    qst_ctx *ctx = table->ctx;
    bool by_part = opts->test == QST_TEST_OFFICIAL && table->official != NULL;
    size_t n = 0, *n_seen = NULL; /* (2, n_classes) */
    QSTI_TRY(QSTI_NEW(ctx, 2 * dataset->n_classes, &n_seen));
    for (size_t row = 0; row < table->n_rows; row++) {
        n += new_class[table->labels[row]] >= 0;
    }
    QSTI_TRY(QSTI_NEW(ctx, n, &dataset->ids));
    QSTI_TRY(QSTI_NEW(ctx, n, &dataset->labels));
    QSTI_TRY(QSTI_NEW(ctx, n, &dataset->splits));
    QSTI_TRY(QSTI_NEW(ctx, dataset->n_classes, &dataset->class_names));
    QSTI_TRY(QSTI_NEW(ctx, dataset->n_classes, &dataset->source_classes));
    for (size_t row = 0; row < table->n_rows; row++) {
        int64_t label = new_class[table->labels[row]];
        bool of_test = by_part && table->official[row] == QST_TEST;
        bool wanted =
            label >= 0 && (opts->per_class == 0 || n_seen[2 * (size_t)label + (of_test ? 1 : 0)]++ < opts->per_class);
        if (wanted) {
            dataset->ids[dataset->n_rows] = (int64_t)row;
            dataset->labels[dataset->n_rows++] = label;
        }
    }
    for (size_t c = 0; c < table->n_classes; c++) {
        if (new_class[c] >= 0) {
            dataset->source_classes[new_class[c]] = c;
            QSTI_TRY(qsti_strdup(ctx, table->class_names[c], &dataset->class_names[new_class[c]]));
        }
    }
done:
    qsti_free(ctx, n_seen);
    return status;
}

/* The source's own split of the rows that are kept, or NULL. */
static qst_status official_split(const qst_table *table, const qst_dataset *dataset, uint8_t **out)
{
    if (table->official == NULL) {
        return qsti_fail(table->ctx, QST_ERR_USAGE, "test: official: %s has no test part of its own", table->name);
    }
    qst_status status = QSTI_NEW(table->ctx, dataset->n_rows, out);
    for (size_t i = 0; status == QST_OK && i < dataset->n_rows; i++) {
        (*out)[i] = table->official[dataset->ids[i]];
    }
    return status;
}

static qst_status split(const qst_table *table, const qst_dataset_opts *opts, qst_dataset *dataset)
{
    qst_status status = QST_OK;
    uint8_t *official = NULL;
    if (opts->test == QST_TEST_OFFICIAL) {
        QSTI_TRY(official_split(table, dataset, &official));
    }
    QSTI_TRY(qsti_split_draw(table->ctx,
                             &(qsti_split_plan){.n_rows = dataset->n_rows,
                                                .n_classes = dataset->n_classes,
                                                .labels = dataset->labels,
                                                .names = (const char *const *)dataset->class_names,
                                                .official = official,
                                                .test = opts->test,
                                                .validation = opts->validation,
                                                .seed = opts->seed},
                             dataset->splits));
done:
    qsti_free(table->ctx, official);
    return status;
}

qst_status qsti_dataset_rows(const qst_dataset *dataset, qst_split part, size_t **out_rows, size_t *out_n)
{
    size_t n = 0, *rows = NULL;
    for (size_t i = 0; i < dataset->n_rows; i++) {
        n += dataset->splits[i] == part;
    }
    qst_status status = QSTI_NEW(dataset->ctx, n, &rows);
    if (status != QST_OK) {
        return status;
    }
    n = 0;
    for (size_t i = 0; i < dataset->n_rows; i++) {
        if (dataset->splits[i] == part) {
            rows[n++] = i;
        }
    }
    *out_rows = rows;
    *out_n = n;
    return QST_OK;
}

/* --- features ----------------------------------------------------------------------------------------------------- */

/* The raw features of the rows that are kept: the table's own where that is all of them, else a copy in *out_copy. */
static qst_status raw_features(const qst_table *table, const qst_dataset *dataset, double **out_copy,
                               qst_const_matrix *out)
{
    size_t n_cols = table->n_features;
    *out = (qst_const_matrix){table->features, dataset->n_rows, n_cols};
    if (dataset->n_rows == table->n_rows) {
        return QST_OK;
    }
    qst_status status = qsti_alloc(table->ctx, dataset->n_rows, n_cols * sizeof(double), (void **)out_copy);
    if (status != QST_OK) {
        return status;
    }
    for (size_t i = 0; i < dataset->n_rows; i++) {
        memcpy(*out_copy + i * n_cols, table->features + (size_t)dataset->ids[i] * n_cols, n_cols * sizeof(double));
    }
    out->data = *out_copy;
    return QST_OK;
}

/* One warning when features do not vary over the training rows; standardize and range have given theirs. */
static void warn_constant(const qst_dataset *dataset, const qst_dataset_opts *opts, const size_t *rows, size_t n_rows)
{
    size_t n_constant = 0, first = 0;
    for (size_t s = 0; s < opts->n_preprocess; s++) {
        qst_step_kind kind = opts->preprocess[s].kind;
        if (kind == QST_PREPROCESS_standardize || kind == QST_PREPROCESS_range) {
            return;
        }
    }
    for (size_t col = dataset->n_features; col-- > 0;) {
        const double *x = dataset->features + col;
        size_t i = 1;
        while (i < n_rows && x[rows[i] * dataset->n_features] == x[rows[0] * dataset->n_features]) {
            i++;
        }
        if (i == n_rows) {
            n_constant++;
            first = col;
        }
    }
    if (n_constant) {
        qsti_warn(dataset->ctx, "%s: %zu of %zu features are constant over the training rows, the first is feature %zu",
                  dataset->name, n_constant, dataset->n_features, first);
    }
}

static qst_status make_features(const qst_table *table, const qst_dataset_opts *opts, qst_dataset *dataset)
{
    qst_status status = QST_OK;
    double *copy = NULL;
    size_t *rows = NULL, n_rows = 0, row_bytes;
    qst_const_matrix raw;
    QSTI_TRY(raw_features(table, dataset, &copy, &raw));
    QSTI_TRY(qsti_dataset_rows(dataset, QST_TRAIN, &rows, &n_rows));
    QSTI_TRY(
        qsti_preprocess_fit(table->ctx, opts->preprocess, opts->n_preprocess, raw, rows, n_rows, &dataset->preprocess));
    dataset->n_raw_features = table->n_features;
    dataset->n_features = qsti_preprocess_outputs(dataset->preprocess);
    if (!qsti_mul(dataset->n_features, sizeof(double), &row_bytes)) {
        QSTI_TRY(qsti_fail(table->ctx, QST_ERR_MEMORY, "out of memory: %zu features", dataset->n_features));
    }
    QSTI_TRY(qsti_alloc(table->ctx, dataset->n_rows, row_bytes, (void **)&dataset->features));
    QSTI_TRY(qsti_preprocess_apply(table->ctx, dataset->preprocess, raw,
                                   (qst_matrix){dataset->features, dataset->n_rows, dataset->n_features}));
    warn_constant(dataset, opts, rows, n_rows);
done:
    qsti_free(table->ctx, rows);
    qsti_free(table->ctx, copy);
    return status;
}

/* --- creation ----------------------------------------------------------------------------------------------------- */

static qst_status check_opts(const qst_table *table, const qst_dataset_opts *opts)
{
    qst_ctx *ctx = table->ctx;
    if (table->labels == NULL) {
        return qsti_fail(ctx, QST_ERR_USAGE, "%s: has no labels, so it cannot be split by class", table->name);
    }
    if (opts->test != QST_TEST_OFFICIAL && !(opts->test > 0 && opts->test < 1)) {
        return qsti_fail(ctx, QST_ERR_USAGE, "test: %g is not between 0 and 1", opts->test);
    }
    if (!(opts->validation >= 0 && opts->validation < 1)) {
        return qsti_fail(ctx, QST_ERR_USAGE, "validation: %g is not in 0 <= share < 1", opts->validation);
    }
    return QST_OK;
}

qst_status qst_dataset_create(const qst_table *table, const qst_dataset_opts *opts, qst_dataset **out)
{
    qst_status status = QST_OK;
    qst_dataset *dataset = NULL;
    int64_t *new_class = NULL;
    QSTI_TRY(check_opts(table, opts));
    QSTI_TRY(QSTI_NEW(table->ctx, 1, &dataset));
    dataset->ctx = table->ctx;
    dataset->n_source_rows = table->n_rows;
    dataset->n_source_classes = table->n_classes;
    dataset->seed = opts->seed;
    memcpy(dataset->table_hash, table->hash, QSTI_HASH_CHARS);
    QSTI_TRY(qsti_strdup(table->ctx, table->name, &dataset->name));
    QSTI_TRY(QSTI_NEW(table->ctx, table->n_classes, &new_class));
    QSTI_TRY(choose_classes(table, opts, new_class, &dataset->n_classes));
    QSTI_TRY(filter(table, opts, new_class, dataset));
    QSTI_TRY(split(table, opts, dataset));
    QSTI_TRY(make_features(table, opts, dataset));
    QSTI_TRY(qsti_dataset_hash(dataset, dataset->hash));
    *out = dataset;
    dataset = NULL;
done:
    qsti_free(table->ctx, new_class);
    qst_dataset_free(dataset);
    return status;
}

void qst_dataset_free(qst_dataset *dataset)
{
    if (dataset == NULL) {
        return;
    }
    qst_ctx *ctx = dataset->ctx;
    for (size_t c = 0; dataset->class_names && c < dataset->n_classes; c++) {
        qsti_free(ctx, dataset->class_names[c]);
    }
    qsti_free(ctx, dataset->class_names);
    qsti_free(ctx, dataset->source_classes);
    qsti_free(ctx, dataset->features);
    qsti_free(ctx, dataset->labels);
    qsti_free(ctx, dataset->ids);
    qsti_free(ctx, dataset->splits);
    qsti_preprocess_free(dataset->preprocess);
    qsti_free(ctx, dataset->name);
    qsti_free(ctx, dataset);
}

/* --- reading it --------------------------------------------------------------------------------------------------- */

qst_const_matrix qst_dataset_features(const qst_dataset *dataset)
{
    return (qst_const_matrix){dataset->features, dataset->n_rows, dataset->n_features};
}

const int64_t *qst_dataset_labels(const qst_dataset *dataset)
{
    return dataset->labels;
}

const int64_t *qst_dataset_ids(const qst_dataset *dataset)
{
    return dataset->ids;
}

const uint8_t *qst_dataset_splits(const qst_dataset *dataset)
{
    return dataset->splits;
}

size_t qst_dataset_classes(const qst_dataset *dataset)
{
    return dataset->n_classes;
}

const char *qst_dataset_class_name(const qst_dataset *dataset, size_t class_index)
{
    return class_index < dataset->n_classes ? dataset->class_names[class_index] : NULL;
}

const char *qst_dataset_hash(const qst_dataset *dataset)
{
    return dataset->hash;
}
