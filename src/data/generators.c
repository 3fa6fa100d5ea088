/* generators.c: moons, circles and xor.
 *
 *   moons    class 0: (cos t, sin t), class 1: (1 - cos t, 1/2 - sin t), t evenly from 0 to pi, both ends included
 *   circles  class 0: (cos t, sin t), class 1: 0.8 (cos t, sin t),       t evenly from 0 to 2 pi, 2 pi not included
 *   xor      uniform on the square [-1, 1]^2, each quadrant in turn, class 1 where x y < 0
 *
 * plus Gaussian noise on both features, added after the class is settled; of an odd number class 1 has one more. The
 * first two are scikit-learn's make_moons and make_circles (their positions before noise are the same). Rows are
 * shuffled. Random numbers: stream (seed, GENERATOR, 0, row) for row's position and noise, (seed, GENERATOR, 1, 0) for
 * the order. */
#include "data/generators.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "base/rng.h"

#define PI             3.14159265358979323846
#define CIRCLE_FACTOR  0.8
#define DEFAULT_N_ROWS 500
#define MIN_N_ROWS     4
#define MAX_N_ROWS     100000000

/* Point `i` of `n` of a class. */
typedef void point_fn(int64_t label, size_t i, size_t n, qsti_rng *rng, double x[2]);

static void point_moons(int64_t label, size_t i, size_t n, qsti_rng *rng, double x[2])
{
    (void)rng;
    double t = n > 1 ? PI * (double)i / (double)(n - 1) : 0;
    x[0] = label ? 1 - cos(t) : cos(t);
    x[1] = label ? 0.5 - sin(t) : sin(t);
}

static void point_circles(int64_t label, size_t i, size_t n, qsti_rng *rng, double x[2])
{
    (void)rng;
    double t = 2 * PI * (double)i / (double)n, radius = label ? CIRCLE_FACTOR : 1;
    x[0] = radius * cos(t);
    x[1] = radius * sin(t);
}

static void point_xor(int64_t label, size_t i, size_t n, qsti_rng *rng, double x[2])
{
    (void)n;
    double side = i % 2 ? -1 : 1;
    x[0] = side * (1 - qsti_rng_uniform(rng));
    x[1] = side * (label ? -1 : 1) * (1 - qsti_rng_uniform(rng));
}

typedef struct generator {
    const char *name;
    double noise;
    point_fn *point;
} generator;

static const generator generators[] = {
#define QSTI_GENERATOR(name, noise, about) {#name, noise, point_##name},
#include "data/generators.def"
#undef QSTI_GENERATOR
};

static const generator *find(const char *name)
{
    for (size_t g = 0; g < sizeof generators / sizeof generators[0]; g++) {
        if (strcmp(generators[g].name, name) == 0) {
            return &generators[g];
        }
    }
    return NULL;
}

bool qsti_generator_is_known(const char *name)
{
    return find(name) != NULL;
}

static qst_status allocate(qst_ctx *ctx, qst_table *table)
{
    qst_status status = QST_OK;
    QSTI_TRY(QSTI_NEW(ctx, table->n_rows * 2, &table->features));
    QSTI_TRY(QSTI_NEW(ctx, table->n_rows, &table->labels));
    QSTI_TRY(QSTI_NEW(ctx, 2, &table->class_names));
    table->n_classes = 2;
    QSTI_TRY(qsti_strdup(ctx, "0", &table->class_names[0]));
    QSTI_TRY(qsti_strdup(ctx, "1", &table->class_names[1]));
done:
    return status;
}

qst_status qsti_generator_load(qst_ctx *ctx, const qst_table_opts *opts, qst_table *table)
{
    qst_status status = QST_OK;
    const generator *made = find(opts->source);
    size_t n = opts->samples ? opts->samples : DEFAULT_N_ROWS, n_first = n / 2, *order = NULL;
    double noise = opts->noise < 0 ? made->noise : opts->noise;
    if (n < MIN_N_ROWS || n > MAX_N_ROWS) {
        return qsti_fail(ctx, QST_ERR_USAGE, "samples: %zu is not in %d..%d", n, MIN_N_ROWS, MAX_N_ROWS);
    }
    if (!isfinite(noise)) {
        return qsti_fail(ctx, QST_ERR_USAGE, "noise: a finite number is needed");
    }
    table->n_rows = n;
    table->n_features = 2;
    QSTI_TRY(allocate(ctx, table));
    QSTI_TRY(QSTI_NEW(ctx, n, &order));
    for (size_t row = 0; row < n; row++) {
        order[row] = row;
    }
    qsti_rng rng = qsti_rng_init(opts->seed, QSTI_PURPOSE_GENERATOR, 1, 0);
    qsti_rng_shuffle(&rng, order, n);
    for (size_t row = 0; row < n; row++) {
        size_t place = order[row], i = place < n_first ? place : place - n_first;
        int64_t label = place >= n_first;
        double *x = table->features + 2 * row;
        rng = qsti_rng_init(opts->seed, QSTI_PURPOSE_GENERATOR, 0, (uint32_t)row);
        made->point(label, i, label ? n - n_first : n_first, &rng, x);
        x[0] += noise * qsti_rng_normal(&rng);
        x[1] += noise * qsti_rng_normal(&rng);
        table->labels[row] = label;
    }
done:
    qsti_free(ctx, order);
    return status;
}
