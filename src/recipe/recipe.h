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
    size_t ensemble;      /* teacher: how many models */
    bool calibrate;       /* teacher */
    qst_model_opts model; /* precision is set from the recipe's */
    qst_train_opts train; /* seed, checkpoint and, for the student, loss/temperature/alpha are set by the run */
} qsti_recipe_model;

typedef struct qsti_recipe_requirement {
    const char *path;
    double minimum, maximum; /* NaN: no bound */
} qsti_recipe_requirement;

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
} qsti_recipe_values;

/* Memory that is freed at one time. Zero-initialise all but ctx. */
typedef struct qsti_pool {
    qst_ctx *ctx;
    void **items;
    size_t n_items;
} qsti_pool;

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

/* Whether two settings have the same data, teacher, seed and precision, so that one training serves both; with a chain
 * of assistants or generations also the same student and distillation. */
qst_status qsti_recipe_same_teacher(qst_ctx *ctx, qsti_recipe_values *a, qsti_recipe_values *b, bool *out);

#endif
