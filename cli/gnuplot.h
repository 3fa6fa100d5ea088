/* gnuplot.h: plots drawn by gnuplot, where it is installed. */
#ifndef CLI_GNUPLOT_H
#define CLI_GNUPLOT_H

#include <stdbool.h>

/* Runs gnuplot on a script of a folder, which writes `picture` beside it. False, and no picture, when there is no
 * gnuplot, no script, or it fails: no result depends on it. */
bool cli_gnuplot_run(const char *folder, const char *script, const char *picture);

#endif
