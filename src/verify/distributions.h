/* distributions.h: the distributions behind the intervals and tests: beta, binomial. t and normal are in statistics.h.
 */
#ifndef QSTI_VERIFY_DISTRIBUTIONS_H
#define QSTI_VERIFY_DISTRIBUTIONS_H

#include <stddef.h>

/* Regularised incomplete beta I_x(a, b), a and b > 0. y = 1 - x is given apart, so that neither tail loses digits.
 * Cost: O(sqrt(max(a, b))) terms. */
double qsti_beta_cdf(double x, double y, double a, double b);

/* The x with I_x(a, b) = p, p in (0, 1). */
double qsti_beta_quantile(double p, double a, double b);

/* P(X = k) of k successes in n trials with probability p each; k <= n, p in [0, 1]. */
double qsti_binomial_pmf(size_t k, size_t n, double p);

#endif
