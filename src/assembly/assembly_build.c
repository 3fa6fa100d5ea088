/* assembly_build.c: beginning and ending assemblies; their registers, parameters and definitions.
 *
 * A builder is an assembly that still grows: its arrays double. Everything that enters is checked here and in
 * assembly_add.c, and there alone, so whoever holds a qst_assembly need not check again; what fails changes nothing. */
#include "assembly/assembly_builder.h"

#define MAX_PARAMETERS ((size_t)INT32_MAX - 1) /* numbers of a qst_variable */

qst_status qsti_builder_reserve(qst_ctx *ctx, size_t used, size_t extra, size_t item_bytes, size_t *capacity,
                                void **items)
{
    size_t needed;
    if (!qsti_add(used, extra, &needed))
        return qsti_fail(ctx, QST_ERR_LIMIT, "assembly: %zu + %zu items are too many", used, extra);
    if (needed <= *capacity)
        return QST_OK;
    size_t grown = *capacity < 16 ? 16 : *capacity + *capacity / 2;
    if (grown < needed)
        grown = needed;
    qst_status status = qsti_resize(ctx, grown, item_bytes, items);
    if (status == QST_OK)
        *capacity = grown;
    return status;
}

const qst_assembly *qsti_assembly_growing(const qst_assembly_builder *builder)
{
    return builder->assembly;
}

/* --- beginning and ending ----------------------------------------------------------------------------------------- */

qst_status qst_assembly_begin(qst_ctx *ctx, qst_assembly_builder **out)
{
    qst_assembly_builder *builder = NULL;
    qst_status status;

    QSTI_TRY(QSTI_NEW(ctx, 1, &builder));
    status = QSTI_NEW(ctx, 1, &builder->assembly);
    if (status != QST_OK) {
        qsti_free(ctx, builder);
        goto done;
    }
    builder->assembly->ctx = ctx;
    *out = builder;
done:
    return status;
}

/* Gives back what the arrays have too much of. */
static qst_status trim(qst_assembly *assembly)
{
    qst_ctx *ctx = assembly->ctx;
    qst_status status;

    QSTI_TRY(QSTI_GROW(ctx, assembly->n_definitions, &assembly->definitions));
    QSTI_TRY(QSTI_GROW(ctx, assembly->n_instructions, &assembly->instructions));
    QSTI_TRY(QSTI_GROW(ctx, assembly->n_bodies, &assembly->bodies));
    QSTI_TRY(QSTI_GROW(ctx, assembly->n_pool_qubits, &assembly->qubits));
    QSTI_TRY(QSTI_GROW(ctx, assembly->n_pool_angles, &assembly->angles));
done:
    return status;
}

qst_status qst_assembly_finish(qst_assembly_builder *builder, qst_assembly **out)
{
    qst_assembly *assembly = builder->assembly;
    qst_ctx *ctx = assembly->ctx;
    qst_status status = QST_OK;

    if (builder->in_definition)
        status = qsti_fail(ctx, QST_ERR_INPUT, "gate %s: its definition has no end",
                           assembly->definitions[assembly->n_definitions - 1].about.name);
    if (status == QST_OK)
        status = trim(assembly);
    if (status == QST_OK) {
        builder->assembly = NULL;
        *out = assembly;
        qsti_free(ctx, builder->marks);
        qsti_free(ctx, builder);
    } else {
        qst_assembly_abandon(builder);
    }
    return status;
}

void qst_assembly_abandon(qst_assembly_builder *builder)
{
    if (!builder)
        return;
    qst_ctx *ctx = builder->assembly->ctx;
    qst_assembly_free(builder->assembly);
    qsti_free(ctx, builder->marks);
    qsti_free(ctx, builder);
}

/* --- names -------------------------------------------------------------------------------------------------------- */

static const char *const named[] = {"nothing", "a register of qubits", "a register of bits", "a parameter",
                                    "a gate definition"};

