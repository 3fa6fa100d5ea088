/* write_check.c: whether what was read back is what was written. Angles are compared by their bits, those with
 * variables at two points. */
#include <string.h>

#include "assembly/assembly.h"
#include "qasm/write.h"

static qst_status differ(const qst_assembly *written, const char *what, size_t index)
{
    return qsti_fail(written->ctx, QST_ERR_INTERNAL, "what was written does not read back: %s %zu differs", what,
                     index);
}

/* --- instructions ------------------------------------------------------------------------------------------------- */

/* The variables that an expression names, at a point made of their numbers; the others are not looked at. */
static void set_variables(const qst_expression *of, int point, double *variables, size_t n_variables)
{
    for (size_t t = 0; t < of->n_tokens; t++) {
        size_t v = of->tokens[t].variable;
        if (of->tokens[t].kind == QST_OPERATOR_VARIABLE && v < n_variables)
            variables[v] = point ? 0.75 + 0.3125 * (double)v : 0.3 + 0.17 / (double)(v + 1);
    }
}

/* Whether both are worth the same at such points. */
static bool same_angle(const qst_expression *a, const qst_expression *b, double *variables, size_t n_variables)
{
    for (int point = 0; point < 2; point++) {
        set_variables(a, point, variables, n_variables);
        set_variables(b, point, variables, n_variables);
        double p = qst_expression_value(a, variables), q = qst_expression_value(b, variables);
        if (!qsti_same_bits(p, q) && !(p != p && q != q))
            return false;
    }
    return true;
}

/* `ctrl @ gphase(l)` is p(l), and with one control more cp(l): a reader may say either. */
static void normalize(qst_instruction *instruction)
{
    if (instruction->kind != QST_INSTRUCTION_GATE)
        return;
    if (instruction->gate == QST_GATE_gphase && instruction->n_controls > 0) {
        instruction->gate = QST_GATE_p;
        instruction->n_controls--;
    }
    if (instruction->gate == QST_GATE_p && instruction->n_controls > 0) {
        instruction->gate = QST_GATE_cp;
        instruction->n_controls--;
    }
}

static bool same_instruction(const qst_assembly *a, qst_instruction x, const qst_assembly *b, qst_instruction y,
                             double *variables, size_t n_variables)
{
    normalize(&x);
    normalize(&y);
    if (x.kind != y.kind || x.n_controls != y.n_controls || x.inverse != y.inverse || x.n_qubits != y.n_qubits ||
        x.n_angles != y.n_angles || x.condition != y.condition ||
        (x.condition != QST_NO_CONDITION && x.condition_value != y.condition_value) ||
        (x.kind == QST_INSTRUCTION_MEASURE && x.bit != y.bit))
        return false;
    if (x.kind <= QST_INSTRUCTION_CALL && strcmp(qst_instruction_name(a, &x), qst_instruction_name(b, &y)) != 0)
        return false;
    if (x.n_qubits > 0 && memcmp(x.qubits, y.qubits, x.n_qubits * sizeof *x.qubits) != 0)
        return false;
    for (size_t i = 0; i < x.n_angles; i++)
        if (!same_angle(&x.angles[i], &y.angles[i], variables, n_variables))
            return false;
    return true;
}

/* --- the whole ---------------------------------------------------------------------------------------------------- */

static bool same_registers(const qst_register *a, const qst_register *b, size_t n)
{
    for (size_t r = 0; r < n; r++)
        if (strcmp(a[r].name, b[r].name) != 0 || a[r].size != b[r].size)
            return false;
    return true;
}

static bool same_shape(const qst_assembly *a, const qst_assembly *b)
{
    if (a->n_qubits != b->n_qubits || a->n_bits != b->n_bits || a->n_qubit_registers != b->n_qubit_registers ||
        a->n_bit_registers != b->n_bit_registers || a->n_parameters != b->n_parameters ||
        a->n_definitions != b->n_definitions || a->n_instructions != b->n_instructions)
        return false;
    for (size_t p = 0; p < a->n_parameters; p++)
        if (strcmp(a->parameters[p], b->parameters[p]) != 0)
            return false;
    return same_registers(a->qubit_registers, b->qubit_registers, a->n_qubit_registers) &&
           same_registers(a->bit_registers, b->bit_registers, a->n_bit_registers);
}

static bool same_definition(const qst_assembly *a, const qst_assembly *b, size_t index, double *variables)
{
    qst_definition x, y;
    qst_assembly_definition(a, index, &x);
    qst_assembly_definition(b, index, &y);
    if (strcmp(x.name, y.name) != 0 || x.n_qubits != y.n_qubits || x.n_angles != y.n_angles ||
        x.n_instructions != y.n_instructions)
        return false;
    for (size_t i = 0; i < x.n_instructions; i++) {
        qst_instruction p, q;
        qst_definition_instruction(a, index, i, &p);
        qst_definition_instruction(b, index, i, &q);
        if (!same_instruction(a, p, b, q, variables, x.n_angles))
            return false;
    }
    return true;
}

static size_t most_variables(const qst_assembly *assembly)
{
    size_t most = assembly->n_parameters;
    for (size_t d = 0; d < assembly->n_definitions; d++) {
        size_t n = assembly->definitions[d].about.n_angles;
        most = n > most ? n : most;
    }
    return most;
}

qst_status qsti_qasm_compare(const qst_assembly *written, const qst_assembly *read)
{
    double *variables = NULL;
    qst_status status = QST_OK;
    if (!same_shape(written, read))
        return differ(written, "declarations, of", written->n_instructions);
    QSTI_TRY(QSTI_NEW(written->ctx, most_variables(written), &variables));
    for (size_t d = 0; d < written->n_definitions; d++)
        if (!same_definition(written, read, d, variables))
            QSTI_TRY(differ(written, "definition", d));
    for (size_t i = 0; i < written->n_instructions; i++) {
        qst_instruction x, y;
        qst_assembly_instruction(written, i, &x);
        qst_assembly_instruction(read, i, &y);
        if (!same_instruction(written, x, read, y, variables, written->n_parameters))
            QSTI_TRY(differ(written, "instruction", i));
    }
done:
    qsti_free(written->ctx, variables);
    return status;
}
