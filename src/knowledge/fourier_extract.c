/* fourier_extract.c: see fourier_extract.h. */
#include "knowledge/fourier_extract.h"

#include <math.h>
#include <string.h>

#include "base/rng.h"
#include "circuit/spectrum.h"

#define N_PROBES 1000
/* Random points for each unknown of a least-squares fit. */
#define POINTS_FOR_2_UNKNOWNS 3
/* Probes of a grid reach so many periods to each side. */
#define PERIODS 2

/* --- what it takes ------------------------------------------------------------------------------------------------ */

static qst_status check_teacher(qst_ctx *ctx, const qst_model *teacher)
{
    if (strcmp(teacher->type->kind, "circuit") == 0)
        return QST_OK;
    return qsti_fail(ctx, QST_ERR_USAGE,
                     "a Fourier surrogate is that of a circuit: the teacher is of kind %s; random_fourier takes any",
                     teacher->type->kind);
}

bool qsti_fourier_has_spectrum(const qst_model *model)
{
    if (strcmp(model->type->kind, "circuit") != 0)
        return false;
    const qst_circuit *circuit = qst_model_circuit(model);
    return circuit->preparation == QST_PREPARE_ZERO && !qsti_circuit_has_products(circuit);
}

/* "13 x 13 x 13" */
static void add_sides(qsti_text *text, const qsti_spectrum *spectrum)
{
    for (size_t j = 0; j < spectrum->n_features; j++)
        qsti_text_add(text, "%s%zu", j ? " x " : "", 2 * spectrum->counts[j] + 1);
}

/* The number of points, said at `level`; refused above the limits. */
static qst_status count_points(qst_ctx *ctx, const qsti_spectrum *spectrum, qst_log_level level, size_t *out_points)
{
    qst_status status = QST_OK;
    qsti_text sides;
    qsti_frequencies frequencies = {0};
    size_t n = 0;
    qsti_text_init(&sides, ctx);
    if (spectrum->is_lattice) {
        n = qsti_spectrum_grid(spectrum);
        add_sides(&sides, spectrum);
        QSTI_TRY(sides.status);
        if (n > QSTI_FOURIER_MAX_POINTS) {
            QSTI_TRY(qsti_fail(ctx, QST_ERR_LIMIT,
                               "fourier: a grid of %.120s = %zu points is above %zu: fewer features or encodings, or "
                               "random_fourier",
                               sides.bytes, n, QSTI_FOURIER_MAX_POINTS));
        }
        qsti_log(ctx, level, "fourier: the teacher is asked at %zu points, a grid of %.200s", n, sides.bytes);
    } else {
        const qsti_signed_sums sums = {spectrum->vectors, spectrum->n_rotations, spectrum->n_features};
        QSTI_TRY(qsti_frequencies_sums(ctx, &sums, QSTI_FOURIER_MAX_SUMS, &n, &frequencies));
        if (n > QSTI_FOURIER_MAX_SUMS) {
            QSTI_TRY(qsti_fail(ctx, QST_ERR_LIMIT,
                               "fourier: with trained scales the circuit has more than %zu pairs of frequencies: fewer "
                               "features or encodings, or random_fourier",
                               QSTI_FOURIER_MAX_SUMS));
        }
        n = (2 * n + 1) * POINTS_FOR_2_UNKNOWNS / 2 + 1;
        qsti_log(ctx, level,
                 "fourier: trained scales: the teacher is asked at %zu random points for %zu pairs "
                 "of frequencies",
                 n, frequencies.n);
    }
    *out_points = n;
done:
    qsti_frequencies_clear(ctx, &frequencies);
    qsti_text_clear(&sides);
    return status;
}

