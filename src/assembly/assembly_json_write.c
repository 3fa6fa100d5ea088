/* assembly_json_write.c: an assembly as JSON, "qstill-assembly/1" (docs/formats.md): one instruction a line.
 *
 * Written as text and not by way of a tree: an instruction of a large circuit must not cost hundreds of bytes of memory
 * on the way. Numbers have the digits that read back exactly. */
#include <string.h>

#include "assembly/assembly.h"
#include "assembly/expression.h"
#include "base/json.h"

/* Constant text and whole numbers do not go by way of a format: they are most of what is written. */
static void add_text(qsti_text *text, const char *bytes)
{
    qsti_text_add_bytes(text, bytes, strlen(bytes));
}

static void add_index(qsti_text *text, uint32_t value)
{
    char digits[10], *first = digits + sizeof digits;
    do {
        *--first = (char)('0' + value % 10);
        value /= 10;
    } while (value > 0);
    qsti_text_add_bytes(text, first, (size_t)(digits + sizeof digits - first));
}

static void add_name(qsti_text *text, const char *name)
{
    qsti_json_add_string(text, name, strlen(name));
}

static void add_number(qsti_text *text, double value)
{
    char digits[32];
    qsti_format_double(value, digits);
    add_text(text, digits);
    if (strcmp(digits, "-0") == 0) /* an integer has no sign of zero */
        add_text(text, ".0");
}

static void add_expression(qsti_text *text, const qst_expression *expression)
{
    if (expression->n_tokens == 1 && expression->tokens[0].kind == QST_OPERATOR_NUMBER) {
        add_number(text, expression->tokens[0].number);
        return;
    }
    add_text(text, "\"");
    for (size_t i = 0; i < expression->n_tokens; i++) {
        const qst_token *token = &expression->tokens[i];
        add_text(text, i ? " " : "");
        if (token->kind == QST_OPERATOR_NUMBER) {
            add_number(text, token->number);
        } else if (token->kind == QST_OPERATOR_VARIABLE) {
            add_text(text, "$");
            add_index(text, token->variable);
        } else {
            add_text(text, qsti_operator_name(token->kind));
        }
    }
    add_text(text, "\"");
}

static void add_qubits(qsti_text *text, const qst_instruction *instruction)
{
    for (size_t i = 0; i < instruction->n_qubits; i++) {
        add_text(text, i ? ", " : "");
        add_index(text, instruction->qubits[i]);
    }
}

static void add_gate(qsti_text *text, const qst_assembly *assembly, const qst_instruction *instruction)
{
    add_text(text, instruction->kind == QST_INSTRUCTION_GATE ? "\"gate\": " : "\"call\": ");
    add_name(text, qst_instruction_name(assembly, instruction));
    add_text(text, ", \"qubits\": [");
    add_qubits(text, instruction);
    add_text(text, "]");
    if (instruction->n_angles > 0) {
        add_text(text, ", \"angles\": [");
        for (size_t i = 0; i < instruction->n_angles; i++) {
            add_text(text, i ? ", " : "");
            add_expression(text, &instruction->angles[i]);
        }
        add_text(text, "]");
    }
    if (instruction->n_controls > 0)
        qsti_text_add(text, ", \"controls\": %u", instruction->n_controls);
    if (instruction->inverse)
        add_text(text, ", \"inverse\": true");
}

static void add_instruction(qsti_text *text, const qst_assembly *assembly, const qsti_instruction *stored)
{
    qst_instruction instruction;

    qsti_instruction_show(assembly, stored, &instruction);
    add_text(text, "{");
    switch (instruction.kind) {
    case QST_INSTRUCTION_GATE:
    case QST_INSTRUCTION_CALL:
        add_gate(text, assembly, &instruction);
        break;
    case QST_INSTRUCTION_MEASURE:
        qsti_text_add(text, "\"measure\": %u", instruction.qubits[0]);
        if (instruction.bit != QST_NO_BIT)
            qsti_text_add(text, ", \"bit\": %u", instruction.bit);
        break;
    case QST_INSTRUCTION_RESET:
        qsti_text_add(text, "\"reset\": %u", instruction.qubits[0]);
        break;
    case QST_INSTRUCTION_BARRIER:
        add_text(text, "\"barrier\": [");
        add_qubits(text, &instruction);
        add_text(text, "]");
        break;
    }
    if (instruction.condition != QST_NO_CONDITION) {
        add_text(text, ", \"if\": [");
        add_name(text, assembly->bit_registers[instruction.condition].name);
        qsti_text_add(text, instruction.condition_value > (uint64_t)1 << 53 ? ", \"%llu\"]" : ", %llu]",
                      (unsigned long long)instruction.condition_value);
    }
    add_text(text, "}");
}

