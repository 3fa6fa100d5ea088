/* teacher_on_device.c: the teacher of one seed as it is measured on the devices of the settings that share it. */
#include "run/device_exam.h"
#include "run/teachers.h"

/* The first setting that measures the teacher as this one does: itself, where there is none before. */
static qst_status first_alike(qst_ctx *ctx, const qst_recipe *recipe, const qsti_teaching *teaching, size_t setting,
                              size_t *out)
{
    *out = setting;
    for (size_t s = 0; s < setting; s++) {
        bool same = false;
        if (teaching->measured[s] == NULL)
            continue;
        qst_status status = qsti_recipe_same_device(ctx, &recipe->settings[s], &recipe->settings[setting], &same);
        if (status != QST_OK)
            return status;
        if (same) {
            *out = s;
            return QST_OK;
        }
    }
    return QST_OK;
}

qst_status qsti_teaching_measure(qst_ctx *ctx, const qsti_teaching_plan *plan, qst_model *model,
                                 qsti_teaching *teaching)
{
    qst_status status = QST_OK;
    const qsti_run *run = plan->run;
    for (size_t s = 0; s < teaching->n_settings; s++) {
        const qsti_device_plan *device = &run->devices[s];
        size_t first = s;
        if (!qsti_teaching_has(plan, s) || device->recipe == NULL || device->without_teacher != NULL)
            continue;
        QSTI_TRY(first_alike(ctx, run->recipe, teaching, s, &first));
        if (first < s)
            teaching->measured[s] = teaching->measured[first];
        else
            QSTI_TRY(qsti_device_exam(ctx, &teaching->exam, device, QSTI_TEACHER, model, &teaching->result, NULL,
                                      &teaching->measured[s]));
    }
done:
    return status;
}

/* Settings that share a result lose it together. */
void qsti_teaching_release_measured(qst_ctx *ctx, qsti_teaching *teaching)
{
    for (size_t s = 0; s < teaching->n_settings && teaching->measured != NULL; s++) {
        const qsti_device_result *result = teaching->measured[s];
        for (size_t later = s; later < teaching->n_settings; later++)
            if (teaching->measured[later] == result)
                teaching->measured[later] = NULL;
        qsti_device_result_free(ctx, result);
    }
    qsti_free(ctx, (void *)teaching->measured);
    teaching->measured = NULL;
}
