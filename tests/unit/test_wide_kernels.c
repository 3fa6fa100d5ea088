/* test_wide_kernels.c: the kernels of wide states against sums over single amplitudes.
 *
 * A block is amp[line][re|im][lane]; here it is also psi[line * lanes + lane], complex, on which gates are written down
 * as they are defined. */
#include <complex.h>
#include <stdlib.h>

#include "kernels/wide_kernels.h"

#include "ref/ref.h"
#include "support/support.h"

#define LINES      32
#define AMPLITUDES ((size_t)LINES * QSTI_MAX_LANES)

/* One precision with its tolerance. */
typedef struct precision {
    const qsti_kernels *lanes;
    const qsti_wide_kernels *wide;
    double tolerance;
    bool single;
} precision;

static size_t both(precision out[2])
{
    out[0] = (precision){qsti_kernels_double(false), qsti_wide_kernels_double(), 1e-14, false};
    out[1] = (precision){qsti_kernels_single(false), qsti_wide_kernels_single(), 5e-6, true};
    return 2;
}

static void *lines(size_t n)
{
    void *memory = aligned_alloc(QSTI_LINE_BYTES, n * QSTI_LINE_BYTES);
    assert_non_null(memory);
    memset(memory, 0, n * QSTI_LINE_BYTES);
    return memory;
}

static void put(const precision *of, void *block, size_t i, double complex value)
{
    size_t lanes = of->wide->lanes, re = i / lanes * 2 * lanes + i % lanes;
    if (of->single) {
        ((float *)block)[re] = (float)creal(value);
        ((float *)block)[re + lanes] = (float)cimag(value);
    } else {
        ((double *)block)[re] = creal(value);
        ((double *)block)[re + lanes] = cimag(value);
    }
}

static double complex get(const precision *of, const void *block, size_t i)
{
    size_t lanes = of->wide->lanes, re = i / lanes * 2 * lanes + i % lanes;
    if (of->single)
        return (double)((const float *)block)[re] + I * (double)((const float *)block)[re + lanes];
    return ((const double *)block)[re] + I * ((const double *)block)[re + lanes];
}

/* A random block, and the same amplitudes. */
static void *random_block(const precision *of, ref_rng *rng, double complex *psi)
{
    void *block = lines(2 * LINES);
    for (size_t i = 0; i < LINES * of->wide->lanes; i++) {
        put(of, block, i, ref_uniform(rng, -1, 1) + I * ref_uniform(rng, -1, 1));
        psi[i] = get(of, block, i);
    }
    return block;
}

static void assert_block(const precision *of, const void *block, const double complex *psi)
{
    for (size_t i = 0; i < LINES * of->wide->lanes; i++)
        assert_true(cabs(get(of, block, i) - psi[i]) < of->tolerance);
}

/* Random coefficients of a form, for every lane: lines for the kernels, a and b as numbers. */
typedef struct gate {
    void *coefficients;
    double complex a[QSTI_MAX_LANES], b[QSTI_MAX_LANES];
} gate;

static gate random_gate(const precision *of, qsti_form form, ref_rng *rng)
{
    gate out = {.coefficients = lines(4)};
    double values[4 * QSTI_MAX_LANES] = {0};
    size_t lanes = of->wide->lanes;
    for (size_t lane = 0; lane < lanes; lane++) {
        double t = ref_uniform(rng, 0, 3), s = ref_uniform(rng, -3, 3), r = ref_uniform(rng, -3, 3);
        out.a[lane] = form == QSTI_FORM_GENERAL ? cos(t) * cexp(I * s) : cos(t);
        out.b[lane] = form == QSTI_FORM_GENERAL ? sin(t) * cexp(I * r) : form == QSTI_FORM_X ? -I * sin(t) : sin(t);
        values[lane] = creal(out.a[lane]);
        values[lanes + lane] = form == QSTI_FORM_GENERAL ? cimag(out.a[lane]) : sin(t);
        values[2 * lanes + lane] = creal(out.b[lane]);
        values[3 * lanes + lane] = cimag(out.b[lane]);
    }
    of->lanes->to_lines(values, qsti_form_lines(form), out.coefficients);
    return out;
}

