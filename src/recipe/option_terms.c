/* option_terms.c: further terms of an objective, and ranges of epochs: from YAML and back.
 *
 *   {loss: rkd_distance, weight: 25, epochs: [1, 30]}
 *
 * A term takes the numbers that its loss reads and no others; the domains of weight and temperature are those of
 * distill.temperature and of loss_parameters.def.
 */
#include <stdio.h>

#include "recipe/option_reader.h"
#include "recipe/option_show_parts.h"

#define MAX_TERMS  32
#define MAX_EPOCH  1000000
#define MAX_WEIGHT 1e9

typedef struct loss_row {
    const char *name;
    unsigned uses;
} loss_row;

static const loss_row losses[] = {
#define QST_LOSS(name, level, takes, needs_teacher, needs_labels, uses, about) {#name, uses},
#include <qstill/losses.def>
#undef QST_LOSS
};

/* clang-format off */
#define WITHIN(a, b) {.low = (a), .high = (b)}
#define OVER(a, b)   {.low = (a), .high = (b), .low_open = true}
#define BELOW(a, b)  {.low = (a), .high = (b), .high_open = true}
#define OPEN(a, b)   {.low = (a), .high = (b), .low_open = true, .high_open = true}
/* clang-format on */

/* A number of a term: its key, which losses read it, and where it lies. */
typedef struct number_key {
    const char *key;
    unsigned use; /* 0: all */
    size_t offset;
    double fallback;
    qsti_domain domain;
} number_key;

