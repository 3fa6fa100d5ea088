/* start.c: the state before the first pass: |0...0>, amplitudes or bits from features, or a product state; and what
 * remains to be done when the way back has come there.
 *
 * The first gates on |0...0> make a product state, which is written down by doubling: level g + 1 holds the product of
 * the first columns (a, b) of gates 0 .. g, with bit g of the index choosing a or b. All levels stay in scratch->tree,
 * level g at 2^g - 1, since the way back needs them: contracting lambda with the later gates' columns leaves
 *
 *   A = sum_j conj(w_j) psi_j,   B = sum_j conj(w_{j + 2^g}) psi_j       with w = lambda so contracted, psi = level g
 *
 * and Im<lambda|X|psi> = Im(A b + B a), Y: Im(-i A b + i B a), Z: Im(A a - B b). Together 16 multiply-adds an
 * amplitude, whatever the number of gates.
 */
#include <math.h>
#include <string.h>

#include "sim/program.h"

/* --- amplitudes and bits from features ---------------------------------------------------------------------------- */

/* A power of two that takes the largest |feature| of a lane into 1/2..1, or as near as it can; 1 for all zeros. Squares
 * of what it scales neither overflow nor all vanish, and scaling by it rounds nothing that counts. */
static double scale_of(const qst_program *program, const qsti_scratch *scratch, size_t lane)
{
    size_t lanes = program->kernels->lanes;
    double largest = 0;
    int exponent = 0;
    for (size_t j = 0; j < program->n_features; j++)
        largest = fmax(largest, fabs(scratch->x[j * lanes + lane]));
    (void)frexp(largest, &exponent);
    exponent = exponent > 1000 ? 1000 : exponent < -1000 ? -1000 : exponent;
    return ldexp(1.0, -exponent);
}

/* One lane of x / |x|, and its norm |x|. A lane without a sample is |0...0>, with norm 0. */
static void amplitude_lane(const qst_program *program, qsti_scratch *scratch, size_t lane)
{
    size_t lanes = program->kernels->lanes;
    double scale = scale_of(program, scratch, lane), norm = 0;
    for (size_t j = 0; j < program->n_features; j++) {
        double x = scratch->x[j * lanes + lane] * scale;
        norm += x * x;
    }
    norm = sqrt(norm);
    scratch->norm[lane] = norm / scale;
    scratch->lines[lane] = 1;
    for (size_t j = 0; j < program->n_features && norm != 0; j++)
        scratch->lines[j * lanes + lane] = scratch->x[j * lanes + lane] * scale / norm;
}

/* The start amplitudes, which are real, as lines (dim, lanes). */
static void start_lines(const qst_program *program, qsti_scratch *scratch)
{
    size_t lanes = program->kernels->lanes;
    memset(scratch->lines, 0, program->dim * lanes * sizeof *scratch->lines);
    for (size_t lane = 0; lane < lanes; lane++) {
        size_t index = 0;
        if (program->preparation == QST_PREPARE_AMPLITUDE) {
            amplitude_lane(program, scratch, lane);
            continue;
        }
        for (size_t j = 0; j < program->n_features; j++)
            index |= (size_t)(scratch->x[j * lanes + lane] != 0) << j;
        scratch->lines[index * lanes + lane] = 1;
    }
}

static void prepare(const qst_program *program, qsti_scratch *scratch)
{
    const qsti_kernels *kernels = program->kernels;
    memset(scratch->psi, 0, program->dim * kernels->amplitude_bytes);
    if (program->preparation == QST_PREPARE_ZERO) {
        double one = 1;
        for (size_t lane = 0; lane < kernels->lanes; lane++)
            kernels->set_lane(scratch->psi, 1, lane, &one);
        return;
    }
    start_lines(program, scratch);
    double column[QSTI_MAX_LANES];
    char *psi = scratch->psi;
    for (size_t p = 0; p < program->dim; p++) {
        for (size_t lane = 0; lane < kernels->lanes; lane++) {
            column[lane] = scratch->lines[p * kernels->lanes + lane];
            kernels->set_lane(psi + p * kernels->amplitude_bytes, 1, lane, &column[lane]);
        }
    }
}

