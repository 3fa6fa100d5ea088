/* job_verify.c: what counts of a bundle say of the student: its outputs without noise, with the simulated noise of the
 * calibration, and as they were measured, each on to scores and classes. */
#include <math.h>
#include <string.h>

#include "base/artefact.h"
#include "job/job.h"
#include "learn/circuit_parts.h"

struct qst_job_result {
    qst_ctx *ctx;
    char *json, *page;
};

typedef struct comparison {
    const qsti_job *job;
    qsti_circuit_parts parts;
    size_t n_values;
    double *features;                 /* (n_samples, features of the circuit) */
    double *ideal, *model, *measured; /* (n_samples, n_values) */
    double *variances;
    double *scores; /* (n_scores) */
    size_t *ideal_class;
} comparison;

static qst_matrix values_of(const comparison *c, double *values)
{
    return (qst_matrix){values, c->job->n_samples, c->n_values};
}

/* --- outputs ------------------------------------------------------------------------------------------------------ */

static qst_status simulate(comparison *c)
{
    qst_status status = QST_OK;
    const qsti_job *job = c->job;
    qst_measurement *ideal = NULL;
    size_t n_features = qst_circuit_features(c->parts.circuit);
    const qst_const_matrix x = {job->x, job->n_samples, job->n_features};
    const qst_matrix features = {c->features, job->n_samples, n_features};
    const qst_matrix none = {NULL, 0, 0};
    QSTI_TRY(qsti_model_circuit_features(job->student, x, features));
    QSTI_TRY(qst_model_measurement(job->student, &(qst_measure_opts){0}, &ideal));
    QSTI_TRY(
        qst_measurement_values(ideal, c->parts.weights, qst_const_view(features), 0, 0, values_of(c, c->ideal), none));
    QSTI_TRY(qst_measurement_values(job->measurement, c->parts.weights, qst_const_view(features), 0, 0,
                                    values_of(c, c->model), none));
done:
    qst_measurement_free(ideal);
    return status;
}

static qst_status take_counts(comparison *c, const qsti_job_file *file)
{
    qst_status status = QST_OK;
    const qsti_job *job = c->job;
    qst_counts *groups = NULL;
    QSTI_TRY(QSTI_NEW(job->ctx, job->n_groups, &groups));
    for (size_t i = 0; i < job->n_samples; i++) {
        for (size_t g = 0; g < job->n_groups; g++) {
            const qsti_job_counts *from = &file->circuits[i * job->n_groups + g];
            groups[g] = (qst_counts){from->outcomes, from->counts, from->n};
        }
        QSTI_TRY(qst_measurement_from_counts(job->measurement, groups, c->measured + i * c->n_values,
                                             c->variances + i * c->n_values));
    }
done:
    qsti_free(job->ctx, groups);
    return status;
}

/* --- classes ------------------------------------------------------------------------------------------------------ */

static qst_status class_of(const comparison *c, const double *values, size_t *out)
{
    size_t best = 0, n = qst_model_scores_count(c->job->student);
    qst_status status = qst_model_scores_from_values(c->job->student, values, c->scores);
    for (size_t k = 1; k < n; k++)
        best = c->scores[k] > c->scores[best] ? k : best;
    *out = best;
    return status;
}

static qst_status judge(const comparison *c, const double *values, qsti_job_column *out)
{
    qst_status status = QST_OK;
    const qsti_job *job = c->job;
    double sum = 0;
    for (size_t i = 0; i < job->n_samples; i++) {
        size_t found = 0;
        QSTI_TRY(class_of(c, values + i * c->n_values, &found));
        out->n_right += found == (size_t)job->labels[i];
        out->n_agree += found == c->ideal_class[i];
    }
    for (size_t i = 0; i < job->n_samples * c->n_values; i++)
        sum += (values[i] - c->ideal[i]) * (values[i] - c->ideal[i]);
    out->deviation = sqrt(sum / (double)(job->n_samples * c->n_values));
done:
    return status;
}

