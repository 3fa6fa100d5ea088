/* recipe_conflicts.c: keys of a recipe that contradict each other.
 *
 * Every value is within its own range here. A key that would have no effect because of another is refused, not ignored,
 * unless it has its default; the message stands at the first key and names both.
 */
#include <stdio.h>
#include <string.h>

#include "recipe/recipe_tree.h"

typedef struct checker {
    qst_ctx *ctx;
    const qsti_yaml *root;
    const qsti_recipe_values *values;
} checker;

static qsti_place place_in(const qsti_yaml *root, const char *path, const char *other)
{
    const qsti_yaml *node = qsti_recipe_node(root, path);
    if (!node)
        node = qsti_recipe_node(root, other);
    return node ? node->place : root->place;
}

static qsti_place place_of(const checker *c, const char *path, const char *other)
{
    return place_in(c->root, path, other);
}

qst_status qsti_recipe_refuse(qst_ctx *ctx, const qsti_yaml *root, const char *path, const char *other, const char *why)
{
    return qsti_fail_at(ctx, QST_ERR_USAGE, place_in(root, path, other), "%s contradicts %s: %s", path, other, why);
}

static qst_status refuse(const checker *c, const char *path, const char *other, const char *why)
{
    return qsti_recipe_refuse(c->ctx, c->root, path, other, why);
}

/* --- training ----------------------------------------------------------------------------------------------------- */

typedef struct train_rule {
    bool broken;
    const char *key, *other, *why;
} train_rule;

/* Keys of MODEL.train; `role` is "teacher" or "student". Paths in rules: with a dot whole, without below ROLE.train. */
static qst_status check_train(const checker *c, const char *role, const qst_train_opts *train)
{
    bool is_sgd = train->optimizer == QST_OPTIMIZER_sgd, is_lbfgs = train->optimizer == QST_OPTIMIZER_lbfgs;
    bool unvalidated = c->values->dataset.validation == 0;
    const train_rule rules[] = {
        {!is_sgd && train->momentum != 0.9, "momentum", "optimizer", "only sgd has it"},
        {is_lbfgs && train->weight_decay != 0, "weight_decay", "optimizer", "lbfgs has none"},
        {is_lbfgs && train->clip_norm != 0, "clip_norm", "optimizer", "lbfgs has none"},
        {is_lbfgs && train->schedule != QST_SCHEDULE_constant, "schedule", "optimizer", "lbfgs has none"},
        {is_lbfgs && train->learning_rate != 0.01, "learning_rate", "optimizer", "lbfgs finds its steps itself"},
        {is_lbfgs && train->patience > 0, "patience", "optimizer", "lbfgs does not stop early"},
        {is_lbfgs && train->restarts > 0, "restarts", "optimizer", "lbfgs does not start again"},
        {is_lbfgs && train->batch != 64, "batch", "optimizer", "lbfgs takes all samples at once"},
        {unvalidated && train->patience > 0, "patience", "data.validation", "without validation rows nothing stops it"},
        {unvalidated && train->restarts > 0, "restarts", "data.validation",
         "without validation rows none can be chosen"},
        {unvalidated && train->select == QST_SELECT_BEST, "select", "data.validation",
         "without validation rows no epoch is best"},
    };
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
        char path[QSTI_PATH_BYTES], other[QSTI_PATH_BYTES];
        if (!rules[i].broken)
            continue;
        snprintf(path, sizeof path, "%s.train.%s", role, rules[i].key);
        if (strchr(rules[i].other, '.'))
            snprintf(other, sizeof other, "%s", rules[i].other);
        else
            snprintf(other, sizeof other, "%s.train.%s", role, rules[i].other);
        return refuse(c, path, other, rules[i].why);
    }
    return QST_OK;
}

/* --- losses ------------------------------------------------------------------------------------------------------- */

static const struct loss_row {
    bool needs_teacher, needs_labels;
    unsigned uses;
} loss_rows[] = {
#define QST_LOSS(name, level, takes, needs_teacher, needs_labels, uses, about) {needs_teacher, needs_labels, uses},
#include <qstill/losses.def>
#undef QST_LOSS
};

