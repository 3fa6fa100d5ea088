/* test_qasm_include.c: files that a text includes: where they are looked for, what is refused, where a mistake in one
 * is said to be, and that nothing of a strange file is shown. */
#include <qstill/qasm.h>
#include <sys/stat.h>

#include "support/support.h"

#define HEAD "OPENQASM 2.0;\ninclude \"qelib1.inc\";\nqreg q[2];\n"

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

static qst_status parse(qst_ctx *ctx, const char *text, const char *folder, qst_qasm_place *place, qst_assembly **out)
{
    const char *folders[] = {"/nowhere", folder};
    qst_qasm_opts opts = {.include_dirs = folders, .n_include_dirs = folder ? 2 : 0};
    return qst_qasm_parse(ctx, "main.qasm", text, strlen(text), &opts, place, out);
}

static void write_text(const char *name, const char *text)
{
    support_write(name, text, strlen(text));
}

static void a_library_is_found_in_a_folder(void **state)
{
    qst_ctx *ctx = *state;
    qst_assembly *assembly = NULL;
    mkdir(support_path("deep"), 0700);
    write_text("lib.inc", "gate g a { h a; }\ninclude \"deep/more.inc\";\n// the end");
    write_text("deep/more.inc", "gate k a,b { g a; cx a,b; }");
    assert_ok(ctx, parse(ctx, HEAD "include 'lib.inc';\nk q[0],q[1];\ng q[1];\n", support_folder(), NULL, &assembly));
    assert_int_equal(qst_assembly_definitions(assembly), 2);
    assert_int_equal(qst_assembly_instructions(assembly), 2);
    qst_assembly_free(assembly);
}

static void the_first_folder_counts(void **state)
{
    qst_ctx *ctx = *state;
    qst_assembly *assembly = NULL;
    mkdir(support_path("first"), 0700);
    write_text("first/pick.inc", "gate pick a,b { cx a,b; }");
    write_text("pick.inc", "gate pick a { h a; }");
    const char *folders[] = {support_path("first"), support_folder()};
    qst_qasm_opts opts = {.include_dirs = folders, .n_include_dirs = 2};
    const char *text = HEAD "include \"pick.inc\";\npick q[0],q[1];\n";
    assert_ok(ctx, qst_qasm_parse(ctx, "main.qasm", text, strlen(text), &opts, NULL, &assembly));
    qst_assembly_free(assembly);
}

static void the_built_in_library_is_never_a_file(void **state)
{
    qst_ctx *ctx = *state;
    qst_assembly *assembly = NULL;
    write_text("qelib1.inc", "this is no OpenQASM");
    assert_ok(ctx, parse(ctx, HEAD "h q;\n", support_folder(), NULL, &assembly));
    qst_assembly_free(assembly);
}

static void a_statement_may_end_in_another_file(void **state)
{
    qst_ctx *ctx = *state;
    qst_assembly *assembly = NULL;
    write_text("half.inc", "gate half a { h");
    assert_ok(ctx, parse(ctx, HEAD "include \"half.inc\";\na; }\nhalf q[0];\n", support_folder(), NULL, &assembly));
    qst_assembly_free(assembly);
}

/* The place is in the file that is read, where the include stands; the message has the one inside. */
static void a_mistake_inside_is_placed_in_both_files(void **state)
{
    qst_ctx *ctx = *state;
    qst_qasm_place place = {0};
    qst_assembly *assembly = NULL;
    write_text("outer.inc", "gate g a { h a; }\n  include \"inner.inc\";\n");
    write_text("inner.inc", "gate k a {\n  secret a;\n}\n");
    assert_status(ctx, parse(ctx, HEAD "\n include \"outer.inc\";\n", support_folder(), &place, &assembly),
                  QST_ERR_INPUT);
    assert_int_equal(place.line, 5);
    assert_int_equal(place.column, 10);
    assert_non_null(strstr(place.message, "inner.inc:2:3: this is not a known gate"));
    assert_message(ctx, "inner.inc:2:3: this is not a known gate");
    assert_null(assembly);
}

static void nothing_of_a_strange_file_is_shown(void **state)
{
    qst_ctx *ctx = *state;
    static const char *const strange[] = {"root:x:0:0:root:/root:/bin/bash\n",
                                          "root \"x\" secret;\n",
                                          "\"root\" is secret",
                                          "qreg root[0x];\n",
                                          "gate root {root}",
                                          "h root[5];",
                                          "include \"root/secret\";",
                                          "rx(root) q[0];",
                                          "rx(root(1)) q[0];",
                                          "OPENQASM root;",
                                          "qreg q[77777777777777777777777777];",
                                          "h q[77777777777777777777777777];",
                                          "rx(7e7777) q[0];",
                                          "ROOT q[0];",
                                          "creg r[1]; if(root==1) h q;",
                                          "gate rx secret {}",
                                          "measure q -> root;"};
    for (size_t s = 0; s < sizeof strange / sizeof strange[0]; s++) {
        qst_qasm_place place = {0};
        qst_assembly *assembly = NULL;
        write_text("strange", strange[s]);
        assert_status(ctx, parse(ctx, HEAD "include \"strange\";\n", support_folder(), &place, &assembly),
                      QST_ERR_INPUT);
        const char *said = strstr(place.message, "/strange:");
        assert_non_null(said);
        const char *said_too = strstr(qst_ctx_message(ctx), "/strange:");
        assert_non_null(said_too);
        static const char *const words[] = {"root", "ROOT", "secret", "7777"};
        for (size_t w = 0; w < sizeof words / sizeof words[0]; w++) {
            if (strstr(said, words[w]) || strstr(said_too, words[w])) {
                fail_msg("%s: \"%s\" is shown: %s", strange[s], words[w], said);
            }
        }
        assert_int_equal(place.line, 4);
    }
}

