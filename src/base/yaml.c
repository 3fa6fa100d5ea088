/* yaml.c: YAML text to a tree, event by event from libyaml. The tree itself is in yaml_tree.c.
 *
 * Events are taken one at a time and put into the innermost open list or map; the open ones are an explicit stack of
 * QSTI_YAML_MAX_DEPTH, so nesting costs no call depth, and what is refused is refused at its first byte. libyaml takes
 * NUL for the end of the text, so those are looked for before it. */
#include <string.h>

#include <yaml.h>

#include "base/yaml.h"
#include "base/yaml_tree.h"

/* A list or map that is still open. Nodes move when their siblings grow; the path to the innermost one is never moved,
 * since only the innermost one grows. */
typedef struct level {
    qsti_yaml *node;
    size_t capacity;
    char *key; /* of a map: the key that waits for its value */
    qsti_place key_place;
} level;

typedef struct builder {
    qst_ctx *ctx;
    qst_status bad;
    const char *file;
    yaml_parser_t parser;
    qsti_yaml_document *document;
    level levels[QSTI_YAML_MAX_DEPTH];
    size_t depth, n_nodes;
    bool document_seen, root_seen, stream_ended;
} builder;

static qsti_place place_of(const builder *tree, yaml_mark_t mark)
{
    return (qsti_place){tree->file, mark.line + 1, mark.column + 1};
}

/* --- nodes -------------------------------------------------------------------------------------------------------- */

static level *innermost(builder *tree)
{
    return tree->depth ? &tree->levels[tree->depth - 1] : NULL;
}

static qst_status add_node(builder *tree, yaml_mark_t mark, qsti_yaml **out)
{
    qsti_place place = place_of(tree, mark);
    if (++tree->n_nodes > QSTI_YAML_MAX_NODES) {
        return qsti_fail_at(tree->ctx, tree->bad, place, "more than %zu values", QSTI_YAML_MAX_NODES);
    }
    level *open = innermost(tree);
    qsti_yaml *node = &tree->document->root;
    if (open) {
        qst_status status = qsti_yaml_append(tree->ctx, open->node, open->key, &open->capacity, &node);
        if (status != QST_OK) {
            return status;
        }
        node->key_place = open->key_place;
        open->key = NULL;
    }
    node->place = place;
    *out = node;
    return QST_OK;
}

static bool is_null(const char *text, size_t n)
{
    static const char *const words[] = {"", "~", "null", "Null", "NULL"};
    for (size_t w = 0; w < sizeof words / sizeof words[0]; w++) {
        if (strlen(words[w]) == n && memcmp(words[w], text, n) == 0) {
            return true;
        }
    }
    return false;
}

static qst_status take_scalar(builder *tree, const yaml_event_t *event)
{
    const char *text = (const char *)event->data.scalar.value;
    size_t length = event->data.scalar.length;
    bool plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
    qsti_place place = place_of(tree, event->start_mark);
    if (memchr(text, '\0', length)) {
        return qsti_fail_at(tree->ctx, tree->bad, place, "a NUL character in a string");
    }
    level *open = innermost(tree);
    if (open && open->node->kind == QSTI_YAML_MAP && open->key == NULL) {
        if (length == 0) {
            return qsti_fail_at(tree->ctx, tree->bad, place, "an empty key");
        }
        open->key_place = place;
        return qsti_strndup(tree->ctx, text, length, &open->key);
    }
    qsti_yaml *node = NULL;
    qst_status status = add_node(tree, event->start_mark, &node);
    if (status != QST_OK || (plain && is_null(text, length))) {
        return status;
    }
    node->kind = QSTI_YAML_SCALAR;
    node->quoted = !plain || memchr(text, '\n', length) != NULL;
    return qsti_strndup(tree->ctx, text, length, &node->scalar);
}

static qst_status open_level(builder *tree, const yaml_event_t *event, qsti_yaml_kind kind)
{
    qsti_place place = place_of(tree, event->start_mark);
    level *open = innermost(tree);
    if (open && open->node->kind == QSTI_YAML_MAP && open->key == NULL) {
        return qsti_fail_at(tree->ctx, tree->bad, place, "a key that is not a plain word");
    }
    if (tree->depth == QSTI_YAML_MAX_DEPTH) {
        return qsti_fail_at(tree->ctx, tree->bad, place, "nested deeper than %d levels", QSTI_YAML_MAX_DEPTH);
    }
    qsti_yaml *node = NULL;
    qst_status status = add_node(tree, event->start_mark, &node);
    if (status == QST_OK) {
        node->kind = kind;
        tree->levels[tree->depth++] = (level){.node = node};
    }
    return status;
}

