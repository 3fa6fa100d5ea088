/* device_input.c: devices from the files on the command line. */
#include "device_input.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#define USUAL_MAX_AGE 90

static double positive(const cli_line *line, cli_option option)
{
    return cli_given(line, option) ? line->values[option].number : 0;
}

static qst_status check_time(cli_session *session, cli_option option)
{
    double time = session->line.values[option].number;
    return !cli_given(&session->line, option) || time > 0
               ? QST_OK
               : cli_fail(&session->message, QST_ERR_USAGE, "--%s: %g is not > 0", cli_options[option].name, time);
}

qst_status cli_read_device_files(cli_session *session, const char *const *paths, size_t n_paths, qst_device **out)
{
    const cli_line *line = &session->line;
    struct timespec now = {0};
    qst_status status = QST_OK;
    CLI_TRY(check_time(session, CLI_OPT_device_time_1q));
    CLI_TRY(check_time(session, CLI_OPT_device_time_2q));
    clock_gettime(CLOCK_REALTIME, &now);
    uint64_t days = cli_given(line, CLI_OPT_device_age) ? line->values[CLI_OPT_device_age].whole : USUAL_MAX_AGE;
    const qst_device_read_opts opts = {
        .configuration = cli_text(line, CLI_OPT_device_conf),
        .time_1q_ns = positive(line, CLI_OPT_device_time_1q),
        .time_2q_ns = positive(line, CLI_OPT_device_time_2q),
        .today_s = now.tv_sec,
        .max_age_days = days < INT32_MAX ? (int64_t)days : INT32_MAX,
    };
    CLI_TRY(qst_device_read(session->ctx, paths, n_paths, &opts, out));
done:
    return status;
}

qst_status cli_read_device(cli_session *session, qst_device **out)
{
    return cli_read_device_files(session, session->line.arguments, session->line.n_arguments, out);
}

qst_status cli_read_qubits(cli_session *session, cli_option option, size_t **out, size_t *out_n)
{
    const char *text = cli_text(&session->line, option);
    size_t *list = NULL, n = 0;
    if (text == NULL) {
        return QST_OK;
    }
    list = calloc(strlen(text) + 1, sizeof *list);
    if (list == NULL) {
        return cli_fail(&session->message, QST_ERR_MEMORY, "out of memory");
    }
    for (const char *at = text;;) {
        size_t digits = strspn(at, "0123456789");
        if (digits < 1 || digits > 9 || (at[digits] != ',' && at[digits] != '\0')) {
            free(list);
            return cli_fail(&session->message, QST_ERR_USAGE,
                            "--%s: %s is not qubits of the device separated by commas", cli_options[option].name, text);
        }
        list[n++] = strtoul(at, NULL, 10);
        if (at[digits] == '\0') {
            break;
        }
        at += digits + 1;
    }
    *out = list;
    *out_n = n;
    return QST_OK;
}

qst_status cli_check_device_output(cli_session *session, cli_option option, const char *ending)
{
    const cli_line *line = &session->line;
    const char *path = cli_text(line, option), *conf = cli_text(line, CLI_OPT_device_conf);
    size_t n = path ? strlen(path) : 0, n_ending = ending ? strlen(ending) : 0;
    if (path && ending && (n <= n_ending || strcmp(path + n - n_ending, ending) != 0)) {
        return cli_fail(&session->message, QST_ERR_USAGE, "--%s: %s does not end in %s", cli_options[option].name, path,
                        ending);
    }
    qst_status status = cli_check_new_file(session, option, line->arguments, line->n_arguments);
    return status == QST_OK ? cli_check_new_file(session, option, &conf, 1) : status;
}
