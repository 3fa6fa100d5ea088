/* fourier_set.c: see fourier_set.h. Frequencies are compared by their entries in units of 2^-30 of the largest entry of
 * all vectors: sums of the same numbers in another order are one frequency. */
#include "learn/fourier_set.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"

#define UNITS_OF_LARGEST 1073741824.0
#define DRAWS_A_PAIR     100

typedef union entry_number {
    int64_t key;
    double value;
} entry_number;

/* Frequencies as whole numbers (n, d), by which they are compared, and as they are (n, d); an entry has both, one after
 * the other, so that sorting moves both. */
typedef struct set {
    qst_ctx *ctx;
    size_t d, n, capacity;
    double unit;
    entry_number *entries; /* (capacity, 2, d) */
} set;

static entry_number *keys_of(const set *s, size_t i)
{
    return s->entries + i * 2 * s->d;
}

static entry_number *values_of(const set *s, size_t i)
{
    return keys_of(s, i) + s->d;
}

/* arg: the number of keys. */
static int compare_keys(const void *left, const void *right, void *arg)
{
    const entry_number *a = left, *b = right;
    const size_t *d = arg;
    for (size_t j = 0; j < *d; j++)
        if (a[j].key != b[j].key)
            return a[j].key < b[j].key ? -1 : 1;
    return 0;
}

static bool are_equal(const set *s, size_t i, size_t k)
{
    size_t d = s->d;
    return compare_keys(keys_of(s, i), keys_of(s, k), &d) == 0;
}

static double unit_of(const qsti_signed_sums *sums)
{
    double largest = 0;
    for (size_t i = 0; i < sums->n_vectors * sums->n_features; i++)
        largest = fabs(sums->vectors[i]) > largest ? fabs(sums->vectors[i]) : largest;
    return (largest > 0 ? largest : 1) / UNITS_OF_LARGEST;
}

static qst_status reserve(set *s, size_t n)
{
    if (n <= s->capacity)
        return QST_OK;
    qst_status status = qsti_resize(s->ctx, n, 2 * s->d * sizeof *s->entries, (void **)&s->entries);
    if (status == QST_OK)
        s->capacity = n;
    return status;
}

static void put(set *s, size_t at, const double *values)
{
    for (size_t j = 0; j < s->d; j++) {
        keys_of(s, at)[j].key = llround(values[j] / s->unit);
        values_of(s, at)[j].value = values[j];
    }
}

/* Sorts and keeps the first of equals. */
static void make_distinct(set *s)
{
    size_t n = 0, d = s->d, bytes = 2 * s->d * sizeof *s->entries;
    qsort_r(s->entries, s->n, bytes, compare_keys, &d);
    for (size_t i = 0; i < s->n; i++)
        if (n == 0 || !are_equal(s, n - 1, i))
            memmove(keys_of(s, n++), keys_of(s, i), bytes);
    s->n = n;
}

/* S + v and S - v join S. */
static qst_status join(set *s, const double *vector, double *buffer)
{
    size_t n = s->n;
    qst_status status = reserve(s, 3 * n);
    for (size_t i = 0; status == QST_OK && i < n; i++) {
        for (int sign = -1; sign <= 1; sign += 2) {
            for (size_t j = 0; j < s->d; j++)
                buffer[j] = values_of(s, i)[j].value + sign * vector[j];
            put(s, s->n++, buffer);
        }
    }
    if (status == QST_OK)
        make_distinct(s);
    return status;
}

/* The sign of the first key that is not 0. */
static int sign_of(const set *s, size_t i)
{
    for (size_t j = 0; j < s->d; j++)
        if (keys_of(s, i)[j].key != 0)
            return keys_of(s, i)[j].key > 0 ? 1 : -1;
    return 0;
}

static qst_status take_positive(const set *s, size_t n, qsti_frequencies *out)
{
    double *rows = NULL;
    size_t at = 0;
    qst_status status = qsti_alloc(s->ctx, n, s->d * sizeof *rows, (void **)&rows);
    if (status != QST_OK)
        return status;
    for (size_t i = 0; i < s->n && at < n; i++) {
        if (sign_of(s, i) > 0) {
            for (size_t j = 0; j < s->d; j++)
                rows[at * s->d + j] = values_of(s, i)[j].value;
            at++;
        }
    }
    *out = (qsti_frequencies){rows, at, s->d};
    return QST_OK;
}

