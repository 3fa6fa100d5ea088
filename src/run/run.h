/* run.h: what the files of a run share. */
#ifndef QSTI_RUN_RUN_H
#define QSTI_RUN_RUN_H

#include "recipe/recipe.h"
#include "run/device_plan.h"
#include "run/exam.h"
#include "run/folder.h"

struct qst_report {
    qst_ctx *ctx;
    char *json, *page, *folder;
    bool holds;
};

/* How a trial of a search did on the validation rows, with one seed. */
typedef struct qsti_search_score {
    bool diverged; /* it has no other numbers then */
    double accuracy, loss;
    double temperature, alpha; /* of a list in the recipe itself, the chosen ones */
    size_t epoch;              /* that was selected */
    size_t n_validation;       /* rows */
} qsti_search_score;

/* A round of a search: settings are trials. They are judged on validation rows; nothing is measured on test rows, and
 * no artefact is written. */
typedef struct qsti_search_round {
    const bool *idle;          /* (n_settings): takes no part */
    const char *suffix;        /* of the round, for names of checkpoints */
    qsti_search_score *scores; /* (n_settings, n_seeds) */
    size_t n_seeds;
    /* When one more is there, in the order of the settings of each seed. */
    qst_status (*deliver)(void *user, size_t setting, size_t index);
    void *user;
} qsti_search_round;

/* A recipe under way. */
typedef struct qsti_run {
    qst_ctx *ctx;
    const qst_recipe *recipe;
    qsti_run_folder folder;
    bool resume;
    qst_table **tables;              /* by setting; shared ones repeat */
    size_t *group;                   /* by setting: the first one with the same data and teacher */
    qsti_setting_result *results;    /* by setting */
    qsti_device_plan *devices;       /* by setting */
    double start;                    /* monotonic seconds */
    double seconds_training;         /* during which at least one training was under way */
    const qsti_search_round *search; /* NULL: a run to a report */
} qsti_run;

/* run.c: tables, groups and room for results; and freeing all of a run. */
qst_status qsti_run_prepare(qsti_run *run);
void qsti_run_clear(qsti_run *run);

/* trainings.c: everything between the tables and the report: datasets, teachers, students, controls and floors, into
 * the folder and into run->results and seconds_training. */
qst_status qsti_run_trainings(qsti_run *run);

/* device_foresee.c: whether circuits fit on their devices, before anything is trained; says in the log how many shots
 * trainings take. Errors: those of placing the student; of the teacher where the student learns from it there. */
qst_status qsti_run_foresee_devices(qsti_run *run);
/* device_csv.c: device.csv, where something was measured on a device. */
qst_status qsti_run_write_devices(const qsti_run *run);

/* training_cost.c: the cost of a training in units that compare, > 0, but 0 for a table; and that of all trainings
 * before the student's. */
double qsti_training_cost(const qsti_recipe_model *model);
double qsti_base_cost(const qsti_recipe_values *values);

/* training_files.c: the file of a training's checkpoint ("seed-1", "teacher"; slashes would be folders), freed by the
 * caller; what it is trained with; and a model saved as FOLDER/name/what, but not by a search. */
qst_status qsti_run_checkpoint(const qsti_run *run, qst_ctx *ctx, const char *name, const char *what, char **out);
qst_train_opts qsti_run_train_opts(const qsti_run *run, const qsti_recipe_values *values,
                                   const qsti_recipe_model *model, uint64_t seed, const char *checkpoint);
qst_status qsti_run_save_model(const qsti_run *run, const qst_model *model, const char *name, const char *what);

/* A trained model's epochs into metrics.csv, and its line of the log. `setting`: "" when several share it. */
void qsti_run_tell(qsti_run *run, const char *setting, uint64_t seed, const char *name, const char *what,
                   double accuracy, const qsti_train_outcome *outcome);

/* Builds the report object from a report document; folder may be NULL. Copies. */
qst_status qsti_report_wrap(qst_ctx *ctx, const json_t *json, const char *folder, bool holds, qst_report **out);

/* qst_verify() for a report that will lie in `folder` (NULL: nowhere). */
qst_status qsti_verify(const qst_dataset *dataset, const qst_knowledge *knowledge, qst_model *student,
                       qst_model *control, const char *folder, qst_report **out);

/* The dataset of one seed, with table and split options of the recipe. */
qst_status qsti_run_dataset(const qsti_recipe_values *values, const qst_table *table, uint64_t seed, qst_dataset **out);

/* Knowledge of a recipe whose teacher is a table of scores. */
qst_status qsti_run_table_knowledge(const qsti_recipe_values *values, const qst_dataset *dataset, qst_knowledge **out);

/* "1,797 rows, 64 features, 10 classes; pca 8, standardize, scale 0.3" */
qst_status qsti_run_inputs(const qst_table *table, const qsti_recipe_values *values, qsti_text *out);

#endif
