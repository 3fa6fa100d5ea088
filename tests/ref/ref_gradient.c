/* ref_gradient.c: gradients by differences, of any function and of the reference simulator's values.
 *
 *   f'(t) = (8 (f(t+h) - f(t-h)) - (f(t+2h) - f(t-2h))) / (12 h) + O(h^4 f^(5) / 30)
 *
 * With h = 1e-3 rounding (1e-16/h) and truncation (h^4/30) are both about 1e-13 for functions of unit scale. */
#include <stdlib.h>

#include "ref.h"

#define STEP 1e-3

void ref_gradient(ref_function *function, void *user, double *point, size_t n, double *out)
{
    for (size_t i = 0; i < n; i++) {
        double middle = point[i], value[4];
        static const double offsets[4] = {-2, -1, 1, 2};
        for (size_t k = 0; k < 4; k++) {
            point[i] = middle + offsets[k] * STEP;
            value[k] = function(user, point);
        }
        point[i] = middle;
        out[i] = (8 * (value[2] - value[1]) - (value[3] - value[0])) / (12 * STEP);
    }
}

/* One sample's part of the sum; `varied` says which of weights and x the point stands for. */
typedef struct sample {
    const ref_circuit *circuit;
    const ref_readout *readout;
    const double *weights, *x, *cotangent;
    ref_complex *state;
    double *values;
    bool vary_weights;
} sample;

static double weighted_sum(void *user, const double *point)
{
    const sample *s = user;
    double sum = 0;

    ref_circuit_state(s->circuit, s->vary_weights ? point : s->weights, s->vary_weights ? s->x : point, s->state);
    ref_readout_values(s->readout, s->state, s->values);
    for (size_t k = 0; k < s->readout->n_outputs; k++)
        sum += s->cotangent[k] * s->values[k];
    return sum;
}

static double *copy(const double *from, size_t n)
{
    double *to = malloc((n + 1) * sizeof *to);
    if (!to)
        abort();
    for (size_t i = 0; i < n; i++)
        to[i] = from[i];
    return to;
}

void ref_vjp(const qst_circuit *circuit, const qst_readout *readout, const double *weights, qst_const_matrix x,
             qst_const_matrix cotangent, double *out_weights, double *out_x)
{
    ref_circuit *description = ref_describe(circuit);
    ref_readout *outputs = ref_describe_readout(readout);
    size_t n_weights = description->n_weights;
    sample s = {.circuit = description, .readout = outputs, .weights = weights};
    double *point = copy(weights, n_weights), *part = copy(weights, n_weights);

    s.state = malloc(((size_t)1 << description->n_qubits) * sizeof *s.state);
    s.values = malloc(outputs->n_outputs * sizeof *s.values);
    if (!s.state || !s.values)
        abort();
    for (size_t i = 0; out_weights && i < n_weights; i++)
        out_weights[i] = 0;
    for (size_t b = 0; b < x.n_rows; b++) {
        s.x = x.n_cols ? x.data + b * x.n_cols : NULL;
        s.cotangent = cotangent.data + b * cotangent.n_cols;
        if (out_weights) {
            s.vary_weights = true;
            ref_gradient(weighted_sum, &s, point, n_weights, part);
            for (size_t i = 0; i < n_weights; i++)
                out_weights[i] += part[i];
        }
        if (out_x && x.n_cols) {
            double *row = copy(s.x, x.n_cols);
            s.vary_weights = false;
            ref_gradient(weighted_sum, &s, row, x.n_cols, out_x + b * x.n_cols);
            free(row);
        }
    }
    free(part);
    free(point);
    free(s.state);
    free(s.values);
    ref_circuit_free(description);
    ref_readout_free(outputs);
}
