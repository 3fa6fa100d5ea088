/* statistics.c: intervals for shares and means, tests for paired differences, and the verdict. Formulas:
 * docs/verify.md.
 *
 * Where all arrangements of signs can be counted, they are: the signed-rank test by a table of how many of the 2^n
 * arrangements reach each rank sum, the sign-flip test by listing them. Differences of accuracies are multiples of 1/N
 * with rounding behind the comma, so "equal" means within 1e-9 of the largest. The bootstrap is in bootstrap.c. */
#include "verify/statistics.h"

#include <math.h>

#include "base/rng.h"
#include "verify/distributions.h"

#define LEVEL             0.95
#define MAX_EXACT_RANKS   25
#define MAX_EXACT_FLIPS   20
#define HALF_FLIPS        (MAX_EXACT_FLIPS / 2)
#define N_FLIP_DRAWS      100000
#define RELATIVE_EQUALITY 1e-9

/* --- shares ------------------------------------------------------------------------------------------------------- */

qsti_interval qsti_wilson(size_t k, size_t n, double level)
{
    double z = qsti_normal_quantile(0.5 + 0.5 * level), count = (double)n, share = (double)k / count;
    double scale = 1 / (1 + z * z / count), middle = share + z * z / (2 * count);
    double half = z * sqrt(share * (1 - share) / count + z * z / (4 * count * count));
    return (qsti_interval){k == 0 ? 0 : (middle - half) * scale, k == n ? 1 : (middle + half) * scale};
}

qsti_interval qsti_clopper_pearson(size_t k, size_t n, double level)
{
    double tail = 0.5 - 0.5 * level, hits = (double)k, misses = (double)(n - k);
    return (qsti_interval){k == 0 ? 0 : qsti_beta_quantile(tail, hits, misses + 1),
                           k == n ? 1 : 1 - qsti_beta_quantile(tail, misses, hits + 1)};
}

/* --- means -------------------------------------------------------------------------------------------------------- */

qsti_mean qsti_mean_interval(const double *values, size_t n, double level)
{
    qsti_mean result = {.n = n, .mean = NAN, .sd = NAN, .interval = {NAN, NAN}};
    if (n == 0) {
        return result;
    }
    double sum = 0, squares = 0;
    for (size_t i = 0; i < n; i++) {
        sum += values[i];
    }
    result.mean = sum / (double)n;
    if (n == 1) {
        return result;
    }
    for (size_t i = 0; i < n; i++) {
        squares += (values[i] - result.mean) * (values[i] - result.mean);
    }
    double degrees = (double)(n - 1);
    result.sd = sqrt(squares / degrees);
    double half = qsti_t_quantile(0.5 + 0.5 * level, degrees) * result.sd / sqrt((double)n);
    result.interval = (qsti_interval){result.mean - half, result.mean + half};
    return result;
}

/* --- paired tests ------------------------------------------------------------------------------------------------- */

static double largest_magnitude(const double *values, size_t n)
{
    double largest = 0;
    for (size_t i = 0; i < n; i++) {
        largest = fmax(largest, fabs(values[i]));
    }
    return largest;
}

static double t_test(const qsti_mean *difference)
{
    if (difference->n < 2) {
        return NAN;
    }
    if (difference->sd == 0) {
        return difference->mean == 0 ? 1 : 0;
    }
    double t = difference->mean / (difference->sd / sqrt((double)difference->n));
    return 2 * qsti_t_cdf(-fabs(t), (double)(difference->n - 1));
}

/* Twice the mid-rank of |values[item]| among all non-zero ones: an integer. *ties: how many share it. */
static size_t doubled_rank(const double *values, size_t n, size_t item, double equality, size_t *ties)
{
    size_t below = 0, same = 0;
    for (size_t i = 0; i < n; i++) {
        double excess = fabs(values[i]) - fabs(values[item]);
        if (fabs(values[i]) <= equality) {
            continue;
        }
        below += excess < -equality;
        same += fabs(excess) <= equality;
    }
    *ties = same;
    return 2 * below + same + 1;
}

/* The share of the 2^n ways of choosing among n ranks whose sum is at most `limit` (ranks and limit doubled). */
static double share_of_low_sums(const size_t *ranks, size_t n, size_t limit)
{
    double ways[2 * MAX_EXACT_RANKS * MAX_EXACT_RANKS + 1] = {1};
    size_t largest = 0;
    for (size_t i = 0; i < n; i++) {
        largest += ranks[i];
        for (size_t sum = largest; sum >= ranks[i]; sum--) {
            ways[sum] += ways[sum - ranks[i]];
        }
    }
    double count = 0;
    for (size_t sum = 0; sum <= limit && sum <= largest; sum++) {
        count += ways[sum];
    }
    return ldexp(count, -(int)n);
}

/* Wilcoxon's signed rank test; zeros are left out, ties share their mean rank. */
static double wilcoxon(const double *values, size_t n)
{
    double equality = RELATIVE_EQUALITY * largest_magnitude(values, n), tie_sum = 0;
    size_t ranks[MAX_EXACT_RANKS], n_ranks = 0, positive = 0, all = 0;
    for (size_t i = 0; i < n; i++) {
        if (fabs(values[i]) <= equality) {
            continue;
        }
        size_t ties = 0, rank = doubled_rank(values, n, i, equality, &ties);
        if (n_ranks < MAX_EXACT_RANKS) {
            ranks[n_ranks] = rank;
        }
        n_ranks++;
        all += rank;
        positive += values[i] > 0 ? rank : 0;
        tie_sum += (double)ties * (double)ties - 1;
    }
    if (n_ranks == 0) {
        return 1;
    }
    size_t smaller = positive < all - positive ? positive : all - positive;
    if (n_ranks <= MAX_EXACT_RANKS) {
        return fmin(1, 2 * share_of_low_sums(ranks, n_ranks, smaller));
    }
    double count = (double)n_ranks;
    double variance = count * (count + 1) * (2 * count + 1) / 24 - tie_sum / 48;
    return erfc(-(0.5 * (double)smaller - 0.25 * (double)all) / sqrt(2 * variance));
}

