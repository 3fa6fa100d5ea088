/* cmd_circuit.c: `qstill circuit`: its subcommands. */
#include <string.h>
#include <sys/stat.h>

#include "cmd_circuit.h"

typedef struct subcommand {
    const char *name;
    qst_status (*run)(cli_session *session, const qst_model *model);
} subcommand;

static const subcommand subcommands[] = {
    {"describe", circuit_describe},
};
#define N_SUBCOMMANDS (sizeof subcommands / sizeof *subcommands)

static const subcommand *find_subcommand(const char *word)
{
    for (size_t s = 0; s < N_SUBCOMMANDS; s++) {
        if (strcmp(word, subcommands[s].name) == 0) {
            return &subcommands[s];
        }
    }
    return NULL;
}

static qst_status unknown_subcommand(cli_session *session, const char *word)
{
    const char *names[N_SUBCOMMANDS];
    char list[128] = "";
    for (size_t s = 0; s < N_SUBCOMMANDS; s++) {
        names[s] = subcommands[s].name;
        size_t used = strlen(list);
        snprintf(list + used, sizeof list - used, "%s%s", s ? ", " : "", names[s]);
    }
    const char *nearest = cli_nearest(word, names, N_SUBCOMMANDS);
    return cli_fail(&session->message, QST_ERR_USAGE, "circuit: there is no \"%.200s\" (%s)%s%s%s", word, list,
                    nearest ? "; did you mean " : "", nearest ? nearest : "", nearest ? "?" : "");
}

/* A folder holds a model; anything else is a recipe, of which --model names one. */
static qst_status load_model(cli_session *session, const char *path, qst_model **out)
{
    const cli_line *line = &session->line;
    const cli_option of_recipes[] = {CLI_OPT_model, CLI_OPT_seed, CLI_OPT_set};
    struct stat about;
    if (stat(path, &about) == 0 && S_ISDIR(about.st_mode)) {
        for (size_t o = 0; o < sizeof of_recipes / sizeof *of_recipes; o++) {
            if (cli_given(line, of_recipes[o]) || (of_recipes[o] == CLI_OPT_set && line->n_sets > 0)) {
                return cli_fail(&session->message, QST_ERR_USAGE, "--%s: belongs to a recipe, and %.400s is a folder",
                                cli_options[of_recipes[o]].name, path);
            }
        }
        return qst_model_load(session->ctx, path, out);
    }
    if (!cli_given(line, CLI_OPT_model)) {
        return cli_fail(&session->message, QST_ERR_USAGE,
                        "--model teacher|student is missing: %.400s is no folder of a model, and a recipe has both",
                        path);
    }
    qst_recipe *recipe = NULL;
    qst_status status = cli_read_recipe(session, path, &recipe);
    if (status == QST_OK) {
        status = qst_recipe_model(recipe, line->values[CLI_OPT_model].whole ? QST_STUDENT : QST_TEACHER, out);
    }
    qst_recipe_free(recipe);
    return status;
}

qst_status cmd_circuit(cli_session *session)
{
    const subcommand *found = find_subcommand(session->line.argument);
    qst_model *model = NULL;
    qst_status status;
    if (found == NULL) {
        return unknown_subcommand(session, session->line.argument);
    }
    CLI_TRY(load_model(session, session->line.second_argument, &model));
    CLI_TRY(found->run(session, model));
done:
    qst_model_free(model);
    return status;
}
