/* option_show_parts.h: pieces of YAML that values are shown with. For option_show.c, option_terms.c and
 * option_channels.c alone. What they make lies in the pool; a key that `out` has stays. */
#ifndef QSTI_RECIPE_OPTION_SHOW_PARTS_H
#define QSTI_RECIPE_OPTION_SHOW_PARTS_H

#include "recipe/option_value.h"
#include "recipe/pool.h"

/* A scalar of plain text: a number or one of our own words. */
qst_status qsti_show_plain(qsti_pool *pool, const char *text, qsti_yaml *out);
qst_status qsti_show_number(qsti_pool *pool, double value, qsti_yaml *out);
qst_status qsti_show_integer(qsti_pool *pool, uint64_t value, qsti_yaml *out);
/* A list or map of n children, to be filled; the key of one of them. */
qst_status qsti_show_children(qsti_pool *pool, qsti_yaml_kind kind, size_t n, qsti_yaml *out);
qst_status qsti_show_key(qsti_pool *pool, const char *key, qsti_yaml *out);

/* option_terms.c */
qst_status qsti_show_epochs(qsti_pool *pool, size_t first, size_t last, qsti_yaml *out);
qst_status qsti_show_terms(qsti_pool *pool, const qst_loss_term *terms, size_t n, qsti_yaml *out);
/* option_channels.c */
qst_status qsti_show_channels(qsti_pool *pool, const qst_noise_rule *rules, size_t n, qsti_yaml *out);

#endif
