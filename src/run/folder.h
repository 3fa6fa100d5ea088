/* folder.h: the run folder: its name, its files, what is left in it for --resume. */
#ifndef QSTI_RUN_FOLDER_H
#define QSTI_RUN_FOLDER_H

#include <qstill/run.h>

#include "base/text.h"
#include "learn/train.h"

typedef struct qsti_run_folder {
    qst_ctx *ctx;
    char *path;
    qsti_text log, metrics; /* log.txt and metrics.csv as they grow */
    size_t n_terms;         /* of the setting with the most: columns of metrics.csv */
    double flushed;         /* when they were written last, monotonic seconds */
} qsti_run_folder;

/* What a folder is for. */
typedef struct qsti_folder_plan {
    const char *name;   /* of the folder when none is given */
    const char *recipe; /* its text */
    const char *result; /* the file that says that all is done */
    bool has_metrics;
    size_t n_terms; /* the most terms of a setting, for the columns of metrics.csv */
} qsti_folder_plan;

/* Opens the folder: the given one, or runs/<name>-NNN with the next free number. A new one must be empty or missing and
 * gets recipe.yaml; with `resume` it must hold the same recipe (ERR_MISMATCH). *out_finished: the result is there
 * already. */
qst_status qsti_run_folder_open(qst_ctx *ctx, const qsti_folder_plan *plan, const qst_run_opts *opts,
                                qsti_run_folder *out, bool *out_finished);
void qsti_run_folder_clear(qsti_run_folder *folder);

/* "<folder>/a/b" from printf-like parts; freed by the caller. */
qst_status qsti_run_path(qst_ctx *ctx, const qsti_run_folder *folder, char **out, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* A line of log.txt that also goes to the log of the context; one that is a notice there; one that does not, because it
 * came from there. None holds a time: equal work leaves equal lines. */
void qsti_run_log(qsti_run_folder *folder, const char *format, ...) __attribute__((format(printf, 2, 3)));
void qsti_run_announce(qsti_run_folder *folder, const char *format, ...) __attribute__((format(printf, 2, 3)));
void qsti_run_note(qsti_run_folder *folder, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* A training's epochs as lines of metrics.csv. */
void qsti_run_metrics(qsti_run_folder *folder, const char *setting, uint64_t seed, const char *model,
                      const qsti_train_outcome *outcome);
/* Writes both files, metrics.csv where there are metrics. */
qst_status qsti_run_flush(qsti_run_folder *folder);
/* The same while work goes on, at most once a second: they are written whole, and grow. */
qst_status qsti_run_flush_sometimes(qsti_run_folder *folder);

/* The last line of work that failed: why, which stays the message of the context whatever becomes of the files. That of
 * an interruption says how the work goes on. */
void qsti_run_folder_stop(qsti_run_folder *folder, qst_status status);

/* Removes the checkpoints of a finished run. */
void qsti_run_forget_checkpoints(const qsti_run_folder *folder);

#endif
