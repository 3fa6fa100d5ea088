/* circuit_output.c: circuits as text, to a file or to standard output. */
#include "circuit_output.h"

#include <string.h>

/* The places of the words of --to. */
typedef enum form { TO_QASM2, TO_QASM3, TO_JSON } form;

qst_status cli_check_assembly_output(cli_session *session)
{
    const cli_line *line = &session->line;
    const uint64_t to = line->values[CLI_OPT_to].whole;
    if (cli_given(line, CLI_OPT_flavour) && to != TO_QASM3) {
        return cli_fail(&session->message, QST_ERR_USAGE, "--flavour: belongs to --to qasm3");
    }
    if (cli_given(line, CLI_OPT_definitions) && to != TO_QASM2) {
        return cli_fail(&session->message, QST_ERR_USAGE,
                        "--definitions: belongs to --to qasm2; the others always keep them");
    }
    if (to == TO_JSON && (cli_given(line, CLI_OPT_barrier) || cli_given(line, CLI_OPT_wrap))) {
        return cli_fail(&session->message, QST_ERR_USAGE, "--%s: belongs to OpenQASM; JSON has the circuit as it is",
                        cli_given(line, CLI_OPT_barrier) ? "barrier" : "wrap");
    }
    const char *inputs[] = {line->argument, cli_text(line, CLI_OPT_oracle)};
    const char *path = cli_text(line, CLI_OPT_circuit_out);
    return path && strcmp(path, "-") == 0 ? QST_OK : cli_check_new_file(session, CLI_OPT_circuit_out, inputs, 2);
}

static qst_status write_json(const qst_assembly *assembly, const double *parameters, char **out, size_t *out_bytes)
{
    qst_assembly *bound = NULL;
    qst_status status = parameters ? qst_assembly_expand(assembly, parameters, &bound) : QST_OK;
    if (status == QST_OK) {
        status = qst_assembly_json_write(bound ? bound : assembly, out, out_bytes);
    }
    qst_assembly_free(bound);
    return status;
}

static qst_status make_text(cli_session *session, const qst_assembly *assembly, const double *parameters, char **out,
                            size_t *out_bytes)
{
    const cli_line *line = &session->line;
    if (line->values[CLI_OPT_to].whole == TO_JSON) {
        return write_json(assembly, parameters, out, out_bytes);
    }
    qst_qasm_write_opts opts = {.dialect = QST_QASM2,
                                .parameters = parameters,
                                .barriers = cli_given(line, CLI_OPT_barrier),
                                .definitions = cli_given(line, CLI_OPT_definitions) ||
                                               line->command == CLI_COMMAND_circuit_transpile,
                                .wrap = cli_given(line, CLI_OPT_wrap)};
    if (line->values[CLI_OPT_to].whole == TO_QASM3) {
        opts.dialect = line->values[CLI_OPT_flavour].whole ? QST_QASM3_STANDALONE : QST_QASM3_QISKIT;
    }
    return qst_qasm_write(assembly, &opts, out, out_bytes);
}

qst_status cli_write_assembly(cli_session *session, const qst_assembly *assembly, const double *parameters)
{
    const char *path = cli_text(&session->line, CLI_OPT_circuit_out);
    char *text = NULL;
    size_t n_bytes = 0;
    qst_status status = make_text(session, assembly, parameters, &text, &n_bytes);
    if (status == QST_OK && path && strcmp(path, "-") != 0) {
        status = qst_file_write(session->ctx, path, text, n_bytes);
    } else if (status == QST_OK) {
        cli_print(&session->out, "%s", text);
    }
    qst_qasm_text_free(assembly, text);
    return status;
}
