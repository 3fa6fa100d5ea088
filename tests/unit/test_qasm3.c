/* test_qasm3.c: the reader of OpenQASM 3: the files of tests/qasm that are right are read, those that are wrong are
 * refused at their place; depth, size, and memory that runs out. What files mean is test_golden_qasm3.c's. */
#include <dirent.h>

#include <qstill/qasm.h>

#include "base/file.h"
#include "base/text.h"
#include "support/support.h"

#define FOLDER QSTILL_SOURCE_DIR "/tests/qasm/"
#define HEAD   "OPENQASM 3.0;\ninclude \"stdgates.inc\";\n"

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

static qst_assembly *parse(qst_ctx *ctx, const char *text)
{
    qst_assembly *assembly = NULL;
    assert_ok(ctx, qst_qasm_parse(ctx, "test.qasm", text, strlen(text), NULL, NULL, &assembly));
    return assembly;
}

/* --- the corpus --------------------------------------------------------------------------------------------------- */

static qst_status status_of(const char *word)
{
    return strcmp(word, "input") == 0 ? QST_ERR_INPUT : QST_ERR_UNSUPPORTED;
}

static void check_invalid(qst_ctx *ctx, const char *row)
{
    char name[64], status[16], path[512], wanted[600];
    size_t line, column;
    int n_read = 0;
    qst_assembly *assembly = NULL;
    qst_qasm_place place = {0};
    assert_int_equal(sscanf(row, "%63s %15s %zu %zu%n", name, status, &line, &column, &n_read), 4);
    const char *message = row[n_read] == ' ' ? row + n_read + 1 : "";
    snprintf(path, sizeof path, "%sinvalid3/%s.qasm", FOLDER, name);
    snprintf(wanted, sizeof wanted, "%s:%zu:%zu: ", path, line, column);
    qst_status found = qst_qasm_read(ctx, path, NULL, &place, &assembly);
    if (found != status_of(status) || place.line != line || place.column != column ||
        strstr(place.message, message) == NULL) {
        fail_msg("%s, but status %d at %zu:%zu: %s", row, (int)found, place.line, place.column, place.message);
    }
    assert_null(assembly);
    assert_int_equal(strncmp(qst_ctx_message(ctx), wanted, strlen(wanted)), 0);
    assert_string_equal(qst_ctx_message(ctx) + strlen(wanted), place.message);
}

static void test_invalid(void **state)
{
    qst_ctx *ctx = *state;
    char *table = NULL, *rest = NULL;
    size_t n_bytes, n_rows = 0;
    assert_ok(ctx, qsti_file_read(ctx, FOLDER "invalid3.txt", 1 << 20, &table, &n_bytes));
    for (const char *row = strtok_r(table, "\n", &rest); row; row = strtok_r(NULL, "\n", &rest)) {
        check_invalid(ctx, row);
        n_rows++;
    }
    assert_true(n_rows >= 200);
    qsti_free(ctx, table);
}

/* Every prefix of a right file is right or refused, and so is every file with one byte changed. */
static void test_broken(void **state)
{
    qst_ctx *ctx = *state;
    char *bytes = NULL;
    size_t n_bytes;
    assert_ok(ctx, qsti_file_read(ctx, FOLDER "valid3/gate_nested.qasm", 1 << 20, &bytes, &n_bytes));
    for (size_t i = 0; i < n_bytes; i++) {
        for (int change = 0; change < 4; change++) {
            static const char telling[] = {0, ' ', ';', '\xc3'};
            char before = bytes[i];
            qst_assembly *assembly = NULL;
            qst_qasm_place place = {0};
            bytes[i] = telling[change];
            qst_status status =
                qst_qasm_parse(ctx, "broken", bytes, change == 0 ? i : n_bytes, NULL, &place, &assembly);
            bytes[i] = before;
            assert_true(status == QST_OK ? assembly != NULL : place.line > 0 && place.message[0] != '\0');
            qst_assembly_free(assembly);
        }
    }
    qsti_free(ctx, bytes);
}

/* The examples of the page are read. */
static void test_page(void **state)
{
    static const char open[] = "```qasm\n", close[] = "```";
    qst_ctx *ctx = *state;
    char *page = NULL;
    size_t n_bytes, n_blocks = 0;
    assert_ok(ctx, qsti_file_read(ctx, QSTILL_SOURCE_DIR "/docs/qasm.md", 1 << 20, &page, &n_bytes));
    for (char *block = strstr(page, open); block; block = strstr(block, open)) {
        char *text = block + sizeof open - 1, *end = strstr(text, close);
        assert_non_null(end);
        *end = '\0';
        qst_assembly_free(parse(ctx, text));
        n_blocks++;
        block = end + 1;
    }
    assert_true(n_blocks > 0);
    qsti_free(ctx, page);
}

