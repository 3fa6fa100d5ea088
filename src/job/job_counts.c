/* job_counts.c: a file of counts, each circuit of the job exactly once.
 *
 *   {"row-000012": COUNTS, ...}                                       by name
 *   [{"circuit": "row-000012", "counts": COUNTS}, ...]                a list
 *   {"results": [{"header": {"name": ...}, "data": {"counts": {"0x5": 10}}}, ...]}   Qiskit's Result.to_dict()
 */
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "job/job.h"

typedef struct counts_reader {
    const qsti_job *job;
    const char *path;
    qst_count_order order;
    json_t *index; /* name -> number of the circuit */
    qsti_job_file *out;
    size_t n_found;
} counts_reader;

static qst_status index_names(counts_reader *r)
{
    const qsti_job *job = r->job;
    for (size_t i = 0; i < job->n_samples * job->n_groups; i++) {
        if (json_object_set_new(r->index, job->names[i], json_integer((json_int_t)i)) != 0)
            return qsti_fail(job->ctx, QST_ERR_MEMORY, "out of memory");
    }
    return QST_OK;
}

static qst_status take(counts_reader *r, const char *name, const json_t *counts, qst_count_order order)
{
    const qsti_job *job = r->job;
    char where[256];
    qsti_job_counts *to = NULL;
    const json_t *index = json_object_get(r->index, name);
    (void)snprintf(where, sizeof where, "%.120s: %.80s", r->path, name);
    if (strcmp(name, QSTI_JOB_SELFTEST) == 0)
        to = &r->out->selftest;
    else if (index != NULL)
        to = &r->out->circuits[json_integer_value(index)];
    else
        return qsti_fail(job->ctx, QST_ERR_INPUT, "%s: no circuit of this job has this name", where);
    if (to->n > 0)
        return qsti_fail(job->ctx, QST_ERR_INPUT, "%s: counts are there twice", where);
    r->n_found += to != &r->out->selftest;
    return qsti_job_form_read(job, where, counts, order, to);
}

static qst_status read_by_name(counts_reader *r, json_t *json)
{
    qst_status status = QST_OK;
    void *at = json_object_iter(json);
    for (; at != NULL; at = json_object_iter_next(json, at))
        QSTI_TRY(take(r, json_object_iter_key(at), json_object_iter_value(at), r->order));
done:
    return status;
}

static qst_status read_list(counts_reader *r, json_t *json)
{
    qst_status status = QST_OK;
    for (size_t i = 0; i < json_array_size(json); i++) {
        const char *name = NULL;
        json_t *row = json_array_get(json, i), *counts = NULL;
        QSTI_TRY(qsti_json_get_string(r->job->ctx, r->path, row, "circuit", &name));
        QSTI_TRY(qsti_json_get_object(r->job->ctx, r->path, row, "counts", &counts));
        QSTI_TRY(take(r, name, counts, r->order));
    }
done:
    return status;
}

/* Hexadecimal keys with c[0] the lowest bit: the form says so itself. */
static qst_status read_results(counts_reader *r, const json_t *results)
{
    qst_status status = QST_OK;
    if (r->order != QST_COUNT_ORDER_NONE && r->order != QST_COUNT_ORDER_qiskit)
        return qsti_fail(r->job->ctx, QST_ERR_USAGE,
                         "%s: results are Qiskit's own form: another --order contradicts it", r->path);
    for (size_t i = 0; i < json_array_size(results); i++) {
        json_t *row = json_array_get(results, i), *header = NULL, *data = NULL, *counts = NULL;
        const char *name = NULL;
        int64_t slots = 0;
        QSTI_TRY(qsti_json_get_object(r->job->ctx, r->path, row, "header", &header));
        QSTI_TRY(qsti_json_get_string(r->job->ctx, r->path, header, "name", &name));
        if (json_object_get(header, "memory_slots") != NULL)
            QSTI_TRY(qsti_json_get_i64(r->job->ctx, r->path, header, "memory_slots", (int64_t)r->job->n_bits,
                                       (int64_t)r->job->n_bits, &slots));
        QSTI_TRY(qsti_json_get_object(r->job->ctx, r->path, row, "data", &data));
        QSTI_TRY(qsti_json_get_object(r->job->ctx, r->path, data, "counts", &counts));
        QSTI_TRY(take(r, name, counts, QST_COUNT_ORDER_qiskit));
    }
done:
    return status;
}

static qst_status check_complete(const counts_reader *r)
{
    const qsti_job *job = r->job;
    if (r->n_found == job->n_samples * job->n_groups)
        return QST_OK;
    for (size_t i = 0; i < job->n_samples * job->n_groups; i++) {
        if (r->out->circuits[i].n == 0)
            return qsti_fail(job->ctx, QST_ERR_INPUT,
                             "%s: no counts of %s (row %lld of the data); %zu of %zu are there", r->path, job->names[i],
                             (long long)job->rows[i / job->n_groups], r->n_found, job->n_samples * job->n_groups);
    }
    return QST_OK;
}

/* The most frequent outcome of the self-test must be a 1 in bit 0 alone. */
static qst_status check_selftest(const counts_reader *r)
{
    const qsti_job_counts *selftest = &r->out->selftest;
    size_t best = 0;
    if (selftest->n == 0) {
        qsti_warn(r->job->ctx, "%s: no counts of the self-test: nothing proves the order of bits", r->path);
        return QST_OK;
    }
    for (size_t i = 1; i < selftest->n; i++)
        best = selftest->counts[i] > selftest->counts[best] ? i : best;
    if (selftest->outcomes[best] == 1)
        return QST_OK;
    return qsti_fail(r->job->ctx, QST_ERR_MISMATCH,
                     "%s: the self-test turns bit 0 on, read in this order its counts say %#llx: the order of bits is "
                     "another one, or the device does not work",
                     r->path, (unsigned long long)selftest->outcomes[best]);
}

qst_status qsti_job_counts_read(const qsti_job *job, const char *path, qst_count_order order, qsti_job_file *out)
{
    qst_status status = QST_OK;
    qsti_job_file file = {0};
    json_t *json = NULL;
    counts_reader r = {.job = job, .path = path, .order = order, .index = json_object(), .out = &file};
    QSTI_TRY(QSTI_NEW(job->ctx, job->n_samples * job->n_groups, &file.circuits));
    QSTI_TRY(index_names(&r));
    QSTI_TRY(qsti_json_read(job->ctx, path, QST_ERR_INPUT, &json));
    if (json_is_array(json))
        QSTI_TRY(read_list(&r, json));
    else if (json_is_array(json_object_get(json, "results")))
        QSTI_TRY(read_results(&r, json_object_get(json, "results")));
    else
        QSTI_TRY(read_by_name(&r, json));
    QSTI_TRY(check_complete(&r));
    QSTI_TRY(check_selftest(&r));
    *out = file;
    file = (qsti_job_file){0};
done:
    qsti_job_counts_clear(job, &file);
    json_decref(r.index);
    json_decref(json);
    return status;
}

void qsti_job_counts_clear(const qsti_job *job, qsti_job_file *file)
{
    for (size_t i = 0; file->circuits != NULL && i < job->n_samples * job->n_groups; i++) {
        qsti_free(job->ctx, file->circuits[i].outcomes);
        qsti_free(job->ctx, file->circuits[i].counts);
    }
    qsti_free(job->ctx, file->circuits);
    qsti_free(job->ctx, file->selftest.outcomes);
    qsti_free(job->ctx, file->selftest.counts);
    *file = (qsti_job_file){0};
}
