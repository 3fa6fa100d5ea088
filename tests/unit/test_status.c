/* test_status.c: status names, messages, warnings, and the context's callbacks. */
#include "support/support.h"

#include <errno.h>

#include "base/memory.h"

static void every_status_is_described(void **state)
{
    (void)state;
    static const struct {
        qst_status status;
        int exit_code;
        const char *name;
    } rows[] = {
        {QST_OK, 0, "QST_OK"},
        {QST_NO, 1, "QST_NO"},
        {QST_ERR_USAGE, 2, "QST_ERR_USAGE"},
        {QST_ERR_INPUT, 3, "QST_ERR_INPUT"},
        {QST_ERR_UNSUPPORTED, 4, "QST_ERR_UNSUPPORTED"},
        {QST_ERR_MISMATCH, 5, "QST_ERR_MISMATCH"},
        {QST_ERR_DAMAGED, 6, "QST_ERR_DAMAGED"},
        {QST_ERR_SYSTEM, 7, "QST_ERR_SYSTEM"},
        {QST_ERR_MEMORY, 8, "QST_ERR_MEMORY"},
        {QST_ERR_LIMIT, 8, "QST_ERR_LIMIT"},
        {QST_ERR_DIVERGED, 9, "QST_ERR_DIVERGED"},
        {QST_ERR_INTERNAL, 10, "QST_ERR_INTERNAL"},
        {QST_ERR_INTERRUPTED, 130, "QST_ERR_INTERRUPTED"},
    };
    assert_int_equal(sizeof rows / sizeof rows[0], QST_STATUS_COUNT);
    for (size_t r = 0; r < QST_STATUS_COUNT; r++) {
        assert_string_equal(qst_status_name(rows[r].status), rows[r].name);
        assert_int_equal(qst_status_exit_code(rows[r].status), rows[r].exit_code);
        assert_true(strlen(qst_status_meaning(rows[r].status)) > 3);
    }
    assert_string_equal(qst_status_name((qst_status)99), "QST_UNKNOWN");
    assert_int_equal(qst_status_exit_code((qst_status)99), 10);
    assert_non_null(qst_status_meaning((qst_status)99));
}

static void messages_are_formatted(void **state)
{
    (void)state;
    qst_ctx *ctx = support_ctx(1);
    assert_string_equal(qst_ctx_message(ctx), "");
    assert_int_equal(qsti_fail(ctx, QST_ERR_USAGE, "temperature: %g is not > %d", 0.5, 0), QST_ERR_USAGE);
    assert_string_equal(qst_ctx_message(ctx), "temperature: 0.5 is not > 0");

    qsti_fail_at(ctx, QST_ERR_INPUT, (qsti_place){"a.csv", 41, 7}, "\"%s\" is not a number", "x");
    assert_string_equal(qst_ctx_message(ctx), "a.csv:41:7: \"x\" is not a number");
    qsti_fail_at(ctx, QST_ERR_INPUT, (qsti_place){"a.csv", 41, 0}, "short");
    assert_string_equal(qst_ctx_message(ctx), "a.csv:41: short");
    qsti_fail_at(ctx, QST_ERR_INPUT, (qsti_place){"a.csv", 0, 7}, "empty");
    assert_string_equal(qst_ctx_message(ctx), "a.csv: empty");
    qsti_fail_at(ctx, QST_ERR_INPUT, (qsti_place){NULL, 0, 0}, "bare");
    assert_string_equal(qst_ctx_message(ctx), "bare");
    qst_ctx_free(ctx);
}

static void a_message_may_be_built_from_the_old_one(void **state)
{
    (void)state;
    qst_ctx *ctx = support_ctx(1);
    qsti_fail(ctx, QST_ERR_INPUT, "not JSON");
    assert_int_equal(qsti_fail_within(ctx, QST_ERR_DAMAGED, "%s: header", "m.safetensors"), QST_ERR_DAMAGED);
    assert_string_equal(qst_ctx_message(ctx), "m.safetensors: header: not JSON");
    qsti_fail(ctx, QST_ERR_INPUT, "<%s>", qst_ctx_message(ctx));
    assert_string_equal(qst_ctx_message(ctx), "<m.safetensors: header: not JSON>");
    qsti_fail_within(ctx, QST_ERR_INPUT, "%s", qst_ctx_message(ctx) + 1);
    assert_string_equal(qst_ctx_message(ctx), "m.safetensors: header: not JSON>: <m.safetensors: header: not JSON>");
    qst_ctx_free(ctx);
}

