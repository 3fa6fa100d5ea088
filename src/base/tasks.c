/* tasks.c: a list scheduler on POSIX threads of its own.
 *
 * Each thread takes the best task that may begin. Best is what ends something, then the longest way: the task's cost
 * and that of the dearest chain of tasks behind it, so that no long chain is left for one thread at the end; then the
 * earlier one. A task gets the threads that are free, divided by the tasks that could begin: alone it gets all.
 *
 * The calling thread works on none of them. It looks up every LOOK_MS: hands on messages and deliveries in the order of
 * the list, says how far the work has come, and asks whether it shall go on. So the caller's callbacks and its
 * interrupt flag are never touched from another thread. With one thread, or one task, the caller does all by itself.
 *
 * `lock` guards everything but the tasks' progress, which is atomic, and `stop`.
 */
#include "base/tasks.h"

#include <assert.h>
#include <math.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <time.h>

#include "base/context.h"
#include "base/text.h"

#define LOOK_MS     20
#define STACK_BYTES ((size_t)8 << 20)
#define NONE        SIZE_MAX

typedef enum entry_state { WAITING, RUNNING, ENDED } entry_state;

typedef struct entry {
    qsti_tasks *tasks;
    qsti_task task;
    char *stage;
    size_t first_edge; /* to the tasks that wait for this one; NONE: nobody */
    size_t n_awaited;  /* tasks that must end before */
    double rank;       /* cost of the dearest chain that begins here */
    entry_state state;
    qst_status status;
    int n_threads;
    qst_ctx *ctx;
    qsti_text messages; /* not yet handed on: a byte for the level, text, NUL */
    uint64_t n_warned;  /* handed on */
    _Atomic double done, loss;
} entry;

typedef struct edge {
    size_t task, next;
} edge;

typedef struct group {
    size_t n_left; /* tasks that have not ended */
    bool is_open;  /* one of them has begun */
} group;

struct qsti_tasks {
    qst_ctx *ctx;
    entry *entries;
    size_t n_entries, entry_capacity;
    edge *edges;
    size_t n_edges, edge_capacity;
    group *groups;
    size_t n_groups;

    bool inline_only;
    size_t n_begun, n_ended, n_delivered, n_open, open_limit;
    int n_running, n_free_threads;
    double done, total, shown; /* cost of ended tasks, of all; what progress said last */
    qst_status delivery;       /* the failure of deliver(); its message is the context's */
    atomic_bool stop;
    pthread_mutex_t lock;
    pthread_cond_t work, news; /* for the threads; for the caller */
};

/* --- the list ----------------------------------------------------------------------------------------------------- */

qst_status qsti_tasks_create(qst_ctx *ctx, qsti_tasks **out)
{
    qsti_tasks *tasks = NULL;
    qst_status status = QSTI_NEW(ctx, 1, &tasks);
    if (status == QST_OK) {
        tasks->ctx = ctx;
        *out = tasks;
    }
    return status;
}

void qsti_tasks_free(qsti_tasks *tasks)
{
    if (tasks == NULL)
        return;
    qst_ctx *ctx = tasks->ctx;
    for (size_t i = 0; i < tasks->n_entries; i++) {
        qsti_text_clear(&tasks->entries[i].messages);
        qst_ctx_free(tasks->entries[i].ctx);
        qsti_free(ctx, tasks->entries[i].stage);
    }
    qsti_free(ctx, tasks->entries);
    qsti_free(ctx, tasks->edges);
    qsti_free(ctx, tasks->groups);
    qsti_free(ctx, tasks);
}

