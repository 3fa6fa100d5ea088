/* builtin.h: the sets that ship with the product, and Fashion-MNIST where it is installed. For table.c. */
#ifndef QSTI_DATA_BUILTIN_H
#define QSTI_DATA_BUILTIN_H

#include "data/dataset.h"

#define QSTI_FASHION_MNIST "fashion_mnist"

/* The file of a built-in set by name; NULL when it is none. */
const char *qsti_builtin_file(const char *name);

/* Finds a file in `data_folder` (NULL: none), the folder of QSTILL_DATA, that of the source tree, and the installed
 * one, in this order. ERR_SYSTEM with the places tried. Free with qsti_free(). */
qst_status qsti_builtin_find(qst_ctx *ctx, const char *data_folder, const char *file, char **out_path);

/* Fills features, labels, classes and the official split of a table from the four IDX files. ERR_SYSTEM with the
 * command that installs them. */
qst_status qsti_fashion_mnist_load(qst_ctx *ctx, const char *data_folder, qst_table *table);

#endif
