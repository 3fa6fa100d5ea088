/* expansion_size.c: the size of an expansion, in time linear in the assembly and not in the expansion.
 *
 * The size of a body under k controls, or inverted, is the sum over its instructions, with sizes of the bodies that it
 * calls; bodies call only earlier ones, so there is no cycle. The bodies whose sum is not finished lie on a stack of
 * their own: nesting is as deep as a stranger likes. Sums saturate. */
#include "assembly/expansion_size.h"

typedef struct counting {
    size_t definition, n_controls;
    bool inverse;
    size_t next; /* instruction of the body */
    qsti_size sum;
} counting;

/* Bodies that are being counted, the innermost last. */
typedef struct counting_stack {
    counting *bodies;
    size_t n, capacity;
} counting_stack;

qst_status qsti_sizes_create(const qst_assembly *assembly, qsti_sizes **out)
{
    qsti_sizes *sizes = NULL;
    qst_status status = QSTI_NEW(assembly->ctx, 1, &sizes);

    if (status == QST_OK) {
        sizes->assembly = assembly;
        *out = sizes;
    }
    return status;
}

void qsti_sizes_free(qsti_sizes *sizes)
{
    if (!sizes)
        return;
    qst_ctx *ctx = sizes->assembly->ctx;
    for (size_t i = 0; i < sizeof sizes->layers / sizeof *sizes->layers; i++)
        qsti_free(ctx, sizes->layers[i]);
    qsti_free(ctx, sizes);
}

static size_t layer_of(size_t n_controls, bool inverse)
{
    return 2 * n_controls + (inverse ? 1 : 0);
}

qsti_size qsti_sizes_body(const qsti_sizes *sizes, size_t definition, size_t n_controls, bool inverse)
{
    return sizes->layers[layer_of(n_controls, inverse)][definition];
}

static uint64_t saturated(uint64_t a, uint64_t b)
{
    uint64_t sum;
    return __builtin_add_overflow(a, b, &sum) ? UINT64_MAX : sum;
}

static qst_status count_one(void *user, qst_gate gate, const uint32_t *qubits, const qsti_linear *angles)
{
    (void)gate;
    (void)qubits;
    (void)angles;
    ++*(uint64_t *)user;
    return QST_OK;
}

static uint64_t size_of_gate(qsti_sizes *sizes, qst_gate gate, size_t n_controls, bool inverse)
{
    static const uint32_t any[QSTI_MAX_CONTROLS + QST_MAX_GATE_QUBITS] = {0};
    uint64_t *known = &sizes->gates[gate][layer_of(n_controls, inverse)];

    if (*known == 0) {
        uint64_t steps = 0;
        (void)qsti_gate_expand(gate, inverse, any, n_controls, any, count_one, &steps);
        *known = steps + 1;
    }
    return *known - 1;
}

/* What an instruction costs besides what it expands to. */
static uint64_t work_of(const qst_assembly *assembly, const qsti_instruction *instruction)
{
    uint64_t work = 1 + (uint64_t)instruction->n_qubits;
    for (size_t i = 0; i < instruction->n_angles; i++)
        work += assembly->angles[instruction->first_angle + i].n_tokens;
    return work;
}

/* The size of an instruction, when it is a call that of its body; false when that is not known yet. */
static bool size_of_instruction(qsti_sizes *sizes, const qsti_instruction *instruction, size_t n_controls, bool inverse,
                                qsti_size *out)
{
    uint64_t work = work_of(sizes->assembly, instruction);

    switch (instruction->kind) {
    case QST_INSTRUCTION_GATE:
        out->steps = size_of_gate(sizes, (qst_gate)instruction->what, n_controls, inverse);
        break;
    case QST_INSTRUCTION_CALL: {
        const qsti_size *layer = sizes->layers[layer_of(n_controls, inverse)];
        if (!layer || layer[instruction->what].work == 0)
            return false;
        out->steps = layer[instruction->what].steps;
        if (out->steps > 0) /* else it is not entered */
            work = saturated(work, layer[instruction->what].work);
        break;
    }
    default:
        out->steps = 1;
        break;
    }
    out->work = saturated(work, out->steps);
    return true;
}

