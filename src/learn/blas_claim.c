/* blas_claim.c: see blas_claim.h. The lock guards the library's setting, which is the process' own. */
#include "learn/blas_claim.h"

#include <cblas.h>
#include <pthread.h>

static pthread_mutex_t *the_lock(void)
{
    static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
    return &mutex;
}

int qsti_blas_claim(void)
{
    pthread_mutex_lock(the_lock());
    int n_threads = openblas_get_num_threads();
    openblas_set_num_threads(1);
    return n_threads;
}

void qsti_blas_release(int n_threads)
{
    openblas_set_num_threads(n_threads);
    pthread_mutex_unlock(the_lock());
}
