/* wide_template.h: the kernels of wide_kernels.h for one precision, REAL, and one vector width, QSTI_VECTOR_BYTES;
 * those of diagonals and outputs are in wide_sums_template.h.
 *
 * No include guard: wide_lanes.c includes it once per precision. A line is N_VECTORS native vectors; lanes are
 * exchanged by their index's exclusive or with a number, first whole vectors, then inside them.
 */
#define WIDTH ((size_t)(QSTI_VECTOR_BYTES / sizeof(REAL)))
#define GROUP 4
#define SWAP  NAME(swap)
#define ROW   NAME(row)

#include "kernels/line_template.h"

/* --- exchanging lanes --------------------------------------------------------------------------------------------- */

/* An exchange of lanes j and j ^ number: of vectors, and inside them by a permutation. */
typedef struct SWAP {
    size_t vectors, inside;
#if QSTI_VECTOR_BYTES == 64
    __m512i index;
#elif QSTI_VECTOR_BYTES == 32
    __m256i index;
#endif
} SWAP;

INLINE SWAP NAME(swap_by)(size_t number)
{
    SWAP swap = {.vectors = number / WIDTH, .inside = number % WIDTH};
#if QSTI_VECTOR_BYTES == 64
    if (sizeof(REAL) == 8)
        swap.index = _mm512_xor_si512(_mm512_setr_epi64(0, 1, 2, 3, 4, 5, 6, 7), _mm512_set1_epi64((int)swap.inside));
    else
        swap.index = _mm512_xor_si512(_mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15),
                                      _mm512_set1_epi32((int)swap.inside));
#elif QSTI_VECTOR_BYTES == 32
    /* of doubles both halves move */
    int inside = (int)(swap.inside * sizeof(REAL) / sizeof(float));
    swap.index = _mm256_xor_si256(_mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7), _mm256_set1_epi32(inside));
#endif
    return swap;
}

INLINE VEC NAME(exchange_inside)(VEC in, const SWAP *swap)
{
#if QSTI_VECTOR_BYTES == 64
    return sizeof(REAL) == 4 ? (VEC)_mm512_permutexvar_ps(swap->index, (__m512)in)
                             : (VEC)_mm512_permutexvar_pd(swap->index, (__m512d)in);
#elif QSTI_VECTOR_BYTES == 32
    return (VEC)_mm256_permutevar8x32_ps((__m256)in, swap->index);
#else
    VEC out = in;
    for (size_t bit = 1; bit < WIDTH; bit *= 2) {
        VEC other = out;
        for (size_t j = 0; j < WIDTH; j++)
            other[j] = out[j ^ bit];
        out = swap->inside & bit ? other : out;
    }
    return out;
#endif
}

INLINE LINE NAME(exchange)(const LINE *in, const SWAP *swap)
{
    LINE out;
    for (size_t v = 0; v < N_VECTORS; v++)
        out.v[v] = N_VECTORS > 1 ? in->v[v ^ swap->vectors] : in->v[v];
    for (size_t v = 0; v < N_VECTORS; v++)
        out.v[v] = NAME(exchange_inside)(out.v[v], swap);
    return out;
}

INLINE AMP NAME(exchange_both)(const AMP *in, const SWAP *swap)
{
    return (AMP){{NAME(exchange)(&in->part[0], swap), NAME(exchange)(&in->part[1], swap)}};
}

/* --- blocks ------------------------------------------------------------------------------------------------------- */

static void NAME(gather)(const void *state, size_t first, const qsti_block_map *map, void *block)
{
    const AMP *from = state;
    AMP *to = block;
    for (size_t u = 0; u < map->n_lines; u++) {
        const AMP *line = from + (first ^ map->source[u]);
        if (map->live != NULL && !map->live[u]) {
            memset(to + u, 0, sizeof(AMP));
        } else if (map->swap != NULL && map->swap[u] != 0) {
            SWAP swap = NAME(swap_by)(map->swap[u]);
            to[u] = NAME(exchange_both)(line, &swap);
        } else {
            to[u] = *line;
        }
    }
}

