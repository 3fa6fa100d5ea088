/* test_draw_svg.c: pictures in SVG. That they are XML is tested from outside, by a parser of it. */
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

static size_t count(const char *text, const char *part)
{
    size_t n = 0;
    for (const char *at = text; (at = strstr(at, part)) != NULL; at += strlen(part))
        n++;
    return n;
}

static qst_assembly_builder *some_gates(qst_ctx *ctx)
{
    qst_assembly_builder *builder = draw_case_begin(ctx, 3, 2);
    DRAW_GATE(ctx, builder, h, 0, 0);
    DRAW_GATE(ctx, builder, ccx, 0, 0, 1, 2);
    DRAW_GATE(ctx, builder, swap, 0, 0, 2);
    DRAW_GATE(ctx, builder, cz, 0, 0, 1);
    DRAW_GATE(ctx, builder, rxx, 0.5, 2, 0);
    draw_case_measure(ctx, builder, 2, 1);
    return builder;
}

static void each_instruction_has_its_marks(void **state)
{
    char *svg = draw_case_finish(*state, some_gates(*state), &(qst_draw_opts){.style = QST_DRAW_svg});
    assert_int_equal(strncmp(svg, "<?xml", 5), 0);
    assert_int_equal(count(svg, "<svg "), 1);
    assert_int_equal(count(svg, "<rect "), 4);       /* h, x of ccx, rxx, measure */
    assert_int_equal(count(svg, "<circle "), 2 + 2); /* controls of ccx, both of cz */
    assert_int_equal(count(svg, ">Rxx(0.5)</text>"), 1);
    assert_int_equal(count(svg, ">q_1</text>"), 1);
    assert_int_equal(count(svg, ">c: 2/</text>"), 1);
    assert_non_null(strstr(svg, "</svg>\n"));
    free(svg);
}

static double attribute(const char *svg, const char *name)
{
    const char *at = strstr(svg, name);
    assert_non_null(at);
    return strtod(at + strlen(name), NULL);
}

static void a_fold_makes_it_higher(void **state)
{
    char *wide = draw_case_finish(*state, some_gates(*state), &(qst_draw_opts){.style = QST_DRAW_svg});
    char *folded = draw_case_finish(*state, some_gates(*state), &(qst_draw_opts){.style = QST_DRAW_svg, .fold = 30});
    assert_true(attribute(folded, " width=\"") < attribute(wide, " width=\""));
    assert_true(attribute(folded, " width=\"") < 30 * 8.4 + 40);
    assert_true(attribute(folded, " height=\"") > 1.8 * attribute(wide, " height=\""));
    assert_int_equal(count(folded, ">q_1</text>") > 1, 1);
    free(wide);
    free(folded);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(each_instruction_has_its_marks, open_ctx, close_ctx),
        cmocka_unit_test_setup_teardown(a_fold_makes_it_higher, open_ctx, close_ctx),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
