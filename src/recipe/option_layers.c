/* option_layers.c: lists of a network's layers in a recipe, and whole numbers in lists.
 *
 * A layer is a word, or a map of one key: {dense: 128}, {dropout: 0.25}, {max_pool: 2}, {conv: 16} or {conv: {channels:
 * 16, kernel: 3, stride: 1, padding: 1}}. A kernel, stride or padding is one number, or [height, width]. Whether layers
 * fit each other is found when the network is made.
 */
#include <stdio.h>

#include "recipe/option_reader.h"

#define MAX_ITEMS 4096
#define MAX_SIDE  ((uint64_t)1 << 20)

typedef enum argument { ARGUMENT_NONE, ARGUMENT_SIZE, ARGUMENT_RATE, ARGUMENT_KERNEL } argument;

static const struct {
    const char *name;
    argument takes;
} kinds[] = {
#define QST_LAYER(name, argument, about) {#name, ARGUMENT_##argument},
#include <qstill/layers.def>
#undef QST_LAYER
};

/* --- whole numbers ------------------------------------------------------------------------------------------------ */

qst_status qsti_read_counts(qsti_reader *r, const qsti_yaml *node, qsti_count_list *out)
{
    bool is_list = node->kind == QSTI_YAML_LIST;
    size_t n = is_list ? node->n_children : 1, *values = NULL;
    if (n > MAX_ITEMS)
        return QSTI_FAIL_VALUE(r, node, "%zu values are more than %d", n, MAX_ITEMS);
    qst_status status = QSTI_POOL_NEW(r->pool, n, &values);
    for (size_t i = 0; i < n && status == QST_OK; i++)
        status = qsti_read_count(r, is_list ? &node->children[i] : node, &values[i]);
    if (status == QST_OK)
        *out = (qsti_count_list){values, n};
    return status;
}

/* A whole number >= lowest of a layer. */
static qst_status read_whole(qsti_reader *r, const qsti_yaml *node, const char *what, uint64_t lowest, size_t *out)
{
    char found[QSTI_SHOWN_BYTES];
    uint64_t value = 0;
    int sign = 0;
    if (!qsti_value_is_integer(node, &value, &sign) || sign != 0 || value < lowest || value > MAX_SIDE)
        return QSTI_FAIL_VALUE(r, node, "%s: %s is not an integer in %llu..%llu", what,
                               qsti_value_shown(node, true, found), (unsigned long long)lowest,
                               (unsigned long long)MAX_SIDE);
    *out = (size_t)value;
    return QST_OK;
}

/* 3 or [3, 5] */
static qst_status read_sides(qsti_reader *r, const qsti_yaml *node, const char *what, uint64_t lowest, size_t out[2])
{
    if (node->kind != QSTI_YAML_LIST) {
        qst_status status = read_whole(r, node, what, lowest, &out[0]);
        out[1] = out[0];
        return status;
    }
    if (node->n_children != 2)
        return QSTI_FAIL_VALUE(r, node, "%s: a list of %zu is not [height, width]", what, node->n_children);
    qst_status status = read_whole(r, &node->children[0], what, lowest, &out[0]);
    return status == QST_OK ? read_whole(r, &node->children[1], what, lowest, &out[1]) : status;
}

/* --- layers ------------------------------------------------------------------------------------------------------- */

static qst_status fail_kind(qsti_reader *r, const qsti_yaml *node, const char *name)
{
    const char *names[QST_LAYER_COUNT];
    for (size_t i = 0; i < QST_LAYER_COUNT; i++)
        names[i] = kinds[i].name;
    const char *near = qsti_nearest(name, names, QST_LAYER_COUNT);
    return QSTI_FAIL_VALUE(r, node, "\"%.60s\" is not a kind of layer%s%s%s", name, near ? "; did you mean " : "",
                           near ? near : "", near ? "?" : "");
}

static qst_status find_kind(qsti_reader *r, const qsti_yaml *node, const char *name, qst_layer_kind *out)
{
    for (size_t i = 0; i < QST_LAYER_COUNT; i++) {
        if (strcmp(kinds[i].name, name) == 0) {
            *out = (qst_layer_kind)i;
            return QST_OK;
        }
    }
    return fail_kind(r, node, name);
}

