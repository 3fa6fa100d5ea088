/* cmd_loss.c: `qstill loss`: the library's losses on arrays from files, for comparison with other code. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "session.h"

typedef struct loss_call {
    qst_loss loss;
    qst_matrix student, teacher, labels; /* as read; data NULL: not given */
    int64_t *classes;                    /* the labels, whole */
    qst_matrix gradient;
    qst_loss_terms terms;
} loss_call;

/* --- what the loss needs ------------------------------------------------------------------------------------------ */

static qst_status find_loss(cli_session *session, const char *name, qst_loss *out)
{
    if (qst_loss_find(name, out)) {
        return QST_OK;
    }
    const char *names[QST_LOSS_COUNT];
    char list[512] = "";
    for (int i = 0; i < QST_LOSS_COUNT; i++) {
        names[i] = qst_loss_describe((qst_loss)i)->name;
        size_t used = strlen(list);
        snprintf(list + used, sizeof list - used, "%s%s", i ? ", " : "", names[i]);
    }
    const char *nearest = cli_nearest(name, names, QST_LOSS_COUNT);
    if (nearest) {
        return cli_fail(&session->message, QST_ERR_USAGE, "loss: %.200s is not a loss; did you mean %s?", name,
                        nearest);
    }
    return cli_fail(&session->message, QST_ERR_USAGE, "loss: %.200s is not a loss (%s)", name, list);
}

static double alpha_of(const cli_line *line)
{
    return cli_given(line, CLI_OPT_alpha) ? line->values[CLI_OPT_alpha].number : 0.5;
}

static qst_status check_parts(cli_session *session, qst_loss loss)
{
    const cli_line *line = &session->line;
    const qst_loss_info *info = qst_loss_describe(loss);
    if (info->needs_teacher && !cli_given(line, CLI_OPT_teacher_file)) {
        return cli_fail(&session->message, QST_ERR_USAGE, "loss: %s needs --teacher ZT", info->name);
    }
    bool mixed = info->needs_teacher && (info->uses & QST_USES_alpha);
    if (info->needs_labels && !(mixed && alpha_of(line) == 1) && !cli_given(line, CLI_OPT_labels)) {
        return cli_fail(&session->message, QST_ERR_USAGE, "loss: %s needs --labels Y%s", info->name,
                        mixed ? ", or --alpha 1" : "");
    }
    return QST_OK;
}

/* The options that are numbers of losses, and what reads them. */
static const struct {
    cli_option option;
    unsigned use;
} number_options[] = {
    {CLI_OPT_temperature, QST_USES_temperature},
    {CLI_OPT_alpha, QST_USES_alpha},
#define QST_LOSS_PARAMETER(name, ...) {CLI_OPT_loss_##name, QST_USES_##name},
#include <qstill/loss_parameters.def>
#undef QST_LOSS_PARAMETER
};
#define N_NUMBER_OPTIONS (sizeof number_options / sizeof *number_options)

/* An option that changes nothing is said, not swallowed. */
static void warn_unused(const cli_line *line, qst_loss loss)
{
    const qst_loss_info *info = qst_loss_describe(loss);
    for (size_t i = 0; i < N_NUMBER_OPTIONS; i++) {
        if (!(info->uses & number_options[i].use) && cli_given(line, number_options[i].option)) {
            fprintf(stderr, "qstill: warning: --%s changes nothing: it is no part of the loss %s\n",
                    cli_options[number_options[i].option].name, info->name);
        }
    }
}

static qst_loss_parameters parameters_of(const cli_line *line)
{
    qst_loss_parameters parameters = qst_loss_parameters_default();
    const cli_option options[] = {
#define QST_LOSS_PARAMETER(name, ...) CLI_OPT_loss_##name,
#include <qstill/loss_parameters.def>
#undef QST_LOSS_PARAMETER
    };
    for (int i = 0; i < QST_LOSS_PARAMETER_COUNT; i++) {
        if (cli_given(line, options[i])) {
            *qst_loss_parameter_at(&parameters, (qst_loss_parameter)i) = line->values[options[i]].number;
        }
    }
    return parameters;
}

/* --- arrays ------------------------------------------------------------------------------------------------------- */

static qst_status read_option(cli_session *session, cli_option option, qst_matrix *out)
{
    const char *path = cli_text(&session->line, option);
    return path ? qst_array_read(session->ctx, path, out) : QST_OK;
}

static qst_status check_shapes(cli_session *session, const loss_call *call)
{
    const cli_line *line = &session->line;
    const qst_matrix *student = &call->student, *teacher = &call->teacher, *labels = &call->labels;
    bool same = teacher->n_cols == student->n_cols || qst_loss_describe(call->loss)->takes == QST_TAKES_STATES;
    if (teacher->data && (teacher->n_rows != student->n_rows || !same)) {
        return cli_fail(&session->message, QST_ERR_MISMATCH, "%s is (%zu, %zu), but %s is (%zu, %zu)",
                        cli_text(line, CLI_OPT_teacher_file), teacher->n_rows, teacher->n_cols,
                        cli_text(line, CLI_OPT_student_file), student->n_rows, student->n_cols);
    }
    if (labels->data && (labels->n_rows != student->n_rows || labels->n_cols != 1)) {
        return cli_fail(&session->message, QST_ERR_MISMATCH, "%s is (%zu, %zu), but %s needs %zu labels in one column",
                        cli_text(line, CLI_OPT_labels), labels->n_rows, labels->n_cols,
                        cli_text(line, CLI_OPT_student_file), student->n_rows);
    }
    return QST_OK;
}

