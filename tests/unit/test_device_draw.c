/* test_device_draw.c: coupling maps as text and as SVG. */
#include <qstill/device.h>

#include "support/support.h"

#define DEVICES QSTILL_SOURCE_DIR "/tests/golden/devices/"

static qst_device *make(qst_ctx *ctx, size_t n, qst_topology topology)
{
    qst_device *device = NULL;
    assert_ok(ctx, qst_device_generic(ctx, &(qst_device_generic_opts){.n_qubits = n, .topology = topology}, &device));
    return device;
}

static void expect_text(qst_ctx *ctx, qst_device *device, const char *expected)
{
    char *text = NULL;
    size_t n = 0;
    assert_ok(ctx, qst_device_draw_text(device, &text, &n));
    assert_string_equal(text, expected);
    assert_int_equal(n, strlen(expected));
    qst_device_text_free(device, text);
    qst_device_free(device);
}

static qst_device *read_text(qst_ctx *ctx, const char *text)
{
    const char *path = support_write("map.json", text, strlen(text));
    qst_device *device = NULL;
    assert_ok(ctx, qst_device_read(ctx, &path, 1, NULL, &device));
    return device;
}

#define NEUTRAL(n, qubits, gates) \
    "{\"format\": \"qstill-device/1\", \"n_qubits\": " n ", \"qubits\": [" qubits "], \"gates\": [" gates "]}"
#define CZ(a, b)      "{\"name\": \"cz\", \"qubits\": [" a ", " b "], \"error\": 0.01}"
#define DEAD_CZ(a, b) "{\"name\": \"cz\", \"qubits\": [" a ", " b "], \"error\": 1}"

static void grids(void **state)
{
    (void)state;
    qst_ctx *ctx = support_ctx(1);
    expect_text(ctx, make(ctx, 1, QST_TOPOLOGY_line), "0\n");
    expect_text(ctx, make(ctx, 3, QST_TOPOLOGY_line), "0---1---2\n");
    expect_text(ctx, make(ctx, 5, QST_TOPOLOGY_grid), "0---1---2\n|   |\n3---4\n");
    expect_text(
        ctx, make(ctx, 16, QST_TOPOLOGY_heavy_hex),
        " 0----1----2----3----4----5----6\n |                   |\n 7                   8\n |                   "
        "|\n 9---10---11---12---13---14---15\n");
    qst_ctx_free(ctx);
}

/* Without places: a line and a square are found; a triangle has none in a square grid and becomes a list. */
static void places_are_found(void **state)
{
    (void)state;
    qst_ctx *ctx = support_ctx(1);
    expect_text(ctx, read_text(ctx, NEUTRAL("3", "{}, {}, {}", CZ("2", "0") ", " DEAD_CZ("0", "1"))), "1-x-0---2\n");
    expect_text(ctx,
                read_text(ctx, NEUTRAL("4", "{}, {}, {}, {}",
                                       CZ("0", "1") ", " CZ("1", "2") ", " CZ("2", "3") ", " DEAD_CZ("3", "0"))),
                "0---1\nx   |\n3---2\n");
    expect_text(ctx, read_text(ctx, NEUTRAL("3", "{}, {}, {}", CZ("0", "1") ", " CZ("1", "2") ", " DEAD_CZ("2", "0"))),
                "0: 1 2x\n1: 2\n");
    expect_text(ctx, read_text(ctx, NEUTRAL("2", "{}, {}", "")), "0   1\n");
    qst_ctx_free(ctx);
}

static size_t count(const char *text, const char *word)
{
    size_t n = 0;
    for (const char *at = text; (at = strstr(at, word)) != NULL; at += strlen(word)) {
        n++;
    }
    return n;
}

static void svg_has_all_and_is_the_same_again(void **state)
{
    (void)state;
    qst_ctx *ctx = support_ctx(1);
    const char *paths[] = {DEVICES "props_sherbrooke.json", DEVICES "conf_sherbrooke.json"};
    for (size_t n_paths = 1; n_paths <= 2; n_paths++) { /* without and with the places of the configuration */
        qst_device *device = NULL;
        char *first = NULL, *second = NULL;
        size_t n = 0;
        assert_ok(ctx, qst_device_read(ctx, paths, n_paths, NULL, &device));
        assert_ok(ctx, qst_device_draw_svg(device, &first, &n));
        assert_ok(ctx, qst_device_draw_svg(device, &second, &n));
        assert_string_equal(first, second);
        assert_int_equal(n, strlen(first));
        assert_int_equal(count(first, "<circle "), 127);
        assert_int_equal(count(first, "<line "), 144);
        assert_int_equal(count(first, "dead</title>"), 9);
        assert_int_equal(count(first, "nan\""), 0);
        assert_int_equal(count(first, "</svg>\n"), 1);
        qst_device_text_free(device, first);
        qst_device_text_free(device, second);
        qst_device_free(device);
    }
    qst_ctx_free(ctx);
}

static void names_are_escaped(void **state)
{
    (void)state;
    qst_ctx *ctx = support_ctx(1);
    qst_device *device = read_text(ctx, NEUTRAL("1", "{\"id\": \"<a&\\\"b\\u0001\"}", ""));
    char *svg = NULL;
    size_t n = 0;
    assert_ok(ctx, qst_device_draw_svg(device, &svg, &n));
    assert_non_null(strstr(svg, "(&#60;a&#38;&#34;b )"));
    qst_device_text_free(device, svg);
    qst_device_free(device);
    qst_ctx_free(ctx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(grids),
        cmocka_unit_test(places_are_found),
        cmocka_unit_test(svg_has_all_and_is_the_same_again),
        cmocka_unit_test(names_are_escaped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
