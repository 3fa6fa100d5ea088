/* cmd_deploy.c: `qstill deploy`: a stored model as OpenQASM, C or JSON. Where the outputs need several measured
 * circuits, OUT.qasm becomes OUT-1.qasm, OUT-2.qasm, ... */
#include <qstill/deploy.h>

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "job_command.h"

/* What was asked for. */
typedef struct deployment {
    qst_model *model;
    qst_deploy_opts opts;
    size_t n_files;
} deployment;

static bool is_qasm(const cli_line *line)
{
    qst_deploy_form form = (qst_deploy_form)line->values[CLI_OPT_deploy_to].whole;
    return form == QST_DEPLOY_QASM2 || form == QST_DEPLOY_QASM3;
}

static qst_status check_line(cli_session *session)
{
    const cli_line *line = &session->line;
    const cli_option of_jobs[] = {CLI_OPT_samples,     CLI_OPT_shots,          CLI_OPT_layout,
                                  CLI_OPT_device_conf, CLI_OPT_device_time_1q, CLI_OPT_device_time_2q,
                                  CLI_OPT_device_age};
    qst_deploy_form form = (qst_deploy_form)line->values[CLI_OPT_deploy_to].whole;
    for (size_t o = 0; o < sizeof of_jobs / sizeof *of_jobs; o++) {
        if (cli_given(line, of_jobs[o])) {
            return cli_fail(&session->message, QST_ERR_USAGE, "--%s belongs to --device, which is not given",
                            cli_options[of_jobs[o]].name);
        }
    }
    if (!cli_given(line, CLI_OPT_deploy_to)) {
        return cli_fail(&session->message, QST_ERR_USAGE, "deploy: --to qasm2|qasm3|c|json is missing: what to write");
    }
    if (cli_given(line, CLI_OPT_flavour) && form != QST_DEPLOY_QASM3) {
        return cli_fail(&session->message, QST_ERR_USAGE, "--flavour: belongs to --to qasm3");
    }
    if (cli_given(line, CLI_OPT_deploy_unmeasured) && !is_qasm(line)) {
        return cli_fail(&session->message, QST_ERR_USAGE, "--no-measurement: belongs to --to qasm2 and qasm3");
    }
    if (cli_given(line, CLI_OPT_row) && !cli_given(line, CLI_OPT_data_sample)) {
        return cli_fail(&session->message, QST_ERR_USAGE, "--row: belongs to --data");
    }
    if (cli_given(line, CLI_OPT_data_sample) && form == QST_DEPLOY_C) {
        return cli_fail(&session->message, QST_ERR_USAGE, "--data: a C file takes any sample: none is bound");
    }
    const char *inputs[] = {cli_text(line, CLI_OPT_data_sample)};
    const char *path = cli_text(line, CLI_OPT_deploy_out);
    return strcmp(path, "-") == 0 ? QST_OK : cli_check_new_file(session, CLI_OPT_deploy_out, inputs, 1);
}

/* Row `row` of what --data holds. */
static qst_status take_sample(cli_session *session, qst_matrix rows, qst_deploy_opts *opts)
{
    size_t row = cli_given(&session->line, CLI_OPT_row) ? (size_t)session->line.values[CLI_OPT_row].whole : 0;
    if (row >= rows.n_rows) {
        return cli_fail(&session->message, QST_ERR_USAGE, "--row %zu: there are rows 0..%zu", row, rows.n_rows - 1);
    }
    opts->sample = rows.data + row * rows.n_cols;
    opts->n_sample = rows.n_cols;
    return QST_OK;
}

/* "student.qasm" -> "student-2.qasm"; the only one of its kind keeps its name. Free with free(). */
static qst_status name_file(cli_session *session, const deployment *made, size_t index, char **out)
{
    const char *path = cli_text(&session->line, CLI_OPT_deploy_out);
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path, *dot = strrchr(name, '.');
    size_t stem = dot && dot != name ? (size_t)(dot - path) : strlen(path);
    int n = made->n_files == 1 ? asprintf(out, "%s", path)
                               : asprintf(out, "%.*s-%zu%s", (int)stem, path, index + 1, path + stem);
    return n >= 0 ? QST_OK : cli_fail(&session->message, QST_ERR_MEMORY, "out of memory");
}