/* --- gates -------------------------------------------------------------------------------------------------------- */

/* a own - b* other for all amplitudes, other = own's at lane ^ swap. */
static void turn_lanes(size_t lanes, const gate *by, size_t swap, const uint32_t *at, size_t n, double complex *psi)
{
    double complex old[AMPLITUDES];
    memcpy(old, psi, LINES * lanes * sizeof *old);
    for (size_t i = 0; i < n; i++)
        for (size_t lane = 0; lane < lanes; lane++) {
            size_t line = at != NULL ? at[i] : i;
            psi[line * lanes + lane] =
                by->a[lane] * old[line * lanes + lane] - conj(by->b[lane]) * old[line * lanes + (lane ^ swap)];
        }
}

/* Gates in a row; then back, which must give what was there, with the inner products on the way. */
static void gates_on_lanes(void **state)
{
    (void)state;
    precision all[2];
    ref_rng rng = {1};
    for (size_t p = 0; p < both(all); p++) {
        const precision *of = &all[p];
        for (size_t round = 0; round < 24; round++) {
            size_t n = 1 + round % QSTI_MAX_CHAIN, lanes = of->wide->lanes, n_at = round % 2 ? 13 : LINES;
            qsti_form form = (qsti_form)(round % 3);
            double complex psi[AMPLITUDES], lambda[AMPLITUDES], start[AMPLITUDES];
            void *block = random_block(of, &rng, psi), *other = random_block(of, &rng, lambda);
            uint32_t at[13];
            gate gates[QSTI_MAX_CHAIN];
            qsti_lane_gate chain[QSTI_MAX_CHAIN];
            double sums[QSTI_MAX_CHAIN * 3 * QSTI_MAX_LANES] = {0};
            for (uint32_t i = 0; i < 13; i++)
                at[i] = (i * 5 + (uint32_t)round) % LINES;
            memcpy(start, psi, sizeof start);
            for (size_t g = 0; g < n; g++) {
                gates[g] = random_gate(of, form, &rng);
                chain[g] = (qsti_lane_gate){(uint32_t)(1 + ref_below(&rng, lanes - 1)), gates[g].coefficients};
                /* unitary only when partners are turned by each other's rows; the same in all lanes is enough here */
                for (size_t lane = 1; lane < lanes; lane++) {
                    bool swapped = (size_t)__builtin_parityll(lane & chain[g].swap & -(size_t)chain[g].swap) != 0;
                    gates[g].a[lane] = swapped ? conj(gates[g].a[0]) : gates[g].a[0];
                    gates[g].b[lane] = swapped ? -conj(gates[g].b[0]) : gates[g].b[0];
                }
                double values[4 * QSTI_MAX_LANES];
                for (size_t lane = 0; lane < lanes; lane++) {
                    values[lane] = creal(gates[g].a[lane]);
                    values[lanes + lane] = form == QSTI_FORM_GENERAL ? cimag(gates[g].a[lane])
                                           : form == QSTI_FORM_X     ? -cimag(gates[g].b[lane])
                                                                     : creal(gates[g].b[lane]);
                    values[2 * lanes + lane] = creal(gates[g].b[lane]);
                    values[3 * lanes + lane] = cimag(gates[g].b[lane]);
                }
                of->lanes->to_lines(values, qsti_form_lines(form), gates[g].coefficients);
                turn_lanes(lanes, &gates[g], chain[g].swap, n_at == 13 ? at : NULL, n_at, psi);
            }
            of->wide->lane_gates[form](block, n_at == 13 ? at : NULL, n_at, chain, n);
            assert_block(of, block, psi);
            of->wide->lane_ungates[form](block, other, n_at == 13 ? at : NULL, n_at, chain, n, sums);
            assert_block(of, block, start);
            /* of the last gate, at which both are as they were */
            size_t n_sums = qsti_form_sums(form);
            for (size_t lane = 0; lane < lanes; lane++) {
                double complex x = 0, z = 0;
                for (size_t i = 0; i < n_at; i++) {
                    size_t line = (n_at == 13 ? at[i] : i) * lanes;
                    x += conj(lambda[line + lane]) * psi[line + (lane ^ chain[n - 1].swap)];
                    z += conj(lambda[line + lane]) * psi[line + lane];
                }
                const double *sum = sums + (n - 1) * n_sums * lanes + lane;
                double tolerance = 100 * of->tolerance;
                if (form != QSTI_FORM_Y)
                    assert_close(sum[0], cimag(x), tolerance);
                if (form != QSTI_FORM_X)
                    assert_close(sum[(form == QSTI_FORM_GENERAL) * lanes], -creal(x), tolerance);
                if (form == QSTI_FORM_GENERAL)
                    assert_close(sum[2 * lanes], cimag(z), tolerance);
            }
            for (size_t g = 0; g < n; g++)
                free(gates[g].coefficients);
            free(block);
            free(other);
        }
    }
}

