/* main.c: streams, signals and exit codes; the commands are in cmd_<name>.c.
 *
 * stdout holds results only, and a result that cannot be written is a failure; a reader that has gone away (`| head`)
 * is not. What went wrong stands on one line of stderr. The exit code is the status' (qstill/status.def); 128 + signal
 * when a signal stopped the work. The first SIGINT or SIGTERM lets the library write its checkpoint, the second ends
 * the process at once. */
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "session.h"

/* --- signals ------------------------------------------------------------------------------------------------------ */

/* The signal that asked to stop, or 0: the only thing a handler may touch, so it cannot be in the session. */
static volatile sig_atomic_t stop_signal;

static void on_stop(int number)
{
    stop_signal = number;
    signal(SIGINT, SIG_DFL);
    signal(SIGTERM, SIG_DFL);
}

/* A signal that was ignored when the program began (a shell's background job) stays ignored. */
static void watch(int number)
{
    struct sigaction action = {.sa_handler = on_stop}, before;
    sigemptyset(&action.sa_mask);
    if (sigaction(number, NULL, &before) == 0 && before.sa_handler != SIG_IGN) {
        sigaction(number, &action, NULL);
    }
}

static void set_signals(void)
{
    signal(SIGPIPE, SIG_IGN);
    watch(SIGINT);
    watch(SIGTERM);
}

/* --- streams ------------------------------------------------------------------------------------------------------ */

/* A descriptor 0..2 that is closed would be given to the next file that is opened. /dev/null in the wrong direction
 * holds its place, so that using it fails as a closed one would. */
static bool hold_standard_descriptors(void)
{
    for (int descriptor = STDIN_FILENO; descriptor <= STDERR_FILENO; descriptor++) {
        if (fcntl(descriptor, F_GETFD) != -1) {
            continue;
        }
        if (open("/dev/null", descriptor == STDIN_FILENO ? O_WRONLY : O_RDONLY) != descriptor) {
            return false;
        }
    }
    return true;
}

/* --- one command -------------------------------------------------------------------------------------------------- */

typedef qst_status command_fn(cli_session *session);

static command_fn *const command_functions[CLI_COMMAND_COUNT] = {
#define CLI_COMMAND(id, name, arguments, least, most, about, details) cmd_##id,
#include "commands.def"
#undef CLI_COMMAND
};

static qst_status run_command(cli_session *session)
{
    qst_status status = cli_session_begin(session, &stop_signal);
    if (status != QST_OK) {
        return status;
    }
    status = command_functions[session->line.command](session);
    if (status != QST_OK && session->message.bytes[0] == '\0') {
        const char *message = qst_ctx_message(session->ctx);
        cli_fail(&session->message, status, "%s", message[0] ? message : qst_status_meaning(status));
        cli_line_name_options(&session->line, &session->message);
    }
    return status;
}

static qst_status run_line(cli_session *session, int argc, const char **argv)
{
    if (argc < 2) {
        return cli_fail(&session->message, QST_ERR_USAGE,
                        "a command is needed: qstill COMMAND [ARGUMENT] [OPTION]...; see `qstill help`");
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
        cli_print_overview(&session->out);
        return QST_OK;
    }
    if (strcmp(argv[1], "--version") == 0) {
        cli_print(&session->out, "qstill %s\n", qst_version());
        return QST_OK;
    }
    if (argc > 2 && cli_command_is_group(argv[1]) && (strcmp(argv[2], "--help") == 0 || strcmp(argv[2], "-h") == 0) &&
        cli_command_find(argv[1], NULL, &session->line.command) == 0) {
        cli_print_group(&session->out, argv[1]);
        return QST_OK;
    }
    qst_status status = cli_line_parse(&session->line, &session->message, argc, argv);
    if (status != QST_OK) {
        return status;
    }
    if (cli_given(&session->line, CLI_OPT_help)) {
        cli_print_command_help(&session->out, session->line.command);
        return QST_OK;
    }
    return run_command(session);
}

static int exit_code(qst_status status)
{
    bool stopped = status == QST_ERR_INTERRUPTED && stop_signal != 0;
    return stopped ? 128 + stop_signal : qst_status_exit_code(status);
}

int main(int argc, char **argv)
{
    if (!hold_standard_descriptors()) {
        return qst_status_exit_code(QST_ERR_SYSTEM);
    }
    set_signals();
    cli_session session = {.out = {.file = stdout}};
    qst_status status = run_line(&session, argc, (const char **)argv);
    cli_session_end(&session);

    cli_message lost = {""};
    qst_status closed = cli_result_close(&session.out, &lost);
    if (status != QST_OK) {
        fprintf(stderr, "qstill: %s\n", session.message.bytes);
        return exit_code(status);
    }
    if (closed != QST_OK) {
        fprintf(stderr, "qstill: %s\n", lost.bytes);
    }
    return exit_code(closed);
}
