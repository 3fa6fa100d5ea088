/* test_draw_boxes.c: boxes and lines of text; what Qiskit and PennyLane draw is in tests/golden. */
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

static void assert_drawing(qst_ctx *ctx, qst_assembly_builder *builder, const qst_draw_opts *opts, const char *expected)
{
    char *drawing = draw_case_finish(ctx, builder, opts);
    assert_string_equal(drawing, expected);
    free(drawing);
}

static void one_hadamard(void **state)
{
    qst_assembly_builder *builder = draw_case_begin(*state, 1, 0);
    DRAW_GATE(*state, builder, h, 0, 0);
    assert_drawing(*state, builder, NULL,
                   "   ┌───┐\n"
                   "q: ┤ H ├\n"
                   "   └───┘\n");
}

static qst_assembly_builder *bell(qst_ctx *ctx)
{
    qst_assembly_builder *builder = draw_case_begin(ctx, 2, 2);
    DRAW_GATE(ctx, builder, h, 0, 0);
    DRAW_GATE(ctx, builder, cx, 0, 0, 1);
    draw_case_measure(ctx, builder, 0, 0);
    draw_case_measure(ctx, builder, 1, 1);
    return builder;
}

static void all_text_styles(void **state)
{
    assert_drawing(*state, bell(*state), &(qst_draw_opts){.style = QST_DRAW_qiskit},
                   "     ┌───┐     ┌─┐   \n"
                   "q_0: ┤ H ├──■──┤M├───\n"
                   "     └───┘┌─┴─┐└╥┘┌─┐\n"
                   "q_1: ─────┤ X ├─╫─┤M├\n"
                   "          └───┘ ║ └╥┘\n"
                   "c: 2/═══════════╩══╩═\n"
                   "                0  1 \n");
    assert_drawing(*state, bell(*state), &(qst_draw_opts){.style = QST_DRAW_ascii},
                   "     +---+     +-+   \n"
                   "q_0: | H |--@--|M|---\n"
                   "     +---++-+-+++++-+\n"
                   "q_1: -----| X |-+-|M|\n"
                   "          +---+ | +++\n"
                   "c: 2/===========v==v=\n"
                   "                0  1 \n");
    assert_drawing(*state, bell(*state), &(qst_draw_opts){.style = QST_DRAW_pennylane},
                   "0: ──H─╭●──┤↗├─┤  \n"
                   "1: ────╰X──┤↗├─┤  \n");
}

/* What is drawn over a wire takes its column. */
static void a_line_that_passes_blocks_a_column(void **state)
{
    qst_assembly_builder *builder = draw_case_begin(*state, 3, 0);
    DRAW_GATE(*state, builder, cx, 0, 0, 2);
    DRAW_GATE(*state, builder, x, 0, 1);
    assert_drawing(*state, builder, NULL,
                   "               \n"
                   "q_0: ──■───────\n"
                   "       │  ┌───┐\n"
                   "q_1: ──┼──┤ X ├\n"
                   "     ┌─┴─┐└───┘\n"
                   "q_2: ┤ X ├─────\n"
                   "     └───┘     \n");
}

static void a_fold_makes_pages(void **state)
{
    qst_assembly_builder *builder = draw_case_begin(*state, 1, 0);
    for (int i = 0; i < 3; i++)
        DRAW_GATE(*state, builder, rx, 3.14159265358979323846 / 4, 0);
    assert_drawing(*state, builder, &(qst_draw_opts){.fold = 28},
                   "   ┌─────────┐┌─────────┐»\n"
                   "q: ┤ Rx(π/4) ├┤ Rx(π/4) ├»\n"
                   "   └─────────┘└─────────┘»\n"
                   "«   ┌─────────┐\n"
                   "«q: ┤ Rx(π/4) ├\n"
                   "«   └─────────┘\n");
}

static void a_fold_that_is_too_narrow_still_ends(void **state)
{
    for (int style = 0; style < QST_DRAW_STYLE_COUNT; style++) {
        for (size_t fold = 1; fold < 12; fold++) {
            qst_draw_opts opts = {.style = (qst_draw_style)style, .fold = fold};
            char *drawing = draw_case_finish(*state, bell(*state), &opts);
            assert_true(strlen(drawing) > 10);
            free(drawing);
        }
    }
}

static void an_assembly_without_wires_is_drawn(void **state)
{
    qst_assembly_builder *builder = NULL;
    qst_assembly *assembly = NULL;
    assert_ok(*state, qst_assembly_begin(*state, &builder));
    assert_ok(*state, qst_assembly_finish(builder, &assembly));
    for (int style = 0; style < QST_DRAW_STYLE_COUNT; style++) {
        char *drawing = NULL;
        size_t n_bytes = 0;
        assert_ok(*state,
                  qst_assembly_draw(assembly, &(qst_draw_opts){.style = (qst_draw_style)style}, &drawing, &n_bytes));
        assert_true(style == QST_DRAW_svg || n_bytes == 0);
        qst_drawing_free(assembly, drawing);
    }
    qst_assembly_free(assembly);
}

