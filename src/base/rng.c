/* rng.c: streams of random numbers from the Philox4x32-10 block function of Random123 [salmon2011].
 *
 *   block(index) = philox(counter = (purpose, epoch, sample, index), key = seed)
 *
 * One block is 128 bits and gives two 64-bit numbers, the lower words first. A stream is good for 2^33 numbers. Normals
 * use the C library's log and cos, so their last bit may differ between versions of it; all else is integer arithmetic.
 */
#include "base/rng.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include <Random123/philox.h>

void qsti_philox(const uint32_t counter[4], const uint32_t key[2], uint32_t out[4])
{
    philox4x32_ctr_t block = {{counter[0], counter[1], counter[2], counter[3]}};
    philox4x32_key_t seed = {{key[0], key[1]}};
    block = philox4x32_R(10, block, seed);
    memcpy(out, block.v, sizeof block.v);
}

qsti_rng qsti_rng_init(uint64_t seed, qsti_purpose purpose, uint32_t epoch, uint32_t sample)
{
    return (qsti_rng){.seed = seed, .purpose = (uint32_t)purpose, .epoch = epoch, .sample = sample};
}

uint64_t qsti_rng_u64(qsti_rng *rng)
{
    if (rng->ready < 2) {
        const uint32_t counter[4] = {rng->purpose, rng->epoch, rng->sample, rng->index++};
        const uint32_t key[2] = {(uint32_t)rng->seed, (uint32_t)(rng->seed >> 32)};
        qsti_philox(counter, key, rng->block);
        rng->ready = 4;
    }
    const uint32_t *words = rng->block + (4 - rng->ready);
    rng->ready -= 2;
    return words[0] | (uint64_t)words[1] << 32;
}

double qsti_rng_uniform(qsti_rng *rng)
{
    return (double)(qsti_rng_u64(rng) >> 11) * 0x1p-53;
}

double qsti_rng_normal(qsti_rng *rng)
{
    static const double two_pi = 6.283185307179586;
    double radius = sqrt(-2 * log(1 - qsti_rng_uniform(rng)));
    return radius * cos(two_pi * qsti_rng_uniform(rng));
}

/* The lowest 2^64 mod bound numbers are thrown away; of the rest each remainder has equally many. */
uint64_t qsti_rng_below(qsti_rng *rng, uint64_t bound)
{
    assert(bound > 0);
    uint64_t lowest = (0 - bound) % bound;
    uint64_t number;
    do {
        number = qsti_rng_u64(rng);
    } while (number < lowest);
    return number % bound;
}

void qsti_rng_shuffle(qsti_rng *rng, size_t *items, size_t n)
{
    for (size_t last = n; last > 1; last--) {
        size_t other = (size_t)qsti_rng_below(rng, last);
        size_t item = items[last - 1];
        items[last - 1] = items[other];
        items[other] = item;
    }
}
