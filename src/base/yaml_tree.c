/* yaml_tree.c: the tree of a YAML document: freeing, copying, looking up and setting. Depth is bounded by what parsing
 * and setting accept, so these walk it by recursion. */
#include "base/yaml_tree.h"

#include <string.h>

/* --- building ----------------------------------------------------------------------------------------------------- */

qst_status qsti_yaml_document_create(qst_ctx *ctx, qsti_yaml_document **out)
{
    return QSTI_NEW(ctx, 1, out);
}

qst_status qsti_yaml_file_name(qst_ctx *ctx, qsti_yaml_document *document, const char *file, const char **out)
{
    if (file == NULL) {
        *out = NULL;
        return QST_OK;
    }
    for (size_t f = 0; f < document->n_files; f++) {
        if (strcmp(document->files[f], file) == 0) {
            *out = document->files[f];
            return QST_OK;
        }
    }
    qst_status status = QSTI_GROW(ctx, document->n_files + 1, &document->files);
    if (status == QST_OK) {
        status = qsti_strdup(ctx, file, &document->files[document->n_files]);
    }
    if (status == QST_OK) {
        *out = document->files[document->n_files++];
    }
    return status;
}

qst_status qsti_yaml_append(qst_ctx *ctx, qsti_yaml *parent, char *key, size_t *capacity, qsti_yaml **out)
{
    if (parent->n_children == *capacity) {
        size_t larger = *capacity ? *capacity + *capacity / 2 + 1 : 4;
        qst_status status = QSTI_GROW(ctx, larger, &parent->children);
        if (status != QST_OK) {
            return status;
        }
        *capacity = larger;
    }
    *out = &parent->children[parent->n_children++];
    **out = (qsti_yaml){.key = key};
    return QST_OK;
}

void qsti_yaml_clear(qst_ctx *ctx, qsti_yaml *node)
{
    for (size_t c = 0; c < node->n_children; c++) {
        qsti_yaml_clear(ctx, &node->children[c]);
    }
    qsti_free(ctx, node->children);
    qsti_free(ctx, node->key);
    qsti_free(ctx, node->scalar);
    *node = (qsti_yaml){.kind = QSTI_YAML_NULL};
}

void qsti_yaml_free(qst_ctx *ctx, qsti_yaml *root)
{
    if (root == NULL) {
        return;
    }
    qsti_yaml_document *document = (qsti_yaml_document *)root;
    qsti_yaml_clear(ctx, root);
    for (size_t f = 0; f < document->n_files; f++) {
        qsti_free(ctx, document->files[f]);
    }
    qsti_free(ctx, document->files);
    qsti_free(ctx, document);
}

/* --- copying ------------------------------------------------------------------------------------------------------ */

static qst_status copy_place(qst_ctx *ctx, qsti_yaml_document *document, qsti_place from, qsti_place *to)
{
    qst_status status = qsti_yaml_file_name(ctx, document, from.file, &to->file);
    to->line = from.line;
    to->column = from.column;
    return status;
}

/* Fills *to, which is empty but for its key. On failure *to holds what was copied so far, fit for clearing. */
static qst_status copy_into(qst_ctx *ctx, qsti_yaml_document *document, const qsti_yaml *from, qsti_yaml *to)
{
    qst_status status = QST_OK;
    QSTI_TRY(copy_place(ctx, document, from->place, &to->place));
    QSTI_TRY(copy_place(ctx, document, from->key_place, &to->key_place));
    to->kind = from->kind;
    to->quoted = from->quoted;
    if (from->scalar) {
        QSTI_TRY(qsti_strdup(ctx, from->scalar, &to->scalar));
    }
    if (from->n_children) {
        QSTI_TRY(QSTI_NEW(ctx, from->n_children, &to->children));
    }
    for (size_t c = 0; c < from->n_children; c++) {
        qsti_yaml *child = &to->children[to->n_children++];
        if (from->children[c].key) {
            QSTI_TRY(qsti_strdup(ctx, from->children[c].key, &child->key));
        }
        QSTI_TRY(copy_into(ctx, document, &from->children[c], child));
    }
done:
    return status;
}

qst_status qsti_yaml_copy(qst_ctx *ctx, const qsti_yaml *root, qsti_yaml **out)
{
    qsti_yaml_document *document = NULL;
    qst_status status = qsti_yaml_document_create(ctx, &document);
    if (status != QST_OK) {
        return status;
    }
    status = copy_into(ctx, document, root, &document->root);
    if (status != QST_OK) {
        qsti_yaml_free(ctx, &document->root);
        return status;
    }
    *out = &document->root;
    return QST_OK;
}

/* --- looking up and setting --------------------------------------------------------------------------------------- */

static qsti_yaml *child_of(const qsti_yaml *map, const char *key, size_t key_length)
{
    for (size_t c = 0; map->kind == QSTI_YAML_MAP && c < map->n_children; c++) {
        const char *name = map->children[c].key;
        if (strncmp(name, key, key_length) == 0 && name[key_length] == '\0') {
            return &map->children[c];
        }
    }
    return NULL;
}

const qsti_yaml *qsti_yaml_child(const qsti_yaml *map, const char *key)
{
    return map ? child_of(map, key, strlen(key)) : NULL;
}

