/* recipe_device.c: the section `device` of a recipe: which of its keys go together, and the device, or the noise, that
 * it describes.
 */
#include "recipe/recipe_tree.h"

#include <stdio.h>
#include <string.h>

/* --- what it describes -------------------------------------------------------------------------------------------- */

static qst_status make_noise(qst_ctx *ctx, const qsti_recipe_device *recipe, qst_noise **out)
{
    qst_status status = QST_OK;
    qst_noise *noise = NULL;
    QSTI_TRY(qst_noise_create(ctx, &noise));
    for (size_t i = 0; i < recipe->n_noise; i++) {
        status = qst_noise_add(noise, &recipe->noise[i]);
        if (status != QST_OK)
            qsti_fail_within(ctx, status, "device.noise: entry %zu", i + 1);
        QSTI_TRY(status);
    }
    if (recipe->generic.readout > 0)
        QSTI_TRY(qst_noise_add_readout(noise, QST_EVERY_QUBIT, recipe->generic.readout, recipe->generic.readout));
    *out = noise;
    noise = NULL;
done:
    qst_noise_free(noise);
    return status;
}

/* Relaxation that has no time to act would say nothing: gates then take what they usually do. */
static qst_device_generic_opts with_times(const qst_device_generic_opts *given)
{
    qst_device_generic_opts opts = *given;
    if ((opts.t1_us > 0 || opts.t2_us > 0) && opts.time_1q_ns == 0 && opts.time_2q_ns == 0) {
        opts.time_1q_ns = 35;
        opts.time_2q_ns = 300;
    }
    return opts;
}

qst_status qsti_recipe_make_device(qst_ctx *ctx, const qsti_recipe_device *recipe, qst_device **out_device,
                                   qst_noise **out_noise)
{
    *out_device = NULL;
    *out_noise = NULL;
    if (!recipe->given)
        return QST_OK;
    if (recipe->n_noise > 0)
        return make_noise(ctx, recipe, out_noise);
    if (recipe->n_files == 0) {
        const qst_device_generic_opts generic = with_times(&recipe->generic);
        return qst_device_generic(ctx, &generic, out_device);
    }
    const qst_device_read_opts opts = {.time_1q_ns = recipe->generic.time_1q_ns,
                                       .time_2q_ns = recipe->generic.time_2q_ns};
    qst_status status = qst_device_read(ctx, recipe->files, recipe->n_files, &opts, out_device);
    return status == QST_OK ? status : qsti_fail_within(ctx, status, "device.file");
}

/* --- rules -------------------------------------------------------------------------------------------------------- */

typedef struct rule {
    bool broken;
    const char *key, *other, *why;
} rule;

bool qsti_recipe_has_circuit(const qsti_recipe_model *model)
{
    return !model->is_table && strcmp(qsti_kind_of_keys(&model->model), "circuit") == 0;
}

qsti_device_train qsti_recipe_device_train(const qsti_recipe_values *values)
{
    if (values->device.train != QSTI_TRAIN_DEFAULT)
        return values->device.train;
    return qsti_recipe_has_circuit(&values->student) ? QSTI_TRAIN_DEVICE : QSTI_TRAIN_IDEAL;
}

static qst_status refuse_first(qst_ctx *ctx, const qsti_yaml *root, const rule *rules, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (rules[i].broken)
            return qsti_recipe_refuse(ctx, root, rules[i].key, rules[i].other, rules[i].why);
    return QST_OK;
}
#define REFUSE_FIRST(ctx, root, rules) refuse_first((ctx), (root), (rules), sizeof(rules) / sizeof *(rules))

