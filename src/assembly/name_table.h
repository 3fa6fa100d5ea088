/* name_table.h: from a name to what it names, in constant time. */
#ifndef QSTI_ASSEMBLY_NAME_TABLE_H
#define QSTI_ASSEMBLY_NAME_TABLE_H

#include "base/memory.h"

typedef enum qsti_named {
    QSTI_NAMED_NOTHING,
    QSTI_NAMED_QUBITS,    /* register of qubits */
    QSTI_NAMED_BITS,      /* register of bits */
    QSTI_NAMED_PARAMETER, /* of the assembly */
    QSTI_NAMED_DEFINITION
} qsti_named;

typedef struct qsti_name_entry {
    const char *name; /* borrowed; NULL: free */
    uint64_t hash;
    qsti_named kind;
    size_t index;
} qsti_name_entry;

/* Zero it to begin. */
typedef struct qsti_name_table {
    qsti_name_entry *entries; /* (capacity), a power of two, at most half full */
    size_t capacity, n_entries;
} qsti_name_table;

/* What `name` names, its number in *out_index; NOTHING leaves that as it is. */
qsti_named qsti_name_table_find(const qsti_name_table *table, const char *name, size_t *out_index);
/* Adds a name that is not there yet; it must live as long as the table. Errors: ERR_MEMORY. */
qst_status qsti_name_table_add(qst_ctx *ctx, qsti_name_table *table, const char *name, qsti_named kind, size_t index);
void qsti_name_table_clear(qst_ctx *ctx, qsti_name_table *table);

#endif