static bool loss_needs_teacher(qst_loss loss)
{
    return loss_rows[loss].needs_teacher;
}

static bool loss_uses(qst_loss loss, unsigned what)
{
    return (loss_rows[loss].uses & what) != 0;
}

/* --- circuits ----------------------------------------------------------------------------------------------------- */

#define QSTI_MAY_ENTANGLE    1U
#define QSTI_MAY_END         2U
#define QSTI_MAY_ROTATE      4U
#define QSTI_MAY_ROTATE_ONCE 8U
#define QSTI_MAY_REPLACE     16U

/* The options that an ansatz takes. */
static unsigned ansatz_options(const char *ansatz)
{
    static const struct {
        const char *name;
        unsigned options;
    } ansatze[] = {
#define QSTI_ANSATZ(name, rotations, entangler, entanglement, options, about) {#name, options},
#include "circuit/ansatze.def"
#undef QSTI_ANSATZ
    };
    for (size_t i = 0; i < sizeof ansatze / sizeof *ansatze; i++)
        if (strcmp(ansatze[i].name, ansatz) == 0)
            return ansatze[i].options;
    return 0;
}

static qst_status check_pairs(const checker *c, const char *role, const qst_circuit_opts *circuit)
{
    char path[QSTI_PATH_BYTES], other[QSTI_PATH_BYTES], why[128];
    for (size_t i = 0; i < circuit->ansatz.n_pairs; i++) {
        for (size_t j = 0; j < 2; j++) {
            size_t qubit = circuit->ansatz.pairs[i][j];
            if (qubit < circuit->qubits)
                continue;
            snprintf(path, sizeof path, "%s.entanglement", role);
            snprintf(other, sizeof other, "%s.qubits", role);
            snprintf(why, sizeof why, "qubit %zu is not in 0..%zu", qubit, circuit->qubits - 1);
            return refuse(c, path, other, why);
        }
    }
    return QST_OK;
}

static qst_status check_circuit(const checker *c, const char *role, const qst_circuit_opts *circuit)
{
    const qst_ansatz_opts *ansatz = &circuit->ansatz;
    unsigned allowed = ansatz_options(ansatz->name);
    bool prepares = strcmp(circuit->encoding.name, "amplitude") == 0 || strcmp(circuit->encoding.name, "basis") == 0;
    bool may_rotate = allowed & (QSTI_MAY_ROTATE | QSTI_MAY_ROTATE_ONCE);
    const struct {
        bool broken;
        const char *key, *other, *name, *what;
    } rules[] = {
        {(ansatz->entanglement || ansatz->n_pairs) && !(allowed & QSTI_MAY_ENTANGLE), "entanglement", "ansatz",
         ansatz->name, "has an entanglement of its own"},
        {ansatz->skip_final_rotation_layer && !(allowed & QSTI_MAY_END), "skip_final_rotation_layer", "ansatz",
         ansatz->name, "has no such layer"},
        {ansatz->rotations && !may_rotate, "rotations", "ansatz", ansatz->name, "has rotations of its own"},
        {ansatz->entangler && !(allowed & QSTI_MAY_REPLACE), "entangler", "ansatz", ansatz->name,
         "has an entangler of its own"},
        {prepares && circuit->repeat_encoding, "repeat_encoding", "encoding", circuit->encoding.name,
         "prepares the state and cannot be repeated"},
        {prepares && circuit->encoding.reps > 1, "encoding_reps", "encoding", circuit->encoding.name,
         "prepares the state and cannot be repeated"},
    };
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
        char path[QSTI_PATH_BYTES], other[QSTI_PATH_BYTES], why[128];
        if (!rules[i].broken)
            continue;
        snprintf(path, sizeof path, "%s.%s", role, rules[i].key);
        snprintf(other, sizeof other, "%s.%s", role, rules[i].other);
        snprintf(why, sizeof why, "%s %s", rules[i].name, rules[i].what);
        return refuse(c, path, other, why);
    }
    return check_pairs(c, role, circuit);
}