static void refuse(qst_ctx *ctx, const char *name, const char *folder, const char *message)
{
    char text[512];
    qst_qasm_place place = {0};
    qst_assembly *assembly = NULL;
    snprintf(text, sizeof text, HEAD "include \"%s\";\n", name);
    assert_status(ctx, parse(ctx, text, folder, &place, &assembly), QST_ERR_INPUT);
    assert_message(ctx, message);
    assert_non_null(strstr(place.message, message));
    assert_int_equal(place.line, 4);
    assert_int_equal(place.column, 9);
}

static void names_that_leave_the_folders_are_refused(void **state)
{
    qst_ctx *ctx = *state;
    write_text("there.inc", "");
    mkdir(support_path("folder"), 0700);
    refuse(ctx, "there.inc", NULL, "'there.inc' is not built in, and no include folder is given");
    refuse(ctx, "not-there.inc", support_folder(), "'not-there.inc' is neither built in nor in an include folder");
    refuse(ctx, support_path("there.inc"), support_folder(), "an absolute path is not included");
    refuse(ctx, "../there.inc", support_folder(), "\"..\" leaves the include folders");
    refuse(ctx, "folder/../there.inc", support_folder(), "\"..\" leaves the include folders");
    refuse(ctx, "folder/..", support_folder(), "\"..\" leaves the include folders");
    refuse(ctx, "..", support_folder(), "\"..\" leaves the include folders");
    refuse(ctx, "", support_folder(), "the name of the file is empty");
    refuse(ctx, "folder", support_folder(), "folder: is a folder, not a regular file");
    refuse(ctx, "qelib1.inc ", NULL, "is not built in");
}

static void a_file_comes_once(void **state)
{
    qst_ctx *ctx = *state;
    qst_assembly *assembly = NULL;
    write_text("empty.inc", "");
    write_text("self.inc", "include \"self.inc\";");
    assert_status(ctx,
                  parse(ctx, HEAD "include \"empty.inc\";include \"empty.inc\";", support_folder(), NULL, &assembly),
                  QST_ERR_INPUT);
    assert_message(ctx, "main.qasm:4:29: 'empty.inc' is included already");
    assert_status(ctx, parse(ctx, HEAD "include \"self.inc\";", support_folder(), NULL, &assembly), QST_ERR_INPUT);
    assert_message(ctx, "self.inc:1:9: this is included already");
}

/* level1 includes level2, and so on; the last has a gate. */
static qst_status nest(qst_ctx *ctx, int n_levels, qst_assembly **out)
{
    for (int level = 1; level <= n_levels; level++) {
        char name[32], text[64] = "gate deepest a {}";
        snprintf(name, sizeof name, "level%d", level);
        if (level < n_levels) {
            snprintf(text, sizeof text, "include \"level%d\";", level + 1);
        }
        write_text(name, text);
    }
    return parse(ctx, HEAD "include \"level1\";\ndeepest q[0];\n", support_folder(), NULL, out);
}

static void includes_are_eight_deep(void **state)
{
    qst_ctx *ctx = *state;
    qst_assembly *assembly = NULL;
    assert_ok(ctx, nest(ctx, 8, &assembly));
    qst_assembly_free(assembly);
    assert_status(ctx, nest(ctx, 9, &assembly), QST_ERR_INPUT);
    assert_message(ctx, "level8:1:9: includes are nested deeper than 8 levels");
}

static qst_status read_included(qst_ctx *ctx, void *arg)
{
    (void)arg;
    qst_assembly *assembly = NULL;
    qst_status status =
        parse(ctx, HEAD "include \"lib.inc\";\nk q[0],q[1];\nrx(pi/2) q;\n", support_folder(), NULL, &assembly);
    if (status == QST_OK) {
        qst_assembly_free(assembly);
    }
    return status;
}

static void memory_runs_out_anywhere(void **state)
{
    (void)state;
    mkdir(support_path("deep"), 0700);
    write_text("lib.inc", "gate g a { h a; }\ninclude \"deep/more.inc\";\n// the end");
    write_text("deep/more.inc", "gate k a,b { g a; cx a,b; }");
    support_fail_each_allocation(read_included, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_library_is_found_in_a_folder, open_ctx, close_ctx),
        cmocka_unit_test_setup_teardown(the_first_folder_counts, open_ctx, close_ctx),
        cmocka_unit_test_setup_teardown(the_built_in_library_is_never_a_file, open_ctx, close_ctx),
        cmocka_unit_test_setup_teardown(a_statement_may_end_in_another_file, open_ctx, close_ctx),
        cmocka_unit_test_setup_teardown(a_mistake_inside_is_placed_in_both_files, open_ctx, close_ctx),
        cmocka_unit_test_setup_teardown(nothing_of_a_strange_file_is_shown, open_ctx, close_ctx),
        cmocka_unit_test_setup_teardown(names_that_leave_the_folders_are_refused, open_ctx, close_ctx),
        cmocka_unit_test_setup_teardown(a_file_comes_once, open_ctx, close_ctx),
        cmocka_unit_test_setup_teardown(includes_are_eight_deep, open_ctx, close_ctx),
        cmocka_unit_test(memory_runs_out_anywhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