/* A device is one of three things, and each has keys of its own. */
static qst_status check_source(qst_ctx *ctx, const qsti_yaml *root, const qsti_recipe_device *d)
{
    static const char figures[] = "these figures are those of a device without a file: give qubits";
    static const char nowhere[] = "circuits are not placed where there is no device";
    const qst_device_generic_opts *g = &d->generic;
    bool has_file = d->n_files > 0, has_noise = d->n_noise > 0, none = g->n_qubits == 0;
    const char *other = has_noise ? "device.noise" : "device.file";
    const rule rules[] = {
        {has_file && !none, "device.qubits", "device.file", "the device is one or the other"},
        {has_noise && has_file, "device.noise", "device.file", "a device's noise is that of its calibration"},
        {has_noise && !none, "device.noise", "device.qubits", "a device's noise follows from its figures"},
        {none && g->topology != QST_TOPOLOGY_line, "device.topology", other, figures},
        {none && g->error_1q > 0, "device.error_1q", other, figures},
        {none && g->error_2q > 0, "device.error_2q", other, figures},
        {none && g->t1_us > 0, "device.t1_us", other, figures},
        {none && g->t2_us > 0, "device.t2_us", other, figures},
        {none && g->n_basis > 0, "device.basis", other, figures},
        {has_noise && g->time_1q_ns > 0, "device.time_1q_ns", other, "channels take no time"},
        {has_noise && g->time_2q_ns > 0, "device.time_2q_ns", other, "channels take no time"},
        {has_file && g->readout > 0, "device.readout", "device.file", "the calibration has errors of readout"},
        {has_noise && d->n_region > 0, "device.region", "device.noise", nowhere},
        {has_noise && d->n_layout > 0, "device.layout", "device.noise", nowhere},
        {has_noise && d->n_teacher_layout > 0, "device.teacher_layout", "device.noise", nowhere},
        {has_noise && d->allow_dead_edges, "device.allow_dead_edges", "device.noise", nowhere},
        {has_noise && d->temperature_mk > 0, "device.temperature_mk", "device.noise", "give `excited` of a channel"},
        {has_noise && d->readout_model != QST_READOUT_MODEL_PROPERTIES, "device.readout_model", "device.noise",
         "there is no calibration"},
        {g->t1_us > 0 && g->t2_us > 2 * g->t1_us, "device.t2_us", "device.t1_us", "T2 is at most 2 T1"},
    };
    if (!has_file && !has_noise && none)
        return qsti_fail_at(ctx, QST_ERR_USAGE, qsti_recipe_node(root, "device")->key_place,
                            "device: missing, one of file, qubits, noise");
    return REFUSE_FIRST(ctx, root, rules);
}

static bool has_match(const qsti_recipe_values *values)
{
    const qst_match_opts *match = &values->distill.match;
    return match->n_observables > 0 || match->gradients > 0 || match->states > 0 || match->processes > 0;
}

static bool compares_states(const qsti_recipe_values *values)
{
    bool compares = values->distill.loss == QST_LOSS_similarity_fidelity;
    for (size_t i = 0; i < values->plan.n_terms; i++)
        compares = compares || values->plan.terms[i].loss == QST_LOSS_similarity_fidelity;
    return compares;
}

static qst_status check_training(qst_ctx *ctx, const qsti_yaml *root, const qsti_recipe_values *values)
{
    static const char exact[] = "training is not from shots";
    const qsti_recipe_device *d = &values->device;
    bool is_device = d->train == QSTI_TRAIN_DEVICE, from_shots = d->train_shots > 0, is_ideal = !is_device;
    bool changes = d->shots_schedule != QST_SCHEDULE_constant;
    bool falls = d->n_strength == 2 && d->strength[0] > d->strength[1];
    bool circuit = qsti_recipe_has_circuit(&values->student), matches = has_match(values);
    bool is_lbfgs = values->student.train.optimizer == QST_OPTIMIZER_lbfgs;
    const rule rules[] = {
        {is_device && !circuit, "device.train", "student.model", "the student has no circuit"},
        {from_shots && !circuit, "device.train_shots", "student.model", "the student has no circuit"},
        {is_ideal && (d->n_strength > 1 || d->strength[0] != 1), "device.strength", "device.train",
         "it is trained without noise"},
        {is_device && is_lbfgs && d->n_strength == 2, "device.strength", "student.train.optimizer",
         "lbfgs needs the same loss at the same weights"},
        {from_shots && is_lbfgs, "device.train_shots", "student.train.optimizer",
         "lbfgs needs the same loss at the same weights"},
        {from_shots && (values->queries.mixup > 0 || values->queries.noise > 0 || values->queries.file),
         "device.train_shots", "distill.queries", "shots are counted before anything is asked"},
        {from_shots && d->n_strength == 2, "device.strength", "device.train_shots", "from shots it is one strength"},
        {from_shots && d->gradient == QST_SHOT_GRADIENT_SHIFT && values->student.model.n_before > 0, "device.gradient",
         "student.before", "the shift rule gives no gradient for a network in front of the circuit: spsa does"},
        {matches && is_device, "distill.match", "device.train",
         "it is matched to circuits without noise: train: ideal"},
        {matches && from_shots, "distill.match", "device.train_shots", "it is matched by exact values"},
        {compares_states(values) && (is_device || from_shots), "distill.terms", "device.train",
         "similarity_fidelity needs states, which neither noise nor shots leave"},
        {!from_shots && d->gradient != QST_SHOT_GRADIENT_SHIFT, "device.gradient", "device.train_shots", exact},
        {!from_shots && d->budget_shots > 0, "device.budget_shots", "device.train_shots", exact},
        {!from_shots && changes, "device.shots_schedule", "device.train_shots", exact},
        {d->gradient != QST_SHOT_GRADIENT_SPSA && d->spsa_step != 0.1, "device.spsa_step", "device.gradient",
         "only spsa has a step"},
        {changes && d->shots_end == 0, "device.shots_schedule", "device.shots_end", "it is not said where it ends"},
        {!changes && d->shots_end > 0, "device.shots_end", "device.shots_schedule", "constant has no end"},
    };
    if (d->n_strength > 2 || falls)
        return qsti_fail_at(ctx, QST_ERR_USAGE, qsti_recipe_node(root, "device.strength")->place,
                            "device.strength: one number, or [low, high] with low < high");
    return REFUSE_FIRST(ctx, root, rules);
}