/* The keys of {conv: {...}} and of the pools. */
static qst_status read_window(qsti_reader *r, const qsti_yaml *map, qst_layer *layer)
{
    bool is_conv = layer->kind == QST_LAYER_conv;
    qst_status status = QST_OK;
    for (size_t i = 0; i < map->n_children && status == QST_OK; i++) {
        const qsti_yaml *child = &map->children[i];
        if (strcmp(child->key, "channels") == 0 && is_conv)
            status = read_whole(r, child, "channels", 1, &layer->size);
        else if (strcmp(child->key, "kernel") == 0)
            status = read_sides(r, child, "kernel", 1, layer->kernel);
        else if (strcmp(child->key, "stride") == 0)
            status = read_sides(r, child, "stride", 1, layer->stride);
        else if (strcmp(child->key, "padding") == 0)
            status = read_sides(r, child, "padding", 0, layer->padding);
        else
            status = QSTI_FAIL_VALUE(r, child, "%s: \"%.60s\" is not one of %skernel, stride, padding",
                                     kinds[layer->kind].name, child->key, is_conv ? "channels, " : "");
    }
    if (status == QST_OK && is_conv && layer->size == 0)
        return QSTI_FAIL_VALUE(r, map, "conv: channels are missing");
    if (status == QST_OK && !is_conv && layer->kernel[0] == 0)
        return QSTI_FAIL_VALUE(r, map, "%s: the kernel is missing", kinds[layer->kind].name);
    return status;
}

static qst_status read_argument(qsti_reader *r, const qsti_yaml *node, qst_layer *layer)
{
    const char *name = kinds[layer->kind].name;
    bool is_conv = layer->kind == QST_LAYER_conv;
    if (is_conv)
        layer->kernel[0] = layer->kernel[1] = 3;
    switch (kinds[layer->kind].takes) {
    case ARGUMENT_SIZE:
        return read_whole(r, node, name, 1, &layer->size);
    case ARGUMENT_RATE:
        return qsti_read_any_number(r, node, "a finite number", &layer->rate);
    case ARGUMENT_KERNEL:
        if (node->kind == QSTI_YAML_MAP)
            return read_window(r, node, layer);
        return is_conv ? read_whole(r, node, name, 1, &layer->size) : read_sides(r, node, name, 1, layer->kernel);
    case ARGUMENT_NONE:
        break;
    }
    return QSTI_FAIL_VALUE(r, node, "%s takes no value", name);
}

static qst_status read_layer(qsti_reader *r, const qsti_yaml *node, qst_layer *out)
{
    char found[QSTI_SHOWN_BYTES];
    qst_status status = QST_OK;
    if (node->kind == QSTI_YAML_MAP && node->n_children == 1) {
        status = find_kind(r, node, node->children[0].key, &out->kind);
        return status == QST_OK ? read_argument(r, &node->children[0], out) : status;
    }
    if (node->kind != QSTI_YAML_SCALAR)
        return QSTI_FAIL_VALUE(r, node, "%s is not a layer such as relu or {dense: 128}",
                               qsti_value_shown(node, true, found));
    status = find_kind(r, node, node->scalar, &out->kind);
    if (status != QST_OK)
        return status;
    if (out->kind == QST_LAYER_leaky_relu)
        out->rate = QST_LEAKY_RELU_RATE;
    else if (kinds[out->kind].takes != ARGUMENT_NONE)
        return QSTI_FAIL_VALUE(r, node, "%s takes a value: {%s: ...}", node->scalar, node->scalar);
    return QST_OK;
}

qst_status qsti_read_layers(qsti_reader *r, const qsti_yaml *node, qsti_layer_list *out)
{
    char found[QSTI_SHOWN_BYTES];
    qst_layer *layers = NULL;
    if (node->kind != QSTI_YAML_LIST)
        return QSTI_FAIL_VALUE(r, node, "%s is not a list of layers such as [{dense: 128}, relu]",
                               qsti_value_shown(node, true, found));
    if (node->n_children > MAX_ITEMS)
        return QSTI_FAIL_VALUE(r, node, "%zu values are more than %d", node->n_children, MAX_ITEMS);
    qst_status status = QSTI_POOL_NEW(r->pool, node->n_children, &layers);
    for (size_t i = 0; i < node->n_children && status == QST_OK; i++)
        status = read_layer(r, &node->children[i], &layers[i]);
    if (status == QST_OK)
        *out = (qsti_layer_list){layers, node->n_children};
    return status;
}