/* A tile with swaps is the plain tile on lines whose lanes are exchanged. */
static void tiles_with_swaps(void **state)
{
    (void)state;
    precision all[2];
    ref_rng rng = {2};
    for (size_t p = 0; p < both(all); p++) {
        const precision *of = &all[p];
        for (size_t round = 0; round < 27; round++) {
            size_t n = 1 + round % 3, lanes = of->wide->lanes;
            qsti_form form = (qsti_form)(round / 3 % 3);
            double complex psi[AMPLITUDES], lambda[AMPLITUDES];
            void *block = random_block(of, &rng, psi), *other = random_block(of, &rng, lambda);
            void *plain = lines(2 * LINES), *plain_other = lines(2 * LINES);
            uint32_t bases[LINES];
            qsti_swap_tile tile = {.tile = {.n_gates = n, .bases = bases}};
            gate gates[3];
            double sums[9 * QSTI_MAX_LANES] = {0}, plain_sums[9 * QSTI_MAX_LANES] = {0};
            for (size_t g = 0; g < n; g++) {
                gates[g] = random_gate(of, form, &rng);
                tile.tile.coefficients[g] = gates[g].coefficients;
            }
            for (uint32_t j = 1; j < 1U << n; j++) {
                tile.tile.offset[j] = j << 1;
                tile.swap[j] = (uint8_t)ref_below(&rng, lanes);
            }
            for (uint32_t line = 0; line < LINES; line++)
                if ((line >> 1 & ((1U << n) - 1)) == 0)
                    bases[tile.tile.n_bases++] = line;
            for (size_t i = 0; i < LINES * lanes; i++) {
                size_t swap = tile.swap[i / lanes >> 1 & ((1U << n) - 1)];
                put(of, plain, i, psi[i ^ swap]);
                put(of, plain_other, i, lambda[i ^ swap]);
            }
            of->wide->swap_tile[form][n - 1](block, &tile);
            of->lanes->tile[form][n - 1](plain, plain, &tile.tile);
            for (size_t back = 0; back < 2; back++) {
                for (size_t i = 0; i < LINES * lanes; i++) {
                    size_t swap = tile.swap[i / lanes >> 1 & ((1U << n) - 1)];
                    assert_true(cabs(get(of, block, i ^ swap) - get(of, plain, i)) < of->tolerance);
                    assert_true(cabs(get(of, other, i ^ swap) - get(of, plain_other, i)) < of->tolerance);
                }
                if (back == 0) {
                    of->wide->swap_untile[form][n - 1](block, other, &tile, sums);
                    of->lanes->untile[form][n - 1](plain, plain, plain_other, &tile.tile, plain_sums);
                }
            }
            for (size_t i = 0; i < n * qsti_form_sums(form) * lanes; i++)
                assert_close(sums[i], plain_sums[i], 100 * of->tolerance);
            for (size_t g = 0; g < n; g++)
                free(gates[g].coefficients);
            free(block);
            free(other);
            free(plain);
            free(plain_other);
        }
    }
}

/* --- blocks ------------------------------------------------------------------------------------------------------- */

