/* rng.h: counter-based random numbers, Philox4x32-10 [salmon2011] from Random123.
 *
 * key = seed; counter = (purpose, epoch, sample, index). A number depends on these five alone: any order and any thread
 * give the same numbers, and a resumed run needs no stored state.
 */
#ifndef QSTI_BASE_RNG_H
#define QSTI_BASE_RNG_H

#include <stddef.h>
#include <stdint.h>

/* One value per use of randomness; never renumber, results depend on it. */
typedef enum qsti_purpose {
    QSTI_PURPOSE_SPLIT = 1,
    QSTI_PURPOSE_LABEL_MASK = 2,
    QSTI_PURPOSE_GENERATOR = 3,
    QSTI_PURPOSE_WEIGHTS = 4,
    QSTI_PURPOSE_ORDER = 5,
    QSTI_PURPOSE_BOOTSTRAP = 6,
    QSTI_PURPOSE_SIGN_FLIP = 7,
    QSTI_PURPOSE_HEAD = 8,
    QSTI_PURPOSE_SHOTS = 9,
    QSTI_PURPOSE_DROPOUT = 20,
    QSTI_PURPOSE_NETWORK = 21,
    QSTI_PURPOSE_CONTROL = 30,
    QSTI_PURPOSE_TUNE = 40,
    QSTI_PURPOSE_FREQUENCY = 41,
    QSTI_PURPOSE_PROBE_POINT = 42,
    QSTI_PURPOSE_QUERY_FILE = 50,
    QSTI_PURPOSE_QUERY_MIXUP = 51,
    QSTI_PURPOSE_QUERY_NOISE = 52,
    QSTI_PURPOSE_LABEL_NOISE = 53,
    QSTI_PURPOSE_MENTOR = 54,
    QSTI_PURPOSE_DIRECTION = 55,
    QSTI_PURPOSE_ROUTE = 60,
    QSTI_PURPOSE_PLACE = 61,
    QSTI_PURPOSE_ERRORS = 70,
    QSTI_PURPOSE_JUMPS = 72,
    QSTI_PURPOSE_MEASURE = 80,
    QSTI_PURPOSE_MEASURE_KEY = 81,
    QSTI_PURPOSE_NOISE_STRENGTH = 90,
    QSTI_PURPOSE_TRAINING_SHOTS = 91,
    QSTI_PURPOSE_VALIDATION_SHOTS = 92,
    QSTI_PURPOSE_SPSA = 93,
    QSTI_PURPOSE_DEVICE = 100,
    QSTI_PURPOSE_TEST = 1000
} qsti_purpose;

/* A stream: successive calls count `index` up. */
typedef struct qsti_rng {
    uint64_t seed;
    uint32_t purpose, epoch, sample, index;
    uint32_t ready; /* words of block[] not yet handed out */
    uint32_t block[4];
} qsti_rng;

qsti_rng qsti_rng_init(uint64_t seed, qsti_purpose purpose, uint32_t epoch, uint32_t sample);

uint64_t qsti_rng_u64(qsti_rng *rng);
double qsti_rng_uniform(qsti_rng *rng);                 /* [0, 1), 53 bits */
double qsti_rng_normal(qsti_rng *rng);                  /* mean 0, variance 1; Box-Muller on two uniforms */
uint64_t qsti_rng_below(qsti_rng *rng, uint64_t bound); /* 0..bound-1, unbiased; bound > 0 */

/* Fisher-Yates. */
void qsti_rng_shuffle(qsti_rng *rng, size_t *items, size_t n);

/* The bare block function (known-answer tests). */
void qsti_philox(const uint32_t counter[4], const uint32_t key[2], uint32_t out[4]);

#endif