/* dL/dx of the normalised amplitudes psi = x / |x|: (2/|x|) (Re lambda_j - psi_j sum_i Re lambda_i psi_i). */
static void amplitude_gradient(const qst_program *program, qsti_scratch *scratch)
{
    const qsti_kernels *kernels = program->kernels;
    const char *lambda = scratch->lambda;
    size_t lanes = kernels->lanes;
    start_lines(program, scratch);
    for (size_t lane = 0; lane < lanes; lane++) {
        double along = 0, re = 0, im = 0, norm = scratch->norm[lane];
        if (norm == 0)
            continue;
        for (size_t j = 0; j < program->n_features; j++) {
            kernels->get_lane(lambda + j * kernels->amplitude_bytes, 1, lane, &re, &im);
            along += re * scratch->lines[j * lanes + lane];
        }
        for (size_t j = 0; j < program->n_features; j++) {
            kernels->get_lane(lambda + j * kernels->amplitude_bytes, 1, lane, &re, &im);
            scratch->out_x[j * lanes + lane] += 2 / norm * (re - scratch->lines[j * lanes + lane] * along);
        }
    }
}

/* --- product states ----------------------------------------------------------------------------------------------- */

/* The first column of a start gate as lines; `room` holds four lines. */
typedef struct column {
    const char *a, *b;
} column;

static void negate(qst_precision precision, char *line)
{
    for (size_t i = 0; precision == QST_SINGLE && i < QSTI_LINE_BYTES / sizeof(float); i++)
        ((float *)(void *)line)[i] *= -1;
    for (size_t i = 0; precision == QST_DOUBLE && i < QSTI_LINE_BYTES / sizeof(double); i++)
        ((double *)(void *)line)[i] *= -1;
}

static column column_of(const qst_program *program, const qsti_scratch *scratch, const qsti_gate *gate, char *room)
{
    const char *all = gate->per_lane ? scratch->lane_lines : program->shared_lines;
    const char *lines = all + gate->line * QSTI_LINE_BYTES;
    size_t line = QSTI_LINE_BYTES;
    if (program->real)
        return (column){lines, lines + line};
    if (gate->form == QSTI_FORM_GENERAL)
        return (column){lines, lines + 2 * line};
    memset(room, 0, 4 * line);
    memcpy(room, lines, line);
    if (gate->form == QSTI_FORM_Y) {
        memcpy(room + 2 * line, lines + line, line);
    } else {
        memcpy(room + 3 * line, lines + line, line);
        negate(program->opts.precision, room + 3 * line);
    }
    return (column){room, room + 2 * line};
}

static double value_at(const qst_program *program, const char *line, size_t lane)
{
    return program->opts.precision == QST_SINGLE ? (double)((const float *)(const void *)line)[lane]
                                                 : ((const double *)(const void *)line)[lane];
}

/* Whether level n_start is the state as it lies in memory. */
static bool tree_is_state(const qst_program *program)
{
    if (program->n_start != program->n_qubits)
        return false;
    for (size_t g = 0; g < program->n_start; g++)
        if (program->start_to[(size_t)1 << g] != (uint32_t)1 << g)
            return false;
    return true;
}

static void product_start(const qst_program *program, qsti_scratch *scratch)
{
    const qsti_kernels *kernels = program->kernels;
    _Alignas(QSTI_LINE_BYTES) char room[4 * QSTI_LINE_BYTES];
    char *tree = scratch->tree;
    size_t top = (size_t)1 << program->n_start;
    bool in_place = tree_is_state(program);
    double one = 1;
    for (size_t lane = 0; lane < kernels->lanes; lane++)
        kernels->set_lane(tree, 1, lane, &one);
    for (size_t g = 0; g < program->n_start; g++) {
        size_t n = (size_t)1 << g;
        column v = column_of(program, scratch, &program->gates[g], room);
        char *level = tree + (n - 1) * kernels->amplitude_bytes, *next = tree + (2 * n - 1) * kernels->amplitude_bytes;
        kernels->grow(level, in_place && 2 * n == top ? scratch->psi : next, n, v.a, v.b);
    }
    if (in_place)
        return;
    if (program->n_start < program->n_qubits)
        memset(scratch->psi, 0, program->dim * kernels->amplitude_bytes);
    kernels->scatter(tree + (top - 1) * kernels->amplitude_bytes, scratch->psi, top, program->start_to);
}

