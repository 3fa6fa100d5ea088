/* cosets.h: the cosets of tiles, each set once for all tiles with the same masks. */
#ifndef QSTI_SIM_COSETS_H
#define QSTI_SIM_COSETS_H

#include "sim/program.h"

/* Finds cosets by a hash of their masks: places[i] is 1 + a number of the program's cosets, or 0. */
typedef struct qsti_coset_table {
    uint32_t *places; /* (n_places): freed by whom it was made for */
    size_t n_places;  /* a power of two */
} qsti_coset_table;

/* Room for n_most. ERR_MEMORY. */
qst_status qsti_coset_table_init(qst_ctx *ctx, size_t n_most, qsti_coset_table *out);

/* The number of the cosets of a tile of these gates in program->cosets, which has room. ERR_MEMORY. */
qst_status qsti_cosets_of(qst_program *program, const qsti_gate *gates, size_t n, qsti_coset_table *table,
                          uint32_t *out);

#endif
