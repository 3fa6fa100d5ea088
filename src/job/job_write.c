/* job_write.c: a bundle of circuits for a machine.
 *
 * Circuits are those that a measurement runs (measure.h), placed on the device, with weights and one sample's features
 * bound. The manifest is written last: a folder without it is no bundle. */
#include <stdio.h>

#include <qstill/qasm.h>

#include "base/artefact.h"
#include "circuit/circuit.h"
#include "data/model_binding.h"
#include "data/part.h"
#include "job/job.h"
#include "learn/circuit_parts.h"

typedef struct writer {
    qst_ctx *ctx;
    qst_model *model;
    const qst_dataset *dataset;
    const qst_job_opts *opts;
    const char *folder;
    qsti_circuit_parts parts;
    qst_measurement *measurement;
    qst_measurement_info info;
    qsti_part part;
    size_t n_samples;
    double *features; /* (n_samples, features of the circuit) */
    json_t *manifest, *circuits;
} writer;

static qst_status put(const writer *w, json_t *json, const char *key, json_t *value)
{
    return qsti_json_put(json, key, value) ? QST_OK : qsti_fail(w->ctx, QST_ERR_MEMORY, "out of memory");
}

static qst_status append(const writer *w, json_t *list, json_t *value)
{
    return json_array_append_new(list, value) == 0 ? QST_OK : qsti_fail(w->ctx, QST_ERR_MEMORY, "out of memory");
}

/* --- files -------------------------------------------------------------------------------------------------------- */

static qst_status write_file(const writer *w, const char *name, const void *bytes, size_t n_bytes)
{
    char *path = NULL;
    qst_status status = qsti_path_join(w->ctx, w->folder, name, &path);
    if (status == QST_OK)
        status = qsti_file_write(w->ctx, path, bytes, n_bytes);
    qsti_free(w->ctx, path);
    return status;
}

/* A measured circuit as a file, and its row in the manifest; sample < 0: the self-test. */
static qst_status write_circuit(writer *w, const char *name, const char *file, const qst_circuit *circuit,
                                const double *weights, const double *features, const size_t *bits, int64_t sample,
                                size_t group)
{
    static const qst_qasm_dialect dialects[] = {QST_QASM2, QST_QASM3_QISKIT, QST_QASM3_STANDALONE};
    qst_status status = QST_OK;
    qst_assembly *assembly = NULL;
    char *text = NULL, hash[QSTI_HASH_CHARS];
    size_t n_bytes = 0;
    json_t *row = json_object();
    const qst_assembly_opts opts = {.weights = weights,
                                    .features = features,
                                    .measure = true,
                                    .measured = bits,
                                    .n_measured = w->parts.circuit->n_qubits};
    QSTI_TRY(qst_circuit_assembly(circuit, &opts, &assembly));
    QSTI_TRY(qst_qasm_write(assembly, &(qst_qasm_write_opts){.dialect = dialects[w->opts->dialect]}, &text, &n_bytes));
    QSTI_TRY(write_file(w, file, text, n_bytes));
    qsti_hash_bytes(text, n_bytes, hash);
    QSTI_TRY(put(w, row, "name", json_string(name)));
    QSTI_TRY(put(w, row, "file", json_string(file)));
    QSTI_TRY(put(w, row, "sha256", json_string(hash)));
    if (sample >= 0) {
        QSTI_TRY(put(w, row, "sample", json_integer(sample)));
        QSTI_TRY(put(w, row, "group", json_integer((json_int_t)group)));
    }
    QSTI_TRY(append(w, w->circuits, json_incref(row)));
done:
    json_decref(row);
    if (text != NULL)
        qst_qasm_text_free(assembly, text);
    qst_assembly_free(assembly);
    return status;
}

/* --- circuits ----------------------------------------------------------------------------------------------------- */

