/* test_kernel_speed.c: each hot kernel against a naive one in the same run: the ratio of their best times may not fall
 * more than 35 % below what was measured when the kernel was written. No absolute times. */
#include <time.h>

#include "kernel_work.h"
#include "kernels/isa.h"
#include "support/support.h"

#define RUNS     7
#define REPEATS  200
#define MAY_LOSE 0.35

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

typedef void run_function(kernel_work *work, size_t which);

static double time_of(run_function *run, kernel_work *work, size_t which)
{
    double begin = seconds();
    for (int i = 0; i < REPEATS; i++)
        run(work, which);
    return seconds() - begin;
}

static void kernels_keep_their_distance(void **state)
{
    (void)state;
    kernel_work *work = kernel_work_create();
    size_t isa = qsti_isa_chosen();
    bool slower = false;
    for (size_t which = 0; which < n_kernel_names; which++) {
        double best = INFINITY, best_naive = INFINITY;
        for (int i = 0; i < RUNS; i++) {
            double naive = time_of(kernel_work_run_naive, work, which), own = time_of(kernel_work_run, work, which);
            best = own < best ? own : best;
            best_naive = naive < best_naive ? naive : best_naive;
        }
        double ratio = best_naive / best, measured = kernel_names[which].naive_ratio[isa];
        print_message("%-20s %6.2f times the naive kernel's speed, %6.2f when it was written\n",
                      kernel_names[which].name, ratio, measured);
        slower |= ratio < (1 - MAY_LOSE) * measured;
    }
    kernel_work_free(work);
    assert_false(slower);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(kernels_keep_their_distance)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
