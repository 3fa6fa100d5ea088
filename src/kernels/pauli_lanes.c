/* pauli_lanes.c: one instruction set's table of pauli_kernels.h; compiled once for each, see CMakeLists.txt.
 *
 * Everything is written on lines of 8 doubles, whatever they hold. With one lane the strides of qubits 0 and 1 are 1
 * and 4: those have loops on four doubles of their own, with the same operations on each coefficient.
 */
#include "kernels/pauli_kernels.h"

#include <stdbool.h>
#include <string.h>

#include "kernels/per_isa.h"

#define LINE  ((size_t)8)
#define PARTS (64 / QSTI_VECTOR_BYTES)
#define WIDTH ((size_t)(QSTI_VECTOR_BYTES / 8))

typedef double quad __attribute__((vector_size(32), aligned(8), may_alias));

typedef struct line {
    some_doubles part[PARTS];
} line;

INLINE line load(const double *from)
{
    line out;
    UNROLL
    for (size_t i = 0; i < PARTS; i++)
        out.part[i] = *(const some_doubles *)(from + i * WIDTH);
    return out;
}

INLINE void store(double *to, line value)
{
    UNROLL
    for (size_t i = 0; i < PARTS; i++)
        *(some_doubles *)(to + i * WIDTH) = value.part[i];
}

INLINE line times(line a, line b)
{
    UNROLL
    for (size_t i = 0; i < PARTS; i++)
        a.part[i] = a.part[i] * b.part[i];
    return a;
}

/* to + a b */
INLINE line plus_product(line to, line a, line b)
{
    UNROLL
    for (size_t i = 0; i < PARTS; i++)
        to.part[i] = to.part[i] + a.part[i] * b.part[i];
    return to;
}

INLINE line scaled(line a, double by)
{
    UNROLL
    for (size_t i = 0; i < PARTS; i++)
        a.part[i] = a.part[i] * by;
    return a;
}

/* --- maps of one qubit -------------------------------------------------------------------------------------------- */

/* The same expression for lines, parts of them and quads: the compiler fuses it alike. */
#define ROW(m, i, c) \
    ((m)[4 * (i)] * (c)[0] + (m)[4 * (i) + 1] * (c)[1] + (m)[4 * (i) + 2] * (c)[2] + (m)[4 * (i) + 3] * (c)[3])
#define COLUMN(m, j, l) ((m)[j] * (l)[1] + (m)[4 + (j)] * (l)[2] + (m)[8 + (j)] * (l)[3])

/* c <- M c on the four lines c[0], c[step], ... */
INLINE void map_lines(const line *m, line *c, size_t step)
{
    UNROLL
    for (size_t v = 0; v < PARTS; v++) {
        some_doubles in[4], part[QSTI_MAP_LINES];
        UNROLL
        for (size_t j = 0; j < 4; j++)
            in[j] = c[j * step].part[v];
        UNROLL
        for (size_t k = 0; k < QSTI_MAP_LINES; k++)
            part[k] = m[k].part[v];
        UNROLL
        for (size_t i = 0; i < 3; i++)
            c[(i + 1) * step].part[v] = ROW(part, i, in);
    }
}

/* l <- M^T l */
INLINE void unmap_lines(const line *m, line *l, size_t step)
{
    UNROLL
    for (size_t v = 0; v < PARTS; v++) {
        some_doubles in[4], part[QSTI_MAP_LINES];
        UNROLL
        for (size_t j = 0; j < 4; j++)
            in[j] = l[j * step].part[v];
        UNROLL
        for (size_t k = 0; k < QSTI_MAP_LINES; k++)
            part[k] = m[k].part[v];
        l[0].part[v] = in[0] + COLUMN(part, 0, in);
        UNROLL
        for (size_t j = 1; j < 4; j++)
            l[j * step].part[v] = COLUMN(part, j, in);
    }
}

INLINE void load_map(const double *map, line m[QSTI_MAP_LINES])
{
    UNROLL
    for (size_t k = 0; k < QSTI_MAP_LINES; k++)
        m[k] = load(map + k * LINE);
}

/* One lane, qubit 0: the four coefficients are neighbours, and the map's columns are quads. */
static void load_columns(const double *map, quad column[4])
{
    for (size_t j = 0; j < 4; j++)
        column[j] = (quad){j == 0, map[j * LINE], map[(4 + j) * LINE], map[(8 + j) * LINE]};
}