/* A name that is new, copied and entered. */
static qst_status take_name(qst_assembly_builder *builder, qsti_named kind, const char *name, size_t index,
                            const char **out)
{
    qst_assembly *assembly = builder->assembly;
    qst_ctx *ctx = assembly->ctx;
    size_t other;
    qst_status status;

    if (!name || !*name)
        return qsti_fail(ctx, QST_ERR_INPUT, "%s needs a name", named[kind]);
    qsti_named taken = qsti_name_table_find(&assembly->names, name, &other);
    if (taken != QSTI_NAMED_NOTHING)
        return qsti_fail(ctx, QST_ERR_INPUT, "\"%.80s\" is the name of %s already", name, named[taken]);
    const char *copy = NULL;
    QSTI_TRY(qsti_arena_copy(ctx, &assembly->arena, name, &copy));
    QSTI_TRY(qsti_name_table_add(ctx, &assembly->names, copy, kind, index));
    *out = copy;
done:
    return status;
}

static qst_status outside_definition(const qst_assembly_builder *builder, const char *what)
{
    const qst_assembly *assembly = builder->assembly;

    if (builder->in_definition)
        return qsti_fail(assembly->ctx, QST_ERR_INPUT, "%s inside the definition of gate %s", what,
                         assembly->definitions[assembly->n_definitions - 1].about.name);
    return QST_OK;
}

static qst_status check_size(qst_ctx *ctx, const char *name, const char *noun, size_t size, size_t n)
{
    if (size == 0)
        return qsti_fail(ctx, QST_ERR_INPUT, "register %.80s: 0 %s; a register has at least 1", name ? name : "", noun);
    if (size > QST_ASSEMBLY_MAX_QUBITS - n)
        return qsti_fail(ctx, QST_ERR_LIMIT, "register %.80s: %zu + %zu %s; there are at most %d", name ? name : "", n,
                         size, noun, QST_ASSEMBLY_MAX_QUBITS);
    return QST_OK;
}

qst_status qst_assembly_add_qubits(qst_assembly_builder *builder, const char *name, size_t size)
{
    qst_assembly *assembly = builder->assembly;
    qst_register entry = {NULL, assembly->n_qubits, size};
    qst_status status;

    QSTI_TRY(outside_definition(builder, "a register of qubits"));
    QSTI_TRY(check_size(assembly->ctx, name, "qubits", size, assembly->n_qubits));
    QSTI_TRY(QSTI_BUILDER_RESERVE(builder, qubit_registers, assembly->n_qubit_registers, 1));
    QSTI_TRY(take_name(builder, QSTI_NAMED_QUBITS, name, assembly->n_qubit_registers, &entry.name));
    assembly->qubit_registers[assembly->n_qubit_registers++] = entry;
    assembly->n_qubits += size;
done:
    return status;
}

qst_status qst_assembly_add_bits(qst_assembly_builder *builder, const char *name, size_t size)
{
    qst_assembly *assembly = builder->assembly;
    qst_register entry = {NULL, assembly->n_bits, size};
    qst_status status;

    QSTI_TRY(outside_definition(builder, "a register of bits"));
    QSTI_TRY(check_size(assembly->ctx, name, "bits", size, assembly->n_bits));
    QSTI_TRY(QSTI_BUILDER_RESERVE(builder, bit_registers, assembly->n_bit_registers, 1));
    QSTI_TRY(take_name(builder, QSTI_NAMED_BITS, name, assembly->n_bit_registers, &entry.name));
    assembly->bit_registers[assembly->n_bit_registers++] = entry;
    assembly->n_bits += size;
done:
    return status;
}

qst_status qst_assembly_add_parameter(qst_assembly_builder *builder, const char *name)
{
    qst_assembly *assembly = builder->assembly;
    const char *copy = NULL;
    qst_status status;

    QSTI_TRY(outside_definition(builder, "a parameter"));
    if (assembly->n_parameters >= MAX_PARAMETERS)
        return qsti_fail(assembly->ctx, QST_ERR_LIMIT, "parameter %.80s: there are at most %zu", name ? name : "",
                         MAX_PARAMETERS);
    QSTI_TRY(QSTI_BUILDER_RESERVE(builder, parameters, assembly->n_parameters, 1));
    QSTI_TRY(take_name(builder, QSTI_NAMED_PARAMETER, name, assembly->n_parameters, &copy));
    assembly->parameters[assembly->n_parameters++] = copy;
done:
    return status;
}