static qst_status write_sample(writer *w, size_t sample)
{
    qst_status status = QST_OK;
    const double *features = w->features + sample * w->parts.circuit->n_features;
    long long id = (long long)w->dataset->ids[w->part.rows[sample]];
    for (size_t group = 0; group < w->info.n_groups; group++) {
        char name[48], file[80];
        const size_t *bits = NULL;
        if (w->info.n_groups == 1)
            (void)snprintf(name, sizeof name, "row-%06lld", id);
        else
            (void)snprintf(name, sizeof name, "row-%06lld-%zu", id, group + 1);
        (void)snprintf(file, sizeof file, "circuits/%s.qasm", name);
        const qst_circuit *circuit = qst_measurement_circuit(w->measurement, group, &bits);
        QSTI_TRY(write_circuit(w, name, file, circuit, w->parts.weights, features, bits, (int64_t)sample, group));
    }
done:
    return status;
}

/* X on the readout's qubit 0, where that begins; behind no routes, all qubits stay where they begin. */
static qst_status write_selftest(writer *w, const qst_placed_info *place)
{
    qst_status status = QST_OK;
    qst_circuit_builder *builder = NULL;
    qst_circuit *circuit = NULL;
    qst_placed *placed = NULL;
    qst_placed_info there;
    size_t n = w->parts.circuit->n_qubits, *layout = NULL, *bits = NULL;
    qst_place_opts opts = w->opts->place;
    QSTI_TRY(QSTI_NEW(w->ctx, n, &layout));
    QSTI_TRY(QSTI_NEW(w->ctx, n, &bits));
    for (size_t k = 0; k < n; k++)
        layout[k] = place->qubits[place->initial[k]];
    QSTI_TRY(qst_circuit_begin(w->ctx, n, 0, QST_PREPARE_ZERO, &builder));
    QSTI_TRY(qst_circuit_add(builder, QST_GATE_x, &(size_t){0}, NULL));
    status = qst_circuit_finish(builder, &circuit);
    builder = NULL;
    QSTI_TRY(status);
    opts.layout = layout;
    opts.n_layout = n;
    QSTI_TRY(qst_place(w->ctx, circuit, w->opts->device, &opts, &placed));
    qst_placed_describe(placed, &there);
    for (size_t k = 0; k < n; k++)
        bits[k] = there.final[k];
    QSTI_TRY(write_circuit(w, QSTI_JOB_SELFTEST, QSTI_JOB_SELFTEST ".qasm", qst_placed_circuit(placed), NULL, NULL,
                           bits, -1, 0));
done:
    qst_circuit_abandon(builder);
    qst_circuit_free(circuit);
    qst_placed_free(placed);
    qsti_free(w->ctx, layout);
    qsti_free(w->ctx, bits);
    return status;
}

/* --- the manifest ------------------------------------------------------------------------------------------------- */

static json_t *whole_numbers(const size_t *values, size_t n)
{
    json_t *list = json_array();
    for (size_t i = 0; list != NULL && i < n; i++) {
        if (json_array_append_new(list, json_integer((json_int_t)values[i])) != 0) {
            json_decref(list);
            return NULL;
        }
    }
    return list;
}

static qst_status put_device(writer *w, const qst_placed_info *place)
{
    qst_status status = QST_OK;
    char *text = NULL, hash[QSTI_HASH_CHARS];
    size_t n_bytes = 0, n = place->n_circuit_qubits, *layout = NULL;
    const size_t *bits = NULL;
    qst_device_info device;
    qst_device_describe(w->opts->device, &device);
    QSTI_TRY(qst_device_write(w->opts->device, &text, &n_bytes));
    QSTI_TRY(write_file(w, "device.json", text, n_bytes));
    qsti_hash_bytes(text, n_bytes, hash);
    QSTI_TRY(put(w, w->manifest, "device.name", json_string(device.name)));
    QSTI_TRY(put(w, w->manifest, "device.n_qubits", json_integer((json_int_t)device.n_qubits)));
    QSTI_TRY(put(w, w->manifest, "device.sha256", json_string(hash)));
    QSTI_TRY(QSTI_NEW(w->ctx, n, &layout));
    for (size_t k = 0; k < n; k++)
        layout[k] = place->qubits[place->initial[k]];
    QSTI_TRY(put(w, w->manifest, "n_qubits", json_integer((json_int_t)place->n_qubits)));
    QSTI_TRY(put(w, w->manifest, "qubits", whole_numbers(place->qubits, place->n_qubits)));
    QSTI_TRY(put(w, w->manifest, "layout", whole_numbers(layout, n)));
    (void)qst_measurement_circuit(w->measurement, 0, &bits);
    QSTI_TRY(put(w, w->manifest, "measured", whole_numbers(bits, n)));
done:
    if (text != NULL)
        qst_device_text_free(w->opts->device, text);
    qsti_free(w->ctx, layout);
    return status;
}

