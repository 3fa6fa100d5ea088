/* cmd_help.c: `qstill help`, `qstill help COMMAND`, `qstill help recipe`. */
#include <string.h>

#include "session.h"

static void print_recipe_keys(cli_result *out)
{
    const qst_recipe_key *keys;
    size_t n_keys = qst_recipe_keys(&keys);
    cli_print(out, "Keys of recipes (YAML), each with its type and default. MODEL is teacher and student.\n");
    for (size_t k = 0; k < n_keys; k++) {
        cli_print(out, "\n%s: %s", keys[k].path, keys[k].type);
        cli_print(out, keys[k].fallback[0] ? "; default %s\n" : "%s\n", keys[k].fallback);
        cli_print(out, "    ");
        cli_print_wrapped(out, keys[k].about, 4, 4);
    }
}

qst_status cmd_help(cli_session *session)
{
    const char *topic = session->line.argument;
    cli_command command;
    if (topic == NULL) {
        cli_print_overview(&session->out);
    } else if (strcmp(topic, "recipe") == 0) {
        print_recipe_keys(&session->out);
    } else if (cli_command_find(topic, &command)) {
        cli_print_command_help(&session->out, command);
    } else {
        const char *nearest = cli_command_nearest(topic);
        return cli_fail(&session->message, QST_ERR_USAGE, "help: there is nothing on \"%.200s\"%s%s%s", topic,
                        nearest ? "; did you mean " : "", nearest ? nearest : "", nearest ? "?" : "");
    }
    return QST_OK;
}