/* A list of instructions, one a line, its end behind 2 or 4 blanks. */
static void add_list(qsti_text *text, const qst_assembly *assembly, const qsti_instruction *list, size_t n, int indent)
{
    add_text(text, "[");
    for (size_t i = 0; i < n && text->status == QST_OK; i++) {
        add_text(text, i ? "," : "");
        add_text(text, indent == 2 ? "\n    " : "\n      ");
        add_instruction(text, assembly, &list[i]);
    }
    if (n > 0)
        add_text(text, indent == 2 ? "\n  " : "\n    ");
    add_text(text, "]");
}

static void add_registers(qsti_text *text, const char *key, const qst_register *registers, size_t n)
{
    qsti_text_add(text, "  \"%s\": [", key);
    for (size_t i = 0; i < n; i++) {
        qsti_text_add(text, "%s[", i ? ", " : "");
        add_name(text, registers[i].name);
        qsti_text_add(text, ", %zu]", registers[i].size);
    }
    add_text(text, "],\n");
}

static void add_names(qsti_text *text, const char *const *names, size_t n)
{
    add_text(text, "[");
    for (size_t i = 0; i < n; i++) {
        add_text(text, i ? ", " : "");
        add_name(text, names[i]);
    }
    add_text(text, "]");
}

static void add_definition(qsti_text *text, const qst_assembly *assembly, const qsti_definition *definition)
{
    const qst_definition *about = &definition->about;

    add_text(text, "{\"name\": ");
    add_name(text, about->name);
    add_text(text, ", \"qubits\": ");
    add_names(text, about->qubit_names, about->n_qubits);
    if (about->n_angles > 0) {
        add_text(text, ", \"angles\": ");
        add_names(text, about->angle_names, about->n_angles);
    }
    qsti_text_add(text, about->opaque ? ", \"opaque\": true" : ", \"body\": ");
    if (!about->opaque)
        add_list(text, assembly, assembly->bodies + definition->first, about->n_instructions, 4);
    add_text(text, "}");
}

qst_status qst_assembly_json_write(const qst_assembly *assembly, char **out, size_t *out_bytes)
{
    qsti_text text;

    qsti_text_init(&text, assembly->ctx);
    qsti_text_add(&text, "{\n  \"format\": \"qstill-assembly/1\",\n");
    add_registers(&text, "qubits", assembly->qubit_registers, assembly->n_qubit_registers);
    add_registers(&text, "bits", assembly->bit_registers, assembly->n_bit_registers);
    qsti_text_add(&text, "  \"parameters\": ");
    add_names(&text, assembly->parameters, assembly->n_parameters);
    qsti_text_add(&text, ",\n  \"definitions\": [");
    for (size_t i = 0; i < assembly->n_definitions && text.status == QST_OK; i++) {
        qsti_text_add(&text, "%s\n    ", i ? "," : "");
        add_definition(&text, assembly, &assembly->definitions[i]);
    }
    qsti_text_add(&text, "%s],\n  \"instructions\": ", assembly->n_definitions ? "\n  " : "");
    add_list(&text, assembly, assembly->instructions, assembly->n_instructions, 2);
    qsti_text_add(&text, "\n}\n");
    qst_status status = text.status;
    if (status != QST_OK) {
        qsti_text_clear(&text);
        return status;
    }
    *out = text.bytes;
    *out_bytes = text.length;
    return QST_OK;
}

void qst_assembly_json_free(const qst_assembly *assembly, char *text)
{
    qsti_free(assembly->ctx, text);
}