/* 1,000 wires, and a gate over all of them, so often that nobody could look at it. */
static void what_is_too_large_is_refused(void **state)
{
    for (int style = 0; style < QST_DRAW_STYLE_COUNT; style++) {
        qst_assembly_builder *builder = draw_case_begin(*state, 1000, 0);
        qst_assembly *assembly = NULL;
        char *drawing = NULL;
        size_t n_bytes = 7;
        for (int i = 0; i < 9000; i++)
            DRAW_GATE(*state, builder, cx, 0, 0, 999);
        assert_ok(*state, qst_assembly_finish(builder, &assembly));
        assert_status(*state,
                      qst_assembly_draw(assembly, &(qst_draw_opts){.style = (qst_draw_style)style}, &drawing, &n_bytes),
                      QST_ERR_LIMIT);
        assert_message(*state, "draw a part of the circuit");
        assert_null(drawing);
        assert_int_equal(n_bytes, 7);
        qst_assembly_free(assembly);
    }
}

static void styles_have_names(void **state)
{
    (void)state;
    qst_draw_style found = QST_DRAW_STYLE_COUNT;
    for (int style = 0; style < QST_DRAW_STYLE_COUNT; style++) {
        assert_true(qst_draw_style_find(qst_draw_style_name((qst_draw_style)style), &found));
        assert_int_equal(found, style);
        assert_true(strlen(qst_draw_style_about(found)) > 10);
    }
    assert_false(qst_draw_style_find("latex", &found));
}

static void a_style_that_is_none_is_refused(void **state)
{
    qst_assembly *assembly = NULL;
    char *drawing = NULL;
    size_t n_bytes;
    assert_ok(*state, qst_assembly_finish(bell(*state), &assembly));
    assert_status(*state,
                  qst_assembly_draw(assembly, &(qst_draw_opts){.style = QST_DRAW_STYLE_COUNT}, &drawing, &n_bytes),
                  QST_ERR_USAGE);
    qst_assembly_free(assembly);
}

/* --- memory ------------------------------------------------------------------------------------------------------- */

static qst_status build_and_draw(qst_ctx *ctx, void *arg)
{
    const qst_draw_style *style = arg;
    const uint32_t qubits[] = {0, 2, 1};
    const qst_instruction instructions[] = {
        {.kind = QST_INSTRUCTION_GATE, .gate = QST_GATE_ccx, .qubits = qubits, .n_qubits = 3, .condition = 0, .bit = 0},
        {.kind = QST_INSTRUCTION_MEASURE, .qubits = qubits, .n_qubits = 1, .condition = QST_NO_CONDITION, .bit = 1},
    };
    qst_assembly_builder *builder = NULL;
    qst_assembly *assembly = NULL;
    char *drawing = NULL;
    size_t n_bytes;
    qst_status status = qst_assembly_begin(ctx, &builder);
    if (status != QST_OK)
        return status;
    status = qst_assembly_add_qubits(builder, "q", 3);
    if (status == QST_OK)
        status = qst_assembly_add_bits(builder, "c", 2);
    for (size_t i = 0; i < 2 && status == QST_OK; i++)
        status = qst_assembly_add(builder, &instructions[i]);
    if (status != QST_OK) {
        qst_assembly_abandon(builder);
        return status;
    }
    status = qst_assembly_finish(builder, &assembly);
    if (status == QST_OK)
        status = qst_assembly_draw(assembly, &(qst_draw_opts){.style = *style, .fold = 20}, &drawing, &n_bytes);
    if (status == QST_OK)
        qst_drawing_free(assembly, drawing);
    qst_assembly_free(assembly);
    return status;
}

static void no_memory_is_said(void **state)
{
    (void)state;
    for (int style = 0; style < QST_DRAW_STYLE_COUNT; style++) {
        qst_draw_style drawn = (qst_draw_style)style;
        support_fail_each_allocation(build_and_draw, &drawn);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(one_hadamard, open_ctx, close_ctx),
        cmocka_unit_test_setup_teardown(all_text_styles, open_ctx, close_ctx),
        cmocka_unit_test_setup_teardown(a_line_that_passes_blocks_a_column, open_ctx, close_ctx),
        cmocka_unit_test_setup_teardown(a_fold_makes_pages, open_ctx, close_ctx),
        cmocka_unit_test_setup_teardown(a_fold_that_is_too_narrow_still_ends, open_ctx, close_ctx),
        cmocka_unit_test_setup_teardown(an_assembly_without_wires_is_drawn, open_ctx, close_ctx),
        cmocka_unit_test_setup_teardown(what_is_too_large_is_refused, open_ctx, close_ctx),
        cmocka_unit_test_setup_teardown(a_style_that_is_none_is_refused, open_ctx, close_ctx),
        cmocka_unit_test(styles_have_names),
        cmocka_unit_test(no_memory_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
