/* test_qasm2.c: OpenQASM 2 beyond the files of tests/qasm: limits, sizes, warnings, the places of mistakes in long
 * texts, memory that runs out. */
#include <qstill/qasm.h>

#include "base/text.h"
#include "support/support.h"

#define HEAD "OPENQASM 2.0;\ninclude \"qelib1.inc\";\nqreg q[4];\ncreg c[4];\n"

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

static qst_status parse(qst_ctx *ctx, const char *text, qst_qasm_place *place, qst_assembly **out)
{
    return qst_qasm_parse(ctx, "a.qasm", text, strlen(text), NULL, place, out);
}

static void refuse(qst_ctx *ctx, const char *text, qst_status expected, const char *message)
{
    qst_qasm_place place = {0};
    qst_assembly *assembly = NULL;
    assert_status(ctx, parse(ctx, text, &place, &assembly), expected);
    assert_message(ctx, message);
    assert_true(place.line > 0 && place.column > 0);
    assert_null(assembly);
}

/* --- what is read ------------------------------------------------------------------------------------------------- */

static void registers_and_definitions_keep_their_names(void **state)
{
    qst_ctx *ctx = *state;
    qst_assembly *assembly = NULL;
    qst_register entry;
    qst_definition definition;
    assert_ok(ctx,
              parse(ctx,
                    "qreg a[2];creg m[3];qreg b[1];\ngate g(t,s) x,y,z { U(t,s,t*s) x; barrier x,y; }\nopaque o(p) v;",
                    NULL, &assembly));
    qst_assembly_qubit_register(assembly, 1, &entry);
    assert_string_equal(entry.name, "b");
    assert_int_equal(entry.first, 2);
    assert_int_equal(entry.size, 1);
    qst_assembly_bit_register(assembly, 0, &entry);
    assert_string_equal(entry.name, "m");
    assert_int_equal(entry.size, 3);
    assert_int_equal(qst_assembly_definitions(assembly), 2);
    qst_assembly_definition(assembly, 0, &definition);
    assert_string_equal(definition.name, "g");
    assert_string_equal(definition.angle_names[1], "s");
    assert_string_equal(definition.qubit_names[2], "z");
    assert_int_equal(definition.n_instructions, 2);
    assert_false(definition.opaque);
    qst_assembly_definition(assembly, 1, &definition);
    assert_true(definition.opaque);
    assert_int_equal(definition.n_instructions, 0);
    assert_int_equal(definition.n_angles, 1);
    qst_assembly_free(assembly);
}

/* Which gate a name means is settled where it stands. */
static void a_definition_replaces_a_built_in_gate_from_there_on(void **state)
{
    qst_ctx *ctx = *state;
    qst_assembly *assembly = NULL;
    qst_instruction instruction;
    assert_ok(ctx, parse(ctx, HEAD "swap q[0],q[1];\ngate swap a,b { cx a,b; }\nswap q[2],q[3];\n", NULL, &assembly));
    qst_assembly_instruction(assembly, 0, &instruction);
    assert_int_equal(instruction.kind, QST_INSTRUCTION_GATE);
    assert_int_equal(instruction.gate, QST_GATE_swap);
    qst_assembly_instruction(assembly, 1, &instruction);
    assert_int_equal(instruction.kind, QST_INSTRUCTION_CALL);
    assert_string_equal(qst_instruction_name(assembly, &instruction), "swap");
    qst_assembly_free(assembly);
}

/* The paper's cu3 and Qiskit's differ; the built-in one is Qiskit's, the file's own is the file's. */
static void both_meanings_of_the_library_are_there(void **state)
{
    qst_ctx *ctx = *state;
    qst_assembly *assembly = NULL;
    qst_instruction instruction;
    assert_ok(ctx, parse(ctx, HEAD "cu3(1,2,3) q[0],q[1];", NULL, &assembly));
    qst_assembly_instruction(assembly, 0, &instruction);
    assert_int_equal(instruction.kind, QST_INSTRUCTION_GATE);
    assert_int_equal(instruction.gate, QST_GATE_cu3);
    qst_assembly_free(assembly);
    assembly = NULL;
    assert_ok(ctx, parse(ctx,
                         "OPENQASM 2.0;\ngate cu3(a,b,c) x,y { U(0,0,(c-b)/2) y; CX x,y; U(-a/2,0,-(b+c)/2) y; CX x,y; "
                         "U(a/2,b,0) y; }\nqreg q[2];cu3(1,2,3) q[0],q[1];",
                         NULL, &assembly));
    qst_assembly_instruction(assembly, 0, &instruction);
    assert_int_equal(instruction.kind, QST_INSTRUCTION_CALL);
    qst_assembly_free(assembly);
}

