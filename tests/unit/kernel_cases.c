/* kernel_cases.c: see kernel_cases.h. */
#include "kernel_cases.h"
#include "kernels/isa.h"

/* --- tables ------------------------------------------------------------------------------------------------------- */

static kernel_table open_table(const char *isa, bool single, bool real)
{
    const qsti_kernels *kernels = single ? qsti_kernels_single(real) : qsti_kernels_double(real);
    kernel_table table = {.kernels = kernels, .single = single, .lanes = kernels->lanes, .parts = real ? 1 : 2};
    table.epsilon = single ? 1.2e-7 : 2.3e-16;
    table.digest = 1469598103934665603u;
    (void)snprintf(table.name, sizeof table.name, "%s %s %s", isa, single ? "single" : "double",
                   real ? "real" : "complex");
    return table;
}

void kernel_each_table(void (*check)(kernel_table *table))
{
    static const char *const isas[] = {"baseline", "avx2", "avx512"};
    const char *forced = getenv("QSTILL_ISA");
    char *kept = forced ? strdup(forced) : NULL;
    for (size_t kind = 0; kind < 4; kind++) {
        uint64_t digests[3] = {0};
        for (size_t i = 0; i < 3; i++) {
            assert_int_equal(setenv("QSTILL_ISA", isas[i], 1), 0);
            if (qsti_isa_forced_wrongly() != NULL)
                continue;
            kernel_table table = open_table(isas[i], kind % 2 == 1, kind / 2 == 1);
            check(&table);
            digests[i] = table.digest;
        }
        if (digests[1] != 0 && digests[2] != 0 && digests[1] != digests[2])
            fail_msg("avx2 and avx512 differ in bits: %s, %s", kind % 2 ? "single" : "double",
                     kind / 2 ? "real" : "complex");
    }
    assert_int_equal(kept ? setenv("QSTILL_ISA", kept, 1) : unsetenv("QSTILL_ISA"), 0);
    free(kept);
}

void kernel_record(kernel_table *table, const void *bytes, size_t n)
{
    const unsigned char *byte = bytes;
    for (size_t i = 0; i < n; i++)
        table->digest = (table->digest ^ byte[i]) * 1099511628211u;
}

/* --- numbers ------------------------------------------------------------------------------------------------------ */

uint64_t kernel_random(uint64_t *seed)
{
    uint64_t z = *seed += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

size_t kernel_below(uint64_t *seed, size_t bound)
{
    return (size_t)(kernel_random(seed) % bound);
}

double kernel_uniform(uint64_t *seed, double low, double high)
{
    return low + (high - low) * (double)(kernel_random(seed) >> 11) * 0x1p-53;
}

double kernel_coarse(uint64_t *seed)
{
    return (double)(float)kernel_uniform(seed, -1, 1);
}

double kernel_round(const kernel_table *table, double value)
{
    return table->single ? (double)(float)value : value;
}

double kernel_sign(size_t p, size_t z)
{
    double sign = 1;
    for (size_t both = p & z; both != 0; both >>= 1)
        sign = both & 1 ? -sign : sign;
    return sign;
}

double kernel_distance(const double *a, const double *b, size_t n)
{
    double worst = 0;
    for (size_t i = 0; i < n; i++) {
        double difference = fabs(a[i] - b[i]);
        worst = difference > worst || isnan(difference) ? difference : worst;
    }
    return worst;
}

/* --- states ------------------------------------------------------------------------------------------------------- */

void *lines_allocate(const kernel_table *table, size_t n_lines)
{
    size_t bytes = (n_lines ? n_lines : 1) * QSTI_LINE_BYTES;
    void *lines = aligned_alloc(QSTI_LINE_BYTES, bytes);
    assert_non_null(lines);
    assert_int_equal(table->lanes * (table->single ? sizeof(float) : sizeof(double)), QSTI_LINE_BYTES);
    memset(lines, 0xff, bytes);
    return lines;
}

double lines_get(const kernel_table *table, const void *lines, size_t line, size_t lane)
{
    size_t at = line * table->lanes + lane;
    return table->single ? (double)((const float *)lines)[at] : ((const double *)lines)[at];
}

void lines_put(const kernel_table *table, void *lines, size_t line, size_t lane, double value)
{
    size_t at = line * table->lanes + lane;
    if (table->single)
        ((float *)lines)[at] = (float)value;
    else
        ((double *)lines)[at] = value;
}

static twin twin_allocate(const kernel_table *table, size_t n)
{
    assert_int_equal(table->kernels->amplitude_bytes, table->parts * QSTI_LINE_BYTES);
    twin out = {lines_allocate(table, n * table->parts), calloc(n * table->lanes, sizeof(double complex)), n};
    assert_non_null(out.value);
    return out;
}

twin twin_random(const kernel_table *table, size_t n, uint64_t *seed)
{
    twin out = twin_allocate(table, n);
    for (size_t p = 0; p < n; p++) {
        for (size_t lane = 0; lane < table->lanes; lane++) {
            double part[2] = {kernel_coarse(seed), kernel_coarse(seed)};
            if (table->parts == 1)
                part[1] = 0;
            for (size_t i = 0; i < table->parts; i++)
                lines_put(table, out.state, p * table->parts + i, lane, part[i]);
            out.value[p * table->lanes + lane] = complex_of(part[0], part[1]);
        }
    }
    return out;
}

twin twin_copy(const kernel_table *table, const twin *of)
{
    twin out = twin_allocate(table, of->n);
    memcpy(out.state, of->state, twin_bytes(table, of));
    memcpy(out.value, of->value, of->n * table->lanes * sizeof *out.value);
    return out;
}

void twin_free(twin *of)
{
    free(of->state);
    free(of->value);
}

size_t twin_bytes(const kernel_table *table, const twin *of)
{
    return of->n * table->parts * QSTI_LINE_BYTES;
}

double twin_distance(kernel_table *table, const twin *of)
{
    double worst = 0;
    kernel_record(table, of->state, twin_bytes(table, of));
    for (size_t p = 0; p < of->n; p++) {
        for (size_t lane = 0; lane < table->lanes; lane++) {
            double re = lines_get(table, of->state, p * table->parts, lane), im = 0;
            if (table->parts == 2)
                im = lines_get(table, of->state, p * 2 + 1, lane);
            double difference = cabs(complex_of(re, im) - of->value[p * table->lanes + lane]);
            worst = difference > worst || isnan(difference) ? difference : worst;
        }
    }
    return worst;
}
