/* test_assembly_builder.c: building assemblies, reading them back, and every way in which building is refused. */
#include "assembly/assembly.h"
#include "support/assembly_text.h"
#include "support/support.h"

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

/* q[4], r[2]; c[2], d[3]; parameters alpha, beta. */
static qst_assembly_builder *begin(qst_ctx *ctx)
{
    qst_assembly_builder *builder = NULL;
    assert_ok(ctx, qst_assembly_begin(ctx, &builder));
    assert_ok(ctx, qst_assembly_add_qubits(builder, "q", 4));
    assert_ok(ctx, qst_assembly_add_bits(builder, "c", 2));
    assert_ok(ctx, qst_assembly_add_qubits(builder, "r", 2));
    assert_ok(ctx, qst_assembly_add_bits(builder, "d", 3));
    assert_ok(ctx, qst_assembly_add_parameter(builder, "alpha"));
    assert_ok(ctx, qst_assembly_add_parameter(builder, "beta"));
    return builder;
}

/* gate pair(t) a, b { ctrl @ rx(t / 2) a, b; inv @ s b; } */
static void define_pair(qst_ctx *ctx, qst_assembly_builder *builder)
{
    qst_definition pair = {.name = "pair",
                           .n_qubits = 2,
                           .n_angles = 1,
                           .qubit_names = (const char *const[]){"a", "b"},
                           .angle_names = (const char *const[]){"t"}};
    assert_ok(ctx, qst_assembly_begin_definition(builder, &pair));
    assert_ok(ctx, add(builder, GATE(rx, QUBITS(0, 1), .n_controls = 1,
                                     ANGLES(EXPRESSION(VARIABLE(0), NUMBER(2), DO(DIVIDE))))));
    assert_ok(ctx, add(builder, GATE(s, QUBITS(1), .inverse = true)));
    assert_ok(ctx, qst_assembly_end_definition(builder));
}

/* --- what works --------------------------------------------------------------------------------------------------- */

static void registers_and_names_are_kept(void **state)
{
    qst_ctx *ctx = *state;
    qst_assembly_builder *builder = begin(ctx);
    qst_assembly *assembly = NULL;
    qst_register entry;
    size_t index = 0;
    define_pair(ctx, builder);
    assert_ok(ctx, qst_assembly_finish(builder, &assembly));
    assert_int_equal(qst_assembly_qubits(assembly), 6);
    assert_int_equal(qst_assembly_bits(assembly), 5);
    assert_int_equal(qst_assembly_qubit_registers(assembly), 2);
    assert_int_equal(qst_assembly_bit_registers(assembly), 2);
    qst_assembly_qubit_register(assembly, 1, &entry);
    assert_string_equal(entry.name, "r");
    assert_int_equal(entry.first, 4);
    assert_int_equal(entry.size, 2);
    qst_assembly_bit_register(assembly, 1, &entry);
    assert_string_equal(entry.name, "d");
    assert_int_equal(entry.first, 2);
    assert_int_equal(entry.size, 3);
    assert_int_equal(qst_assembly_parameters(assembly), 2);
    assert_string_equal(qst_assembly_parameter(assembly, 1), "beta");
    assert_int_equal(qsti_assembly_find(assembly, "pair", &index), QSTI_NAMED_DEFINITION);
    assert_int_equal(index, 0);
    assert_int_equal(qsti_assembly_find(assembly, "beta", &index), QSTI_NAMED_PARAMETER);
    assert_int_equal(index, 1);
    assert_int_equal(qsti_assembly_find(assembly, "Beta", &index), QSTI_NAMED_NOTHING);
    qst_assembly_free(assembly);
}

static void definitions_are_kept(void **state)
{
    qst_ctx *ctx = *state;
    qst_assembly_builder *builder = begin(ctx);
    qst_assembly *assembly = NULL;
    qst_definition about;
    qst_instruction instruction;
    define_pair(ctx, builder);
    qst_definition box = {.name = "box", .n_qubits = 1, .qubit_names = (const char *const[]){"a"}, .opaque = true};
    assert_ok(ctx, qst_assembly_begin_definition(builder, &box));
    assert_ok(ctx, qst_assembly_finish(builder, &assembly));
    assert_int_equal(qst_assembly_definitions(assembly), 2);
    qst_assembly_definition(assembly, 0, &about);
    assert_string_equal(about.name, "pair");
    assert_string_equal(about.qubit_names[1], "b");
    assert_string_equal(about.angle_names[0], "t");
    assert_int_equal(about.n_instructions, 2);
    assert_false(about.opaque);
    qst_definition_instruction(assembly, 0, 0, &instruction);
    assert_string_equal(qst_instruction_name(assembly, &instruction), "rx");
    assert_int_equal(instruction.n_controls, 1);
    assert_int_equal(instruction.n_qubits, 2);
    assert_close(qst_expression_value(&instruction.angles[0], &(double){3}), 1.5, 0);
    qst_definition_instruction(assembly, 0, 1, &instruction);
    assert_true(instruction.inverse);
    assert_int_equal(instruction.qubits[0], 1);
    qst_assembly_definition(assembly, 1, &about);
    assert_true(about.opaque);
    assert_int_equal(about.n_instructions, 0);
    qst_assembly_free(assembly);
}