qst_status qsti_fourier_is_cheap(qst_ctx *ctx, const qst_model *teacher, size_t limit, bool *out)
{
    qst_status status = QST_OK;
    qsti_spectrum spectrum = {0};
    qsti_frequencies frequencies = {0};
    size_t n = 0;
    QSTI_TRY(qsti_spectrum_create(ctx, qst_model_circuit(teacher), teacher->weights, &spectrum));
    const qsti_signed_sums sums = {spectrum.vectors, spectrum.n_rotations, spectrum.n_features};
    if (spectrum.is_lattice) {
        n = qsti_spectrum_grid(&spectrum);
        *out = n <= limit;
    } else {
        size_t most = limit / POINTS_FOR_2_UNKNOWNS;
        most = most < QSTI_FOURIER_MAX_SUMS ? most : QSTI_FOURIER_MAX_SUMS;
        QSTI_TRY(qsti_frequencies_sums(ctx, &sums, most, &n, &frequencies));
        *out = n <= most;
    }
done:
    qsti_frequencies_clear(ctx, &frequencies);
    qsti_spectrum_clear(ctx, &spectrum);
    return status;
}

/* Weights in general position: scales that training may move are not multiples of each other. */
qst_status qsti_fourier_foresee(qst_ctx *ctx, const qst_model *teacher)
{
    qst_status status = QST_OK;
    qsti_spectrum spectrum = {0};
    double *weights = NULL;
    size_t n_points = 0;
    QSTI_TRY(check_teacher(ctx, teacher));
    const qst_circuit *circuit = qst_model_circuit(teacher);
    QSTI_TRY(QSTI_NEW(ctx, circuit->n_weights, &weights));
    for (size_t i = 0; i < circuit->n_weights; i++)
        weights[i] = 1 + 0.1 * fmod(0.6180339887498949 * (double)(i + 1), 1);
    QSTI_TRY(qsti_spectrum_create(ctx, circuit, weights, &spectrum));
    QSTI_TRY(count_points(ctx, &spectrum, QST_LOG_INFO, &n_points));
done:
    qsti_spectrum_clear(ctx, &spectrum);
    qsti_free(ctx, weights);
    return status;
}

/* --- points ------------------------------------------------------------------------------------------------------- */

/* lo and hi (d) of the training rows. */
static void training_box(const qst_dataset *dataset, double *lo, double *hi)
{
    bool first = true;
    for (size_t i = 0; i < dataset->n_rows; i++) {
        if (dataset->splits[i] != QST_TRAIN)
            continue;
        for (size_t j = 0; j < dataset->n_features; j++) {
            double value = dataset->features[i * dataset->n_features + j];
            lo[j] = first || value < lo[j] ? value : lo[j];
            hi[j] = first || value > hi[j] ? value : hi[j];
        }
        first = false;
    }
}

static void draw_points(uint64_t seed, uint32_t stream, const double *lo, const double *hi, size_t d, size_t n,
                        double *out)
{
    qsti_rng rng = qsti_rng_init(seed, QSTI_PURPOSE_PROBE_POINT, stream, 0);
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < d; j++)
            out[i * d + j] = lo[j] + (hi[j] - lo[j]) * qsti_rng_uniform(&rng);
}

/* A grid is periodic: its probes lie far outside of the first period too. */
static void grid_box(const qsti_fourier_knowledge *fourier, double *lo, double *hi)
{
    for (size_t j = 0; j < fourier->n_features; j++) {
        hi[j] = PERIODS * 2 * M_PI / fourier->units[j];
        lo[j] = -hi[j];
    }
}

static qst_status ask_points(qst_ctx *ctx, qst_model *teacher, const qst_dataset *dataset, qsti_fourier_knowledge *f)
{
    qst_status status = QST_OK;
    size_t d = f->n_features, c = f->n_scores;
    double *lo = NULL, *hi = NULL, *points = NULL;
    size_t *counts = NULL;
    QSTI_TRY(QSTI_NEW(ctx, d, &lo));
    QSTI_TRY(QSTI_NEW(ctx, d, &hi));
    QSTI_TRY(QSTI_NEW(ctx, d, &counts));
    QSTI_TRY(qsti_alloc(ctx, f->n_points, d * sizeof *points, (void **)&points));
    QSTI_TRY(qsti_alloc(ctx, f->n_points, c * sizeof(double), (void **)&f->scores));
    f->n_probes = N_PROBES;
    QSTI_TRY(QSTI_NEW(ctx, f->n_probes * d, &f->probes));
    QSTI_TRY(QSTI_NEW(ctx, f->n_probes * c, &f->probe_scores));
    if (f->is_grid) {
        for (size_t j = 0; j < d; j++)
            counts[j] = (size_t)f->counts[j];
        qsti_fourier_grid(f->units, counts, d, f->n_points, points);
        grid_box(f, lo, hi);
    } else {
        training_box(dataset, lo, hi);
        draw_points(dataset->seed, 0, lo, hi, d, f->n_points, points);
    }
    draw_points(dataset->seed, 1, lo, hi, d, f->n_probes, f->probes);
    QSTI_TRY(
        qst_model_scores(teacher, (qst_const_matrix){points, f->n_points, d}, (qst_matrix){f->scores, f->n_points, c}));
    QSTI_TRY(qst_model_scores(teacher, (qst_const_matrix){f->probes, f->n_probes, d},
                              (qst_matrix){f->probe_scores, f->n_probes, c}));
    if (!f->is_grid) {
        f->points = points;
        points = NULL;
    }
done:
    qsti_free(ctx, lo);
    qsti_free(ctx, hi);
    qsti_free(ctx, counts);
    qsti_free(ctx, points);
    return status;
}

