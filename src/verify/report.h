/* report.h: what a run found out, as one JSON document (qstill-report/1, docs/report.md) and as a page for people. */
#ifndef QSTI_VERIFY_REPORT_H
#define QSTI_VERIFY_REPORT_H

#include <qstill/student.h>

#include "base/hash.h"
#include "base/json.h"
#include "verify/metrics.h"
#include "verify/statistics.h"

/* The models that a run compares: teacher, student, and the controls of controls.def. The first two of these have
 * places of their own in a report ("control", "floor"); the further ones stand under "controls". */
typedef enum qsti_role {
    QSTI_TEACHER,
    QSTI_STUDENT,
    QSTI_FIRST_CONTROL,
    QSTI_CONTROL = QSTI_FIRST_CONTROL, /* QST_CONTROL_no_teacher */
    QSTI_FLOOR,
    QSTI_FIRST_FURTHER,
    QSTI_ROLE_COUNT = QSTI_FIRST_CONTROL + QST_CONTROL_COUNT
} qsti_role;

static inline qsti_role qsti_role_of(qst_control control)
{
    return (qsti_role)(QSTI_FIRST_CONTROL + (int)control);
}

/* Of models, files and lines of the log: "teacher", "student", "control", "floor", then as in controls.def. */
const char *qsti_role_name(qsti_role role);

/* Size of a model; for a table of scores (no circuit known) has_circuit is false and all else 0. */
typedef struct qsti_size {
    bool has_circuit;
    size_t qubits, depth, gates, two_qubit_gates;
    size_t quantum_parameters, classical_parameters;
} qsti_size;

/* How a circuit is run when it is measured. */
typedef enum qsti_column {
    QSTI_IDEAL,     /* exactly */
    QSTI_SHOTS,     /* from shots, without noise */
    QSTI_DEVICE,    /* from shots, with the noise of the device */
    QSTI_MITIGATED, /* the same, with mitigation */
    QSTI_COLUMN_COUNT
} qsti_column;

/* In report.json: "ideal", "shots", "device", "mitigated". */
const char *qsti_column_name(qsti_column column);

/* One model under one column: test rows. */
typedef struct qsti_column_result {
    size_t n_correct;
    double agreement;                               /* with the teacher without noise */
    double corrected_accuracy, corrected_agreement; /* scores first through a line for each output, fitted on validation
                                                       rows; NaN where there is none */
    const uint8_t *right;                           /* (n) 0/1 */
    /* Mean over rows of the squared distance of the circuit's outputs from the teacher's in the same column, as they
     * are and without the part that shots add; NaN for the teacher, and where the readouts differ. */
    double distance, distance_corrected;
} qsti_column_result;

/* What a circuit gave in each column: test rows. */
typedef struct qsti_device_outputs {
    char readout[QSTI_HASH_CHARS]; /* a hash of what is read */
    size_t n_outputs;
    double *values[QSTI_COLUMN_COUNT], *variances[QSTI_COLUMN_COUNT]; /* (n, n_outputs) */
} qsti_device_outputs;

/* Where a circuit stands on the device. */
typedef struct qsti_placement {
    const size_t *qubits; /* (n_qubits) */
    size_t n_qubits;
    const size_t (*edges)[2]; /* (n_edges) */
    size_t n_edges;
    size_t gates, two_qubit_gates, depth, exchanges, n_scored;
    bool complete;
    double duration_ns, fidelity;
} qsti_placement;

/* One model in one seed, as it is measured. Its arrays belong to whoever made it. */
typedef struct qsti_device_result {
    size_t n; /* test rows */
    qsti_column_result columns[QSTI_COLUMN_COUNT];
    const double *curve; /* (n_strengths) accuracy under DEVICE at each strength; NULL: none */
    size_t n_strengths;
    bool placed; /* there is a device, not only noise */
    qsti_placement placement;
    uint64_t shots;               /* of a row under DEVICE */
    qsti_device_outputs *outputs; /* the teacher's, while others are compared with them; else NULL */
} qsti_device_result;

/* One model in one seed. */
typedef struct qsti_role_result {
    bool present;
    qsti_quality test;
    qsti_fidelity fidelity;                     /* test rows, against the teacher; all but teacher and floor */
    double train_accuracy, validation_accuracy; /* validation NaN when there is none */
    double ece_scaled;             /* test ECE after temperature scaling fitted on validation; NaN when there is none */
    uint8_t *right;                /* (test.n) 0/1, owned by the caller */
    size_t epochs, selected_epoch; /* trained models; else 0 */
    double last_epoch_accuracy;    /* test accuracy with the last epoch's weights; NaN when not trained here */
    double knowledge_loss;         /* loss on the test rows as the recipe defines it; NaN when there is none */
    double rate_factor;            /* on its learning rate: gradient_scale */
    const qsti_device_result *device; /* NULL: not measured; owned by the caller */
    uint64_t training_shots;          /* 0: trained from exact values */
} qsti_role_result;

/* One cell of the temperature x alpha grid, as judged on validation. */
typedef struct qsti_grid_cell {
    double temperature, alpha;
    double validation_accuracy, validation_loss;
    bool chosen;
} qsti_grid_cell;