static qst_status read_labels(cli_session *session, loss_call *call)
{
    size_t n_rows = call->labels.n_rows, n_classes = call->student.n_cols;
    if (call->labels.data == NULL) {
        return QST_OK;
    }
    call->classes = calloc(n_rows ? n_rows : 1, sizeof *call->classes);
    if (call->classes == NULL) {
        return cli_fail(&session->message, QST_ERR_MEMORY, "out of memory for %zu labels", n_rows);
    }
    for (size_t row = 0; row < n_rows; row++) {
        double label = call->labels.data[row];
        if (label != trunc(label) || label < -1 || label >= (double)n_classes) {
            return cli_fail(&session->message, QST_ERR_INPUT,
                            "%s: row %zu: %g is not a class: a whole number 0..%zu, or -1 for none",
                            cli_text(&session->line, CLI_OPT_labels), row, label, n_classes - 1);
        }
        call->classes[row] = (int64_t)label;
    }
    return QST_OK;
}

/* --- value and gradient ------------------------------------------------------------------------------------------- */

static qst_status evaluate(cli_session *session, loss_call *call)
{
    const cli_line *line = &session->line;
    const qst_loss_info *info = qst_loss_describe(call->loss);
    const qst_loss_parameters parameters = parameters_of(line);
    qst_loss_input input = {
        .student = qst_const_view(call->student),
        .labels = info->needs_labels ? call->classes : NULL,
        .temperature = cli_given(line, CLI_OPT_temperature) ? line->values[CLI_OPT_temperature].number : 1,
        .alpha = alpha_of(line),
        .reduction = (qst_reduction)line->values[CLI_OPT_reduction].whole,
        .parameters = &parameters,
    };
    if (info->needs_teacher) {
        input.teacher = qst_const_view(call->teacher);
    }
    return qst_loss_evaluate(session->ctx, call->loss, &input, &call->terms, call->gradient);
}

static void print_call(cli_session *session, const loss_call *call)
{
    const char *reduction = session->line.values[CLI_OPT_reduction].whole == QST_REDUCE_SUM ? "sum" : "mean";
    bool json = cli_given(&session->line, CLI_OPT_json);
    cli_result *out = &session->out;
    const struct {
        const char *name;
        double value;
    } terms[] = {{"hard", call->terms.hard}, {"soft", call->terms.soft}};
    bool more = false;
    cli_print(out, json ? "{\"loss\": " : "loss       ");
    cli_print_number(out, call->terms.loss);
    cli_print(out, "%s", json ? ", \"terms\": {" : "\n");
    for (size_t i = 0; i < sizeof terms / sizeof *terms; i++) {
        if (isnan(terms[i].value)) {
            continue;
        }
        if (json) {
            cli_print(out, "%s\"%s\": ", more ? ", " : "", terms[i].name);
        } else {
            cli_print(out, "%-10s ", terms[i].name);
        }
        cli_print_number(out, terms[i].value);
        cli_print(out, "%s", json ? "" : "\n");
        more = true;
    }
    cli_print(out, json ? "}, \"n\": %zu, \"reduction\": \"%s\"}\n" : "n          %zu\nreduction  %s\n",
              call->student.n_rows, reduction);
}

qst_status cmd_loss(cli_session *session)
{
    const cli_line *line = &session->line;
    const cli_option files[] = {CLI_OPT_student_file, CLI_OPT_teacher_file, CLI_OPT_labels};
    const char *inputs[] = {cli_text(line, files[0]), cli_text(line, files[1]), cli_text(line, files[2])};
    const char *gradient_path = cli_text(line, CLI_OPT_gradient_out);
    loss_call call = {.loss = QST_LOSS_ce};
    qst_status status;

    CLI_TRY(find_loss(session, line->argument, &call.loss));
    CLI_TRY(check_parts(session, call.loss));
    CLI_TRY(cli_check_stdin(session, files, sizeof files / sizeof *files));
    CLI_TRY(cli_check_output(session, CLI_OPT_gradient_out, inputs, sizeof inputs / sizeof *inputs));
    CLI_TRY(read_option(session, CLI_OPT_student_file, &call.student));
    CLI_TRY(read_option(session, CLI_OPT_teacher_file, &call.teacher));
    CLI_TRY(read_option(session, CLI_OPT_labels, &call.labels));
    CLI_TRY(check_shapes(session, &call));
    CLI_TRY(read_labels(session, &call));
    if (gradient_path) {
        CLI_TRY(cli_matrix_create(session, call.student.n_rows, call.student.n_cols, &call.gradient));
    }
    CLI_TRY(evaluate(session, &call));
    if (gradient_path) {
        CLI_TRY(qst_array_write(session->ctx, gradient_path, qst_const_view(call.gradient), NULL));
    }
    warn_unused(line, call.loss);
    if (call.terms.n_skipped > 0) {
        fprintf(stderr,
                "qstill: warning: %zu rows or columns have no direction (all scores equal, or 0): they count 0\n",
                call.terms.n_skipped);
    }
    print_call(session, &call);
done:
    free(call.gradient.data);
    free(call.classes);
    qst_array_free(session->ctx, &call.labels);
    qst_array_free(session->ctx, &call.teacher);
    qst_array_free(session->ctx, &call.student);
    return status;
}