/* --- depth and size ----------------------------------------------------------------------------------------------- */

/* HEAD, before, n times `part`, after. */
static char *repeated(qst_ctx *ctx, const char *before, const char *part, size_t n, const char *after)
{
    qsti_text text;
    qsti_text_init(&text, ctx);
    qsti_text_add(&text, "%s%s", HEAD, before);
    for (size_t i = 0; i < n; i++)
        qsti_text_add(&text, "%s", part);
    qsti_text_add(&text, "%s", after);
    assert_ok(ctx, text.status);
    return text.bytes;
}

static void test_many_modifiers(void **state)
{
    qst_ctx *ctx = *state;
    qst_instruction instruction;
    for (size_t n = 10000; n <= 10001; n++) {
        char *text = repeated(ctx, "qubit[2] q;\n", "inv @ ", n, "ctrl @ s q[0], q[1];");
        qst_assembly *assembly = parse(ctx, text);
        assert_int_equal(qst_assembly_instructions(assembly), 1);
        qst_assembly_instruction(assembly, 0, &instruction);
        assert_int_equal(instruction.inverse, n % 2);
        assert_int_equal(instruction.n_controls, 1);
        qst_assembly_free(assembly);
        qsti_free(ctx, text);
    }
    char *text = repeated(ctx, "qubit[10000] q;\nqubit r;\n", "ctrl @ inv @ ", 10000, "x");
    qsti_text whole;
    qsti_text_init(&whole, ctx);
    qsti_text_add(&whole, "%s", text);
    for (size_t i = 0; i < 10000; i++)
        qsti_text_add(&whole, "%c q[%zu]", i ? ',' : ' ', i);
    qsti_text_add(&whole, ", r;");
    qst_assembly *assembly = parse(ctx, whole.bytes);
    qst_assembly_instruction(assembly, 0, &instruction);
    assert_int_equal(instruction.n_controls, 10000);
    assert_int_equal(instruction.inverse, false);
    qst_assembly_free(assembly);
    qsti_text_clear(&whole);
    qsti_free(ctx, text);
}

static void check_depth(qst_ctx *ctx, const char *open, const char *close, size_t n, qst_status wanted)
{
    qst_assembly *assembly = NULL;
    char *left = repeated(ctx, "qubit q;\nrx(", open, n, "1");
    char *right = repeated(ctx, "", close, n, ") q;");
    char *whole = NULL;
    assert_true(asprintf(&whole, "%s%s", left, right + strlen(HEAD)) > 0);
    assert_status(ctx, qst_qasm_parse(ctx, "deep", whole, strlen(whole), NULL, NULL, &assembly), wanted);
    qst_assembly_free(assembly);
    free(whole);
    qsti_free(ctx, left);
    qsti_free(ctx, right);
}

static void test_deep_expressions(void **state)
{
    check_depth(*state, "(", ")", 9999, QST_OK);
    check_depth(*state, "(", ")", 200000, QST_ERR_LIMIT);
    check_depth(*state, "-", "", 10000, QST_OK);
    check_depth(*state, "-", "", 1000000, QST_ERR_LIMIT);
    check_depth(*state, "1**", "", 10000, QST_OK);
    check_depth(*state, "1**", "", 1000000, QST_ERR_LIMIT);
    check_depth(*state, "sin(", ")", 9999, QST_OK);
    check_depth(*state, "1+", "", 100000, QST_OK);
}

static void test_warning(void **state)
{
    qst_ctx *ctx = *state;
    qst_assembly_free(parse(ctx, HEAD "qubit q;\nrx(6/2) q;\n"));
    assert_int_equal(qsti_ctx_warnings_given(ctx), 0);
    qst_assembly_free(parse(ctx, HEAD "qubit q;\nrx(1/2*pi) q;\n"));
    const char *const *messages = NULL;
    assert_int_equal(qsti_ctx_warnings(ctx, &messages), 1);
    assert_non_null(strstr(messages[0], "test.qasm:4:5: 1/2 divides integers and is worth 0"));
}