/* --- networks ----------------------------------------------------------------------------------------------------- */

static bool has_random_layers(const qst_layer *layers, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (layers[i].kind == QST_LAYER_dropout || layers[i].kind == QST_LAYER_batch_norm)
            return true;
    return false;
}

static qst_status check_networks(const checker *c, const char *role, const qsti_recipe_model *model)
{
    const qst_model_opts *opts = &model->model;
    const qst_network_opts *network = &opts->network;
    bool is_circuit = strcmp(qsti_kind_of_keys(opts), "circuit") == 0;
    bool is_random = network->dropout > 0 || network->batch_norm ||
                     has_random_layers(network->layers, network->n_layers) ||
                     has_random_layers(opts->before, opts->n_before) || has_random_layers(opts->after, opts->n_after);
    const struct {
        bool broken;
        const char *key, *other, *why;
    } rules[] = {
        {network->n_image > 0 && network->n_image != 3, "image", "model", "an image is [channels, height, width]"},
        {is_circuit && network->n_image > 0 && opts->n_before == 0, "image", "model",
         "a circuit without a network before it takes features"},
        {opts->n_after > 0 && opts->head != QST_HEAD_linear, "head", "after", "that network is the head"},
        {is_random && model->train.optimizer == QST_OPTIMIZER_lbfgs, "train.optimizer", "model",
         "lbfgs needs the same loss at the same weights, which dropout and batch_norm do not give"},
    };
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
        char path[QSTI_PATH_BYTES], other[QSTI_PATH_BYTES];
        if (!rules[i].broken)
            continue;
        snprintf(path, sizeof path, "%s.%s", role, rules[i].key);
        snprintf(other, sizeof other, "%s.%s", role, rules[i].other);
        return refuse(c, path, other, rules[i].why);
    }
    return QST_OK;
}

static qst_status check_model(const checker *c, const char *role, const qsti_recipe_model *model)
{
    qst_status status = QST_OK;
    if (model->is_table)
        return QST_OK;
    if (strcmp(qsti_kind_of_keys(&model->model), "circuit") == 0)
        status = check_circuit(c, role, &model->model.circuit);
    if (status == QST_OK)
        status = check_networks(c, role, model);
    return status == QST_OK ? check_train(c, role, &model->train) : status;
}

/* --- the rest ----------------------------------------------------------------------------------------------------- */

static bool is_default_list(const double *values, size_t n, double fallback)
{
    return n == 1 && values[0] == fallback;
}

/* The numbers of single losses. */
static qst_status check_loss_numbers(const checker *c, qst_loss loss)
{
    const struct {
        const char *name;
        unsigned use;
        double value, fallback;
    } numbers[] = {
#define QST_LOSS_PARAMETER(name, bounds, low, high, fallback, about) \
    {#name, QST_USES_##name, c->values->plan.parameters.name, fallback},
#include <qstill/loss_parameters.def>
#undef QST_LOSS_PARAMETER
    };
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        char path[QSTI_PATH_BYTES], why[96];
        if (loss_uses(loss, numbers[i].use) || numbers[i].value == numbers[i].fallback)
            continue;
        snprintf(path, sizeof path, "distill.%s", numbers[i].name);
        snprintf(why, sizeof why, "this loss has no %s", numbers[i].name);
        return refuse(c, path, "distill.loss", why);
    }
    return QST_OK;
}

static bool has_states(const qsti_recipe_model *model)
{
    return !model->is_table && strcmp(model->model.kind, "circuit") == 0;
}

/* Losses of circuits' states. */
static qst_status check_states(const checker *c)
{
    static const char why[] = "similarity_fidelity needs the states of a circuit";
    const qst_loss_plan *plan = &c->values->plan;
    bool needed = false;
    for (size_t i = 0; i < plan->n_terms; i++)
        needed = needed || plan->terms[i].loss == QST_LOSS_similarity_fidelity;
    if (c->values->distill.loss == QST_LOSS_similarity_fidelity)
        return refuse(c, "distill.loss", "distill.terms", "similarity_fidelity is a term beside another loss");
    if (needed && !has_states(&c->values->teacher))
        return refuse(c, "distill.terms", c->values->teacher.is_table ? "teacher" : "teacher.model", why);
    if (needed && !has_states(&c->values->student))
        return refuse(c, "distill.terms", "student.model", why);
    return QST_OK;
}

