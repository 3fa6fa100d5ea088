/* qasm_read.c: reading begins here: the text is taken in, its version found, the dialect's reader run, and what it
 * built finished.
 *
 * The version is that of the first statement, which blanks, comments and empty statements may precede. A file without
 * one is OpenQASM 2, as every tool takes it, unless it begins as only OpenQASM 3 can. */
#include <ctype.h>
#include <string.h>

#include "base/file.h"
#include "base/text.h"
#include "qasm/reading.h"

/* --- version ------------------------------------------------------------------------------------------------------ */

static size_t skip_to(const char *bytes, size_t n, size_t i, const char *end)
{
    const char *found = memmem(bytes + i, n - i, end, strlen(end));
    return found ? (size_t)(found - bytes) + strlen(end) : n;
}

/* The first byte of the first statement. */
static size_t skip_blanks(const char *bytes, size_t n)
{
    size_t i = 0;
    while (i < n) {
        if (strchr(" \t\r\n;", bytes[i]) && bytes[i]) {
            i++;
        } else if (i + 1 < n && bytes[i] == '/' && bytes[i + 1] == '/') {
            i = skip_to(bytes, n, i, "\n");
        } else if (i + 1 < n && bytes[i] == '/' && bytes[i + 1] == '*') {
            i = skip_to(bytes, n, i + 2, "*/");
        } else {
            break;
        }
    }
    return i;
}

/* Whether a file without a version begins with a word that no OpenQASM 2 begins with, or takes the library of 3. */
static bool begins_as_three(const char *bytes, size_t n)
{
    static const char *const words[] = {"qubit", "bit",   "input", "output", "const", "let",   "int", "uint",
                                        "float", "angle", "bool",  "gphase", "ctrl",  "inv",   "def", "negctrl",
                                        "array", "for",   "while", "extern", "cal",   "defcal"};
    size_t n_word = 0;
    while (n_word < n && (isalnum((unsigned char)bytes[n_word]) || bytes[n_word] == '_'))
        n_word++;
    for (size_t w = 0; w < sizeof words / sizeof words[0]; w++) {
        if (strlen(words[w]) == n_word && memcmp(words[w], bytes, n_word) == 0)
            return true;
    }
    if (n_word != 7 || memcmp(bytes, "include", 7) != 0) {
        return false;
    }
    while (n_word < n && strchr(" \t\r\n", bytes[n_word]) && bytes[n_word])
        n_word++;
    return n - n_word > 14 && (bytes[n_word] == '"' || bytes[n_word] == '\'') &&
           memcmp(bytes + n_word + 1, "stdgates.inc", 12) == 0 && bytes[n_word + 13] == bytes[n_word];
}

/* The number before the point of the version, or what it must be; 0 when there is no version statement. *out_at: where
 * it stands. */
static unsigned version_of(const char *bytes, size_t n, size_t *out_at)
{
    static const char word[] = "OPENQASM";
    size_t i = skip_blanks(bytes, n);
    *out_at = i;
    if (n - i <= sizeof word - 1 || memcmp(bytes + i, word, sizeof word - 1) != 0) {
        return begins_as_three(bytes + i, n - i) ? 3 : 0;
    }
    i += sizeof word - 1;
    while (i < n && strchr(" \t\r\n", bytes[i]) && bytes[i])
        i++;
    *out_at = i;
    unsigned version = 0;
    for (; i < n && bytes[i] >= '0' && bytes[i] <= '9'; i++) {
        version = version < 1000 ? version * 10 + (unsigned)(bytes[i] - '0') : version;
    }
    return version;
}

/* --- the reading -------------------------------------------------------------------------------------------------- */

void *qsti_qasm_stack(qsti_qasm_reading *reading, size_t n_bytes)
{
    void *pointer = NULL;
    qst_status status = qsti_alloc(reading->ctx, n_bytes, 1, &pointer);
    if (status != QST_OK) {
        reading->status = status; /* else it may be that of a token: it stays */
    }
    return pointer;
}

void *qsti_qasm_scanner_room(qsti_qasm_reading *reading, size_t n_bytes)
{
    struct qsti_qasm_room *room = &reading->rooms[reading->n_open - 1];
    size_t n_taken = (n_bytes + sizeof(max_align_t) - 1) / sizeof(max_align_t) * sizeof(max_align_t);
    if (n_taken > sizeof room->bytes - room->n_used) {
        reading->status = qsti_fail(reading->ctx, QST_ERR_INTERNAL, "a scanner wants %zu bytes more", n_bytes);
        return NULL;
    }
    void *taken = room->bytes + room->n_used;
    room->n_used += n_taken;
    return taken;
}

