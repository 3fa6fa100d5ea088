/* qstill/data.h: stage 1: tables from files, built-in sets and generators; datasets with a split and fitted
 * preprocessing.
 *
 * A table is what the source holds. A dataset is a table after class filter, seeded stratified split and preprocessing,
 * all of it fitted on the training part only. Rows keep their `id`, the row of the source. Both are immutable.
 */
#ifndef QSTILL_DATA_H
#define QSTILL_DATA_H

#include <qstill/base.h>

#ifdef __cplusplus
extern "C" {
#endif

/* --- arrays in files ---------------------------------------------------------------------------------------------- */

/* Reads a numeric array of 1 or 2 dimensions as f64: .npy, .npz ("FILE.npz:KEY", or the only entry), .csv and .csv.gz
 * (a header line is recognised), .idx and .idx.gz (further dimensions are flattened into columns). 1-D gives n_cols
 * = 1. NaN and infinity are refused. Free with qst_array_free(). Errors: ERR_INPUT, ERR_UNSUPPORTED, ERR_SYSTEM,
 * ERR_LIMIT; "-" reads CSV from stdin. */
QST_API qst_status qst_array_read(qst_ctx *ctx, const char *path, qst_matrix *out);
QST_API void qst_array_free(qst_ctx *ctx, qst_matrix *array);

/* Writes (n_rows, n_cols) atomically; the ending decides: .npy (f64, C order, version 1.0), .csv (numbers that read
 * back exactly; `column_names` as header, NULL: none); "-" is CSV on stdout. */
QST_API qst_status qst_array_write(qst_ctx *ctx, const char *path, qst_const_matrix array,
                                   const char *const *column_names);

#define QST_MAX_DIMS 8

/* An array of any number of dimensions, 1..QST_MAX_DIMS, the last the fastest. */
typedef struct qst_tensor {
    double *data;
    size_t n_dims, shape[QST_MAX_DIMS];
} qst_tensor;

/* As qst_array_read(), with the shape that stands in the file; of CSV it is (rows, columns). Free with
 * qst_tensor_free(). */
QST_API qst_status qst_tensor_read(qst_ctx *ctx, const char *path, qst_tensor *out);
QST_API void qst_tensor_free(qst_ctx *ctx, qst_tensor *tensor);
/* As qst_array_write(): .npy has the shape, in CSV the dimensions behind the first are columns. */
QST_API qst_status qst_tensor_write(qst_ctx *ctx, const char *path, const qst_tensor *tensor);
/* Complex numbers of two f64 to a .npy file ("<c16", C order), atomically; n_dims 1..QST_MAX_DIMS. They are not read
 * back by qst_tensor_read(). Errors: ERR_USAGE for another ending, ERR_SYSTEM. */
QST_API qst_status qst_complex_write(qst_ctx *ctx, const char *path, const double _Complex *values, const size_t *shape,
                                     size_t n_dims);

/* Named arrays of complex numbers to one .npz file, stored, as numpy.savez() writes them; equal arrays give equal
 * bytes. Names are different and hold no slash. Errors: ERR_USAGE for another ending, ERR_SYSTEM, ERR_MEMORY. */
typedef struct qst_complex_array {
    const char *name;
    const double _Complex *values; /* C order */
    size_t n_dims, shape[QST_MAX_DIMS];
} qst_complex_array;
QST_API qst_status qst_complex_archive_write(qst_ctx *ctx, const char *path, const qst_complex_array *arrays,
                                             size_t n_arrays);

/* --- tables ------------------------------------------------------------------------------------------------------- */

typedef struct qst_table qst_table;

typedef struct qst_table_opts {
    const char
        *source; /* digits iris wine breast_cancer fashion_mnist; moons circles xor; or a path (see qst_array_read) */
    const char *label; /* CSV: column name, or number from 0 (negative: from the end); NPZ: key; else a second file with
                        * one label a row. NULL: "label" where there is such a column or key, else the last column of a
                        * CSV; ignored for built-in sets and generators */
    bool unlabelled;   /* the source has features only */
    size_t samples;    /* generators: number of rows; 0: 500 */
    double noise;      /* generators: standard deviation of Gaussian noise; negative: the default (moons, xor 0.1;
                        * circles 0.05) */
    uint64_t seed;     /* generators */
    const char
        *data_folder; /* where the built-in sets lie; NULL: found by itself (QSTILL_DATA, the build's, the installed) */
} qst_table_opts;

/* Loads a table. Labels are integers >= 0 or text; classes are sorted (numbers ascending, text by bytes). Errors as
 * qst_array_read(), and ERR_INPUT for labels that are no class, with place. Cost: one pass over the file. */
QST_API qst_status qst_table_load(qst_ctx *ctx, const qst_table_opts *opts, qst_table **out);
QST_API void qst_table_free(qst_table *table);
QST_API qst_const_matrix qst_table_features(const qst_table *table);
QST_API const int64_t *qst_table_labels(const qst_table *table); /* class indices; NULL when unlabelled */
QST_API size_t qst_table_classes(const qst_table *table);
QST_API const char *qst_table_class_name(const qst_table *table, size_t class_index);
QST_API const char *qst_table_name(const qst_table *table);
QST_API const char *qst_table_hash(const qst_table *table); /* SHA-256 of features and labels, hex */

/* A set that needs no file of the user's. */
typedef struct qst_builtin_set {
    const char *name;
    size_t n_rows, n_features, n_classes;
    const char *about;
} qst_builtin_set;

/* All built-in sets; gives their number. */
QST_API size_t qst_builtin_sets(const qst_builtin_set **out);
/* Whether the files of a built-in set are found where qst_table_load() looks for them. */
QST_API bool qst_builtin_is_found(qst_ctx *ctx, const char *name);

/* --- datasets ----------------------------------------------------------------------------------------------------- */

typedef enum qst_step_kind {
#define QST_PREPROCESS(name, label, n_arguments, about) QST_PREPROCESS_##name,
#include <qstill/preprocess.def>
#undef QST_PREPROCESS
    QST_PREPROCESS_COUNT
} qst_step_kind;

/* One step of preprocessing with its arguments, see preprocess.def. */
typedef struct qst_preprocess_step {
    qst_step_kind kind;
    double arguments[2];
} qst_preprocess_step;

typedef enum qst_split { QST_TRAIN, QST_VALIDATION, QST_TEST } qst_split;

#define QST_TEST_OFFICIAL (-1.0)

typedef struct qst_dataset_opts {
    const char *const *classes; /* class names to keep, in any order; NULL: all */
    size_t n_classes;
    size_t per_class; /* only so many rows of each class, the first ones; with QST_TEST_OFFICIAL so many in training and
                         validation together and so many in the test; 0: all */
    double test;      /* share of all, (0, 1); QST_TEST_OFFICIAL: the source's own test part */
    double validation; /* share of the rest, [0, 1) */
    const qst_preprocess_step *preprocess;
    size_t n_preprocess;
    uint64_t seed; /* fixes the split */
} qst_dataset_opts;

typedef struct qst_dataset qst_dataset;

/* Filters, splits (every class in its share, rounded so that each part of a non-zero share has at least one row of
 * every class), fits the preprocessing on the training part and applies it to all. Classes are renumbered 0..C-1 in
 * ascending order of the source's. Errors: ERR_USAGE (shares, unknown class with the known ones), ERR_INPUT (fewer than
 * two classes, a class too small to split), ERR_MISMATCH (a step that does not fit the data). Constant columns warn. */
QST_API qst_status qst_dataset_create(const qst_table *table, const qst_dataset_opts *opts, qst_dataset **out);
QST_API void qst_dataset_free(qst_dataset *dataset);

QST_API qst_const_matrix qst_dataset_features(const qst_dataset *dataset); /* preprocessed, all rows */
QST_API const int64_t *qst_dataset_labels(const qst_dataset *dataset);
QST_API const int64_t *qst_dataset_ids(const qst_dataset *dataset);
QST_API const uint8_t *qst_dataset_splits(const qst_dataset *dataset); /* qst_split of each row */
QST_API size_t qst_dataset_classes(const qst_dataset *dataset);
QST_API const char *qst_dataset_class_name(const qst_dataset *dataset, size_t class_index);
QST_API const char *qst_dataset_hash(const qst_dataset *dataset); /* of everything in it, preprocessing included */

/* The artefact: FOLDER/dataset.json and FOLDER/dataset.safetensors (docs/formats.md). Saving into an existing non-empty
 * folder that holds no dataset is refused with ERR_SYSTEM. Loading checks hashes: ERR_DAMAGED. */
QST_API qst_status qst_dataset_save(const qst_dataset *dataset, const char *folder);
QST_API qst_status qst_dataset_load(qst_ctx *ctx, const char *folder, qst_dataset **out);

#ifdef __cplusplus
}
#endif
#endif