static void messages_are_one_clean_line(void **state)
{
    (void)state;
    static const struct {
        const char *text, *message;
    } rows[] = {
        {"two\nlines\r\n", "two?lines??"},
        {"tab\there \x1b[31mred\x7f", "tab?here ?[31mred?"},
        {"\xc2\xb5s \xe2\x9f\xa8Z\xe2\x9f\xa9 \xf0\x9f\x98\x80",
         "\xc2\xb5s \xe2\x9f\xa8Z\xe2\x9f\xa9 \xf0\x9f\x98\x80"},
        {"c1 \xc2\x9b end", "c1 ? end"},
        {"broken \xff\xc3( \xed\xa0\x80 \xc0\x80 \xf5\x80\x80\x80 \xe2\x82", "broken ?\?( ??? ?? ???? ??"},
    };
    qst_ctx *ctx = support_ctx(1);
    for (size_t r = 0; r < sizeof rows / sizeof rows[0]; r++) {
        qsti_fail(ctx, QST_ERR_INPUT, "%s", rows[r].text);
        assert_string_equal(qst_ctx_message(ctx), rows[r].message);
    }
    qst_ctx_free(ctx);
}

static void long_messages_are_cut(void **state)
{
    (void)state;
    static char text[200001];
    qst_ctx *ctx = support_ctx(1);
    memset(text, 'a', 1023);
    qsti_fail(ctx, QST_ERR_INPUT, "%s", text);
    assert_string_equal(qst_ctx_message(ctx), text);
    memset(text, 'a', sizeof text - 1);
    qsti_fail(ctx, QST_ERR_INPUT, "%s", text);
    assert_int_equal(strlen(qst_ctx_message(ctx)), 1023);
    assert_string_equal(qst_ctx_message(ctx) + 1018, "aa...");

    for (size_t i = 0; i + 1 < sizeof text; i += 2) {
        text[i] = (char)0xc2;
        text[i + 1] = (char)0xb5;
    }
    qsti_fail(ctx, QST_ERR_INPUT, "%s", text);
    assert_string_equal(qst_ctx_message(ctx) + strlen(qst_ctx_message(ctx)) - 5, "\xc2\xb5...");
    qsti_fail_within(ctx, QST_ERR_INPUT, "file");
    assert_memory_equal(qst_ctx_message(ctx), "file: \xc2\xb5", 8);
    qst_ctx_free(ctx);
}

static void failing_without_a_context_works(void **state)
{
    (void)state;
    errno = ENOENT;
    assert_int_equal(qsti_fail(NULL, QST_ERR_USAGE, "x"), QST_ERR_USAGE);
    assert_int_equal(qsti_fail_at(NULL, QST_ERR_INPUT, (qsti_place){"f", 1, 1}, "x"), QST_ERR_INPUT);
    assert_int_equal(qsti_fail_errno(NULL, "x"), QST_ERR_SYSTEM);
    assert_int_equal(qsti_fail_within(NULL, QST_ERR_INPUT, "x"), QST_ERR_INPUT);
    assert_string_equal(qst_ctx_message(NULL), "");
    qsti_warn(NULL, "x");
    qsti_log(NULL, QST_LOG_INFO, "x");
    qst_ctx_free(NULL);
}

static void system_errors_are_described(void **state)
{
    (void)state;
    qst_ctx *ctx = support_ctx(1);
    errno = ENOSPC;
    assert_int_equal(qsti_fail_errno(ctx, "%s: cannot be written", "a"), QST_ERR_SYSTEM);
    assert_string_equal(qst_ctx_message(ctx), "a: cannot be written: No space left on device");
    errno = ENOMEM;
    assert_int_equal(qsti_fail_errno(ctx, "a"), QST_ERR_MEMORY);
    errno = 9999;
    qsti_fail_errno(ctx, "a");
    assert_string_equal(qst_ctx_message(ctx), "a: error 9999");
    qst_ctx_free(ctx);
}

/* --- callbacks ---------------------------------------------------------------------------------------------------- */

typedef struct heard {
    size_t n_logs;
    qst_log_level level;
    char last[64];
    double progress;
} heard;

static void hear_log(void *user, qst_log_level level, const char *message)
{
    heard *to = user;
    to->n_logs++;
    to->level = level;
    snprintf(to->last, sizeof to->last, "%s", message);
}

static void hear_progress(void *user, const qst_progress *progress)
{
    ((heard *)user)->progress = progress->done / progress->total;
}

static void warnings_are_kept_once(void **state)
{
    (void)state;
    heard log = {.n_logs = 0};
    qst_ctx *ctx = NULL;
    assert_ok(NULL, qst_ctx_create(&(qst_ctx_opts){.log = hear_log, .user = &log}, &ctx));
    const char *const *messages = NULL;
    assert_int_equal(qsti_ctx_warnings(ctx, &messages), 0);
    qsti_fail(ctx, QST_ERR_INPUT, "kept");
    for (int i = 0; i < 3; i++) {
        qsti_warn(ctx, "column %d is constant\n", 7);
    }
    assert_int_equal(log.n_logs, 1);
    assert_int_equal(log.level, QST_LOG_WARNING);
    assert_string_equal(log.last, "column 7 is constant?");
    for (int i = 0; i < 100; i++) {
        qsti_warn(ctx, "column %d is constant", i);
    }
    assert_int_equal(qsti_ctx_warnings(ctx, &messages), 64);
    assert_string_equal(messages[0], "column 7 is constant?");
    assert_string_equal(messages[63], "column 62 is constant");
    assert_int_equal(qsti_ctx_warnings_given(ctx), 103);
    assert_int_equal(log.n_logs, 101);
    assert_string_equal(qst_ctx_message(ctx), "kept");
    qst_ctx_free(ctx);
}

