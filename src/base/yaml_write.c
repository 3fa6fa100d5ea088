/* yaml_write.c: YAML text of a tree, by libyaml's emitter.
 *
 * Scalars that were quoted are quoted again, so that "1" stays a string and 1 a number, those of
 * several lines stand as blocks; what is plain is left to the
 * emitter, which quotes it where YAML would read something else. Lists of scalars stand in one line, [1, 2]. */
#include <string.h>

#include <yaml.h>

#include "base/yaml.h"

#define COLUMNS 120

typedef struct writer {
    yaml_emitter_t emitter;
    qsti_text *out;
} writer;

static int take_bytes(void *user, unsigned char *bytes, size_t n_bytes)
{
    qsti_text *out = user;
    qsti_text_add_bytes(out, bytes, n_bytes);
    return out->status == QST_OK;
}

/* The emitter takes the event over, also when it fails. */
static bool emit(writer *to, yaml_event_t *event, int initialized)
{
    return initialized && yaml_emitter_emit(&to->emitter, event);
}

static bool write_scalar(writer *to, const char *text, bool quoted)
{
    yaml_event_t event;
    yaml_scalar_style_t quotes = strchr(text, '\n') ? YAML_LITERAL_SCALAR_STYLE : YAML_SINGLE_QUOTED_SCALAR_STYLE;
    yaml_scalar_style_t style = quoted ? quotes : YAML_PLAIN_SCALAR_STYLE;
    int initialized = yaml_scalar_event_initialize(&event, NULL, NULL, (const yaml_char_t *)text, (int)strlen(text),
                                                   !quoted, 1, style);
    return emit(to, &event, initialized);
}

static bool has_scalars_only(const qsti_yaml *list)
{
    for (size_t c = 0; c < list->n_children; c++) {
        if (list->children[c].kind != QSTI_YAML_SCALAR && list->children[c].kind != QSTI_YAML_NULL) {
            return false;
        }
    }
    return true;
}

static bool write_node(writer *to, const qsti_yaml *node);

static bool write_list(writer *to, const qsti_yaml *list)
{
    yaml_event_t event;
    yaml_sequence_style_t style = has_scalars_only(list) ? YAML_FLOW_SEQUENCE_STYLE : YAML_BLOCK_SEQUENCE_STYLE;
    if (!emit(to, &event, yaml_sequence_start_event_initialize(&event, NULL, NULL, 1, style))) {
        return false;
    }
    for (size_t c = 0; c < list->n_children; c++) {
        if (!write_node(to, &list->children[c])) {
            return false;
        }
    }
    return emit(to, &event, yaml_sequence_end_event_initialize(&event));
}

/* A key such as "null" or "12" is a word among keys; it needs no quotes. */
static bool write_map(writer *to, const qsti_yaml *map)
{
    yaml_event_t event;
    if (!emit(to, &event, yaml_mapping_start_event_initialize(&event, NULL, NULL, 1, YAML_BLOCK_MAPPING_STYLE))) {
        return false;
    }
    for (size_t c = 0; c < map->n_children; c++) {
        if (!write_scalar(to, map->children[c].key, false) || !write_node(to, &map->children[c])) {
            return false;
        }
    }
    return emit(to, &event, yaml_mapping_end_event_initialize(&event));
}

static bool write_node(writer *to, const qsti_yaml *node)
{
    switch (node->kind) {
    case QSTI_YAML_SCALAR:
        return write_scalar(to, node->scalar, node->quoted);
    case QSTI_YAML_LIST:
        return write_list(to, node);
    case QSTI_YAML_MAP:
        return write_map(to, node);
    case QSTI_YAML_NULL:
        break;
    }
    return write_scalar(to, "null", false);
}

static bool write_document(writer *to, const qsti_yaml *root)
{
    yaml_event_t event;
    return emit(to, &event, yaml_stream_start_event_initialize(&event, YAML_UTF8_ENCODING)) &&
           emit(to, &event, yaml_document_start_event_initialize(&event, NULL, NULL, NULL, 1)) &&
           write_node(to, root) && emit(to, &event, yaml_document_end_event_initialize(&event, 1)) &&
           emit(to, &event, yaml_stream_end_event_initialize(&event));
}

static qst_status fail_write(qst_ctx *ctx, const writer *to)
{
    if (to->out->status != QST_OK) {
        return to->out->status;
    }
    if (to->emitter.error == YAML_EMITTER_ERROR) {
        return qsti_fail(ctx, QST_ERR_INTERNAL, "YAML to write: %s", to->emitter.problem);
    }
    return qsti_fail(ctx, QST_ERR_MEMORY, "out of memory while writing YAML");
}

qst_status qsti_yaml_write(qst_ctx *ctx, const qsti_yaml *root, qsti_text *out)
{
    writer to = {.out = out};
    if (!yaml_emitter_initialize(&to.emitter)) {
        return qsti_fail(ctx, QST_ERR_MEMORY, "out of memory while writing YAML");
    }
    yaml_emitter_set_output(&to.emitter, take_bytes, out);
    yaml_emitter_set_unicode(&to.emitter, 1);
    yaml_emitter_set_width(&to.emitter, COLUMNS);
    qst_status status = write_document(&to, root) ? QST_OK : fail_write(ctx, &to);
    yaml_emitter_delete(&to.emitter);
    return status;
}
