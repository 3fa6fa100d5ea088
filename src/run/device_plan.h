/* device_plan.h: what a setting's recipe says of a device, made: the device, its noise, how circuits are measured and
 * trained there.
 */
#ifndef QSTI_RUN_DEVICE_PLAN_H
#define QSTI_RUN_DEVICE_PLAN_H

#include "device/device.h"
#include "recipe/recipe.h"
#include "verify/report.h"

typedef struct qsti_device_plan {
    const qsti_recipe_device *recipe; /* NULL: there is no device, and all else is 0 */
    qst_device *device;               /* or noise */
    qst_noise *noise;
    qst_training_conditions conditions;
    bool has_conditions;
    qsti_device_facts facts;
    char *without_teacher; /* why the teacher is not measured; NULL: it is, or nobody knows yet */
} qsti_device_plan;

/* Makes it; `recipe` must outlive it. Errors: those of reading a calibration, ERR_USAGE. */
qst_status qsti_device_plan_make(qst_ctx *ctx, const qsti_recipe_device *recipe, qsti_device_plan *out);
void qsti_device_plan_clear(qst_ctx *ctx, qsti_device_plan *plan);

/* What the student is trained under; NULL: exactly, without noise. */
const qst_training_conditions *qsti_device_plan_conditions(const qsti_device_plan *plan);

/* How a circuit is measured in a column at a strength > 0, on a context whose view of the device is
 * given; `teacher`: by its layout. */
qst_measure_opts qsti_device_plan_measure(const qsti_device_plan *plan, const qst_device *view, qsti_column column,
                                          bool teacher, double strength);

#endif
