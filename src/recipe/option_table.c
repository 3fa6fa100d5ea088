/* option_table.c: options.def as data, the places of its sections, and suggestions for unknown keys. */
#include "recipe/option_table.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

/* --- names of choices --------------------------------------------------------------------------------------------- */

/* The domain ONE_OF(x) is x_names. */
static const char *const loss_names[] = {
#define QST_LOSS(name, ...) #name,
#include <qstill/losses.def>
#undef QST_LOSS
};

static const char *const optimizer_names[] = {
#define QST_OPTIMIZER(name, about) #name,
#include <qstill/optimizers.def>
#undef QST_OPTIMIZER
};

static const char *const schedule_names[] = {
#define QST_SCHEDULE(name, about) #name,
#include <qstill/schedules.def>
#undef QST_SCHEDULE
};

/* QST_SCORE_COUNT is the last of them. */
static const char *const given_score_names[] = {
#define QST_SCORE(name, about) #name,
#include <qstill/scores.def>
#undef QST_SCORE
    "default",
};

static const char *const encoding_names[] = {
#define QSTI_ENCODING(name, reps, about) #name,
#include "circuit/encodings.def"
#undef QSTI_ENCODING
};

static const char *const ansatz_names[] = {
#define QSTI_ANSATZ(name, rotations, entangler, entanglement, options, about) #name,
#include "circuit/ansatze.def"
#undef QSTI_ANSATZ
};

static const char *const entanglement_names[] = {
#define QSTI_ENTANGLEMENT(name, pairs) #name,
#include "circuit/entanglements.def"
#undef QSTI_ENTANGLEMENT
};

static const char *const head_names[] = {
#define QST_HEAD(name, about) #name,
#include <qstill/heads.def>
#undef QST_HEAD
};

static const char *const controls_names[] = {
#define QST_CONTROL(name, label, about, excludes) #name,
#include <qstill/controls.def>
#undef QST_CONTROL
};

static const char *const topology_names[] = {
#define QST_TOPOLOGY(name, about) #name,
#include <qstill/topologies.def>
#undef QST_TOPOLOGY
};

/* Enums without a .def of their own, in the order of the enum. */
static const char *const precision_names[] = {"double", "single"};
static const char *const selection_names[] = {"last", "best"};
static const char *const model_names[] = {"circuit", "logistic", "network",        "mlp",
                                          "cnn",     "fourier",  "random_fourier", "linear_probe"};
static const char *const inner_names[] = {"circuit", "network", "mlp", "cnn"};
static const char *const activation_names[] = {"relu", "leaky_relu", "gelu", "tanh", "sigmoid"};
static const char *const truth_names[] = {"false", "true"};
static const char *const metrics_names[] = {"default"};
static const char *const search_names[] = {"grid", "random", "halving"};
static const char *const readout_model_names[] = {"properties", "symmetric"};
static const char *const noise_method_names[] = {"auto", "exact", "trajectories"};
static const char *const extrapolation_names[] = {"linear", "polynomial", "exponential"};
static const char *const shot_gradient_names[] = {"shift", "spsa"};
static const char *const device_train_names[] = {"default", "device", "ideal"};
static const char *const device_teacher_names[] = {"ideal", "device", "mitigated"};

_Static_assert(QST_DOUBLE == 0 && QST_SINGLE == 1, "precision_names");
_Static_assert(QST_SELECT_LAST == 0 && QST_SELECT_BEST == 1, "selection_names");
_Static_assert(QST_READOUT_MODEL_PROPERTIES == 0 && QST_READOUT_MODEL_SYMMETRIC == 1, "readout_model_names");
_Static_assert(QST_NOISE_AUTO == 0 && QST_NOISE_EXACT == 1 && QST_NOISE_TRAJECTORIES == 2, "noise_method_names");
_Static_assert(QST_EXTRAPOLATE_LINEAR == 0 && QST_EXTRAPOLATE_POLYNOMIAL == 1 && QST_EXTRAPOLATE_EXPONENTIAL == 2,
               "extrapolation_names");
