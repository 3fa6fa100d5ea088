/* shots.c: multinomial samples: each shot by its own uniform number, exactly, by a guided search in the cumulative
 * sums.
 *
 * Shot i's number u_i is the i-th of the stream (key, circuit, row). It falls on the first outcome j with
 * u_i S < S_j, S_j = p_0 + ... + p_j and S the sum of all. guide[g] is the first outcome with S_j > g S / n, where the
 * search for g <= u n < g + 1 begins: two steps in the mean [chen1974].
 */
#include "measure/shots.h"

#include "base/rng.h"

uint64_t qsti_shots_key(uint64_t seed, uint32_t a, uint32_t b)
{
    qsti_rng rng = qsti_rng_init(seed, QSTI_PURPOSE_MEASURE_KEY, a, b);
    return qsti_rng_u64(&rng);
}

/* Returns the last outcome with any probability: it takes what rounding leaves over. */
static size_t prepare(const double *probabilities, size_t n, qsti_shots_room room)
{
    size_t last = 0, g = 0;
    double sum = 0;
    for (size_t j = 0; j < n; j++) {
        double p = probabilities[j] > 0 ? probabilities[j] : 0;
        sum += p;
        last = p > 0 ? j : last;
        room.sums[j] = sum;
    }
    for (size_t j = 0; j < n; j++) {
        while (g < n && room.sums[j] > (double)g / (double)n * sum)
            room.guide[g++] = (uint32_t)j;
    }
    while (g < n)
        room.guide[g++] = (uint32_t)last;
    return last;
}

void qsti_shots_draw(const double *probabilities, size_t n, uint64_t n_shots, uint64_t key, uint32_t circuit,
                     uint64_t row, qsti_shots_room room, double *counts)
{
    size_t last = prepare(probabilities, n, room);
    if (row >> 32 != 0)
        key = qsti_shots_key(key, UINT32_MAX, (uint32_t)(row >> 32));
    qsti_rng rng = qsti_rng_init(key, QSTI_PURPOSE_MEASURE, circuit, (uint32_t)row);
    for (uint64_t shot = 0; shot < n_shots; shot++) {
        double u = qsti_rng_uniform(&rng), at = u * room.sums[n - 1];
        size_t j = room.guide[(size_t)(u * (double)n)];
        while (j > 0 && room.sums[j - 1] > at) /* where the guide's rounding was another */
            j--;
        while (j < last && room.sums[j] <= at)
            j++;
        counts[j] += 1;
    }
}