static void blocks_come_and_go(void **state)
{
    (void)state;
    precision all[2];
    ref_rng rng = {3};
    for (size_t p = 0; p < both(all); p++) {
        const precision *of = &all[p];
        size_t lanes = of->wide->lanes;
        for (size_t round = 0; round < 8; round++) {
            double complex psi[AMPLITUDES], got[AMPLITUDES];
            void *memory = random_block(of, &rng, psi), *block = lines(LINES), *back = lines(2 * LINES);
            uint32_t source[LINES / 2];
            uint8_t swap[LINES / 2], live[LINES / 2];
            qsti_block_map map = {source, round & 1 ? swap : NULL, round & 2 ? live : NULL, LINES / 2};
            for (uint32_t u = 0; u < LINES / 2; u++) {
                source[u] = u << 1 ^ (u & 4 ? 1 : 0);
                swap[u] = (uint8_t)ref_below(&rng, lanes);
                live[u] = u % 3 != 0;
            }
            of->wide->gather(memory, 1, &map, block);
            for (size_t u = 0; u < LINES / 2; u++) {
                for (size_t lane = 0; lane < lanes; lane++) {
                    double complex expected = psi[(1 ^ source[u]) * lanes + (lane ^ (round & 1 ? swap[u] : 0))];
                    got[u * lanes + lane] = get(of, block, u * lanes + lane);
                    assert_true(got[u * lanes + lane] == (round & 2 && !live[u] ? 0 : expected));
                }
            }
            (round & 4 ? of->wide->scatter : of->wide->scatter_past)(block, 1, &map, back);
            for (size_t u = 0; u < LINES / 2; u++)
                for (size_t lane = 0; lane < lanes; lane++) {
                    size_t at = (1 ^ source[u]) * lanes + lane;
                    assert_true(get(of, back, at) == (round & 2 && !live[u] ? 0 : psi[at]));
                }
            free(memory);
            free(block);
            free(back);
        }
    }
}

/* --- diagonals and outputs ---------------------------------------------------------------------------------------- */

/* Factors that depend on the line through two parities and on three bits. */
typedef struct tables {
    qsti_factors factors;
    uint16_t index[2][LINES];
    void *memory[2];
    double complex phase[AMPLITUDES];
    double *sums[2];
} tables;

static void make_tables(const precision *of, ref_rng *rng, size_t n, tables *out)
{
    size_t lanes = of->wide->lanes;
    double cosine[8 * QSTI_MAX_LANES], sine[8 * QSTI_MAX_LANES];
    out->factors.n = n;
    for (size_t i = 0; i < LINES * lanes; i++)
        out->phase[i] = 1;
    for (size_t f = 0; f < n; f++) {
        out->memory[f] = lines(16);
        out->sums[f] = lines(8 * 2);
        for (size_t i = 0; i < 8 * lanes; i++) {
            double t = ref_uniform(rng, -3, 3);
            cosine[i] = cos(t);
            sine[i] = sin(t);
        }
        of->wide->phases(cosine, sine, 8, out->memory[f]);
        out->factors.tables[f] = out->memory[f];
        out->factors.index[f] = out->index[f];
        for (size_t u = 0; u < LINES; u++) {
            out->index[f][u] = (uint16_t)(f == 0 ? u % 8 : (size_t)__builtin_parityll(u & 19) * 2 + u / 16 % 2);
            for (size_t lane = 0; lane < lanes; lane++) {
                size_t i = out->index[f][u] * lanes + lane;
                out->phase[u * lanes + lane] *= cosine[i] - I * sine[i];
            }
        }
    }
}

static void free_tables(tables *of)
{
    for (size_t f = 0; f < of->factors.n; f++) {
        free(of->memory[f]);
        free(of->sums[f]);
    }
}

static void assert_sums(const precision *of, const tables *t, const double *each)
{
    size_t lanes = of->wide->lanes;
    for (size_t f = 0; f < t->factors.n; f++)
        for (size_t i = 0; i < 8; i++)
            for (size_t lane = 0; lane < lanes; lane++) {
                double expected = 0;
                for (size_t u = 0; u < LINES; u++)
                    expected += t->index[f][u] == i ? each[u * lanes + lane] : 0;
                assert_close(t->sums[f][i * lanes + lane], expected, 20 * of->tolerance);
            }
}

