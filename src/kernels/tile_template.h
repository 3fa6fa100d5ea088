/* tile_template.h: up to three gates on cosets of 2, 4 or 8 lines, forward and backward; a part of lanes_template.h.
 *
 * The gates of a tile commute and act on different bits of j, so with U = [a -b*; b a*] for each of them
 *
 *   U2 x U1 x U0 = D (S2 x S1 x S0),   S = [1 -w*; w 1],  w = b / a*,
 *   D_j = product over g of a_g, or a_g* where j has bit g
 *
 * which is 4 multiply-adds per amplitude and gate and 4 per amplitude for D, instead of 8 per amplitude and gate; D of
 * the complement of j is D_j's conjugate. S is sqrt(1 + |w|^2) times a unitary: nothing is lost to cancellation however
 * large w is, and to keep it finite an |a| below TINY, which is below the rounding of the gate's other entry, is taken
 * for TINY. The forms Y and X have real a = c, and w = s/c or -i s/c. The inverse is the same with a* for a, -b for b.
 *
 * The way back needs, with s = psi and l = lambda of a pair, the sums over pairs of
 *
 *   X: Im(l0* s1 + l1* s0)     Y: Re(l1* s0 - l0* s1)     Z: Im(l0* s0 - l1* s1)
 *
 * Z of all gates comes from e_j = Im(l_j* s_j - l_k* s_k), k the complement of j, which has the opposite sign in each.
 * Where registers do not hold a coset and the sums (all but AVX-512), the inner products of BLOCK cosets are taken
 * before they are transformed.
 */
#define TURN  NAME(turn)
#define TOTAL NAME(total)
#define PART  NAME(total_part)
#define COSET NAME(coset)
#define TINY  ((REAL)(sizeof(REAL) == sizeof(float) ? 0x1p-27 : 0x1p-60))
#define BLOCK 8
#define HALF  ((size_t)1 << (n_gates - 1))

/* A tile's gates: w of each, D_j for j < HALF, and w of the inverses, whose D_j are the conjugates. */
typedef struct TURN {
    LINE w[QSTI_MAX_TILE][2], d[1 << (QSTI_MAX_TILE - 1)][2], inverse[QSTI_MAX_TILE][2];
} TURN;
_Static_assert(sizeof(TURN) == QSTI_TURN_LINES * QSTI_LINE_BYTES, "kernels.h says how long it is");

/* Sums of inner products, and one vector of each. */
typedef struct TOTAL {
    LINE x[QSTI_MAX_TILE], y[QSTI_MAX_TILE], e[1 << (QSTI_MAX_TILE - 1)];
} TOTAL;
typedef struct PART {
    VEC x[QSTI_MAX_TILE], y[QSTI_MAX_TILE], e[1 << (QSTI_MAX_TILE - 1)];
} PART;

/* mask ? a : b */
INLINE VEC NAME(select)(MASK mask, VEC a, VEC b)
{
    return (VEC)(((MASK)a & mask) | ((MASK)b & ~mask));
}

/* --- coefficients ------------------------------------------------------------------------------------------------- */

/* d_0 .. d_(2^g - 1) from d_0 .. d_(2^(g-1) - 1): one more gate, with a. */
INLINE void NAME(extend)(TURN *turn, int v, size_t g, VEC re, VEC im)
{
    VEC old[1 << (QSTI_MAX_TILE - 2)][2];
    size_t n = g == 0 ? 0 : (size_t)1 << (g - 1);
    if (g == 0) {
        turn->d[0][0].v[v] = re;
        turn->d[0][1].v[v] = im;
    }
    UNROLL
    for (size_t j = 0; j < n; j++) {
        old[j][0] = turn->d[j][0].v[v];
        old[j][1] = turn->d[j][1].v[v];
    }
    UNROLL
    for (size_t j = 0; j < n; j++) {
        LINE *low = turn->d[j], *high = turn->d[2 * n - 1 - j];
        VEC re_re = re * old[j][0], im_im = im * old[j][1], re_im = re * old[j][1], im_re = im * old[j][0];
        low[0].v[v] = re_re - im_im;
        low[1].v[v] = im_re + re_im;
        high[0].v[v] = re_re + im_im;
        high[1].v[v] = im_re - re_im;
    }
}

