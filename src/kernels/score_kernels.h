/* score_kernels.h: the arithmetic from a readout's values to a loss and back, one table per instruction set: a dense
 * layer and the losses of single samples.
 *
 * Lines are double[columns][lanes], lane = sample. Operations are vertical: what becomes of a sample does not depend on
 * the others, nor on the number of lanes. Instruction sets with fused multiply-add give the same bits.
 */
#ifndef QSTI_KERNELS_SCORE_KERNELS_H
#define QSTI_KERNELS_SCORE_KERNELS_H

#include <stddef.h>
#include <stdint.h>

/* A teacher's scores as temper() leaves them. */
typedef struct qsti_tempered {
    const double *t, *p;       /* (n, lanes) */
    const double *top, *shift; /* (lanes) */
} qsti_tempered;

typedef struct qsti_score_kernels {
    /* out = ln in, 2 units in the last place; positive normal numbers. out may be in. */
    void (*log)(const double *in, size_t n, double *out);

    /* Losses of samples, any number of lanes; weight (lanes) multiplies what is added to gradient (n, lanes), NULL: not
     * wanted. work: room for (n, lanes).
     *
     * value[lane] = -ln softmax(z)_label; 0 where labels[lane] is -1, whose weight must be 0. */
    void (*cross_entropy)(const double *z, size_t n, size_t lanes, const int64_t *labels, const double *weight,
                          double *work, double *value, double *gradient);
    /* What divergence needs of a teacher's scores t: p = softmax(t/T) (n, lanes), T ln p = t - top - shift. */
    void (*temper)(const double *t, size_t n, size_t lanes, double temperature, double *p, double *top, double *shift);
    /* kl = KL(softmax(t/T) || softmax(z/T)), scaled = T^2 kl; the gradient is that of scaled. */
    void (*divergence)(const double *z, const qsti_tempered *teacher, size_t n, size_t lanes, double temperature,
                       const double *weight, double *work, double *kl, double *scaled, double *gradient);
    /* value = sum_c (z_c - t_c)^2 */
    void (*squared_error)(const double *z, const double *t, size_t n, size_t lanes, const double *weight, double *value,
                          double *gradient);

    /* z = W m + b: out (n_out, lanes) from in (n_in, lanes); weights: W (n_out, n_in), b (n_out). lanes: a multiple of
     * 8. */
    void (*dense)(const double *weights, size_t n_in, size_t n_out, size_t lanes, const double *in, double *out);
    /* out_weights += dL/dweights summed over lanes, cotangent (n_out, lanes) = dL/dz; out_in (n_in, lanes) = dL/dm,
     * NULL: not wanted. */
    void (*dense_back)(const double *weights, size_t n_in, size_t n_out, size_t lanes, const double *in,
                       const double *cotangent, double *out_weights, double *out_in);
} qsti_score_kernels;

/* The table of the instruction set that qst_isa_name() names. */
const qsti_score_kernels *qsti_score_kernels_best(void);

#endif
