/* kernel_work.h: the hot kernels on fixed data of 8 qubits in double, for the guards. */
#ifndef QSTILL_TESTS_KERNEL_WORK_H
#define QSTILL_TESTS_KERNEL_WORK_H

#include <stddef.h>

typedef struct kernel_work kernel_work;

/* What is guarded. */
typedef struct kernel_name {
    const char *name;
    double naive_ratio[3]; /* time of the naive kernel by time of this one, as measured: baseline, avx2, avx512 */
} kernel_name;
extern const kernel_name kernel_names[];
extern const size_t n_kernel_names;

kernel_work *kernel_work_create(void);
void kernel_work_free(kernel_work *work);

/* Runs kernel `which` once; and a plain loop over amplitudes and lanes that does the same. */
void kernel_work_run(kernel_work *work, size_t which);
void kernel_work_run_naive(kernel_work *work, size_t which);

#endif