INLINE void NAME(prepare)(TURN *turn, const void *const *coefficients, qsti_form form, size_t n_gates)
{
    const VEC tiny = (VEC){0} + TINY;
    for (int v = 0; v < N_VECTORS; v++) {
        UNROLL
        for (size_t g = 0; g < n_gates; g++) {
            const LINE *line = coefficients[g];
            if (form != QSTI_FORM_GENERAL) {
                VEC c = line[0].v[v], s = line[1].v[v];
                c = NAME(select)((c < tiny) & (-c < tiny), tiny, c);
                turn->w[g][0].v[v] = s / c;
                turn->inverse[g][0].v[v] = -(s / c);
                turn->d[0][0].v[v] = g == 0 ? c : turn->d[0][0].v[v] * c;
                continue;
            }
            VEC ar = line[0].v[v], ai = line[1].v[v], br = line[2].v[v], bi = line[3].v[v];
            MASK small = ar * ar + ai * ai < tiny * tiny;
            ar = NAME(select)(small, tiny, ar);
            ai = NAME(select)(small, (VEC){0}, ai);
            VEC scale = (REAL)1 / (ar * ar + ai * ai);
            turn->w[g][0].v[v] = (br * ar - bi * ai) * scale;
            turn->w[g][1].v[v] = (br * ai + bi * ar) * scale;
            turn->inverse[g][0].v[v] = -((br * ar + bi * ai) * scale);
            turn->inverse[g][1].v[v] = (br * ai - bi * ar) * scale;
            NAME(extend)(turn, v, g, ar, ai);
        }
    }
}

/* --- gates -------------------------------------------------------------------------------------------------------- */

/* S on one pair. */
INLINE void NAME(shear)(VEC p0[COMPONENTS], VEC p1[COMPONENTS], const LINE w[2], int v, qsti_form form)
{
    VEC wr = w[0].v[v];
    if (form == QSTI_FORM_Y) {
        UNROLL
        for (size_t part = 0; part < COMPONENTS; part++) {
            VEC old = p0[part];
            p0[part] = old - wr * p1[part];
            p1[part] = p1[part] + wr * old;
        }
    }
#if COMPONENTS == 2
    VEC r0 = p0[0], i0 = p0[1], r1 = p1[0], i1 = p1[1];
    if (form == QSTI_FORM_X) {
        p0[0] = r0 + wr * i1;
        p0[1] = i0 - wr * r1;
        p1[0] = r1 + wr * i0;
        p1[1] = i1 - wr * r0;
    }
    if (form == QSTI_FORM_GENERAL) {
        VEC wi = w[1].v[v];
        p0[0] = r0 - wr * r1;
        p0[1] = i0 - wr * i1;
        p1[0] = r1 + wr * r0;
        p1[1] = i1 + wr * i0;
        p0[0] = p0[0] - wi * i1;
        p0[1] = p0[1] + wi * r1;
        p1[0] = p1[0] - wi * i0;
        p1[1] = p1[1] + wi * r0;
    }
#endif
}

/* p <- d p, or d* p. */
INLINE void NAME(stretch)(VEC p[COMPONENTS], const LINE d[2], int v, qsti_form form, bool conjugate)
{
    VEC dr = d[0].v[v];
    if (form != QSTI_FORM_GENERAL) {
        UNROLL
        for (size_t part = 0; part < COMPONENTS; part++)
            p[part] = dr * p[part];
        return;
    }
#if COMPONENTS == 2
    VEC re = p[0], im = p[1], di = d[1].v[v];
    p[0] = conjugate ? dr * re + di * im : dr * re - di * im;
    p[1] = conjugate ? dr * im - di * re : dr * im + di * re;
#else
    (void)conjugate;
#endif
}

/* Where line j of a coset is; with TILE_SWAPS its lanes are exchanged as well. */
typedef struct COSET {
    size_t line[1 << QSTI_MAX_TILE];
#ifdef TILE_SWAPS
    const SWAP *swaps;
#endif
} COSET;

