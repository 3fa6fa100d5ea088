/* qasm_text.c: the texts of a reading: places in them, failures with a place, and includes.
 *
 * Places count bytes over all texts in the order in which they were opened; one more is left for the end of each text,
 * so that an end has a place of its own. What is included may be any file that a folder of the caller holds: nothing
 * that stands in it is ever quoted. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/text.h"
#include "qasm/reading.h"

#define MAX_SPELLED 40

/* --- places ------------------------------------------------------------------------------------------------------- */

static const qsti_qasm_text *text_at(const qsti_qasm_reading *reading, qsti_qasm_at at)
{
    size_t t = reading->n_texts - 1;
    while (t > 0 && reading->texts[t].first > at)
        t--;
    return &reading->texts[t];
}

void qsti_qasm_locate(const qsti_qasm_reading *reading, qsti_qasm_at at, const qsti_qasm_text **out_text,
                      size_t *out_line, size_t *out_column)
{
    const qsti_qasm_text *text = text_at(reading, at);
    size_t offset = at - text->first, line = 1, line_start = 0;
    offset = offset < text->n_bytes ? offset : text->n_bytes;
    for (size_t i = 0; i < offset; i++) {
        if (text->bytes[i] == '\n') {
            line++;
            line_start = i + 1;
        }
    }
    *out_text = text;
    *out_line = line;
    *out_column = offset - line_start + 1;
}

/* Keeps the failure of an included file at the statement that includes it, with the place inside in the message. */
static void fill_place(qsti_qasm_reading *reading, const qsti_qasm_text *text, size_t line, size_t column,
                       const char *what)
{
    qst_qasm_place *place = reading->place;
    if (text == reading->texts) {
        place->line = line;
        place->column = column;
        snprintf(place->message, sizeof place->message, "%s", what);
        return;
    }
    snprintf(place->message, sizeof place->message, "%.160s:%zu:%zu: %.280s", text->name, line, column, what);
    qsti_qasm_at at = text->included;
    for (text = text_at(reading, at); text != reading->texts; text = text_at(reading, at))
        at = text->included;
    qsti_qasm_locate(reading, at, &text, &place->line, &place->column);
}

qst_status qsti_qasm_fail(qsti_qasm_reading *reading, qst_status status, qsti_qasm_at at, const char *format, ...)
{
    char what[512];
    va_list args;
    va_start(args, format);
    qsti_vformat(what, sizeof what, format, args);
    va_end(args);
    const qsti_qasm_text *text;
    size_t line, column;
    qsti_qasm_locate(reading, at, &text, &line, &column);
    fill_place(reading, text, line, column, what);
    reading->status = status;
    return qsti_fail_at(reading->ctx, status, (qsti_place){text->name, line, column}, "%s", what);
}

qst_status qsti_qasm_placed(qsti_qasm_reading *reading, qst_status status, qsti_qasm_at at)
{
    if (status == QST_OK) {
        return status; /* reading->status may be that of a token behind what is being done */
    }
    if (status == QST_ERR_MEMORY || status == QST_ERR_SYSTEM || status == QST_ERR_INTERRUPTED) {
        reading->status = status;
        return status;
    }
    char message[512];
    snprintf(message, sizeof message, "%s", qst_ctx_message(reading->ctx));
    return qsti_qasm_fail(reading, status, at, "%s", message);
}

const char *qsti_qasm_spell(const qsti_qasm_reading *reading, qsti_qasm_at at, qsti_qasm_word word,
                            char out[QSTI_QASM_SPELLED])
{
    if (text_at(reading, at) != reading->texts) {
        snprintf(out, QSTI_QASM_SPELLED, "this");
        return out;
    }
    bool is_long = word.n_bytes > MAX_SPELLED;
    snprintf(out, QSTI_QASM_SPELLED, "'%.*s%s'", is_long ? MAX_SPELLED - 4 : (int)word.n_bytes, word.bytes,
             is_long ? "..." : "");
    for (char *c = out; *c; c++) {
        if (*c < ' ' || *c > '~') {
            *c = '?';
        }
    }
    return out;
}

/* --- includes ----------------------------------------------------------------------------------------------------- */

/* A name that stays inside a folder: no "/..", no leading slash, no NUL. */
static const char *problem_of_name(qsti_qasm_word name)
{
    if (name.n_bytes == 0) {
        return "the name of the file is empty";
    }
    if (name.bytes[0] == '/') {
        return "an absolute path is not included; give its folder as an include folder";
    }
    for (uint32_t i = 0; i < name.n_bytes; i++) {
        bool begins = i == 0 || name.bytes[i - 1] == '/';
        if (begins && i + 2 <= name.n_bytes && memcmp(name.bytes + i, "..", 2) == 0 &&
            (i + 2 == name.n_bytes || name.bytes[i + 2] == '/')) {
            return "\"..\" leaves the include folders";
        }
    }
    return memchr(name.bytes, '\0', name.n_bytes) ? "the name of the file has a NUL" : NULL;
}