/* The first column of a start gate in double, (4, lanes): where it lies, or in `room`. */
static const double *double_column(const qst_program *program, column v, double *room)
{
    size_t lanes = program->kernels->lanes, n_parts = program->real ? 1 : 2;
    if (program->opts.precision == QST_DOUBLE && !program->real && v.b == v.a + 2 * QSTI_LINE_BYTES)
        return (const double *)(const void *)v.a;
    memset(room, 0, 4 * lanes * sizeof *room);
    for (size_t part = 0; part < n_parts; part++) {
        for (size_t lane = 0; lane < lanes; lane++) {
            room[part * lanes + lane] = value_at(program, v.a + part * QSTI_LINE_BYTES, lane);
            room[(2 + part) * lanes + lane] = value_at(program, v.b + part * QSTI_LINE_BYTES, lane);
        }
    }
    return room;
}

/* Adds the inner products of one start gate from contracted: A, B as lines re and im, or re alone. */
static void start_sums(const qst_program *program, const qsti_gate *gate, column v, double *contracted, double *sums)
{
    size_t lanes = program->kernels->lanes, n_sums = qsti_form_sums((qsti_form)gate->form);
    double room[4 * QSTI_MAX_LANES], triple[3 * QSTI_MAX_LANES];
    if (program->real) {
        memcpy(contracted + 2 * lanes, contracted + lanes, lanes * sizeof *contracted);
        memset(contracted + lanes, 0, lanes * sizeof *contracted);
    }
    program->algebra->meet_column(double_column(program, v, room), contracted, lanes, triple);
    const double *from = triple + (gate->form == QSTI_FORM_Y ? lanes : 0);
    for (size_t i = 0; i < n_sums * lanes; i++)
        sums[i] += from[i];
}

static void product_unstart(const qst_program *program, double *sums, double *overlap, qsti_scratch *scratch)
{
    const qsti_kernels *kernels = program->kernels;
    _Alignas(QSTI_LINE_BYTES) char room[4 * QSTI_LINE_BYTES];
    const char *tree = scratch->tree;
    char *w = scratch->lambda;
    if (!tree_is_state(program)) {
        w = scratch->psi;
        kernels->gather(scratch->lambda, w, (size_t)1 << program->n_start, program->start_to);
    }
    for (size_t g = program->n_start; g-- > 0;) {
        size_t n = (size_t)1 << g;
        const qsti_gate *gate = &program->gates[g];
        double contracted[4 * QSTI_MAX_LANES] = {0};
        column v = column_of(program, scratch, gate, room);
        kernels->shrink(tree + (n - 1) * kernels->amplitude_bytes, w, n, v.a, v.b, contracted);
        start_sums(program, gate, v, contracted, sums + gate->sum * kernels->lanes);
    }
    for (size_t lane = 0; lane < kernels->lanes; lane++) {
        double im = 0;
        kernels->get_lane(w, 1, lane, &overlap[lane], &im);
    }
}

/* --- all of it ---------------------------------------------------------------------------------------------------- */

void qsti_program_start(const qst_program *program, qsti_scratch *scratch)
{
    if (program->n_start > 0)
        product_start(program, scratch);
    else
        prepare(program, scratch);
}

void qsti_program_unstart(const qst_program *program, bool want_x, double *sums, double *overlap, qsti_scratch *scratch)
{
    if (program->n_start > 0) {
        product_unstart(program, sums, overlap, scratch);
        return;
    }
    program->kernels->overlap(scratch->lambda, scratch->psi, program->dim, overlap);
    if (want_x && program->preparation == QST_PREPARE_AMPLITUDE)
        amplitude_gradient(program, scratch);
}
