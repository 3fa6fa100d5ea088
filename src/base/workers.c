/* workers.c: a small pool of POSIX threads; each takes the items of its own share, then what others have left.
 *
 * The caller of a loop takes items like everybody else and waits only for workers that are inside an item, never for
 * one that has not come: on a busy machine, where a barrier would wait for threads that are not scheduled, a loop costs
 * no more than it would on one thread. Workers watch for the next loop for a moment (training comes back within
 * microseconds), then sleep.
 *
 * A loop is `open` between its announcement and the moment when the caller has found no more items. A worker first
 * counts itself `inside`, then looks whether the loop is open; the caller first closes it, then waits until nobody is
 * inside. With sequentially consistent atomics one of the two sees the other, so a loop's variables are never read by a
 * late worker.
 */
#include "base/workers.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <unistd.h>

#include "base/memory.h"

#define WATCH_TURNS 2000 /* about 100 microseconds */
#define STACK_BYTES ((size_t)1 << 20)

/* A worker's own share of a loop comes first, so that the same thread sees the same items in loop after loop and finds
 * their memory in its cache; then it helps the others. Entry 0 is the caller's. */
typedef struct worker {
    _Alignas(64) atomic_size_t next; /* item of the share not yet taken */
    size_t end;
    qsti_workers *workers;
    int index;
    pthread_t thread;
} worker;

struct qsti_workers {
    int n_threads, n_started;
    pid_t process; /* that started them */
    bool busy;     /* the caller is inside a loop */

    /* the loop */
    qsti_work_fn *fn;
    void *arg;
    size_t n_items, piece;
    int n_wanted;
    atomic_uint number; /* of the loop */
    atomic_bool open;
    atomic_int inside;

    /* sleeping */
    pthread_mutex_t lock;
    pthread_cond_t wake;
    atomic_int sleeping;
    atomic_bool stop;

    worker *threads; /* (n_threads) */
};

int qsti_processors(void)
{
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) == 0)
        return CPU_COUNT(&set);
    long n = sysconf(_SC_NPROCESSORS_ONLN);
    return n > 0 ? (int)n : 1;
}

static inline void breathe(void)
{
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#endif
}

/* --- work --------------------------------------------------------------------------------------------------------- */

static void take_share(qsti_workers *workers, worker *share, int index)
{
    for (;;) {
        size_t first = atomic_fetch_add(&share->next, workers->piece);
        if (first >= share->end)
            return;
        size_t end = share->end - first < workers->piece ? share->end : first + workers->piece;
        for (size_t item = first; item < end; item++)
            workers->fn(workers->arg, item, index);
    }
}

static void take_items(qsti_workers *workers, int index)
{
    for (int i = 0; i < workers->n_wanted; i++)
        take_share(workers, &workers->threads[(index + i) % workers->n_wanted], index);
}

/* Waits for a loop after number `seen`; false when there will be none. */
static bool await_loop(qsti_workers *workers, unsigned seen)
{
    for (int turn = 0; turn < WATCH_TURNS; turn++) {
        if (atomic_load(&workers->number) != seen || atomic_load(&workers->stop))
            return !atomic_load(&workers->stop);
        breathe();
    }
    pthread_mutex_lock(&workers->lock);
    atomic_fetch_add(&workers->sleeping, 1);
    while (atomic_load(&workers->number) == seen && !atomic_load(&workers->stop))
        pthread_cond_wait(&workers->wake, &workers->lock);
    atomic_fetch_sub(&workers->sleeping, 1);
    pthread_mutex_unlock(&workers->lock);
    return !atomic_load(&workers->stop);
}

static void *live(void *arg)
{
    const worker *self = arg;
    qsti_workers *workers = self->workers;
    unsigned seen = 0;
    while (await_loop(workers, seen)) {
        seen = atomic_load(&workers->number);
        atomic_fetch_add(&workers->inside, 1);
        if (atomic_load(&workers->open) && self->index < workers->n_wanted)
            take_items(workers, self->index);
        atomic_fetch_sub(&workers->inside, 1);
    }
    return NULL;
}

/* --- life --------------------------------------------------------------------------------------------------------- */

