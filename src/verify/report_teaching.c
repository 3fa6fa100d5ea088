/* report_teaching.c: the parts of a report on what stands before the student: the teacher's members, the chain between
 * teacher and student, the teacher's calibration, and the ledger of what the teacher was asked. */
#include <math.h>
#include <string.h>

#include "verify/report_parts.h"

/* --- models ------------------------------------------------------------------------------------------------------- */

/* One number of a step over the seeds: its mean, interval and values. */
static bool put_share(json_t *entry, const char *key, const char *ci_key, double *values, size_t n)
{
    qsti_mean mean = qsti_mean_interval(values, n, QSTI_INTERVAL_LEVEL);
    return qsti_json_put(entry, key, qsti_json_real(mean.mean)) &&
           qsti_json_put(entry, ci_key, qsti_json_interval(mean.interval));
}

/* Step `index`, which every seed has: the recipe decides what is trained. scratch: (2, seeds). */
static bool put_step(const qsti_setting_result *setting, size_t index, double *scratch, json_t *list)
{
    const qsti_step_result *first = &setting->seeds[0].steps[index];
    double *accuracies = scratch, *agreements = scratch + setting->n_seeds;
    size_t n_steps = 0;
    for (size_t s = 0; s < setting->n_seeds; s++) {
        const qsti_step_result *step = &setting->seeds[s].steps[index];
        accuracies[s] = step->accuracy;
        agreements[s] = step->agreement;
        n_steps += step->n_steps;
    }
    json_t *entry = json_object();
    if (json_array_append_new(list, entry) != 0)
        return false;
    return qsti_json_put(entry, "name", json_string(first->name)) &&
           put_share(entry, "accuracy", "accuracy_ci", accuracies, setting->n_seeds) &&
           put_share(entry, "agreement", "agreement_ci", agreements, setting->n_seeds) &&
           qsti_json_put(entry, "seeds", qsti_json_reals(accuracies, setting->n_seeds)) &&
           qsti_json_put(entry, "steps", qsti_json_count(n_steps)) &&
           qsti_json_put(entry, "size", qsti_size_json(&first->size));
}

/* Those in the chain, or the members of a teacher that has several. */
static bool put_steps(const qsti_setting_result *setting, bool in_chain, const char *key, double *scratch,
                      json_t *object)
{
    json_t *list = json_array();
    size_t n_steps = setting->n_seeds > 0 ? setting->seeds[0].n_steps : 0, n_members = 0;
    bool ok = qsti_json_put(object, key, list);
    for (size_t i = 0; i < n_steps; i++)
        n_members += !setting->seeds[0].steps[i].in_chain;
    for (size_t i = 0; ok && i < n_steps; i++)
        if (setting->seeds[0].steps[i].in_chain == in_chain && (in_chain || n_members > 1))
            ok = put_step(setting, i, scratch, list);
    return ok;
}

/* --- questions ---------------------------------------------------------------------------------------------------- */

static bool put_queries(const qsti_setting_result *setting, json_t *object)
{
    static const char *const origins[QSTI_REPORT_QUERIES] = {"file", "mixup", "noise"};
    size_t wanted = 0, asked = 0;
    json_t *queries = json_object();
    bool ok = qsti_json_put(object, "queries", queries);
    for (size_t o = 0; ok && o < QSTI_REPORT_QUERIES; o++) {
        size_t of_origin = 0;
        for (size_t s = 0; s < setting->n_seeds; s++) {
            of_origin += setting->seeds[s].n_queries[o];
            wanted += setting->seeds[s].n_queries_wanted[o];
        }
        asked += of_origin;
        ok = qsti_json_put(queries, origins[o], qsti_json_count(of_origin));
    }
    return ok && qsti_json_put(queries, "asked", qsti_json_count(asked)) &&
           qsti_json_put(queries, "wanted", qsti_json_count(wanted));
}

/* The mean of the fitted temperatures; null where the teacher was not calibrated. */
static bool put_calibration(const qsti_setting_result *setting, json_t *object)
{
    double sum = 0;
    for (size_t s = 0; s < setting->n_seeds; s++)
        sum += setting->seeds[s].calibration;
    double mean = setting->n_seeds > 0 && sum > 0 ? sum / (double)setting->n_seeds : NAN;
    return qsti_json_put(object, "calibration", qsti_json_real(mean));
}

qst_status qsti_teaching_put(qst_ctx *ctx, const qsti_setting_result *setting, json_t *object)
{
    double *scratch = NULL;
    qst_status status = qsti_alloc(ctx, setting->n_seeds, 2 * sizeof *scratch, (void **)&scratch);
    if (status != QST_OK)
        return status;
    bool ok = put_steps(setting, false, "members", scratch, object) &&
              put_steps(setting, true, "chain", scratch, object) && put_calibration(setting, object) &&
              put_queries(setting, object);
    qsti_free(ctx, scratch);
    return qsti_json_done(ctx, ok);
}
