/* message.c: building one bounded line without the heap, and finding the name that was meant.
 *
 * Distance: insertions, deletions, replacements and exchanges of neighbours each cost 1 (optimal string alignment). A
 * name is near when at most a third of the longer word differs. */
#include "message.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* --- one line ----------------------------------------------------------------------------------------------------- */

size_t cli_utf8_step(const char *text)
{
    const unsigned char *bytes = (const unsigned char *)text;
    if (bytes[0] < 0x80) {
        return bytes[0] != 0;
    }
    size_t length = bytes[0] >= 0xf0 ? 4 : bytes[0] >= 0xe0 ? 3 : 2;
    if (bytes[0] < 0xc2 || bytes[0] > 0xf4) {
        return 0;
    }
    for (size_t b = 1; b < length; b++) {
        if ((bytes[b] & 0xc0) != 0x80) {
            return 0;
        }
    }
    bool overlong = (bytes[0] == 0xe0 && bytes[1] < 0xa0) || (bytes[0] == 0xf0 && bytes[1] < 0x90);
    bool surrogate = bytes[0] == 0xed && bytes[1] >= 0xa0;
    bool beyond = bytes[0] == 0xf4 && bytes[1] >= 0x90;
    return overlong || surrogate || beyond ? 0 : length;
}

/* ASCII controls, DEL, and the C1 controls U+0080..U+009F, which terminals act on. */
static bool is_control(const char *text, size_t step)
{
    unsigned char first = (unsigned char)text[0];
    return step == 1 ? first < 0x20 || first == 0x7f : step == 2 && first == 0xc2 && (unsigned char)text[1] < 0xa0;
}

static void make_safe(char *text, bool cut)
{
    static const char dots[] = "...";
    size_t limit = cut ? CLI_MESSAGE_BYTES - sizeof dots : CLI_MESSAGE_BYTES - 1;
    size_t written = 0;
    for (size_t read = 0; text[read];) {
        size_t step = cli_utf8_step(text + read);
        bool bad = step == 0 || is_control(text + read, step);
        size_t wanted = bad ? 1 : step;
        if (written + wanted > limit) {
            break;
        }
        if (bad) {
            text[written] = '?';
        } else {
            memmove(text + written, text + read, step);
        }
        written += wanted;
        read += step ? step : 1;
    }
    memcpy(text + written, dots, cut ? sizeof dots : 0);
    if (!cut) {
        text[written] = '\0';
    }
}

static bool build(char out[CLI_MESSAGE_BYTES], const char *format, va_list args) __attribute__((format(printf, 2, 0)));
static bool build(char out[CLI_MESSAGE_BYTES], const char *format, va_list args)
{
    int wanted = vsnprintf(out, CLI_MESSAGE_BYTES, format, args);
    return wanted < 0 || wanted >= CLI_MESSAGE_BYTES;
}

qst_status cli_fail(cli_message *message, qst_status status, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    bool cut = build(message->bytes, format, args);
    va_end(args);
    make_safe(message->bytes, cut);
    return status;
}

qst_status cli_fail_errno(cli_message *message, const char *format, ...)
{
    const char *description = strerrordesc_np(errno);
    char line[CLI_MESSAGE_BYTES];
    va_list args;
    va_start(args, format);
    build(line, format, args);
    va_end(args);
    return cli_fail(message, QST_ERR_SYSTEM, "%s: %s", line, description ? description : "unknown error");
}

/* --- the nearest name --------------------------------------------------------------------------------------------- */

#define LONGEST_WORD 63

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

static size_t edit_distance(const char *a, size_t n_a, const char *b, size_t n_b)
{
    size_t rows[3][LONGEST_WORD + 1];
    size_t *before = rows[0], *last = rows[1], *now = rows[2];
    for (size_t j = 0; j <= n_b; j++) {
        last[j] = j;
    }
    for (size_t i = 1; i <= n_a; i++) {
        now[0] = i;
        for (size_t j = 1; j <= n_b; j++) {
            size_t replaced = last[j - 1] + (a[i - 1] != b[j - 1]);
            now[j] = smaller(replaced, smaller(last[j], now[j - 1]) + 1);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
                now[j] = smaller(now[j], before[j - 2] + 1);
            }
        }
        size_t *oldest = before;
        before = last;
        last = now;
        now = oldest;
    }
    return last[n_b];
}

const char *cli_nearest(const char *word, const char *const *names, size_t n)
{
    size_t n_word = strnlen(word, LONGEST_WORD + 1);
    const char *nearest = NULL;
    size_t nearest_distance = LONGEST_WORD;
    for (size_t i = 0; i < n && n_word <= LONGEST_WORD; i++) {
        size_t n_name = strlen(names[i]);
        size_t longer = n_word > n_name ? n_word : n_name;
        size_t distance = n_name <= LONGEST_WORD ? edit_distance(word, n_word, names[i], n_name) : LONGEST_WORD;
        bool is_near = distance * 3 <= longer || distance == 1;
        if (is_near && distance < nearest_distance) {
            nearest = names[i];
            nearest_distance = distance;
        }
    }
    return nearest;
}
