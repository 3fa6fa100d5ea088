/* bootstrap.c: percentile intervals from 10,000 resamples of the seeds, and of each seed's test rows.
 *
 * Drawing the N rows of a seed with replacement and summing d = right_a - right_b in {-1, 0, 1} needs no rows: how
 * often +1 and -1 are drawn is multinomial with the shares p and m that they have in the sample, so that
 *
 *   n_plus ~ Binomial(N, p),   n_minus | n_plus ~ Binomial(N - n_plus, m / (1 - p)),   sum = n_plus - n_minus,
 *
 * which has the same distribution and costs O(sqrt(N)) instead of O(N). Draw i has a random stream of its own, so the
 * interval depends on the data and the seed alone. */
#include <math.h>
#include <stdlib.h>

#include "base/rng.h"
#include "verify/distributions.h"
#include "verify/statistics.h"

#define N_DRAWS 10000
#define TAIL    0.025

/* Which statistic a random stream belongs to. */
enum { STREAM_DIFFERENCE, STREAM_GAP };

static int compare_doubles(const void *a, const void *b)
{
    double left = *(const double *)a, right = *(const double *)b;
    return (left > right) - (left < right);
}

/* The value below which a share of the sorted values lies, linear between neighbours. */
static double percentile(const double *sorted, size_t n, double share)
{
    double place = share * (double)(n - 1), below = floor(place);
    size_t i = (size_t)below;
    if (place == below || sorted[i] == sorted[i + 1]) {
        return sorted[i];
    }
    return (1 - (place - below)) * sorted[i] + (place - below) * sorted[i + 1];
}

static qsti_interval percentile_interval(double *values, size_t n)
{
    qsort(values, n, sizeof *values, compare_doubles);
    return (qsti_interval){percentile(values, n, TAIL), percentile(values, n, 1 - TAIL)};
}

static size_t binomial_mode(size_t n, double p)
{
    return (size_t)fmin((double)n, floor((double)(n + 1) * p));
}

/* Inversion from the mode outwards: expected O(sqrt(n p (1 - p))) steps. at_mode: qsti_binomial_pmf() of the mode. */
static size_t draw_binomial(qsti_rng *rng, size_t n, double p, double at_mode)
{
    double uniform = qsti_rng_uniform(rng);
    if (n == 0 || p <= 0) {
        return 0;
    }
    if (p >= 1) {
        return n;
    }
    size_t mode = binomial_mode(n, p), up = mode, down = mode;
    double odds = p / (1 - p), up_share = at_mode, down_share = at_mode;
    uniform -= up_share;
    while (uniform >= 0 && (up < n || down > 0)) {
        if (up < n) {
            up_share *= odds * (double)(n - up) / (double)(up + 1);
            up++;
            uniform -= up_share;
            if (uniform < 0) {
                return up;
            }
        }
        if (down > 0) {
            down_share *= (double)down / (odds * (double)(n - down + 1));
            down--;
            uniform -= down_share;
            if (uniform < 0) {
                return down;
            }
        }
        if (up_share + down_share == 0) {
            break;
        }
    }
    return mode;
}

/* What one seed's rows say: how many only a, or only b, got right. */
typedef struct discordance {
    size_t n_rows, n_plus, n_minus;
    double plus_at_mode; /* the largest probability of the distribution of n_plus */
} discordance;

static discordance count_discordance(const uint8_t *right_a, const uint8_t *right_b, size_t n_rows)
{
    discordance rows = {.n_rows = n_rows};
    for (size_t row = 0; row < n_rows; row++) {
        rows.n_plus += right_a[row] > right_b[row];
        rows.n_minus += right_a[row] < right_b[row];
    }
    double share = n_rows > 0 ? (double)rows.n_plus / (double)n_rows : 0;
    rows.plus_at_mode = qsti_binomial_pmf(binomial_mode(n_rows, share), n_rows, share);
    return rows;
}