qst_status qsti_frequencies_sums(qst_ctx *ctx, const qsti_signed_sums *sums, size_t limit, size_t *out_n,
                                 qsti_frequencies *out)
{
    qst_status status = QST_OK;
    set s = {.ctx = ctx, .d = sums->n_features, .unit = unit_of(sums)};
    double *buffer = NULL;
    QSTI_TRY(QSTI_NEW(ctx, s.d, &buffer));
    QSTI_TRY(reserve(&s, 1));
    put(&s, s.n++, buffer);
    for (size_t r = 0; r < sums->n_vectors && s.n / 2 <= limit; r++)
        QSTI_TRY(join(&s, sums->vectors + r * s.d, buffer));
    if (s.n / 2 <= limit)
        QSTI_TRY(take_positive(&s, s.n / 2, out));
    *out_n = s.n / 2;
done:
    qsti_free(ctx, s.entries);
    qsti_free(ctx, buffer);
    return status;
}

/* --- draws -------------------------------------------------------------------------------------------------------- */

static void draw_sum(const qsti_signed_sums *sums, qsti_rng *rng, double *out)
{
    memset(out, 0, sums->n_features * sizeof *out);
    for (size_t r = 0; r < sums->n_vectors; r++) {
        uint64_t quarter = qsti_rng_below(rng, 4); /* 0: -1, 1: +1, else 0 */
        for (size_t j = 0; quarter < 2 && j < sums->n_features; j++)
            out[j] += (quarter == 0 ? -1 : 1) * sums->vectors[r * sums->n_features + j];
    }
}

static bool is_new(const set *s, size_t at)
{
    for (size_t i = 0; i < at; i++)
        if (are_equal(s, i, at))
            return false;
    return true;
}

/* Turns the frequency around when its sign is negative. */
static void put_positive(set *s, size_t at, double *values)
{
    put(s, at, values);
    if (sign_of(s, at) >= 0)
        return;
    for (size_t j = 0; j < s->d; j++)
        values[j] = -values[j];
    put(s, at, values);
}

qst_status qsti_frequencies_draw(qst_ctx *ctx, const qsti_signed_sums *sums, size_t n, uint64_t seed,
                                 qsti_frequencies *out)
{
    qst_status status = QST_OK;
    set s = {.ctx = ctx, .d = sums->n_features, .unit = unit_of(sums)};
    double *buffer = NULL;
    qsti_rng rng = qsti_rng_init(seed, QSTI_PURPOSE_FREQUENCY, 0, 0);
    QSTI_TRY(QSTI_NEW(ctx, s.d, &buffer));
    QSTI_TRY(reserve(&s, n + 1));
    for (size_t draw = 0; draw / DRAWS_A_PAIR < n && s.n < n; draw++) {
        draw_sum(sums, &rng, buffer);
        put_positive(&s, s.n, buffer);
        if (sign_of(&s, s.n) != 0 && is_new(&s, s.n))
            s.n++;
    }
    QSTI_TRY(take_positive(&s, s.n, out));
done:
    qsti_free(ctx, s.entries);
    qsti_free(ctx, buffer);
    return status;
}

qst_status qsti_frequencies_gaussian(qst_ctx *ctx, size_t n_features, size_t n, double scale, uint64_t seed,
                                     qsti_frequencies *out)
{
    double *rows = NULL;
    qsti_rng rng = qsti_rng_init(seed, QSTI_PURPOSE_FREQUENCY, 1, 0);
    qst_status status = qsti_alloc(ctx, n, n_features * sizeof *rows, (void **)&rows);
    for (size_t i = 0; status == QST_OK && i < n * n_features; i++)
        rows[i] = scale * qsti_rng_normal(&rng);
    if (status == QST_OK)
        *out = (qsti_frequencies){rows, n, n_features};
    return status;
}
