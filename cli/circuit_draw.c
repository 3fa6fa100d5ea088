/* circuit_draw.c: `qstill circuit draw`: the circuit in an OpenQASM file, or that of a model, as text or SVG.
 *
 * Text is folded to the terminal, as Qiskit does: to --fold, else COLUMNS, else the terminal's width, else 80. */
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <qstill/draw.h>

#include "circuit_input.h"

static size_t columns_of_terminal(void)
{
    const char *columns = getenv("COLUMNS");
    char *end = NULL;
    unsigned long width = columns && *columns >= '0' && *columns <= '9' ? strtoul(columns, &end, 10) : 0;
    if (width > 0 && *end == '\0') {
        return width;
    }
    struct winsize size;
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) {
        return size.ws_col;
    }
    return 80;
}

/* A picture in SVG is folded on request alone. */
static size_t fold_of(const cli_line *line, qst_draw_style style)
{
    if (cli_given(line, CLI_OPT_fold)) {
        return (size_t)line->values[CLI_OPT_fold].whole;
    }
    return style == QST_DRAW_svg ? 0 : columns_of_terminal();
}

static bool is_folder(const char *path)
{
    struct stat about;
    return stat(path, &about) == 0 && S_ISDIR(about.st_mode);
}

/* The circuit of a model, its weights as numbers and its features as x_0, x_1, ... */
static qst_status assembly_of_model(cli_session *session, const char *path, qst_assembly **out)
{
    qst_model *model = NULL;
    qst_status status = qst_model_load(session->ctx, path, &model);
    if (status != QST_OK) {
        return status;
    }
    const qst_circuit *circuit = qst_model_circuit(model);
    if (circuit == NULL) {
        status = cli_fail(&session->message, QST_ERR_UNSUPPORTED, "%.400s: this model has no circuit", path);
    } else {
        qst_assembly_opts opts = {.weights = qst_model_weights(model), .features_name = "x"};
        status = qst_circuit_assembly(circuit, &opts, out);
    }
    qst_model_free(model);
    return status;
}

/* Names of definitions are shown as Qiskit shows them, which depends on the language they come from. */
static qst_status read_circuit(cli_session *session, bool *out_of_qasm2, qst_assembly **out)
{
    const char *path = session->line.argument;
    qst_qasm_place place = {0};
    *out_of_qasm2 = false;
    if (is_folder(path)) {
        return assembly_of_model(session, path, out);
    }
    qst_status status = cli_read_assembly(session, path, &place, out);
    *out_of_qasm2 = place.version == 2;
    return status;
}

static qst_status print_drawing(cli_session *session, const qst_assembly *assembly, const qst_draw_opts *opts)
{
    const char *path = cli_text(&session->line, CLI_OPT_drawing_out);
    char *drawing = NULL;
    size_t n_bytes = 0;
    qst_status status = qst_assembly_draw(assembly, opts, &drawing, &n_bytes);
    if (status != QST_OK) {
        return status;
    }
    if (path && strcmp(path, "-") != 0) {
        status = qst_file_write(session->ctx, path, drawing, n_bytes);
    } else {
        cli_print(&session->out, "%s", drawing);
    }
    qst_drawing_free(assembly, drawing);
    return status;
}

qst_status cmd_circuit_draw(cli_session *session)
{
    const cli_line *line = &session->line;
    const char *inputs[] = {line->argument}, *path = cli_text(line, CLI_OPT_drawing_out);
    qst_assembly *assembly = NULL;
    qst_draw_opts opts = {.style = QST_DRAW_qiskit};
    qst_status status = QST_OK;
    if (cli_given(line, CLI_OPT_style)) {
        qst_draw_style_find(cli_text(line, CLI_OPT_style), &opts.style);
    }
    opts.fold = fold_of(line, opts.style);
    if (path && strcmp(path, "-") != 0) {
        CLI_TRY(cli_check_new_file(session, CLI_OPT_drawing_out, inputs, 1));
    }
    CLI_TRY(read_circuit(session, &opts.of_qasm2, &assembly));
    CLI_TRY(print_drawing(session, assembly, &opts));
done:
    qst_assembly_free(assembly);
    return status;
}
