/* test_draw_labels.c: what stands in boxes: expressions in parameters, names of strangers, phases of the whole state.
 */
#include "draw_case.h"

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

/* The text between the sides of the one box. */
static void assert_label(qst_ctx *ctx, qst_assembly_builder *builder, qst_draw_style style, const char *expected)
{
    char *drawing = draw_case_finish(ctx, builder, &(qst_draw_opts){.style = style});
    if (strstr(drawing, expected) == NULL)
        print_message("%snot found: %s\n", drawing, expected);
    assert_non_null(strstr(drawing, expected));
    free(drawing);
}

#define NUMBER(x)   ((qst_token){QST_OPERATOR_NUMBER, 0, (x)})
#define VARIABLE(v) ((qst_token){QST_OPERATOR_VARIABLE, (v), 0})
#define DO(name)    ((qst_token){QST_OPERATOR_##name, 0, 0})
#define PI          3.14159265358979323846

static void assert_expression(qst_ctx *ctx, qst_gate gate, bool inverse, const qst_token *tokens, size_t n_tokens,
                              const char *expected)
{
    qst_assembly_builder *builder = NULL;
    const uint32_t qubit = 0;
    const qst_expression angles[] = {{tokens, n_tokens}, {tokens, n_tokens}};
    const qst_instruction instruction = {.kind = QST_INSTRUCTION_GATE,
                                         .gate = gate,
                                         .inverse = inverse,
                                         .qubits = &qubit,
                                         .n_qubits = 1,
                                         .angles = angles,
                                         .n_angles = (size_t)qst_gate_describe(gate)->n_angles,
                                         .condition = QST_NO_CONDITION};
    assert_ok(ctx, qst_assembly_begin(ctx, &builder));
    assert_ok(ctx, qst_assembly_add_qubits(builder, "q", 1));
    assert_ok(ctx, qst_assembly_add_parameter(builder, "a"));
    assert_ok(ctx, qst_assembly_add_parameter(builder, "b"));
    assert_ok(ctx, qst_assembly_add(builder, &instruction));
    assert_label(ctx, builder, QST_DRAW_qiskit, expected);
}

#define ASSERT_RX(expected, ...)                                                    \
    assert_expression(*state, QST_GATE_rx, false, (const qst_token[]){__VA_ARGS__}, \
                      sizeof((const qst_token[]){__VA_ARGS__}) / sizeof(qst_token), (expected))

static void expressions(void **state)
{
    ASSERT_RX(" Rx(a) ", VARIABLE(0));
    ASSERT_RX(" Rx(-a) ", VARIABLE(0), DO(NEGATE));
    ASSERT_RX(" Rx(1 + 2*a) ", NUMBER(2), VARIABLE(0), DO(MULTIPLY), NUMBER(1), DO(ADD));
    ASSERT_RX(" Rx(-0.1 + a) ", VARIABLE(0), NUMBER(0.1), DO(SUBTRACT));
    ASSERT_RX(" Rx(π/2*a) ", VARIABLE(0), NUMBER(PI / 2), DO(MULTIPLY));
    ASSERT_RX(" Rx(a/3) ", VARIABLE(0), NUMBER(3), DO(DIVIDE));
    ASSERT_RX(" Rx(a - (b - a)) ", VARIABLE(0), VARIABLE(1), VARIABLE(0), DO(SUBTRACT), DO(SUBTRACT));
    ASSERT_RX(" Rx(a - b - a) ", VARIABLE(0), VARIABLE(1), DO(SUBTRACT), VARIABLE(0), DO(SUBTRACT));
    ASSERT_RX(" Rx((a + b)*b) ", VARIABLE(0), VARIABLE(1), DO(ADD), VARIABLE(1), DO(MULTIPLY));
    ASSERT_RX(" Rx(a**b**a) ", VARIABLE(0), VARIABLE(1), VARIABLE(0), DO(POWER), DO(POWER));
    ASSERT_RX(" Rx((a**b)**a) ", VARIABLE(0), VARIABLE(1), DO(POWER), VARIABLE(0), DO(POWER));
    ASSERT_RX(" Rx(sin(a + b)) ", VARIABLE(0), VARIABLE(1), DO(ADD), DO(SIN));
    ASSERT_RX(" Rx(-(a + b)) ", VARIABLE(0), VARIABLE(1), DO(ADD), DO(NEGATE));
}