static void instructions_are_kept(void **state)
{
    qst_ctx *ctx = *state;
    qst_assembly_builder *builder = begin(ctx);
    qst_assembly *assembly = NULL;
    qst_instruction got;
    define_pair(ctx, builder);
    assert_ok(ctx, add_when(builder, 1, 6,
                            CALL(0, QUBITS(5, 0, 3), .n_controls = 1, .inverse = true,
                                 ANGLES(EXPRESSION(VARIABLE(1), VARIABLE(0), DO(MULTIPLY))))));
    assert_ok(ctx, add(builder, OTHER(MEASURE, QUBITS(2), .bit = 4)));
    assert_ok(ctx, add(builder, OTHER(MEASURE, QUBITS(2), .bit = QST_NO_BIT)));
    assert_ok(ctx, add(builder, OTHER(RESET, QUBITS(1))));
    assert_ok(ctx, add(builder, OTHER(BARRIER, QUBITS(0, 1, 2, 3, 4, 5))));
    assert_ok(ctx, add(builder, OTHER(BARRIER, .n_qubits = 0)));
    assert_ok(ctx, qst_assembly_finish(builder, &assembly));
    assert_int_equal(qst_assembly_instructions(assembly), 6);
    qst_assembly_instruction(assembly, 0, &got);
    assert_string_equal(qst_instruction_name(assembly, &got), "pair");
    assert_int_equal(got.n_controls, 1);
    assert_true(got.inverse);
    assert_int_equal(got.n_qubits, 3);
    assert_int_equal(got.qubits[0], 5);
    assert_int_equal(got.condition, 1);
    assert_int_equal(got.condition_value, 6);
    assert_int_equal(got.angles[0].n_tokens, 3);
    qst_assembly_instruction(assembly, 1, &got);
    assert_int_equal(got.kind, QST_INSTRUCTION_MEASURE);
    assert_int_equal(got.bit, 4);
    assert_int_equal(got.condition, QST_NO_CONDITION);
    qst_assembly_instruction(assembly, 2, &got);
    assert_int_equal(got.bit, QST_NO_BIT);
    qst_assembly_instruction(assembly, 3, &got);
    assert_string_equal(qst_instruction_name(assembly, &got), "reset");
    qst_assembly_instruction(assembly, 4, &got);
    assert_int_equal(got.n_qubits, 6);
    qst_assembly_free(assembly);
}

static void constants_are_folded(void **state)
{
    qst_ctx *ctx = *state;
    qst_assembly_builder *builder = begin(ctx);
    qst_assembly *assembly = NULL;
    qst_instruction got;
    assert_ok(ctx, add(builder, GATE(rx, QUBITS(0), ANGLES(EXPRESSION(NUMBER(2), NUMBER(3), DO(POWER), DO(NEGATE))))));
    assert_ok(ctx, qst_assembly_finish(builder, &assembly));
    qst_assembly_instruction(assembly, 0, &got);
    assert_int_equal(got.angles[0].n_tokens, 1);
    assert_close(got.angles[0].tokens[0].number, -8, 0);
    qst_assembly_free(assembly);
}

static void functions_have_their_values(void **state)
{
    (void)state;
    double x = 0.3;
#define HOLDS(name, expected) assert_close(qst_expression_value(&EXPRESSION(VARIABLE(0), DO(name)), &x), (expected), 0)
    HOLDS(SIN, sin(x));
    HOLDS(COS, cos(x));
    HOLDS(TAN, tan(x));
    HOLDS(EXP, exp(x));
    HOLDS(LN, log(x));
    HOLDS(SQRT, sqrt(x));
    HOLDS(ARCSIN, asin(x));
    HOLDS(ARCCOS, acos(x));
    HOLDS(ARCTAN, atan(x));
    HOLDS(NEGATE, -x);
#undef HOLDS
    assert_close(qst_expression_value(&EXPRESSION(NUMBER(7), VARIABLE(0), DO(SUBTRACT)), &x), 7 - x, 0);
    assert_close(qst_expression_value(&EXPRESSION(NUMBER(7), VARIABLE(0), DO(DIVIDE)), &x), 7 / x, 0);
    assert_close(qst_expression_value(&EXPRESSION(NUMBER(7), VARIABLE(0), DO(POWER)), &x), pow(7, x), 0);
    assert_true(isnan(qst_expression_value(&EXPRESSION(DO(ADD)), &x)));
    assert_true(isnan(qst_expression_value(&EXPRESSION(NUMBER(1), NUMBER(2)), &x)));
    assert_true(isnan(qst_expression_value(&(qst_expression){NULL, 0}, &x)));
}

