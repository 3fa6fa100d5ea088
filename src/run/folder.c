/* folder.c: see folder.h. log.txt and metrics.csv are kept in memory and written whole, so that they are never half a
 * line. */
#include "run/folder.h"

#include <errno.h>
#include <ftw.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "recipe/recipe.h"

#define MAX_RUNS         9999
#define MAX_OPEN_FOLDERS 16
#define FLUSH_S          1.0

qst_status qsti_run_path(qst_ctx *ctx, const qsti_run_folder *folder, char **out, const char *format, ...)
{
    char tail[512];
    va_list list;
    va_start(list, format);
    int n = vsnprintf(tail, sizeof tail, format, list);
    va_end(list);
    if (n < 0 || (size_t)n >= sizeof tail)
        return qsti_fail(ctx, QST_ERR_LIMIT, "%.64s...: the name is too long", tail);
    return qsti_path_join(ctx, folder->path, tail, out);
}

/* --- opening ------------------------------------------------------------------------------------------------------ */

/* runs/<name>-001, counted up; mkdir decides, so that two runs never share one. */
static qst_status next_free(qst_ctx *ctx, const char *name, char **out)
{
    qst_status status = qsti_folder_make(ctx, "runs");
    for (int i = 1; i <= MAX_RUNS && status == QST_OK; i++) {
        char path[256];
        snprintf(path, sizeof path, "runs/%.200s-%03d", name, i);
        if (mkdir(path, 0777) == 0)
            return qsti_strdup(ctx, path, out);
        if (errno != EEXIST)
            return qsti_fail_errno(ctx, "%s: cannot be made", path);
    }
    return status != QST_OK ? status
                            : qsti_fail(ctx, QST_ERR_SYSTEM, "runs/: %d runs of this name are there", MAX_RUNS);
}

static qst_status check_same_recipe(qst_ctx *ctx, const char *recipe, const char *path)
{
    char *text = NULL;
    size_t length = 0;
    qst_status status = qsti_file_read(ctx, path, (size_t)16 << 20, &text, &length);
    if (status == QST_OK && strcmp(text, recipe) != 0)
        status =
            qsti_fail(ctx, QST_ERR_MISMATCH,
                      "%s: is another recipe than the one to resume: give the same recipe, --set and --seed", path);
    qsti_free(ctx, text);
    return status;
}

/* What a killed process left of files that it was writing (base/file_write.c names them so). */
static int remove_leftover(const char *path, const struct stat *info, int type, struct FTW *walk)
{
    const char *name = path + walk->base;
    size_t n = strlen(name);
    (void)info;
    if (type == FTW_F && strncmp(name, ".qstill-", 8) == 0 && strcmp(name + n - 4, ".tmp") == 0)
        unlink(path);
    return 0;
}

/* Those given before there was a folder. */
static void add_warnings(qsti_run_folder *folder)
{
    const char *const *messages = NULL;
    size_t n = qsti_ctx_warnings(folder->ctx, &messages);
    for (size_t i = 0; i < n; i++)
        qsti_text_add(&folder->log, "warning: %s\n", messages[i]);
}

/* The columns: terms by their number in distill.terms. */
static void begin_metrics(qsti_run_folder *folder, size_t n_terms)
{
    folder->n_terms = n_terms;
    qsti_text_add(&folder->metrics, "setting,seed,model,restart,epoch,train_loss,validation_loss,validation_accuracy,"
                                    "hard_loss,soft_loss,gradient_norm,hard_gradient,soft_gradient");
    for (size_t i = 1; i <= folder->n_terms; i++)
        qsti_text_add(&folder->metrics, ",term_%zu_loss,term_%zu_gradient", i, i);
    qsti_text_add(&folder->metrics, "\n");
}

qst_status qsti_run_folder_open(qst_ctx *ctx, const qsti_folder_plan *plan, const qst_run_opts *opts,
                                qsti_run_folder *out, bool *out_finished)
{
    qst_status status = QST_OK;
    qsti_run_folder folder = {.ctx = ctx};
    char *recipe_path = NULL, *result_path = NULL;
    qsti_text_init(&folder.log, ctx);
    qsti_text_init(&folder.metrics, ctx);
    if (opts->resume && opts->folder == NULL)
        QSTI_TRY(qsti_fail(ctx, QST_ERR_USAGE, "--resume needs --out DIR, the folder of the run to go on with"));
    if (opts->folder == NULL)
        QSTI_TRY(next_free(ctx, plan->name, &folder.path));
    else
        QSTI_TRY(qsti_strdup(ctx, opts->folder, &folder.path));
    QSTI_TRY(qsti_run_path(ctx, &folder, &recipe_path, "recipe.yaml"));
    QSTI_TRY(qsti_run_path(ctx, &folder, &result_path, "%s", plan->result));
    if (opts->resume) /* also where it was killed while it wrote its first file */
        nftw(folder.path, remove_leftover, MAX_OPEN_FOLDERS, FTW_PHYS);
    bool there = opts->resume && qsti_path_exists(recipe_path);
    if (there) {
        QSTI_TRY(check_same_recipe(ctx, plan->recipe, recipe_path));
    } else {
        QSTI_TRY(qsti_folder_claim(ctx, folder.path));
    }
    if (!there)
        QSTI_TRY(qsti_file_write(ctx, recipe_path, plan->recipe, strlen(plan->recipe)));
    *out_finished = there && qsti_path_exists(result_path);
    add_warnings(&folder);
    if (plan->has_metrics)
        begin_metrics(&folder, plan->n_terms);
    *out = folder;
    folder = (qsti_run_folder){.ctx = ctx};
done:
    qsti_run_folder_clear(&folder);
    qsti_free(ctx, recipe_path);
    qsti_free(ctx, result_path);
    return status;
}

