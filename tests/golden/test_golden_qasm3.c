/* test_golden_qasm3.c: what the OpenQASM 3 files of tests/qasm/valid3 mean, against Qiskit's reader (qasm3.json, made
 * by make_qasm3.py): registers, inputs, measurements, resets, and the unitary of the gates with its global phase.
 *
 * The unitary is computed here from the assembly that was read, by dense matrices: a call is the product of its body,
 * an inverse the adjoint, a control a block. Then once more, from the library's own expansion. */
#include <dirent.h>

#include <qstill/qasm.h>

#include "base/json.h"
#include "ref/ref.h"
#include "support/support.h"

#define TOLERANCE  1e-13
#define MAX_INPUTS 8
#define FOLDER     QSTILL_SOURCE_DIR "/tests/qasm/valid3/"

static int open_ctx(void **state)
{
    *state = support_ctx(1);
    return 0;
}

static int close_ctx(void **state)
{
    qst_ctx_free(*state);
    return 0;
}

/* --- unitaries ---------------------------------------------------------------------------------------------------- */

static ref_complex *identity(size_t n_states)
{
    ref_complex *matrix = calloc(n_states * n_states, sizeof *matrix);
    assert_non_null(matrix);
    for (size_t i = 0; i < n_states; i++)
        matrix[i * n_states + i] = 1;
    return matrix;
}

static ref_complex *matrix_of(const qst_assembly *assembly, const qst_instruction *instruction,
                              const double *variables);

/* matrix = instruction * matrix, both on n qubits: column after column. */
static void apply(const qst_assembly *assembly, const qst_instruction *instruction, const double *variables, size_t n,
                  ref_complex *matrix)
{
    size_t n_states = (size_t)1 << n, qubits[8];
    if (instruction->kind != QST_INSTRUCTION_GATE && instruction->kind != QST_INSTRUCTION_CALL) {
        return;
    }
    assert_true(instruction->n_qubits <= 8);
    for (size_t q = 0; q < instruction->n_qubits; q++)
        qubits[q] = instruction->qubits[q];
    ref_complex *factor = matrix_of(assembly, instruction, variables);
    ref_complex *column = calloc(n_states, sizeof *column);
    assert_non_null(column);
    for (size_t c = 0; c < n_states; c++) {
        for (size_t r = 0; r < n_states; r++)
            column[r] = matrix[r * n_states + c];
        ref_apply(column, n, factor, instruction->n_qubits, qubits);
        for (size_t r = 0; r < n_states; r++)
            matrix[r * n_states + c] = column[r];
    }
    free(column);
    free(factor);
}

static ref_complex *matrix_of_body(const qst_assembly *assembly, size_t definition, const double *angles)
{
    qst_definition about;
    qst_assembly_definition(assembly, definition, &about);
    ref_complex *matrix = identity((size_t)1 << about.n_qubits);
    for (size_t i = 0; i < about.n_instructions; i++) {
        qst_instruction instruction;
        qst_definition_instruction(assembly, definition, i, &instruction);
        apply(assembly, &instruction, angles, about.n_qubits, matrix);
    }
    return matrix;
}

/* Without its controls. */
static ref_complex *matrix_of_gate(const qst_assembly *assembly, const qst_instruction *instruction,
                                   const double *variables)
{
    double angles[MAX_INPUTS] = {0};
    assert_true(instruction->n_angles <= MAX_INPUTS);
    for (size_t a = 0; a < instruction->n_angles; a++)
        angles[a] = qst_expression_value(&instruction->angles[a], variables);
    if (instruction->kind == QST_INSTRUCTION_CALL) {
        return matrix_of_body(assembly, instruction->definition, angles);
    }
    ref_complex *matrix = identity(REF_MAX_GATE_STATES);
    if (instruction->gate == QST_GATE_gphase) {
        matrix[0] = cexp(I * angles[0]);
    } else {
        assert_true(ref_gate_matrix(qst_gate_describe(instruction->gate)->name, angles, matrix) >= 0);
    }
    return matrix;
}

static ref_complex *matrix_of(const qst_assembly *assembly, const qst_instruction *instruction, const double *variables)
{
    size_t n_controls = instruction->n_controls, n_inner = (size_t)1 << (instruction->n_qubits - n_controls);
    size_t n_states = (size_t)1 << instruction->n_qubits, all = ((size_t)1 << n_controls) - 1;
    ref_complex *inner = matrix_of_gate(assembly, instruction, variables), *matrix = identity(n_states);
    for (size_t r = 0; r < n_inner; r++) {
        for (size_t c = 0; c < n_inner; c++) {
            ref_complex value = instruction->inverse ? conj(inner[c * n_inner + r]) : inner[r * n_inner + c];
            matrix[(r << n_controls | all) * n_states + (c << n_controls | all)] = value;
        }
    }
    free(inner);
    return matrix;
}

typedef struct walking {
    size_t n;
    ref_complex *matrix;
} walking;

static qst_status take_step(void *user, const qst_step *step)
{
    const walking *walk = user;
    double angles[QST_MAX_GATE_ANGLES] = {0};
    size_t n_states = (size_t)1 << walk->n;
    if (step->kind != QST_INSTRUCTION_GATE) {
        return QST_OK;
    }
    ref_complex *gate = identity(REF_MAX_GATE_STATES), *column = calloc(n_states, sizeof *column);
    const qst_gate_info *info = qst_gate_describe(step->operation.gate);
    assert_non_null(column);
    for (size_t a = 0; a < (size_t)info->n_angles; a++) {
        for (size_t t = 0; t < step->operation.angles[a].n_terms; t++)
            angles[a] += step->operation.angles[a].terms[t].coefficient;
    }
    gate[0] = cexp(I * angles[0]); /* of gphase; of the others: */
    if (step->operation.gate != QST_GATE_gphase) {
        assert_true(ref_gate_matrix(info->name, angles, gate) >= 0);
    }
    for (size_t c = 0; c < n_states; c++) {
        for (size_t r = 0; r < n_states; r++)
            column[r] = walk->matrix[r * n_states + c];
        ref_apply(column, walk->n, gate, (size_t)info->n_qubits, step->operation.qubits);
        for (size_t r = 0; r < n_states; r++)
            walk->matrix[r * n_states + c] = column[r];
    }
    free(column);
    free(gate);
    return QST_OK;
}

