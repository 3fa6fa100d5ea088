/* option_channels.c: `device.noise`: channels behind the gates of circuits, from YAML and back.
 *
 *   {channel: depolarizing, p: 0.01, gates: [cx], qubits: 2, each: true}
 *
 * A channel takes the numbers that channels.def names, and no others; those that are not given are 0. Whether they are
 * within its range is the noise model's to say: recipe_device.c.
 */
#include <stdio.h>

#include "recipe/option_reader.h"
#include "recipe/option_show_parts.h"

#define MAX_CHANNELS 256
#define NAME_BYTES   24

typedef struct channel_row {
    const char *name;
    size_t n_numbers;
    const char *about;
} channel_row;

static const channel_row channels[QST_CHANNEL_COUNT] = {
#define QST_CHANNEL(id, n_numbers, about) {#id, n_numbers, about},
#include <qstill/channels.def>
#undef QST_CHANNEL
};

static const char *const gate_names[] = {
#define QST_GATE(name, ...) #name,
#include <qstill/gates.def>
#undef QST_GATE
};

/* The name of number `index` of a channel, as its description begins: "p: ...", "x, y, z: ...". */
static void number_name(const channel_row *channel, size_t index, char out[NAME_BYTES])
{
    const char *at = channel->about;
    for (size_t i = 0; i < index; i++)
        at = strchr(at, ',') + 2;
    snprintf(out, NAME_BYTES, "%.*s", (int)strcspn(at, ",:"), at);
}

/* --- reading ------------------------------------------------------------------------------------------------------ */

static const char channel_key[] = "channel", gates_key[] = "gates", qubits_key[] = "qubits", each_key[] = "each";

static qst_status read_named(qsti_reader *r, const qsti_yaml *node, const char *key, const char *const *names, size_t n,
                             size_t *out)
{
    const qsti_option option = {.key = key, .domain = {.names = names, .n_names = n}};
    qsti_reader reader = {r->ctx, r->pool, &option};
    return qsti_read_choice(&reader, node, out);
}

static qst_status read_channel(qsti_reader *r, const qsti_yaml *node, qst_channel_kind *out)
{
    const char *names[QST_CHANNEL_COUNT];
    size_t index = 0;
    for (size_t i = 0; i < QST_CHANNEL_COUNT; i++)
        names[i] = channels[i].name;
    qst_status status = read_named(r, node, channel_key, names, QST_CHANNEL_COUNT, &index);
    *out = (qst_channel_kind)index;
    return status;
}

static qst_status read_gates(qsti_reader *r, const qsti_yaml *node, qst_noise_rule *rule)
{
    const qsti_yaml *items = node->kind == QSTI_YAML_LIST ? node->children : node;
    size_t n = node->kind == QSTI_YAML_LIST ? node->n_children : 1;
    qst_gate *gates = NULL;
    if (n == 0 || n > MAX_CHANNELS)
        return QSTI_FAIL_VALUE(r, node, "gates: %zu names are not 1..%d", n, MAX_CHANNELS);
    qst_status status = QSTI_POOL_NEW(r->pool, n, &gates);
    for (size_t i = 0; i < n && status == QST_OK; i++) {
        size_t index = 0;
        status = read_named(r, &items[i], gates_key, gate_names, QST_GATE_COUNT, &index);
        if (status == QST_OK)
            gates[i] = (qst_gate)index;
    }
    rule->gates = gates;
    rule->n_gates = n;
    return status;
}

static qst_status read_number(qsti_reader *r, const qsti_yaml *node, qst_noise_rule *rule)
{
    const channel_row *channel = &channels[rule->channel.kind];
    char names[QST_CHANNEL_NUMBERS][NAME_BYTES];
    const char *keys[QST_CHANNEL_NUMBERS + 4] = {channel_key, gates_key, qubits_key, each_key};
    for (size_t i = 0; i < channel->n_numbers; i++) {
        number_name(channel, i, names[i]);
        keys[i + 4] = names[i];
        if (strcmp(node->key, names[i]) == 0) {
            const qsti_option option = {.key = names[i]};
            qsti_reader reader = {r->ctx, r->pool, &option};
            return qsti_read_any_number(&reader, node, "a finite number", &rule->channel.numbers[i]);
        }
    }
    const char *near = qsti_nearest(node->key, keys, channel->n_numbers + 4);
    return qsti_fail_at(r->ctx, QST_ERR_USAGE, node->key_place, "noise: %.40s has no %.40s%s%s%s", channel->name,
                        node->key, near ? "; did you mean " : "", near ? near : "", near ? "?" : "");
}

