/* job.h: a bundle of circuits and the counts that come back, shared by the files of this folder.
 *
 *   FOLDER/manifest.json   "qstill-job/1", written last: a folder with it is whole
 *   FOLDER/circuits/       row-000012.qasm; of several groups row-000012-1.qasm, row-000012-2.qasm, ...
 *   FOLDER/selftest.qasm   X on the readout's qubit 0
 *   FOLDER/device.json     qstill-device/1
 *   FOLDER/student/        the model
 */
#ifndef QSTI_JOB_JOB_H
#define QSTI_JOB_JOB_H

#include <qstill/job.h>

#include "base/hash.h"
#include "base/json.h"

#define QSTI_JOB_FORMAT   "qstill-job/1"
#define QSTI_JOB_SELFTEST "selftest"

/* run_*.py as bytes; made by the build. */
typedef struct qsti_job_script {
    const char *name;
    const char *text;
    size_t n_bytes;
} qsti_job_script;
enum { QSTI_JOB_RUN_QISKIT, QSTI_JOB_RUN_CIRQ, QSTI_JOB_RUN_PENNYLANE, QSTI_JOB_RUN_BRAKET, QSTI_JOB_SCRIPTS };
extern const qsti_job_script qsti_job_scripts[];

/* A bundle that was read: every file is as it was written. Text is borrowed from the manifest. */
typedef struct qsti_job {
    qst_ctx *ctx;
    json_t *manifest;
    qst_model *student;
    qst_device *device;
    qst_measurement *measurement; /* of the student on the device, in the same place: exact values with its noise */
    size_t n_bits, n_samples, n_groups, n_features;
    uint64_t shots;
    const char **names; /* (n_samples * n_groups): of circuits, sample by sample */
    int64_t *rows;      /* (n_samples): of the table */
    int64_t *labels;    /* (n_samples) */
    double *x;          /* (n_samples, n_features), preprocessed */
} qsti_job;

/* job_bundle.c. Errors: ERR_SYSTEM, ERR_DAMAGED. */
qst_status qsti_job_read(qst_ctx *ctx, const char *folder, bool mitigate, qsti_job *out);
void qsti_job_clear(qsti_job *job);

/* Counts of one circuit: bit k of an outcome is c[k]; ascending. Zero-initialise. */
typedef struct qsti_job_counts {
    uint64_t *outcomes, *counts;
    size_t n;
} qsti_job_counts;

/* job_forms.c: one circuit's counts in any form; *order is that of the call, or NONE; the form's own order replaces
 * NONE and must not contradict. `where` names file and circuit. Errors: ERR_INPUT, ERR_USAGE. */
qst_status qsti_job_form_read(const qsti_job *job, const char *where, const json_t *json, qst_count_order order,
                              qsti_job_counts *out);

/* All counts of a file. */
typedef struct qsti_job_file {
    qsti_job_counts *circuits; /* (n_samples * n_groups) */
    qsti_job_counts selftest;  /* n 0: not in the file */
} qsti_job_file;

/* job_counts.c. Errors: as qst_job_verify(). */
qst_status qsti_job_counts_read(const qsti_job *job, const char *path, qst_count_order order, qsti_job_file *out);
void qsti_job_counts_clear(const qsti_job *job, qsti_job_file *file);

/* What a report says of one way to run the samples. */
typedef struct qsti_job_column {
    size_t n_right, n_agree; /* with the labels; with the student without noise */
    double deviation;        /* root mean square distance of outputs from those without noise */
} qsti_job_column;

typedef struct qsti_job_figures {
    qsti_job_column ideal, model, measured;
    double shot_deviation; /* what shots alone would make of `deviation` on average */
    bool has_selftest;
    double selftest_share; /* of the outcome that it should have */
    double zero_share;     /* circuits with nothing but zeros */
    bool mitigated;
} qsti_job_figures;

/* job_page.c: the report as JSON, and as a page of it. */
qst_status qsti_job_report(const qsti_job *job, const qsti_job_figures *figures, char **out_json, char **out_page);

#endif
