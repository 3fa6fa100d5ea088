/* pauli_schedule.c: ops -> passes: lists of elements become spans, starts and trailing tables are found, neighbouring
 * maps go in pairs; rotations go with the pass in front of them. */
#include "pauli/pauli_engine.h"

/* Elements of an op one behind the other. */
static qst_status make_spans(qsti_pauli_engine *engine)
{
    qst_status status = QST_OK;
    qsti_pauli_element *sorted = NULL;
    size_t n = 0;
    QSTI_TRY(QSTI_NEW(engine->ctx, engine->n_elements, &sorted));
    for (size_t i = 0; i < engine->n_ops; i++) {
        qsti_pauli_op *op = &engine->ops[i];
        uint32_t first = (uint32_t)n;
        for (uint32_t e = op->first; e != QSTI_PAULI_NONE; e = engine->elements[e].next)
            sorted[n++] = engine->elements[e];
        op->first = first;
        op->count = (uint32_t)n - first;
        if (op->kind != QSTI_OP_MAP)
            continue;
        op->slot = (uint32_t)(op->per_lane ? engine->n_lane_maps++ : engine->n_shared_maps++);
        engine->most_elements = op->count > engine->most_elements ? op->count : engine->most_elements;
    }
    qsti_free(engine->ctx, engine->elements);
    engine->elements = sorted;
done:
    return status;
}

/* Qubits whose first op is a map begin with it. */
static void find_starts(qsti_pauli_engine *engine)
{
    uint32_t seen = 0;
    for (size_t q = 0; q < QSTI_PAULI_MOST_QUBITS; q++)
        engine->start[q] = QSTI_PAULI_NONE;
    for (size_t i = 0; i < engine->n_ops && engine->preparation != QST_PREPARE_AMPLITUDE; i++) {
        const qsti_pauli_op *op = &engine->ops[i];
        if (op->kind == QSTI_OP_MAP && !(seen & op->qubits))
            engine->start[op->qubit] = (uint32_t)i;
        seen |= op->qubits;
    }
}

static bool is_start(const qsti_pauli_engine *engine, size_t i)
{
    return engine->ops[i].kind == QSTI_OP_MAP && engine->start[engine->ops[i].qubit] == i;
}

/* Tables that everything behind commutes with; the last stands first. */
static qst_status find_trailing(qsti_pauli_engine *engine)
{
    qst_status status = QST_OK;
    uint32_t behind = 0;
    QSTI_TRY(QSTI_NEW(engine->ctx, engine->n_ops, &engine->trailing));
    for (size_t i = engine->n_ops; i-- > 0;) {
        const qsti_pauli_op *op = &engine->ops[i];
        if (op->kind == QSTI_OP_TABLE && !(op->qubits & behind))
            engine->trailing[engine->n_trailing++] = (uint32_t)i;
        else
            behind |= op->qubits;
    }
done:
    return status;
}

static bool is_trailing(const qsti_pauli_engine *engine, size_t i)
{
    for (size_t t = 0; t < engine->n_trailing; t++)
        if (engine->trailing[t] == i)
            return true;
    return false;
}

/* The maps ops[list[0 .. n)], of different qubits, in pairs from the highest qubit on. */
static void add_maps(qsti_pauli_engine *engine, uint32_t *list, size_t n)
{
    for (size_t i = 1; i < n; i++) {
        for (size_t j = i; j > 0 && engine->ops[list[j - 1]].qubit < engine->ops[list[j]].qubit; j--) {
            uint32_t was = list[j];
            list[j] = list[j - 1];
            list[j - 1] = was;
        }
    }
    for (size_t i = 0; i < n; i += 2) {
        qsti_pauli_pass *pass = &engine->passes[engine->n_passes++];
        bool pair = i + 1 < n;
        *pass = (qsti_pauli_pass){.kind = QSTI_OP_MAP, .n_ops = pair ? 2 : 1, .op = {list[i], list[i]}};
        if (pair)
            pass->op[0] = list[i + 1];
    }
}

static qst_status make_stages(qsti_pauli_engine *engine)
{
    qst_status status = QST_OK;
    QSTI_TRY(QSTI_NEW(engine->ctx, engine->n_passes, &engine->stages));
    for (size_t i = 0; i < engine->n_passes; i++) {
        if (engine->passes[i].kind != QSTI_OP_ROTATION)
            engine->stages[engine->n_stages++] = (qsti_pauli_stage){(uint32_t)i, 1};
        else if (engine->n_stages == 0)
            engine->n_first++;
        else
            engine->stages[engine->n_stages - 1].count++;
    }
done:
    return status;
}

qst_status qsti_pauli_schedule(qsti_pauli_engine *engine)
{
    qst_status status = QST_OK;
    uint32_t maps[QSTI_PAULI_MOST_QUBITS];
    size_t n_maps = 0;
    QSTI_TRY(make_spans(engine));
    find_starts(engine);
    QSTI_TRY(find_trailing(engine));
    QSTI_TRY(QSTI_NEW(engine->ctx, engine->n_ops, &engine->passes));
    for (size_t i = 0; i < engine->n_ops; i++) {
        const qsti_pauli_op *op = &engine->ops[i];
        if (is_start(engine, i) || (op->kind == QSTI_OP_TABLE && is_trailing(engine, i)))
            continue;
        if (op->kind == QSTI_OP_MAP) {
            maps[n_maps++] = (uint32_t)i;
            continue;
        }
        add_maps(engine, maps, n_maps);
        n_maps = 0;
        engine->passes[engine->n_passes++] =
            (qsti_pauli_pass){.kind = op->kind, .n_ops = 1, .op = {(uint32_t)i, (uint32_t)i}};
    }
    add_maps(engine, maps, n_maps);
    QSTI_TRY(make_stages(engine));
done:
    return status;
}
