/* statistics.h: intervals and tests for paired runs, exact where n is small. Two-sided, no allocation unless said. */
#ifndef QSTI_VERIFY_STATISTICS_H
#define QSTI_VERIFY_STATISTICS_H

#include "base/memory.h"

typedef struct qsti_interval {
    double lo, hi;
} qsti_interval;

/* Student's t: distribution function and quantile (p in (0,1)), degrees of freedom >= 1; |error| <= 1e-12 relative
 * to 1. */
double qsti_t_cdf(double t, double degrees);
double qsti_t_quantile(double p, double degrees);
double qsti_normal_quantile(double p);

/* Share of k in n: Wilson's score interval [wilson1927], Clopper-Pearson's exact one. n >= 1. */
qsti_interval qsti_wilson(size_t k, size_t n, double level);
qsti_interval qsti_clopper_pearson(size_t k, size_t n, double level);

/* Mean over seeds with its t interval; n = 1 gives NaN bounds. */
typedef struct qsti_mean {
    size_t n;
    double mean, sd; /* n - 1 in the denominator */
    qsti_interval interval;
} qsti_mean;
qsti_mean qsti_mean_interval(const double *values, size_t n, double level);

/* Paired differences d: every number that a verdict shows. */
typedef struct qsti_paired {
    qsti_mean difference; /* the 95 % t interval decides */
    double p_t;           /* paired t test; all d equal and non-zero: 0; all zero: 1; NaN for n < 2 */
    double p_wilcoxon;    /* signed rank without the zeros, exact for n <= 25 (ties too), else normal; NaN for n = 0 */
    double p_sign_flip;   /* exact for n <= 20, else 100,000 seeded draws; NaN for n = 0 */
    double effect_size;   /* mean / sd; NaN when sd = 0 or n < 2 */
} qsti_paired;
qsti_paired qsti_paired_test(const double *differences, size_t n, uint64_t seed);

/* Bootstrap interval of the mean difference over seeds: draws seeds with replacement, and within each its test rows
 * (difference of 0/1 correctness), 10,000 draws, percentile 95 %. right_a[s], right_b[s]: n_rows[s] >= 1 bytes each;
 * n_seeds >= 1. Errors: ERR_MEMORY. Cost: reads the rows once; then a draw of a seed's rows is two binomial numbers. */
qst_status qsti_bootstrap_difference(qst_ctx *ctx, const uint8_t *const *right_a, const uint8_t *const *right_b,
                                     const size_t *n_rows, size_t n_seeds, uint64_t seed, qsti_interval *out);

/* Recovered gap: mean(student - control) / mean(teacher - control) over seeds, with its joint bootstrap interval (the
 * per-seed accuracies of the three resampled together). *out_valid only when the t interval of the denominator lies
 * above 0; else the numbers are NaN. A bound is infinite where the denominator of that many draws is not above 0. */
qst_status qsti_recovered_gap(qst_ctx *ctx, const double *student, const double *control, const double *teacher,
                              size_t n_seeds, uint64_t seed, double *out_gap, qsti_interval *out_interval,
                              bool *out_valid);

/* Exact McNemar test on discordant pairs b and c. */
double qsti_mcnemar(size_t b, size_t c);

/* Holm's step-down adjustment in place [holm1979]; NaN stays and is not counted. Allocates nothing: O(n^2). */
void qsti_holm(double *p_values, size_t n);

typedef enum qsti_verdict {
    QSTI_VERDICT_BEATS,
    QSTI_VERDICT_NO_DIFFERENCE,
    QSTI_VERDICT_WORSE,
    QSTI_VERDICT_TOO_FEW_RUNS
} qsti_verdict;
#define QSTI_VERDICT_MIN_SEEDS 5

/* The rule of docs/verify.md: n >= 5, interval on one side of 0, Holm-adjusted p < 0.05. */
qsti_verdict qsti_verdict_of(const qsti_mean *difference, double p_adjusted);
const char *qsti_verdict_word(qsti_verdict verdict); /* "BEATS", "NO DIFFERENCE", "WORSE", "TOO FEW RUNS" */

#endif