static qst_status add_text(qsti_qasm_reading *reading, qsti_qasm_text *text)
{
    qst_ctx *ctx = reading->ctx;
    size_t n_total;
    if (!qsti_add(reading->n_total_bytes, text->n_bytes + 1, &n_total) || n_total > QSTI_QASM_MAX_BYTES + 16) {
        return qsti_fail(ctx, QST_ERR_LIMIT, "%s: more than %zu MiB in all", text->name, QSTI_QASM_MAX_BYTES >> 20);
    }
    qst_status status = qsti_resize(ctx, text->n_bytes + 2, 1, (void **)&text->bytes);
    if (status == QST_OK && reading->n_texts == reading->texts_capacity) {
        size_t capacity = reading->texts_capacity ? reading->texts_capacity * 2 : 4;
        status = QSTI_GROW(ctx, capacity, &reading->texts);
        reading->texts_capacity = status == QST_OK ? capacity : reading->texts_capacity;
    }
    if (status != QST_OK) {
        return status;
    }
    memset(text->bytes + text->n_bytes, 0, 2);
    text->first = (qsti_qasm_at)reading->n_total_bytes;
    reading->n_total_bytes = n_total;
    reading->rooms[reading->n_open].n_used = 0;
    reading->open[reading->n_open++] = reading->n_texts;
    reading->texts[reading->n_texts++] = *text;
    return QST_OK;
}

qst_status qsti_qasm_open_file(qsti_qasm_reading *reading, const char *name, char *bytes, size_t n_bytes)
{
    qsti_qasm_text text = {.bytes = bytes, .n_bytes = n_bytes};
    qst_status status = qsti_strdup(reading->ctx, name, &text.name);
    if (status == QST_OK) {
        status = add_text(reading, &text);
    }
    if (status != QST_OK) {
        qsti_free(reading->ctx, text.name);
        qsti_free(reading->ctx, text.bytes);
    }
    return status;
}

/* The first folder that holds the file. */
static qst_status find_file(qsti_qasm_reading *reading, qsti_qasm_at at, const char *label, char **out_path)
{
    for (size_t f = 0; f < reading->opts->n_include_dirs; f++) {
        char *path = NULL;
        qst_status status = qsti_path_join(reading->ctx, reading->opts->include_dirs[f], label, &path);
        if (status != QST_OK) {
            return status;
        }
        if (qsti_path_exists(path)) {
            *out_path = path;
            return QST_OK;
        }
        qsti_free(reading->ctx, path);
    }
    char spelled[QSTI_QASM_SPELLED];
    qsti_qasm_word word = {label, (uint32_t)strlen(label)};
    qsti_qasm_spell(reading, at, word, spelled);
    if (reading->opts->n_include_dirs == 0) {
        return qsti_qasm_fail(reading, QST_ERR_INPUT, at,
                              "%s is not built in, and no include folder is given (--include-dir)", spelled);
    }
    return qsti_qasm_fail(reading, QST_ERR_INPUT, at, "%s is neither built in nor in an include folder", spelled);
}

static qst_status refuse_again(qsti_qasm_reading *reading, qsti_qasm_at at, const char *label)
{
    for (size_t t = 1; t < reading->n_texts; t++) {
        if (strcmp(reading->texts[t].label, label) == 0) {
            char spelled[QSTI_QASM_SPELLED];
            qsti_qasm_word word = {label, (uint32_t)strlen(label)};
            return qsti_qasm_fail(reading, QST_ERR_INPUT, at, "%s is included already",
                                  qsti_qasm_spell(reading, at, word, spelled));
        }
    }
    return QST_OK;
}

qst_status qsti_qasm_include(qsti_qasm_reading *reading, qsti_qasm_at at, qsti_qasm_word name)
{
    qst_ctx *ctx = reading->ctx;
    qsti_qasm_text text = {.included = at};
    qst_status status = QST_OK;
    const char *problem = problem_of_name(name);
    if (problem) {
        return qsti_qasm_fail(reading, QST_ERR_INPUT, at, "%s", problem);
    }
    if (reading->n_open > QSTI_QASM_MAX_INCLUDES) {
        return qsti_qasm_fail(reading, QST_ERR_INPUT, at, "includes are nested deeper than %d levels",
                              QSTI_QASM_MAX_INCLUDES);
    }
    QSTI_TRY(qsti_strndup(ctx, name.bytes, name.n_bytes, &text.label));
    QSTI_TRY(refuse_again(reading, at, text.label));
    QSTI_TRY(find_file(reading, at, text.label, &text.name));
    size_t left = QSTI_QASM_MAX_BYTES - reading->n_total_bytes;
    status = qsti_file_read(ctx, text.name, reading->n_total_bytes < QSTI_QASM_MAX_BYTES ? left : 0, &text.bytes,
                            &text.n_bytes);
    if (status == QST_ERR_SYSTEM) {
        status = QST_ERR_INPUT; /* a folder, a device, not readable: the include is wrong */
    }
    QSTI_TRY(qsti_qasm_placed(reading, status, at));
    QSTI_TRY(qsti_qasm_placed(reading, add_text(reading, &text), at));
done:
    if (status != QST_OK) {
        reading->status = status;
        qsti_free(ctx, text.label);
        qsti_free(ctx, text.name);
        qsti_free(ctx, text.bytes);
    }
    return status;
}

bool qsti_qasm_close_include(qsti_qasm_reading *reading)
{
    if (reading->n_open <= 1) {
        return false;
    }
    reading->n_open--;
    return true;
}

const qsti_qasm_text *qsti_qasm_innermost(const qsti_qasm_reading *reading)
{
    return &reading->texts[reading->open[reading->n_open - 1]];
}
