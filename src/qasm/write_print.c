/* write_print.c: a lowered assembly as text, one statement a line, LF, ASCII.
 *
 * Numbers are the shortest decimals that read back as the same bits, made to contain a point; parentheses stand where
 * precedence asks for them, so that reading gives the same operations in the same order.
 */
#include <math.h>
#include <string.h>

#include "assembly/expression.h"
#include "qasm/write.h"

/* What is still to be printed: text, or an operand in tokens[first..end). */
typedef struct piece {
    const char *text;
    size_t first, end;
    int least; /* parentheses for what binds less tightly */
} piece;

typedef struct printing {
    const qst_assembly *assembly;
    qst_qasm_dialect dialect;
    qsti_text *out;
    piece *open; /* a stack */
    size_t capacity;
} printing;

/* --- angles ------------------------------------------------------------------------------------------------------- */

static void print_number(qsti_text *out, double value)
{
    char text[32];
    qsti_format_double(value, text);
    size_t digits = strcspn(text, "e");
    if (memchr(text, '.', digits))
        qsti_text_add(out, "%s", text);
    else
        qsti_text_add(out, "%.*s.0%s", (int)digits, text, text + digits);
}

/* How tightly an operator binds: sums 1, products 2, signs 3, what needs no parentheses 4. */
static int binding(const qst_token *token)
{
    switch (token->kind) {
    case QST_OPERATOR_ADD:
    case QST_OPERATOR_SUBTRACT:
        return 1;
    case QST_OPERATOR_MULTIPLY:
    case QST_OPERATOR_DIVIDE:
        return 2;
    case QST_OPERATOR_NEGATE:
        return 3;
    case QST_OPERATOR_NUMBER:
        return signbit(token->number) ? 3 : 4;
    default:
        return 4;
    }
}

/* The first token of the operand that ends in front of `end`. */
static size_t operand_start(const qst_token *tokens, size_t end)
{
    size_t wanted = 1, at = end;
    while (wanted > 0) {
        at--;
        wanted += (size_t)qsti_operator_operands(tokens[at].kind);
        wanted--;
    }
    return at;
}

static void print_leaf(const printing *p, const qst_token *token, const char *const *names)
{
    if (token->kind == QST_OPERATOR_NUMBER)
        print_number(p->out, token->number);
    else
        qsti_text_add(p->out, "%s", names[token->variable]);
}

static const char *function_name(const printing *p, qst_operator kind)
{
    if (kind == QST_OPERATOR_LN)
        return p->dialect == QST_QASM2 ? "ln" : "log";
    return qsti_operator_name(kind);
}

/* Pushes the pieces of an operator, last first. Returns how many. */
static size_t take_apart(const printing *p, const qst_token *tokens, const piece *whole, piece out[6])
{
    const qst_token *top = &tokens[whole->end - 1];
    size_t n = 0, second = operand_start(tokens, whole->end - 1);
    int tight = binding(top);
    bool is_in_parentheses = tight < whole->least;
    if (is_in_parentheses)
        out[n++] = (piece){.text = ")"};
    if (tight <= 2) {
        static const char *const signs[] = {" + ", " - ", "*", "/"};
        out[n++] = (piece){.first = second, .end = whole->end - 1, .least = tight + 1};
        out[n++] = (piece){.text = signs[top->kind - QST_OPERATOR_ADD]};
        out[n++] = (piece){.first = whole->first, .end = second, .least = tight};
    } else if (tight == 3) {
        out[n++] = (piece){.first = second, .end = whole->end - 1, .least = 4};
        out[n++] = (piece){.text = "-"};
    } else {
        out[n++] = (piece){.text = ")"};
        out[n++] = (piece){.first = second, .end = whole->end - 1};
        out[n++] = (piece){.text = "("};
        out[n++] = (piece){.text = function_name(p, top->kind)};
    }
    if (is_in_parentheses)
        out[n++] = (piece){.text = "("};
    return n;
}

static void print_expression(printing *p, const qst_expression *angle, const char *const *names)
{
    size_t n_open = 1;
    if (p->capacity == 0)
        p->out->status = QSTI_GROW(p->out->ctx, p->capacity = 64, &p->open);
    if (p->out->status != QST_OK)
        return;
    p->open[0] = (piece){.first = 0, .end = angle->n_tokens};
    while (n_open > 0 && p->out->status == QST_OK) {
        piece now = p->open[--n_open];
        if (now.text) {
            qsti_text_add(p->out, "%s", now.text);
        } else if (now.end - now.first == 1) {
            bool needs = binding(&angle->tokens[now.first]) < now.least;
            qsti_text_add(p->out, needs ? "(" : "");
            print_leaf(p, &angle->tokens[now.first], names);
            qsti_text_add(p->out, needs ? ")" : "");
        } else {
            if (n_open + 6 > p->capacity) {
                p->out->status = QSTI_GROW(p->out->ctx, 2 * p->capacity, &p->open);
                p->capacity *= 2;
            }
            if (p->out->status == QST_OK)
                n_open += take_apart(p, angle->tokens, &now, p->open + n_open);
        }
    }
}

/* --- statements --------------------------------------------------------------------------------------------------- */

static const char *spelled_name(const printing *p, const qst_instruction *instruction)
{
    if (instruction->kind == QST_INSTRUCTION_GATE && instruction->gate == QST_GATE_u &&
        p->dialect == QST_QASM3_STANDALONE)
        return "U";
    return qst_instruction_name(p->assembly, instruction);
}

