/* training_search.c: the end of a trial of a search: how it did on the validation rows, and nothing more. */
#include <math.h>

#include "run/trainings.h"

qst_status qsti_run_search_end(qst_ctx *ctx, void *arg)
{
    qsti_run_trial *t = arg;
    qsti_run_base *b = t->base;
    const qsti_search_round *search = t->run->search;
    qst_distill_result distilled = {0};
    qsti_search_score *score = &search->scores[t->setting * search->n_seeds + t->index];
    *score = (qsti_search_score){.diverged = atomic_load(&t->diverged), .accuracy = NAN, .loss = NAN};
    size_t best = qsti_distillation_choose(t->distillation, &distilled);
    if (!score->diverged) {
        const qst_distill_cell *cell = &distilled.cells[best];
        score->accuracy = cell->validation_accuracy;
        score->loss = cell->validation_loss;
        score->epoch = distilled.train.selected_epoch;
    }
    score->temperature = distilled.temperature;
    score->alpha = distilled.alpha;
    for (size_t i = 0; i < b->dataset->n_rows; i++)
        score->n_validation += b->dataset->splits[i] == QST_VALIDATION;
    qst_distill_result_clear(ctx, &distilled);
    qsti_run_trial_leave(ctx, t);
    return QST_OK;
}

qst_status qsti_run_search_deliver(qst_ctx *ctx, void *arg)
{
    (void)ctx;
    qsti_run_trial *t = arg;
    qsti_run *run = t->run;
    const qsti_search_score *score = &run->search->scores[t->setting * run->search->n_seeds + t->index];
    if (score->diverged)
        qsti_run_log(&run->folder, "%s: diverged", t->name);
    else
        qsti_run_log(&run->folder, "%s: validation accuracy %.2f %%, cross-entropy %.4f, epoch %zu", t->name,
                     100 * score->accuracy, score->loss, score->epoch);
    return run->search->deliver(run->search->user, t->setting, t->index);
}