static double draw_difference(qsti_rng *rng, discordance rows)
{
    double n = (double)rows.n_rows, n_other = (double)(rows.n_rows - rows.n_plus);
    size_t plus = draw_binomial(rng, rows.n_rows, (double)rows.n_plus / n, rows.plus_at_mode),
           left = rows.n_rows - plus;
    double share = n_other > 0 ? (double)rows.n_minus / n_other : 0;
    size_t minus = draw_binomial(rng, left, share, qsti_binomial_pmf(binomial_mode(left, share), left, share));
    return ((double)plus - (double)minus) / n;
}

qst_status qsti_bootstrap_difference(qst_ctx *ctx, const uint8_t *const *right_a, const uint8_t *const *right_b,
                                     const size_t *n_rows, size_t n_seeds, uint64_t seed, qsti_interval *out)
{
    qst_status status = QST_OK;
    discordance *seeds = NULL;
    double *means = NULL;
    bool differ = false;
    QSTI_TRY(QSTI_NEW(ctx, n_seeds, &seeds));
    QSTI_TRY(QSTI_NEW(ctx, N_DRAWS, &means));
    for (size_t s = 0; s < n_seeds; s++) {
        seeds[s] = count_discordance(right_a[s], right_b[s], n_rows[s]);
        differ = differ || seeds[s].n_plus > 0 || seeds[s].n_minus > 0;
    }
    if (!differ) { /* whatever is drawn, the mean is 0 */
        *out = (qsti_interval){0, 0};
        goto done;
    }
    for (uint32_t draw = 0; draw < N_DRAWS; draw++) {
        qsti_rng rng = qsti_rng_init(seed, QSTI_PURPOSE_BOOTSTRAP, STREAM_DIFFERENCE, draw);
        for (size_t s = 0; s < n_seeds; s++) {
            means[draw] += draw_difference(&rng, seeds[qsti_rng_below(&rng, n_seeds)]);
        }
        means[draw] /= (double)n_seeds;
    }
    *out = percentile_interval(means, N_DRAWS);
done:
    qsti_free(ctx, means);
    qsti_free(ctx, seeds);
    return status;
}

qst_status qsti_recovered_gap(qst_ctx *ctx, const double *student, const double *control, const double *teacher,
                              size_t n_seeds, uint64_t seed, double *out_gap, qsti_interval *out_interval,
                              bool *out_valid)
{
    qst_status status = QST_OK;
    double *room = NULL, *ratios = NULL, gained = 0;
    qsti_interval interval = {NAN, NAN};
    QSTI_TRY(QSTI_NEW(ctx, n_seeds, &room));
    for (size_t s = 0; s < n_seeds; s++) {
        room[s] = teacher[s] - control[s];
        gained += student[s] - control[s];
    }
    qsti_mean denominator = qsti_mean_interval(room, n_seeds, 0.95);
    bool valid = denominator.interval.lo > 0;
    if (valid) {
        QSTI_TRY(QSTI_NEW(ctx, N_DRAWS, &ratios));
        for (uint32_t draw = 0; draw < N_DRAWS; draw++) {
            qsti_rng rng = qsti_rng_init(seed, QSTI_PURPOSE_BOOTSTRAP, STREAM_GAP, draw);
            double above = 0, below = 0;
            for (size_t s = 0; s < n_seeds; s++) {
                size_t chosen = (size_t)qsti_rng_below(&rng, n_seeds);
                above += student[chosen] - control[chosen];
                below += room[chosen];
            }
            ratios[draw] = below > 0 ? above / below : copysign(INFINITY, above);
        }
        interval = percentile_interval(ratios, N_DRAWS);
    }
    *out_gap = valid ? gained / ((double)n_seeds * denominator.mean) : NAN;
    *out_interval = interval;
    *out_valid = valid;
done:
    qsti_free(ctx, ratios);
    qsti_free(ctx, room);
    return status;
}
