/* command_line.c: popt driven by the tables: exact names, one-line messages of our own.
 *
 * popt splits words and matches long names exactly (argp would take abbreviations). Everything is read as text first;
 * the value's kind checks it. popt's own options and configuration files are not used. */
#include "command_line.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "read_value.h"

/* --- the tables --------------------------------------------------------------------------------------------------- */

const cli_command_info cli_commands[CLI_COMMAND_COUNT] = {
#define CLI_COMMAND(id, name, arguments, least, most, about, details) {name, arguments, least, most, about, details},
#include "commands.def"
#undef CLI_COMMAND
};

#define ON(command) (UINT64_C(1) << CLI_COMMAND_##command)
#define REQUIRED    true
#define OPTIONAL    false
const cli_option_info cli_options[CLI_OPTION_COUNT] = {
#define CLI_OPTION(id, name, letter, kind, metavar, commands, need, about) \
    {name, metavar, about, commands, CLI_##kind, letter, need},
#include "command_options.def"
#undef CLI_OPTION
};

/* What stands behind the group's name in a command of `group`; NULL when the command is of no group, or of another. */
static const char *name_in_group(const char *name, const char *group)
{
    size_t length = strlen(group);
    return strncmp(name, group, length) == 0 && name[length] == ' ' ? name + length + 1 : NULL;
}

bool cli_command_is_group(const char *word)
{
    for (int c = 0; c < CLI_COMMAND_COUNT; c++) {
        if (name_in_group(cli_commands[c].name, word)) {
            return true;
        }
    }
    return false;
}

int cli_command_find(const char *first_word, const char *second_word, cli_command *out)
{
    int n_words = 0;
    for (int c = 0; c < CLI_COMMAND_COUNT; c++) {
        const char *second = name_in_group(cli_commands[c].name, first_word);
        if (second && second_word && strcmp(second, second_word) == 0) {
            *out = (cli_command)c;
            return 2;
        }
        if (strcmp(first_word, cli_commands[c].name) == 0) {
            *out = (cli_command)c;
            n_words = 1;
        }
    }
    return n_words;
}

/* --- failures ----------------------------------------------------------------------------------------------------- */

/* The names in a group, and as one line "check, count, draw". */
static size_t list_group(const char *group, const char *names[CLI_COMMAND_COUNT], char line[512])
{
    size_t n_names = 0, used = 0;
    line[0] = '\0';
    for (int c = 0; c < CLI_COMMAND_COUNT; c++) {
        const char *name = name_in_group(cli_commands[c].name, group);
        if (name && used < 512) {
            used += (size_t)snprintf(line + used, 512 - used, "%s%s", n_names ? ", " : "", name);
            names[n_names++] = name;
        }
    }
    return n_names;
}

/* Single commands and groups, each once. */
static size_t list_first_words(char words[CLI_COMMAND_COUNT][32], const char *names[CLI_COMMAND_COUNT])
{
    size_t n_names = 0;
    for (int c = 0; c < CLI_COMMAND_COUNT; c++) {
        char *word = words[n_names];
        snprintf(word, 32, "%.*s", (int)strcspn(cli_commands[c].name, " "), cli_commands[c].name);
        if (n_names == 0 || strcmp(word, names[n_names - 1]) != 0) {
            names[n_names++] = word;
        }
    }
    return n_names;
}

qst_status cli_command_unknown(cli_message *message, const char *before, const char *first_word,
                               const char *second_word)
{
    const char *names[CLI_COMMAND_COUNT];
    char words[CLI_COMMAND_COUNT][32], line[512];
    if (cli_command_is_group(first_word)) {
        size_t n_names = list_group(first_word, names, line);
        if (second_word == NULL || second_word[0] == '-') {
            return cli_fail(message, QST_ERR_USAGE, "%s%s: one of %s is missing; see `qstill help %s`", before,
                            first_word, line, first_word);
        }
        const char *nearest = cli_nearest(second_word, names, n_names);
        return cli_fail(message, QST_ERR_USAGE, "%s%s: there is no \"%.200s\" (%s)%s%s%s", before, first_word,
                        second_word, line, nearest ? "; did you mean " : "", nearest ? nearest : "",
                        nearest ? "?" : "");
    }
    const char *nearest = cli_nearest(first_word, names, list_first_words(words, names));
    if (nearest) {
        return cli_fail(message, QST_ERR_USAGE, "%sunknown command \"%.200s\"; did you mean %s?", before, first_word,
                        nearest);
    }
    return cli_fail(message, QST_ERR_USAGE, "%sunknown command \"%.200s\"; see `qstill help`", before, first_word);
}

/* "--tempreature=2" is looked up without its dashes and its value. `command` negative: among all options. */
static const char *nearest_option(int command, const char *word)
{
    const char *names[CLI_OPTION_COUNT];
    size_t n_names = 0;
    for (int o = 0; o < CLI_OPTION_COUNT; o++) {
        if (command < 0 || cli_option_belongs((cli_option)o, (cli_command)command)) {
            names[n_names++] = cli_options[o].name;
        }
    }
    char bare[64];
    snprintf(bare, sizeof bare, "%s", word + strspn(word, "-"));
    bare[strcspn(bare, "=")] = '\0';
    return cli_nearest(bare, names, n_names);
}

static qst_status unknown_option(cli_message *message, cli_command command, const char *word)
{
    const char *name = cli_commands[command].name;
    const char *nearest = nearest_option((int)command, word);
    if (nearest) {
        return cli_fail(message, QST_ERR_USAGE, "%s: unknown option %.200s; did you mean --%s?", name, word, nearest);
    }
    return cli_fail(message, QST_ERR_USAGE, "%s: unknown option %.200s; see `qstill %s --help`", name, word, name);
}

static qst_status option_before_command(cli_message *message, const char *word)
{
    const char *nearest = nearest_option(-1, word);
    if (nearest) {
        return cli_fail(message, QST_ERR_USAGE, "%.200s: the command stands first: qstill COMMAND --%s", word, nearest);
    }
    return cli_fail(message, QST_ERR_USAGE, "%.200s: the command stands first; see `qstill help`", word);
}

static qst_status popt_failure(cli_line *line, cli_message *message, int code)
{
    const char *word = poptBadOption(line->context, POPT_BADOPTION_NOALIAS);
    switch (code) {
    case POPT_ERROR_BADOPT:
        return unknown_option(message, line->command, word);
    case POPT_ERROR_NOARG:
        return cli_fail(message, QST_ERR_USAGE, "%s: a value is missing behind it", word);
    case POPT_ERROR_UNWANTEDARG:
        return cli_fail(message, QST_ERR_USAGE, "%.200s: this option takes no value", word);
    case POPT_ERROR_MALLOC:
        return cli_fail(message, QST_ERR_MEMORY, "out of memory");
    default:
        return cli_fail(message, QST_ERR_USAGE, "%.200s: %s", word ? word : cli_commands[line->command].name,
                        poptStrerror(code));
    }
}

/* --- options ------------------------------------------------------------------------------------------------------ */

static void fill_popt_table(cli_command command, struct poptOption table[CLI_OPTION_COUNT + 1])
{
    size_t row = 0;
    for (int o = 0; o < CLI_OPTION_COUNT; o++) {
        if (cli_option_belongs((cli_option)o, command)) {
            table[row++] = (struct poptOption){
                .longName = cli_options[o].name,
                .shortName = cli_options[o].letter,
                .argInfo = cli_options[o].kind == CLI_FLAG ? POPT_ARG_NONE : POPT_ARG_STRING,
                .val = o + 1,
            };
        }
    }
    table[row] = (struct poptOption)POPT_TABLEEND;
}

/* The earlier patch of the same key as `patch`, or NULL. */
static const char *find_set(const cli_line *line, const char *patch)
{
    size_t length = strcspn(patch, "=");
    for (char **set = line->sets; *set; set++) {
        if (strncmp(*set, patch, length) == 0 && (*set)[length] == '=') {
            return *set;
        }
    }
    return NULL;
}

static bool is_patch(const cli_option_info *info)
{
    return info->kind == CLI_SET || info->kind == CLI_OVER || info->kind == CLI_TUNE;
}

/* The patch that an option's text stands for, on the heap; NULL without memory. */
static char *make_patch(const cli_option_info *info, const char *text)
{
    char *patch = NULL;
    int length = (int)strcspn(text, "=");
    const char *values = text + length + (text[length] == '=');
    bool is_yaml = *values == '[' || *values == '{';
    int n;
    if (info->kind == CLI_OVER) {
        n = asprintf(&patch, is_yaml ? "tune.over.%.*s=%s" : "tune.over.%.*s=[%s]", length, text, values);
    } else if (info->kind == CLI_TUNE) {
        n = asprintf(&patch, "tune.%s=%s", info->name, text);
    } else {
        n = asprintf(&patch, "%s", text);
    }
    return n < 0 ? NULL : patch;
}

static void add_patch(cli_line *line, char *patch, cli_option origin)
{
    line->origins[line->n_sets] = origin;
    line->sets[line->n_sets++] = patch;
}

static qst_status take_patch(cli_line *line, cli_message *message, cli_option option, const char *text)
{
    const cli_option_info *info = &cli_options[option];
    char *patch = make_patch(info, text);
    if (patch == NULL) {
        return cli_fail(message, QST_ERR_MEMORY, "out of memory");
    }
    if (find_set(line, patch)) {
        int length = info->kind == CLI_TUNE ? 0 : (int)strcspn(text, "=");
        free(patch);
        return cli_fail(message, QST_ERR_USAGE, "--%s%s%.*s is given twice", info->name, length ? " " : "", length,
                        text);
    }
    add_patch(line, patch, option);
    return QST_OK;
}

/* Takes over `text`. */
static qst_status take_item(cli_message *message, cli_value *list, char *text)
{
    char **items = realloc(list->items, (list->n_items + 1) * sizeof *items);
    if (items == NULL) {
        free(text);
        return cli_fail(message, QST_ERR_MEMORY, "out of memory");
    }
    list->given = true;
    list->items = items;
    list->items[list->n_items++] = text;
    return QST_OK;
}

static qst_status take_option(cli_line *line, cli_message *message, cli_option option)
{
    const cli_option_info *info = &cli_options[option];
    cli_value value = {.given = true, .text = poptGetOptArg(line->context)};
    if (info->kind != CLI_FLAG && value.text == NULL) {
        return cli_fail(message, QST_ERR_MEMORY, "out of memory");
    }
    if (info->kind == CLI_LIST) {
        qst_status status = cli_read_value(message, option, &value);
        if (status != QST_OK) {
            free(value.text);
            return status;
        }
        return take_item(message, &line->values[option], value.text);
    }
    if (!is_patch(info) && line->values[option].given) {
        free(value.text);
        return cli_fail(message, QST_ERR_USAGE, "--%s is given twice", info->name);
    }
    qst_status status = cli_read_value(message, option, &value);
    if (!is_patch(info)) {
        line->values[option] = value;
        return status;
    }
    if (status == QST_OK) {
        status = take_patch(line, message, option, value.text);
    }
    free(value.text);
    return status;
}

/* --seed N is the patch seed=N. */
static qst_status add_seed(cli_line *line, cli_message *message)
{
    if (!line->values[CLI_OPT_seed].given) {
        return QST_OK;
    }
    const char *same = find_set(line, "seed=");
    if (same) {
        return cli_fail(message, QST_ERR_USAGE, "--seed and --set %.100s both give the seed", same);
    }
    char *text;
    if (asprintf(&text, "seed=%" PRIu64, line->values[CLI_OPT_seed].whole) < 0) {
        return cli_fail(message, QST_ERR_MEMORY, "out of memory");
    }
    add_patch(line, text, CLI_OPT_seed);
    return QST_OK;
}

/* Replaces `place` by `own`, which is no longer, wherever a message has it as a whole. */
static void rename_place(char *text, const char *place, const char *own)
{
    size_t n_place = strlen(place), n_own = strlen(own);
    for (char *at = text; (at = strstr(at, place)) != NULL; at++) {
        if (at[n_place] == ':' || at[n_place] == ' ' || at[n_place] == '\0') {
            memcpy(at, own, n_own);
            memmove(at + n_own, at + n_place, strlen(at + n_place) + 1);
        }
    }
}

void cli_line_name_options(const cli_line *line, cli_message *message)
{
    for (size_t s = 0; s < line->n_sets; s++) {
        const cli_option_info *info = &cli_options[line->origins[s]];
        int length = (int)strcspn(line->sets[s], "=");
        bool is_over = info->kind == CLI_OVER;
        char place[CLI_MESSAGE_BYTES], own[CLI_MESSAGE_BYTES];
        snprintf(place, sizeof place, "--set %.*s", length, line->sets[s]);
        if (info->kind == CLI_SET) {
            continue;
        }
        snprintf(own, sizeof own, "--%s%s%s", info->name, is_over ? " " : "",
                 is_over ? place + sizeof "--set tune.over" : "");
        rename_place(message->bytes, place, own);
    }
}

static qst_status check_required(const cli_line *line, cli_message *message)
{
    for (int o = 0; o < CLI_OPTION_COUNT; o++) {
        const cli_option_info *info = &cli_options[o];
        if (info->required && cli_option_belongs((cli_option)o, line->command) && !line->values[o].given) {
            return cli_fail(message, QST_ERR_USAGE, "%s: --%s %s is missing: %s", cli_commands[line->command].name,
                            info->name, info->metavar, info->about);
        }
    }
    return QST_OK;
}

/* --- arguments ---------------------------------------------------------------------------------------------------- */

static qst_status take_arguments(cli_line *line, cli_message *message)
{
    const cli_command_info *info = &cli_commands[line->command];
    int n_arguments = 0;
    for (const char *word; (word = poptGetArg(line->context)) != NULL; n_arguments++) {
        if (n_arguments == info->most) {
            return cli_fail(message, QST_ERR_USAGE, "%s: \"%.200s\" is one argument too many; see `qstill %s --help`",
                            info->name, word, info->name);
        }
        if (word[0] == '\0') {
            return cli_fail(message, QST_ERR_USAGE, "%s: %s is empty", info->name, info->arguments);
        }
        line->arguments[line->n_arguments++] = word;
    }
    line->argument = n_arguments > 0 ? line->arguments[0] : NULL;
    line->second_argument = n_arguments > 1 ? line->arguments[1] : NULL;
    if (n_arguments < info->least) {
        return cli_fail(message, QST_ERR_USAGE, "%s: %s is missing; see `qstill %s --help`", info->name,
                        info->arguments, info->name);
    }
    return QST_OK;
}

/* --- the whole line ----------------------------------------------------------------------------------------------- */

/* *out_words: how many of argv[1..] the command's name takes. */
static qst_status find_command(cli_line *line, cli_message *message, int argc, const char **argv, int *out_words)
{
    if (argv[1][0] == '-') {
        return option_before_command(message, argv[1]);
    }
    const char *second_word = argc > 2 ? argv[2] : NULL;
    *out_words = cli_command_find(argv[1], second_word, &line->command);
    return *out_words ? QST_OK : cli_command_unknown(message, "", argv[1], second_word);
}

static qst_status take_options(cli_line *line, cli_message *message)
{
    int code;
    while ((code = poptGetNextOpt(line->context)) > 0) {
        if (code - 1 == CLI_OPT_help) {
            line->values[CLI_OPT_help].given = true;
            return QST_OK;
        }
        qst_status status = take_option(line, message, (cli_option)(code - 1));
        if (status != QST_OK) {
            return status;
        }
    }
    return code < -1 ? popt_failure(line, message, code) : QST_OK;
}

qst_status cli_line_parse(cli_line *line, cli_message *message, int argc, const char **argv)
{
    int n_words = 1;
    qst_status status = find_command(line, message, argc, argv, &n_words);
    if (status != QST_OK) {
        return status;
    }
    struct poptOption table[CLI_OPTION_COUNT + 1];
    fill_popt_table(line->command, table);
    line->sets = calloc((size_t)argc, sizeof *line->sets);
    line->arguments = calloc((size_t)argc, sizeof *line->arguments);
    line->origins = calloc((size_t)argc, sizeof *line->origins);
    line->context = poptGetContext("qstill", argc - n_words, argv + n_words, table, 0);
    if (line->sets == NULL || line->arguments == NULL || line->origins == NULL || line->context == NULL) {
        return cli_fail(message, QST_ERR_MEMORY, "out of memory");
    }
    status = take_options(line, message);
    if (status != QST_OK || cli_given(line, CLI_OPT_help)) {
        return status;
    }
    status = take_arguments(line, message);
    if (status == QST_OK) {
        status = check_required(line, message);
    }
    return status == QST_OK ? add_seed(line, message) : status;
}

void cli_line_clear(cli_line *line)
{
    for (int o = 0; o < CLI_OPTION_COUNT; o++) {
        free(line->values[o].text);
        for (size_t i = 0; i < line->values[o].n_items; i++) {
            free(line->values[o].items[i]);
        }
        free(line->values[o].items);
    }
    for (size_t s = 0; s < line->n_sets; s++) {
        free(line->sets[s]);
    }
    free(line->sets);
    free(line->arguments);
    free(line->origins);
    if (line->context) {
        poptFreeContext(line->context);
    }
    *line = (cli_line){.n_sets = 0};
}

const char *cli_text(const cli_line *line, cli_option option)
{
    return line->values[option].text;
}

bool cli_given(const cli_line *line, cli_option option)
{
    return line->values[option].given;
}
