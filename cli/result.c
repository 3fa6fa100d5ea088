/* result.c: what goes to standard output, or into a file by way of memory.
 *
 * Numbers: the fewest of 15, 16 or 17 digits that read back as the same double. The program never calls setlocale(), so
 * the decimal point is a point. */
#include "result.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

void cli_print(cli_result *result, const char *format, ...)
{
    if (result->error) {
        return;
    }
    va_list args;
    va_start(args, format);
    errno = 0;
    if (vfprintf(result->file, format, args) < 0) {
        result->error = errno ? errno : EIO;
    }
    va_end(args);
}

void cli_print_number(cli_result *result, double value)
{
    if (!isfinite(value)) {
        cli_print(result, "null");
        return;
    }
    char text[32];
    for (int digits = 15; digits <= 17; digits++) {
        snprintf(text, sizeof text, "%.*g", digits, value);
        if (strtod(text, NULL) == value) {
            break;
        }
    }
    cli_print(result, "%s", text);
}

void cli_print_json_string(cli_result *result, const char *text)
{
    cli_print(result, "\"");
    while (*text) {
        unsigned char byte = (unsigned char)*text;
        size_t step = cli_utf8_step(text);
        if (step == 0) {
            cli_print(result, "\\ufffd");
        } else if (byte == '"' || byte == '\\') {
            cli_print(result, "\\%c", byte);
        } else if (byte < 0x20) {
            cli_print(result, "\\u%04x", byte);
        } else {
            cli_print(result, "%.*s", (int)step, text);
        }
        text += step ? step : 1;
    }
    cli_print(result, "\"");
}

static bool is_number(const char *text)
{
    char *end;
    strtod(text, &end);
    return *text != '\0' && *end == '\0';
}

void cli_print_csv_field(cli_result *result, const char *text)
{
    bool is_formula = *text != '\0' && strchr("=+-@", *text) && !is_number(text);
    const char *apostrophe = is_formula ? "'" : "";
    if (text[strcspn(text, ",\"\r\n")] == '\0') {
        cli_print(result, "%s%s", apostrophe, text);
        return;
    }
    cli_print(result, "\"%s", apostrophe);
    for (; *text; text++) {
        cli_print(result, "%s%c", *text == '"' ? "\"" : "", *text);
    }
    cli_print(result, "\"");
}

qst_status cli_result_close(cli_result *result, cli_message *message)
{
    errno = 0;
    if (fflush(result->file) != 0 && result->error == 0) {
        result->error = errno ? errno : EIO;
    }
    if (fclose(result->file) != 0 && result->error == 0) {
        result->error = errno ? errno : EIO;
    }
    result->file = NULL;
    if (result->error == 0 || result->error == EPIPE) {
        return QST_OK;
    }
    errno = result->error;
    return cli_fail_errno(message, "standard output cannot be written");
}
