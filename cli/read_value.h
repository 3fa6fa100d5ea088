/* read_value.h: from the text behind an option to its value. */
#ifndef CLI_READ_VALUE_H
#define CLI_READ_VALUE_H

#include "command_line.h"

/* Checks value->text by the option's kind and fills `number` or `whole`. Errors: ERR_USAGE naming the option, the text,
 * and what would be right. */
qst_status cli_read_value(cli_message *message, cli_option option, cli_value *value);

/* A finite decimal number: sign, digits, point and exponent alone, and nothing behind it. */
bool cli_read_number(const char *text, double *out);

#endif
