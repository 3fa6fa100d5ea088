/* network_product.h: products and dots of network_kernels.h for one precision, REAL. No include guard: network_lanes.c
 * includes it once per precision. */
#define VECTOR NAME(network_vector)
#define LANES  ((size_t)(64 / sizeof(REAL)))
#define WIDTH  ((size_t)(QSTI_VECTOR_BYTES / sizeof(REAL))) /* numbers in a vector */

typedef REAL VECTOR __attribute__((vector_size(QSTI_VECTOR_BYTES), aligned(sizeof(REAL)), may_alias));

/* Eight and four numbers, whatever the native width is. */
typedef REAL NAME(oct) __attribute__((vector_size(8 * sizeof(REAL)), aligned(sizeof(REAL)), may_alias));
typedef REAL NAME(quad) __attribute__((vector_size(4 * sizeof(REAL)), aligned(sizeof(REAL)), may_alias));

/* --- products ----------------------------------------------------------------------------------------------------- */

/* `rows` rows from `row` on, `vectors` vectors of columns from `column` on. */
INLINE void NAME(product_tile)(const qsti_product *p, size_t row, size_t column, size_t rows, size_t vectors,
                               bool scattered)
{
    VECTOR sums[ROWS][PANEL_LINES * N_VECTORS];
    const REAL *a = (const REAL *)p->a + row * p->a_row, *b = (const REAL *)p->b + column;
    const REAL *row_start = p->row_start, *column_start = p->column_start;
    size_t a_row = p->a_row, a_step = p->a_step, b_step = p->b_step, n_inner = p->n_inner;
    const size_t *offsets = p->offsets;
    UNROLL for (size_t r = 0; r < rows; r++)
    {
        UNROLL for (size_t v = 0; v < vectors; v++)
        {
            sums[r][v] = (VECTOR){0} + (row_start != NULL ? row_start[row + r] : 0);
            if (column_start != NULL)
                sums[r][v] = *(const VECTOR *)(column_start + column + v * WIDTH);
        }
    }
    for (size_t k = 0; k < n_inner; k++) {
        const REAL *from = b + (scattered ? offsets[k] : k * b_step);
        VECTOR values[PANEL_LINES * N_VECTORS];
        UNROLL for (size_t v = 0; v < vectors; v++) values[v] = *(const VECTOR *)(from + v * WIDTH);
        UNROLL for (size_t r = 0; r < rows; r++)
        {
            REAL factor = a[r * a_row];
            UNROLL for (size_t v = 0; v < vectors; v++) sums[r][v] += factor * values[v];
        }
        a += a_step;
    }
    REAL *out = (REAL *)p->out + row * p->out_row + column;
    UNROLL for (size_t r = 0; r < rows; r++)
    {
        UNROLL for (size_t v = 0; v < vectors; v++) * (VECTOR *)(out + r * p->out_row + v * WIDTH) = sums[r][v];
    }
}

/* All rows, `vectors` vectors of columns. */
INLINE void NAME(product_columns)(const qsti_product *p, size_t column, size_t vectors, bool scattered)
{
    size_t row = 0;
    for (; row + ROWS <= p->n_rows; row += ROWS)
        NAME(product_tile)(p, row, column, ROWS, vectors, scattered);
    for (; ROWS > 4 && row + 4 <= p->n_rows; row += 4)
        NAME(product_tile)(p, row, column, ROWS > 4 ? 4 : 1, vectors, scattered);
    for (; row < p->n_rows; row++)
        NAME(product_tile)(p, row, column, 1, vectors, scattered);
}

INLINE void NAME(product_all)(const qsti_product *p, bool scattered)
{
    size_t column = 0;
    for (; column + PANEL_LINES * LANES <= p->n_columns; column += PANEL_LINES * LANES)
        NAME(product_columns)(p, column, PANEL_LINES * N_VECTORS, scattered);
    for (; PANEL_LINES > 1 && column < p->n_columns; column += LANES)
        NAME(product_columns)(p, column, N_VECTORS, scattered);
}

static void NAME(product)(const qsti_product *p)
{
    if (p->offsets != NULL)
        NAME(product_all)(p, true);
    else
        NAME(product_all)(p, false);
}

/* --- dots --------------------------------------------------------------------------------------------------------- */

/* The sum of a line's numbers, by halves. */
INLINE REAL NAME(line_sum)(const VECTOR *line)
{
    REAL values[64 / sizeof(REAL)];
    memcpy(values, line, sizeof values);
    UNROLL for (size_t half = LANES / 2; half > 0; half /= 2)
    {
        UNROLL for (size_t i = 0; i < half; i++) values[i] += values[i + half];
    }
    return values[0];
}

INLINE void NAME(dots_tile)(const qsti_dots *p, size_t row, size_t first, size_t rows, size_t columns)
{
    VECTOR sums[DOT_ROWS][DOT_COLUMNS][N_VECTORS];
    const REAL *b_at[DOT_COLUMNS];
    UNROLL for (size_t r = 0; r < rows; r++)
    {
        UNROLL for (size_t k = 0; k < columns; k++)
        {
            UNROLL for (size_t v = 0; v < N_VECTORS; v++) sums[r][k][v] = (VECTOR){0};
        }
    }
    for (size_t s = 0; s < p->n_samples; s++) {
        const REAL *a = (const REAL *)p->a + s * p->a_sample + row * p->a_row;
        const REAL *b = (const REAL *)p->b + s * p->b_sample;
        size_t a_row = p->a_row;
        UNROLL for (size_t k = 0; k < columns; k++) b_at[k] = b + p->offsets[first + k];
        for (size_t j = 0; j < p->n_columns; j += LANES) {
            VECTOR values[DOT_ROWS][N_VECTORS];
            UNROLL for (size_t r = 0; r < rows; r++)
            {
                UNROLL for (size_t v = 0; v < N_VECTORS; v++) values[r][v] =
                    *(const VECTOR *)(a + r * a_row + j + v * WIDTH);
            }
            UNROLL for (size_t k = 0; k < columns; k++)
            {
                UNROLL for (size_t v = 0; v < N_VECTORS; v++)
                {
                    VECTOR factor = *(const VECTOR *)(b_at[k] + j + v * WIDTH);
                    UNROLL for (size_t r = 0; r < rows; r++) sums[r][k][v] += values[r][v] * factor;
                }
            }
        }
    }
    for (size_t r = 0; r < rows; r++)
        for (size_t k = 0; k < columns; k++)
            p->out[(row + r) * p->n_inner + first + k] += (double)NAME(line_sum)(sums[r][k]);
}

INLINE void NAME(dots_rows)(const qsti_dots *p, size_t row, size_t rows)
{
    size_t k = 0;
    for (; k + DOT_COLUMNS <= p->n_inner; k += DOT_COLUMNS)
        NAME(dots_tile)(p, row, k, rows, DOT_COLUMNS);
    for (; DOT_COLUMNS > 3 && k + 3 <= p->n_inner; k += 3)
        NAME(dots_tile)(p, row, k, rows, DOT_COLUMNS > 3 ? 3 : 1);
    for (; k < p->n_inner; k++)
        NAME(dots_tile)(p, row, k, rows, 1);
}

static void NAME(dots)(const qsti_dots *p)
{
    size_t row = 0;
    for (; row + DOT_ROWS <= p->n_rows; row += DOT_ROWS)
        NAME(dots_rows)(p, row, DOT_ROWS);
    for (; DOT_ROWS > 1 && row < p->n_rows; row++)
        NAME(dots_rows)(p, row, 1);
}
