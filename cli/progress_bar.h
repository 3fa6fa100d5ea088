/* progress_bar.h: how far long work has come, on standard error. */
#ifndef CLI_PROGRESS_BAR_H
#define CLI_PROGRESS_BAR_H

#include <time.h>

#include <qstill/base.h>

typedef enum cli_progress_form {
    CLI_PROGRESS_NONE,
    CLI_PROGRESS_LINES, /* a plain line at each new stage, and every 10 s */
    CLI_PROGRESS_BAR    /* one line of a terminal, drawn over at most 10 times a second */
} cli_progress_form;

#define CLI_STAGE_BYTES 160

typedef struct cli_progress_bar {
    cli_progress_form form;
    bool utf8;
    bool drawn; /* a bar stands on the terminal's line */
    bool begun;
    struct timespec start, last; /* of the work; of the last line */
    double done_at_start;        /* a resumed run does not begin at 0 */
    char stage[CLI_STAGE_BYTES]; /* of the last line */
} cli_progress_bar;

/* Chooses the form: none when quiet, a bar on a terminal that can move its cursor, else lines. */
void cli_progress_init(cli_progress_bar *bar, bool quiet);
void cli_progress_show(cli_progress_bar *bar, const qst_progress *progress);
/* Takes the bar off the terminal; the next cli_progress_show() draws it again. */
void cli_progress_erase(cli_progress_bar *bar);

#endif
