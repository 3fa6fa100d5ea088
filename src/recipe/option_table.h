/* option_table.h: options.def as data, and the places where its sections stand in a recipe.
 *
 * A path is a key's full name, "teacher.train.epochs". The table is constant; nothing here allocates.
 */
#ifndef QSTI_RECIPE_OPTION_TABLE_H
#define QSTI_RECIPE_OPTION_TABLE_H

#include "recipe/recipe.h"

/* How a value is read from YAML and shown again. The C type of the field stands behind it. Lists are a pointer with its
 * size_t count right behind. */
typedef enum qsti_option_type {
    QSTI_TEXT,         /* const char * */
    QSTI_NAME,         /* const char *: fit for a file name */
    QSTI_WORD,         /* const char *: a name of some other module's table */
    QSTI_GATES,        /* const char *: words with a blank between */
    QSTI_KIND,         /* const char *: one of the domain's names */
    QSTI_CHOICE,       /* an enum: index into the domain's names */
    QSTI_SWITCH,       /* bool: index into the domain's two names */
    QSTI_FIXED,        /* nothing: the domain has one name */
    QSTI_COUNT,        /* size_t; `default` is 0 */
    QSTI_QUBITS,       /* size_t; too many is ERR_LIMIT */
    QSTI_SEED,         /* uint64_t */
    QSTI_NUMBER,       /* double; `default` is -1 */
    QSTI_SHARE,        /* double; `official` is QST_TEST_OFFICIAL */
    QSTI_NUMBERS,      /* list of double */
    QSTI_COUNTS,       /* list of size_t */
    QSTI_LAYERS,       /* list of qst_layer */
    QSTI_WORDS,        /* list of const char * */
    QSTI_CLASSES,      /* list of const char *; `all` is NULL */
    QSTI_STEPS,        /* list of qst_preprocess_step */
    QSTI_ENTANGLEMENT, /* qst_ansatz_opts: entanglement, pairs */
    QSTI_MAPS,         /* list of maps, kept as const qsti_yaml *: read by recipe_resolve.c */
    QSTI_CONTROLS,     /* qst_controls: the set of the domain's names; `default` is all, `none` 0 */
    QSTI_REQUIREMENTS, /* list of qsti_recipe_requirement */
    QSTI_EPOCHS,       /* two size_t: first and last; `all` is 0, 0 */
    QSTI_TERMS,        /* list of qst_loss_term */
    QSTI_AXES,         /* list of qsti_tune_axis */
    QSTI_CHANNELS,     /* list of qst_noise_rule */
    QSTI_PATCH         /* of a setting: read by recipe_patch.c */
} qsti_option_type;

typedef enum qsti_section {
    QSTI_SECTION_top,
    QSTI_SECTION_checkpoint,
    QSTI_SECTION_data,
    QSTI_SECTION_table,
    QSTI_SECTION_calibration,
    QSTI_SECTION_ensemble,
    QSTI_SECTION_model,
    QSTI_SECTION_circuit,
    QSTI_SECTION_linear_probe,
    QSTI_SECTION_random_fourier,
    QSTI_SECTION_image,
    QSTI_SECTION_network,
    QSTI_SECTION_cnn,
    QSTI_SECTION_mlp,
    QSTI_SECTION_teacher_train,
    QSTI_SECTION_train,
    QSTI_SECTION_distill,
    QSTI_SECTION_queries,
    QSTI_SECTION_match,
    QSTI_SECTION_device,
    QSTI_SECTION_mitigation,
    QSTI_SECTION_verify,
    QSTI_SECTION_tune,
    QSTI_SECTION_setting,
    QSTI_SECTION_COUNT
} qsti_section;

typedef struct qsti_domain {
    double low, high;
    bool low_open, high_open; /* the bound itself is outside */
    const char *const *names; /* NULL: numbers */
    size_t n_names;
} qsti_domain;

typedef struct qsti_option {
    qsti_section section;
    qsti_option_type type;
    const char *key;
    size_t offset; /* of the field in its base */
    qsti_domain domain;
    const char *fallback, *about;
} qsti_option;

/* All options, in the order of options.def. */
const qsti_option *qsti_options(size_t *out_n);

/* Whose values a place of the recipe belongs to. */
typedef enum qsti_owner { QSTI_OWNER_RECIPE, QSTI_OWNER_TEACHER, QSTI_OWNER_STUDENT } qsti_owner;

/* A place: the options of `section` stand under `prefix` ("", "teacher.train."). A section may have several places and
 * a prefix several sections. */
typedef struct qsti_recipe_spot {
    const char *prefix;
    qsti_section section;
    qsti_owner owner;
} qsti_recipe_spot;

/* All places, in the order of the resolved text; settings[] are not among them. */
const qsti_recipe_spot *qsti_recipe_spots(size_t *out_n);

/* The struct that the fields of a place lie in. */
void *qsti_spot_base(const qsti_recipe_spot *spot, qsti_recipe_values *values);

/* The kind whose keys a model has: that of the model inside of a probe, else its own. */
const char *qsti_kind_of_keys(const qst_model_opts *model);

/* Whether a student is fitted to the teacher's answers in one go. */
bool qsti_kind_is_fitted(const qst_model_opts *model);

/* Whether the options of a place mean anything for these values (circuit keys: only for circuits, ...). */
bool qsti_spot_applies(const qsti_recipe_spot *spot, const qsti_recipe_values *values);

#define QSTI_PATH_BYTES 64
/* "teacher.train.epochs" */
void qsti_option_path(const qsti_recipe_spot *spot, const qsti_option *option, char out[QSTI_PATH_BYTES]);

/* The option at a path; false when there is none. */
bool qsti_option_find(const char *path, const qsti_option **out_option, const qsti_recipe_spot **out_spot);

/* Whether "PATH." begins some option's path, i.e. PATH is a map of keys. "" is one. */
bool qsti_path_is_map(const char *path);

/* Whether the word `default` stands for "not given". */
bool qsti_option_has_default_word(const qsti_option *option);

/* Appends what may be meant by an unknown key under a prefix: "; did you mean ...?", or nothing. prefix "" with
 * `anywhere`: the key is a whole path. */
void qsti_suggest(const char *prefix, const char *key, bool anywhere, char *out, size_t n_bytes);

#endif