static void a_missing_version_is_warned_about(void **state)
{
    qst_ctx *ctx = *state;
    qst_assembly *assembly = NULL;
    const char *const *warnings;
    assert_ok(ctx, parse(ctx, "OPENQASM 2.0;", NULL, &assembly));
    qst_assembly_free(assembly);
    assert_int_equal(qsti_ctx_warnings(ctx, &warnings), 0);
    assert_ok(ctx, parse(ctx, "qreg q[1];", NULL, &assembly));
    qst_assembly_free(assembly);
    assert_int_equal(qsti_ctx_warnings(ctx, &warnings), 1);
    assert_string_equal(warnings[0], "a.qasm: no version statement: read as OpenQASM 2.0");
    assert_ok(ctx, parse(ctx, HEAD "if(c==16) x q[0];", NULL, &assembly));
    qst_assembly_free(assembly);
    assert_int_equal(qsti_ctx_warnings(ctx, &warnings), 2);
    assert_string_equal(warnings[1], "a.qasm:5:7: 4 bits are never that large: the condition never holds");
}

/* The locale of the caller has no say in numbers; the text is not changed; it may hold anything behind its end. */
static void a_text_is_borrowed_and_need_not_end(void **state)
{
    qst_ctx *ctx = *state;
    qst_assembly *assembly = NULL;
    const char text[] = HEAD "h q[0];garbage";
    char copy[sizeof text];
    memcpy(copy, text, sizeof text);
    assert_ok(ctx, qst_qasm_parse(ctx, "a.qasm", text, sizeof HEAD - 1 + 7, NULL, NULL, &assembly));
    assert_int_equal(qst_assembly_instructions(assembly), 1);
    assert_memory_equal(text, copy, sizeof text);
    qst_assembly_free(assembly);
}

/* --- limits ------------------------------------------------------------------------------------------------------- */

/* HEAD rx(before^n 1 after^n) q[0]; */
static qst_status nested(qst_ctx *ctx, const char *before, const char *after, int n, qst_assembly **out)
{
    qsti_text text;
    qsti_text_init(&text, ctx);
    qsti_text_add(&text, HEAD "rx(");
    for (int i = 0; i < n; i++)
        qsti_text_add(&text, "%s", before);
    qsti_text_add(&text, "1");
    for (int i = 0; i < n; i++)
        qsti_text_add(&text, "%s", after);
    qsti_text_add(&text, ") q[0];");
    qst_status status = parse(ctx, text.bytes, NULL, out);
    qsti_text_clear(&text);
    return status;
}

static void nesting_has_a_limit(void **state)
{
    qst_ctx *ctx = *state;
    qst_assembly *assembly = NULL;
    static const char *const levels[][2] = {{"(", ")"},  {"1+2*3^-(", ")"}, {"sin(", ")"},
                                            {"-(", ")"}, {"-", ""},         {"1^", ""}};
    for (size_t l = 0; l < sizeof levels / sizeof levels[0]; l++) {
        assert_ok(ctx, nested(ctx, levels[l][0], levels[l][1], 9999, &assembly));
        qst_assembly_free(assembly);
        assembly = NULL;
        assert_status(ctx, nested(ctx, levels[l][0], levels[l][1], 300000, &assembly), QST_ERR_LIMIT);
        assert_message(ctx, "nested deeper than 10000 levels");
    }
    assert_status(ctx, nested(ctx, "(", ")", 10000, &assembly), QST_ERR_LIMIT);
    assert_message(ctx, "a.qasm:5:10003: nested deeper than 10000 levels");
}