_Static_assert(QST_SHOT_GRADIENT_SHIFT == 0 && QST_SHOT_GRADIENT_SPSA == 1, "shot_gradient_names");

/* --- the table ---------------------------------------------------------------------------------------------------- */

/* clang-format off */
#define ANY()        {.low = 0}
#define WITHIN(a, b) {.low = (a), .high = (b)}
#define OVER(a, b)   {.low = (a), .high = (b), .low_open = true}
#define BELOW(a, b)  {.low = (a), .high = (b), .high_open = true}
#define OPEN(a, b)   {.low = (a), .high = (b), .low_open = true, .high_open = true}
#define ONE_OF(x)    {.names = x##_names, .n_names = sizeof x##_names / sizeof *x##_names}
/* clang-format on */

#define BASE_top            qsti_recipe_values
#define BASE_checkpoint     qsti_recipe_values
#define BASE_data           qsti_recipe_values
#define BASE_table          qsti_recipe_model
#define BASE_calibration    qsti_recipe_model
#define BASE_ensemble       qsti_recipe_model
#define BASE_model          qsti_recipe_model
#define BASE_circuit        qsti_recipe_model
#define BASE_linear_probe   qsti_recipe_model
#define BASE_random_fourier qsti_recipe_model
#define BASE_image          qsti_recipe_model
#define BASE_network        qsti_recipe_model
#define BASE_cnn            qsti_recipe_model
#define BASE_mlp            qsti_recipe_model
#define BASE_teacher_train  qsti_recipe_model
#define BASE_train          qsti_recipe_model
#define BASE_distill        qsti_recipe_values
#define BASE_queries        qsti_recipe_values
#define BASE_match          qsti_recipe_values
#define BASE_device         qsti_recipe_values
#define BASE_mitigation     qsti_recipe_values
#define BASE_verify         qsti_recipe_values
#define BASE_tune           qsti_recipe_values
#define BASE_setting        qsti_recipe_values