static void map_first(const double *in, double *out, size_t n, const double *map)
{
    quad column[4];
    load_columns(map, column);
    for (size_t i = 0; i < n; i += 4) {
        double c[4] = {in[i], in[i + 1], in[i + 2], in[i + 3]};
        *(quad *)(out + i) = ROW(column, 0, c);
    }
}

/* One lane, qubit 1. */
static void map_second(const double *in, double *out, size_t n, const double *map)
{
    quad m[QSTI_MAP_LINES];
    for (size_t k = 0; k < QSTI_MAP_LINES; k++)
        m[k] = *(const quad *)(map + k * LINE);
    for (size_t i = 0; i < n; i += 16) {
        quad c[4];
        UNROLL
        for (size_t j = 0; j < 4; j++)
            c[j] = *(const quad *)(in + i + 4 * j);
        *(quad *)(out + i) = c[0];
        UNROLL
        for (size_t r = 0; r < 3; r++)
            *(quad *)(out + i + 4 * (r + 1)) = ROW(m, r, c);
    }
}

static void map_one(const double *in, double *out, size_t n, size_t stride, const double *map)
{
    line m[QSTI_MAP_LINES];
    if (stride < LINE) {
        if (stride == 1)
            map_first(in, out, n, map);
        else
            map_second(in, out, n, map);
        return;
    }
    load_map(map, m);
    for (size_t base = 0; base < n; base += 4 * stride) {
        for (size_t i = base; i < base + stride; i += LINE) {
            line c[4];
            UNROLL
            for (size_t j = 0; j < 4; j++)
                c[j] = load(in + i + j * stride);
            map_lines(m, c, 1);
            UNROLL
            for (size_t j = 0; j < 4; j++)
                store(out + i + j * stride, c[j]);
        }
    }
}

/* Line (e, d) of a tile of two qubits stands at 4 e + d; d is the low qubit's digit. */
INLINE void load_tile(const double *from, size_t low, size_t high, line tile[16])
{
    UNROLL
    for (size_t j = 0; j < 16; j++)
        tile[j] = load(from + (j & 3) * low + (j >> 2) * high);
}

INLINE void store_tile(double *to, size_t low, size_t high, const line tile[16])
{
    UNROLL
    for (size_t j = 0; j < 16; j++)
        store(to + (j & 3) * low + (j >> 2) * high, tile[j]);
}

static void map_two(const double *in, double *out, size_t n, size_t low, size_t high, const double *map_low,
                    const double *map_high)
{
    line a[QSTI_MAP_LINES], b[QSTI_MAP_LINES];
    load_map(map_low, a);
    load_map(map_high, b);
    for (size_t top = 0; top < n; top += 4 * high) {
        for (size_t base = top; base < top + high; base += 4 * low) {
            for (size_t i = base; i < base + low; i += LINE) {
                line tile[16];
                load_tile(in + i, low, high, tile);
                UNROLL
                for (size_t e = 0; e < 4; e++)
                    map_lines(a, tile + 4 * e, 1);
                UNROLL
                for (size_t d = 0; d < 4; d++)
                    map_lines(b, tile + d, 4);
                store_tile(out + i, low, high, tile);
            }
        }
    }
}

/* --- and back ----------------------------------------------------------------------------------------------------- */

/* sums[(i, j)] += l_i c_j */
INLINE void meet_lines(const line *l, const line *c, size_t step, line sums[QSTI_MAP_LINES])
{
    UNROLL
    for (size_t i = 0; i < 3; i++) {
        UNROLL
        for (size_t j = 0; j < 4; j++)
            sums[4 * i + j] = plus_product(sums[4 * i + j], l[(i + 1) * step], c[j * step]);
    }
}

INLINE void add_sums(double *sums, const line add[QSTI_MAP_LINES])
{
    for (size_t k = 0; k < QSTI_MAP_LINES; k++) {
        line was = load(sums + k * LINE);
        UNROLL
        for (size_t v = 0; v < PARTS; v++)
            was.part[v] += add[k].part[v];
        store(sums + k * LINE, was);
    }
}