INLINE VEC NAME(fetch)(const AMP *lines, const COSET *at, size_t j, size_t part, int v)
{
#ifdef TILE_SWAPS
    const SWAP *swap = &at->swaps[j];
    return NAME(exchange_inside)(lines[at->line[j]].part[part].v[(size_t)v ^ swap->vectors], swap);
#else
    return lines[at->line[j]].part[part].v[v];
#endif
}

INLINE void NAME(store)(AMP *lines, const COSET *at, size_t j, size_t part, int v, VEC value)
{
#ifdef TILE_SWAPS
    const SWAP *swap = &at->swaps[j];
    lines[at->line[j]].part[part].v[(size_t)v ^ swap->vectors] = NAME(exchange_inside)(value, swap);
#else
    lines[at->line[j]].part[part].v[v] = value;
#endif
}

/* All gates on vector v of one coset of `in`, which go to `out`; `restrict`: no store there changes the turn. All but
 * the last gate on one half after the other, as half a coset is what 16 registers hold. */
INLINE void NAME(turn_coset)(const AMP *in, AMP *out, const COSET *at, const TURN *restrict turn, int v, qsti_form form,
                             size_t n_gates, bool inverse)
{
    const LINE(*w)[2] = inverse ? turn->inverse : turn->w;
    VEC p[1 << QSTI_MAX_TILE][COMPONENTS];
    UNROLL
    for (size_t first = 0; first < 2 * HALF; first += HALF) {
        UNROLL
        for (size_t j = first; j < first + HALF; j++) {
            UNROLL
            for (size_t part = 0; part < COMPONENTS; part++)
                p[j][part] = NAME(fetch)(in, at, j, part, v);
        }
        UNROLL
        for (size_t g = 0; g + 1 < n_gates; g++) {
            UNROLL
            for (size_t j = first; j < first + HALF; j++)
                if (!(j >> g & 1))
                    NAME(shear)(p[j], p[j | (size_t)1 << g], w[g], v, form);
        }
    }
    UNROLL
    for (size_t j = 0; j < HALF; j++) {
        size_t k = j + HALF;
        NAME(shear)(p[j], p[k], w[n_gates - 1], v, form);
        NAME(stretch)(p[j], turn->d[form == QSTI_FORM_GENERAL ? j : 0], v, form, inverse);
        NAME(stretch)(p[k], turn->d[form == QSTI_FORM_GENERAL ? HALF - 1 - j : 0], v, form, !inverse);
        UNROLL
        for (size_t part = 0; part < COMPONENTS; part++) {
            NAME(store)(out, at, j, part, v, p[j][part]);
            NAME(store)(out, at, k, part, v, p[k][part]);
        }
    }
}

INLINE void NAME(find_coset)(COSET *at, const qsti_tile *tile, size_t coset, size_t n_gates)
{
    uint32_t base = tile->bases[coset];
    UNROLL
    for (size_t j = 0; j < 2 * HALF; j++)
        at->line[j] = base ^ tile->offset[j];
}

INLINE void NAME(find_swaps)(COSET *at, const qsti_tile *tile)
{
#ifdef TILE_SWAPS
    at->swaps = ((const NAME(swap_tile) *)(const void *)tile)->swaps;
#else
    (void)at;
    (void)tile;
#endif
}

/* The tile's turn as it was prepared, or prepared now in `room`. */
INLINE const TURN *NAME(turn_of)(const qsti_tile *tile, TURN *room, qsti_form form, size_t n_gates)
{
    if (tile->turn != NULL)
        return tile->turn;
    NAME(prepare)(room, tile->coefficients, form, n_gates);
    return room;
}

INLINE void NAME(tile_as)(const void *in, void *out, const qsti_tile *tile, qsti_form form, size_t n_gates)
{
    TURN room;
    const TURN *turn = NAME(turn_of)(tile, &room, form, n_gates);
    COSET at;
    NAME(find_swaps)(&at, tile);
    for (size_t coset = 0; coset < tile->n_bases; coset++) {
        NAME(find_coset)(&at, tile, coset, n_gates);
        for (int v = 0; v < N_VECTORS; v++)
            NAME(turn_coset)(in, out, &at, turn, v, form, n_gates, false);
    }
}

/* --- the way back ------------------------------------------------------------------------------------------------- */

