/* description.c: see description.h. */
#include "teacher/description.h"

#include <stdio.h>
#include <string.h>

#include "base/file.h"

static const struct {
    const char *name;
    bool of_circuit, of_template;
} keys[] = {
#define QSTI_DESCRIPTION_KEY(name, of_circuit, of_template) {#name, of_circuit, of_template},
#include "teacher/description_keys.def"
#undef QSTI_DESCRIPTION_KEY
};
#define N_KEYS (sizeof keys / sizeof *keys)

/* --- the file ----------------------------------------------------------------------------------------------------- */

static qst_status check_key(qst_ctx *ctx, const qsti_yaml *child, bool is_template)
{
    const char *names[N_KEYS];
    for (size_t k = 0; k < N_KEYS; k++) {
        names[k] = keys[k].name;
        if (strcmp(child->key, names[k]) != 0)
            continue;
        if (is_template ? keys[k].of_template : keys[k].of_circuit)
            return QST_OK;
        return qsti_fail_at(ctx, QST_ERR_USAGE, child->key_place, "%s: belongs to a %s, and this is a %s", child->key,
                            is_template ? "circuit" : "template", is_template ? "template" : "circuit");
    }
    const char *near = qsti_nearest(child->key, names, N_KEYS);
    return qsti_fail_at(ctx, QST_ERR_USAGE, child->key_place, "%.80s: unknown key%s%s%s", child->key,
                        near ? "; did you mean " : "", near ? near : "", near ? "?" : "");
}

static qst_status check_keys(qst_ctx *ctx, const qsti_yaml *root, bool is_given)
{
    if (root->kind != QSTI_YAML_MAP)
        return qsti_fail_at(ctx, QST_ERR_USAGE, root->place, "a description is a map of keys and values");
    const qsti_yaml *circuit = qsti_yaml_child(root, "circuit"), *template = qsti_yaml_child(root, "template");
    if (template != NULL && (circuit != NULL || is_given))
        return qsti_fail_at(ctx, QST_ERR_USAGE, template->key_place, "template: a circuit is given besides");
    if (circuit != NULL && is_given)
        return qsti_fail_at(ctx, QST_ERR_USAGE, circuit->key_place, "circuit: another one is given besides");
    if (template == NULL && circuit == NULL && !is_given)
        return qsti_fail_at(ctx, QST_ERR_USAGE, root->place,
                            "neither circuit, an OpenQASM file, nor template is described");
    for (size_t i = 0; i < root->n_children; i++) {
        qst_status status = check_key(ctx, &root->children[i], template != NULL);
        if (status != QST_OK)
            return status;
    }
    return QST_OK;
}

qst_status qsti_description_read(qst_ctx *ctx, const char *path, bool is_given, qsti_description *out)
{
    qst_status status = QST_OK;
    qsti_yaml *root = NULL;
    char *text = NULL;
    size_t length = 0;
    QSTI_TRY(qsti_file_read(ctx, path, QSTI_YAML_MAX_BYTES, &text, &length));
    QSTI_TRY(qsti_yaml_parse(ctx, path, text, length, QST_ERR_USAGE, &root));
    QSTI_TRY(check_keys(ctx, root, is_given));
    *out = (qsti_description){ctx, root};
    root = NULL;
done:
    qsti_yaml_free(ctx, root);
    qsti_free(ctx, text);
    return status;
}

void qsti_description_clear(qsti_description *description)
{
    qsti_yaml_free(description->ctx, description->root);
}

/* --- values ------------------------------------------------------------------------------------------------------- */

const qsti_yaml *qsti_description_get(const qsti_description *description, const char *key)
{
    return qsti_yaml_child(description->root, key);
}

qst_status qsti_description_text(const qsti_description *description, const char *key, const char **out)
{
    const qsti_yaml *value = qsti_description_get(description, key);
    if (value == NULL)
        return QST_OK;
    if (value->kind != QSTI_YAML_SCALAR || value->scalar[0] == '\0')
        return qsti_fail_at(description->ctx, QST_ERR_USAGE, value->place, "%s: a text is expected", key);
    *out = value->scalar;
    return QST_OK;
}

qst_status qsti_description_count(const qsti_description *description, const char *key, size_t least, size_t *out)
{
    const qsti_yaml *value = qsti_description_get(description, key);
    int64_t count = 0;
    if (value == NULL)
        return QST_OK;
    bool is_number = value->kind == QSTI_YAML_SCALAR && qsti_parse_i64(value->scalar, strlen(value->scalar), &count);
    if (!is_number || count < (int64_t)least || count > 1000000)
        return qsti_fail_at(description->ctx, QST_ERR_USAGE, value->place, "%s: a whole number from %zu is expected",
                            key, least);
    *out = (size_t)count;
    return QST_OK;
}

