/* test_import.c: parts of the import module: views of rows, hashes of folders, element types, what the page says. */
#include "support/support.h"

#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "import/onnx_graph.h"
#include "import/onnx_view.h"
#include "import/openvino_library.h"
#include "import/tree_hash.h"

/* --- views -------------------------------------------------------------------------------------------------------- */

static void order_is(const qsti_onnx_view *view, const size_t *expected)
{
    size_t order[24];
    assert_in_range(qsti_onnx_view_size(view), 1, 24);
    qsti_onnx_view_order(view, order);
    assert_memory_equal(order, expected, qsti_onnx_view_size(view) * sizeof *order);
}

/* (2, 3) turned to (3, 2), flattened, and turned back. */
static void views(void **state)
{
    static const size_t dims[] = {2, 3}, turn[] = {1, 0}, six[] = {6}, wide[] = {1, 3, 1, 2}, odd[] = {2, 3};
    (void)state;
    qsti_onnx_view plain = qsti_onnx_view_make(dims, 2), turned, flat, back, stretched;
    order_is(&plain, (size_t[]){0, 1, 2, 3, 4, 5});
    assert_true(qsti_onnx_view_is_plain(&plain));
    assert_true(qsti_onnx_view_transpose(&plain, turn, &turned));
    order_is(&turned, (size_t[]){0, 3, 1, 4, 2, 5});
    assert_false(qsti_onnx_view_is_plain(&turned));
    assert_true(qsti_onnx_view_reshape(&turned, six, 1, &flat));
    assert_int_equal(qsti_onnx_view_axes(&flat), 1);
    assert_int_equal(qsti_onnx_view_dim(&flat, 0), 6);
    order_is(&flat, (size_t[]){0, 3, 1, 4, 2, 5});
    assert_true(qsti_onnx_view_transpose(&turned, turn, &back));
    assert_true(qsti_onnx_view_is_plain(&back));
    assert_true(qsti_onnx_view_reshape(&turned, wide, 4, &stretched));
    order_is(&stretched, (size_t[]){0, 3, 1, 4, 2, 5});
    assert_false(qsti_onnx_view_reshape(&turned, odd, 2, &back));
}

/* --- hashes of folders -------------------------------------------------------------------------------------------- */

static void put(qst_ctx *ctx, const char *name, const char *text)
{
    assert_ok(ctx, qsti_file_write(ctx, support_path(name), text, strlen(text)));
}

static void hash_of(qst_ctx *ctx, char out[QSTI_HASH_CHARS])
{
    assert_ok(ctx, qsti_tree_hash(ctx, support_path("tree"), out));
}

/* Every name and every byte counts, and in which folder it is; the order in which they were made does not. */
static void folders(void **state)
{
    (void)state;
    char first[QSTI_HASH_CHARS], next[QSTI_HASH_CHARS];
    qst_ctx *ctx = support_ctx(1);
    assert_ok(ctx, qsti_folder_make(ctx, support_path("tree/inner")));
    put(ctx, "tree/b", "two");
    put(ctx, "tree/a", "one");
    put(ctx, "tree/inner/c", "three");
    hash_of(ctx, first);
    unlink(support_path("tree/a"));
    hash_of(ctx, next);
    assert_string_not_equal(first, next);
    put(ctx, "tree/a", "one");
    hash_of(ctx, next);
    assert_string_equal(first, next);
    put(ctx, "tree/a", "On");
    put(ctx, "tree/b", "etwo");
    hash_of(ctx, next);
    assert_string_not_equal(first, next);
    put(ctx, "tree/a", "one");
    put(ctx, "tree/b", "two");
    assert_int_equal(rename(support_path("tree/inner/c"), support_path("tree/c")), 0);
    hash_of(ctx, next);
    assert_string_not_equal(first, next);
    assert_int_equal(mkfifo(support_path("tree/pipe"), 0600), 0);
    assert_status(ctx, qsti_tree_hash(ctx, support_path("tree"), next), QST_ERR_SYSTEM);
    assert_message(ctx, "is a FIFO");
    unlink(support_path("tree/pipe"));
    assert_int_equal(symlink(".", support_path("tree/round")), 0);
    assert_status(ctx, qsti_tree_hash(ctx, support_path("tree"), next), QST_ERR_SYSTEM);
    qst_ctx_free(ctx);
}

