/* emitter.c: a sequence, node by node, into an assembly's builder; see emitter.h. */
#include "transpile/emitter.h"

#include <string.h>

#define MAX_TOKENS 512 /* of one angle */

/* --- gates -------------------------------------------------------------------------------------------------------- */

static size_t put(qst_token *tokens, size_t n, qst_operator kind, uint32_t variable, double number)
{
    tokens[n] = (qst_token){kind, variable, number};
    return n + 1;
}

/* coefficient * a * b as tokens. */
static size_t put_term(qst_token *tokens, size_t n, const qst_term *term, double factor)
{
    const qst_variable variables[2] = {term->a, term->b};
    double coefficient = factor * term->coefficient;
    bool any = false;
    for (int i = 0; i < 2; i++) {
        if (variables[i] == QST_ONE)
            continue;
        n = put(tokens, n, QST_OPERATOR_VARIABLE, (uint32_t)(variables[i] - 1), 0);
        if (any)
            n = put(tokens, n, QST_OPERATOR_MULTIPLY, 0, 0);
        any = true;
    }
    if (coefficient == -1)
        return put(tokens, n, QST_OPERATOR_NEGATE, 0, 0);
    if (coefficient != 1) {
        n = put(tokens, n, QST_OPERATOR_NUMBER, 0, coefficient);
        n = put(tokens, n, QST_OPERATOR_MULTIPLY, 0, 0);
    }
    return n;
}

/* An angle as an expression over tokens[MAX_TOKENS]. */
static qst_status expression(qsti_emitter *e, const qst_term *terms, size_t n_terms, double factor, double number,
                             qst_token *tokens, qst_expression *out)
{
    size_t n = 0;
    if (n_terms * 6 + 2 > MAX_TOKENS) {
        return qsti_fail(e->ctx, QST_ERR_UNSUPPORTED, "an angle of %zu terms, more than %d", n_terms,
                         (MAX_TOKENS - 2) / 6);
    }
    for (size_t i = 0; i < n_terms; i++) {
        n = put_term(tokens, n, &terms[i], factor);
        if (i > 0)
            n = put(tokens, n, QST_OPERATOR_ADD, 0, 0);
    }
    if (number != 0 || n == 0) {
        n = put(tokens, n, QST_OPERATOR_NUMBER, 0, number);
        if (n > 1)
            n = put(tokens, n, QST_OPERATOR_ADD, 0, 0);
    }
    *out = (qst_expression){tokens, n};
    return QST_OK;
}

static qst_status add(qsti_emitter *e, qst_instruction *instruction)
{
    instruction->condition = QST_NO_CONDITION;
    if (e->condition != 0) {
        const qsti_guard *condition = &e->store->conditions[e->condition - 1];
        instruction->condition = condition->bits;
        instruction->condition_value = condition->value;
    }
    return qst_assembly_add(e->builder, instruction);
}

qst_status qsti_emit_gate(qsti_emitter *e, qst_gate gate, const uint32_t *wires, const qsti_angle *angles)
{
    const qst_gate_info *info = qst_gate_describe(gate);
    qst_token tokens[3][MAX_TOKENS];
    qst_expression expressions[3];
    qst_status status = QST_OK;
    for (int i = 0; i < info->n_angles; i++) {
        const qsti_range range =
            angles[i].polynomial == SIZE_MAX ? (qsti_range){0, 0} : e->store->polynomials[angles[i].polynomial];
        QSTI_TRY(expression(e, e->store->terms + range.first, range.count, angles[i].factor, angles[i].number,
                            tokens[i], &expressions[i]));
    }
    qst_instruction instruction = {.kind = QST_INSTRUCTION_GATE,
                                   .gate = gate,
                                   .qubits = wires,
                                   .n_qubits = (size_t)info->n_qubits,
                                   .angles = expressions,
                                   .n_angles = (size_t)info->n_angles,
                                   .bit = QST_NO_BIT};
    status = add(e, &instruction);
done:
    return status;
}

/* A phase as a gate. */
static qst_status emit_gphase(qsti_emitter *e, qsti_angle phase)
{
    const qsti_angle angles[3] = {phase, QSTI_NUMBER(0), QSTI_NUMBER(0)};
    return qsti_emit_gate(e, QST_GATE_gphase, NULL, angles);
}

