/* line_template.h: lines of one precision, REAL, in vectors of QSTI_VECTOR_BYTES, and amplitudes of COMPONENTS lines
 * (2: re and im, 1: re alone): the vocabulary of lanes_template.h and wide_template.h. line_template_end.h takes its
 * names back.
 *
 * A line is N_VECTORS native vectors. Whatever is summed over lines is summed line by line in each lane, over at most
 * CHUNK lines in REAL before it is added to doubles: the order, and so the bits, do not depend on the vectors' width.
 */
#define LANES     ((size_t)(QSTI_LINE_BYTES / sizeof(REAL)))
#define N_VECTORS (QSTI_LINE_BYTES / QSTI_VECTOR_BYTES)
#define CHUNK     64
#define VEC       NAME(vec)
#define MASK      NAME(mask)
#define LINE      NAME(line)
#define AMP       NAME(amplitude)

typedef REAL VEC __attribute__((vector_size(QSTI_VECTOR_BYTES), aligned(QSTI_VECTOR_BYTES)));
typedef __typeof__((VEC){0} < (VEC){0}) MASK;

typedef struct LINE {
    VEC v[N_VECTORS];
} LINE;

/* One amplitude of all lanes: re, im. */
typedef struct AMP {
    LINE part[COMPONENTS];
} AMP;

INLINE LINE NAME(fill)(double value)
{
    LINE line;
    for (int v = 0; v < N_VECTORS; v++)
        line.v[v] = (VEC){0} + (REAL)value;
    return line;
}

INLINE LINE NAME(load)(const double *values)
{
    LINE line;
    REAL *lanes = (REAL *)&line;
    for (size_t lane = 0; lane < LANES; lane++)
        lanes[lane] = (REAL)values[lane];
    return line;
}

INLINE LINE NAME(negate)(const LINE *line)
{
    LINE out;
    for (int v = 0; v < N_VECTORS; v++)
        out.v[v] = -line->v[v];
    return out;
}

INLINE void NAME(add_to)(double *sums, const LINE *line)
{
    some_doubles *to = (some_doubles *)sums;
    const some_doubles *doubles = (const some_doubles *)line;
    const some_floats *floats = (const some_floats *)line;
    for (size_t i = 0; i < LANES * sizeof(double) / QSTI_VECTOR_BYTES; i++)
        to[i] += sizeof(REAL) == 8 ? doubles[i] : __builtin_convertvector(floats[i], some_doubles);
}

INLINE void NAME(accumulate)(LINE *sum, const LINE *term, int subtract)
{
    for (int v = 0; v < N_VECTORS; v++)
        sum->v[v] = subtract ? sum->v[v] - term->v[v] : sum->v[v] + term->v[v];
}

/* The end of the chunk that begins at `first`. */
INLINE size_t NAME(chunk_end)(size_t first, size_t n)
{
    return n - first < CHUNK ? n : first + CHUNK;
}