static void many_names_and_instructions_survive_growth(void **state)
{
    qst_ctx *ctx = *state;
    qst_assembly_builder *builder = NULL;
    qst_assembly *assembly = NULL;
    char name[32];
    assert_ok(ctx, qst_assembly_begin(ctx, &builder));
    for (int i = 0; i < 20000; i++) {
        (void)snprintf(name, sizeof name, "q%d", i);
        assert_ok(ctx, qst_assembly_add_qubits(builder, name, 2));
    }
    for (uint32_t i = 0; i < 20000; i++)
        assert_ok(ctx, add(builder, GATE(rzz, QUBITS(2 * i, (i * 7) % 20000 * 2 + 1), ANGLES(EXPRESSION(NUMBER(i))))));
    assert_ok(ctx, qst_assembly_finish(builder, &assembly));
    for (int i = 0; i < 20000; i++) {
        size_t index = 0;
        qst_instruction got;
        (void)snprintf(name, sizeof name, "q%d", i);
        assert_int_equal(qsti_assembly_find(assembly, name, &index), QSTI_NAMED_QUBITS);
        assert_int_equal(index, i);
        qst_assembly_instruction(assembly, (size_t)i, &got);
        assert_int_equal(got.qubits[0], 2 * i);
        assert_close(got.angles[0].tokens[0].number, i, 0);
    }
    qst_assembly_free(assembly);
}

/* --- what does not ------------------------------------------------------------------------------------------------ */

static void wrong_registers_are_refused(void **state)
{
    qst_ctx *ctx = *state;
    qst_assembly_builder *builder = begin(ctx);
    assert_status(ctx, qst_assembly_add_qubits(builder, "z", 0), QST_ERR_INPUT);
    assert_message(ctx, "register z: 0 qubits");
    assert_status(ctx, qst_assembly_add_bits(builder, "z", 1000000), QST_ERR_LIMIT);
    assert_message(ctx, "register z: 5 + 1000000 bits; there are at most 1000000");
    assert_status(ctx, qst_assembly_add_qubits(builder, "z", SIZE_MAX), QST_ERR_LIMIT);
    assert_status(ctx, qst_assembly_add_qubits(builder, "alpha", 1), QST_ERR_INPUT);
    assert_message(ctx, "\"alpha\" is the name of a parameter already");
    assert_status(ctx, qst_assembly_add_parameter(builder, "d"), QST_ERR_INPUT);
    assert_message(ctx, "\"d\" is the name of a register of bits already");
    assert_status(ctx, qst_assembly_add_parameter(builder, ""), QST_ERR_INPUT);
    assert_message(ctx, "a parameter needs a name");
    assert_status(ctx, qst_assembly_add_bits(builder, NULL, 1), QST_ERR_INPUT);
    assert_int_equal(qst_assembly_qubits(qsti_assembly_growing(builder)), 6);
    qst_assembly_abandon(builder);
}

