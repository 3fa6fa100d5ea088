/* qstill/job.h: a student on a machine and back: a folder of circuits for other tools to run, and a report of the
 * counts that they bring.
 *
 *     qst_job_write(model, dataset, &(qst_job_opts){.device = device, .shots = 1024}, "job", &info);
 *     ... run_qiskit.py in the folder writes counts.json ...
 *     qst_job_verify(ctx, "job", "job/counts.json", &(qst_job_verify_opts){.order = QST_COUNT_ORDER_qiskit}, &result);
 *
 * docs/jobs.md describes the folder and the forms of counts.
 */
#ifndef QSTILL_JOB_H
#define QSTILL_JOB_H

#include <qstill/data.h>
#include <qstill/model.h>

#ifdef __cplusplus
extern "C" {
#endif

/* --- to the machine ----------------------------------------------------------------------------------------------- */

typedef enum qst_job_dialect {
    QST_JOB_QASM2,           /* for Qiskit, Cirq and PennyLane */
    QST_JOB_QASM3,           /* with stdgates.inc, for Qiskit */
    QST_JOB_QASM3_STANDALONE /* without any include, for Braket */
} qst_job_dialect;

/* All members but device and shots may be zero. */
typedef struct qst_job_opts {
    const qst_device *device;
    qst_place_opts place; /* where on the device: place.h */
    size_t shots;         /* for each circuit */
    qst_split split;      /* whose rows are the samples */
    size_t n_samples;     /* the first so many of them; 0: all */
    qst_job_dialect dialect;
} qst_job_opts;

typedef struct qst_job_info {
    size_t n_samples, n_groups; /* n_groups circuits a sample */
    size_t n_circuits;          /* the self-test included */
    uint64_t shots;             /* of all circuits */
} qst_job_info;

/* Writes the bundle: manifest.json, last; circuits/NAME.qasm, one for each sample and group of outputs, placed on the
 * device, weights and features bound, measured; selftest.qasm, an X on the first qubit, whose counts prove the order of
 * bits; device.json; the model in student/; scripts that run it all. Errors: ERR_SYSTEM (the folder holds something),
 * ERR_MISMATCH (another dataset than the model's; more samples than rows), ERR_UNSUPPORTED (no circuit), those of
 * qst_place(). */
QST_API qst_status qst_job_write(qst_model *model, const qst_dataset *dataset, const qst_job_opts *opts,
                                 const char *folder, qst_job_info *out);

/* --- and back ----------------------------------------------------------------------------------------------------- */

typedef enum qst_count_order {
    QST_COUNT_ORDER_NONE, /* what the file itself says */
#define QST_COUNT_ORDER(id, about) QST_COUNT_ORDER_##id,
#include <qstill/count_orders.def>
#undef QST_COUNT_ORDER
    QST_COUNT_ORDER_COUNT
} qst_count_order;

typedef struct qst_job_verify_opts {
    qst_count_order order;  /* NONE: only for forms that name their order themselves */
    bool mitigate;          /* errors of readout by the calibration are inverted */
    const char *out_folder; /* report.json in it; NULL: none */
} qst_job_verify_opts;

typedef struct qst_job_result qst_job_result;

/* Reads counts of every circuit of a bundle, each exactly once, and says what the student is worth there: accuracy and
 * its interval, agreement with the student without noise, how far outputs are apart, beside the same by the simulated
 * noise of the calibration. Forms: docs/jobs.md. Errors: ERR_INPUT with the circuit (missing, doubled, of another
 * job, keys of another length, shots that do not add up), ERR_USAGE (no order given and none in the file), ERR_MISMATCH
 * (the self-test contradicts the order), ERR_DAMAGED (the bundle was changed). */
QST_API qst_status qst_job_verify(qst_ctx *ctx, const char *folder, const char *counts, const qst_job_verify_opts *opts,
                                  qst_job_result **out);
QST_API void qst_job_result_free(qst_job_result *result);
QST_API const char *qst_job_result_json(const qst_job_result *result); /* "qstill-job-report/1" */
QST_API const char *qst_job_result_page(const qst_job_result *result); /* for people */

#ifdef __cplusplus
}
#endif
#endif
