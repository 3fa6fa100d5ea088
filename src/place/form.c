/* form.c: forms of a circuit that lie on edges; see form.h. */
#include "place/form.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"

/* --- interactions ------------------------------------------------------------------------------------------------- */

static int compare_edges(const void *a, const void *b)
{
    const uint32_t *left = a, *right = b;
    if (left[0] != right[0])
        return left[0] < right[0] ? -1 : 1;
    return (left[1] > right[1]) - (left[1] < right[1]);
}

/* The pairs on which the assembly has gates, and how many. */
static qst_status find_edges(qsti_form *form, const qst_assembly *assembly)
{
    qst_ctx *ctx = form->target->ctx;
    const size_t n_all = qst_assembly_instructions(assembly);
    uint32_t(*edges)[2] = NULL;
    size_t n = 0;
    qst_status status = QST_OK;
    QSTI_TRY(QSTI_NEW(ctx, n_all + 1, &edges));
    QSTI_TRY(QSTI_NEW(ctx, n_all + 1, &form->weights));
    for (size_t i = 0; i < n_all; i++) {
        qst_instruction instruction;
        qst_assembly_instruction(assembly, i, &instruction);
        if (instruction.kind != QST_INSTRUCTION_GATE || instruction.n_qubits != 2)
            continue;
        const uint32_t a = instruction.qubits[0], b = instruction.qubits[1];
        edges[n][0] = a < b ? a : b;
        edges[n++][1] = a < b ? b : a;
    }
    qsort(edges, n, sizeof *edges, compare_edges);
    for (size_t i = 0; i < n; i++) {
        if (form->n_edges == 0 || compare_edges(edges[form->n_edges - 1], edges[i]) != 0)
            memcpy(edges[form->n_edges++], edges[i], sizeof *edges);
        form->weights[form->n_edges - 1]++;
    }
    form->edges = edges;
    edges = NULL;
done:
    qsti_free(ctx, edges);
    return status;
}

static uint32_t edge_of(const qsti_form *form, uint32_t a, uint32_t b)
{
    const uint32_t key[2] = {a < b ? a : b, a < b ? b : a};
    const uint32_t(*found)[2] =
        (const uint32_t(*)[2])bsearch(key, form->edges, form->n_edges, sizeof *form->edges, compare_edges);
    return found ? (uint32_t)(found - (const uint32_t(*)[2])form->edges) : UINT32_MAX;
}

/* --- native forms ------------------------------------------------------------------------------------------------- */

static uint32_t root(const uint32_t *parent, uint32_t wire)
{
    while (parent[wire] != wire)
        wire = parent[wire];
    return wire;
}

/* The map for the transpiler: the edges in their directions. Parts are tied to the first wire's so that the map is in
 * one piece; nothing is ever moved over these ties, since no interaction needs to be brought together. */
static qst_status write_map(const qsti_form *form, const uint8_t *kinds, char **out)
{
    qsti_text text;
    uint32_t *parent = NULL;
    qst_status status = QSTI_NEW(form->target->ctx, form->n_wires, &parent);
    if (status != QST_OK)
        return status;
    qsti_text_init(&text, form->target->ctx);
    for (uint32_t wire = 0; wire < form->n_wires; wire++)
        parent[wire] = wire;
    for (size_t e = 0; e < form->n_edges; e++) {
        uint32_t a = form->edges[e][0], b = form->edges[e][1];
        bool turned = kinds[e] == QSTI_BACK;
        qsti_text_add(&text, "%s%u%c%u", text.length ? "," : "", turned ? b : a,
                      kinds[e] == (QSTI_THERE | QSTI_BACK) ? '-' : '>', turned ? a : b);
        parent[root(parent, a)] = root(parent, b);
    }
    for (uint32_t wire = 1; wire < form->n_wires; wire++) {
        if (root(parent, wire) != root(parent, 0)) {
            qsti_text_add(&text, "%s0-%u", text.length ? "," : "", wire);
            parent[root(parent, wire)] = root(parent, 0);
        }
    }
    if (form->n_wires == 1)
        qsti_text_add(&text, "full");
    qsti_free(form->target->ctx, parent);
    if (text.status != QST_OK) {
        status = text.status;
        qsti_text_clear(&text);
        return status;
    }
    *out = text.bytes;
    return QST_OK;
}