qst_status qsti_emit_phase(qsti_emitter *e, qsti_angle phase)
{
    if (e->condition != 0 && phase.polynomial != SIZE_MAX)
        return emit_gphase(e, phase);
    if (e->condition != 0) {
        qsti_add_phase(&e->held, phase.number);
        return QST_OK;
    }
    qsti_add_phase(&e->phase, phase.number);
    if (phase.polynomial == SIZE_MAX)
        return QST_OK;
    const qsti_range range = e->store->polynomials[phase.polynomial];
    return qsti_store_phase(e->store, phase.factor, e->store->terms + range.first, range.count);
}

/* --- nodes -------------------------------------------------------------------------------------------------------- */

static qst_status emit_fence(qsti_emitter *e, const qsti_node *node, const uint32_t *wires, size_t n)
{
    qst_instruction instruction = {.kind = QST_INSTRUCTION_BARRIER, .qubits = wires, .n_qubits = n, .bit = QST_NO_BIT};
    if (node->kind == QSTI_NODE_MEASURE) {
        instruction.kind = QST_INSTRUCTION_MEASURE;
        instruction.bit = node->extra;
    } else if (node->kind == QSTI_NODE_RESET) {
        instruction.kind = QST_INSTRUCTION_RESET;
    }
    return add(e, &instruction);
}

static qst_status emit_node(qsti_emitter *e, const qsti_node *node)
{
    switch ((qsti_node_kind)node->kind) {
    case QSTI_NODE_PAIR:
        return qsti_emit_pair(e, node);
    case QSTI_NODE_SPIN:
        return qsti_emit_spin(e, node);
    case QSTI_NODE_LOCAL:
        e->pending[node->wires[0]] = qsti_su2_product(node->k[0], e->pending[node->wires[0]]);
        return QST_OK;
    case QSTI_NODE_PHASE:
        return qsti_emit_phase(e, (qsti_angle){node->c[0], 1, node->extra == 0 ? SIZE_MAX : (size_t)node->extra - 1});
    case QSTI_NODE_NONE:
        return QST_OK;
    case QSTI_NODE_MEASURE:
    case QSTI_NODE_RESET:
    case QSTI_NODE_BARRIER:
        break;
    }
    size_t n;
    const uint32_t *wires = qsti_node_wires(e->store, node, &n);
    return emit_fence(e, node, wires, n);
}

/* Writes what is pending on the wires of nodes first..end-1. */
static qst_status emit_pending_of(qsti_emitter *e, size_t first, size_t end)
{
    for (size_t i = first; i < end; i++) {
        size_t n;
        const uint32_t *wires = qsti_node_wires(e->store, &e->nodes[i], &n);
        for (size_t k = 0; k < n; k++) {
            qst_status status = qsti_emit_pending(e, wires[k], QSTI_KEEP_NOTHING);
            if (status != QST_OK)
                return status;
        }
    }
    return QST_OK;
}

static double snapped_phase(double phase)
{
    double number = remainder(phase, 2 * QSTI_PI), steps = nearbyint(number / (QSTI_PI / 4));
    return fabs(number - steps * (QSTI_PI / 4)) < 1e-13 ? steps * (QSTI_PI / 4) : number;
}

/* Nodes first..end-1, all under one condition: what is pending goes out before them without it, what they leave with
 * it. */
static qst_status emit_closed(qsti_emitter *e, size_t first, size_t end)
{
    qst_status status = QST_OK;
    QSTI_TRY(emit_pending_of(e, first, end));
    e->condition = e->nodes[first].condition;
    e->held = 0;
    for (size_t i = first; i < end; i++) {
        e->at = (uint32_t)i;
        QSTI_TRY(emit_node(e, &e->nodes[i]));
    }
    QSTI_TRY(emit_pending_of(e, first, end));
    const double held = snapped_phase(e->held);
    if (held != 0)
        status = emit_gphase(e, QSTI_NUMBER(held));
done:
    e->condition = 0;
    return status;
}

