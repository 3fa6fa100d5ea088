/* cmd_stages.c: `qstill data`, `teacher`, `student`, `verify`: one stage each, folders in, a folder out; `knowledge`,
 * which also takes files, is in cmd_knowledge.c.
 *
 * With --json the library's description of what was made goes to standard output; else a line or two read back from the
 * folder. */
#include <inttypes.h>
#include <stdlib.h>

#include <qstill/teacher.h>

#include "job_command.h"

/* --- what was made, for people ------------------------------------------------------------------------------------ */

static qst_status describe_dataset(cli_session *session, const char *folder)
{
    qst_dataset *dataset = NULL;
    qst_status status;
    CLI_TRY(qst_dataset_load(session->ctx, folder, &dataset));
    qst_const_matrix x = qst_dataset_features(dataset);
    const uint8_t *splits = qst_dataset_splits(dataset);
    size_t n_rows[3] = {0};
    for (size_t row = 0; row < x.n_rows; row++) {
        n_rows[splits[row]]++;
    }
    cli_print(&session->out, "%s: dataset, %zu rows (%zu train, %zu validation, %zu test), %zu features, %zu classes\n",
              folder, x.n_rows, n_rows[QST_TRAIN], n_rows[QST_VALIDATION], n_rows[QST_TEST], x.n_cols,
              qst_dataset_classes(dataset));
done:
    qst_dataset_free(dataset);
    return status;
}

static qst_status describe_model(cli_session *session, const char *folder)
{
    qst_model *model = NULL;
    qst_status status;
    CLI_TRY(qst_model_load(session->ctx, folder, &model));
    qst_model_size size;
    qst_model_measure(model, &size);
    cli_print(&session->out, "%s: ", folder);
    if (size.has_circuit) {
        cli_print(&session->out, "circuit, %zu qubits, depth %zu, %zu gates, %zu CX", size.circuit.qubits,
                  size.circuit.depth, size.circuit.gates, size.circuit.two_qubit_gates);
    } else {
        cli_print(&session->out, "%s", qst_model_kind(model));
    }
    cli_print(&session->out, ", %zu + %zu parameters (quantum + classical), %zu features, %zu scores\n",
              size.quantum_parameters, size.classical_parameters, qst_model_features(model),
              qst_model_scores_count(model));
done:
    qst_model_free(model);
    return status;
}

/* --- the stages --------------------------------------------------------------------------------------------------- */

typedef qst_status describe_fn(cli_session *session, const char *folder);

static qst_status print_stage(cli_session *session, const char *json, describe_fn *describe, const char *folder)
{
    cli_progress_erase(&session->progress);
    if (!cli_given(&session->line, CLI_OPT_json)) {
        return describe(session, folder);
    }
    cli_print(&session->out, "%s\n", json);
    return QST_OK;
}

qst_status cmd_data(cli_session *session)
{
    const char *out = cli_text(&session->line, CLI_OPT_out_folder);
    qst_recipe *recipe = NULL;
    char *json = NULL;
    qst_status status;
    CLI_TRY(cli_check_folder(session, CLI_OPT_out_folder));
    CLI_TRY(cli_read_recipe(session, session->line.argument, &recipe));
    CLI_TRY(qst_stage_data(recipe, out, &json));
    CLI_TRY(print_stage(session, json, describe_dataset, out));
done:
    qst_text_free(session->ctx, json);
    qst_recipe_free(recipe);
    return status;
}

qst_status cmd_teacher(cli_session *session)
{
    const char *out = cli_text(&session->line, CLI_OPT_out_folder);
    qst_recipe *recipe = NULL;
    char *json = NULL;
    qst_status status;
    CLI_TRY(cli_check_folder(session, CLI_OPT_out_folder));
    CLI_TRY(cli_check_folder(session, CLI_OPT_data_folder));
    CLI_TRY(cli_read_recipe(session, session->line.argument, &recipe));
    CLI_TRY(qst_stage_teacher(recipe, cli_text(&session->line, CLI_OPT_data_folder), out, &json));
    CLI_TRY(print_stage(session, json, describe_model, out));
done:
    qst_text_free(session->ctx, json);
    qst_recipe_free(recipe);
    return status;
}

