/* test_tasks.c: tasks side by side leave what they leave one after the other: results, log, failures, for any number of
 * threads; the callbacks of the context see one thread. */
#include "support/support.h"

#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

#include "base/context.h"
#include "base/memory.h"
#include "base/rng.h"
#include "base/tasks.h"
#include "base/threads.h"

#define MAX_JOBS 64

static const int thread_counts[] = {1, 2, 3, 7, 16};
#define N_THREAD_COUNTS (sizeof thread_counts / sizeof thread_counts[0])

/* --- a list of jobs ----------------------------------------------------------------------------------------------- */

typedef struct course course;

typedef struct job {
    course *course;
    size_t index;
    useconds_t length;
    qst_status fails; /* QST_OK: it does not */
    qst_status delivery_fails;
    bool waits;  /* until it is told to stop */
    bool alarms; /* sends SIGALRM first */
    bool warns;
    size_t after[4]; /* jobs that must have ended */
    size_t n_after;
    atomic_bool began, ended, was_stopped;
    int n_threads;
} job;

struct course {
    qst_ctx *ctx;
    job jobs[MAX_JOBS];
    size_t n_jobs, n_delivered;
    atomic_int n_running, most_running, n_faults;
    atomic_int in_group[MAX_JOBS], n_open, most_open;
    pthread_t caller;
    char told[8192]; /* by log and notes */
    size_t n_told;
    double done;
};

static void fault(course *c)
{
    atomic_fetch_add(&c->n_faults, 1);
}

static void raise_to(atomic_int *most, int value)
{
    int before = atomic_load(most);
    while (value > before && !atomic_compare_exchange_weak(most, &before, value)) {
    }
}

static qst_status work(job *j, qst_ctx *ctx)
{
    qst_status status = QST_OK;
    double *memory = NULL;
    QSTI_TRY(QSTI_NEW(ctx, 1000, &memory));
    if (j->warns) {
        qsti_log(ctx, QST_LOG_INFO, "job %zu begins", j->index);
        qsti_warn(ctx, "job %zu has its doubts", j->index);
        qsti_warn(ctx, "everybody has doubts");
        qsti_warn(ctx, "job %zu has its doubts", j->index);
    }
    for (int step = 1; step <= 10; step++) {
        usleep(j->length / 10);
        qsti_progress(ctx, &(qst_progress){"", step, 10, 0.5});
    }
    if (j->alarms)
        pthread_kill(j->course->caller, SIGALRM);
    while (j->waits) {
        QSTI_TRY(qsti_check_interrupt(ctx));
        usleep(200);
    }
    if (j->fails != QST_OK)
        QSTI_TRY(qsti_fail(ctx, j->fails, "job %zu cannot", j->index));
done:
    qsti_free(ctx, memory);
    return status;
}

static qst_status run_job(qst_ctx *ctx, void *arg)
{
    job *j = arg;
    course *c = j->course;
    if (ctx == c->ctx || atomic_exchange(&j->began, true))
        fault(c);
    for (size_t i = 0; i < j->n_after; i++)
        if (!atomic_load(&c->jobs[j->after[i]].ended))
            fault(c);
    raise_to(&c->most_running, atomic_fetch_add(&c->n_running, 1) + 1);
    j->n_threads = qst_ctx_threads(ctx);
    qst_status status = work(j, ctx);
    atomic_fetch_sub(&c->n_running, 1);
    if (status == QST_ERR_INTERRUPTED)
        atomic_store(&j->was_stopped, true);
    atomic_store(&j->ended, true);
    return status;
}

static qst_status deliver_job(qst_ctx *ctx, void *arg)
{
    job *j = arg;
    course *c = j->course;
    if (ctx != c->ctx || !pthread_equal(pthread_self(), c->caller) || c->n_delivered != j->index || !j->ended)
        fault(c);
    c->n_delivered++;
    return j->delivery_fails == QST_OK ? QST_OK
                                       : qsti_fail(ctx, j->delivery_fails, "job %zu is not delivered", j->index);
}