/* Stores a vector without reading its line of memory first, where the instruction set can. */
INLINE void NAME(stream)(VEC *to, VEC value)
{
#if QSTI_VECTOR_BYTES == 64
    _mm512_stream_si512((void *)to, (__m512i)value);
#elif QSTI_VECTOR_BYTES == 32
    _mm256_stream_si256((__m256i *)to, (__m256i)value);
#else
    *to = value;
#endif
}

INLINE void NAME(scatter_as)(const AMP *from, size_t first, const qsti_block_map *map, AMP *to, bool past_caches)
{
    for (size_t u = 0; u < map->n_lines; u++) {
        AMP *line = to + (first ^ map->source[u]), amp = from[u];
        if (map->live != NULL && !map->live[u])
            continue;
        if (map->swap != NULL && map->swap[u] != 0) {
            SWAP swap = NAME(swap_by)(map->swap[u]);
            amp = NAME(exchange_both)(from + u, &swap);
        }
        if (!past_caches) {
            *line = amp;
            continue;
        }
        for (size_t part = 0; part < 2; part++)
            for (size_t v = 0; v < N_VECTORS; v++)
                NAME(stream)(&line->part[part].v[v], amp.part[part].v[v]);
    }
#if QSTI_VECTOR_BYTES > 16
    if (past_caches)
        _mm_sfence();
#endif
}

static void NAME(scatter)(const void *block, size_t first, const qsti_block_map *map, void *state)
{
    NAME(scatter_as)(block, first, map, state, false);
}

static void NAME(scatter_past)(const void *block, size_t first, const qsti_block_map *map, void *state)
{
    NAME(scatter_as)(block, first, map, state, true);
}

/* --- gates that exchange lanes ------------------------------------------------------------------------------------ */

/* A gate's coefficient lines: c, s, or a.re, a.im, b.re, b.im. */
typedef struct ROW {
    LINE part[4];
} ROW;

/* Those of the inverse: a* for a, -b for b. */
INLINE ROW NAME(row_of)(const void *coefficients, qsti_form form, bool inverse)
{
    const LINE *from = coefficients;
    ROW row;
    memset(&row, 0, sizeof row);
    for (size_t i = 0; i < qsti_form_lines(form); i++)
        for (size_t v = 0; v < N_VECTORS; v++)
            row.part[i].v[v] = inverse && i > 0 ? -from[i].v[v] : from[i].v[v];
    return row;
}

/* a own - b* other */
INLINE AMP NAME(turn_row)(const AMP *own, const AMP *other, const ROW *row, qsti_form form)
{
    AMP out;
    for (size_t v = 0; v < N_VECTORS; v++) {
        VEC pr = own->part[0].v[v], pi = own->part[1].v[v], qr = other->part[0].v[v], qi = other->part[1].v[v];
        VEC k0 = row->part[0].v[v], k1 = row->part[1].v[v], k2 = row->part[2].v[v], k3 = row->part[3].v[v];
        if (form == QSTI_FORM_Y) {
            out.part[0].v[v] = k0 * pr - k1 * qr;
            out.part[1].v[v] = k0 * pi - k1 * qi;
        } else if (form == QSTI_FORM_X) {
            out.part[0].v[v] = k0 * pr + k1 * qi;
            out.part[1].v[v] = k0 * pi - k1 * qr;
        } else {
            VEC re = k0 * pr - k1 * pi, im = k0 * pi + k1 * pr;
            re = re - k2 * qr;
            im = im - k2 * qi;
            out.part[0].v[v] = re - k3 * qi;
            out.part[1].v[v] = im + k3 * qr;
        }
    }
    return out;
}

/* Adds Im(lambda* P psi) of one line for the form's Paulis, Y and Z as for bit 0; other: psi's partner. */
INLINE void NAME(meet_row)(LINE *sums, const AMP *lambda, const AMP *psi, const AMP *other, qsti_form form)
{
    for (size_t v = 0; v < N_VECTORS; v++) {
        VEC lr = lambda->part[0].v[v], li = lambda->part[1].v[v], qr = other->part[0].v[v], qi = other->part[1].v[v];
        if (form != QSTI_FORM_Y) {
            VEC x = sums[0].v[v] + lr * qi;
            sums[0].v[v] = x - li * qr;
        }
        if (form != QSTI_FORM_X) {
            VEC *y = &sums[form == QSTI_FORM_GENERAL].v[v], sum = *y - lr * qr;
            *y = sum - li * qi;
        }
        if (form == QSTI_FORM_GENERAL) {
            VEC z = sums[2].v[v] + lr * psi->part[1].v[v];
            sums[2].v[v] = z - li * psi->part[0].v[v];
        }
    }
}