static qst_status judge_all(const comparison *c, const qsti_job_file *file, qsti_job_figures *out)
{
    qst_status status = QST_OK;
    const qsti_job *job = c->job;
    size_t n_zero = 0, n = job->n_samples * job->n_groups;
    double sum = 0;
    for (size_t i = 0; i < job->n_samples; i++)
        QSTI_TRY(class_of(c, c->ideal + i * c->n_values, &c->ideal_class[i]));
    QSTI_TRY(judge(c, c->ideal, &out->ideal));
    QSTI_TRY(judge(c, c->model, &out->model));
    QSTI_TRY(judge(c, c->measured, &out->measured));
    for (size_t i = 0; i < job->n_samples * c->n_values; i++)
        sum += c->variances[i];
    out->shot_deviation = sqrt(sum / (double)(job->n_samples * c->n_values));
    for (size_t i = 0; i < n; i++)
        n_zero += file->circuits[i].n == 1 && file->circuits[i].outcomes[0] == 0;
    out->zero_share = (double)n_zero / (double)n;
    if (n_zero == n)
        qsti_warn(job->ctx, "every shot of every circuit read zeros: the device seems to be dead");
    out->has_selftest = file->selftest.n > 0;
    for (size_t i = 0; i < file->selftest.n; i++) {
        if (file->selftest.outcomes[i] == 1)
            out->selftest_share = (double)file->selftest.counts[i] / (double)job->shots;
    }
done:
    return status;
}

/* --- all of it ---------------------------------------------------------------------------------------------------- */

static qst_status compare(const qsti_job *job, const qsti_job_file *file, qsti_job_figures *out)
{
    qst_status status = QST_OK;
    comparison c = {.job = job};
    double **const arrays[] = {&c.ideal, &c.model, &c.measured, &c.variances};
    (void)qsti_model_circuit_parts(job->student, &c.parts); /* it has one: the bundle was read */
    c.n_values = qst_readout_outputs(c.parts.readout);
    for (size_t a = 0; a < sizeof arrays / sizeof *arrays; a++)
        QSTI_TRY(QSTI_NEW(job->ctx, job->n_samples * c.n_values, arrays[a]));
    QSTI_TRY(QSTI_NEW(job->ctx, job->n_samples * qst_circuit_features(c.parts.circuit), &c.features));
    QSTI_TRY(QSTI_NEW(job->ctx, qst_model_scores_count(job->student), &c.scores));
    QSTI_TRY(QSTI_NEW(job->ctx, job->n_samples, &c.ideal_class));
    QSTI_TRY(simulate(&c));
    QSTI_TRY(take_counts(&c, file));
    QSTI_TRY(judge_all(&c, file, out));
done:
    for (size_t a = 0; a < sizeof arrays / sizeof *arrays; a++)
        qsti_free(job->ctx, *arrays[a]);
    qsti_free(job->ctx, c.features);
    qsti_free(job->ctx, c.scores);
    qsti_free(job->ctx, c.ideal_class);
    return status;
}

qst_status qst_job_verify(qst_ctx *ctx, const char *folder, const char *counts, const qst_job_verify_opts *opts,
                          qst_job_result **out)
{
    qst_status status = QST_OK;
    qsti_job job = {.ctx = ctx};
    qsti_job_file file = {0};
    qsti_job_figures figures = {.mitigated = opts->mitigate};
    qst_job_result *result = NULL;
    char *path = NULL;
    if (opts->out_folder != NULL)
        QSTI_TRY(qsti_folder_claim(ctx, opts->out_folder));
    QSTI_TRY(qsti_job_read(ctx, folder, opts->mitigate, &job));
    QSTI_TRY(qsti_job_counts_read(&job, counts, opts->order, &file));
    QSTI_TRY(compare(&job, &file, &figures));
    QSTI_TRY(QSTI_NEW(ctx, 1, &result));
    result->ctx = ctx;
    QSTI_TRY(qsti_job_report(&job, &figures, &result->json, &result->page));
    if (opts->out_folder != NULL) {
        QSTI_TRY(qsti_path_join(ctx, opts->out_folder, "report.json", &path));
        QSTI_TRY(qsti_file_write(ctx, path, result->json, strlen(result->json)));
    }
    *out = result;
    result = NULL;
done:
    qsti_free(ctx, path);
    qst_job_result_free(result);
    qsti_job_counts_clear(&job, &file);
    qsti_job_clear(&job);
    return status;
}

void qst_job_result_free(qst_job_result *result)
{
    if (result == NULL)
        return;
    qst_ctx *ctx = result->ctx;
    qsti_free(ctx, result->json);
    qsti_free(ctx, result->page);
    qsti_free(ctx, result);
}

const char *qst_job_result_json(const qst_job_result *result)
{
    return result->json;
}

const char *qst_job_result_page(const qst_job_result *result)
{
    return result->page;
}
