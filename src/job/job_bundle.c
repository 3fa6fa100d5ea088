/* job_bundle.c: a bundle read back: the manifest, every file that it names by its hash, the model, the device. */
#include <string.h>

#include "job/job.h"
#include "learn/circuit_parts.h"

static qst_status damaged(const qsti_job *job, const char *where, const char *what)
{
    return qsti_fail(job->ctx, QST_ERR_DAMAGED, "%s: %s is not what the manifest says: the bundle was changed", where,
                     what);
}

/* A failure to read what we wrote ourselves is damage. */
static qst_status as_damage(qst_status status)
{
    return status == QST_ERR_INPUT ? QST_ERR_DAMAGED : status;
}

static qst_status whole(const qsti_job *job, const char *where, const json_t *object, const char *key, int64_t most,
                        size_t *out)
{
    int64_t value = 0;
    qst_status status = as_damage(qsti_json_get_i64(job->ctx, where, object, key, 0, most, &value));
    if (status == QST_OK)
        *out = (size_t)value;
    return status;
}

static qst_status check_file(const qsti_job *job, const char *folder, const char *name, const char *hash)
{
    char *path = NULL, *bytes = NULL, found[QSTI_HASH_CHARS];
    size_t n = 0;
    qst_status status = QST_OK;
    if (name[0] == '/' || strstr(name, "..") != NULL)
        return damaged(job, folder, name);
    QSTI_TRY(qsti_path_join(job->ctx, folder, name, &path));
    QSTI_TRY(qsti_file_read(job->ctx, path, QSTI_JSON_MAX_BYTES, &bytes, &n));
    qsti_hash_bytes(bytes, n, found);
    if (strcmp(found, hash) != 0)
        QSTI_TRY(damaged(job, path, "the file's SHA-256"));
done:
    qsti_free(job->ctx, bytes);
    qsti_free(job->ctx, path);
    return status;
}

/* --- circuits ----------------------------------------------------------------------------------------------------- */

static qst_status read_circuit(qsti_job *job, const char *folder, const char *where, const json_t *row)
{
    qst_status status = QST_OK;
    const char *name = NULL, *file = NULL, *hash = NULL;
    size_t sample = 0, group = 0;
    QSTI_TRY(as_damage(qsti_json_get_string(job->ctx, where, row, "name", &name)));
    QSTI_TRY(as_damage(qsti_json_get_string(job->ctx, where, row, "file", &file)));
    QSTI_TRY(as_damage(qsti_json_get_string(job->ctx, where, row, "sha256", &hash)));
    QSTI_TRY(check_file(job, folder, file, hash));
    if (strcmp(name, QSTI_JOB_SELFTEST) == 0)
        goto done;
    QSTI_TRY(whole(job, where, row, "sample", (int64_t)job->n_samples - 1, &sample));
    QSTI_TRY(whole(job, where, row, "group", (int64_t)job->n_groups - 1, &group));
    job->names[sample * job->n_groups + group] = name;
done:
    return status;
}

static qst_status read_circuits(qsti_job *job, const char *folder, const char *where)
{
    qst_status status = QST_OK;
    json_t *circuits = NULL;
    QSTI_TRY(as_damage(qsti_json_get_array(job->ctx, where, job->manifest, "circuits", &circuits)));
    QSTI_TRY(QSTI_NEW(job->ctx, job->n_samples * job->n_groups, &job->names));
    for (size_t i = 0; i < json_array_size(circuits); i++)
        QSTI_TRY(read_circuit(job, folder, where, json_array_get(circuits, i)));
    for (size_t i = 0; i < job->n_samples * job->n_groups; i++) {
        if (job->names[i] == NULL)
            QSTI_TRY(damaged(job, where, "the list of circuits"));
    }
done:
    return status;
}

/* --- samples ------------------------------------------------------------------------------------------------------ */

static qst_status read_samples(qsti_job *job, const char *where)
{
    qst_status status = QST_OK;
    json_t *samples = NULL, *x = NULL;
    QSTI_TRY(as_damage(qsti_json_get_array(job->ctx, where, job->manifest, "samples", &samples)));
    job->n_samples = json_array_size(samples);
    job->n_features = qst_model_features(job->student);
    if (job->n_samples == 0)
        QSTI_TRY(damaged(job, where, "the list of samples"));
    QSTI_TRY(QSTI_NEW(job->ctx, job->n_samples, &job->rows));
    QSTI_TRY(QSTI_NEW(job->ctx, job->n_samples, &job->labels));
    QSTI_TRY(QSTI_NEW(job->ctx, job->n_samples * job->n_features, &job->x));
    for (size_t i = 0; i < job->n_samples; i++) {
        const json_t *row = json_array_get(samples, i);
        QSTI_TRY(as_damage(qsti_json_get_i64(job->ctx, where, row, "row", 0, INT64_MAX, &job->rows[i])));
        QSTI_TRY(as_damage(qsti_json_get_i64(job->ctx, where, row, "label", 0,
                                             (int64_t)qst_model_scores_count(job->student) - 1, &job->labels[i])));
        QSTI_TRY(as_damage(qsti_json_get_array(job->ctx, where, row, "x", &x)));
        if (json_array_size(x) != job->n_features)
            QSTI_TRY(damaged(job, where, "a sample's number of features"));
        for (size_t j = 0; j < job->n_features; j++)
            job->x[i * job->n_features + j] = json_number_value(json_array_get(x, j));
    }
done:
    return status;
}