qst_status qsti_tasks_add(qsti_tasks *tasks, const qsti_task *task, size_t *out_task)
{
    char *stage = NULL;
    if (tasks->n_entries == tasks->entry_capacity) {
        size_t capacity = tasks->entry_capacity ? 2 * tasks->entry_capacity : 16;
        qst_status status = QSTI_GROW(tasks->ctx, capacity, &tasks->entries);
        if (status != QST_OK)
            return status;
        tasks->entry_capacity = capacity;
    }
    qst_status status = qsti_strdup(tasks->ctx, task->stage, &stage);
    if (status != QST_OK)
        return status;
    entry *e = &tasks->entries[tasks->n_entries];
    *e = (entry){.tasks = tasks,
                 .task = *task,
                 .stage = stage,
                 .first_edge = NONE,
                 .messages = {.ctx = tasks->ctx},
                 .loss = NAN};
    if (task->group >= tasks->n_groups)
        tasks->n_groups = task->group + 1;
    *out_task = tasks->n_entries++;
    return QST_OK;
}

qst_status qsti_tasks_order(qsti_tasks *tasks, size_t task, size_t earlier)
{
    assert(earlier < task && task < tasks->n_entries);
    assert(tasks->entries[earlier].task.group == tasks->entries[task].task.group);
    if (tasks->n_edges == tasks->edge_capacity) {
        size_t capacity = tasks->edge_capacity ? 2 * tasks->edge_capacity : 16;
        qst_status status = QSTI_GROW(tasks->ctx, capacity, &tasks->edges);
        if (status != QST_OK)
            return status;
        tasks->edge_capacity = capacity;
    }
    tasks->edges[tasks->n_edges] = (edge){task, tasks->entries[earlier].first_edge};
    tasks->entries[earlier].first_edge = tasks->n_edges++;
    tasks->entries[task].n_awaited++;
    return QST_OK;
}

/* Ranks from behind: what waits for a task stands after it. */
static qst_status prepare(qsti_tasks *tasks)
{
    qst_status status = QSTI_NEW(tasks->ctx, tasks->n_groups, &tasks->groups);
    if (status != QST_OK)
        return status;
    for (size_t i = tasks->n_entries; i-- > 0;) {
        entry *e = &tasks->entries[i];
        double behind = 0;
        for (size_t k = e->first_edge; k != NONE; k = tasks->edges[k].next) {
            double rank = tasks->entries[tasks->edges[k].task].rank;
            behind = rank > behind ? rank : behind;
        }
        e->rank = e->task.cost + behind;
        tasks->total += e->task.cost;
        tasks->groups[e->task.group].n_left++;
    }
    return QST_OK;
}

/* --- messages and progress of one task ---------------------------------------------------------------------------- */

/* On the calling thread: to the note, then to the log and the warnings of the context. */
static void hand_on(entry *e, qst_log_level level, const char *message)
{
    if (e->task.note != NULL)
        e->task.note(e->task.arg, level, message);
    if (level == QST_LOG_WARNING) {
        e->n_warned++;
        qsti_warn(e->tasks->ctx, "%s", message);
    } else {
        qsti_log(e->tasks->ctx, level, "%s", message);
    }
}

static void hear(void *user, qst_log_level level, const char *message)
{
    entry *e = user;
    if (e->tasks->inline_only) {
        hand_on(e, level, message);
        return;
    }
    char byte = (char)level;
    pthread_mutex_lock(&e->tasks->lock);
    e->messages.ctx = e->ctx;
    qsti_text_add_bytes(&e->messages, &byte, 1);
    qsti_text_add_bytes(&e->messages, message, strlen(message) + 1);
    pthread_mutex_unlock(&e->tasks->lock);
}

/* Looks from `first` on for the tasks that are running; says nothing when none is. */
static qst_progress look(qsti_tasks *tasks, size_t first)
{
    qst_progress progress = {NULL, tasks->done, tasks->total, 0};
    int n_left = tasks->n_running;
    for (size_t i = first; i < tasks->n_entries && n_left > 0; i++) {
        entry *e = &tasks->entries[i];
        if (e->state != RUNNING)
            continue;
        if (progress.stage == NULL) {
            progress.stage = e->stage;
            progress.loss = atomic_load(&e->loss);
        }
        progress.done += e->task.cost * atomic_load(&e->done);
        n_left--;
    }
    if (progress.done < tasks->shown)
        progress.done = tasks->shown;
    tasks->shown = progress.done;
    return progress;
}

