/* tasks.h: long pieces of work side by side, each on a context of its own, with an order among them.
 *
 * For work that one thread does best alone, such as the training of a small model; what spreads over threads inside is
 * threads.h. Results, log and failures are those of doing the tasks one after the other in the order in which they were
 * added, whatever the number of threads.
 */
#ifndef QSTI_BASE_TASKS_H
#define QSTI_BASE_TASKS_H

#include "base/status.h"

typedef struct qsti_tasks qsti_tasks;

typedef struct qsti_task {
    /* The work, on some thread. `ctx` is the task's own: its log comes out in the order of the tasks, qsti_progress()
     * says how much of this task is done, qsti_check_interrupt() when it shall stop. What others read must not be
     * changed. Objects of other contexts are read through a view of this one (qsti_dataset_view() and its kin). */
    qst_status (*run)(qst_ctx *ctx, void *arg);
    /* What is left to do on the thread and the context of qsti_tasks_run(), in the order of the tasks; may be NULL. */
    qst_status (*deliver)(qst_ctx *ctx, void *arg);
    /* Every message of the task, before it goes to the log, as for deliver(); may be NULL. */
    void (*note)(void *arg, qst_log_level level, const char *message);
    void *arg;
    const char *stage; /* for progress; copied */
    double cost;       /* in units that compare, for progress and for who goes first */
    size_t group;      /* 0, 1, ...: tasks that stand on the same memory */
    bool soon;         /* short, and ends something: goes before all others */
    bool keeps_ctx;    /* objects of the task's context outlive it: it is freed by qsti_tasks_free() */
} qsti_task;

/* An empty list; `ctx` is borrowed. */
qst_status qsti_tasks_create(qst_ctx *ctx, qsti_tasks **out);
void qsti_tasks_free(qsti_tasks *tasks);

/* *out_task: its number, 0, 1, ... */
qst_status qsti_tasks_add(qsti_tasks *tasks, const qsti_task *task, size_t *out_task);

/* `task` begins when `earlier` has ended; earlier < task, and both are of one group. */
qst_status qsti_tasks_order(qsti_tasks *tasks, size_t task, size_t earlier);

/* Runs all tasks, once, at most as many at a time as the context has threads, each of them on its share of the threads:
 * the one with the longest way to the end of its group first. Groups begun and not ended are at most one more than
 * threads, and with one thread all goes in the order of the list. Callbacks of the context are called from the calling
 * thread. Errors: the failure of the first task that failed, with its message; the others are told to stop when the
 * first failure comes. ERR_INTERRUPTED. */
qst_status qsti_tasks_run(qsti_tasks *tasks);

#endif
