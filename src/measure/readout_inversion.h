/* readout_inversion.h: errors of readout taken back. */
#ifndef QSTI_MEASURE_READOUT_INVERSION_H
#define QSTI_MEASURE_READOUT_INVERSION_H

#include "base/status.h"

/* The inverse of one bit's matrix m[2 * prepared + measured], in the same form: measured -> prepared stands at
 * [2 * measured + prepared]. Errors: ERR_UNSUPPORTED where what is read does not depend on the bit. `bit` is for the
 * message. */
qst_status qsti_readout_invert(qst_ctx *ctx, size_t bit, const double matrix[4], double out[4]);

/* out[b'] = sum_b of values[b] prod_k m_k[2 b_k + b'_k], in place, (2^n_bits); transposed: sums over b' of values[b'].
 * Cost O(n_bits 2^n_bits). */
void qsti_readout_tensor(const double (*matrices)[4], size_t n_bits, bool transposed, double *values);

#endif