/* --- duplicate keys ----------------------------------------------------------------------------------------------- */

typedef struct key_entry {
    const qsti_yaml *node;
} key_entry;

/* By key, equal keys by their order in the text (children lie in that order). */
static int compare_keys(const void *left, const void *right)
{
    const qsti_yaml *a = ((const key_entry *)left)->node, *b = ((const key_entry *)right)->node;
    int order = strcmp(a->key, b->key);
    return order ? order : (a > b) - (a < b);
}

static qst_status check_keys(builder *tree, const qsti_yaml *map)
{
    if (map->n_children < 2) {
        return QST_OK;
    }
    key_entry *sorted = NULL;
    qst_status status = QSTI_NEW(tree->ctx, map->n_children, &sorted);
    if (status != QST_OK) {
        return status;
    }
    for (size_t c = 0; c < map->n_children; c++) {
        sorted[c].node = &map->children[c];
    }
    qsort(sorted, map->n_children, sizeof sorted[0], compare_keys);
    for (size_t c = 1; c < map->n_children && status == QST_OK; c++) {
        if (strcmp(sorted[c].node->key, sorted[c - 1].node->key) == 0) {
            status =
                qsti_fail_at(tree->ctx, tree->bad, sorted[c].node->key_place, "%s: the key stands in line %zu already",
                             sorted[c].node->key, sorted[c - 1].node->key_place.line);
        }
    }
    qsti_free(tree->ctx, sorted);
    return status;
}

static qst_status close_level(builder *tree)
{
    const qsti_yaml *node = innermost(tree)->node;
    tree->depth--;
    return node->kind == QSTI_YAML_MAP ? check_keys(tree, node) : QST_OK;
}

/* --- events ------------------------------------------------------------------------------------------------------- */

/* Anchor and tag of an event that begins a node; NULL for others. */
static void node_marks(const yaml_event_t *event, const yaml_char_t **anchor, const yaml_char_t **tag)
{
    *anchor = NULL;
    *tag = NULL;
    switch (event->type) {
    case YAML_SCALAR_EVENT:
        *anchor = event->data.scalar.anchor;
        *tag = event->data.scalar.tag;
        break;
    case YAML_SEQUENCE_START_EVENT:
        *anchor = event->data.sequence_start.anchor;
        *tag = event->data.sequence_start.tag;
        break;
    case YAML_MAPPING_START_EVENT:
        *anchor = event->data.mapping_start.anchor;
        *tag = event->data.mapping_start.tag;
        break;
    default:
        break;
    }
}

static qst_status check_subset(const builder *tree, const yaml_event_t *event)
{
    qsti_place place = place_of(tree, event->start_mark);
    const yaml_char_t *anchor, *tag;
    node_marks(event, &anchor, &tag);
    if (anchor) {
        return qsti_fail_at(tree->ctx, tree->bad, place, "&%s: anchors are not supported", (const char *)anchor);
    }
    if (tag) {
        return qsti_fail_at(tree->ctx, tree->bad, place, "%s: tags are not supported", (const char *)tag);
    }
    if (event->type == YAML_ALIAS_EVENT) {
        return qsti_fail_at(tree->ctx, tree->bad, place, "*%s: aliases are not supported",
                            (const char *)event->data.alias.anchor);
    }
    if (event->type == YAML_DOCUMENT_START_EVENT && tree->document_seen) {
        return qsti_fail_at(tree->ctx, tree->bad, place, "a second document, expected one");
    }
    return QST_OK;
}

static qst_status take_event(builder *tree, const yaml_event_t *event)
{
    qst_status status = check_subset(tree, event);
    if (status != QST_OK) {
        return status;
    }
    switch (event->type) {
    case YAML_STREAM_END_EVENT:
        tree->stream_ended = true;
        return QST_OK;
    case YAML_DOCUMENT_START_EVENT:
        tree->document_seen = true;
        return QST_OK;
    case YAML_SCALAR_EVENT:
        return take_scalar(tree, event);
    case YAML_SEQUENCE_START_EVENT:
        return open_level(tree, event, QSTI_YAML_LIST);
    case YAML_MAPPING_START_EVENT:
        return open_level(tree, event, QSTI_YAML_MAP);
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
        return close_level(tree);
    default:
        return QST_OK;
    }
}

