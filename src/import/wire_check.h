/* wire_check.h: a serialised protobuf message, looked at before anything unpacks it. */
#ifndef QSTI_IMPORT_WIRE_CHECK_H
#define QSTI_IMPORT_WIRE_CHECK_H

#include <protobuf-c/protobuf-c.h>

#include "base/status.h"

#define QSTI_WIRE_MAX_DEPTH 64
#define QSTI_WIRE_MAX_ITEMS ((size_t)1 << 20)

/* Walks all of `bytes` with the schema of the outermost message: numbers of at most 10 bytes, lengths inside their
 * message, no groups, messages in at most QSTI_WIRE_MAX_DEPTH levels, each single one at most once, text without NUL,
 * at most QSTI_WIRE_MAX_ITEMS messages and texts, so that unpacking recurses, merges and allocates within bounds.
 * `name` stands in messages. Errors: ERR_INPUT with the byte; ERR_LIMIT. Cost: one pass, no memory. */
qst_status qsti_wire_check(qst_ctx *ctx, const char *name, const void *bytes, size_t n_bytes,
                           const ProtobufCMessageDescriptor *schema);

#endif
