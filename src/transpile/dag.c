/* dag.c: the order among the nodes of a sequence; see dag.h. */
#include "transpile/dag.h"

#include <string.h>

#define NONE UINT32_MAX

void qsti_dag_clear(qsti_dag *dag)
{
    if (dag->sequence == NULL)
        return;
    qst_ctx *ctx = dag->sequence->store->ctx;
    qsti_free(ctx, dag->first);
    qsti_free(ctx, dag->entries);
    qsti_free(ctx, dag->groups);
    qsti_free(ctx, dag->node_first);
    qsti_free(ctx, dag->node_wires);
    qsti_free(ctx, dag->cx);
    qsti_free(ctx, dag->mirror);
    *dag = (qsti_dag){0};
}

/* Which wire a bit is: one for a whole register that a condition asks for. wire_of_bit (n_bits), wire_of_register. */
static size_t number_bits(const qsti_sequence *sequence, const qst_assembly *assembly, uint32_t *wire_of_bit,
                          uint32_t *wire_of_register)
{
    size_t n_wires = sequence->n_wires, n_bits = qst_assembly_bits(assembly);
    memset(wire_of_bit, 0xff, n_bits * sizeof *wire_of_bit);
    memset(wire_of_register, 0xff, qst_assembly_bit_registers(assembly) * sizeof *wire_of_register);
    for (size_t i = 0; i < sequence->store->n_conditions; i++) {
        size_t bits = sequence->store->conditions[i].bits;
        if (wire_of_register[bits] != NONE)
            continue;
        qst_register place;
        qst_assembly_bit_register(assembly, bits, &place);
        for (size_t bit = place.first; bit < place.first + place.size; bit++)
            wire_of_bit[bit] = (uint32_t)n_wires;
        wire_of_register[bits] = (uint32_t)n_wires++;
    }
    for (size_t i = 0; i < sequence->n_nodes; i++) {
        const qsti_node *node = &sequence->nodes[i];
        if (node->kind == QSTI_NODE_MEASURE && node->extra != QST_NO_BIT && wire_of_bit[node->extra] == NONE)
            wire_of_bit[node->extra] = (uint32_t)n_wires++;
    }
    return n_wires;
}

/* The classical wires of a node, at most two; how many. */
static size_t classical(const qsti_sequence *sequence, const qsti_node *node, const uint32_t *wire_of_bit,
                        const uint32_t *wire_of_register, uint32_t out[2])
{
    size_t n = 0;
    if (node->condition != 0)
        out[n++] = wire_of_register[sequence->store->conditions[node->condition - 1].bits];
    if (node->kind == QSTI_NODE_MEASURE && node->extra != QST_NO_BIT) {
        out[n] = wire_of_bit[node->extra];
        if (n == 0 || out[0] != out[n])
            n++;
    }
    return n;
}

/* Numbers the groups along the wires. axes and set: of each wire's last group. */
static void number_groups(qsti_dag *dag, bool commute, qsti_axis *axes, bool *set, uint32_t *group, uint32_t *fill)
{
    const qsti_sequence *sequence = dag->sequence;
    for (uint32_t i = 0; i < sequence->n_nodes; i++) {
        const qsti_node *node = &sequence->nodes[i];
        for (uint32_t j = dag->node_first[i]; j < dag->node_first[i + 1]; j++) {
            uint32_t wire = dag->node_wires[j];
            int slot = node->kind == QSTI_NODE_PAIR && node->wires[1] == wire;
            qsti_axis axis = {0, 0, 0};
            bool has_axis = commute && qsti_node_axis(node, slot, &axis);
            if (!has_axis || !set[wire] || !qsti_axis_parallel(axis, axes[wire], 1e-12))
                group[wire]++;
            axes[wire] = axis;
            set[wire] = has_axis;
            uint32_t entry = dag->first[wire] + fill[wire]++;
            dag->entries[entry] = i;
            dag->groups[entry] = group[wire];
        }
    }
}