/* out[i] = sum of the values, with minus for each bit of i that is set. */
static void list_flipped_sums(const double *values, size_t n, double *out)
{
    for (size_t pattern = 0; pattern < (size_t)1 << n; pattern++) {
        out[pattern] = 0;
        for (size_t i = 0; i < n; i++) {
            out[pattern] += pattern >> i & 1 ? -values[i] : values[i];
        }
    }
}

/* The share of sign patterns whose sum is as far from 0 as the observed one; n <= MAX_EXACT_FLIPS. */
static double sign_flip_exact(const double *values, size_t n, double threshold)
{
    double low[(size_t)1 << HALF_FLIPS], high[(size_t)1 << HALF_FLIPS];
    size_t n_low = n / 2, n_high = n - n_low, count = 0;
    list_flipped_sums(values, n_low, low);
    list_flipped_sums(values + n_low, n_high, high);
    for (size_t i = 0; i < (size_t)1 << n_high; i++) {
        for (size_t j = 0; j < (size_t)1 << n_low; j++) {
            count += fabs(high[i] + low[j]) >= threshold;
        }
    }
    return ldexp((double)count, -(int)n);
}

/* The same by random patterns; the observed one counts as a draw, so that p is never 0. */
static double sign_flip_drawn(const double *values, size_t n, double threshold, uint64_t seed)
{
    size_t count = 1;
    for (uint32_t draw = 0; draw < N_FLIP_DRAWS; draw++) {
        qsti_rng rng = qsti_rng_init(seed, QSTI_PURPOSE_SIGN_FLIP, 0, draw);
        uint64_t bits = 0;
        double sum = 0;
        for (size_t i = 0; i < n; i++) {
            bits = i % 64 == 0 ? qsti_rng_u64(&rng) : bits >> 1;
            sum += bits & 1 ? -values[i] : values[i];
        }
        count += fabs(sum) >= threshold;
    }
    return (double)count / (N_FLIP_DRAWS + 1);
}

static double sign_flip(const double *values, size_t n, uint64_t seed)
{
    double sum = 0, magnitude = 0;
    for (size_t i = 0; i < n; i++) {
        sum += values[i];
        magnitude += fabs(values[i]);
    }
    double threshold = fabs(sum) - RELATIVE_EQUALITY * magnitude;
    return n <= MAX_EXACT_FLIPS ? sign_flip_exact(values, n, threshold) : sign_flip_drawn(values, n, threshold, seed);
}

qsti_paired qsti_paired_test(const double *differences, size_t n, uint64_t seed)
{
    qsti_paired result = {.difference = qsti_mean_interval(differences, n, LEVEL)};
    result.p_t = t_test(&result.difference);
    result.p_wilcoxon = n ? wilcoxon(differences, n) : NAN;
    result.p_sign_flip = n ? sign_flip(differences, n, seed) : NAN;
    result.effect_size = result.difference.sd > 0 ? result.difference.mean / result.difference.sd : NAN;
    return result;
}

/* P(X <= k) = I_{1/2}(n - k, k + 1) for X of n fair coins. */
double qsti_mcnemar(size_t b, size_t c)
{
    size_t smaller = b < c ? b : c, n = b + c;
    if (2 * smaller >= n) {
        return 1;
    }
    return fmin(1, 2 * qsti_beta_cdf(0.5, 0.5, (double)(n - smaller), (double)smaller + 1));
}

/* --- several comparisons, and the verdict ------------------------------------------------------------------------- */

/* p_(i) becomes the largest of (m - j) p_(j) over j <= i, j from 0. A set sign bit marks what is done. */
void qsti_holm(double *p_values, size_t n)
{
    size_t left = 0;
    for (size_t i = 0; i < n; i++) {
        left += isnan(p_values[i]) ? 0 : 1;
    }
    for (double largest = 0; left > 0; left--) {
        size_t smallest = n;
        for (size_t i = 0; i < n; i++) {
            bool waits = !isnan(p_values[i]) && !signbit(p_values[i]);
            if (waits && (smallest == n || p_values[i] < p_values[smallest])) {
                smallest = i;
            }
        }
        largest = fmin(1, fmax(largest, (double)left * p_values[smallest]));
        p_values[smallest] = -largest;
    }
    for (size_t i = 0; i < n; i++) {
        p_values[i] = fabs(p_values[i]);
    }
}

qsti_verdict qsti_verdict_of(const qsti_mean *difference, double p_adjusted)
{
    if (difference->n < QSTI_VERDICT_MIN_SEEDS) {
        return QSTI_VERDICT_TOO_FEW_RUNS;
    }
    if (p_adjusted < 0.05 && difference->interval.lo > 0) {
        return QSTI_VERDICT_BEATS;
    }
    if (p_adjusted < 0.05 && difference->interval.hi < 0) {
        return QSTI_VERDICT_WORSE;
    }
    return QSTI_VERDICT_NO_DIFFERENCE;
}

const char *qsti_verdict_word(qsti_verdict verdict)
{
    static const char *const words[] = {"BEATS", "NO DIFFERENCE", "WORSE", "TOO FEW RUNS"};
    return words[verdict];
}
