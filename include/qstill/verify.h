/* qstill/verify.h: stage 5: student against teacher, control and floor on the test rows, and the report of it.
 *
 * A report is one JSON document (docs/report.md) and a page for people. Definitions of all metrics, intervals and
 * verdicts: docs/verify.md.
 */
#ifndef QSTILL_VERIFY_H
#define QSTILL_VERIFY_H

#include <qstill/knowledge.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct qst_report qst_report;

/* Measures one student on the dataset's test rows: against the labels, against the teacher by its knowledge, against
 * the control (NULL: none) and against logistic regression fitted here on all training labels, also when the student
 * knew only some of them (qst_run() gives the floor the same few). One seed: no verdict is said below 5. Errors:
 * ERR_MISMATCH when the parts do not belong together. */
QST_API qst_status qst_verify(const qst_dataset *dataset, const qst_knowledge *knowledge, qst_model *student,
                              qst_model *control, qst_report **out);

QST_API void qst_report_free(qst_report *report);
QST_API const char *qst_report_json(const qst_report *report);   /* report.json, as text */
QST_API const char *qst_report_page(const qst_report *report);   /* for people */
QST_API const char *qst_report_folder(const qst_report *report); /* where it lies; NULL when not written */
/* False when a condition of verify.require does not hold. */
QST_API bool qst_report_holds(const qst_report *report);

#ifdef __cplusplus
}
#endif
#endif