qst_status qsti_dag_create(const qsti_sequence *sequence, const qst_assembly *assembly, bool commute, qsti_dag *out)
{
    qst_ctx *ctx = sequence->store->ctx;
    qsti_dag dag = {.sequence = sequence, .n_qubits = sequence->n_wires};
    uint32_t *wire_of_bit = NULL, *wire_of_register = NULL, *group = NULL, *fill = NULL;
    qsti_axis *axes = NULL;
    bool *set = NULL;
    qst_status status = QST_OK;
    size_t n = sequence->n_nodes, total = 0;
    QSTI_TRY(QSTI_NEW(ctx, qst_assembly_bits(assembly), &wire_of_bit));
    QSTI_TRY(QSTI_NEW(ctx, qst_assembly_bit_registers(assembly), &wire_of_register));
    dag.n_wires = number_bits(sequence, assembly, wire_of_bit, wire_of_register);
    for (size_t i = 0; i < n; i++) {
        size_t n_on;
        (void)qsti_node_wires(sequence->store, &sequence->nodes[i], &n_on);
        total += n_on + 2;
    }
    if (total >= NONE) {
        status = qsti_fail(ctx, QST_ERR_LIMIT, "%zu places of gates on qubits: at most %u", total, NONE - 1);
        goto done;
    }
    QSTI_TRY(QSTI_NEW(ctx, dag.n_wires + 1, &dag.first));
    QSTI_TRY(QSTI_NEW(ctx, total, &dag.entries));
    QSTI_TRY(QSTI_NEW(ctx, total, &dag.groups));
    QSTI_TRY(QSTI_NEW(ctx, n + 1, &dag.node_first));
    QSTI_TRY(QSTI_NEW(ctx, total, &dag.node_wires));
    QSTI_TRY(QSTI_NEW(ctx, n, &dag.cx));
    QSTI_TRY(QSTI_NEW(ctx, n, &dag.mirror));
    QSTI_TRY(QSTI_NEW(ctx, dag.n_wires, &group));
    QSTI_TRY(QSTI_NEW(ctx, dag.n_wires, &fill));
    QSTI_TRY(QSTI_NEW(ctx, dag.n_wires, &axes));
    QSTI_TRY(QSTI_NEW(ctx, dag.n_wires, &set));
    uint32_t places = 0;
    for (size_t i = 0; i < n; i++) {
        const qsti_node *node = &sequence->nodes[i];
        size_t n_on;
        const uint32_t *on = qsti_node_wires(sequence->store, node, &n_on);
        if (n_on > 0)
            memcpy(dag.node_wires + places, on, n_on * sizeof *on);
        n_on += classical(sequence, node, wire_of_bit, wire_of_register, dag.node_wires + places + n_on);
        for (size_t j = 0; j < n_on; j++)
            dag.first[dag.node_wires[places + j] + 1]++;
        places += (uint32_t)n_on;
        dag.node_first[i + 1] = places;
        if (node->kind == QSTI_NODE_PAIR) {
            double mirrored[3];
            qsti_weyl_mirror(node->c, mirrored);
            dag.cx[i] = (uint8_t)qsti_weyl_cx(node->c);
            dag.mirror[i] = node->condition == 0 ? (uint8_t)qsti_weyl_cx(mirrored) : (uint8_t)(dag.cx[i] + 3);
            dag.n_pairs++;
        }
    }
    for (size_t w = 0; w < dag.n_wires; w++)
        dag.first[w + 1] += dag.first[w];
    number_groups(&dag, commute, axes, set, group, fill);
    *out = dag;
    dag = (qsti_dag){0};
done:
    qsti_free(ctx, wire_of_bit);
    qsti_free(ctx, wire_of_register);
    qsti_free(ctx, group);
    qsti_free(ctx, fill);
    qsti_free(ctx, axes);
    qsti_free(ctx, set);
    qsti_dag_clear(&dag);
    return status;
}