/* Schedules and epochs; rules in the order of the keys. */
static qst_status check_plan(const checker *c)
{
    const qst_distill_opts *distill = &c->values->distill;
    const qst_loss_plan *plan = &c->values->plan;
    const qst_train_opts *train = &c->values->student.train;
    qst_status status = QST_OK;
    bool has_temperature = loss_uses(distill->loss, QST_USES_temperature);
    bool has_alpha = loss_uses(distill->loss, QST_USES_alpha), is_lbfgs = train->optimizer == QST_OPTIMIZER_lbfgs;
    bool heats = plan->temperature_schedule != QST_SCHEDULE_constant,
         shifts = plan->alpha_schedule != QST_SCHEDULE_constant;
    bool ranged = plan->last_epoch > 0;
    const struct {
        bool broken;
        const char *key, *other, *why;
    } rules[] = {
        {heats && !has_temperature, "distill.temperature_schedule", "distill.loss", "this loss has no temperature"},
        {heats && is_lbfgs, "distill.temperature_schedule", "student.train.optimizer", "lbfgs has no epochs"},
        {!heats && plan->temperature_end != 1, "distill.temperature_end", "distill.temperature_schedule",
         "constant has no end"},
        {shifts && !has_alpha, "distill.alpha_schedule", "distill.loss", "this loss has no alpha"},
        {shifts && is_lbfgs, "distill.alpha_schedule", "student.train.optimizer", "lbfgs has no epochs"},
        {!shifts && plan->alpha_end != 0, "distill.alpha_end", "distill.alpha_schedule", "constant has no end"},
        {ranged && !loss_needs_teacher(distill->loss), "distill.epochs", "distill.loss",
         "this loss has no teacher's part"},
        {ranged && is_lbfgs, "distill.epochs", "student.train.optimizer", "lbfgs has no epochs"},
        {ranged && plan->first_epoch > train->epochs, "distill.epochs", "student.train.epochs",
         "it begins after the last epoch"},
    };
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++)
        if (rules[i].broken)
            return refuse(c, rules[i].key, rules[i].other, rules[i].why);
    QSTI_TRY(check_states(c));
    for (size_t i = 0; i < plan->n_terms; i++) {
        if (plan->terms[i].last_epoch > 0 && is_lbfgs)
            return refuse(c, "distill.terms", "student.train.optimizer", "lbfgs has no epochs");
        if (plan->terms[i].first_epoch > train->epochs)
            return refuse(c, "distill.terms", "student.train.epochs", "a term begins after the last epoch");
    }
done:
    return status;
}

static qst_status check_distill(const checker *c)
{
    const qst_distill_opts *distill = &c->values->distill;
    qst_status status = QST_OK;
    bool has_temperature = loss_uses(distill->loss, QST_USES_temperature);
    bool has_alpha = loss_uses(distill->loss, QST_USES_alpha), unvalidated = c->values->dataset.validation == 0;
    if (!has_temperature && !is_default_list(distill->temperatures, distill->n_temperatures, 1))
        return refuse(c, "distill.temperature", "distill.loss", "this loss has no temperature");
    if (!has_alpha && !is_default_list(distill->alphas, distill->n_alphas, 0.5))
        return refuse(c, "distill.alpha", "distill.loss", "this loss has no alpha");
    QSTI_TRY(check_plan(c));
    QSTI_TRY(check_loss_numbers(c, distill->loss));
    if (unvalidated && distill->n_temperatures > 1)
        return refuse(c, "distill.temperature", "data.validation", "without validation rows none can be chosen");
    if (unvalidated && distill->n_alphas > 1)
        return refuse(c, "distill.alpha", "data.validation", "without validation rows none can be chosen");
    if (distill->initial_weights && c->values->teacher.scores)
        return refuse(c, "distill.initial_weights", "teacher.scores", "a table of outputs has no weights");
    if (distill->initial_weights && c->values->teacher.file)
        return refuse(c, "distill.initial_weights", "teacher.file", "its weights are not those of a circuit");
    if (distill->initial_weights && c->values->teacher.ensemble > 1)
        return refuse(c, "distill.initial_weights", "teacher.ensemble", "which member's weights is not said");
done:
    return status;
}