INLINE void NAME(chain_as)(AMP *psi, const uint32_t *lines, size_t n_lines, const ROW *rows, const SWAP *swaps,
                           size_t n_gates, qsti_form form)
{
    for (size_t i = 0; i < n_lines; i++) {
        size_t u = lines != NULL ? lines[i] : i;
        AMP own = psi[u];
        UNROLL
        for (size_t g = 0; g < n_gates; g++) {
            AMP other = NAME(exchange_both)(&own, &swaps[g]);
            own = NAME(turn_row)(&own, &other, &rows[g], form);
        }
        psi[u] = own;
    }
}

INLINE void NAME(lane_gates_as)(void *psi, const uint32_t *lines, size_t n_lines, const qsti_lane_gate *gates,
                                size_t n_gates, qsti_form form)
{
    ROW rows[QSTI_MAX_CHAIN];
    SWAP swaps[QSTI_MAX_CHAIN];
    for (size_t g = 0; g < n_gates; g++) {
        rows[g] = NAME(row_of)(gates[g].coefficients, form, false);
        swaps[g] = NAME(swap_by)(gates[g].swap);
    }
    switch (n_gates) {
    case 1:
        NAME(chain_as)(psi, lines, n_lines, rows, swaps, 1, form);
        break;
    case 2:
        NAME(chain_as)(psi, lines, n_lines, rows, swaps, 2, form);
        break;
    case 3:
        NAME(chain_as)(psi, lines, n_lines, rows, swaps, 3, form);
        break;
    case 4:
        NAME(chain_as)(psi, lines, n_lines, rows, swaps, 4, form);
        break;
    }
}

INLINE void NAME(lane_ungates_as)(void *psi, void *lambda, const uint32_t *lines, size_t n_lines,
                                  const qsti_lane_gate *gates, size_t n_gates, double *sums, qsti_form form)
{
    const size_t n_sums = qsti_form_sums(form);
    AMP *a = psi, *b = lambda;
    ROW rows[QSTI_MAX_CHAIN];
    SWAP swaps[QSTI_MAX_CHAIN];
    LINE totals[QSTI_MAX_CHAIN][3];
    for (size_t g = 0; g < n_gates; g++) {
        rows[g] = NAME(row_of)(gates[g].coefficients, form, true);
        swaps[g] = NAME(swap_by)(gates[g].swap);
    }
    for (size_t first = 0; first < n_lines;) {
        size_t end = NAME(chunk_end)(first, n_lines);
        memset(totals, 0, sizeof totals);
        for (; first < end; first++) {
            size_t u = lines != NULL ? lines[first] : first;
            AMP s = a[u], l = b[u];
            for (size_t g = n_gates; g-- > 0;) {
                AMP s_other = NAME(exchange_both)(&s, &swaps[g]), l_other = NAME(exchange_both)(&l, &swaps[g]);
                NAME(meet_row)(totals[g], &l, &s, &s_other, form);
                s = NAME(turn_row)(&s, &s_other, &rows[g], form);
                l = NAME(turn_row)(&l, &l_other, &rows[g], form);
            }
            a[u] = s;
            b[u] = l;
        }
        for (size_t g = 0; g < n_gates; g++)
            for (size_t i = 0; i < n_sums; i++)
                NAME(add_to)(sums + (g * n_sums + i) * LANES, &totals[g][i]);
    }
}

/* --- tiles -------------------------------------------------------------------------------------------------------- */

/* What tile_template.h has its swaps from. */
typedef struct NAME(swap_tile) {
    qsti_tile tile;
    const SWAP *swaps;
} NAME(swap_tile);

#include "kernels/tile_template.h"

