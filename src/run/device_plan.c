/* device_plan.c: see device_plan.h. */
#include "run/device_plan.h"

static qst_place_opts placing(const qsti_recipe_device *recipe, bool teacher)
{
    return (qst_place_opts){
        .layout = teacher ? recipe->teacher_layout : recipe->layout,
        .n_layout = teacher ? recipe->n_teacher_layout : recipe->n_layout,
        .region = recipe->region,
        .n_region = recipe->n_region,
        .allow_dead_edges = recipe->allow_dead_edges,
        .temperature_mk = recipe->temperature_mk,
        .readout = recipe->readout_model,
    };
}

/* 1 alone is no extrapolation. */
static size_t scales_of(const qsti_recipe_mitigation *mitigation)
{
    return mitigation->n_scales > 1 ? mitigation->n_scales : 0;
}

qst_measure_opts qsti_device_plan_measure(const qsti_device_plan *plan, const qst_device *view, qsti_column column,
                                          bool teacher, double strength)
{
    const qsti_recipe_device *recipe = plan->recipe;
    qst_measure_opts opts = {.shots = column == QSTI_IDEAL ? 0 : recipe->shots};
    if (column == QSTI_IDEAL || column == QSTI_SHOTS)
        return opts;
    opts.device = plan->device != NULL ? view : NULL;
    opts.place = placing(recipe, teacher);
    opts.noise = plan->noise;
    opts.noise_strength = strength;
    opts.noise_method = recipe->method;
    opts.twirl = recipe->twirl;
    opts.trajectories = recipe->trajectories;
    opts.memory_limit = recipe->memory_limit;
    if (column != QSTI_MITIGATED)
        return opts;
    const qsti_recipe_mitigation *mitigation = &recipe->mitigation;
    opts.mitigation = (qst_mitigation){.readout = mitigation->readout,
                                       .scales = mitigation->scales,
                                       .n_scales = scales_of(mitigation),
                                       .choose_scales = mitigation->choose_scales,
                                       .extrapolation = mitigation->extrapolation};
    return opts;
}

static double highest(const qsti_recipe_device *recipe)
{
    return recipe->strength[recipe->n_strength - 1];
}

/* In training a row has one trajectory a step, and errors of readout are what they are. */
static void make_conditions(qsti_device_plan *plan)
{
    const qsti_recipe_device *recipe = plan->recipe;
    bool noisy = recipe->train == QSTI_TRAIN_DEVICE && highest(recipe) > 0;
    plan->has_conditions = noisy || recipe->train_shots > 0;
    plan->conditions.measure = qsti_device_plan_measure(plan, plan->device, noisy ? QSTI_DEVICE : QSTI_SHOTS, false, 1);
    plan->conditions.measure.shots = recipe->train_shots;
    plan->conditions.measure.trajectories = 1;
    plan->conditions.strength_low = noisy ? recipe->strength[0] : 0;
    plan->conditions.strength_high = noisy ? highest(recipe) : 0;
    plan->conditions.gradient = recipe->gradient;
    plan->conditions.spsa_step = recipe->spsa_step;
    plan->conditions.shots_schedule = recipe->shots_schedule;
    plan->conditions.shots_end = recipe->shots_end;
    plan->conditions.budget_shots = recipe->budget_shots;
}

static qsti_device_facts facts_of(const qsti_device_plan *plan)
{
    static const char *const extrapolations[] = {"linear", "polynomial", "exponential"},
                             *const knowledge[] = {"ideal", "device", "mitigated"},
                             *const gradients[] = {"shift", "spsa"};
    const qsti_recipe_device *recipe = plan->recipe;
    const qsti_recipe_mitigation *mitigation = &recipe->mitigation;
    qst_device_info info = {.name = "noise", .kind = "channels"};
    bool trained = recipe->train == QSTI_TRAIN_DEVICE;
    if (plan->device != NULL)
        qst_device_describe(plan->device, &info);
    return (qsti_device_facts){
        .name = info.name[0] != '\0' ? info.name : info.kind,
        .source = info.kind,
        .n_qubits = info.n_qubits,
        .shots = recipe->shots,
        .readout = mitigation->readout,
        .choose_scales = mitigation->choose_scales,
        .scales = mitigation->scales,
        .n_scales = scales_of(mitigation),
        .extrapolation = extrapolations[mitigation->extrapolation],
        .knowledge = knowledge[recipe->teacher],
        .train = trained ? "device" : "ideal",
        .strength_low = trained ? recipe->strength[0] : 0,
        .strength_high = trained ? highest(recipe) : 0,
        .train_shots = recipe->train_shots,
        .gradient = gradients[recipe->gradient],
        .strengths = recipe->strengths,
        .n_strengths = recipe->n_strengths,
        .method = "none",
    };
}

qst_status qsti_device_plan_make(qst_ctx *ctx, const qsti_recipe_device *recipe, qsti_device_plan *out)
{
    qsti_device_plan plan = {.recipe = recipe};
    if (!recipe->given)
        return QST_OK;
    qst_status status = qsti_recipe_make_device(ctx, recipe, &plan.device, &plan.noise);
    if (status != QST_OK)
        return status;
    make_conditions(&plan);
    plan.facts = facts_of(&plan);
    *out = plan;
    return QST_OK;
}

void qsti_device_plan_clear(qst_ctx *ctx, qsti_device_plan *plan)
{
    qst_device_free(plan->device);
    qst_noise_free(plan->noise);
    qsti_free(ctx, plan->without_teacher);
    *plan = (qsti_device_plan){0};
}

const qst_training_conditions *qsti_device_plan_conditions(const qsti_device_plan *plan)
{
    return plan->has_conditions ? &plan->conditions : NULL;
}