static void wrong_definitions_are_refused(void **state)
{
    qst_ctx *ctx = *state;
    qst_assembly_builder *builder = begin(ctx);
    qst_definition g = {.name = "g",
                        .n_qubits = 2,
                        .n_angles = 1,
                        .qubit_names = (const char *const[]){"a", "b"},
                        .angle_names = (const char *const[]){"b"}};
    assert_status(ctx, qst_assembly_begin_definition(builder, &g), QST_ERR_INPUT);
    assert_message(ctx, "gate g: two of its qubits and angles are called \"b\"");
    g.angle_names = (const char *const[]){""};
    assert_status(ctx, qst_assembly_begin_definition(builder, &g), QST_ERR_INPUT);
    g.angle_names = (const char *const[]){"t"};
    g.name = "q";
    assert_status(ctx, qst_assembly_begin_definition(builder, &g), QST_ERR_INPUT);
    g.name = "g";
    assert_status(ctx, qst_assembly_end_definition(builder), QST_ERR_INPUT);
    assert_ok(ctx, qst_assembly_begin_definition(builder, &g));
    assert_status(ctx, qst_assembly_add_qubits(builder, "z", 1), QST_ERR_INPUT);
    assert_message(ctx, "a register of qubits inside the definition of gate g");
    assert_status(ctx, add(builder, CALL(0, QUBITS(0, 1), ANGLES(EXPRESSION(NUMBER(1))))), QST_ERR_INPUT);
    assert_message(ctx, "gate g calls itself");
    assert_status(ctx, add(builder, OTHER(MEASURE, QUBITS(0), .bit = 0)), QST_ERR_INPUT);
    assert_message(ctx, "measure in the definition of gate g: a gate is unitary");
    assert_status(ctx, add(builder, OTHER(RESET, QUBITS(0))), QST_ERR_INPUT);
    assert_status(ctx, add_when(builder, 0, 0, GATE(x, QUBITS(0))), QST_ERR_INPUT);
    assert_message(ctx, "a condition in the definition of gate g");
    assert_status(ctx, add(builder, GATE(x, QUBITS(2))), QST_ERR_INPUT);
    assert_message(ctx, "qubit 2 in x: the definition has 2 qubits");
    assert_status(ctx, add(builder, GATE(rx, QUBITS(1), ANGLES(EXPRESSION(VARIABLE(1))))), QST_ERR_INPUT);
    assert_message(ctx, "angle 0 of rx: parameter 1: there is 1");
    qst_assembly *untouched = (qst_assembly *)1, *assembly = untouched;
    assert_status(ctx, qst_assembly_finish(builder, &assembly), QST_ERR_INPUT);
    assert_message(ctx, "gate g: its definition has no end");
    assert_ptr_equal(assembly, untouched);
}

static void wrong_instructions_are_refused(void **state)
{
    qst_ctx *ctx = *state;
    qst_assembly_builder *builder = begin(ctx);
    define_pair(ctx, builder);
#define REFUSED(instruction, message)                               \
    assert_status(ctx, add(builder, (instruction)), QST_ERR_INPUT); \
    assert_message(ctx, (message))
    REFUSED(GATE(cx, QUBITS(0)), "gate cx takes 2 qubits, not 1");
    REFUSED(GATE(cx, QUBITS(0, 1), .n_controls = 1), "gate cx with 1 control takes 3 qubits, not 2");
    REFUSED(GATE(cx, QUBITS(0, 6)), "qubit 6 in cx: the circuit has 6 qubits");
    REFUSED(GATE(cx, QUBITS(1, 1)), "qubit 1 twice in cx: its qubits must differ");
    REFUSED(GATE(x, QUBITS(1, 2, 1), .n_controls = 2), "qubit 1 twice in x");
    REFUSED(GATE(rx, QUBITS(1)), "gate rx takes 1 angle, not 0");
    REFUSED(GATE(x, QUBITS(1), ANGLES(EXPRESSION(NUMBER(0)))), "gate x takes 0 angles, not 1");
    REFUSED(((qst_instruction){.gate = QST_GATE_COUNT}), "there are 48 gates");
    REFUSED(((qst_instruction){.kind = (qst_instruction_kind)9}), "there is no kind of instruction 9");
    REFUSED(CALL(1, QUBITS(1)), "definition 1: there is 1");
    REFUSED(CALL(0, QUBITS(1, 2)), "gate pair takes 1 angle, not 0");
    REFUSED(OTHER(MEASURE, QUBITS(0, 1), .bit = 0), "measure takes 1 qubit, not 2");
    REFUSED(OTHER(MEASURE, QUBITS(0), .bit = 5), "bit 5 in measure: the circuit has 5 bits");
    REFUSED(OTHER(RESET, QUBITS(0), .inverse = true), "reset has neither controls nor an inverse");
    REFUSED(OTHER(BARRIER, QUBITS(0, 1, 2, 3, 4, 5, 6)), "qubit 6 in barrier");
    REFUSED(OTHER(BARRIER, QUBITS(0, 1, 2, 3, 4, 5, 4, 3, 2)), "twice in barrier");
#undef REFUSED
    assert_status(ctx, add_when(builder, 2, 0, GATE(x, QUBITS(0))), QST_ERR_INPUT);
    assert_message(ctx, "register of bits 2: the circuit has 2");
    assert_int_equal(qst_assembly_instructions(qsti_assembly_growing(builder)), 0);
    qst_assembly_abandon(builder);
}