static qst_status put_samples(writer *w)
{
    qst_status status = QST_OK;
    json_t *samples = json_array(), *row = NULL;
    for (size_t i = 0; i < w->n_samples; i++) {
        json_t *x = json_array();
        row = json_object();
        QSTI_TRY(put(w, row, "row", json_integer((json_int_t)w->dataset->ids[w->part.rows[i]])));
        QSTI_TRY(put(w, row, "label", json_integer((json_int_t)w->part.labels[i])));
        QSTI_TRY(put(w, row, "x", x));
        for (size_t j = 0; j < w->part.n_features; j++)
            QSTI_TRY(append(w, x, json_real(w->part.x[i * w->part.n_features + j])));
        QSTI_TRY(append(w, samples, row));
        row = NULL;
    }
    QSTI_TRY(put(w, w->manifest, "samples", json_incref(samples)));
done:
    json_decref(row);
    json_decref(samples);
    return status;
}

static qst_status begin_manifest(writer *w)
{
    static const char *const dialects[] = {"qasm2", "qasm3", "qasm3-standalone"};
    static const char *const splits[] = {"train", "validation", "test"};
    qst_status status = QST_OK;
    char hash[QSTI_HASH_CHARS];
    json_t *names = json_array();
    QSTI_TRY(qst_model_hash(w->model, hash));
    QSTI_TRY(put(w, w->manifest, "format", json_string(QSTI_JOB_FORMAT)));
    QSTI_TRY(put(w, w->manifest, "version", json_string(qst_version())));
    QSTI_TRY(put(w, w->manifest, "dialect", json_string(dialects[w->opts->dialect])));
    QSTI_TRY(put(w, w->manifest, "bit_order", json_string("q0-right")));
    QSTI_TRY(put(w, w->manifest, "shots", json_integer((json_int_t)w->opts->shots)));
    QSTI_TRY(put(w, w->manifest, "n_bits", json_integer((json_int_t)w->parts.circuit->n_qubits)));
    QSTI_TRY(put(w, w->manifest, "n_groups", json_integer((json_int_t)w->info.n_groups)));
    QSTI_TRY(put(w, w->manifest, "student_sha256", json_string(hash)));
    QSTI_TRY(put(w, w->manifest, "dataset_sha256", json_string(w->dataset->hash)));
    QSTI_TRY(put(w, w->manifest, "split", json_string(splits[w->opts->split])));
    for (size_t c = 0; c < w->dataset->n_classes; c++)
        QSTI_TRY(append(w, names, json_string(w->dataset->class_names[c])));
    QSTI_TRY(put(w, w->manifest, "classes", json_incref(names)));
done:
    json_decref(names);
    return status;
}

/* --- all of it ---------------------------------------------------------------------------------------------------- */

static qst_status write_scripts(const writer *w)
{
    static const int first[] = {QSTI_JOB_RUN_QISKIT, QSTI_JOB_RUN_QISKIT, QSTI_JOB_RUN_BRAKET};
    static const int last[] = {QSTI_JOB_RUN_PENNYLANE, QSTI_JOB_RUN_QISKIT, QSTI_JOB_RUN_BRAKET};
    qst_status status = QST_OK;
    for (int i = first[w->opts->dialect]; i <= last[w->opts->dialect]; i++)
        QSTI_TRY(write_file(w, qsti_job_scripts[i].name, qsti_job_scripts[i].text, qsti_job_scripts[i].n_bytes));
done:
    return status;
}