static void tell(course *c, const char *format, size_t index, const char *message)
{
    if (!pthread_equal(pthread_self(), c->caller))
        fault(c);
    int n = snprintf(c->told + c->n_told, sizeof c->told - c->n_told, format, index, message);
    assert_in_range(n, 0, sizeof c->told - c->n_told - 1);
    c->n_told += (size_t)n;
}

static void note_job(void *arg, qst_log_level level, const char *message)
{
    job *j = arg;
    tell(j->course, level == QST_LOG_WARNING ? "note %zu warning %s\n" : "note %zu %s\n", j->index, message);
}

static void on_log(void *user, qst_log_level level, const char *message)
{
    tell(user, "log %zu %s\n", level, message);
}

static void on_progress(void *user, const qst_progress *progress)
{
    course *c = user;
    if (!pthread_equal(pthread_self(), c->caller) || progress->stage == NULL || progress->done < c->done ||
        progress->done > progress->total * (1 + 1e-12) || progress->total != (double)c->n_jobs)
        fault(c);
    c->done = progress->done;
}

static course *course_create(size_t n_jobs, int n_threads, const volatile sig_atomic_t *interrupt)
{
    course *c = calloc(1, sizeof *c);
    assert_non_null(c);
    c->n_jobs = n_jobs;
    c->caller = pthread_self();
    for (size_t i = 0; i < n_jobs; i++) {
        c->jobs[i].course = c;
        c->jobs[i].index = i;
        c->jobs[i].length = 500;
    }
    const qst_ctx_opts opts = {
        .log = on_log, .progress = on_progress, .user = c, .n_threads = n_threads, .interrupt = interrupt};
    assert_int_equal(qst_ctx_create(&opts, &c->ctx), QST_OK);
    return c;
}

static void course_free(course *c)
{
    assert_int_equal(c->n_faults, 0);
    qst_ctx_free(c->ctx);
    free(c);
}

static qst_status course_run(course *c)
{
    qsti_tasks *tasks = NULL;
    size_t number = 0;
    assert_ok(c->ctx, qsti_tasks_create(c->ctx, &tasks));
    for (size_t i = 0; i < c->n_jobs; i++) {
        job *j = &c->jobs[i];
        const qsti_task task = {
            .run = run_job, .deliver = deliver_job, .note = note_job, .arg = j, .stage = "job", .cost = 1};
        assert_ok(c->ctx, qsti_tasks_add(tasks, &task, &number));
        assert_int_equal(number, i);
        for (size_t k = 0; k < j->n_after; k++)
            assert_ok(c->ctx, qsti_tasks_order(tasks, i, j->after[k]));
    }
    qst_status status = qsti_tasks_run(tasks);
    qsti_tasks_free(tasks);
    assert_int_equal(c->n_running, 0);
    return status;
}

/* --- order -------------------------------------------------------------------------------------------------------- */

static void all_are_done_once_and_in_order(void **state)
{
    (void)state;
    qsti_rng rng = qsti_rng_init(3, QSTI_PURPOSE_TEST, 0, 0);
    for (size_t t = 0; t < N_THREAD_COUNTS; t++) {
        for (size_t n_jobs = 0; n_jobs <= MAX_JOBS; n_jobs = 4 * n_jobs + 1) {
            course *c = course_create(n_jobs, thread_counts[t], NULL);
            for (size_t i = 1; i < n_jobs; i++) {
                c->jobs[i].length = (useconds_t)qsti_rng_below(&rng, 2000);
                c->jobs[i].n_after = (size_t)qsti_rng_below(&rng, 4);
                for (size_t k = 0; k < c->jobs[i].n_after; k++)
                    c->jobs[i].after[k] = (size_t)qsti_rng_below(&rng, i);
            }
            assert_ok(c->ctx, course_run(c));
            assert_int_equal(c->n_delivered, n_jobs);
            assert_true(c->most_running <= thread_counts[t]);
            course_free(c);
        }
    }
}

/* Three jobs that wait for each other can only end when all three are under way. */
typedef struct meeting {
    atomic_int n_there;
    int n_wanted;
    bool failed;
} meeting;