/* --- back to YAML ------------------------------------------------------------------------------------------------- */

/* A scalar of one of our own words, or of a number. */
static qst_status show_scalar(qsti_pool *pool, const char *text, qsti_yaml *out)
{
    const char *copy = NULL;
    qst_status status = qsti_pool_strdup(pool, text, &copy);
    *out = (qsti_yaml){.kind = QSTI_YAML_SCALAR, .key = out->key, .scalar = (char *)copy};
    return status;
}

static qst_status show_whole(qsti_pool *pool, size_t value, qsti_yaml *out)
{
    char text[32];
    snprintf(text, sizeof text, "%zu", value);
    return show_scalar(pool, text, out);
}

static qst_status show_nested(qsti_pool *pool, qsti_yaml_kind kind, size_t n, qsti_yaml *out)
{
    *out = (qsti_yaml){.kind = kind, .key = out->key, .n_children = n};
    return QSTI_POOL_NEW(pool, n, &out->children);
}

qst_status qsti_show_counts(qsti_pool *pool, const size_t *values, size_t n, qsti_yaml *out)
{
    qst_status status = show_nested(pool, QSTI_YAML_LIST, n, out);
    for (size_t i = 0; i < n && status == QST_OK; i++)
        status = show_whole(pool, values[i], &out->children[i]);
    return status;
}

static qst_status show_sides(qsti_pool *pool, const size_t sides[2], qsti_yaml *out)
{
    return sides[0] == sides[1] ? show_whole(pool, sides[0], out) : qsti_show_counts(pool, sides, 2, out);
}

static qst_status add_key(qsti_pool *pool, qsti_yaml *map, const char *key, qsti_yaml **out)
{
    const char *copy = NULL;
    qst_status status = qsti_pool_strdup(pool, key, &copy);
    *out = &map->children[map->n_children++];
    (*out)->key = (char *)copy;
    return status;
}

static qst_status show_window(qsti_pool *pool, const qst_layer *layer, qsti_yaml *out)
{
    const struct {
        const char *key;
        const size_t *sides;
    } keys[] = {{"kernel", layer->kernel}, {"stride", layer->stride}, {"padding", layer->padding}};
    qsti_yaml *child = NULL;
    qst_status status = QST_OK;
    QSTI_TRY(show_nested(pool, QSTI_YAML_MAP, 4, out));
    out->n_children = 0;
    if (layer->kind == QST_LAYER_conv) {
        QSTI_TRY(add_key(pool, out, "channels", &child));
        QSTI_TRY(show_whole(pool, layer->size, child));
    }
    for (size_t i = 0; i < 3; i++) {
        if (keys[i].sides[0] == 0 && keys[i].sides[1] == 0)
            continue;
        QSTI_TRY(add_key(pool, out, keys[i].key, &child));
        QSTI_TRY(show_sides(pool, keys[i].sides, child));
    }
done:
    return status;
}

static qst_status show_layer(qsti_pool *pool, const qst_layer *layer, qsti_yaml *out)
{
    char number[32];
    argument takes = kinds[layer->kind].takes;
    qsti_yaml *child = NULL;
    qst_status status = QST_OK;
    if (takes == ARGUMENT_NONE)
        return show_scalar(pool, kinds[layer->kind].name, out);
    QSTI_TRY(show_nested(pool, QSTI_YAML_MAP, 1, out));
    out->n_children = 0;
    QSTI_TRY(add_key(pool, out, kinds[layer->kind].name, &child));
    if (takes == ARGUMENT_KERNEL)
        return show_window(pool, layer, child);
    if (takes == ARGUMENT_SIZE)
        return show_whole(pool, layer->size, child);
    qsti_format_double(layer->rate, number);
    status = show_scalar(pool, number, child);
done:
    return status;
}

qst_status qsti_show_layers(qsti_pool *pool, const qst_layer *layers, size_t n, qsti_yaml *out)
{
    qst_status status = show_nested(pool, QSTI_YAML_LIST, n, out);
    for (size_t i = 0; i < n && status == QST_OK; i++)
        status = show_layer(pool, &layers[i], &out->children[i]);
    return status;
}
