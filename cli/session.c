/* session.c: the context of one call, recipes and reports, and the checks of file names before work begins. */
#include "session.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* --- begin and end ------------------------------------------------------------------------------------------------ */

static void show_progress(void *user, const qst_progress *progress)
{
    cli_session *session = user;
    cli_progress_show(&session->progress, progress);
}

static void show_log(void *user, qst_log_level level, const char *message)
{
    cli_session *session = user;
    bool is_warning = level == QST_LOG_WARNING;
    if (is_warning || (level == QST_LOG_NOTICE && !cli_given(&session->line, CLI_OPT_quiet))) {
        cli_progress_erase(&session->progress);
        fprintf(stderr, "qstill: %s%s\n", is_warning ? "warning: " : "", message);
    }
}

qst_status cli_session_begin(cli_session *session, const volatile sig_atomic_t *interrupt)
{
    const cli_line *line = &session->line;
    session->interrupt = interrupt;
    cli_progress_init(&session->progress, cli_given(line, CLI_OPT_quiet));
    qst_ctx_opts opts = {
        .log = show_log,
        .progress = show_progress,
        .user = session,
        .n_threads = (int)line->values[CLI_OPT_threads].whole,
        .interrupt = interrupt,
    };
    qst_status status = qst_ctx_create(&opts, &session->ctx);
    return status == QST_OK ? QST_OK : cli_fail(&session->message, status, "%s", qst_status_meaning(status));
}

void cli_session_end(cli_session *session)
{
    cli_progress_erase(&session->progress);
    qst_ctx_free(session->ctx);
    session->ctx = NULL;
    cli_line_clear(&session->line);
}

/* --- recipes and reports ------------------------------------------------------------------------------------------ */

qst_status cli_read_recipe(cli_session *session, const char *path, qst_recipe **out)
{
    const char *const *sets = (const char *const *)session->line.sets;
    return qst_recipe_load(session->ctx, path, sets, session->line.n_sets, out);
}

qst_status cli_print_report(cli_session *session, const qst_report *report)
{
    cli_progress_erase(&session->progress);
    bool json = cli_given(&session->line, CLI_OPT_json);
    const char *text = json ? qst_report_json(report) : qst_report_page(report);
    size_t length = strlen(text);
    cli_print(&session->out, "%s%s", text, length > 0 && text[length - 1] == '\n' ? "" : "\n");
    if (qst_report_holds(report)) {
        return QST_OK;
    }
    return cli_fail(&session->message, QST_NO, "a condition of verify.require does not hold");
}

/* --- file names --------------------------------------------------------------------------------------------------- */

qst_status cli_check_folder(cli_session *session, cli_option option)
{
    const char *path = cli_text(&session->line, option);
    if (path && strcmp(path, "-") == 0) {
        return cli_fail(&session->message, QST_ERR_USAGE, "--%s: a folder is needed, not a stream",
                        cli_options[option].name);
    }
    return QST_OK;
}

static bool ends_in(const char *path, const char *ending)
{
    size_t n_path = strlen(path), n_ending = strlen(ending);
    return n_path > n_ending && strcmp(path + n_path - n_ending, ending) == 0;
}

/* "FILE.npz:KEY" is FILE.npz. */
static bool stat_input(const char *path, struct stat *out)
{
    if (stat(path, out) == 0) {
        return true;
    }
    const char *key = strstr(path, ".npz:");
    if (key == NULL) {
        return false;
    }
    char *file = strndup(path, (size_t)(key - path) + strlen(".npz"));
    bool found = file && stat(file, out) == 0;
    free(file);
    return found;
}

qst_status cli_check_new_file(cli_session *session, cli_option option, const char *const *inputs, size_t n_inputs)
{
    const char *path = cli_text(&session->line, option), *name = cli_options[option].name;
    struct stat output, input;
    if (path == NULL || stat(path, &output) != 0) {
        return QST_OK;
    }
    for (size_t i = 0; i < n_inputs; i++) {
        if (inputs[i] && stat_input(inputs[i], &input) && input.st_dev == output.st_dev &&
            input.st_ino == output.st_ino) {
            return cli_fail(&session->message, QST_ERR_USAGE, "--%s: %s is also an input (%s)", name, path, inputs[i]);
        }
    }
    if (S_ISREG(output.st_mode) && !cli_given(&session->line, CLI_OPT_force)) {
        return cli_fail(&session->message, QST_ERR_SYSTEM, "%s: exists already; --force writes over it", path);
    }
    return QST_OK;
}

qst_status cli_check_output(cli_session *session, cli_option option, const char *const *inputs, size_t n_inputs)
{
    const char *path = cli_text(&session->line, option);
    if (path && !ends_in(path, ".npy") && !ends_in(path, ".csv")) {
        return cli_fail(&session->message, QST_ERR_USAGE, "--%s: %s does not end in .npy or .csv",
                        cli_options[option].name, path);
    }
    return cli_check_new_file(session, option, inputs, n_inputs);
}

qst_status cli_check_stdin(cli_session *session, const cli_option *options, size_t n_options)
{
    const char *first = NULL;
    for (size_t i = 0; i < n_options; i++) {
        const char *path = cli_text(&session->line, options[i]);
        if (path == NULL || strcmp(path, "-") != 0) {
            continue;
        }
        if (first) {
            return cli_fail(&session->message, QST_ERR_USAGE, "--%s and --%s cannot both read standard input", first,
                            cli_options[options[i]].name);
        }
        first = cli_options[options[i]].name;
    }
    return QST_OK;
}

/* --- circuits ----------------------------------------------------------------------------------------------------- */

unsigned cli_optimize_off(const cli_line *line)
{
    unsigned off = line->values[CLI_OPT_optimize].whole ? QST_OPTIMIZE_ALL : 0;
    return cli_given(line, CLI_OPT_no_light_cone) ? off | QST_OPTIMIZE_CONE : off;
}

/* --- arrays ------------------------------------------------------------------------------------------------------- */

qst_status cli_matrix_create(cli_session *session, size_t n_rows, size_t n_cols, qst_matrix *out)
{
    size_t n_values;
    double *data = NULL;
    if (!__builtin_mul_overflow(n_rows, n_cols, &n_values)) {
        data = calloc(n_values ? n_values : 1, sizeof *data);
    }
    if (data == NULL) {
        return cli_fail(&session->message, QST_ERR_MEMORY, "out of memory for an array of %zu x %zu", n_rows, n_cols);
    }
    *out = (qst_matrix){data, n_rows, n_cols};
    return QST_OK;
}