static qst_status count_gates(const qsti_form *form, qsti_native *native)
{
    const qsti_target *target = form->target;
    qst_status status = QST_OK;
    QSTI_TRY(QSTI_NEW(target->ctx, form->n_wires * target->n_locals, &native->locals));
    QSTI_TRY(QSTI_NEW(target->ctx, form->n_edges + 1, &native->pairs));
    for (size_t i = 0; i < qst_assembly_instructions(native->assembly); i++) {
        qst_instruction instruction;
        qst_assembly_instruction(native->assembly, i, &instruction);
        const uint32_t *q = instruction.qubits;
        if (instruction.kind != QST_INSTRUCTION_GATE || instruction.n_qubits == 0)
            continue;
        uint32_t e = instruction.n_qubits == 2 ? edge_of(form, q[0], q[1]) : 0;
        if (instruction.n_qubits > 2 || e == UINT32_MAX)
            return qsti_fail(target->ctx, QST_ERR_INTERNAL, "place: %s on qubits that do not interact",
                             qst_instruction_name(native->assembly, &instruction));
        if (instruction.n_qubits == 2)
            native->pairs[e][q[0] > q[1]]++;
        for (size_t l = 0; l < target->n_locals && instruction.n_qubits == 1; l++)
            native->locals[q[0] * target->n_locals + l] += target->locals[l] == instruction.gate;
    }
done:
    return status;
}

static void native_clear(qst_ctx *ctx, qsti_native *native)
{
    qsti_free(ctx, native->kinds);
    qst_assembly_free(native->assembly);
    qsti_free(ctx, native->final);
    qsti_free(ctx, native->locals);
    qsti_free(ctx, native->pairs);
    *native = (qsti_native){.kinds = NULL};
}

static qst_status make_native(const qsti_form *form, const uint8_t *kinds, qsti_native *out)
{
    qst_ctx *ctx = form->target->ctx;
    qsti_native native = {.kinds = NULL};
    qst_placement placement = {0};
    char *map = NULL;
    qst_status status = QST_OK;
    QSTI_TRY(QSTI_NEW(ctx, form->n_edges + 1, &native.kinds));
    memcpy(native.kinds, kinds, form->n_edges);
    QSTI_TRY(QSTI_NEW(ctx, form->n_wires, &native.final));
    QSTI_TRY(write_map(form, kinds, &map));
    const qst_transpile_opts opts = {.basis = form->target->basis,
                                     .coupling = map,
                                     .seed = form->target->opts.seed,
                                     .level = form->level,
                                     .keep_layout = true};
    QSTI_TRY(qst_transpile(form->assembly, &opts, &native.assembly, &placement));
    for (uint32_t wire = 0; wire < form->n_wires; wire++) {
        if (placement.initial[wire] != wire || placement.exchanges != 0)
            QSTI_TRY(qsti_fail(ctx, QST_ERR_INTERNAL, "place: an interaction on an edge was moved"));
        native.final[wire] = placement.final[wire];
    }
    QSTI_TRY(count_gates(form, &native));
    *out = native;
    native = (qsti_native){.kinds = NULL};
done:
    qst_placement_clear(form->assembly, &placement);
    qsti_free(ctx, map);
    native_clear(ctx, &native);
    return status;
}

