/* job_page.c: the report of a job, "qstill-job-report/1" (docs/jobs.md), and a page that says the same. */
#include <string.h>

#include "job/job.h"
#include "verify/statistics.h"

static const char *text_at(const qsti_job *job, const char *object, const char *key)
{
    const json_t *in = object != NULL ? json_object_get(job->manifest, object) : job->manifest;
    const char *text = json_string_value(json_object_get(in, key));
    return text != NULL ? text : "";
}

/* --- JSON --------------------------------------------------------------------------------------------------------- */

static bool put_column(json_t *json, const char *name, const qsti_job *job, const qsti_job_column *column)
{
    json_t *made = json_object(), *interval = json_array();
    double n = (double)job->n_samples;
    qsti_interval within = qsti_wilson(column->n_right, job->n_samples, 0.95);
    bool ok = json_array_append_new(interval, json_real(within.lo)) == 0 &&
              json_array_append_new(interval, json_real(within.hi)) == 0 &&
              qsti_json_put(made, "accuracy", json_real((double)column->n_right / n)) &&
              qsti_json_put(made, "accuracy_interval", json_incref(interval)) &&
              qsti_json_put(made, "agreement_with_ideal", json_real((double)column->n_agree / n)) &&
              qsti_json_put(made, "output_rmse", qsti_json_real(column->deviation)) &&
              qsti_json_put(json, name, json_incref(made));
    json_decref(interval);
    json_decref(made);
    return ok;
}

static bool put_all(json_t *json, const qsti_job *job, const qsti_job_figures *figures)
{
    bool ok = qsti_json_put(json, "format", json_string("qstill-job-report/1")) &&
              qsti_json_put(json, "device", json_string(text_at(job, "device", "name"))) &&
              qsti_json_put(json, "qubits", json_incref(json_object_get(job->manifest, "qubits"))) &&
              qsti_json_put(json, "student_sha256", json_string(text_at(job, NULL, "student_sha256"))) &&
              qsti_json_put(json, "split", json_string(text_at(job, NULL, "split"))) &&
              qsti_json_put(json, "samples", json_integer((json_int_t)job->n_samples)) &&
              qsti_json_put(json, "circuits_a_sample", json_integer((json_int_t)job->n_groups)) &&
              qsti_json_put(json, "shots", json_integer((json_int_t)job->shots)) &&
              qsti_json_put(json, "readout_mitigated", json_boolean(figures->mitigated));
    return ok && put_column(json, "ideal", job, &figures->ideal) && put_column(json, "model", job, &figures->model) &&
           put_column(json, "measured", job, &figures->measured) &&
           qsti_json_put(json, "output_rmse_of_shots", qsti_json_real(figures->shot_deviation)) &&
           qsti_json_put(json, "circuits_of_zeros", json_real(figures->zero_share)) &&
           qsti_json_put(json, "selftest", figures->has_selftest ? json_real(figures->selftest_share) : json_null());
}

/* --- the page ----------------------------------------------------------------------------------------------------- */

static void add_row(qsti_text *page, const char *name, const qsti_job *job, const qsti_job_column *column)
{
    qsti_interval within = qsti_wilson(column->n_right, job->n_samples, 0.95);
    double percent = 100 / (double)job->n_samples;
    qsti_text_add(page, "%-22s %6.2f %%  (%.2f to %.2f)   %6.2f %%   %8.4f\n", name, percent * (double)column->n_right,
                  100 * within.lo, 100 * within.hi, percent * (double)column->n_agree, column->deviation);
}

static void add_page(qsti_text *page, const qsti_job *job, const qsti_job_figures *figures)
{
    const json_t *qubits = json_object_get(job->manifest, "qubits");
    qsti_text_add(page, "%s: %zu samples of the %s part, %llu shots a circuit, qubits", text_at(job, "device", "name"),
                  job->n_samples, text_at(job, NULL, "split"), (unsigned long long)job->shots);
    for (size_t i = 0; i < json_array_size(qubits); i++)
        qsti_text_add(page, "%s%lld", i ? ", " : " ", (long long)json_integer_value(json_array_get(qubits, i)));
    qsti_text_add(page, "\n\n%-22s %-32s %-10s %s\n", "student", "accuracy  (95 % interval)", "as ideal",
                  "output rmse");
    add_row(page, "without noise", job, &figures->ideal);
    add_row(page, figures->mitigated ? "calibration, mitigated" : "calibration", job, &figures->model);
    add_row(page, figures->mitigated ? "measured, mitigated" : "measured", job, &figures->measured);
    qsti_text_add(page, "\nShots alone make an output rmse of %.4f. ", figures->shot_deviation);
    if (figures->has_selftest)
        qsti_text_add(page, "The self-test gave its outcome in %.1f %% of the shots.\n", 100 * figures->selftest_share);
    else
        qsti_text_add(page, "There were no counts of the self-test.\n");
    if (figures->zero_share > 0)
        qsti_text_add(page, "%.1f %% of the circuits gave nothing but zeros.\n", 100 * figures->zero_share);
}

qst_status qsti_job_report(const qsti_job *job, const qsti_job_figures *figures, char **out_json, char **out_page)
{
    qst_status status = QST_OK;
    json_t *json = json_object();
    qsti_text page;
    char *text = NULL;
    size_t n = 0;
    qsti_text_init(&page, job->ctx);
    if (!put_all(json, job, figures))
        QSTI_TRY(qsti_fail(job->ctx, QST_ERR_MEMORY, "out of memory"));
    QSTI_TRY(qsti_json_text(job->ctx, json, &text, &n));
    add_page(&page, job, figures);
    QSTI_TRY(page.status);
    *out_json = text;
    *out_page = page.bytes;
    text = page.bytes = NULL;
done:
    qsti_free(job->ctx, text);
    qsti_text_clear(&page);
    json_decref(json);
    return status;
}