/* --- definitions -------------------------------------------------------------------------------------------------- */

/* Copies the names of a definition's qubits or angles; `seen` holds those before. */
static qst_status copy_names(qst_assembly_builder *builder, const char *gate, const char *const *names, size_t n,
                             qsti_name_table *seen, const char *const **out)
{
    qst_assembly *assembly = builder->assembly;
    qst_ctx *ctx = assembly->ctx;
    const char **copies = NULL;
    size_t other;
    qst_status status;

    QSTI_TRY(qsti_arena_take(ctx, &assembly->arena, n, sizeof *copies, (void **)&copies));
    for (size_t i = 0; i < n; i++) {
        if (!names[i] || !*names[i])
            return qsti_fail(ctx, QST_ERR_INPUT, "gate %.80s: each of its qubits and angles needs a name", gate);
        if (qsti_name_table_find(seen, names[i], &other) != QSTI_NAMED_NOTHING)
            return qsti_fail(ctx, QST_ERR_INPUT, "gate %.80s: two of its qubits and angles are called \"%.80s\"", gate,
                             names[i]);
        QSTI_TRY(qsti_arena_copy(ctx, &assembly->arena, names[i], &copies[i]));
        QSTI_TRY(qsti_name_table_add(ctx, seen, copies[i], QSTI_NAMED_PARAMETER, i));
    }
    *out = copies;
done:
    return status;
}

static qst_status copy_definition(qst_assembly_builder *builder, const qst_definition *from, qst_definition *to)
{
    qsti_name_table seen = {NULL, 0, 0};
    qst_ctx *ctx = builder->assembly->ctx;
    qst_status status;

    *to = (qst_definition){.n_qubits = from->n_qubits, .n_angles = from->n_angles, .opaque = from->opaque};
    if (from->n_qubits > QST_ASSEMBLY_MAX_QUBITS || from->n_angles > QST_ASSEMBLY_MAX_QUBITS) {
        return qsti_fail(ctx, QST_ERR_LIMIT, "gate %.80s: %zu qubits and %zu angles; there are at most %d of each",
                         from->name ? from->name : "", from->n_qubits, from->n_angles, QST_ASSEMBLY_MAX_QUBITS);
    }
    const char *name = from->name ? from->name : "";
    QSTI_TRY(copy_names(builder, name, from->angle_names, from->n_angles, &seen, &to->angle_names));
    QSTI_TRY(copy_names(builder, name, from->qubit_names, from->n_qubits, &seen, &to->qubit_names));
done:
    qsti_name_table_clear(ctx, &seen);
    return status;
}

qst_status qst_assembly_begin_definition(qst_assembly_builder *builder, const qst_definition *definition)
{
    qst_assembly *assembly = builder->assembly;
    qsti_definition entry = {.first = assembly->n_bodies};
    qst_status status;

    QSTI_TRY(outside_definition(builder, "a definition"));
    if (assembly->n_definitions >= QST_ASSEMBLY_MAX_INSTRUCTIONS)
        return qsti_fail(assembly->ctx, QST_ERR_LIMIT, "there are at most %d definitions",
                         QST_ASSEMBLY_MAX_INSTRUCTIONS);
    QSTI_TRY(QSTI_BUILDER_RESERVE(builder, definitions, assembly->n_definitions, 1));
    QSTI_TRY(copy_definition(builder, definition, &entry.about));
    QSTI_TRY(take_name(builder, QSTI_NAMED_DEFINITION, definition->name, assembly->n_definitions, &entry.about.name));
    assembly->definitions[assembly->n_definitions++] = entry;
    builder->in_definition = !entry.about.opaque;
done:
    return status;
}

qst_status qst_assembly_end_definition(qst_assembly_builder *builder)
{
    if (!builder->in_definition)
        return qsti_fail(builder->assembly->ctx, QST_ERR_INPUT, "the end of a definition, and none has begun");
    builder->in_definition = false;
    return QST_OK;
}