/* The files of several circuits, all before the first is written. */
static qst_status check_files(cli_session *session, const deployment *made)
{
    qst_status status = QST_OK;
    struct stat about;
    char *path = NULL;
    for (size_t i = 0; made->n_files > 1 && i < made->n_files && !cli_given(&session->line, CLI_OPT_force); i++) {
        CLI_TRY(name_file(session, made, i, &path));
        if (stat(path, &about) == 0) {
            CLI_TRY(cli_fail(&session->message, QST_ERR_SYSTEM, "%s: exists already; --force writes over it", path));
        }
        free(path);
        path = NULL;
    }
done:
    free(path);
    return status;
}

static qst_status write_file(cli_session *session, deployment *made, size_t index)
{
    char *text = NULL, *path = NULL;
    size_t n_bytes = 0;
    qst_status status;
    made->opts.circuit = is_qasm(&session->line) ? index : 0;
    CLI_TRY(name_file(session, made, index, &path));
    CLI_TRY(qst_model_deploy(made->model, &made->opts, &text, &n_bytes));
    if (strcmp(path, "-") == 0) {
        cli_print(&session->out, "%s", text);
    } else {
        CLI_TRY(qst_file_write(session->ctx, path, text, n_bytes));
    }
done:
    if (text) {
        qst_deploy_free(made->model, text);
    }
    free(path);
    return status;
}

static qst_status tell(cli_session *session, const deployment *made)
{
    static const char *const forms[] = {"qasm2", "qasm3", "c", "json"};
    const char *form = forms[session->line.values[CLI_OPT_deploy_to].whole];
    bool as_json = cli_given(&session->line, CLI_OPT_json);
    char *path = NULL;
    qst_status status = QST_OK;
    if (strcmp(cli_text(&session->line, CLI_OPT_deploy_out), "-") == 0) {
        return QST_OK;
    }
    cli_print(&session->out, as_json ? "{\"form\": \"%s\", \"files\": [" : "%s: ", form);
    for (size_t i = 0; i < made->n_files; i++) {
        CLI_TRY(name_file(session, made, i, &path));
        cli_print(&session->out, "%s", i ? ", " : "");
        if (as_json) {
            cli_print_json_string(&session->out, path);
        } else {
            cli_print(&session->out, "%s", path);
        }
        free(path);
        path = NULL;
    }
    cli_print(&session->out, as_json ? "]}\n" : "\n");
done:
    return status;
}

qst_status cmd_deploy(cli_session *session)
{
    const cli_line *line = &session->line;
    qst_matrix rows = {NULL, 0, 0};
    deployment made = {.opts = {.form = (qst_deploy_form)line->values[CLI_OPT_deploy_to].whole,
                                .standalone = line->values[CLI_OPT_flavour].whole != 0,
                                .without_measurement = cli_given(line, CLI_OPT_deploy_unmeasured)},
                       .n_files = 1};
    qst_status status;
    if (cli_given(line, CLI_OPT_device)) {
        return cli_write_job(session);
    }
    CLI_TRY(check_line(session));
    CLI_TRY(qst_model_load(session->ctx, line->argument, &made.model));
    if (is_qasm(line) && !made.opts.without_measurement) {
        CLI_TRY(qst_deploy_circuits(made.model, &made.n_files));
    }
    if (made.n_files > 1 && strcmp(cli_text(line, CLI_OPT_deploy_out), "-") == 0) {
        CLI_TRY(cli_fail(&session->message, QST_ERR_USAGE,
                         "--out -: the outputs need %zu circuits, each a file of its own", made.n_files));
    }
    if (cli_given(line, CLI_OPT_data_sample)) {
        CLI_TRY(qst_array_read(session->ctx, cli_text(line, CLI_OPT_data_sample), &rows));
        CLI_TRY(take_sample(session, rows, &made.opts));
    }
    CLI_TRY(check_files(session, &made));
    for (size_t i = 0; i < made.n_files; i++) {
        CLI_TRY(write_file(session, &made, i));
    }
    CLI_TRY(tell(session, &made));
done:
    qst_array_free(session->ctx, &rows);
    qst_model_free(made.model);
    return status;
}
