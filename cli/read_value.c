/* read_value.c: numbers of options: decimal, whole text, nothing clamped.
 *
 * The program never calls setlocale(), so strtod() reads the C locale's numbers whatever the environment says. */
#include "read_value.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <qstill/loss.h>

#define MOST_THREADS     1024
#define MOST_TEMPERATURE 1000.0

static bool read_whole(const char *text, uint64_t *out)
{
    size_t n = strlen(text);
    if (n == 0 || strspn(text, "0123456789") != n) {
        return false;
    }
    errno = 0;
    unsigned long long number = strtoull(text, NULL, 10);
    *out = number;
    return errno == 0;
}

/* Sign, digits, point and exponent alone: strtod() would also take "nan", "inf", "0x10" and blanks. */
static bool read_number(const char *text, double *out)
{
    size_t n = strlen(text);
    if (n == 0 || strspn(text, "+-.0123456789eE") != n) {
        return false;
    }
    char *end;
    *out = strtod(text, &end);
    return *end == '\0' && isfinite(*out);
}

static qst_status read_threads(cli_message *message, const char *name, cli_value *value)
{
    if (!read_whole(value->text, &value->whole) || value->whole < 1 || value->whole > MOST_THREADS) {
        return cli_fail(message, QST_ERR_USAGE, "--%s: %s is not a whole number in 1..%d", name, value->text,
                        MOST_THREADS);
    }
    return QST_OK;
}

static qst_status read_seed(cli_message *message, const char *name, cli_value *value)
{
    if (!read_whole(value->text, &value->whole)) {
        return cli_fail(message, QST_ERR_USAGE, "--%s: %s is not a whole number in 0..%llu", name, value->text,
                        (unsigned long long)UINT64_MAX);
    }
    return QST_OK;
}

static qst_status read_temperature(cli_message *message, const char *name, cli_value *value)
{
    if (!read_number(value->text, &value->number)) {
        return cli_fail(message, QST_ERR_USAGE, "--%s: %s is not a finite number", name, value->text);
    }
    if (value->number <= 0) {
        return cli_fail(message, QST_ERR_USAGE, "--%s: %s is not > 0", name, value->text);
    }
    if (value->number > MOST_TEMPERATURE) {
        return cli_fail(message, QST_ERR_USAGE, "--%s: %s is more than %g", name, value->text, MOST_TEMPERATURE);
    }
    return QST_OK;
}

static qst_status read_share(cli_message *message, const char *name, cli_value *value)
{
    if (!read_number(value->text, &value->number) || value->number < 0 || value->number > 1) {
        return cli_fail(message, QST_ERR_USAGE, "--%s: %s is not a number in 0..1", name, value->text);
    }
    return QST_OK;
}

static qst_status read_reduction(cli_message *message, const char *name, cli_value *value)
{
    if (strcmp(value->text, "mean") != 0 && strcmp(value->text, "sum") != 0) {
        return cli_fail(message, QST_ERR_USAGE, "--%s: %s is neither mean nor sum", name, value->text);
    }
    value->whole = strcmp(value->text, "sum") == 0 ? QST_REDUCE_SUM : QST_REDUCE_MEAN;
    return QST_OK;
}

static qst_status read_set(cli_message *message, const char *name, const cli_value *value)
{
    const char *equals = strchr(value->text, '=');
    if (equals == NULL || equals == value->text) {
        return cli_fail(message, QST_ERR_USAGE, "--%s: %s is not KEY=VALUE", name, value->text);
    }
    if (equals[1] == '\0') {
        return cli_fail(message, QST_ERR_USAGE, "--%s: %s needs a value behind the =", name, value->text);
    }
    return QST_OK;
}

qst_status cli_read_value(cli_message *message, cli_option option, cli_value *value)
{
    const char *name = cli_options[option].name;
    if (cli_options[option].kind != CLI_FLAG && value->text[0] == '\0') {
        return cli_fail(message, QST_ERR_USAGE, "--%s: the value is empty", name);
    }
    switch (cli_options[option].kind) {
    case CLI_FLAG:
    case CLI_TEXT:
        return QST_OK;
    case CLI_SET:
        return read_set(message, name, value);
    case CLI_SEED:
        return read_seed(message, name, value);
    case CLI_THREADS:
        return read_threads(message, name, value);
    case CLI_TEMPERATURE:
        return read_temperature(message, name, value);
    case CLI_SHARE:
        return read_share(message, name, value);
    case CLI_REDUCTION:
        return read_reduction(message, name, value);
    }
    return QST_OK;
}