/* --- the text ----------------------------------------------------------------------------------------------------- */

/* The place of a byte; columns count characters. */
static qsti_place place_of_byte(const char *file, const char *text, size_t offset)
{
    qsti_place place = {file, 1, 1};
    for (size_t i = 0; i < offset; i++) {
        if (text[i] == '\n') {
            place.line++;
            place.column = 1;
        } else if (((unsigned char)text[i] & 0xc0) != 0x80) {
            place.column++;
        }
    }
    return place;
}

static qst_status check_text(const builder *tree, const char *text, size_t n)
{
    if (n > QSTI_YAML_MAX_BYTES) {
        return qsti_fail(tree->ctx, QST_ERR_LIMIT, "%s: %zu bytes are more than the limit of %zu for YAML", tree->file,
                         n, QSTI_YAML_MAX_BYTES);
    }
    const char *nul = n ? memchr(text, '\0', n) : NULL;
    if (nul) {
        return qsti_fail_at(tree->ctx, tree->bad, place_of_byte(tree->file, text, (size_t)(nul - text)),
                            "a NUL byte: not UTF-8 text");
    }
    for (size_t at = 0; at < n;) {
        size_t step = qsti_utf8_step(text + at, n - at);
        if (step == 0) {
            return qsti_fail_at(tree->ctx, tree->bad, place_of_byte(tree->file, text, at),
                                "byte 0x%02x: not UTF-8 text", (unsigned)(unsigned char)text[at]);
        }
        at += step;
    }
    return QST_OK;
}

static qst_status fail_parse(const builder *tree, const char *text)
{
    const yaml_parser_t *parser = &tree->parser;
    if (parser->error == YAML_MEMORY_ERROR) {
        return qsti_fail(tree->ctx, QST_ERR_MEMORY, "%s: out of memory while parsing YAML", tree->file);
    }
    const char *problem = parser->problem ? parser->problem : "malformed";
    if (parser->error == YAML_READER_ERROR) {
        return qsti_fail_at(tree->ctx, tree->bad, place_of_byte(tree->file, text, parser->problem_offset),
                            "not YAML: %s", problem);
    }
    return qsti_fail_at(tree->ctx, tree->bad, place_of(tree, parser->problem_mark), "not YAML: %s%s%s", problem,
                        parser->context ? " " : "", parser->context ? parser->context : "");
}

static qst_status take_all(builder *tree, const char *text, size_t n)
{
    yaml_parser_set_encoding(&tree->parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&tree->parser, (const unsigned char *)text, n);
    qst_status status = QST_OK;
    while (status == QST_OK && !tree->stream_ended) {
        yaml_event_t event;
        if (!yaml_parser_parse(&tree->parser, &event)) {
            return fail_parse(tree, text);
        }
        status = take_event(tree, &event);
        yaml_event_delete(&event);
    }
    return status;
}

qst_status qsti_yaml_parse(qst_ctx *ctx, const char *name, const char *text, size_t n, qst_status bad, qsti_yaml **out)
{
    qst_status status = QST_OK;
    builder tree = {.ctx = ctx, .bad = bad, .file = name};
    bool parser_exists = false;

    if (n >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) { /* a byte order mark is no column */
        text += 3;
        n -= 3;
    }
    QSTI_TRY(check_text(&tree, text, n));
    QSTI_TRY(qsti_yaml_document_create(ctx, &tree.document));
    QSTI_TRY(qsti_yaml_file_name(ctx, tree.document, name, &tree.file));
    tree.document->root.place = (qsti_place){tree.file, 1, 1};
    parser_exists = yaml_parser_initialize(&tree.parser);
    if (!parser_exists) {
        QSTI_TRY(qsti_fail(ctx, QST_ERR_MEMORY, "%s: out of memory while parsing YAML", name));
    }
    QSTI_TRY(take_all(&tree, text, n));
    *out = &tree.document->root;
    tree.document = NULL;
done:
    for (size_t d = 0; d < tree.depth; d++) {
        qsti_free(ctx, tree.levels[d].key);
    }
    if (parser_exists) {
        yaml_parser_delete(&tree.parser);
    }
    qsti_yaml_free(ctx, tree.document ? &tree.document->root : NULL);
    return status;
}