static void wrong_angles_are_refused(void **state)
{
    qst_ctx *ctx = *state;
    qst_assembly_builder *builder = begin(ctx);
#define REFUSED(message, ...)                                                                              \
    assert_status(ctx, add(builder, GATE(rx, QUBITS(0), ANGLES(EXPRESSION(__VA_ARGS__)))), QST_ERR_INPUT); \
    assert_message(ctx, (message))
    REFUSED("angle 0 of rx is inf, which is not finite", NUMBER(1), NUMBER(0), DO(DIVIDE));
    REFUSED("nan", NUMBER(-1), DO(SQRT));
    REFUSED("the number inf is not finite", NUMBER(INFINITY));
    REFUSED("is not finite", VARIABLE(0), NUMBER(NAN), DO(ADD));
    REFUSED("parameter 2: there are 2", VARIABLE(2));
    REFUSED("token 1: + needs 2 operands, and there is 1", NUMBER(1), DO(ADD));
    REFUSED("leaves 2", NUMBER(1), NUMBER(1));
    REFUSED("token 0: there is no operator 99", {.kind = (qst_operator)99});
#undef REFUSED
    assert_status(ctx, add(builder, GATE(rx, QUBITS(0), ANGLES({NULL, 0}))), QST_ERR_INPUT);
    assert_message(ctx, "leaves 0");
    qst_assembly_abandon(builder);
}

static void depth_of_expressions_is_limited(void **state)
{
    qst_ctx *ctx = *state;
    qst_assembly_builder *builder = begin(ctx);
    static qst_token tokens[2 * QST_EXPRESSION_MAX_DEPTH + 1];
    for (size_t depth = QST_EXPRESSION_MAX_DEPTH; depth <= QST_EXPRESSION_MAX_DEPTH + 1; depth++) {
        for (size_t i = 0; i < 2 * depth - 1; i++)
            tokens[i] = (qst_token){.kind = i < depth ? QST_OPERATOR_NUMBER : QST_OPERATOR_ADD};
        qst_expression deep = {tokens, 2 * depth - 1};
        assert_status(ctx, add(builder, GATE(rx, QUBITS(0), .angles = &deep, .n_angles = 1)),
                      depth > QST_EXPRESSION_MAX_DEPTH ? QST_ERR_LIMIT : QST_OK);
    }
    qst_assembly_abandon(builder);
}

static qst_status build_small(qst_ctx *ctx, void *arg)
{
    (void)arg;
    qst_assembly_builder *builder = NULL;
    qst_assembly *assembly = NULL;
    qst_definition g = {.name = "g", .n_qubits = 1, .qubit_names = (const char *const[]){"a"}};
    qst_status status;
    QSTI_TRY(qst_assembly_begin(ctx, &builder));
    QSTI_TRY(qst_assembly_add_qubits(builder, "q", 12));
    QSTI_TRY(qst_assembly_add_bits(builder, "c", 2));
    QSTI_TRY(qst_assembly_add_parameter(builder, "t"));
    QSTI_TRY(qst_assembly_begin_definition(builder, &g));
    QSTI_TRY(add(builder, GATE(x, QUBITS(0))));
    QSTI_TRY(qst_assembly_end_definition(builder));
    for (int i = 0; i < 40; i++) {
        QSTI_TRY(add(builder, GATE(rx, QUBITS(0), ANGLES(EXPRESSION(VARIABLE(0), DO(SIN))))));
        QSTI_TRY(add(builder, OTHER(BARRIER, QUBITS(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11))));
        QSTI_TRY(add_when(builder, 0, 1, CALL(0, QUBITS(3))));
    }
    status = qst_assembly_finish(builder, &assembly);
    builder = NULL;
    qst_assembly_free(assembly);
done:
    qst_assembly_abandon(builder);
    return status;
}

static void running_out_of_memory_is_survived(void **state)
{
    (void)state;
    support_fail_each_allocation(build_small, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(registers_and_names_are_kept),    cmocka_unit_test(definitions_are_kept),
        cmocka_unit_test(instructions_are_kept),           cmocka_unit_test(constants_are_folded),
        cmocka_unit_test(functions_have_their_values),     cmocka_unit_test(many_names_and_instructions_survive_growth),
        cmocka_unit_test(wrong_registers_are_refused),     cmocka_unit_test(wrong_definitions_are_refused),
        cmocka_unit_test(wrong_instructions_are_refused),  cmocka_unit_test(wrong_angles_are_refused),
        cmocka_unit_test(depth_of_expressions_is_limited), cmocka_unit_test(running_out_of_memory_is_survived),
    };
    return cmocka_run_group_tests(tests, open_ctx, close_ctx);
}
