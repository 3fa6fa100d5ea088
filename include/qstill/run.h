/* qstill/run.h: recipes, the whole way of the data, and its stages one by one.
 *
 * A recipe is a YAML file (docs/recipe.md has every key). A run makes one folder: recipe.yaml as resolved, report.json,
 * metrics.csv, log.txt, and the models of each seed and setting.
 */
#ifndef QSTILL_RUN_H
#define QSTILL_RUN_H

#include <qstill/import.h>
#include <qstill/knowledge.h>
#include <qstill/student.h>
#include <qstill/teacher.h>
#include <qstill/verify.h>

#ifdef __cplusplus
extern "C" {
#endif

/* --- recipes ------------------------------------------------------------------------------------------------------ */

typedef struct qst_recipe qst_recipe;

/* Reads a recipe; path NULL is the built-in demo, "-" stdin. `sets` are "key=value" patches ("teacher.qubits=4",
 * "distill.temperature=[1,2]") applied to it. Errors: ERR_USAGE with file:line:column, the key and the allowed range;
 * ERR_SYSTEM. */
QST_API qst_status qst_recipe_load(qst_ctx *ctx, const char *path, const char *const *sets, size_t n_sets,
                                   qst_recipe **out);
QST_API void qst_recipe_free(qst_recipe *recipe);
QST_API const char *qst_recipe_name(const qst_recipe *recipe);
/* The recipe as resolved, every key with its value, as YAML. */
QST_API const char *qst_recipe_text(const qst_recipe *recipe);

typedef enum qst_role { QST_TEACHER, QST_STUDENT } qst_role;

/* The model of a role before any training: of the recipe's first setting and its `seed`, for the features and classes
 * of its data, which are loaded. Errors: ERR_USAGE (the teacher is a table of scores), those of the data and of
 * qst_model_create(). */
QST_API qst_status qst_recipe_model(const qst_recipe *recipe, qst_role role, qst_model **out);

/* Every key of recipes, for help, manuals and completion. */
typedef struct qst_recipe_key {
    const char *path;     /* "distill.temperature"; model keys stand once under "MODEL" for teacher and student */
    const char *type;     /* "number > 0, or a list of them" */
    const char *fallback; /* default as text; "" : required or none */
    const char *about;
} qst_recipe_key;
QST_API size_t qst_recipe_keys(const qst_recipe_key **out);

/* --- runs --------------------------------------------------------------------------------------------------------- */

typedef struct qst_run_opts {
    const char *folder; /* the run folder; NULL: runs/<name>-001, counted up */
    bool resume;        /* continue in `folder` */
} qst_run_opts;

/* Runs a recipe from data to report, as many trainings side by side as the context has threads; what it leaves does not
 * depend on their number, but for the report's times and its `machine`. Errors: ERR_SYSTEM when the folder exists and
 * is not empty and resume is not set; those of the stages. With ERR_INTERRUPTED a checkpoint is left, so that `resume`
 * goes on to the same bits. */
QST_API qst_status qst_run(const qst_recipe *recipe, const qst_run_opts *opts, qst_report **out);

/* --- searches ----------------------------------------------------------------------------------------------------- */

typedef struct qst_tuning qst_tuning;

/* Searches over keys of a recipe as its `tune` section says (docs/tune.md): every combination trains the student with
 * several seeds and is judged on the validation rows; the test rows are never looked at. Trainings go on side by side;
 * combinations with the same data and teacher share them. The folder (NULL: runs/<name>-tune-001, counted up) gets
 * tune.json, trials.csv, best.yaml and heatmap.gnuplot; their bytes do not depend on the number of threads, nor on
 * whether the search was interrupted and resumed. Errors: as qst_run(), and ERR_USAGE for a combination that the recipe
 * refuses or for a recipe without validation rows. */
QST_API qst_status qst_tune(const qst_recipe *recipe, const qst_run_opts *opts, qst_tuning **out);
QST_API void qst_tuning_free(qst_tuning *tuning);
QST_API const char *qst_tuning_json(const qst_tuning *tuning); /* tune.json, as text */
QST_API const char *qst_tuning_page(const qst_tuning *tuning); /* for people */
QST_API const char *qst_tuning_folder(const qst_tuning *tuning);

/* --- the stages --------------------------------------------------------------------------------------------------- */

/* Each reads artefacts from folders, writes its own to `out_folder` (refused when it exists and is not empty), and
 * gives a short JSON description in *out_json (free with qst_text_free()). Settings beyond the recipe's first are not
 * used. */
QST_API qst_status qst_stage_data(const qst_recipe *recipe, const char *out_folder, char **out_json);
QST_API qst_status qst_stage_teacher(const qst_recipe *recipe, const char *data, const char *out_folder,
                                     char **out_json);
/* The model as a teacher of that folder. */
QST_API qst_status qst_stage_import(const qst_model *model, const char *out_folder, char **out_json);
QST_API qst_status qst_stage_knowledge(qst_ctx *ctx, const char *teacher, const char *data, const char *out_folder,
                                       char **out_json);
/* Any teacher's scores for any inputs: `teacher` as qst_import_open() takes it, `inputs` an array as qst_tensor_read()
 * does, `kind` as in qst_import_scores(). Writes out_file (.npy or .csv) and, with the ending .json in its place, what
 * the scores are and where they come from (docs/formats.md), which is also *out_json; *out_made says what was written.
 * Errors: those of reading both; ERR_MISMATCH (rows of another shape). */
typedef struct qst_scores_made {
    size_t n_rows, n_scores;
    qst_score_kind kind;
} qst_scores_made;
QST_API qst_status qst_stage_scores(qst_ctx *ctx, const char *teacher, const char *inputs, qst_score_kind kind,
                                    const char *out_file, qst_scores_made *out_made, char **out_json);
/* `control`: also train the control, into the folder of that name; NULL: no. */
QST_API qst_status qst_stage_student(const qst_recipe *recipe, const char *knowledge, const char *data,
                                     const char *out_folder, const char *control, char **out_json);
/* One seed: no verdict is said below 5. control may be NULL. */
QST_API qst_status qst_stage_verify(qst_ctx *ctx, const char *student, const char *knowledge, const char *data,
                                    const char *control, const char *out_folder, qst_report **out);
QST_API void qst_text_free(qst_ctx *ctx, char *text);

#ifdef __cplusplus
}
#endif
#endif
