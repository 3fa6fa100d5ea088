/* option_read.c: one value of a recipe from YAML to its field: types, ranges, names. Lists are in option_lists.c.
 *
 * A quoted scalar is text whatever it looks like, so "60" is no number. Numbers are decimal and finite. Nothing is
 * clamped or rounded. What a value means together with others is in recipe_conflicts.c.
 */
#include "recipe/option_reader.h"

#include <assert.h>
#include <ctype.h>
#include <stdio.h>

/* --- scalars ------------------------------------------------------------------------------------------------------ */

/* The node as the message shows it: 0, "x", a list. */
const char *qsti_value_shown(const qsti_yaml *node, bool as_text, char out[QSTI_SHOWN_BYTES])
{
    static const char *const kinds[] = {"nothing", "", "a list", "a map"};
    if (node->kind != QSTI_YAML_SCALAR)
        snprintf(out, QSTI_SHOWN_BYTES, "%s", kinds[node->kind]);
    else if (as_text || node->quoted)
        snprintf(out, QSTI_SHOWN_BYTES, "\"%.80s%s\"", node->scalar, strlen(node->scalar) > 80 ? "..." : "");
    else
        snprintf(out, QSTI_SHOWN_BYTES, "%.80s%s", node->scalar, strlen(node->scalar) > 80 ? "..." : "");
    return out;
}

bool qsti_value_is_word(const qsti_yaml *node, const char *word)
{
    return node->kind == QSTI_YAML_SCALAR && !node->quoted && strcmp(node->scalar, word) == 0;
}

/* Text of a scalar, not empty. `what` is said when it is none: "text", "the name of an encoding". */
qst_status qsti_read_text(qsti_reader *r, const qsti_yaml *node, const char *what, const char **out)
{
    char found[QSTI_SHOWN_BYTES];
    if (node->kind != QSTI_YAML_SCALAR)
        return QSTI_FAIL_VALUE(r, node, "%s is not %s", qsti_value_shown(node, true, found), what);
    if (node->scalar[0] == '\0')
        return QSTI_FAIL_VALUE(r, node, "\"\" is not %s", what);
    *out = node->scalar;
    return QST_OK;
}

static bool has_decimal_comma(const char *text)
{
    const char *comma = strchr(text, ',');
    return comma && comma > text && isdigit((unsigned char)comma[-1]) && isdigit((unsigned char)comma[1]) &&
           !strchr(comma + 1, ',');
}

/* Why a scalar is no number, as the end of the message. */
static qst_status fail_number(qsti_reader *r, const qsti_yaml *node, const char *what)
{
    char found[QSTI_SHOWN_BYTES];
    double number;
    qsti_value_shown(node, true, found);
    if (node->kind != QSTI_YAML_SCALAR)
        return QSTI_FAIL_VALUE(r, node, "%s is not %s", found, what);
    const char *text = node->scalar;
    if (has_decimal_comma(text)) {
        char pointed[40];
        snprintf(pointed, sizeof pointed, "%.38s", text);
        char *comma = strchr(pointed, ',');
        if (comma)
            *comma = '.';
        return QSTI_FAIL_VALUE(r, node, "%s is not %s: decimals take a point, %s", found, what, pointed);
    }
    if (node->quoted && qsti_parse_double(text, strlen(text), &number))
        return QSTI_FAIL_VALUE(r, node, "%s is text, not %s: take the quotes away", found, what);
    return QSTI_FAIL_VALUE(r, node, "%s is not %s", found, what);
}

static qst_status fail_range(qsti_reader *r, const qsti_yaml *node, bool too_low)
{
    char found[QSTI_SHOWN_BYTES], bound[32];
    const qsti_domain *domain = &r->option->domain;
    bool open = too_low ? domain->low_open : domain->high_open;
    qsti_value_shown(node, false, found);
    if (!domain->low_open && !domain->high_open) {
        char high[32];
        qsti_format_double(domain->low, bound);
        qsti_format_double(domain->high, high);
        return QSTI_FAIL_VALUE(r, node, "%s is not in %s..%s", found, bound, high);
    }
    qsti_format_double(too_low ? domain->low : domain->high, bound);
    return QSTI_FAIL_VALUE(r, node, "%s is not %s%s %s", found, too_low ? ">" : "<", open ? "" : "=", bound);
}