static void lists_have_none(void **state)
{
    qst_ctx *ctx = *state;
    qst_assembly *assembly = NULL;
    qsti_text text;
    qsti_text_init(&text, ctx);
    qsti_text_add(&text, "OPENQASM 2.0;\nqreg q[20000];\ngate g x0");
    for (int i = 1; i < 20000; i++)
        qsti_text_add(&text, ",x%d", i);
    qsti_text_add(&text, " {}\nU(0,0,1");
    for (int i = 0; i < 20000; i++)
        qsti_text_add(&text, "+1");
    qsti_text_add(&text, ") q[0];\ng q[0]");
    for (int i = 1; i < 20000; i++)
        qsti_text_add(&text, ",q[%d]", i);
    qsti_text_add(&text, ";\n");
    assert_ok(ctx, parse(ctx, text.bytes, NULL, &assembly));
    qst_instruction instruction;
    qst_assembly_instruction(assembly, 0, &instruction);
    assert_close(qst_expression_value(&instruction.angles[2], NULL), 20001, 0);
    qst_assembly_instruction(assembly, 1, &instruction);
    assert_int_equal(instruction.n_qubits, 20000);
    qst_assembly_free(assembly);
    qsti_text_clear(&text);
}

static void a_text_is_at_most_64_mebibytes(void **state)
{
    qst_ctx *ctx = *state;
    qst_assembly *assembly = NULL;
    assert_status(ctx, qst_qasm_parse(ctx, "a.qasm", "", ((size_t)64 << 20) + 1, NULL, NULL, &assembly), QST_ERR_LIMIT);
    assert_message(ctx, "a.qasm: more than 64 MiB");
    assert_status(ctx, qst_qasm_read(ctx, support_path("not-there"), NULL, NULL, &assembly), QST_ERR_SYSTEM);
}

static void registers_are_at_most_a_million_in_all(void **state)
{
    qst_ctx *ctx = *state;
    qst_assembly *assembly = NULL;
    assert_ok(ctx, parse(ctx, "qreg a[999999];qreg b[1];creg c[1000000];barrier;", NULL, &assembly));
    qst_assembly_free(assembly);
    refuse(ctx, "qreg a[999999];\nqreg b[2];", QST_ERR_INPUT, "a.qasm:2:8: a register of 2 qubits: at most 1000000");
    refuse(ctx, "qreg a[18446744073709551615];", QST_ERR_INPUT, "a.qasm:1:8: a register of 18446744073709551615");
    refuse(ctx, "qreg a[18446744073709551616];", QST_ERR_INPUT, "a.qasm:1:8: '18446744073709551616' is too large");
}

/* A text of a few bytes does not become gigabytes. */
static void whole_registers_are_spread_within_a_limit(void **state)
{
    qst_ctx *ctx = *state;
    static const char *const statements[] = {"reset q;", "barrier;"};
    for (size_t s = 0; s < sizeof statements / sizeof statements[0]; s++) {
        qsti_text text;
        qsti_text_init(&text, ctx);
        qsti_text_add(&text, "qreg q[1000000];creg c[1000000];\n");
        for (int i = 0; i < 300; i++)
            qsti_text_add(&text, "%s\n", statements[s]);
        refuse(ctx, text.bytes, QST_ERR_LIMIT, "statements about whole registers become too many");
        qsti_text_clear(&text);
    }
}

/* --- places ------------------------------------------------------------------------------------------------------- */

static void lines_and_columns_count_bytes(void **state)
{
    qst_ctx *ctx = *state;
    refuse(ctx, HEAD "\th q[0]; \t foo q[0];", QST_ERR_INPUT, "a.qasm:5:12: 'foo'");
    refuse(ctx, "OPENQASM 2.0;\r\nqreg q[1];\r\nfoo q[0];\r\n", QST_ERR_INPUT, "a.qasm:3:1: 'foo'");
    refuse(ctx, "// \xc3\xa9\xc3\xa9\n\n\nfoo q[0];", QST_ERR_INPUT, "a.qasm:4:1: 'foo'");
    refuse(ctx, "qreg q[1]; U(0,0,0) q // \xc3\xa9\n[0] foo", QST_ERR_INPUT, "a.qasm:2:5: syntax error: 'foo'");
    refuse(ctx, "qreg q[1]\n\n// nothing more\n  \n", QST_ERR_INPUT, "a.qasm:1:10: syntax error: the file ends");
}

static void long_words_are_shortened(void **state)
{
    qst_ctx *ctx = *state;
    char text[2000];
    memset(text, 'a', sizeof text);
    memcpy(text + sizeof text - 8, " q[0];\n", 8);
    refuse(ctx, text, QST_ERR_INPUT, "a.qasm:1:1: 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa...' is not a known gate");
}

