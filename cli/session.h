/* session.h: one call of the program: what was typed, the library's context, and the streams. */
#ifndef CLI_SESSION_H
#define CLI_SESSION_H

#include <signal.h>

#include <qstill/run.h>

#include "command_line.h"
#include "progress_bar.h"
#include "result.h"

typedef struct cli_session {
    cli_line line;
    qst_ctx *ctx;
    cli_result out; /* standard output: results only */
    cli_message message;
    cli_progress_bar progress;
    const volatile sig_atomic_t *interrupt; /* as the context's: for work of the program's own */
} cli_session;

/* Makes the context by --threads and --quiet; warnings and progress go to standard error. `interrupt` as in
 * qst_ctx_opts. */
qst_status cli_session_begin(cli_session *session, const volatile sig_atomic_t *interrupt);
/* Frees everything but the message, and takes the progress bar away. */
void cli_session_end(cli_session *session);

/* Goes to `done:` with the status of a failed call. */
#define CLI_TRY(expression)     \
    do {                        \
        status = (expression);  \
        if (status != QST_OK) { \
            goto done;          \
        }                       \
    } while (0)

/* --- what commands share ------------------------------------------------------------------------------------------ */

/* Reads the recipe at `path` (NULL: the built-in one) with the line's --set and --seed. */
qst_status cli_read_recipe(cli_session *session, const char *path, qst_recipe **out);
/* Prints a report to standard output, as a page or as JSON. QST_NO when a condition of the recipe does not hold. */
qst_status cli_print_report(cli_session *session, const qst_report *report);

/* Refuses "-" where a folder is needed. */
qst_status cli_check_folder(cli_session *session, cli_option option);
/* Refuses an output file that is an input (by name, link or hard link), or exists when --force is not given. `inputs`
 * may hold NULLs and "FILE.npz:KEY". */
qst_status cli_check_new_file(cli_session *session, cli_option option, const char *const *inputs, size_t n_inputs);
/* The same, and one that does not end in .npy or .csv. */
qst_status cli_check_output(cli_session *session, cli_option option, const char *const *inputs, size_t n_inputs);
/* Refuses standard input for two of the options. */
qst_status cli_check_stdin(cli_session *session, const cli_option *options, size_t n_options);

/* qst_compile_opts.optimize_off of --optimize and --no-light-cone. */
unsigned cli_optimize_off(const cli_line *line);

/* A matrix on the heap, zeros; free with free(). Errors: ERR_MEMORY. */
qst_status cli_matrix_create(cli_session *session, size_t n_rows, size_t n_cols, qst_matrix *out);

/* --- the commands ------------------------------------------------------------------------------------------------- */

#define CLI_COMMAND(id, name, arguments, least, most, about, details) qst_status cmd_##id(cli_session *session);
#include "commands.def"
#undef CLI_COMMAND

/* A paragraph of lines that begin at `indent`; the first already stands at `column`. */
void cli_print_wrapped(cli_result *out, const char *text, int column, int indent);
/* The list of commands, as in `qstill help`. */
void cli_print_overview(cli_result *out);
/* The commands of a group, as in `qstill help circuit`. */
void cli_print_group(cli_result *out, const char *group);
void cli_print_command_help(cli_result *out, cli_command command);

#endif
