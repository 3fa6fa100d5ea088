/* shots.h: outcomes drawn from a distribution. */
#ifndef QSTI_MEASURE_SHOTS_H
#define QSTI_MEASURE_SHOTS_H

#include <stddef.h>
#include <stdint.h>

/* The seed of one portion of work: of (seed, a, b). */
uint64_t qsti_shots_key(uint64_t seed, uint32_t a, uint32_t b);

/* Room that drawing needs: sums (n) and a guide (n). */
typedef struct qsti_shots_room {
    double *sums;
    uint32_t *guide;
} qsti_shots_room;

/* counts (n) += how often each of n outcomes, whose probabilities need not add up to 1 but to more than 0, is drawn in
 * n_shots; a pure function of (probabilities, key, circuit, row). Cost O(n + n_shots). */
void qsti_shots_draw(const double *probabilities, size_t n, uint64_t n_shots, uint64_t key, uint32_t circuit,
                     uint64_t row, qsti_shots_room room, double *counts);

#endif
