/* recipe.h: a recipe as typed values, one whole set per setting. */
#ifndef QSTI_RECIPE_RECIPE_H
#define QSTI_RECIPE_RECIPE_H

#include <qstill/run.h>

#include "base/yaml.h"

/* teacher: or student: (strings and lists are owned by the recipe). */
typedef struct qsti_recipe_model {
    bool is_table;              /* teacher: {scores: PATH, ...} or {file: PATH, ...}: not trained here */
    const char *scores;         /* a table of outputs, or NULL */
    const char *file;           /* a model made elsewhere, or NULL */
    qst_score_kind scores_kind; /* QST_SCORE_COUNT: what the file itself says */
    double scores_temperature;
    const char *const *more_files; /* beside file; NULL: none */
    size_t n_more_files;
    size_t ensemble;      /* teacher: how many models */
    bool calibrate;       /* teacher */
    qst_model_opts model; /* precision is set from the recipe's */
    qst_train_opts train; /* seed, checkpoint and, for the student, loss/temperature/alpha are set by the run */
} qsti_recipe_model;

typedef struct qsti_recipe_requirement {
    const char *path;
    double minimum, maximum; /* NaN: no bound */
} qsti_recipe_requirement;

/* tune: what `qstill tune` searches. */
typedef enum qsti_search { QSTI_SEARCH_GRID, QSTI_SEARCH_RANDOM, QSTI_SEARCH_HALVING } qsti_search;
typedef enum qsti_axis_kind { QSTI_AXIS_LIST, QSTI_AXIS_LOG, QSTI_AXIS_LINEAR } qsti_axis_kind;

#define QSTI_TUNE_MAX_KEYS 32

/* A key and the values that it may take. */
typedef struct qsti_tune_axis {
    const char *path;
    qsti_axis_kind kind;
    const qsti_yaml *values; /* LIST: (n_values) */
    size_t n_values;
    double low, high; /* LOG, LINEAR */
    size_t steps;     /* of a grid */
} qsti_tune_axis;

typedef struct qsti_recipe_tune {
    bool given; /* the recipe has the section */
    qsti_search search;
    size_t trials, seeds;
    qsti_tune_axis *axes;
    size_t n_axes;
} qsti_recipe_tune;

/* device: what is measured on, and trained for. */
typedef enum qsti_device_train { QSTI_TRAIN_DEFAULT, QSTI_TRAIN_DEVICE, QSTI_TRAIN_IDEAL } qsti_device_train;
typedef enum qsti_device_teacher {
    QSTI_DEVICE_TEACHER_IDEAL,
    QSTI_DEVICE_TEACHER_NOISY,
    QSTI_DEVICE_TEACHER_MITIGATED
} qsti_device_teacher;

typedef struct qsti_recipe_mitigation {
    bool readout, choose_scales;
    const double *scales; /* (n_scales >= 1); 1 alone: none */
    size_t n_scales;
    qst_extrapolation extrapolation;
} qsti_recipe_mitigation;

typedef struct qsti_recipe_device {
    bool given;               /* the recipe has the section */
    const char *const *files; /* (n_files): or generic.n_qubits, or noise */
    size_t n_files;
    qst_device_generic_opts generic;
    const qst_noise_rule *noise;
    size_t n_noise;
    const size_t *region; /* NULL: any */
    size_t n_region;
    const size_t *layout; /* the student's; NULL: the best */
    size_t n_layout;
    const size_t *teacher_layout;
    size_t n_teacher_layout;
    bool allow_dead_edges, twirl;
    double temperature_mk;
    qst_readout_model readout_model;
    qst_noise_method method;
    size_t trajectories;
    double memory_limit;
    size_t shots;
    qsti_recipe_mitigation mitigation;
    qsti_device_teacher teacher;
    const double *strengths;
    size_t n_strengths;
    qsti_device_train train; /* DEFAULT is resolved: never that in values */
    const double *strength;  /* (1 or 2) */
    size_t n_strength;
    size_t train_shots, shots_end, budget_shots; /* 0: none */
    qst_shot_gradient gradient;
    double spsa_step;
    qst_schedule shots_schedule;
} qsti_recipe_device;

typedef struct qsti_recipe_values {
    const char *name;    /* of the recipe */
    const char *setting; /* of this setting; "default" when the recipe has none */
    uint64_t seed;
    size_t seeds;
    qst_precision precision;
    double checkpoint_every_s;
    qst_table_opts table;     /* seed is set by the run */
    qst_dataset_opts dataset; /* seed is set by the run */
    qsti_recipe_model teacher, student;
    qst_distill_opts distill; /* its plan is a copy of this one, in the recipe's memory */
    qst_loss_plan plan;
    qst_query_opts queries;
    const qsti_yaml *assistants; /* as they are written */
    size_t n_assistants;
    qsti_recipe_model *assistant_models; /* (n_assistants) what they mean */
    size_t generations;
    qst_controls controls;
    qsti_recipe_requirement *requirements;
    size_t n_requirements;
    qsti_recipe_tune tune;
    qsti_recipe_device device;
} qsti_recipe_values;

/* Memory that is freed at one time. Zero-initialise all but ctx. */
typedef struct qsti_pool {
    qst_ctx *ctx;
    void **items;
    size_t n_items;
} qsti_pool;

/* recipe_device.c: the device, or the noise, that a recipe describes; the one that it does not is NULL, both without
 * the section. Errors: ERR_USAGE, those of qst_device_read(). */
qst_status qsti_recipe_make_device(qst_ctx *ctx, const qsti_recipe_device *recipe, qst_device **out_device,
                                   qst_noise **out_noise);

/* Whether a model that is trained here has a circuit: by itself, in a hybrid or a probe. */
bool qsti_recipe_has_circuit(const qsti_recipe_model *model);

/* Whether models stand between teacher and student. */
bool qsti_recipe_has_chain(const qsti_recipe_values *values);

struct qst_recipe {
    qst_ctx *ctx;
    qsti_yaml *root; /* after --set */
    char *text;      /* resolved */
    qsti_recipe_values *settings;
    size_t n_settings; /* >= 1 */
    qsti_pool pool;    /* memory behind the values */
};

/* A key of the recipe that a variant has otherwise; value NULL: takes it out. */
typedef struct qsti_recipe_change {
    const char *path;
    const qsti_yaml *value;
} qsti_recipe_change;

/* The recipe's first setting with some keys changed, as values of their own whose memory is in `pool`; `name` names the
 * setting. Errors: as for a recipe that says so. */
qst_status qsti_recipe_vary(const qst_recipe *recipe, qsti_pool *pool, const char *name,
                            const qsti_recipe_change *changes, size_t n_changes, qsti_recipe_values *out);

/* The text of a recipe of one setting with these values, without a `tune` section. Free with qsti_free(). */
qst_status qsti_recipe_text_of(qst_ctx *ctx, qsti_recipe_values *values, char **out_text);

/* Whether two settings have the same data, teacher, seed and precision, so that one training serves both; with a chain
 * of assistants or generations also the same student and distillation. */
qst_status qsti_recipe_same_teacher(qst_ctx *ctx, qsti_recipe_values *a, qsti_recipe_values *b, bool *out);

/* Whether two settings with the same teacher measure it alike on a device. */
qst_status qsti_recipe_same_device(qst_ctx *ctx, qsti_recipe_values *a, qsti_recipe_values *b, bool *out);

#endif