/* Adds the inner products of vector v of one coset: with lambda's re, then with its im, so that no sum waits for
 * itself.
 */
INLINE void NAME(meet)(PART *sum, const AMP *psi, const AMP *lambda, const COSET *at, int v, qsti_form form,
                       size_t n_gates)
{
    UNROLL
    for (size_t j = 0; j < 2 * HALF; j++) {
        UNROLL
        for (size_t part = 0; part < COMPONENTS; part++) {
            /* For Re(l* s): l.re s.re + l.im s.im; for Im(l* s): l.re s.im - l.im s.re */
            VEC along = NAME(fetch)(psi, at, j, part, v);
            VEC across = NAME(fetch)(psi, at, j, COMPONENTS - 1 - part, v);
            if (form == QSTI_FORM_GENERAL) {
                VEC own = NAME(fetch)(lambda, at, j, part, v), *e = &sum->e[j < HALF ? j : 2 * HALF - 1 - j];
                *e = (j < HALF) == (part == 0) ? *e + own * across : *e - own * across;
            }
            UNROLL
            for (size_t g = 0; g < n_gates; g++) {
                VEC other = NAME(fetch)(lambda, at, j ^ (size_t)1 << g, part, v);
                if (form != QSTI_FORM_X)
                    sum->y[g] = j >> g & 1 ? sum->y[g] - other * along : sum->y[g] + other * along;
                if (form != QSTI_FORM_Y)
                    sum->x[g] = part == 0 ? sum->x[g] + other * across : sum->x[g] - other * across;
            }
        }
    }
}

/* Vector v of the sums that a form has, to registers and back. */
INLINE PART NAME(part_of)(const TOTAL *total, int v, qsti_form form, size_t n_gates)
{
    PART sum;
    if (form != QSTI_FORM_Y) {
        UNROLL
        for (size_t g = 0; g < n_gates; g++)
            sum.x[g] = total->x[g].v[v];
    }
    if (form != QSTI_FORM_X) {
        UNROLL
        for (size_t g = 0; g < n_gates; g++)
            sum.y[g] = total->y[g].v[v];
    }
    if (form == QSTI_FORM_GENERAL) {
        UNROLL
        for (size_t j = 0; j < HALF; j++)
            sum.e[j] = total->e[j].v[v];
    }
    return sum;
}

INLINE void NAME(put_part)(TOTAL *total, int v, const PART *sum, qsti_form form, size_t n_gates)
{
    if (form != QSTI_FORM_Y) {
        UNROLL
        for (size_t g = 0; g < n_gates; g++)
            total->x[g].v[v] = sum->x[g];
    }
    if (form != QSTI_FORM_X) {
        UNROLL
        for (size_t g = 0; g < n_gates; g++)
            total->y[g].v[v] = sum->y[g];
    }
    if (form == QSTI_FORM_GENERAL) {
        UNROLL
        for (size_t j = 0; j < HALF; j++)
            total->e[j].v[v] = sum->e[j];
    }
}

/* Adds the totals to `sums`. */
INLINE void NAME(settle)(const TOTAL *total, double *sums, qsti_form form, size_t n_gates)
{
    UNROLL
    for (size_t g = 0; g < n_gates; g++) {
        double *to = sums + g * LANES * qsti_form_sums(form);
        if (form == QSTI_FORM_X)
            NAME(add_to)(to, &total->x[g]);
        if (form == QSTI_FORM_Y)
            NAME(add_to)(to, &total->y[g]);
        if (form != QSTI_FORM_GENERAL)
            continue;
        NAME(add_to)(to, &total->x[g]);
        NAME(add_to)(to + LANES, &total->y[g]);
        for (size_t lane = 0; lane < LANES; lane++) {
            double z = 0;
            UNROLL
            for (size_t j = 0; j < HALF; j++) {
                double e = (double)((const REAL *)&total->e[j])[lane];
                z = j >> g & 1 ? z - e : z + e;
            }
            to[2 * LANES + lane] += z;
        }
    }
}

