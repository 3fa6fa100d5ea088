/* kernel_cases.h: tables of kernels under test, and states in two forms: as kernels.h lays them out, and as plain
 * complex numbers for the tests' own naive code. Shared by the tests of the kernels; no code of src/ but the tables. */
#ifndef QSTILL_TESTS_KERNEL_CASES_H
#define QSTILL_TESTS_KERNEL_CASES_H

#include <complex.h>

#include "kernels/kernels.h"
#include "support/support.h"

#define MAX_LANES QSTI_MAX_LANES

/* Fails the test, with a printed explanation, unless worst <= tolerance; NaN fails. */
#define assert_within(table, worst, tolerance, ...)                                                  \
    do {                                                                                             \
        double worst_ = (worst);                                                                     \
        if (!(worst_ <= (tolerance))) {                                                              \
            print_error("%s: difference %.3g > %.3g: ", (table)->name, worst_, (double)(tolerance)); \
            print_error(__VA_ARGS__);                                                                \
            print_error("\n");                                                                       \
            fail();                                                                                  \
        }                                                                                            \
    } while (0)

/* One table and what its arithmetic owes. */
typedef struct kernel_table {
    const qsti_kernels *kernels;
    char name[40];
    bool single;
    size_t lanes, parts; /* parts: 2, or 1 where amplitudes are real */
    double epsilon;
    uint64_t digest; /* of all that was recorded */
} kernel_table;

/* Runs `check` on every table that this processor has: instruction sets, precisions, complex and real. What `check`
 * records must be the same, bit for bit, for AVX2 and AVX-512. */
void kernel_each_table(void (*check)(kernel_table *table));
void kernel_record(kernel_table *table, const void *bytes, size_t n);

/* re + i im; both finite. */
static inline double complex complex_of(double re, double im)
{
    return re + im * I;
}

/* --- numbers ------------------------------------------------------------------------------------------------------ */

uint64_t kernel_random(uint64_t *seed);
size_t kernel_below(uint64_t *seed, size_t bound);
/* In low..high. */
double kernel_uniform(uint64_t *seed, double low, double high);
/* In -1..1 with 24 bits, which both precisions hold exactly. */
double kernel_coarse(uint64_t *seed);
/* As the table's precision holds it. */
double kernel_round(const kernel_table *table, double value);

/* (-1)^(number of ones in p & z) */
double kernel_sign(size_t p, size_t z);
/* max |a_i - b_i|, NaN when one is. */
double kernel_distance(const double *a, const double *b, size_t n);

/* --- states ------------------------------------------------------------------------------------------------------- */

/* n lines of amplitudes for the kernels, and the same as value[p * lanes + lane]. */
typedef struct twin {
    void *state;
    double complex *value;
    size_t n;
} twin;

twin twin_random(const kernel_table *table, size_t n, uint64_t *seed);
twin twin_copy(const kernel_table *table, const twin *of);
void twin_free(twin *of);

/* How far state and value have come apart; recorded. */
double twin_distance(kernel_table *table, const twin *of);
/* The state's bytes. */
size_t twin_bytes(const kernel_table *table, const twin *of);

/* Lines of coefficients or amplitudes: [line][lane] in the table's precision. */
void *lines_allocate(const kernel_table *table, size_t n_lines);
double lines_get(const kernel_table *table, const void *lines, size_t line, size_t lane);
void lines_put(const kernel_table *table, void *lines, size_t line, size_t lane, double value);

#endif
