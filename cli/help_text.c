/* help_text.c: the overview and the help of each command, from the tables, in one style. */
#include <string.h>

#include "session.h"

#define TEXT_WIDTH    100
#define OPTION_COLUMN 32

/* A line of words that goes on below, at `indent`, where the next word would pass the width. */
typedef struct wrapped_line {
    cli_result *out;
    int column, indent;
    bool begun; /* a word stands on it */
} wrapped_line;

static void add_word(wrapped_line *line, const char *word, int length)
{
    if (line->begun && line->column + 1 + length > TEXT_WIDTH) {
        cli_print(line->out, "\n%*s", line->indent, "");
        line->column = line->indent;
    } else if (line->begun) {
        cli_print(line->out, " ");
        line->column++;
    }
    cli_print(line->out, "%.*s", length, word);
    line->column += length;
    line->begun = true;
}

void cli_print_wrapped(cli_result *out, const char *text, int column, int indent)
{
    wrapped_line line = {out, column, indent, false};
    while (*text) {
        int length = (int)strcspn(text, " ");
        add_word(&line, text, length);
        text += length + (text[length] == ' ');
    }
    cli_print(out, "\n");
}

/* --- the list of commands ----------------------------------------------------------------------------------------- */

static void print_command_line(cli_result *out, const cli_command_info *info)
{
    char head[64];
    snprintf(head, sizeof head, "%s %s", info->name, info->arguments);
    cli_print(out, "  %-*s", OPTION_COLUMN - 2, head);
    if (strlen(head) > OPTION_COLUMN - 3) {
        cli_print(out, "\n%*s", OPTION_COLUMN, "");
    }
    cli_print_wrapped(out, info->about, OPTION_COLUMN, OPTION_COLUMN);
}

void cli_print_group(cli_result *out, const char *group)
{
    size_t length = strlen(group);
    cli_print(out, "usage: qstill %s COMMAND [ARGUMENT] [OPTION]...\n\n", group);
    for (int c = 0; c < CLI_COMMAND_COUNT; c++) {
        const char *name = cli_commands[c].name;
        if (strncmp(name, group, length) == 0 && (name[length] == ' ' || name[length] == '\0')) {
            print_command_line(out, &cli_commands[c]);
        }
    }
    cli_print(out, "\nEach has --help.\n");
}

void cli_print_overview(cli_result *out)
{
    cli_print(out, "qstill %s: distils quantum or classical models into small quantum circuits\n\n", qst_version());
    cli_print(out, "usage: qstill COMMAND [ARGUMENT] [OPTION]...\n\n");
    for (int c = 0; c < CLI_COMMAND_COUNT; c++) {
        print_command_line(out, &cli_commands[c]);
    }
    cli_print(out, "\nEvery command has --help; `qstill --version` gives the version.\n\nexit codes:\n");
    for (int s = 0, last = -1; s < QST_STATUS_COUNT; s++) {
        int code = qst_status_exit_code((qst_status)s);
        if (code == last) {
            cli_print(out, " / ");
        } else {
            cli_print(out, "%s  %-4d", s ? "\n" : "", code);
        }
        cli_print(out, "%s", qst_status_meaning((qst_status)s));
        last = code;
    }
    cli_print(out, " (143 by SIGTERM)\n");
}

/* --- one command -------------------------------------------------------------------------------------------------- */

static void describe_option(const cli_option_info *option, char out[64])
{
    snprintf(out, 64, "--%s%s%s", option->name, option->metavar[0] ? " " : "", option->metavar);
}

static void print_usage_line(cli_result *out, cli_command command)
{
    const cli_command_info *info = &cli_commands[command];
    char words[96];
    wrapped_line line = {out, 0, (int)strlen("usage: qstill "), false};
    add_word(&line, words, snprintf(words, sizeof words, "usage: qstill %s", info->name));
    if (info->arguments[0]) {
        add_word(&line, info->arguments, (int)strlen(info->arguments));
    }
    for (int o = 0; o < CLI_OPTION_COUNT; o++) {
        const cli_option_info *option = &cli_options[o];
        if (cli_option_belongs((cli_option)o, command)) {
            char option_words[64];
            describe_option(option, option_words);
            add_word(
                &line, words,
                snprintf(words, sizeof words, option->required ? "%s" : "[%s]%s", option_words,
                         option->kind == CLI_SET || option->kind == CLI_OVER || option->kind == CLI_LIST ? "..." : ""));
        }
    }
    cli_print(out, "\n");
}

void cli_print_command_help(cli_result *out, cli_command command)
{
    const cli_command_info *info = &cli_commands[command];
    cli_print(out, "qstill %s: %s\n\n", info->name, info->about);
    print_usage_line(out, command);
    cli_print(out, "\n");
    cli_print_wrapped(out, info->details, 0, 0);
    cli_print(out, "\n");
    for (int o = 0; o < CLI_OPTION_COUNT; o++) {
        const cli_option_info *option = &cli_options[o];
        if (!cli_option_belongs((cli_option)o, command)) {
            continue;
        }
        char words[64];
        describe_option(option, words);
        char letter[8] = "    ";
        if (option->letter) {
            snprintf(letter, sizeof letter, "-%c, ", option->letter);
        }
        cli_print(out, "  %s%-*s ", letter, OPTION_COLUMN - 7, words);
        int width = (int)strlen(words), room = OPTION_COLUMN - 7;
        cli_print_wrapped(out, option->about, OPTION_COLUMN + (width > room ? width - room : 0), OPTION_COLUMN);
    }
}