/* The student's loss, or one of its terms, reads what the teacher says. */
static bool learns_from_teacher(const qsti_recipe_values *values)
{
    bool learns = loss_needs_teacher(values->distill.loss);
    for (size_t i = 0; i < values->plan.n_terms; i++)
        learns |= loss_needs_teacher(values->plan.terms[i].loss);
    return learns;
}

/* What lies in circuits needs circuits, one on each side. */
static qst_status check_match(const checker *c)
{
    const qst_match_opts *match = &c->values->distill.match;
    const qsti_recipe_model *teacher = &c->values->teacher, *student = &c->values->student;
    bool of_circuits = match->n_observables > 0 || match->states > 0 || match->processes > 0;
    bool any = of_circuits || match->gradients > 0;
    const char *key = match->n_observables > 0 ? "distill.match.observables"
                      : match->gradients > 0   ? "distill.match.gradients"
                      : match->states > 0      ? "distill.match.states"
                                               : "distill.match.processes";
    if (match->n_observables == 0 && match->observables_weight != 1)
        return refuse(c, "distill.match.observables_weight", "distill.match.observables", "none are given");
    if (!any)
        return QST_OK;
    if (teacher->is_table)
        return refuse(c, key, teacher->file ? "teacher.file" : "teacher.scores", "scores are all that it gives");
    if (teacher->ensemble > 1)
        return refuse(c, key, "teacher.ensemble", "several models have no common circuit or gradient");
    if (!learns_from_teacher(c->values))
        return refuse(c, key, "distill.loss", "this loss has no use for a teacher");
    if (match->gradients > 0 && teacher->calibrate)
        return refuse(c, key, "teacher.calibrate", "gradients are those of the scores as they were");
    if (of_circuits && strcmp(teacher->model.kind, "circuit") != 0)
        return refuse(c, key, "teacher.model", "the teacher is no circuit");
    if (of_circuits && strcmp(student->model.kind, "circuit") != 0)
        return refuse(c, key, "student.model", "the student is no circuit");
    if ((match->states > 0 || match->processes > 0) && teacher->model.circuit.qubits != student->model.circuit.qubits)
        return refuse(c, key, "student.qubits", "states and processes are compared on equal numbers of qubits");
    return QST_OK;
}

/* Knowledge that goes beyond one teacher's answers for the dataset. */
static qst_status check_teaching(const checker *c)
{
    const qsti_recipe_values *values = c->values;
    const qst_query_opts *queries = &values->queries;
    bool asks = queries->mixup > 0 || queries->noise > 0 || queries->file != NULL;
    bool learns = learns_from_teacher(values), has_chain = qsti_recipe_has_chain(values);
    const char *chain = values->n_assistants > 0 ? "distill.assistants" : "distill.generations";
    if (values->teacher.scores && values->teacher.file)
        return refuse(c, "teacher.file", "teacher.scores", "the teacher is one or the other");
    if (values->teacher.n_more_files > 0 && !values->teacher.file)
        return refuse(c, "teacher.more_files", "teacher.file", "the first one is not given");
    if (values->teacher.scores && values->teacher.scores_kind == QST_SCORE_COUNT)
        return refuse(c, "teacher.kind", "teacher.scores", "a table does not say what it holds");
    if (asks && values->teacher.scores)
        return refuse(c, "distill.queries", "teacher.scores",
                      "a table of outputs answers for its own rows only: queries need a teacher that can be asked");
    if (asks && !learns)
        return refuse(c, "distill.queries", "distill.loss", "this loss has no use for a teacher's answers");
    if (has_chain && !learns)
        return refuse(c, chain, "distill.loss", "this loss has no use for a teacher");
    if (!asks && queries->budget > 0)
        return refuse(c, "distill.queries.budget", "distill.queries", "nothing is asked: give mixup, noise or file");
    if (queries->mixup == 0 && queries->mixup_least != 0.5)
        return refuse(c, "distill.queries.mixup_least", "distill.queries.mixup", "nothing is mixed");
    if (queries->noise == 0 && queries->noise_sd != 0.1)
        return refuse(c, "distill.queries.noise_sd", "distill.queries.noise", "no noisy rows are asked");
    if (values->teacher.calibrate && values->dataset.validation == 0)
        return refuse(c, "teacher.calibrate", "data.validation",
                      "without validation rows no temperature can be fitted");
    return QST_OK;
}