/* Many warnings cost no more than a few; a small file does not become a large circuit. */
static void test_bombs(void **state)
{
    qst_ctx *ctx = *state;
    char *many = repeated(ctx, "qubit q;\n", "rx(1/2) q;\n", 100000, "");
    qst_assembly *assembly = parse(ctx, many);
    assert_int_equal(qst_assembly_instructions(assembly), 100000);
    assert_int_equal(qsti_ctx_warnings_given(ctx), 6);
    qst_assembly_free(assembly);
    qsti_free(ctx, many);
    assembly = NULL;
    many = repeated(ctx, "qubit[1000000] q;\n", "h q;\n", 1000, "");
    assert_status(ctx, qst_qasm_parse(ctx, "bomb", many, strlen(many), NULL, NULL, &assembly), QST_ERR_LIMIT);
    assert_message(ctx, "bomb:8:1: ");
    qsti_free(ctx, many);
    many = repeated(ctx, "qubit[1000] c;\nqubit[100000] q;\nnegctrl(1000) @ x ", "c[0], ", 1000, "q;");
    assert_status(ctx, qst_qasm_parse(ctx, "bomb", many, strlen(many), NULL, NULL, &assembly), QST_ERR_LIMIT);
    assert_message(ctx, "bomb:5:17: ");
    qsti_free(ctx, many);
}

/* --- includes ----------------------------------------------------------------------------------------------------- */

static void test_includes(void **state)
{
    qst_ctx *ctx = *state;
    static const char file[] = "gate mine(t) a { rx(t) a; }\n", bad[] = "gate other a {\n  h b;\n}\n";
    static const char *const problem = "other.inc:2:5: ";
    const char *folders[] = {support_folder()};
    const qst_qasm_opts opts = {.include_dirs = folders, .n_include_dirs = 1};
    qst_assembly *assembly = NULL;
    qst_qasm_place place = {0};
    assert_ok(ctx, qsti_file_write(ctx, support_path("mine.inc"), file, sizeof file - 1));
    assert_ok(ctx, qsti_file_write(ctx, support_path("other.inc"), bad, sizeof bad - 1));
    const char *text = HEAD "include \"mine.inc\";\nqubit q;\nmine(0.5) q;\n";
    assert_ok(ctx, qst_qasm_parse(ctx, "test", text, strlen(text), &opts, &place, &assembly));
    assert_int_equal(qst_assembly_definitions(assembly), 1);
    qst_assembly_free(assembly);
    text = HEAD "include \"other.inc\";\n";
    assert_status(ctx, qst_qasm_parse(ctx, "test", text, strlen(text), &opts, &place, &assembly), QST_ERR_INPUT);
    assert_message(ctx, problem);
    text = HEAD "include \"mine.inc\";\ninclude \"mine.inc\";\n";
    assert_status(ctx, qst_qasm_parse(ctx, "test", text, strlen(text), &opts, &place, &assembly), QST_ERR_INPUT);
    assert_message(ctx, "included already");
}

/* --- memory ------------------------------------------------------------------------------------------------------- */

static qst_status read_everything(qst_ctx *ctx, void *arg)
{
    static const char text[] =
        HEAD "input float a;\ngate g(t) x, y { rx(t/2) x; negctrl @ rz(t) x, y; }\nqubit[4] q;\nbit[4] c;\n"
             "ctrl @ negctrl @ g(sin(a)) q[0], q[1], q[{2, 2}], q[-1:-1:-1][0];\ninv @ U(1, 2, 3) q;\nc = measure q;\n";
    (void)arg;
    qst_assembly *assembly = NULL;
    qst_status status = qst_qasm_parse(ctx, "test", text, sizeof text - 1, NULL, NULL, &assembly);
    if (status == QST_OK) {
        qst_assembly_free(assembly);
    }
    return status;
}

static void test_memory(void **state)
{
    (void)state;
    support_fail_each_allocation(read_everything, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_invalid, open_ctx, close_ctx),
        cmocka_unit_test_setup_teardown(test_broken, open_ctx, close_ctx),
        cmocka_unit_test_setup_teardown(test_page, open_ctx, close_ctx),
        cmocka_unit_test_setup_teardown(test_many_modifiers, open_ctx, close_ctx),
        cmocka_unit_test_setup_teardown(test_deep_expressions, open_ctx, close_ctx),
        cmocka_unit_test_setup_teardown(test_bombs, open_ctx, close_ctx),
        cmocka_unit_test_setup_teardown(test_warning, open_ctx, close_ctx),
        cmocka_unit_test_setup_teardown(test_includes, open_ctx, close_ctx),
        cmocka_unit_test(test_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