static void turns_and_sums(void **state)
{
    (void)state;
    precision all[2];
    ref_rng rng = {4};
    for (size_t p = 0; p < both(all); p++) {
        const precision *of = &all[p];
        size_t lanes = of->wide->lanes;
        for (size_t n = 1; n <= 2; n++) {
            double complex psi[AMPLITUDES], lambda[AMPLITUDES], turned[AMPLITUDES];
            double each[AMPLITUDES];
            void *block = random_block(of, &rng, psi), *other = random_block(of, &rng, lambda);
            tables t;
            make_tables(of, &rng, n, &t);
            for (size_t i = 0; i < LINES * lanes; i++) {
                turned[i] = t.phase[i] * psi[i];
                each[i] = cimag(conj(lambda[i]) * turned[i]);
            }
            of->wide->turn(block, LINES, &t.factors);
            assert_block(of, block, turned);
            of->wide->unturn(block, other, LINES, &t.factors, t.sums);
            assert_block(of, block, psi);
            assert_sums(of, &t, each);
            for (size_t i = 0; i < LINES * lanes; i++) {
                turned[i] = conj(t.phase[i]) * lambda[i];
                each[i] = creal(psi[i]) * creal(psi[i]) + cimag(psi[i]) * cimag(psi[i]);
            }
            assert_block(of, other, turned);
            for (size_t f = 0; f < n; f++)
                memset(t.sums[f], 0, 8 * lanes * sizeof(double));
            of->wide->weights(block, LINES, &t.factors, t.sums);
            assert_sums(of, &t, each);
            free_tables(&t);
            free(block);
            free(other);
        }
    }
}

static void paulis_and_weights(void **state)
{
    (void)state;
    precision all[2];
    ref_rng rng = {5};
    for (size_t p = 0; p < both(all); p++) {
        const precision *of = &all[p];
        size_t lanes = of->wide->lanes;
        for (size_t round = 0; round < 16; round++) {
            qsti_line_pauli pauli = {(uint32_t)ref_below(&rng, LINES), (uint32_t)ref_below(&rng, lanes),
                                     (uint32_t)ref_below(&rng, LINES), round % 2 == 1};
            double complex psi[AMPLITUDES], lambda[AMPLITUDES], factor = pauli.imaginary ? I : 1;
            void *block = random_block(of, &rng, psi), *other = random_block(of, &rng, lambda);
            double sums[QSTI_MAX_LANES] = {0}, weight[QSTI_MAX_LANES], values[4 * QSTI_MAX_LANES];
            for (size_t lane = 0; lane < lanes; lane++)
                weight[lane] = ref_uniform(&rng, -1, 1);
            of->wide->pauli_value(block, LINES, &pauli, sums);
            of->wide->pauli_add(block, other, LINES, &pauli, weight);
            for (size_t lane = 0; lane < lanes; lane++) {
                double expected = 0;
                for (size_t u = 0; u < LINES; u++) {
                    double complex from = psi[u * lanes + lane];
                    size_t to = (u ^ pauli.x) * lanes + (lane ^ pauli.swap);
                    from *= __builtin_parityll(u & pauli.z) ? -factor : factor;
                    expected += creal(conj(psi[to]) * from);
                    lambda[to] += weight[lane ^ pauli.swap] * from;
                }
                assert_close(sums[lane], expected, 20 * of->tolerance);
            }
            assert_block(of, other, lambda);

            uint16_t index[LINES];
            void *table = lines(4);
            qsti_factors terms = {.n = 2, .tables = {table, table}, .index = {index, index}};
            for (size_t i = 0; i < 4 * lanes; i++)
                values[i] = ref_uniform(&rng, -1, 1);
            of->lanes->to_lines(values, 4, table);
            for (size_t u = 0; u < LINES; u++)
                index[u] = (uint16_t)(u / 4 % 4);
            of->wide->weigh(block, other, LINES, &terms, round % 3 == 0);
            for (size_t i = 0; i < LINES * lanes; i++) {
                double complex more = 2 * values[index[i / lanes] * lanes + i % lanes] * psi[i];
                lambda[i] = round % 3 == 0 ? lambda[i] + more : more;
            }
            assert_block(of, other, lambda);
            free(table);
            free(block);
            free(other);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gates_on_lanes), cmocka_unit_test(tiles_with_swaps),   cmocka_unit_test(blocks_come_and_go),
        cmocka_unit_test(turns_and_sums), cmocka_unit_test(paulis_and_weights),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