/* A training that steps back does not take its progress back. */
static void watch(void *user, const qst_progress *progress)
{
    entry *e = user;
    double done = progress->total > 0 ? progress->done / progress->total : 0;
    done = done > 1 ? 1 : done;
    if (done > atomic_load(&e->done))
        atomic_store(&e->done, done);
    atomic_store(&e->loss, progress->loss);
    if (e->tasks->inline_only) {
        qst_progress all = look(e->tasks, (size_t)(e - e->tasks->entries));
        qsti_progress(e->tasks->ctx, &all);
    }
}

static qst_status run_entry(entry *e)
{
    qsti_tasks *tasks = e->tasks;
    bool here = tasks->inline_only;
    const qst_ctx_opts opts = {.log = hear,
                               .progress = watch,
                               .user = e,
                               .n_threads = e->n_threads,
                               .interrupt = here ? tasks->ctx->interrupt : NULL};
    qst_status status = qsti_ctx_create_child(tasks->ctx, &opts, here ? tasks->ctx->stop : &tasks->stop, &e->ctx);
    return status == QST_OK ? e->task.run(e->ctx, e->task.arg) : status;
}

/* On the calling thread, after a task that went well and all before it. */
static qst_status deliver(entry *e)
{
    qst_ctx *ctx = e->tasks->ctx;
    ctx->n_warnings_given += e->ctx->n_warnings_given - e->n_warned; /* those that it had given before */
    qst_status status = e->task.deliver != NULL ? e->task.deliver(ctx, e->task.arg) : QST_OK;
    if (!e->task.keeps_ctx) {
        qsti_text_clear(&e->messages);
        qst_ctx_free(e->ctx);
        e->ctx = NULL;
    }
    return status;
}

/* The context's message becomes that of a task that failed. */
static qst_status fail_as(const entry *e)
{
    return qsti_fail(e->tasks->ctx, e->status, "%s", e->ctx != NULL ? e->ctx->message : "out of memory: a context");
}

/* --- one after the other ------------------------------------------------------------------------------------------ */

static qst_status run_in_order(qsti_tasks *tasks)
{
    tasks->inline_only = true;
    tasks->n_running = 1;
    for (size_t i = 0; i < tasks->n_entries; i++) {
        entry *e = &tasks->entries[i];
        qst_status status = qsti_check_interrupt(tasks->ctx);
        if (status != QST_OK)
            return status;
        e->n_threads = tasks->ctx->n_threads;
        e->state = RUNNING;
        e->status = run_entry(e);
        e->state = ENDED;
        if (e->status != QST_OK)
            return fail_as(e);
        tasks->done += e->task.cost;
        status = deliver(e);
        if (status != QST_OK)
            return status;
    }
    return QST_OK;
}

/* --- side by side: the threads ------------------------------------------------------------------------------------ */

static bool may_begin(const qsti_tasks *tasks, const entry *e)
{
    return e->state == WAITING && e->n_awaited == 0 &&
           (tasks->groups[e->task.group].is_open || tasks->n_open < tasks->open_limit);
}

static bool goes_before(const entry *a, const entry *b)
{
    return a->task.soon != b->task.soon ? a->task.soon : a->rank > b->rank;
}

/* The next task, or NULL when none may begin now. *out_n: how many could. */
static entry *choose(qsti_tasks *tasks, size_t *out_n)
{
    entry *best = NULL;
    *out_n = 0;
    for (size_t i = 0; i < tasks->n_entries && tasks->n_free_threads > 0; i++) {
        entry *e = &tasks->entries[i];
        if (!may_begin(tasks, e))
            continue;
        ++*out_n;
        if (best == NULL || goes_before(e, best))
            best = e;
    }
    return best;
}