static void unmap_first(const double *in, double *lambda, size_t n, const double *map, double *sums)
{
    quad row[3], met[3] = {{0}};
    for (size_t i = 0; i < 3; i++)
        row[i] = (quad){map[4 * i * LINE], map[(4 * i + 1) * LINE], map[(4 * i + 2) * LINE], map[(4 * i + 3) * LINE]};
    for (size_t i = 0; i < n; i += 4) {
        quad c = *(const quad *)(in + i);
        double l[4] = {lambda[i], lambda[i + 1], lambda[i + 2], lambda[i + 3]};
        UNROLL
        for (size_t r = 0; r < 3; r++)
            met[r] = met[r] + c * l[r + 1];
        quad back = row[0] * l[1] + row[1] * l[2] + row[2] * l[3];
        back[0] = l[0] + back[0];
        *(quad *)(lambda + i) = back;
    }
    for (size_t i = 0; i < 3; i++)
        for (size_t j = 0; j < 4; j++)
            sums[(4 * i + j) * LINE] += met[i][j];
}

static void unmap_second(const double *in, double *lambda, size_t n, const double *map, double *sums)
{
    quad m[QSTI_MAP_LINES], met[QSTI_MAP_LINES] = {{0}};
    for (size_t k = 0; k < QSTI_MAP_LINES; k++)
        m[k] = *(const quad *)(map + k * LINE);
    for (size_t base = 0; base < n; base += 16) {
        quad c[4], l[4];
        UNROLL
        for (size_t j = 0; j < 4; j++) {
            c[j] = *(const quad *)(in + base + 4 * j);
            l[j] = *(const quad *)(lambda + base + 4 * j);
        }
        UNROLL
        for (size_t k = 0; k < QSTI_MAP_LINES; k++)
            met[k] = met[k] + l[k / 4 + 1] * c[k % 4];
        *(quad *)(lambda + base) = l[0] + COLUMN(m, 0, l);
        UNROLL
        for (size_t j = 1; j < 4; j++)
            *(quad *)(lambda + base + 4 * j) = COLUMN(m, j, l);
    }
    for (size_t k = 0; k < QSTI_MAP_LINES; k++)
        *(quad *)(sums + k * LINE) += met[k];
}

static void unmap_one(const double *in, double *lambda, size_t n, size_t stride, const double *map, double *sums)
{
    line m[QSTI_MAP_LINES], met[QSTI_MAP_LINES];
    if (stride < LINE) {
        if (stride == 1)
            unmap_first(in, lambda, n, map, sums);
        else
            unmap_second(in, lambda, n, map, sums);
        return;
    }
    load_map(map, m);
    memset(met, 0, sizeof met);
    for (size_t base = 0; base < n; base += 4 * stride) {
        for (size_t i = base; i < base + stride; i += LINE) {
            line c[4], l[4];
            UNROLL
            for (size_t j = 0; j < 4; j++) {
                c[j] = load(in + i + j * stride);
                l[j] = load(lambda + i + j * stride);
            }
            meet_lines(l, c, 1, met);
            unmap_lines(m, l, 1);
            UNROLL
            for (size_t j = 0; j < 4; j++)
                store(lambda + i + j * stride, l[j]);
        }
    }
    add_sums(sums, met);
}

static void unmap_two(const double *in, double *lambda, size_t n, size_t low, size_t high, const double *map_low,
                      const double *map_high, double *sums_low, double *sums_high)
{
    line a[QSTI_MAP_LINES], b[QSTI_MAP_LINES], met_a[QSTI_MAP_LINES], met_b[QSTI_MAP_LINES];
    load_map(map_low, a);
    load_map(map_high, b);
    memset(met_a, 0, sizeof met_a);
    memset(met_b, 0, sizeof met_b);
    for (size_t top = 0; top < n; top += 4 * high) {
        for (size_t base = top; base < top + high; base += 4 * low) {
            for (size_t i = base; i < base + low; i += LINE) {
                line before[16], between[16], back[16];
                load_tile(in + i, low, high, before);
                load_tile(lambda + i, low, high, back);
                memcpy(between, before, sizeof between);
                UNROLL
                for (size_t e = 0; e < 4; e++)
                    map_lines(a, between + 4 * e, 1);
                UNROLL
                for (size_t d = 0; d < 4; d++) {
                    meet_lines(back + d, between + d, 4, met_b);
                    unmap_lines(b, back + d, 4);
                }
                UNROLL
                for (size_t e = 0; e < 4; e++) {
                    meet_lines(back + 4 * e, before + 4 * e, 1, met_a);
                    unmap_lines(a, back + 4 * e, 1);
                }
                store_tile(lambda + i, low, high, back);
            }
        }
    }
    add_sums(sums_low, met_a);
    add_sums(sums_high, met_b);
}