/* Students that are fitted take what the teacher says as it is; and only students are. */
static qst_status check_fitted(const checker *c)
{
    const qst_model_opts *teacher = &c->values->teacher.model, *student = &c->values->student.model;
    const qst_distill_opts *distill = &c->values->distill;
    bool fitted = qsti_kind_is_fitted(student), exact = fitted && strcmp(student->kind, "fourier") == 0;
    bool is_table = c->values->teacher.is_table;
    const struct {
        bool broken;
        const char *key, *other, *why;
    } rules[] = {
        {!is_table && qsti_kind_is_fitted(teacher), "teacher.model", "student",
         "it is fitted to what a teacher says, so it is a student's"},
        {exact && is_table, "student.model", "teacher.scores", "a table of outputs has no circuit"},
        {exact && !is_table && (strcmp(teacher->kind, "circuit") != 0 || teacher->n_before + teacher->n_after > 0),
         "student.model", "teacher.model", "a Fourier surrogate is that of a circuit alone"},
        {fitted && distill->loss != QST_LOSS_kd && distill->loss != QST_LOSS_logit_mse, "distill.loss", "student.model",
         "it is fitted by least squares"},
        {fitted && !is_default_list(distill->temperatures, distill->n_temperatures, 1), "distill.temperature",
         "student.model", "it is fitted by least squares"},
        {fitted && !is_default_list(distill->alphas, distill->n_alphas, 0.5), "distill.alpha", "student.model",
         "it is fitted by least squares"},
        {fitted && distill->initial_weights, "distill.initial_weights", "student.model", "it starts from none"},
        {fitted && c->values->plan.n_terms > 0, "distill.terms", "student.model", "it is fitted by least squares"},
        {fitted && (distill->match.gradients > 0 || distill->match.states > 0 || distill->match.processes > 0 ||
                    distill->match.n_observables > 0),
         "distill.match", "student.model", "it is fitted by least squares"},
    };
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++)
        if (rules[i].broken)
            return refuse(c, rules[i].key, rules[i].other, rules[i].why);
    return QST_OK;
}

static qst_status check_tune(const checker *c)
{
    const qsti_recipe_tune *tune = &c->values->tune;
    if (tune->search == QSTI_SEARCH_GRID && tune->trials != 40)
        return refuse(c, "tune.trials", "tune.search", "a grid tries every combination");
    return QST_OK;
}

/* A generator is a word; samples and noise mean nothing for files. */
static qst_status check_data(const checker *c)
{
    const qst_table_opts *table = &c->values->table;
    bool is_path = strpbrk(table->source, "./") != NULL || strcmp(table->source, "-") == 0;
    if (is_path && table->samples > 0)
        return refuse(c, "data.samples", "data.source", "only generators have it");
    if (is_path && table->noise >= 0)
        return refuse(c, "data.noise", "data.source", "only generators have it");
    return QST_OK;
}

static const char *const control_names[] = {
#define QST_CONTROL(name, label, about, excludes) #name,
#include <qstill/controls.def>
#undef QST_CONTROL
};

