/* simplex.c: Euclidean projection on the simplex of probabilities, by taking entries away [michelot1986]; for outcomes
 * read with errors it is the most likely distribution under Gaussian noise [smolin2012].
 *
 *   p_i = max(value_i - t, 0), sum p = 1: with t = (sum over the active - 1) / (number of active), entries that would
 *   not be above 0 leave the active, until none does
 */
#include "measure/simplex.h"

void qsti_simplex_project(double *values, size_t n)
{
    double threshold = 0, sum = 0;
    size_t n_active = n, n_before = n + 1;
    for (size_t i = 0; i < n; i++)
        sum += values[i];
    threshold = (sum - 1) / (double)n;
    while (n_active < n_before) {
        n_before = n_active;
        n_active = 0;
        sum = 0;
        for (size_t i = 0; i < n; i++) {
            if (values[i] > threshold) {
                sum += values[i];
                n_active++;
            }
        }
        if (n_active > 0)
            threshold = (sum - 1) / (double)n_active;
    }
    for (size_t i = 0; i < n; i++)
        values[i] = values[i] > threshold ? values[i] - threshold : 0;
}