#include "kernels/pauli_turns.h"

/* --- permutations ------------------------------------------------------------------------------------------------- */

static void permute(const double *restrict in, double *restrict out, size_t n, size_t lanes,
                    const uint32_t *restrict from, const double *restrict scale)
{
    if (lanes == 1) {
        for (size_t p = 0; p < n; p++)
            out[p] = scale[p] * in[from[p]];
        return;
    }
    for (size_t p = 0; p < n / LINE; p++)
        store(out + p * LINE, scaled(load(in + from[p] * LINE), scale[p]));
}

static void unpermute(const double *restrict in, double *restrict out, size_t n, size_t lanes,
                      const uint32_t *restrict from, const double *restrict scale)
{
    if (lanes == 1) {
        for (size_t p = 0; p < n; p++)
            out[from[p]] = scale[p] * in[p];
        return;
    }
    for (size_t p = 0; p < n / LINE; p++)
        store(out + from[p] * LINE, scaled(load(in + p * LINE), scale[p]));
}

INLINE void permute_runs(const double *in, double *out, const qsti_pauli_local *local, size_t run, bool lines)
{
    for (size_t j = 0; j < local->n_entries; j++) {
        const double *from = in + local->from[j];
        double *to = out + local->to[j], scale = local->scale[j];
        if (lines) {
            for (size_t i = 0; i < run; i += LINE)
                store(to + i, scaled(load(from + i), scale));
        } else {
            for (size_t i = 0; i < run; i++)
                to[i] = scale * from[i];
        }
    }
}

static void permute_local(const double *in, double *out, size_t n, const qsti_pauli_local *local)
{
    size_t n_bases = n / local->n_entries / local->run;
    for (size_t b = 0; b < n_bases; b++) {
        size_t base = b * local->run;
        for (size_t q = 0; q < local->n_digits; q++) {
            size_t low = base & (local->strides[q] - 1);
            base = (base - low) * 4 + low;
        }
        if (local->run >= LINE)
            permute_runs(in + base, out + base, local, local->run, true);
        else if (local->run == 4)
            permute_runs(in + base, out + base, local, 4, false);
        else
            permute_runs(in + base, out + base, local, 1, false);
    }
}

/* --- product states ----------------------------------------------------------------------------------------------- */

static void grow(double *state, size_t n, const double *v)
{
    for (size_t d = 1; d < 4; d++) {
        double *to = state + d * n;
        const double *by = v + (d - 1) * LINE;
        if (n < LINE) {
            for (size_t i = 0; i < n; i++)
                to[i] = by[i] * state[i];
            continue;
        }
        line value = load(by);
        for (size_t i = 0; i < n; i += LINE)
            store(to + i, times(value, load(state + i)));
    }
}

static void shrink(const double *state, double *lambda, size_t n, const double *v, double *sums)
{
    for (size_t d = 1; d < 4; d++) {
        const double *from = lambda + d * n, *by = v + (d - 1) * LINE;
        double *to = sums + (d - 1) * LINE;
        if (n < LINE) {
            for (size_t i = 0; i < n; i++) {
                to[i] += from[i] * state[i];
                lambda[i] += by[i] * from[i];
            }
            continue;
        }
        line met = load(to), value = load(by);
        for (size_t i = 0; i < n; i += LINE) {
            line w = load(from + i);
            met = plus_product(met, w, load(state + i));
            store(lambda + i, plus_product(load(lambda + i), value, w));
        }
        store(to, met);
    }
}

extern const qsti_pauli_kernels GLUE(qsti_pauli, _kernels, QSTI_ISA);
const qsti_pauli_kernels GLUE(qsti_pauli, _kernels, QSTI_ISA) = {
    .map = map_one,
    .map_two = map_two,
    .unmap = unmap_one,
    .unmap_two = unmap_two,
    .rotate = rotate,
    .unrotate = unrotate,
    .permute = permute,
    .unpermute = unpermute,
    .permute_local = permute_local,
    .grow = grow,
    .shrink = shrink,
};