qst_status qsti_workers_create(qst_ctx *ctx, int n_threads, qsti_workers **out)
{
    qst_status status = QST_OK;
    qsti_workers *workers = NULL;
    QSTI_TRY(QSTI_NEW(ctx, 1, &workers));
    QSTI_TRY(QSTI_NEW_LINES(ctx, (size_t)n_threads, &workers->threads));
    workers->n_threads = n_threads;
    workers->n_started = 1;
    workers->process = getpid();
    if (pthread_mutex_init(&workers->lock, NULL) != 0 || pthread_cond_init(&workers->wake, NULL) != 0)
        QSTI_TRY(qsti_fail(ctx, QST_ERR_MEMORY, "out of memory: threads"));
    *out = workers;
    return QST_OK;
done:
    if (workers != NULL)
        qsti_free_lines(ctx, workers->threads);
    qsti_free(ctx, workers);
    return status;
}

static void *start_one(qsti_workers *workers, pthread_attr_t *attributes)
{
    worker *self = &workers->threads[workers->n_started];
    self->workers = workers;
    self->index = workers->n_started;
    return pthread_create(&self->thread, attributes, live, self) == 0 ? self : NULL;
}

/* Starts what is missing; a thread that the system refuses is done without. */
static void start(qsti_workers *workers)
{
    pthread_attr_t attributes;
    if (workers->n_started == workers->n_threads || pthread_attr_init(&attributes) != 0)
        return;
    pthread_attr_setstacksize(&attributes, STACK_BYTES);
    while (workers->n_started < workers->n_threads && start_one(workers, &attributes) != NULL)
        workers->n_started++;
    pthread_attr_destroy(&attributes);
}

void qsti_workers_free(qst_ctx *ctx, qsti_workers *workers)
{
    if (workers == NULL)
        return;
    if (workers->process == getpid()) { /* in a forked child there is nobody to wait for */
        atomic_store(&workers->stop, true);
        pthread_mutex_lock(&workers->lock);
        pthread_cond_broadcast(&workers->wake);
        pthread_mutex_unlock(&workers->lock);
        for (int i = 1; i < workers->n_started; i++)
            pthread_join(workers->threads[i].thread, NULL);
        pthread_cond_destroy(&workers->wake);
        pthread_mutex_destroy(&workers->lock);
    }
    qsti_free_lines(ctx, workers->threads);
    qsti_free(ctx, workers);
}

/* --- loops -------------------------------------------------------------------------------------------------------- */

static void announce(qsti_workers *workers)
{
    atomic_store(&workers->open, true);
    atomic_fetch_add(&workers->number, 1);
    if (atomic_load(&workers->sleeping) == 0)
        return;
    pthread_mutex_lock(&workers->lock);
    pthread_cond_broadcast(&workers->wake);
    pthread_mutex_unlock(&workers->lock);
}

void qsti_workers_run(qsti_workers *workers, size_t n_items, qsti_work_fn *fn, void *arg)
{
    if (n_items <= 1 || workers->n_threads == 1 || workers->busy || workers->process != getpid()) {
        for (size_t item = 0; item < n_items; item++)
            fn(arg, item, 0);
        return;
    }
    start(workers);
    workers->busy = true;
    workers->fn = fn;
    workers->arg = arg;
    workers->n_items = n_items;
    workers->n_wanted = n_items < (size_t)workers->n_threads ? (int)n_items : workers->n_threads;
    workers->piece = n_items / ((size_t)workers->n_wanted * 16);
    if (workers->piece == 0)
        workers->piece = 1;
    for (int i = 0; i < workers->n_wanted; i++) {
        size_t n = (size_t)workers->n_wanted, w = (size_t)i;
        atomic_store(&workers->threads[i].next, n_items / n * w + (n_items % n < w ? n_items % n : w));
        workers->threads[i].end = n_items / n * (w + 1) + (n_items % n < w + 1 ? n_items % n : w + 1);
    }
    announce(workers);
    take_items(workers, 0);
    atomic_store(&workers->open, false);
    for (int turn = 0; atomic_load(&workers->inside) != 0; turn++) {
        if (turn < WATCH_TURNS)
            breathe();
        else
            sched_yield();
    }
    workers->busy = false;
}
