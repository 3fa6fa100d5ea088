/* cmd_run.c: `qstill run` and `qstill demo`: a recipe from data to report. */
#include <string.h>

#include "session.h"

static qst_status run_recipe(cli_session *session, const char *path)
{
    const cli_line *line = &session->line;
    qst_run_opts opts = {
        .folder = cli_text(line, CLI_OPT_run_folder),
        .resume = cli_given(line, CLI_OPT_resume),
    };
    if (opts.resume && opts.folder == NULL) {
        return cli_fail(&session->message, QST_ERR_USAGE, "--resume: name the folder of the run with --out DIR");
    }
    qst_recipe *recipe = NULL;
    qst_report *report = NULL;
    qst_status status;
    CLI_TRY(cli_check_folder(session, CLI_OPT_run_folder));
    CLI_TRY(cli_read_recipe(session, path, &recipe));
    CLI_TRY(qst_run(recipe, &opts, &report));
    CLI_TRY(cli_print_report(session, report));
done:
    qst_report_free(report);
    qst_recipe_free(recipe);
    return status;
}

qst_status cmd_run(cli_session *session)
{
    return run_recipe(session, session->line.argument);
}

qst_status cmd_demo(cli_session *session)
{
    return run_recipe(session, NULL);
}