qst_status qsti_read_any_number(qsti_reader *r, const qsti_yaml *node, const char *what, double *out)
{
    if (node->kind != QSTI_YAML_SCALAR || node->quoted || !qsti_parse_double(node->scalar, strlen(node->scalar), out))
        return fail_number(r, node, what);
    return QST_OK;
}

/* A number of the option's domain. */
qst_status qsti_read_number(qsti_reader *r, const qsti_yaml *node, double *out)
{
    const qsti_domain *domain = &r->option->domain;
    double number = 0;
    qst_status status = qsti_read_any_number(r, node, "a finite number", &number);
    if (status != QST_OK)
        return status;
    if (number < domain->low || (domain->low_open && number <= domain->low))
        return fail_range(r, node, true);
    if (number > domain->high || (domain->high_open && number >= domain->high))
        return fail_range(r, node, false);
    *out = number;
    return QST_OK;
}

/* A whole number written plainly; *out_sign says on which side of 0..2^64-1 it lies. */
bool qsti_value_is_integer(const qsti_yaml *node, uint64_t *out, int *out_sign)
{
    if (node->kind != QSTI_YAML_SCALAR || node->quoted)
        return false;
    const char *text = node->scalar, *digits = text + (*text == '-' || *text == '+');
    size_t n = strlen(digits);
    if (n == 0 || strspn(digits, "0123456789") != n)
        return false;
    bool fits = qsti_parse_u64(digits, n, out);
    bool zero = fits && *out == 0;
    *out_sign = *text == '-' && !zero ? -1 : fits ? 0 : 1;
    return true;
}

qst_status qsti_read_count(qsti_reader *r, const qsti_yaml *node, size_t *out)
{
    const qsti_domain *domain = &r->option->domain;
    uint64_t value = 0;
    int sign = 0;
    if (!qsti_value_is_integer(node, &value, &sign))
        return fail_number(r, node, "a plain integer");
    bool too_low = sign < 0 || (sign == 0 && (double)value < domain->low);
    if (!too_low && r->option->type == QSTI_QUBITS && (sign > 0 || (double)value > domain->high)) {
        char found[QSTI_SHOWN_BYTES];
        qsti_value_shown(node, false, found);
        if (sign > 0 || value > 1000)
            return qsti_fail_key(r->ctx, QST_ERR_LIMIT, node->place, r->option->key, "%s is not in 1..30", found);
        return qsti_fail_key(r->ctx, QST_ERR_LIMIT, node->place, r->option->key,
                             "%s is not in 1..30: a state of %s qubits takes 2^%d bytes", found, found, (int)value + 4);
    }
    if (too_low || sign > 0 || (double)value > domain->high)
        return fail_range(r, node, too_low);
    *out = (size_t)value;
    return QST_OK;
}

static qst_status read_seed(qsti_reader *r, const qsti_yaml *node, uint64_t *out)
{
    char found[QSTI_SHOWN_BYTES];
    uint64_t value = 0;
    int sign = 0;
    if (!qsti_value_is_integer(node, &value, &sign))
        return fail_number(r, node, "a plain integer");
    if (sign != 0)
        return QSTI_FAIL_VALUE(r, node, "%s is not in 0..18446744073709551615", qsti_value_shown(node, false, found));
    *out = value;
    return QST_OK;
}

/* Fit for a file name anywhere: letters, digits, dot, underscore, minus, not beginning with dot or minus. */
static qst_status read_name(qsti_reader *r, const qsti_yaml *node, const char **out)
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
    char found[QSTI_SHOWN_BYTES];
    const char *text = NULL;
    qst_status status = qsti_read_text(r, node, "a name", &text);
    if (status != QST_OK)
        return status;
    if (strspn(text, allowed) != strlen(text) || *text == '.' || *text == '-')
        return QSTI_FAIL_VALUE(r, node,
                               "%s is not a name of letters, digits and . _ - that begins with a letter or digit",
                               qsti_value_shown(node, true, found));
    if (strlen(text) > 100)
        return QSTI_FAIL_VALUE(r, node, "%s is longer than 100 characters", qsti_value_shown(node, true, found));
    return qsti_pool_strdup(r->pool, text, out);
}