static void begin(qsti_tasks *tasks, entry *e, size_t n_that_could)
{
    group *g = &tasks->groups[e->task.group];
    int share = n_that_could < (size_t)tasks->n_free_threads ? tasks->n_free_threads / (int)n_that_could : 1;
    tasks->n_open += g->is_open ? 0 : 1;
    g->is_open = true;
    e->state = RUNNING;
    e->n_threads = share;
    tasks->n_free_threads -= share;
    tasks->n_running++;
    tasks->n_begun++;
}

static void end(qsti_tasks *tasks, entry *e, qst_status status)
{
    group *g = &tasks->groups[e->task.group];
    e->state = ENDED;
    e->status = status == QST_OK ? e->messages.status : status;
    tasks->n_free_threads += e->n_threads;
    tasks->n_running--;
    tasks->n_ended++;
    tasks->done += e->task.cost;
    tasks->n_open -= --g->n_left == 0 ? 1 : 0;
    for (size_t k = e->first_edge; k != NONE; k = tasks->edges[k].next)
        tasks->entries[tasks->edges[k].task].n_awaited--;
    if (e->status != QST_OK)
        atomic_store(&tasks->stop, true);
    pthread_cond_broadcast(&tasks->work);
    pthread_cond_signal(&tasks->news);
}

static void *live(void *arg)
{
    qsti_tasks *tasks = arg;
    pthread_mutex_lock(&tasks->lock);
    while (tasks->n_begun < tasks->n_entries && !atomic_load(&tasks->stop)) {
        size_t n_that_could;
        entry *e = choose(tasks, &n_that_could);
        if (e == NULL) {
            pthread_cond_wait(&tasks->work, &tasks->lock);
            continue;
        }
        begin(tasks, e, n_that_could);
        pthread_mutex_unlock(&tasks->lock);
        qst_status status = run_entry(e);
        pthread_mutex_lock(&tasks->lock);
        end(tasks, e, status);
    }
    pthread_mutex_unlock(&tasks->lock);
    return NULL;
}

/* --- side by side: the caller ------------------------------------------------------------------------------------- */

/* Hands the messages of a task on; the lock is held but for that. */
static void empty(entry *e)
{
    qsti_tasks *tasks = e->tasks;
    while (e->messages.length > 0) {
        qsti_text messages = e->messages;
        e->messages = (qsti_text){.ctx = messages.ctx, .status = messages.status};
        pthread_mutex_unlock(&tasks->lock);
        for (size_t at = 0; at < messages.length; at += strlen(messages.bytes + at + 1) + 2)
            hand_on(e, (qst_log_level)messages.bytes[at], messages.bytes + at + 1);
        qsti_free(messages.ctx, messages.bytes);
        pthread_mutex_lock(&tasks->lock);
    }
}

/* All that is due, in the order of the list; the lock is held but for the deliveries. */
static void deliver_due(qsti_tasks *tasks)
{
    while (tasks->n_delivered < tasks->n_entries && tasks->delivery == QST_OK) {
        entry *e = &tasks->entries[tasks->n_delivered];
        empty(e);
        if (e->state != ENDED || e->status != QST_OK)
            return;
        pthread_mutex_unlock(&tasks->lock);
        qst_status status = deliver(e);
        pthread_mutex_lock(&tasks->lock);
        tasks->delivery = status;
        tasks->n_delivered++;
        if (status != QST_OK)
            atomic_store(&tasks->stop, true);
    }
}

static void look_up(qsti_tasks *tasks)
{
    qst_progress progress = look(tasks, tasks->n_delivered);
    pthread_mutex_unlock(&tasks->lock);
    if (progress.stage != NULL)
        qsti_progress(tasks->ctx, &progress);
    if (tasks->delivery == QST_OK && qsti_check_interrupt(tasks->ctx) != QST_OK)
        atomic_store(&tasks->stop, true);
    pthread_mutex_lock(&tasks->lock);
}

static bool is_over(const qsti_tasks *tasks)
{
    return tasks->n_running == 0 && (tasks->n_ended == tasks->n_entries || atomic_load(&tasks->stop));
}

