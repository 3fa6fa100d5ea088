/* model_logistic.h: logistic regression as scikit-learn's default: L2 with C = 1, L-BFGS. */
#ifndef QSTI_LEARN_MODEL_LOGISTIC_H
#define QSTI_LEARN_MODEL_LOGISTIC_H

#include "learn/model.h"

/* Fits a `logistic` model in place on rows x (N, d) with labels 0..C-1, features standardised inside (and folded into
 * the weights, so that the model takes x as it is): minimise 1/2 |W|^2 + c_inverse_strength * sum_i CE(W x_i + b, y_i),
 * b free with one row of W for two classes, C rows for more. Errors: ERR_INPUT when a class has no row or a
 * label is no class; ERR_DIVERGED.
 */
qst_status qsti_logistic_fit(qst_model *model, qst_const_matrix x, const int64_t *labels, double c_inverse_strength);

#endif
