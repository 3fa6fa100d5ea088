/* device_exam.h: one seed's models measured as circuits: from shots, on the device, on it with mitigation, and at other
 * strengths of its noise.
 */
#ifndef QSTI_RUN_DEVICE_EXAM_H
#define QSTI_RUN_DEVICE_EXAM_H

#include "run/device_plan.h"
#include "run/exam.h"

/* Whether a model has a circuit that can be measured. */
bool qsti_device_has_circuit(const qst_model *model);

/* All columns on the test rows. `exact` is the model's result without noise and shots; `teacher` that of the teacher by
 * this function, with which outputs are compared, or NULL; a copy has lost them. The first context is the
 * caller's, as are the objects of `exam`. Rows' shots are those of (seed of the dataset, role, column). Errors: those
 * of qst_measurement_create() and qst_measurement_values(). */
qst_status qsti_device_exam(qst_ctx *ctx, const qsti_exam *exam, const qsti_device_plan *plan, qsti_role role,
                            qst_model *model, const qsti_role_result *exact, const qsti_device_result *teacher,
                            const qsti_device_result **out);
qst_status qsti_device_result_copy(qst_ctx *ctx, const qsti_device_result *result, const qsti_device_result **out);
void qsti_device_result_free(qst_ctx *ctx, const qsti_device_result *result);

/* out (n, C) = the scores of the dataset's rows as the teacher gives them on the device, mitigated or not. */
qst_status qsti_device_ask(qst_ctx *ctx, const qst_dataset *dataset, const qsti_device_plan *plan, qst_model *teacher,
                           qst_matrix out);

/* What would fail later: whether a model's circuit can be measured in a column; and how its noise is run. */
qst_status qsti_device_try(qst_ctx *ctx, const qsti_device_plan *plan, const qst_model *model, bool teacher,
                           qsti_column column, qst_noise_info *out);

#endif
