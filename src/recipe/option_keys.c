/* option_keys.c: the table for people: qst_recipe_keys(), with types and ranges as constant text. */
#include "recipe/option_table.h"

/* --- names of choices, ", a, b" ----------------------------------------------------------------------------------- */

static const char loss_text[] =
#define QST_LOSS(name, ...) ", " #name
#include <qstill/losses.def>
#undef QST_LOSS
    ;
static const char optimizer_text[] =
#define QST_OPTIMIZER(name, about) ", " #name
#include <qstill/optimizers.def>
#undef QST_OPTIMIZER
    ;
static const char schedule_text[] =
#define QST_SCHEDULE(name, about) ", " #name
#include <qstill/schedules.def>
#undef QST_SCHEDULE
    ;
static const char given_score_text[] =
#define QST_SCORE(name, about) ", " #name
#include <qstill/scores.def>
#undef QST_SCORE
    ", default";
static const char encoding_text[] =
#define QSTI_ENCODING(name, reps, about) ", " #name
#include "circuit/encodings.def"
#undef QSTI_ENCODING
    ;
static const char ansatz_text[] =
#define QSTI_ANSATZ(name, rotations, entangler, entanglement, options, about) ", " #name
#include "circuit/ansatze.def"
#undef QSTI_ANSATZ
    ;
static const char entanglement_text[] =
#define QSTI_ENTANGLEMENT(name, pairs) ", " #name
#include "circuit/entanglements.def"
#undef QSTI_ENTANGLEMENT
    ", or a list of pairs [[0, 1], ...]";
static const char step_text[] =
#define QST_PREPROCESS(name, label, n_arguments, about) ", " label
#include <qstill/preprocess.def>
#undef QST_PREPROCESS
    ;
static const char precision_text[] = ", double, single";
static const char selection_text[] = ", last, best";
static const char head_text[] =
#define QST_HEAD(name, about) ", " #name
#include <qstill/heads.def>
#undef QST_HEAD
    ;
static const char model_text[] = ", circuit, logistic, network, mlp, cnn, fourier, random_fourier, linear_probe";
static const char inner_text[] = ", circuit, network, mlp, cnn";
static const char activation_text[] = ", relu, leaky_relu, gelu, tanh, sigmoid";
static const char truth_text[] = ", true, false";
static const char controls_text[] = ", default, none, or a list of these:"
#define QST_CONTROL(name, label, about, excludes) " " #name
#include <qstill/controls.def>
#undef QST_CONTROL
    ;
static const char metrics_text[] = ", default";
static const char search_text[] = ", grid, random, halving";
static const char topology_text[] =
#define QST_TOPOLOGY(name, about) ", " #name
#include <qstill/topologies.def>
#undef QST_TOPOLOGY
    ;
static const char readout_model_text[] = ", properties, symmetric";
static const char noise_method_text[] = ", auto, exact, trajectories";
static const char extrapolation_text[] = ", linear, polynomial, exponential";
static const char shot_gradient_text[] = ", shift, spsa";
static const char device_train_text[] = ", default, device, ideal";
static const char device_teacher_text[] = ", ideal, device, mitigated";

/* --- types -------------------------------------------------------------------------------------------------------- */

#define ANY()        ""
#define WITHIN(a, b) #a ".." #b
#define OVER(a, b)   "> " #a ", <= " #b
#define BELOW(a, b)  ">= " #a ", < " #b
#define OPEN(a, b)   "> " #a ", < " #b
#define ONE_OF(x)    (x##_text + 2)

/* The section's path in qst_recipe_key. */
#define KEYS_top            ""
#define KEYS_checkpoint     "checkpoint."
#define KEYS_data           "data."
#define KEYS_table          "teacher."
#define KEYS_calibration    "teacher."
#define KEYS_ensemble       "teacher."
#define KEYS_model          "MODEL."
#define KEYS_circuit        "MODEL."
#define KEYS_linear_probe   "MODEL."
#define KEYS_random_fourier "MODEL."
#define KEYS_image          "MODEL."
#define KEYS_network        "MODEL."
#define KEYS_cnn            "MODEL."
#define KEYS_mlp            "MODEL."
#define KEYS_teacher_train  "MODEL.train."
#define KEYS_train          "MODEL.train."
#define KEYS_distill        "distill."
#define KEYS_queries        "distill.queries."
#define KEYS_match          "distill.match."
#define KEYS_device         "device."
#define KEYS_mitigation     "device.mitigation."
#define KEYS_verify         "verify."
#define KEYS_tune           "tune."
#define KEYS_setting        "settings[]."

#define SHOWN_TEXT(domain)         "text"
#define SHOWN_NAME(domain)         "name of letters, digits and . _ -"
#define SHOWN_WORD(domain)         "name"
#define SHOWN_GATES(domain)        "name or list of names"
#define SHOWN_KIND(domain)         domain
#define SHOWN_CHOICE(domain)       domain
#define SHOWN_SWITCH(domain)       domain
#define SHOWN_FIXED(domain)        domain
#define SHOWN_COUNT(domain)        "integer " domain
#define SHOWN_QUBITS(domain)       "integer " domain
#define SHOWN_SEED(domain)         "integer 0..18446744073709551615"
#define SHOWN_NUMBER(domain)       "number " domain
#define SHOWN_SHARE(domain)        "number " domain ", or official"
#define SHOWN_NUMBERS(domain)      "number " domain ", or a list of them"
#define SHOWN_COUNTS(domain)       "integers " domain ", in a list"
#define SHOWN_LAYERS(domain)       "list of layers"
#define SHOWN_WORDS(domain)        "word or list of words"
#define SHOWN_CLASSES(domain)      "all, or a list of class names"
#define SHOWN_STEPS(domain)        (step_text + 2)
#define SHOWN_ENTANGLEMENT(domain) domain
#define SHOWN_MAPS(domain)         "list of maps"
#define SHOWN_CONTROLS(domain)     domain
#define SHOWN_REQUIREMENTS(domain) "map of report paths to a minimum, or to {min: A, max: B}"
#define SHOWN_EPOCHS(domain)       "all, or [first, last]"
#define SHOWN_TERMS(domain)        "list of maps"
#define SHOWN_AXES(domain)         "map of keys to lists of values, or to ranges"
#define SHOWN_CHANNELS(domain)     "list of maps"
#define SHOWN_PATCH(domain)        "map of keys to values"

size_t qst_recipe_keys(const qst_recipe_key **out)
{
    static const qst_recipe_key keys[] = {
#define QSTI_OPTION(section, key, type, field, domain, fallback, about) \
    {KEYS_##section #key, SHOWN_##type(domain), fallback, about},
#include "recipe/options.def"
#undef QSTI_OPTION
    };
    *out = keys;
    return sizeof keys / sizeof *keys;
}