qst_status qsti_read_choice(qsti_reader *r, const qsti_yaml *node, size_t *out)
{
    const qsti_domain *domain = &r->option->domain;
    char found[QSTI_SHOWN_BYTES], list[640] = "";
    if (node->kind == QSTI_YAML_SCALAR) {
        for (size_t i = 0; i < domain->n_names; i++) {
            if (strcmp(node->scalar, domain->names[i]) == 0) {
                *out = i;
                return QST_OK;
            }
        }
    }
    for (size_t i = 0, used = 0; i < domain->n_names && used < sizeof list; i++)
        used += (size_t)snprintf(list + used, sizeof list - used, "%s%s", i ? ", " : "", domain->names[i]);
    const char *near =
        node->kind == QSTI_YAML_SCALAR ? qsti_nearest(node->scalar, domain->names, domain->n_names) : NULL;
    return QSTI_FAIL_VALUE(r, node, "%s is not %s%s%s%s%s", qsti_value_shown(node, true, found),
                           domain->n_names > 1 ? "one of " : "", list, near ? "; did you mean " : "", near ? near : "",
                           near ? "?" : "");
}

/* --- all types ---------------------------------------------------------------------------------------------------- */

/* Reads into a temporary and stores it only when all went well. */
#define READ_AS(type, call)                      \
    do {                                         \
        type value = {0};                        \
        status = (call);                         \
        if (status == QST_OK)                    \
            memcpy(field, &value, sizeof value); \
    } while (0)

static qst_status copy_text(qsti_reader *r, const qsti_yaml *node, const char *what, const char **out)
{
    const char *text = NULL;
    qst_status status = qsti_read_text(r, node, what, &text);
    return status == QST_OK ? qsti_pool_strdup(r->pool, text, out) : status;
}

static qst_status read_indexed(qsti_reader *r, const qsti_yaml *node, void *field)
{
    size_t index = 0;
    qst_status status = qsti_read_choice(r, node, &index);
    if (status != QST_OK)
        return status;
    switch (r->option->type) {
    case QSTI_CHOICE:
        memcpy(field, &(int){(int)index}, sizeof(int));
        break;
    case QSTI_SWITCH:
        memcpy(field, &(bool){index != 0}, sizeof(bool));
        break;
    case QSTI_KIND:
        memcpy(field, &r->option->domain.names[index], sizeof(char *));
        break;
    default:
        break;
    }
    return QST_OK;
}

/* The value that the word `default` stands for. */
static void store_default(const qsti_option *option, void *field)
{
    if (option->type == QSTI_COUNT)
        memcpy(field, &(size_t){0}, sizeof(size_t));
    else if (option->type == QSTI_NUMBER)
        memcpy(field, &(double){-1}, sizeof(double));
    else if (option->type == QSTI_ENTANGLEMENT) {
        qst_ansatz_opts *ansatz = field;
        ansatz->entanglement = NULL;
        ansatz->pairs = NULL;
        ansatz->n_pairs = 0;
    } else
        memcpy(field, &(const char *){NULL}, sizeof(char *));
}

