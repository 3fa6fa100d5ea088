/* cmd_knowledge.c: `qstill knowledge`: a teacher's scores, for the rows of a dataset or for any inputs.
 *
 * --data names the folder of a dataset, or raw inputs; --out then is a folder, or a file. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "session.h"

static bool is_folder(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

static bool is_file(const char *path)
{
    struct stat info;
    return strcmp(path, "-") == 0 || (stat(path, &info) == 0 && !S_ISDIR(info.st_mode));
}

static bool ends_in(const char *path, const char *ending)
{
    size_t n_path = strlen(path), n_ending = strlen(ending);
    return n_path > n_ending && strcmp(path + n_path - n_ending, ending) == 0;
}

/* --- of a dataset ------------------------------------------------------------------------------------------------- */

static qst_status describe_knowledge(cli_session *session, const char *folder)
{
    qst_knowledge *knowledge = NULL;
    qst_status status;
    CLI_TRY(qst_knowledge_load(session->ctx, folder, &knowledge));
    qst_const_matrix scores = qst_knowledge_scores(knowledge);
    cli_print(&session->out, "%s: knowledge, %zu rows of %zu scores (%s)\n", folder, scores.n_rows, scores.n_cols,
              qst_score_kind_name(qst_knowledge_kind(knowledge)));
done:
    qst_knowledge_free(knowledge);
    return status;
}

static qst_status refuse_option(cli_session *session, cli_option option)
{
    if (!cli_given(&session->line, option)) {
        return QST_OK;
    }
    return cli_fail(&session->message, QST_ERR_USAGE, "--%s: goes with raw inputs, --data X.npy --out SCORES.npy",
                    cli_options[option].name);
}

static qst_status run_dataset(cli_session *session)
{
    const cli_line *line = &session->line;
    const char *out = cli_text(line, CLI_OPT_out_any);
    char *json = NULL;
    qst_status status;
    CLI_TRY(refuse_option(session, CLI_OPT_score_kind));
    CLI_TRY(refuse_option(session, CLI_OPT_force));
    CLI_TRY(cli_check_folder(session, CLI_OPT_out_any));
    CLI_TRY(qst_stage_knowledge(session->ctx, cli_text(line, CLI_OPT_teacher_any), cli_text(line, CLI_OPT_data_any),
                                out, &json));
    cli_progress_erase(&session->progress);
    if (cli_given(line, CLI_OPT_json)) {
        cli_print(&session->out, "%s", json);
    } else {
        CLI_TRY(describe_knowledge(session, out));
    }
done:
    qst_text_free(session->ctx, json);
    return status;
}

/* --- of raw inputs ------------------------------------------------------------------------------------------------ */

/* The description beside the scores, "scores.npy" -> "scores.json": not there yet, unless --force is given. */
static qst_status check_description(cli_session *session, const char *out, const char *teacher, const char *data)
{
    struct stat made, input;
    char *path = NULL;
    qst_status status = QST_OK;
    if (asprintf(&path, "%.*s.json", (int)strlen(out) - 4, out) < 0) {
        return cli_fail(&session->message, QST_ERR_MEMORY, "out of memory");
    }
    const char *inputs[] = {teacher, data};
    bool exists = stat(path, &made) == 0;
    for (size_t i = 0; exists && status == QST_OK && i < 2; i++) {
        if (stat(inputs[i], &input) == 0 && input.st_dev == made.st_dev && input.st_ino == made.st_ino) {
            status = cli_fail(&session->message, QST_ERR_USAGE, "--out: %s is also an input (%s)", path, inputs[i]);
        }
    }
    if (status == QST_OK && exists && !cli_given(&session->line, CLI_OPT_force)) {
        status = cli_fail(&session->message, QST_ERR_SYSTEM, "%s: exists already; --force writes over it", path);
    }
    free(path);
    return status;
}

static qst_status read_kind(cli_session *session, qst_score_kind *out)
{
    const char *text = cli_text(&session->line, CLI_OPT_score_kind);
    *out = QST_SCORE_COUNT;
    if (text == NULL || qst_score_kind_find(text, out)) {
        return QST_OK;
    }
    static const char names[] =
#define QST_SCORE(name, about) ", " #name
#include <qstill/scores.def>
#undef QST_SCORE
        ;
    return cli_fail(&session->message, QST_ERR_USAGE, "--kind: %.200s is none of %s", text, names + strlen(", "));
}

static qst_status run_inputs(cli_session *session)
{
    const cli_line *line = &session->line;
    const char *teacher = cli_text(line, CLI_OPT_teacher_any), *data = cli_text(line, CLI_OPT_data_any);
    const char *out = cli_text(line, CLI_OPT_out_any), *inputs[] = {teacher, data};
    qst_score_kind kind = QST_SCORE_COUNT;
    qst_scores_made made;
    char *json = NULL;
    qst_status status;
    CLI_TRY(read_kind(session, &kind));
    CLI_TRY(cli_check_output(session, CLI_OPT_out_any, inputs, 2));
    CLI_TRY(check_description(session, out, teacher, data));
    CLI_TRY(qst_stage_scores(session->ctx, teacher, data, kind, out, &made, &json));
    cli_progress_erase(&session->progress);
    if (cli_given(line, CLI_OPT_json)) {
        cli_print(&session->out, "%s", json);
    } else {
        cli_print(&session->out, "%s: %zu rows of %zu scores (%s)\n", out, made.n_rows, made.n_scores,
                  qst_score_kind_name(made.kind));
    }
done:
    qst_text_free(session->ctx, json);
    return status;
}

/* --- the command -------------------------------------------------------------------------------------------------- */

qst_status cmd_knowledge(cli_session *session)
{
    const char *data = cli_text(&session->line, CLI_OPT_data_any), *out = cli_text(&session->line, CLI_OPT_out_any);
    const char *teacher = cli_text(&session->line, CLI_OPT_teacher_any);
    bool to_file = ends_in(out, ".npy") || ends_in(out, ".csv"), from_file = is_file(data) || strstr(data, ".npz:");
    qst_status status = cli_check_folder(session, CLI_OPT_teacher_any);
    if (status != QST_OK) {
        return status;
    }
    if (to_file && is_folder(data)) {
        return cli_fail(&session->message, QST_ERR_USAGE,
                        "--out: %s is a file of scores, but %s is a folder: raw inputs are a file, and a dataset's "
                        "knowledge is a folder",
                        out, data);
    }
    if (is_folder(data) && is_file(teacher)) {
        return cli_fail(
            &session->message, QST_ERR_USAGE,
            "--teacher: %s is a file, which takes raw inputs, but the rows of %s are preprocessed: give raw "
            "inputs and a file of scores, or let `qstill teacher` read it (teacher.file)",
            teacher, data);
    }
    return to_file || from_file ? run_inputs(session) : run_dataset(session);
}
