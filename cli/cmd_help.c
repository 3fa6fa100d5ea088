/* cmd_help.c: `qstill help`, `qstill help COMMAND`, `qstill help GROUP`, `qstill help recipe`. */
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
    const char *topic = session->line.argument, *second_word = session->line.second_argument;
    cli_command command;
    int n_words = topic ? cli_command_find(topic, second_word, &command) : 0;
    if (topic == NULL) {
        cli_print_overview(&session->out);
    } else if (n_words == (second_word ? 2 : 1)) {
        cli_print_command_help(&session->out, command);
    } else if (second_word == NULL && strcmp(topic, "recipe") == 0) {
        print_recipe_keys(&session->out);
    } else if (second_word == NULL && cli_command_is_group(topic)) {
        cli_print_group(&session->out, topic);
    } else if (n_words == 1) {
        return cli_fail(&session->message, QST_ERR_USAGE, "help: \"%.200s\" is one argument too many", second_word);
    } else {
        return cli_command_unknown(&session->message, "help: ", topic, second_word);
    }
    return QST_OK;
}