/* The control that a path of the report is about; QST_CONTROL_COUNT: none. */
static qst_control control_of_path(const char *path)
{
    static const struct {
        const char *prefix;
        qst_control control;
    } places[] = {
        {"control.", QST_CONTROL_no_teacher},
        {"gain.", QST_CONTROL_no_teacher},
        {"recovered_gap.", QST_CONTROL_no_teacher},
        {"floor.", QST_CONTROL_floor},
        {"over_floor.", QST_CONTROL_floor},
        {"device.control.", QST_CONTROL_no_teacher},
        {"device.over_control.", QST_CONTROL_no_teacher},
        {"device.noise_unaware.", QST_CONTROL_noise_unaware},
        {"device.over_noise_unaware.", QST_CONTROL_noise_unaware},
    };
    static const char prefix[] = "controls.";
    for (size_t i = 0; i < sizeof places / sizeof *places; i++)
        if (strncmp(path, places[i].prefix, strlen(places[i].prefix)) == 0)
            return places[i].control;
    for (int i = 0; i < QST_CONTROL_COUNT && strncmp(path, prefix, strlen(prefix)) == 0; i++) {
        const char *rest = path + strlen(prefix);
        size_t n = strlen(control_names[i]);
        if (strncmp(rest, control_names[i], n) == 0 && rest[n] == '.')
            return (qst_control)i;
    }
    return QST_CONTROL_COUNT;
}

static qst_status check_requirements(const checker *c)
{
    for (size_t i = 0; i < c->values->n_requirements; i++) {
        const char *path = c->values->requirements[i].path;
        qst_control control = control_of_path(path);
        if (strncmp(path, "device.", strlen("device.")) == 0 && !c->values->device.given)
            return qsti_fail_at(c->ctx, QST_ERR_USAGE, place_of(c, "verify.require", "verify"),
                                "verify.require.%s contradicts device: there is none", path);
        if (control == QST_CONTROL_COUNT || (c->values->controls & QST_CONTROL_BIT(control)))
            continue;
        qsti_place place = place_of(c, "verify.require", "controls");
        return qsti_fail_at(c->ctx, QST_ERR_USAGE, place,
                            "verify.require.%s contradicts controls: %s is not among them", path,
                            control_names[control]);
    }
    return QST_OK;
}

static qst_status check_controls(const checker *c)
{
    qst_controls set = c->values->controls;
    if ((set & QST_CONTROL_BIT(QST_CONTROL_gradient_scale)) && !(set & QST_CONTROL_BIT(QST_CONTROL_no_teacher)))
        return qsti_fail_at(c->ctx, QST_ERR_USAGE, place_of(c, "controls", "controls"),
                            "controls: gradient_scale needs no_teacher beside it");
    if (set != QST_CONTROLS_ALL && (set & QST_CONTROL_BIT(QST_CONTROL_noise_unaware)) && !c->values->device.given)
        return refuse(c, "controls", "device", "noise_unaware needs one");
    return QST_OK;
}

qst_status qsti_recipe_check_conflicts(qst_ctx *ctx, const qsti_yaml *root, const qsti_recipe_values *values)
{
    checker c = {ctx, root, values};
    qst_status status = QST_OK;
    if (values->seeds - 1 > UINT64_MAX - values->seed)
        return refuse(&c, "seeds", "seed", "seed + seeds - 1 is above 18446744073709551615");
    if (!values->teacher.is_table && loss_needs_teacher(values->teacher.train.loss))
        return refuse(&c, "teacher.train.loss", "teacher",
                      "this loss needs a teacher of its own; a teacher learns by ce");
    QSTI_TRY(check_data(&c));
    QSTI_TRY(check_tune(&c));
    QSTI_TRY(check_model(&c, "teacher", &values->teacher));
    QSTI_TRY(check_model(&c, "student", &values->student));
    QSTI_TRY(check_distill(&c));
    QSTI_TRY(check_fitted(&c));
    QSTI_TRY(check_teaching(&c));
    QSTI_TRY(check_match(&c));
    if (values->device.given)
        QSTI_TRY(qsti_recipe_check_device(ctx, root, values));
    QSTI_TRY(check_controls(&c));
    QSTI_TRY(check_requirements(&c));
done:
    return status;
}
