/* progress_bar.c: stage, bar, percent, loss and time left.
 *
 *     seed 2 of 5: student ████████████░░░░░░░░  61 %  loss 0.2113  0:08 left
 *
 * Time left = (total - done) (now - start) / (done - done at the start). A line never reaches the terminal's last
 * column, so it never wraps; the stage gives way first to the bar, then is cut itself. No colours. */
#include "progress_bar.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "message.h"

#define REDRAW_S      0.1
#define LINE_S        10.0
#define NARROWEST_BAR 10
#define WIDEST_BAR    30

/* --- what the terminal can do ------------------------------------------------------------------------------------- */

static bool locale_is_utf8(void)
{
    const char *const names[] = {"LC_ALL", "LC_CTYPE", "LANG"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *value = getenv(names[i]);
        if (value && *value) {
            return strcasestr(value, "UTF-8") || strcasestr(value, "utf8");
        }
    }
    return false;
}

static size_t terminal_width(void)
{
    struct winsize size;
    if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) {
        return size.ws_col;
    }
    return 80;
}

void cli_progress_init(cli_progress_bar *bar, bool quiet)
{
    const char *terminal = getenv("TERM");
    bool can_erase = isatty(STDERR_FILENO) && terminal && *terminal && strcmp(terminal, "dumb") != 0;
    *bar = (cli_progress_bar){
        .form = quiet       ? CLI_PROGRESS_NONE
                : can_erase ? CLI_PROGRESS_BAR
                            : CLI_PROGRESS_LINES,
        .utf8 = locale_is_utf8(),
    };
}

/* --- time --------------------------------------------------------------------------------------------------------- */

static double seconds_between(struct timespec from, struct timespec to)
{
    return (double)(to.tv_sec - from.tv_sec) + 1e-9 * (double)(to.tv_nsec - from.tv_nsec);
}

/* "1:02:03 left", "0:08 left", or "" while nothing is known. */
static void format_time_left(const cli_progress_bar *bar, const qst_progress *progress, struct timespec now,
                             char out[32])
{
    double done = progress->done - bar->done_at_start;
    double left = done > 0 ? (progress->total - progress->done) * seconds_between(bar->start, now) / done : NAN;
    out[0] = '\0';
    if (!(left >= 0 && left < 1e7)) {
        return;
    }
    unsigned seconds = (unsigned)(left + 0.5);
    if (seconds >= 3600) {
        snprintf(out, 32, "%u:%02u:%02u left", seconds / 3600, seconds / 60 % 60, seconds % 60);
    } else {
        snprintf(out, 32, "%u:%02u left", seconds / 60, seconds % 60);
    }
}

/* --- one line ----------------------------------------------------------------------------------------------------- */

static double share_done(const qst_progress *progress)
{
    double share = progress->total > 0 ? progress->done / progress->total : 0;
    return share < 0 || isnan(share) ? 0 : share > 1 ? 1 : share;
}

/* " 61 %  loss 0.2113  0:08 left" */
static void format_figures(const cli_progress_bar *bar, const qst_progress *progress, struct timespec now, char out[96])
{
    char loss[32] = "", left[32];
    if (isfinite(progress->loss)) {
        snprintf(loss, sizeof loss, "  loss %.4g", progress->loss);
    }
    format_time_left(bar, progress, now, left);
    snprintf(out, 96, "%3d %%%s%s%s", (int)(100 * share_done(progress)), loss, left[0] ? "  " : "", left);
}

/* The bytes of the first `columns` characters of a text; *out_columns is how many there were. */
static size_t bytes_of_columns(const char *text, size_t columns, size_t *out_columns)
{
    size_t bytes = 0;
    for (*out_columns = 0; *out_columns < columns; (*out_columns)++) {
        size_t step = cli_utf8_step(text + bytes);
        if (step == 0) {
            break;
        }
        bytes += step;
    }
    return bytes;
}

static void draw_bar(cli_progress_bar *bar, const qst_progress *progress, const char *figures)
{
    size_t room = terminal_width() - 1;
    size_t figures_columns = strlen(figures) + 1;
    size_t stage_room = room > figures_columns ? room - figures_columns : 0;
    size_t stage_columns;
    int stage_bytes = (int)bytes_of_columns(progress->stage ? progress->stage : "", stage_room, &stage_columns);

    size_t bar_columns = stage_room - stage_columns > 1 ? stage_room - stage_columns - 1 : 0;
    if (bar_columns > WIDEST_BAR) {
        bar_columns = WIDEST_BAR;
    }
    fprintf(stderr, "\r\033[K%.*s", stage_bytes, progress->stage ? progress->stage : "");
    if (bar_columns >= NARROWEST_BAR) {
        size_t filled = (size_t)(share_done(progress) * (double)bar_columns + 0.5);
        fputc(' ', stderr);
        for (size_t column = 0; column < bar_columns; column++) {
            bool full = column < filled;
            fputs(bar->utf8 ? (full ? "█" : "░") : (full ? "#" : "."), stderr);
        }
    }
    if (room > figures_columns) {
        fprintf(stderr, " %s", figures);
    }
    fflush(stderr);
    bar->drawn = true;
}

void cli_progress_erase(cli_progress_bar *bar)
{
    if (bar->drawn) {
        fputs("\r\033[K", stderr);
        fflush(stderr);
        bar->drawn = false;
    }
}

void cli_progress_show(cli_progress_bar *bar, const qst_progress *progress)
{
    if (bar->form == CLI_PROGRESS_NONE) {
        return;
    }
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    const char *stage = progress->stage ? progress->stage : "";
    bool first = !bar->begun;
    if (first) {
        bar->begun = true;
        bar->start = now;
        bar->done_at_start = progress->done;
    }
    bool new_stage = strncmp(bar->stage, stage, sizeof bar->stage - 1) != 0;
    double since = seconds_between(bar->last, now);
    bool due = bar->form == CLI_PROGRESS_BAR ? since >= REDRAW_S : new_stage || since >= LINE_S;
    if (!first && !due) {
        return;
    }
    bar->last = now;
    snprintf(bar->stage, sizeof bar->stage, "%s", stage);
    char figures[96];
    format_figures(bar, progress, now, figures);
    if (bar->form == CLI_PROGRESS_BAR) {
        draw_bar(bar, progress, figures);
    } else {
        fprintf(stderr, "%s  %s\n", figures, stage);
    }
}