static bool is_unitary(const qsti_node *node)
{
    return node->kind == QSTI_NODE_PAIR || node->kind == QSTI_NODE_SPIN || node->kind == QSTI_NODE_LOCAL ||
           node->kind == QSTI_NODE_PHASE;
}

static qst_status emit_whole_phase(qsti_emitter *e)
{
    double number = snapped_phase(e->phase);
    qst_status status = QST_OK;
    for (size_t first = 0; (number != 0 || first < e->store->n_phase) && status == QST_OK; first += QSTI_MOST_TERMS) {
        qst_token tokens[MAX_TOKENS];
        qst_expression angle;
        size_t left = e->store->n_phase < first ? 0 : e->store->n_phase - first;
        size_t n = left < QSTI_MOST_TERMS ? left : QSTI_MOST_TERMS;
        QSTI_TRY(expression(e, e->store->phase + first, n, 1, number, tokens, &angle));
        qst_instruction instruction = {
            .kind = QST_INSTRUCTION_GATE, .gate = QST_GATE_gphase, .angles = &angle, .n_angles = 1, .bit = QST_NO_BIT};
        status = add(e, &instruction);
        number = 0;
    }
done:
    return status;
}

/* Which node follows each on its wires; what is on many wires or on bits alone counts as nothing. */
static qst_status find_next(qst_ctx *ctx, const qsti_sequence *sequence, uint32_t (**out)[2])
{
    uint32_t *later = NULL, (*next)[2] = NULL;
    qst_status status = QST_OK;
    QSTI_TRY(QSTI_NEW(ctx, sequence->n_wires, &later));
    QSTI_TRY(QSTI_NEW(ctx, sequence->n_nodes, &next));
    memset(later, 0xff, sequence->n_wires * sizeof *later);
    for (size_t i = sequence->n_nodes; i-- > 0;) {
        const qsti_node *node = &sequence->nodes[i];
        size_t n;
        const uint32_t *wires = qsti_node_wires(sequence->store, node, &n);
        next[i][0] = next[i][1] = UINT32_MAX;
        for (size_t k = 0; k < n; k++) {
            if (k < 2)
                next[i][k] = later[wires[k]];
            later[wires[k]] = node->kind == QSTI_NODE_BARRIER ? UINT32_MAX : (uint32_t)i;
        }
    }
    *out = next;
    next = NULL;
done:
    qsti_free(ctx, later);
    qsti_free(ctx, next);
    return status;
}

qst_status qsti_emit(qst_ctx *ctx, const qsti_sequence *sequence, const qsti_basis *basis,
                     const qsti_coupling *coupling, qst_assembly_builder *builder)
{
    qsti_emitter e = {.ctx = ctx,
                      .basis = basis,
                      .coupling = coupling,
                      .store = sequence->store,
                      .builder = builder,
                      .phase = sequence->phase,
                      .nodes = sequence->nodes};
    uint32_t(*next)[2] = NULL;
    qst_status status = QST_OK;
    QSTI_TRY(find_next(ctx, sequence, &next));
    e.next = (const uint32_t(*)[2])next;
    QSTI_TRY(QSTI_NEW(ctx, sequence->n_wires, &e.pending));
    for (size_t wire = 0; wire < sequence->n_wires; wire++)
        e.pending[wire] = qsti_su2_one();
    for (size_t i = 0, end; i < sequence->n_nodes; i = end) {
        const qsti_node *node = &sequence->nodes[i];
        end = i + 1;
        e.at = (uint32_t)i;
        if (is_unitary(node) && node->condition == 0) {
            QSTI_TRY(emit_node(&e, node));
            continue;
        }
        while (is_unitary(node) && end < sequence->n_nodes && is_unitary(&sequence->nodes[end]) &&
               sequence->nodes[end].condition == node->condition)
            end++;
        QSTI_TRY(emit_closed(&e, i, end));
    }
    for (uint32_t wire = 0; wire < sequence->n_wires; wire++)
        QSTI_TRY(qsti_emit_pending(&e, wire, QSTI_KEEP_NOTHING));
    QSTI_TRY(emit_whole_phase(&e));
done:
    qsti_free(ctx, e.pending);
    qsti_free(ctx, next);
    return status;
}
