/* cosets.c: the amplitudes that the gates of a tile mix, see qsti_cosets.
 *
 * With z_i.x_j = 1 for i = j and 0 else, each coset of the span of the x has one member p with z_i.p = 0 for all i: its
 * base. The bases are a subspace; they are listed in ascending order, so that memory is walked well, by segment, that
 * is by the parities of the controls, which are the same all over a coset.
 */
#include "sim/cosets.h"

#include <string.h>

/* A basis of {p : z_i.p = 0}, ascending, each member with a highest bit that no other has; gives its size. So sums of
 * members ascend with the number whose bits pick them. By Gauss and Jordan, pivots at the lowest bits: each other bit
 * gives a member, which sets pivots below it. */
static size_t kernel_of(const uint32_t *z, size_t n, size_t n_qubits, uint32_t basis[QSTI_MAX_QUBITS])
{
    uint32_t rows[QSTI_MAX_TILE], pivots[QSTI_MAX_TILE];
    size_t n_basis = 0, n_pivots = 0;
    memcpy(rows, z, n * sizeof *rows);
    for (size_t q = 0; q < n_qubits && n_pivots < n; q++) {
        size_t with = n_pivots;
        while (with < n && !(rows[with] >> q & 1))
            with++;
        if (with == n)
            continue;
        uint32_t row = rows[with];
        rows[with] = rows[n_pivots];
        rows[n_pivots] = row;
        for (size_t j = 0; j < n; j++)
            if (j != n_pivots && rows[j] >> q & 1)
                rows[j] ^= row;
        pivots[n_pivots++] = (uint32_t)1 << q;
    }
    for (size_t q = 0; q < n_qubits; q++) {
        uint32_t bit = (uint32_t)1 << q, p = bit;
        for (size_t i = 0; i < n_pivots; i++)
            p ^= rows[i] & bit ? pivots[i] : 0;
        if (p != 0) /* a pivot has cancelled itself */
            basis[n_basis++] = p;
    }
    return n_basis;
}

static unsigned segment_of(const qsti_cosets *cosets, uint32_t p)
{
    unsigned segment = 0;
    for (size_t g = 0; g < cosets->n_gates; g++)
        segment |= qsti_parity(p, cosets->control[g]) << g;
    return segment;
}

static qst_status fill_cosets(const qst_program *program, qsti_cosets *cosets)
{
    qst_status status = QST_OK;
    uint32_t basis[QSTI_MAX_QUBITS], counts[1 << QSTI_MAX_TILE] = {0}, *sorted = NULL, *plain = NULL;
    size_t n_basis = kernel_of(cosets->z, cosets->n_gates, program->n_qubits, basis), n = (size_t)1 << n_basis;
    QSTI_TRY(QSTI_NEW(program->ctx, n, &plain));
    QSTI_TRY(QSTI_NEW(program->ctx, n, &sorted));
    for (size_t i = 0; i < n_basis; i++)
        for (size_t c = 0; c < (size_t)1 << i; c++)
            plain[c + ((size_t)1 << i)] = plain[c] ^ basis[i];
    for (size_t c = 0; c < n; c++)
        counts[segment_of(cosets, plain[c])]++;
    uint32_t at[1 << QSTI_MAX_TILE], sum = 0;
    for (unsigned s = 0; s < 1U << QSTI_MAX_TILE; s++) {
        at[s] = sum;
        sum += counts[s];
        if (counts[s] == 0)
            continue;
        cosets->segment[cosets->n_segments] = (uint8_t)s;
        cosets->first[cosets->n_segments++] = at[s];
    }
    cosets->first[cosets->n_segments] = (uint32_t)n;
    for (size_t c = 0; c < n; c++)
        sorted[at[segment_of(cosets, plain[c])]++] = plain[c];
    for (unsigned j = 0; j < 1U << cosets->n_gates; j++)
        for (size_t g = 0; g < cosets->n_gates; g++)
            cosets->offset[j] ^= j >> g & 1 ? cosets->x[g] : 0;
    cosets->bases = sorted;
    sorted = NULL;
done:
    qsti_free(program->ctx, plain);
    qsti_free(program->ctx, sorted);
    return status;
}

qst_status qsti_coset_table_init(qst_ctx *ctx, size_t n_most, qsti_coset_table *out)
{
    qsti_coset_table table = {.n_places = 2};
    while (table.n_places < 2 * n_most)
        table.n_places *= 2;
    qst_status status = QSTI_NEW(ctx, table.n_places, &table.places);
    if (status == QST_OK)
        *out = table;
    return status;
}

static bool same_masks(const qsti_cosets *a, const qsti_cosets *b)
{
    return a->n_gates == b->n_gates && memcmp(a->x, b->x, sizeof a->x) == 0 && memcmp(a->z, b->z, sizeof a->z) == 0 &&
           memcmp(a->control, b->control, sizeof a->control) == 0;
}

qst_status qsti_cosets_of(qst_program *program, const qsti_gate *gates, size_t n, qsti_coset_table *table,
                          uint32_t *out)
{
    qst_status status = QST_OK;
    qsti_cosets key = {.n_gates = (uint32_t)n};
    uint64_t hash = n;
    for (size_t g = 0; g < n; g++) {
        key.x[g] = gates[g].x;
        key.z[g] = gates[g].z;
        key.control[g] = gates[g].control;
        hash = (hash ^ ((uint64_t)key.x[g] << 32 | key.z[g])) * 0x9e3779b97f4a7c15U;
        hash = (hash ^ hash >> 32 ^ key.control[g]) * 0x9e3779b97f4a7c15U;
    }
    size_t last = table->n_places - 1, place = (size_t)(hash >> 32) & last;
    while (table->places[place] != 0 && !same_masks(&program->cosets[table->places[place] - 1], &key))
        place = (place + 1) & last;
    if (table->places[place] == 0) {
        QSTI_TRY(fill_cosets(program, &key));
        program->cosets[program->n_cosets++] = key;
        table->places[place] = (uint32_t)program->n_cosets;
    }
    *out = table->places[place] - 1;
done:
    return status;
}
