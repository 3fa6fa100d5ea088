/* report_parts.h: the parts that a report is put together from. For the files of verify/ alone. */
#ifndef QSTI_VERIFY_REPORT_PARTS_H
#define QSTI_VERIFY_REPORT_PARTS_H

#include "verify/report.h"

#define QSTI_REPORT_FORMAT  "qstill-report/1"
#define QSTI_INTERVAL_LEVEL 0.95

/* --- comparisons: comparison.c ------------------------------------------------------------------------------------ */

/* What is compared with what; differences are first minus second. */
typedef enum qsti_contest {
    QSTI_GAIN,       /* student - control */
    QSTI_OVER_FLOOR, /* student - floor */
    QSTI_DROP,       /* teacher - student: what was lost */
    QSTI_FIRST_ON_DEVICE,
    QSTI_DEVICE_TEACHER = QSTI_FIRST_ON_DEVICE, /* student - teacher, on the device as all of these */
    QSTI_DEVICE_UNAWARE,                        /* student - noise_unaware */
    QSTI_DEVICE_CONTROL,                        /* student - control */
    QSTI_TEACHER_LOSS,                          /* teacher, ideal - on the device */
    QSTI_STUDENT_LOSS,                          /* student, ideal - on the device */
    QSTI_OVER_FURTHER,                          /* student - the first of the further controls; then the others */
    QSTI_CONTEST_COUNT = QSTI_OVER_FURTHER + QSTI_ROLE_COUNT - QSTI_FIRST_FURTHER
} qsti_contest;

static inline qsti_contest qsti_contest_over(qsti_role further)
{
    return (qsti_contest)(QSTI_OVER_FURTHER + (further - QSTI_FIRST_FURTHER));
}

typedef struct qsti_comparison {
    double *points; /* (n_seeds) differences in percentage points, NaN where a model is missing; owned */
    qsti_paired paired;
    qsti_interval bootstrap;
    double p_holm;
    size_t n_holm; /* tested comparisons of the family that decided p_holm, this one included */
} qsti_comparison;

/* comparisons[setting][contest], zeroed by the caller and cleared by qsti_comparisons_clear(). */
qst_status qsti_comparisons_measure(qst_ctx *ctx, const qsti_setting_result *settings, size_t n_settings,
                                    qsti_comparison (*comparisons)[QSTI_CONTEST_COUNT]);
void qsti_comparisons_clear(qst_ctx *ctx, size_t n_settings, qsti_comparison (*comparisons)[QSTI_CONTEST_COUNT]);

/* The objects "gain", "over_floor" and "drop" with their verdicts, put into the setting's; those on the device, put
 * into its "device" where that is there; and the members of a comparison, put into those of "controls" that are no
 * null. */
qst_status qsti_comparisons_put(qst_ctx *ctx, const qsti_run_facts *facts, const qsti_setting_result *setting,
                                const qsti_comparison *comparisons, json_t *object);

/* --- models and sizes: report_model.c ----------------------------------------------------------------------------- */

/* The objects "teacher", "student", "control", "floor" (null when there is none), "controls" (each {"model"}, or null)
 * and "compression". */
qst_status qsti_models_put(qst_ctx *ctx, const qsti_setting_result *setting, json_t *object);

json_t *qsti_size_json(const qsti_size *size); /* {"qubits", "depth", "gates", "two_qubit_gates", "parameters"} */

/* --- on the device: report_device.c ------------------------------------------------------------------------------- */

/* The object "device", null without one: all but its comparisons. */
qst_status qsti_device_put(qst_ctx *ctx, const qsti_setting_result *setting, json_t *object);

/* --- what stands before the student: report_teaching.c -------------------------------------------------------------
 */

/* The objects "chain", "members", "calibration" and "queries". */
qst_status qsti_teaching_put(qst_ctx *ctx, const qsti_setting_result *setting, json_t *object);

/* --- requirements: requirement.c ---------------------------------------------------------------------------------- */

/* The value at a dotted path ("a.b.0": entry 0 of the array b), or NULL. */
json_t *qsti_report_at(const json_t *report, const char *path);

/* "requirements" and "requirements_hold", put into the report, whose "settings" are complete. */
qst_status qsti_requirements_put(qst_ctx *ctx, const qsti_requirement *requirements, size_t n_requirements,
                                 json_t *report, bool *out_required);

/* The path names a number (or a null) of the setting; ERR_USAGE naming the nearest otherwise. */
qst_status qsti_requirement_check(qst_ctx *ctx, json_t *setting, const char *path);

/* --- JSON: report.c ----------------------------------------------------------------------------------------------- */

json_t *qsti_json_count(size_t value);
json_t *qsti_json_foreign(qst_ctx *ctx,
                          const char *foreign);          /* a user's string or null; what is not UTF-8 becomes '?' */
json_t *qsti_json_interval(qsti_interval interval);      /* [lo, hi]; null when both are NaN */
json_t *qsti_json_reals(const double *values, size_t n); /* NaN becomes null */

/* QST_OK, or ERR_MEMORY with its message: jansson's memory is not the context's. */
qst_status qsti_json_done(qst_ctx *ctx, bool ok);

#endif