/* names: of the body's parameters, or of the assembly's. qubit_names: of the body's qubits; NULL: q[0], q[1], ... */
static void print_call(printing *p, const qst_instruction *instruction, const char *const *names,
                       const char *const *qubit_names)
{
    for (uint32_t c = 0; c < instruction->n_controls; c++)
        qsti_text_add(p->out, "ctrl @ ");
    qsti_text_add(p->out, "%s", spelled_name(p, instruction));
    for (size_t a = 0; a < instruction->n_angles; a++) {
        qsti_text_add(p->out, a ? "," : "(");
        print_expression(p, &instruction->angles[a], names);
    }
    qsti_text_add(p->out, instruction->n_angles ? ")" : "");
    for (size_t q = 0; q < instruction->n_qubits; q++) {
        qsti_text_add(p->out, q ? "," : " ");
        if (qubit_names)
            qsti_text_add(p->out, "%s", qubit_names[instruction->qubits[q]]);
        else
            qsti_text_add(p->out, "q[%u]", instruction->qubits[q]);
    }
    qsti_text_add(p->out, ";");
}

static void print_bit(const printing *p, uint32_t bit)
{
    size_t n = qst_assembly_bit_registers(p->assembly), low = 0;
    qst_register bits = {.name = ""};
    while (n - low > 1) {
        size_t middle = (low + n) / 2;
        qst_assembly_bit_register(p->assembly, middle, &bits);
        if (bits.first <= bit)
            low = middle;
        else
            n = middle;
    }
    qst_assembly_bit_register(p->assembly, low, &bits);
    qsti_text_add(p->out, "%s[%zu]", bits.name, bit - bits.first);
}

static void print_measurement(const printing *p, const qst_instruction *instruction)
{
    if (p->dialect == QST_QASM2) {
        qsti_text_add(p->out, "measure q[%u] -> ", instruction->qubits[0]);
        print_bit(p, instruction->bit);
    } else {
        if (instruction->bit != QST_NO_BIT) {
            print_bit(p, instruction->bit);
            qsti_text_add(p->out, " = ");
        }
        qsti_text_add(p->out, "measure q[%u]", instruction->qubits[0]);
    }
    qsti_text_add(p->out, ";");
}

static void print_instruction(printing *p, const qst_instruction *instruction, const char *const *parameters)
{
    if (instruction->condition != QST_NO_CONDITION) {
        qst_register bits;
        qst_assembly_bit_register(p->assembly, instruction->condition, &bits);
        qsti_text_add(p->out, "if(%s==%llu) ", bits.name, (unsigned long long)instruction->condition_value);
    }
    if (instruction->kind == QST_INSTRUCTION_MEASURE)
        print_measurement(p, instruction);
    else
        print_call(p, instruction, parameters, NULL);
    qsti_text_add(p->out, "\n");
}

static void print_definition(printing *p, size_t index)
{
    qst_definition definition;
    qst_assembly_definition(p->assembly, index, &definition);
    qsti_text_add(p->out, "gate %s", definition.name);
    for (size_t a = 0; a < definition.n_angles; a++)
        qsti_text_add(p->out, "%s%s%s", a ? "," : "(", definition.angle_names[a],
                      a + 1 == definition.n_angles ? ")" : "");
    for (size_t q = 0; q < definition.n_qubits; q++)
        qsti_text_add(p->out, "%s%s", q ? "," : " ", definition.qubit_names[q]);
    qsti_text_add(p->out, " {");
    for (size_t i = 0; i < definition.n_instructions; i++) {
        qst_instruction inner;
        qst_definition_instruction(p->assembly, index, i, &inner);
        qsti_text_add(p->out, " ");
        print_call(p, &inner, definition.angle_names, definition.qubit_names);
    }
    qsti_text_add(p->out, " }\n");
}

static void print_declarations(const printing *p)
{
    bool is_2 = p->dialect == QST_QASM2;
    for (size_t i = 0; i < qst_assembly_parameters(p->assembly); i++)
        qsti_text_add(p->out, "input float[64] %s;\n", qst_assembly_parameter(p->assembly, i));
    if (qst_assembly_qubits(p->assembly) > 0)
        qsti_text_add(p->out, is_2 ? "qreg q[%zu];\n" : "qubit[%zu] q;\n", qst_assembly_qubits(p->assembly));
    for (size_t r = 0; r < qst_assembly_bit_registers(p->assembly); r++) {
        qst_register bits;
        qst_assembly_bit_register(p->assembly, r, &bits);
        if (is_2)
            qsti_text_add(p->out, "creg %s[%zu];\n", bits.name, bits.size);
        else
            qsti_text_add(p->out, "bit[%zu] %s;\n", bits.size, bits.name);
    }
}

void qsti_qasm_print(const qst_assembly *lowered, qst_qasm_dialect dialect, qsti_text *out)
{
    static const char *const heads[] = {"OPENQASM 2.0;\ninclude \"qelib1.inc\";\n",
                                        "OPENQASM 3.0;\ninclude \"stdgates.inc\";\n", "OPENQASM 3.0;\n"};
    printing p = {.assembly = lowered, .dialect = dialect, .out = out};
    size_t n_parameters = qst_assembly_parameters(lowered);
    const char **parameters = NULL;
    out->status = QSTI_NEW(out->ctx, n_parameters, &parameters);
    for (size_t i = 0; i < n_parameters && out->status == QST_OK; i++)
        parameters[i] = qst_assembly_parameter(lowered, i);
    qsti_text_add(out, "%s", heads[dialect]);
    for (size_t d = 0; d < qst_assembly_definitions(lowered); d++)
        print_definition(&p, d);
    print_declarations(&p);
    for (size_t i = 0; i < qst_assembly_instructions(lowered) && out->status == QST_OK; i++) {
        qst_instruction instruction;
        qst_assembly_instruction(lowered, i, &instruction);
        print_instruction(&p, &instruction, parameters);
    }
    qsti_free(out->ctx, parameters);
    qsti_free(out->ctx, p.open);
}