/* A model that was trained before the student: a member of the teacher, or one between teacher and student. */
typedef struct qsti_step_result {
    char name[32]; /* "teacher-2", "assistant-1", "generation-1" */
    bool in_chain; /* between teacher and student */
    qsti_size size;
    double accuracy, agreement; /* on test rows, with labels and with the teacher */
    size_t n_steps;             /* of its training */
} qsti_step_result;

/* Rows beyond the dataset that the teacher answered, by where they come from: file, mixup, noise. */
#define QSTI_REPORT_QUERIES 3

typedef struct qsti_seed_result {
    uint64_t seed;
    size_t n_train, n_validation, n_test, n_labelled; /* rows; n_labelled: training rows whose label is used */
    qsti_role_result roles[QSTI_ROLE_COUNT];
    qsti_grid_cell *grid; /* owned by the caller; NULL when nothing was searched */
    size_t n_grid;
    qsti_step_result *steps; /* owned by the caller; in the order of their training */
    size_t n_steps;
    size_t n_queries_wanted[QSTI_REPORT_QUERIES], n_queries[QSTI_REPORT_QUERIES]; /* before and after the budget */
    double calibration; /* the temperature that the teacher's scores were divided by; 0 or NaN: none */
} qsti_seed_result;

/* What is measured on, and how; text is borrowed. */
typedef struct qsti_device_facts {
    const char *name, *source; /* "fake_manila", "ibm-props" */
    size_t n_qubits;           /* 0: noise without a device */
    size_t shots;              /* of a circuit; 0: exact */
    bool readout, choose_scales;
    const double *scales; /* (n_scales) of the mitigation; n_scales 0: none */
    size_t n_scales;
    const char *extrapolation;
    const char *knowledge; /* what the student learns from: "ideal", "device", "mitigated" */
    const char *train;     /* "device", "ideal" */
    double strength_low, strength_high;
    size_t train_shots;
    const char *gradient;
    const double *strengths; /* (n_strengths) of the curves */
    size_t n_strengths;
    const char *method;          /* of the student's noise: "none", "exact", "trajectories" */
    bool twirled;                /* relaxation was replaced by a Pauli channel */
    const char *without_teacher; /* why the teacher is not measured; NULL: it is */
} qsti_device_facts;

/* One setting of a recipe: all its seeds. */
typedef struct qsti_setting_result {
    const char *name;
    const char *loss; /* the name of the student's loss */
    double label_fraction, label_noise;
    qsti_seed_result *seeds;
    size_t n_seeds;
    qsti_size sizes[QSTI_ROLE_COUNT];
    const char *left_out[QST_CONTROL_COUNT]; /* why a control that was asked for is not there; NULL: it is, or was not
                                                asked for */
    const qsti_device_facts *device;         /* NULL: nothing is measured on one */
    double seconds_teacher, seconds_student, seconds_total; /* sums over trainings, which go on side
                                                               by side; a shared teacher counts in each setting */
} qsti_setting_result;

/* What the run was about. */
typedef struct qsti_run_facts {
    const char *name, *data_name,
        *inputs; /* inputs: "1,797 rows, 64 features, 10 classes; pca 8, standardize, scale 0.3" */
    const char *isa, *version;
    int n_threads;
    size_t n_classes;
    const char *recipe_hash, *data_hash;
    double seconds, seconds_training; /* of the whole run; of it, while something was trained; NaN: not known */
    const char *folder;               /* of the run; NULL when nothing was written */
} qsti_run_facts;

/* A condition of `verify.require`: the value at a dotted path of a setting lies within bounds. A value that is not
 * there (null: an interval of one seed) does not. */
typedef struct qsti_requirement {
    const char
        *path; /* "student.accuracy", "gain.points", "drop.within_points", "gain.ci.0": a numeric path of a setting */
    double minimum, maximum; /* inclusive; NaN: no bound */
    const char *setting;     /* its name; NULL: every setting */
} qsti_requirement;

/* Builds the report: every setting whole, the top level repeating the first; Holm's correction (docs/verify.md, 4);
 * verdicts; requirements with whether they hold (*out_required). Warnings of
 * the context are listed. n_settings >= 1; a role is present in all seeds of a setting or in none. Errors: ERR_MEMORY;
 * ERR_USAGE for a requirement whose path is no number of the report, or whose setting there is not (naming the
 * nearest).
 */
qst_status qsti_report_build(qst_ctx *ctx, const qsti_run_facts *facts, const qsti_setting_result *settings,
                             size_t n_settings, const qsti_requirement *requirements, size_t n_requirements,
                             json_t **out, bool *out_required);

/* Whether a requirement's path names a number of a report with all models, so that a slip is found before the work, not
 * behind it. Errors: ERR_USAGE (naming the nearest); ERR_MEMORY. Cost: a report of invented rows, some milliseconds. */
qst_status qsti_report_check_path(qst_ctx *ctx, const char *path);

/* The page for people: the tables and lines of verdict, at most 100 columns (a longer path or word stays whole), plain
 * UTF-8 text without colours. Works from the JSON alone, so that `qstill verify` and old reports print the same way.
 * Free with qsti_free(). Errors: ERR_MEMORY; ERR_INPUT when it is no report; ERR_DAMAGED when it is of a newer release.
 */
qst_status qsti_report_page(qst_ctx *ctx, const json_t *report, char **out_text);

#endif