/* `qstill teacher import` */
qst_status cmd_teacher_import(cli_session *session)
{
    const char *out = cli_text(&session->line, CLI_OPT_out_folder);
    qst_model *model = NULL;
    char *json = NULL;
    qst_status status;
    CLI_TRY(cli_check_folder(session, CLI_OPT_out_folder));
    CLI_TRY(
        qst_teacher_import(session->ctx, cli_text(&session->line, CLI_OPT_describe), session->line.argument, &model));
    CLI_TRY(qst_stage_import(model, out, &json));
    CLI_TRY(print_stage(session, json, describe_model, out));
done:
    qst_text_free(session->ctx, json);
    qst_model_free(model);
    return status;
}

static qst_status describe_student(cli_session *session, const char *folder)
{
    qst_status status = describe_model(session, folder);
    const char *control = cli_text(&session->line, CLI_OPT_control);
    return status == QST_OK && control ? describe_model(session, control) : status;
}

qst_status cmd_student(cli_session *session)
{
    const cli_line *line = &session->line;
    const char *out = cli_text(line, CLI_OPT_out_folder);
    qst_recipe *recipe = NULL;
    char *json = NULL;
    qst_status status;
    CLI_TRY(cli_check_folder(session, CLI_OPT_out_folder));
    CLI_TRY(cli_check_folder(session, CLI_OPT_control));
    CLI_TRY(cli_check_folder(session, CLI_OPT_data_folder));
    CLI_TRY(cli_check_folder(session, CLI_OPT_knowledge));
    CLI_TRY(cli_read_recipe(session, line->argument, &recipe));
    CLI_TRY(qst_stage_student(recipe, cli_text(line, CLI_OPT_knowledge), cli_text(line, CLI_OPT_data_folder), out,
                              cli_text(line, CLI_OPT_control), &json));
    CLI_TRY(print_stage(session, json, describe_student, out));
done:
    qst_text_free(session->ctx, json);
    qst_recipe_free(recipe);
    return status;
}

/* What comparing with a teacher needs, which the counts of a job bring themselves. */
static qst_status check_verify(cli_session *session)
{
    const cli_option needed[] = {CLI_OPT_student_folder, CLI_OPT_verify_knowledge, CLI_OPT_verify_data,
                                 CLI_OPT_verify_out};
    const cli_option of_counts[] = {CLI_OPT_job, CLI_OPT_count_order, CLI_OPT_mitigate};
    for (size_t o = 0; o < sizeof of_counts / sizeof *of_counts; o++) {
        if (cli_given(&session->line, of_counts[o])) {
            return cli_fail(&session->message, QST_ERR_USAGE, "--%s belongs to --counts, which is not given",
                            cli_options[of_counts[o]].name);
        }
    }
    for (size_t o = 0; o < sizeof needed / sizeof *needed; o++) {
        if (!cli_given(&session->line, needed[o])) {
            return cli_fail(&session->message, QST_ERR_USAGE, "verify: --%s %s is missing: %s",
                            cli_options[needed[o]].name, cli_options[needed[o]].metavar, cli_options[needed[o]].about);
        }
    }
    return cli_check_folder(session, CLI_OPT_verify_out);
}

qst_status cmd_verify(cli_session *session)
{
    const cli_line *line = &session->line;
    qst_report *report = NULL;
    qst_status status;
    if (cli_given(line, CLI_OPT_counts)) {
        return cli_verify_counts(session);
    }
    CLI_TRY(check_verify(session));
    CLI_TRY(qst_stage_verify(session->ctx, cli_text(line, CLI_OPT_student_folder),
                             cli_text(line, CLI_OPT_verify_knowledge), cli_text(line, CLI_OPT_verify_data),
                             cli_text(line, CLI_OPT_control), cli_text(line, CLI_OPT_verify_out), &report));
    CLI_TRY(cli_print_report(session, report));
done:
    qst_report_free(report);
    return status;
}
