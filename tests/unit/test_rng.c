/* test_rng.c: known answers of Philox4x32-10 and the distributions made of it. Statistical bounds are 6 sigma. */
#include "support/support.h"

#include "base/rng.h"

static void known_answers_hold(void **state)
{
    (void)state;
    static const struct {
        uint32_t counter[4], key[2], block[4];
    } rows[] = {
        {{0, 0, 0, 0}, {0, 0}, {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
        {{0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff},
         {0xffffffff, 0xffffffff},
         {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
        {{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344},
         {0xa4093822, 0x299f31d0},
         {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}},
    };
    for (size_t r = 0; r < sizeof rows / sizeof rows[0]; r++) {
        uint32_t block[4];
        qsti_philox(rows[r].counter, rows[r].key, block);
        assert_memory_equal(block, rows[r].block, sizeof block);
    }
}

/* The stream is the blocks of (purpose, epoch, sample, 0), (…, 1), …, low words first. */
static void streams_are_counters(void **state)
{
    (void)state;
    uint64_t seed = 0x123456789abcdef0;
    const uint32_t key[2] = {0x9abcdef0, 0x12345678};
    qsti_rng rng = qsti_rng_init(seed, QSTI_PURPOSE_ORDER, 3, 11);
    for (uint32_t index = 0; index < 5; index++) {
        const uint32_t counter[4] = {5, 3, 11, index};
        uint32_t block[4];
        qsti_philox(counter, key, block);
        assert_int_equal(qsti_rng_u64(&rng), block[0] | (uint64_t)block[1] << 32);
        assert_int_equal(qsti_rng_u64(&rng), block[2] | (uint64_t)block[3] << 32);
    }
}

static void streams_differ_in_every_part(void **state)
{
    (void)state;
    qsti_rng streams[] = {
        qsti_rng_init(1, QSTI_PURPOSE_TEST, 0, 0),  qsti_rng_init(2, QSTI_PURPOSE_TEST, 0, 0),
        qsti_rng_init(1, QSTI_PURPOSE_ORDER, 0, 0), qsti_rng_init(1, QSTI_PURPOSE_TEST, 1, 0),
        qsti_rng_init(1, QSTI_PURPOSE_TEST, 0, 1),  qsti_rng_init(1 + (1ull << 32), QSTI_PURPOSE_TEST, 0, 0),
    };
    size_t n = sizeof streams / sizeof streams[0];
    uint64_t first[6];
    for (size_t s = 0; s < n; s++) {
        first[s] = qsti_rng_u64(&streams[s]);
        for (size_t other = 0; other < s; other++) {
            assert_int_not_equal(first[s], first[other]);
        }
    }
}

static void uniforms_are_uniform(void **state)
{
    (void)state;
    enum { N = 1000000, N_BINS = 100 };
    qsti_rng rng = qsti_rng_init(4, QSTI_PURPOSE_TEST, 0, 0);
    static size_t counts[N_BINS];
    double sum = 0;
    for (int i = 0; i < N; i++) {
        double value = qsti_rng_uniform(&rng);
        assert_true(value >= 0 && value < 1);
        counts[(size_t)(value * N_BINS)]++;
        sum += value;
    }
    assert_close(sum / N, 0.5, 6 / sqrt(12.0 * N));
    double chi_squared = 0, expected = (double)N / N_BINS;
    for (size_t b = 0; b < N_BINS; b++) {
        chi_squared += ((double)counts[b] - expected) * ((double)counts[b] - expected) / expected;
    }
    assert_close(chi_squared, N_BINS - 1, 6 * sqrt(2.0 * (N_BINS - 1)));
}

static void normals_are_normal(void **state)
{
    (void)state;
    enum { N = 1000000 };
    qsti_rng rng = qsti_rng_init(5, QSTI_PURPOSE_TEST, 0, 0);
    double sums[5] = {0};
    size_t beyond_2 = 0;
    for (int i = 0; i < N; i++) {
        double value = qsti_rng_normal(&rng), power = value;
        assert_true(isfinite(value));
        beyond_2 += fabs(value) > 1.959963984540054;
        for (int k = 1; k <= 4; k++, power *= value) {
            sums[k] += power;
        }
    }
    assert_close(sums[1] / N, 0, 6 * sqrt(1.0 / N));
    assert_close(sums[2] / N, 1, 6 * sqrt(2.0 / N));
    assert_close(sums[3] / N, 0, 6 * sqrt(15.0 / N));
    assert_close(sums[4] / N, 3, 6 * sqrt(96.0 / N));
    assert_close((double)beyond_2 / N, 0.05, 6 * sqrt(0.05 * 0.95 / N));
}

/* A bound just above 2^63 would give the lower numbers twice as often without the rejection. */
static void below_is_unbiased(void **state)
{
    (void)state;
    enum { N = 300000 };
    qsti_rng rng = qsti_rng_init(6, QSTI_PURPOSE_TEST, 0, 0);
    uint64_t bound = 3ull << 62;
    size_t thirds[3] = {0};
    for (int i = 0; i < N; i++) {
        uint64_t number = qsti_rng_below(&rng, bound);
        assert_true(number < bound);
        thirds[number >> 62]++;
    }
    for (size_t t = 0; t < 3; t++) {
        assert_close((double)thirds[t] / N, 1.0 / 3, 6 * sqrt(2.0 / 9 / N));
    }
    size_t counts[7] = {0};
    for (int i = 0; i < N; i++) {
        counts[qsti_rng_below(&rng, 7)]++;
    }
    for (size_t c = 0; c < 7; c++) {
        assert_close((double)counts[c] / N, 1.0 / 7, 6 * sqrt(6.0 / 49 / N));
    }
    assert_int_equal(qsti_rng_below(&rng, 1), 0);
}

static void shuffles_are_fair(void **state)
{
    (void)state;
    enum { N = 240000 };
    qsti_rng rng = qsti_rng_init(7, QSTI_PURPOSE_TEST, 0, 0);
    size_t counts[64] = {0}, n_seen = 0;
    for (int i = 0; i < N; i++) {
        size_t items[4] = {0, 1, 2, 3};
        qsti_rng_shuffle(&rng, items, 4);
        assert_int_equal(1 << items[0] | 1 << items[1] | 1 << items[2] | 1 << items[3], 15);
        counts[items[0] * 16 + items[1] * 4 + items[2]]++;
    }
    for (size_t c = 0; c < 64; c++) {
        if (counts[c]) {
            n_seen++;
            assert_close((double)counts[c] / N, 1.0 / 24, 6 * sqrt(23.0 / 24 / 24 / N));
        }
    }
    assert_int_equal(n_seen, 24);
    qsti_rng_shuffle(&rng, NULL, 0);
    size_t one = 5;
    qsti_rng_shuffle(&rng, &one, 1);
    assert_int_equal(one, 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_answers_hold),
        cmocka_unit_test(streams_are_counters),
        cmocka_unit_test(streams_differ_in_every_part),
        cmocka_unit_test(uniforms_are_uniform),
        cmocka_unit_test(normals_are_normal),
        cmocka_unit_test(below_is_unbiased),
        cmocka_unit_test(shuffles_are_fair),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
