/* message.h: the one line that says what went wrong, safe to show on a terminal. */
#ifndef CLI_MESSAGE_H
#define CLI_MESSAGE_H

#include <stdarg.h>

#include <qstill/base.h>

#define CLI_MESSAGE_BYTES 1024

/* What the program itself has to say; "" when the library's context has the message. Zero-initialise. */
typedef struct cli_message {
    char bytes[CLI_MESSAGE_BYTES];
} cli_message;

/* Writes the message and returns the status. Control characters and broken UTF-8 become '?'; what does not fit ends in
 * "...". */
qst_status cli_fail(cli_message *message, qst_status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The same, followed by what errno says; always QST_ERR_SYSTEM. */
qst_status cli_fail_errno(cli_message *message, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The bytes of the well-formed UTF-8 character at `text`, 1..4, or 0 when there is none. */
size_t cli_utf8_step(const char *text);

/* The nearest of `n` names to a word by edit distance, or NULL when none is near; for "did you mean". */
const char *cli_nearest(const char *word, const char *const *names, size_t n);

#endif
