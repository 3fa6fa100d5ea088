/* option_reader.h: what the readers of single values and of lists share. For option_read.c, option_lists.c,
 * option_layers.c and option_terms.c alone. */
#ifndef QSTI_RECIPE_OPTION_READER_H
#define QSTI_RECIPE_OPTION_READER_H

#include "recipe/option_value.h"
#include "recipe/pool.h"

typedef struct qsti_reader {
    qst_ctx *ctx;
    qsti_pool *pool;
    const qsti_option *option;
} qsti_reader;

#define QSTI_FAIL_VALUE(r, node, ...) \
    qsti_fail_key((r)->ctx, QST_ERR_USAGE, (node)->place, (r)->option->key, __VA_ARGS__)

/* The node as messages show it: 0, "x", a list. `as_text`: with quotes in any case. Gives `out`. */
#define QSTI_SHOWN_BYTES 96
const char *qsti_value_shown(const qsti_yaml *node, bool as_text, char out[QSTI_SHOWN_BYTES]);

/* Whether it is that word, unquoted. */
bool qsti_value_is_word(const qsti_yaml *node, const char *word);

/* Whether it is a whole number written plainly. *out_sign: -1, 0 or 1 as it lies below, in or above 0..2^64-1. */
bool qsti_value_is_integer(const qsti_yaml *node, uint64_t *out, int *out_sign);

/* Text that is not empty, borrowed from the node; `what` is said of what is none: "\"\" is not a name". */
qst_status qsti_read_text(qsti_reader *r, const qsti_yaml *node, const char *what, const char **out);
/* A finite number; one within the option's domain. */
qst_status qsti_read_any_number(qsti_reader *r, const qsti_yaml *node, const char *what, double *out);
qst_status qsti_read_number(qsti_reader *r, const qsti_yaml *node, double *out);
/* A whole number within the option's domain. */
qst_status qsti_read_count(qsti_reader *r, const qsti_yaml *node, size_t *out);
/* The index of one of the domain's names. */
qst_status qsti_read_choice(qsti_reader *r, const qsti_yaml *node, size_t *out);

/* Lists, as they lie in the values: a pointer and its count. */
typedef struct qsti_word_list {
    const char *const *words;
    size_t n;
} qsti_word_list;
typedef struct qsti_number_list {
    const double *values;
    size_t n;
} qsti_number_list;
typedef struct qsti_count_list {
    const size_t *values;
    size_t n;
} qsti_count_list;
typedef struct qsti_layer_list {
    const qst_layer *layers;
    size_t n;
} qsti_layer_list;
typedef struct qsti_step_list {
    const qst_preprocess_step *steps;
    size_t n;
} qsti_step_list;
typedef struct qsti_map_list {
    const qsti_yaml *maps;
    size_t n;
} qsti_map_list;
typedef struct qsti_requirement_list {
    qsti_recipe_requirement *items;
    size_t n;
} qsti_requirement_list;
typedef struct qsti_axis_list {
    qsti_tune_axis *items;
    size_t n;
} qsti_axis_list;

typedef struct qsti_term_list {
    const qst_loss_term *items;
    size_t n;
} qsti_term_list;
typedef struct qsti_channel_list {
    const qst_noise_rule *items;
    size_t n;
} qsti_channel_list;
typedef struct qsti_epoch_range {
    size_t first, last;
} qsti_epoch_range;

qst_status qsti_read_words(qsti_reader *r, const qsti_yaml *node, const char *what, qsti_word_list *out);
qst_status qsti_read_classes(qsti_reader *r, const qsti_yaml *node, qsti_word_list *out);
qst_status qsti_read_numbers(qsti_reader *r, const qsti_yaml *node, qsti_number_list *out);
qst_status qsti_read_counts(qsti_reader *r, const qsti_yaml *node, qsti_count_list *out);
qst_status qsti_read_layers(qsti_reader *r, const qsti_yaml *node, qsti_layer_list *out);
qst_status qsti_read_gates(qsti_reader *r, const qsti_yaml *node, const char **out);
qst_status qsti_read_entanglement(qsti_reader *r, const qsti_yaml *node, qst_ansatz_opts *out);
qst_status qsti_read_steps(qsti_reader *r, const qsti_yaml *node, qsti_step_list *out);
qst_status qsti_read_maps(qsti_reader *r, const qsti_yaml *node, qsti_map_list *out);
qst_status qsti_read_controls(qsti_reader *r, const qsti_yaml *node, qst_controls *out);
qst_status qsti_read_requirements(qsti_reader *r, const qsti_yaml *node, qsti_requirement_list *out);
qst_status qsti_read_axes(qsti_reader *r, const qsti_yaml *node, qsti_axis_list *out);

/* option_layers.c: the lists back to YAML, in the pool. */
qst_status qsti_show_counts(qsti_pool *pool, const size_t *values, size_t n, qsti_yaml *out);
qst_status qsti_show_layers(qsti_pool *pool, const qst_layer *layers, size_t n, qsti_yaml *out);
/* option_terms.c */
qst_status qsti_read_epochs(qsti_reader *r, const qsti_yaml *node, qsti_epoch_range *out);
qst_status qsti_read_terms(qsti_reader *r, const qsti_yaml *node, qsti_term_list *out);
/* option_channels.c */
qst_status qsti_read_channels(qsti_reader *r, const qsti_yaml *node, qsti_channel_list *out);

#endif
