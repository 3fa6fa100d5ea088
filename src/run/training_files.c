/* training_files.c: where trainings of a run leave what they leave: checkpoints, models, lines of the logs. */
#include <stdio.h>

#include "run/run.h"

qst_status qsti_run_checkpoint(const qsti_run *run, qst_ctx *ctx, const char *name, const char *what, char **out)
{
    char flat[300];
    snprintf(flat, sizeof flat, "%.250s-%.40s", name, what);
    for (char *c = flat; *c != '\0'; c++)
        *c = *c == '/' ? '-' : *c;
    return qsti_run_path(ctx, &run->folder, out, "checkpoints/%s.checkpoint", flat);
}

qst_train_opts qsti_run_train_opts(const qsti_run *run, const qsti_recipe_values *values,
                                   const qsti_recipe_model *model, uint64_t seed, const char *checkpoint)
{
    qst_train_opts opts = model->train;
    opts.seed = seed;
    opts.checkpoint = checkpoint;
    opts.checkpoint_every_s = values->checkpoint_every_s;
    opts.resume = run->resume;
    return opts;
}

qst_status qsti_run_save_model(const qsti_run *run, const qst_model *model, const char *name, const char *what)
{
    char *path = NULL;
    if (run->search != NULL)
        return QST_OK;
    qst_status status = qsti_run_path(model->ctx, &run->folder, &path, "%s/%s", name, what);
    if (status == QST_OK)
        status = qst_model_save(model, path);
    qsti_free(model->ctx, path);
    return status;
}

void qsti_run_tell(qsti_run *run, const char *setting, uint64_t seed, const char *name, const char *what,
                   double accuracy, const qsti_train_outcome *outcome)
{
    qsti_run_metrics(&run->folder, setting, seed, what, outcome);
    if (outcome->result.epochs == 0)
        qsti_run_log(&run->folder, "%s: %s: test accuracy %.2f %%, fitted", name, what, 100 * accuracy);
    else
        qsti_run_log(&run->folder, "%s: %s: test accuracy %.2f %%, epoch %zu of %zu", name, what, 100 * accuracy,
                     outcome->result.selected_epoch, outcome->result.epochs);
}
