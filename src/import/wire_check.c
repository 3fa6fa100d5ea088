/* wire_check.c: see wire_check.h.
 *
 * A message is a run of fields: a tag (field number << 3 | wire type) as a varint, then by wire type a varint (0), 8
 * bytes (1), a length and so many bytes (2), or 4 bytes (5). Which bytes of type 2 are messages in their turn only the
 * schema tells, so the walk keeps a stack of schemas. Fields that the schema does not know are stepped over: newer
 * writers have more of them. It is not a parser: nothing is kept. */
#include "import/wire_check.h"

#include <string.h>

#define MAX_VARINT_BYTES 10

typedef struct level {
    const ProtobufCMessageDescriptor *schema;
    size_t end;    /* behind the last byte of the message */
    uint64_t seen; /* bit i: the schema's field i, a single message, was there */
} level;

typedef struct walker {
    qst_ctx *ctx;
    const char *name;
    const unsigned char *bytes;
    size_t at, n_items, depth;
    level levels[QSTI_WIRE_MAX_DEPTH];
} walker;

static qst_status refuse(const walker *w, size_t at, const char *what)
{
    return qsti_fail(w->ctx, QST_ERR_INPUT, "%s: byte %zu: not a well-formed model: %s", w->name, at, what);
}

static qst_status read_varint(walker *w, uint64_t *out)
{
    size_t begin = w->at, end = w->levels[w->depth - 1].end;
    uint64_t value = 0;
    for (unsigned i = 0; i < MAX_VARINT_BYTES && w->at < end; i++) {
        unsigned char byte = w->bytes[w->at++];
        if (i == MAX_VARINT_BYTES - 1 && byte > 1)
            break;
        value |= (uint64_t)(byte & 0x7f) << (7 * i);
        if (byte < 0x80) {
            *out = value;
            return QST_OK;
        }
    }
    return refuse(w, begin, "a number without an end");
}

static qst_status step_over(walker *w, uint64_t n_bytes)
{
    if (n_bytes > w->levels[w->depth - 1].end - w->at)
        return refuse(w, w->at, "a length beyond the end");
    w->at += (size_t)n_bytes;
    return QST_OK;
}

/* The message in the next n_bytes becomes the innermost level. */
static qst_status enter(walker *w, const ProtobufCFieldDescriptor *field, size_t n_bytes)
{
    level *outer = &w->levels[w->depth - 1];
    uint64_t bit = (uint64_t)1 << ((size_t)(field - outer->schema->fields) % 64);
    if (field->label != PROTOBUF_C_LABEL_REPEATED && outer->seen & bit)
        return refuse(w, w->at, "a part that may be there once comes again");
    outer->seen |= bit;
    if (w->depth == QSTI_WIRE_MAX_DEPTH)
        return qsti_fail(w->ctx, QST_ERR_LIMIT, "%s: byte %zu: parts are nested more than %d deep", w->name, w->at,
                         QSTI_WIRE_MAX_DEPTH);
    w->levels[w->depth++] = (level){field->descriptor, w->at + n_bytes, 0};
    return QST_OK;
}

/* A field of wire type 2, its length read. */
static qst_status take_bytes(walker *w, const ProtobufCFieldDescriptor *field, uint64_t length)
{
    size_t n_bytes = (size_t)length;
    if (++w->n_items > QSTI_WIRE_MAX_ITEMS)
        return qsti_fail(w->ctx, QST_ERR_LIMIT, "%s: more than %zu parts", w->name, QSTI_WIRE_MAX_ITEMS);
    if (length > w->levels[w->depth - 1].end - w->at)
        return refuse(w, w->at, "a length beyond the end");
    if (field != NULL && field->type == PROTOBUF_C_TYPE_MESSAGE)
        return enter(w, field, n_bytes);
    if (field != NULL && field->type == PROTOBUF_C_TYPE_STRING && memchr(w->bytes + w->at, 0, n_bytes) != NULL)
        return refuse(w, w->at, "a name with a zero byte in it");
    w->at += n_bytes;
    return QST_OK;
}

static qst_status read_field(walker *w)
{
    qst_status status = QST_OK;
    size_t begin = w->at;
    uint64_t tag = 0, value = 0;
    QSTI_TRY(read_varint(w, &tag));
    unsigned number = (unsigned)(tag >> 3), type = tag & 7;
    if (tag >> 32 != 0 || number == 0)
        QSTI_TRY(refuse(w, begin, "a field that cannot be"));
    const ProtobufCFieldDescriptor *field =
        protobuf_c_message_descriptor_get_field(w->levels[w->depth - 1].schema, number);
    bool is_long = field != NULL && (field->type == PROTOBUF_C_TYPE_MESSAGE || field->type == PROTOBUF_C_TYPE_STRING ||
                                     field->type == PROTOBUF_C_TYPE_BYTES);
    if (is_long && type != 2)
        QSTI_TRY(refuse(w, begin, "a field of the wrong type"));
    switch (type) {
    case 0:
        return read_varint(w, &value);
    case 1:
        return step_over(w, 8);
    case 2:
        QSTI_TRY(read_varint(w, &value));
        return take_bytes(w, field, value);
    case 5:
        return step_over(w, 4);
    default:
        return refuse(w, begin, "a field of a type that is not in use");
    }
done:
    return status;
}

qst_status qsti_wire_check(qst_ctx *ctx, const char *name, const void *bytes, size_t n_bytes,
                           const ProtobufCMessageDescriptor *schema)
{
    walker w = {.ctx = ctx, .name = name, .bytes = bytes, .depth = 1};
    w.levels[0] = (level){schema, n_bytes, 0};
    while (w.depth > 0) {
        if (w.at == w.levels[w.depth - 1].end) {
            w.depth--;
            continue;
        }
        qst_status status = read_field(&w);
        if (status != QST_OK)
            return status;
    }
    return QST_OK;
}