static qst_status meet(qst_ctx *ctx, void *arg)
{
    meeting *m = arg;
    atomic_fetch_add(&m->n_there, 1);
    for (int i = 0; i < 20000 && atomic_load(&m->n_there) < m->n_wanted; i++)
        usleep(1000);
    return atomic_load(&m->n_there) < m->n_wanted ? qsti_fail(ctx, QST_ERR_INTERNAL, "nobody came") : QST_OK;
}

static void as_many_at_a_time_as_threads(void **state)
{
    (void)state;
    qst_ctx *ctx = support_ctx(3);
    meeting m = {.n_wanted = 3};
    qsti_tasks *tasks = NULL;
    size_t number;
    assert_ok(ctx, qsti_tasks_create(ctx, &tasks));
    for (size_t i = 0; i < 3; i++)
        assert_ok(ctx, qsti_tasks_add(tasks, &(qsti_task){.run = meet, .arg = &m, .stage = ""}, &number));
    assert_ok(ctx, qsti_tasks_run(tasks));
    qsti_tasks_free(tasks);
    qst_ctx_free(ctx);
}

/* --- who goes first ----------------------------------------------------------------------------------------------- */

/* The order in which pieces began. */
typedef struct sequence {
    pthread_mutex_t lock;
    size_t order[16], n;
} sequence;

typedef struct piece {
    sequence *all;
    size_t index;
    size_t n_begun; /* it does not end before so many have begun */
    int n_threads;
} piece;

static size_t n_begun(sequence *all)
{
    pthread_mutex_lock(&all->lock);
    size_t n = all->n;
    pthread_mutex_unlock(&all->lock);
    return n;
}

static qst_status run_piece(qst_ctx *ctx, void *arg)
{
    piece *p = arg;
    p->n_threads = qst_ctx_threads(ctx);
    pthread_mutex_lock(&p->all->lock);
    p->all->order[p->all->n++] = p->index;
    pthread_mutex_unlock(&p->all->lock);
    for (int i = 0; i < 20000 && n_begun(p->all) < p->n_begun; i++)
        usleep(1000);
    return QST_OK;
}

static void the_longest_way_goes_first(void **state)
{
    (void)state;
    /* Two threads; 0 waits for 1, and 1 for all. So one thread does the rest: 4 is soon, 2 has 9 behind it. */
    static const double costs[] = {100, 100, 1, 5, 0, 9, 2};
    static const size_t expected[] = {4, 2, 5, 3, 6};
    sequence all = {.lock = PTHREAD_MUTEX_INITIALIZER};
    piece pieces[7];
    qst_ctx *ctx = support_ctx(2);
    qsti_tasks *tasks = NULL;
    size_t number;
    assert_ok(ctx, qsti_tasks_create(ctx, &tasks));
    for (size_t i = 0; i < 7; i++) {
        pieces[i] = (piece){&all, i, i == 0 ? 2 : i == 1 ? 7 : 0, 0};
        const qsti_task task = {.run = run_piece, .arg = &pieces[i], .stage = "", .cost = costs[i], .soon = i == 4};
        assert_ok(ctx, qsti_tasks_add(tasks, &task, &number));
    }
    assert_ok(ctx, qsti_tasks_order(tasks, 4, 0));
    assert_ok(ctx, qsti_tasks_order(tasks, 5, 2));
    assert_ok(ctx, qsti_tasks_run(tasks));
    assert_int_equal(all.n, 7);
    assert_int_equal(all.order[0] + all.order[1], 1);
    assert_memory_equal(all.order + 2, expected, sizeof expected);
    qsti_tasks_free(tasks);
    qst_ctx_free(ctx);
}

