/* read_value.c: numbers of options: decimal, whole text, nothing clamped.
 *
 * The program never calls setlocale(), so strtod() reads the C locale's numbers whatever the environment says. */
#include "read_value.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOST_THREADS     1024
#define MOST_TEMPERATURE 1000.0
#define MOST_SECONDS     3600.0
#define MOST_QUBITS      30
#define MOST_COUNT       1000000

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
bool cli_read_number(const char *text, double *out)
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

static qst_status read_any_whole(cli_message *message, const char *name, cli_value *value)
{
    if (!read_whole(value->text, &value->whole)) {
        return cli_fail(message, QST_ERR_USAGE, "--%s: %s is not a whole number in 0..%llu", name, value->text,
                        (unsigned long long)UINT64_MAX);
    }
    return QST_OK;
}

static qst_status read_any_number(cli_message *message, const char *name, cli_value *value)
{
    if (!cli_read_number(value->text, &value->number)) {
        return cli_fail(message, QST_ERR_USAGE, "--%s: %s is not a finite number", name, value->text);
    }
    return QST_OK;
}

static qst_status read_temperature(cli_message *message, const char *name, cli_value *value)
{
    qst_status status = read_any_number(message, name, value);
    if (status != QST_OK) {
        return status;
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
    if (!cli_read_number(value->text, &value->number) || value->number < 0 || value->number > 1) {
        return cli_fail(message, QST_ERR_USAGE, "--%s: %s is not a number in 0..1", name, value->text);
    }
    return QST_OK;
}

static qst_status read_seconds(cli_message *message, const char *name, cli_value *value)
{
    if (!cli_read_number(value->text, &value->number) || value->number <= 0 || value->number > MOST_SECONDS) {
        return cli_fail(message, QST_ERR_USAGE, "--%s: %s is not a number of seconds > 0, at most %g", name,
                        value->text, MOST_SECONDS);
    }
    return QST_OK;
}

static qst_status read_fold(cli_message *message, const char *name, cli_value *value)
{
    value->whole = 0;
    if (strcmp(value->text, "-1") != 0 && (!read_whole(value->text, &value->whole) || value->whole > UINT32_MAX)) {
        return cli_fail(message, QST_ERR_USAGE, "--%s: %s is not a number of columns, 0 or -1 for none", name,
                        value->text);
    }
    return QST_OK;
}

/* "4" or "4,8,12". */
static qst_status read_counts(cli_message *message, const char *name, uint64_t most, cli_value *value)
{
    const char *text = value->text;
    for (value->n_counts = 0; value->n_counts < CLI_MAX_COUNTS; value->n_counts++) {
        char word[24];
        uint64_t count;
        size_t length = strcspn(text, ",");
        snprintf(word, sizeof word, "%.*s", length < sizeof word ? (int)length : 0, text);
        if (!read_whole(word, &count) || count < 1 || count > most) {
            return cli_fail(message, QST_ERR_USAGE, "--%s: \"%.*s\" is not a whole number in 1..%llu", name,
                            length < 200 ? (int)length : 200, text, (unsigned long long)most);
        }
        value->counts[value->n_counts] = (size_t)count;
        if (text[length] == '\0') {
            value->n_counts++;
            return QST_OK;
        }
        text += length + 1;
    }
    return cli_fail(message, QST_ERR_USAGE, "--%s: more than %d numbers", name, CLI_MAX_COUNTS);
}

/* `words` is the metavar, "mean|sum". */
static qst_status read_choice(cli_message *message, const char *name, const char *words, cli_value *value)
{
    size_t length = strlen(value->text);
    const char *word = words;
    for (value->whole = 0; *word; value->whole++) {
        size_t n = strcspn(word, "|");
        if (n == length && memcmp(word, value->text, n) == 0) {
            return QST_OK;
        }
        word += n + (word[n] == '|');
    }
    const char *second = strchr(words, '|') + 1;
    if (strchr(second, '|') == NULL) {
        return cli_fail(message, QST_ERR_USAGE, "--%s: %.200s is neither %.*s nor %s", name, value->text,
                        (int)(second - 1 - words), words, second);
    }
    return cli_fail(message, QST_ERR_USAGE, "--%s: %.200s is none of %s", name, value->text, words);
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
    case CLI_LIST:
    case CLI_TUNE:
        return QST_OK;
    case CLI_SET:
    case CLI_OVER:
        return read_set(message, name, value);
    case CLI_SEED:
    case CLI_WHOLE:
        return read_any_whole(message, name, value);
    case CLI_FOLD:
        return read_fold(message, name, value);
    case CLI_THREADS:
        return read_threads(message, name, value);
    case CLI_TEMPERATURE:
        return read_temperature(message, name, value);
    case CLI_SHARE:
        return read_share(message, name, value);
    case CLI_NUMBER:
        return read_any_number(message, name, value);
    case CLI_SECONDS:
        return read_seconds(message, name, value);
    case CLI_QUBITS:
        return read_counts(message, name, MOST_QUBITS, value);
    case CLI_COUNTS:
        return read_counts(message, name, MOST_COUNT, value);
    case CLI_CHOICE:
        return read_choice(message, name, cli_options[option].metavar, value);
    }
    return QST_OK;
}