INLINE void NAME(find_swaps_of)(const qsti_swap_tile *tile, SWAP *swaps)
{
    for (size_t j = 0; j < (size_t)1 << tile->tile.n_gates; j++)
        swaps[j] = NAME(swap_by)(tile->swap[j]);
}

#define GATES(letter, form)                                                                                 \
    static void NAME(lane_gates_##letter)(void *psi, const uint32_t *lines, size_t n_lines,                 \
                                          const qsti_lane_gate *gates, size_t n_gates)                      \
    {                                                                                                       \
        NAME(lane_gates_as)(psi, lines, n_lines, gates, n_gates, form);                                     \
    }                                                                                                       \
    static void NAME(lane_ungates_##letter)(void *psi, void *lambda, const uint32_t *lines, size_t n_lines, \
                                            const qsti_lane_gate *gates, size_t n_gates, double *sums)      \
    {                                                                                                       \
        NAME(lane_ungates_as)(psi, lambda, lines, n_lines, gates, n_gates, sums, form);                     \
    }                                                                                                       \
    SWAP_TILE(letter, 1)                                                                                    \
    SWAP_TILE(letter, 2)                                                                                    \
    SWAP_TILE(letter, 3)
#define SWAP_TILE(letter, n_gates)                                                                          \
    static void NAME(swap_tile_##letter##_##n_gates)(void *psi, const qsti_swap_tile *tile)                 \
    {                                                                                                       \
        SWAP swaps[1 << QSTI_MAX_TILE];                                                                     \
        NAME(swap_tile) call = {tile->tile, swaps};                                                         \
        NAME(find_swaps_of)(tile, swaps);                                                                   \
        NAME(tile_##letter##_##n_gates)(psi, psi, &call.tile);                                              \
    }                                                                                                       \
    static void NAME(swap_untile_##letter##_##n_gates)(void *psi, void *lambda, const qsti_swap_tile *tile, \
                                                       double *sums)                                        \
    {                                                                                                       \
        SWAP swaps[1 << QSTI_MAX_TILE];                                                                     \
        NAME(swap_tile) call = {tile->tile, swaps};                                                         \
        NAME(find_swaps_of)(tile, swaps);                                                                   \
        NAME(untile_##letter##_##n_gates)(psi, psi, lambda, &call.tile, sums);                              \
    }
GATES(y, QSTI_FORM_Y)
GATES(x, QSTI_FORM_X)
GATES(general, QSTI_FORM_GENERAL)

#include "kernels/wide_sums_template.h"

extern const qsti_wide_kernels NAME(qsti_wide_kernels);
const qsti_wide_kernels NAME(qsti_wide_kernels) = {
    .lanes = LANES,
    .gather = NAME(gather),
    .scatter = NAME(scatter),
    .scatter_past = NAME(scatter_past),
    .lane_gates = {NAME(lane_gates_y), NAME(lane_gates_x), NAME(lane_gates_general)},
    .lane_ungates = {NAME(lane_ungates_y), NAME(lane_ungates_x), NAME(lane_ungates_general)},
    .swap_tile = {{NAME(swap_tile_y_1), NAME(swap_tile_y_2), NAME(swap_tile_y_3)},
                  {NAME(swap_tile_x_1), NAME(swap_tile_x_2), NAME(swap_tile_x_3)},
                  {NAME(swap_tile_general_1), NAME(swap_tile_general_2), NAME(swap_tile_general_3)}},
    .swap_untile = {{NAME(swap_untile_y_1), NAME(swap_untile_y_2), NAME(swap_untile_y_3)},
                    {NAME(swap_untile_x_1), NAME(swap_untile_x_2), NAME(swap_untile_x_3)},
                    {NAME(swap_untile_general_1), NAME(swap_untile_general_2), NAME(swap_untile_general_3)}},
    .turn = NAME(turn_block),
    .unturn = NAME(unturn_block),
    .phases = NAME(phases),
    .weights = NAME(weights),
    .weigh = NAME(weigh),
    .pauli_value = NAME(pauli_value),
    .pauli_add = NAME(pauli_add),
};

#undef WIDTH
#undef GROUP
#undef SWAP
#undef ROW
#undef GATES
#undef SWAP_TILE
#include "kernels/line_template_end.h"
