/* dataset.h: the table and dataset structs, for the stages to the right. */
#ifndef QSTI_DATA_DATASET_H
#define QSTI_DATA_DATASET_H

#include <qstill/data.h>

#include "base/file.h"
#include "learn/preprocess.h"

struct qst_table {
    qst_ctx *ctx;
    char *name; /* the source as given; of a path only the last part */
    size_t n_rows, n_features, n_classes;
    double *features;   /* (n_rows, n_features) */
    int64_t *labels;    /* (n_rows), class index; NULL when unlabelled */
    char **class_names; /* (n_classes) */
    uint8_t *official;  /* (n_rows) qst_split, or NULL */
    char hash[QSTI_HASH_CHARS];
};

struct qst_dataset {
    qst_ctx *ctx;
    char *name;
    size_t n_rows, n_features, n_classes, n_raw_features;
    double *features; /* (n_rows, n_features), preprocessed */
    int64_t *labels;  /* (n_rows) */
    int64_t *ids;     /* (n_rows), row of the table */
    uint8_t *splits;  /* (n_rows), qst_split */
    char **class_names;
    size_t *source_classes; /* (n_classes): index of each class in the table */
    size_t n_source_rows, n_source_classes;
    qsti_preprocess *preprocess; /* fitted */
    uint64_t seed;
    char table_hash[QSTI_HASH_CHARS];
    char hash[QSTI_HASH_CHARS];
};

/* The same table and dataset for work on another context (tasks.h): all is borrowed, so it is never freed. */
static inline qst_table qsti_table_view(const qst_table *table, qst_ctx *ctx)
{
    qst_table view = *table;
    view.ctx = ctx;
    return view;
}
static inline qst_dataset qsti_dataset_view(const qst_dataset *dataset, qst_ctx *ctx)
{
    qst_dataset view = *dataset;
    view.ctx = ctx;
    return view;
}

/* The rows of one split in ascending order; *out_rows (freed by the caller) holds *out_n indices. */
qst_status qsti_dataset_rows(const qst_dataset *dataset, qst_split part, size_t **out_rows, size_t *out_n);

/* The hash of everything in the dataset, as it is when read or made; to compare with dataset->hash. */
qst_status qsti_dataset_hash(const qst_dataset *dataset, char out[QSTI_HASH_CHARS]);

#endif