static qst_status read_key(qsti_reader *r, const qsti_yaml *node, qst_noise_rule *rule)
{
    static const char *const truth[] = {"false", "true"};
    static const qsti_option qubits = {.key = qubits_key, .domain = {.low = 1, .high = QST_DEVICE_GATE_QUBITS}};
    qsti_reader reader = {r->ctx, r->pool, &qubits};
    size_t index = 0;
    if (strcmp(node->key, channel_key) == 0)
        return QST_OK;
    if (strcmp(node->key, gates_key) == 0)
        return read_gates(r, node, rule);
    if (strcmp(node->key, qubits_key) == 0)
        return qsti_read_count(&reader, node, &rule->gate_qubits);
    if (strcmp(node->key, each_key) != 0)
        return read_number(r, node, rule);
    if (rule->channel.kind != QST_CHANNEL_depolarizing)
        return qsti_fail_at(r->ctx, QST_ERR_USAGE, node->key_place,
                            "noise: each: %s acts on each qubit by itself in any case: only depolarizing has it",
                            channels[rule->channel.kind].name);
    qst_status status = read_named(r, node, each_key, truth, 2, &index);
    rule->each = index == 1;
    return status;
}

static qst_status read_rule(qsti_reader *r, const qsti_yaml *node, qst_noise_rule *out)
{
    char found[QSTI_SHOWN_BYTES];
    qst_status status = QST_OK;
    qst_noise_rule rule = {0};
    const qsti_yaml *channel = node->kind == QSTI_YAML_MAP ? qsti_yaml_child(node, channel_key) : NULL;
    if (channel == NULL)
        return QSTI_FAIL_VALUE(r, node, "%s is not a channel such as {channel: depolarizing, p: 0.01}",
                               node->kind == QSTI_YAML_MAP ? "a map without `channel`"
                                                           : qsti_value_shown(node, true, found));
    QSTI_TRY(read_channel(r, channel, &rule.channel.kind));
    for (size_t i = 0; i < node->n_children; i++)
        QSTI_TRY(read_key(r, &node->children[i], &rule));
    *out = rule;
done:
    return status;
}

qst_status qsti_read_channels(qsti_reader *r, const qsti_yaml *node, qsti_channel_list *out)
{
    char found[QSTI_SHOWN_BYTES];
    qst_noise_rule *rules = NULL;
    if (node->kind != QSTI_YAML_LIST)
        return QSTI_FAIL_VALUE(r, node, "%s is not a list of channels such as [{channel: depolarizing, p: 0.01}]",
                               qsti_value_shown(node, true, found));
    if (node->n_children == 0 || node->n_children > MAX_CHANNELS)
        return QSTI_FAIL_VALUE(r, node, "%zu channels are not 1..%d", node->n_children, MAX_CHANNELS);
    qst_status status = QSTI_POOL_NEW(r->pool, node->n_children, &rules);
    for (size_t i = 0; i < node->n_children && status == QST_OK; i++)
        status = read_rule(r, &node->children[i], &rules[i]);
    if (status == QST_OK)
        *out = (qsti_channel_list){rules, node->n_children};
    return status;
}

/* --- and back ----------------------------------------------------------------------------------------------------- */

static qst_status show_gates(qsti_pool *pool, const qst_noise_rule *rule, qsti_yaml *out)
{
    qst_status status = qsti_show_children(pool, QSTI_YAML_LIST, rule->n_gates, out);
    for (size_t i = 0; i < rule->n_gates && status == QST_OK; i++)
        status = qsti_show_plain(pool, gate_names[rule->gates[i]], &out->children[i]);
    return status;
}

static qst_status show_rule(qsti_pool *pool, const qst_noise_rule *rule, qsti_yaml *out)
{
    qst_status status = QST_OK;
    const channel_row *channel = &channels[rule->channel.kind];
    size_t at = 0, n = 1 + channel->n_numbers + (rule->n_gates > 0) + (rule->gate_qubits > 0) + rule->each;
    QSTI_TRY(qsti_show_children(pool, QSTI_YAML_MAP, n, out));
    QSTI_TRY(qsti_show_key(pool, channel_key, &out->children[at]));
    QSTI_TRY(qsti_show_plain(pool, channel->name, &out->children[at++]));
    for (size_t i = 0; i < channel->n_numbers; i++) {
        char name[NAME_BYTES];
        number_name(channel, i, name);
        QSTI_TRY(qsti_show_key(pool, name, &out->children[at]));
        QSTI_TRY(qsti_show_number(pool, rule->channel.numbers[i], &out->children[at++]));
    }
    if (rule->n_gates > 0) {
        QSTI_TRY(qsti_show_key(pool, gates_key, &out->children[at]));
        QSTI_TRY(show_gates(pool, rule, &out->children[at++]));
    }
    if (rule->gate_qubits > 0) {
        QSTI_TRY(qsti_show_key(pool, qubits_key, &out->children[at]));
        QSTI_TRY(qsti_show_integer(pool, rule->gate_qubits, &out->children[at++]));
    }
    if (rule->each) {
        QSTI_TRY(qsti_show_key(pool, each_key, &out->children[at]));
        QSTI_TRY(qsti_show_plain(pool, "true", &out->children[at++]));
    }
done:
    return status;
}

qst_status qsti_show_channels(qsti_pool *pool, const qst_noise_rule *rules, size_t n, qsti_yaml *out)
{
    qst_status status = qsti_show_children(pool, QSTI_YAML_LIST, n, out);
    for (size_t i = 0; i < n && status == QST_OK; i++)
        status = show_rule(pool, &rules[i], &out->children[i]);
    return status;
}