static void a_warning_needs_no_memory(void **state)
{
    (void)state;
    support_memory memory = {.n_live = 0};
    qst_ctx *ctx = support_memory_ctx(&memory);
    memory.fail_at = memory.n_calls + 1;
    qsti_warn(ctx, "lost");
    qsti_warn(ctx, "kept");
    const char *const *messages = NULL;
    assert_int_equal(qsti_ctx_warnings(ctx, &messages), 1);
    assert_string_equal(messages[0], "kept");
    assert_int_equal(qsti_ctx_warnings_given(ctx), 2);
    qst_ctx_free(ctx);
    assert_int_equal(memory.n_live, 0);
}

static void callbacks_are_called(void **state)
{
    (void)state;
    heard to = {.n_logs = 0};
    volatile sig_atomic_t interrupt = 0;
    qst_ctx_opts opts = {.log = hear_log, .progress = hear_progress, .user = &to, .interrupt = &interrupt};
    qst_ctx *ctx = NULL;
    assert_ok(NULL, qst_ctx_create(&opts, &ctx));
    qsti_log(ctx, QST_LOG_DEBUG, "%d threads", qst_ctx_threads(ctx) > 0);
    assert_int_equal(to.level, QST_LOG_DEBUG);
    assert_string_equal(to.last, "1 threads");
    qsti_progress(ctx, &(qst_progress){.stage = "x", .done = 1, .total = 4});
    assert_close(to.progress, 0.25, 0);
    qsti_progress_part(ctx, 0.5, 0.75);
    qsti_progress(ctx, &(qst_progress){.stage = "x", .done = 1, .total = 4});
    assert_close(to.progress, 0.5625, 0);
    qsti_progress(ctx, &(qst_progress){.stage = "x"});
    assert_close(to.progress, 0.5, 0);

    assert_ok(ctx, qsti_check_interrupt(ctx));
    interrupt = SIGINT;
    assert_status(ctx, qsti_check_interrupt(ctx), QST_ERR_INTERRUPTED);
    assert_message(ctx, "stopped by request");
    qst_ctx_free(ctx);

    ctx = support_ctx(1);
    assert_ok(ctx, qsti_check_interrupt(ctx));
    qsti_log(ctx, QST_LOG_INFO, "silent");
    qsti_progress(ctx, &(qst_progress){.stage = "silent", .total = 1});
    qst_ctx_free(ctx);
}

static void wrong_options_are_refused(void **state)
{
    (void)state;
    qst_ctx *ctx = NULL;
    qst_allocator incomplete = {0};
    assert_int_equal(qst_ctx_create(&(qst_ctx_opts){.n_threads = -1}, &ctx), QST_ERR_USAGE);
    assert_int_equal(qst_ctx_create(&(qst_ctx_opts){.n_threads = 1025}, &ctx), QST_ERR_USAGE);
    assert_int_equal(qst_ctx_create(&(qst_ctx_opts){.allocator = &incomplete}, &ctx), QST_ERR_USAGE);
    assert_int_equal(qst_ctx_create(NULL, NULL), QST_ERR_USAGE);
    assert_null(ctx);
    assert_ok(NULL, qst_ctx_create(&(qst_ctx_opts){.n_threads = 1024}, &ctx));
    assert_int_equal(qst_ctx_threads(ctx), 1024);
    qst_ctx_free(ctx);
    assert_ok(NULL, qst_ctx_create(NULL, &ctx));
    assert_true(qst_ctx_threads(ctx) >= 1);
    qst_ctx_free(ctx);
    assert_string_equal(qst_version(), QSTILL_VERSION);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_status_is_described),
        cmocka_unit_test(messages_are_formatted),
        cmocka_unit_test(a_message_may_be_built_from_the_old_one),
        cmocka_unit_test(messages_are_one_clean_line),
        cmocka_unit_test(long_messages_are_cut),
        cmocka_unit_test(failing_without_a_context_works),
        cmocka_unit_test(system_errors_are_described),
        cmocka_unit_test(warnings_are_kept_once),
        cmocka_unit_test(a_warning_needs_no_memory),
        cmocka_unit_test(callbacks_are_called),
        cmocka_unit_test(wrong_options_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