static void inverses(void **state)
{
    const qst_token a[] = {VARIABLE(0)}, half[] = {NUMBER(PI / 2)};
    assert_expression(*state, QST_GATE_rx, true, a, 1, " Rx(-a) ");
    assert_expression(*state, QST_GATE_rx, true, half, 1, " Rx(-π/2) ");
    assert_expression(*state, QST_GATE_sx, true, NULL, 0, " √Xdg ");
    assert_expression(*state, QST_GATE_r, true, half, 1, " R(-π/2,π/2) ");
    assert_expression(*state, QST_GATE_u2, true, half, 1, " U2(-3π/2,π/2) ");
    assert_expression(*state, QST_GATE_u2, true, a, 1, " U2(-π + -a,π + -a) ");
}

static void a_long_expression_is_an_ellipsis(void **state)
{
    qst_token tokens[1001];
    tokens[0] = VARIABLE(0);
    for (size_t i = 1; i < 1001; i++)
        tokens[i] = DO(SIN);
    assert_expression(*state, QST_GATE_rx, false, tokens, 1001, " Rx(...) ");
}

/* --- names -------------------------------------------------------------------------------------------------------- */

static void assert_name(qst_ctx *ctx, const char *name, qst_draw_style style, const char *expected)
{
    qst_assembly_builder *builder = NULL;
    assert_ok(ctx, qst_assembly_begin(ctx, &builder));
    assert_ok(ctx, qst_assembly_add_qubits(builder, name, 1));
    assert_label(ctx, builder, style, expected);
}

static void names_of_strangers(void **state)
{
    char longest[201];
    memset(longest, 'x', 200);
    longest[200] = '\0';
    assert_name(*state, "a\x1b[2J\nb", QST_DRAW_qiskit, "a?[2J?b: ");
    assert_name(*state, "\xff\xfe", QST_DRAW_qiskit, "??: ");
    assert_name(*state,
                "a\xe2\x80\xae"
                "b",
                QST_DRAW_qiskit, "a?b: ");
    assert_name(*state, "θ", QST_DRAW_qiskit, "θ: ");
    assert_name(*state, "θ", QST_DRAW_ascii, "u03b8: ");
    assert_name(*state, longest, QST_DRAW_qiskit, "xxx...: ");
    assert_name(*state, "<a href=\"x\">&'", QST_DRAW_svg, "&lt;a href=&quot;x&quot;&gt;&amp;&apos;");
    assert_name(*state, "a\xef\xbf\xbf\x01", QST_DRAW_svg,
                ">a?"
                "?<");
}

/* --- phases ------------------------------------------------------------------------------------------------------- */

static void phases_stand_above(void **state)
{
    qst_assembly_builder *builder = draw_case_begin(*state, 1, 0);
    DRAW_GATE(*state, builder, x, 0, 0);
    draw_case_gate(*state, builder, QST_GATE_gphase, 4 * PI / 3, 0, NULL);
    draw_case_gate(*state, builder, QST_GATE_gphase, PI, 0, NULL);
    char *drawing = draw_case_finish(*state, builder, NULL);
    assert_string_equal(drawing, "global phase: π/3\n   ┌───┐\nq: ┤ X ├\n   └───┘\n");
    free(drawing);
}

/* A phase under a control is one on the last of the controls. */
static void a_phase_under_a_control(void **state)
{
    qst_assembly_builder *builder = draw_case_begin(*state, 2, 0);
    const qst_token angle = NUMBER(PI);
    const uint32_t qubits[] = {0, 1};
    const qst_instruction instruction = {.kind = QST_INSTRUCTION_GATE,
                                         .gate = QST_GATE_gphase,
                                         .n_controls = 2,
                                         .qubits = qubits,
                                         .n_qubits = 2,
                                         .angles = &(qst_expression){&angle, 1},
                                         .n_angles = 1,
                                         .condition = QST_NO_CONDITION};
    assert_ok(*state, qst_assembly_add(builder, &instruction));
    char *drawing = draw_case_finish(*state, builder, NULL);
    assert_string_equal(drawing, "            \n"
                                 "q_0: ─■─────\n"
                                 "      │P(π) \n"
                                 "q_1: ─■─────\n"
                                 "            \n");
    free(drawing);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(expressions, open_ctx, close_ctx),
        cmocka_unit_test_setup_teardown(inverses, open_ctx, close_ctx),
        cmocka_unit_test_setup_teardown(a_long_expression_is_an_ellipsis, open_ctx, close_ctx),
        cmocka_unit_test_setup_teardown(names_of_strangers, open_ctx, close_ctx),
        cmocka_unit_test_setup_teardown(phases_stand_above, open_ctx, close_ctx),
        cmocka_unit_test_setup_teardown(a_phase_under_a_control, open_ctx, close_ctx),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