/* --- element types ------------------------------------------------------------------------------------------------ */

static void elements(void **state)
{
    static const struct {
        qsti_element element;
        double low, high, below, above;
    } types[] = {
        {QSTI_ELEMENT_BOOL, 0, 1, -1, 2},
        {QSTI_ELEMENT_I8, -128, 127, -129, 128},
        {QSTI_ELEMENT_U8, 0, 255, -1, 256},
        {QSTI_ELEMENT_I16, -32768, 32767, -32769, 32768},
        {QSTI_ELEMENT_U16, 0, 65535, -1, 65536},
        {QSTI_ELEMENT_I32, -0x1p31, 0x1p31 - 1, -0x1p31 - 1, 0x1p31},
        {QSTI_ELEMENT_U32, 0, 0x1p32 - 1, -1, 0x1p32},
        {QSTI_ELEMENT_I64, -0x1p63, 0x1p62, -0x1p64, 0x1p63},
        {QSTI_ELEMENT_U64, 0, 0x1p63, -1, 0x1p64},
        {QSTI_ELEMENT_F32, -0x1p127, 0x1p127, -1e300, 1e300},
    };
    (void)state;
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        double values[3] = {types[i].low, types[i].high, types[i].below}, back[2];
        union {
            double aligned[3];
            char bytes[24];
        } items;
        assert_true(qsti_element_is_written(types[i].element));
        assert_int_equal(qsti_element_write(types[i].element, values, 2, items.bytes), 2);
        assert_true(qsti_element_read(types[i].element, items.bytes, 2, back));
        assert_true(back[0] == values[0] && back[1] == values[1]);
        assert_int_equal(qsti_element_write(types[i].element, values, 3, items.bytes), 2);
        values[2] = types[i].above;
        assert_int_equal(qsti_element_write(types[i].element, values, 3, items.bytes), 2);
        values[1] = 0.5;
        assert_int_equal(qsti_element_write(types[i].element, values, 2, items.bytes),
                         types[i].element == QSTI_ELEMENT_F32 ? 2 : 1);
    }
    assert_false(qsti_element_is_written(QSTI_ELEMENT_BF16));
    assert_false(qsti_element_is_written(QSTI_ELEMENT_OTHER));
}

/* --- the page ----------------------------------------------------------------------------------------------------- */

/* docs/teachers.md has a row for each operator, in the order of the table. */
static void the_page_lists_the_operators(void **state)
{
    static const struct {
        const char *domain, *name, *about;
    } operators[] = {
#define QSTI_ONNX_OPERATOR(domain, name, function, about) {domain, #name, about},
#include "import/onnx_operators.def"
#undef QSTI_ONNX_OPERATOR
    };
    (void)state;
    qst_ctx *ctx = support_ctx(1);
    char *text = NULL;
    size_t length = 0;
    assert_ok(ctx, qsti_file_read(ctx, QSTILL_SOURCE_DIR "/docs/teachers.md", 1 << 20, &text, &length));
    const char *at = strstr(text, "| operator | what of it |\n| --- | --- |\n");
    assert_non_null(at);
    at = strchr(strchr(at, '\n') + 1, '\n') + 1;
    for (size_t i = 0; i < sizeof operators / sizeof operators[0]; i++) {
        char row[256];
        snprintf(row, sizeof row, "| `%s%s%s` |%s%s |\n", operators[i].domain, operators[i].domain[0] ? "." : "",
                 operators[i].name, operators[i].about[0] ? " " : "", operators[i].about);
        if (strncmp(at, row, strlen(row)) != 0)
            print_error("docs/teachers.md: expected %s", row);
        assert_int_equal(strncmp(at, row, strlen(row)), 0);
        at += strlen(row);
    }
    assert_int_equal(*at, '\n');
    qsti_free(ctx, text);
    qst_ctx_free(ctx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(views),
        cmocka_unit_test(folders),
        cmocka_unit_test(elements),
        cmocka_unit_test(the_page_lists_the_operators),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