/* A task that is alone has all threads, two have their share. */
static void threads_are_shared(void **state)
{
    (void)state;
    sequence all = {.lock = PTHREAD_MUTEX_INITIALIZER};
    piece pieces[4];
    qst_ctx *ctx = support_ctx(5);
    qsti_tasks *tasks = NULL;
    size_t number;
    assert_ok(ctx, qsti_tasks_create(ctx, &tasks));
    for (size_t i = 0; i < 4; i++) {
        pieces[i] = (piece){&all, i, i == 1 || i == 2 ? 3 : 0, 0};
        assert_ok(ctx, qsti_tasks_add(tasks, &(qsti_task){.run = run_piece, .arg = &pieces[i], .stage = ""}, &number));
    }
    assert_ok(ctx, qsti_tasks_order(tasks, 1, 0));
    assert_ok(ctx, qsti_tasks_order(tasks, 2, 0));
    assert_ok(ctx, qsti_tasks_order(tasks, 3, 1));
    assert_ok(ctx, qsti_tasks_order(tasks, 3, 2));
    assert_ok(ctx, qsti_tasks_run(tasks));
    assert_int_equal(pieces[0].n_threads, 5);
    assert_int_equal(pieces[1].n_threads, 2);
    assert_int_equal(pieces[2].n_threads, 3);
    assert_int_equal(pieces[3].n_threads, 5);
    qsti_tasks_free(tasks);
    qst_ctx_free(ctx);
}

/* --- groups ------------------------------------------------------------------------------------------------------- */

typedef struct member {
    atomic_int *open; /* groups that have begun and not ended */
    atomic_int *most;
    bool first, last;
} member;

static qst_status run_member(qst_ctx *ctx, void *arg)
{
    const member *m = arg;
    (void)ctx;
    if (m->first)
        raise_to(m->most, atomic_fetch_add(m->open, 1) + 1);
    usleep(300);
    if (m->last)
        atomic_fetch_sub(m->open, 1);
    return QST_OK;
}

/* Costly first tasks, which all would like to begin: no more than threads + 1 groups hold memory at a time. */
static void few_groups_are_open_at_a_time(void **state)
{
    (void)state;
    for (size_t t = 0; t < N_THREAD_COUNTS; t++) {
        atomic_int open = 0, most = 0;
        member members[20][3];
        qst_ctx *ctx = support_ctx(thread_counts[t]);
        qsti_tasks *tasks = NULL;
        size_t number, before = 0;
        assert_ok(ctx, qsti_tasks_create(ctx, &tasks));
        for (size_t g = 0; g < 20; g++) {
            for (size_t i = 0; i < 3; i++) {
                members[g][i] = (member){&open, &most, i == 0, i == 2};
                const qsti_task task = {
                    .run = run_member, .arg = &members[g][i], .stage = "", .cost = i == 0 ? 100 : 1, .group = g};
                assert_ok(ctx, qsti_tasks_add(tasks, &task, &number));
                if (i > 0)
                    assert_ok(ctx, qsti_tasks_order(tasks, number, before));
                before = number;
            }
        }
        assert_ok(ctx, qsti_tasks_run(tasks));
        assert_int_equal(open, 0);
        assert_in_range(most, 1, thread_counts[t] == 1 ? 1 : thread_counts[t] + 1);
        qsti_tasks_free(tasks);
        qst_ctx_free(ctx);
    }
}

/* --- log and warnings --------------------------------------------------------------------------------------------- */

static void the_log_is_that_of_one_thread(void **state)
{
    (void)state;
    char expected[sizeof((course *)NULL)->told] = "";
    for (size_t t = 0; t < N_THREAD_COUNTS; t++) {
        course *c = course_create(12, thread_counts[t], NULL);
        const char *const *warnings = NULL;
        for (size_t i = 0; i < 12; i++) {
            c->jobs[i].warns = i % 3 != 2;
            c->jobs[i].length = (useconds_t)(5000 * (12 - i) / 12); /* later ones end earlier */
        }
        assert_ok(c->ctx, course_run(c));
        if (t == 0)
            memcpy(expected, c->told, sizeof expected);
        assert_string_equal(c->told, expected);
        assert_int_equal(qsti_ctx_warnings(c->ctx, &warnings), 9);
        assert_string_equal(warnings[0], "job 0 has its doubts");
        assert_string_equal(warnings[1], "everybody has doubts");
        assert_string_equal(warnings[2], "job 1 has its doubts");
        assert_string_equal(warnings[8], "job 10 has its doubts");
        assert_int_equal(qsti_ctx_warnings_given(c->ctx), 24);
        course_free(c);
    }
    assert_non_null(strstr(expected, "note 0 job 0 begins\nlog 1 job 0 begins\nnote 0 warning job 0 has its doubts\n"));
    assert_non_null(strstr(expected, "note 1 warning everybody has doubts\nnote 3 "));
}