static qst_status check_call(const qst_assembly *assembly, const qsti_instruction *instruction, size_t n_controls)
{
    if (n_controls > QSTI_MAX_CONTROLS)
        return qsti_fail(assembly->ctx, QST_ERR_UNSUPPORTED, "%zu controls on one gate; at most %d can be expanded",
                         n_controls, QSTI_MAX_CONTROLS);
    if (instruction->kind == QST_INSTRUCTION_CALL && assembly->definitions[instruction->what].about.opaque)
        return qsti_fail(assembly->ctx, QST_ERR_UNSUPPORTED, "gate %.80s is opaque: it has no body",
                         assembly->definitions[instruction->what].about.name);
    return QST_OK;
}

/* Begins to count a body. */
static qst_status push(qsti_sizes *sizes, counting_stack *stack, size_t definition, size_t n_controls, bool inverse)
{
    qst_ctx *ctx = sizes->assembly->ctx;
    qsti_size **layer = &sizes->layers[layer_of(n_controls, inverse)];
    qst_status status = QST_OK;

    if (!*layer)
        QSTI_TRY(QSTI_NEW(ctx, sizes->assembly->n_definitions, layer));
    if (stack->n == stack->capacity) {
        size_t capacity = 2 * stack->capacity + 16;
        QSTI_TRY(QSTI_GROW(ctx, capacity, &stack->bodies));
        stack->capacity = capacity;
    }
    stack->bodies[stack->n++] = (counting){definition, n_controls, inverse, 0, {0, 1}};
done:
    return status;
}

/* Goes on with the innermost body: to its end, or to a call of one that must be counted before. */
static qst_status go_on(qsti_sizes *sizes, counting_stack *stack)
{
    const qst_assembly *assembly = sizes->assembly;
    counting *at = &stack->bodies[stack->n - 1];
    const qsti_definition *definition = &assembly->definitions[at->definition];

    for (; at->next < definition->about.n_instructions; at->next++) {
        const qsti_instruction *instruction = &assembly->bodies[definition->first + at->next];
        size_t n_controls = at->n_controls + instruction->n_controls;
        bool inverse = at->inverse != instruction->inverse;
        qst_status status = check_call(assembly, instruction, n_controls);
        if (status != QST_OK)
            return status;
        qsti_size size;
        if (!size_of_instruction(sizes, instruction, n_controls, inverse, &size))
            return push(sizes, stack, instruction->what, n_controls, inverse);
        at->sum.steps = saturated(at->sum.steps, size.steps);
        at->sum.work = saturated(at->sum.work, size.work);
    }
    sizes->layers[layer_of(at->n_controls, at->inverse)][at->definition] = at->sum;
    stack->n--;
    return QST_OK;
}

static qst_status count_instruction(qsti_sizes *sizes, counting_stack *stack, const qsti_instruction *instruction,
                                    qsti_size *out)
{
    size_t n_controls = instruction->n_controls;
    qst_status status;

    QSTI_TRY(check_call(sizes->assembly, instruction, n_controls));
    if (size_of_instruction(sizes, instruction, n_controls, instruction->inverse, out))
        return QST_OK;
    QSTI_TRY(push(sizes, stack, instruction->what, n_controls, instruction->inverse));
    while (stack->n > 0)
        QSTI_TRY(go_on(sizes, stack));
    (void)size_of_instruction(sizes, instruction, n_controls, instruction->inverse, out);
done:
    return status;
}

qst_status qsti_sizes_count(qsti_sizes *sizes, qsti_size *out)
{
    const qst_assembly *assembly = sizes->assembly;
    counting_stack stack = {NULL, 0, 0};
    qsti_size sum = {0, 0};
    qst_status status = QST_OK;

    for (size_t i = 0; i < assembly->n_instructions; i++) {
        const qsti_instruction *instruction = &assembly->instructions[i];
        qsti_size size = {0, 0};
        status = count_instruction(sizes, &stack, instruction, &size);
        if (status != QST_OK) {
            qst_instruction shown;
            qsti_instruction_show(assembly, instruction, &shown);
            status = qsti_fail_within(assembly->ctx, status, "instruction %zu (%.80s)", i,
                                      qst_instruction_name(assembly, &shown));
            goto done;
        }
        sum.steps = saturated(sum.steps, size.steps);
        sum.work = saturated(sum.work, size.work);
    }
    *out = sum;
done:
    qsti_free(assembly->ctx, stack.bodies);
    return status;
}