static const number_key numbers[] = {
    {"weight", 0, offsetof(qst_loss_term, weight), 1, OVER(0, MAX_WEIGHT)},
    {"temperature", QST_USES_temperature, offsetof(qst_loss_term, temperature), 1, OVER(0, 1000)},
#define QST_LOSS_PARAMETER(name, bounds, low, high, fallback, about) \
    {#name, QST_USES_##name, offsetof(qst_loss_term, parameters.name), fallback, bounds(low, high)},
#include <qstill/loss_parameters.def>
#undef QST_LOSS_PARAMETER
};
#define N_NUMBERS (sizeof numbers / sizeof *numbers)

/* --- epochs ------------------------------------------------------------------------------------------------------- */

static qst_status read_epoch(qsti_reader *r, const qsti_yaml *node, size_t *out)
{
    char found[QSTI_SHOWN_BYTES];
    uint64_t value = 0;
    int sign = 0;
    if (!qsti_value_is_integer(node, &value, &sign) || sign != 0 || value < 1 || value > MAX_EPOCH)
        return QSTI_FAIL_VALUE(r, node, "%s is not the number of an epoch, 1..%d", qsti_value_shown(node, false, found),
                               MAX_EPOCH);
    *out = (size_t)value;
    return QST_OK;
}

qst_status qsti_read_epochs(qsti_reader *r, const qsti_yaml *node, qsti_epoch_range *out)
{
    char found[QSTI_SHOWN_BYTES];
    qsti_epoch_range range = {0, 0};
    qst_status status = QST_OK;
    if (qsti_value_is_word(node, "all")) {
        *out = range;
        return QST_OK;
    }
    if (node->kind != QSTI_YAML_LIST || node->n_children != 2)
        return QSTI_FAIL_VALUE(r, node, "%s is not all, or the first and the last epoch such as [1, 30]",
                               qsti_value_shown(node, true, found));
    QSTI_TRY(read_epoch(r, &node->children[0], &range.first));
    QSTI_TRY(read_epoch(r, &node->children[1], &range.last));
    if (range.first > range.last)
        return QSTI_FAIL_VALUE(r, node, "[%zu, %zu] ends before it begins", range.first, range.last);
    *out = range;
done:
    return status;
}

/* --- terms -------------------------------------------------------------------------------------------------------- */

static qst_status read_loss(qsti_reader *r, const qsti_yaml *node, qst_loss *out)
{
    static const char *const names[] = {
#define QST_LOSS(name, ...) #name,
#include <qstill/losses.def>
#undef QST_LOSS
    };
    static const qsti_option option = {.key = "loss", .domain = {.names = names, .n_names = QST_LOSS_COUNT}};
    qsti_reader reader = {r->ctx, r->pool, &option};
    size_t index = 0;
    qst_status status = qsti_read_choice(&reader, node, &index);
    if (status == QST_OK)
        *out = (qst_loss)index;
    return status;
}

static qst_status read_key(qsti_reader *r, const qsti_yaml *node, qst_loss_term *term)
{
    const loss_row *loss = &losses[term->loss];
    const char *keys[N_NUMBERS + 2] = {"loss", "epochs"};
    if (strcmp(node->key, "loss") == 0)
        return QST_OK;
    if (strcmp(node->key, "epochs") == 0) {
        static const qsti_option option = {.key = "epochs"};
        qsti_reader reader = {r->ctx, r->pool, &option};
        qsti_epoch_range range = {0, 0};
        qst_status status = qsti_read_epochs(&reader, node, &range);
        term->first_epoch = range.first;
        term->last_epoch = range.last;
        return status;
    }
    for (size_t i = 0; i < N_NUMBERS; i++) {
        const number_key *number = &numbers[i];
        keys[i + 2] = number->key;
        if (strcmp(node->key, number->key) != 0)
            continue;
        if (number->use != 0 && !(loss->uses & number->use))
            return qsti_fail_at(r->ctx, QST_ERR_USAGE, node->key_place, "terms: the loss %s has no %s", loss->name,
                                number->key);
        const qsti_option option = {.key = number->key, .domain = number->domain};
        qsti_reader reader = {r->ctx, r->pool, &option};
        double value = 0;
        qst_status status = qsti_read_number(&reader, node, &value);
        memcpy((char *)term + number->offset, &value, sizeof value);
        return status;
    }
    const char *near = qsti_nearest(node->key, keys, N_NUMBERS + 2);
    return qsti_fail_at(r->ctx, QST_ERR_USAGE, node->key_place, "%.80s: unknown key in terms%s%s%s", node->key,
                        near ? "; did you mean " : "", near ? near : "", near ? "?" : "");
}

static qst_status read_term(qsti_reader *r, const qsti_yaml *node, qst_loss_term *out)
{
    char found[QSTI_SHOWN_BYTES];
    qst_status status = QST_OK;
    qst_loss_term term = {0};
    if (node->kind != QSTI_YAML_MAP)
        return QSTI_FAIL_VALUE(r, node, "%s is not a term such as {loss: rkd_distance, weight: 25}",
                               qsti_value_shown(node, true, found));
    const qsti_yaml *loss = qsti_yaml_child(node, "loss");
    if (loss == NULL)
        return QSTI_FAIL_VALUE(r, node, "a term has a loss: {loss: rkd_distance, weight: 25}");
    for (size_t i = 0; i < N_NUMBERS; i++)
        memcpy((char *)&term + numbers[i].offset, &numbers[i].fallback, sizeof numbers[i].fallback);
    QSTI_TRY(read_loss(r, loss, &term.loss));
    for (size_t i = 0; i < node->n_children; i++)
        QSTI_TRY(read_key(r, &node->children[i], &term));
    *out = term;
done:
    return status;
}

qst_status qsti_read_terms(qsti_reader *r, const qsti_yaml *node, qsti_term_list *out)
{
    char found[QSTI_SHOWN_BYTES];
    qst_loss_term *items = NULL;
    if (node->kind != QSTI_YAML_LIST)
        return QSTI_FAIL_VALUE(r, node, "%s is not a list of terms such as [{loss: rkd_distance, weight: 25}]",
                               qsti_value_shown(node, true, found));
    if (node->n_children > MAX_TERMS)
        return QSTI_FAIL_VALUE(r, node, "%zu terms are more than %d", node->n_children, MAX_TERMS);
    qst_status status = QSTI_POOL_NEW(r->pool, node->n_children, &items);
    for (size_t i = 0; i < node->n_children && status == QST_OK; i++)
        status = read_term(r, &node->children[i], &items[i]);
    if (status == QST_OK)
        *out = node->n_children ? (qsti_term_list){items, node->n_children} : (qsti_term_list){NULL, 0};
    return status;
}

/* --- and back ----------------------------------------------------------------------------------------------------- */

qst_status qsti_show_epochs(qsti_pool *pool, size_t first, size_t last, qsti_yaml *out)
{
    if (last == 0)
        return qsti_show_plain(pool, "all", out);
    qst_status status = qsti_show_children(pool, QSTI_YAML_LIST, 2, out);
    if (status == QST_OK)
        status = qsti_show_integer(pool, first, &out->children[0]);
    return status == QST_OK ? qsti_show_integer(pool, last, &out->children[1]) : status;
}

static bool is_shown(const qst_loss_term *term, const number_key *number)
{
    return number->use == 0 || (losses[term->loss].uses & number->use) != 0;
}

static qst_status show_term(qsti_pool *pool, const qst_loss_term *term, qsti_yaml *out)
{
    qst_status status = QST_OK;
    size_t n = 2, at = 2;
    for (size_t i = 0; i < N_NUMBERS; i++)
        n += is_shown(term, &numbers[i]);
    QSTI_TRY(qsti_show_children(pool, QSTI_YAML_MAP, n, out));
    QSTI_TRY(qsti_show_key(pool, "loss", &out->children[0]));
    QSTI_TRY(qsti_show_plain(pool, losses[term->loss].name, &out->children[0]));
    QSTI_TRY(qsti_show_key(pool, "epochs", &out->children[1]));
    QSTI_TRY(qsti_show_epochs(pool, term->first_epoch, term->last_epoch, &out->children[1]));
    for (size_t i = 0; i < N_NUMBERS; i++) {
        double value;
        if (!is_shown(term, &numbers[i]))
            continue;
        memcpy(&value, (const char *)term + numbers[i].offset, sizeof value);
        QSTI_TRY(qsti_show_key(pool, numbers[i].key, &out->children[at]));
        QSTI_TRY(qsti_show_number(pool, value, &out->children[at++]));
    }
done:
    return status;
}

qst_status qsti_show_terms(qsti_pool *pool, const qst_loss_term *terms, size_t n, qsti_yaml *out)
{
    qst_status status = qsti_show_children(pool, QSTI_YAML_LIST, n, out);
    for (size_t i = 0; i < n && status == QST_OK; i++)
        status = show_term(pool, &terms[i], &out->children[i]);
    return status;
}