static const qsti_option options[] = {
#define QSTI_OPTION(section, key, type, field, domain, fallback, about) \
    {QSTI_SECTION_##section, QSTI_##type, #key, offsetof(BASE_##section, field), domain, fallback, about},
#include "recipe/options.def"
#undef QSTI_OPTION
};

/* A list's count stands right behind its pointer. */
#define ASSERT_LIST(base, list, n_list) \
    _Static_assert(offsetof(base, n_list) == offsetof(base, list) + sizeof(void *), #list)
ASSERT_LIST(qsti_recipe_values, dataset.classes, dataset.n_classes);
ASSERT_LIST(qsti_recipe_values, dataset.preprocess, dataset.n_preprocess);
ASSERT_LIST(qsti_recipe_values, distill.temperatures, distill.n_temperatures);
ASSERT_LIST(qsti_recipe_values, distill.alphas, distill.n_alphas);
ASSERT_LIST(qsti_recipe_model, more_files, n_more_files);
ASSERT_LIST(qsti_recipe_values, assistants, n_assistants);
ASSERT_LIST(qsti_recipe_values, distill.match.observables, distill.match.n_observables);
ASSERT_LIST(qsti_recipe_values, requirements, n_requirements);
ASSERT_LIST(qsti_recipe_values, plan.terms, plan.n_terms);
_Static_assert(offsetof(qst_loss_plan, last_epoch) == offsetof(qst_loss_plan, first_epoch) + sizeof(size_t), "epochs");
ASSERT_LIST(qsti_recipe_values, tune.axes, tune.n_axes);
ASSERT_LIST(qsti_recipe_values, device.files, device.n_files);
ASSERT_LIST(qsti_recipe_values, device.generic.basis, device.generic.n_basis);
ASSERT_LIST(qsti_recipe_values, device.noise, device.n_noise);
ASSERT_LIST(qsti_recipe_values, device.region, device.n_region);
ASSERT_LIST(qsti_recipe_values, device.layout, device.n_layout);
ASSERT_LIST(qsti_recipe_values, device.teacher_layout, device.n_teacher_layout);
ASSERT_LIST(qsti_recipe_values, device.strengths, device.n_strengths);
ASSERT_LIST(qsti_recipe_values, device.strength, device.n_strength);
ASSERT_LIST(qsti_recipe_values, device.mitigation.scales, device.mitigation.n_scales);
ASSERT_LIST(qsti_recipe_model, model.outputs, model.n_outputs);
ASSERT_LIST(qsti_recipe_model, model.before, model.n_before);
ASSERT_LIST(qsti_recipe_model, model.after, model.n_after);
ASSERT_LIST(qsti_recipe_model, model.network.image, model.network.n_image);
ASSERT_LIST(qsti_recipe_model, model.network.layers, model.network.n_layers);
ASSERT_LIST(qsti_recipe_model, model.network.hidden, model.network.n_hidden);
ASSERT_LIST(qsti_recipe_model, model.network.channels, model.network.n_channels);
_Static_assert(sizeof(qst_loss) == sizeof(int) && sizeof(qst_precision) == sizeof(int) &&
                   sizeof(qst_head) == sizeof(int) && sizeof(qst_score_kind) == sizeof(int) &&
                   sizeof(qst_optimizer) == sizeof(int) && sizeof(qst_schedule) == sizeof(int) &&
                   sizeof(qst_selection) == sizeof(int) && sizeof(qsti_search) == sizeof(int) &&
                   sizeof(qst_topology) == sizeof(int) && sizeof(qst_readout_model) == sizeof(int) &&
                   sizeof(qst_noise_method) == sizeof(int) && sizeof(qst_extrapolation) == sizeof(int) &&
                   sizeof(qst_shot_gradient) == sizeof(int) && sizeof(qsti_device_train) == sizeof(int) &&
                   sizeof(qsti_device_teacher) == sizeof(int),
               "choices are stored as int");

const qsti_option *qsti_options(size_t *out_n)
{
    *out_n = sizeof options / sizeof *options;
    return options;
}

static const qsti_recipe_spot spots[] = {
    {"", QSTI_SECTION_top, QSTI_OWNER_RECIPE},
    {"checkpoint.", QSTI_SECTION_checkpoint, QSTI_OWNER_RECIPE},
    {"data.", QSTI_SECTION_data, QSTI_OWNER_RECIPE},
    {"teacher.", QSTI_SECTION_table, QSTI_OWNER_TEACHER},
    {"teacher.", QSTI_SECTION_calibration, QSTI_OWNER_TEACHER},
    {"teacher.", QSTI_SECTION_ensemble, QSTI_OWNER_TEACHER},
    {"teacher.", QSTI_SECTION_model, QSTI_OWNER_TEACHER},
    {"teacher.", QSTI_SECTION_linear_probe, QSTI_OWNER_TEACHER},
    {"teacher.", QSTI_SECTION_random_fourier, QSTI_OWNER_TEACHER},
    {"teacher.", QSTI_SECTION_circuit, QSTI_OWNER_TEACHER},
    {"teacher.", QSTI_SECTION_image, QSTI_OWNER_TEACHER},
    {"teacher.", QSTI_SECTION_network, QSTI_OWNER_TEACHER},
    {"teacher.", QSTI_SECTION_cnn, QSTI_OWNER_TEACHER},
    {"teacher.", QSTI_SECTION_mlp, QSTI_OWNER_TEACHER},
    {"teacher.train.", QSTI_SECTION_teacher_train, QSTI_OWNER_TEACHER},
    {"teacher.train.", QSTI_SECTION_train, QSTI_OWNER_TEACHER},
    {"student.", QSTI_SECTION_model, QSTI_OWNER_STUDENT},
    {"student.", QSTI_SECTION_linear_probe, QSTI_OWNER_STUDENT},
    {"student.", QSTI_SECTION_random_fourier, QSTI_OWNER_STUDENT},
    {"student.", QSTI_SECTION_circuit, QSTI_OWNER_STUDENT},
    {"student.", QSTI_SECTION_image, QSTI_OWNER_STUDENT},
    {"student.", QSTI_SECTION_network, QSTI_OWNER_STUDENT},
    {"student.", QSTI_SECTION_cnn, QSTI_OWNER_STUDENT},
    {"student.", QSTI_SECTION_mlp, QSTI_OWNER_STUDENT},
    {"student.train.", QSTI_SECTION_train, QSTI_OWNER_STUDENT},
    {"distill.", QSTI_SECTION_distill, QSTI_OWNER_RECIPE},
    {"distill.queries.", QSTI_SECTION_queries, QSTI_OWNER_RECIPE},
    {"distill.match.", QSTI_SECTION_match, QSTI_OWNER_RECIPE},
    {"device.", QSTI_SECTION_device, QSTI_OWNER_RECIPE},
    {"device.mitigation.", QSTI_SECTION_mitigation, QSTI_OWNER_RECIPE},
    {"verify.", QSTI_SECTION_verify, QSTI_OWNER_RECIPE},
    {"tune.", QSTI_SECTION_tune, QSTI_OWNER_RECIPE},
};
#define N_SPOTS (sizeof spots / sizeof *spots)

const qsti_recipe_spot *qsti_recipe_spots(size_t *out_n)
{
    *out_n = N_SPOTS;
    return spots;
}

void *qsti_spot_base(const qsti_recipe_spot *spot, qsti_recipe_values *values)
{
    switch (spot->owner) {
    case QSTI_OWNER_TEACHER:
        return &values->teacher;
    case QSTI_OWNER_STUDENT:
        return &values->student;
    case QSTI_OWNER_RECIPE:
        break;
    }
    return values;
}

const char *qsti_kind_of_keys(const qst_model_opts *model)
{
    if (model->kind == NULL)
        return "circuit";
    if (strcmp(model->kind, "linear_probe") != 0)
        return model->kind;
    return model->inner != NULL ? model->inner : "circuit";
}

bool qsti_kind_is_fitted(const qst_model_opts *model)
{
    return model->kind != NULL && (strcmp(model->kind, "fourier") == 0 || strcmp(model->kind, "random_fourier") == 0);
}

bool qsti_spot_applies(const qsti_recipe_spot *spot, const qsti_recipe_values *values)
{
    if (spot->section == QSTI_SECTION_device || spot->section == QSTI_SECTION_mitigation)
        return values->device.given;
    if (spot->owner == QSTI_OWNER_RECIPE)
        return true;
    const qsti_recipe_model *model = spot->owner == QSTI_OWNER_TEACHER ? &values->teacher : &values->student;
    if (spot->section == QSTI_SECTION_calibration)
        return true;
    if (spot->section == QSTI_SECTION_table)
        return model->is_table;
    if (model->is_table)
        return false;
    const char *kind = qsti_kind_of_keys(&model->model), *own = model->model.kind;
    bool is_circuit = strcmp(kind, "circuit") == 0, is_network = strcmp(kind, "network") == 0;
    bool is_mlp = strcmp(kind, "mlp") == 0, is_cnn = strcmp(kind, "cnn") == 0;
    switch (spot->section) {
    case QSTI_SECTION_linear_probe:
        return own != NULL && strcmp(own, "linear_probe") == 0;
    case QSTI_SECTION_random_fourier:
        return own != NULL && strcmp(own, "random_fourier") == 0;
    case QSTI_SECTION_circuit:
        return is_circuit;
    case QSTI_SECTION_image:
        return is_circuit || is_network || is_cnn;
    case QSTI_SECTION_network:
        return is_network;
    case QSTI_SECTION_cnn:
        return is_cnn;
    case QSTI_SECTION_mlp:
        return is_mlp || is_cnn;
    default:
        return true;
    }
}

/* --- paths -------------------------------------------------------------------------------------------------------- */

void qsti_option_path(const qsti_recipe_spot *spot, const qsti_option *option, char out[QSTI_PATH_BYTES])
{
    int n = snprintf(out, QSTI_PATH_BYTES, "%s%s", spot->prefix, option->key);
    assert(n > 0 && n < QSTI_PATH_BYTES);
    (void)n;
}

bool qsti_option_find(const char *path, const qsti_option **out_option, const qsti_recipe_spot **out_spot)
{
    for (size_t s = 0; s < N_SPOTS; s++) {
        for (size_t i = 0; i < sizeof options / sizeof *options; i++) {
            char full[QSTI_PATH_BYTES];
            if (options[i].section != spots[s].section)
                continue;
            qsti_option_path(&spots[s], &options[i], full);
            if (strcmp(full, path) == 0) {
                *out_option = &options[i];
                *out_spot = &spots[s];
                return true;
            }
        }
    }
    return false;
}

bool qsti_path_is_map(const char *path)
{
    size_t n = strlen(path);
    if (n == 0)
        return true;
    for (size_t s = 0; s < N_SPOTS; s++)
        if (strncmp(spots[s].prefix, path, n) == 0 && spots[s].prefix[n] == '.')
            return true;
    return false;
}

bool qsti_option_has_default_word(const qsti_option *option)
{
    bool is_choice = option->type == QSTI_CHOICE || option->type == QSTI_SWITCH || option->type == QSTI_FIXED ||
                     option->type == QSTI_CONTROLS;
    return !is_choice && strcmp(option->fallback, "default") == 0;
}

/* --- suggestions -------------------------------------------------------------------------------------------------- */

#define MAX_PATHS 320

/* Every path, those of maps and `settings` too, in paths[]; *out_n of them. */
static void list_paths(char paths[MAX_PATHS][QSTI_PATH_BYTES], size_t *out_n)
{
    size_t n = 0;
    for (size_t s = 0; s < N_SPOTS; s++) {
        for (size_t i = 0; i < sizeof options / sizeof *options; i++) {
            if (options[i].section != spots[s].section)
                continue;
            assert(n < MAX_PATHS);
            qsti_option_path(&spots[s], &options[i], paths[n++]);
        }
        size_t length = strlen(spots[s].prefix);
        if (length > 0 && (s == 0 || strcmp(spots[s].prefix, spots[s - 1].prefix) != 0)) {
            assert(n < MAX_PATHS);
            memcpy(paths[n], spots[s].prefix, length);
            paths[n++][length - 1] = '\0';
        }
    }
    assert(n < MAX_PATHS);
    snprintf(paths[n++], QSTI_PATH_BYTES, "settings");
    *out_n = n;
}

static const char *last_part(const char *path)
{
    const char *dot = strrchr(path, '.');
    return dot ? dot + 1 : path;
}

void qsti_suggest(const char *prefix, const char *key, bool anywhere, char *out, size_t n_bytes)
{
    char paths[MAX_PATHS][QSTI_PATH_BYTES];
    const char *here[MAX_PATHS], *elsewhere[MAX_PATHS];
    size_t n_paths, n_here = 0, n_elsewhere = 0, length = strlen(prefix);
    list_paths(paths, &n_paths);
    for (size_t i = 0; i < n_paths; i++) {
        if (strcmp(last_part(paths[i]), last_part(key)) == 0)
            elsewhere[n_elsewhere++] = paths[i];
        bool inside = strncmp(paths[i], prefix, length) == 0 && !strchr(paths[i] + length, '.');
        if (anywhere || inside)
            here[n_here++] = paths[i] + (anywhere ? 0 : length);
    }
    const char *near = qsti_nearest(key, here, n_here);
    out[0] = '\0';
    if (n_elsewhere == 1)
        snprintf(out, n_bytes, "; did you mean %s?", elsewhere[0]);
    else if (n_elsewhere >= 2)
        snprintf(out, n_bytes, "; did you mean %s or %s?", elsewhere[0], elsewhere[1]);
    else if (near)
        snprintf(out, n_bytes, "; did you mean %s?", near);
}