qst_status qsti_description_flag(const qsti_description *description, const char *key, bool *out)
{
    const char *text = NULL;
    qst_status status = qsti_description_text(description, key, &text);
    if (status != QST_OK || text == NULL)
        return status;
    if (strcmp(text, "true") != 0 && strcmp(text, "false") != 0)
        return qsti_fail_at(description->ctx, QST_ERR_USAGE, qsti_description_get(description, key)->place,
                            "%s: true or false is expected", key);
    *out = strcmp(text, "true") == 0;
    return QST_OK;
}

qst_status qsti_description_words(const qsti_description *description, const char *key, const char ***out,
                                  size_t *out_n)
{
    qst_status status = QST_OK;
    const qsti_yaml *value = qsti_description_get(description, key);
    const char **words = NULL;
    if (value == NULL)
        return QST_OK;
    bool is_list = value->kind == QSTI_YAML_LIST;
    size_t n = is_list ? value->n_children : 1;
    QSTI_TRY(QSTI_NEW(description->ctx, n, &words));
    for (size_t i = 0; i < n; i++) {
        const qsti_yaml *word = is_list ? &value->children[i] : value;
        if (word->kind != QSTI_YAML_SCALAR)
            QSTI_TRY(
                qsti_fail_at(description->ctx, QST_ERR_USAGE, word->place, "%s: a list of texts is expected", key));
        words[i] = word->scalar;
    }
    *out = words;
    *out_n = n;
    words = NULL;
done:
    qsti_free(description->ctx, words);
    return status;
}

/* --- arrays ------------------------------------------------------------------------------------------------------- */

void qsti_shape_text(size_t n_dims, const size_t *shape, char out[128])
{
    size_t used = (size_t)snprintf(out, 128, "(");
    for (size_t d = 0; d < n_dims && used < 100; d++)
        used += (size_t)snprintf(out + used, 128 - used, "%s%zu", d > 0 ? ", " : "", shape[d]);
    snprintf(out + used, 128 - used, "%s)", n_dims == 1 ? "," : "");
}

/* The number at flat index `index` of nested lists; NULL where they are no rectangle. */
static const qsti_yaml *leaf_at(const qsti_yaml *list, const qst_tensor *tensor, size_t index)
{
    size_t below = 1;
    for (size_t d = 0; d < tensor->n_dims; d++)
        below *= tensor->shape[d];
    for (size_t d = 0; d < tensor->n_dims; d++) {
        if (list->kind != QSTI_YAML_LIST || list->n_children != tensor->shape[d])
            return NULL;
        below /= tensor->shape[d];
        list = &list->children[index / below];
        index %= below;
    }
    return list->kind == QSTI_YAML_SCALAR ? list : NULL;
}

static qst_status read_lists(const qsti_description *description, const char *what, const qsti_yaml *value,
                             qst_tensor *out)
{
    qst_status status = QST_OK;
    qst_ctx *ctx = description->ctx;
    qst_tensor tensor = {.n_dims = 0};
    size_t n = 1;
    for (const qsti_yaml *list = value; list->kind == QSTI_YAML_LIST; list = &list->children[0]) {
        if (list->n_children == 0 || tensor.n_dims == QST_MAX_DIMS || !qsti_mul(n, list->n_children, &n))
            return qsti_fail_at(ctx, QST_ERR_USAGE, list->place, "%s: numbers are expected", what);
        tensor.shape[tensor.n_dims++] = list->n_children;
    }
    if (n > QSTI_YAML_MAX_NODES)
        return qsti_fail_at(ctx, QST_ERR_USAGE, value->place, "%s: rows of different lengths", what);
    QSTI_TRY(QSTI_NEW(ctx, n, &tensor.data));
    for (size_t i = 0; i < n; i++) {
        const qsti_yaml *leaf = leaf_at(value, &tensor, i);
        if (leaf == NULL)
            QSTI_TRY(qsti_fail_at(ctx, QST_ERR_USAGE, value->place, "%s: rows of different lengths", what));
        if (!qsti_parse_double(leaf->scalar, strlen(leaf->scalar), &tensor.data[i]))
            QSTI_TRY(qsti_fail_at(ctx, QST_ERR_USAGE, leaf->place, "%s: \"%.40s\" is no number", what, leaf->scalar));
    }
    *out = tensor;
    tensor.data = NULL;
done:
    qsti_free(ctx, tensor.data);
    return status;
}

qst_status qsti_description_tensor(const qsti_description *description, const char *what, const qsti_yaml *value,
                                   qst_tensor *out)
{
    qst_status status = QST_OK;
    if (value->kind == QSTI_YAML_LIST)
        return read_lists(description, what, value, out);
    if (value->kind != QSTI_YAML_SCALAR)
        return qsti_fail_at(description->ctx, QST_ERR_USAGE, value->place,
                            "%s: a list of numbers, or the path of an array, is expected", what);
    status = qst_tensor_read(description->ctx, value->scalar, out);
    if (status != QST_OK)
        return qsti_fail_within(description->ctx, status, "%s", what);
    return QST_OK;
}