static qst_status prepare(writer *w)
{
    qst_status status = QST_OK;
    const qst_job_opts *opts = w->opts;
    if (opts->device == NULL || opts->shots == 0)
        return qsti_fail(w->ctx, QST_ERR_USAGE, "a job needs a device and a number of shots above 0");
    if (!qsti_model_circuit_parts(w->model, &w->parts))
        return qsti_fail(w->ctx, QST_ERR_UNSUPPORTED, "a job needs circuits: a model of kind %s has none",
                         qst_model_kind(w->model));
    QSTI_TRY(qsti_dataset_check_model(w->dataset, w->model, "student"));
    const qst_measure_opts measure = {.device = opts->device, .place = opts->place, .shots = opts->shots};
    QSTI_TRY(qst_model_measurement(w->model, &measure, &w->measurement));
    qst_measurement_describe(w->measurement, &w->info);
    QSTI_TRY(qsti_part_create(w->dataset, opts->split, &w->part));
    w->n_samples = opts->n_samples > 0 ? opts->n_samples : w->part.n;
    if (w->n_samples > w->part.n || w->part.n == 0)
        QSTI_TRY(qsti_fail(w->ctx, QST_ERR_MISMATCH, "%zu samples are wanted: this part of the dataset has %zu",
                           w->n_samples, w->part.n));
    QSTI_TRY(QSTI_NEW(w->ctx, w->n_samples * w->parts.circuit->n_features, &w->features));
    const qst_const_matrix x = {w->part.x, w->n_samples, w->part.n_features};
    QSTI_TRY(qsti_model_circuit_features(w->model, x,
                                         (qst_matrix){w->features, w->n_samples, w->parts.circuit->n_features}));
done:
    return status;
}

static qst_status write_parts(writer *w)
{
    qst_status status = QST_OK;
    char *path = NULL;
    qst_placed_info place;
    qst_placed_describe(w->info.placed, &place);
    QSTI_TRY(qsti_folder_claim(w->ctx, w->folder));
    QSTI_TRY(qsti_path_join(w->ctx, w->folder, "circuits", &path));
    QSTI_TRY(qsti_folder_make(w->ctx, path));
    qsti_free(w->ctx, path);
    path = NULL;
    QSTI_TRY(qsti_path_join(w->ctx, w->folder, "student", &path));
    QSTI_TRY(qst_model_save(w->model, path));
    QSTI_TRY(begin_manifest(w));
    QSTI_TRY(put_device(w, &place));
    QSTI_TRY(write_selftest(w, &place));
    for (size_t i = 0; i < w->n_samples; i++)
        QSTI_TRY(write_sample(w, i));
    QSTI_TRY(put(w, w->manifest, "circuits", json_incref(w->circuits)));
    QSTI_TRY(put_samples(w));
    QSTI_TRY(write_scripts(w));
    qsti_free(w->ctx, path);
    path = NULL;
    QSTI_TRY(qsti_path_join(w->ctx, w->folder, "manifest.json", &path));
    QSTI_TRY(qsti_json_write(w->ctx, path, w->manifest));
done:
    qsti_free(w->ctx, path);
    return status;
}

qst_status qst_job_write(qst_model *model, const qst_dataset *dataset, const qst_job_opts *opts, const char *folder,
                         qst_job_info *out)
{
    qst_status status = QST_OK;
    writer w = {.ctx = model->ctx, .model = model, .dataset = dataset, .opts = opts, .folder = folder};
    w.manifest = json_object();
    w.circuits = json_array();
    QSTI_TRY(prepare(&w));
    QSTI_TRY(write_parts(&w));
    size_t n = w.n_samples * w.info.n_groups + 1;
    *out = (qst_job_info){w.n_samples, w.info.n_groups, n, (uint64_t)n * opts->shots};
done:
    qst_measurement_free(w.measurement);
    qsti_part_clear(model->ctx, &w.part);
    qsti_free(model->ctx, w.features);
    json_decref(w.manifest);
    json_decref(w.circuits);
    return status;
}
