/* match_observables.c: a student's values v seen through the best linear map, against the teacher's observables t: the
 * quantum form of hints [romero2015].
 *
 *   L(v) = min_A  1/B sum_i |[v_i 1] A - t_i|^2 + r |A|^2,     A = (M'M / B + r I)^-1 M't / B,  M = [v 1]
 *
 * The map is not trained step by step but always at its best for the batch (variable projection [golub1973]), so there
 * is nothing to save or to resume. At the minimum dL/dA = 0, so dL/dv_i = 2/B (M_i A - t_i) A' without the constant's
 * row. Batches must have many more rows than the map has, or it fits anything.
 */
#include <math.h>
#include <string.h>

#include "learn/match.h"

#define RIDGE 1e-6

size_t qsti_linear_map_work(size_t n_rows, size_t n_values, size_t n_targets)
{
    size_t q = n_values + 1;
    return q * q + q * n_targets + n_rows * n_targets;
}

/* a (q, q) becomes its Cholesky factor, lower. Positive by the ridge. */
static void factorise(double *a, size_t q)
{
    for (size_t j = 0; j < q; j++) {
        for (size_t i = j; i < q; i++) {
            double sum = a[i * q + j];
            for (size_t k = 0; k < j; k++)
                sum -= a[i * q + k] * a[j * q + k];
            a[i * q + j] = i == j ? sqrt(sum) : sum / a[j * q + j];
        }
    }
}

/* Solves (L L') X = B in place, B (q, n). */
static void solve(const double *factor, size_t q, double *b, size_t n)
{
    for (size_t c = 0; c < n; c++) {
        for (size_t i = 0; i < q; i++) {
            for (size_t k = 0; k < i; k++)
                b[i * n + c] -= factor[i * q + k] * b[k * n + c];
            b[i * n + c] /= factor[i * q + i];
        }
        for (size_t i = q; i-- > 0;) {
            for (size_t k = i + 1; k < q; k++)
                b[i * n + c] -= factor[k * q + i] * b[k * n + c];
            b[i * n + c] /= factor[i * q + i];
        }
    }
}

/* Row i of M, column j. */
static double entry(qst_const_matrix values, size_t i, size_t j)
{
    return j < values.n_cols ? values.data[i * values.n_cols + j] : 1;
}

/* The map A (q, n_targets); gram has room for (q, q). */
static void fit(qst_const_matrix values, const double *targets, size_t n_targets, double *gram, double *map)
{
    size_t q = values.n_cols + 1;
    double per_row = 1 / (double)values.n_rows;
    memset(gram, 0, q * q * sizeof *gram);
    memset(map, 0, q * n_targets * sizeof *map);
    for (size_t i = 0; i < values.n_rows; i++) {
        for (size_t j = 0; j < q; j++) {
            double scaled = per_row * entry(values, i, j);
            for (size_t k = 0; k <= j; k++)
                gram[j * q + k] += scaled * entry(values, i, k);
            for (size_t t = 0; t < n_targets; t++)
                map[j * n_targets + t] += scaled * targets[i * n_targets + t];
        }
    }
    for (size_t j = 0; j < q; j++)
        gram[j * q + j] += RIDGE;
    factorise(gram, q);
    solve(gram, q, map, n_targets);
}

double qsti_linear_map_loss(qst_const_matrix values, const double *targets, size_t n_targets, double weight,
                            double *work, qst_matrix cotangents)
{
    size_t n = values.n_cols, q = n + 1;
    double *gram = work, *map = gram + q * q, *residual = map + q * n_targets, loss = 0;
    double per_row = 1 / (double)values.n_rows;
    fit(values, targets, n_targets, gram, map);
    for (size_t i = 0; i < q * n_targets; i++)
        loss += RIDGE * map[i] * map[i];
    for (size_t i = 0; i < values.n_rows; i++) {
        double *r = residual + i * n_targets;
        for (size_t t = 0; t < n_targets; t++) {
            r[t] = -targets[i * n_targets + t];
            for (size_t j = 0; j < q; j++)
                r[t] += entry(values, i, j) * map[j * n_targets + t];
            loss += per_row * r[t] * r[t];
        }
        for (size_t j = 0; j < n; j++) {
            double sum = 0;
            for (size_t t = 0; t < n_targets; t++)
                sum += r[t] * map[j * n_targets + t];
            cotangents.data[i * n + j] = weight * 2 * per_row * sum;
        }
    }
    return loss;
}