/* Cosets first .. end-1. */
INLINE void NAME(untile_some)(const AMP *psi, AMP *psi_out, AMP *lambda, const qsti_tile *tile, const TURN *turn,
                              TOTAL *total, size_t first, size_t end, qsti_form form, size_t n_gates)
{
    COSET at;
    NAME(find_swaps)(&at, tile);
    for (int v = 0; v < N_VECTORS && N_VECTORS > 1; v++) {
        PART sum = NAME(part_of)(total, v, form, n_gates);
        for (size_t coset = first; coset < end; coset++) {
            NAME(find_coset)(&at, tile, coset, n_gates);
            NAME(meet)(&sum, psi, lambda, &at, v, form, n_gates);
        }
        NAME(put_part)(total, v, &sum, form, n_gates);
    }
    PART sum = NAME(part_of)(total, 0, form, n_gates);
    for (size_t coset = first; coset < end; coset++) {
        NAME(find_coset)(&at, tile, coset, n_gates);
        if (N_VECTORS == 1)
            NAME(meet)(&sum, psi, lambda, &at, 0, form, n_gates);
        for (int v = 0; v < N_VECTORS; v++) {
            NAME(turn_coset)(lambda, lambda, &at, turn, v, form, n_gates, true);
            if (psi_out != NULL)
                NAME(turn_coset)(psi, psi_out, &at, turn, v, form, n_gates, true);
        }
    }
    if (N_VECTORS == 1)
        NAME(put_part)(total, 0, &sum, form, n_gates);
}

INLINE void NAME(untile_as)(const void *psi, void *psi_out, void *lambda, const qsti_tile *tile, double *sums,
                            qsti_form form, size_t n_gates)
{
    TURN room;
    const TURN *turn = NAME(turn_of)(tile, &room, form, n_gates);
    const size_t block = N_VECTORS == 1 ? CHUNK / HALF : BLOCK, until_settled = CHUNK / HALF;
    TOTAL total;
    memset(&total, 0, sizeof total);
    for (size_t first = 0; first < tile->n_bases; first += block) {
        size_t end = tile->n_bases - first < block ? tile->n_bases : first + block;
        NAME(untile_some)(psi, psi_out, lambda, tile, turn, &total, first, end, form, n_gates);
        if (end == tile->n_bases || end % until_settled == 0) {
            NAME(settle)(&total, sums, form, n_gates);
            memset(&total, 0, sizeof total);
        }
    }
}

#ifdef TILE_SWAPS
#define PREPARE(letter, form, n_gates)
#else
#define PREPARE(letter, form, n_gates)                                                          \
    static void NAME(prepare_##letter##_##n_gates)(const void *const *coefficients, void *turn) \
    {                                                                                           \
        NAME(prepare)(turn, coefficients, form, n_gates);                                       \
    }
#endif
#define TILE(letter, form, n_gates)                                                                                    \
    PREPARE(letter, form, n_gates)                                                                                     \
    static void NAME(tile_##letter##_##n_gates)(const void *in, void *out, const qsti_tile *tile)                      \
    {                                                                                                                  \
        NAME(tile_as)(in, out, tile, form, n_gates);                                                                   \
    }                                                                                                                  \
    static void NAME(untile_##letter##_##n_gates)(const void *psi, void *psi_out, void *lambda, const qsti_tile *tile, \
                                                  double *sums)                                                        \
    {                                                                                                                  \
        if (psi_out == NULL)                                                                                           \
            NAME(untile_as)(psi, NULL, lambda, tile, sums, form, n_gates);                                             \
        else                                                                                                           \
            NAME(untile_as)(psi, psi_out, lambda, tile, sums, form, n_gates);                                          \
    }
TILE(y, QSTI_FORM_Y, 1)
TILE(y, QSTI_FORM_Y, 2)
TILE(y, QSTI_FORM_Y, 3)
#if COMPONENTS == 2
TILE(x, QSTI_FORM_X, 1)
TILE(x, QSTI_FORM_X, 2)
TILE(x, QSTI_FORM_X, 3)
TILE(general, QSTI_FORM_GENERAL, 1)
TILE(general, QSTI_FORM_GENERAL, 2)
TILE(general, QSTI_FORM_GENERAL, 3)
#endif

#undef TURN
#undef TOTAL
#undef PART
#undef COSET
#undef TINY
#undef BLOCK
#undef HALF
#undef PREPARE
#undef TILE
