/* command_line.h: what the user typed, checked and typed: one command, its options and its arguments. */
#ifndef CLI_COMMAND_LINE_H
#define CLI_COMMAND_LINE_H

#include <popt.h>

#include "message.h"

/* --- the tables --------------------------------------------------------------------------------------------------- */

typedef enum cli_command {
#define CLI_COMMAND(id, name, arguments, least, most, about, details) CLI_COMMAND_##id,
#include "commands.def"
#undef CLI_COMMAND
    CLI_COMMAND_COUNT
} cli_command;

typedef struct cli_command_info {
    const char *name, *arguments; /* name: "run", or "circuit draw" of the group "circuit" */
    int least, most;              /* number of arguments */
    const char *about, *details;
} cli_command_info;

extern const cli_command_info cli_commands[CLI_COMMAND_COUNT];

/* The command whose name is first_word, or first_word and second_word (NULL: none); 0: there is none, else the number
 * of words that its name has. */
int cli_command_find(const char *first_word, const char *second_word, cli_command *out);
/* Whether `word` names a group of commands. */
bool cli_command_is_group(const char *word);
/* Says that there is no such command, or which ones a group has, with the nearest name. Always ERR_USAGE. */
qst_status cli_command_unknown(cli_message *message, const char *before, const char *first_word,
                               const char *second_word);

/* How an option's value is read. */
typedef enum cli_kind {
    CLI_FLAG,        /* none */
    CLI_TEXT,        /* not empty */
    CLI_LIST,        /* the same, many times, in `items` */
    CLI_SET,         /* KEY=VALUE, many times, each key once */
    CLI_OVER,        /* KEY=VALUES, many times: the patch tune.over.KEY=[VALUES] */
    CLI_TUNE,        /* the patch tune.NAME=VALUE, NAME that of the option */
    CLI_SEED,        /* 0..2^64-1, in `whole` */
    CLI_THREADS,     /* 1..1024, in `whole` */
    CLI_TEMPERATURE, /* 0 < T <= 1000, in `number` */
    CLI_SHARE,       /* 0..1, in `number` */
    CLI_SECONDS,     /* 0 < S <= 3600, in `number` */
    CLI_WHOLE,       /* 0..2^64-1, in `whole` */
    CLI_FOLD,        /* 0..2^32-1 in `whole`; -1 is 0 */
    CLI_NUMBER,      /* any finite number, in `number`; its range is the library's */
    CLI_QUBITS,      /* 1..30, one or several with commas, in `counts` */
    CLI_COUNTS,      /* 1..10^6, as these */
    CLI_CHOICE       /* one of the words of the metavar, its place among them in `whole` */
} cli_kind;

typedef enum cli_option {
#define CLI_OPTION(id, name, letter, kind, metavar, commands, need, about) CLI_OPT_##id,
#include "command_options.def"
#undef CLI_OPTION
    CLI_OPTION_COUNT
} cli_option;

typedef struct cli_option_info {
    const char *name, *metavar, *about;
    uint64_t commands; /* bit c: command c takes it */
    cli_kind kind;
    char letter;
    bool required;
} cli_option_info;

extern const cli_option_info cli_options[CLI_OPTION_COUNT];

static inline bool cli_option_belongs(cli_option option, cli_command command)
{
    return cli_options[option].commands >> command & 1;
}

/* The most numbers of a list. */
#define CLI_MAX_COUNTS 16

/* --- what was typed ----------------------------------------------------------------------------------------------- */

typedef struct cli_value {
    bool given;
    char *text; /* owned; NULL for a flag */
    double number;
    uint64_t whole;
    size_t counts[CLI_MAX_COUNTS], n_counts;
    char **items; /* CLI_LIST; owned, as are its strings */
    size_t n_items;
} cli_value;

typedef struct cli_line {
    cli_command command;
    cli_value values[CLI_OPTION_COUNT];
    char **sets;         /* the recipe's patches in order, --seed the last of them, then NULL; owned */
    cli_option *origins; /* (n_sets): the options that they were given by; owned */
    size_t n_sets;
    const char *argument;        /* the first behind the command, or NULL */
    const char *second_argument; /* of a command that takes two */
    const char **arguments;      /* (n_arguments) all of them; the array is owned */
    size_t n_arguments;
    poptContext context; /* owns the arguments */
} cli_line;

/* Reads argv[1..]; argv[1] is the command. With --help, only `command` and that value count and nothing else is
 * checked. Errors: ERR_USAGE with a message, ERR_MEMORY. Clear in every case; zero-initialise before. */
qst_status cli_line_parse(cli_line *line, cli_message *message, int argc, const char **argv);
void cli_line_clear(cli_line *line);

/* The library speaks of every patch as "--set KEY". Puts in the option's own words where the patch was given by another
 * option: "--search" for "--set tune.search". */
void cli_line_name_options(const cli_line *line, cli_message *message);

/* The option's text, or NULL when it was not given. */
const char *cli_text(const cli_line *line, cli_option option);
bool cli_given(const cli_line *line, cli_option option);

#endif