static size_t height_of(const qsti_yaml *node)
{
    size_t highest = 0;
    for (size_t c = 0; c < node->n_children; c++) {
        size_t height = height_of(&node->children[c]);
        highest = height > highest ? height : highest;
    }
    return highest + (node->kind == QSTI_YAML_LIST || node->kind == QSTI_YAML_MAP);
}

static qst_status check_path(qst_ctx *ctx, const char *path, const qsti_yaml *value)
{
    size_t n_parts = 1;
    for (const char *c = path; *c; c++) {
        n_parts += *c == '.';
    }
    size_t length = strlen(path);
    if (length == 0 || path[0] == '.' || path[length - 1] == '.' || strstr(path, "..")) {
        return qsti_fail_at(ctx, QST_ERR_USAGE, value->place, "\"%s\": a key is empty, expected KEY or KEY.KEY", path);
    }
    if (n_parts + height_of(value) > QSTI_YAML_MAX_DEPTH) {
        return qsti_fail_at(ctx, QST_ERR_USAGE, value->place, "%s: nested deeper than %d levels", path,
                            QSTI_YAML_MAX_DEPTH);
    }
    return QST_OK;
}

static size_t part_length(const char *path)
{
    return strcspn(path, ".");
}

/* Walks down as far as the path exists. *out is the last node on it, *rest the part of the path below. */
static qst_status walk(qst_ctx *ctx, qsti_yaml *root, const char *path, qsti_place place, qsti_yaml **out,
                       const char **rest)
{
    qsti_yaml *node = root;
    const char *part = path;
    while (*part) {
        if (node->kind == QSTI_YAML_SCALAR || node->kind == QSTI_YAML_LIST) {
            int length = part > path ? (int)(part - path) - 1 : 0;
            return qsti_fail_at(ctx, QST_ERR_USAGE, place, "%s: %.*s is a %s, not a map of keys", path,
                                length ? length : 8, length ? path : "the root",
                                node->kind == QSTI_YAML_LIST ? "list" : "single value");
        }
        qsti_yaml *child = child_of(node, part, part_length(part));
        if (child == NULL) {
            break;
        }
        node = child;
        part += part_length(part);
        part += *part == '.';
    }
    *out = node;
    *rest = part;
    return QST_OK;
}

/* Makes of `node` a child of a map by `key` whose inside is `rest` of the path and, at its end, a copy of `value`. */
static qst_status build_chain(qst_ctx *ctx, qsti_yaml_document *document, const char *rest, const qsti_yaml *value,
                              qsti_yaml *node)
{
    qst_status status = QST_OK;
    QSTI_TRY(qsti_strndup(ctx, rest, part_length(rest), &node->key));
    const char *below = rest + part_length(rest);
    if (*below == '\0') {
        QSTI_TRY(copy_into(ctx, document, value, node));
    } else {
        QSTI_TRY(copy_place(ctx, document, value->place, &node->place));
        node->kind = QSTI_YAML_MAP;
        QSTI_TRY(QSTI_NEW(ctx, 1, &node->children));
        node->n_children = 1;
        QSTI_TRY(build_chain(ctx, document, below + 1, value, &node->children[0]));
    }
    node->key_place = node->place;
done:
    return status;
}

static qst_status insert(qst_ctx *ctx, qsti_yaml_document *document, qsti_yaml *parent, const char *rest,
                         const qsti_yaml *value)
{
    qsti_yaml child = {.kind = QSTI_YAML_NULL};
    size_t capacity = parent->n_children;
    qsti_yaml *slot = NULL;
    qst_status status = QST_OK;
    QSTI_TRY(build_chain(ctx, document, rest, value, &child));
    QSTI_TRY(qsti_yaml_append(ctx, parent, NULL, &capacity, &slot));
    *slot = child;
    parent->kind = QSTI_YAML_MAP;
    return QST_OK;
done:
    qsti_yaml_clear(ctx, &child);
    return status;
}

/* Puts a copy in the place of what is there; the key and its place stay. */
static qst_status replace(qst_ctx *ctx, qsti_yaml_document *document, qsti_yaml *node, const qsti_yaml *value)
{
    qsti_yaml copy = {.kind = QSTI_YAML_NULL};
    qst_status status = copy_into(ctx, document, value, &copy);
    if (status != QST_OK) {
        qsti_yaml_clear(ctx, &copy);
        return status;
    }
    copy.key = node->key;
    copy.key_place = copy.place;
    node->key = NULL;
    qsti_yaml_clear(ctx, node);
    *node = copy;
    return QST_OK;
}

qst_status qsti_yaml_set(qst_ctx *ctx, qsti_yaml *root, const char *dotted_path, const qsti_yaml *value)
{
    qsti_yaml_document *document = (qsti_yaml_document *)root;
    qsti_yaml *node = NULL;
    const char *rest = NULL;
    qst_status status = QST_OK;
    QSTI_TRY(check_path(ctx, dotted_path, value));
    QSTI_TRY(walk(ctx, root, dotted_path, value->place, &node, &rest));
    if (*rest) {
        QSTI_TRY(insert(ctx, document, node, rest, value));
    } else {
        QSTI_TRY(replace(ctx, document, node, value));
    }
done:
    return status;
}
