/* similarity_fidelity.c: samples whose states are alike in the teacher's circuit are to be alike in the student's.
 *                                                                              [tung2019] with the kernel of [liu2025]
 *   F_ij = |<psi_i|psi_j>|^2, G = F with rows divided by their norm, L = |G_T - G_S|^2 / N^2
 *
 * The circuits may have different numbers of qubits. With s_ij = <psi_i|psi_j>, D = dL/dF and W = D + D^T:
 *   dL = sum_i Re <mu_i|dpsi_i>,   mu_i = sum_j 2 W_ij conj(s_ij) psi_j
 *
 * States are rows of Re and Im by turns; the gradient is Re mu and Im mu by turns. No phase of a state changes L.
 */
#include "learn/losses/losses.h"

/* fidelity, re, im (n, n): of all pairs; re and im of s_ij may be NULL. */
static void overlaps(const double *states, size_t n, size_t n_cols, double *fidelity, double *re, double *im)
{
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < n; j++) {
            const double *a = states + i * n_cols, *b = states + j * n_cols;
            double real = 0, imaginary = 0;
            for (size_t k = 0; k < n_cols; k += 2) {
                real += a[k] * b[k] + a[k + 1] * b[k + 1];
                imaginary += a[k] * b[k + 1] - a[k + 1] * b[k];
            }
            fidelity[i * n + j] = real * real + imaginary * imaginary;
            if (re != NULL) {
                re[i * n + j] = real;
                im[i * n + j] = imaginary;
            }
        }
    }
}

static void pass_back(const qsti_loss_batch *batch, const double *slope, const double *re, const double *im)
{
    size_t n = batch->n_rows, n_cols = batch->n_cols;
    for (size_t i = 0; i < n; i++) {
        double *mu = batch->gradient + i * n_cols;
        for (size_t j = 0; j < n; j++) {
            const double *psi = batch->student + j * n_cols;
            double both = 2 * (slope[i * n + j] + slope[j * n + i]);
            double real = both * re[i * n + j], imaginary = -both * im[i * n + j];
            for (size_t k = 0; k < n_cols; k += 2) {
                mu[k] += real * psi[k] - imaginary * psi[k + 1];
                mu[k + 1] += real * psi[k + 1] + imaginary * psi[k];
            }
        }
    }
}

void qsti_loss_similarity_fidelity(const qsti_loss_batch *batch, qsti_loss_result *out)
{
    size_t n = batch->n_rows;
    double *s = batch->work, *t = s + n * n, *slope = t + n * n, *re = slope + n * n, *im = re + n * n;
    *out = (qsti_loss_result){0};
    overlaps(batch->student, n, batch->n_cols, s, re, im);
    overlaps(batch->teacher, n, batch->n_teacher_cols, t, NULL, NULL);
    out->value = out->unscaled = qsti_loss_similarity(s, t, n, batch->weight, slope, &out->n_skipped);
    if (batch->gradient != NULL)
        pass_back(batch, slope, re, im);
}