/* --- model and device --------------------------------------------------------------------------------------------- */

static qst_status read_student(qsti_job *job, const char *folder, const char *where)
{
    qst_status status = QST_OK;
    const char *hash = NULL;
    char *path = NULL, found[QSTI_HASH_CHARS];
    QSTI_TRY(qsti_path_join(job->ctx, folder, "student", &path));
    QSTI_TRY(qst_model_load(job->ctx, path, &job->student));
    QSTI_TRY(as_damage(qsti_json_get_string(job->ctx, where, job->manifest, "student_sha256", &hash)));
    QSTI_TRY(qst_model_hash(job->student, found));
    if (strcmp(hash, found) != 0)
        QSTI_TRY(damaged(job, path, "the model"));
done:
    qsti_free(job->ctx, path);
    return status;
}

/* The device, and the student measured there, on the same qubits. */
static qst_status read_device(qsti_job *job, const char *folder, const char *where, bool mitigate)
{
    qst_status status = QST_OK;
    json_t *device = NULL, *list = NULL;
    const char *hash = NULL;
    char *path = NULL;
    size_t *layout = NULL;
    QSTI_TRY(as_damage(qsti_json_get_object(job->ctx, where, job->manifest, "device", &device)));
    QSTI_TRY(as_damage(qsti_json_get_string(job->ctx, where, device, "sha256", &hash)));
    QSTI_TRY(check_file(job, folder, "device.json", hash));
    QSTI_TRY(qsti_path_join(job->ctx, folder, "device.json", &path));
    QSTI_TRY(qst_device_read(job->ctx, (const char *const[]){path}, 1, NULL, &job->device));
    QSTI_TRY(as_damage(qsti_json_get_array(job->ctx, where, job->manifest, "layout", &list)));
    QSTI_TRY(QSTI_NEW(job->ctx, json_array_size(list), &layout));
    for (size_t k = 0; k < json_array_size(list); k++)
        layout[k] = (size_t)json_integer_value(json_array_get(list, k));
    const qst_measure_opts opts = {.device = job->device,
                                   .place = {.layout = layout, .n_layout = json_array_size(list)},
                                   .mitigation = {.readout = mitigate}};
    QSTI_TRY(qst_model_measurement(job->student, &opts, &job->measurement));
done:
    qsti_free(job->ctx, layout);
    qsti_free(job->ctx, path);
    return status;
}

static qst_status read_all(qsti_job *job, const char *folder, const char *where, bool mitigate)
{
    qst_status status = QST_OK;
    const char *format = NULL;
    size_t shots = 0;
    QSTI_TRY(as_damage(qsti_json_get_string(job->ctx, where, job->manifest, "format", &format)));
    if (strcmp(format, QSTI_JOB_FORMAT) != 0)
        QSTI_TRY(qsti_fail(job->ctx, QST_ERR_DAMAGED, "%s: format: \"%s\" is not %s", where, format, QSTI_JOB_FORMAT));
    QSTI_TRY(whole(job, where, job->manifest, "n_bits", 30, &job->n_bits));
    QSTI_TRY(whole(job, where, job->manifest, "n_groups", INT32_MAX, &job->n_groups));
    QSTI_TRY(whole(job, where, job->manifest, "shots", INT64_MAX, &shots));
    job->shots = shots;
    QSTI_TRY(read_student(job, folder, where));
    QSTI_TRY(read_device(job, folder, where, mitigate));
    qst_measurement_info info;
    qsti_circuit_parts parts;
    qst_measurement_describe(job->measurement, &info);
    if (info.n_groups != job->n_groups || !qsti_model_circuit_parts(job->student, &parts) ||
        qst_circuit_qubits(parts.circuit) != job->n_bits)
        QSTI_TRY(damaged(job, where, "the number of circuits a sample, or of bits"));
    QSTI_TRY(read_samples(job, where));
    QSTI_TRY(read_circuits(job, folder, where));
done:
    return status;
}

qst_status qsti_job_read(qst_ctx *ctx, const char *folder, bool mitigate, qsti_job *out)
{
    qst_status status = QST_OK;
    qsti_job job = {.ctx = ctx};
    char *path = NULL;
    QSTI_TRY(qsti_path_join(ctx, folder, "manifest.json", &path));
    if (!qsti_path_exists(path))
        QSTI_TRY(
            qsti_fail(ctx, QST_ERR_SYSTEM, "%s: there is no job in this folder (manifest.json is missing)", folder));
    QSTI_TRY(qsti_json_read(ctx, path, QST_ERR_DAMAGED, &job.manifest));
    QSTI_TRY(read_all(&job, folder, path, mitigate));
    *out = job;
    job = (qsti_job){.ctx = ctx};
done:
    qsti_free(ctx, path);
    qsti_job_clear(&job);
    return status;
}

void qsti_job_clear(qsti_job *job)
{
    qst_measurement_free(job->measurement);
    qst_model_free(job->student);
    qst_device_free(job->device);
    qsti_free(job->ctx, (void *)job->names);
    qsti_free(job->ctx, job->rows);
    qsti_free(job->ctx, job->labels);
    qsti_free(job->ctx, job->x);
    json_decref(job->manifest);
    *job = (qsti_job){.ctx = job->ctx};
}
