/* yaml.h: YAML documents as a tree that knows its places, through libyaml.
 *
 * The subset of recipes: one document, mappings with plain-text keys, sequences, scalars. Refused with their place:
 * anchors and aliases, tags, several documents, duplicate keys, keys that are not scalars, depth above 32, more than 16
 * MiB or 524,288 values, NUL bytes.
 */
#ifndef QSTI_BASE_YAML_H
#define QSTI_BASE_YAML_H

#include "base/text.h"

#define QSTI_YAML_MAX_DEPTH 32
#define QSTI_YAML_MAX_BYTES ((size_t)16 << 20)
#define QSTI_YAML_MAX_NODES ((size_t)1 << 19)

typedef enum qsti_yaml_kind { QSTI_YAML_NULL, QSTI_YAML_SCALAR, QSTI_YAML_LIST, QSTI_YAML_MAP } qsti_yaml_kind;

/* A node. Lists and maps hold children in order; children of a map have keys. `quoted`: the scalar was quoted or has
 * several lines, so it is a string whatever it looks like. NULL is a missing value, or a plain "~" or "null"; it has no
 * scalar. Lines and columns are 1-based, columns count characters; file names the file or "--set KEY". Not for building
 * by hand: roots come from qsti_yaml_parse() and qsti_yaml_copy(), which own the names in all places. */
typedef struct qsti_yaml {
    qsti_yaml_kind kind;
    char *key;
    qsti_place key_place, place;
    char *scalar;
    bool quoted;
    struct qsti_yaml *children;
    size_t n_children;
} qsti_yaml;

/* Parses text; `name` is copied and stands in every place. An empty document is QSTI_YAML_NULL. Errors: `bad` with
 * place; ERR_LIMIT above the number of bytes; ERR_MEMORY. */
qst_status qsti_yaml_parse(qst_ctx *ctx, const char *name, const char *text, size_t n, qst_status bad, qsti_yaml **out);
void qsti_yaml_free(qst_ctx *ctx, qsti_yaml *root);

/* A deep copy of a tree, or of a part of one, as a tree of its own. Errors: ERR_MEMORY. */
qst_status qsti_yaml_copy(qst_ctx *ctx, const qsti_yaml *root, qsti_yaml **out);

/* The child of a map by key, or NULL. */
const qsti_yaml *qsti_yaml_child(const qsti_yaml *map, const char *key);

/* Puts a deep copy of `value` at a dotted path ("distill.temperature"), making maps on the way (a NULL counts as an
 * empty map) and replacing what is there; `root` is untouched on failure. The place of `value` becomes the place of the
 * key and of the maps that were made. Errors: ERR_USAGE when the path goes through a scalar or list, has an empty part
 * or leads deeper than 32 levels; ERR_MEMORY. */
qst_status qsti_yaml_set(qst_ctx *ctx, qsti_yaml *root, const char *dotted_path, const qsti_yaml *value);

/* Appends `root` as YAML text, block style (lists of scalars in flow style), strings quoted where needed. Parsing it
 * gives the same tree but for the places, and for `quoted` where a plain scalar needs quotes ("a, b" in a list).
 * Errors: ERR_MEMORY; ERR_INTERNAL when a scalar is not UTF-8. */
qst_status qsti_yaml_write(qst_ctx *ctx, const qsti_yaml *root, qsti_text *out);

#endif