/* The teacher as it is on the device. */
static qst_status check_teacher(qst_ctx *ctx, const qsti_yaml *root, const qsti_recipe_values *values)
{
    const qsti_recipe_device *d = &values->device;
    const qsti_recipe_model *teacher = &values->teacher;
    bool noisy = d->teacher != QSTI_DEVICE_TEACHER_IDEAL, matches = has_match(values);
    bool asks = values->queries.mixup > 0 || values->queries.noise > 0 || values->queries.file;
    const char *kind = values->student.model.kind;
    const char *source = teacher->file ? "teacher.file" : teacher->scores ? "teacher.scores" : "teacher.model";
    const rule rules[] = {
        {noisy && !qsti_recipe_has_circuit(teacher), "device.teacher", source,
         "only a circuit that is trained here is measured"},
        {noisy && teacher->ensemble > 1, "device.teacher", "teacher.ensemble", "one circuit is measured"},
        {noisy && matches, "device.teacher", "distill.match", "that is read from the circuit without noise"},
        {noisy && asks, "device.teacher", "distill.queries", "the rows of the dataset are measured, and no others"},
        {noisy && kind && strcmp(kind, "fourier") == 0, "device.teacher", "student.model",
         "it is made from the teacher without noise"},
        {d->n_teacher_layout > 0 && !qsti_recipe_has_circuit(teacher), "device.teacher_layout", source,
         "it has no circuit"},
        {d->n_teacher_layout > 0 && qsti_recipe_has_circuit(teacher) &&
             d->n_teacher_layout != teacher->model.circuit.qubits,
         "device.teacher_layout", "teacher.qubits", "it has a place for each of them"},
        {d->n_layout > 0 && !qsti_recipe_has_circuit(&values->student), "device.layout", "student.model",
         "the student has no circuit"},
        {d->n_layout > 0 && qsti_recipe_has_circuit(&values->student) &&
             d->n_layout != values->student.model.circuit.qubits,
         "device.layout", "student.qubits", "it has a place for each of them"},
    };
    return REFUSE_FIRST(ctx, root, rules);
}

static bool is_plain(const qsti_recipe_mitigation *m)
{
    return m->n_scales == 1;
}

static qst_status check_measuring(qst_ctx *ctx, const qsti_yaml *root, const qsti_recipe_device *d)
{
    const qsti_recipe_mitigation *m = &d->mitigation;
    bool is_exact = d->method == QST_NOISE_EXACT;
    const rule rules[] = {
        {is_exact && d->trajectories != 100, "device.trajectories", "device.method", "exact draws none"},
        {is_exact && d->twirl, "device.twirl", "device.method", "exact needs no other channel"},
        {is_plain(m) && m->scales[0] != 1, "device.mitigation.scales", "device.mitigation",
         "a line needs two scales; 1 alone is none"},
        {is_plain(m) && m->choose_scales, "device.mitigation.choose_scales", "device.mitigation.scales",
         "there is nothing to choose from"},
        {is_plain(m) && m->extrapolation != QST_EXTRAPOLATE_LINEAR, "device.mitigation.extrapolation",
         "device.mitigation.scales", "nothing is extrapolated"},
        {m->choose_scales && d->shots == 0, "device.mitigation.choose_scales", "device.shots",
         "exact values have no noise of shots"},
    };
    return REFUSE_FIRST(ctx, root, rules);
}

/* What the device and the noise say themselves, without opening files. */
static qst_status try_to_make(qst_ctx *ctx, const qsti_yaml *root, const qsti_recipe_device *d)
{
    char message[512];
    qst_device *device = NULL;
    qst_noise *noise = NULL;
    if (d->n_files > 0)
        return QST_OK;
    qst_status status = qsti_recipe_make_device(ctx, d, &device, &noise);
    qst_device_free(device);
    qst_noise_free(noise);
    if (status == QST_OK || status == QST_ERR_MEMORY)
        return status;
    const qsti_yaml *node = qsti_recipe_node(root, d->n_noise > 0 ? "device.noise" : "device.qubits");
    snprintf(message, sizeof message, "%s", qst_ctx_message(ctx));
    return qsti_fail_at(ctx, status, node->place, "%s", message);
}

qst_status qsti_recipe_check_device(qst_ctx *ctx, const qsti_yaml *root, const qsti_recipe_values *values)
{
    qst_status status = QST_OK;
    QSTI_TRY(check_source(ctx, root, &values->device));
    QSTI_TRY(check_measuring(ctx, root, &values->device));
    QSTI_TRY(check_teacher(ctx, root, values));
    QSTI_TRY(check_training(ctx, root, values));
    QSTI_TRY(try_to_make(ctx, root, &values->device));
done:
    return status;
}
