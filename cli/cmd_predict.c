/* cmd_predict.c: `qstill predict`: class probabilities of a stored model for raw inputs.
 *
 * .npy is (N, C) f64. CSV has the columns `label` (the most probable class; the first of equals) and one a class, named
 * as the classes are. Models without class names number them from 0. predict_measured.c is what --device, --noise and
 * --shots do. */
#include <stdlib.h>
#include <string.h>

#include "predict_measured.h"

/* --- the table of results ----------------------------------------------------------------------------------------- */

typedef struct prediction {
    const qst_model *model;
    qst_matrix probabilities; /* (N, C) */
} prediction;

static size_t most_probable(const double *row, size_t n_classes)
{
    size_t best = 0;
    for (size_t c = 1; c < n_classes; c++) {
        if (row[c] > row[best]) {
            best = c;
        }
    }
    return best;
}

/* A class' name, or its number written into `number`. */
static const char *class_name(const qst_model *model, size_t class_index, char number[32])
{
    const char *name = qst_model_class_name(model, class_index);
    if (name) {
        return name;
    }
    snprintf(number, 32, "%zu", class_index);
    return number;
}

static void print_csv(cli_result *out, const prediction *made)
{
    char number[32];
    qst_matrix table = made->probabilities;
    cli_print(out, "label");
    for (size_t c = 0; c < table.n_cols; c++) {
        cli_print(out, ",");
        cli_print_csv_field(out, class_name(made->model, c, number));
    }
    cli_print(out, "\n");
    for (size_t row = 0; row < table.n_rows && out->error == 0; row++) {
        const double *values = table.data + row * table.n_cols;
        cli_print_csv_field(out, class_name(made->model, most_probable(values, table.n_cols), number));
        for (size_t c = 0; c < table.n_cols; c++) {
            cli_print(out, ",");
            cli_print_number(out, values[c]);
        }
        cli_print(out, "\n");
    }
}

/* Without the closing brace. */
static void print_json(cli_result *out, const prediction *made)
{
    char number[32];
    qst_matrix table = made->probabilities;
    cli_print(out, "{\"classes\": [");
    for (size_t c = 0; c < table.n_cols; c++) {
        cli_print(out, "%s", c ? ", " : "");
        cli_print_json_string(out, class_name(made->model, c, number));
    }
    cli_print(out, "],\n \"labels\": [");
    for (size_t row = 0; row < table.n_rows && out->error == 0; row++) {
        size_t best = most_probable(table.data + row * table.n_cols, table.n_cols);
        cli_print(out, "%s", row ? ", " : "");
        cli_print_json_string(out, class_name(made->model, best, number));
    }
    cli_print(out, "],\n \"probabilities\": [");
    for (size_t row = 0; row < table.n_rows && out->error == 0; row++) {
        cli_print(out, "%s[", row ? ",\n  " : "\n  ");
        for (size_t c = 0; c < table.n_cols; c++) {
            cli_print(out, "%s", c ? ", " : "");
            cli_print_number(out, table.data[row * table.n_cols + c]);
        }
        cli_print(out, "]");
    }
    cli_print(out, "]");
}

/* --- files -------------------------------------------------------------------------------------------------------- */

static qst_status write_csv(cli_session *session, const char *path, const prediction *made)
{
    char *bytes = NULL;
    size_t n_bytes = 0;
    cli_result text = {.file = open_memstream(&bytes, &n_bytes)};
    if (text.file == NULL) {
        return cli_fail(&session->message, QST_ERR_MEMORY, "out of memory");
    }
    print_csv(&text, made);
    bool closed = fclose(text.file) == 0;
    qst_status status = text.error || !closed
                            ? cli_fail(&session->message, QST_ERR_MEMORY, "out of memory for %s", path)
                            : qst_file_write(session->ctx, path, bytes, n_bytes);
    free(bytes);
    return status;
}

static qst_status write_file(cli_session *session, const char *path, const prediction *made)
{
    size_t length = strlen(path);
    bool is_csv = length > 4 && strcmp(path + length - 4, ".csv") == 0;
    return is_csv ? write_csv(session, path, made)
                  : qst_array_write(session->ctx, path, qst_const_view(made->probabilities), NULL);
}

/* --- checks ------------------------------------------------------------------------------------------------------- */

static bool writes_to_stdout(const cli_line *line)
{
    const char *path = cli_text(line, CLI_OPT_out_file);
    return path == NULL || strcmp(path, "-") == 0;
}

static qst_status check_streams(cli_session *session)
{
    const cli_line *line = &session->line;
    const char *out = cli_text(line, CLI_OPT_out_file);
    if (out && strcmp(out, "-") == 0) {
        return cli_given(line, CLI_OPT_json)
                   ? cli_fail(&session->message, QST_ERR_USAGE, "--out - and --json both write to standard output")
                   : QST_OK;
    }
    char *parts[2] = {NULL, NULL};
    bool made = asprintf(&parts[0], "%s/model.json", line->argument) >= 0 &&
                asprintf(&parts[1], "%s/model.safetensors", line->argument) >= 0;
    const char *inputs[] = {cli_text(line, CLI_OPT_data_file), parts[0], parts[1]};
    qst_status status = made ? cli_check_output(session, CLI_OPT_out_file, inputs, sizeof inputs / sizeof *inputs)
                             : cli_fail(&session->message, QST_ERR_MEMORY, "out of memory");
    free(parts[0]);
    free(parts[1]);
    return status;
}

/* --- the command -------------------------------------------------------------------------------------------------- */

qst_status cmd_predict(cli_session *session)
{
    const cli_line *line = &session->line;
    qst_ctx *ctx = session->ctx;
    qst_model *model = NULL;
    qst_matrix raw = {NULL, 0, 0}, scores = {NULL, 0, 0};
    prediction made = {NULL, {NULL, 0, 0}};
    cli_measured measured = {.device = NULL};
    bool measures = cli_wants_measured(line);
    qst_status status;

    CLI_TRY(check_streams(session));
    CLI_TRY(cli_check_measured(session));
    CLI_TRY(qst_model_load(ctx, line->argument, &model));
    CLI_TRY(qst_array_read(ctx, cli_text(line, CLI_OPT_data_file), &raw));
    made.model = model;
    CLI_TRY(cli_matrix_create(session, raw.n_rows, qst_model_scores_count(model), &scores));
    CLI_TRY(cli_matrix_create(session, raw.n_rows, scores.n_cols, &made.probabilities));
    CLI_TRY(measures ? cli_measured_scores(session, model, qst_const_view(raw), &measured, scores)
                     : qst_model_predict(model, qst_const_view(raw), scores));
    CLI_TRY(
        qst_scores_to_probabilities(ctx, qst_model_score_kind(model), qst_const_view(scores), 1, made.probabilities));
    cli_progress_erase(&session->progress);
    if (!writes_to_stdout(line)) {
        CLI_TRY(write_file(session, cli_text(line, CLI_OPT_out_file), &made));
    }
    if (cli_given(line, CLI_OPT_json)) {
        print_json(&session->out, &made);
        if (measures) {
            cli_print_measured_json(session, &measured, qst_const_view(scores));
        }
        cli_print(&session->out, "}\n");
    } else if (writes_to_stdout(line)) {
        print_csv(&session->out, &made);
    }
done:
    cli_measured_clear(&measured);
    free(made.probabilities.data);
    free(scores.data);
    qst_array_free(ctx, &raw);
    qst_model_free(model);
    return status;
}
