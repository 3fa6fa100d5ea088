/* yaml_tree.h: building YAML trees. For the files of base/ alone. */
#ifndef QSTI_BASE_YAML_TREE_H
#define QSTI_BASE_YAML_TREE_H

#include "base/yaml.h"

/* What a root really is: the tree, and the names that its places point to. `root` stands first, so that a pointer to it
 * is a pointer to the document. */
typedef struct qsti_yaml_document {
    qsti_yaml root;
    char **files;
    size_t n_files;
} qsti_yaml_document;

qst_status qsti_yaml_document_create(qst_ctx *ctx, qsti_yaml_document **out);

/* The document's own copy of a name; NULL stays NULL. */
qst_status qsti_yaml_file_name(qst_ctx *ctx, qsti_yaml_document *document, const char *file, const char **out);

/* Appends an empty child, which takes `key` (NULL in lists). Pointers to the other children become invalid. `*capacity`
 * belongs to the parent's children. */
qst_status qsti_yaml_append(qst_ctx *ctx, qsti_yaml *parent, char *key, size_t *capacity, qsti_yaml **out);

/* Frees what a node holds, not the node. */
void qsti_yaml_clear(qst_ctx *ctx, qsti_yaml *node);

#endif
