/* training_base.c: a base: dataset, teacher and knowledge of one seed, as a task (trainings.c). */
#include "run/trainings.h"

void qsti_run_base_clear(qst_ctx *ctx, qsti_run_base *b)
{
    qsti_teaching_release(ctx, &b->teaching);
    qst_dataset_free(b->dataset);
    b->dataset = NULL;
}

/* Dataset, teacher and knowledge of one seed. They belong to the task's context, which is kept. */
qst_status qsti_run_base_make(qst_ctx *ctx, void *arg)
{
    qst_status status = QST_OK;
    qsti_run_base *b = arg;
    qst_table table = qsti_table_view(b->run->tables[b->setting], ctx);
    char *path = NULL;
    QSTI_TRY(qsti_run_dataset(qsti_run_values(b->run, b->setting), &table, b->seed, &b->dataset));
    if (b->run->search == NULL) {
        QSTI_TRY(qsti_run_path(ctx, &b->run->folder, &path, "%s/data", b->name));
        QSTI_TRY(qst_dataset_save(b->dataset, path));
    }
    const qsti_teaching_plan plan = {b->run, b->setting, b->seed, b->name, b->dataset, &table};
    QSTI_TRY(qsti_teaching_make(ctx, &plan, &b->teaching));
    b->seconds = qsti_teaching_seconds(&b->teaching);
    b->span = (qsti_run_span){b->teaching.begin, b->teaching.end};
done:
    qsti_free(ctx, path);
    return status;
}

qst_status qsti_run_base_deliver(qst_ctx *ctx, void *arg)
{
    qsti_run_base *b = arg;
    const char *setting = b->setting == 0 ? "" : qsti_run_values(b->run, b->setting)->setting;
    for (size_t i = 0; i < b->teaching.n_mentors; i++) {
        qsti_mentor *mentor = &b->teaching.mentors[i];
        if (b->run->search == NULL)
            qsti_run_tell(b->run, setting, b->seed, b->name, mentor->name, mentor->result.test.accuracy,
                          &mentor->outcome);
        else
            qsti_run_log(&b->run->folder, "%s: %s: epoch %zu of %zu", b->name, mentor->name,
                         mentor->outcome.result.selected_epoch, mentor->outcome.result.epochs);
        qsti_train_outcome_clear(ctx, &mentor->outcome);
    }
    return QST_OK;
}

void qsti_run_base_note(void *arg, qst_log_level level, const char *message)
{
    const qsti_run_base *b = arg;
    if (level != QST_LOG_DEBUG)
        qsti_run_note(&b->run->folder, "%s: teacher: %s%s", b->name, level == QST_LOG_WARNING ? "warning: " : "",
                      message);
}