/* CLOCK_MONOTONIC, as the condition was made. */
static struct timespec soon(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    t.tv_nsec += LOOK_MS * 1000000L;
    t.tv_sec += t.tv_nsec / 1000000000L;
    t.tv_nsec %= 1000000000L;
    return t;
}

static void attend(qsti_tasks *tasks)
{
    pthread_mutex_lock(&tasks->lock);
    while (!is_over(tasks)) {
        struct timespec until = soon();
        pthread_cond_timedwait(&tasks->news, &tasks->lock, &until);
        deliver_due(tasks);
        look_up(tasks);
    }
    deliver_due(tasks);
    pthread_cond_broadcast(&tasks->work);
    pthread_mutex_unlock(&tasks->lock);
}

/* Signals are for the caller's thread. Gives the number of threads that the system let us have. */
static int start(qsti_tasks *tasks, pthread_t *threads, int n_threads)
{
    int n_started = 0;
    sigset_t all, before;
    pthread_attr_t attributes;
    if (pthread_attr_init(&attributes) != 0)
        return 0;
    pthread_attr_setstacksize(&attributes, STACK_BYTES);
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    while (n_started < n_threads && pthread_create(&threads[n_started], &attributes, live, tasks) == 0)
        n_started++;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    pthread_attr_destroy(&attributes);
    return n_started;
}

/* The first task that failed, not one that was only told to stop. */
static qst_status outcome(qsti_tasks *tasks)
{
    for (size_t i = 0; i < tasks->n_entries; i++) {
        const entry *e = &tasks->entries[i];
        if (e->state == ENDED && e->status != QST_OK && e->status != QST_ERR_INTERRUPTED)
            return fail_as(e);
    }
    if (tasks->delivery != QST_OK)
        return tasks->delivery;
    if (tasks->n_delivered == tasks->n_entries)
        return QST_OK;
    return qsti_fail(tasks->ctx, QST_ERR_INTERRUPTED, "stopped by request");
}

static bool make_lock(qsti_tasks *tasks)
{
    pthread_condattr_t monotonic;
    if (pthread_condattr_init(&monotonic) != 0)
        return false;
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    bool made = pthread_mutex_init(&tasks->lock, NULL) == 0 && pthread_cond_init(&tasks->work, NULL) == 0 &&
                pthread_cond_init(&tasks->news, &monotonic) == 0;
    pthread_condattr_destroy(&monotonic);
    return made;
}

static qst_status run_side_by_side(qsti_tasks *tasks, int n_threads)
{
    qst_status status = QST_OK;
    pthread_t *threads = NULL;
    int n_started = 0;
    QSTI_TRY(QSTI_NEW(tasks->ctx, (size_t)n_threads, &threads));
    if (!make_lock(tasks))
        QSTI_TRY(qsti_fail(tasks->ctx, QST_ERR_MEMORY, "out of memory: threads"));
    tasks->n_free_threads = tasks->ctx->n_threads;
    tasks->open_limit = (size_t)n_threads + 1;
    n_started = start(tasks, threads, n_threads);
    if (n_started > 0)
        attend(tasks);
    for (int i = 0; i < n_started; i++)
        pthread_join(threads[i], NULL);
    pthread_cond_destroy(&tasks->news);
    pthread_cond_destroy(&tasks->work);
    pthread_mutex_destroy(&tasks->lock);
    status = n_started > 0 ? outcome(tasks) : run_in_order(tasks);
done:
    qsti_free(tasks->ctx, threads);
    return status;
}

qst_status qsti_tasks_run(qsti_tasks *tasks)
{
    int n_threads = tasks->ctx->n_threads;
    if (tasks->n_entries < (size_t)n_threads)
        n_threads = (int)tasks->n_entries;
    qst_status status = prepare(tasks);
    if (status != QST_OK)
        return status;
    return n_threads > 1 ? run_side_by_side(tasks, n_threads) : run_in_order(tasks);
}