static void clear(qsti_qasm_reading *reading)
{
    qst_ctx *ctx = reading->ctx;
    for (size_t t = 0; t < reading->n_texts; t++) {
        qsti_free(ctx, reading->texts[t].name);
        qsti_free(ctx, reading->texts[t].label);
        qsti_free(ctx, reading->texts[t].bytes);
    }
    qsti_free(ctx, reading->texts);
    qsti_qasm_names_free(ctx, reading->names);
    qsti_qasm_names_free(ctx, reading->locals);
    qsti_free(ctx, reading->tokens);
    qsti_free(ctx, reading->angles);
    qsti_free(ctx, reading->expressions);
    qsti_free(ctx, reading->operands);
    qsti_free(ctx, reading->elements);
    qsti_free(ctx, reading->words);
    qsti_free(ctx, reading->qubits);
    qsti_free(ctx, reading->seen);
    if (reading->builder) {
        qst_assembly_abandon(reading->builder);
    }
}

static qst_status read_version(qsti_qasm_reading *reading)
{
    size_t at;
    const qsti_qasm_text *text = reading->texts;
    unsigned version = version_of(text->bytes, text->n_bytes, &at);
    if (text->n_bytes >= 3 && memcmp(text->bytes, "\xef\xbb\xbf", 3) == 0) {
        return qsti_qasm_fail(reading, QST_ERR_INPUT, 0,
                              "the file begins with a byte order mark, which OpenQASM has not");
    }
    if (version > 3) {
        return qsti_qasm_fail(reading, QST_ERR_UNSUPPORTED, (qsti_qasm_at)at,
                              "OpenQASM %u is not supported; 2.0 and 3.0 are", version);
    }
    reading->version = version == 3 ? 3 : 2;
    reading->place->version = reading->version;
    return reading->version == 3 ? qsti_qasm3_read(reading) : qsti_qasm2_read(reading);
}

/* Takes bytes. */
static qst_status read_bytes(qst_ctx *ctx, const char *name, char *bytes, size_t n_bytes, const qst_qasm_opts *opts,
                             qst_qasm_place *place, qst_assembly **out)
{
    static const qst_qasm_opts defaults = {0};
    qsti_qasm_reading reading = {
        .ctx = ctx, .opts = opts ? opts : &defaults, .place = place, .condition = QST_NO_CONDITION};
    qst_status status = qsti_qasm_open_file(&reading, name, bytes, n_bytes);
    QSTI_TRY(status);
    QSTI_TRY(qsti_qasm_names_create(ctx, &reading.names));
    QSTI_TRY(qsti_qasm_names_create(ctx, &reading.locals));
    QSTI_TRY(qst_assembly_begin(ctx, &reading.builder));
    QSTI_TRY(read_version(&reading));
    qst_assembly_builder *builder = reading.builder;
    reading.builder = NULL;
    QSTI_TRY(qst_assembly_finish(builder, out));
done:
    clear(&reading);
    return status;
}

/* --- public ------------------------------------------------------------------------------------------------------- */

qst_status qst_qasm_read(qst_ctx *ctx, const char *path, const qst_qasm_opts *opts, qst_qasm_place *out_place,
                         qst_assembly **out)
{
    qst_qasm_place place = {0};
    char *bytes = NULL;
    size_t n_bytes;
    qst_status status = qsti_file_read(ctx, path, QSTI_QASM_MAX_BYTES, &bytes, &n_bytes);
    if (status == QST_OK) {
        status = read_bytes(ctx, strcmp(path, "-") == 0 ? "(standard input)" : path, bytes, n_bytes, opts, &place, out);
    }
    if (out_place) {
        *out_place = place;
    }
    return status;
}

qst_status qst_qasm_parse(qst_ctx *ctx, const char *name, const char *text, size_t n_bytes, const qst_qasm_opts *opts,
                          qst_qasm_place *out_place, qst_assembly **out)
{
    qst_qasm_place place = {0};
    char *bytes = NULL;
    qst_status status = n_bytes > QSTI_QASM_MAX_BYTES
                            ? qsti_fail(ctx, QST_ERR_LIMIT, "%s: more than %zu MiB", name, QSTI_QASM_MAX_BYTES >> 20)
                            : qsti_strndup(ctx, text, n_bytes, &bytes);
    if (status == QST_OK) {
        status = read_bytes(ctx, name, bytes, n_bytes, opts, &place, out);
    }
    if (out_place) {
        *out_place = place;
    }
    return status;
}