/* --- failures ----------------------------------------------------------------------------------------------------- */

static void a_failure_stops_the_others(void **state)
{
    (void)state;
    for (size_t t = 0; t < N_THREAD_COUNTS; t++) {
        for (size_t failing = 0; failing < 12; failing += 3) {
            course *c = course_create(24, thread_counts[t], NULL);
            for (size_t i = 0; i < 24; i++) {
                if (i > failing)
                    c->jobs[i].waits = true;
                else if (i < failing)
                    c->jobs[i].length = 100;
            }
            c->jobs[failing].fails = QST_ERR_DIVERGED;
            c->jobs[failing].length = 20000;
            char message[64];
            (void)snprintf(message, sizeof message, "job %zu cannot", failing);
            assert_status(c->ctx, course_run(c), QST_ERR_DIVERGED);
            assert_string_equal(qst_ctx_message(c->ctx), message);
            assert_true(c->n_delivered <= failing);
            assert_int_equal(c->jobs[failing].was_stopped, false);
            for (size_t i = failing + 1; i < 24; i++)
                assert_true(!c->jobs[i].began || c->jobs[i].was_stopped);
            course_free(c);
        }
    }
}

/* All fail, whoever comes first: the first of the list is named. */
static void of_several_failures_the_first_is_named(void **state)
{
    (void)state;
    for (size_t t = 0; t < N_THREAD_COUNTS; t++) {
        course *c = course_create(8, thread_counts[t], NULL);
        for (size_t i = 0; i < 8; i++) {
            c->jobs[i].fails = i == 0 ? QST_ERR_INPUT : QST_ERR_LIMIT;
            c->jobs[i].length = (useconds_t)(8 - i) * 1000;
        }
        assert_status(c->ctx, course_run(c), QST_ERR_INPUT);
        assert_message(c->ctx, "job 0 cannot");
        assert_int_equal(c->n_delivered, 0);
        course_free(c);
    }
}

static void a_delivery_that_fails(void **state)
{
    (void)state;
    for (size_t t = 0; t < N_THREAD_COUNTS; t++) {
        course *c = course_create(20, thread_counts[t], NULL);
        c->jobs[3].delivery_fails = QST_ERR_SYSTEM;
        for (size_t i = 10; i < 20; i++)
            c->jobs[i].waits = true;
        assert_status(c->ctx, course_run(c), QST_ERR_SYSTEM);
        assert_message(c->ctx, "job 3 is not delivered");
        assert_int_equal(c->n_delivered, 4);
        course_free(c);
    }
}

/* --- stopping ----------------------------------------------------------------------------------------------------- */

static volatile sig_atomic_t stop_flag;

static void on_alarm(int number)
{
    (void)number;
    stop_flag = 1;
}

static void the_caller_may_stop_it(void **state)
{
    (void)state;
    assert_true(signal(SIGALRM, on_alarm) != SIG_ERR);
    for (size_t t = 0; t < N_THREAD_COUNTS; t++) {
        course *c = course_create(40, thread_counts[t], &stop_flag);
        for (size_t i = 0; i < 40; i++)
            c->jobs[i].waits = i >= 2;
        c->jobs[2].alarms = true;
        assert_status(c->ctx, course_run(c), QST_ERR_INTERRUPTED);
        assert_message(c->ctx, "stopped by request");
        assert_int_equal(c->n_delivered, 2);
        assert_int_equal(stop_flag, 1);
        stop_flag = 0;
        course_free(c);
    }
    (void)signal(SIGALRM, SIG_DFL);
}

/* --- memory ------------------------------------------------------------------------------------------------------- */

/* An allocator that says when two threads are in it. */
typedef struct guarded {
    atomic_int inside, n_crowds, n_live, n_calls;
    int fail_at; /* the call that fails; 0: none */
} guarded;

