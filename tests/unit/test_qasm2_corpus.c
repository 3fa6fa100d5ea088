/* test_qasm2_corpus.c: every file of tests/qasm: the valid ones are what Qiskit reads in them (golden/qasm2.txt, made
 * by make_qasm2.py), the others are refused with the place and the message of invalid2.txt. */
#include <dirent.h>
#include <qstill/qasm.h>

#include "base/file.h"
#include "base/text.h"
#include "support/support.h"

#define QASM      QSTILL_SOURCE_DIR "/tests/qasm/"
#define TOLERANCE 4e-16 /* relative; Qiskit's sine is another library's */

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

static size_t files_in(const char *folder)
{
    size_t n = 0;
    DIR *entries = opendir(folder);
    assert_non_null(entries);
    for (const struct dirent *entry; (entry = readdir(entries)) != NULL;) {
        n += strstr(entry->d_name, ".qasm") != NULL;
    }
    closedir(entries);
    return n;
}

/* --- an assembly as the golden file has it ------------------------------------------------------------------------ */

static void put_angles(qsti_text *text, const qst_instruction *instruction, const double *outer, double *values)
{
    for (size_t a = 0; a < instruction->n_angles; a++) {
        values[a] = qst_expression_value(&instruction->angles[a], outer);
        char number[32];
        qsti_format_double(values[a], number);
        qsti_text_add(text, "%s%s", a ? "," : "(", number);
    }
    qsti_text_add(text, "%s", instruction->n_angles ? ")" : "");
}

static void put(qsti_text *text, const qst_assembly *assembly, const qst_instruction *instruction, const double *outer,
                int depth)
{
    static const char *const kinds[] = {NULL, NULL, "measure", "reset", "barrier"};
    const char *name = kinds[instruction->kind];
    double values[64];
    assert_true(instruction->n_angles <= 64);
    qsti_text_add(text, "%*s%s", depth, "", name ? name : qst_instruction_name(assembly, instruction));
    put_angles(text, instruction, outer, values);
    for (size_t q = 0; q < instruction->n_qubits; q++)
        qsti_text_add(text, " %u", instruction->qubits[q]);
    if (instruction->kind == QST_INSTRUCTION_MEASURE) {
        qsti_text_add(text, " -> %u", instruction->bit);
    }
    if (instruction->condition != QST_NO_CONDITION) {
        qsti_text_add(text, " if %zu == %llu", instruction->condition,
                      (unsigned long long)instruction->condition_value);
    }
    qsti_text_add(text, "\n");
    if (instruction->kind != QST_INSTRUCTION_CALL) {
        return;
    }
    qst_definition definition;
    qst_assembly_definition(assembly, instruction->definition, &definition);
    for (size_t i = 0; i < definition.n_instructions; i++) {
        qst_instruction inner;
        qst_definition_instruction(assembly, instruction->definition, i, &inner);
        put(text, assembly, &inner, values, depth + 1);
    }
}

static void put_all(qsti_text *text, const qst_assembly *assembly)
{
    for (size_t i = 0; i < qst_assembly_instructions(assembly); i++) {
        qst_instruction instruction;
        qst_assembly_instruction(assembly, i, &instruction);
        put(text, assembly, &instruction, NULL, 0);
    }
    assert_int_equal(text->status, QST_OK);
}

/* Equal up to the last digits of numbers. */
static bool is_equal(const char *a, const char *b)
{
    while (*a && *b) {
        char *end_a, *end_b;
        double x = strtod(a, &end_a), y = strtod(b, &end_b);
        bool is_number = end_a != a && end_b != b && (*a != ' ' && *a != '\n');
        if (is_number && fabs(x - y) > TOLERANCE * fmax(fabs(x), fabs(y))) {
            return false;
        }
        if (!is_number && *a != *b) {
            return false;
        }
        a = is_number ? end_a : a + 1;
        b = is_number ? end_b : b + 1;
    }
    return *a == *b;
}

