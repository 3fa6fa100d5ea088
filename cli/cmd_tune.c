/* cmd_tune.c: `qstill tune`: a search over keys of a recipe. */
#include "gnuplot.h"
#include "session.h"

qst_status cmd_tune(cli_session *session)
{
    const cli_line *line = &session->line;
    const qst_run_opts opts = {
        .folder = cli_text(line, CLI_OPT_tune_folder),
        .resume = cli_given(line, CLI_OPT_resume),
    };
    if (opts.resume && opts.folder == NULL) {
        return cli_fail(&session->message, QST_ERR_USAGE, "--resume: name the folder of the search with --out DIR");
    }
    qst_recipe *recipe = NULL;
    qst_tuning *tuning = NULL;
    qst_status status;
    CLI_TRY(cli_check_folder(session, CLI_OPT_tune_folder));
    CLI_TRY(cli_read_recipe(session, line->argument, &recipe));
    CLI_TRY(qst_tune(recipe, &opts, &tuning));
    bool drawn = cli_gnuplot_run(qst_tuning_folder(tuning), "heatmap.gnuplot", "heatmap.svg");
    cli_progress_erase(&session->progress);
    if (cli_given(line, CLI_OPT_json)) {
        cli_print(&session->out, "%s", qst_tuning_json(tuning));
    } else {
        cli_print(&session->out, "%s\n  %s/%s\n", qst_tuning_page(tuning), qst_tuning_folder(tuning),
                  drawn ? "heatmap.svg" : "tune.json");
    }
done:
    qst_tuning_free(tuning);
    qst_recipe_free(recipe);
    return status;
}