static void enter(guarded *g)
{
    if (atomic_fetch_add(&g->inside, 1) != 0)
        atomic_fetch_add(&g->n_crowds, 1);
    sched_yield();
}

static void *guarded_allocate(void *user, size_t n_bytes)
{
    guarded *g = user;
    enter(g);
    void *pointer = atomic_fetch_add(&g->n_calls, 1) + 1 == g->fail_at ? NULL : malloc(n_bytes);
    atomic_fetch_add(&g->n_live, pointer != NULL);
    atomic_fetch_sub(&g->inside, 1);
    return pointer;
}

static void *guarded_resize(void *user, void *pointer, size_t n_bytes)
{
    guarded *g = user;
    enter(g);
    void *resized = atomic_fetch_add(&g->n_calls, 1) + 1 == g->fail_at ? NULL : realloc(pointer, n_bytes);
    atomic_fetch_sub(&g->inside, 1);
    return resized;
}

static void guarded_release(void *user, void *pointer)
{
    guarded *g = user;
    enter(g);
    free(pointer);
    atomic_fetch_sub(&g->n_live, 1);
    atomic_fetch_sub(&g->inside, 1);
}

/* Allocates, resizes and frees; leaves its last block to whoever wants it. */
static qst_status allocate_much(qst_ctx *ctx, void *arg)
{
    qst_status status = QST_OK;
    char **block = arg;
    for (size_t i = 1; i <= 500; i++) {
        char *other = NULL;
        QSTI_TRY(QSTI_NEW(ctx, i, &other));
        qsti_free(ctx, *block);
        *block = other;
        QSTI_TRY(QSTI_GROW(ctx, 2 * i, block));
    }
done:
    return status;
}

static void the_callers_allocator_sees_one_thread(void **state)
{
    (void)state;
    guarded g = {0};
    const qst_allocator allocator = {guarded_allocate, guarded_resize, guarded_release, &g};
    qst_ctx *ctx = NULL;
    qsti_tasks *tasks = NULL;
    char *blocks[8] = {NULL};
    size_t number;
    assert_int_equal(qst_ctx_create(&(qst_ctx_opts){.allocator = &allocator, .n_threads = 4}, &ctx), QST_OK);
    assert_ok(ctx, qsti_tasks_create(ctx, &tasks));
    for (size_t i = 0; i < 8; i++) {
        const qsti_task task = {.run = allocate_much, .arg = &blocks[i], .stage = "", .keeps_ctx = i % 2 == 0};
        assert_ok(ctx, qsti_tasks_add(tasks, &task, &number));
    }
    assert_ok(ctx, qsti_tasks_run(tasks));
    for (size_t i = 0; i < 8; i++)
        qsti_free(ctx, blocks[i]);
    qsti_tasks_free(tasks);
    qst_ctx_free(ctx);
    assert_int_equal(g.n_crowds, 0);
    assert_int_equal(g.n_live, 0);
}

static qst_status few_tasks(qst_ctx *ctx, void *arg)
{
    qst_status status = QST_OK;
    char *blocks[3] = {NULL};
    qsti_tasks *tasks = NULL;
    size_t number;
    (void)arg;
    QSTI_TRY(qsti_tasks_create(ctx, &tasks));
    for (size_t i = 0; i < 3; i++) {
        const qsti_task task = {.run = allocate_much, .arg = &blocks[i], .stage = "few", .keeps_ctx = i == 0};
        QSTI_TRY(qsti_tasks_add(tasks, &task, &number));
        if (i > 0)
            QSTI_TRY(qsti_tasks_order(tasks, i, i - 1));
    }
    QSTI_TRY(qsti_tasks_run(tasks));
done:
    for (size_t i = 0; i < 3; i++)
        qsti_free(ctx, blocks[i]);
    qsti_tasks_free(tasks);
    return status;
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    support_fail_each_allocation(few_tasks, NULL);
}