static void compare(qst_ctx *ctx, const char *name, const char *verdict, const char *block)
{
    char path[512], header[64];
    qst_assembly *assembly = NULL;
    qsti_text text;
    snprintf(path, sizeof path, QASM "valid2/%s.qasm", name);
    assert_ok(ctx, qst_qasm_read(ctx, path, NULL, NULL, &assembly));
    qsti_text_init(&text, ctx);
    put_all(&text, assembly);
    snprintf(header, sizeof header, "%zu %zu", qst_assembly_qubits(assembly), qst_assembly_bits(assembly));
    if (strcmp(verdict, "refused") != 0 &&
        (strcmp(header, verdict) != 0 || !is_equal(text.bytes ? text.bytes : "", block))) {
        fail_msg("%s: %s\n%s---- but Qiskit reads: %s\n%s", name, header, text.bytes ? text.bytes : "", verdict, block);
    }
    qsti_text_clear(&text);
    qst_assembly_free(assembly);
}

static void valid_files_are_what_qiskit_reads(void **state)
{
    qst_ctx *ctx = *state;
    char *golden = NULL, *block = NULL, name[128], verdict[64];
    size_t n_bytes, n_files = 0;
    assert_ok(ctx,
              qsti_file_read(ctx, QSTILL_SOURCE_DIR "/tests/golden/qasm2.txt", (size_t)1 << 24, &golden, &n_bytes));
    for (const char *at = strstr(golden, "file "), *next; at != NULL; at = next, n_files++) {
        const char *body = strchr(at, '\n') + 1;
        assert_int_equal(sscanf(at, "file %127s %63[^\n]", name, verdict), 2);
        next = strncmp(body, "file ", 5) == 0 ? body - 1 : strstr(body, "\nfile ");
        next = next ? next + 1 : NULL;
        assert_ok(ctx, qsti_strndup(ctx, body, next ? (size_t)(next - body) : strlen(body), &block));
        compare(ctx, name, verdict, block);
        qsti_free(ctx, block);
    }
    assert_int_equal(n_files, files_in(QASM "valid2"));
    qsti_free(ctx, golden);
}

/* --- what is refused ---------------------------------------------------------------------------------------------- */

/* "NAME EXIT LINE:COLUMN MESSAGE" */
static void check_refused(qst_ctx *ctx, char *line)
{
    char path[512], name[128], expected[512], wanted[1200];
    int code, used = 0;
    size_t at_line, at_column;
    assert_int_equal(sscanf(line, "%127s %d %zu:%zu %n", name, &code, &at_line, &at_column, &used), 4);
    snprintf(expected, sizeof expected, "%s", line + used);
    snprintf(path, sizeof path, QASM "invalid2/%s.qasm", name);
    qst_qasm_place place = {0};
    qst_assembly *assembly = NULL;
    qst_status status = qst_qasm_read(ctx, path, NULL, &place, &assembly);
    if (qst_status_exit_code(status) != code || place.line != at_line || place.column != at_column ||
        strcmp(place.message, expected) != 0) {
        fail_msg("%s: [%d] %zu:%zu %s\nexpected: [%d] %zu:%zu %s", name, qst_status_exit_code(status), place.line,
                 place.column, place.message, code, at_line, at_column, expected);
    }
    assert_null(assembly);
    snprintf(wanted, sizeof wanted, "%s:%zu:%zu: %s", path, at_line, at_column, expected);
    assert_string_equal(qst_ctx_message(ctx), wanted);
}

static void invalid_files_are_refused_with_their_place(void **state)
{
    qst_ctx *ctx = *state;
    char *table = NULL;
    size_t n_bytes, n_files = 0;
    assert_ok(ctx, qsti_file_read(ctx, QASM "invalid2.txt", (size_t)1 << 20, &table, &n_bytes));
    for (char *line = table, *end; (end = strchr(line, '\n')) != NULL; line = end + 1) {
        *end = '\0';
        if (line[0] != '#' && line[0] != '\0') {
            check_refused(ctx, line);
            n_files++;
        }
    }
    assert_int_equal(n_files, files_in(QASM "invalid2"));
    qsti_free(ctx, table);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(valid_files_are_what_qiskit_reads, open_ctx, close_ctx),
        cmocka_unit_test_setup_teardown(invalid_files_are_refused_with_their_place, open_ctx, close_ctx),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