/* The one that the message knows: misspelt, in another case, of another tool, of a library that is missing. */
static void an_unknown_gate_comes_with_a_suggestion(void **state)
{
    qst_ctx *ctx = *state;
    refuse(ctx, HEAD "sdgg q[0];", QST_ERR_INPUT, "'sdgg' is not a known gate; did you mean 'sdg'?");
    refuse(ctx, HEAD "gate entangle a,b {}\nentangel q[0],q[1];", QST_ERR_INPUT, "did you mean 'entangle'?");
    refuse(ctx, HEAD "Rx(1) q[0];", QST_ERR_INPUT, "'Rx': a name begins with a small letter; did you mean 'rx'?");
    refuse(ctx, HEAD "toffoli q[0],q[1],q[2];", QST_ERR_INPUT, "did you mean 'ccx'?");
    refuse(ctx, HEAD "iswap q[0],q[1];", QST_ERR_INPUT, "'iswap' is not built in here: define it in the file");
    refuse(ctx, "qreg q[1];h q;", QST_ERR_INPUT, "include \"qelib1.inc\" is missing");
    refuse(ctx, "OPENQASM 2.0;qubit[2] q;", QST_ERR_INPUT, "OpenQASM 3 has it, and begins with OPENQASM 3.0;");
    refuse(ctx, "qreg data[1];U(0,0,0) dtaa[0];", QST_ERR_INPUT, "did you mean 'data'?");
    refuse(ctx, "OPENQASM 2.0;include \"stdgates.inc\";", QST_ERR_INPUT, "belongs to OpenQASM 3");
}

/* --- memory ------------------------------------------------------------------------------------------------------- */

#define TEN(text) text text text text text text text text text text
#define POWERS    TEN(TEN("1^")) TEN(TEN("1^"))

static qst_status read_everything(qst_ctx *ctx, void *arg)
{
    static const char text[] =
        HEAD "gate g(a,b) x,y { rx(a*2+b) x; cx x,y; barrier x,y; }\nopaque o(a) x;\ngate swap a,b { cx a,b; }\n"
             "g(pi/2,-2^2) q[0],q[1];\nh q;\nbarrier;\nmeasure q -> c;\nif(c==3) x q[1];\nreset q;\nswap q[1],q[2];\n"
             "rx(" POWERS "1) q[0];\n"; /* beyond the parser's first stack */
    (void)arg;
    qst_assembly *assembly = NULL;
    qst_status status = parse(ctx, text, NULL, &assembly);
    if (status == QST_OK) {
        qst_assembly_free(assembly);
    }
    return status;
}

static void memory_runs_out_anywhere(void **state)
{
    (void)state;
    support_fail_each_allocation(read_everything, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(registers_and_definitions_keep_their_names, open_ctx, close_ctx),
        cmocka_unit_test_setup_teardown(a_definition_replaces_a_built_in_gate_from_there_on, open_ctx, close_ctx),
        cmocka_unit_test_setup_teardown(both_meanings_of_the_library_are_there, open_ctx, close_ctx),
        cmocka_unit_test_setup_teardown(a_missing_version_is_warned_about, open_ctx, close_ctx),
        cmocka_unit_test_setup_teardown(a_text_is_borrowed_and_need_not_end, open_ctx, close_ctx),
        cmocka_unit_test_setup_teardown(nesting_has_a_limit, open_ctx, close_ctx),
        cmocka_unit_test_setup_teardown(lists_have_none, open_ctx, close_ctx),
        cmocka_unit_test_setup_teardown(a_text_is_at_most_64_mebibytes, open_ctx, close_ctx),
        cmocka_unit_test_setup_teardown(registers_are_at_most_a_million_in_all, open_ctx, close_ctx),
        cmocka_unit_test_setup_teardown(whole_registers_are_spread_within_a_limit, open_ctx, close_ctx),
        cmocka_unit_test_setup_teardown(lines_and_columns_count_bytes, open_ctx, close_ctx),
        cmocka_unit_test_setup_teardown(long_words_are_shortened, open_ctx, close_ctx),
        cmocka_unit_test_setup_teardown(an_unknown_gate_comes_with_a_suggestion, open_ctx, close_ctx),
        cmocka_unit_test(memory_runs_out_anywhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