static void every_allocation_may_fail_side_by_side(void **state)
{
    (void)state;
    qst_status status = QST_ERR_MEMORY;
    int n_failed = 0;
    for (int fail_at = 1; status != QST_OK; fail_at += fail_at < 200 ? 1 : 97) {
        guarded g = {0};
        const qst_allocator allocator = {guarded_allocate, guarded_resize, guarded_release, &g};
        qst_ctx *ctx = NULL;
        assert_int_equal(qst_ctx_create(&(qst_ctx_opts){.allocator = &allocator, .n_threads = 3}, &ctx), QST_OK);
        g.n_calls = 0;
        g.fail_at = fail_at;
        status = few_tasks(ctx, NULL);
        if (status != QST_OK) {
            assert_status(ctx, status, QST_ERR_MEMORY);
            assert_message(ctx, "out of memory");
            n_failed++;
        }
        qst_ctx_free(ctx);
        assert_int_equal(g.n_live, 0);
        assert_int_equal(g.n_crowds, 0);
    }
    assert_true(n_failed > 200);
}

/* --- loops and tasks inside tasks --------------------------------------------------------------------------------- */

typedef struct sums {
    qst_ctx *ctx;
    double *parts;
} sums;

static void fill_row(void *arg, size_t row, int worker)
{
    sums *s = arg;
    (void)worker;
    for (size_t c = 0; c < 700; c++)
        s->parts[row * 700 + c] = sin((double)(row * 700 + c)) * ldexp(1, (int)(row % 50));
}

/* Loops over the threads of the task's own context. */
static qst_status sum_rows(qst_ctx *ctx, void *arg)
{
    double *out = arg;
    sums s = {.ctx = ctx};
    qst_status status = QSTI_NEW(ctx, 100 * 700, &s.parts);
    if (status != QST_OK)
        return status;
    qsti_parallel_for(ctx, 100, fill_row, &s);
    qsti_reduce_rows(ctx, s.parts, 100, 700, out);
    qsti_free(ctx, s.parts);
    return QST_OK;
}

/* A list of tasks of its own. */
static qst_status sum_inside(qst_ctx *ctx, void *arg)
{
    qst_status status = QST_OK;
    qsti_tasks *tasks = NULL;
    size_t number;
    double *out = arg;
    QSTI_TRY(qsti_tasks_create(ctx, &tasks));
    for (size_t i = 0; i < 3; i++)
        QSTI_TRY(qsti_tasks_add(tasks, &(qsti_task){.run = sum_rows, .arg = out + 700 * i, .stage = ""}, &number));
    QSTI_TRY(qsti_tasks_run(tasks));
done:
    qsti_tasks_free(tasks);
    return status;
}

static void results_have_the_same_bits(void **state)
{
    (void)state;
    static double out[N_THREAD_COUNTS][6][700];
    for (size_t t = 0; t < N_THREAD_COUNTS; t++) {
        qst_ctx *ctx = support_ctx(thread_counts[t]);
        qsti_tasks *tasks = NULL;
        size_t number;
        assert_ok(ctx, qsti_tasks_create(ctx, &tasks));
        for (size_t i = 0; i < 2; i++)
            assert_ok(ctx, qsti_tasks_add(tasks, &(qsti_task){.run = sum_inside, .arg = out[t][3 * i], .stage = ""},
                                          &number));
        assert_ok(ctx, qsti_tasks_run(tasks));
        qsti_tasks_free(tasks);
        qst_ctx_free(ctx);
        assert_memory_equal(out[t], out[0], sizeof out[0]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_are_done_once_and_in_order),
        cmocka_unit_test(as_many_at_a_time_as_threads),
        cmocka_unit_test(the_longest_way_goes_first),
        cmocka_unit_test(threads_are_shared),
        cmocka_unit_test(few_groups_are_open_at_a_time),
        cmocka_unit_test(the_log_is_that_of_one_thread),
        cmocka_unit_test(a_failure_stops_the_others),
        cmocka_unit_test(of_several_failures_the_first_is_named),
        cmocka_unit_test(a_delivery_that_fails),
        cmocka_unit_test(the_caller_may_stop_it),
        cmocka_unit_test(the_callers_allocator_sees_one_thread),
        cmocka_unit_test(every_allocation_may_fail),
        cmocka_unit_test(every_allocation_may_fail_side_by_side),
        cmocka_unit_test(results_have_the_same_bits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
