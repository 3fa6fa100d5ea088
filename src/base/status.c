/* status.c: the names of the status codes, and the one line that says what went wrong.
 *
 * A message is built on the stack and copied into the context last, because the arguments may point into the message
 * that is replaced. Nothing here allocates: running out of memory can be reported. */
#include <assert.h>
#include <errno.h>
#include <string.h>

#include "base/context.h"
#include "base/text.h"

/* --- names -------------------------------------------------------------------------------------------------------- */

typedef struct status_entry {
    const char *name, *meaning;
    int exit_code;
} status_entry;

static const status_entry entries[] = {
#define QST_STATUS(name, exit_code, meaning) {"QST_" #name, meaning, exit_code},
#include <qstill/status.def>
#undef QST_STATUS
};

static const status_entry *entry_of(qst_status status)
{
    static const status_entry unknown = {"QST_UNKNOWN", "not a status of this library", 10};
    size_t index = (size_t)status;
    return index < QST_STATUS_COUNT ? &entries[index] : &unknown;
}

const char *qst_status_name(qst_status status)
{
    return entry_of(status)->name;
}

const char *qst_status_meaning(qst_status status)
{
    return entry_of(status)->meaning;
}

int qst_status_exit_code(qst_status status)
{
    return entry_of(status)->exit_code;
}

/* --- one bounded line --------------------------------------------------------------------------------------------- */

void qsti_line_vadd(qsti_line *line, const char *format, va_list args)
{
    size_t room = sizeof line->bytes - line->length;
    int wanted = qsti_vformat(line->bytes + line->length, room, format, args);
    if (wanted < 0) {
        line->bytes[line->length] = '\0';
        line->cut = true;
    } else if ((size_t)wanted >= room) {
        line->length = sizeof line->bytes - 1;
        line->cut = true;
    } else {
        line->length += (size_t)wanted;
    }
}

void qsti_line_add(qsti_line *line, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    qsti_line_vadd(line, format, args);
    va_end(args);
}

/* ASCII controls, DEL, and the C1 controls U+0080..U+009F (terminals act on them). */
static bool is_control(const char *bytes, size_t n_bytes)
{
    unsigned char first = (unsigned char)bytes[0];
    return n_bytes == 1 ? first < 0x20 || first == 0x7f
                        : n_bytes == 2 && first == 0xc2 && (unsigned char)bytes[1] < 0xa0;
}

void qsti_line_finish(qsti_line *line)
{
    static const char dots[] = "...";
    size_t limit = line->cut ? sizeof line->bytes - sizeof dots : sizeof line->bytes - 1;
    size_t written = 0;
    for (size_t read = 0; read < line->length;) {
        size_t step = qsti_utf8_step(line->bytes + read, line->length - read);
        bool bad = step == 0 || is_control(line->bytes + read, step);
        if (written + (bad ? 1 : step) > limit) {
            break;
        }
        if (bad) {
            line->bytes[written++] = '?';
        } else {
            memmove(line->bytes + written, line->bytes + read, step);
            written += step;
        }
        read += step ? step : 1;
    }
    if (line->cut) {
        memcpy(line->bytes + written, dots, sizeof dots - 1);
        written += sizeof dots - 1;
    }
    line->bytes[written] = '\0';
    line->length = written;
}

#ifdef __clang_analyzer__
#undef qsti_fail
#undef qsti_fail_at
#undef qsti_fail_errno
#undef qsti_fail_within
#endif

/* --- failures ----------------------------------------------------------------------------------------------------- */

static qst_status store(qst_ctx *ctx, qst_status status, qsti_line *line)
{
    assert(status != QST_OK);
    qsti_line_finish(line);
    if (ctx) {
        memcpy(ctx->message, line->bytes, line->length + 1);
    }
    return status;
}

qst_status qsti_fail(qst_ctx *ctx, qst_status status, const char *format, ...)
{
    qsti_line line = {.length = 0};
    va_list args;
    va_start(args, format);
    qsti_line_vadd(&line, format, args);
    va_end(args);
    return store(ctx, status, &line);
}

qst_status qsti_fail_at(qst_ctx *ctx, qst_status status, qsti_place place, const char *format, ...)
{
    qsti_line line = {.length = 0};
    if (place.file) {
        qsti_line_add(&line, "%s:", place.file);
    }
    if (place.line) {
        qsti_line_add(&line, "%zu:", place.line);
        if (place.column) {
            qsti_line_add(&line, "%zu:", place.column);
        }
    }
    if (line.length) {
        qsti_line_add(&line, " ");
    }
    va_list args;
    va_start(args, format);
    qsti_line_vadd(&line, format, args);
    va_end(args);
    return store(ctx, status, &line);
}

qst_status qsti_fail_errno(qst_ctx *ctx, const char *format, ...)
{
    int error = errno;
    const char *description = strerrordesc_np(error);
    qsti_line line = {.length = 0};
    va_list args;
    va_start(args, format);
    qsti_line_vadd(&line, format, args);
    va_end(args);
    if (description) {
        qsti_line_add(&line, ": %s", description);
    } else {
        qsti_line_add(&line, ": error %d", error);
    }
    return store(ctx, error == ENOMEM ? QST_ERR_MEMORY : QST_ERR_SYSTEM, &line);
}

qst_status qsti_fail_within(qst_ctx *ctx, qst_status status, const char *prefix_format, ...)
{
    qsti_line line = {.length = 0};
    va_list args;
    va_start(args, prefix_format);
    qsti_line_vadd(&line, prefix_format, args);
    va_end(args);
    qsti_line_add(&line, ": %s", qst_ctx_message(ctx));
    return store(ctx, status, &line);
}