qst_status qsti_form_native(qsti_form *form, const uint8_t *kinds, size_t *out)
{
    for (size_t i = 0; i < form->n_natives; i++) {
        if (memcmp(form->natives[i].kinds, kinds, form->n_edges) == 0) {
            *out = i;
            return QST_OK;
        }
    }
    qst_status status = qsti_check_interrupt(form->target->ctx);
    if (status == QST_OK && form->n_natives == form->natives_capacity) {
        status = QSTI_GROW(form->target->ctx, 2 * form->natives_capacity + 8, &form->natives);
        if (status == QST_OK)
            form->natives_capacity = 2 * form->natives_capacity + 8;
    }
    if (status == QST_OK)
        status = make_native(form, kinds, &form->natives[form->n_natives]);
    if (status == QST_OK)
        *out = form->n_natives++;
    return status;
}

/* --- the whole ---------------------------------------------------------------------------------------------------- */

qst_status qsti_form_create(const qsti_target *target, qst_assembly *assembly, qst_transpile_level level,
                            size_t n_circuit, const uint32_t *initial, const uint32_t *final, size_t exchanges,
                            qsti_form *out)
{
    qsti_form form = {.target = target,
                      .assembly = assembly,
                      .level = level,
                      .n_wires = qst_assembly_qubits(assembly),
                      .n_circuit = n_circuit,
                      .exchanges = exchanges};
    const qst_transpile_opts opts = {.basis = target->basis, .level = level};
    qst_assembly *anywhere = NULL;
    qst_status status = QST_OK;
    QSTI_TRY(QSTI_NEW(target->ctx, n_circuit, &form.initial));
    QSTI_TRY(QSTI_NEW(target->ctx, n_circuit, &form.final));
    for (uint32_t k = 0; k < n_circuit; k++) {
        form.initial[k] = initial ? initial[k] : k;
        form.final[k] = final ? final[k] : k;
    }
    status = qst_transpile(assembly, &opts, &anywhere, NULL);
    if (status == QST_ERR_USAGE) /* of the basis, which is the device's */
        status = qsti_fail_within(target->ctx, QST_ERR_UNSUPPORTED, "device %s", target->info.name);
    QSTI_TRY(status);
    QSTI_TRY(find_edges(&form, anywhere));
    *out = form;
    form = (qsti_form){.target = target};
done:
    qst_assembly_free(anywhere);
    qsti_form_clear(&form);
    return status;
}

void qsti_form_clear(qsti_form *form)
{
    qst_ctx *ctx = form->target ? form->target->ctx : NULL;
    if (ctx == NULL)
        return;
    for (size_t i = 0; i < form->n_natives; i++)
        native_clear(ctx, &form->natives[i]);
    qsti_free(ctx, form->natives);
    qst_assembly_free(form->assembly);
    qsti_free(ctx, form->initial);
    qsti_free(ctx, form->final);
    qsti_free(ctx, form->edges);
    qsti_free(ctx, form->weights);
    *form = (qsti_form){.target = NULL};
}

qst_status qsti_assembly_renumber(qst_ctx *ctx, const qst_assembly *assembly, const uint32_t *wires, size_t n_wires,
                                  qst_assembly **out)
{
    qst_assembly_builder *builder = NULL;
    qst_status status = qst_assembly_begin(ctx, &builder);
    if (status != QST_OK)
        return status;
    QSTI_TRY(qst_assembly_add_qubits(builder, "q", n_wires));
    for (size_t p = 0; p < qst_assembly_parameters(assembly); p++)
        QSTI_TRY(qst_assembly_add_parameter(builder, qst_assembly_parameter(assembly, p)));
    for (size_t i = 0; i < qst_assembly_instructions(assembly); i++) {
        qst_instruction instruction;
        uint32_t moved[QST_MAX_GATE_QUBITS];
        qst_assembly_instruction(assembly, i, &instruction);
        for (size_t k = 0; k < instruction.n_qubits && k < QST_MAX_GATE_QUBITS; k++)
            moved[k] = wires[instruction.qubits[k]];
        instruction.qubits = moved;
        QSTI_TRY(qst_assembly_add(builder, &instruction));
    }
    return qst_assembly_finish(builder, out);
done:
    qst_assembly_abandon(builder);
    return status;
}