qst_status qsti_option_read(qsti_pool *pool, const qsti_option *option, const qsti_yaml *node, void *base)
{
    qsti_reader r = {pool->ctx, pool, option};
    void *field = (char *)base + option->offset;
    qst_status status = QST_OK;
    if (qsti_option_has_default_word(option) && qsti_value_is_word(node, "default")) {
        store_default(option, field);
        return QST_OK;
    }
    switch (option->type) {
    case QSTI_TEXT:
        READ_AS(const char *, copy_text(&r, node, "text", &value));
        break;
    case QSTI_WORD:
        READ_AS(const char *, copy_text(&r, node, "a name", &value));
        break;
    case QSTI_NAME:
        READ_AS(const char *, read_name(&r, node, &value));
        break;
    case QSTI_GATES:
        READ_AS(const char *, qsti_read_gates(&r, node, &value));
        break;
    case QSTI_KIND:
    case QSTI_CHOICE:
    case QSTI_SWITCH:
    case QSTI_FIXED:
        return read_indexed(&r, node, field);
    case QSTI_COUNT:
    case QSTI_QUBITS:
        READ_AS(size_t, qsti_read_count(&r, node, &value));
        break;
    case QSTI_SEED:
        READ_AS(uint64_t, read_seed(&r, node, &value));
        break;
    case QSTI_SHARE:
        if (qsti_value_is_word(node, "official"))
            memcpy(field, &(double){QST_TEST_OFFICIAL}, sizeof(double));
        else
            READ_AS(double, qsti_read_number(&r, node, &value));
        break;
    case QSTI_NUMBER:
        READ_AS(double, qsti_read_number(&r, node, &value));
        break;
    case QSTI_NUMBERS:
        READ_AS(qsti_number_list, qsti_read_numbers(&r, node, &value));
        break;
    case QSTI_COUNTS:
        READ_AS(qsti_count_list, qsti_read_counts(&r, node, &value));
        break;
    case QSTI_LAYERS:
        READ_AS(qsti_layer_list, qsti_read_layers(&r, node, &value));
        break;
    case QSTI_WORDS:
        READ_AS(qsti_word_list, qsti_read_words(&r, node, "a word, or a list of words", &value));
        break;
    case QSTI_CLASSES:
        READ_AS(qsti_word_list, qsti_read_classes(&r, node, &value));
        break;
    case QSTI_STEPS:
        READ_AS(qsti_step_list, qsti_read_steps(&r, node, &value));
        break;
    case QSTI_ENTANGLEMENT:
        return qsti_read_entanglement(&r, node, field);
    case QSTI_MAPS:
        READ_AS(qsti_map_list, qsti_read_maps(&r, node, &value));
        break;
    case QSTI_CONTROLS:
        READ_AS(qst_controls, qsti_read_controls(&r, node, &value));
        break;
    case QSTI_REQUIREMENTS:
        READ_AS(qsti_requirement_list, qsti_read_requirements(&r, node, &value));
        break;
    case QSTI_EPOCHS:
        READ_AS(qsti_epoch_range, qsti_read_epochs(&r, node, &value));
        break;
    case QSTI_TERMS:
        READ_AS(qsti_term_list, qsti_read_terms(&r, node, &value));
        break;
    case QSTI_CHANNELS:
        READ_AS(qsti_channel_list, qsti_read_channels(&r, node, &value));
        break;
    case QSTI_AXES:
        READ_AS(qsti_axis_list, qsti_read_axes(&r, node, &value));
        break;
    case QSTI_PATCH:
        break;
    }
    return status;
}

qst_status qsti_option_read_fallback(qsti_pool *pool, const qsti_option *option, void *base)
{
    qsti_yaml *node = NULL;
    assert(option->fallback[0]);
    qst_status status =
        qsti_yaml_parse(pool->ctx, "default", option->fallback, strlen(option->fallback), QST_ERR_INTERNAL, &node);
    if (status == QST_OK)
        status = qsti_option_read(pool, option, node, base);
    qsti_yaml_free(pool->ctx, node);
    return status;
}

/* --- failure ------------------------------------------------------------------------------------------------------ */

#ifdef __clang_analyzer__
#undef qsti_fail_key
#endif

qst_status qsti_fail_key(qst_ctx *ctx, qst_status status, qsti_place place, const char *key, const char *format, ...)
{
    char line[1024];
    va_list args;
    va_start(args, format);
    qsti_vformat(line, sizeof line, format, args);
    va_end(args);
    size_t n_file = place.file ? strlen(place.file) : 0, n_key = strlen(key);
    bool named = place.line == 0 && n_file > n_key && strcmp(place.file + n_file - n_key, key) == 0;
    return qsti_fail_at(ctx, status, place, "%s%s%s", named ? "" : key, named ? "" : ": ", line);
}