void qsti_run_folder_clear(qsti_run_folder *folder)
{
    if (folder->ctx == NULL)
        return;
    qsti_text_clear(&folder->log);
    qsti_text_clear(&folder->metrics);
    qsti_free(folder->ctx, folder->path);
    *folder = (qsti_run_folder){0};
}

/* --- log and metrics ---------------------------------------------------------------------------------------------- */

#define LINE_BYTES 1536

static void add_line(qsti_run_folder *folder, char line[LINE_BYTES], const char *format, va_list args)
    __attribute__((format(printf, 3, 0)));
static void add_line(qsti_run_folder *folder, char line[LINE_BYTES], const char *format, va_list args)
{
    (void)qsti_vformat(line, LINE_BYTES, format, args);
    qsti_text_add(&folder->log, "%s\n", line);
}

void qsti_run_log(qsti_run_folder *folder, const char *format, ...)
{
    char line[LINE_BYTES];
    va_list args;
    va_start(args, format);
    add_line(folder, line, format, args);
    va_end(args);
    qsti_log(folder->ctx, QST_LOG_INFO, "%s", line);
}

void qsti_run_announce(qsti_run_folder *folder, const char *format, ...)
{
    char line[LINE_BYTES];
    va_list args;
    va_start(args, format);
    add_line(folder, line, format, args);
    va_end(args);
    qsti_log(folder->ctx, QST_LOG_NOTICE, "%s", line);
}

void qsti_run_note(qsti_run_folder *folder, const char *format, ...)
{
    char line[LINE_BYTES];
    va_list args;
    va_start(args, format);
    add_line(folder, line, format, args);
    va_end(args);
}

void qsti_run_metrics(qsti_run_folder *folder, const char *setting, uint64_t seed, const char *model,
                      const qsti_train_outcome *outcome)
{
    for (size_t i = 0; i < outcome->n_epochs; i++) {
        const qsti_epoch *epoch = &outcome->epochs[i];
        const double numbers[] = {epoch->train_loss,    epoch->validation_loss, epoch->validation_accuracy,
                                  epoch->hard_loss,     epoch->soft_loss,       epoch->gradient_norm,
                                  epoch->hard_gradient, epoch->soft_gradient};
        qsti_text_add(&folder->metrics, "%s,%llu,%s,%d,%d", setting, (unsigned long long)seed, model,
                      (int)epoch->restart, (int)epoch->epoch + 1);
        for (size_t j = 0; j < sizeof numbers / sizeof *numbers; j++)
            qsti_text_add_field(&folder->metrics, numbers[j]);
        for (size_t k = 0; k < folder->n_terms; k++) {
            bool there = k < outcome->n_terms;
            const qsti_term_epoch *term = there ? &outcome->terms[i * outcome->n_terms + k] : NULL;
            qsti_text_add_field(&folder->metrics, there ? term->loss : NAN);
            qsti_text_add_field(&folder->metrics, there ? term->gradient : NAN);
        }
        qsti_text_add(&folder->metrics, "\n");
    }
}

qst_status qsti_run_flush(qsti_run_folder *folder)
{
    qst_status status = QST_OK;
    char *log = NULL, *metrics = NULL;
    QSTI_TRY(folder->log.status);
    QSTI_TRY(folder->metrics.status);
    QSTI_TRY(qsti_run_path(folder->ctx, folder, &log, "log.txt"));
    QSTI_TRY(qsti_run_path(folder->ctx, folder, &metrics, "metrics.csv"));
    QSTI_TRY(qsti_file_write(folder->ctx, log, folder->log.bytes, folder->log.length));
    if (folder->metrics.length > 0)
        QSTI_TRY(qsti_file_write(folder->ctx, metrics, folder->metrics.bytes, folder->metrics.length));
done:
    qsti_free(folder->ctx, log);
    qsti_free(folder->ctx, metrics);
    return status;
}

qst_status qsti_run_flush_sometimes(qsti_run_folder *folder)
{
    double now = qsti_now();
    if (now - folder->flushed < FLUSH_S)
        return QST_OK;
    folder->flushed = now;
    return qsti_run_flush(folder);
}

void qsti_run_folder_stop(qsti_run_folder *folder, qst_status status)
{
    char message[LINE_BYTES];
    if (status == QST_ERR_INTERRUPTED)
        qsti_fail(folder->ctx, status, "stopped by request; the same command with --resume --out %s goes on",
                  folder->path);
    snprintf(message, sizeof message, "%s", qst_ctx_message(folder->ctx));
    qsti_run_log(folder, "stopped: %s", message);
    if (qsti_run_flush(folder) != QST_OK)
        qsti_fail(folder->ctx, status, "%s", message);
}

static int remove_entry(const char *path, const struct stat *info, int type, struct FTW *walk)
{
    (void)info;
    (void)type;
    (void)walk;
    remove(path);
    return 0;
}

void qsti_run_forget_checkpoints(const qsti_run_folder *folder)
{
    char *path = NULL;
    if (qsti_run_path(folder->ctx, folder, &path, "checkpoints") != QST_OK)
        return;
    nftw(path, remove_entry, MAX_OPEN_FOLDERS, FTW_DEPTH | FTW_PHYS);
    qsti_free(folder->ctx, path);
}