/* --- the files ---------------------------------------------------------------------------------------------------- */

static void compare(const ref_complex *matrix, const json_t *entry, const char *name)
{
    const json_t *re = json_object_get(entry, "re"), *im = json_object_get(entry, "im");
    for (size_t i = 0; i < json_array_size(re); i++) {
        ref_complex wanted = json_number_value(json_array_get(re, i)) + I * json_number_value(json_array_get(im, i));
        if (!(cabs(matrix[i] - wanted) <= TOLERANCE)) {
            fail_msg("%s: element %zu is %.15g%+.15gi, not %.15g%+.15gi", name, i, creal(matrix[i]), cimag(matrix[i]),
                     creal(wanted), cimag(wanted));
        }
    }
}

static void check_unitary(qst_ctx *ctx, const qst_assembly *assembly, const json_t *entry, const char *name)
{
    size_t n = qst_assembly_qubits(assembly), n_states = (size_t)1 << n;
    double inputs[MAX_INPUTS];
    assert_true(json_array_size(json_object_get(entry, "re")) == (n ? n_states * n_states : 0));
    for (size_t i = 0; i < MAX_INPUTS; i++)
        inputs[i] = 0.3 + 0.4 * (double)i;
    ref_complex *matrix = identity(n_states);
    for (size_t i = 0; i < qst_assembly_instructions(assembly); i++) {
        qst_instruction instruction;
        qst_assembly_instruction(assembly, i, &instruction);
        apply(assembly, &instruction, inputs, n, matrix);
    }
    compare(matrix, entry, name);
    free(matrix);
    walking walk = {n, identity(n_states)};
    assert_ok(ctx, qst_assembly_walk(assembly, inputs, 0, take_step, &walk));
    compare(walk.matrix, entry, name);
    free(walk.matrix);
}

static void check_events(const qst_assembly *assembly, const json_t *entry)
{
    const json_t *measures = json_object_get(entry, "measures"), *resets = json_object_get(entry, "resets");
    size_t n_measures = 0, n_resets = 0;
    for (size_t i = 0; i < qst_assembly_instructions(assembly); i++) {
        qst_instruction instruction;
        qst_assembly_instruction(assembly, i, &instruction);
        if (instruction.kind == QST_INSTRUCTION_MEASURE) {
            const json_t *pair = json_array_get(measures, n_measures++);
            assert_int_equal(instruction.qubits[0], json_integer_value(json_array_get(pair, 0)));
            assert_int_equal(instruction.bit, json_integer_value(json_array_get(pair, 1)));
        } else if (instruction.kind == QST_INSTRUCTION_RESET) {
            assert_int_equal(instruction.qubits[0], json_integer_value(json_array_get(resets, n_resets++)));
        }
    }
    assert_int_equal(n_measures, json_array_size(measures));
    assert_int_equal(n_resets, json_array_size(resets));
}

static void check_file(qst_ctx *ctx, const json_t *entry)
{
    const char *name = json_string_value(json_object_get(entry, "name"));
    const json_t *inputs = json_object_get(entry, "inputs");
    const qst_qasm_opts opts = {.u_phase = strncmp(name, "spec_", 5) == 0 ? QST_U_PHASE_SPEC : QST_U_PHASE_QISKIT};
    char path[512];
    qst_assembly *assembly = NULL;
    snprintf(path, sizeof path, "%s%s.qasm", FOLDER, name);
    assert_ok(ctx, qst_qasm_read(ctx, path, &opts, NULL, &assembly));
    assert_int_equal(qst_assembly_qubits(assembly), json_integer_value(json_object_get(entry, "qubits")));
    assert_int_equal(qst_assembly_bits(assembly), json_integer_value(json_object_get(entry, "bits")));
    assert_int_equal(qst_assembly_parameters(assembly), json_array_size(inputs));
    for (size_t i = 0; i < json_array_size(inputs); i++)
        assert_string_equal(qst_assembly_parameter(assembly, i), json_string_value(json_array_get(inputs, i)));
    check_events(assembly, entry);
    check_unitary(ctx, assembly, entry, name);
    qst_assembly_free(assembly);
}

static void test_files(void **state)
{
    qst_ctx *ctx = *state;
    json_t *document = NULL, *files = NULL;
    size_t n_files = 0;
    assert_ok(ctx, qsti_json_read(ctx, QSTILL_SOURCE_DIR "/tests/golden/qasm3.json", QST_ERR_INPUT, &document));
    assert_ok(ctx, qsti_json_get_array(ctx, "qasm3.json", document, "files", &files));
    for (size_t i = 0; i < json_array_size(files); i++)
        check_file(ctx, json_array_get(files, i));
    DIR *folder = opendir(FOLDER);
    assert_non_null(folder);
    for (const struct dirent *item = readdir(folder); item; item = readdir(folder))
        n_files += strstr(item->d_name, ".qasm") != NULL;
    closedir(folder);
    assert_true(n_files >= 80);
    assert_int_equal(n_files, json_array_size(files));
    json_decref(document);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test_setup_teardown(test_files, open_ctx, close_ctx)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
