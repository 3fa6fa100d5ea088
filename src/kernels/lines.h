/* lines.h: rows of a matrix to lines and back. Lines are double[columns][lanes]: lane = row of the block. */
#ifndef QSTI_KERNELS_LINES_H
#define QSTI_KERNELS_LINES_H

#include <stddef.h>
#include <string.h>

/* Two rows a, b (n_cols) into lanes 0 and 1 of lines (n_cols, lanes): a pair of lanes is one store. */
static inline void qsti_pair_to_lines(const double *a, const double *b, size_t n_cols, size_t lanes, double *lines)
{
    typedef double pair __attribute__((vector_size(16)));
    size_t j = 0;
    for (; j + 2 <= n_cols; j += 2) {
        pair x, y;
        memcpy(&x, a + j, sizeof x);
        memcpy(&y, b + j, sizeof y);
        pair first = {x[0], y[0]}, second = {x[1], y[1]};
        memcpy(lines + j * lanes, &first, sizeof first);
        memcpy(lines + (j + 1) * lanes, &second, sizeof second);
    }
    if (j < n_cols) {
        lines[j * lanes] = a[j];
        lines[j * lanes + 1] = b[j];
    }
}

/* One row (n_cols) into lane 0 of lines (n_cols, lanes). */
static inline void qsti_row_to_lines(const double *row, size_t n_cols, size_t lanes, double *lines)
{
    for (size_t j = 0; j < n_cols; j++)
        lines[j * lanes] = row[j];
}

/* lines (n_cols, lanes) = rows `first` .. of (n_rows, n_cols); zeros in lanes behind the last row. lanes is even, or 1:
 * the blocks of wide states. */
static inline void qsti_rows_to_lines(const double *rows, size_t n_rows, size_t n_cols, size_t first, size_t lanes,
                                      double *lines)
{
    if (lanes == 1)
        qsti_row_to_lines(rows + first * n_cols, n_cols, lanes, lines);
    for (size_t lane = 0; lane + 2 <= lanes; lane += 2) {
        const double *a = rows + (first + lane) * n_cols;
        if (first + lane + 2 <= n_rows) {
            qsti_pair_to_lines(a, a + n_cols, n_cols, lanes, lines + lane);
            continue;
        }
        for (size_t j = 0; j < n_cols; j++) {
            lines[j * lanes + lane] = first + lane < n_rows ? a[j] : 0.0;
            lines[j * lanes + lane + 1] = 0.0;
        }
    }
}

/* The same back; lanes behind the last row are left out. */
static inline void qsti_lines_to_rows(const double *lines, size_t n_rows, size_t n_cols, size_t first, size_t lanes,
                                      double *rows)
{
    for (size_t lane = 0; lane < lanes && first + lane < n_rows; lane++)
        for (size_t j = 0; j < n_cols; j++)
            rows[(first + lane) * n_cols + j] = lines[j * lanes + lane];
}

#endif
