/* result.h: writing results: standard output or a text in memory, as plain text, JSON or CSV. */
#ifndef CLI_RESULT_H
#define CLI_RESULT_H

#include <stdio.h>

#include "message.h"

/* A stream that remembers its first error, so that only the end needs a check. */
typedef struct cli_result {
    FILE *file;
    int error; /* errno of the first write that failed; then nothing more is written */
} cli_result;

void cli_print(cli_result *result, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The shortest decimal text that reads back as exactly `value`; null when it is not finite. */
void cli_print_number(cli_result *result, double value);
/* In quotes, escaped as JSON; broken UTF-8 becomes U+FFFD. */
void cli_print_json_string(cli_result *result, const char *text);
/* A CSV field (RFC 4180); one that a spreadsheet would take for a formula gets a leading apostrophe. */
void cli_print_csv_field(cli_result *result, const char *text);

/* Flushes and closes standard output. A reader that has gone away (EPIPE) is no error. Errors: ERR_SYSTEM. */
qst_status cli_result_close(cli_result *result, cli_message *message);

#endif