/* By the temperature of a calibrated knowledge; 0: it is not calibrated. */
static void divide(double *scores, size_t n, double temperature)
{
    for (size_t i = 0; i < n && temperature > 0; i++)
        scores[i] /= temperature;
}

/* --- the whole ---------------------------------------------------------------------------------------------------- */

static qst_status take_spectrum(qst_ctx *ctx, const qsti_spectrum *spectrum, qsti_fourier_knowledge *f)
{
    qst_status status = QST_OK;
    size_t d = spectrum->n_features;
    f->is_grid = spectrum->is_lattice;
    f->n_features = d;
    f->n_vectors = spectrum->n_rotations;
    QSTI_TRY(QSTI_NEW(ctx, f->n_vectors * d, &f->vectors));
    memcpy(f->vectors, spectrum->vectors, f->n_vectors * d * sizeof *f->vectors);
    if (!f->is_grid)
        goto done;
    QSTI_TRY(QSTI_NEW(ctx, d, &f->units));
    QSTI_TRY(QSTI_NEW(ctx, d, &f->counts));
    memcpy(f->units, spectrum->units, d * sizeof *f->units);
    for (size_t j = 0; j < d; j++)
        f->counts[j] = (int64_t)spectrum->counts[j];
done:
    return status;
}

qst_status qsti_knowledge_add_fourier(qst_knowledge *knowledge, qst_model *teacher, const qst_dataset *dataset,
                                      bool points)
{
    qst_status status = QST_OK;
    qst_ctx *ctx = knowledge->ctx;
    qsti_spectrum spectrum = {0};
    qsti_fourier_knowledge fourier = {.given = true, .n_scores = teacher->n_scores};
    QSTI_TRY(qst_knowledge_check_teacher(knowledge, teacher));
    QSTI_TRY(check_teacher(ctx, teacher));
    bool affine = teacher->score_kind == QST_SCORE_logit || teacher->score_kind == QST_SCORE_expectation;
    if (points && knowledge->calibration > 0 && !affine)
        QSTI_TRY(qsti_fail(ctx, QST_ERR_USAGE,
                           "fourier: calibrated probabilities have another spectrum than the circuit's: leave "
                           "teacher.calibrate out"));
    QSTI_TRY(qsti_spectrum_create(ctx, qst_model_circuit(teacher), teacher->weights, &spectrum));
    QSTI_TRY(take_spectrum(ctx, &spectrum, &fourier));
    if (points) {
        QSTI_TRY(count_points(ctx, &spectrum, QST_LOG_DEBUG, &fourier.n_points));
        QSTI_TRY(ask_points(ctx, teacher, dataset, &fourier));
        divide(fourier.scores, fourier.n_points * fourier.n_scores, knowledge->calibration);
        divide(fourier.probe_scores, fourier.n_probes * fourier.n_scores, knowledge->calibration);
    }
    qsti_fourier_knowledge_clear(ctx, &knowledge->fourier);
    knowledge->fourier = fourier;
    fourier = (qsti_fourier_knowledge){0};
done:
    qsti_fourier_knowledge_clear(ctx, &fourier);
    qsti_spectrum_clear(ctx, &spectrum);
    return status;
}
