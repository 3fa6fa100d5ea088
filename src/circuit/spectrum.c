/* spectrum.c: see spectrum.h. Gates are taken as the rotations of steps.h; a controlled phase is one exponential of a
 * projector and counts as one, not as its three rotations. */
#include "circuit/spectrum.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "circuit/steps.h"

/* A scale is a multiple of the unit within this. */
#define MULTIPLE_TOLERANCE 1e-12
/* The unit is the smallest scale divided by at most this. */
#define MAX_DIVISOR 8

/* --- one angle ---------------------------------------------------------------------------------------------------- */

static bool is_feature(qst_variable variable)
{
    return variable < 0;
}

bool qsti_circuit_has_products(const qst_circuit *circuit)
{
    for (size_t i = 0; i < circuit->n_terms; i++)
        if (is_feature(circuit->terms[i].a) && is_feature(circuit->terms[i].b))
            return true;
    return false;
}

/* v += factor * d(angle)/dx. */
static qst_status add_angle(const qst_circuit *circuit, const qsti_operation *operation, int angle, double factor,
                            const double *weights, double *v)
{
    qsti_span span = operation->angle[angle];
    for (size_t i = 0; i < span.count; i++) {
        qst_term term = circuit->terms[span.first + i];
        if (is_feature(term.a) && is_feature(term.b)) {
            return qsti_fail(circuit->ctx, QST_ERR_USAGE,
                             "a Fourier surrogate takes features one by one: gate %s has an angle with the product of "
                             "features %d and %d",
                             qst_gate_describe((qst_gate)operation->gate)->name, -term.a - 1, -term.b - 1);
        }
        if (!is_feature(term.a) && !is_feature(term.b))
            continue;
        qst_variable feature = is_feature(term.a) ? term.a : term.b, other = is_feature(term.a) ? term.b : term.a;
        double scale = other == QST_ONE ? 1 : weights[other - 1];
        v[-feature - 1] += factor * term.coefficient * scale;
    }
    return QST_OK;
}

static bool is_zero(const double *v, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (v[i] != 0)
            return false;
    return true;
}

/* --- all rotations ------------------------------------------------------------------------------------------------ */

/* Adds the vectors of one operation; out NULL: counts room for them alone. */
static qst_status add_operation(const qst_circuit *circuit, const qsti_operation *operation, const double *weights,
                                double *out, size_t *n)
{
    size_t n_steps, d = circuit->n_features;
    int n_angles = qst_gate_describe((qst_gate)operation->gate)->n_angles;
    const qsti_step *steps = qsti_gate_steps((qst_gate)operation->gate, &n_steps);
    bool is_projector = operation->gate == QST_GATE_cp || operation->gate == QST_GATE_cu1;
    for (size_t s = 0; s < (is_projector ? 1 : n_steps); s++) {
        if (!is_projector && steps[s].kind != QSTI_STEP_ROTATION)
            continue;
        if (out != NULL) {
            double *v = out + *n * d;
            memset(v, 0, d * sizeof *v);
            for (int a = 0; a < n_angles; a++) {
                double factor = is_projector ? 1 : steps[s].coefficient[a];
                qst_status status = factor != 0 ? add_angle(circuit, operation, a, factor, weights, v) : QST_OK;
                if (status != QST_OK)
                    return status;
            }
            if (is_zero(v, d))
                continue;
        }
        ++*n;
    }
    return QST_OK;
}

/* --- the lattice -------------------------------------------------------------------------------------------------- */

static bool is_multiple(double value, double unit)
{
    double ratio = value / unit;
    return fabs(ratio - round(ratio)) <= MULTIPLE_TOLERANCE * fabs(ratio);
}

/* The unit of one feature and its N; false when there is no unit. */
static bool find_unit(const qsti_spectrum *spectrum, size_t feature, double *out_unit, size_t *out_count)
{
    double smallest = INFINITY, sum = 0;
    for (size_t r = 0; r < spectrum->n_rotations; r++) {
        double scale = fabs(spectrum->vectors[r * spectrum->n_features + feature]);
        smallest = scale > 0 && scale < smallest ? scale : smallest;
        sum += scale;
    }
    *out_unit = 1;
    *out_count = 0;
    if (sum == 0)
        return true;
    for (int divisor = 1; divisor <= MAX_DIVISOR; divisor++) {
        double unit = smallest / divisor;
        bool fits = true;
        for (size_t r = 0; fits && r < spectrum->n_rotations; r++)
            fits = is_multiple(spectrum->vectors[r * spectrum->n_features + feature], unit);
        if (fits && sum / unit < 1e9) {
            *out_unit = unit;
            *out_count = (size_t)llround(sum / unit);
            return true;
        }
    }
    return false;
}

size_t qsti_spectrum_grid(const qsti_spectrum *spectrum)
{
    size_t n = 1;
    for (size_t j = 0; j < spectrum->n_features; j++)
        if (!qsti_mul(n, 2 * spectrum->counts[j] + 1, &n))
            return SIZE_MAX;
    return n;
}

/* --- the whole ---------------------------------------------------------------------------------------------------- */

qst_status qsti_spectrum_create(qst_ctx *ctx, const qst_circuit *circuit, const double *weights, qsti_spectrum *out)
{
    qst_status status = QST_OK;
    qsti_spectrum spectrum = {.n_features = circuit->n_features};
    size_t n_room = 0;
    if (circuit->preparation != QST_PREPARE_ZERO)
        return qsti_fail(ctx, QST_ERR_USAGE,
                         "a Fourier surrogate needs features as angles of rotations: %s encoding prepares the state",
                         circuit->preparation == QST_PREPARE_AMPLITUDE ? "amplitude" : "basis");
    for (size_t o = 0; o < circuit->n_operations; o++)
        QSTI_TRY(add_operation(circuit, &circuit->operations[o], weights, NULL, &n_room));
    QSTI_TRY(qsti_alloc(ctx, n_room, circuit->n_features * sizeof(double), (void **)&spectrum.vectors));
    QSTI_TRY(QSTI_NEW(ctx, circuit->n_features, &spectrum.units));
    QSTI_TRY(QSTI_NEW(ctx, circuit->n_features, &spectrum.counts));
    for (size_t o = 0; o < circuit->n_operations; o++)
        QSTI_TRY(add_operation(circuit, &circuit->operations[o], weights, spectrum.vectors, &spectrum.n_rotations));
    spectrum.is_lattice = true;
    for (size_t j = 0; j < circuit->n_features; j++)
        spectrum.is_lattice &= find_unit(&spectrum, j, &spectrum.units[j], &spectrum.counts[j]);
    *out = spectrum;
    return QST_OK;
done:
    qsti_spectrum_clear(ctx, &spectrum);
    return status;
}

void qsti_spectrum_clear(qst_ctx *ctx, qsti_spectrum *spectrum)
{
    qsti_free(ctx, spectrum->vectors);
    qsti_free(ctx, spectrum->units);
    qsti_free(ctx, spectrum->counts);
    *spectrum = (qsti_spectrum){0};
}
